"""Checks of what a network is trained towards: labels, numbers, and how much each counts."""

from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import array
from ._typing import Array, Labels, Shape
from ._validation import data_are_trusted, finite, real, same_length, warn

UNSIGNED = {np.dtype(kind): np.dtype(kind.upper()) for kind in "bhilq"}
"""Integers of the same size without a sign."""


def check_weights(name: str, weights: Any, n: int) -> Array:
    """Check one weight of 0 or more for each of n examples."""
    s = real(name, weights)
    if s.shape != (n,):
        raise ValueError(
            f"{name}: expected one weight for each example, shape ({n},), got {s.shape}"
        )
    finite(name, s, "0 leaves an example out")
    if s.min() < 0:
        raise ValueError(
            f"{name}: expected weights of 0 or more, got {s.min():g}: 0 leaves an example out"
        )
    if not data_are_trusted():  # a batch may hold the small ones alone
        _moderate(name, s)
    return s


def _moderate(name: str, weights: Array) -> None:
    """Refuse weights that float32 has no room for."""
    with np.errstate(over="ignore"):
        total = float(weights.sum(dtype=np.float64))
    if total and not 1e-30 < total < 1e30:
        raise ValueError(
            f"{name}: expected weights that sum to between 1e-30 and 1e30, got {total:g}: only "
            f"their ratios count, so {name} / numpy.max({name}) does the same"
        )


def whole_y(y: Any) -> Labels:
    """Check that labels are integers, one for each example."""
    y = array("y", y)
    if y.ndim != 1:
        raise ValueError(
            f"y: expected class labels of shape (n,), got shape {y.shape}: turn one-hot rows into "
            "labels with numpy.argmax(y, axis=1), a column into (n,) with numpy.ravel(y)"
        )
    if y.dtype.kind not in "iu":
        raise no_labels(y)
    return y


def are_shares(name: str, y: Any) -> bool:
    """Whether targets are real numbers, one for each class: no labels, no whole one-hot rows."""
    y = array(name, y)
    if y.ndim != 2 or y.shape[1] == 1 or y.dtype != object:
        return y.ndim == 2 and y.shape[1] > 1 and y.dtype.kind == "f"
    return not all(isinstance(entry, (Integral, np.bool_, str)) for entry in y.flat)


def class_shares(shape: Shape, y: Any) -> Array:
    """Check rows of probabilities, one for each class, for outputs of shape (n, k)."""
    y = real("y", y)
    if y.shape != shape:
        raise ValueError(
            f"y: expected class labels of shape {shape[:1]}, or a probability of each class, shape "
            f"{shape}, got {y.shape}: give every example its row, and the last layer one output "
            "for each class"
        )
    finite("y", y, "leave out the examples whose class is not known")
    remedy = "numpy.divide(y, numpy.sum(y, axis=1, keepdims=True)) makes shares of counts"
    if y.min() < 0:
        remedy = "nnlib.softmax(y) makes such rows of logits"
    elif np.isin(y, (0, 1)).all():
        remedy = "for labels that do not exclude each other, use SigmoidCrossEntropy()"
    sum_to_one("y", y, remedy)
    return y


def sum_to_one(name: str, P: Array, remedy: str) -> None:
    """Check that rows are probabilities: 0 or more, with a sum of 1 up to a thousandth."""
    sums = P.sum(axis=1)
    if P.min() < 0 or np.abs(sums - 1).max() > 1e-3:
        raise ValueError(
            f"{name}: expected rows of probabilities that sum to 1, got an entry of {P.min():.4g} "
            f"and row sums from {sums.min():.4g} to {sums.max():.4g}: {remedy}"
        )


def class_labels(shape: Shape, y: Any) -> Labels:
    """Check labels 0 … k − 1 for outputs of shape (n, k)."""
    y = array("y", y)
    if y.ndim == 2 and are_shares("y", y):
        raise ValueError(
            f"y: expected class labels of shape (n,), got real numbers of shape {y.shape}: "
            "numpy.argmax(y, axis=1) turns one-hot rows into labels; other probabilities of "
            "classes need SoftmaxCrossEntropy(), on logits"
        )
    y, (n, k) = whole_y(y), shape
    if len(y) != n:
        same_length(y=y, Z=range(n))
    unsigned = UNSIGNED.get(y.dtype) or y.dtype.str.replace("i", "u")
    if y.view(unsigned).max() >= k:  # a negative number looks large
        wrong = y[(y < 0) | (y >= k)][0]
        raise ValueError(
            f"y: expected class labels from 0 to {k - 1} for {k} outputs, got {wrong}: number the "
            "classes from 0, names, y = numpy.unique(y, return_inverse=True), or give the last "
            "layer more outputs"
        )
    return y


def no_labels(y: npt.NDArray[Any]) -> Exception:
    """Say what stands where whole numbers should; only what loses nothing is proposed."""
    if y.dtype == object and all(isinstance(label, (Real, np.bool_)) for label in y):
        y = y.astype(float)
    if y.dtype.kind not in "fb":
        remedy = "names, y = numpy.unique(y, return_inverse=True) numbers them"
        return TypeError(f"y: expected integer class labels, got dtype {y.dtype}: {remedy}")
    wrong = ~np.isfinite(y)
    if wrong.any():
        where = int(wrong.argmax())
        return ValueError(
            f"y: expected integer class labels, got {y[where]} at y[{where}] ({wrong.sum()} of "
            f"{len(y)} are missing): leave out the examples whose class is not known"
        )
    if (y != np.round(y)).any():
        where = int((y != np.round(y)).argmax())
        return TypeError(
            f"y: expected integer class labels, got {y[where]:g} at y[{where}]: to learn numbers, "
            "use MeanSquaredError() with one output"
        )
    return TypeError(
        f"y: expected integer class labels, got dtype {y.dtype}: "
        "all are whole, so numpy.asarray(y, dtype=int) turns them into labels"
    )


def real_targets(shape: Shape, y: Any) -> Array:
    """Check one target for each output of shape (n, k); (n,) will do for k = 1."""
    y = real("y", y)
    column = shape[1] == 1 and y.shape == shape[:1]
    if not column and y.shape != shape:
        either = f"{shape[:1]} or {shape}" if shape[1] == 1 else f"{shape}"
        raise ValueError(
            f"y: expected one target for each output, shape {either}, got {y.shape}: "
            "a broadcast would compare every output with every target"
        )
    finite("y", y, "clean the targets first")
    return y.reshape(shape)


def warn_of_one_hot_rows(name: str, Y: Array) -> None:
    """Warn where many rows have one 1 each among zeros: a few may do so by chance."""
    many = len(Y) >= 10 and Y.shape[1] > 2
    if many and (Y.max(axis=1) == 1).all() and (np.count_nonzero(Y, axis=1) == 1).all():
        warn(
            f"{name}: every row is one-hot, so the classes exclude each other: use "
            "SoftmaxCrossEntropy() with labels numpy.argmax(y, axis=1). Here each entry is a "
            "question of its own, and the accuracy that of all entries"
        )


def class_weights(class_weight: Any) -> Array:
    """Check one weight of 0 or more for each class."""
    if isinstance(class_weight, (str, Mapping)):
        raise TypeError(
            f"class_weight: expected one weight for each class, in their order, got "
            f"{class_weight!r}: a list such as [1.0, 5.0], or nnlib.balanced_class_weight(y)"
        )
    c = real("class_weight", class_weight, np.float64)
    if c.ndim != 1 or c.size == 0:
        raise ValueError(
            f"class_weight: expected one weight for each class, got shape {c.shape}: "
            "a list such as [1.0, 5.0]"
        )
    finite("class_weight", c, "give every class a number")
    if c.min() < 0 or not c.any():
        raise ValueError(
            "class_weight: expected weights of 0 or more, not all of them 0, "
            f"got {c.tolist()}: 0 leaves a class out"
        )
    _moderate("class_weight", c)
    return c


def two_classes(y: Array) -> str:
    """Say how other numbers become answers to yes-or-no questions, if there are two of them."""
    values = np.unique(y)
    if len(values) == 2:
        return (
            f"numpy.equal(y, {values[1]:g}).astype(int) is 1 for {values[1]:g}, 0 for {values[0]:g}"
        )
    return "for more than two classes use SoftmaxCrossEntropy, for numbers MeanSquaredError"
