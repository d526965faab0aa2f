/** Translations of the interface. A test holds each to the texts that the code says. */

import type { Strings } from "./words.ts";

export const locales: Readonly<Record<string, Strings>> = {};
