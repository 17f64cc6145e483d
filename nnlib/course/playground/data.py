"""The data of a playground: made from its settings, or points that somebody typed."""

from functools import lru_cache
from typing import Any, NamedTuple

from nnlib._typing import Array, Targets
from nnlib.course.playground import recipe
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import CLASSES, KNOBS, MANY, OWN, VALUES, Settings

MAKERS: dict[str, Any] = {name: getattr(recipe, name.lower()) for name in CLASSES | VALUES}
MAKERS[OWN] = recipe.own
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


def options(s: Settings) -> dict[str, Any]:
    """Return the arguments of the function that makes the data."""
    if s.data == OWN:
        return {"rng": s.data_seed}
    classes = {"classes": s.classes} if s.data in MANY else {}
    return {**classes, "noise": s.noise, "rng": s.data_seed}


def deciding(s: Settings) -> tuple[Any, ...]:
    """Return the settings that decide which data there are."""
    return tuple(getattr(s, name) for name in FIELDS)


def make_data(settings: Settings) -> Data:
    """Make the data of these settings; the same settings give the same data."""
    return _made(*deciding(settings))


@lru_cache(maxsize=8)
def _made(*values: Any) -> Data:
    s = Settings(**dict(zip(FIELDS, values, strict=True)))
    if s.data == OWN:
        points, targets, names, _ = read_points(s.points)
        X, y = recipe.own(points, targets, **options(s))
    else:
        X, y = MAKERS[s.data](s.n, **options(s))
        names = () if y.dtype.kind == "f" else tuple(map(str, range(int(y.max()) + 1)))
    m = min(max(1, round(s.train_share * len(X))), len(X) - 1)  # one is left for the test
    return Data(X[:m], y[:m], X[m:], y[m:], len(names), names)
