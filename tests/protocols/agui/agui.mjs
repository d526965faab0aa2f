/**
 * The real AG-UI client against a real server. Jobs come as JSON on stdin; what went wrong goes to stdout, as a
 * JSON list of sentences with what was expected and what came.
 */

import { HttpAgent } from "@ag-ui/client";
import { isDeepStrictEqual } from "node:util";
import { resuming } from "../../../docs/examples/ag-ui/resuming.js";
import { stream, sweep } from "../sweep.mjs";
import { agui, ours } from "./trees.mjs";

const { base, jobs } = JSON.parse(await new Response(ReadableStream.from(process.stdin)).text());
const wrong = [];
console.warn = (...words) => wrong.push(["the client warned", ...words.map(String)]);
console.error = console.warn;

function check(what, expected, came) {
  const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
  if (!isDeepStrictEqual(plain(expected), plain(came))) wrong.push([what, plain(expected), plain(came)]);
}

/** One question by an agent; the events it saw, its outcome, and our name for its run. */
async function ask(agent, words, more = {}) {
  if (words) agent.messages.push({ id: crypto.randomUUID(), role: "user", content: words });
  return listen(agent, more);
}

async function listen(agent, more = {}) {
  const seen = { types: [], events: [], run: "", outcome: undefined, failed: undefined };
  const subscriber = {
    onEvent: ({ event }) => {
      seen.types.push(event.type);
      seen.events.push(event);
      seen.run = event.metadata?.genui?.run ?? seen.run;
      if (event.type === "RUN_FINISHED") seen.outcome = event.outcome;
      more.onEvent?.(event, seen);
    },
    onRunFailed: ({ error }) => void (seen.failed = error.message),
  };
  try {
    await agent.runAgent(more.parameters, subscriber);
  } catch (error) {
    seen.failed = error.message;
  }
  return seen;
}

const fresh = (more = {}) => new HttpAgent({ url: `${base}/v1/ag-ui`, ...more });

/** An agent that reads a run that there is, as a page does that was loaded again. */
class Reader extends HttpAgent {
  requestInit() {
    return { method: "GET", headers: { Accept: "text/event-stream" } };
  }
}

const reader = (run, fetch) => new Reader({ url: `${base}/v1/ag-ui/${run}`, fetch });

const responding = (body) => async () => new Response(body, { headers: { "Content-Type": "text/event-stream" } });

const DO = {
  /** A whole answer, over the socket as it comes, and then cut into pieces of these sizes. */
  async ask({ question, sizes = [], ends = ["stop", "length"], says = true }) {
    const agent = fresh();
    const seen = await ask(agent, question);
    const { nodes, end } = await ours(base, seen.run);
    check(`${question}: it ended`, end === "error" ? "RUN_ERROR" : "RUN_FINISHED", seen.types.at(-1));
    check(`${question}: our end`, true, ends.includes(end));
    check(`${question}: the tree`, nodes, agui(agent.messages));
    check(`${question}: something was said`, true, nodes.length > 0 || !says);
    const bytes = new Uint8Array(await (await fetch(`${base}/v1/ag-ui/${seen.run}`)).arrayBuffer());
    for (const size of sizes) {
      const again = reader(seen.run, responding(stream(bytes, size)));
      await listen(again);
      check(`${question}: in pieces of ${size}`, nodes, agui(again.messages));
    }
  },

  /** Every size of chunk; see sweep.mjs. */
  async sweep(job) {
    const converse = async (words) => {
      const agent = fresh();
      const { run } = await ask(agent, words);
      check(words, (await ours(base, run)).nodes, agui(agent.messages));
      return run;
    };
    const answer = async (words) => {
      const run = await converse(words);
      const { nodes } = await ours(base, run);
      const whole = new Uint8Array(await (await fetch(`${base}/v1/ag-ui/${run}`)).arrayBuffer());
      const read = async (body, what) => {
        const agent = reader(run, responding(body));
        await listen(agent);
        check(what, nodes, agui(agent.messages));
      };
      return { whole, read };
    };
    await sweep(job, { converse, answer });
  },

  /** The connection drops after each of so many frames, and the rest is read with Last-Event-ID. */
  async resume({ question, cuts }) {
    const first = await ask(fresh(), question);
    const { nodes } = await ours(base, first.run);
    for (let cut = 1; cut <= cuts; cut++) {
      const agent = fresh({ fetch: resuming(dropping(first.run, cut / (cuts + 1)), { pause: 1 }) });
      const seen = await ask(agent, question);
      check(`resumed at ${cut}/${cuts + 1}: failed`, undefined, seen.failed);
      check(`resumed at ${cut}/${cuts + 1}: the tree`, nodes, agui(agent.messages));
      check(`resumed at ${cut}/${cuts + 1}: each event once`, first.types, seen.types);
    }
  },

  /** The reader stops the answer at its first component. */
  async stop({ question }) {
    const agent = fresh();
    let stopped;
    const seen = await ask(agent, question, {
      onEvent: (event, { run }) => {
        if (event.type === "ACTIVITY_SNAPSHOT") stopped ??= fetch(`${base}/v1/runs/${run}/cancel`, { method: "POST" });
      },
    });
    check("stopped: the server said so", 200, (await stopped)?.status);
    check("stopped: outcome", "cancelled", seen.outcome?.type);
    check("stopped: the tree", (await ours(base, seen.run)).nodes, agui(agent.messages));
  },

  /** The model fails in the middle. */
  async fail({ question, code }) {
    const agent = fresh();
    const seen = await ask(agent, question);
    check("failed: the last event", "RUN_ERROR", seen.types.at(-1));
    check("failed: its code", code, seen.events.at(-1).code);
    const { nodes } = await ours(base, seen.run);
    check("failed: the tree", nodes, agui(agent.messages));
    check("failed: something was said", true, nodes.length > 0);
  },

  /** A tool asks before it does something; the answer is a new run with `resume`. */
  async confirm({ question, answer, said }) {
    const agent = fresh();
    const seen = await ask(agent, question);
    check("asked: outcome", "interrupt", seen.outcome?.type);
    const [{ id }] = agent.pendingInterrupts;
    const status = answer === undefined ? "cancelled" : "resolved";
    const rest = await listen(agent, { parameters: { resume: [{ interruptId: id, status, payload: answer }] } });
    check("answered: outcome", "success", rest.outcome?.type);
    const { nodes } = await ours(base, seen.run);
    check("answered: the tree", nodes, agui(agent.messages));
    check("answered: what came of it", said, agui(agent.messages).find(({ name }) => name === "Confirmation")?.data.answer);
  },

  /** Two questions in one thread; the server still knows what its components were. */
  async converse({ questions }) {
    const agent = fresh();
    for (const question of questions) await ask(agent, question);
    const thread = await (await fetch(`${base}/v1/threads/${agent.threadId}`)).json();
    check("a thread: its roles", questions.flatMap(() => ["user", "assistant"]), thread.messages.map(({ role }) => role));
    check("a thread: its components", true, /<[A-Z]/.test(thread.messages[1].content));
  },
};

/** A fetch whose answer to POST is the start of that run, cut off; GET goes through. */
function dropping(run, share) {
  return async (url, init) => {
    if (init?.method !== "POST") return fetch(url, init);
    const { threadId, runId } = JSON.parse(init.body);
    const whole = await fetch(`${base}/v1/ag-ui/${run}?${new URLSearchParams({ threadId, runId })}`);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    return responding(stream(bytes.slice(0, Math.max(400, Math.floor(bytes.length * share))), 1000))();
  };
}

for (const job of jobs) await DO[job.do](job);
process.stdout.write(JSON.stringify(wrong));
