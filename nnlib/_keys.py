"""What a page of widgets needs and ipywidgets cannot give: its own keys, names, a little style.

In a notebook's command mode the key ``b`` inserts a cell and an arrow leaves it, even while a
button in an output has the focus. JupyterLab spares elements with a certain attribute; a small
anywidget sets it, tells screen readers what a control is called and whether it is pressed, and
describes the picture with the words that stand above it.
"""

from typing import Any

import anywidget


class Keys(anywidget.AnyWidget):
    """An invisible part of a view: the controls around it keep their keys and say their names."""

    _esm = """
    const FOCUSABLE = "button, input, select, textarea, [tabindex], [role=slider]";

    function set(node, name, value) {
      if (value && node.getAttribute(name) !== value) node.setAttribute(name, value);
    }

    function prepare(root) {
      for (const node of root.querySelectorAll(FOCUSABLE)) {
        set(node, "data-lm-suppress-shortcuts", "true");
        const box = node.closest(".widget-inline-hbox, .widget-toggle-buttons");
        const label = box?.querySelector(".widget-label")?.textContent.trim();
        if (node.matches("button")) {
          if (box) { set(box, "role", "group"); set(box, "aria-label", label); }
          if (node.matches(".jupyter-button.widget-toggle-button"))
            set(node, "aria-pressed", String(node.classList.contains("mod-active")));
        } else set(node, "aria-label", label);
      }
      const words = root.querySelector(".nnlib-status")?.textContent.trim();
      for (const image of root.querySelectorAll("img.nnlib-image")) set(image, "alt", words);
    }

    function render({ el }) {
      el.style.display = "none";
      let observer = null, ended = false;
      const start = () => {
        if (ended) return;
        const root = el.closest(".nnlib-keys");
        if (!root) return void setTimeout(start, 50);  // not on the page yet
        prepare(root);
        observer = new MutationObserver(() => prepare(root));
        observer.observe(root, {
          childList: true, subtree: true, attributes: true, attributeFilter: ["class"],
        });
      };
      start();
      return () => { ended = true; observer?.disconnect(); };
    }
    export default { render };
    """

    _css = """
    .nnlib-keys .widget-toggle-buttons { display: flex; align-items: baseline; }
    .nnlib-keys .widget-toggle-buttons > .widget-label { text-align: right; margin-right: 8px; }
    .nnlib-keys .widget-toggle-buttons > div { flex: 1; min-width: 0; }
    .nnlib-keys button:focus-visible, .nnlib-keys [role=slider]:focus-visible {
      outline: 2px solid var(--jp-brand-color1, #1976d2); outline-offset: 1px;
    }
    .nnlib-keys .widget-toggle-button.mod-active { font-weight: 600; }
    .nnlib-keys .nnlib-alert [role=alert] {
      border-left: 4px solid var(--jp-error-color1, #d32f2f); padding: 2px 8px; line-height: 1.4;
    }
    .nnlib-keys .nnlib-status { min-height: 2.9em; line-height: 1.4; }
    .nnlib-keys .widget-html-content { line-height: 1.4; }
    .nnlib-quiz .widget-toggle-button {
      height: auto; white-space: normal; text-align: left; line-height: 1.35; padding: 4px 8px;
    }
    .nnlib-reply { margin: 2px 0 12px; line-height: 1.4; }
    """


def keeping_keys(view: Any) -> Any:
    """Give a box of widgets its keys, and return it."""
    view.children = (*view.children, Keys())
    view.add_class("nnlib-keys")
    return view
