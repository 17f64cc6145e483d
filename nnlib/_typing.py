"""The types that every floor speaks of."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
"""Real numbers: float64 for exact checks, float32 for speed."""

Labels = npt.NDArray[np.integer[Any]]
"""Class numbers 0 … k − 1."""

Targets = Array | Labels
"""What a loss compares with: labels, or real numbers for a regression."""

Shape = tuple[int, ...]

Seed = int | np.random.Generator
"""What every ``rng=`` takes: the same int gives the same numbers."""

Mark = tuple[str, int]
"""Which network it is, and how many updates it has been through."""

LearningRate = float | Callable[[int], float]
"""What an optimizer takes as its ``lr``: a constant, or a rate for each step, the first being 0."""
