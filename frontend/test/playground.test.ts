import assert from "node:assert/strict";
import { test } from "node:test";
import { diff, merge } from "../src/playground/diff.ts";
import { momentsOf } from "../src/playground/player.ts";
import { recordingIn, recordingOf } from "../src/playground/recording.ts";
import { exampleIn, linkOf, LinkTooLongError } from "../src/playground/share.ts";

const PAGE = "http://localhost:8000/playground";

async function packed(value: unknown): Promise<string> {
  const stream = new Blob([JSON.stringify(value)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return `#example=${Buffer.from(await new Response(stream).arrayBuffer()).toString("base64url")}`;
}

test("an example comes out of its link as it went in", async () => {
  const example = { view: "write" as const, folder: "stock_quote", files: { "template.html": "<p>é 🎉</p>" } };
  const link = await linkOf(example, `${PAGE}#old`);
  assert.deepEqual(await exampleIn(new URL(link).hash), example);
});

test("a loader never travels in a link, and none that holds one is opened", async () => {
  const link = await linkOf({ view: "write", folder: "a", files: { "loader.py": "evil", "style.css": "" } }, PAGE);
  assert.deepEqual((await exampleIn(new URL(link).hash))?.files, { "style.css": "" });
  await assert.rejects(exampleIn(await packed({ folder: "a", files: { "loader.py": "evil" } })), /damaged/);
});

test("a link that unpacks to too much, leads out of its folder or is cut is refused", async () => {
  await assert.rejects(exampleIn(await packed({ text: "a".repeat(2_000_000) })), /damaged/);
  await assert.rejects(exampleIn(await packed({ folder: "../a", files: {} })), /damaged/);
  await assert.rejects(exampleIn(await packed({ folder: "a", files: { "../x.html": "" } })), /damaged/);
  await assert.rejects(exampleIn((await packed({ text: "hello" })).slice(0, -4)), /damaged/);
  assert.equal(await exampleIn("#elsewhere"), undefined);
});

test("what does not fit into a link is said not to", async () => {
  const random = Array.from({ length: 40_000 }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join("");
  await assert.rejects(linkOf({ view: "stream", text: random }, PAGE), LinkTooLongError);
});

test("changes in different places are merged, and those in one place stand side by side", () => {
  const base = "a\nb\nc\nd\ne";
  assert.deepEqual(merge(base, "A\nb\nc\nd\ne", "a\nb\nc\nd\nE"), { text: "A\nb\nc\nd\nE", conflicts: 0 });
  assert.deepEqual(merge(base, base, "a\nc\nd\ne\nf"), { text: "a\nc\nd\ne\nf", conflicts: 0 });
  const torn = merge(base, "a\nmine\nc\nd\ne", "a\ntheirs\nc\nd\ne");
  assert.equal(torn.conflicts, 1);
  assert.match(torn.text, /<<<<<<< mine\nmine\n=======\ntheirs\n>>>>>>> on disk/);
});

test("a difference has every line of both sides, in order", () => {
  const [theirs, mine] = ["a\nb\nc\n", "a\nx\nc\ny\n"];
  const lines = diff(theirs, mine);
  assert.equal(lines.filter((line) => line.kind !== "mine").map((line) => line.text).join("\n"), theirs);
  assert.equal(lines.filter((line) => line.kind !== "theirs").map((line) => line.text).join("\n"), mine);
});

test("a recording is read as it was written, and plain events are one", () => {
  const event = { type: "text" as const, text: "Hi" };
  const file = recordingOf([{ text: "Hi", events: [event] }]);
  assert.deepEqual(recordingIn(file), { pieces: ["Hi"], events: [event] });
  assert.deepEqual(recordingIn(`${JSON.stringify(event)}\n`), { pieces: [], events: [event] });
  assert.equal(recordingIn("Hello <Metric/>"), undefined);
  assert.throws(() => recordingIn(`${file}nonsense`), /Line 4/);
});

test("every piece and each of its events is a moment of its own", () => {
  const event = { type: "text" as const, text: "a" };
  const steps = [
    { text: "ab", events: [event, event], held: "", inside: "prose" as const },
    { text: "", events: [event], held: "", inside: "end" as const },
  ];
  assert.deepEqual(momentsOf({ steps, definitions: [] }).map(({ step, fed }) => [step, fed]), [[0, 2], [0, 2], [0, 2], [1, 2]]);
});
