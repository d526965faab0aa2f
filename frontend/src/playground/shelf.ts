/** The components on the left: one's own, then the built-in ones. */

import { h } from "../dom.ts";
import type { Listed, Listing, Place } from "./api.ts";

export interface ShelfOptions {
  open: (place: Place) => void;
  create: () => void;
}

export class Shelf {
  readonly element = h("nav", { class: "shelf", "aria-label": "Components" });
  readonly #search = h("input", { type: "search", placeholder: "Find…", "aria-label": "Find a component" });
  readonly #lists = h("div", { class: "lists" });
  readonly #options: ShelfOptions;
  #listing: Listing = { components: [], roots: [] };
  #current: Place | undefined;
  #dirty: ReadonlySet<string> = new Set();
  #drawn = "";

  constructor(options: ShelfOptions) {
    this.#options = options;
    const add = h("button", { type: "button", class: "new" }, "+ New");
    add.addEventListener("click", options.create);
    this.#search.addEventListener("input", () => this.#draw());
    this.element.append(h("div", { class: "bar" }, this.#search, add), this.#lists);
  }

  set current(place: Place | undefined) {
    this.#current = place;
    this.#draw();
  }

  set dirty(keys: ReadonlySet<string>) {
    this.#dirty = keys;
    this.#draw();
  }

  list(listing: Listing): void {
    this.#listing = { components: listing.components, roots: listing.roots };
    this.#draw();
  }

  #draw(): void {
    const drawn = JSON.stringify([this.#listing.components.map(keyOf), this.#current, [...this.#dirty], this.#search.value]);
    if (drawn === this.#drawn) return; // a look at the disk must not take the focus from a list
    this.#drawn = drawn;
    const wanted = this.#search.value.trim().toLowerCase();
    const found = this.#listing.components.filter((one) => nameOf(one).toLowerCase().includes(wanted.replaceAll(" ", "")));
    const groups = [...this.#listing.roots.map(({ root, name }) => [root, name] as const), ["builtin", "Built in"] as const];
    this.#lists.replaceChildren(...groups.map(([root, name]) => this.#group(name, root, found.filter((one) => one.root === root))));
  }

  #group(name: string, root: string, components: readonly Listed[]): HTMLElement {
    const items = components.map((one) => this.#item(one));
    const empty = root === "builtin" || items.length > 0 ? undefined : h("p", { class: "quiet" }, "Nothing here yet");
    return h("section", {}, h("h2", {}, name), items.length > 0 ? h("ul", {}, ...items) : undefined, empty);
  }

  #item(one: Listed): HTMLElement {
    const current = this.#current?.root === one.root && this.#current.folder === one.folder;
    const button = h("button", { type: "button", "aria-current": current && "true" }, nameOf(one));
    if (this.#dirty.has(keyOf(one))) button.append(h("span", { class: "dot", title: "Not saved" }, h("span", { class: "sr-only" }, " (not saved)")));
    button.addEventListener("click", () => this.#options.open(one));
    return h("li", {}, button);
  }
}

function keyOf({ root, folder }: Place): string {
  return `${root}/${folder}`;
}

/** The tag's name is the folder's in the other spelling. */
export function nameOf({ folder }: Place): string {
  return folder.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
