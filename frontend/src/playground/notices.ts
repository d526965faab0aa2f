/** A line that says what has happened, and goes by itself; errors stay until they are put away. */

import { h } from "../dom.ts";

const SHOWN = 4000; // ms
const MOST = 3;

const region = h("div", { class: "notices", role: "status", "aria-live": "polite" });

export function say(words: string, kind: "note" | "error" = "note"): void {
  if ([...region.children].some((one) => one.firstElementChild?.textContent === words)) return;
  const close = h("button", { type: "button", "aria-label": "Dismiss" }, "×");
  const line = h("div", { class: kind }, h("span", {}, words), close);
  close.addEventListener("click", () => line.remove());
  if (kind === "note") setTimeout(() => line.remove(), SHOWN);
  region.append(line);
  if (region.children.length > MOST) region.firstElementChild?.remove();
}

export function notices(): HTMLElement {
  return region;
}
