/** HTML can demand each box of a group, but not any of them: this says so on the first, and the form holds back. */
export default function checkboxGroup(root) {
  const judge = () => {
    const boxes = [...root.querySelectorAll("input")];
    const missing = boxes.length > 0 && boxes[0].dataset.required !== undefined && !boxes.some((box) => box.checked);
    boxes[0]?.setCustomValidity(missing ? "Choose at least one." : "");
  };

  root.addEventListener("input", judge);
  judge();
  return {
    update: judge,
    destroy() {
      root.removeEventListener("input", judge);
    },
  };
}
