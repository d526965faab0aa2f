/** A press of one of the two buttons becomes a bubbling `genui-action` event. */
export default function confirmation(root, host) {
  const press = (event) => {
    const action = event.target.closest("button")?.dataset.action;
    if (!action) return;
    host.dispatchEvent(new CustomEvent("genui-action", { detail: { action, values: {} }, bubbles: true, composed: true }));
  };
  root.addEventListener("click", press);
  return {
    update() {},
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
