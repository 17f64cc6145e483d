"""The curves of a run: losses and accuracies after each epoch, thinned out where they are many."""

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from nnlib._typing import Array

MOST_ROWS = 2000
"""When so many epochs are recorded, every second one is dropped."""

NAMES = ("epoch", "loss", "test_loss", "accuracy", "test_accuracy")


@dataclass(frozen=True)
class Record:
    """The lowest losses of a run so far, and from when on they count."""

    train: float = math.inf
    test: float = math.inf
    epoch: int = 0
    """When the test loss was lowest."""

    since: int = 0
    """The epoch of the last change: patience is counted from there at the earliest."""

    @classmethod
    def begun(cls, epoch: int, scores: dict[str, float]) -> Self:
        """Begin with these scores: those of other data or of another network no longer count."""
        return cls(since=epoch).after(epoch, scores)

    def after(self, epoch: int, scores: dict[str, float]) -> Self:
        """Take an epoch's scores into account."""
        better = replace(self, train=min(self.train, scores["loss"]))
        if scores["test_loss"] < self.test:
            return replace(better, test=scores["test_loss"], epoch=epoch)
        return better

    def changed(self, epoch: int) -> Self:
        """Note that something was changed in this epoch."""
        return replace(self, since=epoch)

    def waited(self, epoch: int) -> int:
        """Count the epochs without a lower test loss, and without a change."""
        return epoch - max(self.epoch, self.since)


class History:
    """The curves: a row for each recorded epoch, every ``stride``-th one."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self.stride = 1

    def append(self, epoch: int, scores: dict[str, float]) -> None:
        """Record an epoch's scores."""
        if epoch % self.stride == 0:
            self.rows.append([float(epoch), *(scores.get(name, math.nan) for name in NAMES[1:])])
        if len(self.rows) >= MOST_ROWS:
            self.stride *= 2
            self.rows = [row for row in self.rows if row[0] % self.stride == 0]

    def forget_after(self, epoch: int) -> None:
        """Drop what came after an epoch."""
        self.rows = [row for row in self.rows if row[0] <= epoch]

    def column(self, name: str) -> Array:
        """Return one of the curves."""
        return np.array([row[NAMES.index(name)] for row in self.rows])
