import assert from "node:assert/strict";
import { test } from "node:test";
import "./dom.ts";
import { Announcer } from "../src/announce.ts";

function said(...chunks: string[]): string[] {
  const announcer = new Announcer();
  for (const chunk of chunks) announcer.feed(chunk);
  announcer.finish();
  return [...announcer.element.children].map((line) => line.textContent ?? "");
}

test("an answer is announced in finished sentences, not in tokens", () => {
  const announcer = new Announcer();
  for (const token of ["It ", "is 21", ".5 degrees", ".", " And"]) announcer.feed(token);
  assert.equal(announcer.element.textContent, "It is 21.5 degrees.");
  announcer.finish();
  assert.equal(announcer.element.children[1]?.textContent, "And");
});

test("Markdown's marks are not read out", () => {
  assert.deepEqual(said("## Title\n", "A **bold** [link](https://a.example) with `code`.\n", "```py\n", "| a | b |\n|---|---|\n"), ["Title", "A bold link with code.", "a b"]);
});

test("only the last lines are kept, so that a long answer does not pile up", () => {
  assert.equal(said(...Array.from({ length: 40 }, (_, line) => `Line ${line}.\n`)).length, 12);
});
