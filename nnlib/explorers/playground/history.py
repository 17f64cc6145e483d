"""The curves of a run: losses and accuracies after each epoch, thinned out where they are many."""

import math
from typing import Any

import numpy as np

from nnlib._typing import Array

MOST = 2000
"""When so many epochs are recorded, every second one is dropped."""

NAMES = ("epoch", "loss", "test_loss", "accuracy", "test_accuracy")


class History:
    """A row for each recorded epoch, every ``stride``-th one, and what was best."""

    def __init__(self) -> None:
        self.rows: list[list[float]] = []
        self.stride = 1
        self.best_train = self.best_test = math.inf
        self.best_epoch = 0

    def append(self, epoch: int, scores: dict[str, float]) -> None:
        """Record an epoch's scores."""
        row = [float(epoch), *(scores.get(name, math.nan) for name in NAMES[1:])]
        self.best_train = min(self.best_train, row[1])
        if row[2] < self.best_test:
            self.best_test, self.best_epoch = row[2], epoch
        if epoch % self.stride == 0:
            self.rows.append(row)
        if len(self.rows) >= MOST:
            self.stride *= 2
            self.rows = [row for row in self.rows if row[0] % self.stride == 0]

    def begin_again(self, epoch: int, scores: dict[str, float]) -> None:
        """Other data or another network: what was best before no longer counts."""
        self.best_train, self.best_test, self.best_epoch = (
            scores["loss"],
            scores["test_loss"],
            epoch,
        )

    def forget_after(self, epoch: int) -> None:
        """Drop what came after an epoch."""
        self.rows = [row for row in self.rows if row[0] <= epoch]
        if self.best_epoch > epoch:
            self.best_epoch, self.best_test = epoch, math.inf

    def column(self, name: str) -> Array:
        """Return one of the curves."""
        return np.array([row[NAMES.index(name)] for row in self.rows])

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as JSON has it: NaN becomes None."""
        rows = [[None if math.isnan(v) else v for v in row] for row in self.rows]
        best = [v if math.isfinite(v) else None for v in (self.best_train, self.best_test)]
        return {"rows": rows, "stride": self.stride, "best": [*best, self.best_epoch]}

    @classmethod
    def of(cls, found: dict[str, Any]) -> "History":
        """Read what `as_dict` wrote."""
        history = cls()
        history.rows = [[math.nan if v is None else float(v) for v in row] for row in found["rows"]]
        if any(len(row) != len(NAMES) for row in history.rows) or not history.rows:
            raise ValueError(f"rows: expected {len(NAMES)} numbers in each: {', '.join(NAMES)}")
        history.stride = int(found["stride"])
        train, test, epoch = found["best"]
        history.best_train = math.inf if train is None else float(train)
        history.best_test = math.inf if test is None else float(test)
        history.best_epoch = int(epoch)
        return history


def loss_text(value: float) -> str:
    """Write a loss with four digits after the point, or a large one with its power of ten."""
    return f"{value:.4f}" if value < 1000 else f"{value:.1e}"
