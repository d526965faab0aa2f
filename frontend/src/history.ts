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
  /** It has used up a widget, which is locked now. */
  used(entry: E, unlock: () => void): void;
  /** A place for the answer to a question. */
  answer(entry: E): Turn;
  /** The answer is still being given: follow its run. */
  follow(entry: E, run: string): void;
}

export function replay<E>(messages: readonly ThreadMessage[], place: Place<E>): void {
  let entry: E | undefined;
  const turns = new Map<string, Turn>();
  for (const message of messages) {
    if (message.role === "user") {
      entry = place.ask({ role: "user", content: message.content }, message.action);
      const unlock = message.action?.once && lock(turns, message.action);
      if (unlock) place.used(entry, unlock);
    } else if (entry && message.run && message.state === "running") place.follow(entry, message.run);
    else if (entry && message.role === "assistant") {
      const turn = place.answer(entry);
      answered(message, turn, place);
      turns.set(turn.run, turn);
    }
  }
}

/** Let nobody use the component of an earlier answer that was used up; what undoes that. */
function lock(turns: ReadonlyMap<string, Turn>, { run, component }: Act): (() => void) | undefined {
  const widgets = turns.get(run)?.element.querySelectorAll("genui-widget") ?? [];
  return [...widgets].find((widget) => widget.component === component)?.lock();
}

function answered<E>({ run = "", content, events = [{ type: "text", text: content }], error, state }: ThreadMessage, turn: Turn, { options, thread }: Place<E>): void {
  const reason = state === undefined || state === "running" ? "stop" : state;
  const end: GenUIEvent = { type: "run-end", reason, ...(error ? { error } : {}) };
  for (const event of [{ type: "run-start", run, thread, protocol: "" } as const, ...events, end]) turn.show(event, options);
  turn.end();
}
