/**
 * The gallery: every component of a server with each of its examples, in the theme and at the width that one
 * wants to see. The widgets come the way they come in a chat: `POST /v1/recognize`, the same client, the same
 * mounting; genui.js itself is what this bundle imports. A component of one's own stands before the built-in
 * ones, under the same address while it is worked on: `/gallery#StockQuote`.
 */

import { h } from "../dom.ts";
import { connect, Library } from "../index.ts";
import type { Client, Definition } from "../index.ts";
import { Entry } from "./entry.ts";
import { radios } from "./radios.ts";

const AT_ONCE = 3; // examples that load at the same time: a browser opens six connections to a server
const THEMES = { auto: "Auto", light: "Light", dark: "Dark" };
const WIDTHS = { 320: "320", 375: "375", 768: "768", full: "Full" };

class GenUIGallery extends HTMLElement {
  readonly #links = h("nav", { "aria-label": "Components" });
  readonly #main = h("main");
  readonly #search = h("input", { type: "search", placeholder: "Search", "aria-label": "Search components" });
  readonly #count = h("p", { class: "count", role: "status" });
  #entries: Entry[] = [];
  #library: Library | undefined;

  connectedCallback(): void {
    if (this.#library || this.childElementCount > 0) return;
    const theme = radios("Theme", THEMES, parameter("theme") ?? "auto", (chosen) => this.#set("theme", chosen));
    const width = radios("Width", WIDTHS, parameter("width") ?? "full", (chosen) => this.#set("width", chosen));
    this.#search.addEventListener("input", () => this.#filter());
    this.append(h("header", {}, h("h1", {}, "Components"), this.#count, this.#search, theme, width), this.#links, this.#main);
    void this.refresh();
  }

  /** Ask the server what components there are, and show them all anew. */
  async refresh(): Promise<void> {
    try {
      await this.#show();
    } catch (error) {
      this.#count.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  async #show(): Promise<void> {
    const client = connect({ src: new URL(".", document.baseURI) });
    const { components } = await client.describe();
    const library = (this.#library = new Library(components, client.base));
    const first = this.#entries.length === 0;
    this.#entries = sorted(components).map((one) => new Entry(one));
    this.#links.replaceChildren(h("ul", {}, ...this.#entries.map(({ link }) => link)));
    this.#place();
    this.#filter();
    if (first) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
    await this.#fill(client, library);
  }

  /** Each in its place: where one of this name stands, it does so until the new one is drawn. */
  #place(): void {
    const standing = new Map(Array.from(this.#main.children, (element) => [element.id, element]));
    const wanted = this.#entries.map(({ element }) => standing.get(element.id) ?? element);
    for (const element of standing.values()) if (!wanted.includes(element)) element.remove();
    let next: Element | null = null;
    for (const element of wanted.reverse()) {
      if (element.parentNode !== this.#main || element.nextElementSibling !== next) this.#main.insertBefore(element, next);
      next = element;
    }
  }

  async #fill(client: Client, library: Library): Promise<void> {
    this.toggleAttribute("ready", false);
    const waiting = [...this.#entries];
    const work = async (): Promise<void> => {
      for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
        await entry.show(client, library);
        if (this.#library !== library) return; // it was asked for anew
        const { element } = entry;
        if (!element.isConnected) this.#main.children.namedItem(element.id)?.replaceWith(element);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (this.#library === library) this.toggleAttribute("ready", true);
  }

  #filter(): void {
    const found = this.#entries.filter((entry) => entry.filter(this.#search.value)).length;
    this.#count.textContent = this.#search.value.trim() ? `${found} of ${this.#entries.length}` : String(this.#entries.length);
  }

  /** A choice is kept in the address, so that it outlives a reload and can be passed on. */
  #set(name: string, value: string): void {
    document.documentElement.dataset[name] = value;
    const address = new URL(location.href);
    address.searchParams.set(name, value);
    history.replaceState(null, "", address);
  }
}

function parameter(name: string): string | null {
  return new URLSearchParams(location.search).get(name);
}

/** One's own first, each part in the order of the alphabet. */
function sorted(components: readonly Definition[]): Definition[] {
  return [...components].sort((a, b) => Number(a.builtin) - Number(b.builtin) || a.name.localeCompare(b.name, "en"));
}

customElements.define("genui-gallery", GenUIGallery);
