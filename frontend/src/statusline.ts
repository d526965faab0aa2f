/**
 * One line of what the agent does: a mark for its state, its words, and what it came to ("3.2 s", why it failed).
 *
 * Where the model's thoughts may be read the line is a disclosure, closed until somebody opens it: a thought is
 * only ever appended, as text.
 */

import { h } from "./dom.ts";
import type { StatusNode } from "./tree.ts";
import type { Words } from "./words.ts";

const SHORTEST = 0.1; // seconds: what took less happened at once

export class StatusLine {
  readonly element = h("div", { class: "genui-status" });
  readonly #label = h("bdi", { class: "genui-status-label" });
  readonly #outcome = h("bdi", { class: "genui-status-outcome" });
  readonly #line: HTMLElement = h("span", { class: "genui-status-words" }, this.#label, this.#outcome);
  readonly #words: Words;
  #thoughts: HTMLElement | undefined;
  #seen = 0;

  constructor(words: Words) {
    this.#words = words;
    this.element.append(h("span", { class: "genui-status-dot" }), this.#line);
  }

  show(node: StatusNode): void {
    this.element.dataset.state = node.state;
    const over = node.state !== "running";
    setText(this.#label, over ? node.label.replace(/[\s.…]+$/, "") : node.label); // dots say that it goes on
    setText(this.#outcome, over ? this.#outcomeOf(node) : "");
    if (node.thoughts.length > this.#seen) this.#think(node);
  }

  #think(node: StatusNode): void {
    this.#thoughts ??= this.#disclose();
    this.#thoughts.append(node.thoughts.slice(this.#seen).join(""));
    this.#seen = node.thoughts.length;
  }

  /** What it came to, in a few words. */
  #outcomeOf({ state, seconds, reason }: StatusNode): string {
    if (state === "failed") return reason ?? "";
    const took = seconds !== undefined && seconds >= SHORTEST ? duration(seconds, this.#words.locale) : "";
    return [took, reason].filter(Boolean).join(" · ");
  }

  #disclose(): HTMLElement {
    const thoughts = h("div", { class: "genui-thoughts", dir: "auto" });
    const summary = h("summary", {});
    this.#line.replaceWith(h("details", { class: "genui-thinking" }, summary, thoughts));
    summary.append(this.#line);
    return thoughts;
  }
}

function duration(seconds: number, locale: string | undefined): string {
  if (seconds < 60) return amount(seconds, "second", locale, seconds < 10 ? 1 : 0);
  const whole = Math.round(seconds);
  return `${amount(Math.floor(whole / 60), "minute", locale)} ${amount(whole % 60, "second", locale)}`;
}

/** A number with its unit, as the locale writes it: 2.3s, 2,3 s, 2.3秒. */
function amount(value: number, unit: string, locale: string | undefined, digits = 0): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "narrow", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
