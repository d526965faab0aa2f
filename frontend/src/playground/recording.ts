/**
 * Recorded runs as files: JSON lines, docs/playground.md says which. A recording is a stream of genui/1 events
 * with two kinds of lines more, which readers of events pass over: `recording` at its top, and `chunk`, a piece
 * of what the model wrote.
 */

import type { GenUIEvent } from "../events.ts";
import type { Step } from "./api.ts";

export interface Recording {
  /** What the model wrote, as it was cut; empty where only events are known. */
  pieces: string[];
  events: GenUIEvent[];
}

type Line = { type: "recording" } | { type: "chunk"; text: string } | GenUIEvent;

/** The lines of a recording of these steps. */
export function recordingOf(steps: readonly Pick<Step, "text" | "events">[], about: Record<string, unknown> = {}): string {
  const lines: object[] = [{ type: "recording", format: "genui-recording/1", protocol: "genui/1", ...about }];
  for (const { text, events } of steps) {
    if (text) lines.push({ type: "chunk", text });
    lines.push(...events);
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** A file as a recording; undefined when it is none. Raises Error for one with a line that is broken. */
export function recordingIn(file: string): Recording | undefined {
  const lines = file.split("\n").filter((line) => line.trim() !== "");
  if (!lines[0]?.trimStart().startsWith('{"type"')) return undefined;
  const parsed = lines.map(lineOf);
  const pieces = parsed.flatMap((line) => (line.type === "chunk" ? [line.text] : []));
  const events = parsed.filter((line): line is GenUIEvent => line.type !== "chunk" && line.type !== "recording");
  return { pieces, events };
}

function lineOf(line: string, index: number): Line {
  try {
    const value = JSON.parse(line) as Line;
    if (typeof value.type === "string") return value;
  } catch {
    // said below
  }
  throw new Error(`Line ${index + 1} of the recording is no JSON object with a type.`);
}

/** Let the reader keep a text as a file. */
export function download(name: string, content: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "application/x-ndjson" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
