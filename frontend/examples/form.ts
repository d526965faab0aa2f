/** What the pages without a framework have in common: a form at their end, and above it an article for each turn. */

type Elements = HTMLFormControlsCollection & { question: HTMLInputElement; send: HTMLButtonElement; stop: HTMLButtonElement };

export const form = document.forms[0] as HTMLFormElement;
export const { question, send, stop } = form.elements as Elements;

export function turn(label: string): HTMLElement {
  const article = document.createElement("article");
  article.setAttribute("aria-label", label);
  form.before(article);
  if (label === "You") article.scrollIntoView();
  return article;
}

/** Whether an answer is being given: Stop then stands in the place of Send. */
export function busy(now: boolean): void {
  send.hidden = now;
  stop.hidden = !now;
}

/** Say behind an answer what went wrong with it. */
export function alert(article: HTMLElement, message: string): void {
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  words.append(message);
  article.after(words);
}
