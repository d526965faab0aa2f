/** The chat's icons: paths of Lucide's (https://lucide.dev), on 24 units, and the buttons that wear them. */

import { h, icon } from "./dom.ts";

export const ICONS = {
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M7 7h10v10H7z",
  down: "M12 5v14M6 13l6 6 6-6",
  copy: "M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2V10a2 2 0 0 1 2-2zM4 16a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2",
  edit: "M21.2 6.8a2.8 2.8 0 0 0-4-4L3.8 16.2a2 2 0 0 0-.5.8L2 21.4a.5.5 0 0 0 .6.6l4.3-1.3a2 2 0 0 0 .8-.5zM15 5l4 4",
  again: "M21 12a9 9 0 1 1-3-6.7L21 8M21 3v5h-5",
  voice: "M11 5 6 9H2v6h4l5 4zM15.5 8.5a5 5 0 0 1 0 7M19 5a10 10 0 0 1 0 14",
  microphone: "M12 2a3 3 0 0 0-3 3v7a3 3 0 0 0 6 0V5a3 3 0 0 0-3-3zM19 10v2a7 7 0 0 1-14 0v-2M12 19v3",
  begin: "M12 3H5a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2v-7M18.4 2.6a2.1 2.1 0 0 1 3 3L12 15l-4 1 1-4z",
} as const;

type IconName = keyof typeof ICONS;

/** A button that shows an icon, one of these or a path of its own; `label` gives it words. */
export function iconButton(name: IconName | string, press: () => void, className = "tool"): HTMLButtonElement {
  const button = h("button", { type: "button", class: className }, picture(name));
  button.addEventListener("click", press);
  return button;
}

/** Give a button its words, for ears and for where the pointer rests. */
export function label(button: HTMLButtonElement, words: string): void {
  if (button.title === words) return;
  button.title = words;
  button.setAttribute("aria-label", words);
}

export function wear(button: HTMLButtonElement, name: IconName | string): void {
  button.replaceChildren(picture(name));
}

function picture(name: IconName | string): SVGElement {
  return icon(name in ICONS ? ICONS[name as IconName] : name);
}
