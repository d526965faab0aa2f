/** One example: its markup, and the widget that the server and the chat's own client make of it. */

import { h } from "../dom.ts";
import { emptyTree, GenUIError, mount, reduce } from "../index.ts";
import type { Client, Library, Sequenced } from "../index.ts";

export class Example {
  readonly element = h("div", { class: "example" });
  readonly #stage = h("div", { class: "stage", "aria-busy": "true" });
  readonly #said = h("p", { class: "said", role: "status", dir: "auto", hidden: true });
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup.trim();
    const code = h("pre", { tabindex: "0", dir: "ltr" }, h("code", {}, this.#markup));
    this.element.append(this.#stage, this.#said, h("details", { class: "markup" }, h("summary", {}, "Markup"), code));
    this.#stage.addEventListener("genui-action", (event) => this.#act(event as CustomEvent<{ action: string; values?: object }>));
  }

  /** Recognize the markup and show what it becomes. Done when all is said; data may still come. */
  show(client: Client, library: Library): Promise<void> {
    return new Promise((resolve) => void this.#follow(client, library, resolve));
  }

  async #follow(client: Client, library: Library, said: () => void): Promise<void> {
    const tree = emptyTree();
    const mounted = mount(tree, this.#stage, { library });
    try {
      for await (const event of client.recognize(this.#markup)) {
        mounted.update(reduce(tree, event));
        this.#explain(event);
        if (event.type === "answer-end") said();
      }
    } catch (error) {
      this.#say(error instanceof GenUIError ? error.message : String(error));
    }
    mounted.end();
    this.#stage.removeAttribute("aria-busy");
    said();
  }

  /** Why a widget does not look as its author meant it to. */
  #explain(event: Sequenced): void {
    if (event.type === "component-error") this.#say(`${event.name}: ${event.message}`);
    if (event.type === "render-component" && event.warnings?.length) this.#say(`${event.name}: ${event.warnings.join(" ")}`);
  }

  /** No chat hears an action here; that it was sent, and what with, is shown to whoever tries it. */
  #act({ detail: { action, values = {} } }: CustomEvent<{ action: string; values?: object }>): void {
    this.#say(`Action ${JSON.stringify(action)}, values ${JSON.stringify(values)}`);
  }

  #say(words: string): void {
    this.#said.hidden = false;
    this.#said.textContent = words;
  }
}
