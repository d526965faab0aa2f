/** Opens the dialog, and closes it by its button or a press beside it; the browser does Escape and focus. */
export default function modal(root) {
  const dialog = () => root.querySelector("dialog");

  const press = (event) => {
    if (event.target.closest(".open")) dialog().showModal();
    else if (event.target.closest(".close") || event.target === dialog()) dialog().close();
  };

  root.addEventListener("click", press);
  return {
    update() {},
    destroy() {
      root.removeEventListener("click", press);
      dialog()?.close();
    },
  };
}
