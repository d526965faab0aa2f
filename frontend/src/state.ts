/**
 * The state of one message: what its inputs hold, and the components that are bound to it.
 *
 * A module of its own, loaded when a message first has something bound. `Store` knows no page: a frontend
 * that draws props by itself asks it what they come to. `MessageState` brings the widgets of the page up to
 * date: a prop that a script follows by itself at once, any other by having the server draw the component
 * (POST /v1/render), one request at a time, in which the latest values win. A component of the page's own is
 * shown its values and draws them by itself.
 */

import type { Json, Props } from "./events.ts";
import { bound, variable } from "./expressions.ts";
import type { Bound } from "./expressions.ts";
import type { Drawing } from "./client.ts";
import type { Standing } from "./custom.ts";
import type { Kit, Library } from "./library.ts";
import type { ComponentNode } from "./tree.ts";
import type { GenUIWidget } from "./widget.ts";

export { bound, variable } from "./expressions.ts";

/** `$k`, `$M`, `$USD`: most likely money, and never waited for. genui/catalog/bindings.py has the same. */
const UNIT = /^\s*\$(?:[A-Za-z]{1,2}|[A-Z]{1,4})\s*$/;
const WIDGET = "genui-widget";
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Props with values in the place of what was bound. */
export interface Resolved {
  props: Props;
  /** Something in them may be bound. */
  any: boolean;
  /** It reads names that no input has declared yet. */
  open: boolean;
  /** The props that were bound and have a value, or have none now. */
  bound: Set<string>;
  /** Something bound has no value. */
  empty: boolean;
}

/** Values by name. */
export class Store {
  readonly #values = new Map<string, Json>();
  readonly #texts = new Map<string, Bound | undefined>();

  get(name: string): Json | undefined {
    return this.#values.get(name);
  }

  /** Declare a name, or give it another value. Returns whether anything changed. */
  set(name: string, value: Json): boolean {
    if (this.#values.has(name) && JSON.stringify(this.#values.get(name)) === JSON.stringify(value)) return false;
    this.#values.set(name, value);
    return true;
  }

  /** What these props come to now. A text of which no name is declared stays what it is. */
  resolve(props: Props, kept: ReadonlySet<string> = new Set()): Resolved {
    const result: Resolved = { props: {}, any: false, open: false, bound: new Set(), empty: false };
    for (const [name, value] of Object.entries(props)) {
      const found = kept.has(name) ? value : this.#resolved(value, result, name);
      if (found === null && result.bound.has(name)) result.empty = true; // as if it had not been given
      else result.props[name] = found;
    }
    return result;
  }

  #resolved(value: Json, result: Resolved, prop: string): Json {
    if (Array.isArray(value)) return value.map((one) => this.#resolved(one, result, prop));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.#resolved(one, result, prop)]));
    }
    const found = typeof value === "string" ? this.#bound(value) : undefined;
    if (!found) return value;
    result.any = true;
    const declared = [...found.names].filter((name) => this.#values.has(name)).length;
    if (declared < found.names.size && !UNIT.test(String(value))) result.open = true;
    if (declared === 0) return value;
    result.bound.add(prop);
    return found.evaluate((name) => this.#values.get(name));
  }

  #bound(source: string): Bound | undefined {
    if (!this.#texts.has(source)) this.#texts.set(source, bound(source));
    return this.#texts.get(source);
  }
}

/** A component that is bound, and how it was last shown. */
interface Follower {
  node: ComponentNode;
  host: Standing;
  kit: Kit;
  props: Props;
  html: string | undefined;
  /** What was last resolved, as text, to see what changes. */
  last: string;
}

interface Input {
  name: string;
  host: GenUIWidget;
  /** It came with a value of its own. */
  given: boolean;
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

export class MessageState {
  readonly store = new Store();
  readonly #library: Library;
  readonly #inputs = new Map<GenUIWidget, Input>();
  readonly #given = new Set<string>();
  readonly #followers = new Map<ComponentNode, Follower>();
  readonly #dirty = new Set<Follower>();
  #drawing = false;
  #settled = false;

  constructor(root: HTMLElement, library: Library) {
    this.#library = library;
    root.addEventListener("input", (event) => this.#entered(event));
    root.addEventListener("genui-state", (event) => this.#entered(event));
  }

  /** Take a component in, or what has changed of it. */
  take(node: ComponentNode, host: Standing): void {
    if (node.state !== "complete" || node.error) return;
    const kit = this.#library.kit(node.name);
    if (kit.bind && isWidget(host) && !this.#inputs.has(host)) this.#declare(node, host, kit);
    const follower = this.#followers.get(node);
    if (follower) this.#refresh(follower, true);
    else this.#follow(node, host, kit);
  }

  /** All has come: a name that nobody declared is only a text. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    for (const follower of this.#followers.values()) this.#refresh(follower);
  }

  /** The node as it is to be shown. */
  shown(node: ComponentNode): ComponentNode {
    const follower = this.#followers.get(node);
    return follower ? { ...node, props: follower.props, html: follower.html ?? node.html } : node;
  }

  #declare(node: ComponentNode, host: GenUIWidget, kit: Kit): void {
    const written = node.props[kit.bind as string];
    const name = variable(written) ?? node.props.name;
    if (typeof name !== "string" || !NAME.test(name)) return;
    const given = written !== undefined && variable(written) === undefined;
    this.#inputs.set(host, { name, host, given });
    const known = this.store.get(name) !== undefined;
    if (known && (!given || this.#given.has(name))) return this.#write(host, this.store.get(name) ?? null);
    if (given) this.#given.add(name);
    this.#set(name, read(host) ?? (given ? written : host.value) ?? "", host);
  }

  #follow(node: ComponentNode, host: Standing, kit: Kit): void {
    if (!this.store.resolve(node.props, this.#own(node, host, kit)).any) return;
    const follower: Follower = { node, host, kit, props: node.props, html: undefined, last: "" };
    this.#followers.set(node, follower);
    this.#refresh(follower);
  }

  /** The prop of a widget that holds what the reader enters is the state, and does not follow it. */
  #own(node: ComponentNode, host: Standing, kit: Kit): Set<string> {
    return new Set(kit.bind && isWidget(host) && variable(node.props[kit.bind]) ? [kit.bind] : []);
  }

  #entered(event: Event): void {
    const host = event.composedPath().find((one): one is GenUIWidget => one instanceof HTMLElement && one.localName === WIDGET);
    const input = host && this.#inputs.get(host);
    if (!input) return;
    const value = event.type === "genui-state" ? ((event as CustomEvent<Json>).detail ?? null) : read(input.host);
    if (value !== undefined) this.#set(input.name, value, input.host);
  }

  #set(name: string, value: Json, from: GenUIWidget): void {
    from.value = value;
    if (!this.store.set(name, value)) return;
    for (const input of this.#inputs.values()) if (input.name === name && input.host !== from) this.#write(input.host, value);
    for (const follower of this.#followers.values()) this.#refresh(follower);
  }

  #write(host: GenUIWidget, value: Json): void {
    host.value = value;
    write(host, value);
    host.refresh();
  }

  /** `drawn`: the server has drawn it anew, so that it must be drawn again with its values. */
  #refresh(follower: Follower, drawn = false): void {
    const { node, kit, host } = follower;
    const { props, open, bound: some } = this.store.resolve(node.props, this.#own(node, host, kit));
    if (open && !this.#settled) return; // the skeleton stands until all is there
    const now = JSON.stringify(props);
    if (follower.last === "" && some.size === 0 && !open && !drawn) return void (follower.last = now); // drawn as it is
    if (now === follower.last && !drawn) return;
    const before = follower.props;
    const changed = Object.keys({ ...before, ...props }).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(props[name]));
    follower.last = now;
    follower.props = props;
    if (!isWidget(host)) return host.show(this.shown(node));
    host.props = props;
    if (!drawn && changed.every((name) => kit.live.includes(name)) && some.size > 0) return host.refresh();
    this.#dirty.add(follower);
    void this.#draw();
  }

  /** One request at a time; what has changed meanwhile goes with the next. */
  async #draw(): Promise<void> {
    if (this.#drawing) return;
    this.#drawing = true;
    await Promise.resolve(); // what changes together is drawn together
    while (this.#dirty.size > 0) {
      const followers = [...this.#dirty].slice(0, 50);
      for (const follower of followers) this.#dirty.delete(follower);
      await this.#drawn(followers);
    }
    this.#drawing = false;
  }

  async #drawn(followers: Follower[]): Promise<void> {
    try {
      const renders = await this.#library.client.render(followers.map((one) => this.#wanted(one)));
      renders.forEach(({ html }, place) => this.#show(followers[place] as Follower, html));
    } catch (error) {
      console.warn("genui: what is bound could not be drawn.", error); // it stands as it was; the next change tries again
      for (const follower of followers) follower.last = "";
    }
  }

  #wanted({ node, host, props, kit }: Follower): Drawing {
    const { empty } = this.store.resolve(node.props, this.#own(node, host, kit));
    const own = kit.bind && variable(props[kit.bind]) ? { [kit.bind]: this.store.get(variable(props[kit.bind]) ?? "") ?? null } : {};
    return { name: node.name, props: { ...props, ...own }, data: node.data, state: empty ? "streaming" : "complete" };
  }

  #show(follower: Follower, html: string | undefined): void {
    if (html === undefined) return;
    follower.html = html;
    follower.host.show(this.shown(follower.node));
    const input = isWidget(follower.host) && this.#inputs.get(follower.host);
    if (input) this.#write(input.host, this.store.get(input.name) ?? null);
  }
}

/** By its name, for its class is in another bundle. */
function isWidget(host: Standing): host is GenUIWidget {
  return host.element.localName === WIDGET;
}

function* controls(host: GenUIWidget): Generator<Control> {
  yield* host.shadowRoot?.querySelectorAll<Control>("input[name], select[name], textarea[name]") ?? [];
}

/** What an input's controls hold; undefined where it has none, and so says by itself what it holds. */
function read(host: GenUIWidget): Json | undefined {
  const all = [...controls(host)];
  const radios = all.filter((one): one is HTMLInputElement => one.type === "radio");
  if (radios.length > 0) return radios.find((one) => one.checked)?.value ?? "";
  const group = all.filter(isOneOfMany);
  if (group.length > 0) return group.filter((one) => one.checked).map((one) => one.value);
  const [control] = all;
  if (control instanceof HTMLInputElement && control.type === "checkbox") return control.checked;
  if (control instanceof HTMLInputElement && /^(?:range|number)$/.test(control.type)) return Number.isNaN(control.valueAsNumber) ? null : control.valueAsNumber;
  return control?.value;
}

/** A box with a value is one of a group, which holds the list of those that are checked. */
function isOneOfMany(control: Control): control is HTMLInputElement {
  return control.type === "checkbox" && control.hasAttribute("value");
}

function write(host: GenUIWidget, value: Json): void {
  const words = value === null ? "" : String(value);
  const chosen = new Set(Array.isArray(value) ? value.map(String) : []);
  for (const control of controls(host)) {
    if (isOneOfMany(control)) control.checked = chosen.has(control.value);
    else if (control instanceof HTMLInputElement && control.type === "checkbox") control.checked = value === true;
    else if (control instanceof HTMLInputElement && control.type === "radio") control.checked = control.value === words;
    else if (control.value !== words) control.value = words;
    control.dispatchEvent(new Event("input", { bubbles: true })); // for its own script: it does not leave the widget
  }
}
