/**
 * On the pages of `genui serve --reload`: when a component has been edited, what shows components looks again,
 * and when an edit is broken, the page says what `genui check` would.
 */

import css from "./styles/reload.css";
import { adopt, h, sheet } from "./dom.ts";

interface News {
  /** Grows with each edit that is taken up. */
  generation: number;
  /** Why the last edit was not. */
  error: string | null;
}

interface Refreshable extends Element {
  refresh(): Promise<void>;
}

const banner = h("p", { class: "genui-reload", role: "alert", dir: "ltr", hidden: true });
let known: number | undefined;

function hear({ generation, error }: News): void {
  banner.hidden = error === null;
  banner.textContent = error;
  if (known !== undefined && generation !== known) refresh();
  known = generation;
}

function refresh(): void {
  for (const element of document.querySelectorAll<Refreshable>("genui-chat, genui-gallery")) {
    element.refresh().catch((cause: unknown) => console.warn("genui: the components could not be shown anew.", cause));
  }
}

adopt(document, sheet(css));
document.body.append(banner);
new EventSource(new URL("../v1/reload", import.meta.url)).onmessage = ({ data }) => hear(JSON.parse(data as string) as News);
