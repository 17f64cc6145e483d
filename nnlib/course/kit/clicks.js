// Tells Python where the picture of an explorer was clicked.
function render({ model, el }) {
  el.style.display = "none";
  let image = null, ended = false, clicks = 0;
  const inside = (v) => Math.min(1, Math.max(0, v));
  const clicked = (event) => {
    const box = image.getBoundingClientRect();
    clicks += 1;
    model.set("click", [inside((event.clientX - box.left) / box.width),
                        inside((event.clientY - box.top) / box.height), clicks]);
    model.save_changes();
  };
  const start = () => {
    if (ended) return;
    image = el.closest(".nnlib-explorer")?.querySelector(".nnlib-image");
    if (!image) return void setTimeout(start, 50);  // not on the page yet
    image.style.cursor = "crosshair";
    image.addEventListener("click", clicked);
  };
  start();
  return () => { ended = true; image?.removeEventListener("click", clicked); };
}
export default { render };
