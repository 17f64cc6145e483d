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
    if true.size == 0:
        raise ValueError("y: expected at least one label, got none")
    if true.shape != predicted.shape:
        column = predicted.shape == (*true.shape, 1)
        remedy = "predictions[:, 0]" if column else "P.argmax(axis=1) of probabilities P"
        raise ValueError(
            f"predictions: expected one for each label, shape {true.shape}, "
            f"got {predicted.shape}: pass {remedy}"
        )
    return float((true == predicted).mean())
