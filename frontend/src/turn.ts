/** One answer on the page: a caret until something is there to see, the message itself, and how it ended. */

import type { Client } from "./client.ts";
import type { GenUIEvent } from "./events.ts";
import { h } from "./dom.ts";
import type { Library } from "./library.ts";
import { mount } from "./mount.ts";
import type { Mounted } from "./mount.ts";
import { emptyTree, plainText, reduce } from "./tree.ts";

const ENDINGS: { [reason: string]: string } = {
  cancelled: "This answer was stopped.",
  length: "The answer reached the length limit.",
};

export class Turn {
  readonly element = h("article", { class: "turn assistant", "aria-label": "Answer", "aria-busy": "true" });
  readonly #body = h("div");
  readonly #caret = h("div", { class: "caret", "aria-hidden": "true" }, h("span"), h("span"), h("span"));
  readonly #connection = h("p", { class: "ending", dir: "auto", role: "status", hidden: true }, "Connection lost. Reconnecting…");
  readonly #tree = emptyTree();
  #mounted: Mounted | undefined;
  #failed = false;

  constructor() {
    this.element.append(this.#body, this.#caret, this.#connection);
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

  /** What the model gets to see of this answer in the next turn. */
  get content(): string {
    const names = [...this.#tree.components.values()].map((one) => one.name);
    return plainText(this.#tree.children).trim() || (names.length > 0 ? `(Shown: ${names.join(", ")})` : "");
  }

  show(event: GenUIEvent, library: Library): void {
    this.#mounted ??= mount(this.#tree, this.#body, { library });
    this.#mounted.update(reduce(this.#tree, event));
    if (event.type === "text" || event.type === "render-component" || event.type === "status") this.#caret.remove();
    if (event.type === "run-end" && event.error) this.fail(event.error.message);
  }

  /** Draw anew what stands, with the templates that the server has now. What cannot be drawn stays as it is. */
  async redraw(client: Client): Promise<void> {
    const nodes = [...this.#tree.components.values()].filter(({ state, error }) => state === "complete" && !error);
    const drawn = await client.render(nodes.map(({ name, props, data }) => ({ name, props, data })));
    nodes.forEach((node, at) => {
      node.html = drawn[at]?.html ?? node.html;
      this.#mounted?.update(node);
    });
  }

  /** Says so only when a lost connection lasts. */
  reconnecting(attempt: number): void {
    this.#connection.hidden = attempt < 3;
  }

  /** All is said; data may still come. */
  settle(): void {
    this.#caret.remove();
    this.#mounted?.settle();
    this.element.removeAttribute("aria-busy");
  }

  /** The answer is over, however it ended. */
  end(): void {
    this.settle();
    this.#connection.remove();
    this.#mounted?.end();
    const words = ENDINGS[this.reason ?? (this.#failed ? "error" : "cancelled")]; // stopped before it began: no run-end comes
    if (words) this.element.append(h("p", { class: "ending", dir: "auto" }, words));
  }

  /** Say what went wrong. */
  fail(message: string): void {
    this.#failed = true;
    const retry = h("button", { type: "button", class: "retry" }, "Try again");
    retry.addEventListener("click", () => this.element.dispatchEvent(new CustomEvent("retry")));
    const words = h("div", {}, h("strong", { dir: "auto" }, "Something went wrong"), h("p", { dir: "auto" }, message));
    this.element.append(h("div", { class: "failure", role: "alert" }, words, retry));
  }
}
