/**
 * A vote is sent once, as a `genui-action` with the choice; after it the poll is closed for this reader.
 *
 * The press of the button sends it, which Enter in a choice is, too: in a sandboxed frame no form is submitted.
 */
export default function poll(root, host) {
  let voted = false;

  const close = () => {
    if (!voted) return;
    root.querySelector("fieldset").disabled = true;
    const button = root.querySelector(".button");
    button.disabled = true;
    button.textContent = "Voted";
  };

  const press = (event) => {
    const form = event.target.closest("button")?.form;
    if (!form) return;
    event.preventDefault();
    if (form.reportValidity()) vote(form);
  };

  const vote = (form) => {
    const choice = new FormData(form).get("choice");
    if (voted || choice === null) return;
    voted = true;
    close();
    const detail = { action: form.dataset.action, values: { choice } };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  root.addEventListener("click", press);
  return {
    update: close,
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
