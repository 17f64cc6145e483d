"""The order in which a run sees its examples: batches, shuffled anew for every epoch."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import nnlib as nn


class Stream:
    """Batch after batch, epoch after epoch; it can go back to a place where it was.

    Attributes
    ----------
    batch_size, length : int
        Examples in a batch, and batches in an epoch.
    place : int
        How many batches of the present epoch lie behind.
    shuffling : dict
        The random state in which this epoch is shuffled.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def begin(
        self, n: int, batch_size: int, shuffling: dict[str, Any] | None = None, place: int = 0
    ) -> None:
        """Begin an epoch of n examples, or be at a place in one that was shuffled in that state."""
        if shuffling is not None:
            self.rng.bit_generator.state = shuffling
        self.shuffling = state_of(self.rng)
        self.n, self.batch_size = n, min(batch_size or n, n)
        self.length, self.place = math.ceil(n / self.batch_size), 0
        self._batches: Iterator[Any] | None = None
        for _ in range(place):
            self.take()

    def take(self) -> Any:
        """Return the indices of the next batch of this epoch."""
        if self._batches is None:
            self._batches = nn.batches(self.n, self.batch_size, self.rng)
        self.place += 1
        return next(self._batches)


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator, to come back to."""
    return dict(rng.bit_generator.state)
