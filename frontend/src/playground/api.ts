/** The playground's routes, typed. Errors are GenUIError, with the server's code and words. */

import type { Definition } from "../client.ts";
import { GenUIError } from "../errors.ts";
import type { GenUIEvent, Json } from "../events.ts";

export interface Place {
  root: string;
  folder: string;
}

export interface Listed extends Place {
  readonly: boolean;
  /** Changes when a file of it does. */
  hash: string;
}

export interface Listing {
  components: Listed[];
  roots: { root: string; name: string }[];
}

export interface Start extends Listing {
  /** Where the frame is that shows widgets. */
  frame: string;
  model: { name: string; demo: boolean };
  starters: string[];
}

export interface SourceFile {
  text: string;
  hash: string;
}

export type Files = Record<string, SourceFile>;

export interface DraftFiles {
  folder: string;
  files: Record<string, string>;
}

export interface Finding {
  file: string;
  line: number;
  code: string;
  message: string;
  severity: "error" | "warning";
}

export interface Checked {
  findings: Finding[];
  name: string | null;
  examples: string[];
  loads: boolean;
  prompt: string;
}

export type Chunking = "token" | "character" | "worst" | "whole";

export interface Step {
  text: string;
  events: GenUIEvent[];
  held: string;
  inside: "prose" | "tag" | "hidden" | "end";
}

export interface Trace {
  steps: Step[];
  definitions: Definition[];
}

export interface TraceRequest {
  text?: string;
  chunking?: Chunking;
  pieces?: string[];
  draft?: DraftFiles | undefined;
  data?: { [name: string]: { [key: string]: Json } };
}

export interface Change {
  text: string | null;
  base: string | null;
}

export interface Asked {
  run: string;
  prompt: string;
  prompt_tokens: number;
  exact: boolean;
  definitions: Definition[];
}

export interface Transcript {
  pieces: { at: number; text: string }[];
  tokens: number;
  tokens_are: "counted" | "estimated";
}

/** The files of a save that are not as they were: what stands there now, null where nothing does. */
export class ConflictError extends GenUIError {
  readonly files: Record<string, SourceFile | null>;

  constructor(message: string, files: Record<string, SourceFile | null>) {
    super("changed-on-disk", message, 409);
    this.files = files;
  }
}

export const api = {
  start: (): Promise<Start> => get("start"),
  list: (): Promise<Listing> => get("components"),
  read: async (place: Place): Promise<Files> => (await post<{ files: Files }>("read", place)).files,
  check: (draft: DraftFiles, signal?: AbortSignal): Promise<Checked> => post("check", { draft }, signal),
  trace: (request: TraceRequest, signal?: AbortSignal): Promise<Trace> => post("trace", request, signal),
  save: async (place: Place, files: Record<string, Change>): Promise<Files> => (await post<{ files: Files }>("save", { ...place, files })).files,
  create: (root: string, name: string, files?: Record<string, string>): Promise<Place> => post("new", { root, name, files: files ?? null }),
  duplicate: (place: Place, to: string, name: string): Promise<Place> => post("duplicate", { ...place, to, name }),
  script: async (text: string): Promise<string> => (await post<{ address: string }>("script", { text })).address,
  recording: (text: string): Promise<{ pieces: string[]; note: string }> => post("recording", { text }),
  ask: (content: string, components: string[] | null): Promise<Asked> => post("ask", { messages: [{ role: "user", content }], components }),
  transcript: (run: string): Promise<Transcript> => get(`asks/${encodeURIComponent(run)}`),
};

function get<T>(path: string): Promise<T> {
  return request(path, {});
}

function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return request(path, signal ? { ...init, signal } : init);
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(new URL(`playground/${path}`, document.baseURI), init).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new GenUIError("network", "The server does not answer. Is it still running?", 0, cause);
  });
  const body = (await response.json().catch(() => ({}))) as { error?: { code: string; message: string }; files?: Record<string, SourceFile | null> };
  if (response.ok) return body as T;
  const { code, message } = body.error ?? { code: "http", message: `The server answered ${response.status}.` };
  if (code === "changed-on-disk") throw new ConflictError(message, body.files ?? {});
  throw new GenUIError(code, message, response.status);
}
