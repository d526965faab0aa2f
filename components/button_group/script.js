/**
 * A press sends the choice as a `genui-action`, and stays pressed. With `value` and without an action it is a
 * switch: a press says `genui-state`, for what is bound to it, and sends nothing.
 */
export default function buttonGroup(root, host) {
  const buttons = () => [...root.querySelectorAll("button")];
  const isSwitch = () => host.props.value !== undefined && host.props.action === undefined;

  const mark = () => {
    if (host.value === undefined) return;
    for (const button of buttons()) button.ariaPressed = String(button.value === String(host.value));
  };

  const tell = () => host.dispatchEvent(new CustomEvent("genui-state", { detail: host.value, bubbles: true, composed: true }));

  /** A switch always has one that is chosen. */
  const begin = () => {
    const all = buttons();
    if (isSwitch() && !all.some((button) => button.value === String(host.value ?? ""))) {
      host.value = (all.find((button) => button.ariaPressed === "true") ?? all[0])?.value;
      if (host.value !== undefined) tell();
    }
    mark();
  };

  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    host.value = button.value;
    mark();
    tell();
    if (isSwitch()) return;
    const { action, name } = root.querySelector(".buttons").dataset;
    const detail = { action, values: { [name]: host.value } };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  root.addEventListener("click", press);
  begin();
  return {
    update: begin,
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
