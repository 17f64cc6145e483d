"""Drawings by hand, as lines and as pixels, and from there to what a network was trained on.

Pixels are an array (h, w) with 0 for paper and 1 for ink, of any size.
"""

import functools

import numpy as np
from PIL import Image

import nnlib as nn
from nnlib._pictures import digits_like, mnist_like, resized
from nnlib._typing import Array

__all__ = [
    "MARGIN",
    "SIDE",
    "Strokes",
    "digits",
    "digits_like",
    "enlarged",
    "mnist_like",
    "paper",
    "rendered",
    "shrunk",
    "slanted",
]

SIDE = 112
"""Rows and columns of a drawing: four times those of MNIST."""

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
    return resized(image, (side, side), "BICUBIC")


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
    return resized(pixels, (side, side), "BOX").ravel()
