/** Says an answer to screen readers in finished sentences: token by token they would stutter or fall silent. */

import { h } from "./dom.ts";

const SENTENCE = /[^]*?(?:[.!?…。!?][)"'”’*_]*(?=\s)|\n)/y;
const KEPT = 12;

export class Announcer {
  readonly element = h("div", { class: "sr-only", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
  #rest = "";

  /** More of the answer's Markdown. */
  feed(text: string): void {
    this.#rest += text;
    let end = 0;
    SENTENCE.lastIndex = 0;
    while (SENTENCE.test(this.#rest)) end = SENTENCE.lastIndex;
    this.say(this.#rest.slice(0, end));
    this.#rest = this.#rest.slice(end);
  }

  /** The answer is over: say what is left. */
  finish(): void {
    this.say(this.#rest);
    this.#rest = "";
  }

  say(text: string): void {
    const words = spoken(text);
    if (words === "") return;
    this.element.append(h("p", {}, words));
    while (this.element.childElementCount > KEPT) this.element.firstElementChild?.remove();
  }
}

/** Markdown as it is read out: without its marks, and a link by its text. */
function spoken(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^\s*(?:#{1,6}|>|[-*+])\s|^\s*```.*$|\||-{3,}/gm, " ")
    .replace(/[*`]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
