"""How good predictions are, in numbers that people can read.

The names and the conventions are scikit-learn's. All but two read the confusion matrix C: C_ij
counts the examples of class i that were predicted as class j.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from ._typing import Array, Labels
from ._validation import finite, one_of, real, same_length, whole


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
    true, predicted = _pair(y, predictions)
    return float((true == predicted).mean())


def confusion_matrix(y: Labels, predictions: Labels, k: int | None = None) -> Labels:
    """C_ij = number of examples of class i that were predicted as class j.

    Parameters
    ----------
    y, predictions : ndarray of shape (n,)
        True and predicted classes, from 0.
    k : int
        Number of classes; None: up to the largest that occurs.

    Returns
    -------
    ndarray of shape (k, k)
        A row for each true class, a column for each predicted class.

    Examples
    --------
    >>> confusion_matrix([0, 1, 2, 2], [0, 1, 1, 2])
    array([[1, 0, 0],
           [0, 1, 0],
           [0, 1, 1]])
    """
    true, predicted = _pair(y, predictions)
    k = None if k is None else whole("k", k)
    true, predicted = _classes("y", true, k), _classes("predictions", predicted, k)
    k = k or int(max(true.max(), predicted.max())) + 1
    return np.bincount(k * true + predicted, minlength=k * k).reshape(k, k)


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
    y, predictions : ndarray of shape (n,)
        True and predicted classes, from 0.
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

    Source: van Rijsbergen (1979), *Information Retrieval*, chapter 7.

    Examples
    --------
    >>> precision([0, 1, 2, 2], [0, 1, 1, 2])
    array([1. , 0.5, 1. ])
    """
    C = confusion_matrix(y, predictions, k)
    return _score(C, C.diagonal(), C.sum(axis=0), k, average, zero_division)


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


def top_k_accuracy(y: Labels, P: Array, top: int = 5) -> float:
    """Return the share of examples whose class is among the ``top`` most probable ones.

    With ``top=1`` it is the accuracy of ``P.argmax(axis=1)``, except where two classes tie for the
    last place: here the later class gets it, as in scikit-learn.

    Parameters
    ----------
    y : ndarray of shape (n,)
        True classes 0 … k − 1.
    P : ndarray of shape (n, k)
        Probabilities, or logits: only their order counts.
    top : int
        From 1 to k.

    Examples
    --------
    >>> top_k_accuracy([0, 1], [[0.2, 0.3, 0.5], [0.4, 0.5, 0.1]], top=2)
    0.5
    """
    P, true, top = real("P", P), np.asarray(y), whole("top", top)
    if P.ndim != 2 or 0 in P.shape:
        raise ValueError(
            f"P: expected a row for each example and a column for each class, shape (n, k), "
            f"got {P.shape}: pass model.predict_proba(X)"
        )
    k = P.shape[1]
    true = _classes("y", true, k)
    n = same_length(y=true, P=P)
    if top > k:
        raise ValueError(f"top: expected at most {k}, the number of classes in P, got {top}")
    finite("P", P, "look for NaN in X, or a network that diverged")
    best = P.argsort(axis=1, kind="stable")[:, k - top :]
    return int((best == true[:, np.newaxis]).sum()) / n


def _pair(y: Any, predictions: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Check that there is a prediction for each label."""
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
    return true, predicted


def _classes(name: str, labels: npt.NDArray[Any], k: int | None) -> npt.NDArray[np.int64]:
    """Check class numbers, and make them wide enough to count with."""
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(
            f"{name}: expected class labels of shape (n,), n ≥ 1, got shape {labels.shape}: turn "
            f"one-hot rows into labels with Y.argmax(axis=1), a column with {name}.ravel()"
        )
    if labels.dtype.kind not in "iu":
        remedy = f"names, {name} = numpy.unique({name}, return_inverse=True) numbers them"
        if labels.dtype.kind in "fb":
            remedy = f"use {name}.astype(int)"
        raise TypeError(f"{name}: expected integer class labels, got {labels.dtype}: {remedy}")
    wrong = labels[(labels < 0) | (labels >= (np.inf if k is None else k))]
    if wrong.size:
        upper = "" if k is None else f" to {k - 1} for k = {k} classes"
        raise ValueError(
            f"{name}: expected class labels from 0{upper}, got {wrong[0]}: number the classes "
            "from 0, and count them all in k"
        )
    return labels.astype(np.int64)


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
    if zero_division not in (0, 1) and zero_division == zero_division:  # nan differs from itself
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
BY_NAME: dict[str, Callable[..., Any]] = {"accuracy": accuracy, **AVERAGED}
"""Metrics that are one number, by the names that scikit-learn gives them."""
