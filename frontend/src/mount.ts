/**
 * A message tree onto a page. Everything is appended in order and nothing that stands is rebuilt.
 *
 *     const mounted = mount(tree, element, { library, components });
 *     for await (const event of run) mounted.update(reduce(tree, event));
 *
 * `library` brings the server's own widgets; `components` are the page's, and win.
 */

import messageCss from "./styles/message.css";
import themeCss from "./theme.css";
import { Custom } from "./custom.ts";
import type { CustomComponent, Standing } from "./custom.ts";
import { Dedent } from "./dedent.ts";
import { adopt, h, sheet } from "./dom.ts";
import { preload } from "./lazy.ts";
import { Library } from "./library.ts";
import { Prose } from "./prose.ts";
import type { MessageState } from "./state.ts";
import { Steps } from "./steps.ts";
import type { ComponentNode, MessageTree, StatusNode, TextNode, TreeNode } from "./tree.ts";
import { defineWidget } from "./widget.ts";

export interface MountOptions {
  /** What the server's widgets need: `await Library.load(client)`. Without it only the page's own are shown. */
  library?: Library;
  /** Components of the page's own, by their names; they take the place of the server's. */
  components?: { readonly [name: string]: CustomComponent };
}

export interface Mounted {
  /** Show what `reduce` returned. */
  update(changed: TreeNode | MessageTree | undefined): void;
  /** All is said: close what is open. Data may still come. `update` does it at the event that says so. */
  settle(): void;
  /** Nothing more comes. `update` does it at the run's end; a run that was lost has none. */
  end(): void;
  /** Take the message off the page. */
  destroy(): void;
}

/** A quick look: what is really bound, the module for it knows. */
const BOUND = /\$[A-Za-z_]/;

let sheets: CSSStyleSheet[] | undefined;

export function mount(tree: MessageTree, element: HTMLElement, options: MountOptions = {}): Mounted {
  defineWidget();
  void preload();
  const root = element.getRootNode();
  if (root instanceof Document) adopt(root, ...(sheets ??= pageSheets()));
  element.classList.add("genui-message");
  const mounted = new Mount(element, options);
  mounted.showAll(tree.children);
  mounted.update(tree);
  return mounted;
}

/** The look of messages, for a shadow root that mounts them. */
export const messageStyles = messageCss;

/** On a bare page the tokens stand on :root with no weight at all, so that any rule of the page's wins. */
function pageSheets(): CSSStyleSheet[] {
  return [sheet(themeCss.replace(":host", ":where(:root)")), sheet(messageCss)];
}

class Mount implements Mounted {
  readonly #element: HTMLElement;
  readonly #library: Library;
  readonly #components: Map<string, CustomComponent>;
  readonly #root: Flow;
  readonly #flows = new Map<ComponentNode, ComponentFlow>();
  #state: MessageState | undefined;
  #binding = false;
  #settled = false;

  constructor(element: HTMLElement, { library, components = {} }: MountOptions) {
    this.#element = element;
    this.#library = library ?? new Library([], new URL(document.baseURI));
    this.#components = new Map(Object.entries(components)); // not the object itself: a model names what is looked up
    this.#root = new Flow(element, this.#library);
  }

  showAll(nodes: readonly TreeNode[]): void {
    for (const node of nodes) {
      this.update(node);
      if (node.kind === "component") this.showAll(node.children);
    }
  }

  update(changed: TreeNode | MessageTree | undefined): void {
    if (!changed) return;
    if (changed.kind === "message") return this.#message(changed);
    const flow = (changed.parent && this.#flows.get(changed.parent)) ?? this.#root;
    if (changed.kind === "text") flow.text(changed);
    else if (changed.kind === "status") flow.status(changed);
    else this.#component(changed, flow);
  }

  settle(): void {
    for (const flow of [...this.#flows.values(), this.#root]) flow.end();
    this.#settled = true;
    this.#state?.settle();
  }

  end(): void {
    this.settle();
    for (const { host } of this.#flows.values()) host.finish();
  }

  destroy(): void {
    for (const { host } of this.#flows.values()) host.destroy();
    this.#flows.clear();
    this.#element.replaceChildren();
  }

  #message({ settled, end }: MessageTree): void {
    if (end) this.end();
    else if (settled) this.settle();
  }

  #component(node: ComponentNode, flow: Flow): void {
    const own = this.#flows.get(node) ?? this.#added(node, flow);
    own.host.show(this.#state?.shown(node) ?? node);
    if (node.state !== "complete") return;
    own.end();
    this.#state?.take(node, own.host);
    if (!this.#binding && BOUND.test(JSON.stringify(node.props))) void this.#bind();
  }

  /** Something is bound: keep the state of this message from now on. */
  async #bind(): Promise<void> {
    this.#binding = true;
    try {
      const { MessageState } = await this.#library.state();
      this.#state = new MessageState(this.#element, this.#library);
      for (const [node, { host }] of this.#flows) this.#state.take(node, host);
      if (this.#settled) this.#state.settle();
    } catch (error) {
      console.error("genui: a part of it could not be loaded.", error);
    }
  }

  #added(node: ComponentNode, flow: Flow): ComponentFlow {
    const kit = this.#library.kit(node.name);
    const custom = this.#components.get(node.name);
    const { draw, inline = kit.inline } = typeof custom === "function" ? { draw: custom } : (custom ?? {});
    const host = draw ? new Custom(node.name, draw, inline, this.#library.words) : document.createElement("genui-widget").equip(kit);
    const own = new ComponentFlow(host, this.#library);
    this.#flows.set(node, own);
    flow.component(host.element, inline);
    return own;
  }
}

/** What stands one after another in a message or in a component. */
class Flow {
  readonly #element: HTMLElement;
  readonly #seen = new Map<TextNode, number>();
  readonly #library: Library;
  readonly #statuses = new Map<StatusNode, Steps>();
  #prose: Prose | undefined;
  #said: HTMLElement | undefined; // what the last text stands in

  constructor(element: HTMLElement, library: Library) {
    this.#element = element;
    this.#library = library;
  }

  /** Draw the pieces of a text that are new. */
  text(node: TextNode): void {
    const seen = this.#seen.get(node) ?? 0;
    this.#seen.set(node, node.pieces.length);
    this.write(node.pieces.slice(seen).join(""));
  }

  status(node: StatusNode): void {
    (this.#statuses.get(node) ?? this.#steps(node)).show(node);
  }

  /** Put a component next: into the line that is being written, or after it. */
  component(element: HTMLElement, inline: boolean): void {
    if (inline) return this.#openProse().insert(element);
    if (this.#said?.matches(":dir(rtl)")) element.dir = "rtl"; // as the text before it
    this.#closeProse();
    this.#element.append(element);
  }

  end(): void {
    this.#closeProse();
  }

  protected write(text: string): void {
    if (this.#prose) this.#prose.write(text);
    else if (text.trim() !== "") this.#openProse().write(text); // blank lines alone make no paragraph
  }

  #openProse(): Prose {
    if (this.#prose) return this.#prose;
    const element = h("div", { class: "genui-prose", dir: "auto" });
    this.#element.append(element);
    this.#said = element;
    return (this.#prose = new Prose(element, this.#library));
  }

  #closeProse(): void {
    this.#prose?.end();
    this.#prose = undefined;
  }

  /** Steps without anything between them are one activity. */
  #steps(node: StatusNode): Steps {
    this.#closeProse();
    const last = [...this.#statuses.values()].at(-1);
    const steps = last && last.element === this.#element.lastElementChild ? last : new Steps(this.#library.words);
    this.#statuses.set(node, steps);
    this.#element.append(steps.element);
    return steps;
  }
}

/** A component's children, written with the model's own indentation. */
class ComponentFlow extends Flow {
  readonly host: Standing;
  readonly #dedent = new Dedent();

  constructor(host: Standing, library: Library) {
    super(host.inside, library);
    this.host = host;
  }

  override end(): void {
    super.end();
    this.host.settle();
  }

  protected override write(text: string): void {
    super.write(this.#dedent.feed(text));
  }
}
