"""Where the units of a network stand in its picture, and which links run between them."""

from collections.abc import Callable, Sequence
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

    @property
    def heading(self) -> float:
        """The size of letters with which the longest heading is no wider than a column."""
        pitch = (WIDTH - LEFT - RIGHT - self.tile) / max(len(self.places) - 1, 1)
        return min(9.0, pitch / 9.2)


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
