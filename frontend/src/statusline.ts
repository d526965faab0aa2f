/**
 * One line of what the agent does: a mark for its state, its words, and what it came to ("3.2 s", why it failed).
 *
 * Where the model's thoughts may be read the line is a disclosure, closed until somebody opens it: a thought is
 * only ever appended, as text.
 */

import { h } from "./dom.ts";
import type { StatusNode } from "./tree.ts";

const SHORTEST = 0.1; // seconds: what took less happened at once

export class StatusLine {
  readonly element = h("div", { class: "genui-status" });
  readonly #label = h("bdi", { class: "genui-status-label" });
  readonly #outcome = h("bdi", { class: "genui-status-outcome" });
  readonly #line: HTMLElement = h("span", { class: "genui-status-words" }, this.#label, this.#outcome);
  #thoughts: HTMLElement | undefined;
  #seen = 0;

  constructor() {
    this.element.append(h("span", { class: "genui-status-dot" }), this.#line);
  }

  show(node: StatusNode): void {
    this.element.dataset.state = node.state;
    const over = node.state !== "running";
    setText(this.#label, over ? node.label.replace(/[\s.…]+$/, "") : node.label); // dots say that it goes on
    setText(this.#outcome, over ? outcome(node) : "");
    if (node.thoughts.length > this.#seen) this.#think(node);
  }

  #think(node: StatusNode): void {
    this.#thoughts ??= this.#disclose();
    this.#thoughts.append(node.thoughts.slice(this.#seen).join(""));
    this.#seen = node.thoughts.length;
  }

  #disclose(): HTMLElement {
    const thoughts = h("div", { class: "genui-thoughts", dir: "auto" });
    const summary = h("summary", {});
    this.#line.replaceWith(h("details", { class: "genui-thinking" }, summary, thoughts));
    summary.append(this.#line);
    return thoughts;
  }
}

/** What it came to, in a few words. */
function outcome({ state, seconds, reason }: StatusNode): string {
  if (state === "failed") return reason ?? "";
  return seconds !== undefined && seconds >= SHORTEST ? duration(seconds) : "";
}

function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
