/**
 * Bring what stands in a shadow root to new HTML, and keep what belongs to the reader: focus, selection,
 * scroll, input.
 *
 * The library pairs old and new nodes by kind and order, and the white space between a template's tags makes
 * it mispair: a legend that comes before a chart costs the chart its canvas. So new HTML is prepared first.
 * White space that no browser draws is dropped, and what holds state but has no id of its own gets one, by
 * its kind, its name and its place among its like: the library guarantees what has an id to survive.
 */

import { Idiomorph } from "idiomorph";

const STATEFUL = "[data-genui-keep], a[href], button, details, dialog, input, select, summary, textarea, video, audio, [tabindex]";

/** On what the template draws open, to tell it from what the reader opened or closed. */
const DRAWN_OPEN = "data-genui-open";

const BLOCKS = new Set(
  "article aside blockquote caption col colgroup dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main nav ol option p pre section select slot style summary table tbody td template tfoot th thead tr ul".split(" "),
);

type Field = HTMLInputElement | HTMLTextAreaElement;

export function morph(root: ShadowRoot, content: DocumentFragment): void {
  const active = root.activeElement;
  dropSpace(content);
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

/** Drop white space at the edge of a block, where it is never drawn. */
function dropSpace(content: DocumentFragment): void {
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
  const idle: Node[] = [];
  while (walker.nextNode()) if (isIdleSpace(walker.currentNode)) idle.push(walker.currentNode);
  for (const node of idle) node.parentNode?.removeChild(node);
}

function isIdleSpace({ nodeValue, previousSibling, nextSibling, parentElement }: Node): boolean {
  if (nodeValue?.trim() !== "" || parentElement?.closest("pre, textarea")) return false;
  return isBlock(previousSibling ?? parentElement) || isBlock(nextSibling ?? parentElement);
}

/** Whether an edge (a neighbor, or the parent where there is none) is that of a block; the root's own is one. */
function isBlock(edge: Node | null): boolean {
  return edge === null || (edge instanceof Element && BLOCKS.has(edge.localName));
}

function identify(content: DocumentFragment): void {
  for (const element of content.querySelectorAll("[open]")) element.setAttribute(DRAWN_OPEN, "");
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
