/** Shows the number while the reader moves it. */
export default function slider(root) {
  const show = () => {
    const output = root.querySelector("output");
    const value = root.querySelector("input").value;
    const { unit } = output.dataset;
    output.firstElementChild.textContent = unit ? `${value} ${unit}` : value;
  };
  root.addEventListener("input", show);
  return {
    update: show,
    destroy() {
      root.removeEventListener("input", show);
    },
  };
}
