"""From a picture to what a network was trained on: the same steps that made the data sets.

Pixels are an array (h, w) with 0 for paper and 1 for ink, of any size.
"""

import numpy as np

from ._optional import needed_by
from ._typing import Array

INK = 0.2
"""A pixel darker than this is part of the digit; lighter ones are the edge of a line."""


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
    digit = resized(digit, (h, w), "HAMMING")
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
    on = resized(digit, (h, w), "HAMMING") > 0.5
    bitmap[top : top + h, left : left + w] = on
    return bitmap.reshape(8, 4, 8, 4).sum(axis=(1, 3)).ravel() / 16


def resized(pixels: Array, size: tuple[int, int], how: str) -> Array:
    """Scale to (h, w) with a filter of Pillow's: a new pixel is an average of the old below it."""
    with needed_by("digit_image"):
        from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels, np.float32))
    h, w = size
    return np.clip(np.asarray(image.resize((w, h), Image.Resampling[how]), float), 0, 1)


def _bounded(pixels: Array) -> Array | None:
    """Cut the paper to the digit; None: there is none."""
    rows, columns = (
        np.flatnonzero((pixels > INK).any(axis=1)),
        np.flatnonzero((pixels > INK).any(axis=0)),
    )
    if not rows.size:
        return None
    return pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
