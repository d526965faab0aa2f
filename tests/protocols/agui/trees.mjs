/** What a client ends up with, in one form whichever client it was: texts and components, in order, with props. */

globalThis.HTMLElement ??= class {}; // the bundle defines elements when it is loaded; none is made here
const { emptyTree, reduce } = await import("../../../genui/static/embed.js");

/** The tree that our own client makes of a run. */
export async function ours(base, run) {
  const response = await fetch(`${base}/v1/runs/${run}/events`, { headers: { Accept: "text/event-stream" } });
  const tree = emptyTree();
  for (const frame of (await response.text()).split("\n\n")) {
    const [, data] = /^data: (.*)$/m.exec(frame) ?? [];
    if (data) reduce(tree, JSON.parse(data));
  }
  return { nodes: tidy(tree.children.map(told)), end: tree.end?.reason, error: tree.end?.error?.message };
}

function told(node) {
  if (node.kind === "text") return { text: node.pieces.join("") };
  if (node.kind !== "component") return { text: "" };
  const { id, name, state, props, data, children, error, note } = node;
  return { id, name, state, props, data, error: error && { code: error.code, message: error.message }, note, children: children.map(told) };
}

/** The tree that stands in an AG-UI conversation's messages. */
export function agui(messages) {
  return tidy(messages.filter(({ role }) => role === "assistant" || role === "activity").map(said));
}

function said(message) {
  return message.role === "activity" ? content(message.content) : { text: message.content };
}

function content(node) {
  if (node.type === "text") return { text: node.text };
  const { id, name, state, props, data = {}, children, error, note } = node;
  return { id, name, state, props, data, error, note, children: children.map(content) };
}

/** Texts that touch are one, and white space alone is none: where a tree is cut into texts is the protocol's. */
export function tidy(nodes) {
  const kept = [];
  for (const node of nodes) {
    const last = kept.at(-1);
    if (!("text" in node)) kept.push({ ...node, children: tidy(node.children) });
    else if (last && "text" in last) last.text += node.text;
    else kept.push({ ...node });
  }
  return kept.filter((node) => !("text" in node) || node.text.trim()).map((node) => ("text" in node ? { text: node.text.trim() } : node));
}
