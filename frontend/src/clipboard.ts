/** Copying, where the clipboard may be written, and where only an old command can (an insecure origin). */

import { h, icon } from "./dom.ts";
import { label } from "./icons.ts";
import type { Words } from "./words.ts";

const TOLD_FOR = 1600; // milliseconds
const DONE = "M20 6 9 17l-5-5";

/** What gives a button back its looks, while it tells what came of copying. */
const telling = new WeakMap<HTMLButtonElement, () => void>();

/** Copy, and tell on the icon that was pressed whether the text is on the clipboard. */
export async function copyByIcon(text: string, button: HTMLButtonElement, words: Words): Promise<void> {
  const copied = await copy(text, button);
  tell(button);
  label(button, words(copied ? "Copied" : "Copying is not allowed here"));
  if (copied) button.replaceChildren(icon(DONE));
}

/** Copy code, and tell so on the button that was pressed; or select it, so that the keys copy it. */
export async function copyCode(code: HTMLElement, button: HTMLButtonElement, words: Words): Promise<void> {
  const copied = await copy(code.textContent ?? "", button);
  tell(button);
  button.textContent = words(copied ? "Copied" : "Press Ctrl+C");
  if (!copied) getSelection()?.selectAllChildren(code);
}

/** A button will look otherwise for a while. */
function tell(button: HTMLButtonElement): void {
  telling.get(button)?.();
  const { title, childNodes } = button;
  const before = [...childNodes];
  const timer = setTimeout(restore, TOLD_FOR);
  telling.set(button, restore);
  function restore(): void {
    clearTimeout(timer);
    telling.delete(button);
    if (title) label(button, title);
    button.replaceChildren(...before);
  }
}

/** Whether the text is on the clipboard now. */
async function copy(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, near);
  }
}

function copyBySelection(text: string, near: HTMLElement): boolean {
  const field = h("textarea", { class: "sr-only", readonly: true, tabindex: "-1" });
  field.value = text;
  near.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  near.focus();
  return copied;
}
