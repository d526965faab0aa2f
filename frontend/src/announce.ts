/** Says an answer to screen readers, sentence by sentence, without drawing anything. */

import { h } from "./dom.ts";

const KEPT = 12;

export class Announcer {
  readonly element = h("div", { class: "sr-only", role: "log", "aria-live": "polite", "aria-relevant": "additions" });

  say(words: string): void {
    if (words === "") return;
    this.element.append(h("p", { dir: "auto" }, words));
    while (this.element.childElementCount > KEPT) this.element.firstElementChild?.remove();
  }
}
