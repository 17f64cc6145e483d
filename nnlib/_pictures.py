"""From a picture to what a network was trained on: the same steps that made the data sets.

Pixels are an array (h, w) with 0 for paper and 1 for ink, of any size.
"""

import math
import os
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import array
from ._optional import needed_by
from ._typing import Array
from ._validation import finite, kind_of

INK = 0.2
"""A pixel darker than this is part of the digit; lighter ones are the edge of a line."""

SIDE = 560
"""A picture is looked at with hardly more rows and columns than this."""

FAINT = 0.08
"""Ink that differs less from its paper is none: 0 is no difference, 1 that of black and white."""

PAPER = 0.35
"""So large a share of a picture is paper, at least."""

BLOT = 0.35
"""Ink that hangs together is darker than this; ruled lines may be paler."""

SPECK, INSIDE = 0.05, 0.1
"""Blots with a smaller share of the largest one's ink are dust, or too little to be the digit."""

FULL = 0.7
"""What fills more than this of its border is no digit, but the sheet that it stands on."""

EDGE = 0.4
"""So much of a picture's edge, at the most, is covered by a digit that is cut close."""

WHITE = {"b1": 1, "u1": 255, "u2": 65535, "f2": 1, "f4": 1, "f8": 1}
"""Types of pixels, and what white is in each."""

SMALLEST = 5
"""Fewer rows or columns show no digit."""

ROWS = (64, 784)
"""Widths of the rows of data sets, which are no pictures."""


# From a picture to its ink -----------------------------------------------------------------------


def ink(image: Any) -> Array:
    """Find the ink of a picture, or of a file with one: pixels, shape (h, w).

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If that is no picture, or if nothing is drawn on it.
    """
    grey = _grey(_read(image))
    for side in (SIDE, SIDE // 2, SIDE // 4):  # where noise hides the ink, averages may show it
        pixels = _ink(_reduced(grey, side))
        if pixels is not None:
            return _with_paper_around(pixels)
    raise ValueError(
        "image: expected a digit on paper, got a picture on which nothing is drawn, with "
        f"brightness from {grey.min():.2f} to {grey.max():.2f}: draw with a darker pen, or "
        "come nearer"
    )


def _with_paper_around(pixels: Array) -> Array:
    """Refuse what covers too much of the picture's edge to be a digit."""
    covered = (_border(pixels) > INK).mean()
    if covered > EDGE:
        raise ValueError(
            f"image: expected paper around the digit, got {covered:.0%} of the picture's edge "
            "covered, as by a shadow or a table: cut it off, or leave more paper around the digit"
        )
    return pixels


def _ink(grey: Array) -> Array | None:
    """Tell ink from paper, whichever is darker, in uneven light; None: there is no ink.

    The same light falls on both, so that ink = 1 − brightness / brightness of the paper.
    """
    paper = _paper(grey)
    if ((grey - paper) ** 3).sum() > 0:  # what differs most is light: take the negative
        grey, paper = 1 - grey, 1 - paper
    darkness = 1 - grey / np.maximum(paper, 0.05)
    noise = 3 * np.quantile(abs(darkness), PAPER) / 0.454 + 0.01  # 3σ of a normal distribution
    darkest = darkness.max()
    if darkest < max(FAINT, 3 * noise):
        return None
    full = np.median(darkness[darkness > darkest / 2])
    pixels, box = _largest(np.clip((darkness - noise) / (full - noise), 0, 1))
    if min(pixels[box].shape) > 20 and (_border(_trimmed(pixels[box], 0.08)) > INK).mean() > FULL:
        inside = _ink(_trimmed(grey[box], 0.01))
        if inside is not None and _border(inside).max() < INK:
            return inside
    return pixels


def _paper(grey: Array) -> Array:
    """Fit the paper's brightness: a constant, or the quadratic surface with the least Σ |error|.

    The better one is nearer to those pixels, a share of `PAPER`, that it is nearest to.
    """
    small = _reduced(grey, 64)
    g, basis = np.sort(small, axis=None), _quadratic(*small.shape)
    share = int(PAPER * g.size)
    narrowest = (g[share:] - g[:-share]).argmin()
    constant = (g[narrowest] + g[narrowest + share]) / 2
    g = small.ravel()
    theta = np.append(constant, np.zeros(5))
    for _ in range(30):  # the square of an error, divided by its size, is its size
        W = 1 / np.maximum(abs(g - basis @ theta), 0.005)
        A = (basis.T * W) @ basis
        theta = np.linalg.solve(A + 1e-6 * np.eye(6), basis.T @ (W * g))
    flat, bent = (np.quantile(abs(g - p), PAPER) for p in (constant, basis @ theta))
    if flat <= bent:
        return np.full(grey.shape, constant)
    return (_quadratic(*grey.shape) @ theta).reshape(grey.shape)


def _quadratic(h: int, w: int) -> Array:
    """Return 1, x, y, x², xy, y² of each pixel, x and y in (−1, 1), shape (hw, 6)."""
    y, x = (2 * np.indices((h, w)).reshape(2, -1) + 1) / np.array([[h], [w]]) - 1
    return np.stack([np.ones(h * w), x, y, x * x, x * y, y * y], axis=1)


def _largest(pixels: Array) -> tuple[Array, tuple[slice, slice]]:
    """Wipe out dust, and what the edge cuts off where a blot is inside; return the bounding box."""
    cell = -(-max(pixels.shape) // 128)
    h, w = (-(-n // cell) for n in pixels.shape)
    padded = np.pad(pixels, [(0, h * cell - pixels.shape[0]), (0, w * cell - pixels.shape[1])])
    cells = padded.reshape(h, cell, w, cell)
    blots = _blots(cells.max(axis=(1, 3)) > BLOT)
    mass = np.bincount(blots.ravel(), cells.sum(axis=(1, 3)).ravel())
    mass[0] = 0
    inside = mass.copy()
    inside[_border(blots)] = 0
    if inside.max() > INSIDE * mass.max():
        mass = inside
    kept = _spread(np.isin(blots, np.flatnonzero(mass > SPECK * mass.max())))  # with pale edges
    mask = np.kron(kept, np.ones((cell, cell), bool))[: pixels.shape[0], : pixels.shape[1]]
    pixels = pixels * mask
    rows, columns = (np.flatnonzero((pixels > INK).any(axis=a)) for a in (1, 0))
    return pixels, (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))


def _blots(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """Number the connected parts, corners too: a cell takes the largest number around it."""
    blots = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        larger = _spread(blots) * mask
        if np.array_equal(larger, blots):
            return blots
        blots = larger


def _spread(cells: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give each cell the largest value of the 3×3 around it."""
    p = np.pad(cells, 1)
    p = np.maximum(np.maximum(p[:-2], p[1:-1]), p[2:])
    return np.maximum(np.maximum(p[:, :-2], p[:, 1:-1]), p[:, 2:])


def _trimmed(pixels: Array, share: float) -> Array:
    """Cut off a share of the height, and of the width, at each side."""
    top, left = (math.ceil(n * share) for n in pixels.shape)
    return pixels[top:-top, left:-left]


def _border(a: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the outermost entries of a matrix."""
    return np.concatenate([a[0], a[-1], a[:, 0], a[:, -1]])


def _grey(pixels: Array) -> Array:
    """Take the colour that varies most, on paper where the picture is transparent."""
    colours: Array = pixels
    alpha: Array = np.ones(pixels.shape[:2])
    if pixels.shape[2] in (2, 4):
        colours, alpha = pixels[..., :-1], pixels[..., -1]
    shown = colours[alpha > 0.5] if (alpha > 0.5).any() else np.zeros((1, colours.shape[2]))
    channel = shown.std(axis=0).argmax()
    grey, shown = colours[..., channel], shown[:, channel]
    only_ink = np.ptp(shown) < 0.3
    paper = float(shown.mean() < 0.5) if only_ink else np.median(shown)
    return alpha * grey + (1 - alpha) * paper


def _reduced(pixels: Array, side: int) -> Array:
    """Average blocks of pixels, so that both sides are at most ``side``, or hardly more."""
    k = min(-(-max(pixels.shape[:2]) // side), *pixels.shape[:2])
    if k == 1:
        return pixels
    h, w = (n // k for n in pixels.shape[:2])
    return pixels[: h * k, : w * k].reshape(h, k, w, k, *pixels.shape[2:]).mean(axis=(1, 3))


# From a file, or what else people have, to pixels ------------------------------------------------


def _read(image: Any) -> Array:
    """Turn a file, a Pillow image or an array into pixels (h, w, channels) in [0, 1]."""
    with needed_by("digit_image"):
        from PIL import Image

    if isinstance(image, (str, os.PathLike)):
        pixels = _file(os.path.expanduser(os.fsdecode(image)))
    elif isinstance(image, Image.Image):
        pixels = _decoded(image)
    elif image is None or isinstance(image, (bytes, bytearray)) or hasattr(image, "read"):
        raise TypeError(
            "image: expected a path, a Pillow image or an array (height, width), got "
            f"{kind_of(image)}: PIL.Image.open reads open files, and bytes in io.BytesIO"
        )
    else:
        pixels = array("image", image)
        _one_picture(pixels)
    white = WHITE.get(pixels.dtype.newbyteorder("=").str[1:])
    if white is None:
        raise TypeError(
            "image: expected bytes from 0 to 255 or floats from 0 to 1, got dtype "
            f"{pixels.dtype}: image.astype(numpy.uint8), or image / image.max()"
        )
    if min(pixels.shape[:2]) < SMALLEST:
        raise ValueError(
            f"image: expected at least {SMALLEST} pixels a side, got shape {pixels.shape}: a digit "
            "needs as many"
        )
    if pixels.dtype.kind == "f":
        _from_0_to_1(pixels)
    return _reduced(pixels.reshape(*pixels.shape[:2], -1), SIDE) / white


def _file(path: str) -> npt.NDArray[Any]:
    """Read a file; what Pillow says of a bad one is said in our words."""
    from PIL import Image, UnidentifiedImageError

    if not os.path.isfile(path):
        what = "that is a folder" if os.path.isdir(path) else "there is no such file"
        raise FileNotFoundError(
            f"image: expected the path of a picture, got {path!r}, and {what} "
            f"(relative paths start at {os.getcwd()})"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                return _decoded(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError(
            f"image: expected at most {Image.MAX_IMAGE_PIXELS:,} pixels, and {path} has more: "
            "make it smaller, 1,000 pixels a side are plenty"
        ) from None
    except UnidentifiedImageError:
        with open(path, "rb") as file:
            start = file.read(12)
        raise ValueError(
            f"image: expected a picture, such as PNG or JPEG, got {path}, which starts "
            f"{start!r}: save it as PNG"
        ) from None
    except (OSError, SyntaxError, EOFError) as error:
        raise ValueError(
            f"image: {path} cannot be read ({error}): it is cut short or damaged; save or copy it "
            "again"
        ) from None


def _decoded(image: Any) -> npt.NDArray[Any]:
    """Turn a Pillow image upright, as its camera was held, and into grey or RGB, and alpha."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
    if image.has_transparency_data:
        return np.asarray(image.convert("RGBA"))
    return np.asarray(image if image.mode in ("1", "L", "F") else image.convert("RGB"))


def _one_picture(pixels: npt.NDArray[Any]) -> None:
    """Refuse arrays of another shape: a row of a data set, or many of them."""
    width = pixels.shape[-1] if pixels.ndim else 0
    expected = (
        f"image: expected one picture, (height, width) or (height, width, 3), got {pixels.shape}:"
    )
    if width in ROWS and (pixels.ndim == 1 or (pixels.ndim == 2 and len(pixels) != width)):
        side = math.isqrt(width)
        raise ValueError(
            f"{expected} rows of a data set are prepared already; to see how, reshape one, "
            f"x.reshape({side}, {side}); of a picture just so wide take image[:, 1:]"
        )
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and not 1 <= width <= 4):
        remedy = "take them one by one, [digit_image(picture) for picture in pictures]"
        if pixels.ndim == 3 and len(pixels) in (1, 3, 4):
            remedy = "put the colours last, image.transpose(1, 2, 0)"
        raise ValueError(f"{expected} {remedy}")


def _from_0_to_1(pixels: Array) -> None:
    """Refuse floats that are no shares of white."""
    finite("image", pixels, "fill them in, numpy.nan_to_num(image)")
    low, high = pixels.min(), pixels.max()
    if low < -1e-6 or high > 1 + 1e-6:
        raise ValueError(
            f"image: expected floats from 0 to 1, got some from {low:g} to {high:g}: image / 255 "
            "if white is 255"
        )


# From ink to a row of a data set -----------------------------------------------------------------


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
