"""Keep JupyterLab's single-key commands away from the controls of an explorer or a quiz.

In a notebook's command mode the key ``b`` inserts a cell and an arrow leaves it, even while a
button in an output has the focus. JupyterLab spares elements with a certain attribute, which
ipywidgets cannot set; so a small anywidget sets it.
"""

from typing import Any

import anywidget

_SPARED = "button, input, select, textarea, [tabindex], [role=slider]"


class Keys(anywidget.AnyWidget):
    """An invisible part of a view: all controls around it keep their keys to themselves."""

    _esm = f"""
    function render({{ el }}) {{
      el.style.display = "none";
      const spare = (root) => root.querySelectorAll("{_SPARED}").forEach(
        (node) => node.setAttribute("data-lm-suppress-shortcuts", "true"));
      let observer = null, ended = false;
      const start = () => {{
        if (ended) return;
        const root = el.closest(".nnlib-keys");
        if (!root) return void setTimeout(start, 50);  // not on the page yet
        spare(root);
        observer = new MutationObserver(() => spare(root));
        observer.observe(root, {{ childList: true, subtree: true }});
      }};
      start();
      return () => {{ ended = true; observer?.disconnect(); }};
    }}
    export default {{ render }};
    """


def keeping_keys(view: Any) -> Any:
    """Give a box of widgets its keys, and return it."""
    view.children = (*view.children, Keys())
    view.add_class("nnlib-keys")
    return view
