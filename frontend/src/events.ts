/** The events of protocol `genui/1`, as they arrive: genui/events.py is the truth, docs/protocol.md says it in words. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Props = { [key: string]: Json };

/** One change to a component's props or data; `path` is a JSON Pointer (RFC 6901). */
export interface Op {
  op: "set" | "append" | "push";
  path: string;
  value: Json;
}

export interface Failure {
  code: string;
  message: string;
}

export type Activity = "running" | "done" | "failed";
export type Reason = "stop" | "length" | "cancelled" | "error";

export interface RunStart {
  type: "run-start";
  run: string;
  thread: string;
  protocol: string;
}

export interface Status {
  type: "status";
  id: string;
  label: string;
  state: Activity;
  /** How long it took, when it is over. */
  seconds?: number;
  /** Why it failed, in words for people. */
  reason?: string;
}

/** What the model thinks, to append to what it thought under the status `id`. */
export interface Thought {
  type: "thought";
  id: string;
  text: string;
}

export interface Text {
  type: "text";
  text: string;
  parent?: string;
}

export interface RenderComponent {
  type: "render-component";
  id: string;
  name: string;
  state: "streaming" | "complete";
  props: Props;
  parent?: string;
  html?: string;
  /** The widget in plain words, once its attributes are whole. */
  alt?: string;
  warnings?: string[];
}

export interface ComponentDelta {
  type: "component-delta";
  id: string;
  ops: Op[];
}

export interface ComponentData {
  type: "component-data";
  id: string;
  ops: Op[];
  html?: string;
  alt?: string;
}

export interface ComponentError {
  type: "component-error";
  id?: string;
  name: string;
  code: string;
  message: string;
  source: string;
}

/** Errors after which a component stands, with what the model wrote: only its data does not come. */
export const LOAD_ERRORS: ReadonlySet<string> = new Set(["load-failed", "load-timeout"]);

export interface AnswerEnd {
  type: "answer-end";
}

export interface RunEnd {
  type: "run-end";
  reason: Reason;
  error?: Failure;
  usage?: Record<string, number>;
}

export type GenUIEvent =
  | RunStart
  | Status
  | Thought
  | Text
  | RenderComponent
  | ComponentDelta
  | ComponentData
  | ComponentError
  | AnswerEnd
  | RunEnd;

/** An event and its place in its run: 1 for the first, rising by one. */
export type Sequenced = GenUIEvent & { seq: number };
