/** Stream: a text as a model might write it, played piece by piece, with everything that comes of it. */

import { h, icon } from "../dom.ts";
import type { GenUIEvent } from "../events.ts";
import { api } from "./api.ts";
import type { Chunking, Start, Trace } from "./api.ts";
import type { Draft } from "./draft.ts";
import { Editor } from "./editor.ts";
import { Inspector } from "./inspector.ts";
import { say } from "./notices.ts";
import { momentsOf, Player } from "./player.ts";
import { choice, Preview } from "./preview.ts";
import { download, recordingIn, recordingOf } from "./recording.ts";
import type { Write } from "./write.ts";
import { wordsOf } from "./write.ts";

const SAMPLE = `Three numbers from last week, and what moved them.

<Grid><Metric label="Revenue" value="$48.2k" delta="+12%"/><Metric label="Orders" value=1284 delta="+6%"/></Grid>

Mobile **overtook** desktop on Wednesday:

<LineChart title="Visits" labels={["Mon","Tue","Wed","Thu","Fri"]} series={[{"name":"Mobile","values":[320,410,560,610,640]},{"name":"Desktop","values":[500,480,470,455,450]}]}/>

<Callout title="Next">Try the new checkout on phones first.</Callout>
`;

const ICONS = {
  play: "M8 5v14l11-7z",
  pause: "M7 5h3v14H7zM14 5h3v14h-3z",
  start: "M6 5v14M19 5 9 12l10 7z",
  back: "M15 6l-7 6 7 6",
  on: "M9 6l7 6-7 6",
  end: "M18 5v14M5 5l10 7-10 7z",
};

const SPEEDS = { "5": "5 a second", "15": "15 a second", "40": "40 a second", "120": "120 a second", "1000": "As fast as it goes" };

export class Stream {
  readonly element = h("section", { class: "view stream", "aria-label": "Stream" });
  readonly #write: Write;
  readonly #editor: Editor;
  readonly #preview: Preview;
  readonly #inspector: Inspector;
  readonly #player: Player;
  readonly #held = h("div", { class: "held", role: "status", "aria-live": "off" });
  readonly #play = h("button", { type: "button", class: "round", "aria-label": "Play" }, icon(ICONS.play));
  readonly #scrubber = h("input", { type: "range", min: "0", value: "0", step: "1", "aria-label": "Position" });
  readonly #position = h("output", { class: "position" });
  #text = SAMPLE;
  #chunking: Chunking = "token";
  /** As a recording was cut; given up when the text is edited or another way of cutting is chosen. */
  #pieces: string[] | undefined;
  /** The trace of what is in the editor, if there is one. */
  #trace: Trace | undefined;
  #shown = 0;

  constructor(start: Start, write: Write) {
    this.#write = write;
    this.#editor = new Editor({ label: "What a model might write", onChange: (text) => this.#edited(text) });
    this.#preview = new Preview({ frame: start.frame, themes: "light" });
    this.#inspector = new Inspector((at) => this.#player.seek(at));
    this.#player = new Player({ onMove: (at, jumped) => this.#move(at, jumped), onPlaying: (playing) => this.#playing(playing) });
    this.element.append(this.#source(), this.#preview.element, this.#inspector.element, this.#controls());
    this.#editor.open("stream", "answer.md", this.#text, false);
    this.#drop();
    this.#move(0, true);
  }

  get text(): string {
    return this.#text;
  }

  get chunking(): Chunking {
    return this.#chunking;
  }

  /** Put a text in. */
  fill(text: string, chunking: Chunking = "token"): void {
    this.#editor.open("stream", "answer.md", text, false);
    this.#edited(text);
    this.element.querySelector<HTMLElement>(`[data-chunking="${chunking}"]`)?.click();
  }

  #source(): HTMLElement {
    const cuts = choice<Chunking>("Cut", { token: "Token", character: "Character", worst: "Worst case", whole: "Whole" }, "token", (chunking) => this.#cut(chunking));
    for (const [index, key] of ["token", "character", "worst", "whole"].entries()) (cuts.children[index] as HTMLElement).dataset.chunking = key;
    const file = h("input", { type: "file", accept: ".jsonl,.ndjson,.sse,.txt,.md", "aria-label": "Open a recording", class: "sr-only", tabindex: "-1" });
    file.addEventListener("change", () => {
      if (file.files?.[0]) void this.#openFile(file.files[0]);
      file.value = "";
    });
    const open = h("button", { type: "button" }, "Open…");
    open.addEventListener("click", () => file.click());
    const keep = h("button", { type: "button" }, "Download");
    keep.addEventListener("click", () => void this.#download());
    return h("div", { class: "source" }, h("div", { class: "bar" }, cuts, h("span", { class: "spring" }), file, open, keep), this.#editor.element, this.#held);
  }

  #controls(): HTMLElement {
    const button = (label: string, face: string, act: () => void): HTMLElement => {
      const made = h("button", { type: "button", "aria-label": label, title: label }, icon(face));
      made.addEventListener("click", act);
      return made;
    };
    const speed = h("select", { "aria-label": "Speed" }, ...Object.entries(SPEEDS).map(([value, word]) => h("option", { value, selected: value === "40" }, word)));
    speed.addEventListener("change", () => (this.#player.speed = Number(speed.value)));
    this.#player.speed = 40;
    this.#play.addEventListener("click", () => void this.#toggle());
    this.#scrubber.addEventListener("input", () => {
      this.#player.pause();
      this.#player.seek(this.#scrubber.valueAsNumber);
    });
    return h(
      "div",
      { class: "player", role: "group", "aria-label": "Player" },
      button("To the start", ICONS.start, () => void this.#ready().then(() => (this.#player.pause(), this.#player.seek(0)))),
      button("One event back", ICONS.back, () => void this.#ready().then(() => this.#player.step(-1))),
      this.#play,
      button("One event on", ICONS.on, () => void this.#ready().then(() => this.#player.step(1))),
      button("To the end", ICONS.end, () => void this.#ready().then(() => (this.#player.pause(), this.#player.seek(this.#player.moments.length)))),
      this.#scrubber,
      this.#position,
      speed,
    );
  }

  // What is played

  #edited(text: string): void {
    this.#text = text;
    this.#pieces = undefined;
    this.#reset();
  }

  #cut(chunking: Chunking): void {
    this.#chunking = chunking;
    this.#pieces = undefined;
    this.#reset();
  }

  #reset(): void {
    this.#trace = undefined;
    this.#player.load([]);
    this.#inspector.load([]);
  }

  /** The component under edit takes part as it is in the editor. */
  get #draft(): Draft | undefined {
    return this.#write.unsaved;
  }

  /** See that there is a trace of what is in the editor. */
  async #ready(): Promise<void> {
    if (this.#trace || this.#text === "") return;
    const draft = this.#draft;
    const cut = this.#pieces ? { pieces: this.#pieces } : { text: this.#text, chunking: this.#chunking };
    try {
      const trace = await api.trace({ ...cut, draft: draft?.forServer() });
      if (draft) trace.definitions = await this.#write.withScript(trace.definitions, draft, this.#write.name);
      this.#begin(trace);
    } catch (error) {
      say(wordsOf(error), "error");
    }
  }

  #begin(trace: Trace): void {
    this.#trace = trace;
    const moments = momentsOf(trace);
    this.#inspector.load(moments);
    this.#player.load(moments);
  }

  async #toggle(): Promise<void> {
    if (this.#player.playing) return this.#player.pause();
    await this.#ready();
    if (this.#trace) this.#player.play();
  }

  #playing(playing: boolean): void {
    this.#play.replaceChildren(icon(playing ? ICONS.pause : ICONS.play));
    this.#play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  #move(at: number, jumped: boolean): void {
    const { moments } = this.#player;
    const events = (from: number): GenUIEvent[] => moments.slice(from, at).flatMap(({ event }) => (event ? [event] : []));
    const over = moments.length > 0 && at === moments.length;
    if (jumped || this.#shown > at) this.#preview.show(this.#trace?.definitions ?? [], events(0), over);
    else this.#preview.feed(events(this.#shown), over);
    this.#shown = at;
    this.#inspector.show(at);
    this.#scrubber.max = String(moments.length);
    this.#scrubber.value = String(at);
    this.#scrubber.style.setProperty("--done", moments.length ? `${(at / moments.length) * 100}%` : "0%");
    this.#position.textContent = moments.length ? `${at} / ${moments.length}` : "";
    this.#tellHeld();
  }

  #tellHeld(): void {
    const now = this.#player.now;
    const step = now && this.#trace?.steps[now.step];
    this.#editor.play(now && this.#trace && !this.#eventsOnly ? { fed: now.fed, held: step?.held.length ?? 0 } : undefined);
    const words = { prose: "In text", tag: "In a tag", hidden: "In something hidden", end: "At the end" };
    const held = step?.held ? h("code", {}, step.held) : h("span", { class: "quiet" }, "nothing");
    this.#held.replaceChildren(h("b", {}, "Held back"), held, h("span", { class: "spring" }), h("span", { class: "quiet" }, step ? words[step.inside] : ""));
  }

  get #eventsOnly(): boolean {
    return this.#text === "";
  }

  // Files

  #drop(): void {
    this.element.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.element.classList.add("dropping");
    });
    for (const name of ["dragleave", "drop"]) this.element.addEventListener(name, () => this.element.classList.remove("dropping"));
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer?.files[0];
      if (file) void this.#openFile(file);
    });
  }

  async #openFile(file: File): Promise<void> {
    try {
      await this.#take(await file.text());
      say(`Opened ${file.name}`);
    } catch (error) {
      say(wordsOf(error), "error");
    }
  }

  /** A recording of ours, a provider's stream, or just a text. */
  async #take(content: string): Promise<void> {
    const recording = recordingIn(content);
    if (recording && recording.pieces.length === 0) return this.#takeEvents(recording.events);
    if (recording) return this.#takePieces(recording.pieces);
    if (!/^(?:event|data|:)/m.test(content.slice(0, 200))) return this.fill(content);
    const { pieces, note } = await api.recording(content);
    if (note) say(`The recording ends with an error: ${note}`, "error");
    this.#takePieces(pieces);
  }

  #takePieces(pieces: string[]): void {
    const text = pieces.join("");
    this.#editor.open("stream", "answer.md", text, false);
    this.#edited(text);
    this.#pieces = pieces;
    void this.#toggle();
  }

  /** Only what was sent is known, and that is what is played. */
  async #takeEvents(events: GenUIEvent[]): Promise<void> {
    this.#editor.open("stream", "answer.md", "", false);
    this.#edited("");
    const names = [...new Set(events.flatMap((event) => (event.type === "render-component" ? [event.name] : [])))];
    const { definitions } = await api.trace({ pieces: names.map((name) => `<${name}/>\n\n`) });
    this.#begin({ definitions, steps: events.map((event) => ({ text: "", events: [event], held: "", inside: "prose" })) });
    this.#player.play();
  }

  async #download(): Promise<void> {
    await this.#ready();
    if (this.#trace) download("run.genui.jsonl", recordingOf(this.#trace.steps));
  }
}
