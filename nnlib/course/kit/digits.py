"""From a drawing to what a network was trained on: the same steps that made the data sets.

Pixels are an array (h, w) with 0 for paper and 1 for ink, of any size.
"""

import functools
from typing import Any

import numpy as np
from PIL import Image

import nnlib as nn
from nnlib._typing import Array

SIDE = 112
"""Rows and columns of a drawing: four times those of MNIST."""

INK = 0.2
"""A pixel darker than this is part of the digit; lighter ones are the edge of a line."""

MARGIN = 14
"""Rows and columns of paper around a digit that is not drawn by hand."""

Strokes = list[list[list[float]]]
"""Lines of points [x, y], each from 0 to 1 across the paper, from the upper left corner."""


@functools.cache
def digits() -> nn.datasets.Split:
    """The 8×8 digits, read once."""
    return nn.load_digits()


def rendered(strokes: Strokes, width: float = 0.1, side: int = SIDE) -> Array:
    """Draw lines of round ends and smooth edges; ``width`` is a share of the paper's side."""
    pixels = np.zeros((side, side))
    radius = width * side / 2
    for line in strokes:
        points = np.asarray(line, float).reshape(-1, 2) * side - 0.5  # pixel 0 has its centre at 0
        for p, q in zip(points, points[1:] if len(points) > 1 else points, strict=False):
            _draw(pixels, p, q, radius)
    return pixels


def _draw(pixels: Array, p: Array, q: Array, radius: float) -> None:
    """Ink = the share of a pixel that is nearer than the radius to the line from p to q."""
    low = np.maximum(np.floor(np.minimum(p, q) - radius - 1), 0).astype(int)
    high = np.minimum(np.ceil(np.maximum(p, q) + radius + 2), len(pixels)).astype(int)
    x = np.arange(low[0], high[0])
    y = np.arange(low[1], high[1])[:, np.newaxis]
    along = q - p
    u, v = x - p[0], y - p[1]
    t = np.clip((u * along[0] + v * along[1]) / max(along @ along, 1e-12), 0, 1)
    distance = np.hypot(u - t * along[0], v - t * along[1])
    box = pixels[low[1] : high[1], low[0] : high[0]]
    np.maximum(box, np.clip(radius - distance + 0.5, 0, 1), out=box)


def enlarged(image: Array, side: int = SIDE) -> Array:
    """Turn a small square image into a drawing of smooth lines."""
    return _resized(image, (side, side), Image.Resampling.BICUBIC)


def paper(image: Array) -> Array:
    """Put a small square image on a drawing's paper, as lines with rather sharp edges."""
    lines = enlarged(image, SIDE - 2 * MARGIN)
    return np.pad(np.clip(2 * lines - 0.5, 0, 1), MARGIN)


def slanted(pixels: Array, rng: np.random.Generator, size: float = 0.15) -> Array:
    """Turn, slant and stretch at random, about the middle: another hand, the same digit."""
    A = np.eye(2) + rng.normal(0, size, (2, 2))
    middle = np.full(2, (len(pixels) - 1) / 2)
    b = middle - A @ middle
    image = Image.fromarray(np.ascontiguousarray(pixels, np.float32)).transform(
        pixels.shape[::-1],
        Image.Transform.AFFINE,
        (*A[0], b[0], *A[1], b[1]),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(image, float)


def shrunk(pixels: Array, side: int) -> Array:
    """Shrink the whole paper, as it is: what a network gets without any preparation."""
    return _resized(pixels, (side, side), Image.Resampling.BOX).ravel()


def mnist_like(pixels: Array) -> Array:
    """Prepare a drawing as the digits of MNIST were, shape (784,).

    The digit's bounding box is scaled to fit into 20×20, keeping its shape, with smooth edges; it
    is then put on 28×28 so that its centre of mass is in the middle. No ink gives zeros.

    Source: LeCun, Cortes and Burges (1998), *The MNIST database of handwritten digits*.
    """
    field = np.zeros((28, 28))
    digit = _bounded(pixels)
    if digit is None:
        return field.ravel()
    factor = 20 / max(digit.shape)
    h, w = (max(1, round(factor * length)) for length in digit.shape)
    digit = _resized(digit, (h, w), Image.Resampling.HAMMING)
    digit /= max(digit.max(), 1e-12)
    mass = digit.sum()
    row, column = np.arange(h) @ digit.sum(axis=1) / mass, np.arange(w) @ digit.sum(axis=0) / mass
    top, left = (
        int(np.clip(round(14 - m), 0, 28 - n)) for m, n in ((row, h), (column, w))
    )  # in MNIST the centre of mass is pixel 14, counted from 0
    field[top : top + h, left : left + w] = digit
    return field.ravel()


def digits_like(pixels: Array) -> Array:
    """Prepare a drawing as scikit-learn's digits were, shape (64,), with values in [0, 1].

    The digit is scaled to the height of a bitmap of 32×32, at most 24 wide (a wider one is
    squeezed by up to a half), and put in the middle; 4×4 blocks are counted, 0 to 16. No ink gives
    zeros.

    Source: Alpaydin and Kaynak (1998), *Optical recognition of handwritten digits*, UCI. How NIST
    scaled the bitmaps is read off the data: each digit is 8 pixels high, hardly one is 7 wide.
    """
    bitmap = np.zeros((32, 32))
    digit = _bounded(pixels)
    if digit is None:
        return np.zeros(64)
    tall = min(32 / digit.shape[0], 2 * 24 / digit.shape[1])
    wide = min(tall, 24 / digit.shape[1])
    h, w = max(1, round(tall * digit.shape[0])), max(1, round(wide * digit.shape[1]))
    top, left = (32 - h) // 2, (32 - w) // 2
    on = _resized(digit, (h, w), Image.Resampling.HAMMING) > 0.5
    bitmap[top : top + h, left : left + w] = on
    return bitmap.reshape(8, 4, 8, 4).sum(axis=(1, 3)).ravel() / 16


def _bounded(pixels: Array) -> Array | None:
    """Cut the paper to the digit; None: there is none."""
    rows, columns = (
        np.flatnonzero((pixels > INK).any(axis=1)),
        np.flatnonzero((pixels > INK).any(axis=0)),
    )
    if not rows.size:
        return None
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(pixels: Array, size: tuple[int, int], how: Any) -> Array:
    """Scale to (h, w); each new pixel is an average of the old ones below it."""
    image = Image.fromarray(np.ascontiguousarray(pixels, np.float32))
    h, w = size
    return np.clip(np.asarray(image.resize((w, h), how), float), 0, 1)
