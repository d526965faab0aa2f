/** One component of the gallery: what it is for, what it takes, and each of its examples at work. */

import { h } from "../dom.ts";
import type { Props } from "../events.ts";
import type { Client, Definition, Library } from "../index.ts";
import { Example } from "./example.ts";
import { signature, written } from "./signature.ts";

export class Entry {
  readonly element: HTMLElement;
  readonly link: HTMLElement;
  readonly #words: string;
  readonly #examples: Example[];

  constructor(definition: Definition) {
    const { name, description, examples } = definition;
    this.#words = `${name} ${description}`.toLowerCase();
    this.#examples = examples.map((markup) => new Example(markup));
    this.link = h("li", {}, h("a", { href: `#${name}` }, name));
    this.element = h(
      "section",
      { class: "entry", id: name, "aria-labelledby": `${name}-title` },
      h("h2", { id: `${name}-title` }, name),
      h("p", { class: "description", dir: "auto" }, description),
      traits(definition),
      h("div", { class: "examples" }, ...this.#examples.map(({ element }) => element)),
      propsTable(definition),
    );
  }

  async show(client: Client, library: Library): Promise<void> {
    for (const example of this.#examples) await example.show(client, library);
  }

  /** Show it only if it has to do with what is searched for. Returns whether it has. */
  filter(wanted: string): boolean {
    const fits = this.#words.includes(wanted.trim().toLowerCase());
    this.element.hidden = this.link.hidden = !fits;
    return fits;
  }
}

function traits({ inline, children, loads, folder, examples }: Definition): HTMLElement | undefined {
  const words = [
    inline && "stands in a line of text",
    children && "takes children",
    loads && "loads its own data",
    examples.length === 0 && "has no examples yet: add some to component.toml",
  ].filter((word) => typeof word === "string");
  return h("p", { class: "traits" }, ...(folder ? [h("code", {}, folder)] : []), ...words.map((word) => h("span", {}, word)));
}

function propsTable({ name, props }: Definition): HTMLElement | undefined {
  const properties = Object.entries((props.properties ?? {}) as Record<string, Props>);
  if (properties.length === 0) return undefined;
  const required = new Set((props.required ?? []) as string[]);
  const head = ["Prop", "Takes", "Default", "Description"].map((title) => h("th", { scope: "col" }, title));
  const rows = properties.map(([prop, schema]) => row(prop, schema, required.has(prop)));
  const table = h("table", { "aria-label": `Props of ${name}` }, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...rows));
  return h("div", { class: "props", tabindex: "0", role: "region", "aria-label": `Props of ${name}` }, table);
}

function row(prop: string, schema: Props, required: boolean): HTMLElement {
  const fallback = required ? "required" : written(schema.default);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, h("code", {}, prop)),
    h("td", {}, h("code", {}, signature(schema))),
    h("td", {}, required ? fallback : h("code", {}, fallback)),
    h("td", { dir: "auto" }, typeof schema.description === "string" ? schema.description : ""),
  );
}
