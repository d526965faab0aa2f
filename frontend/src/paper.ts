/** How a conversation looks on paper: a bundle of its own, which comes after the first answer. */

import paperCss from "./styles/paper.css";
import { adopt, sheet } from "./dom.ts";

let style: CSSStyleSheet | undefined;

export function printable(root: ShadowRoot): void {
  adopt(root, (style ??= sheet(paperCss)));
}
