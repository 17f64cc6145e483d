"""The points of a playground: which marker and which colour each has."""

from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from nnlib.explorers.playground.data import Data
from nnlib.explorers.playground.maps import DIVERGING
from nnlib.plots import MARKERS, PALETTE

MOST = 16
"""Groups of points: eight steps of a value, in training and test data."""


def place(lines: list[Any], data: Data, test: bool) -> None:
    """Put up the training points and, if asked for, those of the test, which are hollow."""
    for line in lines:
        line.set_visible(False)
    free = iter(lines)
    parts = [(data.X_train, data.y_train, True)]
    parts += [(data.X_test, data.y_test, False)] if test else []
    for X, y, filled in parts:
        for rows, marker, color in by_class(y, data.k) if data.k else by_value(y):
            line = next(free)
            line.set_data(*X[rows].T)
            line.set_visible(True)
            line.set(marker=marker, mfc=color if filled else "white")
            if filled or not data.k:  # a hollow point's shape still tells the sign of its value
                line.set(mec="black", mew=0.5 if filled else 0.8)
            else:
                line.set(mec=color, mew=1.3)


def by_class(y: Any, k: int) -> list[tuple[Any, str, Any]]:
    """Group the points by class: which, marker, colour."""
    return [(y == j, MARKERS[j], PALETTE[j]) for j in range(k)]


def by_value(y: Any) -> list[tuple[Any, str, Any]]:
    """Group the points by value, in eight steps: above 0 they point up, below they point down."""
    level = np.clip(np.floor(4 * y / 1.25), -4, 3).astype(int)
    return [
        (
            level == i,
            "^" if i >= 0 else "v",
            to_hex(DIVERGING[int(127.5 + 127.5 * (i + 0.5) / 4)] / 255),
        )
        for i in range(-4, 4)
    ]
