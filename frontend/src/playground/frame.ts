/**
 * The document in which widgets are shown. It has no origin and may connect to nothing; scripts of components
 * run here, those under edit and those that came in a link as well, and so never on the playground's page.
 */

import frameCss from "./frame.css";
import type { GenUIEvent } from "../events.ts";
import { adopt, h, sheet } from "../dom.ts";
import { Library } from "../library.ts";
import { mount } from "../mount.ts";
import type { Mounted } from "../mount.ts";
import { emptyTree, reduce } from "../tree.ts";
import type { FromFrame, ToFrame } from "./wire.ts";

let tree = emptyTree();
let mounted: Mounted | undefined;
let seen = new Set<string>();

function tell(message: FromFrame): void {
  parent.postMessage(message, "*"); // who may frame this page is said by its policy
}

function show({ theme, definitions, events, over }: Extract<ToFrame, { kind: "show" }>): void {
  document.documentElement.style.colorScheme = theme;
  tree = emptyTree();
  seen = new Set();
  const element = h("div");
  const main = document.querySelector("main");
  main?.append(element); // where it is mounted its style sheets go
  mounted = mount(tree, element, { library: new Library(definitions, new URL(document.baseURI)) });
  feed(events, over);
  main?.replaceChildren(element);
}

function feed(events: readonly GenUIEvent[], over: boolean): void {
  for (const event of events) {
    mounted?.update(reduce(tree, event));
    if (event.type === "render-component" && !seen.has(event.id)) note(event.id, event.name);
  }
  if (over) mounted?.end();
}

/** A widget counts as mounted when the frame that shows it has been drawn. */
function note(id: string, name: string): void {
  seen.add(id);
  requestAnimationFrame(() => tell({ kind: "mounted", id, name, at: performance.timeOrigin + performance.now() }));
}

addEventListener("message", ({ source, data }: MessageEvent<ToFrame>) => {
  if (source !== parent) return;
  if (data.kind === "show") show(data);
  else if (data.kind === "feed") feed(data.events, data.over);
});

document.addEventListener("genui-action", (event) => {
  const { action, values } = (event as CustomEvent<{ action: string; values: unknown }>).detail;
  tell({ kind: "action", action: String(action), values: structuredClone(values) });
});

addEventListener("error", ({ message }) => tell({ kind: "failed", message }));
addEventListener("unhandledrejection", ({ reason }) => tell({ kind: "failed", message: String(reason) }));

adopt(document, sheet(frameCss));
new ResizeObserver(() => tell({ kind: "height", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
tell({ kind: "ready" });
