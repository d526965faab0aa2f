/** Elements without markup: what a string says is always text, never HTML. */

type Child = Node | string | undefined;
type Attributes = Record<string, string | boolean | undefined>;

/** An element with attributes (true is the bare attribute; false and undefined leave it out) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** A 24-unit line icon, drawn in the color of its text. */
export function icon(path: string): SVGSVGElement {
  const svg = svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  svg.append(svgElement("path", { d: path }));
  return svg;
}

function svgElement<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Record<string, string>): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** A constructable sheet, which strict CSP allows, and which all roots that adopt it share. */
export function sheet(css: string): CSSStyleSheet {
  const result = new CSSStyleSheet();
  result.replaceSync(css);
  return result;
}

/** Give a document or shadow root these sheets, each once. */
export function adopt(root: Document | ShadowRoot, ...sheets: CSSStyleSheet[]): void {
  const missing = sheets.filter((one) => !root.adoptedStyleSheets.includes(one));
  if (missing.length > 0) root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...missing];
}
