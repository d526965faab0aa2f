// How everything in the chat looks: what a page's style sheet would change if it reached in.
(chat) => {
  const seen = (element) => {
    const { color, fontSize, lineHeight, letterSpacing, textTransform, visibility, display } = getComputedStyle(element);
    const { width, height } = element.getBoundingClientRect();
    return [element.localName, element.className, color, fontSize, lineHeight, letterSpacing, textTransform, visibility,
            display, Math.round(width), Math.round(height)].join(" ");
  };
  const all = (root) => [...root.querySelectorAll("*")].flatMap((one) => [seen(one), ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  return all(chat.shadowRoot);
}
