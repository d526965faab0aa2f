/** A conversation that the server kept, back on the page. Loaded when there is one. */

import type { Act, Message, ThreadMessage } from "./client.ts";
import type { GenUIEvent } from "./events.ts";
import type { MountOptions } from "./mount.ts";
import type { Turn } from "./turn.ts";

/** What bringing one back needs of the page; `E` is a question there. */
export interface Place<E> {
  readonly options: MountOptions;
  readonly thread: string;
  ask(message: Message, act: Act | undefined): E;
  /** What can be done once was done. */
  use(entry: E, act: Act): void;
  /** A place for the answer to a question. */
  answer(entry: E): Turn;
  /** The answer is still being given: follow its run. */
  follow(entry: E, run: string): void;
}

export function replay<E>(messages: readonly ThreadMessage[], place: Place<E>): void {
  let entry: E | undefined;
  const used: [E, Act][] = []; // a widget can be used up after later ones were drawn
  for (const message of messages) {
    if (message.role === "user") {
      entry = place.ask({ role: "user", content: message.content }, message.action);
      if (message.action?.once) used.push([entry, message.action]);
    } else if (entry && message.run && message.state === "running") place.follow(entry, message.run);
    else if (entry && message.role === "assistant") answered(message, place.answer(entry), place);
  }
  for (const [one, act] of used) place.use(one, act);
}

function answered<E>({ run = "", content, events = [{ type: "text", text: content }], error, state }: ThreadMessage, turn: Turn, { options, thread }: Place<E>): void {
  const reason = state === undefined || state === "running" ? "stop" : state;
  const end: GenUIEvent = { type: "run-end", reason, ...(error ? { error } : {}) };
  for (const event of [{ type: "run-start", run, thread, protocol: "" } as const, ...events, end]) turn.show(event, options);
  turn.end();
}
