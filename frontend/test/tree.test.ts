import assert from "node:assert/strict";
import { test } from "node:test";
import type { GenUIEvent, Json, Props, RenderComponent } from "../src/events.ts";
import { emptyTree, plainText, reduce } from "../src/tree.ts";
import type { ComponentNode, MessageTree } from "../src/tree.ts";

function treeOf(...events: GenUIEvent[]): MessageTree {
  const tree = emptyTree();
  for (const event of events) reduce(tree, event);
  return tree;
}

function component(id: string, rest: Partial<RenderComponent> = {}): RenderComponent {
  return { type: "render-component", id, name: "Card", state: "streaming", props: {}, ...rest };
}

function propsAfter(props: Props, ...ops: [op: "set" | "append" | "push", path: string, value: Json][]): Props | undefined {
  const delta: GenUIEvent = { type: "component-delta", id: "c1", ops: ops.map(([op, path, value]) => ({ op, path, value })) };
  return treeOf(component("c1", { props }), delta).components.get("c1")?.props;
}

test("text gathers in one node until something else comes between", () => {
  const tree = treeOf({ type: "text", text: "a" }, { type: "text", text: "b" }, component("c1"), { type: "text", text: "c" });
  assert.deepEqual(tree.children.map((node) => (node.kind === "text" ? node.pieces.join("") : node.kind)), ["ab", "component", "c"]);
});

test("children stand in their parent, in order, however events interleave", () => {
  const tree = treeOf(component("c1"), { type: "text", text: "in", parent: "c1" }, component("c2", { parent: "c1" }), component("c3"), component("c1", { state: "complete" }));
  const [first] = tree.children as ComponentNode[];
  assert.deepEqual(first?.children.map((node) => node.kind), ["text", "component"]);
  assert.equal(tree.children.length, 2);
  assert.equal(first?.state, "complete");
});

test("reduce returns what the event touched: one node, or the message itself", () => {
  const tree = treeOf(component("c1"));
  assert.equal(reduce(tree, { type: "component-delta", id: "c1", ops: [] }), tree.components.get("c1"));
  assert.equal(reduce(tree, { type: "answer-end" }), tree);
  assert.equal(reduce(tree, { type: "run-end", reason: "stop" }), tree);
  assert.equal(reduce(tree, { type: "component-delta", id: "nobody", ops: [] }), undefined);
});

test("deltas set, append and push at their pointers", () => {
  const grown = propsAfter({ rows: [["a"]] }, ["set", "/title", "Q"], ["append", "/title", "3"], ["push", "/rows/0", "b"], ["push", "/rows", []], ["set", "/a~1b", 1]);
  assert.deepEqual(grown, { rows: [["a", "b"], []], title: "Q3", "a/b": 1 });
});

test("a delta never changes the event that it was applied after", () => {
  const first = component("c1", { props: { rows: [] } });
  treeOf(first, { type: "component-delta", id: "c1", ops: [{ op: "push", path: "/rows", value: 1 }] });
  assert.deepEqual(first.props, { rows: [] });
});

test("a pointer that leads nowhere, or into a prototype, changes nothing", () => {
  const props = propsAfter({ a: 1 }, ["set", "/no/where", 1], ["set", "/__proto__/polluted", 1], ["set", "/constructor/prototype/polluted", 1], ["push", "/a", 1], ["append", "/a", "x"], ["set", "", 1]);
  assert.deepEqual(props, { a: 1 });
  assert.equal(({} as Props).polluted, undefined);
});

test("a component that failed and then completes was repaired", () => {
  const failure: GenUIEvent = { type: "component-error", id: "c1", name: "Card", code: "prop", message: "no", source: "<Card" };
  assert.equal(treeOf(component("c1"), failure).components.get("c1")?.error, failure);
  assert.equal(treeOf(component("c1"), failure, component("c1", { state: "complete" })).components.get("c1")?.error, undefined);
});

test("html stays until newer html comes, and what is complete stays complete", () => {
  const node = treeOf(component("c1", { html: "<p>1</p>" }), component("c1", { state: "complete", props: { a: 1 } }), component("c1", { html: "<p>0</p>" })).components.get("c1");
  assert.deepEqual([node?.html, node?.state, node?.props], ["<p>1</p>", "complete", { a: 1 }]);
});

test("a status with a known id changes its line in place", () => {
  const tree = treeOf({ type: "status", id: "s", label: "Searching", state: "running" }, { type: "text", text: "x" }, { type: "status", id: "s", label: "Searched", state: "done" });
  assert.deepEqual(tree.children.map((node) => (node.kind === "status" ? node.label : node.kind)), ["Searched", "text"]);
});

test("loader data is kept apart from props", () => {
  const node = treeOf(component("c1"), { type: "component-data", id: "c1", ops: [{ op: "set", path: "/temp", value: 21 }], html: "<b>21</b>" }).components.get("c1");
  assert.deepEqual([node?.props, node?.data, node?.html], [{}, { temp: 21 }, "<b>21</b>"]);
});

test("an event of a later protocol is ignored", () => {
  assert.deepEqual(treeOf({ type: "confetti" } as unknown as GenUIEvent).children, []);
});

test("plain text is the prose, inside components too", () => {
  const tree = treeOf({ type: "text", text: "a " }, component("c1"), { type: "text", text: "b", parent: "c1" }, { type: "text", text: " c" });
  assert.equal(plainText(tree.children), "a b c");
});
