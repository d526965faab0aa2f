/**
 * The one policy for URLs that a model wrote, in its text and in its widgets.
 *
 * Links may go to the web, a mailbox, a telephone or a place on this site; anything else is shown as text.
 * Images and films load by themselves, so their URL can carry what a conversation said to whoever owns the
 * host (the classic leak of prompt injection): they come from the page's origin, from the server's, from
 * origins that somebody named, or from inside the text. Any other image in a text becomes a link that a
 * person may choose to follow. The server draws widgets by the same rule (`media_url`), and what it drew is
 * held to this one once more, for a page may name fewer origins than its server.
 */

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;
const LOADS = ["src", "srcset", "poster", "data", "background"] as const;

/** The URL to link to, or undefined when it must stay text. `base` resolves relative ones. */
export function linkUrl(written: string, base: string = document.baseURI): string | undefined {
  const url = parse(written, base);
  return url && LINK_SCHEMES.has(url.protocol) ? url.href : undefined;
}

/** Where images and films may load from. */
export class Images {
  readonly #base: string;
  readonly #origins: ReadonlySet<string>;

  /** `base` resolves relative URLs, and is one of the places; `origins` are others, "*" any that speaks HTTP. */
  constructor(base: string | URL, origins: Iterable<string> = []) {
    this.#base = String(base);
    const named = [...origins].map((one) => (one === "*" ? one : parse(one, this.#base)?.origin));
    this.#origins = new Set([new URL(base).origin, new URL(document.baseURI).origin, ...named.filter((one) => one !== undefined)]);
  }

  /** The URL to load from, or undefined when it may not load by itself. */
  url(written: string): string | undefined {
    const text = written.trim();
    if (INLINE_IMAGE.test(text)) return text;
    const url = parse(text, this.#base);
    const allowed = url && /^https?:$/.test(url.protocol) && (this.#origins.has(url.origin) || this.#origins.has("*"));
    return allowed ? url.href : undefined;
  }

  /** Let nothing in a component's HTML load from elsewhere; what is relative is relative to the server. */
  hold(content: DocumentFragment): void {
    for (const element of content.querySelectorAll(LOADS.map((name) => `[${name}]`).join())) {
      for (const name of LOADS) if (element.hasAttribute(name)) this.#holdTo(element, name);
    }
  }

  #holdTo(element: Element, name: (typeof LOADS)[number]): void {
    const url = name === "srcset" ? undefined : this.url(element.getAttribute(name) ?? ""); // a list of URLs, which nobody needs here
    if (url === undefined) element.removeAttribute(name);
    else element.setAttribute(name, url);
  }
}

function parse(written: string, base: string): URL | undefined {
  try {
    return new URL(written.trim(), base); // the browser's own parser: it sees through tabs, case and controls
  } catch {
    return undefined;
  }
}
