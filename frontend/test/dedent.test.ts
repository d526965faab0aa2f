import assert from "node:assert/strict";
import { test } from "node:test";
import { Dedent } from "../src/dedent.ts";
import { chunkings } from "./dom.ts";

const CASES: { [name: string]: [text: string, expected: string] } = {
  "the first content line sets the width for all": ["\n    Sales **rose**.\n    - a\n      - b\n", "\nSales **rose**.\n- a\n  - b\n"],
  "a line with less indentation loses what it has": ["\n    a\n  b\nc", "\na\nb\nc"],
  "text on the tag's own line does not set the width": ["Sales\n    rose\n    - a", "Sales\nrose\n- a"],
  "blank lines pass and count for nothing": ["\n\n  \n  a\n\n  b", "\n\n\na\n\nb"],
  "a fence is dedented with its code, which keeps its own indentation": ["\n  ```py\n  def f():\n      return 1\n  ```\n", "\n```py\ndef f():\n    return 1\n```\n"],
  "code that opens beside the tag keeps all of its indentation": ["```\n    x\n```", "```\n    x\n```"],
  "tabs count as one": ["\n\ta\n\t\tb", "\na\n\tb"],
  "text without indentation is untouched": ["\na\n  b", "\na\n  b"],
};

for (const [name, [text, expected]] of Object.entries(CASES)) {
  test(`${name}, however it is cut`, () => {
    for (const chunks of chunkings(text)) {
      const dedent = new Dedent();
      assert.equal(chunks.map((chunk) => dedent.feed(chunk)).join(""), expected, JSON.stringify(chunks));
    }
  });
}
