/**
 * A form whose fields are widgets of their own, each control in its own shadow root. The browser ties
 * none of them to the <form>, so this does: it checks and collects them, and lets Enter submit.
 *
 * The press of its button, like that of a Button inside, becomes one bubbling `genui-action` event that carries
 * {action, values}; it is held back while a field is not valid. No form is submitted, which a sandboxed frame forbids.
 */
const FIELDS = "input[name], select[name], textarea[name]";

function* controls(node) {
  for (const child of node.children) {
    if (child.hidden) continue; // what is not shown is not asked for
    if (child.shadowRoot) yield* child.shadowRoot.querySelectorAll(FIELDS);
    yield* controls(child);
  }
}

/** A box with a value is one of a group, whose value is the list of those that are checked. */
const isOneOfMany = (control) => control.type === "checkbox" && control.hasAttribute("value");
const valueOf = (control) => {
  if (control.type === "checkbox") return control.checked;
  return control.type === "range" ? control.valueAsNumber : control.value;
};

function valuesOf(fields) {
  const values = {};
  for (const field of fields) {
    if (isOneOfMany(field)) (values[field.name] ??= []).push(...(field.checked ? [field.value] : []));
    else if (field.type !== "radio" || field.checked) values[field.name] = valueOf(field);
  }
  return values;
}

export default function form(root, host) {
  const collect = () => {
    const fields = [...controls(host)];
    const wrong = fields.find((control) => !control.checkValidity());
    wrong?.reportValidity();
    return wrong ? null : valuesOf(fields);
  };

  const press = (event) => {
    if (!event.target.closest("footer button")) return;
    event.preventDefault();
    submit();
  };

  const submit = () => {
    const values = collect();
    if (!values) return;
    const detail = { action: root.querySelector("form").dataset.action, values };
    host.dispatchEvent(new CustomEvent("genui-action", { detail, bubbles: true, composed: true }));
  };

  const complete = (event) => {
    if (event.target === host) return;
    const values = collect();
    if (values) Object.assign(event.detail.values, values);
    else event.stopImmediatePropagation();
  };

  const enter = (event) => {
    const isField = event.composedPath()[0] instanceof HTMLInputElement;
    if (event.key === "Enter" && isField && !event.isComposing) submit();
  };

  root.addEventListener("click", press);
  host.addEventListener("genui-action", complete);
  host.addEventListener("keydown", enter);
  return {
    update() {},
    destroy() {
      root.removeEventListener("click", press);
      host.removeEventListener("genui-action", complete);
      host.removeEventListener("keydown", enter);
    },
  };
}
