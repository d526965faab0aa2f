/** Draws anew what stands, with the templates that the server has now: for those who write components. */

import type { Client } from "./client.ts";
import type { ComponentNode, MessageTree } from "./tree.ts";

/** What cannot be drawn stays as it is. */
export async function redraw(client: Client, { components }: MessageTree, update: (node: ComponentNode) => void): Promise<void> {
  const nodes = [...components.values()].filter(({ state, error }) => state === "complete" && !error);
  const drawn = await client.render(nodes.map(({ name, props, data }) => ({ name, props, data })));
  nodes.forEach((node, at) => {
    node.html = drawn[at]?.html ?? node.html;
    update(node);
  });
}
