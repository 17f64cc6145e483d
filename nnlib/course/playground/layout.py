"""Where everything stands in the picture of a playground, in pixels from its lower left corner."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.path import Path

from nnlib._typing import Array
from nnlib.course.playground.settings import FEATURES, Settings

W, H = 980, 576
"""Pixels of the picture."""

SIDE, AT = 310, (40, 234)
"""Pixels of the plane, and its lower left corner."""

NET = (378, 212)
"""The lower left corner of the network's picture."""

WIDTH, HEIGHT = 590, 360
"""Pixels of the network's picture."""

LEFT, RIGHT, TOP = 48, 62, 58
"""Pixels for the names of inputs, those of outputs, and what stands above."""

CHARTS = ((58, 40, 285), (436, 40, 222), (738, 40, 222))
"""The lower left corner of each chart, and its width."""

HIGH = 118
"""Pixels from bottom to top of a chart."""

BUTTON = 15
"""Pixels of the side of + and −."""

SPOT = 9
"""Pixels of the side of the mark of a bias."""

BAR = (110, 10)
"""Width and height of the colour bar."""

Box = tuple[float, float, float, float]
"""Left, top, right, and bottom, in pixels from the picture's upper left corner."""


class Layout(NamedTuple):
    """Sizes and places, in pixels from the lower left corner of the network's picture."""

    tile: int
    places: list[Array]
    """For each column the centres of its units, shape (units, 2); all features are there."""
    active: list[int]
    """Which of the features are the network's inputs."""
    paths: list[Path]
    """A line for every weight, in the order of the weight matrices."""

    @property
    def heading(self) -> float:
        """The size of letters with which the longest heading is no wider than a column."""
        pitch = (WIDTH - LEFT - RIGHT - self.tile) / max(len(self.places) - 1, 1)
        return min(9.0, pitch / 9.2)

    def buttons(self, column: int) -> tuple[Array, Array]:
        """Return the centres of the − and the + above a hidden layer."""
        x = self.places[column][0][0]
        y = HEIGHT - TOP + BUTTON / 2 + 6
        return np.array([x - BUTTON / 2 - 1, y]), np.array([x + BUTTON / 2 + 1, y])


LAYER_BUTTONS = (
    np.array([WIDTH / 2 + 60, HEIGHT - BUTTON / 2]),
    np.array([WIDTH / 2 + 62 + BUTTON, HEIGHT - BUTTON / 2]),
)
"""The centres of the − and the + for a hidden layer less or more."""


def make_layout(settings: Settings, outputs: int) -> Layout:
    """Spread the columns over the width, and the units of each over the height."""
    sizes = (len(FEATURES), *settings.hidden, outputs)
    height = HEIGHT - TOP
    pitch = (WIDTH - LEFT - RIGHT) / max(len(sizes) - 1, 1)
    tile = int(min(44, height / max(sizes) - 3, 0.55 * pitch))
    x = np.linspace(LEFT + tile / 2, WIDTH - RIGHT - tile / 2, len(sizes))
    places = []
    for at, units in zip(x, sizes, strict=True):
        gap = min(height / units, tile + 22)
        y = height / 2 + gap * ((units - 1) / 2 - np.arange(units))
        places.append(np.column_stack([np.full(units, at), y]).round())
    active = [FEATURES.index(name) for name in settings.features]
    half = np.array([tile / 2, 0])
    lines = [
        Path(np.array([a + half, b - half]))
        for before, after in pairwise([places[0][active], *places[1:]])
        for a in before
        for b in after
    ]
    return Layout(tile, places, active, lines)


def corners(centres: Array, size: int) -> Any:
    """Return the lower left corners of squares with these centres."""
    return (centres - size // 2).astype(int)


def spots(centres: Array, tile: int) -> Any:
    """Return the lower left corners of the marks of units' biases, beside their tiles."""
    return np.maximum(corners(centres, tile) - (SPOT + 2, 1), 0)


def box(x: float, y: float, width: float, height: float) -> Box:
    """Turn a place in the network's picture into one from the upper left corner of all."""
    left, top = float(NET[0] + x), float(H - NET[1] - y - height)
    return left, top, left + width, top + height


def around(centre: Array, size: float) -> Box:
    """Return the box of a square with this centre."""
    return box(centre[0] - size / 2, centre[1] - size / 2, size, size)


def short_names(names: Sequence[str]) -> list[str]:
    """Shorten names to 7 letters: their beginnings, or what tells them apart."""
    letters = enumerate(zip(*names, strict=False))
    start = next((i for i, some in letters if len(set(some)) > 1), min(map(len, names), default=0))
    ways: list[Callable[[str], str]] = [
        lambda name: f"{name[:6]}…",
        lambda name: f"…{name[start : start + 6]}",
        lambda name: f"…{name[-6:]}",
        lambda name: f"…{name[start : start + 2]}…{name[-3:]}",
        lambda name: f"{name[:4]}… {names.index(name) + 1}",
    ]
    for way in ways:
        short = [name if len(name) <= 7 else way(name) for name in names]
        if len(set(short)) == len(names):
            break
    return short


def axes_at(figure: Any, x: float, y: float, width: float, height: float) -> Any:
    """Add axes at a place that is given in pixels."""
    return figure.add_axes((x / W, y / H, width / W, height / H))


def fit_into(width: float, texts: list[Any]) -> None:
    """Take smaller letters for texts that are wider than so many pixels."""
    for text in texts:
        extent = text.get_window_extent().width
        text.set_fontsize(text.get_fontsize() * min(1, width / extent))
