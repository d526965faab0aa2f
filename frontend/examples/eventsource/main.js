// A frontend without genui.js: the browser's own EventSource, which reconnects by itself at the right event.
// It shows text as it is written and each widget's HTML; formatting the Markdown is left out.

const styles = fetch("/v1/components").then(async (response) => {
  const { components } = await response.json();
  return new Map(components.map(({ name, style }) => [name, style]));
});
const { question, send, stop } = document.forms[0].elements;
let run;

document.forms[0].addEventListener("submit", async (event) => {
  event.preventDefault();
  turn("You", question.value);
  const answer = turn("Answer", "");
  const messages = [{ role: "user", content: question.value }];
  question.value = "";
  const response = await fetch("/v1/runs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ messages, render: "html" }),
  });
  const begun = await response.json();
  if (!response.ok) return alert(answer, begun.error.message);
  run = begun.run;
  busy(true);
  follow(begun.events, answer, await styles);
});

stop.addEventListener("click", () => fetch(`/v1/runs/${run}/cancel`, { method: "POST" }));

function follow(events, answer, sheets) {
  const source = new EventSource(events);
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // it asks again by itself
    alert(answer, "The connection was lost and could not be restored.");
    busy(false);
  });
  source.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "text") inside(answer, event.parent).append(event.text);
    if (event.type === "render-component") draw(answer, event, sheets);
    if (event.type === "component-error" && event.id) fail(inside(answer, event.id), event);
    if (event.type === "run-end") {
      if (event.error) alert(answer, event.error.message);
      source.close();
      busy(false);
    }
  });
}

function draw(answer, { id, name, parent, html, state }, sheets) {
  let widget = inside(answer, id);
  if (widget === answer) {
    widget = document.createElement("div");
    widget.id = id;
    widget.setAttribute("name", name);
    widget.attachShadow({ mode: "open" });
    inside(answer, parent).append(widget);
  }
  widget.dataset.state = state;
  if (html === undefined) return;
  widget.shadowRoot.innerHTML = html; // from the server's templates, in which all that a model wrote is escaped
  const style = document.createElement("style");
  style.textContent = sheets.get(name) ?? "";
  widget.shadowRoot.append(style);
}

/** A widget whose markup is wrong; one whose data does not come stands without. */
function fail(widget, { name, code }) {
  if (widget.shadowRoot && !code.startsWith("load-")) widget.shadowRoot.textContent = `${name} could not be shown.`;
}

/** The widget with this id in an answer, or the answer itself. */
function inside(answer, id) {
  return (id && answer.querySelector(`[id="${CSS.escape(id)}"]`)) || answer;
}

function turn(label, text) {
  const article = document.createElement("article");
  article.setAttribute("aria-label", label);
  article.append(text);
  document.forms[0].before(article);
  return article;
}

/** Say behind an answer what went wrong with it. */
function alert(answer, message) {
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  words.append(message);
  answer.after(words);
}

function busy(now) {
  send.hidden = now;
  stop.hidden = !now;
}
