import assert from "node:assert/strict";
import { after, test } from "node:test";
import { dom, place } from "./dom.ts";
import type { GenUIEvent } from "../src/events.ts";
import { markdown, morphing, preload } from "../src/lazy.ts";
import { mount } from "../src/mount.ts";
import { emptyTree, reduce } from "../src/tree.ts";

const html = (words: string): GenUIEvent => ({ type: "render-component", id: "c2", name: "Card", state: "streaming", props: {}, html: words });
const EVENTS: GenUIEvent[] = [
  { type: "text", text: "one **two** " },
  { type: "render-component", id: "c1", name: "Tag", state: "complete", props: {} },
  { type: "text", text: " three\n\n" },
  html("<p>first</p>"),
  html("<p>second</p>"),
  html("<p>third</p>"),
  { type: "text", text: "\n\nfour" },
  { type: "run-end", reason: "stop" },
];

// One process, one loading: the order of these tests matters.
test("what comes before Markdown and morphing are there waits, and is shown whole and in order", async () => {
  const root = place("main");
  const tree = emptyTree();
  const mounted = mount(tree, root, { components: { Tag: { draw: (host) => host.append("tag"), inline: true } } });
  for (const event of EVENTS) mounted.update(reduce(tree, event));
  assert.equal(markdown.value, undefined, "the bundle was there before anything waited for it");
  assert.equal(root.querySelector("genui-widget")?.shadowRoot?.textContent, "first");
  assert.equal(root.textContent, "", "text stood there before it was Markdown");
  await preload();
  await Promise.resolve();
  assert.deepEqual([...root.children].map((one) => one.shadowRoot?.textContent ?? one.textContent), ["one two tag three", "third", "four"]);
  assert.equal(root.querySelector("strong")?.textContent, "two");
});

test("text is shown plainly, and widgets are drawn anew, when neither can be loaded", () => {
  const loaded = [markdown.value, morphing.value] as const;
  [markdown.value, morphing.value] = [null, null];
  const root = place("main");
  const tree = emptyTree();
  const mounted = mount(tree, root);
  for (const event of EVENTS) mounted.update(reduce(tree, event));
  [markdown.value, morphing.value] = loaded;
  assert.deepEqual([...root.children].map((one) => one.shadowRoot?.textContent ?? one.textContent), ["one **two** ", "", " three\n\n", "third", "\n\nfour"]);
});

after(() => dom.window.close());
