import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Json } from "../src/events.ts";
import { bound, variable } from "../src/expressions.ts";
import { Store } from "../src/state.ts";

interface Cases {
  state: { [name: string]: Json };
  values: { text: string; value: Json }[];
  unreadable: string[];
  plain: string[];
}

const CASES = JSON.parse(readFileSync("../tests/expressions.json", "utf8")) as Cases; // what Python is held to, too

/** What a text comes to in the state of the cases. */
function value(source: string): Json | undefined {
  return bound(source)?.evaluate((name) => (Object.hasOwn(CASES.state, name) ? CASES.state[name] : undefined));
}

for (const { text, value: wanted } of CASES.values) test(`${text} is ${JSON.stringify(wanted)}`, () => assert.deepEqual(value(text), wanted));

for (const source of CASES.unreadable) test(`${source.slice(0, 40)} cannot be read, and so is only a text`, () => assert.equal(bound(source), undefined));

for (const source of CASES.plain) test(`${source} is bound to nothing`, () => assert.equal(bound(source), undefined));

test("an expression that would take too many steps has no value", () => {
  const sum = (count: number): string => `{${Array.from({ length: count }, () => "$n").join("+")}}`;
  assert.equal(bound(sum(100))?.evaluate(() => 1), 100);
  assert.equal(bound(sum(6_000))?.evaluate(() => 1), null);
});

test("an expression of more than 20,000 characters, and one that is nested without end, is only a text", () => {
  assert.equal(bound(`{$n + ${"1".repeat(20_000)}}`), undefined);
  assert.equal(bound(`{${"-".repeat(9_000)}$n}`), undefined);
  assert.equal(bound(`{${"[".repeat(5_000)}$n${"]".repeat(5_000)}}`), undefined);
});

test("a name is the whole text, white space aside", () => {
  assert.equal(variable(" $period "), "period");
  assert.equal(variable("$period!"), undefined);
  assert.equal(variable(7), undefined);
});

test("props come to values wherever a text stands in them, once an input declares a name", () => {
  const store = new Store();
  const props = { value: "$price", rows: [["Sum", "{$price * 2}"]], unit: "$USD", note: "{$other}" };
  assert.deepEqual(store.resolve(props).props, props);
  store.set("price", 4);
  const { props: resolved, open, bound: some } = store.resolve(props);
  assert.deepEqual(resolved, { value: 4, rows: [["Sum", 8]], unit: "$USD", note: "{$other}" });
  assert.ok(open); // `other` may still come
  assert.deepEqual([...some], ["value", "rows"]);
});

test("a prop without a value is left out", () => {
  const store = new Store();
  store.set("price", "");
  const { props, empty } = store.resolve({ value: "{$price * 2}", label: "x" });
  assert.deepEqual(props, { label: "x" });
  assert.ok(empty);
});

test("a store says whether anything has changed", () => {
  const store = new Store();
  assert.ok(store.set("a", [1]));
  assert.ok(!store.set("a", [1]));
  assert.ok(store.set("a", null));
});
