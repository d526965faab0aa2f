/**
 * A formula as MathML, by Temml; a bundle of its own. MathML because Chromium, Firefox and Safari all draw it
 * themselves: no fonts to load, no style attributes that the page's policy would forbid, and screen readers
 * read it. KaTeX's HTML needs both fonts and inline styles.
 *
 * What a model wrote is never trusted: no links, pictures, classes or ids of its own, no macros that outlive
 * their formula, and bounds on sizes and on what macros expand to.
 */

import temml from "temml";
import temmlCss from "temml/dist/Temml-Local.css";
import mathCss from "./styles/math.css";
import { adopt, h, sheet } from "./dom.ts";

const OPTIONS = { trust: false, strict: false, throwOnError: true, maxSize: [20, 200] as [number, number], maxExpand: 200 };

const css = temmlCss.replace(/@font-face\s*\{[^}]*\}/, "") + mathCss; // the browser's own fonts do

let style: CSSStyleSheet | undefined;

/** Draw a formula into an element that stands on the page; one with a mistake is shown as it was written. */
export function typeset(element: HTMLElement, source: string, block: boolean): void {
  const root = element.getRootNode();
  if (root instanceof Document || root instanceof ShadowRoot) adopt(root, (style ??= sheet(css)));
  try {
    temml.render(source, element, { ...OPTIONS, displayMode: block });
    for (const labeled of element.querySelectorAll("[id], [href]")) for (const name of ["id", "href"]) labeled.removeAttribute(name);
  } catch {
    element.replaceChildren(h("code", {}, source));
  }
}
