/** The button sends its action with what tells this flight from others. */
export default function flightCard(root, host) {
  const text = (selector) => root.querySelector(selector)?.textContent.trim() ?? "";
  const press = (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const values = { flight: text(".airline"), from: text(".from .place"), to: text(".to .place"), departs: text(".from .time") };
    const detail = { action: button.dataset.action, values };
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
