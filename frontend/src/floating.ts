/**
 * The floating mode: a launcher in a corner of the page that opens the chat in a panel. A bundle of its own.
 *
 * The panel stands in the browser's top layer, above whatever z-index the page has. On a wide screen it is a
 * popover: the page beside it stays usable, and the keyboard goes round inside it. On a narrow one it is a
 * modal dialog as large as the screen. Escape closes it, and the focus returns to where it was.
 */

import floatingCss from "./styles/floating.css";
import { adopt, h, sheet } from "./dom.ts";
import { iconButton, label, wear } from "./icons.ts";
import type { Words } from "./words.ts";

const CHAT = "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z";
const CLOSE = "M18 6 6 18M6 6l12 12";
const NARROW = "(max-width: 560px)";

let style: CSSStyleSheet | undefined;

export interface FloatingHandlers {
  /** It has opened or closed. */
  changed(open: boolean): void;
  focus(): void;
}

export class Floating {
  readonly #root: HTMLElement;
  readonly #handlers: FloatingHandlers;
  readonly #launcher = iconButton(CHAT, () => this.toggle(), "launcher");
  readonly #close = iconButton(CLOSE, () => this.close());
  readonly #panel: HTMLDialogElement;
  #before: Element | null = null;

  /** `root` holds the chat, `bar` its controls. */
  constructor(shadow: ShadowRoot, root: HTMLElement, bar: HTMLElement, handlers: FloatingHandlers) {
    this.#root = root;
    this.#handlers = handlers;
    adopt(shadow, (style ??= sheet(floatingCss)));
    this.#panel = h("dialog", { class: "panel", popover: "manual" });
    this.#launcher.setAttribute("aria-haspopup", "dialog");
    this.#launcher.setAttribute("aria-expanded", "false");
    bar.append(this.#close);
    shadow.append(this.#launcher, this.#panel);
    this.#panel.append(root);
    this.#panel.addEventListener("keydown", (event) => this.#key(event));
    this.#panel.addEventListener("cancel", (event) => (event.preventDefault(), this.close()));
    matchMedia(NARROW).addEventListener("change", () => this.isOpen && this.#reopen());
  }

  get isOpen(): boolean {
    return this.#launcher.getAttribute("aria-expanded") === "true";
  }

  say(words: Words, title: string): void {
    label(this.#launcher, words(this.isOpen ? "Close chat" : "Open chat"));
    label(this.#close, words("Close chat"));
    this.#panel.setAttribute("aria-label", title);
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  open(): void {
    if (this.isOpen) return;
    this.#before = deepActive();
    this.#show();
    this.#mark(true);
    this.#handlers.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.#hide();
    this.#mark(false);
    const back = this.#before instanceof HTMLElement && this.#before.isConnected && this.#before !== document.body ? this.#before : this.#launcher;
    back.focus({ preventScroll: true });
  }

  /** Give the chat back to where it stood. */
  remove(): void {
    this.#hide();
    this.#panel.replaceWith(this.#root);
    this.#launcher.remove();
    this.#close.remove();
  }

  #show(): void {
    if (matchMedia(NARROW).matches) this.#panel.showModal();
    else this.#panel.showPopover();
  }

  #hide(): void {
    if (this.#panel.open) this.#panel.close();
    if (this.#panel.matches(":popover-open")) this.#panel.hidePopover();
  }

  /** The window has changed its kind. */
  #reopen(): void {
    const active = deepActive();
    this.#hide();
    this.#show();
    if (active instanceof HTMLElement) active.focus({ preventScroll: true });
  }

  #mark(open: boolean): void {
    this.#launcher.setAttribute("aria-expanded", String(open));
    wear(this.#launcher, open ? CLOSE : CHAT);
    this.#handlers.changed(open);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.defaultPrevented) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab") this.#wrap(event);
  }

  /** Past the last control comes the first. The browser moves the focus first; what left the panel is brought back. */
  #wrap(event: KeyboardEvent): void {
    const controls = [...focusable(this.#panel)];
    const [first, last] = [controls[0], controls.at(-1)];
    const at = deepActive();
    const [edge, other] = event.shiftKey ? [first, last] : [last, first];
    if (!edge || at !== edge) return;
    event.preventDefault();
    other?.focus();
  }
}

const FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), summary, [tabindex]:not([tabindex='-1'])";

/** What a keyboard reaches, in the order in which it does: slots and shadow roots included. */
function* focusable(root: Element | ShadowRoot): Generator<HTMLElement> {
  for (const element of root.children) {
    if (!(element instanceof HTMLElement) || !element.checkVisibility()) continue;
    if (element.matches(FOCUSABLE)) yield element;
    if (element.shadowRoot) yield* focusable(element.shadowRoot);
    const slotted = element instanceof HTMLSlotElement ? element.assignedElements() : [];
    for (const one of slotted) if (one instanceof HTMLElement && one.matches(FOCUSABLE)) yield one;
    for (const one of slotted) yield* focusable(one);
    yield* focusable(element);
  }
}

/** What has the focus, however deep in shadow roots. */
function deepActive(): Element | null {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active;
}
