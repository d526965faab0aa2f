/**
 * The questions and answers of one chat: asks, asks again, changes what was asked, and brings all of it back
 * after a reload.
 *
 * Every question is an `Entry` with the answer to it. What the server has to know of the past is made of the
 * entries when a question is asked, so that dropping some of them (a question is changed) needs nothing else.
 */

import type { Act, Client, Message, Run } from "./client.ts";
import { h } from "./dom.ts";
import { GenUIError } from "./errors.ts";
import type { Sequenced } from "./events.ts";
import type { MountOptions } from "./mount.ts";
import { Question } from "./question.ts";
import { Turn } from "./turn.ts";
import type { GenUIWidget } from "./widget.ts";
import type { Words } from "./words.ts";

const REFUSALS = new Set(["model-context", "model-content-filter"]);
const WAIT = "Please wait until the answer is finished.";
const SLICE = 12; // milliseconds of drawing before the page gets to paint and to hear its reader

/** What a conversation needs of the chat around it. */
export interface Around {
  readonly client: Client;
  readonly words: Words;
  /** What drawing an answer needs; asked for once. */
  options(): Promise<MountOptions>;
  /** It begins or ends waiting for an answer. */
  busy(busy: boolean): void;
  /** Something was asked: the newest comes into view. */
  asked(): void;
  /** A widget cannot be used any more: the focus that was in it goes on to the next question. */
  used(): void;
  /** Say a sentence of the answer that is being given, or what the agent does. */
  say(sentence: string, kind: "answer" | "status"): void;
  readonly read: ((sentences: readonly string[]) => void) | undefined;
  /** Its id has become known, or has changed. */
  named(thread: string | undefined): void;
  /** For those who listen to the element. */
  tell(event: Sequenced): void;
  failed(error: unknown): void;
}

interface Entry {
  message: Message;
  question: Question;
  /** The widget's action that it is. */
  act: Act | undefined;
  turn: Turn | undefined;
  /** Gives back the widget that was used up by it. */
  unlock: (() => void) | undefined;
  /** It would be refused again with each question that follows. */
  refused: boolean;
}

type Ask = (entry: Entry) => Run | Promise<Run>;

export class Conversation {
  readonly element = h("div", { class: "turns" });
  readonly #around: Around;
  readonly #entries: Entry[] = [];
  #thread: string | undefined;
  #answering: Turn | undefined;
  #run: Run | undefined;
  #busy = false;
  #stopped = false; // while it is busy
  #next: string | undefined; // asked as soon as it is not busy
  #life = new AbortController();

  constructor(around: Around) {
    this.#around = around;
  }

  /** Whether something is answered that was not stopped. */
  get busy(): boolean {
    return this.#answering !== undefined && !this.#stopped;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  get thread(): string | undefined {
    return this.#thread;
  }

  /** Ask something, once an answer that was stopped has ended, or the thread is there. While one runs, nothing happens. */
  send(text: string): void {
    if (!this.busy) this.#next = text;
    if (this.#busy) return;
    this.#next = undefined;
    void this.#answer(this.#ask({ role: "user", content: text }), (entry) => this.#asking(entry));
  }

  /** Stop the answer that is running, on the server too. */
  stop(): void {
    this.#stopped = this.#busy;
    this.#run?.cancel().catch(() => undefined); // it may have ended in this very moment
  }

  /** Draw all widgets anew. */
  async redraw(client: Client): Promise<void> {
    await Promise.all(this.#entries.map(({ turn }) => turn?.redraw(client)));
  }

  /** Begin anew, in a thread of this id, or of one that the server will make. */
  reset(thread?: string): void {
    this.stop();
    this.#life.abort();
    this.#life = new AbortController();
    this.#drop(0);
    this.#thread = thread;
    this.#next = undefined;
    this.#run = undefined;
    this.#answering = undefined;
    this.#setBusy(false);
  }

  /** Show a thread that the server keeps, and go on with an answer that it is still giving. Raises GenUIError; then a new one begins, of this id if it is to be `kept`. */
  async restore(id: string, kept: boolean): Promise<void> {
    this.reset(id);
    const { signal } = this.#life;
    this.#setBusy(true);
    try {
      const { client } = this.#around;
      const [{ messages }, options, { replay }] = await Promise.all([client.thread(id), this.#around.options(), import("./history.ts")]);
      if (signal.aborted) return;
      replay(messages, {
        options,
        thread: id,
        ask: (message, act) => this.#ask(message, act),
        used: (entry, unlock) => (entry.unlock = unlock),
        answer: (entry) => this.#turn(entry, () => false),
        follow: (entry, run) => void this.#answer(entry, () => client.follow(run, this.#watching)),
      });
    } catch (error) {
      if (signal.aborted) return;
      this.#drop(0);
      if (!kept) this.#thread = undefined;
      throw error;
    } finally {
      if (!signal.aborted && !this.#answering) this.#setBusy(false);
    }
  }

  /** Do what a reader did with a widget of one of the answers. */
  async act(widget: GenUIWidget, action: string, values: Record<string, unknown>): Promise<void> {
    const { words, client } = this.#around;
    const turn = this.#entries.find((entry) => entry.turn?.run === widget.run)?.turn;
    if (!turn) return;
    const act: Act = { run: turn.run, component: widget.component, action, values };
    if (this.#busy && turn === this.#answering) return this.#reply(widget, act);
    widget.say(this.#busy ? words(WAIT) : undefined);
    if (this.#busy) return;
    const unlock = widget.lock();
    const { signal } = this.#life;
    this.#setBusy(true);
    try {
      const acted = await client.act(act, this.#watching);
      if (signal.aborted) return void acted.run.cancel().catch(() => undefined);
      if (!acted.once) unlock();
      else this.#around.used();
      let first: Run | undefined = acted.run;
      const asked = this.#ask(acted.message, act);
      if (acted.once) asked.unlock = unlock;
      await this.#answer(asked, async (entry) => {
        const run = first ?? (await this.#asking(entry));
        first = undefined;
        return run;
      });
    } catch (error) {
      if (signal.aborted) return;
      unlock();
      this.#setBusy(false);
      widget.say(messageOf(error));
    }
  }

  /** While an answer goes on it may ask something; the server knows whether this is what it waits for. */
  async #reply(widget: GenUIWidget, act: Act): Promise<void> {
    const unlock = widget.lock();
    try {
      await this.#around.client.reply(act);
      widget.say();
    } catch (error) {
      unlock();
      widget.say(error instanceof GenUIError && error.code === "thread-busy" ? this.#around.words(WAIT) : messageOf(error));
    }
  }

  #ask(message: Message, act?: Act): Entry {
    const { words, asked } = this.#around;
    const question = new Question(message.content, words, (text) => this.#resend(entry, text));
    const entry: Entry = { message, question, act, turn: undefined, unlock: undefined, refused: false };
    this.#entries.push(entry);
    this.element.append(question.element);
    this.#setEditable();
    asked();
    return entry;
  }

  /** In a thread that the server knows, only what is new is sent. */
  #asking(entry: Entry): Run | Promise<Run> {
    const { client } = this.#around;
    if (entry.act) return client.act(entry.act, this.#watching).then(({ run }) => run);
    const earlier = this.#before(entry);
    const thread = this.#thread;
    if (!thread) return client.run([...earlier, entry.message], this.#watching);
    return client.run([entry.message], { thread, earlier, ...this.#watching });
  }

  /** Asks in an entry's place: what followed it is not said any more, and all before it stays with its widgets. */
  #instead(entry: Entry): Ask {
    const { client } = this.#around;
    const earlier = this.#before(entry);
    const turns = this.#entries.slice(0, this.#entries.indexOf(entry)).flatMap(({ turn }) => turn ?? []);
    const textual = turns.some((turn) => !turn.run && !turn.failed); // an answer that was not the server's
    const thread = this.#thread;
    if (!thread || textual) return ({ message }) => client.run([...earlier, message], { thread, ...this.#watching });
    const afterRun = turns.filter((turn) => turn.run).at(-1)?.run ?? "start";
    return ({ message }) => client.run([message], { thread, afterRun, earlier, ...this.#watching });
  }

  /** What was said before an entry, as far as it stands. */
  #before(entry: Entry): Message[] {
    return this.#entries.slice(0, this.#entries.indexOf(entry)).flatMap(({ message, turn, refused }) => {
      if (refused || REFUSALS.has(turn?.error ?? "")) return [];
      return turn && !turn.failed && turn.content ? [message, { role: "assistant", content: turn.content }] : [message];
    });
  }

  get #watching(): { onReconnect: (attempt: number) => void } {
    return { onReconnect: (attempt) => this.#answering?.reconnecting(attempt) };
  }

  async #answer(entry: Entry, ask: Ask): Promise<void> {
    const turn = this.#begin(entry);
    const { signal } = this.#life;
    try {
      const run = await ask(entry);
      if (signal.aborted) return void run.cancel().catch(() => undefined);
      this.#run = run;
      if (this.#stopped) this.stop();
      await this.#follow(turn, run, signal);
    } catch (error) {
      if (signal.aborted) return;
      entry.refused = error instanceof GenUIError && error.status >= 400 && error.status < 500;
      turn.fail({ message: messageOf(error) });
      this.#around.failed(error);
    } finally {
      if (!signal.aborted) this.#finish(turn);
    }
  }

  #begin(entry: Entry): Turn {
    const turn = this.#turn(entry, () => turn === this.#answering);
    this.#answering = turn;
    this.#around.asked();
    this.#setBusy(true);
    return turn;
  }

  /** A place for an answer; what it says is heard while it is `live`. */
  #turn(entry: Entry, live: () => boolean): Turn {
    const { words, read, say } = this.#around;
    const turn = new Turn(words, { retry: () => this.#retry(entry), say: (sentence) => live() && say(sentence, "answer"), read });
    entry.refused = false;
    entry.turn = turn;
    entry.question.element.after(turn.element);
    return turn;
  }

  async #follow(turn: Turn, run: Run, { aborted }: AbortSignal): Promise<void> {
    const options = await this.#around.options();
    const breathe = pacer();
    for await (const event of run) {
      if (aborted) return;
      this.#hear(turn, event, options);
      await breathe();
    }
  }

  #hear(turn: Turn, event: Sequenced, options: MountOptions): void {
    turn.show(event, options);
    this.#around.tell(event);
    if (event.type === "run-start") this.#name(event.thread);
    if (event.type === "status" && event.state === "running") this.#around.say(event.label, "status");
    if (event.type === "answer-end") this.#settle(turn);
  }

  #name(thread: string): void {
    if (thread === this.#thread) return;
    this.#thread = thread;
    this.#around.named(thread);
  }

  /** All is said: the next question may be asked, though data may still come. */
  #settle(turn: Turn): void {
    if (turn !== this.#answering) return; // the next question was asked already
    turn.settle();
    this.#answering = undefined;
    this.#setBusy(false);
  }

  #finish(turn: Turn): void {
    this.#settle(turn);
    turn.end();
  }

  /** The same question again. After a failure the server puts the new answer in the old one's place. */
  #retry(entry: Entry): void {
    if (this.#busy) return;
    const failed = entry.turn?.failed ?? true;
    if (!failed && !entry.act) return this.#resend(entry, entry.message.content);
    const unsaid = entry.refused && entry === this.#entries.at(-1); // the thread may have gone on elsewhere: nothing is in its place
    const ask: Ask = entry.act || unsaid ? (one) => this.#asking(one) : this.#instead(entry);
    this.#drop(this.#entries.indexOf(entry) + 1);
    entry.turn?.remove();
    void this.#answer(entry, ask);
  }

  /** Ask something else in a question's place: it and all that came after it was never said. */
  #resend(entry: Entry, text: string): void {
    if (this.#busy) return;
    const ask = this.#instead(entry);
    this.#drop(this.#entries.indexOf(entry));
    void this.#answer(this.#ask({ role: "user", content: text }), ask);
  }

  /** Take entries off the page, from one on. */
  #drop(from: number): void {
    for (const { question, turn, unlock } of this.#entries.splice(from)) {
      unlock?.();
      turn?.remove();
      question.element.remove();
    }
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#stopped &&= busy;
    this.#setEditable();
    this.#around.busy(busy);
    if (!busy && this.#next) this.send(this.#next);
  }

  #setEditable(): void {
    for (const { question, act } of this.#entries) question.editable = !this.#busy && !act;
  }
}

/** What went wrong, in words. */
export function messageOf(error: unknown): string {
  return error instanceof GenUIError ? error.message : String(error);
}

/** Lets the page breathe when many events arrive at once: a long answer is never one long task. */
function pacer(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < SLICE) return;
    await new Promise<void>((resolve) => setTimeout(resolve));
    since = performance.now();
  };
}
