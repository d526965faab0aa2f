/** The element's attributes as properties: `element.placeholder = "Ask"` is `placeholder="Ask"`. */

/** Attributes with a text, by the property that reflects each. */
export const TEXTS = {
  src: "src",
  theme: "theme",
  locale: "locale",
  height: "height",
  placeholder: "placeholder",
  heading: "heading",
  welcome: "welcome",
  thread: "thread",
  persist: "persist",
  mode: "mode",
  speech: "speech",
  imageOrigins: "image-origins",
} as const;

export const FLAGS = { open: "open" } as const;

/** Attributes whose change the element has to hear of. */
export const OBSERVED: readonly string[] = [...Object.values(TEXTS), ...Object.values(FLAGS), "token", "starters", "dir", "lang"];

export type Texts = { [property in keyof typeof TEXTS]: string | null };

export function reflect(prototype: HTMLElement): void {
  for (const [property, attribute] of Object.entries(TEXTS)) {
    define(prototype, property, (element) => element.getAttribute(attribute), (element, value) => {
      if (value === null || value === undefined) element.removeAttribute(attribute);
      else element.setAttribute(attribute, String(value));
    });
  }
  for (const [property, attribute] of Object.entries(FLAGS)) {
    define(prototype, property, (element) => element.hasAttribute(attribute), (element, value) => element.toggleAttribute(attribute, Boolean(value)));
  }
}

function define(prototype: HTMLElement, name: string, get: (element: HTMLElement) => unknown, set: (element: HTMLElement, value: unknown) => void): void {
  Object.defineProperty(prototype, name, {
    configurable: true,
    enumerable: true,
    get(this: HTMLElement) {
      return get(this);
    },
    set(this: HTMLElement, value: unknown) {
      set(this, value);
    },
  });
}

/** Languages that are written from right to left. */
const RTL = /^(?:ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/i;

export function directionOf(locale: string): "rtl" | "ltr" {
  return RTL.test(locale) ? "rtl" : "ltr";
}

/** A language tag that the browser knows, or undefined. */
export function known(locale: string | null | undefined): string | undefined {
  try {
    return locale ? Intl.getCanonicalLocales(locale)[0] : undefined;
  } catch {
    return undefined;
  }
}
