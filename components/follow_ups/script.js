/** A press sends the question, as a `genui-action` whose action is the question itself. */
export default function followUps(root, host) {
  const press = (event) => {
    const question = event.target.closest("button")?.textContent.trim();
    if (!question) return;
    const detail = { action: question, values: {} };
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
