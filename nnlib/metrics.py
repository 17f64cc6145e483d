"""How good predictions are, in numbers that people can read.

The names are scikit-learn's, as are ties, 0/0 and means. Not so: classes are numbered from 0, each
has a score of its own unless ``average`` says otherwise, and where several labels of an example do
not exclude each other, `accuracy` counts label by label. All but two read the confusion matrix C:
C_ij counts the examples of class i that were predicted as class j.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ._arrays import array
from ._labels import MOST_CLASSES, NUMBERED, class_numbers, labels, no_one_hot_rows, pair
from ._typing import Array, Labels
from ._validation import ByName, finite, is_number, one_of, real, same_length, whole
from ._words import explained


@explained
def accuracy(y: Labels, predictions: Array | Labels) -> float:
    """Return the share of predictions that are right, from 0 to 1.

    Parameters
    ----------
    y, predictions : array_like of shape (n,)
        True and predicted classes: whole numbers (floats, too), booleans, which are 0 and 1, or
        text. Or several labels for each example that do not exclude each other, shape (n, k): then
        it is the share of right *entries*, the mean of ``accuracy(Y[:, j], P[:, j])``, where
        scikit-learn counts the examples without any mistake, ``(Y == P).all(axis=1).mean()``.

    Raises
    ------
    TypeError, ValueError
        For what cannot be equal: numbers and text, probabilities or other real numbers, NaN,
        one-hot rows, predictions of another shape.

    Examples
    --------
    >>> accuracy([0, 1, 2, 2], [0, 1, 1, 2])
    0.75
    >>> accuracy(["cat", "dog"], ["cat", "cat"])
    0.5
    >>> accuracy([[1, 1], [0, 1]], [[1, 0], [0, 1]])    # three of four labels, one of two examples
    0.75
    """
    true, predicted = pair(y, predictions)
    no_one_hot_rows(true)
    return float((true == predicted).mean())


@explained
def confusion_matrix(y: Labels, predictions: Labels, k: int | None = None) -> Labels:
    """C_ij = number of examples of class i that were predicted as class j.

    Parameters
    ----------
    y, predictions : array_like of shape (n,)
        True and predicted classes, from 0: whole numbers, or booleans, which are 0 and 1.
    k : int
        Number of classes; None: up to the largest that occurs. At most 11,585: k² counts in 1 GiB.

    Returns
    -------
    ndarray of shape (k, k)
        A row for each true class, a column for each predicted class.

    Raises
    ------
    TypeError, ValueError
        For what is no class number, with the line that numbers the classes.

    Examples
    --------
    >>> confusion_matrix([0, 1, 2, 2], [0, 1, 1, 2])
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 1]])
    """
    true, predicted = pair(y, predictions)
    k = None if k is None else whole("k", k)
    remedy = NUMBERED if k is None else f"leave k out; {NUMBERED} numbers the classes that occur"
    if k is not None and k > MOST_CLASSES:
        raise ValueError(
            f"k: expected at most {MOST_CLASSES} classes, whose k² counts take 1 GiB, got {k}: "
            f"{remedy}"
        )
    true = class_numbers("y", true, k, remedy)
    predicted = class_numbers("predictions", predicted, k, remedy)
    k = k or int(max(true.max(), predicted.max())) + 1
    return np.bincount(k * true + predicted, minlength=k * k).reshape(k, k)


@explained
def precision(
    y: Labels,
    predictions: Labels,
    *,
    k: int | None = None,
    average: str | None = None,
    zero_division: float = 0.0,
) -> Array | float:
    """precision_c = C_cc / Σ_i C_ic: of the examples predicted as class c, the share that are c.

    Parameters
    ----------
    y, predictions : array_like of shape (n,)
        True and predicted classes, from 0. Labels that do not exclude each other are scored column
        by column: ``precision(Y[:, j], P[:, j])``.
    k : int
        Number of classes; None: up to the largest that occurs.
    average : {None, "macro", "weighted", "micro"}
        None: one number for each class. "macro": their mean (without k, only over classes that
        occur in y or predictions). "weighted": their mean, each class weighted by its examples.
        "micro": all classes counted together.
    zero_division : {0, 1, nan}
        What 0/0 is, for a class that is never predicted; nan is left out of means.

    Returns
    -------
    ndarray of shape (k,), or float with an average

    Raises
    ------
    TypeError, ValueError
        For what has no `confusion_matrix`.

    Source: van Rijsbergen (1979), *Information Retrieval*, chapter 7.

    Examples
    --------
    >>> precision([0, 1, 2, 2], [0, 1, 1, 2])
    array([1. , 0.5, 1. ])
    """
    C = confusion_matrix(y, predictions, k)
    return _score(C, C.diagonal(), C.sum(axis=0), k, average, zero_division)


@explained
def recall(
    y: Labels,
    predictions: Labels,
    *,
    k: int | None = None,
    average: str | None = None,
    zero_division: float = 0.0,
) -> Array | float:
    """recall_c = C_cc / Σ_j C_cj: of the examples of class c, the share that were found.

    The parameters are those of `precision`; 0/0 is that of a class without examples.

    Examples
    --------
    >>> recall([0, 1, 2, 2], [0, 1, 1, 2])
    array([1. , 1. , 0.5])
    """
    C = confusion_matrix(y, predictions, k)
    return _score(C, C.diagonal(), C.sum(axis=1), k, average, zero_division)


@explained
def f1(
    y: Labels,
    predictions: Labels,
    *,
    k: int | None = None,
    average: str | None = None,
    zero_division: float = 0.0,
) -> Array | float:
    """f1_c = 2 C_cc / (Σ_i C_ic + Σ_j C_cj): the harmonic mean of precision and recall.

    The parameters are those of `precision`; 0/0 is that of a class that never occurs and is never
    predicted.

    Examples
    --------
    >>> f1([0, 1, 2, 2], [0, 1, 1, 2]).round(3)
    array([1.   , 0.667, 0.667])
    """
    C = confusion_matrix(y, predictions, k)
    either = C.sum(axis=0) + C.sum(axis=1)
    return _score(C, 2 * C.diagonal(), either, k, average, zero_division)


@explained
def top_k_accuracy(y: Labels, P: Array, top: int = 5) -> float:
    """Return the share of examples whose class is among the ``top`` most probable ones.

    With ``top=1`` it is the accuracy of ``P.argmax(axis=1)``, except where two classes tie for the
    last place: here the later class gets it, as in scikit-learn.

    Parameters
    ----------
    y : array_like of shape (n,)
        True classes 0 … k − 1.
    P : array_like of shape (n, k)
        Probabilities, or logits: only their order counts.
    top : int
        From 1 to k.

    Examples
    --------
    >>> top_k_accuracy([0, 1], [[0.2, 0.3, 0.5], [0.4, 0.5, 0.1]], top=2)
    0.5
    """
    P, top = real("P", array("P", P)), whole("top", top)
    if P.ndim != 2 or len(P) == 0 or P.shape[1] < 2:
        raise ValueError(
            f"P: expected a row for each example and a column for each class, shape (n, k), got "
            f"{P.shape}: pass model.predict_proba(X), or numpy.column_stack([1 - P, P]) where P is "
            "the probability of yes"
        )
    n, k = P.shape
    numbered = "names, y = numpy.unique(y, return_inverse=True), for columns of P in sorted order"
    true = class_numbers("y", labels("y", y), k, numbered)
    same_length(y=true, P=P)
    if top > k:
        raise ValueError(f"top: expected at most {k}, the number of classes in P, got {top}")
    if np.isnan(P).any():
        finite("P", P, "look for NaN in X, or a network that diverged")
    best = P.argsort(axis=1, kind="stable")[:, k - top :]
    return int((best == true[:, np.newaxis]).sum()) / n


def _score(
    C: Labels,
    numerator: Labels,
    denominator: Labels,
    k: int | None,
    average: str | None,
    zero_division: float,
) -> Array | float:
    """Divide class by class, and average as asked."""
    if average is not None:
        one_of("average", average, ("macro", "weighted", "micro"))
    nan = zero_division != zero_division  # it differs from itself
    if not is_number(zero_division) or not (nan or zero_division in (0, 1)):
        raise ValueError(f"zero_division: expected 0, 1 or numpy.nan, got {zero_division!r}")
    if average == "micro":
        return float(numerator.sum() / denominator.sum())
    scores = np.full(len(C), float(zero_division))
    np.divide(numerator, denominator, out=scores, where=denominator > 0)
    if average is None:
        return scores
    weights = C.sum(axis=1)
    if average == "macro":
        weights = np.ones(len(C), int) if k is not None else (weights + C.sum(axis=0) > 0) * 1
    return _mean(scores, weights)


def _mean(scores: Array, weights: Labels) -> float:
    """Σ_c w_c s_c / Σ_c w_c over the classes that have a score; unweighted if no weight is left."""
    known = ~np.isnan(scores)
    if not known.any():
        return np.nan
    scores, weights = scores[known], weights[known]
    return float(np.average(scores, weights=weights if weights.any() else None))


AVERAGED = {
    f"{metric.__name__}_{average}": partial(metric, average=average)
    for metric in (f1, precision, recall)
    for average in ("macro", "micro", "weighted")
}
BY_NAME: ByName[Callable[..., Any]] = ByName(accuracy=accuracy, **AVERAGED)
"""Metrics that are one number, by the names that scikit-learn gives them."""
