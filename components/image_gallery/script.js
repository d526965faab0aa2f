/** Shows a picture large, in a dialog, with the next and the one before by button or arrow key. */
export default function imageGallery(root, host) {
  const dialog = root.querySelector("dialog");
  const large = root.querySelector(".large");
  const words = root.querySelector(".words");
  let at = 0;

  const pictures = () => [...root.querySelectorAll("li img")];

  const show = (place) => {
    const all = pictures();
    at = (place + all.length) % all.length;
    const picture = all[at].cloneNode();
    picture.loading = "eager";
    large.replaceChildren(picture);
    words.textContent = `${picture.alt} (${at + 1} of ${all.length})`;
  };

  const press = (event) => {
    const picture = event.target.closest("li button")?.querySelector("img");
    if (picture) {
      show(pictures().indexOf(picture));
      dialog.showModal();
    } else if (event.target.closest(".back")) show(at - 1);
    else if (event.target.closest(".on")) show(at + 1);
    else if (event.target.closest(".close") || event.target === dialog) dialog.close();
  };

  const key = (event) => {
    const ahead = getComputedStyle(host).direction === "rtl" ? -1 : 1;
    if (event.key === "ArrowRight") show(at + ahead);
    if (event.key === "ArrowLeft") show(at - ahead);
  };

  root.addEventListener("click", press);
  dialog.addEventListener("keydown", key);
  return {
    update() {},
    destroy() {
      root.removeEventListener("click", press);
      dialog.removeEventListener("keydown", key);
      dialog.close();
    },
  };
}
