import assert from "node:assert/strict";
import { test } from "node:test";
import "./dom.ts";
import { Announcer } from "../src/announce.ts";

test("only the last lines are kept, so that a long answer does not pile up", () => {
  const announcer = new Announcer();
  for (let line = 0; line < 40; line += 1) announcer.say(`Line ${line}.`);
  assert.equal(announcer.element.childElementCount, 12);
  assert.equal(announcer.element.lastElementChild?.textContent, "Line 39.");
});
