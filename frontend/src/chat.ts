/**
 * `<genui-chat src="https://host">`: a whole chat in one element, style sheets and all in its own shadow root.
 *
 * docs/embedding.md lists its attributes, properties, methods, events, slots, parts and custom properties; a
 * test holds that list to this file. What few pages need is loaded when it is needed: translations, the
 * floating panel, speech.
 *
 * A `genui-action` event out of a widget, with `detail: {action, values}`, is sent to the server, which makes
 * the next message of it; what it refuses is said at the widget. `preventDefault()` keeps it from being sent.
 */

import chatCss from "./styles/chat.css";
import composerCss from "./styles/composer.css";
import themeCss from "./theme.css";
import { Announcer } from "./announce.ts";
import { connect, fresh } from "./client.ts";
import type { Client, Description, Fresh } from "./client.ts";
import { Composer } from "./composer.ts";
import { Conversation, messageOf } from "./conversation.ts";
import type { Around } from "./conversation.ts";
import type { CustomComponent } from "./custom.ts";
import { adopt, h, sheet } from "./dom.ts";
import { PageElement } from "./element.ts";
import { GenUIError } from "./errors.ts";
import type { Floating } from "./floating.ts";
import { iconButton, label } from "./icons.ts";
import { Library } from "./library.ts";
import { Memory } from "./memory.ts";
import { messageStyles } from "./mount.ts";
import type { MountOptions } from "./mount.ts";
import { StickyScroll } from "./scroll.ts";
import { OBSERVED, directionOf, known, reflect } from "./settings.ts";
import type { Texts } from "./settings.ts";
import type { Reader } from "./speech.ts";
import { Images } from "./urls.ts";
import { GenUIWidget } from "./widget.ts";
import { wordsOf } from "./words.ts";
import type { Strings } from "./words.ts";

const SCRIPT_HOME = new URL(".", import.meta.url);

interface Action {
  action: string;
  values?: Record<string, unknown>;
}

let sheets: CSSStyleSheet[] | undefined;

export interface GenUIChat extends Texts {
  /** In the floating mode: whether the panel is open. */
  open: boolean;
}

export class GenUIChat extends PageElement {
  static readonly observedAttributes = OBSERVED;

  /** Components of the page's own, by name, in place of the server's. Set before the first answer. */
  components: { readonly [name: string]: CustomComponent } = {};

  /** Sent with every request; a function is asked each time. */
  headers: Fresh<Record<string, string>> = {};

  readonly #shadow = this.attachShadow({ mode: "open", delegatesFocus: true });
  readonly #announcer = new Announcer();
  readonly #heading = h("h2", { class: "heading", part: "heading" });
  readonly #title = h("h2", { class: "sr-only" }); // the headings of answers and widgets stand below it
  readonly #welcomeText = h("p", { class: "lead", part: "welcome", dir: "auto" });
  readonly #starters = h("div", { class: "starters" });
  readonly #welcome = h("div", { class: "welcome" }, this.#heading, this.#welcomeText, this.#starters);
  readonly #note = h("p", { class: "note", dir: "auto", hidden: true });
  readonly #begin = iconButton("begin", () => this.reset());
  readonly #aloud = iconButton("voice", () => void this.#toggleVoice());
  readonly #bar: HTMLElement = h("div", { class: "bar" }, h("slot", { name: "header" }), h("span", { class: "gap" }), this.#aloud, this.#begin);
  readonly #jump = iconButton("down", () => this.#scroll.toEnd(), "jump");
  readonly #conversation: Conversation;
  readonly #composer: Composer;
  readonly #scroller: HTMLElement;
  readonly #root: HTMLElement;
  readonly #scroll: StickyScroll;

  #client: Client | undefined;
  #early: string | undefined; // sent before it stood in a page
  #options: Promise<MountOptions> | undefined;
  #token: Fresh<string | undefined>;
  #offered: string[] | undefined;
  #strings: Strings | undefined;
  readonly #words = wordsOf();
  #library: Library | undefined;
  #memory: Memory | undefined;
  #demo = false;
  #floating: Floating | undefined;
  #reader: Reader | undefined;
  #readsAnswers = false;

  constructor() {
    super();
    adopt(this.#shadow, ...(sheets ??= [sheet(themeCss), sheet(messageStyles), sheet(chatCss + composerCss)]));
    this.#conversation = new Conversation(this.#around());
    this.#composer = new Composer({
      send: (text) => this.send(text),
      stop: () => this.stop(),
      dictate: (field, microphone) => void this.#dictate(field, microphone),
    });
    this.#scroller = h("div", { class: "scroller", role: "region" }, h("div", { class: "column" }, this.#welcome, this.#title, this.#conversation.element));
    const foot = h("div", { class: "foot" }, h("div", { class: "column" }, this.#jump, this.#composer.element, this.#note, h("slot", { name: "footer" })));
    this.#root = h("div", { class: "root" }, this.#bar, this.#scroller, foot, this.#announcer.element);
    this.#shadow.append(this.#root);
    this.#scroll = new StickyScroll(this.#scroller, this.#conversation.element, this.#jump);
    this.addEventListener("genui-action", (event) => this.#act(event as CustomEvent<Action>));
  }

  connectedCallback(): void {
    if (!this.#client) this.#connect();
    if (this.#early) this.send(this.#early);
    this.#early = undefined;
    this.#label();
    void this.#place();
    if (this.autofocus && this.mode !== "floating") requestAnimationFrame(() => this.#shadow.activeElement ?? this.#composer.focus()); // where the browser has not
    globalThis.speechSynthesis?.addEventListener?.("voiceschanged", this.#show);
  }

  disconnectedCallback(): void {
    globalThis.speechSynthesis?.removeEventListener?.("voiceschanged", this.#show);
    queueMicrotask(() => this.isConnected || this.stop()); // not when it was only moved
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    if (name === "src" || (name === "token" && !this.#options)) this.#connect(); // a request asks for the token itself
    else if (name === "thread") void this.#restore(this.thread ?? undefined);
    else if (name === "mode") void this.#place();
    else if (name === "open") this.open ? this.#floating?.open() : this.#floating?.close();
    this.#label();
  }

  /** What the server is asked with, as `Authorization: Bearer …`; a function is asked each time. */
  get token(): Fresh<string | undefined> {
    return this.#token ?? this.getAttribute("token") ?? undefined;
  }

  set token(token: Fresh<string | undefined>) {
    this.#token = token;
  }

  /** What may be asked first; those of the server by default. */
  get starters(): readonly string[] {
    return this.#offered ?? this.getAttribute("starters")?.split("|").map((one) => one.trim()).filter(Boolean) ?? [];
  }

  set starters(starters: readonly string[]) {
    this.#offered = [...starters];
    this.#offer();
  }

  /** Texts of the interface in place of its own, by what they are in English. */
  get strings(): Strings {
    return this.#strings ?? {};
  }

  set strings(strings: Strings) {
    this.#strings = strings;
    this.#words.speak(undefined); // so that they are looked up anew
    this.#label();
  }

  /** The thread that the conversation stands in, once the server has named it. */
  get conversation(): string | undefined {
    return this.#conversation.thread;
  }

  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  /** Ask something, as if the reader had written it, as soon as that can be; while an answer runs, nothing happens. Whether it was taken. */
  send(text: string): boolean {
    if (!this.#client) this.#early = text;
    else if (this.#conversation.busy || !this.#tell("genui-send", { text }, true)) return false;
    else this.#conversation.send(text);
    return true;
  }

  /** Stop the answer that is running, on the server too. */
  stop(): void {
    this.#reader?.stop();
    this.#conversation.stop();
  }

  /** Ask the server again what it can show, and draw the widgets that stand anew: components have changed. */
  async refresh(): Promise<void> {
    const client = this.#client as Client;
    const [{ library }, { components }] = await Promise.all([this.#describe(), client.describe()]);
    library?.update(components);
    await this.#conversation.redraw(client);
  }

  /** Begin a new conversation. */
  reset(): void {
    this.#reader?.stop();
    this.#conversation.reset();
    this.#named(undefined);
    this.#show();
    this.#composer.focus();
  }

  #around(): Around {
    const chat = this;
    return {
      get client() {
        return chat.#client as Client;
      },
      words: this.#words,
      get read() {
        return canRead() && chat.#may("read") ? (sentences: readonly string[]) => void chat.#mouth().then((reader) => reader.readOut(sentences)) : undefined;
      },
      options: () => this.#describe(),
      busy: (busy) => this.#busy(busy),
      asked: () => this.#asked(),
      used: () => matchMedia("(pointer: fine)").matches && this.#composer.focus(), // on a phone the keyboard need not come
      say: (sentence, kind) => this.#say(sentence, kind),
      named: (thread) => this.#named(thread),
      tell: (event) => void this.#tell("genui-event", event),
      failed: (error) => this.#failed(error),
    };
  }

  #tell(type: string, detail: unknown, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable }));
  }

  #failed(error: unknown): void {
    this.#tell("genui-error", { code: (error as GenUIError).code, message: messageOf(error) });
  }

  #connect(): void {
    const src = new URL(this.src ?? SCRIPT_HOME, document.baseURI);
    this.#client = connect({ src, headers: () => fresh(this.headers), token: () => fresh(this.token) });
    this.#memory = this.persist === "none" ? undefined : new Memory(this.#client.base, this.id);
    this.#options = undefined;
    if (!this.#conversation.empty) this.#conversation.reset();
    this.#describe().catch((error: unknown) => console.warn("genui: the components could not be loaded yet.", error));
    void this.#restore(this.thread ?? this.#memory?.thread);
  }

  async #restore(thread: string | undefined): Promise<void> {
    if (thread === undefined || thread === this.#conversation.thread) return;
    try {
      await this.#conversation.restore(thread, this.thread !== null);
    } catch (error) {
      const forgotten = error instanceof GenUIError && error.status === 404;
      if (!forgotten) this.#failed(error);
      if (forgotten && this.#memory) this.#memory.thread = undefined;
    }
    this.#asked();
  }

  /** What the server can show: asked for once, and again with the next answer when that failed. */
  #describe(): Promise<MountOptions> {
    const client = this.#client as Client;
    this.#options ??= client.describe().then(
      (description) => this.#described(description, client),
      (error: unknown) => {
        this.#options = undefined;
        throw error;
      },
    );
    return this.#options;
  }

  #described(description: Description, client: Client): MountOptions {
    const origins = this.imageOrigins?.split(/[\s,]+/).filter(Boolean) ?? description.image_origins ?? [];
    this.#demo = description.model.demo;
    this.#offer(description.starters);
    this.#show();
    this.#library = new Library(description.components, client.base, { images: new Images(client.base, origins), client });
    this.#library.words = this.#words;
    return { library: this.#library, components: this.components };
  }

  #offer(own?: readonly string[]): void {
    if (!own && !this.starters.length) return;
    const starters = this.starters.length > 0 || this.#offered ? this.starters : (own ?? []);
    this.#starters.replaceChildren(...starters.map((text) => this.#starter(text)));
  }

  #starter(text: string): HTMLElement {
    const button = h("button", { type: "button", class: "starter", part: "starter", dir: "auto" }, text);
    button.addEventListener("click", () => {
      this.#composer.focus(); // the button goes
      this.send(text);
    });
    return button;
  }

  #busy(busy: boolean): void {
    this.#composer.busy = busy;
    if (!busy) void import("./paper.ts").then(({ printable }) => printable(this.#shadow), () => undefined);
  }

  /** The conversation is another now: its newest comes into view. */
  #asked(): void {
    this.#show();
    this.#scroll.toEnd();
  }

  #named(thread: string | undefined): void {
    if (this.#memory && !this.thread) this.#memory.thread = thread;
    this.#tell("genui-thread", { thread });
  }

  /** A widget is used: the server makes the next message of it, or says why not. */
  #act(event: CustomEvent<Action>): void {
    const widget = event.composedPath().find((target) => target instanceof GenUIWidget);
    if (!widget || event.defaultPrevented) return;
    void this.#conversation.act(widget, event.detail.action, event.detail.values ?? {});
  }

  /* What it says */

  #label(): void {
    const asked = known(this.locale);
    const locale = asked ?? known((this.closest("[lang]") ?? document.documentElement).getAttribute("lang")) ?? "en";
    this.#root.lang = locale;
    this.#root.dir = this.dir || (asked ? directionOf(asked) : "");
    this.#root.style.blockSize = this.height ?? "";
    if (locale !== this.#words.locale) void this.#localize(locale);
    this.#show();
  }

  /** Its own words at once; a translation as soon as it is there. */
  async #localize(locale: string): Promise<void> {
    this.#words.speak(locale, this.#strings);
    const language = locale.split("-")[0] as string;
    if (language === "en" && this.#conversation.empty) return;
    const bundle = await import("./locales.ts").catch(() => undefined);
    if (!bundle || locale !== this.#words.locale) return;
    this.#words.speak(locale, this.#strings, bundle.locales[locale], bundle.locales[language]);
    bundle.relabel(this.#conversation.element, this.#words, this.strings);
    this.#show();
  }

  /** Everything that has words, and what is hidden. */
  readonly #show = (): void => {
    const words = this.#words;
    const begun = !this.#conversation.empty;
    const heading = this.heading ?? words("What would you like to see?");
    this.#welcome.hidden = begun;
    this.#heading.textContent = heading;
    this.#welcomeText.textContent = this.welcome ?? "";
    this.#welcomeText.hidden = !this.welcome;
    this.#title.textContent = words("Conversation");
    this.#title.hidden = !begun;
    this.#scroller.setAttribute("aria-label", words("Conversation"));
    if (begun) this.#scroller.tabIndex = 0; // not every browser lets a keyboard scroll what has nothing in it to focus
    this.#note.hidden = !this.#demo;
    this.#note.textContent = words("Demo model: scripted answers. Set OPENAI_API_KEY for a real one.");
    this.#begin.hidden = !begun;
    this.#aloud.hidden = !(canRead() && this.#may("read") && begun);
    this.#aloud.setAttribute("aria-pressed", String(this.#readsAnswers));
    label(this.#begin, words("New conversation"));
    label(this.#aloud, words(this.#readsAnswers ? "Stop reading aloud" : "Read answers aloud"));
    label(this.#jump, words("Jump to the latest message"));
    this.#composer.show({ words, placeholder: this.placeholder ?? words("Ask anything"), dictation: canDictate() && this.#may("dictate") });
    this.#floating?.say(words, heading);
  };

  /* Where it stands */

  async #place(): Promise<void> {
    if (this.mode !== "floating") {
      this.#floating?.remove();
      this.#floating = undefined;
      return;
    }
    const { Floating } = await import("./floating.ts");
    if (this.#floating || this.mode !== "floating" || !this.isConnected) return;
    this.#floating = new Floating(this.#shadow, this.#root, this.#bar, { changed: (open) => this.#opened(open), focus: () => this.#composer.focus() });
    this.#show();
    if (this.open) this.#floating.open();
  }

  #opened(open: boolean): void {
    this.open = open;
    this.#show();
    if (open) this.#scroll.toEnd();
    this.#tell("genui-toggle", { open });
  }

  /* Speech */

  #may(what: "read" | "dictate"): boolean {
    return (this.speech ?? "read dictate").split(/\s+/).includes(what);
  }

  #say(sentence: string, kind: "answer" | "status"): void {
    this.#announcer.say(sentence);
    if (this.#readsAnswers && kind === "answer") this.#reader?.say(sentence);
  }

  /** What reads aloud, loaded when it is first wanted. */
  async #mouth(): Promise<Reader> {
    const { Reader } = await import("./speech.ts");
    return (this.#reader ??= new Reader(this.#words));
  }

  async #toggleVoice(): Promise<void> {
    this.#readsAnswers = !this.#readsAnswers;
    this.#show();
    const reader = await this.#mouth();
    if (!this.#readsAnswers) reader.stop();
  }

  async #dictate(field: HTMLTextAreaElement, microphone: HTMLButtonElement): Promise<void> {
    const { dictate } = await import("./speech.ts");
    const told = await dictate(field, microphone, this.#words);
    this.#note.textContent = told;
    this.#note.hidden = told === "";
    this.#announcer.say(told);
  }
}

function canRead(): boolean {
  return "speechSynthesis" in globalThis && speechSynthesis.getVoices().length > 0;
}

function canDictate(): boolean {
  return "SpeechRecognition" in globalThis || "webkitSpeechRecognition" in globalThis;
}

/** Make the element known to the page; safe to call again, and when another copy has done it. */
export function defineChat(): void {
  if (customElements.get("genui-chat")) return;
  reflect(GenUIChat.prototype);
  customElements.define("genui-chat", GenUIChat);
}

declare global {
  interface HTMLElementTagNameMap {
    "genui-chat": GenUIChat;
  }
}
