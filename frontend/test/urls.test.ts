import assert from "node:assert/strict";
import { test } from "node:test";
import { dom } from "./dom.ts";
import { Images, linkUrl } from "../src/urls.ts";

const BASE = "https://here.example/chat/";

for (const url of ["https://a.example/", "http://a.example/x?y#z", "mailto:a@b.example", "tel:+15550100"]) {
  test(`a link may go to ${url}`, () => assert.equal(linkUrl(url, BASE), url));
}

test("a relative link stays on this site", () => {
  assert.equal(linkUrl("../docs#a", BASE), "https://here.example/docs#a");
  assert.equal(linkUrl("//a.example/b", BASE), "https://a.example/b");
});

const HOSTILE = [
  "javascript:alert(1)",
  " JaVaScRiPt:alert(1)",
  "java\tscript:alert(1)",
  "java\nscript:alert(1)",
  "\u0001javascript:alert(1)",
  "javascript&colon;alert(1)//:x:",
  "vbscript:x",
  "data:text/html,<script>alert(1)</script>",
  "blob:https://here.example/1",
  "file:///etc/passwd",
  "filesystem:https://here.example/x",
  "intent://x#Intent;end",
  "https://",
  "http://[",
];

for (const url of HOSTILE) {
  test(`a link never goes to ${JSON.stringify(url)}`, () => {
    const allowed = linkUrl(url, BASE);
    assert.ok(allowed === undefined || allowed.startsWith("https://here.example/"), allowed);
  });
}

const SERVER = "https://server.example/chat/";

test("images come from the page, from the server, or from inside the text; what is relative is the server's", () => {
  const images = new Images(SERVER);
  assert.equal(images.url("a.png"), "https://server.example/chat/a.png");
  assert.equal(images.url("https://here.example/a.png"), "https://here.example/a.png");
  assert.equal(images.url("data:image/png;base64,AAAA"), "data:image/png;base64,AAAA");
});

test("images come from other origins when those are named, and only from those", () => {
  const images = new Images(SERVER, ["https://img.example/", "nonsense:"]);
  assert.equal(images.url("https://img.example/a.png"), "https://img.example/a.png");
  assert.equal(images.url("https://img.example:8443/a.png"), undefined);
  assert.equal(new Images(SERVER, ["*"]).url("https://any.example/a.png"), "https://any.example/a.png");
  assert.equal(new Images(SERVER, ["*"]).url("javascript:alert(1)"), undefined);
});

for (const url of ["https://evil.example/?secret", "//evil.example/x", "/\\evil.example/x", "\t//evil.example", "data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA", "javascript:1", "http://server.example/a.png", "blob:https://server.example/1"]) {
  test(`an image never loads from ${JSON.stringify(url)}`, () => assert.equal(new Images(SERVER).url(url), undefined));
}

test("nothing in a component's HTML loads from elsewhere, by whatever attribute", () => {
  const template = dom.window.document.createElement("template");
  template.innerHTML = '<img src="https://evil.example/a"><img src="b.png" srcset="https://evil.example/c 2x"><video poster="//evil.example/d" src="e.webm"></video><object data="https://evil.example/f"></object>';
  new Images(SERVER).hold(template.content);
  assert.equal(template.innerHTML, '<img><img src="https://server.example/chat/b.png"><video src="https://server.example/chat/e.webm"></video><object></object>');
});
