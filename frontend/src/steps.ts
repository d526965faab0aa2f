/** The place of an activity's steps: what draws them is a bundle of its own, and what comes earlier waits. */

import type { Activity } from "./activity.ts";
import { h } from "./dom.ts";
import { activities } from "./lazy.ts";
import type { StatusNode } from "./tree.ts";
import type { Words } from "./words.ts";

export class Steps {
  readonly element = h("div", { class: "genui-activity" });
  readonly #words: Words;
  readonly #nodes = new Set<StatusNode>();
  #activity: Activity | undefined;

  constructor(words: Words) {
    this.#words = words;
    if (activities.value === undefined) void activities.ready().then(() => this.#nodes.forEach((node) => this.show(node)));
  }

  /** Show a step that is new or has changed. */
  show(node: StatusNode): void {
    this.#nodes.add(node);
    if (activities.value) (this.#activity ??= new activities.value.Activity(this.element, this.#words)).show(node);
    else if (activities.value === null) this.element.textContent = node.label;
  }
}
