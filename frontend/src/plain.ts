/** An answer as text: its Markdown, with each widget by its `alt`. */

import type { Library } from "./library.ts";
import type { ComponentNode, TreeNode } from "./tree.ts";

export function textOf(nodes: readonly TreeNode[], library: Library | undefined): string {
  return nodes
    .map((node) => part(node, library))
    .join("")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function part(node: TreeNode, library: Library | undefined): string {
  if (node.kind === "text") return node.pieces.join("");
  return node.kind === "component" ? component(node, library) : "";
}

function component(node: ComponentNode, library: Library | undefined): string {
  const words = [node.alt ?? "", textOf(node.children, library)].map((one) => one.trim()).filter(Boolean);
  const text = words.join("\n\n");
  return library?.kit(node.name).inline ? text : `\n\n${text}\n\n`;
}
