/**
 * Shows the number while the reader moves it. Until then the value is the template's: a range that was still
 * narrower when its value came has cut it off, and only this gives it back.
 */
export default function slider(root) {
  let moved = false;

  const show = () => {
    const input = root.querySelector("input");
    const output = root.querySelector("output");
    if (!moved) input.value = input.defaultValue;
    const { unit } = output.dataset;
    output.firstElementChild.textContent = unit ? `${input.value} ${unit}` : input.value;
  };

  const move = () => {
    moved = true;
    show();
  };

  root.addEventListener("input", move);
  show();
  return {
    update: show,
    destroy() {
      root.removeEventListener("input", move);
    },
  };
}
