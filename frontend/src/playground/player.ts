/** A trace on its way: which step has been reached, and the clock that goes on. It shows nothing itself. */

import type { GenUIEvent } from "../events.ts";
import type { Trace } from "./api.ts";

/** One thing that happens: a piece is fed, or an event comes of it. */
export interface Moment {
  /** The index of the step that it belongs to. */
  step: number;
  /** Characters fed by then. */
  fed: number;
  event: GenUIEvent | undefined;
}

export interface PlayerOptions {
  /** The position has gone on to `at`, or has jumped there. */
  onMove: (at: number, jumped: boolean) => void;
  onPlaying: (playing: boolean) => void;
}

/** Every moment of a trace in order: each piece, followed by its events. */
export function momentsOf(trace: Trace): Moment[] {
  let fed = 0;
  return trace.steps.flatMap(({ text, events }, step) => {
    fed += text.length;
    const piece: Moment[] = text ? [{ step, fed, event: undefined }] : [];
    return [...piece, ...events.map((event) => ({ step, fed, event }))];
  });
}

export class Player {
  readonly #options: PlayerOptions;
  #moments: readonly Moment[] = [];
  #at = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Pieces a second; Infinity is all at once. */
  #speed = 30;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** How many moments have passed. */
  get at(): number {
    return this.#at;
  }

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  get playing(): boolean {
    return this.#timer !== undefined;
  }

  /** The moment reached last. */
  get now(): Moment | undefined {
    return this.#moments[this.#at - 1];
  }

  set speed(pieces: number) {
    this.#speed = pieces;
    if (this.playing) this.#start();
  }

  load(moments: readonly Moment[], at = 0): void {
    this.pause();
    this.#moments = moments;
    this.#at = Math.min(at, moments.length);
    this.#options.onMove(this.#at, true);
  }

  play(): void {
    if (this.#at >= this.#moments.length) this.seek(0);
    this.#start();
    this.#options.onPlaying(true);
  }

  pause(): void {
    clearInterval(this.#timer);
    if (this.#timer === undefined) return;
    this.#timer = undefined;
    this.#options.onPlaying(false);
  }

  /** Forth or back to a moment. */
  seek(at: number): void {
    const wanted = Math.min(Math.max(at, 0), this.#moments.length);
    const jumped = wanted < this.#at;
    if (wanted === this.#at) return;
    this.#at = wanted;
    this.#options.onMove(wanted, jumped);
  }

  /** One event on, or one back. */
  step(by: 1 | -1): void {
    this.pause();
    let at = this.#at;
    do at += by;
    while (at > 0 && at < this.#moments.length && this.#moments[at - 1]?.event === undefined);
    this.seek(at);
  }

  #start(): void {
    clearInterval(this.#timer);
    // Timers are no finer than some milliseconds: faster than that, several pieces come at a time.
    const interval = Math.max(1000 / this.#speed, 16);
    const pieces = Math.max(Math.round((this.#speed * interval) / 1000), 1);
    this.#timer = setInterval(() => this.#tick(pieces), interval);
  }

  /** The next pieces, each with all that comes of it. */
  #tick(pieces: number): void {
    const last = (this.#moments[this.#at]?.step ?? 0) + pieces;
    let at = this.#at;
    while (at < this.#moments.length && (this.#moments[at]?.step ?? last) < last) at += 1;
    this.seek(at);
    if (this.#at >= this.#moments.length) this.pause();
  }
}
