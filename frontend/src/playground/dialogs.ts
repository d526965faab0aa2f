/** Questions to the author, in a dialog that takes the keyboard and gives it back. */

import { h } from "../dom.ts";
import { diff } from "./diff.ts";
import type { Merged } from "./diff.ts";

type Answers<K extends string> = { [key in K]: { label: string; primary?: boolean } };

/** Ask; resolves to the key of the answer, or undefined when it was dismissed. */
export function ask<K extends string>(title: string, content: Node, answers: Answers<K>): Promise<K | undefined> {
  const heading = h("h2", { id: "dialog-title" }, title);
  const buttons = h("div", { class: "buttons" });
  const form = h("form", { method: "dialog" }, heading, content, buttons);
  const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
  for (const [value, { label, primary }] of Object.entries(answers) as [K, Answers<K>[K]][]) {
    buttons.append(h("button", { value, class: primary ? "primary" : "" }, label));
  }
  const cancel = h("button", { type: "button" }, "Cancel");
  cancel.addEventListener("click", () => dialog.close(""));
  buttons.prepend(cancel);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve((dialog.returnValue || undefined) as K | undefined);
    });
  });
}

/** Ask for a component's name, and into which folder it goes; undefined when it was dismissed. */
export async function askName(title: string, suggestion: string, roots: readonly { root: string; name: string }[]): Promise<{ name: string; root: string } | undefined> {
  const field = h("input", { id: "component-name", value: suggestion, pattern: "[A-Z][A-Za-z0-9]{0,63}", required: true, autocomplete: "off", spellcheck: "false" });
  const folders = h("select", { id: "component-root" }, ...roots.map(({ root, name }) => h("option", { value: root }, name)));
  const content = h("div", { class: "fields" }, h("label", { for: "component-name" }, "Name of the tag"), field, h("p", { class: "hint" }, "Begins with A–Z; letters and digits only."));
  if (roots.length > 1) content.append(h("label", { for: "component-root" }, "Folder"), folders);
  const answer = await ask(title, content, { create: { label: "Create", primary: true } });
  return answer && { name: field.value, root: folders.value };
}

export type Resolution = "mine" | "theirs" | "merge";

/** A file has changed on disk and in the editor: what shall stand? */
export function askConflict(name: string, mine: string, theirs: string | undefined, merged: Merged): Promise<Resolution | undefined> {
  const lines = h("div", { class: "diff", tabindex: "0", role: "region", "aria-label": "Differences" });
  for (const { kind, text } of diff(theirs ?? "", mine)) {
    const sign = { same: " ", mine: "+", theirs: "−" }[kind];
    lines.append(h("div", { class: kind }, h("span", { "aria-hidden": "true" }, sign), h("code", {}, text || " ")));
  }
  const words =
    theirs === undefined
      ? "It was removed from disk while you changed it here."
      : `It was changed on disk, too. Lines with − are only there, lines with + only here. ${merged.conflicts === 0 ? "Both can be merged without touching." : `Merged, ${merged.conflicts} place${merged.conflicts === 1 ? "" : "s"} would need your eye.`}`;
  const answers: Answers<Resolution> = { theirs: { label: theirs === undefined ? "Remove it here" : "Take the disk’s" }, mine: { label: "Keep mine" }, merge: { label: "Merge", primary: true } };
  return ask(`${name} has changed on disk`, h("div", {}, h("p", {}, words), lines), answers);
}
