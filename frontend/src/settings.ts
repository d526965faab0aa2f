/** The element's attributes as properties: `element.placeholder = "Ask"` is `placeholder="Ask"`. */

/** Attributes with a text. */
const TEXTS = ["src", "theme", "locale", "height", "placeholder", "heading", "welcome", "thread", "persist", "mode", "speech", "image-origins"] as const;

const FLAGS = ["open"] as const;

/** Attributes whose change the element has to hear of. */
export const OBSERVED: readonly string[] = [...TEXTS, ...FLAGS, "token", "starters", "dir", "lang"];

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Tail>}` : Name;

export type Texts = { [attribute in (typeof TEXTS)[number] as Camel<attribute>]: string | null };

export function reflect(prototype: HTMLElement): void {
  for (const attribute of TEXTS) define(prototype, attribute, false);
  for (const attribute of FLAGS) define(prototype, attribute, true);
}

function define(prototype: HTMLElement, attribute: string, flag: boolean): void {
  const property = attribute.replace(/-./, (dashed) => dashed.slice(1).toUpperCase());
  Object.defineProperty(prototype, property, {
    configurable: true,
    enumerable: true,
    get(this: HTMLElement) {
      return flag ? this.hasAttribute(attribute) : this.getAttribute(attribute);
    },
    set(this: HTMLElement, value: unknown) {
      if (flag || value === null || value === undefined) this.toggleAttribute(attribute, Boolean(value));
      else this.setAttribute(attribute, String(value));
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
