/** Frames side by side that show the same events, in one theme each and of a width that can be chosen. */

import type { Definition } from "../client.ts";
import { h } from "../dom.ts";
import type { GenUIEvent } from "../events.ts";
import type { FromFrame, Theme, ToFrame } from "./wire.ts";

const WIDTHS = { phone: 360, tablet: 640, full: 0 } as const;
type Width = keyof typeof WIDTHS;
type Themes = "light" | "dark" | "both";

const TALLEST = 20_000;

export interface PreviewOptions {
  /** The address of the frame. */
  frame: string;
  themes: Themes;
  onMessage?: (message: FromFrame) => void;
}

export class Preview {
  readonly element = h("div", { class: "preview" });
  readonly #stage = h("div", { class: "stage", role: "region", "aria-label": "Preview", tabindex: "0" });
  readonly #frames = new Map<Theme, Frame>();
  readonly #options: PreviewOptions;
  #width: Width = "full";
  #definitions: Definition[] = [];
  #events: GenUIEvent[] = [];
  #over = false;

  constructor(options: PreviewOptions) {
    this.#options = options;
    const widths = choice<Width>("Width", { phone: "360", tablet: "640", full: "Full" }, "full", (width) => this.#resize(width));
    const themes = choice<Themes>("Theme", { light: "Light", dark: "Dark", both: "Both" }, options.themes, (chosen) => this.#theme(chosen));
    this.element.append(h("div", { class: "bar" }, themes, h("span", { class: "spring" }), widths), this.#stage);
    this.#theme(options.themes);
  }

  /** Begin anew with these events. */
  show(definitions: Definition[], events: readonly GenUIEvent[], over: boolean): void {
    [this.#definitions, this.#events, this.#over] = [definitions, [...events], over];
    for (const frame of this.#frames.values()) if (frame.ready) this.#begin(frame);
  }

  /** Go on with more. */
  feed(events: readonly GenUIEvent[], over: boolean): void {
    this.#events.push(...events);
    this.#over = over;
    for (const frame of this.#frames.values()) if (frame.ready) frame.send({ kind: "feed", events: [...events], over });
  }

  #begin(frame: Frame): void {
    frame.send({ kind: "show", theme: frame.theme, definitions: this.#definitions, events: this.#events, over: this.#over });
  }

  #theme(chosen: Themes): void {
    for (const theme of ["light", "dark"] as const) {
      const wanted = chosen === "both" || chosen === theme;
      const frame = this.#frames.get(theme);
      if (wanted && !frame) this.#add(theme);
      if (!wanted && frame) {
        frame.remove();
        this.#frames.delete(theme);
      }
    }
    this.#resize(this.#width);
  }

  #add(theme: Theme): void {
    const frame = new Frame(theme, this.#options.frame, (message) => {
      if (message.kind === "ready") this.#begin(frame);
      else if (this.#frames.values().next().value === frame) this.#options.onMessage?.(message); // of two, one tells
    });
    this.#frames.set(theme, frame);
    if (theme === "light") this.#stage.prepend(frame.element);
    else this.#stage.append(frame.element);
  }

  #resize(width: Width): void {
    this.#width = width;
    for (const { element } of this.#frames.values()) element.style.inlineSize = WIDTHS[width] ? `${WIDTHS[width]}px` : "";
    this.#stage.dataset.width = width;
  }
}

/** One frame. It is ready when its page says so: each time that is loaded. */
class Frame {
  readonly theme: Theme;
  readonly element: HTMLElement;
  readonly #frame: HTMLIFrameElement;
  readonly #gone = new AbortController();
  ready = false;

  constructor(theme: Theme, address: string, hear: (message: FromFrame) => void) {
    this.theme = theme;
    this.#frame = h("iframe", { src: address, sandbox: "allow-scripts", title: `Preview, ${theme}`, referrerpolicy: "no-referrer" });
    this.element = h("div", { class: "pane", "data-theme": theme }, this.#frame);
    const listen = ({ source, data }: MessageEvent<FromFrame>): void => {
      if (source !== this.#frame.contentWindow || typeof data !== "object" || data === null) return;
      if (data.kind === "height") this.#frame.style.blockSize = `${Math.min(Math.max(Number(data.height) || 0, 40), TALLEST)}px`;
      if (data.kind === "ready") this.ready = true;
      hear(data);
    };
    addEventListener("message", listen, { signal: this.#gone.signal });
  }

  send(message: ToFrame): void {
    this.#frame.contentWindow?.postMessage(message, "*"); // it has no origin to name
  }

  remove(): void {
    this.#gone.abort();
    this.element.remove();
  }
}

/** A few words of which one is chosen. */
export function choice<K extends string>(label: string, words: Record<K, string>, chosen: K, choose: (key: K) => void): HTMLElement {
  const group = h("div", { class: "segmented", role: "group", "aria-label": label });
  for (const [key, word] of Object.entries(words) as [K, string][]) {
    const button = h("button", { type: "button", "aria-pressed": String(key === chosen) }, word);
    button.addEventListener("click", () => {
      for (const other of group.children) other.setAttribute("aria-pressed", String(other === button));
      choose(key);
    });
    group.append(button);
  }
  return group;
}
