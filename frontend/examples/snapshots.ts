/**
 * The answer of another protocol's client, in the form that genui mounts.
 *
 * Such a client keeps an answer as a state that is replaced as it grows; `tell` takes each state in, and finds
 * out what is new in it. Copy this file to yours.
 */

import { emptyTree, reduce } from "../../genui/static/embed.js";
import type { GenUIEvent, Library, MessageTree, Props, TreeNode } from "../../genui/static/embed.js";

/** A stretch of Markdown. `parent` is the id of the component that it stands in. */
export interface TextPart {
  text: string;
  parent?: string | undefined;
}

export interface ComponentPart {
  id: string;
  name: string;
  state: "streaming" | "complete" | "error";
  props: Props;
  parent?: string | undefined;
  data?: Props;
  html?: string;
  alt?: string;
  note?: string;
  error?: { code: string; message: string };
}

export type Act = (component: string, action: string, values: Record<string, unknown>) => Promise<void>;

/** What `GenUIMessage` and `mount` show. */
export class Answer {
  readonly role = "assistant";
  readonly content = "";
  readonly tree: MessageTree = emptyTree();
  readonly #said: number[] = []; // how much is known of each text, in their order
  readonly #shown = new Map<string, string>();
  readonly #watchers = new Set<(changed: TreeNode | MessageTree | undefined) => void>();

  /** `act` sends what a reader did with one of its components. */
  constructor(
    readonly library: Promise<Library>,
    readonly act: Act,
  ) {}

  watch(tell: (changed: TreeNode | MessageTree | undefined) => void): () => void {
    this.#watchers.add(tell);
    return () => void this.#watchers.delete(tell);
  }

  /** All of the answer that there is, in its order; `over` when nothing more comes. */
  tell(parts: readonly (TextPart | ComponentPart)[], over: boolean): void {
    let texts = 0;
    for (const part of parts) {
      if ("text" in part) this.#text(part, texts++);
      else this.#component(part);
    }
    if (over && !this.tree.end) this.#take({ type: "run-end", reason: "stop" });
  }

  #text({ text, parent }: TextPart, at: number): void {
    const known = this.#said[at] ?? 0;
    this.#said[at] = Math.max(known, text.length);
    if (text.length > known) this.#take({ type: "text", text: text.slice(known), ...(parent ? { parent } : {}) });
  }

  #component(part: ComponentPart): void {
    const seen = JSON.stringify(part);
    if (this.#shown.get(part.id) === seen) return;
    this.#shown.set(part.id, seen);
    const { id, name, props, parent, data = {}, html, alt, state, note } = part;
    const more = { ...(parent && { parent }), ...(html !== undefined && { html }), ...(alt !== undefined && { alt }) };
    this.#take({ type: "render-component", id, name, props, state: state === "complete" ? state : "streaming", ...more });
    const ops = Object.entries(data).map(([key, value]) => ({ op: "set", path: `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, value }) as const);
    if (ops.length > 0) this.#take({ type: "component-data", id, ops });
    const error = part.error ?? (note === undefined ? undefined : { code: "load-failed", message: note });
    if (error) this.#take({ type: "component-error", id, name, source: "", ...error });
  }

  #take(event: GenUIEvent): void {
    const changed = reduce(this.tree, event);
    for (const tell of this.#watchers) tell(changed);
  }
}
