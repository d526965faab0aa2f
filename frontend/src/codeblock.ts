/**
 * A fenced block: its language and a copy button above the code. The bar stands from the start, so nothing
 * jumps; colors come when the block is whole, as painted ranges of the text that stands.
 */

import { h } from "./dom.ts";
import { Lazy } from "./lazy.ts";
import type { Words } from "./words.ts";

const highlighting = new Lazy(() => import("./highlight.ts"));

export interface CodeBlock {
  frame: HTMLElement;
  code: HTMLElement;
  setLanguage(name: string): void;
  /** The block is whole: it can be copied now, and colored. */
  close(): void;
}

export function codeBlock(words: Words): CodeBlock {
  const language = h("span", { class: "code-language" }, "text");
  const button = h("button", { type: "button", class: "code-copy", disabled: true }, words("Copy"));
  const code = h("code");
  const pre = h("pre", { tabindex: "0", dir: "ltr" }, code);
  button.addEventListener("click", () => void copied(code, button, words));
  return {
    frame: h("div", { class: "code" }, h("div", { class: "code-bar" }, language, button), pre),
    code,
    setLanguage: (name) => void (language.textContent = name || "text"),
    close() {
      button.removeAttribute("disabled");
      void color(code, language.textContent ?? "");
    },
  };
}

async function color(code: HTMLElement, language: string): Promise<void> {
  if (language === "text" || !("highlights" in CSS)) return;
  await highlighting.ready();
  if (highlighting.value) new highlighting.value.Highlighter(code).update(language);
}

async function copied(code: HTMLElement, button: HTMLButtonElement, words: Words): Promise<void> {
  const { copyCode } = await import("./clipboard.ts");
  await copyCode(code, button, words);
}
