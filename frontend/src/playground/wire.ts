/** What the page and a frame say to each other. A frame has no origin, so neither side can check one: each checks who sent. */

import type { Definition } from "../client.ts";
import type { GenUIEvent } from "../events.ts";

export type Theme = "light" | "dark";

/** To a frame: begin anew with these components and events, or go on. */
export type ToFrame =
  | { kind: "show"; theme: Theme; definitions: Definition[]; events: GenUIEvent[]; over: boolean }
  | { kind: "feed"; events: GenUIEvent[]; over: boolean };

/** From a frame. `at` is in milliseconds since 1970. */
export type FromFrame =
  | { kind: "ready" }
  | { kind: "height"; height: number }
  | { kind: "mounted"; id: string; name: string; at: number }
  | { kind: "action"; action: string; values: unknown }
  | { kind: "failed"; message: string };
