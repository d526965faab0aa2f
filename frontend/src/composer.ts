/** Where the question is written: grows with its text, Enter sends, Shift+Enter breaks the line. */

import { h, icon } from "./dom.ts";

const SEND = "M12 19V5M6 11l6-6 6 6";
const STOP = "M7 7h10v10H7z";

export interface ComposerHandlers {
  send(text: string): void;
  stop(): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  readonly #input = h("textarea", { rows: "1", "aria-label": "Message", enterkeyhint: "send", autocomplete: "off", dir: "auto" });
  readonly #button = h("button", { type: "submit", class: "send" });
  readonly #handlers: ComposerHandlers;
  #busy = false;

  constructor(handlers: ComposerHandlers) {
    this.#handlers = handlers;
    this.element = h("form", { class: "composer" }, this.#input, this.#button);
    this.element.addEventListener("submit", (event) => this.#submit(event));
    this.element.addEventListener("click", (event) => event.target === this.element && this.focus());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("input", () => this.#changed());
    this.#changed();
  }

  set placeholder(text: string) {
    this.#input.placeholder = text;
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
    if (text === "") return;
    this.#input.value = "";
    this.#changed();
    this.#handlers.send(text);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && this.#busy) return this.#handlers.stop();
    const composing = event.isComposing || event.keyCode === 229; // Enter that accepts an IME's word; Safari says only 229
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    if (!this.#busy) this.element.requestSubmit();
  }

  #changed(): void {
    this.#grow();
    this.#button.setAttribute("aria-label", this.#busy ? "Stop" : "Send");
    this.#button.classList.toggle("stop", this.#busy);
    const disabled = !this.#busy && this.#input.value.trim() === "";
    if (disabled && this.#button.matches(":focus") && matchMedia("(pointer: fine)").matches) this.focus(); // or the page's top would have it
    this.#button.disabled = disabled;
    this.#button.replaceChildren(icon(this.#busy ? STOP : SEND));
  }

  #grow(): void {
    this.#input.style.blockSize = "auto";
    if (this.#input.scrollHeight > 0) this.#input.style.blockSize = `${this.#input.scrollHeight}px`;
  }
}
