import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { locales } from "../src/locales.ts";
import { english, wordsOf } from "../src/words.ts";

const SOURCES = readdirSync("src").filter((name) => name.endsWith(".ts") && name !== "locales.ts").map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
const SAID = new Set([...SOURCES.matchAll(/[wW]ords\((?:[^()"]*\? )?"((?:[^"\\]|\\.)+)"(?: : "([^"]+)")?/g)].flatMap(([, one, other]) => [one, other].filter((each) => each !== undefined)));

for (const [locale, strings] of Object.entries(locales)) {
  test(`everything that the interface says is said in ${locale}`, () => {
    assert.deepEqual([...SAID].filter((text) => !(text in strings)), []);
  });

  test(`nothing is translated into ${locale} that the interface does not say`, () => {
    assert.deepEqual(Object.keys(strings).filter((text) => !SOURCES.includes(`"${text}"`)), []);
  });

  test(`the values in a text stand in its translation into ${locale}`, () => {
    const values = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [text, translation] of Object.entries(strings)) {
      const other = typeof translation === "string" ? translation : (translation.other ?? "");
      assert.deepEqual(values(other), values(text), text);
    }
  });
}

test("English is what stands in the code", () => {
  assert.equal(english("{name} could not be shown.", { name: "Chart" }), "Chart could not be shown.");
});

test("plurals and digits are the locale's", () => {
  assert.equal(wordsOf("de", locales["de"])("{count} steps", { count: 1 }), "1 Schritt");
  assert.equal(wordsOf("de", locales["de"])("{count} steps", { count: 1200 }), "1.200 Schritte");
  assert.equal(wordsOf("ar", locales["ar"])("{count} steps", { count: 2 }), "خطوتان");
});

test("the page's own words win, and what they leave out is said as it was", () => {
  const words = wordsOf("de", { Send: "Los" }, locales["de"]);
  assert.deepEqual([words("Send"), words("Stop"), words("toString")], ["Los", "Anhalten", "toString"]);
});

test("words that were given away speak another language as soon as it is chosen", () => {
  const words = wordsOf("de", locales["de"]);
  words.speak("fr", { Send: "Allez" }, locales["fr"]);
  assert.deepEqual([words("Send"), words("Stop"), words.locale], ["Allez", "Arrêter", "fr"]);
  assert.equal(words("{count} steps", { count: 1.5 }), "1,5 étape");
});
