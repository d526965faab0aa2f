/** Keeps the newest line in view until the reader scrolls up, and again once they are back at the end. */

const NEAR = 48; // pixels from the end that still count as the end

export class StickyScroll {
  readonly #scroller: HTMLElement;
  readonly #content: HTMLElement;
  readonly #jump: HTMLElement;
  #pinned = true;
  #last = 0;

  /** `jump`, which leads to the end, is hidden there. */
  constructor(scroller: HTMLElement, content: HTMLElement, jump: HTMLElement) {
    this.#scroller = scroller;
    this.#content = content;
    this.#jump = jump;
    jump.hidden = true;
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // The observer runs once a frame, after layout: measuring here costs no layout of its own.
    const observer = new ResizeObserver(() => this.#follow());
    observer.observe(content);
    observer.observe(scroller);
  }

  /** Go to the end and stay there. */
  toEnd(): void {
    this.#set(true);
    this.#follow();
  }

  #follow(): void {
    // While there is no content, to the beginning of what stands in its place.
    if (this.#pinned) this.#scroller.scrollTop = this.#content.offsetHeight && this.#scroller.scrollHeight;
    else this.#near();
  }

  #scrolled(): void {
    const { scrollTop } = this.#scroller;
    const up = scrollTop < this.#last;
    this.#last = scrollTop;
    if (!this.#near() && up) this.#set(false); // only a person scrolls up; growing content leaves the position as it is
  }

  #near(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const near = scrollHeight - scrollTop - clientHeight < NEAR;
    if (near) this.#set(true);
    return near;
  }

  #set(pinned: boolean): void {
    this.#pinned = this.#jump.hidden = pinned;
  }
}
