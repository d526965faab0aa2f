/** The playground: three views under one bar, and links that bring an example with them. */

import themeCss from "../theme.css";
import playgroundCss from "./playground.css";
import { adopt, h, sheet } from "../dom.ts";
import { api } from "./api.ts";
import { Ask } from "./ask.ts";
import { ask as askDialog } from "./dialogs.ts";
import { notices, say } from "./notices.ts";
import { exampleIn, linkOf, LONGEST_LINK } from "./share.ts";
import type { Example } from "./share.ts";
import { Stream } from "./stream.ts";
import { Write, wordsOf } from "./write.ts";

type View = "write" | "stream" | "ask";
const VIEWS: Record<View, string> = { write: "Write", stream: "Stream", ask: "Ask" };

async function main(): Promise<void> {
  adopt(document, sheet(themeCss.replace(":host", ":root")), sheet(playgroundCss));
  const start = await api.start().catch((error: unknown) => void document.body.append(h("p", { class: "fatal", role: "alert" }, wordsOf(error))));
  if (!start) return;
  const write = new Write(start);
  const stream = new Stream(start, write);
  const asking = new Ask(start);
  const views = { write: write.element, stream: stream.element, ask: asking.element };
  const page = new Page(views, () => share(page.view, write, stream), () => asking.refresh());
  document.body.append(page.header, h("main", {}, ...Object.values(views)), notices());
  page.show("write");
  await open(page, write, stream);
  addEventListener("hashchange", () => void open(page, write, stream));
}

class Page {
  readonly header: HTMLElement;
  readonly #views: Record<View, HTMLElement>;
  readonly #tabs = new Map<View, HTMLElement>();
  readonly #onAsk: () => void;
  view: View = "write";

  constructor(views: Record<View, HTMLElement>, onShare: () => Promise<void>, onAsk: () => void) {
    this.#views = views;
    this.#onAsk = onAsk;
    const nav = h("nav", { class: "views", "aria-label": "Views" });
    for (const [view, word] of Object.entries(VIEWS) as [View, string][]) {
      const button = h("button", { type: "button" }, word);
      button.addEventListener("click", () => this.show(view));
      this.#tabs.set(view, button);
      nav.append(button);
    }
    const shareButton = h("button", { type: "button", class: "share" }, "Share");
    shareButton.addEventListener("click", () => void onShare());
    this.header = h("header", { class: "top" }, h("h1", {}, h("span", {}, "genui"), " playground"), nav, h("span", { class: "spring" }), shareButton, theme());
  }

  show(view: View): void {
    this.view = view;
    for (const [key, element] of Object.entries(this.#views)) element.hidden = key !== view;
    for (const [key, tab] of this.#tabs) {
      if (key === view) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    if (view === "ask") this.#onAsk();
  }
}

/** The look of the tool itself; previews choose their own. */
function theme(): HTMLElement {
  const dark = (): boolean => document.documentElement.style.colorScheme === "dark" || (!document.documentElement.style.colorScheme && matchMedia("(prefers-color-scheme: dark)").matches);
  const button = h("button", { type: "button", class: "theme", "aria-label": "Light or dark", title: "Light or dark" }, "◐");
  button.addEventListener("click", () => (document.documentElement.style.colorScheme = dark() ? "light" : "dark"));
  return button;
}

/** Open what the address brings, or else the first component. */
async function open(page: Page, write: Write, stream: Stream): Promise<void> {
  const example = await exampleIn(location.hash).catch((error: unknown) => void say(wordsOf(error), "error"));
  if (!example) return write.draft ? undefined : write.openFirst();
  if (example.files && example.folder) write.openShared(example.folder, example.files);
  else if (!write.draft) await write.openFirst();
  if (example.text !== undefined) stream.fill(example.text, example.chunking);
  page.show(example.view);
}

async function share(view: View, write: Write, stream: Stream): Promise<void> {
  const example: Example = view === "stream" ? { view, text: stream.text, chunking: stream.chunking } : { view: "write" };
  const draft = view === "write" ? write.draft : write.unsaved;
  if (draft && view !== "ask") Object.assign(example, { folder: draft.folder, files: draft.texts() });
  if (view === "ask") return say("There is an example to share in Write and in Stream.");
  try {
    await offer(await linkOf(example, location.href));
  } catch (error) {
    say(wordsOf(error), "error");
  }
}

async function offer(link: string): Promise<void> {
  const field = h("input", { id: "share-link", readonly: true, value: link });
  const size = h("p", { class: "hint" }, `${link.length.toLocaleString("en")} of at most ${LONGEST_LINK.toLocaleString("en")} characters. The whole example is in the link and on no server; a loader.py is left out, and a script.js runs only when whoever opens it says so.`);
  const content = h("div", { class: "fields" }, h("label", { for: "share-link" }, "Link"), field, size);
  requestAnimationFrame(() => field.select());
  if ((await askDialog("Share this example", content, { copy: { label: "Copy link", primary: true } })) !== "copy") return;
  await navigator.clipboard.writeText(link).then(
    () => say("Link copied"),
    () => say("The browser does not let the page copy; copy the link by hand.", "error"),
  );
}

void main();
