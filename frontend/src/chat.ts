/**
 * `<genui-chat src="https://host">`: a whole chat in one element, style sheets and all in its own shadow root.
 *
 * Attributes: `src` (where the server is; by default where genui.js came from), `theme` (light, dark or auto),
 * `placeholder`, `heading`, `autofocus`. Slot: `header`. It is restyled through the `--genui-*` custom properties.
 * A `genui-action` event out of a widget, with `detail: {action, values}`, is sent to the server, which makes
 * the next message of it; what it refuses is said at the widget. `preventDefault()` keeps it from being sent.
 */

import chatCss from "./styles/chat.css";
import composerCss from "./styles/composer.css";
import themeCss from "./theme.css";
import { Announcer } from "./announce.ts";
import { connect } from "./client.ts";
import type { Act, Acted, Client, Description, Message, Run } from "./client.ts";
import { Composer } from "./composer.ts";
import { adopt, h, icon, sheet } from "./dom.ts";
import { GenUIError } from "./errors.ts";
import type { Sequenced } from "./events.ts";
import { Library } from "./library.ts";
import { messageStyles } from "./mount.ts";
import { StickyScroll } from "./scroll.ts";
import { Turn } from "./turn.ts";
import { GenUIWidget } from "./widget.ts";

const SCRIPT_HOME = new URL(".", import.meta.url);
const DOWN = "M12 5v14M6 13l6 6 6-6";
const REFUSALS = new Set(["model-context", "model-content-filter"]);
const WAIT = "Please wait until the answer is finished.";
const SLICE = 12; // milliseconds of drawing before the page gets to paint and to hear its reader

interface Action {
  action: string;
  values?: Record<string, unknown>;
}

/** What gets an answer: asks the server, again when it is tried again. */
type Ask = () => Run | Promise<Run>;

let sheets: CSSStyleSheet[] | undefined;

export class GenUIChat extends HTMLElement {
  static readonly observedAttributes = ["src", "placeholder", "heading"];

  readonly #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  readonly #composer = new Composer({ send: (text) => this.send(text), stop: () => this.stop() });
  readonly #announcer = new Announcer();
  readonly #turns = h("div", { class: "turns" });
  readonly #heading = h("h1", { class: "heading" });
  readonly #starters = h("div", { class: "starters" });
  readonly #welcome = h("div", { class: "welcome" }, this.#heading, this.#starters);
  readonly #scroller: HTMLElement = h("div", { class: "scroller", role: "region", "aria-label": "Conversation" }, h("div", { class: "column" }, this.#welcome, this.#turns));
  readonly #jump = h("button", { type: "button", class: "jump", "aria-label": "Jump to the latest message", hidden: true }, icon(DOWN));
  readonly #note = h("p", { class: "note", dir: "auto", hidden: true });
  readonly #scroll: StickyScroll;
  readonly #history: Message[] = [];
  readonly #answers = new WeakMap<EventTarget, Turn>();

  #client: Client | undefined;
  #library: Promise<Library> | undefined;
  #thread: string | undefined;
  #turn: Turn | undefined;
  #run: Run | undefined;
  #busy = false;
  #refused = false;

  constructor() {
    super();
    adopt(this.#root, ...(sheets ??= [sheet(themeCss), sheet(messageStyles), sheet(chatCss + composerCss)]));
    const foot = h("div", { class: "foot" }, h("div", { class: "column" }, this.#jump, this.#composer.element, this.#note));
    this.#root.append(h("slot", { name: "header" }), this.#scroller, foot, this.#announcer.element);
    this.#scroll = new StickyScroll(this.#scroller, this.#turns, (pinned) => void (this.#jump.hidden = pinned));
    this.#jump.addEventListener("click", () => this.#scroll.toEnd());
    this.addEventListener("genui-action", (event) => void this.#act(event as CustomEvent<Action>));
  }

  connectedCallback(): void {
    if (!this.#client) this.#connect();
    this.#label();
    if (this.autofocus) requestAnimationFrame(() => this.#root.activeElement ?? this.#composer.focus()); // where the browser has not
  }

  disconnectedCallback(): void {
    queueMicrotask(() => this.isConnected || this.stop()); // not when it was only moved
  }

  attributeChangedCallback(name: string): void {
    if (name !== "src") return this.#label();
    if (this.isConnected) this.#connect();
  }

  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  /** Ask something, as if the reader had written it. While an answer runs, nothing happens. */
  send(text: string): void {
    if (this.#busy) return;
    if (this.#refused) this.#history.pop(); // or it would be refused again with each question that follows
    this.#said({ role: "user", content: text });
    const before = this.#history.length - 1;
    const message = this.#history.slice(before);
    void this.#answer(() => this.#ask(message, this.#history.slice(0, before)));
  }

  /** Stop the answer that is running, on the server too. */
  stop(): void {
    this.#run?.cancel().catch(() => undefined); // it may have ended in this very moment
  }

  /** Ask the server again what it can show, and draw the widgets that stand anew: components have changed. */
  async refresh(): Promise<void> {
    const client = this.#client as Client;
    const [library, { components }] = await Promise.all([this.#describe(), client.describe()]);
    library.update(components);
    await Promise.all([...this.#turns.children].map((element) => this.#answers.get(element)?.redraw(client)));
  }

  #label(): void {
    this.#composer.placeholder = this.getAttribute("placeholder") ?? "Ask anything";
    this.#heading.textContent = this.getAttribute("heading") ?? "What would you like to see?";
  }

  #connect(): void {
    this.#client = connect({ src: new URL(this.getAttribute("src") ?? SCRIPT_HOME, document.baseURI) });
    this.#library = undefined;
    this.#describe().catch((error: unknown) => console.warn("genui: the components could not be loaded yet.", error));
  }

  /** What the server can show: asked for once, and again with the next answer when that failed. */
  #describe(): Promise<Library> {
    const client = this.#client as Client;
    this.#library ??= client.describe().then(
      (description) => this.#described(description, client),
      (error: unknown) => {
        this.#library = undefined;
        throw error;
      },
    );
    return this.#library;
  }

  #described({ components, starters, model }: Description, { base }: Client): Library {
    this.#starters.replaceChildren(...starters.map((text) => this.#starter(text)));
    this.#note.hidden = !model.demo;
    this.#note.textContent = "Demo model: scripted answers. Set OPENAI_API_KEY for a real one.";
    return new Library(components, base);
  }

  #starter(text: string): HTMLElement {
    const button = h("button", { type: "button", class: "starter", dir: "auto" }, text);
    button.addEventListener("click", () => {
      if (matchMedia("(pointer: fine)").matches) this.#composer.focus(); // the button goes; a keyboard on a phone need not come
      this.send(text);
    });
    return button;
  }

  #said(message: Message): void {
    this.#welcome.hidden = true;
    this.#scroller.tabIndex = 0; // not every browser lets a keyboard scroll what has nothing in it to focus
    this.#history.push(message);
    this.#turns.append(h("article", { class: "turn user", "aria-label": "You" }, h("p", { dir: "auto" }, message.content)));
  }

  /** In a thread that the server knows, only what is new is sent. */
  #ask(message: readonly Message[], earlier: readonly Message[]): Run {
    const client = this.#client as Client;
    return this.#thread ? client.run(message, { thread: this.#thread, earlier, ...this.#watching }) : client.run([...earlier, ...message], this.#watching);
  }

  get #watching(): { onReconnect: (attempt: number) => void } {
    return { onReconnect: (attempt) => this.#turn?.reconnecting(attempt) };
  }

  async #answer(ask: Ask): Promise<void> {
    const turn = (this.#turn = new Turn());
    this.#refused = false;
    this.#answers.set(turn.element, turn);
    this.#turns.append(turn.element);
    this.#scroll.toEnd();
    this.#setBusy(true);
    try {
      this.#run = await ask();
      await this.#follow(turn, this.#run);
    } catch (error) {
      this.#refused = error instanceof GenUIError && error.status >= 400 && error.status < 500;
      turn.fail(words(error));
    } finally {
      this.#finish(turn, ask);
    }
  }

  async #follow(turn: Turn, run: Run): Promise<void> {
    const library = await this.#describe();
    const breathe = pacer();
    for await (const event of run) {
      turn.show(event, library);
      this.#announce(event);
      if (event.type === "answer-end") this.#settle(turn);
      await breathe();
    }
  }

  #announce(event: Sequenced): void {
    if (event.type === "text") this.#announcer.feed(event.text);
    if (event.type === "status" && event.state === "running") this.#announcer.say(event.label);
    if (event.type === "answer-end" || event.type === "run-end") this.#announcer.finish();
  }

  /** All is said: the next question may be asked, though data may still come. */
  #settle(turn: Turn): void {
    if (turn !== this.#turn) return; // that question was asked already
    this.#turn = undefined;
    turn.settle();
    this.#keep(turn);
    this.#setBusy(false);
  }

  /** An answer becomes part of the conversation, unless it failed: that one is asked for again. */
  #keep(turn: Turn): void {
    this.#thread = turn.thread || this.#thread;
    if (REFUSALS.has(turn.error ?? "")) this.#refused = true;
    if (!turn.failed && turn.content) this.#history.push({ role: "assistant", content: turn.content });
  }

  #finish(turn: Turn, ask: Ask): void {
    this.#settle(turn);
    turn.end();
    turn.element.addEventListener("retry", () => this.#retry(turn, ask), { once: true });
  }

  #retry(turn: Turn, ask: Ask): void {
    if (this.#busy) return;
    turn.element.remove();
    void this.#answer(ask);
  }

  #setBusy(busy: boolean): void {
    this.#busy = busy;
    this.#composer.busy = busy;
  }

  /** A widget is used: the server makes the next message of it, or says why not. */
  async #act(event: CustomEvent<Action>): Promise<void> {
    const path = event.composedPath();
    const widget = path.find((target) => target instanceof GenUIWidget);
    const turn = path.map((target) => this.#answers.get(target)).find(Boolean);
    if (!widget || !turn || event.defaultPrevented) return;
    const { action, values = {} } = event.detail;
    const act: Act = { run: turn.run, component: widget.component, action, values };
    if (this.#busy && turn === this.#turn) return this.#reply(widget, act);
    widget.say(this.#busy ? WAIT : undefined);
    if (this.#busy) return;
    const unlock = widget.lock();
    this.#setBusy(true);
    try {
      this.#acted(await this.#send(act), act, unlock);
    } catch (error) {
      unlock();
      this.#setBusy(false);
      widget.say(words(error));
    }
  }

  /** While an answer goes on it may ask something; the server knows whether this is what it waits for. */
  async #reply(widget: GenUIWidget, act: Act): Promise<void> {
    const unlock = widget.lock();
    try {
      await (this.#client as Client).reply(act);
      widget.say();
    } catch (error) {
      unlock();
      widget.say(error instanceof GenUIError && error.code === "thread-busy" ? WAIT : words(error));
    }
  }

  #send(act: Act): Promise<Acted> {
    return (this.#client as Client).act(act, this.#watching);
  }

  #acted({ message, once, run }: Acted, act: Act, unlock: () => void): void {
    if (!once) unlock();
    else if (matchMedia("(pointer: fine)").matches) this.#composer.focus(); // the control that had it is disabled now
    this.#said(message);
    let first: Run | undefined = run;
    void this.#answer(async () => {
      const next = first ?? (await this.#send(act)).run;
      first = undefined;
      return next;
    });
  }
}

function words(error: unknown): string {
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

/** Make the element known to the page; safe to call again, and when another copy has done it. */
export function defineChat(): void {
  if (!customElements.get("genui-chat")) customElements.define("genui-chat", GenUIChat);
}

declare global {
  interface HTMLElementTagNameMap {
    "genui-chat": GenUIChat;
  }
}
