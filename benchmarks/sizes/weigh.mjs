/**
 * What a chat page weighs: a list of messages in Markdown, and a field to write in. `npm ci && node weigh.mjs`
 *
 * Each page in pages/ is bundled with esbuild the way a production build is, minified and split, and weighed as
 * JavaScript, gzipped. "At once" is the entry and what it imports statically; "and then" is what it imports
 * dynamically, at most once each; which of it a page comes to load depends on what is in its messages.
 */

import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PAGES = {
  "genui.js": "genui: `<genui-chat>`",
  "genui-react.jsx": "genui in React",
  "ai-sdk.jsx": "@ai-sdk/react, streamdown",
  "assistant-ui.jsx": "assistant-ui",
  "copilotkit.jsx": "CopilotKit",
};
const OPTIONS = { bundle: true, minify: true, splitting: true, format: "esm", target: "es2022", jsx: "automatic", platform: "browser", legalComments: "none" };

async function weighed(page) {
  const { metafile, outputFiles } = await build({
    ...OPTIONS,
    entryPoints: [here(`pages/${page}`)],
    nodePaths: [here("node_modules")],
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".css": "empty", ".woff": "empty", ".woff2": "empty", ".ttf": "empty" },
    absWorkingDir: here("."),
    outdir: here("build"),
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const bytes = new Map(outputFiles.map((file) => [file.path, gzipSync(file.contents, { level: 9 }).length]));
  const size = (name) => bytes.get(here(name)) / 1000;
  const outputs = metafile.outputs;
  const [entry] = Object.keys(outputs).filter((name) => outputs[name].entryPoint === `pages/${page}`);
  const first = reached(outputs, [entry], (kind) => kind !== "dynamic-import");
  const all = reached(outputs, [entry], () => true);
  const sum = (names) => [...names].reduce((total, name) => total + size(name), 0);
  return { first: sum(first), then: sum(all) - sum(first) };
}

function reached(outputs, from, follows, found = new Set()) {
  for (const name of from) {
    if (found.has(name)) continue;
    found.add(name);
    reached(outputs, outputs[name].imports.filter(({ kind, external }) => !external && follows(kind)).map(({ path }) => path), follows, found);
  }
  return found;
}

const { dependencies } = JSON.parse(await readFile(here("package.json"), "utf8"));
const lines = ["| page | at once, kB gz | and then, kB gz |", "| --- | ---: | ---: |"];
for (const [page, name] of Object.entries(PAGES)) {
  const { first, then } = await weighed(page);
  lines.push(`| ${name} | ${first.toFixed(1)} | ${then.toFixed(1)} |`);
}
const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`).join(", ");
const text = `# What a chat page weighs

A page with messages in Markdown and a field to write in, bundled by esbuild, minified, gzipped (kB of 1,000 bytes, JavaScript
alone). What is loaded at once counts first; what a page loads later, when a message needs it (of genui: Markdown and morphing
with the first message; highlighting, charts, formulas and two-way state with the first of theirs, unless a component's own script loads
them), counts in full in the second column. React is in all but the first. The others' pages draw no widgets of a model's yet:
those come on top of them, and for genui from the server.

${lines.join("\n")}

${versions}. Made by \`make bench-sizes\`.
`;
await writeFile(here("../sizes.md"), text);
console.log(lines.join("\n"));
