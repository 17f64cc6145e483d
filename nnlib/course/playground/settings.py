"""The settings of a playground: everything that decides how a run goes, in one frozen record."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

import nnlib as nn
from nnlib.initializers import Initializer

CLASSES = ("circle", "XOR", "Gaussians", "spirals", "moons")
"""Data sets whose points belong to classes."""

VALUES = ("plane", "hills")
"""Data sets whose points have a value each: regressions."""

OWN = "own points"

MANY = ("Gaussians", "spirals")
"""Data sets with as many classes as one likes, from 2 to 5."""

FEATURES = ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂")

ACTIVATIONS: dict[str, Callable[[], nn.Layer] | None] = {
    "tanh": nn.Tanh,
    "ReLU": nn.ReLU,
    "leaky ReLU": lambda: nn.LeakyReLU(0.1),
    "sigmoid": nn.Sigmoid,
    "ELU": nn.ELU,
    "GELU": nn.GELU,
    "SiLU": nn.SiLU,
    "linear": None,
}
"""What makes the layer of an activation; linear has none."""

INITIALIZERS: dict[str, Initializer] = {
    "He": nn.initializers.he_normal,
    "Xavier": nn.initializers.xavier_normal,
    "LeCun": nn.initializers.lecun_normal,
    "orthogonal": nn.initializers.orthogonal,
    "zeros": nn.initializers.zeros,
}

OPTIMIZERS = ("SGD", "momentum", "RMSProp", "Adam", "AdamW")

MOST_LAYERS, MOST_UNITS, MOST_CLASSES, MOST_POINTS = 6, 16, 5, 2000


@dataclass(frozen=True)
class Settings:
    """Data, features, network, training, and when to stop.

    ``batch_size`` 0 is all examples at once; ``stop_loss``, ``stop_epochs`` and ``patience`` 0 are
    rules that are off.
    """

    data: str = "circle"
    classes: int = 2
    n: int = 300
    noise: float = 0.1
    train_share: float = 0.5
    data_seed: int = 0
    points: str = ""
    features: tuple[str, ...] = ("x₁", "x₂")
    hidden: tuple[int, ...] = (4, 2)
    activations: tuple[str, ...] = ("tanh", "tanh")
    init: str = "Xavier"
    seed: int = 0
    dropout: float = 0.0
    optimizer: str = "Adam"
    lr: float = 0.01
    batch_size: int = 10
    l1: float = 0.0
    l2: float = 0.0
    stop_loss: float = 0.0
    stop_epochs: int = 0
    patience: int = 0

    def __post_init__(self) -> None:
        """Check everything; a list, as JSON has it, becomes a tuple."""
        for name in ("features", "hidden", "activations"):
            _list(name, getattr(self, name))
            object.__setattr__(self, name, tuple(getattr(self, name)))
        _among("data", (self.data,), (*CLASSES, *VALUES, OWN))
        _among("features", self.features, FEATURES)
        _among("activations", self.activations, ACTIVATIONS)
        _among("init", (self.init,), INITIALIZERS)
        _among("optimizer", (self.optimizer,), OPTIMIZERS)
        if not isinstance(self.points, str):
            raise ValueError(f"points: expected text, got {self.points!r}")
        for name, low, high in WHOLE:
            _whole(name, getattr(self, name), low, high)
        for name, least, most in REAL:
            object.__setattr__(self, name, _real(name, getattr(self, name), least, most))
        if not self.features or len(set(self.features)) < len(self.features):
            raise ValueError(
                "features: expected at least one, each once, got "
                f"{', '.join(self.features) or 'none'}: without inputs there is nothing to learn"
            )
        if len(self.hidden) > MOST_LAYERS or len(self.activations) != len(self.hidden):
            raise ValueError(
                f"hidden: expected 0 to {MOST_LAYERS} layers with an activation each, got "
                f"{len(self.hidden)} and {len(self.activations)}"
            )
        for units in self.hidden:
            _whole("hidden", units, 1, MOST_UNITS)

    def but(self, **changed: Any) -> Self:
        """Return the same settings with some of them changed."""
        return replace(self, **changed)

    def differs(self, other: "Settings") -> set[str]:
        """Name what differs from other settings."""
        return {f.name for f in fields(self) if getattr(self, f.name) != getattr(other, f.name)}

    def as_dict(self) -> dict[str, Any]:
        """Return all settings by name."""
        return asdict(self)

    @classmethod
    def of(cls, values: Any) -> Self:
        """Make settings of a dict, such as one that was read from a file."""
        if not isinstance(values, dict):
            raise ValueError(f"settings: expected names with values, got {type(values).__name__}")
        names = {f.name for f in fields(cls)}
        unknown, missing = values.keys() - names, names - values.keys()
        if unknown or missing:
            wrong = f"unknown {', '.join(sorted(unknown))}" if unknown else ""
            lacks = f"missing {', '.join(sorted(missing))}" if missing else ""
            faults = "; ".join(filter(None, [wrong, lacks]))
            raise ValueError(f"settings: expected the names that were saved, got {faults}")
        return cls(**values)


WHOLE = (
    ("classes", 2, MOST_CLASSES),
    ("n", 20, MOST_POINTS),
    ("data_seed", 0, 10**9),
    ("seed", 0, 10**9),
    ("batch_size", 0, MOST_POINTS),
    ("stop_epochs", 0, 10**9),
    ("patience", 0, 10**9),
)
"""Whole numbers, each with its least and its largest value."""

REAL = (
    ("noise", 0.0, 1.0),
    ("train_share", 0.05, 0.95),
    ("dropout", 0.0, 0.9),
    ("lr", 0.0, 1000.0),
    ("l1", 0.0, 10.0),
    ("l2", 0.0, 10.0),
    ("stop_loss", 0.0, 1000.0),
)
"""Real numbers, each with its least and its largest value."""


def _list(name: str, value: Any) -> None:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{name}: expected a list, got {value!r}")


def _among(name: str, values: Iterable[Any], choices: Iterable[str]) -> None:
    for value in values:
        if not isinstance(value, str) or value not in choices:
            raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {value!r}")


def _whole(name: str, value: Any, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"{name}: expected a whole number from {low} to {high}, got {value!r}")


def _real(name: str, value: Any, low: float, high: float) -> float:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not real or not low <= value <= high:  # NaN is not
        raise ValueError(f"{name}: expected a number from {low:g} to {high:g}, got {value!r}")
    return float(value)
