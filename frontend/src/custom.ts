/**
 * A component of the page's own, in place of the one that the server renders.
 *
 *     mount(tree, element, { components: { WeatherWidget: (host, node) => ({ update() { host.textContent = node.props.city; } }) } });
 */

import { h } from "./dom.ts";
import type { ComponentNode } from "./tree.ts";
import type { Words } from "./words.ts";

/** What stands for a component node on the page: a `<genui-widget>`, or a component of the page's own. */
export interface Standing {
  /** What takes the component's place. */
  readonly element: HTMLElement;
  /** What its children stand in. */
  readonly inside: HTMLElement;
  /** Bring it up to date with its node. */
  show(node: ComponentNode): void;
  /** Nothing more is written. */
  settle(): void;
  /** The run is over: no data comes any more. */
  finish(): void;
  /** It leaves the page. */
  destroy(): void;
}

export interface View {
  /** The node has changed: its props have grown, it is complete, data has come, it has failed. */
  update?(node: ComponentNode): void;
  /** The message leaves the page. */
  destroy?(): void;
}

/**
 * Draws a component into `host` and says how to bring it up to date; called once, with the first that is
 * known of the node. `children` is an element in which the component's own text and components come to
 * stand: put it where they belong, or nowhere.
 */
export type Draw = (host: HTMLElement, node: ComponentNode, children: HTMLElement) => View | undefined | void;

/** A drawing function; with `inline` for a component that stands in a line of text. */
export type CustomComponent = Draw | { draw: Draw; inline?: boolean };

export class Custom implements Standing {
  readonly element: HTMLElement;
  readonly inside: HTMLElement;
  readonly #host: HTMLElement;
  readonly #draw: Draw;
  readonly #words: Words;
  #drawn: View | undefined;
  #note: HTMLElement | undefined;
  #node: ComponentNode | undefined;

  constructor(name: string, draw: Draw, inline: boolean, words: Words) {
    this.#words = words;
    const tag = inline ? "span" : "div";
    this.#draw = draw;
    this.#host = h(tag);
    this.inside = h(tag, { class: "genui-children" });
    this.element = h(tag, { class: "genui-component", "data-name": name, "data-state": "streaming" }, this.#host);
  }

  show(node: ComponentNode): void {
    this.#node = node;
    this.element.dataset.state = node.error ? "failed" : node.state;
    this.#say(node);
    if (this.#drawn) this.#guard(() => this.#drawn?.update?.(node));
    else if (!node.error) this.#guard(() => (this.#drawn = {}, this.#drawn = this.#draw(this.#host, node, this.inside) ?? {}));
  }

  /** A component that was cut off stays as it is, and is told. */
  settle(): void {
    if (this.element.dataset.state === "streaming") this.element.dataset.state = "cut";
  }

  finish(): void {
    this.settle();
    const node = this.#node;
    if (node && this.#drawn) this.#guard(() => this.#drawn?.update?.(node));
  }

  destroy(): void {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    this.#guard(() => drawn?.destroy?.());
  }

  /** A failure is said below what stands; a repair takes that back. */
  #say({ error, note, name }: ComponentNode): void {
    const words = error ? this.#words("{name} could not be shown.", { name }) : note;
    this.#host.hidden = error !== undefined;
    this.#note?.remove();
    this.#note = words === undefined ? undefined : h("p", { class: "genui-note", role: "note", dir: "auto", title: error?.message }, words);
    if (this.#note) this.element.append(this.#note);
  }

  /** An error in one component never harms the next. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      console.error(`genui: the component ${this.element.dataset.name} failed.`, error);
    }
  }
}
