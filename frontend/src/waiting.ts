/** Text that waits for what draws it keeps what stands after it off the page: it would be pushed down. */
export function waiting(prose: Element, waits: boolean): void {
  prose.classList.toggle("genui-waiting", waits);
}
