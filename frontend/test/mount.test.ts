import assert from "node:assert/strict";
import { after, test } from "node:test";
import { dom, place } from "./dom.ts";
import type { Definition } from "../src/client.ts";
import type { GenUIEvent, RenderComponent } from "../src/events.ts";
import { Library } from "../src/library.ts";
import { preload, activities } from "../src/lazy.ts";
import { mount } from "../src/mount.ts";
import type { MountOptions } from "../src/mount.ts";
import { emptyTree, reduce } from "../src/tree.ts";

function defined(name: string, rest: Partial<Definition> = {}): Definition {
  return { name, folder: name.toLowerCase(), description: "", inline: false, children: false, min_height: 80, loads: false, builtin: true, props: {}, style: "", script: null, examples: [], ...rest };
}

const SCRIPT = `data:text/javascript,${encodeURIComponent("export default (root, host) => { host.calls = ['start ' + root.textContent]; return { update() { host.calls.push('update ' + root.textContent); }, destroy() { host.calls.push('destroy'); } }; }")}`;
const BROKEN = `data:text/javascript,${encodeURIComponent("export default () => { throw new Error('broken'); }")}`;

const LIBRARY = new Library(
  [defined("Card", { children: true }), defined("Pill", { inline: true }), defined("Form"), defined("Load", { loads: true }), defined("Live", { script: SCRIPT }), defined("Broken", { script: BROKEN })],
  new URL("https://here.example/"),
);

await preload();

/** A page with a message on it, and the hand that feeds it events. */
function page(components: MountOptions["components"] = {}): { root: HTMLElement; destroy: () => void; feed: (...events: GenUIEvent[]) => void; widget: (name: string) => HTMLElement & { calls?: string[]; shadowRoot: ShadowRoot } } {
  const root = place("main");
  const tree = emptyTree();
  const mounted = mount(tree, root, { library: LIBRARY, components });
  return {
    root,
    destroy: () => mounted.destroy(),
    feed: (...events) => events.forEach((event) => mounted.update(reduce(tree, event))),
    widget: (name) => root.querySelector(`genui-widget[name="${name}"]`) as never,
  };
}

function show(id: string, name: string, html: string, rest: Partial<RenderComponent> = {}): GenUIEvent {
  return { type: "render-component", id, name, state: "streaming", props: {}, html, ...rest };
}

const text = (words: string, parent?: string): GenUIEvent => ({ type: "text", text: words, ...(parent ? { parent } : {}) });

const END: GenUIEvent = { type: "run-end", reason: "stop" };

/** Until what is imported and queued has run. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200 && !holds(); turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(holds());
}

test("text and widgets stand in the order in which they came", () => {
  const { root, feed } = page();
  feed(text("one\n\n"), show("c1", "Card", "<p>x</p>"), text("\n\n"), show("c2", "Form", "<p>y</p>"), text("\n\ntwo"), END);
  assert.deepEqual([...root.children].map((child) => child.getAttribute("name") ?? child.textContent), ["one", "Card", "Form", "two"]);
});

test("a widget stands at its first event, reserves its room, and gives it back when it is whole", () => {
  const { feed, widget } = page();
  feed(show("c1", "Card", "<p>half</p>"));
  assert.equal(widget("Card").style.getPropertyValue("--genui-reserved"), "80px");
  assert.ok(widget("Card").hasAttribute("streaming"));
  feed(show("c1", "Card", "<p>whole</p>", { state: "complete", props: { a: 1 } }));
  assert.ok(!widget("Card").hasAttribute("streaming"));
  assert.equal(widget("Card").shadowRoot.textContent, "whole");
});

test("a widget that the run's end cut off settles", () => {
  const { feed, widget } = page();
  feed(show("c1", "Card", "<p>half</p>"), { type: "run-end", reason: "cancelled" });
  assert.ok(!widget("Card").hasAttribute("streaming"));
});

test("children are light DOM of their parent, as Markdown without the tags' indentation", () => {
  const { feed, widget } = page();
  feed(show("c1", "Card", "<slot></slot>"), text("\n    Sales **rose**", "c1"), text(".\n    - a\n", "c1"), show("c2", "Form", "<p>x</p>", { parent: "c1" }), text("\n    last", "c1"), END);
  const [prose, form, last] = widget("Card").children;
  assert.equal(prose?.innerHTML, "<p>Sales <strong>rose</strong>.</p><ul><li>a</li></ul>");
  assert.equal(form?.getAttribute("name"), "Form");
  assert.equal(last?.innerHTML, "<p>last</p>");
});

test("a widget waits for its data, and shows beside what it has when none comes", () => {
  const { feed, widget } = page();
  feed(show("c1", "Load", "<p>waiting</p>", { state: "complete" }));
  assert.ok(widget("Load").hasAttribute("loading"));
  feed({ type: "component-data", id: "c1", ops: [{ op: "set", path: "/n", value: 1 }], html: "<p>one</p>" });
  assert.ok(!widget("Load").hasAttribute("loading"));
  feed({ type: "component-error", id: "c1", name: "Load", code: "load-failed", message: "No data.", source: "" });
  assert.equal(widget("Load").shadowRoot.textContent, "oneNo data.");
  assert.ok(!widget("Load").hasAttribute("failed"));
});

test("the run's end ends the waiting for data", () => {
  const { feed, widget } = page();
  feed(show("c1", "Load", "<p>waiting</p>", { state: "complete" }), END);
  assert.ok(!widget("Load").hasAttribute("loading"));
});

test("an inline widget stands in its sentence", () => {
  const { root, feed } = page();
  feed(text("It is "), show("c1", "Pill", "<b>21</b>"), text(" now.\n\nNext"));
  assert.equal(root.children.length, 1);
  assert.equal(root.querySelector("p")?.textContent, "It is  now.");
  assert.equal(root.querySelector("p > genui-widget")?.shadowRoot?.textContent, "21");
});

test("an update keeps focus, what was typed, and elements that are to be kept", () => {
  const { feed, widget } = page();
  const html = (title: string, more = ""): string => `<h2>${title}</h2><form><input name="a" value="x"><input name="b" type="checkbox"></form><div id="keep" data-genui-keep></div><details><p>d</p></details>${more}`;
  feed(show("c1", "Form", html("One")));
  const { shadowRoot } = widget("Form");
  const [input, box] = shadowRoot.querySelectorAll("input") as unknown as [HTMLInputElement, HTMLInputElement];
  input.focus();
  input.value = "typed";
  box.checked = true;
  shadowRoot.querySelector("details")?.setAttribute("open", "");
  shadowRoot.getElementById("keep")?.append(document.createElement("canvas"));
  feed(show("c1", "Form", html("Two", "<p>more</p>"), { state: "complete" }));
  assert.equal(shadowRoot.querySelector("h2")?.textContent, "Two");
  assert.equal(shadowRoot.querySelector("input"), input);
  assert.deepEqual([input.value, box.checked, shadowRoot.activeElement === input], ["typed", true, true]);
  assert.ok(shadowRoot.querySelector("#keep > canvas"));
  assert.ok(shadowRoot.querySelector("details")?.hasAttribute("open"));
});

test("what the template opens is open, and what the reader opened or closed stays so", () => {
  const { feed, widget } = page();
  const html = (open: boolean, more = ""): string => `<details id="a"${open ? " open" : ""}></details><details id="b"></details><dialog></dialog>${more}`;
  feed(show("c1", "Card", html(false)));
  const { shadowRoot } = widget("Card");
  const isOpen = (selector: string): boolean => shadowRoot.querySelector(selector)?.hasAttribute("open") ?? false;
  feed(show("c1", "Card", html(true)));
  assert.ok(isOpen("#a"));

  shadowRoot.querySelector("#a")?.removeAttribute("open");
  shadowRoot.querySelector("#b")?.setAttribute("open", "");
  shadowRoot.querySelector("dialog")?.setAttribute("open", "");
  feed(show("c1", "Card", html(true, "<p></p>")));
  assert.ok(!isOpen("#a") && isOpen("#b") && isOpen("dialog"));
});

test("what holds state survives new siblings, however the template's white space shifts", () => {
  const { feed, widget } = page();
  const html = (legend: string): string => `<figure>\n<h2>T</h2>\n${legend}<div class="area">\n<div class="plot" data-genui-keep></div>\n<input name="a">\n</div>\n<table></table>\n</figure>`;
  feed(show("c1", "Form", html("")));
  const { shadowRoot } = widget("Form");
  const input = shadowRoot.querySelector("input") as HTMLInputElement;
  input.value = "typed";
  input.focus();
  shadowRoot.querySelector(".plot")?.append(document.createElement("canvas"));
  const observer = new dom.window.MutationObserver(() => undefined);
  observer.observe(shadowRoot.querySelector("figure") as Element, { childList: true });
  feed(show("c1", "Form", html("<ul>\n<li>a</li>\n</ul>\n")));
  assert.ok(shadowRoot.querySelector(".plot > canvas"));
  assert.equal(shadowRoot.querySelector("input"), input);
  assert.deepEqual([input.value, shadowRoot.activeElement === input], ["typed", true]);
  assert.deepEqual(observer.takeRecords().map((record) => record.removedNodes.length), [0]); // not even moved: that detaches a chart
});

test("the white space that a sentence needs stays", () => {
  const { feed, widget } = page();
  feed(show("c1", "Form", "<p>\n<b>High</b>\n<i>26</i>\n</p>\n<p>x</p><pre>\n  a\n<b>c</b>\n</pre>"));
  assert.equal(widget("Form").shadowRoot.innerHTML, "<p><b>High</b>\n<i>26</i></p><p>x</p><pre>  a\n<b>c</b>\n</pre>");
});

test("an untouched field takes the value that the template brings", () => {
  const { feed, widget } = page();
  feed(show("c1", "Form", '<input value="Lis">'), show("c1", "Form", '<input value="Lisbon">'));
  assert.equal(widget("Form").shadowRoot.querySelector("input")?.value, "Lisbon");
});

test("a component that failed shows a quiet note, its children stay, and a repair brings it back", () => {
  const { feed, widget } = page();
  feed(show("c1", "Card", "<h3>T</h3><slot></slot>"), text("child", "c1"), { type: "component-error", id: "c1", name: "Card", code: "prop", message: "no", source: "<Card" }, END);
  assert.equal(widget("Card").shadowRoot.textContent, "Card could not be shown.");
  assert.ok(widget("Card").shadowRoot.querySelector("slot"));
  assert.equal(widget("Card").textContent, "child");
  feed(show("c1", "Card", "<h3>T</h3><slot></slot>", { state: "complete" }));
  assert.equal(widget("Card").shadowRoot.textContent, "T");
});

test("a component that nobody described still shows its HTML", () => {
  const { feed, widget } = page();
  feed(show("c1", "Newer", "<p>x</p>", { state: "complete" }));
  assert.equal(widget("Newer").shadowRoot.textContent, "x");
});

test("a script starts after the first drawing, hears of every later one, and is told to stop", async () => {
  const { root, feed, widget } = page();
  feed(show("c1", "Live", "1"));
  const host = widget("Live");
  await until(() => host.calls !== undefined);
  feed(show("c1", "Live", "2", { state: "complete" }));
  root.replaceChildren();
  await until(() => host.calls?.at(-1) === "destroy");
  assert.deepEqual(host.calls, ["start 1", "update 2", "destroy"]);
});

test("a widget that is moved goes on", async () => {
  const { root, feed, widget } = page();
  feed(show("c1", "Live", "1"));
  const host = widget("Live");
  await until(() => host.calls !== undefined);
  root.prepend(host);
  await Promise.resolve();
  assert.ok(!host.calls?.includes("destroy"));
});

test("a script that fails is not started again, and harms nothing else", async () => {
  const reported: unknown[] = [];
  const { error } = console;
  console.error = (...words: unknown[]) => void reported.push(words);
  const { feed, widget } = page();
  feed(show("c1", "Broken", "1"));
  await until(() => reported.length > 0);
  feed(show("c1", "Broken", "2"), text("\n\nafter"));
  await new Promise((resolve) => setImmediate(resolve));
  console.error = error;
  assert.equal(reported.length, 1);
  assert.equal(widget("Broken").shadowRoot.textContent, "2");
});

test("scripts in a component's HTML never run", () => {
  const { feed } = page();
  feed(show("c1", "Card", "<script>globalThis.ran = true</script><p>x</p>"));
  assert.equal((globalThis as { ran?: boolean }).ran, undefined);
});

/** What each line of the steps says; where there are several, the first stands for all. */
function lines(root: HTMLElement): (string | null)[] {
  return [...root.querySelectorAll(".genui-status-words")].map((line) => line.textContent);
}

test("several steps are one line that says what goes on, and what it came to, with each step folded behind it", async () => {
  await activities.ready();
  const { root, feed } = page();
  feed(
    { type: "status", id: "a", label: "Searching…", state: "running" },
    { type: "status", id: "b", label: "Booking…", state: "running" },
  );
  assert.deepEqual(lines(root), ["Booking…", "Searching…", "Booking…"]);
  feed(
    { type: "status", id: "a", label: "Searching…", state: "done", seconds: 2.345 },
    { type: "status", id: "b", label: "Booking…", state: "failed", seconds: 61, reason: "the hotel is full" },
  );
  assert.deepEqual(lines(root), ["2 steps1m 3s · 1 failed", "Searching2.3s", "Bookingthe hotel is full"]);
  assert.equal(root.querySelector("details")?.open, false);
});

test("steps with text between them are folded apart, and one alone is not folded", async () => {
  await activities.ready();
  const { root, feed } = page();
  const step = (id: string): GenUIEvent => ({ type: "status", id, label: id, state: "done" });
  feed(step("a"), step("b"), text("Then"), step("c"));
  assert.deepEqual([...root.children].map((child) => child.className), ["genui-activity", "genui-prose", "genui-activity"]);
  assert.deepEqual(lines(root), ["2 steps", "a", "b", "c"]);
});

test("thoughts are a disclosure of their status, appended as text", async () => {
  await activities.ready();
  const { root, feed } = page();
  feed({ type: "status", id: "t", label: "Thinking…", state: "running" }, { type: "thought", id: "t", text: "<b>Hm" });
  const thoughts = root.querySelector("details .genui-thoughts");
  assert.equal(thoughts?.textContent, "<b>Hm");
  feed({ type: "thought", id: "t", text: ", no" }, { type: "thought", id: "unknown", text: "x" }, { type: "status", id: "t", label: "Thinking…", state: "done", seconds: 75 });
  assert.equal(thoughts?.textContent, "<b>Hm, no");
  assert.equal(root.querySelector("summary")?.textContent, "Thinking1m 15s");
});

test("a status line is shown where it began, and changes in place", async () => {
  await activities.ready();
  const { root, feed } = page();
  feed({ type: "status", id: "s", label: "Searching", state: "running" }, text("x"), { type: "status", id: "s", label: "Searched", state: "done" });
  const line = root.firstElementChild?.firstElementChild as HTMLElement;
  assert.deepEqual([line.textContent, line.dataset.state, root.children.length], ["Searched", "done", 2]);
});

test("a tree that is already grown mounts to the same page", () => {
  const events: GenUIEvent[] = [text("It is "), show("c1", "Pill", "<b>21</b>"), text(" now.\n\n"), show("c2", "Card", "<slot></slot>"), text("\n  in", "c2"), END];
  const live = page();
  live.feed(...events);
  const grown = live.root.innerHTML.replaceAll(' streaming=""', "");
  const tree = emptyTree();
  for (const event of events) reduce(tree, event);
  const root = place("main");
  mount(tree, root, { library: LIBRARY });
  assert.equal(root.innerHTML, grown);
});

test("a component of the page's own stands in the place of the server's, grows with its props and hears that it is complete", () => {
  const seen: string[] = [];
  const { root, feed } = page({
    Card: (host, { props }, children) => {
      seen.push(`draw ${JSON.stringify(props)}`);
      host.append(children);
      return { update: (node) => void seen.push(`${node.state} ${JSON.stringify(node.props)}`), destroy: () => void seen.push("destroy") };
    },
  });
  feed(text("one\n\n"), { type: "render-component", id: "c1", name: "Card", state: "streaming", props: {} });
  feed({ type: "component-delta", id: "c1", ops: [{ op: "set", path: "/title", value: "T" }] }, text("in *it*", "c1"));
  feed({ type: "render-component", id: "c1", name: "Card", state: "complete", props: { title: "T" } }, text("\n\ntwo"), END);
  assert.deepEqual(seen, ["draw {}", 'streaming {"title":"T"}', 'complete {"title":"T"}', 'complete {"title":"T"}']);
  assert.deepEqual([...root.children].map((child) => child.textContent), ["one", "in it", "two"]);
  assert.equal(root.querySelector("em")?.textContent, "it");
  assert.equal(root.querySelector("genui-widget"), null);
});

test("a component of the page's own may stand in a line of text", () => {
  const { root, feed } = page({ Tag: { draw: (host, { props }) => host.append(String(props["word"])), inline: true } });
  feed(text("It is "), show("c1", "Tag", "", { props: { word: "blue" } }), text(" now."), END);
  assert.equal(root.querySelector("p")?.textContent, "It is blue now.");
});

test("a component of the page's own that fails harms nothing else", () => {
  const { error } = console;
  const reported: unknown[] = [];
  console.error = (...words: unknown[]) => void reported.push(words);
  const { root, feed } = page({ Card: () => { throw new Error("broken"); } });
  feed(show("c1", "Card", ""), show("c1", "Card", "", { state: "complete" }), text("after"), END);
  console.error = error;
  assert.equal(reported.length, 1);
  assert.equal(root.textContent, "after");
});

test("a component of the page's own whose markup failed says so, and comes back when it is repaired", () => {
  const { root, feed } = page({ Card: (host) => host.append("drawn") });
  feed(show("c1", "Card", ""), { type: "component-error", id: "c1", name: "Card", code: "prop", message: "no", source: "" });
  assert.equal(root.querySelector(".genui-note")?.textContent, "Card could not be shown.");
  assert.ok((root.querySelector(".genui-component > div") as HTMLElement).hidden);
  feed(show("c1", "Card", "", { state: "complete" }));
  assert.equal(root.textContent, "drawn");
});

test("names that every object has are no components", () => {
  const { root, feed } = page({});
  feed(show("c1", "constructor", "<p>x</p>", { state: "complete" }));
  assert.equal(root.querySelector("genui-widget")?.shadowRoot?.textContent, "x");
});

test("a message that is taken off the page takes its components along", () => {
  const seen: string[] = [];
  const { root, feed, destroy } = page({ Card: () => ({ destroy: () => void seen.push("gone") }) });
  feed(text("a"), show("c1", "Card", ""), show("c2", "Form", "<p>x</p>"), END);
  destroy();
  assert.deepEqual([seen, root.childNodes.length], [["gone"], 0]);
});

test("a widget for which only props come keeps its room while they do, and then shows its children", () => {
  const { feed, widget } = page();
  const bare = (state: "streaming" | "complete"): GenUIEvent => ({ type: "render-component", id: "c1", name: "Card", state, props: {} });
  feed(bare("streaming"));
  assert.ok(widget("Card").shadowRoot.querySelector(".skeleton"));
  feed(bare("complete"));
  assert.equal(widget("Card").shadowRoot.innerHTML, "<slot></slot>");
});

after(() => dom.window.close());
