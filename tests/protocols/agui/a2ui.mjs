/** A2UI's real client, the message processor of `@a2ui/web_core`, against a real server; see agui.mjs. */

import { Catalog, MessageProcessor } from "@a2ui/web_core/v0_9";
import { isDeepStrictEqual } from "node:util";
import { stream, sweep } from "../sweep.mjs";
import { ours, tidy } from "./trees.mjs";

const { base, jobs } = JSON.parse(await new Response(ReadableStream.from(process.stdin)).text());
const wrong = [];
console.warn = console.error = (...words) => wrong.push(["the client warned", ...words.map(String)]);

function check(what, expected, came) {
  const plain = (value) => JSON.parse(JSON.stringify(value ?? null));
  if (!isDeepStrictEqual(plain(expected), plain(came))) wrong.push([what, plain(expected), plain(came)]);
}

const catalog = Catalog.fromSchema(await (await fetch(`${base}/v1/a2ui/catalog`)).json());

async function post(body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${base}/v1/a2ui`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`the server answered ${response.status}: ${await response.text()}`);
  return response;
}

/** Takes a stream of JSON Lines, in pieces. */
async function take(pieces) {
  const processor = new MessageProcessor([catalog]);
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines.filter(Boolean)) processor.processMessages([JSON.parse(line)]);
  }
  return [...processor.model.surfacesMap.values()];
}

const tree = (surfaces) => tidy(surfaces.map((surface) => node(surface, "root")));

function node(surface, id) {
  const { type, properties } = surface.componentsModel.get(id);
  const value = ({ path }) => surface.dataModel.get(path);
  if (type === "Markdown") return { text: value(properties.text) };
  const { children = [], ...bound } = properties;
  const key = id === "root" ? surface.id.split(":")[1] : id;
  const { data, state, error, note } = surface.dataModel.get(`/${key}`);
  const props = Object.fromEntries(Object.entries(bound).map(([name, binding]) => [name.replace(/_$/, ""), value(binding)]));
  return { id: key, name: type, state, props, data, error, note, children: children.map((child) => node(surface, child)) };
}

const DO = {
  async ask({ question, sizes = [], failed = "" }) {
    const response = await post({ messages: [{ role: "user", content: question }] });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const surfaces = await take([bytes]);
    const { nodes } = await ours(base, surfaces[0].id.split(":")[0]);
    const expected = failed ? tidy([...nodes, { text: failed }]) : nodes;
    check(`${question}: the tree`, expected, tree(surfaces));
    for (const size of sizes) check(`${question}: in pieces of ${size}`, expected, tree(await take(stream(bytes, size))));
  },

  /** Every size of chunk; see sweep.mjs. */
  async sweep(job) {
    const asked = async (words) => post({ messages: [{ role: "user", content: words }] });
    let surfacesCame = 0;
    const known = async ([surface]) => {
      if (!surface) return [];
      surfacesCame += 1;
      const { nodes, error } = await ours(base, surface.id.split(":")[0]);
      return error ? tidy([...nodes, { text: error }]) : nodes; // said behind all else
    };
    const converse = async (words) => {
      const surfaces = await take((await asked(words)).body);
      check(words, await known(surfaces), tree(surfaces));
    };
    const answer = async (words) => {
      const whole = new Uint8Array(await (await asked(words)).arrayBuffer());
      const nodes = await known(await take([whole]));
      return { whole, read: async (body, what) => check(what, nodes, tree(await take(body))) };
    };
    await sweep(job, { converse, answer });
    check("sweep: some surface came", true, surfacesCame > 0);
  },

  /** Whatever a recorded model says: an error's words stand behind all else. */
  async read({ question }) {
    const response = await post({ messages: [{ role: "user", content: question }] });
    const surfaces = await take([new Uint8Array(await response.arrayBuffer())]);
    if (surfaces.length === 0) return;
    const { nodes, end } = await ours(base, surfaces[0].id.split(":")[0]);
    const came = tree(surfaces);
    check("recorded: the tree", nodes, end === "error" ? came.slice(0, nodes.length) : came);
  },

  /** The surface's own `action`; an error is taken note of. */
  async act({ question, of, name, context }) {
    const response = await post({ messages: [{ role: "user", content: question }] });
    const surfaces = await take([new Uint8Array(await response.arrayBuffer())]);
    const surface = surfaces.find(({ componentsModel }) => componentsModel.get("root").type === of);
    const actions = [];
    surface.onAction.subscribe((action) => actions.push(action));
    await surface.dispatchAction({ event: { name, context } }, "root");
    const answered = await post({ version: "v0.9", action: actions[0] });
    check("an action: its answer", 200, answered.status);
    check("an action: something was said", true, tree(await take([new Uint8Array(await answered.arrayBuffer())])).length > 0);
    const error = { code: "RENDER_FAILED", surfaceId: surface.id, message: "no room" };
    check("an error", 204, (await post({ version: "v0.9", error })).status);
  },
};

for (const job of jobs) await DO[job.do](job);
process.stdout.write(JSON.stringify(wrong));
