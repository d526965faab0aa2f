/**
 * Events in, a message tree out.
 *
 * The tree is grown in place, and `reduce` returns what an event has touched: one node, or the message
 * itself. A view brings just that up to date, so the work for a token does not grow with the length of the
 * answer. A reducer that returned a new tree instead would copy every list on the way for each token.
 */

import type { Activity, ComponentData, ComponentDelta, ComponentError, GenUIEvent, Props, RenderComponent, RunEnd, Status, Text, Thought } from "./events.ts";
import { LOAD_ERRORS } from "./events.ts";
import { applyOps } from "./ops.ts";

export interface TextNode {
  kind: "text";
  parent: ComponentNode | undefined;
  /** Markdown, piece by piece as it came: joined only when somebody needs the whole. */
  pieces: string[];
}

export interface StatusNode {
  kind: "status";
  parent: undefined;
  id: string;
  label: string;
  state: Activity;
  /** How long it took, when it is over. */
  seconds: number | undefined;
  /** Why it failed. */
  reason: string | undefined;
  /** What the model thinks meanwhile, piece by piece, where one may read it. */
  thoughts: string[];
}

export interface ComponentNode {
  kind: "component";
  id: string;
  /** The run that it stands in. */
  run: string;
  name: string;
  parent: ComponentNode | undefined;
  state: "streaming" | "complete";
  props: Props;
  data: Props;
  html: string | undefined;
  /** It in plain words, for ears and for the clipboard. */
  alt: string | undefined;
  error: ComponentError | undefined;
  /** The run is over: what has not come, of the component itself or its data, does not come any more. */
  over: boolean;
  /** Data has come, or will not. */
  loaded: boolean;
  /** Why no data came, though the component stands. */
  note: string | undefined;
  warnings: string[];
  children: TreeNode[];
}

export type TreeNode = TextNode | StatusNode | ComponentNode;

export interface MessageTree {
  kind: "message";
  run: string;
  thread: string;
  children: TreeNode[];
  components: Map<string, ComponentNode>;
  statuses: Map<string, StatusNode>;
  /** All is said, though data may still come. */
  settled: boolean;
  end: RunEnd | undefined;
}

export function emptyTree(): MessageTree {
  return { kind: "message", run: "", thread: "", children: [], components: new Map(), statuses: new Map(), settled: false, end: undefined };
}

/** Take one event in. Returns what is new or has changed, if anything. Events of no known type are ignored. */
export function reduce(tree: MessageTree, event: GenUIEvent): TreeNode | MessageTree | undefined {
  switch (event.type) {
    case "run-start":
      return Object.assign(tree, { run: event.run, thread: event.thread });
    case "answer-end":
      return Object.assign(tree, { settled: true });
    case "run-end":
      for (const node of tree.components.values()) node.over = true;
      return Object.assign(tree, { settled: true, end: event });
    case "text":
      return text(tree, event);
    case "status":
      return status(tree, event);
    case "thought":
      return thought(tree, event);
    case "render-component":
      return render(tree, event);
    case "component-delta":
    case "component-data":
      return grow(tree, event);
    case "component-error":
      return fail(tree, event);
    default:
      return undefined;
  }
}

/** All the Markdown under these nodes, without what components show: what the model wrote as prose. */
export function plainText(nodes: readonly TreeNode[]): string {
  return nodes.map((node) => (node.kind === "text" ? node.pieces.join("") : node.kind === "component" ? plainText(node.children) : "")).join("");
}

function text(tree: MessageTree, event: Text): TextNode {
  const siblings = childrenOf(tree, event.parent);
  const last = siblings.at(-1);
  if (last?.kind === "text") {
    last.pieces.push(event.text);
    return last;
  }
  const node: TextNode = { kind: "text", parent: parentOf(tree, event.parent), pieces: [event.text] };
  siblings.push(node);
  return node;
}

function status(tree: MessageTree, { id, label, state, seconds, reason }: Status): StatusNode {
  const known = tree.statuses.get(id);
  if (known) return Object.assign(known, { label, state, seconds, reason });
  const node: StatusNode = { kind: "status", parent: undefined, id, label, state, seconds, reason, thoughts: [] };
  tree.statuses.set(id, node);
  tree.children.push(node);
  return node;
}

function thought(tree: MessageTree, { id, text }: Thought): StatusNode | undefined {
  const node = tree.statuses.get(id);
  node?.thoughts.push(text);
  return node;
}

function render(tree: MessageTree, event: RenderComponent): ComponentNode {
  const { state, props, html, alt, warnings = [] } = event;
  const node = tree.components.get(event.id) ?? added(tree, event);
  if (node.state === "complete" && state === "streaming") return node; // a replayed frame never unseals
  Object.assign(node, { state, props: structuredClone(props), warnings, html: html ?? node.html, alt: alt ?? node.alt }); // deltas change props in place, never the event
  if (state === "complete") node.error = undefined; // it was repaired
  return node;
}

function added(tree: MessageTree, { id, name, parent }: RenderComponent): ComponentNode {
  const node: ComponentNode = {
    kind: "component",
    id,
    run: tree.run,
    name,
    parent: parentOf(tree, parent),
    state: "streaming",
    props: {},
    data: {},
    html: undefined,
    alt: undefined,
    error: undefined,
    over: false,
    loaded: false,
    note: undefined,
    warnings: [],
    children: [],
  };
  tree.components.set(id, node);
  childrenOf(tree, parent).push(node);
  return node;
}

function grow(tree: MessageTree, event: ComponentDelta | ComponentData): ComponentNode | undefined {
  const node = tree.components.get(event.id);
  if (!node) return undefined;
  if (event.type === "component-delta") {
    applyOps(node.props, event.ops);
    return node;
  }
  applyOps(node.data, event.ops);
  node.loaded = true;
  node.html = event.html ?? node.html;
  node.alt = event.alt ?? node.alt;
  return node;
}

function fail(tree: MessageTree, event: ComponentError): ComponentNode | undefined {
  const node = event.id === undefined ? undefined : tree.components.get(event.id);
  if (!node) return undefined;
  if (LOAD_ERRORS.has(event.code)) Object.assign(node, { loaded: true, note: event.message });
  else node.error = event;
  return node;
}

function parentOf(tree: MessageTree, id: string | undefined): ComponentNode | undefined {
  return id === undefined ? undefined : tree.components.get(id);
}

function childrenOf(tree: MessageTree, parent: string | undefined): TreeNode[] {
  return parentOf(tree, parent)?.children ?? tree.children;
}
