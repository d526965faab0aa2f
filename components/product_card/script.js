/** The button sends its action with the product's name. */
export default function productCard(root, host) {
  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const product = root.querySelector(".title").textContent.trim();
    const detail = { action: button.dataset.action, values: { product } };
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
