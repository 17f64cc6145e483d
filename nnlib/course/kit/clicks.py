"""Clicks into the picture of an explorer, which `ipywidgets.Image` does not report."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets as t


class Clicks(anywidget.AnyWidget):
    """An invisible part of an explorer's view that tells where its picture was clicked.

    Put it among the rows of `arrange`. The picture is the ``.nnlib-image`` of the explorer around.

    Parameters
    ----------
    on : callable
        ``on(x, y)``, with 0 ≤ x, y ≤ 1 as fractions of the picture's width and height, from its
        upper left corner. It may be called on any thread: let it `post`.

    Attributes
    ----------
    click : list of three floats
        x and y of the last click, and how many there were; empty before the first.
    """

    click: ClassVar = t.List(t.Float()).tag(sync=True)

    _esm = Path(__file__).with_suffix(".js")

    def __init__(self, on: Callable[[float, float], Any]) -> None:
        super().__init__()

        def changed(change: Any) -> None:
            if change["new"]:
                x, y, _ = change["new"]
                on(x, y)

        self.observe(changed, "click")
