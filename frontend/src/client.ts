/**
 * The client: `connect({src}).run(messages)` is an async iterable of a run's events, in order and each once.
 *
 *     for await (const event of connect({ src }).run([{ role: "user", content: "Hello" }])) …
 *
 * A run lives on the server and belongs to no connection. So when a connection drops, or says nothing for
 * longer than three heartbeats, the client follows the run from the last event it has seen; only the very
 * first request, before `run-start`, cannot be resumed. Events are read when they are asked for: a loop that
 * is slow slows the server's sending down, and one that is left (`break`) closes the connection.
 */

import type { Failure, GenUIEvent, Props, Reason, Sequenced } from "./events.ts";
import { GenUIError, fromResponse } from "./errors.ts";
import { frames } from "./sse.ts";

export interface Message {
  role: "user" | "assistant" | "system";
  content: string;
}

/** A component as GET /v1/components describes it. */
export interface Definition {
  name: string;
  folder: string;
  description: string;
  inline: boolean;
  children: boolean;
  min_height: number;
  loads: boolean;
  /** The prop that holds what the reader enters, where it is an input. */
  bind?: string | null;
  /** The props that its script follows by itself. */
  live?: string[];
  /** Whether it comes with genui. */
  builtin: boolean;
  props: Props;
  style: string;
  script: string | null;
  examples: string[];
}

export interface Description {
  components: Definition[];
  starters: string[];
  model: { name: string; demo: boolean };
  /** Other origins that pictures may load from. */
  image_origins: string[];
}

/** What widgets carry: props for components of your own, HTML for the server's, or both. */
export type Render = "props" | "html" | "both";

/** A value, or what gives it: asked for with each request, so that one that has expired is replaced. */
export type Fresh<T> = T | (() => T | Promise<T>);

export interface ConnectOptions {
  /** Where the server is: the URL that `v1/` and `components/` stand under. On a page, relative to it. */
  src: string | URL;
  /** Sent with every request. */
  headers?: Fresh<Record<string, string>>;
  /** Sent with every request as `Authorization: Bearer …`. */
  token?: Fresh<string | undefined>;
  /** What widgets carry where a run does not say; `html` by default. */
  render?: Render;
  /** In place of the browser's own. */
  fetch?: typeof fetch;
  /** Milliseconds before the first attempt to reconnect; doubles with each that brings nothing. */
  backoff?: number;
  /** Milliseconds of silence after which a connection counts as broken (the server's heartbeat is 15 s). */
  silence?: number;
}

export interface RunOptions {
  thread?: string | undefined;
  /** The run after whose answer this is said, in place of what followed there; `"start"`: first of all. */
  afterRun?: string;
  /** All that was said in the thread before, be it nothing: sent along only when the server has forgotten the thread, or that answer. */
  earlier?: readonly Message[];
  /** What this run's widgets carry; by default what `connect` was told. */
  render?: Render;
  /** Aborting cancels the run on the server too, and ends the iteration. */
  signal?: AbortSignal;
  /** Called with the number of the attempt when the connection is lost, and with 0 when it is back. */
  onReconnect?: (attempt: number) => void;
}

export interface FollowOptions extends RunOptions {
  /** The number of the last event that is already known; 0 by default, for all of them. */
  after?: number;
}

/** One answer. Nothing is asked of the server before the first event is; it can be iterated once. */
export interface Run extends AsyncIterable<Sequenced> {
  /** Ask the server to stop; the run's last event then has the reason `cancelled`. */
  cancel(): Promise<void>;
}

/** A component to be drawn by itself. */
export interface Drawing {
  name: string;
  props: Props;
  data?: Props;
  /** `streaming` draws one of which some props are still missing; `complete` by default. */
  state?: "streaming" | "complete";
}

/** What it came to: `html`, or why there is none. */
export interface Drawn {
  html?: string;
  error?: { code: string; message: string };
}

/** What a reader did with a component that a run has rendered. */
export interface Act {
  run: string;
  component: string;
  action: string;
  values: Record<string, unknown>;
}

/** A tool that the MCP App in a component calls. */
export interface Call {
  run: string;
  component: string;
  tool: string;
  arguments: unknown;
  /** The reader was asked the `question` that came before. */
  confirmed: boolean;
}

/** What it answered, as MCP has it; or what the reader is to be asked before it is called. */
export interface Called {
  result?: object;
  question?: string;
}

/** An action that was accepted: the message that it has become, and the run that answers it. */
export interface Acted {
  message: Message;
  /** It cannot be done again. */
  once: boolean;
  run: Run;
}

/** A message as a thread keeps it. An assistant's has the few events that show the same as all of its run's did. */
export interface ThreadMessage {
  role: "user" | "assistant";
  content: string;
  run?: string;
  /** How the run ended, or that it still runs: then `follow` it, after the events here. */
  state?: Reason | "running";
  error?: Failure;
  events?: GenUIEvent[];
  /** What was done with a widget; `once`: it cannot be done again. */
  action?: Act & { once?: boolean };
}

export interface Thread {
  thread: string;
  messages: ThreadMessage[];
}

/** Each method raises GenUIError: at once, or from the iteration of the run that it returns. */
export interface Client {
  readonly base: URL;
  /** The components, what to ask, and which model answers. */
  describe(): Promise<Description>;
  /** Ask: the whole conversation, or in a thread that the server knows just the next message. */
  run(messages: readonly Message[], options?: RunOptions): Run;
  /** A run that is known by its id, from its first event or from any other. */
  follow(run: string, options?: FollowOptions): Run;
  /** Components drawn by themselves, from props and data that are given. */
  render(components: readonly Drawing[]): Promise<Drawn[]>;
  /** The events of a text that some model has written already. */
  recognize(text: string, options?: RunOptions): Run;
  /** Do what a reader did with a widget. */
  act(act: Act, options?: RunOptions): Promise<Acted>;
  /** Answer what a running answer asks: no new run begins. */
  reply(act: Act): Promise<void>;
  /** Call a tool for an MCP App. */
  call(call: Call): Promise<Called>;
  /** A conversation, ready to render again. */
  thread(id: string, options?: { render?: Render }): Promise<Thread>;
}

const ATTEMPTS = 12; // over half a minute at least
const LONGEST_PAUSE = 10_000;
const TO_BEGIN = 5_000; // milliseconds that a run which is stopped may take to begin, so that it can be ended
const STREAM = { Accept: "text/event-stream" };
const MOST_DRAWINGS = 100;

export function connect(options: ConnectOptions): Client {
  const wire = new Wire(options);
  return {
    base: wire.base,
    describe: () => wire.json<Description>("v1/components"),
    run: (messages, runOptions = {}) => new Follower(wire, (signal) => begin(wire, messages, runOptions, signal), runOptions),
    follow: (run, runOptions = {}) => following(wire, run, runOptions),
    recognize: (text, runOptions = {}) => new Follower(wire, (signal) => recognize(wire, text, runOptions, signal), runOptions),
    render: (components) => render(wire, components),
    act: (one, runOptions = {}) => act(wire, one, runOptions),
    reply: (one) => wire.json("v1/actions", one),
    call: (one) => wire.json("v1/mcp/call", one),
    thread: (id, { render = wire.render } = {}) => wire.json<Thread>(`v1/threads/${encodeURIComponent(id)}?render=${render}`),
  };
}

async function begin(wire: Wire, messages: readonly Message[], options: RunOptions, signal: AbortSignal): Promise<Response> {
  const { thread, afterRun, earlier, render = wire.render } = options;
  const post = async (all: readonly Message[], more: Record<string, unknown>): Promise<Response> => {
    if (thread) await wire.ending;
    const messages = all.map(({ role, content }) => ({ role, content }));
    return wire.post("v1/runs", { messages, render, ...more }, { headers: STREAM, signal });
  };
  return post(messages, { thread: thread || undefined, after: afterRun || undefined }).catch((error: unknown) => {
    const forgotten = error instanceof GenUIError && (error.code === "unknown-thread" || (afterRun && error.code === "unknown-run"));
    const whole = [...(earlier ?? []), ...messages];
    if (!forgotten || !(earlier || afterRun)) throw error;
    return post(whole, thread && whole.length > 1 ? { thread } : {}); // one message alone would be said in a thread that is gone
  });
}

function recognize(wire: Wire, text: string, { render = wire.render }: RunOptions, signal: AbortSignal): Promise<Response> {
  const headers = { ...STREAM, "Content-Type": "text/plain" };
  return wire.request(`v1/recognize?render=${render}`, { method: "POST", headers, body: text, signal });
}

/** Asked for in parts, as large as the server takes them. */
async function render(wire: Wire, components: readonly Drawing[]): Promise<Drawn[]> {
  const drawn: Drawn[] = [];
  for (let at = 0; at < components.length; at += MOST_DRAWINGS) {
    drawn.push(...(await wire.json<{ renders: Drawn[] }>("v1/render", { components: components.slice(at, at + MOST_DRAWINGS) })).renders);
  }
  return drawn;
}

async function act(wire: Wire, one: Act, options: RunOptions): Promise<Acted> {
  await wire.ending;
  const body = { ...one, render: options.render ?? wire.render };
  const { run, ...acted } = await wire.json<{ run: string; message: Message; once: boolean }>("v1/actions", body);
  return { ...acted, run: following(wire, run, options) };
}

function following(wire: Wire, run: string, options: FollowOptions): Run {
  const { after = 0 } = options;
  return new Follower(wire, (signal) => wire.events(run, after, signal), options, run, after);
}

/** Requests to one server. */
class Wire {
  readonly base: URL;
  readonly backoff: number;
  readonly silence: number;
  readonly render: Render;
  readonly #options: ConnectOptions;
  readonly #fetch: typeof fetch;
  /** Of all runs that were stopped: a thread gives one answer at a time, so that what is asked in one waits for it. */
  ending: Promise<unknown> = Promise.resolve();

  constructor(options: ConnectOptions) {
    const { src, render = "html", fetch = globalThis.fetch, backoff = 300, silence = 45_000 } = options;
    this.base = new URL(src, globalThis.document?.baseURI);
    if (!this.base.pathname.endsWith("/")) this.base.pathname += "/";
    this.backoff = backoff;
    this.silence = silence;
    this.render = render;
    this.#options = options;
    this.#fetch = fetch.bind(globalThis);
  }

  /** The answer, when it is a good one. Raises GenUIError for any other, or for none. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(await this.#own()), ...(init.headers as Record<string, string> | undefined) };
    const response = await this.#fetch(new URL(path, this.base), { ...init, headers }).catch((cause: unknown) => {
      throw new GenUIError("network", "The server could not be reached. Check the connection and try again.", 0, cause);
    });
    if (!response.ok) throw await fromResponse(response);
    return response;
  }

  async json<T>(path: string, body?: unknown): Promise<T> {
    return (await (await (body ? this.post(path, body) : this.request(path))).json()) as T;
  }

  /** The events of a run after one of them; 0 for all. */
  events(run: string, after: number, signal: AbortSignal): Promise<Response> {
    const headers = after > 0 ? { ...STREAM, "Last-Event-ID": String(after) } : STREAM;
    return this.request(`v1/runs/${encodeURIComponent(run)}/events`, { headers, signal });
  }

  post(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
    const headers = { "Content-Type": "application/json", ...(init.headers as Record<string, string> | undefined) };
    return this.request(path, { ...init, method: "POST", headers, body: JSON.stringify(body) });
  }

  async #own(): Promise<Record<string, string>> {
    const { headers = {}, token } = this.#options;
    const [own, bearer] = await Promise.all([fresh(headers), fresh(token)]);
    return bearer ? { ...own, Authorization: `Bearer ${bearer}` } : own;
  }
}

/** A value as it is now. */
export function fresh<T>(value: Fresh<T>): T | Promise<T> {
  return typeof value === "function" ? (value as () => T | Promise<T>)() : value;
}

/** Follows one run over as many connections as it takes. */
class Follower implements Run {
  readonly #wire: Wire;
  readonly #begin: (signal: AbortSignal) => Promise<Response>;
  readonly #options: RunOptions;
  readonly #connection = new AbortController();
  #run: string;
  #seq: number;
  #ended = false;
  #cancelled = false;
  #named = (): void => undefined;
  #begun: Promise<void> | undefined; // since the server was asked: when the run has its name, or will have none

  constructor(wire: Wire, begin: (signal: AbortSignal) => Promise<Response>, options: RunOptions, run = "", after = 0) {
    this.#wire = wire;
    this.#begin = begin;
    this.#options = options;
    this.#run = run;
    this.#seq = after;
  }

  cancel(): Promise<void> {
    this.#cancelled = true;
    const end = this.#end();
    this.#wire.ending = Promise.allSettled([this.#wire.ending, end]);
    return end;
  }

  /** On the server, too: a run that was asked for goes on there, whether or not its beginning has arrived. */
  async #end(): Promise<void> {
    if (!this.#run) {
      AbortSignal.timeout(TO_BEGIN).onabort = this.#named;
      await this.#begun;
    }
    if (this.#ended) return;
    if (!this.#run) return this.#connection.abort();
    await this.#wire.request(`v1/runs/${encodeURIComponent(this.#run)}/cancel`, { method: "POST", signal: AbortSignal.timeout(this.#wire.silence) });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Sequenced, void, void> {
    const { signal } = this.#options;
    const abort = (): void => {
      this.cancel().catch(() => undefined);
      void Promise.resolve(this.#run || this.#begun).then(() => this.#connection.abort());
    };
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted) return;
      for await (const event of this.#follow()) {
        if (signal?.aborted) return;
        yield event;
      }
    } catch (error) {
      if (!this.#connection.signal.aborted) throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#named();
      this.#connection.abort();
    }
  }

  async *#follow(): AsyncGenerator<Sequenced, void, void> {
    this.#begun = new Promise((resolve) => (this.#named = resolve));
    const first = await this.#begin(this.#connection.signal);
    if (first.status === 204) return;
    yield* this.#read(first);
    for (let attempt = 1; !this.#ended; attempt += 1) {
      const before = this.#seq;
      this.#options.onReconnect?.(attempt);
      await this.#pause(attempt);
      const response = await this.#resume(attempt);
      if (!response) continue;
      this.#options.onReconnect?.(0);
      if (response.status === 204) return;
      yield* this.#read(response);
      if (this.#seq > before) attempt = 0;
    }
  }

  /** The rest of the run; undefined when it is worth another try. */
  async #resume(attempt: number): Promise<Response | undefined> {
    if (!this.#run) throw new GenUIError("lost", "The connection was lost before the answer began.");
    try {
      return await this.#wire.events(this.#run, this.#seq, this.#connection.signal);
    } catch (error) {
      if (!(error instanceof GenUIError) || this.#cancelled) throw error;
      const forgotten = error.code === "unknown-run"; // by a server that has begun anew
      const transient = error.status === 0 || error.status >= 500 || error.status === 429;
      if (!(transient || forgotten)) throw error;
      if (forgotten || attempt >= ATTEMPTS) throw new GenUIError("lost", "The connection was lost and could not be restored.", 0, error);
      return undefined;
    }
  }

  /** The events of one response that have not been seen, until it ends, breaks or falls silent. */
  async *#read(response: Response): AsyncGenerator<Sequenced, void, void> {
    if (!response.body) return;
    const source = frames(this.#watched(response.body));
    try {
      for await (const { id, data } of source) {
        const event = this.#accept(id, data);
        if (!event) continue;
        yield event;
        if (this.#ended) return;
      }
    } catch (error) {
      if (this.#connection.signal.aborted || error instanceof GenUIError) throw error; // else it broke: follow again
    }
  }

  #accept(id: string | undefined, data: string): Sequenced | undefined {
    const seq = Number(id ?? this.#seq + 1);
    if (seq <= this.#seq) return undefined;
    const event = parse(data);
    this.#seq = seq;
    if (event.type === "run-start") {
      this.#run = event.run;
      this.#named();
    }
    if (event.type === "run-end") this.#ended = true;
    return { ...event, seq };
  }

  /** The same bytes; breaks off when none come for longer than heartbeats allow (a phone that slept, a dead proxy). */
  #watched(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader();
    const wire = this.#wire;
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller): Promise<void> {
          const timer = setTimeout(() => void reader.cancel().catch(() => undefined), wire.silence);
          const { done, value } = await reader.read().finally(() => clearTimeout(timer));
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  }

  async #pause(attempt: number): Promise<void> {
    const longest = Math.min(this.#wire.backoff * 2 ** (attempt - 1), LONGEST_PAUSE);
    const { signal } = this.#connection;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2)); // apart, when many lost the same server
      signal.onabort = () => resolve(clearTimeout(timer));
    });
  }
}

function parse(data: string): GenUIEvent {
  try {
    return JSON.parse(data) as GenUIEvent;
  } catch {
    throw new GenUIError("protocol", `The server sent an event that is not JSON: ${data.slice(0, 80)}`);
  }
}
