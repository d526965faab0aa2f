/**
 * A link that carries an example in itself: JSON, compressed, in the part of the address that no server sees.
 *
 * Whoever opens it did not write it. So what comes out is checked piece by piece and bounded before it is
 * unpacked further; a loader never travels; and its script runs only when the reader says so, in the frame.
 */

import type { Chunking } from "./api.ts";

export interface Example {
  /** Which view it is for. */
  view: "write" | "stream";
  /** A component's files, by name. */
  folder?: string;
  files?: Record<string, string>;
  /** What a model might write. */
  text?: string;
  chunking?: Chunking;
}

/** Characters of a whole link. Browsers take more; mail and chat programs begin to cut at about this length. */
export const LONGEST_LINK = 16_000;

/** Bytes that a link may unpack to: a few kilobytes can be made to hold gigabytes. */
const LARGEST = 1_000_000;
const PREFIX = "#example=";
const FOLDER = /^[a-z][a-z0-9_]{0,63}$/;
const FILE = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\.(toml|html|css|js)$/;
const CHUNKINGS = ["token", "character", "worst", "whole"];

export class LinkTooLongError extends Error {
  constructor(length: number) {
    super(`This example needs a link of ${length.toLocaleString("en")} characters; ${LONGEST_LINK.toLocaleString("en")} is the most that survives mail and chat. Share less of it, or send the files.`);
  }
}

/** The link to an example. Raises LinkTooLongError. */
export async function linkOf(example: Example, page: string): Promise<string> {
  const files = example.files && Object.fromEntries(Object.entries(example.files).filter(([name]) => FILE.test(name)));
  const json = JSON.stringify({ ...example, files });
  const packed = await through(new TextEncoder().encode(json), new CompressionStream("deflate-raw"), Infinity);
  const link = page.replace(/#.*$/, "") + PREFIX + base64url(packed);
  if (link.length > LONGEST_LINK) throw new LinkTooLongError(link.length);
  return link;
}

/** The example in an address's fragment; undefined where there is none. Raises Error for one that is broken. */
export async function exampleIn(fragment: string): Promise<Example | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    const bytes = await through(unbase64url(fragment.slice(PREFIX.length)), new DecompressionStream("deflate-raw"), LARGEST);
    return checked(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (cause) {
    throw new Error("This link is damaged: perhaps it was cut on its way here.", { cause });
  }
}

function checked(value: unknown): Example {
  const given = record(value);
  const example: Example = { view: given.view === "stream" ? "stream" : "write" };
  if (given.text !== undefined) example.text = text(given.text);
  if (CHUNKINGS.includes(given.chunking as string)) example.chunking = given.chunking as Chunking;
  if (given.files === undefined) return example;
  if (!FOLDER.test(text(given.folder))) throw new TypeError("no folder");
  const files = Object.entries(record(given.files)).map(([name, content]) => [named(name), text(content)] as const);
  return { ...example, folder: text(given.folder), files: Object.fromEntries(files) };
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not an object");
  return value as Record<string, unknown>;
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("not a text");
  return value;
}

function named(name: string): string {
  if (!FILE.test(name)) throw new TypeError("not a file of a component");
  return name;
}

async function through(bytes: Uint8Array, step: GenericTransformStream, most: number): Promise<Uint8Array> {
  // Not a Blob's stream: a Blob that nothing holds any more may be collected, and its stream then never ends.
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = (source.pipeThrough(step as TransformStream<Uint8Array, Uint8Array>) as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(parts, size);
    size += value.length;
    if (size > most) throw new RangeError("too large");
    parts.push(value);
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function base64url(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function unbase64url(packed: string): Uint8Array {
  return Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
