/** Write: a component's files in an editor, checked and drawn while they are typed, and saved to their folder. */

import { h } from "../dom.ts";
import { GenUIError } from "../errors.ts";
import type { GenUIEvent } from "../events.ts";
import { api, ConflictError } from "./api.ts";
import type { Checked, Finding, Place, SourceFile, Start, Trace } from "./api.ts";
import { askConflict, askName } from "./dialogs.ts";
import { merge } from "./diff.ts";
import { Draft } from "./draft.ts";
import { Editor } from "./editor.ts";
import { Preview } from "./preview.ts";
import { say } from "./notices.ts";
import { Shelf } from "./shelf.ts";

const PAUSE = 250; // ms after the last key
const LOOK = 1500; // ms between two looks at the disk
const ADDABLE = ["script.js", "loader.py", "part.html"];

export class Write {
  readonly element = h("section", { class: "view write", "aria-label": "Write" });
  readonly #start: Start;
  readonly #shelf: Shelf;
  readonly #editor: Editor;
  readonly #preview: Preview;
  readonly #drafts = new Map<string, Draft>();
  readonly #tabs = h("div", { class: "tabs", role: "tablist", "aria-label": "Files" });
  readonly #actions = h("div", { class: "actions" });
  readonly #banner = h("div", { class: "banner", role: "status", hidden: true });
  readonly #problems = h("div", { class: "problems", role: "region", "aria-label": "Problems" });
  readonly #examples = h("select", { "aria-label": "Example" });
  readonly #state = h("span", { class: "state" });
  #draft: Draft | undefined;
  #file = "";
  #checked: Checked | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy: AbortController | undefined;
  #script: { text: string; address: string } | undefined;

  constructor(start: Start) {
    this.#start = start;
    this.#shelf = new Shelf({ open: (place) => void this.open(place), create: () => void this.#create() });
    this.#shelf.list(start);
    this.#editor = new Editor({ label: "Source", onChange: (text) => this.#edit(text), onSave: () => void this.save() });
    this.#preview = new Preview({ frame: start.frame, themes: "both", onMessage: (message) => message.kind === "failed" && say(message.message, "error") });
    this.#preview.element.firstElementChild?.prepend(this.#examples);
    this.#examples.addEventListener("change", () => void this.#draw());
    const head = h("div", { class: "bar" }, this.#tabs, h("span", { class: "spring" }), this.#state, this.#actions);
    this.element.append(this.#shelf.element, h("div", { class: "source" }, head, this.#banner, this.#editor.element, this.#problems), this.#preview.element);
    addEventListener("beforeunload", (event) => {
      if ([...this.#drafts.values()].some((draft) => draft.dirty)) event.preventDefault();
    });
    setInterval(() => document.hidden || void this.#look(), LOOK);
  }

  get draft(): Draft | undefined {
    return this.#draft;
  }

  /** The component that is under edit, as the server is to take it with a text; only what differs from the disk. */
  get unsaved(): Draft | undefined {
    return this.#draft && (this.#draft.dirty || !this.#draft.place) ? this.#draft : undefined;
  }

  /** The name of the component under edit, as far as it has one. */
  get name(): string | null {
    return this.#checked?.name ?? null;
  }

  /** Open the first component there is, one's own if possible. */
  async openFirst(): Promise<void> {
    const first = this.#start.components.find((one) => !one.readonly) ?? this.#start.components.find((one) => one.folder === "weather_widget") ?? this.#start.components[0];
    if (first) await this.open(first);
  }

  async open(place: Place): Promise<void> {
    const key = `${place.root}/${place.folder}`;
    let draft = this.#drafts.get(key);
    if (!draft) {
      const readonly = this.#start.components.find((one) => one.root === place.root && one.folder === place.folder)?.readonly ?? false;
      const files = await api.read(place).catch((error: unknown) => void say(wordsOf(error), "error"));
      if (!files) return;
      this.#drafts.set(key, (draft = Draft.of(place, files, readonly)));
    }
    this.#show(draft);
  }

  /** Show a component that came in a link. Its script does not run until the reader says so. */
  openShared(folder: string, files: Record<string, string>): void {
    this.#show(Draft.shared(folder, files));
  }

  async save(): Promise<void> {
    const draft = this.#draft;
    if (!draft || draft.readonly) return;
    if (!draft.place) return this.#adopt(draft);
    const changes = draft.changes();
    if (Object.keys(changes).length === 0) return;
    try {
      const files = await api.save(draft.place, changes);
      for (const [name, change] of Object.entries(changes)) {
        const file = files[name];
        if (file) draft.rebase(name, { text: change.text ?? "", hash: file.hash }, draft.text(name));
      }
      draft.read(files);
      say(`Saved ${Object.keys(changes).join(", ")}`);
    } catch (error) {
      if (error instanceof ConflictError) await this.#settle(draft, error.files);
      else say(wordsOf(error), "error");
    }
    this.#render();
    await this.#look();
  }

  #show(draft: Draft): void {
    this.#draft = draft;
    this.#checked = undefined;
    this.#file = draft.names.includes("template.html") ? "template.html" : (draft.names[0] ?? "");
    this.#shelf.current = draft.place;
    this.#openFile(this.#file);
    this.#banner.hidden = true;
    if (!draft.place) this.#introduce(draft);
    this.#examples.replaceChildren();
    void this.#check();
  }

  #openFile(name: string): void {
    const draft = this.#draft;
    if (!draft) return;
    this.#file = name;
    this.#editor.open(`${draft.place?.root ?? "shared"}/${draft.folder}/${name}`, name, draft.text(name), draft.readonly);
    this.#mark();
    this.#render();
  }

  #edit(text: string): void {
    this.#draft?.edit(this.#file, text);
    this.#render();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), PAUSE);
  }

  // Checking and drawing

  async #check(): Promise<void> {
    const draft = this.#draft;
    if (!draft) return;
    this.#busy?.abort();
    const { signal } = (this.#busy = new AbortController());
    this.#state.textContent = "Checking…";
    try {
      this.#checked = await api.check(draft.forServer(), signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#checked = { findings: [{ file: "template.html", line: 1, code: error instanceof GenUIError ? error.code : "failed", message: wordsOf(error), severity: "error" }], name: null, examples: [], loads: false, prompt: "" };
    }
    if (signal.aborted) return;
    this.#state.textContent = "";
    this.#listExamples(this.#checked.examples);
    this.#mark();
    this.#render();
    await this.#draw(signal);
  }

  async #draw(signal?: AbortSignal): Promise<void> {
    const [draft, example] = [this.#draft, this.#checked?.examples[Math.max(this.#examples.selectedIndex, 0)]];
    if (!draft || example === undefined) return;
    try {
      const trace = await api.trace({ text: example, chunking: "whole", draft: draft.forServer() }, signal);
      const definitions = await this.withScript(trace.definitions, draft, this.#checked?.name ?? null);
      if (!signal?.aborted) this.#preview.show(definitions, trace.steps.flatMap((step): GenUIEvent[] => step.events), true);
    } catch (error) {
      if (!signal?.aborted) say(wordsOf(error), "error");
    }
  }

  /** Definitions with the script of the draft as it is in the editor; without, where it may not run. */
  async withScript(definitions: Trace["definitions"], draft: Draft, name: string | null): Promise<Trace["definitions"]> {
    const text = draft.text("script.js");
    if (text && draft.scriptAllowed && this.#script?.text !== text) this.#script = { text, address: await api.script(text) };
    const script = text && draft.scriptAllowed ? (this.#script?.address ?? null) : null;
    return definitions.map((one) => (one.name === name ? { ...one, script } : one));
  }

  #listExamples(examples: readonly string[]): void {
    const chosen = Math.max(this.#examples.selectedIndex, 0);
    const label = (example: string, index: number): string => `Example ${index + 1}: ${example.replace(/\s+/g, " ").slice(0, 60)}`;
    this.#examples.replaceChildren(...examples.map((example, index) => h("option", {}, label(example, index))));
    this.#examples.selectedIndex = Math.min(chosen, examples.length - 1);
  }

  #mark(): void {
    this.#editor.diagnose((this.#checked?.findings ?? []).filter((one) => one.file === this.#file));
  }

  // Saving

  /** Each file that was changed on both sides: the author says what shall stand. */
  async #settle(draft: Draft, files: Record<string, SourceFile | null>): Promise<void> {
    for (const [name, theirs] of Object.entries(files)) {
      const mine = draft.file(name);
      if (!mine) continue;
      const merged = merge(mine.saved ?? "", mine.text, theirs?.text ?? "");
      const answer = await askConflict(name, mine.text, theirs?.text, merged);
      if (answer === "mine") draft.rebase(name, theirs);
      else if (answer === "merge") draft.rebase(name, theirs, merged.text);
      else if (answer === "theirs" && theirs) draft.settle(name, theirs);
      else if (answer === "theirs") draft.rebase(name, null, ""), draft.remove(name);
      if (answer && answer !== "mine" && name === this.#file) this.#openFile(draft.names.includes(name) ? name : (draft.names[0] ?? ""));
      if (answer === "mine") say(`${name}: yours stands. Save again to write it.`);
    }
    this.#banner.hidden = true;
    void this.#check();
  }

  /** What has changed on disk meanwhile. */
  async #look(): Promise<void> {
    const listing = await api.list().catch(() => undefined);
    if (!listing) return;
    const before = this.#start.components;
    Object.assign(this.#start, listing);
    this.#shelf.list(this.#start);
    for (const [key, draft] of this.#drafts) {
      const now = listing.components.find((one) => `${one.root}/${one.folder}` === key);
      const then = before.find((one) => `${one.root}/${one.folder}` === key);
      if (now && now.hash !== then?.hash) await this.#reread(draft, now);
    }
  }

  async #reread(draft: Draft, place: Place): Promise<void> {
    const files = await api.read(place).catch(() => undefined);
    if (!files) return;
    const before = draft.texts();
    const torn = draft.read(files);
    const followed = draft.names.filter((name) => before[name] !== draft.text(name));
    if (draft !== this.#draft) return;
    if (torn.length > 0) this.#warn(draft, Object.fromEntries(torn.map((name) => [name, files[name] ?? null])));
    if (followed.length === 0) return this.#render();
    say(`Changed on disk, and read again: ${followed.join(", ")}`);
    this.#openFile(draft.names.includes(this.#file) ? this.#file : (draft.names[0] ?? ""));
    void this.#check();
  }

  #warn(draft: Draft, files: Record<string, SourceFile | null>): void {
    const compare = h("button", { type: "button" }, "Compare");
    compare.addEventListener("click", () => void this.#settle(draft, files));
    this.#banner.className = "banner warning";
    this.#banner.replaceChildren(h("span", {}, `${Object.keys(files).join(", ")} changed on disk while you were changing it here. Nothing is overwritten until you say so.`), compare);
    this.#banner.hidden = false;
  }

  // What came in a link

  #introduce(draft: Draft): void {
    const keep = h("button", { type: "button" }, "Save into my folder…");
    keep.addEventListener("click", () => void this.save());
    const words = h("span", {}, h("strong", {}, "This component came in a link. "), "Nothing of it is saved.");
    this.#banner.className = "banner notice";
    this.#banner.replaceChildren(words, keep);
    this.#banner.hidden = false;
    if (!draft.names.includes("script.js")) return;
    const run = h("button", { type: "button" }, "Run its script");
    run.addEventListener("click", () => {
      draft.scriptAllowed = true;
      run.remove();
      void this.#draw();
    });
    words.append(" Its script.js has not been run: read it first.");
    keep.before(run);
  }

  async #adopt(draft: Draft): Promise<void> {
    if (this.#start.roots.length === 0) return say("There is no folder to save to: start with --components DIR.", "error");
    const chosen = await askName("Save into my folder", this.#checked?.name ?? "", this.#start.roots);
    if (!chosen) return;
    const texts = { ...draft.texts() };
    texts["component.toml"] = (texts["component.toml"] ?? "").replace(/^(name\s*=\s*)"[^"\n]*"/m, `$1"${chosen.name}"`);
    await this.#made(api.create(chosen.root, chosen.name, texts));
  }

  async #create(): Promise<void> {
    if (this.#start.roots.length === 0) return say("There is no folder to save to: start with --components DIR.", "error");
    const chosen = await askName("New component", "", this.#start.roots);
    if (chosen) await this.#made(api.create(chosen.root, chosen.name));
  }

  async #duplicate(place: Place): Promise<void> {
    if (this.#start.roots.length === 0) return say("There is no folder to copy it to: start with --components DIR.", "error");
    const chosen = await askName("Duplicate into my folder", `My${this.#checked?.name ?? ""}`, this.#start.roots);
    if (chosen) await this.#made(api.duplicate(place, chosen.root, chosen.name));
  }

  async #made(making: Promise<Place>): Promise<void> {
    const place = await making.catch((error: unknown) => void say(wordsOf(error), "error"));
    if (!place) return;
    await this.#look();
    await this.open(place);
  }

  // The bars

  #render(): void {
    const draft = this.#draft;
    if (!draft) return;
    const focused = this.#tabs.contains(document.activeElement);
    this.#tabs.replaceChildren(...draft.names.map((name) => this.#tab(draft, name)));
    if (focused) this.#tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    this.#actions.replaceChildren(...this.#buttons(draft));
    this.#shelf.dirty = new Set([...this.#drafts].filter(([, one]) => one.dirty).map(([key]) => key));
    this.#list(this.#checked?.findings ?? []);
  }

  #tab(draft: Draft, name: string): HTMLElement {
    const wrong = this.#checked?.findings.some((one) => one.file === name && one.severity === "error");
    const selected = name === this.#file;
    const tab = h("button", { type: "button", role: "tab", "aria-selected": String(selected), tabindex: selected ? "0" : "-1", class: wrong ? "wrong" : "" }, name);
    if (draft.isDirty(name)) tab.append(h("span", { class: "dot", title: "Not saved" }, h("span", { class: "sr-only" }, " (not saved)")));
    tab.addEventListener("click", () => this.#openFile(name));
    tab.addEventListener("keydown", ({ key }) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const next = by && draft.names[(draft.names.indexOf(name) + by + draft.names.length) % draft.names.length];
      if (next) this.#openFile(next), this.#tabs.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    });
    return tab;
  }

  #buttons(draft: Draft): HTMLElement[] {
    if (draft.readonly && draft.place) {
      const place = draft.place;
      const copy = h("button", { type: "button", class: "primary" }, "Duplicate into my folder");
      copy.addEventListener("click", () => void this.#duplicate(place));
      return [h("span", { class: "badge" }, "Read-only"), copy];
    }
    const add = h("select", { class: "add", "aria-label": "Add a file" }, h("option", { value: "" }, "+ File"), ...ADDABLE.filter((name) => !draft.names.includes(name)).map((name) => h("option", { value: name }, name)));
    add.addEventListener("change", () => {
      draft.edit(add.value, STARTS[add.value] ?? "");
      this.#openFile(add.value);
      void this.#check();
    });
    const save = h("button", { type: "button", class: "primary", disabled: draft.place !== undefined && !draft.dirty }, draft.place ? "Save" : "Save…");
    save.addEventListener("click", () => void this.save());
    return [add, save];
  }

  #list(findings: readonly Finding[]): void {
    if (!this.#checked) return this.#problems.replaceChildren(h("p", { class: "quiet" }, "Checking…"));
    if (findings.length === 0) return this.#problems.replaceChildren(h("p", { class: "quiet good" }, "Nothing wrong"));
    const rows = findings.map((one) => {
      const row = h("button", { type: "button", class: one.severity }, h("span", { class: "place" }, `${one.file}:${one.line || 1}`), h("span", {}, one.message), h("code", {}, one.code));
      row.addEventListener("click", () => {
        if (this.#draft?.names.includes(one.file)) this.#openFile(one.file);
        this.#editor.goTo(one.line || 1);
      });
      return h("li", {}, row);
    });
    const errors = findings.filter((one) => one.severity === "error").length;
    const counted = [errors && `${errors} error${errors === 1 ? "" : "s"}`, findings.length - errors && `${findings.length - errors} warning${findings.length - errors === 1 ? "" : "s"}`];
    this.#problems.replaceChildren(h("p", {}, counted.filter(Boolean).join(", ")), h("ul", {}, ...rows));
  }
}

const STARTS: Record<string, string> = {
  "script.js": "export default function (root, host) {\n  return {\n    update() {}, // the template has been drawn anew\n    destroy() {}, // the widget is being removed\n  };\n}\n",
  "loader.py": "async def load(props):\n    return {}\n",
  "part.html": "{# include it from template.html #}\n",
};

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
