/**
 * Finds the formulas in a text that comes a character at a time: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`.
 *
 * The Markdown parser's own math takes `a $PATH or $HOME` for a formula and `$$x$$` in a line for none. Here a
 * dollar opens as in Pandoc (https://pandoc.org/MANUAL.html#extension-tex_math_dollars): no letter, digit or
 * backslash before it, no space after it; and closes without a space before it, nor a digit after it. What
 * cannot become a formula any more is text again at once, so that a price holds nothing back for long.
 */

import { h } from "./dom.ts";
import { Lazy } from "./lazy.ts";
import { FILLER } from "./nodes.ts";

const MOST = { line: 500, block: 5_000 }; // characters that are held back for a formula
const CLOSERS: { [opener: string]: string } = { $: "$", $$: "$$", "\\(": "\\)", "\\[": "\\]" };
/** Words, where a formula has symbols: two in a row, or one after a number. */
const WORDS = /^\$(?:\d[^\\{^_]*(?:[\s/][A-Za-z]|\*\*|[A-Za-z][A-Za-z])|[^\\{]*?[A-Za-z]{2,}[,;:]?\s+[A-Za-z])[A-Za-z]?$/;

/** Where text and formulas go. */
export interface Place {
  /** Text, with Markdown in it. */
  write(text: string): void;
  /** Put an element into the line that is being written. */
  place(element: HTMLElement): void;
  /** Draw nothing more until something is there. */
  wait(ready: Promise<void>): void;
  /** The last character that was written. */
  before(): string;
  /** Is what stands here taken as it is, as in code? */
  literal(): boolean;
}

const math = new Lazy(() => import("./math.ts"));

export class Formulas {
  readonly #place: Place;
  #held = "";
  #opener = ""; // "" while it is not decided what the held mark opens

  constructor(place: Place) {
    this.#place = place;
  }

  step(char: string): void {
    if (this.#opener) this.#inside(char);
    else if (this.#held) this.#after(char);
    else if ((char === "$" || char === "\\") && !this.#place.literal()) this.#held = char;
    else this.#place.write(char);
  }

  /** No more comes, or something that no formula contains: what is held back is shown. */
  end(): void {
    while (this.#held) this.#closed() ? this.#draw() : this.#release();
  }

  #after(char: string): void {
    const opener = this.#held + char;
    if (opener in CLOSERS) this.#open(opener);
    else if (this.#held === "\\") {
      this.#held = "";
      this.#place.write(`\\${char}`);
    } else if (/\s/.test(char) || /[\p{L}\p{N}]/u.test(this.#place.before())) {
      this.#release();
      this.step(char);
    } else {
      this.#open("$");
      this.#inside(char);
    }
  }

  #open(opener: string): void {
    this.#held = this.#opener = opener;
  }

  #inside(char: string): void {
    if (this.#closed() && !(this.#opener === "$" && /\d/.test(char))) {
      this.#draw();
      return this.step(char);
    }
    this.#held += char;
    if (this.#hopeless()) this.#release();
    else if (!/^\$\d/.test(this.#held)) void math.ready(); // a price needs none
  }

  #closed(): boolean {
    const closer = CLOSERS[this.#opener];
    if (!closer || !this.#held.endsWith(closer)) return false;
    const source = this.#held.slice(this.#opener.length, -closer.length);
    return /\S/.test(source) && !escaping(source) && !(closer === "$" && /\s$/.test(source));
  }

  /** Can this not become a formula any more? */
  #hopeless(): boolean {
    const opener = this.#opener;
    const inside = this.#held.slice(opener.length);
    if (this.#closed()) return false;
    if (opener !== "$" && inside.endsWith(opener)) return true; // it would be in itself
    if (isBlock(opener)) return (inside.endsWith("\n") && /\n[ \t]*\n$/.test(inside.slice(-80))) || inside.length > MOST.block;
    if (opener === "$" && (WORDS.test(this.#held) || (inside.endsWith("$") && !escaping(inside.slice(0, -1))))) return true;
    return inside.endsWith("\n") || inside.length > MOST.line;
  }

  #draw(): void {
    const source = this.#held.slice(this.#opener.length, -this.#opener.length);
    const block = isBlock(this.#opener);
    this.#held = this.#opener = "";
    const element = h("span", { class: block ? "math math-block" : "math", ...(block && { tabindex: "0" }) });
    this.#place.place(element);
    if (math.value === undefined) this.#place.wait(math.ready().then(() => draw(element, source.trim(), block)));
    else draw(element, source.trim(), block);
  }

  /** It is text: its mark opened nothing, and in the rest something else may begin. */
  #release(): void {
    const mark = this.#opener || this.#held;
    const rest = this.#held.slice(mark.length);
    this.#held = this.#opener = "";
    this.#place.write(written(mark));
    for (const char of rest) this.step(char);
  }
}

/** A formula stands when it is whole and never changes; without Temml, as it was written. */
function draw(element: HTMLElement, source: string, block: boolean): void {
  const tex = element.closest("blockquote") ? source.replace(/^[ >]+/gm, "") : source;
  if (math.value) math.value.typeset(element, tex, block);
  else element.append(h("code", {}, tex));
}

/** A mark that opened nothing, for a parser that has its own idea of formulas. */
function written(mark: string): string {
  return mark === "\\(" ? "(" : mark.replaceAll("$", "\\$") + (mark === "\\[" ? FILLER : "");
}

function isBlock(opener: string): boolean {
  return opener === "$$" || opener === "\\[";
}

/** Does a text end with a backslash that is not itself escaped? */
function escaping(text: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*\\$/.test(text);
}
