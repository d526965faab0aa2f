/**
 * `<genui-widget>`: one component. Its template's HTML stands in a shadow root, its children in the light DOM.
 *
 * Attributes, for style sheets and scripts: `name`, `streaming` until it is sealed, `loading` until the server
 * has brought its data, `inline`, `failed`.
 * A component's script is called as `default(root, host)` after the first drawing; what it returns may have
 * `update()`, called after each later one, and `destroy()`, called when the widget leaves the page.
 */

import baseCss from "./styles/widget.css";
import { adopt, h, sheet } from "./dom.ts";
import { PageElement } from "./element.ts";
import type { Standing } from "./custom.ts";
import type { Json, Props } from "./events.ts";
import { morphing } from "./lazy.ts";
import type { Behavior, Kit } from "./library.ts";
import { prepare } from "./prepare.ts";
import type { ComponentNode } from "./tree.ts";
import { parseComponentHtml } from "./trusted.ts";

type Control = HTMLButtonElement | HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

interface Note {
  role: "note" | "alert";
  words: string;
}

let base: CSSStyleSheet | undefined;

export class GenUIWidget extends PageElement implements Standing {
  readonly #root = this.attachShadow({ mode: "open" });
  readonly element = this;
  readonly inside = this;
  #html: string | undefined;
  #behavior: Behavior | undefined;
  #starting = false;
  #script: string | undefined;
  #drawn = false;
  #next: DocumentFragment | undefined; // to be drawn as soon as what draws over is there
  #note: Note | undefined;
  #drawnNote: Note | undefined;
  #over = false;

  /** What kind of component it is. */
  kit: Kit | undefined;

  /** Its run, and its id in that. */
  run = "";
  component = "";

  /** The props as far as they are known to the page (in full once the widget is complete). */
  props: Props = {};

  /** What the reader has entered, where the message keeps it. */
  value: Json | undefined;

  /** Say what kind of component this is; once, before it is shown. */
  equip(kit: Kit): this {
    this.kit = kit;
    adopt(this.#root, (base ??= sheet(baseCss)), ...(kit.style ? [kit.style] : []));
    this.setAttribute("name", kit.name);
    this.toggleAttribute("inline", kit.inline);
    this.toggleAttribute("streaming", true);
    this.style.setProperty("--genui-reserved", `${kit.minHeight}px`);
    return this;
  }

  /** Bring the widget up to date with its node. */
  show(node: ComponentNode): void {
    this.run = node.run;
    this.component = node.id;
    this.props = node.props;
    if (node.note) this.#note ??= { role: "note", words: node.note };
    this.toggleAttribute("loading", !this.#over && !node.loaded && this.kit?.loads === true);
    this.toggleAttribute("failed", node.error !== undefined);
    if (node.error) this.#fail(node.error.message);
    else this.#draw(node.html, node.state === "complete");
    if (node.state === "complete" || node.error) this.settle();
    this.#behave();
  }

  /** Its props or its value have changed, and the script shows that by itself. */
  refresh(): void {
    this.#behave();
  }

  /** Nothing more comes: give the reserved room back. */
  settle(): void {
    this.removeAttribute("streaming");
  }

  /** The run is over: no data comes any more. */
  finish(): void {
    this.#over = true;
    this.settle();
    this.removeAttribute("loading");
  }

  /** Say below the widget what could not be done with it; nothing takes it back. */
  say(words?: string): void {
    this.#note = words ? { role: "alert", words } : undefined;
    if (this.#drawn) this.#draw(this.#html);
  }

  /** Let nobody use its controls, nor those of the widgets in it. Returns what undoes that. */
  lock(): () => void {
    const used = deepActive(this);
    const locked = [...controls(this)].filter((control) => !control.disabled);
    for (const control of locked) control.disabled = true;
    return () => {
      for (const control of locked) control.disabled = false;
      if (used) used.focus({ preventScroll: true }); // a control that is disabled loses it
    };
  }

  connectedCallback(): void {
    this.#behave();
  }

  /** Take it off the page. */
  destroy(): void {
    this.remove();
    this.#destroy();
  }

  disconnectedCallback(): void {
    queueMicrotask(() => this.isConnected || this.#destroy()); // not when it was only moved
  }

  #draw(html: string | undefined, complete = false): void {
    const whole = complete && html === undefined; // it will have none: what kept its room goes
    if (this.#drawn && html === this.#html && this.#note === this.#drawnNote && !whole) return;
    this.#html = html;
    this.#drawnNote = this.#note;
    const content = html === undefined ? blank(whole) : parseComponentHtml(html);
    this.kit?.library.images.hold(content);
    if (this.#note) content.append(h("p", { class: "genui-note", role: this.#note.role, dir: "auto" }, this.#note.words));
    prepare(content);
    if (!this.#drawn) this.#root.replaceChildren(content);
    else this.#redraw(content);
    this.#drawn = true;
  }

  /** Draw over what stands; with the latest there is, when what does that comes late. */
  #redraw(content: DocumentFragment): void {
    const waits = this.#next !== undefined;
    this.#next = content;
    if (morphing.value !== undefined) this.#morph();
    else if (!waits) void morphing.ready().then(() => (this.#morph(), this.#behave()));
  }

  #morph(): void {
    const content = this.#next;
    this.#next = undefined;
    if (!content) return;
    if (morphing.value) morphing.value.morph(this.#root, content);
    else this.#root.replaceChildren(content);
  }

  #fail(message: string): void {
    this.#destroy();
    this.#drawn = false;
    this.#next = undefined;
    this.#root.replaceChildren(h("p", { class: "genui-note", role: "note", title: message }, this.kit?.library.words("{name} could not be shown.", { name: this.kit.name }) ?? ""), h("slot"));
  }

  /** Start the script when there is something to work on; tell it about changes after that. */
  #behave(): void {
    if (this.#next) return;
    if (this.#behavior && this.#script !== this.kit?.address) this.#destroy(); // it has been edited
    if (this.#behavior) this.#guard(() => this.#behavior?.update?.());
    else if (!this.#starting && this.#drawn && this.isConnected && this.kit?.script) void this.#start(this.kit.script);
  }

  async #start(load: NonNullable<Kit["script"]>): Promise<void> {
    this.#starting = true;
    this.#script = this.kit?.address;
    let again: (() => void) | undefined;
    const remember = (event: Event): void => void (again = missed(event, this.#root) || again);
    this.#root.addEventListener("click", remember);
    this.#root.addEventListener("keydown", remember);
    const module = await load().catch((error: unknown) => void this.#report(error));
    this.#root.removeEventListener("click", remember);
    this.#root.removeEventListener("keydown", remember);
    this.#starting = false;
    if (!this.isConnected || !this.#drawn) return;
    this.#behavior = {}; // what fails to start is left alone: the template stands without it
    if (module) this.#guard(() => (this.#behavior = module.default(this.#root, this) ?? {}));
    again?.();
  }

  #destroy(): void {
    const behavior = this.#behavior;
    this.#behavior = undefined;
    this.#guard(() => behavior?.destroy?.());
  }

  /** An error in one widget never harms the next. */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    console.error(`genui: the script of ${this.kit?.name ?? "a widget"} failed.`, error);
  }
}

/**
 * What is pressed while the script still loads is pressed again when somebody hears it: a button of the widget's,
 * or Enter in a field, be it of a widget inside. The key is told to scripts alone: no browser acts on one that is made.
 */
function missed(event: Event, root: ShadowRoot): (() => void) | undefined {
  const from = event.composedPath()[0] as Element;
  const button = from.closest("button");
  if (event.type === "click") return root.contains(button) ? () => button?.click() : undefined;
  return (event as KeyboardEvent).key === "Enter" && from.closest("input") ? () => from.dispatchEvent(event) : undefined;
}

function* controls(widget: GenUIWidget): Generator<Control> {
  for (const part of [widget, ...widget.querySelectorAll("genui-widget")]) {
    yield* part.shadowRoot?.querySelectorAll<Control>("button, input, select, textarea") ?? [];
  }
}

/** What has the focus inside a widget, however deep in shadow roots. */
function deepActive(widget: GenUIWidget): HTMLElement | undefined {
  for (const part of [widget, ...widget.querySelectorAll("genui-widget")]) {
    const active = part.shadowRoot?.activeElement;
    if (active instanceof HTMLElement) return active;
  }
  return undefined;
}

/** A widget without HTML: it is still to come, or the run brings props alone and the page draws no such component. */
function blank(whole: boolean): DocumentFragment {
  const fragment = document.createDocumentFragment();
  if (!whole) fragment.append(h("span", { class: "skeleton skeleton-block" }));
  fragment.append(h("slot"));
  return fragment;
}

/** Make the element known to the page; safe to call again, and when another copy has done it. */
export function defineWidget(): void {
  if (!customElements.get("genui-widget")) customElements.define("genui-widget", GenUIWidget);
}

declare global {
  interface HTMLElementTagNameMap {
    "genui-widget": GenUIWidget;
  }
}
