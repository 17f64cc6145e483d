"""The data of a playground: made from its settings, or points that somebody typed."""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array, Targets
from nnlib.course.playground import recipe
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import CLASSES, KNOBS, MANY, OWN, VALUES, Settings

MAKERS: dict[str, Any] = {name: getattr(recipe, name.lower()) for name in CLASSES | VALUES}
"""What makes the points of a data set: of "XOR" it is `recipe.xor`."""

FIELDS = tuple(name for name, knob in KNOBS.items() if knob.section == "data")
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


def options(settings: Settings) -> dict[str, Any]:
    """Return the arguments of the function that makes the data."""
    some: dict[str, Any] = {"noise": settings.noise, "rng": settings.data_seed}
    return {"classes": settings.classes, **some} if settings.data in MANY else some


def train_size(settings: Settings, n: int) -> int:
    """Count the training examples: at least one, and one is left for the test."""
    return min(max(1, round(settings.train_share * n)), n - 1)


def deciding(settings: Settings) -> tuple[Any, ...]:
    """Return the settings that decide which data there are."""
    return tuple(getattr(settings, name) for name in FIELDS)


def make_data(settings: Settings) -> Data:
    """Make the data of these settings; the same settings give the same data."""
    return _made(*deciding(settings))


@lru_cache(maxsize=8)
def _made(*values: Any) -> Data:
    settings = Settings(**dict(zip(FIELDS, values, strict=True)))
    names: tuple[str, ...] = ()
    if settings.data == OWN:
        X, y, names, _ = read_points(settings.points)
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
