/**
 * One button a Tab child, and only the chosen child shown. Children come while the answer is written, and
 * their titles after them: a Tab says `genui-tab` when its title has changed.
 *
 * Keys as in https://www.w3.org/WAI/ARIA/apg/patterns/tabs/: arrows, Home and End choose at once.
 */
export default function tabs(root, host) {
  const list = root.querySelector(".list");
  let chosen;

  const panels = () => [...host.children].filter((child) => child.getAttribute("name") === "Tab");
  const titleOf = (panel) => panel.shadowRoot?.querySelector(".title")?.textContent.trim();

  const button = () => {
    const made = document.createElement("button");
    made.type = "button";
    made.role = "tab";
    return list.appendChild(made);
  };

  const label = (tab, panel, place) => {
    const title = titleOf(panel) || `Tab ${place + 1}`;
    const isChosen = panel === chosen;
    if (tab.textContent !== title) tab.textContent = title;
    tab.ariaSelected = String(isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    tab.ariaControlsElements = [panel];
    panel.role = "tabpanel";
    panel.ariaLabel = title;
    panel.hidden = !isChosen;
  };

  const draw = () => {
    const found = panels();
    const wanted = found.find((panel) => titleOf(panel) === (host.value ?? host.props.value));
    if (wanted || !found.includes(chosen)) chosen = wanted ?? found[0];
    while (list.children.length < found.length) button();
    while (list.children.length > found.length) list.lastElementChild.remove();
    found.forEach((panel, place) => label(list.children[place], panel, place));
    tell();
  };

  /** For what is bound to the tab that shows. */
  const tell = () => {
    const title = chosen && titleOf(chosen);
    if (!title || title === host.value) return;
    host.value = title;
    host.dispatchEvent(new CustomEvent("genui-state", { detail: title, bubbles: true, composed: true }));
  };

  const choose = (place) => {
    chosen = panels().at(place);
    tell();
    draw();
    const tab = [...list.children].at(place);
    tab.focus();
    tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  };

  const click = (event) => {
    const place = [...list.children].indexOf(event.target);
    if (place >= 0) choose(place);
  };

  const press = (event) => {
    const tabs = [...list.children];
    const place = tabs.indexOf(event.target);
    const ahead = getComputedStyle(host).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: place + ahead, ArrowLeft: place - ahead, Home: 0, End: -1 };
    if (place < 0 || !(event.key in steps)) return;
    event.preventDefault();
    choose(steps[event.key] % tabs.length);
  };

  const retitled = (event) => {
    if (event.target.parentElement === host) draw();
  };

  const children = new MutationObserver(draw);
  children.observe(host, { childList: true });
  host.addEventListener("genui-tab", retitled);
  list.addEventListener("click", click);
  list.addEventListener("keydown", press);
  draw();
  return {
    update: draw,
    destroy() {
      children.disconnect();
      host.removeEventListener("genui-tab", retitled);
      list.removeEventListener("click", click);
      list.removeEventListener("keydown", press);
    },
  };
}
