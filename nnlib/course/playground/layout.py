"""Where everything stands in the picture of a playground, in pixels, and what it is called."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.path import Path

from nnlib._typing import Array
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.settings import FEATURES, Settings

W, H = 980, 576
"""Pixels of the picture; what stands in it is placed from its lower left corner."""

SIDE, AT, BAR = 310, (40, 234), (110, 10)
"""Pixels of the plane, its lower left corner, and the size of its colour bar."""

NET, WIDTH, HEIGHT = (378, 212), 590, 360
"""The lower left corner of the network's picture, and its size."""

LEFT, RIGHT, TOP = 48, 62, 58
"""Pixels for the names of inputs, those of outputs, and what stands above."""

CHARTS, HIGH = ((58, 40, 285), (436, 40, 222), (738, 40, 222)), 118
"""The lower left corner of each chart, and its width; and how high they are."""

BUTTON, SPOT = 15, 9
"""Pixels of the side of + and −, and of the mark of a bias."""

Box = tuple[float, float, float, float]
"""Left, top, right, and bottom, in pixels from the picture's upper left corner."""


class Button(NamedTuple):
    """A − or +: its name, its sign, its centre, and what is changed by it."""

    name: str
    sign: str
    centre: Array
    changed: Callable[[Settings], dict[str, Any]]


class Layout(NamedTuple):
    """Sizes, names and places, in pixels from the lower left corner of the network's picture."""

    tile: int
    heading: float
    """The size of letters with which the longest heading is no wider than a column."""
    places: list[Array]
    """For each column the centres of its units, shape (units, 2); all features are there."""
    names: list[list[str]]
    """For each column the names of its units."""
    active: list[int]
    """Which of the features are the network's inputs."""
    paths: list[Path]
    """A line for every weight, in the order of the weight matrices."""
    buttons: list[Button]
    """The − and + for layers, and for the units of each."""


def make_layout(experiment: Experiment) -> Layout:
    """Spread the columns over the width, and the units of each over the height."""
    names = unit_names(experiment)
    sizes = [*map(len, names)]
    height, width = HEIGHT - TOP, WIDTH - LEFT - RIGHT
    tile = int(min(44, height / max(sizes) - 3, 0.55 * width / (len(sizes) - 1)))
    x = np.linspace(LEFT + tile / 2, WIDTH - RIGHT - tile / 2, len(sizes))
    places = []
    for at, units in zip(x, sizes, strict=True):
        gap = min(height / units, tile + 22)
        y = height / 2 + gap * ((units - 1) / 2 - np.arange(units))
        places.append(np.column_stack([np.full(units, at), y]).round())
    active = [FEATURES.index(name) for name in experiment.settings.features]
    half = np.array([tile / 2, 0])
    paths = [
        Path(np.array([a + half, b - half]))
        for before, after in pairwise([places[0][active], *places[1:]])
        for a in before
        for b in after
    ]
    heading = min(9.0, (width - tile) / (len(sizes) - 1) / 9.2)
    return Layout(tile, heading, places, names, active, paths, make_buttons(places))


def unit_names(experiment: Experiment) -> list[list[str]]:
    """Name the units, column by column."""
    hidden = enumerate(experiment.settings.hidden, start=1)
    outputs = [f"output {name}" for name in short_names(experiment.data.names)] or ["the output"]
    units = [[f"unit {i}.{j + 1}" for j in range(count)] for i, count in hidden]
    return [[f"input {name}" for name in FEATURES], *units, outputs]


def make_buttons(places: list[Array]) -> list[Button]:
    """Place the − and + for layers, and above each hidden layer those for its units."""
    buttons = []
    for i, centres in enumerate(places[:-1]):
        x, y = WIDTH / 2 + 68.5, HEIGHT - BUTTON / 2
        if i:
            x, y = centres[0][0], HEIGHT - TOP + BUTTON / 2 + 6
        for sign, word, step in (("−", "less", -1), ("+", "more", 1)):
            name = f"one unit in layer {i} {word}" if i else f"one hidden layer {word}"
            place = np.array([x + step * (BUTTON / 2 + 1), y])
            buttons.append(Button(name, sign, place, partial(Settings.grown, layer=i, step=step)))
    return buttons


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
