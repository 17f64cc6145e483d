"""Pictures that are drawn many times a second: what stays is drawn once, the rest on top of it."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

import matplotlib
import matplotlib.style
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from PIL import Image, ImageDraw, ImageFont

from nnlib.course.kit.parts import Part
from nnlib.course.kit.reading import read

Pixels = npt.NDArray[np.uint8]
"""Colours, red, green, blue and opacity, in an array of shape (height, width, 4)."""


def packed(pixels: Pixels) -> npt.NDArray[np.uint32]:
    """See each pixel as one number: many are copied in a tenth of the time."""
    return pixels.view(np.uint32)[..., 0]


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

    @contextmanager
    def scaled(self, ratio: float) -> Iterator[None]:
        """Let frames have ``ratio`` times as many pixels each way, and everything its place."""
        if ratio == 1:
            yield
            return
        figure, agg = self.figure, self._agg
        engine, background = figure.get_layout_engine(), getattr(self, "_background", None)
        stale = self.stale
        try:
            figure.set_layout_engine("none")
            figure.set_dpi(ratio * DPI)
            self._agg, self.stale = FigureCanvasAgg(figure), True
            yield
        finally:
            figure.set_dpi(DPI)
            figure.set_canvas(agg)
            figure.set_layout_engine(engine)
            self._agg, self._background, self.stale = agg, background, stale

    # Places, in pixels from the upper left corner ------------------------------------------------

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return float(self.figure.bbox.height)

    def at(self, ax: Axes, x: float, y: float) -> tuple[float, float]:
        """Return where a place of an axes' data is seen."""
        right, up = ax.transData.transform((x, y))
        return float(right), self.height - float(up)

    def data(self, ax: Axes, x: float, y: float) -> tuple[float, float]:
        """Return what place of an axes' data is seen there."""
        right, up = ax.transData.inverted().transform((x, self.height - y))
        return float(right), float(up)

    def box(self, ax: Axes) -> tuple[float, float, float, float]:
        """Return left, top, right, and bottom of an axes."""
        left, down, right, up = ax.bbox.extents
        return float(left), self.height - float(up), float(right), self.height - float(down)

    def chart(self, name: str, ax: Axes, says: Callable[[float, float], str]) -> Part:
        """Return an axes as a part; ``says(x, y)`` tells what stands at a place of its data."""
        return Part(name, self.box(ax), reads=lambda x, y: says(*self.data(ax, x, y)))

    def charts(self) -> list[Part]:
        """Return the axes as parts that tell the values at the place pointed at."""
        return [
            self.chart(f"chart {i}", ax, partial(read, ax))
            for i, ax in enumerate(self.figure.axes, start=1)
            if ax.get_visible() and ax.axison
        ]


class Stamp(Artist):
    """Pixels put into a figure as they are, the first row below, at a place in pixels."""

    smooth = False
    """How they are enlarged for a sharper screen: blended, or else repeated."""

    def __init__(self, x: float, y: float) -> None:
        super().__init__()
        self.x, self.y = x, y
        self.pixels: Pixels = np.zeros((1, 1, 4), np.uint8)

    def draw(self, renderer: Any) -> None:
        """Copy them in."""
        ratio = renderer.dpi / DPI
        _copy_in(renderer, ratio * self.x, ratio * self.y, self._enlarged(ratio))

    def _enlarged(self, ratio: float) -> Pixels:
        if ratio == 1:
            return self.pixels
        height, width = self.pixels.shape[:2]
        how = Image.Resampling.BILINEAR if self.smooth else Image.Resampling.NEAREST
        size = round(ratio * width), round(ratio * height)
        return np.array(Image.fromarray(self.pixels).resize(size, how))


class Sheet(Artist):
    """Artists that are drawn once, and then put into each frame as they are.

    Set ``stale_sheet`` after a change of one of them.
    """

    def __init__(self, artists: Iterable[Artist]) -> None:
        super().__init__()
        self.artists, self.stale_sheet = list(artists), True
        self._drawn: tuple[float, Pixels, float, float] | None = None

    def draw(self, renderer: Any) -> None:
        """Copy them in, drawn with as many pixels as the renderer has."""
        if self.stale_sheet or self._drawn is None or self._drawn[0] != renderer.dpi:
            make: Any = RendererAgg
            own = make(int(renderer.width), int(renderer.height), renderer.dpi)
            for artist in self.artists:
                artist.draw(own)
            self._drawn = renderer.dpi, *_cropped(np.asarray(own.buffer_rgba()))
            self.stale_sheet = False
        _, pixels, x, y = self._drawn
        _copy_in(renderer, x, y, pixels)


def _copy_in(renderer: Any, x: float, y: float, pixels: Pixels) -> None:
    """Put pixels into a picture, the first row below."""
    gc = renderer.new_gc()
    renderer.draw_image(gc, x, y, pixels)
    gc.restore()


def _cropped(pixels: Pixels) -> tuple[Pixels, float, float]:
    """Cut out what is not empty, the first row below; return it with its lower left corner."""
    rows, columns = (np.flatnonzero(pixels[:, :, 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros((1, 1, 4), np.uint8), 0.0, 0.0
    box = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return box[::-1].copy(), float(columns[0]), float(len(pixels) - 1 - rows[-1])


class Line(Stamp):
    """A line of text that may be another one in every frame, in a tenth of the time."""

    def __init__(self, x: float, y: float, width: int, height: int = 18) -> None:
        super().__init__(x, y)
        self._size, self._text = (width, height), ""
        self._written = ("", 1.0)

    def set_text(self, text: str) -> None:
        """Write another text."""
        self._text = text

    def _enlarged(self, ratio: float) -> Pixels:
        if self._written != (self._text, ratio):
            self._written = self._text, ratio
            size = round(ratio * self._size[0]), round(ratio * self._size[1])
            image = Image.new("RGBA", size, (255, 255, 255, 0))
            ImageDraw.Draw(image).text(
                (0, ratio), self._text, fill=(0, 0, 0, 255), font=_font(13 * ratio)
            )
            self.pixels = np.array(image)[::-1].copy()
        return self.pixels


class Texts(Stamp):
    """Short texts, each centred at a place of an axes, that may be others in every frame.

    A matplotlib text costs about a millisecond, these together cost one.
    """

    def __init__(self, ax: Axes) -> None:
        super().__init__(0, 0)
        self._ax = ax
        self._places: list[tuple[float, float, str, str, int]] = []
        self._written = 0.0

    @property
    def texts(self) -> list[str]:
        """What stands there, in order."""
        return [text for _, _, text, *_ in self._places]

    def set_texts(self, texts: Iterable[tuple[float, float, str, str, int]]) -> None:
        """Write (x, y, text, colour, size in pixels), at x and y in units of the data."""
        places = list(texts)
        if places != self._places:
            self._places, self._written = places, 0.0

    def _enlarged(self, ratio: float) -> Pixels:
        """Write the texts only if they are seen."""
        if self._written != ratio:
            self._write(ratio)
        return self.pixels

    def draw(self, renderer: Any) -> None:
        """Copy the texts in."""
        ratio, box = renderer.dpi / DPI, self._ax.bbox
        self.x, self.y = round(box.x0) / ratio, round(box.y0) / ratio
        super().draw(renderer)

    def _write(self, ratio: float) -> None:
        box = self._ax.bbox
        image = Image.new("RGBA", (round(box.width), round(box.height)), (255, 255, 255, 0))
        draw, self._written = ImageDraw.Draw(image), ratio
        for x, y, text, color, size in self._places:
            right, up = self._ax.transData.transform((x, y))
            place = (right - round(box.x0), image.height - (up - round(box.y0)))
            draw.text(
                place, text, fill=color, font=_font(size * ratio), anchor="mm", align="center"
            )
        self.pixels = np.array(image)[::-1].copy()


@lru_cache
def _font(size: float = 13) -> Any:
    """The typeface of all figures."""
    return ImageFont.truetype(f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSans.ttf", size)
