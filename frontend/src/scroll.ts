/** Keeps the newest line in view until the reader scrolls up, and again once they are back at the end. */

const NEAR = 48; // pixels from the end that still count as the end

export class StickyScroll {
  readonly #scroller: HTMLElement;
  readonly #changed: (pinned: boolean) => void;
  readonly #observer: ResizeObserver;
  #pinned = true;
  #last = 0;

  /** `changed` hears when the view leaves the end or returns to it. */
  constructor(scroller: HTMLElement, content: HTMLElement, changed: (pinned: boolean) => void) {
    this.#scroller = scroller;
    this.#changed = changed;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The observer runs once a frame, after layout: measuring here costs no layout of its own.
    this.#observer = new ResizeObserver(() => this.#follow());
    this.#observer.observe(content);
    this.#observer.observe(scroller);
  }

  /** Go to the end and stay there. */
  toEnd(): void {
    this.#set(true);
    this.#follow();
  }

  #follow(): void {
    if (this.#pinned) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    else if (this.#distance() < NEAR) this.#set(true);
  }

  #scrolled(): void {
    const { scrollTop } = this.#scroller;
    const up = scrollTop < this.#last;
    this.#last = scrollTop;
    if (this.#distance() < NEAR) this.#set(true);
    else if (up) this.#set(false); // only a person scrolls up; growing content leaves the position as it is
  }

  #distance(): number {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  #set(pinned: boolean): void {
    if (pinned === this.#pinned) return;
    this.#pinned = pinned;
    this.#changed(pinned);
  }
}
