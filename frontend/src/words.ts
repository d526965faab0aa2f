/**
 * What the interface says, in the reader's language.
 *
 * A text is its own key, in English, as in gettext: a page in English loads no translation, and the code can
 * be read. Translations are a bundle of their own (`locales.ts`), and `strings` of the element goes over both.
 */

/** A translation, or one for each plural form that its language has (https://www.unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules). */
export type Translation = string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>;

/** English texts and what they are in another language. */
export type Strings = Readonly<Record<string, Translation>>;

type Values = Readonly<Record<string, string | number>>;

/** Says an English text in the reader's language; `{name}` in it stands for a value. */
export interface Words {
  (text: string, values?: Values): string;
  readonly locale: string | undefined;
  /** Another language, and where its texts stand: whoever has these words says the next thing in it. */
  speak(locale: string | undefined, ...tables: (Strings | undefined)[]): void;
}

/** The words of a language. `count` among the values chooses the plural form; numbers are written as the locale does. */
export function wordsOf(locale?: string, ...tables: (Strings | undefined)[]): Words {
  const say = (text: string, values: Values = {}): string => {
    const found = tables.find((table) => table && Object.hasOwn(table, text))?.[text] ?? text;
    const form = typeof found === "string" ? found : (found[new Intl.PluralRules(locale).select(Number(values["count"] ?? 0))] ?? found.other ?? text);
    return form.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return typeof value === "number" ? value.toLocaleString(locale) : (value ?? whole);
    });
  };
  return Object.assign(say, {
    locale,
    speak(other: string | undefined, ...others: (Strings | undefined)[]) {
      this.locale = locale = other;
      tables = others;
    },
  });
}

/** English, as it stands in the code. */
export const english = wordsOf("en");
