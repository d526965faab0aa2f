/** The copy button. A clipboard that refuses (no permission, plain http) is answered by selecting the code. */
const SHOWN_FOR = 2000;

export default function codeBlock(root) {
  const button = root.querySelector(".copy");
  const label = root.querySelector(".copy-label");
  const status = root.querySelector(".copied"); // a live region inside the button would take its name away
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

  button.addEventListener("click", copy);
  return {
    update() {},
    destroy() {
      clearTimeout(timer);
      button.removeEventListener("click", copy);
    },
  };
}
