/** A document for tests that draw: jsdom, with the one thing it lacks. Import it before what is tested. */

import { JSDOM } from "jsdom";

export const dom = new JSDOM("<!doctype html><body></body>", { url: "https://here.example/chat/", pretendToBeVisual: true });

/** jsdom has no constructable style sheets. Nothing here looks at style. */
class Sheet {
  replaceSync(): void {}
}

const { window } = dom;
for (const root of [window.Document.prototype, window.ShadowRoot.prototype]) {
  Object.defineProperty(root, "adoptedStyleSheets", { value: [], writable: true });
}
/** Nor has it styles of MathML elements. */
Object.defineProperty(window.Element.prototype, "style", { get: () => ({}), configurable: true });

const names = ["document", "Document", "ShadowRoot", "Node", "NodeFilter", "Element", "HTMLElement", "HTMLInputElement", "HTMLTextAreaElement", "HTMLOptionElement", "Text", "customElements", "CustomEvent", "getSelection"] as const;
for (const name of names) Object.defineProperty(globalThis, name, { value: window[name], configurable: true, writable: true });
Object.assign(globalThis, { CSSStyleSheet: Sheet, CSS: { escape: (text: string) => text } });

/** A fresh element on the page. */
export function place<K extends keyof HTMLElementTagNameMap>(tag: K): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  document.body.replaceChildren(element);
  return element;
}

/** Every way of cutting a text in two, and one character at a time. */
export function* chunkings(text: string): Generator<string[]> {
  yield [text];
  yield [...text];
  for (let cut = 1; cut < text.length; cut += 1) yield [text.slice(0, cut), text.slice(cut)];
}
