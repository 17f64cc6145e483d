"""Pictures on their way to a page: at rest all of them, in motion what has changed, in few colours.

The pictures of a training network change in a tenth of their pixels, most of them by little. So a
frame in motion is a PNG of a few colours that is transparent where the page shows nearly the same
already; how nearly, follows from the number of bytes that the last frames took.
"""

import io
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgb
from PIL import Image

from nnlib.course.kit.canvas import Pixels, packed
from nnlib.plots import PALETTE

BUDGET = 17_000
"""Bytes of a frame in motion, on average: 24 frames a second are 3.3 Mbit."""

MEMORY = 6
"""So many frames count: one alone may be large, such as that after another view was chosen."""

LEAST, MOST = 4.0, 40.0
"""A difference of so many of 256 steps of a colour is let pass, from where the bytes are few."""

BANDS = 12
"""In every frame one of so many bands of rows is made good, whatever was let pass before."""


def whole(pixels: Pixels) -> bytes:
    """Write all of a picture, without loss."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).save(file, "png", compress_level=2)
    return file.getvalue()


class Motion:
    """Frame after frame, of which each adds what it changes to what the page shows.

    Attributes
    ----------
    shown : ndarray of shape (height, width, 4)
        What the page shows, as far as is known here; None before the first frame.
    passed : float
        So many steps of a colour a pixel may be off before it is sent.
    """

    def __init__(self) -> None:
        self.shown: Pixels | None = None
        self._last: Pixels | None = None
        self.passed, self._frames, self._bytes = LEAST, 0, 0.0

    def begin(self, pixels: Pixels) -> None:
        """Note that the page shows just this."""
        self.shown, self._last = pixels.copy(), pixels

    def frame(self, pixels: Pixels) -> bytes:
        """Write what has to be added to the page to show this, or nothing: then it is seen so."""
        if self.shown is None or self._last is None or self.shown.shape != pixels.shape:
            self.begin(pixels)
            return whole(pixels)
        places = self._differing(pixels)
        new, old = packed(pixels).ravel()[places], packed(self.shown).ravel()[places]
        far = np.flatnonzero(_distance(new, old) > self._allowed(places // pixels.shape[1]))
        places, new, old = places[far], new[far], old[far]
        colors = _nearest()[_key(new)]
        better = ((new ^ old) & ROUGH != 0) & (_colors()[colors] != old)
        places, colors = places[better], colors[better]
        self._last, self._frames = pixels, self._frames + 1
        packed(self.shown).ravel()[places] = _colors()[colors]
        sheet = np.zeros(pixels.shape[:2], np.uint8)
        sheet.ravel()[places] = colors
        data = _png(sheet) if len(places) else b""
        self._adapt(len(data))
        return data

    def _differing(self, pixels: Pixels) -> npt.NDArray[np.intp]:
        """Find the pixels that have changed, and in one band those that are off."""
        assert self.shown is not None
        assert self._last is not None
        differs = packed(pixels) != packed(self._last)
        band = self._band(len(pixels))
        differs[band] |= packed(pixels)[band] != packed(self.shown)[band]
        return np.flatnonzero(differs)

    def _allowed(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """Return how far off a pixel of these rows may be: less in the band that is made good."""
        assert self.shown is not None
        allowed = np.full(len(self.shown), self.passed, np.float32)
        allowed[self._band(len(allowed))] = LEAST
        return allowed[rows]

    def _band(self, height: int) -> slice:
        """Return the rows that are made good in this frame."""
        i = self._frames % BANDS
        return slice(i * height // BANDS, (i + 1) * height // BANDS)

    def _adapt(self, size: int) -> None:
        """Let more pass where the last frames were above the budget, and less where below."""
        self._bytes += (size - self._bytes) / MEMORY
        factor = float(np.clip(self._bytes / BUDGET, 0.5, 2)) ** 0.3
        self.passed = float(np.clip(self.passed * factor, LEAST, MOST))


def _distance(new: npt.NDArray[np.uint32], old: npt.NDArray[np.uint32]) -> npt.NDArray[np.int16]:
    """Return the largest difference of red, green, and blue."""
    largest = np.zeros(len(new), np.int16)
    for shift in (0, 8, 16):
        channel = ((new >> shift) & 0xFF).astype(np.int16)
        channel -= ((old >> shift) & 0xFF).astype(np.int16)
        np.maximum(largest, np.abs(channel, out=channel), out=largest)
    return largest


def _png(sheet: npt.NDArray[np.uint8]) -> bytes:
    """Write numbers of colours, of which 0 is none at all."""
    image = Image.fromarray(sheet)
    image.putpalette(np.concatenate([[[0, 0, 0]], _palette()]).astype(np.uint8).tobytes())
    file = io.BytesIO()
    image.save(file, "png", transparency=0, compress_level=1, compress_type=RUNS)
    return file.getvalue()


ROUGH = np.uint32(0xF8F8F8)
"""The bits of a colour by which the nearest one is found: none other can be seen in motion."""

RUNS = 3
"""zlib's Z_RLE: it looks for nothing but runs, in a third of the time."""


# The colours of motion ---------------------------------------------------------------------------


@lru_cache
def _palette() -> npt.NDArray[np.uint8]:
    """Blend the figures' colours with white and with black; and a few of all others."""
    ends = np.array([to_rgb(color) for color in PALETTE])
    light, dark = np.linspace(0, 1, 27), np.linspace(0.3, 0.9, 4)
    tints = [end + share * (1 - end) for end in ends for share in light]
    shades = [share * end for end in ends for share in dark]
    others = [(r, g, b) for r in (0, 0.5, 1) for g in (0, 0.33, 0.67, 1) for b in (0, 0.5, 1)]
    colors = np.round(255 * np.array([*tints, *shades, *others])).astype(np.uint8)
    return np.unique(colors, axis=0)[:255]


@lru_cache
def _colors() -> npt.NDArray[np.uint32]:
    """Return the colours as pixels, the one that is none first."""
    opaque = np.column_stack([_palette(), np.full(len(_palette()), 255)]).astype(np.uint8)
    return np.concatenate([[np.uint32(0)], opaque.view(np.uint32)[:, 0]])


def _key(words: npt.NDArray[np.uint32]) -> npt.NDArray[Any]:
    """Keep five bits of red, green, and blue."""
    return (words & 0xF8) << 7 | (words >> 6) & 0x3E0 | (words >> 19) & 0x1F


@lru_cache
def _nearest() -> npt.NDArray[np.uint8]:
    """Find the number of the nearest colour for each of the keys."""
    keys = np.arange(1 << 15)
    rgb = np.stack([keys >> 10, (keys >> 5) & 31, keys & 31], axis=1) * 255 / 31
    palette = _palette().astype(float)
    square = (rgb**2).sum(axis=1)[:, np.newaxis] - 2 * rgb @ palette.T + (palette**2).sum(axis=1)
    return (1 + square.argmin(axis=1)).astype(np.uint8)
