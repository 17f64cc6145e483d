"""Where the units of a network stand in its picture, and which links run between them."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path

from nnlib._typing import Array
from nnlib.explorers.playground.settings import Settings

WIDTH, HEIGHT = 590, 330
"""Pixels of the network's picture."""

LEFT, RIGHT, TOP = 48, 62, 24
"""Pixels for the names of inputs, those of outputs, and the headings."""


class Layout(NamedTuple):
    """Sizes and places, in pixels from the lower left corner."""

    tile: int
    places: list[Array]
    """For each column the centres of its units, shape (units, 2)."""
    paths: list[Path]
    """A line for every weight, in the order of the weight matrices."""


def make_layout(settings: Settings, outputs: int) -> Layout:
    """Spread the columns over the width, and the units of each over the height."""
    sizes = (len(settings.features), *settings.hidden, outputs)
    height = HEIGHT - TOP
    pitch = (WIDTH - LEFT - RIGHT) / max(len(sizes) - 1, 1)
    tile = int(min(44, height / max(sizes) - 3, 0.55 * pitch))
    x = np.linspace(LEFT + tile / 2, WIDTH - RIGHT - tile / 2, len(sizes))
    places = []
    for at, units in zip(x, sizes, strict=True):
        gap = min(height / units, tile + 22)
        y = height / 2 + gap * ((units - 1) / 2 - np.arange(units))
        places.append(np.column_stack([np.full(units, at), y]).round())
    half = np.array([tile / 2, 0])
    lines = [
        Path(np.array([a + half, b - half]))
        for before, after in pairwise(places)
        for a in before
        for b in after
    ]
    return Layout(tile, places, lines)


def corner(centre: Array, tile: int) -> tuple[int, int]:
    """Return the lower left corner of a tile."""
    return int(centre[0] - tile // 2), int(centre[1] - tile // 2)
