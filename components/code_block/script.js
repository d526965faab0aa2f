/**
 * Copies the code and colors it. A clipboard that refuses (no permission, plain http) is answered by
 * selecting the code. The colors come when they come: the button does not wait for them.
 */
const SHOWN_FOR = 2000;

export default function codeBlock(root) {
  const button = root.querySelector(".copy");
  const label = root.querySelector(".copy-label");
  const status = root.querySelector(".copied"); // a live region inside the button would take its name away
  let highlighter;
  let timer;

  const show = (words, aloud) => {
    label.textContent = words;
    status.textContent = aloud;
  };
  const say = (words) => {
    show(words, words);
    clearTimeout(timer);
    timer = setTimeout(() => show("Copy", ""), SHOWN_FOR);
  };

  const copy = async () => {
    const code = root.querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      say("Copied");
    } catch {
      getSelection()?.selectAllChildren(code);
      say("Selected");
    }
  };

  const color = () => highlighter?.update(root.querySelector("pre").dataset.language);

  const start = async () => {
    const { Highlighter } = await import("../../static/highlight.js");
    if (!root.host.isConnected) return;
    highlighter = new Highlighter(root.querySelector("code"));
    color();
  };

  button.addEventListener("click", copy);
  start();
  return {
    update: color,
    destroy() {
      clearTimeout(timer);
      highlighter?.destroy();
      button.removeEventListener("click", copy);
    },
  };
}
