// Every element and attribute in the page's body, shadow roots included, that could run or load something
// that a model wrote: what it returns must be empty.
() => {
  const dangerous = "script, iframe, object, embed, base, meta, link, img[src='x'], svg[onload]";
  const address = /^(href|src|action|formaction|data|xlink:href)$/i;
  const scheme = /^(javascript:|vbscript:|data:text)/i;
  const resolved = (value) => URL.canParse(value, document.baseURI) ? new URL(value, document.baseURI).href : "";
  const found = [];

  const inspect = (element) => {
    if (element.matches(dangerous)) found.push(element.outerHTML);
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name) || (address.test(name) && scheme.test(resolved(value)))) found.push(`${name}=${value}`);
    }
    if (element.shadowRoot) element.shadowRoot.querySelectorAll("*").forEach(inspect);
  };

  document.body.querySelectorAll("*").forEach(inspect);
  return found;
}
