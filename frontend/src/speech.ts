/**
 * Ears and mouth: answers read aloud, and questions that are spoken. A bundle of its own, loaded when one of
 * the two is first asked for.
 *
 * The browser's own voices read (https://webaudio.github.io/web-speech-api/); one sentence is one utterance,
 * since some browsers fall silent in a long one. Dictation may send what is said to the browser's maker:
 * so nothing listens before its button is pressed.
 */

import { label } from "./icons.ts";
import type { Words } from "./words.ts";

interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  start(): void;
  stop(): void;
}

interface Heard extends Event {
  results: ArrayLike<ArrayLike<{ transcript: string }>>;
}

interface Failed extends Event {
  error: string;
}

/** Letters that tell the language of a sentence better than the page's does. */
const SCRIPTS: readonly [RegExp, string][] = [
  [/\p{Script=Arabic}/u, "ar"],
  [/\p{Script=Hebrew}/u, "he"],
  [/\p{Script=Hiragana}|\p{Script=Katakana}/u, "ja"],
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Han}/u, "zh"],
  [/\p{Script=Cyrillic}/u, "ru"],
  [/\p{Script=Devanagari}/u, "hi"],
  [/\p{Script=Greek}/u, "el"],
];

/** Reads sentences aloud, one after another. */
export class Reader {
  readonly #words: Words;
  #waiting = 0;
  #turn = 0;

  constructor(words: Words) {
    this.#words = words;
  }

  /** Read these; or fall silent, when something is being read. */
  readOut(sentences: readonly string[]): void {
    const reading = this.#waiting > 0;
    this.stop();
    if (!reading) for (const sentence of sentences) this.say(sentence);
  }

  say(sentence: string): void {
    const utterance = new SpeechSynthesisUtterance(sentence);
    const turn = this.#turn;
    utterance.lang = languageOf(sentence) ?? this.#words.locale ?? "en";
    for (const over of ["end", "error"] as const) utterance.addEventListener(over, () => turn === this.#turn && (this.#waiting -= 1), { once: true });
    this.#waiting += 1;
    speechSynthesis.speak(utterance);
  }

  /** Fall silent, and forget what was still to be read. */
  stop(): void {
    if (this.#waiting === 0) return;
    this.#turn += 1;
    this.#waiting = 0;
    speechSynthesis.cancel();
  }
}

function languageOf(sentence: string): string | undefined {
  return SCRIPTS.find(([letters]) => letters.test(sentence))?.[1];
}

/** Why nothing was heard, in words for the reader. */
const FAILURES: { [code: string]: string } = {
  "not-allowed": "The microphone may not be used here.",
  "service-not-allowed": "The microphone may not be used here.",
  "audio-capture": "No microphone was found.",
  "network": "Dictation needs a connection that is not there.",
};

/** What listens into a field now. */
const listening = new WeakMap<HTMLTextAreaElement, Recognition>();

/**
 * Write what is said into the field, behind what stands there, until the speaker is done, the field is sent or
 * Escape or the microphone is pressed; called again, it stops. What it gives is why nothing could be heard, or "".
 */
export async function dictate(field: HTMLTextAreaElement, microphone: HTMLButtonElement, words: Words): Promise<string> {
  const before = listening.get(field);
  if (before) return before.stop(), "";
  const recognition = recognizer(words.locale);
  const over = new AbortController();
  listening.set(field, recognition);
  mark(microphone, words, true);
  field.addEventListener("keydown", (event) => stopAt(event, recognition), { signal: over.signal, capture: true });
  field.form?.addEventListener("submit", () => over.abort(), { signal: over.signal }); // what is heard after that is not written
  const failure = await hear(recognition, field, over.signal);
  over.abort();
  recognition.stop();
  listening.delete(field);
  mark(microphone, words, false);
  return failure && words(failure);
}

function recognizer(locale = "en"): Recognition {
  const page = globalThis as unknown as Record<string, new () => Recognition>;
  const Kind = (page["SpeechRecognition"] ?? page["webkitSpeechRecognition"]) as new () => Recognition;
  return Object.assign(new Kind(), { lang: locale, continuous: true, interimResults: true });
}

function mark(microphone: HTMLButtonElement, words: Words, on: boolean): void {
  microphone.setAttribute("aria-pressed", String(on));
  label(microphone, words(on ? "Stop dictating" : "Dictate"));
}

function stopAt(event: KeyboardEvent, recognition: Recognition): void {
  if (event.key !== "Escape") return;
  event.preventDefault(); // it closes nothing
  event.stopImmediatePropagation();
  recognition.stop();
}

/** All that was said so far comes with each result, again whenever it is understood better. Resolves to a failure. */
function hear(recognition: Recognition, field: HTMLTextAreaElement, signal: AbortSignal): Promise<string> {
  const before = field.value.trimEnd();
  return new Promise((resolve) => {
    let failure = "";
    signal.addEventListener("abort", () => resolve(""));
    recognition.addEventListener("result", (event) => write(field, before, (event as Heard).results), { signal });
    recognition.addEventListener("error", (event) => void (failure = FAILURES[(event as Failed).error] ?? ""), { signal });
    recognition.addEventListener("end", () => resolve(failure), { signal });
    recognition.start();
  });
}

function write(field: HTMLTextAreaElement, before: string, results: Heard["results"]): void {
  const heard = Array.from(results, (result) => result[0]?.transcript.trim() ?? "").join(" ");
  field.value = before ? `${before} ${heard}` : heard;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
