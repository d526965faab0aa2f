// The stopwatch for Node: the twin of measure.py, which explains it.

const STRETCH = 8; // pieces
const PILOT = 128; // pieces
const REPEAT = 0.2; // seconds

/** Processor seconds of this process so far, its collector's and compiler's threads included. */
function clock() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function cut(text, length) {
  const pieces = [];
  for (let at = 0; at < text.length; at += length) pieces.push(text.slice(at, at + length));
  return pieces;
}

function stretches(pieces, timed) {
  if (timed >= pieces.length) return [{ gap: "", pieces }];
  const wanted = Math.max(1, Math.floor(timed / STRETCH));
  const step = pieces.length / wanted;
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

/** Seconds for one of the timed pieces, on average. */
async function time(reader, plan) {
  let seconds = 0;
  for (const { gap, pieces } of plan) {
    await reader.feed(gap);
    const start = clock();
    for (const piece of pieces) {
      const answer = reader.feed(piece);
      if (answer instanceof Promise) await answer;
    }
    seconds += clock() - start;
  }
  return seconds / timedIn(plan);
}

/** As measure.py has it. `make` starts a reader: `{feed(piece), count()}`. */
export async function measure(make, document, length, budget) {
  const pieces = cut(document, length);
  let plan = stretches(pieces, PILOT);
  const pilot = await time(make(), plan);
  plan = stretches(pieces, pilot * pieces.length <= budget ? pieces.length : Math.floor(budget / pilot));
  return repeat(make, pieces.length, async (reader) => ({
    seconds: await time(reader, plan),
    timed: timedIn(plan),
  }));
}

/**
 * For a contender to which no character comes cheap, so that gaps would take too long as well: from the
 * beginning until the budget is spent. Where that is before the end, the figure is a lower bound.
 */
export async function measureFromStart(make, document, length, budget) {
  const pieces = cut(document, length);
  return repeat(make, pieces.length, async (reader) => {
    const start = clock();
    let timed = 0;
    while (timed < pieces.length && clock() - start < budget) {
      for (const piece of pieces.slice(timed, timed + STRETCH)) await reader.feed(piece);
      timed = Math.min(timed + STRETCH, pieces.length);
    }
    return { seconds: (clock() - start) / timed, timed };
  });
}

/** The median of as many measurements as fill the time; the count of what was read whole. */
async function repeat(make, pieces, run) {
  const results = [];
  let last, components;
  for (let spent = 0; spent < REPEAT; spent += last.seconds * last.timed) {
    const reader = make();
    last = await run(reader);
    results.push(last.seconds);
    components = await reader.count();
  }
  results.sort((a, b) => a - b);
  const middle = results.length >> 1;
  const seconds = results.length % 2 ? results[middle] : (results[middle - 1] + results[middle]) / 2;
  return { seconds, pieces, timed: last.timed, components };
}
