"""Pictures that are drawn many times a second: what stays is drawn once, the rest on top of it."""

from collections.abc import Callable, Iterable
from typing import Any

import matplotlib.style
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nnlib.explorers._pixels import Pixels

DPI = 100

ON_CURVES = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
"""The box of a text that curves may run through."""


class Canvas:
    """A figure whose moving parts are redrawn on a stored background (blitting).

    Parameters
    ----------
    width, height : float
        Size in inches of 100 pixels.
    build : callable
        ``build(figure)`` makes axes and artists, and returns those that move; they are drawn
        in this order at every `frame`.

    A plain redraw of such a figure took 36 ms where it was measured, this takes 12.
    """

    def __init__(
        self, width: float, height: float, build: Callable[[Figure], Iterable[Artist]]
    ) -> None:
        with matplotlib.style.context("nnlib.course"):
            self.figure = Figure((width, height), DPI, facecolor="white", layout="constrained")
            self._agg: Any = FigureCanvasAgg(self.figure)
            self._moving = list(build(self.figure))
        for artist in self._moving:
            artist.set_animated(True)
        self.stale = True

    def frame(self) -> Pixels:
        """Draw the moving parts and return the picture.

        Set ``stale`` after a change of anything else (limits, titles, ticks): then all is redrawn.
        """
        if self.stale:
            with matplotlib.style.context("nnlib.course"):
                self._agg.draw()
            self._background = self._agg.copy_from_bbox(self.figure.bbox)
            self.stale = False
        self._agg.restore_region(self._background)
        for artist in self._moving:
            if artist.get_visible():
                artist.axes.draw_artist(artist) if artist.axes else artist.draw(self._agg.renderer)
        return np.array(self._agg.buffer_rgba())  # the next frame is drawn into the same memory
