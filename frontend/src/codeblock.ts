/** A fenced block: its language and a copy button above the code. The bar stands from the start, so nothing jumps. */

import { h } from "./dom.ts";

const COPIED_FOR = 1600; // milliseconds

export interface CodeBlock {
  frame: HTMLElement;
  code: HTMLElement;
  setLanguage(name: string): void;
  /** The block is whole: it can be copied now. */
  close(): void;
}

export function codeBlock(): CodeBlock {
  const language = h("span", { class: "code-language" }, "text");
  const button = h("button", { type: "button", class: "code-copy", disabled: true }, "Copy");
  const code = h("code");
  const pre = h("pre", { tabindex: "0", dir: "ltr" }, code);
  button.addEventListener("click", () => void copy(code.textContent ?? "", button));
  return {
    frame: h("div", { class: "code" }, h("div", { class: "code-bar" }, language, button), pre),
    code,
    setLanguage: (name) => void (language.textContent = name || "text"),
    close: () => button.removeAttribute("disabled"),
  };
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const copied = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  button.textContent = copied ? "Copied" : "Press Ctrl+C";
  if (!copied) selectCode(button);
  setTimeout(() => void (button.textContent = "Copy"), COPIED_FOR);
}

/** No clipboard (an insecure origin, or not permitted): select the code, so that the keys do it. */
function selectCode(button: HTMLButtonElement): void {
  const code = button.closest(".code")?.querySelector("code");
  if (code) getSelection()?.selectAllChildren(code);
}
