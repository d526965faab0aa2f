import assert from "node:assert/strict";
import { test } from "node:test";
import { frames } from "../src/sse.ts";
import type { Frame } from "../src/sse.ts";

const STREAM = new TextEncoder().encode(': \n\nid: 1\ndata: {"text":"Grüße 🌍"}\n\n: heartbeat\n\nid: 2\ndata: a\ndata: b\n\nid: 3\r\ndata: ß\r\n\r\ndata\nid:4\nevent: x\ndata:  two:\rretry: 5\r\rid: 5\n\n:\ndata\n\n');
const EXPECTED: Frame[] = [
  { id: "1", data: '{"text":"Grüße 🌍"}' },
  { id: "2", data: "a\nb" },
  { id: "3", data: "ß" },
  { id: "4", data: "\n two:" },
  { id: undefined, data: "" },
];

function body(...chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<Frame[]> {
  const seen: Frame[] = [];
  for await (const frame of frames(stream)) seen.push(frame);
  return seen;
}

test("a stream cut at any byte gives the same frames", async () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    assert.deepEqual(await read(body(STREAM.slice(0, cut), STREAM.slice(cut))), EXPECTED, `cut at byte ${cut}`);
  }
});

test("a stream that comes byte by byte gives the same frames", async () => {
  assert.deepEqual(await read(body(...Array.from(STREAM, (byte) => Uint8Array.of(byte)))), EXPECTED);
});

test("a frame that the end cuts off is dropped", async () => {
  assert.deepEqual(await read(body(STREAM.slice(0, STREAM.length - 1))), EXPECTED.slice(0, -1));
});

test("the body is read only as frames are asked for, and let go when nobody asks any more", async () => {
  let pulled = 0;
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => controller.enqueue(new TextEncoder().encode(`id: ${(pulled += 1)}\ndata: x\n\n`)),
      cancel: () => void (cancelled = true),
    },
    { highWaterMark: 0 },
  );
  for await (const { id } of frames(endless)) if (id === "3") break;
  assert.equal(pulled, 3);
  assert.equal(cancelled, true);
});
