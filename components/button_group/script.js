/** A press sends the choice as a `genui-action`, and stays pressed. */
export default function buttonGroup(root, host) {
  let chosen;

  const mark = () => {
    for (const button of root.querySelectorAll("button")) {
      if (chosen !== undefined) button.ariaPressed = String(button.value === chosen);
    }
  };

  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    chosen = button.value;
    mark();
    const { action, name } = root.querySelector(".buttons").dataset;
    const detail = { action, values: { [name]: chosen } };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  root.addEventListener("click", press);
  return {
    update: mark,
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
