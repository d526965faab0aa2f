/**
 * What the agent does, folded away: one line that says what it is doing now, or what it has done, and behind
 * it each step. The line stands in one place and has one height, so nothing jumps when a step comes or the
 * answer goes on; a single step is that line itself.
 */

import activityCss from "./styles/activity.css";
import { adopt, h, sheet } from "./dom.ts";
import { StatusLine } from "./statusline.ts";
import type { StatusNode } from "./tree.ts";
import type { Words } from "./words.ts";

let style: CSSStyleSheet | undefined;

export class Activity {
  readonly #element: HTMLElement;
  readonly #words: Words;
  readonly #lines = new Map<StatusNode, StatusLine>();
  #summary: StatusLine | undefined;
  #steps: HTMLElement | undefined;

  constructor(element: HTMLElement, words: Words) {
    const root = element.getRootNode();
    if (root instanceof Document || root instanceof ShadowRoot) adopt(root, (style ??= sheet(activityCss)));
    this.#element = element;
    this.#words = words;
  }

  /** Show a step that is new or has changed. */
  show(node: StatusNode): void {
    (this.#lines.get(node) ?? this.#added(node)).show(node);
    this.#summary?.show(this.#told());
  }

  #added(node: StatusNode): StatusLine {
    const line = new StatusLine(this.#words);
    this.#lines.set(node, line);
    if (this.#lines.size === 2) this.#fold();
    (this.#steps ?? this.#element).append(line.element);
    return line;
  }

  /** A second step: both go behind a line that stands for all of them. */
  #fold(): void {
    this.#summary = new StatusLine(this.#words);
    this.#steps = h("div", { class: "genui-steps" }, ...this.#element.children);
    this.#element.append(h("details", { class: "genui-fold" }, h("summary", {}, this.#summary.element), this.#steps));
  }

  /** All steps as one: the one that is running, or how many there were. */
  #told(): StatusNode {
    const nodes = [...this.#lines.keys()];
    const running = nodes.filter(({ state }) => state === "running").at(-1);
    if (running) return { ...running, thoughts: [] };
    const failed = nodes.filter(({ state }) => state === "failed").length;
    const seconds = nodes.reduce((sum, node) => sum + (node.seconds ?? 0), 0);
    const label = this.#words("{count} steps", { count: nodes.length });
    const reason = failed > 0 ? this.#words("{count} failed", { count: failed }) : undefined;
    return { kind: "status", parent: undefined, id: "", label, state: failed === nodes.length ? "failed" : "done", seconds, reason, thoughts: [] };
  }
}
