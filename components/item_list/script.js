/** A press on an item becomes a bubbling `genui-action` with the item's title. */
export default function itemList(root, host) {
  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const detail = { action: root.querySelector(".items").dataset.action, values: { item: button.value } };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  root.addEventListener("click", press);
  return {
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
