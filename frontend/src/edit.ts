/** The form in which a question is changed, in the question's place. */

import editCss from "./styles/edit.css";
import { adopt, h, sheet } from "./dom.ts";
import { grow, isSend, submit } from "./field.ts";
import type { Words } from "./words.ts";

export interface EditHandlers {
  /** Send what was written instead; never nothing. */
  send(text: string): void;
  /** Leave the question as it is. */
  close(): void;
}

export interface Editor {
  form: HTMLFormElement;
  /** Take the focus, once the form is on the page. */
  open(): void;
}

let style: CSSStyleSheet | undefined;

export function editor(text: string, words: Words, { send, close }: EditHandlers): Editor {
  const field = h("textarea", { rows: "1", dir: "auto", "aria-label": words("Edit question") });
  const cancel = h("button", { type: "button", class: "plain" }, words("Cancel"));
  const sender = h("button", { type: "button", class: "primary" }, words("Send"));
  const form = h("form", { class: "edit" }, field, h("div", { class: "choices" }, cancel, sender));
  field.value = text;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (field.value.trim() !== "") send(field.value.trim());
  });
  cancel.addEventListener("click", close);
  sender.addEventListener("click", () => submit(form));
  field.addEventListener("input", () => grow(field));
  field.addEventListener("keydown", (event) => onKey(event, form, close));
  return { form, open: () => open(form, field) };
}

function open(form: HTMLElement, field: HTMLTextAreaElement): void {
  const root = form.getRootNode();
  if (root instanceof ShadowRoot) adopt(root, (style ??= sheet(editCss)));
  grow(field);
  field.focus();
}

function onKey(event: KeyboardEvent, form: HTMLFormElement, close: () => void): void {
  if (event.key === "Escape") {
    event.preventDefault(); // it closes this, and not the panel as well
    close();
  } else if (isSend(event)) {
    event.preventDefault();
    submit(form);
  }
}
