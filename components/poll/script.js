/** A vote is sent once, as a `genui-action` with the choice; after it the poll is closed for this reader. */
export default function poll(root, host) {
  let voted = false;

  const close = () => {
    if (!voted) return;
    root.querySelector("fieldset").disabled = true;
    const button = root.querySelector(".button");
    button.disabled = true;
    button.textContent = "Voted";
  };

  const vote = (event) => {
    event.preventDefault();
    const form = event.target;
    const choice = new FormData(form).get("choice");
    if (voted || choice === null) return;
    voted = true;
    close();
    const detail = { action: form.dataset.action, values: { choice } };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  root.addEventListener("submit", vote);
  return {
    update: close,
    destroy() {
      root.removeEventListener("submit", vote);
    },
  };
}
