// A pad to draw on: strokes by mouse, pen, finger or keys, sent to Python as they grow.
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 1 / 32;      // of the side, for one press of an arrow
const NEAR = 1 / 150;     // points nearer than this to the last one are left out
const START = [0.5, 0.3]; // of the cross, on every new sheet
const inside = (v) => Math.min(1, Math.max(0, v));

function render({ model, el }) {
  const size = model.get("_size"), scale = Math.max(1, window.devicePixelRatio || 1);
  const canvas = document.createElement("canvas"), help = document.createElement("div");
  canvas.width = canvas.height = size * scale;
  canvas.tabIndex = 0;
  canvas.className = "nnlib-pad";
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Drawing pad for a digit. " + model.get("_help"));
  canvas.style.cssText = `width:${size}px; height:${size}px; display:block; cursor:crosshair;
    touch-action:none; border:1px solid #777; box-sizing:border-box; background:white;`;
  help.textContent = model.get("_help");
  help.setAttribute("aria-hidden", "true");  // the label says it already
  help.style.cssText = `width:${size}px; font-size:11px; line-height:1.35; margin-top:4px;
    color:var(--jp-ui-font-color1, inherit);`;
  el.append(canvas, help);

  const pen = canvas.getContext("2d");
  const copied = () => model.get("strokes").map((line) => line.map((p) => [...p]));
  let strokes = copied(), line = null, pointer = null, held = false;
  let cross = START, timer = null, sending = false;

  // To Python, 25 times a second at the most.
  const flush = () => {
    clearTimeout(timer);
    timer = null;
    sending = true;
    model.set("strokes", strokes.map((l) => l.map((p) => [...p])));
    sending = false;
    model.save_changes();
  };
  const later = () => { timer ??= setTimeout(flush, 40); };

  const down = (point) => { line = [point]; strokes.push(line); later(); };
  const to = (point) => {
    const [x, y] = line[line.length - 1];
    if (Math.hypot(point[0] - x, point[1] - y) < NEAR) return;
    line.push(point);
    later();
  };
  const up = () => { if (line) { line = null; held = false; flush(); } };

  // A message may overtake strokes that are still being sent, so it carries no change of them.
  const take = (what) => {
    up();
    if (what === "undo" && strokes.length) { strokes.pop(); flush(); return; }
    if (what === "clear") { strokes = []; cross = START; flush(); }
    model.send(what);
  };

  const base = () => {
    const bytes = model.get("base"), n = Math.sqrt(bytes?.byteLength || 0);
    if (!n) return;
    const image = new ImageData(n, n), below = document.createElement("canvas");
    for (let i = 0; i < n * n; i++) {
      image.data.fill(255 - bytes.getUint8(i), 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    below.width = below.height = n;
    below.getContext("2d").putImageData(image, 0, 0);
    pen.drawImage(below, 0, 0, size, size);
  };
  const paint = () => {
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.fillStyle = "white";
    pen.fillRect(0, 0, size, size);
    base();
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = "black";
    pen.lineWidth = model.get("width") * size;
    for (const points of strokes) {
      pen.beginPath();  // a line of one point has no length, but it is a dot
      pen.arc(points[0][0] * size, points[0][1] * size, pen.lineWidth / 2, 0, 7);
      pen.fill();
      pen.beginPath();
      pen.moveTo(points[0][0] * size, points[0][1] * size);
      for (const [x, y] of points) pen.lineTo(x * size, y * size);
      pen.stroke();
    }
    if (document.activeElement === canvas && !model.get("disabled")) {
      const [x, y] = cross.map((v) => v * size);
      for (const [color, width] of [["white", 5], [line ? "#D55E00" : "#0072B2", 2]]) {
        pen.strokeStyle = color;
        pen.lineWidth = width;
        pen.beginPath();
        pen.moveTo(x - 9, y); pen.lineTo(x + 9, y);
        pen.moveTo(x, y - 9); pen.lineTo(x, y + 9);
        if (line) pen.arc(x, y, 6, 0, 7);
        pen.stroke();
      }
    }
    canvas.style.opacity = model.get("disabled") ? 0.5 : 1;
  };

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [inside((event.clientX - box.left) / box.width),
            inside((event.clientY - box.top) / box.height)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || pointer !== null || model.get("disabled")) return;
    event.preventDefault();
    up();
    canvas.focus({ preventScroll: true });
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    down(cross = place(event));
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || !line) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) to(cross = place(one));
    paint();
  });
  const end = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    up();
    paint();
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);

  const key = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || model.get("disabled")) return false;
    const move = MOVES[event.key], name = event.key.toLowerCase();
    if (move) {
      if (event.shiftKey && !line) { down([...cross]); held = true; }
      cross = cross.map((v, i) => inside(v + STEP * move[i]));
      if (line) to(cross);
    } else if (name === " ") {
      if (!event.repeat) line ? up() : down([...cross]);
    } else if (name === "backspace" || name === "delete" || name === "c") {
      take(name === "backspace" ? "undo" : "clear");
    } else {
      return false;
    }
    return true;
  };
  canvas.addEventListener("keydown", (event) => {
    if (!key(event)) return;
    event.preventDefault();
    event.stopPropagation();
    paint();
  });
  canvas.addEventListener("keyup", (event) => {
    if (event.key === "Shift" && held) { up(); paint(); }
  });
  canvas.addEventListener("focus", paint);
  canvas.addEventListener("blur", () => { if (pointer === null) up(); paint(); });

  model.set("shown", true);
  model.save_changes();
  model.on("msg:custom", (what) => { take(what); paint(); });

  const changed = () => { if (!sending && !line) strokes = copied(); paint(); };
  model.on("change:strokes", changed);
  model.on("change:base", () => { if (!line) cross = START; paint(); });
  for (const name of ["width", "disabled"]) model.on(`change:${name}`, paint);
  paint();
  return () => { clearTimeout(timer); model.off(null, null, null); };
}
export default { render };
