// The Node side: node peers.mjs DOCUMENTS [--piece N] [--budget SECONDS] prints JSON, as side.py does.
//
// Each contender is used as its own documentation, or its own chat, uses it while an answer streams in.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import * as hashbrown from "@hashbrownai/core";
import { createSpecStreamCompiler } from "@json-render/core";
import { createStreamingParser } from "@openuidev/lang-core";
import { parsePartialJson } from "ai";

import { measure, measureFromStart } from "./stopwatch.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { piece: { type: "string", default: "4" }, budget: { type: "string", default: "1" } },
});
const { schema, counted, documents } = JSON.parse(readFileSync(positionals[0], "utf8"));
const names = new Set(counted);

/** How many components a tree of plain objects holds; `nameOf` tells one from any other object. */
function count(value, nameOf) {
  if (value === null || typeof value !== "object") return 0;
  const below = Object.values(value).reduce((sum, inner) => sum + count(inner, nameOf), 0);
  return below + (names.has(nameOf(value)) ? 1 : 0);
}

function openui() {
  const parser = createStreamingParser(schema, "Stack");
  return {
    feed: (piece) => parser.push(piece),
    count: () => count(parser.getResult().root, (node) => node.typeName),
  };
}

function jsonRender() {
  const compiler = createSpecStreamCompiler();
  return {
    feed: (piece) => compiler.push(piece),
    count: () => count(compiler.getResult(), (node) => node.type),
  };
}

function aiSdk() {
  let text = "";
  return {
    feed(piece) {
      text += piece;
      return parsePartialJson(text);
    },
    count: async () => count((await parsePartialJson(text)).value, (node) => node.type),
  };
}

const { s, ɵcreateUiKit: createUiKit } = hashbrown;
const stream = s.streaming;
const kit = createUiKit({
  components: [
    exposed("Text", { text: stream.string("text") }),
    exposed("Card", { title: stream.string("title") }, "any"),
    exposed("Metric", {
      label: stream.string("label"),
      value: stream.string("value"),
      change: s.number("change"),
      trend: s.enumeration("trend", ["up", "down", "flat"]),
    }),
    exposed("Table", {
      columns: stream.array("columns", stream.string("column")),
      rows: stream.array("rows", stream.array("row", s.anyOf([stream.string("text"), s.number("number")]))),
    }),
  ],
});

function exposed(name, props, children = false) {
  return { component: () => name, name, description: name, children, props };
}

/** The parser alone: its state holds the value so far. */
function hashbrownParser() {
  let state = hashbrown.createParserState();
  return {
    feed: (piece) => (state = hashbrown.parseChunk(state, piece)),
    count: () => count(state.nodes[state.rootId]?.resolvedValue, (node) => Object.keys(node)[0]),
  };
}

/** The parser, and the schema over its state with a cache, as hashbrown's chat has them after each frame. */
function hashbrownChat() {
  let state = hashbrown.createParserState();
  let output = { cache: undefined };
  return {
    feed(piece) {
      state = hashbrown.parseChunk(state, piece);
      output = s.fromJsonAst(kit.schema, state, output.cache);
      return output.result;
    },
    count: () => count(output.result.value, (node) => Object.keys(node)[0]),
  };
}

// hashbrown copies its state for every character, whatever the pieces: it cannot skip.
const contenders = [
  { name: "openui", format: "openui", make: openui },
  { name: "json-render", format: "json-render", make: jsonRender },
  { name: "hashbrown", format: "hashbrown", make: hashbrownParser, skips: false },
  { name: "hashbrown-ui", format: "hashbrown", make: hashbrownChat, skips: false },
  { name: "ai-sdk", format: "json", make: aiSdk },
];

const results = [];
const [piece, budget] = [Number(options.piece), Number(options.budget)];
const sizes = Object.keys(documents);
for (const { name, format, make, skips = true } of contenders) {
  const run = skips ? measure : measureFromStart;
  await run(make, documents[sizes[0]][format], piece, budget); // compiled before it counts
  for (const size of sizes) {
    const document = documents[size][format];
    const measurement = await run(make, document, piece, skips ? budget : 3 * budget);
    results.push({ name, format, size: Number(size), characters: document.length, skips, ...measurement });
  }
}
const installed = JSON.parse(readFileSync(new URL("package.json", import.meta.url), "utf8")).dependencies;
process.stdout.write(JSON.stringify({ versions: { Node: process.versions.node, ...installed }, results }));
