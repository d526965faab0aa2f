// A tree as indented lines: elements with their attributes, text, shadow roots. Two trees that look and
// work the same give the same lines: ids count by their order, and what scripts drew (kept wrappers) is left out.
(root) => {
  const ids = new Map();
  const known = (value) => {
    if (!ids.has(value)) ids.set(value, `#${ids.size + 1}`);
    return ids.get(value);
  };
  const references = /^(id|for|part-of|aria-(labelledby|describedby|controls|owns)|data-(genui-)?id|data-(genui-)?run)$/;
  const lines = [];

  const attributes = (element) =>
    [...element.attributes]
      .map(({ name, value }) => (references.test(name) ? ` ${name}=${known(value)}` : ` ${name}=${JSON.stringify(value)}`))
      .sort()
      .join("");

  const children = (node, depth) => {
    let text = "";
    const flush = () => {
      const shown = text.replace(/\s+/g, " ").trim();
      if (shown !== "") lines.push("  ".repeat(depth) + JSON.stringify(shown));
      text = "";
    };
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      else if (child.nodeType === Node.ELEMENT_NODE) {
        flush();
        element(child, depth);
      }
    }
    flush();
  };

  const element = (node, depth) => {
    if (node.localName === "style") return;
    lines.push("  ".repeat(depth) + node.localName + attributes(node));
    if (node.hasAttribute("data-genui-keep")) return;
    if (node.shadowRoot) {
      lines.push("  ".repeat(depth + 1) + "#shadow");
      children(node.shadowRoot, depth + 2);
    }
    children(node, depth + 1);
  };

  children(root, 0);
  return lines;
}
