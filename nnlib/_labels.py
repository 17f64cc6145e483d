"""Class labels: what they may be, and which of them can be compared at all."""

from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import array
from ._typing import Labels, Shape
from ._validation import finite

MOST_CLASSES = 11_585
"""k² counts of 8 bytes are at most 1 GiB."""

NUMBERED = "names, (y, predictions) = numpy.unique([y, predictions], return_inverse=True)"
"""Numbers the classes of both from 0: the one remedy for all labels that are no class numbers."""

BY_COLUMNS = (
    "Labels that do not exclude each other are scored column by column: "
    "f1(Y[:, j], P[:, j]) of arrays Y and P"
)


def labels(name: str, value: Any) -> npt.NDArray[Any]:
    """Return class labels: text, booleans or whole numbers; whole floats become integers."""
    found = array(name, value)
    if found.dtype.kind == "O":
        found = _of_one_kind(name, found)
    if found.dtype.kind == "S":
        return np.char.decode(found, "utf-8", "surrogateescape")
    if found.dtype.kind == "f":
        return _whole(name, found.astype(np.float64))
    if found.dtype.kind not in "biuUT":
        raise TypeError(
            f"{name}: expected class labels, whole numbers or text, got dtype {found.dtype}: "
            f"{NUMBERED} numbers the classes"
        )
    return found


def pair(y: Any, predictions: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Check that there is a prediction for each label, and that the two can be equal."""
    true, predicted = array("y", y), array("predictions", predictions)
    for name, given in {"y": true, "predictions": predicted}.items():
        if given.ndim == 0 or given.size == 0:
            raise ValueError(
                f"{name}: expected at least one label, shape (n,), got shape {given.shape}: "
                "pass a list or an array with the label of each example"
            )
    _same_shape(true, predicted)
    true, predicted = labels("y", true), labels("predictions", predicted)
    _same_kind("y", true, "predictions", predicted)
    _same_kind("predictions", predicted, "y", true)
    return true, predicted


def one_label_each(name: str, found: npt.NDArray[Any]) -> None:
    """Refuse one-hot rows, several labels for an example, columns, and nothing."""
    if found.ndim == 1 and found.size:
        return
    remedy = "a list or an array with the label of each example"
    if found.size and found.shape[1:] == (1,):
        remedy = f"numpy.ravel({name})"
    elif found.size and found.ndim > 1:
        remedy = f"numpy.argmax({name}, axis=1) of one-hot rows. {BY_COLUMNS}"
    raise ValueError(
        f"{name}: expected class labels of shape (n,), got shape {found.shape}: pass {remedy}"
    )


def no_one_hot_rows(Y: npt.NDArray[Any]) -> None:
    """Refuse rows with a single 1: their entries agree far more often than their classes."""
    if Y.ndim != 2 or Y.shape[1] == 1 or Y.dtype.kind not in "biu":
        return
    if (np.count_nonzero(Y, axis=1) == 1).all() and (Y.max(axis=1) == 1).all():
        raise ValueError(
            f"y: expected classes, got one-hot rows of shape {Y.shape}: compare "
            f"numpy.argmax(y, axis=1) with numpy.argmax(predictions, axis=1). {BY_COLUMNS}"
        )


def class_numbers(name: str, found: npt.NDArray[Any], k: int | None, remedy: str) -> Labels:
    """Check that labels are 0 … k − 1, and make them wide enough to count with."""
    one_label_each(name, found)
    if found.dtype.kind not in "biu":
        raise TypeError(f"{name}: expected class numbers, got text, {str(found[0])!r}: {remedy}")
    wrong = found[(found < 0) | (found >= (MOST_CLASSES if k is None else k))]
    if wrong.size == 0:
        return found.astype(np.int64)
    upper = "" if k is None else f" to {k - 1} for k = {k} classes"
    if k is None and wrong[0] > 0:
        k = int(found.max()) + 1
        upper = f" to {MOST_CLASSES - 1} (k = {k} classes have k² counts, {k * k / 2**27:,.1f} GiB)"
    raise ValueError(f"{name}: expected class labels from 0{upper}, got {wrong[0]}: {remedy}")


def _of_one_kind(name: str, found: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Turn objects that are all text, or all numbers, as pandas hands them out, into these."""
    kinds: Any
    for kinds in (str, bytes, (int, float, np.number, np.bool_)):
        odd = [index for index, label in np.ndenumerate(found) if not isinstance(label, kinds)]
        if not odd:
            return np.array(found.tolist())
        if len(odd) < found.size:
            break
    at = odd[0]
    raise TypeError(
        f"{name}: expected class labels, all text or all numbers, got {found[at]!r} at "
        f"{name}[{', '.join(map(str, at))}]: leave out rows without a label; {NUMBERED} "
        "numbers dates and other things"
    )


def _whole(name: str, found: npt.NDArray[np.float64]) -> Labels:
    """Turn whole floats into integers, and say of others what they may be instead."""
    finite(name, found, f"keep only the rows numpy.isfinite({name}), in every argument")
    wrong = (np.trunc(found) != found) | (np.abs(found) >= 2**53)
    if not wrong.any():
        return found.astype(np.int64)
    at = tuple(np.argwhere(wrong)[0].tolist())
    remedy = f"numpy.greater({name}, 0.5) of probabilities of yes"
    if found.ndim > 1 and found.shape[1] > 1:
        remedy = f"numpy.argmax({name}, axis=1) of a column for each class"
    elif found.min() < 0 or found.max() > 1:
        remedy = f"numpy.greater({name}, 0) of logits of yes"
    raise ValueError(
        f"{name}: expected class labels, whole numbers or text, got {found[at]:g} at "
        f"{name}[{', '.join(map(str, at))}]: pass {remedy}. Real numbers are scored by "
        "numpy.mean(numpy.subtract(y, predictions) ** 2), as nnlib.MeanSquaredError does"
    )


def _same_shape(true: npt.NDArray[Any], predicted: npt.NDArray[Any]) -> None:
    """Refuse what a broadcast would compare all with all."""
    if true.shape == predicted.shape:
        return
    name, odd, other, what = "predictions", predicted, true, "prediction for each label"
    if true.ndim > predicted.ndim:
        name, odd, other, what = "y", true, predicted, "label for each prediction"
    remedy = "predict the rows that the labels belong to"
    if odd.size == other.size == max(odd.shape):  # a column, or a row
        remedy = f"pass numpy.ravel({name})"
    elif odd.ndim > other.ndim and len(odd) == len(other):
        remedy = f"pass numpy.argmax({name}, axis=1) of probabilities or one-hot rows"
    raise ValueError(f"{name}: expected one {what}, shape {other.shape}, got {odd.shape}: {remedy}")


def _same_kind(name: str, these: npt.NDArray[Any], other: str, those: npt.NDArray[Any]) -> None:
    """Refuse numbers against text, and yes or no against classes that are neither 0 nor 1."""
    if these.dtype.kind in "biu" and those.dtype.kind in "UT":
        raise TypeError(
            f"{name}: expected text as in {other}, got {these.dtype}: pass numpy.take(names, "
            f"{name}) with the names of classes 0, 1, 2 …; or numpy.asarray({other}, int) of digits"
        )
    if these.dtype.kind == "b" and those.dtype.kind in "iu" and not np.isin(those, (0, 1)).all():
        raise ValueError(
            f"{name}: expected the classes in {other}, got booleans, which are 0 and 1, and "
            f"{other} has {those[~np.isin(those, (0, 1))][0]}: pass numpy.where({name}, a, b) "
            "with the classes a of yes and b of no"
        )


def class_names(classes: Any, shape: Shape | None, loss: Any) -> npt.NDArray[Any]:
    """Check the classes of a model: one for each output, or two for one yes-or-no question."""
    if not loss.classification:
        raise TypeError(
            f"classes: expected none for {loss!r}, which learns numbers, got {classes!r}: leave "
            "classes out"
        )
    names = labels("classes", classes)
    k = None if shape is None else shape[0] if shape != (1,) else 2
    if names.ndim != 1 or len(names) < 2 or (k is not None and len(names) != k):
        raise ValueError(
            f"classes: expected one name for each of {k or 2} classes, got {names.tolist()}: list "
            "them in the order of their numbers"
        )
    if len(np.unique(names)) < len(names):
        raise ValueError(
            f"classes: expected names that differ, got {names.tolist()}: numpy.unique(y) lists "
            "each class once"
        )
    return names


def _digits(classes: npt.NDArray[Any]) -> bool:
    """Whether a name is a number: then the number 3 may be the class "3", or the fourth."""
    return any(name.strip().lstrip("+-").isnumeric() for name in classes.tolist())


def numbered(name: str, y: Any, classes: npt.NDArray[Any]) -> Labels:
    """Turn classes into their numbers 0 … k − 1; numbers stand for classes that are words."""
    found = labels(name, y)
    one_label_each(name, found)
    if found.dtype.kind in "iu" and classes.dtype.kind in "UT" and not _digits(classes):
        remedy = f"number the classes {classes.tolist()} from 0, or pass their names"
        return class_numbers(name, found, len(classes), remedy)
    _same_kind(name, found, "classes", classes)
    _same_kind("classes", classes, name, found)
    order = np.argsort(classes)
    numbers: Labels = order[np.searchsorted(classes, found, sorter=order).clip(max=len(order) - 1)]
    unknown = classes[numbers] != found
    if unknown.any():
        at = int(unknown.argmax())
        raise ValueError(
            f"{name}: expected the classes {classes.tolist()} of this model, got "
            f"{found[at].item()!r} at {name}[{at}]: leave such examples out, or make a model with "
            "this class"
        )
    return numbers


def classes_of(loss: Any, y: Any) -> Labels:
    """Check that there is one class for each example, and no class with a single one."""
    y = array("y", y)
    y = labels("y", y) if y.dtype == object else y
    y = y[:, 0] if y.shape[1:] == (1,) else y
    if not loss.classification or y.ndim != 1 or (y.dtype.kind == "f" and (y % 1 != 0).any()):
        raise ValueError(
            f"stratify: expected one class for each example, got targets of shape {y.shape} and "
            f"dtype {y.dtype} for {loss!r}: leave stratify out, and all are drawn alike"
        )
    classes, counts = np.unique(y, return_counts=True)
    if counts.min(initial=2) < 2:
        raise ValueError(
            f"stratify: expected at least 2 examples of each class, got 1 of class "
            f"{classes[counts.argmin()]}, which cannot be on both sides: leave stratify out, or "
            "this example"
        )
    return y
