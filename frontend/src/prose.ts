/** Markdown that may be written before its bundle is there: what comes earlier waits, in order. */

import { markdown } from "./lazy.ts";
import type { Library } from "./library.ts";
import { waiting } from "./waiting.ts";

interface Writer {
  write(text: string): void;
  insert(node: Node): void;
  end(): void;
}

export class Prose implements Writer {
  readonly #element: Element;
  readonly #library: Library;
  #writer: Writer | undefined;
  #waiting: ((writer: Writer) => void)[] = [];

  constructor(element: Element, library: Library) {
    this.#element = element;
    this.#library = library;
    waiting(element, markdown.value === undefined);
    if (markdown.value === undefined) void markdown.ready().then(() => this.#open());
    else this.#open();
  }

  /** Draw more text. */
  write(text: string): void {
    this.#do((writer) => writer.write(text));
  }

  /** Put a node where the text stands now, as part of its line. */
  insert(node: Node): void {
    this.#do((writer) => writer.insert(node));
  }

  /** No more text comes. */
  end(): void {
    this.#do((writer) => writer.end());
  }

  #do(step: (writer: Writer) => void): void {
    if (this.#writer) step(this.#writer);
    else this.#waiting.push(step);
  }

  #open(): void {
    const writer = (this.#writer = markdown.value ? new markdown.value.Markdown(this.#element, this.#library) : new Plain(this.#element));
    waiting(this.#element, false);
    for (const step of this.#waiting) step(writer);
    this.#waiting = [];
  }
}

/** The text as it was written, where Markdown could not be loaded. */
class Plain implements Writer {
  readonly #element: Element;

  constructor(element: Element) {
    this.#element = element;
    element.classList.add("genui-plain");
  }

  write(text: string): void {
    this.#element.append(text);
  }

  insert(node: Node): void {
    this.#element.append(node);
  }

  end(): void {}
}
