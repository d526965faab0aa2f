/** A question on the page, which its asker may change: then all that came after it goes. */

import { copy } from "./clipboard.ts";
import { h } from "./dom.ts";
import { iconButton, label } from "./icons.ts";
import type { Words } from "./words.ts";

export class Question {
  readonly element: HTMLElement;
  readonly #text: string;
  readonly #words: Words;
  readonly #resend: (text: string) => void;
  readonly #shown: HTMLElement;
  readonly #edit = iconButton("edit", () => this.#write());
  readonly #copy = iconButton("copy", () => void copy(this.#text, this.#copy));

  /** `resend` is called with what was written instead. */
  constructor(text: string, words: Words, resend: (text: string) => void) {
    this.#text = text;
    this.#words = words;
    this.#resend = resend;
    label(this.#edit, words("Edit question"));
    label(this.#copy, words("Copy question"));
    this.#shown = h("div", { class: "asked" }, h("p", { dir: "auto" }, text), h("div", { class: "tools" }, this.#copy, this.#edit));
    this.element = h("article", { class: "turn user", "aria-label": words("You") }, this.#shown);
  }

  /** A question that a widget asked, or while an answer runs, stays as it is. */
  set editable(editable: boolean) {
    this.#edit.hidden = !editable;
    if (!editable) this.#close();
  }

  #write(): void {
    const words = this.#words;
    const field = h("textarea", { rows: "1", dir: "auto", "aria-label": words("Edit question") });
    const cancel = h("button", { type: "button", class: "plain" }, words("Cancel"));
    const send = h("button", { type: "submit", class: "primary" }, words("Send"));
    const form = h("form", { class: "edit" }, field, h("div", { class: "choices" }, cancel, send));
    field.value = this.#text;
    form.addEventListener("submit", (event) => (event.preventDefault(), this.#send(field.value.trim())));
    cancel.addEventListener("click", () => this.#cancel());
    field.addEventListener("input", () => grow(field));
    field.addEventListener("keydown", (event) => this.#key(event, form));
    this.#shown.replaceWith(form);
    grow(field);
    field.focus();
  }

  #key(event: KeyboardEvent, form: HTMLFormElement): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#cancel();
    } else if (isSend(event)) {
      event.preventDefault();
      form.requestSubmit();
    }
  }

  #send(text: string): void {
    if (text === "") return;
    this.#close();
    this.#resend(text);
  }

  #cancel(): void {
    this.#close();
    this.#edit.focus();
  }

  #close(): void {
    this.element.replaceChildren(this.#shown);
  }
}

/** Enter sends, Shift+Enter breaks the line; an Enter that accepts an IME's word (Safari says only 229) does neither. */
export function isSend(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** As tall as its text. */
export function grow(field: HTMLTextAreaElement): void {
  field.style.blockSize = "auto";
  if (field.scrollHeight > 0) field.style.blockSize = `${field.scrollHeight}px`;
}
