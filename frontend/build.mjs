/**
 * The bundles of genui/static, the same bytes from the same sources every time.
 *
 * `node build.mjs` builds them and prints what they weigh; `--tests` bundles the tests into build/tests
 * instead; `--out DIR` builds elsewhere, to compare with what is committed.
 */

import { build, transform } from "esbuild";
import { copyFile, cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({ options: { tests: { type: "boolean" }, out: { type: "string" } } });

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
  "markdown.js": "src/markdown.ts",
  "morph.js": "src/morph.ts",
  "state.js": "src/state.ts",
  "charts.js": "src/chart.ts",
  "highlight.js": "src/highlight.ts",
  "gallery.js": "src/gallery/gallery.ts",
  "playground.js": "src/playground/playground.ts",
  "frame.js": "src/playground/frame.ts",
  "reload.js": "src/reload.ts",
  "signin.js": "src/signin.ts",
};

/** What a page loads, and the kilobytes (of 1,000 bytes, gzipped) that it may weigh; none for what few pages load. */
const LOADS = [
  { name: "client", files: ["client.js"], budget: 4 },
  { name: "client and mount", files: ["embed.js"], budget: 10 },
  { name: "  Markdown, at the first message", files: ["markdown.js"] },
  { name: "  morphing, at the first message", files: ["morph.js"] },
  { name: "chat element, with both", files: ["genui.js", "markdown.js", "morph.js"], budget: 30 },
  { name: "state, at the first binding", files: ["state.js"] },
  { name: "charts, at the first chart", files: ["charts.js"] },
  { name: "highlighting, at the first code", files: ["highlight.js"] },
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
  await copyFile(here("src/theme.css"), `${out}/theme.css`); // the tokens, for `genui check` and for pages of your own
  await cp(here("src/samples"), `${out}/samples`, { recursive: true });
  await writeFile(`${out}/licenses.txt`, await notices());
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

async function tests() {
  await rm(here("build/tests"), { recursive: true, force: true });
  const entryPoints = (await readdir(here("test"))).filter((name) => name.endsWith(".test.ts")).map((name) => here(`test/${name}`));
  await build({ ...common, entryPoints, outdir: here("build/tests"), outExtension: { ".js": ".mjs" }, platform: "node", external: ["jsdom"], sourcemap: "inline" });
}

await (values.tests ? tests() : main());
