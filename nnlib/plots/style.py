"""What all figures share: colours, a place to draw, arrays as images."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from nnlib._typing import Array, Shape
from nnlib._validation import instance, whole

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that colour-blind readers can tell apart: Okabe and Ito (2008)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""A shape for each class, so that colour never speaks alone."""

LINES = ("-", "--", "-.", ":", "-", "--", "-.")
"""A line style for each colour."""

Panels = npt.NDArray[Any]
"""An array of matplotlib Axes."""


def one_axes(ax: Axes | None, figsize: tuple[float, float] | None = None) -> Axes:
    """Return the Axes to draw into; None: those of a new figure."""
    if ax is None:
        return plt.subplots(figsize=figsize, layout="constrained")[1]
    instance("ax", ax, Axes, "fig, ax = matplotlib.pyplot.subplots() makes one")
    return ax


def panels(n: int, axes: Any, columns: int, height: float, **options: Any) -> Panels:
    """Return at least n Axes; None: those of a new figure 7.5 inches wide, rows of this height."""
    if axes is None:
        rows = math.ceil(n / columns)
        columns = math.ceil(n / rows)
        size = (7.5, 0.5 + height * rows)
        _, new = plt.subplots(
            rows, columns, figsize=size, layout="constrained", squeeze=False, **options
        )
        for unused in new.ravel()[n:]:
            unused.set_axis_off()
        return new
    given: Panels = np.atleast_1d(np.asarray(axes))
    for ax in given.ravel():
        instance("axes", ax, Axes, "fig, axes = matplotlib.pyplot.subplots(2, 3) makes six")
    if given.size < n:
        raise ValueError(
            f"axes: expected {n} or more, one for each panel, got {given.size}: "
            "make more, or draw fewer"
        )
    return given


def images(name: str, X: Array, shape: Shape | None) -> Array:
    """Turn rows (n, d) into images of this shape; None: square. Images stay what they are."""
    if X.ndim == 2:
        d = X.shape[1]
        side = math.isqrt(d)
        if shape is None and side * side != d:
            raise ValueError(
                f"shape: expected (height, width), got None, and {d} numbers make no square image: "
                "pass shape=(height, width)"
            )
        shape = (side, side) if shape is None else shape
        instance("shape", shape, tuple, "pass shape=(height, width)")
        shape = tuple(whole("shape", side) for side in shape)
        if len(shape) < 2 or math.prod(shape) != d:
            raise ValueError(
                f"shape: expected a height and a width with {d} pixels, the length of a row of "
                f"{name}, got {shape}: pass shape=(height, width)"
            )
        X = X.reshape(-1, *shape)
    if X.ndim == 4 and X.shape[1] in (1, 3):
        X = np.moveaxis(X, 1, -1)  # matplotlib wants the channels last
        X = X[..., 0] if X.shape[-1] == 1 else X
    elif X.ndim != 3:
        raise ValueError(
            f"{name}: expected rows (n, d), or images (n, h, w), (n, 1, h, w) or (n, 3, h, w), "
            f"got {X.shape}: numpy.moveaxis({name}, -1, 1) brings channels that come last forward"
        )
    return X


def in_colour(pictures: Array) -> Array:
    """Scale coloured images that leave [0, 1] to it; grey ones are scaled as they are drawn."""
    low, high = float(pictures.min()), float(pictures.max())
    if pictures.ndim == 4 and (low < 0 or high > 1):
        return (pictures - low) / ((high - low) or 1)
    return pictures


GAP = 0.12
"""Between two tiles of width 1."""


def columns_of(n: int) -> int:
    """Choose how many tiles stand in a row, so that the rows are about equally long."""
    return math.ceil(n / math.ceil(n / (8 if n <= 32 else 12)))


def tiles(
    pictures: Sequence[Array],
    names: Sequence[str],
    columns: int,
    ax: Axes | None,
    *,
    largest: float = 1.1,
    **options: Any,
) -> list[AxesImage]:
    """Draw images into one Axes, row by row, each of width 1 and with its name above it.

    A new figure is at most 7.5 inches wide, with room for a scale of colours; a tile is at most
    ``largest`` inches wide.
    """
    rows, strip = math.ceil(len(pictures) / columns), 0.2 if any(names) else 0.0
    inches = min(largest, 6.2 / columns / (1 + GAP))
    if ax is not None:
        ax = one_axes(ax)
        inches = 0.8 * ax.get_window_extent().width / ax.figure.dpi / columns / (1 + GAP)
    pitch = max(len(p) / p.shape[1] for p in pictures) + strip / inches + GAP
    height = max(1.5, 0.5 + rows * inches * pitch)
    ax = one_axes(ax, (1.2 + columns * inches * (1 + GAP), height))
    drawn = []
    for i, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        x, y = i % columns * (1 + GAP), i // columns * pitch
        height = len(picture) / picture.shape[1]
        drawn.append(ax.imshow(picture, extent=(x, x + 1, y + height, y), **options))
        ax.add_patch(Rectangle((x, y), 1, height, fill=False, ec="0.6", lw=0.5))
        if name:
            text = ax.text(x + 0.5, y - 0.04, name, size=8, color=ink(ax), parse_math=False)
            text.set(ha="center", va="bottom")
    right, bottom = columns * (1 + GAP) - GAP, rows * pitch - strip / inches - GAP
    ax.set(xlim=(-0.02, right + 0.02), ylim=(bottom + 0.02, -0.02 - strip / inches))
    bare(ax)
    ax.spines[:].set_visible(False)
    return drawn


def points_of(ax: Axes) -> float:
    """Return how many points one unit of Axes is wide, or high, if that is less; about 72 an inch.

    What the layout will take away later, such as for a scale of colours, is not known yet.
    """
    room = 72 * np.array(ax.get_window_extent().size) / ax.figure.dpi
    return float((room / np.abs([np.diff(ax.get_xlim())[0], np.diff(ax.get_ylim())[0]])).min())


def bare(ax: Axes) -> None:
    """Take away ticks and grid: an image has no scale."""
    ax.set(xticks=[], yticks=[])
    ax.grid(False)


def luminance(color: Any) -> float:
    """Relative luminance, 0 for black and 1 for white (W3C, *WCAG 2.1*, 2018)."""
    c = np.array(to_rgb(color))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def text_color(background: Any) -> str:
    """Return black or white, whichever stands out more from the background."""
    # The contrast is (l₁ + 0.05)/(l₂ + 0.05), of the lighter to the darker.
    return "black" if (luminance(background) + 0.05) ** 2 > 1.05 * 0.05 else "white"


def ink(ax: Axes) -> str:
    """Return what stands out from the ground of Axes, on a light page and on a dark one."""
    red, green, blue, opacity = to_rgba(ax.get_facecolor())
    return text_color((red, green, blue)) if opacity == 1 else plt.rcParams["text.color"]


def palette(ax: Axes) -> tuple[str, ...]:
    """Return the palette, with white in place of black on a dark ground."""
    return (*PALETTE[:-1], ink(ax))
