/**
 * What the scripts of components with plain buttons share, as `static/press.js`: a press becomes one bubbling
 * `genui-action` event {action, values}. The server knows what the button stands for, so that it carries no values;
 * a Form around it adds its own.
 */

import type { Behavior } from "./library.ts";

/** Tell every press of a button in `root`; by default its action is its `data-action`, and without one nothing is told. */
export function presses(root: ShadowRoot, host: HTMLElement, actionOf = (button: HTMLButtonElement): string | undefined => button.dataset.action): Behavior {
  const press = ({ target }: Event): void => {
    const button = target instanceof Element ? target.closest("button") : null;
    const action = button ? actionOf(button) : undefined;
    if (!action) return;
    host.dispatchEvent(new CustomEvent("genui-action", { detail: { action, values: {} }, bubbles: true, composed: true }));
  };
  root.addEventListener("click", press);
  return { destroy: () => root.removeEventListener("click", press) };
}
