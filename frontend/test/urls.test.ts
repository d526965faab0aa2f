import assert from "node:assert/strict";
import { test } from "node:test";
import { imageUrl, linkUrl } from "../src/urls.ts";

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

test("images come from this origin or from inside the text", () => {
  assert.equal(imageUrl("/a.png", BASE), "https://here.example/a.png");
  assert.equal(imageUrl("data:image/png;base64,AAAA", BASE), "data:image/png;base64,AAAA");
});

for (const url of ["https://evil.example/?secret", "//evil.example/x", "data:image/svg+xml;base64,AAAA", "data:text/html;base64,AAAA", "javascript:1", "http://here.example/a.png"]) {
  test(`an image never loads from ${url}`, () => assert.equal(imageUrl(url, BASE), undefined));
}
