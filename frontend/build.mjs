/**
 * The bundles of genui/static, the same bytes from the same sources every time.
 *
 * `node build.mjs` builds them and prints what they weigh; `--tests` bundles the tests into build/tests
 * instead, `--examples DIR` the examples; `--out DIR` builds elsewhere, to compare with what is committed.
 */

import { build, transform } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({ options: { tests: { type: "boolean" }, examples: { type: "string" }, out: { type: "string" } } });

/** Style sheets become minified text in the bundle. */
const styles = {
  name: "styles",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await minifiedCss(path), loader: "text" }));
  },
};

/** The page's other scripts use the genui.js that is there, instead of carrying it along. */
const shared = {
  name: "shared",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.\/index\.ts$/ }, () => ({ path: "../genui.js", external: true }));
    // Nor do the bindings carry the client and the mounting along.
    onResolve({ filter: /^\.\/(embed|session)\.ts$/ }, ({ path, importer }) =>
      /(react|session)\.ts$/.test(importer) ? { path: path.replace(/ts$/, "js"), external: true } : undefined,
    );
  },
};

const common = {
  bundle: true,
  format: "esm",
  target: ["es2022"],
  charset: "utf8",
  legalComments: "none",
  minifySyntax: true,
  pure: ["console.assert"], // the Markdown parser asserts on every character
  plugins: [styles, shared],
  logLevel: "warning",
};

/** What the sources import when it is needed is a bundle of its own, beside the others. */
const apart = {
  name: "apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/[a-z]+\.ts$/ }, ({ path, kind }) => (kind === "dynamic-import" ? { path: path.replace(/ts$/, "js"), external: true } : undefined));
  },
};

async function minifiedCss(path) {
  return (await transform(await readFile(path, "utf8"), { loader: "css", minify: true })).code.trim();
}

/** The packages that bundles were made of, by their folders in node_modules. */
const packages = new Set();

async function bundled(entry) {
  const options = { ...common, plugins: [...common.plugins, apart], external: ["react", "react-dom", "./embed.js"] };
  const result = await build({ ...options, entryPoints: [here(entry)], minify: true, write: false, metafile: true });
  for (const input of Object.keys(result.metafile.inputs)) {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder) packages.add(folder);
  }
  return result.outputFiles[0].contents;
}

/** The notices that the licenses of bundled packages want to be passed on. */
async function notices() {
  const texts = [...packages].sort().map(async (folder) => {
    const files = await readdir(folder);
    const license = files.find((name) => /^licen[cs]e/i.test(name));
    const name = folder.replace(/^.*node_modules\//, "");
    return `${name}\n\n${(await readFile(`${folder}/${license}`, "utf8")).replaceAll("\r\n", "\n").trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** Every bundle and its source. */
const BUNDLES = {
  "genui.js": "src/index.ts",
  "embed.js": "src/embed.ts",
  "client.js": "src/client.ts",
  "session.js": "src/session.ts",
  "react.js": "src/react.ts",
  "markdown.js": "src/markdown.ts",
  "formulas.js": "src/formulas.ts",
  "math.js": "src/math.ts",
  "morph.js": "src/morph.ts",
  "state.js": "src/state.ts",
  "charts.js": "src/chart.ts",
  "press.js": "src/press.ts",
  "highlight.js": "src/highlight.ts",
  "activity.js": "src/activity.ts",
  "edit.js": "src/edit.ts",
  "history.js": "src/history.ts",
  "clipboard.js": "src/clipboard.ts",
  "redraw.js": "src/redraw.ts",
  "speech.js": "src/speech.ts",
  "floating.js": "src/floating.ts",
  "paper.js": "src/paper.ts",
  "locales.js": "src/locales.ts",
  "gallery.js": "src/gallery/gallery.ts",
  "playground.js": "src/playground/playground.ts",
  "frame.js": "src/playground/frame.ts",
  "reload.js": "src/reload.ts",
  "signin.js": "src/signin.ts",
};

/** What each module with types of its own is declared by; the others are parts of genui.js. */
const TYPES = { "genui.d.ts": "index", "session.d.ts": "session", "react.d.ts": "react" };

/** The declarations of our own modules in one file each, so that a frontend that copies a module copies its types. */
async function declarations(out) {
  const folder = await mkdtemp(`${tmpdir()}/genui-types-`);
  const flags = ["--rootDir", here("."), "--outDir", folder];
  execFileSync(process.execPath, [here("node_modules/typescript/lib/tsc.js"), "-p", here("tsconfig.types.json"), ...flags], { stdio: ["ignore", "inherit", "inherit"] });
  for (const [name, entry] of Object.entries(TYPES)) await writeFile(`${out}/${name}`, await declared(`${folder}/src`, entry));
  for (const name of ["embed", "client"]) await writeFile(`${out}/${name}.d.ts`, 'export * from "./genui.js";\n');
  await rm(folder, { recursive: true });
}

/** One entry's declarations, with those that it imports before them: only what the entry exports can be imported. */
async function declared(folder, entry) {
  const parts = [];
  const foreign = new Set();
  const seen = new Set();
  const apart = entry === "index" ? [] : ["embed", "session"].filter((one) => one !== entry);
  async function take(module) {
    if (seen.has(module)) return;
    seen.add(module);
    const text = await readFile(`${folder}/${module}.d.ts`, "utf8");
    for (const [, , from] of text.matchAll(IMPORTS)) if (from.startsWith("./") && !apart.includes(bare(from))) await take(bare(from));
    for (const [, statement, from] of text.matchAll(IMPORTS)) {
      if (!from.startsWith("./")) foreign.add(statement);
      else if (apart.includes(bare(from))) foreign.add(statement.replace(from, from.includes("embed") ? "./genui.js" : "./session.js"));
    }
    parts.push(text.replace(IMPORTS, "").replace(/^export (?:\*|type \*) from .*;\n/gm, "").replace(LATER, "unknown").trim());
  }
  await take(entry);
  const nothing = "export {};"; // what is not exported by name is not exported at all
  return `${[...foreign].join("\n")}\n${[...parts.filter(Boolean), nothing].join("\n\n")}\n`.trimStart();
}

const IMPORTS = /^((?:import|export)\b[^;"]*?from "([^"]+)";|import "([^"]+)";)\n?/gm;
const LATER = /typeof import\("[^"]+"\)/g; // a bundle that is loaded when it is needed declares nothing, and nobody else calls it
const bare = (from) => from.replace(/^\.\//, "").replace(/\.ts$/, "");

/** What a page loads, and the kilobytes (of 1,000 bytes, gzipped) that it may weigh; none for what few pages load. */
const LOADS = [
  { name: "client", files: ["client.js"], budget: 4 },
  { name: "client and mount", files: ["embed.js"], budget: 10 },
  { name: "  the React binding", files: ["react.js", "session.js"], budget: 3 },
  { name: "  Markdown, at the first message", files: ["markdown.js"] },
  { name: "  morphing, at the first message", files: ["morph.js"] },
  { name: "chat element, with both", files: ["genui.js", "markdown.js", "morph.js"], budget: 30 },
  { name: "state, at the first binding", files: ["state.js"] },
  { name: "charts, at the first chart", files: ["charts.js"] },
  { name: "finding formulas, at the first $", files: ["formulas.js"] },
  { name: "math, at the first formula", files: ["math.js"] },
  { name: "highlighting, at the first code", files: ["highlight.js"] },
  { name: "steps, at the first status", files: ["activity.js"] },
  { name: "changing a question", files: ["edit.js"] },
  { name: "history, after a reload", files: ["history.js"] },
  { name: "copying", files: ["clipboard.js"] },
  { name: "speech, when it is asked for", files: ["speech.js"] },
  { name: "floating, in that mode", files: ["floating.js"] },
  { name: "printing, after an answer", files: ["paper.js"] },
  { name: "translations, but for English", files: ["locales.js"] },
  { name: "gallery page", files: ["gallery.js"] },
  { name: "playground", files: ["playground.js"] },
];

async function main() {
  const out = values.out ?? here("../genui/static");
  await mkdir(out, { recursive: true });
  const bundles = new Map();
  for (const [name, source] of Object.entries(BUNDLES)) {
    bundles.set(name, await bundled(source));
    await writeFile(`${out}/${name}`, bundles.get(name));
  }
  await writeFile(`${out}/page.css`, `${await minifiedCss(here("src/page/page.css"))}\n`);
  const tokens = (await minifiedCss(here("src/theme.css"))).replace(":host", ":root");
  for (const name of ["gallery", "signin"]) await writeFile(`${out}/${name}.css`, `${tokens}\n${await minifiedCss(here(`src/page/${name}.css`))}\n`);
  for (const name of ["playground", "frame"]) await copyFile(here(`src/playground/${name}.html`), `${out}/${name}.html`);
  for (const name of ["index", "gallery", "signin"]) await copyFile(here(`src/page/${name}.html`), `${out}/${name}.html`);
  // The tokens, for `genui check` and for pages of your own, whose other rules win.
  await writeFile(`${out}/theme.css`, (await readFile(here("src/theme.css"), "utf8")).replace(":host", ":where(:root),\n:host"));
  await cp(here("src/samples"), `${out}/samples`, { recursive: true });
  await writeFile(`${out}/licenses.txt`, await notices());
  await declarations(out);
  weigh(bundles);
}

/** Prints what each load weighs; the process fails when one is over its budget. */
function weigh(bundles) {
  const gzipped = (file) => gzipSync(bundles.get(file), { level: 9 }).length / 1000;
  for (const { name, files, budget } of LOADS) {
    const size = files.map(gzipped).reduce((sum, one) => sum + one);
    const over = size > budget;
    console.log(`${name.padEnd(34)} ${size.toFixed(1).padStart(5)} kB gz${budget ? ` of ${budget}` : ""}${over ? ": TOO LARGE" : ""}`);
    if (over) process.exitCode = 1;
  }
}

const EXAMPLES = { react: "main.tsx", vue: "main.ts", "ai-sdk": "main.tsx", "ag-ui": "main.ts", a2ui: "main.ts" };

/** The examples, bundled as who builds on genui would: what loads later is a chunk of its own. */
async function examples(out) {
  for (const [name, entry] of Object.entries(EXAMPLES)) {
    const source = here(`examples/${name}`);
    const options = { bundle: true, splitting: true, format: "esm", define: { "process.env.NODE_ENV": '"production"' }, logLevel: "warning" };
    await build({ ...options, entryPoints: [`${source}/${entry}`], outdir: `${out}/${name}`, nodePaths: [here("node_modules")] });
    await copyFile(`${source}/index.html`, `${out}/${name}/index.html`);
  }
  await cp(here("examples/eventsource"), `${out}/eventsource`, { recursive: true });
  await copyFile(here("examples/chat.css"), `${out}/chat.css`);
}

async function tests() {
  await rm(here("build/tests"), { recursive: true, force: true });
  const entryPoints = (await readdir(here("test"))).filter((name) => name.endsWith(".test.ts")).map((name) => here(`test/${name}`));
  await build({ ...common, entryPoints, outdir: here("build/tests"), outExtension: { ".js": ".mjs" }, platform: "node", external: ["jsdom"], sourcemap: "inline" });
}

await (values.tests ? tests() : values.examples ? examples(values.examples) : main());
