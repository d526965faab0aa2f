/** Follows `when` by itself, so that nothing need be drawn. A text that is still bound has no value yet. */
const isOpen = (when) => typeof when === "string" && /^\s*\$[A-Za-z_]|\{.*\$[A-Za-z_]/s.test(when);

export default function show(root, host) {
  const update = () => {
    const { when } = host.props;
    const isHidden = !when || isOpen(when);
    root.querySelector("slot").hidden = isHidden;
    host.hidden = isHidden;
  };
  update();
  return { update, destroy() {} };
}
