/**
 * Markdown into a growing DOM: streaming-markdown parses, this draws. What stands is only ever appended to.
 *
 * Three things are ours. The parser is fed one character at a time and its text drawn once a chunk, because
 * a few of its decisions look at where a chunk ends: so the page is the same however the text was cut. URLs
 * go through `urls.ts`. And a component that stands in a line is put where its tag was by writing a
 * noncharacter there, which the parser carries like any letter (into a table cell, into bold) and which
 * becomes the widget when it is drawn.
 */

import * as smd from "streaming-markdown";
import proseCss from "./styles/prose.css";
import { codeBlock } from "./codeblock.ts";
import type { CodeBlock } from "./codeblock.ts";
import { adopt, h, sheet } from "./dom.ts";
import type { Formulas } from "./formulas.ts";
import { Lazy } from "./lazy.ts";
import { waiting } from "./waiting.ts";
import type { Library } from "./library.ts";
import { FILLER, RESERVED, WIDGET } from "./nodes.ts";
import { linkUrl } from "./urls.ts";

const LITERAL: readonly number[] = [smd.CODE_BLOCK, smd.CODE_FENCE, smd.CODE_INLINE, smd.RAW_URL, smd.IMAGE];
const PART = 16; // blocks
const DEEPEST = 60; // nesting past this is drawn flat: nobody reads it, and layout suffers

const TAGS: { [token: number]: keyof HTMLElementTagNameMap } = {
  [smd.BLOCKQUOTE]: "blockquote",
  [smd.PARAGRAPH]: "p",
  [smd.LINE_BREAK]: "br",
  [smd.RULE]: "hr",
  [smd.HEADING_1]: "h1",
  [smd.HEADING_2]: "h2",
  [smd.HEADING_3]: "h3",
  [smd.HEADING_4]: "h4",
  [smd.HEADING_5]: "h5",
  [smd.HEADING_6]: "h6",
  [smd.ITALIC_AST]: "em",
  [smd.ITALIC_UND]: "em",
  [smd.STRONG_AST]: "strong",
  [smd.STRONG_UND]: "strong",
  [smd.STRIKE]: "s",
  [smd.CODE_INLINE]: "code",
  [smd.RAW_URL]: "a",
  [smd.LINK]: "a",
  [smd.LIST_UNORDERED]: "ul",
  [smd.LIST_ORDERED]: "ol",
  [smd.LIST_ITEM]: "li",
};

/** An open token: where its content goes, and what is to be done when it ends. */
interface Open {
  token: number;
  element: Element;
  code?: CodeBlock;
  url?: string;
}

export const formulas = new Lazy(() => import("./formulas.ts")); // at the first mark that may begin one

let style: CSSStyleSheet | undefined;

export class Markdown {
  readonly #parser: smd.Parser;
  #formulas: Formulas | undefined;
  readonly #library: Library;
  readonly #open: Open[];
  readonly #widgets: Node[] = [];
  readonly #root: Element;
  #text = "";
  #overdeep = 0;
  #late: (string | Node | undefined)[] | undefined; // what came while a formula waits for what draws it
  #unclosed: Open | undefined; // a link just ended at the first of its URL's own parentheses

  /** `library` says where pictures may load from, and has the words for what is around the text. */
  constructor(root: Element, library: Library) {
    this.#root = root;
    this.#library = library;
    const tree = root.getRootNode();
    if (tree instanceof Document || tree instanceof ShadowRoot) adopt(tree, (style ??= sheet(proseCss)));
    this.#open = [{ token: smd.DOCUMENT, element: root }];
    this.#parser = smd.parser({
      data: undefined,
      add_token: (_, token) => this.#begin(token),
      end_token: () => this.#end(),
      add_text: (_, text) => this.#add(text),
      set_attr: (_, attribute, value) => this.#attribute(attribute, value),
    });
  }

  /** Draw more text. */
  write(text: string): void {
    for (const char of text.replace(RESERVED, "")) this.#next(char);
    this.#flush();
  }

  /** Put a node where the text stands now, as part of its line. */
  insert(node: Node): void {
    this.#next(node);
  }

  /** No more text comes. */
  end(): void {
    this.#next(undefined);
  }

  /** A character, a node, or the end. */
  #next(part: string | Node | undefined): void {
    if (this.#later(part)) return;
    if (typeof part === "string") return this.#character(part);
    this.#formulas?.end();
    if (this.#later(part)) return;
    if (part) this.#place(part);
    else this.#close();
  }

  /** Whether it has to wait. */
  #later(part: string | Node | undefined): boolean {
    this.#late?.push(part);
    return this.#late !== undefined;
  }

  #character(char: string): void {
    if (this.#formulas) this.#formulas.step(char);
    else if ((char !== "$" && char !== "\\") || formulas.value === null || this.#literal()) this.#write(char);
    else if (formulas.value) (this.#formulas = this.#scanner(formulas.value)).step(char);
    else {
      this.#wait(formulas.ready());
      this.#later(char);
    }
  }

  #scanner(module: typeof import("./formulas.ts")): Formulas {
    return new module.Formulas({
      write: (text) => this.#write(text),
      place: (element) => this.#place(element),
      wait: (ready) => this.#wait(ready),
      before: () => this.#parser.pending.at(-1) ?? "",
      literal: () => this.#literal(),
    });
  }

  /** Is what stands here taken as it is, being code or an address? */
  #literal(): boolean {
    return LITERAL.includes(this.#parser.token) || /^`|^]\(/.test(this.#parser.pending);
  }

  #place(node: Node): void {
    this.#widgets.push(node);
    this.#write(WIDGET + FILLER);
    this.#flush();
  }

  /** Draw nothing more until something is there. */
  #wait(ready: Promise<void>): void {
    this.#late ??= [];
    waiting(this.#root, true);
    void ready.then(() => {
      const late = this.#late ?? [];
      this.#late = undefined;
      waiting(this.#root, false);
      for (const part of late) this.#next(part);
      this.#flush();
    });
  }

  #close(): void {
    smd.parser_end(this.#parser);
    const cut = this.#parser.pending; // a link that the end cut off inside its URL
    while (this.#open.length > 1) this.#end();
    if (cut.startsWith("](")) appendText(this.#top.element.lastElementChild ?? this.#top.element, cut.slice(1).trimEnd());
  }

  #write(text: string): void {
    for (const char of text) smd.parser_write(this.#parser, char);
  }

  get #top(): Open {
    return this.#open.at(-1) as Open;
  }

  #add(text: string): void {
    const link = this.#unclosed;
    this.#unclosed = undefined;
    if (!link || text !== ")") this.#text += text;
    else allowLink(link.element, (link.url += ")"));
  }

  #begin(token: number): void {
    this.#unclosed = undefined;
    this.#flush();
    if (this.#open.length === 1) this.#turnOver();
    if (this.#open.length > DEEPEST) this.#overdeep += 1;
    else this.#open.push(this.#opened(token));
  }

  /** A long text goes on in parts: at each change a browser visits all that stands beside what has changed. */
  #turnOver(): void {
    const top = this.#top;
    if (top.element.childElementCount >= PART) top.element = this.#root.appendChild(h("div", { class: "genui-part" }));
  }

  #end(): void {
    this.#flush();
    if (this.#overdeep > 0) this.#overdeep -= 1;
    else if (this.#open.length > 1) this.#finish(this.#open.pop() as Open);
  }

  #finish(open: Open): void {
    finish(open, this.#library);
    if (open.token === smd.LINK && open.url?.includes("(") && !open.url.includes(")")) this.#unclosed = open;
  }

  #attribute(attribute: number, value: string): void {
    const top = this.#top;
    if (attribute === smd.HREF || attribute === smd.SRC) top.url = bareUrl(value);
    if (attribute === smd.LANG) top.code?.setLanguage(value.trim().split(/\s/)[0] ?? "");
    if (attribute === smd.CHECKED) top.element.setAttribute("checked", "");
    if (attribute === smd.START) top.element.setAttribute("start", value);
  }

  #opened(token: number): Open {
    const parent = this.#top.element;
    const into = (element: Element): Open => ({ token, element: parent.appendChild(element) });
    switch (token) {
      case smd.CODE_BLOCK:
      case smd.CODE_FENCE:
        return openCode(token, parent, this.#library);
      case smd.TABLE:
        return openTable(token, parent, this.#library);
      case smd.TABLE_ROW:
        return openRow(token, parent);
      case smd.TABLE_CELL:
        return into(h(parent.parentElement?.localName === "thead" ? "th" : "td"));
      case smd.CHECKBOX:
        return into(h("input", { type: "checkbox", disabled: true, "aria-label": this.#library.words("Task") }));
      case smd.IMAGE:
        return into(h("span")); // decided at its end, when the URL is known
      default:
        return into(h(TAGS[token] ?? "span"));
    }
  }

  /** Draw the text that has gathered, in one text node however many chunks it came in. */
  #flush(): void {
    if (this.#text === "") return;
    const parts = this.#text.replaceAll(FILLER, "").split(WIDGET);
    this.#text = "";
    parts.forEach((part, index) => {
      if (index > 0) this.#top.element.append(this.#widgets.shift() ?? "");
      appendText(this.#top.element, part);
    });
  }
}

function appendText(element: Element, text: string): void {
  if (text === "") return;
  if (element.lastChild instanceof Text) element.lastChild.appendData(text);
  else element.append(text);
}

function openCode(token: number, parent: Element, { words }: Library): Open {
  const code = codeBlock(words);
  parent.append(code.frame);
  return { token, element: code.code, code };
}

function openTable(token: number, parent: Element, { words }: Library): Open {
  const table = h("table");
  parent.append(h("div", { class: "table", tabindex: "0", role: "region", "aria-label": words("Table") }, table));
  return { token, element: table };
}

function openRow(token: number, table: Element): Open {
  const section = table.children.length === 0 ? h("thead") : (table.querySelector(":scope > tbody") ?? h("tbody"));
  if (!section.parentElement) table.append(section);
  return { token, element: section.appendChild(h("tr")) };
}

function finish(open: Open, library: Library): void {
  open.code?.close();
  if (open.token === smd.LINK) finishLink(open);
  if (open.token === smd.RAW_URL) finishRawUrl(open);
  if (open.token === smd.IMAGE) finishImage(open, library);
  if (open.token === smd.TABLE_CELL) alignNumber(open.element);
}

/** `[text](url)`; and `[text]` alone, which the parser takes for a link too, is text in brackets again. */
function finishLink({ element, url }: Open): void {
  if (url === undefined) {
    element.replaceWith("[", ...element.childNodes, "]");
  } else allowLink(element, url);
}

/** A bare URL in a sentence: the sentence's punctuation does not belong to it. */
function finishRawUrl({ element, url = "" }: Open): void {
  const trailing = /[.,;:!?'"*_)\]}]*$/.exec(url)?.[0] ?? "";
  const bare = url.slice(0, url.length - trailing.length);
  element.textContent = bare;
  element.after(trailing);
  allowLink(element, bare);
}

function allowLink(element: Element, written: string): void {
  const url = linkUrl(written);
  if (url === undefined) return element.replaceWith(...element.childNodes);
  element.setAttribute("href", url);
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer nofollow");
}

function finishImage({ element, url = "" }: Open, { images, words }: Library): void {
  const alt = element.textContent ?? "";
  const source = images.url(url);
  if (source !== undefined) return element.replaceWith(h("img", { src: source, alt, loading: "lazy", referrerpolicy: "no-referrer" }));
  const link = h("a", {}, alt || words("Image"));
  element.replaceWith(link);
  allowLink(link, url);
}

/** `<url>` and `url "title"`, which the parser hands on as they are written. */
function bareUrl(written: string): string {
  const url = written.trim().replace(/\s+(?:"[^"]*"|'[^']*'|\([^)]*\))$/, "");
  return url.startsWith("<") && url.endsWith(">") ? url.slice(1, -1) : url;
}

/** Figures line up at the end of their column. The parser drops the column's own alignment. */
function alignNumber(cell: Element): void {
  if (/^[\s(]*[−+-]?[$€£¥]?\s?\d[\d.,\s]*\s?(?:%|[a-zA-Z€]{1,3})?[)\s]*$/.test(cell.textContent ?? "") && !cell.querySelector(".math")) cell.classList.add("number");
}
