/**
 * Ears and mouth: answers read aloud, and questions that are spoken. A bundle of its own, loaded when one of
 * the two is first asked for.
 *
 * The browser's own voices read (https://webaudio.github.io/web-speech-api/); one sentence is one utterance,
 * since some browsers fall silent in a long one. Dictation may send what is said to the browser's maker:
 * so nothing listens before its button is pressed.
 */

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
  readonly #locale: string;
  #waiting = 0;
  #turn = 0;

  constructor(locale = "en") {
    this.#locale = locale;
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
    utterance.lang = languageOf(sentence) ?? this.#locale;
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

/**
 * Listen until the speaker is done or `signal` aborts. `heard` gets all that was said so far, again whenever
 * it is understood better. Rejects with an Error whose message is one of the interface's texts.
 */
export function dictate(locale: string | undefined, heard: (text: string) => void, signal: AbortSignal): Promise<void> {
  const kind = (globalThis as Record<string, unknown>)["SpeechRecognition"] ?? (globalThis as Record<string, unknown>)["webkitSpeechRecognition"];
  const recognition = new (kind as new () => Recognition)();
  Object.assign(recognition, { lang: locale ?? "en", continuous: true, interimResults: true });
  return new Promise((resolve, reject) => {
    const { signal: over } = listenTo(recognition, heard, reject);
    recognition.addEventListener("end", () => resolve(), { once: true });
    signal.addEventListener("abort", () => recognition.stop(), { once: true, signal: over });
    recognition.start();
  });
}

function listenTo(recognition: Recognition, heard: (text: string) => void, reject: (error: Error) => void): AbortController {
  const over = new AbortController();
  recognition.addEventListener("result", (event) => heard(Array.from((event as Heard).results, (result) => result[0]?.transcript.trim() ?? "").join(" ")), over);
  recognition.addEventListener("error", (event) => {
    const words = FAILURES[(event as Failed).error];
    if (words) reject(new Error(words));
  }, over);
  recognition.addEventListener("end", () => over.abort(), { once: true });
  return over;
}
