/**
 * The one policy for URLs that a model wrote.
 *
 * Links may go to the web, a mailbox, a telephone or a place on this site; anything else is shown as text.
 * Images load by themselves, so an image URL can carry what a conversation said to whoever owns the host
 * (the classic leak of prompt injection): they come from this origin or from inside the text, and any other
 * becomes a link that a person may choose to follow.
 */

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);
const INLINE_IMAGE = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=\s]*$/i;

/** The URL to link to, or undefined when it must stay text. `base` resolves relative ones. */
export function linkUrl(written: string, base: string = document.baseURI): string | undefined {
  const url = parse(written, base);
  return url && LINK_SCHEMES.has(url.protocol) ? url.href : undefined;
}

/** The URL to load an image from, or undefined when it may not load by itself. */
export function imageUrl(written: string, base: string = document.baseURI): string | undefined {
  const text = written.trim();
  if (INLINE_IMAGE.test(text)) return text;
  const url = parse(text, base);
  return url && /^https?:$/.test(url.protocol) && url.origin === new URL(base).origin ? url.href : undefined;
}

function parse(written: string, base: string): URL | undefined {
  try {
    return new URL(written.trim(), base); // the browser's own parser: it sees through tabs, case and controls
  } catch {
    return undefined;
  }
}
