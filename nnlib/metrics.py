"""How good predictions are, in a number that people can read."""

import numpy as np

from nnlib._typing import Array, Labels


def accuracy(y: Labels, predictions: Array | Labels) -> float:
    """Return the share of predictions that are right, from 0 to 1.

    Parameters
    ----------
    y, predictions : ndarray of one shape
        True and predicted classes.

    Examples
    --------
    >>> accuracy([0, 1, 2, 2], [0, 1, 1, 2])
    0.75
    """
    true, predicted = np.asarray(y), np.asarray(predictions)
    if true.shape != predicted.shape or true.size == 0:
        raise ValueError(
            f"predictions: expected labels of the shape of y, {true.shape}, at least one, "
            f"got {predicted.shape}: turn probabilities into labels with P.argmax(axis=1)"
        )
    return float((true == predicted).mean())
