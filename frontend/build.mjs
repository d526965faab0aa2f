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

async function minifiedCss(path) {
  return (await transform(await readFile(path, "utf8"), { loader: "css", minify: true })).code.trim();
}

/** The packages that bundles were made of, by their folders in node_modules. */
const packages = new Set();

async function bundled(entry) {
  const result = await build({ ...common, entryPoints: [here(entry)], minify: true, write: false, metafile: true });
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

/** Gzipped kilobytes (of 1,000 bytes, as budgets are stated) each entry may weigh. */
const BUDGETS = { "src/client.ts": 4, "src/index.ts": 30 };

async function main() {
  const out = values.out ?? here("../genui/static");
  await mkdir(out, { recursive: true });
  await writeFile(`${out}/genui.js`, await bundled("src/index.ts"));
  await writeFile(`${out}/charts.js`, await bundled("src/chart.ts"));
  await writeFile(`${out}/highlight.js`, await bundled("src/highlight.ts"));
  await writeFile(`${out}/reload.js`, await bundled("src/reload.ts"));
  await writeFile(`${out}/gallery.js`, await bundled("src/gallery/gallery.ts"));
  await writeFile(`${out}/page.css`, `${await minifiedCss(here("src/page/page.css"))}\n`);
  const tokens = (await minifiedCss(here("src/theme.css"))).replace(":host", ":root");
  await writeFile(`${out}/gallery.css`, `${tokens}\n${await minifiedCss(here("src/page/gallery.css"))}\n`);
  for (const name of ["index", "gallery"]) await copyFile(here(`src/page/${name}.html`), `${out}/${name}.html`);
  await copyFile(here("src/theme.css"), `${out}/theme.css`); // the tokens, for `genui check` and for pages of your own
  await cp(here("src/samples"), `${out}/samples`, { recursive: true });
  await writeFile(`${out}/licenses.txt`, await notices());
  await weigh(["src/client.ts", "src/embed.ts", "src/index.ts", "src/chart.ts", "src/highlight.ts", "src/gallery/gallery.ts"]);
}

async function weigh(entries) {
  for (const entry of entries) {
    const bytes = await bundled(entry);
    const size = gzipSync(bytes, { level: 9 }).length / 1000;
    const budget = BUDGETS[entry];
    console.log(`${entry.padEnd(16)} ${(bytes.length / 1000).toFixed(1).padStart(6)} kB  ${size.toFixed(1).padStart(5)} kB gz${budget ? ` of ${budget}` : ""}`);
    if (size > budget) process.exitCode = 1;
  }
}

async function tests() {
  await rm(here("build/tests"), { recursive: true, force: true });
  const entryPoints = (await readdir(here("test"))).filter((name) => name.endsWith(".test.ts")).map((name) => here(`test/${name}`));
  await build({ ...common, entryPoints, outdir: here("build/tests"), outExtension: { ".js": ".mjs" }, platform: "node", external: ["jsdom"], sourcemap: "inline" });
}

await (values.tests ? tests() : main());
