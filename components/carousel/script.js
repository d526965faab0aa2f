/** The two arrows: they move the row by what is seen of it, and are there only where there is more. */
const SLACK = 2; // px: scroll positions are fractions

export default function carousel(root, host) {
  const track = root.querySelector(".track");
  const back = root.querySelector(".back");
  const on = root.querySelector(".on");

  const look = () => {
    const room = track.scrollWidth - track.clientWidth;
    const place = Math.abs(track.scrollLeft); // counts down from 0 where text runs from right to left
    back.disabled = place <= SLACK;
    on.disabled = place >= room - SLACK;
  };

  const move = (event) => {
    const ahead = getComputedStyle(host).direction === "rtl" ? -1 : 1;
    const way = event.currentTarget === on ? ahead : -ahead;
    track.scrollBy({ left: way * track.clientWidth * 0.8 });
  };

  const sizes = new ResizeObserver(look);
  const children = new MutationObserver(look);
  sizes.observe(track);
  children.observe(host, { childList: true });
  track.addEventListener("scroll", look, { passive: true });
  back.addEventListener("click", move);
  on.addEventListener("click", move);
  return {
    update: look,
    destroy() {
      sizes.disconnect();
      children.disconnect();
      track.removeEventListener("scroll", look);
      back.removeEventListener("click", move);
      on.removeEventListener("click", move);
    },
  };
}
