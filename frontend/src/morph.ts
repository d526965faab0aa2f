/**
 * Bring what stands in a shadow root to new HTML, and keep what belongs to the reader: focus, selection,
 * scroll, input. Both have been prepared (prepare.ts). A bundle of its own: what is drawn once never needs it.
 */

import { Idiomorph } from "idiomorph";
import { DRAWN_OPEN } from "./prepare.ts";

type Field = HTMLInputElement | HTMLTextAreaElement;

export function morph(root: ShadowRoot, content: DocumentFragment): void {
  const active = root.activeElement;
  Idiomorph.morph(root, content, {
    morphStyle: "innerHTML",
    callbacks: {
      beforeNodeMorphed: (old, fresh) => !(isKept(old) && isKept(fresh)),
      beforeAttributeUpdated: (name, element) => !belongsToReader(name, element),
    },
  });
  restoreFocus(root, active);
}

function isKept(node: Node): boolean {
  return node instanceof Element && node.hasAttribute("data-genui-keep");
}

/** What the reader has typed, ticked, chosen, opened or closed since the template was drawn. */
function belongsToReader(name: string, element: Element): boolean {
  if (name === "open") return element.hasAttribute("open") !== element.hasAttribute(DRAWN_OPEN);
  if (element instanceof HTMLInputElement && name === "checked") return element.checked !== element.defaultChecked;
  if (element instanceof HTMLOptionElement) return name === "selected" && element.selected !== element.defaultSelected;
  return name === "value" && isField(element) && (element.value !== element.defaultValue || isActive(element));
}

function isField(element: Element): element is Field {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

function isActive(element: Element): boolean {
  return (element.getRootNode() as ShadowRoot).activeElement === element;
}

/** The library looks for focus in the document, which sees only the outermost host of a shadow root. */
function restoreFocus(root: ShadowRoot, active: Element | null): void {
  if (!active || root.activeElement === active) return;
  const again = root.contains(active) ? active : active.id && root.getElementById(active.id);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}
