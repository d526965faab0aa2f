/** Copying, where the clipboard may be written, and where only an old command can (an insecure origin). */

import { h } from "./dom.ts";

const TOLD_FOR = 1600; // milliseconds

/** Copy, and tell whether the text is on the clipboard; then, after a while, that there is nothing to tell any more. */
export async function copyAndTell(text: string, near: HTMLElement, tell: (copied: boolean | undefined) => void): Promise<void> {
  tell(await copy(text, near));
  setTimeout(tell, TOLD_FOR);
}

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
