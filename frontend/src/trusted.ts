/**
 * The only place where a string becomes markup: HTML that the server rendered from a component's own
 * template, autoescaped. Nothing that a model wrote comes here unescaped. Scripts in it never run.
 */

interface Policy {
  createHTML(html: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: Policy): Policy;
}

let policy: Policy | undefined;

/** A component's HTML as a fragment. */
export function parseComponentHtml(html: string): DocumentFragment {
  const template = document.createElement("template");
  policy ??= createPolicy();
  template.innerHTML = policy.createHTML(html);
  return template.content;
}

/** A Trusted Types policy where the browser has them, so that a page may forbid every other one. */
function createPolicy(): Policy {
  const rules: Policy = { createHTML: (html) => html };
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  return factory?.createPolicy("genui", rules) ?? rules;
}
