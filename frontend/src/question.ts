/** A question on the page, which its asker may change: then all that came after it goes. */

import { h } from "./dom.ts";
import { iconButton, label } from "./icons.ts";
import type { Words } from "./words.ts";

export class Question {
  readonly element: HTMLElement;
  readonly #text: string;
  readonly #words: Words;
  readonly #resend: (text: string) => void;
  readonly #shown: HTMLElement;
  readonly #edit = iconButton("edit", () => void this.#write());
  readonly #copy = iconButton("copy", () => void this.#copied());

  /** `resend` is called with what was written instead. */
  constructor(text: string, words: Words, resend: (text: string) => void) {
    this.#text = text;
    this.#words = words;
    this.#resend = resend;
    label(this.#edit, words("Edit question"));
    label(this.#copy, words("Copy question"));
    this.#shown = h("div", { class: "asked" }, h("p", {}, text), h("div", { class: "tools" }, this.#copy, this.#edit));
    this.element = h("article", { class: "turn user", "aria-label": words("You") }, this.#shown);
  }

  /** A question that a widget asked, or while an answer runs, stays as it is. */
  set editable(editable: boolean) {
    this.#edit.hidden = !editable;
    if (!editable) this.#close();
  }

  /** The form is loaded when the first question is changed. */
  async #write(): Promise<void> {
    const { editor } = await import("./edit.ts");
    const close = (): void => (this.#close(), this.#edit.focus());
    const { form, open } = editor(this.#text, this.#words, { close, send: (text) => (this.#close(), this.#resend(text)) });
    this.#shown.replaceWith(form);
    open();
  }

  async #copied(): Promise<void> {
    const { copyByIcon } = await import("./clipboard.ts");
    await copyByIcon(this.#text, this.#copy, this.#words);
  }

  #close(): void {
    this.element.replaceChildren(this.#shown);
  }
}
