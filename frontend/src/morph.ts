/**
 * Bring what stands in a shadow root to new HTML, and keep what belongs to the reader: focus, selection,
 * scroll, input.
 *
 * The library guarantees only elements with an id to survive: without one, a new sibling can shift the white
 * space between tags so that a neighbor is thrown away and drawn anew. So whatever holds state, and has no id
 * of its own, gets one by its kind, its name and its place among its like, the same in old and new HTML.
 */

import { Idiomorph } from "idiomorph";

const STATEFUL = "[data-genui-keep], a[href], button, details, dialog, input, select, summary, textarea, video, audio, [tabindex]";

type Field = HTMLInputElement | HTMLTextAreaElement;

export function morph(root: ShadowRoot, content: DocumentFragment): void {
  const active = root.activeElement;
  identify(content);
  Idiomorph.morph(root, content, {
    morphStyle: "innerHTML",
    callbacks: {
      beforeNodeMorphed: (old, fresh) => !(isKept(old) && isKept(fresh)),
      beforeAttributeUpdated: (name, element) => !belongsToReader(name, element),
    },
  });
  restoreFocus(root, active);
}

function identify(content: DocumentFragment): void {
  const counts = new Map<string, number>();
  for (const element of content.querySelectorAll(STATEFUL)) {
    const kind = ["genui", element.localName, element.getAttribute("name") ?? ""].join("-");
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    element.id ||= `${kind}-${count}`;
  }
}

function isKept(node: Node): boolean {
  return node instanceof Element && node.hasAttribute("data-genui-keep");
}

/** What the reader has typed, ticked, chosen or unfolded since the template was drawn. */
function belongsToReader(name: string, element: Element): boolean {
  if (name === "open") return element.localName === "details";
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
