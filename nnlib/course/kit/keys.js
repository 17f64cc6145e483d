// Lets the controls of a page keep their keys, gives them names, and tells a dark page.
const FOCUSABLE = "button, input, select, textarea, [tabindex], [role=slider]";
const WATCHED = ["class", "title", "contenteditable", "tabindex", "aria-valuetext"];

function set(node, name, value) {
  if (value && node.getAttribute(name) !== value) node.setAttribute(name, value);
}

// ipywidgets lets the readout of a choice be typed into, and then takes no notice; and its handle
// says the choice's number in the list.
function quieten(readout) {
  set(readout, "contenteditable", "false");
  readout.removeAttribute("tabindex");
  const handle = readout.closest(".widget-slider")?.querySelector("[role=slider]");
  if (handle) set(handle, "aria-valuetext", readout.textContent.trim());
}

// A button of ipywidgets has text alone: what stands in `backticks` there is set as code.
function setCode(button) {
  for (const text of [...button.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)) {
    const parts = text.data.split(/`([^`]+)`/);
    if (parts.length > 1) text.replaceWith(...parts.map((part, i) => {
      if (i % 2 === 0) return part;
      return Object.assign(document.createElement("code"), { textContent: part });
    }));
  }
}

function prepare(root) {
  for (const node of root.querySelectorAll(".nnlib-said")) set(node, "role", "status");
  for (const node of root.querySelectorAll(".nnlib-quiz button")) setCode(node);
  for (const node of root.querySelectorAll('[title="null"]')) node.removeAttribute("title");
  for (const node of root.querySelectorAll(".nnlib-choice > .widget-readout")) quieten(node);
  for (const node of root.querySelectorAll(FOCUSABLE)) {
    set(node, "data-lm-suppress-shortcuts", "true");
    const box = node.closest(".widget-inline-hbox, .widget-toggle-buttons");
    const name = box?.querySelector(".widget-label");
    const words = name?.textContent.trim(), label = words || name?.title;
    if (node.matches("button")) {
      if (box) { set(box, "role", "group"); set(box, "aria-label", label); }
      if (node.matches(".jupyter-button.widget-toggle-button"))
        set(node, "aria-pressed", String(node.classList.contains("mod-active")));
    } else {
      set(node, "aria-label", label);
      set(node, "aria-description", words && name?.title);
    }
  }
}

// Pictures turn light and dark around where letters are light.
function followTheme(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  root.classList.toggle("nnlib-dark", r + g + b > 382);
}

// What stands in for widgets whose kernel has gone is hidden while there is one.
function hideStandin(root) {
  let box = root, standin = null;
  while (box && !(standin = box.querySelector(".nnlib-standin")))
    box = box.matches(".jp-OutputArea") ? null : box.parentElement;  // not that of another cell
  if (standin) standin.hidden = true;
}

function render({ el }) {
  el.style.display = "none";
  let observer = null, themes = null, ended = false;
  const start = () => {
    if (ended) return;
    const root = el.closest(".nnlib-keys");
    if (!root) return void setTimeout(start, 50);  // not on the page yet
    prepare(root);
    hideStandin(root);
    observer = new MutationObserver(() => prepare(root));
    observer.observe(root, {
      childList: true, subtree: true, attributes: true, attributeFilter: WATCHED,
    });
    followTheme(root);
    themes = new MutationObserver(() => followTheme(root));
    for (const node of [document.documentElement, document.body])
      themes.observe(node, { attributes: true });
  };
  start();
  return () => { ended = true; observer?.disconnect(); themes?.disconnect(); };
}
export default { render };
