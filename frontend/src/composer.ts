/** Where the question is written: grows with its text, Enter sends, Shift+Enter breaks the line. */

import { h } from "./dom.ts";
import { grow, isSend, submit } from "./field.ts";
import { iconButton, label, wear } from "./icons.ts";
import { english } from "./words.ts";
import type { Words } from "./words.ts";

export interface ComposerHandlers {
  /** Whether it was taken; else it stays in the field. */
  send(text: string): boolean;
  stop(): void;
  /** Begin or stop to write what is said into the field. */
  dictate(field: HTMLTextAreaElement, microphone: HTMLButtonElement): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly #input = h("textarea", { rows: "1", enterkeyhint: "send", autocomplete: "off" });
  readonly #button = h("button", { type: "button", class: "send" });
  readonly #microphone: HTMLButtonElement = iconButton("microphone", () => this.#handlers.dictate(this.#input, this.#microphone), "tool microphone");
  readonly #handlers: ComposerHandlers;
  #words = english;
  #busy = false;

  constructor(handlers: ComposerHandlers) {
    this.#handlers = handlers;
    this.#microphone.hidden = true;
    this.element = h("form", { class: "composer" }, this.#input, this.#microphone, this.#button);
    this.element.addEventListener("submit", (event) => this.#submit(event));
    this.#button.addEventListener("click", () => submit(this.element));
    this.element.addEventListener("click", (event) => event.target === this.element && this.focus());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  /** What it says, and whether a question can be spoken. */
  show({ words, placeholder, dictation }: { words: Words; placeholder: string; dictation: boolean }): void {
    this.#words = words;
    this.#input.placeholder = placeholder;
    this.#input.setAttribute("aria-label", words("Message"));
    label(this.#microphone, words("Dictate"));
    this.#microphone.hidden = !dictation;
    this.#changed();
  }

  /** While an answer runs the button stops it; writing the next question goes on. */
  set busy(busy: boolean) {
    this.#busy = busy;
    this.#changed();
  }

  focus(options: FocusOptions = { preventScroll: true }): void {
    this.#input.focus(options);
  }

  #submit(event: Event): void {
    event.preventDefault();
    if (this.#busy) return this.#handlers.stop();
    const text = this.#input.value.trim();
    if (text === "" || !this.#handlers.send(text)) return;
    this.#input.value = "";
    this.#changed();
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#busy) {
      event.preventDefault(); // it does not close the panel as well
      this.#handlers.stop();
    } else if (isSend(event)) {
      event.preventDefault();
      if (!this.#busy) submit(this.element);
    }
  }

  #changed(): void {
    this.#input.dir = this.#input.value === "" ? "" : "auto"; // nothing has no direction: the placeholder has the chat's
    grow(this.#input);
    label(this.#button, this.#words(this.#busy ? "Stop" : "Send"));
    this.#button.classList.toggle("stop", this.#busy);
    const disabled = !this.#busy && this.#input.value.trim() === "";
    if (disabled && this.#button.matches(":focus") && matchMedia("(pointer: fine)").matches) this.focus(); // or the page's top would have it
    this.#button.disabled = disabled;
    wear(this.#button, this.#busy ? "stop" : "send");
  }
}
