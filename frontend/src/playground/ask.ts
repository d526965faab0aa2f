/** Ask: the configured model, with exactly the components that are chosen, and what its answer took. */

import { h } from "../dom.ts";
import type { GenUIEvent } from "../events.ts";
import { api } from "./api.ts";
import type { Asked, Start, Transcript } from "./api.ts";
import { say } from "./notices.ts";
import { choice, Preview } from "./preview.ts";
import { download, recordingOf } from "./recording.ts";
import { nameOf } from "./shelf.ts";
import { wordsOf } from "./write.ts";

type Panel = "timing" | "prompt" | "text";

interface Mount {
  name: string;
  id: string;
  /** Milliseconds from the question. */
  at: number;
}

/** What is known of one question and its answer. */
interface Account {
  asked?: Asked;
  began: number;
  first?: number;
  ended?: number;
  mounts: Mount[];
  events: GenUIEvent[];
  transcript?: Transcript;
}

export class Ask {
  readonly element = h("section", { class: "view ask", "aria-label": "Ask" });
  readonly #start: Start;
  readonly #preview: Preview;
  readonly #question = h("textarea", { rows: "3", "aria-label": "Question", placeholder: "Ask the model something…" });
  readonly #send = h("button", { type: "submit", class: "primary" }, "Ask");
  readonly #chosen = h("fieldset", { class: "chooser" });
  readonly #count = h("summary", {});
  readonly #panel = h("div", { class: "panel", role: "region", "aria-label": "Account", tabindex: "0" });
  #shown: Panel = "timing";
  #account: Account = { began: 0, mounts: [], events: [] };
  #source: EventSource | undefined;

  constructor(start: Start) {
    this.#start = start;
    this.#preview = new Preview({
      frame: start.frame,
      themes: "light",
      onMessage: (message) => {
        if (message.kind === "mounted") this.#note({ id: message.id, name: message.name, at: message.at - this.#account.began });
      },
    });
    const panels = choice<Panel>("Account", { timing: "Timing", prompt: "Prompt", text: "What it wrote" }, "timing", (panel) => {
      this.#shown = panel;
      this.#tell();
    });
    const keep = h("button", { type: "button" }, "Download run");
    keep.addEventListener("click", () => this.#download());
    const account = h("section", { class: "inspector", "aria-label": "Account" }, h("div", { class: "bar" }, panels, h("span", { class: "spring" }), keep), this.#panel);
    this.element.append(this.#form(), this.#preview.element, account);
    this.#tell();
  }

  #form(): HTMLElement {
    const { name, demo } = this.#start.model;
    const model = h("p", { class: "model" }, h("span", { class: "quiet" }, "Model "), h("strong", {}, name), demo ? h("span", { class: "badge" }, "scripted demo") : undefined);
    const starters = h("div", { class: "starters" }, ...this.#start.starters.slice(0, 6).map((words) => this.#starter(words)));
    const form = h("form", {}, model, this.#question, h("div", { class: "bar" }, h("span", { class: "spring" }), this.#send), starters, h("details", { class: "components" }, this.#count, this.#chosen));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#ask();
    });
    this.#question.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    this.refresh();
    return h("div", { class: "source" }, form);
  }

  #starter(words: string): HTMLElement {
    const button = h("button", { type: "button" }, words);
    button.addEventListener("click", () => {
      this.#question.value = words;
      void this.#ask();
    });
    return button;
  }

  /** List the components that there are now; what was chosen stays chosen. */
  refresh(): void {
    const off = new Set([...this.#chosen.querySelectorAll("input")].filter((box) => !box.checked).map((box) => box.value));
    const names = [...new Set(this.#start.components.map(nameOf))].sort((a, b) => a.localeCompare(b));
    const boxes = names.map((name) => h("label", {}, h("input", { type: "checkbox", value: name, checked: !off.has(name) }), name));
    const turn = (label: string, on: (name: string) => boolean): HTMLElement => {
      const button = h("button", { type: "button" }, label);
      button.addEventListener("click", () => {
        for (const box of this.#chosen.querySelectorAll("input")) box.checked = on(box.value);
        this.#tellCount();
      });
      return button;
    };
    const own = new Set(this.#start.components.filter((one) => one.root !== "builtin").map(nameOf));
    const all = h("div", { class: "bar" }, turn("All", () => true), turn("None", () => false), turn("Mine", (name) => own.has(name)));
    this.#chosen.replaceChildren(h("legend", { class: "sr-only" }, "Components that the model may use"), all, ...boxes);
    this.#chosen.onchange = () => this.#tellCount();
    this.#tellCount();
  }

  #names(): string[] {
    return [...this.#chosen.querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
  }

  #tellCount(): void {
    this.#count.textContent = `Components: ${this.#names().length} of ${this.#chosen.querySelectorAll("input").length}`;
  }

  async #ask(): Promise<void> {
    const content = this.#question.value.trim();
    if (!content) return this.#question.focus();
    this.#source?.close();
    const names = this.#names();
    const account: Account = (this.#account = { began: Date.now(), mounts: [], events: [] });
    this.#busy(true);
    this.#preview.show([], [], false);
    try {
      // All of them is said as such, so that components made of classes, which have no folder, are among them.
      account.asked = await api.ask(content, names.length === this.#chosen.querySelectorAll("input").length ? null : names);
      this.#preview.show(account.asked.definitions, [], false);
      this.#follow(account, account.asked.run);
    } catch (error) {
      this.#busy(false);
      say(wordsOf(error), "error");
    }
    this.#tell();
  }

  #follow(account: Account, run: string): void {
    const source = (this.#source = new EventSource(new URL(`v1/runs/${encodeURIComponent(run)}/events`, document.baseURI)));
    source.addEventListener("message", ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as GenUIEvent;
      account.events.push(event);
      if (event.type === "text" || event.type === "render-component") account.first ??= Date.now() - account.began;
      this.#preview.feed([event], event.type === "run-end");
      if (event.type !== "run-end") return;
      source.close();
      account.ended = Date.now() - account.began;
      if (event.error) say(event.error.message, "error");
      void this.#ended(account, run);
    });
  }

  async #ended(account: Account, run: string): Promise<void> {
    this.#busy(false);
    const transcript = await api.transcript(run).catch(() => undefined);
    if (transcript) account.transcript = transcript;
    this.#tell();
  }

  #busy(busy: boolean): void {
    this.#send.disabled = busy;
    this.#send.textContent = busy ? "Answering…" : "Ask";
  }

  #note(mount: Mount): void {
    this.#account.mounts.push(mount);
    if (this.#shown === "timing") this.#tell();
  }

  #tell(): void {
    const { asked } = this.#account;
    if (!asked) return this.#panel.replaceChildren(h("p", { class: "quiet" }, "Ask something to see what it takes."));
    if (this.#shown === "prompt") return this.#panel.replaceChildren(h("p", { class: "quiet" }, `${asked.prompt_tokens.toLocaleString("en")} tokens, ${asked.exact ? "counted" : "estimated"}`), h("pre", {}, asked.prompt));
    if (this.#shown === "text") return this.#panel.replaceChildren(h("pre", {}, this.#account.transcript?.pieces.map((piece) => piece.text).join("") ?? "…"));
    this.#panel.replaceChildren(this.#figures(asked), this.#timeline());
  }

  #figures(asked: Asked): HTMLElement {
    const { first, ended, transcript, events } = this.#account;
    const usage = events.find((event) => event.type === "run-end")?.usage;
    const written = usage?.output_tokens ?? transcript?.tokens;
    const said = (tokens: number | undefined, exact: boolean): string => (tokens === undefined ? "…" : `${exact ? "" : "≈ "}${tokens.toLocaleString("en")}`);
    const rows: [string, string][] = [
      ["Prompt of the components", `${said(asked.prompt_tokens, asked.exact)} tokens`],
      ["Tokens in", usage ? said(usage.input_tokens, true) : "not told by the model"],
      ["Tokens out", written === undefined ? "…" : said(written, usage !== undefined || transcript?.tokens_are === "counted")],
      ["Time to first token", milliseconds(transcript?.pieces[0] ? transcript.pieces[0].at * 1000 : undefined)],
      ["First on the page", milliseconds(first)],
      ["Whole answer", milliseconds(ended)],
    ];
    return h("dl", { class: "figures" }, ...rows.flatMap(([term, value]) => [h("dt", {}, term), h("dd", {}, value)]));
  }

  /** Each widget's mount, on the time of the answer. */
  #timeline(): HTMLElement {
    const { mounts } = this.#account;
    const whole = Math.max(this.#account.ended ?? 0, ...mounts.map((mount) => mount.at), 1);
    const rows = mounts.map(({ name, id, at }) => {
      const mark = h("span", { class: "mark" });
      mark.style.insetInlineStart = `${(at / whole) * 100}%`;
      return h("li", {}, h("span", {}, name, h("span", { class: "quiet" }, ` ${id}`)), h("span", { class: "track", "aria-hidden": "true" }, mark), h("span", { class: "number" }, milliseconds(at)));
    });
    return h("div", {}, h("h3", {}, "Widgets mounted"), rows.length > 0 ? h("ol", { class: "timeline" }, ...rows) : h("p", { class: "quiet" }, "None yet"));
  }

  #download(): void {
    const { asked, transcript, events } = this.#account;
    if (!asked) return say("There is no run yet.");
    // What was written is known only as a whole beside the events, so it stands before them.
    const steps = [...(transcript?.pieces ?? []).map(({ text }) => ({ text, events: [] })), { text: "", events }];
    download(`${asked.run}.genui.jsonl`, recordingOf(steps, { model: this.#start.model.name }));
  }
}

function milliseconds(time: number | undefined): string {
  if (time === undefined) return "…";
  return time < 1000 ? `${Math.max(Math.round(time), 0)} ms` : `${(time / 1000).toFixed(2)} s`;
}
