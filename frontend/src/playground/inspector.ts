/** What can be seen of a run at one moment: its events up to then, what is held back, warnings, and props. */

import { h } from "../dom.ts";
import type { GenUIEvent, Json } from "../events.ts";
import { emptyTree, reduce } from "../tree.ts";
import type { ComponentNode, MessageTree } from "../tree.ts";
import { choice } from "./preview.ts";
import type { Moment } from "./player.ts";

type Panel = "events" | "props";

const MOST_ROWS = 400; // the newest; a page of thousands helps nobody

export class Inspector {
  readonly element = h("section", { class: "inspector", "aria-label": "Inspector" });
  readonly #panel = h("div", { class: "panel", role: "region", "aria-label": "What happened", tabindex: "0" });
  readonly #warnings = h("div", { class: "warnings" });
  readonly #onSeek: (at: number) => void;
  #shown: Panel = "events";
  #moments: readonly Moment[] = [];
  #at = 0;
  #rows: HTMLElement[] = [];
  #tree: MessageTree = emptyTree();
  #treeAt = 0;

  constructor(onSeek: (at: number) => void) {
    this.#onSeek = onSeek;
    const panels = choice<Panel>("Inspector", { events: "Events", props: "Props" }, "events", (panel) => this.#turn(panel));
    this.element.append(h("div", { class: "bar" }, panels), this.#warnings, this.#panel);
  }

  load(moments: readonly Moment[]): void {
    this.#moments = moments;
    this.#at = 0;
    this.#rows = [];
    this.#forget();
    this.#panel.replaceChildren();
    this.#warnings.replaceChildren();
  }

  /** Show the run as it is after `at` moments. */
  show(at: number): void {
    if (at < this.#at) this.#forget();
    this.#at = at;
    for (const { event } of this.#moments.slice(this.#treeAt, at)) if (event) reduce(this.#tree, event);
    this.#treeAt = Math.max(this.#treeAt, at);
    this.#warn();
    if (this.#shown === "events") this.#list();
    else this.#props();
  }

  #forget(): void {
    this.#tree = emptyTree();
    this.#treeAt = 0;
  }

  #turn(panel: Panel): void {
    this.#shown = panel;
    this.#rows = [];
    this.#panel.replaceChildren();
    this.show(this.#at);
  }

  /** One row an event; those after this moment are taken away, those that came are added. */
  #list(): void {
    const events = this.#moments.slice(0, this.#at).flatMap(({ event }, index) => (event ? [{ event, index }] : []));
    while (this.#rows.length > events.length) this.#rows.pop()?.remove();
    for (const { event, index } of events.slice(this.#rows.length)) {
      const row = eventRow(event, this.#rows.length + 1);
      row.addEventListener("click", () => this.#onSeek(index + 1));
      this.#rows.push(row);
      this.#panel.append(row);
    }
    while (this.#panel.children.length > MOST_ROWS) this.#panel.firstElementChild?.remove();
    this.#panel.querySelector(".now")?.classList.remove("now");
    this.#rows.at(-1)?.classList.add("now");
    this.#panel.scrollTop = this.#panel.scrollHeight;
  }

  #props(): void {
    const cards = [...this.#tree.components.values()].map(propsCard);
    this.#panel.replaceChildren(...(cards.length > 0 ? cards : [h("p", { class: "quiet" }, "No component yet")]));
  }

  #warn(): void {
    const rows = [...this.#tree.components.values()].flatMap((node) => [
      ...node.warnings.map((warning) => h("p", { class: "warning" }, h("b", {}, node.name), ` ${warning}`)),
      ...(node.error ? [h("p", { class: "error" }, h("b", {}, node.name), ` ${node.error.message}`)] : []),
    ]);
    if (rows.length !== this.#warnings.children.length) this.#warnings.replaceChildren(...rows);
  }
}

function propsCard(node: ComponentNode): HTMLElement {
  const head = h("header", {}, h("code", {}, `<${node.name}>`), h("span", { class: "quiet" }, node.id), h("span", { class: `badge ${node.state}` }, node.error ? "failed" : node.state));
  const data = Object.keys(node.data).length > 0 ? h("pre", {}, `data: ${JSON.stringify(node.data, null, 2)}`) : undefined;
  return h("article", { class: "props" }, head, h("pre", {}, JSON.stringify(node.props, null, 2)), data);
}

function eventRow(event: GenUIEvent, number: number): HTMLElement {
  const row = h("details", { class: `event ${event.type}` });
  row.append(h("summary", {}, h("span", { class: "number" }, String(number)), h("span", { class: "type" }, event.type), h("span", { class: "gist" }, gist(event))));
  row.addEventListener("toggle", () => row.open && row.append(h("pre", {}, JSON.stringify(event, null, 2))), { once: true });
  return row;
}

/** An event in a few words. */
function gist(event: GenUIEvent): string {
  switch (event.type) {
    case "text":
      return JSON.stringify(event.text);
    case "render-component":
      return `${event.id} ${event.name} · ${event.state}`;
    case "component-delta":
    case "component-data":
      return `${event.id} ${event.ops.map(({ op, path, value }) => `${op} ${path} ${short(value)}`).join("; ")}`;
    case "component-error":
      return `${event.name}: ${event.message}`;
    case "status":
      return `${event.label} · ${event.state}`;
    case "run-end":
      return event.error ? event.error.message : event.reason;
    default:
      return "";
  }
}

function short(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
