// A button that copies a text to the clipboard, and says for two seconds that it has.
const SAID = 2000;

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {  // a page that is not served safely has no clipboard: the old way
    const box = document.createElement("textarea"), before = document.activeElement;
    box.value = text;
    box.style.cssText = "position:fixed; opacity:0;";
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    before?.focus();
    return done;
  }
}

function render({ model, el }) {
  const button = document.createElement("button"), said = document.createElement("span");
  button.className = "jupyter-widgets jupyter-button widget-button nnlib-copy";
  button.style.width = "auto";
  said.setAttribute("role", "status");
  said.style.cssText = "margin-left:0.5em; font-size:13px; color:var(--jp-ui-font-color1, inherit);";
  el.append(button, said);
  const icon = document.createElement("i");
  icon.className = "fa fa-copy";
  const name = () => button.replaceChildren(icon, " " + model.get("label"));
  let timer = null;
  const clicked = async () => {
    const done = await copy(model.get("text"));
    said.textContent = done ? "Copied" : "Not copied: select the text and press Ctrl + C.";
    clearTimeout(timer);
    timer = setTimeout(() => { said.textContent = ""; }, SAID);
  };
  name();
  button.addEventListener("click", clicked);
  model.on("change:label", name);
  return () => { clearTimeout(timer); model.off("change:label", name); };
}
export default { render };
