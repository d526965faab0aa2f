/** Copying, where the clipboard may be written, and where only an old command can (an insecure origin). */

import { h } from "./dom.ts";

/** Whether the text is on the clipboard now. */
export async function copy(text: string, near: HTMLElement): Promise<boolean> {
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
