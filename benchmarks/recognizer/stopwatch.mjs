// The stopwatch for Node: the twin of measure.py, which explains it.

import { performance } from "node:perf_hooks";

const STRETCH = 8; // pieces
const PILOT = 128; // pieces
const REPEAT = 0.25; // seconds

export function cut(text, length) {
  const pieces = [];
  for (let at = 0; at < text.length; at += length) pieces.push(text.slice(at, at + length));
  return pieces;
}

function stretches(pieces, timed) {
  const wanted = Math.max(1, Math.floor(timed / STRETCH));
  const step = pieces.length / wanted;
  if (step <= STRETCH) return [{ gap: "", pieces }];
  const plan = [];
  let end = 0;
  for (let number = 0; number < wanted; number++) {
    const start = Math.floor(step * number + (step - STRETCH) / 2);
    plan.push({ gap: pieces.slice(end, start).join(""), pieces: pieces.slice(start, start + STRETCH) });
    end = start + STRETCH;
  }
  plan.push({ gap: pieces.slice(end).join(""), pieces: [] });
  return plan;
}

const timedIn = (plan) => plan.reduce((sum, { pieces }) => sum + pieces.length, 0);

/** Seconds for one of the timed pieces, on average; and the reader, which has read the document. */
async function time(reader, plan) {
  let milliseconds = 0;
  for (const { gap, pieces } of plan) {
    await reader.feed(gap);
    const start = performance.now();
    for (const piece of pieces) {
      const answer = reader.feed(piece);
      if (answer instanceof Promise) await answer;
    }
    milliseconds += performance.now() - start;
  }
  return milliseconds / 1000 / timedIn(plan);
}

/** As measure.py has it. `make` starts a reader: `{feed(piece), count()}`. */
export async function measure(make, document, length, budget) {
  const pieces = cut(document, length);
  let plan = stretches(pieces, PILOT);
  const pilot = await time(make(), plan);
  plan = stretches(pieces, pilot * pieces.length <= budget ? pieces.length : Math.floor(budget / pilot));
  const timed = timedIn(plan);
  const results = [];
  let components = 0;
  for (let spent = 0; spent < REPEAT; spent += results.at(-1) * timed) {
    const reader = make();
    results.push(await time(reader, plan));
    components = await reader.count();
  }
  results.sort((a, b) => a - b);
  const middle = results.length >> 1;
  const seconds = results.length % 2 ? results[middle] : (results[middle - 1] + results[middle]) / 2;
  return { seconds, pieces: pieces.length, timed, components };
}
