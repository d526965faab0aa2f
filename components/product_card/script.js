/** The button sends its action; which product it is, the server knows. */
export default function productCard(root, host) {
  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const detail = { action: button.dataset.action, values: {} };
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
