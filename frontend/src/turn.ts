/** One answer on the page: a caret until something is there to see, the message itself, how it ended, and its tools. */

import type { Client } from "./client.ts";
import type { Failure, GenUIEvent } from "./events.ts";
import { h } from "./dom.ts";
import { iconButton, label } from "./icons.ts";
import type { Library } from "./library.ts";
import { mount } from "./mount.ts";
import type { MountOptions, Mounted } from "./mount.ts";
import { Narrator } from "./narrate.ts";
import { textOf } from "./plain.ts";
import { emptyTree, reduce } from "./tree.ts";
import type { Words } from "./words.ts";

const PATIENCE = 3; // attempts to reconnect before the reader hears of it

const ENDINGS: { [reason: string]: string } = {
  cancelled: "This answer was stopped.",
  length: "The answer reached the length limit.",
};

export interface TurnHandlers {
  /** Ask again for this answer. */
  retry(): void;
  /** A sentence is whole. */
  say(sentence: string): void;
  /** Read these sentences aloud. Undefined where the browser cannot. */
  read: ((sentences: readonly string[]) => void) | undefined;
}

export class Turn {
  readonly element: HTMLElement;
  readonly #words: Words;
  readonly #handlers: TurnHandlers;
  readonly #body = h("div");
  readonly #caret = h("div", { class: "caret", "aria-hidden": "true" }, h("span"), h("span"), h("span"));
  readonly #connection: HTMLElement;
  readonly #copy = iconButton("copy", () => void this.#copied());
  readonly #read = iconButton("voice", () => this.#handlers.read?.(this.#said));
  readonly #again = iconButton("again", () => this.#handlers.retry());
  readonly #tools = h("div", { class: "tools", hidden: true }, this.#copy, this.#read, this.#again);
  readonly #tree = emptyTree();
  readonly #said: string[] = [];
  readonly #narrator: Narrator;
  #library: Library | undefined;
  #mounted: Mounted | undefined;
  #failed = false;
  #ended = false;

  constructor(words: Words, handlers: TurnHandlers) {
    this.#words = words;
    this.#handlers = handlers;
    this.#connection = h("p", { class: "ending", dir: "auto", role: "status", hidden: true }, words("Connection lost. Reconnecting…"));
    this.element = h("article", { class: "turn assistant", "aria-label": words("Answer"), "aria-busy": "true" }, this.#body, this.#caret, this.#connection, this.#tools);
    label(this.#copy, words("Copy answer"));
    label(this.#read, words("Read aloud"));
    label(this.#again, words("Ask again"));
    this.#read.hidden = !handlers.read;
    this.#narrator = new Narrator((sentence) => this.#say(sentence), words, (name) => this.#library?.kit(name).inline ?? false);
  }

  get thread(): string {
    return this.#tree.thread;
  }

  get run(): string {
    return this.#tree.run;
  }

  get failed(): boolean {
    return this.#failed;
  }

  get reason(): string | undefined {
    return this.#tree.end?.reason;
  }

  get error(): string | undefined {
    return this.#tree.end?.error?.code;
  }

  /** The answer as Markdown, each widget by its `alt`. */
  get content(): string {
    return textOf(this.#tree.children, this.#library);
  }

  show(event: GenUIEvent, options: MountOptions): void {
    this.#library = options.library;
    this.#mounted ??= mount(this.#tree, this.#body, options);
    this.#mounted.update(reduce(this.#tree, event));
    this.#narrator.hear(event);
    if (event.type === "text" || event.type === "render-component" || event.type === "status") this.#caret.remove();
    if (event.type === "run-end" && event.error) this.fail(event.error);
  }

  /** Draw anew what stands, with the templates that the server has now. */
  async redraw(client: Client): Promise<void> {
    const { redraw } = await import("./redraw.ts");
    await redraw(client, this.#tree, (node) => this.#mounted?.update(node));
  }

  /** Says so only when a lost connection lasts. */
  reconnecting(attempt: number): void {
    this.#connection.hidden = attempt < PATIENCE;
  }

  /** All is said; data may still come. */
  settle(): void {
    this.#caret.remove();
    this.#narrator.finish();
    this.#mounted?.settle();
    this.element.removeAttribute("aria-busy");
    this.#tools.hidden = this.#failed;
    this.#copy.hidden = this.content === "";
  }

  /** The answer is over, however it ended. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.settle();
    this.#connection.remove();
    this.#mounted?.end();
    const words = ENDINGS[this.reason ?? (this.#failed ? "error" : "cancelled")]; // stopped before it began: no run-end comes
    if (words) this.#tools.before(h("p", { class: "ending", dir: "auto" }, this.#words(words)));
  }

  /** Say what went wrong. */
  fail({ message }: Pick<Failure, "message">): void {
    if (this.#failed) return;
    this.#failed = true;
    const retry = h("button", { type: "button", class: "retry" }, this.#words("Try again"));
    retry.addEventListener("click", () => this.#handlers.retry());
    const told = h("div", {}, h("strong", { dir: "auto" }, this.#words("Something went wrong")), h("p", { dir: "auto" }, message));
    this.element.append(h("div", { class: "failure", role: "alert" }, told, retry));
  }

  /** Take it off the page. */
  remove(): void {
    this.#mounted?.destroy();
    this.element.remove();
  }

  #say(sentence: string): void {
    this.#said.push(sentence);
    this.#handlers.say(sentence);
  }

  async #copied(): Promise<void> {
    const { copyByIcon } = await import("./clipboard.ts");
    await copyByIcon(this.content, this.#copy, this.#words);
  }
}
