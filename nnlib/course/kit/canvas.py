"""Pictures that are drawn many times a second: what stays is drawn once, the rest on top of it."""

import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import matplotlib
import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]
"""Colours, red, green, blue and opacity, in an array of shape (height, width, 4)."""


def jpeg(pixels: Pixels) -> bytes:
    """Write a picture that is about to be replaced by the next, a fifth of a PNG's time.

    At this quality, and with colours as sharp as the light, thin lines and letters stay crisp.
    """
    file = io.BytesIO()
    size = pixels.shape[1], pixels.shape[0]
    opaque = Image.frombuffer("RGBX", size, np.ascontiguousarray(pixels), "raw", "RGBX", 0, 1)
    opaque.save(file, "jpeg", quality=92, subsampling=0)
    return file.getvalue()


def png(pixels: Pixels) -> bytes:
    """Write a picture that a notebook keeps: 256 colours, a third of the size of all colours."""
    file = io.BytesIO()
    few = Image.fromarray(pixels).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(file, "png", optimize=True)
    return file.getvalue()


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


class Stamp(Artist):
    """Pixels put into a figure as they are, the first row below, at a place in pixels."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__()
        self.x, self.y = x, y
        self.pixels: Pixels = np.zeros((1, 1, 4), np.uint8)

    def draw(self, renderer: Any) -> None:
        """Copy them in."""
        gc = renderer.new_gc()
        renderer.draw_image(gc, self.x, self.y, self.pixels)
        gc.restore()


class Line(Stamp):
    """A line of text that may be another one in every frame, in a tenth of the time."""

    def __init__(self, x: float, y: float, width: int, height: int = 18) -> None:
        super().__init__(x, y)
        self._size, self._text = (width, height), ""

    def set_text(self, text: str) -> None:
        """Write another text."""
        if text != self._text:
            self._text = text
            image = Image.new("RGBA", self._size, (255, 255, 255, 0))
            ImageDraw.Draw(image).text((0, 1), text, fill=(0, 0, 0, 255), font=_font())
            self.pixels = np.array(image)[::-1].copy()


class Texts(Stamp):
    """Short texts, each centred at a place of an axes, that may be others in every frame.

    A matplotlib text costs about a millisecond, these together cost one.
    """

    def __init__(self, ax: Axes) -> None:
        super().__init__(0, 0)
        self._ax = ax
        self._places: list[tuple[float, float, str, str, int]] = []
        self._written = True

    @property
    def texts(self) -> list[str]:
        """What stands there, in order."""
        return [text for _, _, text, *_ in self._places]

    def set_texts(self, texts: Iterable[tuple[float, float, str, str, int]]) -> None:
        """Write (x, y, text, colour, size in pixels), at x and y in units of the data."""
        self._places, self._written = list(texts), False

    def draw(self, renderer: Any) -> None:
        """Copy the texts in; written are they only if they are seen."""
        if not self._written:
            self._write()
        super().draw(renderer)

    def _write(self) -> None:
        box = self._ax.bbox
        self.x, self.y = round(box.x0), round(box.y0)
        image = Image.new("RGBA", (round(box.width), round(box.height)), (255, 255, 255, 0))
        draw, self._written = ImageDraw.Draw(image), True
        for x, y, text, color, size in self._places:
            right, up = self._ax.transData.transform((x, y))
            place = (right - self.x, image.height - (up - self.y))
            draw.text(place, text, fill=color, font=_font(size), anchor="mm", align="center")
        self.pixels = np.array(image)[::-1].copy()


@lru_cache
def _font(size: int = 13) -> Any:
    """The typeface of all figures."""
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)
