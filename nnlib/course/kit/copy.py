"""A button that copies a text to the clipboard, which `ipywidgets.Button` cannot reach."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets as t


class Copy(anywidget.AnyWidget):
    """A button that copies ``text`` and says so for two seconds.

    Parameters
    ----------
    label : str
        What stands on it, such as "Copy the code".
    text : str
        What it copies. To copy what stands in a box, link the two:
        ``traitlets.dlink((area, "value"), (copy, "text"))``.
    """

    label: Any = t.Unicode().tag(sync=True)
    text: Any = t.Unicode().tag(sync=True)

    _esm = Path(__file__).with_suffix(".js")

    def __init__(self, label: str = "Copy", text: str = "") -> None:
        super().__init__(label=label, text=text)
