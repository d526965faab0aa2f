/** A component under edit: its files as they are in the editor, as they were read, and whose they are. */

import type { Change, DraftFiles, Files, Place } from "./api.ts";

export interface DraftFile {
  text: string;
  /** As it was on disk when it was read or saved; undefined when it was not there. */
  saved: string | undefined;
  hash: string | null;
  removed: boolean;
}

const ORDER = ["component.toml", "template.html", "style.css", "script.js", "loader.py"];

export class Draft {
  readonly folder: string;
  /** Where it is on disk; undefined for one that came in a link. */
  readonly place: Place | undefined;
  readonly readonly: boolean;
  /** Whether its script may run: the reader of a link has to say so. */
  scriptAllowed: boolean;
  #files = new Map<string, DraftFile>();

  constructor(folder: string, place: Place | undefined, readonly: boolean) {
    [this.folder, this.place, this.readonly] = [folder, place, readonly];
    this.scriptAllowed = place !== undefined;
  }

  static of(place: Place, files: Files, readonly: boolean): Draft {
    const draft = new Draft(place.folder, place, readonly);
    draft.read(files);
    return draft;
  }

  static shared(folder: string, files: Record<string, string>): Draft {
    const draft = new Draft(folder, undefined, false);
    for (const [name, text] of Object.entries(files)) draft.#files.set(name, { text, saved: text, hash: null, removed: false });
    return draft;
  }

  /** The names of its files, those that matter most first. */
  get names(): string[] {
    const rank = (name: string): number => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1);
    return [...this.#files].filter(([, file]) => !file.removed).map(([name]) => name).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  }

  get dirty(): boolean {
    return this.place !== undefined && [...this.#files.values()].some(isDirty);
  }

  isDirty(name: string): boolean {
    const file = this.#files.get(name);
    return file !== undefined && isDirty(file);
  }

  text(name: string): string {
    return this.#files.get(name)?.text ?? "";
  }

  edit(name: string, text: string): void {
    const file = this.#files.get(name);
    if (file) Object.assign(file, { text, removed: false });
    else this.#files.set(name, { text, saved: undefined, hash: null, removed: false });
  }

  remove(name: string): void {
    const file = this.#files.get(name);
    if (file?.saved === undefined) this.#files.delete(name);
    else file.removed = true;
  }

  /** Everything as it is on disk now: what is not under edit follows. Returns the files that are, and differ. */
  read(files: Files): string[] {
    const torn: string[] = [];
    for (const name of new Set([...this.#files.keys(), ...Object.keys(files)])) {
      const [mine, theirs] = [this.#files.get(name), files[name]];
      if (mine && mine.hash === (theirs?.hash ?? null)) continue;
      if (mine && isDirty(mine) && mine.text !== theirs?.text) torn.push(name);
      else if (theirs) this.settle(name, theirs);
      else this.#files.delete(name);
    }
    return torn;
  }

  /** Take what stands on disk as what it was begun from, and keep the text of the editor unless it is given. */
  rebase(name: string, theirs: { text: string; hash: string } | null, text = this.text(name)): void {
    this.#files.set(name, { text, saved: theirs?.text, hash: theirs?.hash ?? null, removed: false });
  }

  settle(name: string, file: { text: string; hash: string }): void {
    this.#files.set(name, { text: file.text, saved: file.text, hash: file.hash, removed: false });
  }

  file(name: string): DraftFile | undefined {
    return this.#files.get(name);
  }

  /** What a save sends. */
  changes(): Record<string, Change> {
    const dirty = [...this.#files].filter(([, file]) => isDirty(file));
    return Object.fromEntries(dirty.map(([name, file]) => [name, { text: file.removed ? null : file.text, base: file.hash }]));
  }

  forServer(): DraftFiles {
    return { folder: this.folder, files: this.texts() };
  }

  texts(): Record<string, string> {
    return Object.fromEntries(this.names.map((name) => [name, this.text(name)]));
  }
}

function isDirty(file: DraftFile): boolean {
  return file.removed || file.text !== file.saved;
}
