import assert from "node:assert/strict";
import { test } from "node:test";
import { chunkings, place } from "./dom.ts";
import { Library } from "../src/library.ts";
import { Markdown, formulas } from "../src/markdown.ts";

await formulas.ready(); // else text waits for it

function drawn(...chunks: string[]): HTMLElement {
  const root = place("div");
  const markdown = new Markdown(root, new Library([], new URL("https://here.example/")));
  for (const chunk of chunks) markdown.write(chunk);
  markdown.end();
  return root;
}

const html = (...chunks: string[]): string => drawn(...chunks).innerHTML;

const SAMPLES = [
  "# Title\n\nSome *em*, **strong**, ***both***, ~~gone~~ and `code`.\nNext line",
  "- a\n- b\n  - c\n    1. d\n\n7. seven\n8. eight\n\n- [x] done\n- [ ] open",
  "| Item | Price |\n|---|--:|\n| Tea | $3.50 |\n| Cake | −4% |\n\nafter",
  "| a | b |\n| 1 | 2 |\n",
  "```py\ndef f():\n    return `1`\n```\nafter\n\n    indented\n",
  "See [docs](https://a.example/x_(y) \"t\") and [1], [x](javascript:alert(1)), ![i](https://b.example/i.png).",
  "Visit https://a.example/b?c=d. Or (https://e.example), now",
  "> quote\n> more\n\n---\n\n$x^2$ and $5 to $6\n\n\\(y\\)",
  "open **bold [link](https://a.exam",
];

for (const sample of SAMPLES) {
  test(`the page is the same however the text is cut: ${JSON.stringify(sample.slice(0, 30))}`, () => {
    const whole = html(sample);
    for (const chunks of chunkings(sample)) assert.equal(html(...chunks), whole, JSON.stringify(chunks));
  });
}

test("what stands is only appended to", () => {
  const root = place("div");
  const markdown = new Markdown(root, new Library([], new URL("https://here.example/")));
  markdown.write("# One\n\ntwo");
  const before = [...root.querySelectorAll("*")];
  markdown.write(" three\n\n- four\n");
  assert.deepEqual([...root.querySelectorAll("*")].slice(0, before.length), before);
  assert.equal(root.querySelector("p")?.childNodes.length, 1);
});

test("a link is opened apart and says nothing about where it came from", () => {
  const link = drawn("[a](https://a.example)").querySelector("a");
  assert.deepEqual([link?.href, link?.target, link?.rel], ["https://a.example/", "_blank", "noopener noreferrer nofollow"]);
});

test("brackets that are no link stay brackets", () => {
  assert.equal(drawn("as shown [1][2] and [a b] there").textContent, "as shown [1][2] and [a b] there");
});

test("a URL keeps its own parentheses", () => {
  const root = drawn("([Go](https://a.example/Go_(game)), yes)");
  assert.equal(root.querySelector("a")?.href, "https://a.example/Go_(game)");
  assert.equal(root.textContent, "(Go, yes)");
});

test("a title and angle brackets do not belong to a URL", () => {
  assert.equal(drawn('[a](<https://a.example/x> "T")').querySelector("a")?.href, "https://a.example/x");
});

test("the punctuation of a sentence does not belong to a bare URL", () => {
  const root = drawn("Go to https://a.example/b. Now");
  assert.equal(root.querySelector("a")?.href, "https://a.example/b");
  assert.equal(root.textContent, "Go to https://a.example/b. Now");
});

test("a link that the end cut off is text, and nothing of it is lost", () => {
  const root = drawn("see [docs](https://a.exa");
  assert.equal(root.textContent, "see [docs](https://a.exa");
  assert.equal(root.querySelector("a"), null);
});

test("an image of another origin becomes a link", () => {
  const root = drawn("![chart](https://evil.example/x.png?secret)");
  assert.equal(root.querySelector("img"), null);
  assert.equal(root.querySelector("a")?.textContent, "chart");
});

test("an image of this origin is shown", () => {
  assert.equal(drawn("![chart](/x.png)").querySelector("img")?.alt, "chart");
});

test("figures line up, words do not", () => {
  const cells = drawn("| a | b |\n|--|--|\n| $1,200.50 | Q3 plan |\n| 12% | 4 GB |\n").querySelectorAll("td");
  assert.deepEqual([...cells].map((cell) => cell.className), ["number", "", "number", "number"]);
});

test("code can be copied once its block is whole, and is named by its language", () => {
  const root = place("div");
  const markdown = new Markdown(root, new Library([], new URL("https://here.example/")));
  markdown.write("```ts\nlet a");
  const button = root.querySelector("button");
  assert.equal(button?.disabled, true);
  markdown.write(" = 1\n```\n\n");
  assert.equal(button?.disabled, false);
  assert.equal(root.querySelector(".code-language")?.textContent, "ts");
  assert.equal(root.querySelector("code")?.textContent, "let a = 1");
});

test("a node goes into the line that is being written", () => {
  const root = place("div");
  const markdown = new Markdown(root, new Library([], new URL("https://here.example/")));
  const pill = document.createElement("b");
  markdown.write("It is **now ");
  markdown.insert(pill);
  assert.equal(pill.parentElement?.localName, "strong"); // at once, not with the next word
  markdown.write(" warm** here.");
  markdown.end();
  assert.equal(root.innerHTML, "<p>It is <strong>now <b></b> warm</strong> here.</p>");
});

test("a node can begin a paragraph and stand in a table", () => {
  const root = place("div");
  const markdown = new Markdown(root, new Library([], new URL("https://here.example/")));
  markdown.insert(document.createElement("b"));
  markdown.write(" first\n\n| a |\n|---|\n| ");
  markdown.insert(document.createElement("i"));
  markdown.write(" |\n");
  assert.equal(root.querySelector("p")?.firstElementChild?.localName, "b");
  assert.equal(root.querySelector("i")?.closest("td")?.localName, "td");
});

test("the characters that stand for nodes cannot be written by a model", () => {
  assert.equal(drawn("a\uFDD0b\uFDD1c").textContent, "abc");
});

const HOSTILE = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "[a](javascript:alert(1))",
  "[a]( javascript:alert(1) )",
  "[a](java\tscript:alert(1))",
  "[a](<javascript:alert(1)>)",
  "[a](data:text/html;base64,PHNjcmlwdD4=)",
  "![a](javascript:alert(1))",
  '![a](x" onerror="alert(1))',
  "![a](data:image/svg+xml;base64,PHN2Zz4=)",
  "```\"><img src=x onerror=alert(1)>\ncode\n```",
  "| <iframe src=javascript:alert(1)> |\n|---|\n| <b onclick=x> |\n",
  "<a href='javascript:alert(1)'>x</a>",
  "[![x](javascript:1)](javascript:2)",
  "<javascript:alert(1)>",
];
const ALLOWED = new Set(["href", "target", "rel", "src", "alt", "loading", "referrerpolicy", "class", "tabindex", "role", "aria-label", "type", "disabled", "checked", "start", "dir"]);

for (const text of HOSTILE) {
  test(`nothing that a model writes becomes markup: ${text}`, () => {
    const root = drawn(text);
    assert.equal(root.querySelector("script, iframe, svg, object, embed, style, form, base, meta, link"), null);
    for (const element of root.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        assert.ok(ALLOWED.has(name), `${name} on ${element.localName}`);
        if (name === "href" || name === "src") assert.match(value, /^https?:\/\//);
      }
    }
  });
}

test("deep nesting neither fails nor nests without end", () => {
  const root = drawn("> ".repeat(500) + "x", "\n\n" + Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n"));
  let depth = 0;
  for (let element: Element | null = root; element; element = element.firstElementChild) depth += 1;
  assert.ok(depth < 100, String(depth));
});

const TEXTS = ["costs $5 and $6 today", "US$5 or US$10", "from $5-$6 or so, 5$ or 6$", "a $PATH b $HOME c", "$10k in revenue, $2M in costs", "**$5**–**$10**", "$5/month vs. $60/year", "`$x$`", "one $x\nline two$ b", "$ 5 $", "\\$x\\$", "$x", "$$", "\\(x", "\\[x", "$$x\n\nafter"];
for (const text of TEXTS) {
  test(`no formula: ${JSON.stringify(text)}`, () => {
    const root = drawn(text);
    assert.equal(root.querySelector(".math"), null);
    assert.equal(root.textContent, text.replace(/[`*]|\\(?=[$([])/g, "").replace("\nline", "line").replace("\n\n", ""));
  });
}

/** What can be compared of a formula and its MathML. */
const letters = (text: string): string => text.replace(/\\[a-z]+/g, "").replace(/[^a-z0-9]/g, "");

const FORMULAS: [string, string[]][] = [
  ["is $x^2$, and $\\$5 + y_1$.", ["x^2", "\\$5 + y_1"]],
  ["**$a$** and $2x + 3$ cost $5", ["a", "2x + 3"]],
  ["\\(a_1+b*c*\\) then \\[ x \\] more", ["a_1+b*c*", "x"]],
  ["before\n\n$$\nx_1 = *y* \\\\ z\n$$\n\nafter $$y$$ in line", ["x_1 = *y* \\\\ z", "y"]],
  ["- item $a_1$\n- \\(\\frac{1}{2}\\)\n\n| $a$ | $5 |\n|---|---|\n| $b$ | $6 |\n", ["a_1", "\\frac{1}{2}", "a", "b"]],
  ["`code $x$` $y$", ["y"]],
  ["> $$\n> a\n> b\n> $$\n", ["a\nb"]],
];
for (const [text, formulas] of FORMULAS) {
  test(`formulas, however the text is cut: ${JSON.stringify(text)}`, async () => {
    for (const chunks of chunkings(text)) {
      const root = drawn(...chunks);
      await new Promise((done) => setTimeout(done));
      const expected = formulas.map((source) => letters(source));
      assert.deepEqual([...root.querySelectorAll("math")].map((one) => letters(one.textContent ?? "")), expected, JSON.stringify(chunks));
    }
  });
}

const DANGEROUS = ["\\href{javascript:alert(1)}{x}", "\\url{javascript:alert(1)}", "\\includegraphics{https://evil.example/x.png}", "\\class{x}{y}", "\\id{x}{y}", "\\style{color:url(x)}{y}", "\\data{a=b}{y}", "\\text{<img src=x onerror=alert(1)>}", "<script>alert(1)</script>", "\\begin{equation}x\\label{constructor}\\end{equation}", "\\def\\x{\\x\\x}\\x", "\\frac{1}{", "\\color{url(x)}{y}"];
for (const source of DANGEROUS) {
  test(`a formula is never more than a formula: ${source}`, async () => {
    const root = drawn(`$$${source}$$ after`);
    await new Promise((done) => setTimeout(done));
    assert.match(root.textContent ?? "", /after$/);
    assert.equal(root.querySelector("a, img, script, style, iframe, [href], [src], [id], [onerror]"), null);
  });
}

test("a long text goes on in parts, of which only the last grows, the same however it is cut", () => {
  const text = Array.from({ length: 50 }, (_, at) => `## Heading ${at}\n\nSome *text*.\n\n`).join("");
  const root = drawn(text);
  const parts = [root, ...root.querySelectorAll(".genui-part")];
  assert.equal(root.querySelectorAll("h2, p").length, 100);
  assert.deepEqual(parts.map((part) => part.querySelectorAll(":scope > :is(h2, p)").length), [16, 16, 16, 16, 16, 16, 4]);
  assert.equal(html(...text), root.innerHTML);
});
