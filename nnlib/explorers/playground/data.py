"""The data of a playground: made from its settings, or typed in as points."""

import csv
import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array, Targets
from nnlib.explorers.playground import recipe
from nnlib.explorers.playground.settings import MANY, MOST_CLASSES, MOST_POINTS, OWN, Settings

MAKERS: dict[str, Any] = {
    "circle": recipe.circle,
    "XOR": recipe.xor,
    "Gaussians": recipe.gaussians,
    "spirals": recipe.spirals,
    "moons": recipe.moons,
    "plane": recipe.plane,
    "hills": recipe.hills,
}

FIELDS = ("data", "classes", "n", "noise", "train_share", "data_seed", "points")
"""The settings that decide which data there are."""


class Data(NamedTuple):
    """Points in the plane with their targets, in two parts; k classes, 0 for a regression."""

    X_train: Array
    y_train: Targets
    X_test: Array
    y_test: Targets
    k: int
    names: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """How many outputs a network for these data has."""
        return self.k or 1


class Points(NamedTuple):
    """Points that somebody typed: coordinates as they came, targets, names of classes."""

    X: Array
    y: Targets
    names: tuple[str, ...]


def options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of the function that makes the data."""
    some: dict[str, Any] = {"noise": settings.noise, "rng": settings.data_seed}
    return {"classes": settings.classes, **some} if settings.data in MANY else some


def train_size(settings: Settings, n: int) -> int:
    """Count the training examples: at least one, and one is left for the test."""
    return min(max(1, round(settings.train_share * n)), n - 1)


def make_data(settings: Settings) -> Data:
    """Make the data of these settings; the same settings give the same data."""
    return _made(*(getattr(settings, name) for name in FIELDS))


@lru_cache(maxsize=8)
def _made(*values: Any) -> Data:
    settings = Settings(**dict(zip(FIELDS, values, strict=True)))
    names: tuple[str, ...] = ()
    if settings.data == OWN:
        X, y, names = read_points(settings.points)
        order = np.random.default_rng(settings.data_seed).permutation(len(X))
        X, y = recipe.spread(X)[order], y[order]
        k = len(names)
        if not k:
            y = y / max(float(np.abs(y).max()), 1e-12)
    else:
        X, y = MAKERS[settings.data](settings.n, **options(settings))
        k = 0 if y.dtype.kind == "f" else int(y.max()) + 1
        names = tuple(map(str, range(k)))
    m = train_size(settings, len(X))
    return Data(X[:m], y[:m], X[m:], y[m:], k, names)


def read_points(text: str) -> Points:
    """Read points, one a line: x₁, x₂ and a label or a value, parted by commas or blanks.

    A first line without numbers is a heading. The third column is a label if it is not a number
    everywhere, or if it has at most five different whole numbers; else it is a value.

    Raises
    ------
    ValueError
        It names the line, what was expected and what came.
    """
    rows: list[list[float | None]] = []
    targets: list[str] = []
    for line, cells in enumerate(map(_cells, text.splitlines()), start=1):
        if not cells:
            continue
        x = [_number(cell) for cell in cells[:2]]
        if not rows and None in x and all(_number(cell) is None for cell in cells):
            continue
        if len(cells) != 3 or None in x:
            raise ValueError(
                f"line {line}: expected x₁, x₂ and a label or a value, such as 1.5, -2, 0; "
                f"got {', '.join(cells)!r}"
            )
        rows.append(x)
        targets.append(cells[2])
    if not 4 <= len(rows) <= MOST_POINTS:
        raise ValueError(
            f"points: expected 4 to {MOST_POINTS} lines with a point each, got {len(rows)}: "
            "a line is x₁, x₂ and a label or a value, such as 1.5, -2, 0"
        )
    return Points(np.array(rows, float), *_targets(targets))


def _cells(line: str) -> list[str]:
    """Part a line at commas, semicolons or tabs, or else at blanks."""
    line = line.split("#")[0].strip()
    for mark in (",", ";", "\t"):
        if mark in line:
            return [cell.strip() for cell in next(csv.reader([line], delimiter=mark))]
    return line.split()


def _number(cell: str) -> float | None:
    """Read a number; None: it is none, or not finite."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) < 1e100 else None


def _targets(cells: list[str]) -> tuple[Targets, tuple[str, ...]]:
    """Tell labels from values; number the labels."""
    found = [_number(cell) for cell in cells]
    numbers = [value for value in found if value is not None]
    whole = all(value == int(value) for value in numbers)
    if len(numbers) == len(cells) and not (whole and len(set(numbers)) <= MOST_CLASSES):
        return np.array(numbers), ()
    labels = [
        c if v is None or not whole else f"{v:.0f}" for c, v in zip(cells, found, strict=True)
    ]
    names, y = np.unique(labels, return_inverse=True)
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"points: expected 2 to {MOST_CLASSES} different labels, got {len(names)}: "
            f"{', '.join(names[:6])}{' …' if len(names) > 6 else ''}; leave some out, or give "
            "numbers for a regression"
        )
    return y, tuple(map(str, names))
