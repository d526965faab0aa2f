/**
 * What an answer says, in finished sentences: its prose as it is read out, and each widget by its `alt`.
 *
 * Screen readers and the voice of `speech.ts` both hear it. Token by token they would stutter or fall silent.
 */

import type { GenUIEvent, RenderComponent, Text } from "./events.ts";
import { english } from "./words.ts";
import type { Words } from "./words.ts";

const SENTENCE = /[^]*?(?:[.!?…。！？؟][)"'”’»*_]*(?=\s)|[。！？]|\n)/y;
const LIST_NUMBER = /^\s*\d+[.)]$/;
const FENCE = /^\s*(?:```|~~~)/;

export class Narrator {
  readonly #say: (sentence: string) => void;
  readonly #words: Words;
  readonly #isInline: (name: string) => boolean;
  readonly #alts = new Map<string, { alt: string | undefined; parent: string | undefined; told: boolean }>();
  #rest = "";
  #parent: string | undefined;
  #atLineStart = true;
  #inFence = false;

  constructor(say: (sentence: string) => void, words: Words = english, isInline: (name: string) => boolean = () => false) {
    this.#say = say;
    this.#words = words;
    this.#isInline = isInline;
  }

  hear(event: GenUIEvent): void {
    if (event.type === "text") this.#text(event);
    else if (event.type === "render-component") this.#component(event);
    else if (event.type === "answer-end" || event.type === "run-end") this.finish();
  }

  /** All is said: tell what is left. */
  finish(): void {
    this.#tell(this.#rest);
    this.#rest = "";
    this.#inFence = false;
    this.#atLineStart = true;
  }

  #text({ text, parent }: Text): void {
    if (parent !== this.#parent) this.finish();
    this.#parent = parent;
    if (parent !== undefined) this.#enter(parent);
    this.#feed(text);
  }

  #component({ id, name, parent, alt, state }: RenderComponent): void {
    const known = this.#alts.get(id);
    const inline = this.#isInline(name);
    if (!known && parent !== undefined) this.#enter(parent);
    if (!known && !inline) this.finish();
    const told = known?.told ?? false;
    this.#alts.set(id, { alt, parent, told });
    if (told || state !== "complete" || !alt) return;
    this.#alts.set(id, { alt, parent, told: true });
    if (inline) return this.#feed(alt);
    this.finish();
    this.#say(plain(alt));
  }

  /** A component says itself before what stands in it. */
  #enter(id: string): void {
    const outer = this.#alts.get(id);
    if (!outer || outer.told) return;
    if (outer.parent !== undefined) this.#enter(outer.parent);
    this.finish();
    outer.told = true;
    if (outer.alt) this.#say(plain(outer.alt));
  }

  #feed(text: string): void {
    this.#rest += text;
    let end = 0;
    SENTENCE.lastIndex = 0;
    while (SENTENCE.test(this.#rest)) {
      this.#tell(this.#rest.slice(end, SENTENCE.lastIndex));
      end = SENTENCE.lastIndex;
    }
    this.#rest = this.#rest.slice(end);
  }

  /** One sentence or line of Markdown. Code is not read out: that it is there is. */
  #tell(markdown: string): void {
    const fence = this.#atLineStart && FENCE.test(markdown);
    this.#atLineStart = markdown.endsWith("\n");
    if (fence) this.#inFence = !this.#inFence;
    if (fence && this.#inFence) this.#say(this.#words("Code"));
    if (fence || this.#inFence || LIST_NUMBER.test(markdown)) return;
    const words = plain(spoken(markdown));
    if (/[\p{L}\p{N}]/u.test(words)) this.#say(words);
  }
}

/** Markdown as it is read out: without its marks, and a link by its text. */
function spoken(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+]|\d+[.)])\s/gm, " ")
    .replace(/^\s*\||\|\s*$|-{3,}/g, " ")
    .replace(/\s*\|\s*/g, ", ")
    .replace(/[*`]|(?<=^|\s)_+|_+(?=\s|$)/g, "");
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
