/**
 * Sorting by a press on a column's head: the greatest first where there are numbers, else from A to Z; then
 * the other way round; then as it was written. Each new drawing stands as it was written, so it is sorted again.
 */
const words = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
const SIZES = { k: 1e3, m: 1e6, b: 1e9, t: 1e12 };

/** The number that a cell shows, or undefined: "$1,200", "−4.2%" and "1.5k" are ones. */
function amount(cell) {
  if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
  const [, sign, digits, size] = /^[^\d−–-]*([−–-]?)[^\d]*([\d.,]*\d)\s*([kmbt]?)/i.exec(cell.textContent.trim()) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits.replaceAll(",", "")) * (sign ? -1 : 1) * (SIZES[size.toLowerCase()] ?? 1);
}

function compare(one, other, isNumeric) {
  if (!isNumeric) return words.compare(one.textContent, other.textContent);
  return (amount(one) ?? -Infinity) - (amount(other) ?? -Infinity);
}

export default function table(root) {
  let column = -1;
  let down = false;

  const heads = () => [...root.querySelectorAll("thead th")];

  const sort = () => {
    const body = root.querySelector("tbody");
    const rows = [...body.querySelectorAll("[data-row]")];
    const isNumeric = heads()[column]?.classList.contains("number");
    const way = down ? -1 : 1;
    const order = (one, other) =>
      (column < 0 ? 0 : way * compare(one.cells[column], other.cells[column], isNumeric)) || one.dataset.row - other.dataset.row;
    const sorted = rows.toSorted(order);
    if (sorted.some((row, place) => row !== rows[place])) body.prepend(...sorted);
    heads().forEach((head, place) => {
      if (place === column) head.ariaSort = down ? "descending" : "ascending";
      else head.removeAttribute("aria-sort");
    });
  };

  const press = (event) => {
    const head = event.target.closest("th button")?.parentElement;
    if (!head) return;
    const first = head.classList.contains("number");
    const pressed = heads().indexOf(head);
    if (pressed !== column) [column, down] = [pressed, first];
    else if (down === first) down = !first;
    else column = -1;
    sort();
  };

  root.addEventListener("click", press);
  return {
    update: sort,
    destroy() {
      root.removeEventListener("click", press);
    },
  };
}
