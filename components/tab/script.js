/** Tells the Tabs around it that there is a title, or another one. */
export default function tab(root, host) {
  const tell = () => host.dispatchEvent(new CustomEvent("genui-tab", { bubbles: true }));
  tell();
  return { update: tell, destroy() {} };
}
