"""Keys and names for a page of widgets: an invisible widget that looks after those around it.

In a notebook's command mode the key ``b`` inserts a cell and an arrow leaves it, even while a
button in an output has the focus. JupyterLab spares elements with a certain attribute, which
``keys.js`` sets; it also tells screen readers what a control is called, what it does, which of its
values is chosen and whether it is pressed, and tells the pictures where the page is dark.
``keys.css`` is the style of all such pages.
"""

from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as w


class Keys(anywidget.AnyWidget):
    """An invisible part of a view: the controls around it keep their keys and say their names."""

    _esm = Path(__file__).with_suffix(".js")

    _css = Path(__file__).with_suffix(".css")


def keeping_keys(view: Any) -> Any:
    """Give a box of widgets its keys, and return it."""
    _mark_choices(view)
    view.children = (*view.children, Keys())
    view.add_class("nnlib-keys")
    return view


def _mark_choices(view: Any) -> None:
    """Mark sliders that choose from a list: unlike other sliders, they take no typed value."""
    if isinstance(view, w.SelectionSlider):
        view.add_class("nnlib-choice")
    for child in getattr(view, "children", ()):
        _mark_choices(child)
