/**
 * Markdown and morphing, in bundles of their own: a page that shows neither never loads them.
 *
 * `mount` asks for both at once, so that they come while the model still thinks. Whoever needs one before
 * it is there waits with what it has: text that stood as plain text first and as Markdown after would
 * flicker. When a bundle cannot be had, what it would have drawn is shown plainly, and nothing is lost.
 */

export class Lazy<T> {
  readonly #load: () => Promise<T>;
  #loading: Promise<void> | undefined;
  /** What was loaded; null when that failed. */
  value: T | null | undefined;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Resolves when `value` is decided; never rejects. */
  ready(): Promise<void> {
    this.#loading ??= this.#load().then(
      (loaded) => void (this.value = loaded),
      (error: unknown) => {
        this.value = null;
        console.error("genui: a part of it could not be loaded.", error);
      },
    );
    return this.#loading;
  }
}

export const markdown = new Lazy(() => import("./markdown.ts"));
export const morphing = new Lazy(() => import("./morph.ts"));
export const activities = new Lazy(() => import("./activity.ts"));

/** Load what drawing needs before there is something to draw. */
export async function preload(): Promise<void> {
  await Promise.all([markdown.ready(), morphing.ready()]);
}
