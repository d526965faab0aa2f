/**
 * Which conversation a tab was in, for after a reload. In the session's storage, so that it ends with the
 * tab; where storage is forbidden, nothing is remembered and nothing fails.
 */

export class Memory {
  readonly #key: string;

  /** `name` tells apart the chats of one page. */
  constructor(base: URL, name: string) {
    this.#key = `genui ${base.href} ${name}`;
  }

  get thread(): string | undefined {
    return attempt(() => sessionStorage.getItem(this.#key)) ?? undefined;
  }

  set thread(id: string | undefined) {
    attempt(() => (id === undefined ? sessionStorage.removeItem(this.#key) : sessionStorage.setItem(this.#key, id)));
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
