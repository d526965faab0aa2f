/**
 * Source code in color, without touching the code: highlight.js finds the words, and the browser paints
 * ranges of the text that stands (https://www.w3.org/TR/css-highlight-api-1/). So a template can be morphed
 * and code copied as if nothing were colored, and no markup is made of what a model wrote. A browser
 * without that API shows the code plain.
 *
 * It runs here and not on the server, where coloring a block again at every drawing would hold up all
 * other streams. A bundle of its own: a page without code never loads it.
 */

import type { Element as Part, Root, Text as Word } from "hast";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import csharp from "highlight.js/lib/languages/csharp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import kotlin from "highlight.js/lib/languages/kotlin";
import markdown from "highlight.js/lib/languages/markdown";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import swift from "highlight.js/lib/languages/swift";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import highlightCss from "./styles/highlight.css";
import { adopt, sheet } from "./dom.ts";

const lowlight = createLowlight({
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, markdown, php, python,
  ruby, rust, shell, sql, swift, typescript, xml, yaml,
});

const LONGEST = 50_000; // characters; what is longer stays plain, and the page quick

/** What highlight.js calls things, and the few colors that a theme has for them: `::highlight(genui-…)`. */
const ROLES: Record<string, string> = {
  comment: "comment", quote: "comment", doctag: "comment",
  keyword: "keyword", literal: "keyword", "selector-tag": "keyword", type: "keyword", "meta-keyword": "keyword",
  string: "string", regexp: "string", addition: "string", "template-tag": "string", code: "string",
  number: "number", symbol: "number", bullet: "number", variable: "number", "template-variable": "number",
  title: "name", section: "name", built_in: "name", "selector-class": "name", "selector-id": "name", attr: "name",
  attribute: "name", name: "name", property: "name", link: "name",
  deletion: "deletion", meta: "comment",
};

const SWEEP = 1000; // milliseconds

let style: CSSStyleSheet | undefined;
let sweeping: ReturnType<typeof setTimeout> | undefined;

interface Span {
  role: string;
  start: number;
  end: number;
}

/** Colors the text of an element, again at each `update`; `destroy` takes the colors away. */
export class Highlighter {
  readonly #element: Element;
  #ranges: [string, StaticRange][] = [];
  #drawn = "";

  constructor(element: Element) {
    this.#element = element;
  }

  update(language: string): void {
    const text = this.#element.firstChild;
    const key = `${language}\n${text?.nodeValue ?? ""}`;
    if (!("highlights" in CSS) || matchMedia("(forced-colors: active)").matches) return; // a highlight is then a bar behind the word
    if (key === this.#drawn && this.#stands()) return;
    this.destroy();
    this.#drawn = key;
    const root = this.#element.getRootNode();
    if (root instanceof Document || root instanceof ShadowRoot) adopt(root, (style ??= sheet(highlightCss)));
    if (text instanceof Text) this.#paint(text, spans(text.data, language));
  }

  destroy(): void {
    for (const [role, range] of this.#ranges) CSS.highlights.get(role)?.delete(range);
    this.#ranges = [];
    this.#drawn = "";
  }

  /** Whether its colors are still there: they were taken away if the code was out of the page for a while. */
  #stands(): boolean {
    return this.#ranges.every(([role, range]) => CSS.highlights.get(role)?.has(range));
  }

  #paint(text: Text, found: readonly Span[]): void {
    sweepSoon();
    for (const { role, start, end } of found) {
      const range = new StaticRange({ startContainer: text, startOffset: start, endContainer: text, endOffset: end });
      registered(role).add(range);
      this.#ranges.push([role, range]);
    }
  }
}

/** The registry is the page's: what has left the page would stay in it, and in memory. It is looked through
 * once a second while code is written, and not for each word of each block. */
function sweepSoon(): void {
  sweeping ??= setTimeout(() => {
    sweeping = undefined;
    sweep();
  }, SWEEP);
}

function sweep(): void {
  for (const role of new Set(Object.values(ROLES))) {
    const highlight = CSS.highlights.get(`genui-${role}`);
    highlight?.forEach((range) => range.startContainer.isConnected || highlight.delete(range));
  }
}

function registered(role: string): Highlight {
  const known = CSS.highlights.get(role);
  if (known) return known;
  const made = new Highlight();
  CSS.highlights.set(role, made);
  return made;
}

/** The colored parts of some code, in order; none in a language that is not known. */
export function spans(code: string, language: string): Span[] {
  const name = language.trim().toLowerCase();
  if (code.length > LONGEST || !lowlight.registered(name)) return [];
  const found: Span[] = [];
  walk(lowlight.highlight(name, code), undefined, 0, found);
  return found;
}

/** Returns the offset behind the node. What lies deepest decides its color. */
function walk(node: Root | Part, role: string | undefined, offset: number, found: Span[]): number {
  for (const child of node.children) {
    if (child.type === "element") offset = walk(child, roleOf(child) ?? role, offset, found);
    else if (child.type === "text") offset = word(child, role, offset, found);
  }
  return offset;
}

function word({ value }: Word, role: string | undefined, offset: number, found: Span[]): number {
  const end = offset + value.length;
  if (role && value.trim()) found.push({ role: `genui-${role}`, start: offset, end });
  return end;
}

function roleOf({ properties }: Part): string | undefined {
  const [first] = Array.isArray(properties["className"]) ? properties["className"] : [];
  return ROLES[String(first).replace("hljs-", "")];
}
