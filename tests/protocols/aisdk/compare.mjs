/**
 * Reads answers with the real clients of the AI SDK, and says where the message that they end up with is not
 * the tree that our own client has.
 *
 * `node compare.mjs '{"url", "questions", "slow"?, "failing"?, "chunks"?, "bytes"?}'`, against a server that
 * answers them; without `slow` each question is only read once, or with the last two in all these pieces (see
 * sweep.mjs). Prints a JSON list of what differs: it should be empty.
 */

import assert from "node:assert/strict";
import * as ai5 from "ai5";
import * as ai6 from "ai6";
import * as ai7 from "ai7";
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import { each, stream, sweep } from "../sweep.mjs";

const CLIENTS = { ai5, ai6, ai7 };
const { url, questions, slow, failing, ...sizes } = JSON.parse(process.argv[2]);
const source = fileURLToPath(new URL("../../../frontend/src/tree.ts", import.meta.url));
const built = await build({ entryPoints: [source], bundle: true, format: "esm", write: false });
const { emptyTree, reduce } = await import(`data:text/javascript,${encodeURIComponent(built.outputFiles[0].text)}`);
const api = `${url}/v1/ai-sdk/chat`;

/** The state that their chat wants, without a framework to draw it. */
class PlainState {
  status = "ready";
  error = undefined;
  messages = [];
  pushMessage = (message) => void (this.messages = [...this.messages, message]);
  popMessage = () => void (this.messages = this.messages.slice(0, -1));
  replaceMessage = (index, message) => void (this.messages = this.messages.with(index, structuredClone(message)));
  snapshot = structuredClone;
}

function chatOf(client, fetch = globalThis.fetch) {
  class Chat extends client.AbstractChat {}
  const statuses = [];
  const onData = (part) => part.type === "data-status" && statuses.push(part.data);
  const transport = new client.DefaultChatTransport({ api, fetch });
  const chat = new Chat({ id: `chat_${crypto.randomUUID()}`, state: new PlainState(), transport, onData });
  return Object.assign(chat, { statuses });
}

/** The chat of a page that was loaded again, and knows the question only. */
function reloaded(client, { id, messages }) {
  const chat = chatOf(client);
  chat.id = id;
  chat.messages = messages.slice(0, 1);
  return chat;
}

/** Every event of a run, from our own client's reducer. */
async function ownTree(run) {
  const tree = emptyTree();
  const body = await (await fetch(`${url}/v1/runs/${run}/events`)).text();
  for (const line of body.split("\n")) if (line.startsWith("data: ")) reduce(tree, JSON.parse(line.slice(6)));
  return tree;
}

const ours = (nodes) =>
  nodes.flatMap((node) => {
    if (node.kind === "text") return [node.pieces.join("")];
    if (node.kind !== "component") return [];
    const { name, props, data, error, note } = node;
    const state = error ? "error" : node.state;
    return [{ name, state, props, data, failed: Boolean(error || note), children: ours(node.children) }];
  });

function theirs(message) {
  const top = [];
  const inside = new Map();
  const put = (parent, node) => {
    const siblings = parent === undefined ? top : inside.get(parent);
    if (typeof node === "string" && typeof siblings.at(-1) === "string") siblings[siblings.length - 1] += node;
    else siblings.push(node);
  };
  for (const part of message.parts) {
    if (part.type === "text") put(part.providerMetadata?.genui.parent, part.text);
    if (part.type !== "data-component") continue;
    const { name, state, props, data = {}, error, parent } = part.data;
    const node = { name, state, props, data, failed: Boolean(error), children: [] };
    inside.set(part.id, node.children);
    put(parent, node);
  }
  return top;
}

const assistant = (chat) => chat.messages.findLast((message) => message.role === "assistant");

async function compare(chat) {
  assert.equal(chat.messages.filter((message) => message.role === "assistant").length, 1);
  const message = assistant(chat);
  const tree = await ownTree(message.id);
  assert.equal(message.metadata.genui.run, tree.run);
  assert.equal(message.metadata.genui.reason, tree.end.reason);
  assert.deepEqual(theirs(message), ours(tree.children));
  for (const part of message.parts) if (part.type === "text") assert.equal(part.state, "done");
  return tree;
}

/** A fetch that breaks its first answer off after some bytes, as a network does. */
function breaking(after) {
  let first = true;
  return async (...request) => {
    const response = await fetch(...request);
    if (!first) return response;
    first = false;
    let left = after;
    const cut = new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        if ((left -= chunk.length) <= 0) controller.error(new TypeError("network error"));
      },
    });
    return new Response(response.body.pipeThrough(cut), response);
  };
}

const until = async (met) => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const CASES = {
  async whole(client) {
    await each(questions, async (question) => {
      const chat = chatOf(client);
      await chat.sendMessage({ text: question });
      const tree = await compare(chat);
      assert.equal(chat.error?.message, tree.end.error?.message, question);
      assert.equal(chat.statuses.length > 0, tree.statuses.size > 0);
    });
  },
  async resumed(client) {
    for (const after of [300, 1500]) {
      let chat = chatOf(client, breaking(after));
      await chat.sendMessage({ text: slow });
      assert.equal(chat.status, "error");
      if (client === ai5) chat = reloaded(client, chat); // it would add to what it has
      await chat.resumeStream();
      assert.equal(chat.status, "ready");
      await compare(chat);
    }
  },
  async nothingToResume(client) {
    const chat = chatOf(client);
    await chat.resumeStream();
    assert.deepEqual(chat.messages, []);
  },
  async stopped(client) {
    const chat = chatOf(client);
    const asked = chat.sendMessage({ text: slow });
    await until(() => (assistant(chat)?.parts.length ?? 0) > 1);
    await fetch(`${api}/${chat.id}/stop`, { method: "POST" });
    await asked;
    assert.equal((await compare(chat)).end.reason, "cancelled");
  },
  async failed(client) {
    const chat = chatOf(client);
    await chat.sendMessage({ text: failing });
    assert.equal(chat.error?.message, "No more today.");
    assert.equal((await compare(chat)).end.reason, "error");
  },
  async regenerated(client) {
    const chat = chatOf(client);
    await chat.sendMessage({ text: questions[0] });
    const first = assistant(chat).id;
    await chat.regenerate();
    await compare(chat);
    assert.notEqual(assistant(chat).id, first);
    await chat.sendMessage({ text: questions[1] });
    const { messages } = await (await fetch(`${url}/v1/threads/${chat.id}`)).json();
    assert.deepEqual(messages.map((message) => message.run).filter(Boolean), chat.messages.filter(({ role }) => role === "assistant").map(({ id }) => id));
  },
};

/** Every size of chunk; see sweep.mjs. */
async function everySize(client) {
  const converse = async (words) => {
    const chat = chatOf(client);
    await chat.sendMessage({ text: words });
    await compare(chat);
  };
  const answer = async (words) => {
    const body = { id: `chat_${crypto.randomUUID()}`, messages: [{ id: "u", role: "user", parts: [{ type: "text", text: words }] }] };
    const headers = { "content-type": "application/json" };
    const whole = new Uint8Array(await (await fetch(api, { method: "POST", headers, body: JSON.stringify(body) })).arrayBuffer());
    const start = JSON.parse(new TextDecoder().decode(whole).split("\n")[0].slice(6));
    const expected = ours((await ownTree(start.messageId)).children);
    const read = async (body, what) => {
      const chat = chatOf(client, async () => new Response(body));
      await chat.sendMessage({ text: words });
      assert.deepEqual(theirs(assistant(chat)), expected, what);
    };
    return { whole, read };
  };
  await sweep({ questions, ...sizes }, { converse, answer });
}

const cases = sizes.chunks ? { everySize } : slow ? CASES : { whole: CASES.whole };
const differences = [];
async function run([name, client]) {
  for (const [kind, one] of Object.entries(cases)) {
    try {
      await one(client);
    } catch (error) {
      differences.push(`${name}, ${kind}: ${error.stack}`);
    }
  }
}
await Promise.all(Object.entries(CLIENTS).map(run));
console.log(JSON.stringify(differences));
