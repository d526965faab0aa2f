/**
 * New HTML made ready for what draws over it later.
 *
 * The morphing library pairs old and new nodes by kind and order, and the white space between a template's
 * tags makes it mispair: a legend that comes before a chart costs the chart its canvas. So white space that
 * no browser draws is dropped, and what holds state but has no id of its own gets one, by its kind, its name
 * and its place among its like: the library guarantees what has an id to survive.
 */

const STATEFUL = "[data-genui-keep], a[href], button, details, dialog, input, select, summary, textarea, video, audio, [tabindex]";

/** On what the template draws open, to tell it from what the reader opened or closed. */
export const DRAWN_OPEN = "data-genui-open";

const BLOCK =
  /^(?:article|aside|blockquote|caption|col(?:group)?|d[dlt]|details|dialog|div|fieldset|fig(?:caption|ure)|footer|form|h[1-6r]|header|hgroup|legend|li|main|nav|[ou]l|option|p|pre|section|select|slot|style|summary|t(?:able|body|[dhr]|emplate|foot|head))$/;

export function prepare(content: DocumentFragment): void {
  dropSpace(content);
  identify(content);
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
  return edge === null || (edge instanceof Element && BLOCK.test(edge.localName));
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
