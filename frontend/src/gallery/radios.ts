/** A row of choices, one of which holds. */

import { h } from "../dom.ts";

export function radios(legend: string, choices: Record<string, string>, chosen: string, choose: (value: string) => void): HTMLElement {
  const value = chosen in choices ? chosen : (Object.keys(choices)[0] as string);
  const options = Object.entries(choices).map(([key, words]) => {
    const input = h("input", { type: "radio", name: legend, value: key, checked: key === value });
    input.addEventListener("change", () => choose(key));
    return h("label", {}, input, words);
  });
  choose(value);
  return h("fieldset", {}, h("legend", {}, legend), ...options);
}
