"""A pad to draw on, with mouse, pen, finger or keyboard: what ipywidgets has no widget for."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets as t

SIDE = 264
"""Width and height of the pad on the page, in pixels."""

HELP = (
    "Draw with mouse, pen or finger. Or with keys: arrows move the cross, Space puts the pen down "
    "and lifts it, Shift + arrow draws while held, Backspace takes back, C clears."
)


class Pad(anywidget.AnyWidget):
    """A square to draw on.

    Attributes
    ----------
    strokes : list of lists of [x, y]
        What was drawn, line by line: 0 ≤ x, y ≤ 1, from the upper left corner.
    width : float
        Of the pen, as a share of the pad's side.
    base : bytes
        A square picture that lies below the strokes, one byte for each pixel, 255 is ink; or empty.
    disabled : bool
        Whether the pad takes no more strokes.

    shown : bool
        Whether the pad is on a page.

    What is taken back or cleared is so by the page, which knows the newest line: a message from
    here, ``"undo"`` or ``"clear"``, asks it to. The page sends the same words where it has no line
    to take back, or has cleared all.
    """

    strokes: Any = t.List(t.List(t.List(t.Float()))).tag(sync=True)
    width: Any = t.Float(0.1).tag(sync=True)
    base: Any = t.Bytes(b"").tag(sync=True)
    disabled: Any = t.Bool(False).tag(sync=True)
    shown: Any = t.Bool(False).tag(sync=True)
    _size: Any = t.Int(SIDE).tag(sync=True)
    _help: Any = t.Unicode(HELP).tag(sync=True)

    _esm = Path(__file__).with_suffix(".js")
