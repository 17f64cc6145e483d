// The picture of an explorer: draws the frames that come, and says so; hears pointer and keys.
const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home",
  "End", "Enter", "Escape"];
const EVERY = 50; // milliseconds between two messages of a moving pointer
let count = 0;

function make(tag, name, parent) {
  const node = document.createElement(tag);
  node.className = name;
  parent.append(node);
  return node;
}

function render({ model, el }) {
  const view = `${Date.now().toString(36)}-${++count}`;
  const frame = make("div", "nnlib-frame", el);
  const canvas = make("canvas", "nnlib-image", frame);
  const mark = make("div", "nnlib-mark", frame), tip = make("div", "nnlib-tip", frame);
  const live = make("div", "nnlib-live", frame);
  live.setAttribute("aria-live", "polite");
  tip.setAttribute("aria-hidden", "true");  // what keys lead to is said by the live text
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "picture");
  canvas.setAttribute("data-lm-suppress-shortcuts", "true");
  const pen = canvas.getContext("2d", { alpha: false });
  pen.fillStyle = "white";  // until the first frame comes
  pen.fillRect(0, 0, canvas.width, canvas.height);

  // What the page says of itself -----------------------------------------------------------
  let seen = false, said = "";
  const tell = () => {
    const ratio = window.devicePixelRatio || 1, visible = seen && !document.hidden;
    const words = `${visible} ${ratio}`;
    if (words === said) return;
    said = words;
    model.send({ on: "view", view, visible, ratio });
  };
  const watcher = new IntersectionObserver((entries) => {
    seen = entries[entries.length - 1].isIntersecting;
    tell();
  });
  watcher.observe(canvas);
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("resize", tell);
  let screen = null;  // another one may have other pixels, and resizes nothing
  const otherScreen = () => { tell(); watchScreen(); };
  const watchScreen = () => {
    screen = window.matchMedia(`(resolution: ${window.devicePixelRatio || 1}dppx)`);
    screen.addEventListener("change", otherScreen, { once: true });
  };
  watchScreen();

  // Frames ---------------------------------------------------------------------------------
  let last = Promise.resolve();
  const draw = async (content, data) => {
    try {
      const image = await createImageBitmap(new Blob([data], { type: "image/png" }));
      const ratio = window.devicePixelRatio || 1, [width, height] = model.get("size");
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
      pen.imageSmoothingEnabled = !content.motion;  // else its edges would mix with nothing
      pen.drawImage(image, 0, 0, w, h);
      image.close();
      canvas.dataset.frame = content.frame;
      canvas.dataset.sharp = content.motion ? "" : `${w}`;
    } finally {
      model.send({ on: "drawn", frame: content.frame, view });
    }
  };
  const came = (content, buffers) => {
    if (content.frame) last = last.then(() => draw(content, buffers[0])).catch(console.warn);
    else if (content.ask !== undefined) ask(content);
  };
  model.on("msg:custom", came);
  const resize = () => {
    const [width, height] = model.get("size");
    frame.style.maxWidth = `${width}px`;
    canvas.style.aspectRatio = `${width} / ${height}`;
  };
  model.on("change:size", resize);
  resize();

  // Pointer and keys -----------------------------------------------------------------------
  const place = (event) => {
    const box = canvas.getBoundingClientRect(), [width, height] = model.get("size");
    return { x: (event.clientX - box.left) * width / box.width,
             y: (event.clientY - box.top) * height / box.height };
  };
  let timer = null, waiting = null, held = null, moved = false;
  const flush = () => {
    timer = null;
    if (waiting) { model.send(waiting); waiting = null; timer = setTimeout(flush, EVERY); }
  };
  const later = (message) => {
    waiting = message;
    if (timer === null) flush();
  };
  const now = (message) => {
    if (waiting) { model.send(waiting); waiting = null; }
    model.send(message);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = event.pointerId;
    moved = false;
    canvas.setPointerCapture(held);
    now({ on: "down", ...place(event) });
  });
  canvas.addEventListener("pointermove", (event) => {
    if (held !== null) moved = true;
    later({ on: held === null ? "point" : "drag", ...place(event) });
  });
  canvas.addEventListener("pointerup", (event) => {
    if (event.pointerId !== held) return;
    held = null;
    now({ on: "up", ...place(event) });
  });
  canvas.addEventListener("pointercancel", () => { held = null; now({ on: "leave" }); });
  const leave = (event) => {
    if (!frame.contains(event.relatedTarget)) now({ on: "leave" });  // else a number is typed
  };
  // While a pointer is held down, its part stays: JupyterLab may give the focus to the cell.
  const leaveUnlessHeld = (event) => { if (held === null) leave(event); };
  canvas.addEventListener("pointerleave", leaveUnlessHeld);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key === " " ? "Enter" : event.key;
    if (!KEYS.includes(key)) return;
    event.preventDefault();
    event.stopPropagation();
    now({ on: "key", key, shift: event.shiftKey });
  });
  canvas.addEventListener("focus", () => {
    const words = el.closest(".nnlib-explorer")?.querySelector(".nnlib-status");
    if (words) { words.id ||= `nnlib-words-${view}`; canvas.setAttribute("aria-describedby", words.id); }
  });
  canvas.addEventListener("blur", leaveUnlessHeld);

  // What is told of the part that is pointed at ---------------------------------------------
  const spot = (node, [left, top, right, bottom]) => {
    const scale = canvas.clientWidth / model.get("size")[0];
    node.style.left = `${left * scale}px`;
    node.style.top = `${top * scale}px`;
    node.style.width = `${(right - left) * scale}px`;
    node.style.height = `${(bottom - top) * scale}px`;
  };
  const told = () => {
    const { text, place, line, can, key } = model.get("told");
    mark.hidden = tip.hidden = !text;
    canvas.style.cursor = can?.includes("drag") ? "grab" : can?.length ? "pointer" : "";
    if (!text) return;
    const [left, top, right, bottom] = place, [x, y] = [(left + right) / 2, (top + bottom) / 2];
    mark.classList.toggle("nnlib-round", Boolean(line));
    spot(mark, line ? [x - 6, y - 6, x + 6, y + 6] : place);
    if (tip.textContent !== text) tip.textContent = text;
    const [width, height] = model.get("size"), scale = canvas.clientWidth / width;
    const below = (line ? y + 10 : bottom + 4) * scale, high = tip.offsetHeight;
    const room = below + high <= height * scale;
    tip.style.top = `${room ? below : Math.max(0, (line ? y - 10 : top - 4) * scale - high)}px`;
    const most = canvas.clientWidth - tip.offsetWidth;
    tip.style.left = `${Math.max(0, Math.min(x * scale - tip.offsetWidth / 2, most))}px`;
    if (key && live.textContent !== text) live.textContent = text;
  };
  model.on("change:told", told);
  told();

  // A number that is typed -----------------------------------------------------------------
  const ask = ({ ask: name, value, place: at }) => {
    frame.querySelector("input")?.blur();
    const input = make("input", "nnlib-typed", frame);
    input.value = value;
    input.setAttribute("aria-label", name);
    input.setAttribute("inputmode", "decimal");
    input.setAttribute("data-lm-suppress-shortcuts", "true");
    const scale = canvas.clientWidth / model.get("size")[0];
    const x = (at[0] + at[2]) / 2 * scale, y = (at[1] + at[3]) / 2 * scale;
    input.style.left = `${Math.max(0, Math.min(x - 40, canvas.clientWidth - 84))}px`;
    input.style.top = `${Math.max(0, y - 12)}px`;
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") now({ on: "type", name, text: input.value });
      if (event.key === "Enter" || event.key === "Escape") canvas.focus();
    });
    let elsewhere = false;
    const pressed = (event) => { elsewhere ||= event.target !== input; };
    document.addEventListener("pointerdown", pressed, true);
    input.addEventListener("blur", (event) => {
      // Nobody has clicked anywhere, and yet JupyterLab gives the focus to the cell: take it back.
      if (!elsewhere && event.relatedTarget?.contains(frame))
        return void setTimeout(() => input.focus({ preventScroll: true }));
      document.removeEventListener("pointerdown", pressed, true);
      leave(event);
      input.remove();
    });
    input.focus({ preventScroll: true });
    input.select();
  };

  return () => {
    watcher.disconnect();
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", tell);
    window.removeEventListener("resize", tell);
    screen.removeEventListener("change", otherScreen);
    model.off("msg:custom", came);
    model.off("change:size", resize);
    model.off("change:told", told);
    model.send({ on: "gone", view });
  };
}
export default { render };
