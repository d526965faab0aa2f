/**
 * A message tree onto a page. Everything is appended in order and nothing that stands is rebuilt.
 *
 *     const mounted = mount(tree, element, { library });
 *     for await (const event of run) mounted.update(reduce(tree, event));
 */

import messageCss from "./styles/message.css";
import themeCss from "./theme.css";
import { Dedent } from "./dedent.ts";
import { adopt, h, sheet } from "./dom.ts";
import type { Library } from "./library.ts";
import { Markdown } from "./markdown.ts";
import type { MessageState } from "./state.ts";
import { StatusLine } from "./statusline.ts";
import type { ComponentNode, MessageTree, StatusNode, TextNode, TreeNode } from "./tree.ts";
import { defineWidget } from "./widget.ts";
import type { GenUIWidget } from "./widget.ts";

export interface Mounted {
  /** Show a node that `reduce` returned. */
  update(node: TreeNode | undefined): void;
  /** All is said: close what is open. Data may still come. */
  settle(): void;
  /** The run is over: nothing more comes. */
  end(): void;
}

/** A quick look: what is really bound, the module for it knows. */
const BOUND = /\$[A-Za-z_]/;

let sheets: CSSStyleSheet[] | undefined;

export function mount(tree: MessageTree, element: HTMLElement, { library }: { library: Library }): Mounted {
  defineWidget();
  const root = element.getRootNode();
  if (root instanceof Document) adopt(root, ...(sheets ??= pageSheets()));
  element.classList.add("genui-message");
  const mounted = new Mount(element, library);
  mounted.showAll(tree.children);
  if (tree.end) mounted.end();
  return mounted;
}

/** The look of messages, for a shadow root that mounts them. */
export const messageStyles = messageCss;

/** On a bare page the tokens stand on :root with no weight at all, so that any rule of the page's wins. */
function pageSheets(): CSSStyleSheet[] {
  return [sheet(themeCss.replace(":host", ":where(:root)")), sheet(messageCss)];
}

class Mount implements Mounted {
  readonly #library: Library;
  readonly #root: Flow;
  readonly #flows = new Map<ComponentNode, WidgetFlow>();
  readonly #element: HTMLElement;
  #state: MessageState | undefined;
  #binding = false;
  #settled = false;

  constructor(element: HTMLElement, library: Library) {
    this.#element = element;
    this.#library = library;
    this.#root = new Flow(element);
  }

  showAll(nodes: readonly TreeNode[]): void {
    for (const node of nodes) {
      this.update(node);
      if (node.kind === "component") this.showAll(node.children);
    }
  }

  update(node: TreeNode | undefined): void {
    if (!node) return;
    const flow = (node.parent && this.#flows.get(node.parent)) ?? this.#root;
    if (node.kind === "text") flow.text(node);
    else if (node.kind === "status") flow.status(node);
    else this.#component(node, flow);
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
      console.error("genui: the state of a message could not be loaded.", error);
    }
  }

  #added(node: ComponentNode, flow: Flow): WidgetFlow {
    const kit = this.#library.kit(node.name);
    const host = document.createElement("genui-widget").equip(kit);
    const own = new WidgetFlow(host);
    this.#flows.set(node, own);
    flow.widget(host, kit.inline);
    return own;
  }
}

/** What stands one after another in a message or in a component. */
class Flow {
  readonly #element: HTMLElement;
  readonly #seen = new Map<TextNode, number>();
  readonly #statuses = new Map<StatusNode, StatusLine>();
  #prose: Markdown | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  /** Draw the pieces of a text that are new. */
  text(node: TextNode): void {
    const seen = this.#seen.get(node) ?? 0;
    this.#seen.set(node, node.pieces.length);
    this.write(node.pieces.slice(seen).join(""));
  }

  status(node: StatusNode): void {
    (this.#statuses.get(node) ?? this.#statusLine(node)).show(node);
  }

  /** Put a widget next: into the line that is being written, or after it. */
  widget(host: GenUIWidget, inline: boolean): void {
    if (inline) return this.#openProse().insert(host);
    this.#closeProse();
    this.#element.append(host);
  }

  end(): void {
    this.#closeProse();
  }

  protected write(text: string): void {
    if (this.#prose) this.#prose.write(text);
    else if (text.trim() !== "") this.#openProse().write(text); // blank lines alone make no paragraph
  }

  #openProse(): Markdown {
    if (this.#prose) return this.#prose;
    const element = h("div", { class: "genui-prose", dir: "auto" });
    this.#element.append(element);
    return (this.#prose = new Markdown(element));
  }

  #closeProse(): void {
    this.#prose?.end();
    this.#prose = undefined;
  }

  #statusLine(node: StatusNode): StatusLine {
    this.#closeProse();
    const line = new StatusLine();
    this.#statuses.set(node, line);
    this.#element.append(line.element);
    return line;
  }
}

/** A component's children: light DOM of its host, written with the model's own indentation. */
class WidgetFlow extends Flow {
  readonly host: GenUIWidget;
  readonly #dedent = new Dedent();

  constructor(host: GenUIWidget) {
    super(host);
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
