import assert from "node:assert/strict";
import { test } from "node:test";
import type { GenUIEvent } from "../src/events.ts";
import { Narrator } from "../src/narrate.ts";

function heard(...events: (GenUIEvent | string)[]): string[] {
  const said: string[] = [];
  const narrator = new Narrator((sentence) => said.push(sentence), undefined, (name) => name === "Badge");
  for (const event of events) narrator.hear(typeof event === "string" ? { type: "text", text: event } : event);
  narrator.finish();
  return said;
}

function shown(id: string, name: string, alt: string | undefined, rest: object = {}): GenUIEvent {
  return { type: "render-component", id, name, state: "complete", props: {}, ...(alt === undefined ? {} : { alt }), ...rest };
}

test("an answer is told in finished sentences, not in tokens", () => {
  const said: string[] = [];
  const narrator = new Narrator((sentence) => said.push(sentence));
  for (const text of ["It ", "is 21", ".5 degrees", ".", " And"]) narrator.hear({ type: "text", text });
  assert.deepEqual(said, ["It is 21.5 degrees."]);
  narrator.hear({ type: "run-end", reason: "stop" });
  assert.deepEqual(said, ["It is 21.5 degrees.", "And"]);
});

test("Markdown's marks are not read out", () => {
  assert.deepEqual(heard("## Title\n", "1. A **bold** [link](https://a.example) with `code`.\n", "| a | b |\n|---|---|\n"), ["Title", "A bold link with code.", "a, b"]);
});

test("code is named and not read out, and what follows it is", () => {
  assert.deepEqual(heard("Run this:\n\n```py\nprint(1). Never\n", "said.\n```\nDone.\n"), ["Run this:", "Code", "Done."]);
});

test("a widget is told by its alt, between what stands before and after it", () => {
  assert.deepEqual(heard("Look", shown("c1", "Weather", "Paris:\n21°C"), "Nice."), ["Look", "Paris: 21°C", "Nice."]);
});

test("an inline widget is told inside its sentence", () => {
  assert.deepEqual(heard("It costs ", shown("c1", "Badge", "$5"), " today."), ["It costs $5 today."]);
});

test("a component says itself before what stands in it, and once", () => {
  const open = shown("c1", "Card", "Sales", { state: "streaming" });
  assert.deepEqual(heard(open, { type: "text", text: "They rose.", parent: "c1" }, shown("c2", "Metric", "MRR: $4k", { parent: "c1" }), shown("c1", "Card", "Sales")), ["Sales", "They rose.", "MRR: $4k"]);
});

test("a widget that says nothing is passed over, and so is one that has not come to be whole", () => {
  assert.deepEqual(heard("A.", shown("c1", "Tabs", undefined), shown("c2", "Table", "half", { state: "streaming" }), "B."), ["A.", "B."]);
});

test("sentences of other scripts end where they do", () => {
  assert.deepEqual(heard("今日は晴れです。明日は雨です。", "هل تريد المزيد؟ نعم."), ["今日は晴れです。", "明日は雨です。", "هل تريد المزيد؟", "نعم."]);
});
