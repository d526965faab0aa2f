/** A press becomes a bubbling `genui-action` event {action, values}; a Form around it adds its values. */
export default function button(root, host) {
  const press = () => {
    const detail = { action: root.querySelector("button").dataset.action, values: {} };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };
  root.addEventListener("click", press);
  return {
    update() {},
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
