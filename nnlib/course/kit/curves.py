"""Long curves: drawn from few points, on an axis that grows by doubling."""

from collections.abc import Sequence

import numpy as np

from nnlib._typing import Array

POINTS = 500
"""Points of a curve that are drawn at the most, or pairs of them."""


def thinned(x: Sequence[float], y: Sequence[float], points: int = POINTS) -> tuple[Array, Array]:
    """Draw least and largest of each stretch instead of all: it looks the same, and is faster."""
    X, Y = np.asarray(x, float), np.asarray(y, float)
    k = len(Y) // points
    if k < 3:
        return X, Y
    n = len(Y) // k * k
    stretches = Y[:n].reshape(-1, k)
    ends = np.column_stack([stretches.min(axis=1), stretches.max(axis=1)])
    return np.append(np.repeat(X[:n:k], 2), X[n:]), np.append(ends.ravel(), Y[n:])


def longer(limit: float, epoch: float) -> float:
    """Double the length of the axis until the run fits."""
    while epoch > limit:
        limit *= 2
    return limit
