"""Parts of a large picture that go in as they are: pixels, and lines of text."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from PIL import Image, ImageDraw, ImageFont

from nnlib.explorers._pixels import Pixels


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
        self.texts: list[str] = []

    def set_texts(self, texts: Iterable[tuple[float, float, str, str, int]]) -> None:
        """Write (x, y, text, colour, size in pixels), at x and y in units of the data."""
        box = self._ax.bbox
        self.x, self.y = round(box.x0), round(box.y0)
        image = Image.new("RGBA", (round(box.width), round(box.height)), (255, 255, 255, 0))
        draw, self.texts = ImageDraw.Draw(image), []
        for x, y, text, color, size in texts:
            self.texts.append(text)
            right, up = self._ax.transData.transform((x, y))
            place = (right - self.x, image.height - (up - self.y))
            draw.text(place, text, fill=color, font=_font(size), anchor="mm", align="center")
        self.pixels = np.array(image)[::-1].copy()


@lru_cache
def _font(size: int = 13) -> Any:
    """The typeface of all figures."""
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)
