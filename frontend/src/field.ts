/** What the fields that questions are written in have in common. */

/** Enter sends, Shift+Enter breaks the line; an Enter that accepts an IME's word (Safari says only 229) does neither. */
export function isSend(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229;
}

/** Tell those who listen for it; the browser's own submission, a sandboxed frame may forbid. */
export function submit(form: HTMLFormElement): void {
  form.dispatchEvent(new Event("submit", { cancelable: true }));
}

/** As tall as its text. */
export function grow(field: HTMLTextAreaElement): void {
  field.style.blockSize = "auto";
  if (field.scrollHeight > 0) field.style.blockSize = `${field.scrollHeight}px`;
}
