/** What drawing needs: the components that a server describes, with what widgets of one kind share (a style sheet
    and a script), where pictures may load from, and the words of the interface. */

import { connect } from "./client.ts";
import type { Client, Definition } from "./client.ts";
import { sheet } from "./dom.ts";
import { Images } from "./urls.ts";
import { english } from "./words.ts";
import type { Words } from "./words.ts";

/** What a component's script may return. */
export interface Behavior {
  update?(): void;
  destroy?(): void;
}

export interface WidgetModule {
  default(root: ShadowRoot, host: HTMLElement): Behavior | undefined;
}

export interface Kit {
  name: string;
  inline: boolean;
  minHeight: number;
  /** The server brings data for it. */
  loads: boolean;
  /** The prop that holds what the reader enters. */
  bind: string | undefined;
  /** The props that its script follows, so that nothing need be drawn. */
  live: readonly string[];
  style: CSSStyleSheet | undefined;
  /** Where its script is; another address when the script has changed. */
  address: string | undefined;
  script: (() => Promise<WidgetModule>) | undefined;
  library: Library;
}

export interface LibraryOptions {
  images?: Images;
  /** Draws what is bound, and calls what apps call; by default without a token or headers. */
  client?: Client;
}

export class Library {
  readonly #definitions: Map<string, Definition>;
  readonly #kits = new Map<string, Kit>();
  readonly #base: URL;
  /** Where pictures may load from. */
  readonly images: Images;
  readonly client: Client;
  words: Words = english;
  #state: Promise<typeof import("./state.ts")> | undefined;

  /** What a server describes. Raises GenUIError. */
  static async load(client: Client): Promise<Library> {
    const { components, image_origins } = await client.describe();
    return new Library(components, client.base, { images: new Images(client.base, image_origins), client });
  }

  /** `base` is what the definitions' script paths are relative to. */
  constructor(definitions: readonly Definition[], base: URL, { images = new Images(base), client = connect({ src: base }) }: LibraryOptions = {}) {
    this.images = images;
    this.client = client;
    this.#definitions = new Map(definitions.map((one) => [one.name, one]));
    this.#base = base;
  }

  /** Components have changed: what widgets share changes in place, so that those that stand follow. */
  update(definitions: readonly Definition[]): void {
    this.#definitions.clear();
    for (const one of definitions) this.#definitions.set(one.name, one);
    for (const [name, kit] of this.#kits) {
      const { style, ...rest } = this.#made(name);
      kit.style?.replaceSync(this.#definitions.get(name)?.style ?? "");
      Object.assign(kit, { ...rest, style: kit.style ?? style, script: rest.address === kit.address ? kit.script : rest.script });
    }
  }

  /** What a widget of this name needs. A name that was not described gets a plain block. */
  kit(name: string): Kit {
    let kit = this.#kits.get(name);
    if (!kit) this.#kits.set(name, (kit = this.#made(name)));
    return kit;
  }

  /** What keeps the state of messages: loaded when one first has something bound. */
  state(): Promise<typeof import("./state.ts")> {
    return (this.#state ??= import(new URL("static/state.js", this.#base).href) as Promise<typeof import("./state.ts")>);
  }

  #made(name: string): Kit {
    const definition = this.#definitions.get(name);
    const address = definition?.script ? new URL(definition.script, this.#base).href : undefined;
    return {
      name,
      inline: definition?.inline ?? false,
      minHeight: definition?.min_height ?? 0,
      loads: definition?.loads ?? false,
      bind: definition?.bind ?? undefined,
      live: definition?.live ?? [],
      style: definition?.style ? sheet(definition.style) : undefined,
      library: this,
      address,
      script: address ? () => import(address) as Promise<WidgetModule> : undefined,
    };
  }
}
