"""Lesson 11, digits from end to end: its exercises and questions."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np

from nnlib._typing import Array, Labels
from nnlib.activations import softmax
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Five = tuple[Labels, float, Array, Array, Array]

# 11.0, five scores ---------------------------------------------------------------------------


_last_class = cycle([False, False, True])
"""Of the next cases, so that among five of them are both kinds."""


def _scores_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """About half of the predictions are right, and one class is never predicted.

    In some cases it is the last one, so that the largest prediction does not tell k.
    """
    k = sizes[0]
    n = 12 * k + sizes[1]
    y = np.concatenate([np.arange(k), np.arange(k), rng.integers(k, size=n - 2 * k)])
    y = rng.permutation(y)
    predictions = np.where(rng.random(n) < 0.6, y, rng.integers(k, size=n))
    never = k - 1 if next(_last_class) else int(rng.integers(k))
    others = np.delete(np.arange(k), never)
    predictions[predictions == never] = rng.choice(others, np.sum(predictions == never))
    return y, predictions, k


def _confusion(y: Labels, predictions: Labels, k: int) -> Labels:
    return np.bincount(k * y + predictions, minlength=k * k).reshape(k, k)


def _divided(a: Any, b: Any) -> Array:
    """Divide, where 0/0 is 0."""
    return np.divide(a, b, out=np.zeros(len(b)), where=b > 0)


def _from_counts(C: Any) -> Five:
    right = C.diagonal()
    predicted, true = C.sum(axis=0), C.sum(axis=1)
    f1 = _divided(2 * right, predicted + true)
    accuracy = float(right.sum() / C.sum())
    return C, accuracy, _divided(right, predicted), _divided(right, true), f1


def _scores(y: Labels, predictions: Labels, k: int) -> Five:
    return _from_counts(_confusion(y, predictions, k))


def _once(y: Labels, predictions: Labels, k: int) -> Five:
    """Add 1 at several places at once: each place counts once, however often it is named."""
    C = np.zeros((k, k), int)
    C[y, predictions] += 1
    return _from_counts(C)


def _same_row(y: Labels, predictions: Labels, k: int) -> Five:
    """Begin with one list k times, as ``[[0] * k] * k`` does: each row counts all examples."""
    C = _confusion(y, predictions, k)
    return _from_counts(np.tile(C.sum(axis=0), (k, 1)))


def _over_rows(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, _, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, recall, recall, f1


def _only_transposed(y: Labels, predictions: Labels, k: int) -> tuple[Any, ...]:
    C, *others = _scores(y, predictions, k)
    return (C.T.copy(), *others)


def _swapped(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, precision, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, recall, precision, f1


def _nan(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, precision, recall, f1 = _scores(y, predictions, k)
    never = C.sum(axis=0) == 0
    return C, accuracy, np.where(never, np.nan, precision), recall, np.where(never, np.nan, f1)


def _transposed_nan(y: Labels, predictions: Labels, k: int) -> Five:
    """Exchange rows and columns, and divide by 0 where a class was never predicted."""
    C, accuracy, precision, recall, f1 = _scores(predictions, y, k)
    return C, accuracy, precision, np.where(C.sum(axis=1) == 0, np.nan, recall), f1


def _nan_in_precision(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, precision, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, np.where(C.sum(axis=0) == 0, np.nan, precision), recall, f1


def _one_for_nothing(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, precision, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, np.where(C.sum(axis=0) == 0, 1.0, precision), recall, f1


def _overlap(y: Labels, predictions: Labels, k: int) -> Five:
    """Divide by all that is or is called the class: intersection over union."""
    C, accuracy, precision, recall, _ = _scores(y, predictions, k)
    right = C.diagonal()
    return C, accuracy, precision, recall, right / (C.sum(axis=0) + C.sum(axis=1) - right)


def _nan_in_f1(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, precision, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, precision, recall, np.where(precision + recall == 0, np.nan, f1)


def _with_accuracy(of: Callable[[Any], Any]) -> Callable[[Labels, Labels, int], tuple[Any, ...]]:
    """Return the right scores, with another accuracy."""

    def scores(y: Labels, predictions: Labels, k: int) -> tuple[Any, ...]:
        C, _, *others = _scores(y, predictions, k)
        return (C, of(C), *others)

    return scores


def _with_f1(of: Callable[[Array, Array], Array]) -> Callable[[Labels, Labels, int], Five]:
    """Return the right scores, with another F1 made of precision and recall."""

    def scores(y: Labels, predictions: Labels, k: int) -> Five:
        C, accuracy, precision, recall, _ = _scores(y, predictions, k)
        return C, accuracy, precision, recall, of(precision, recall)

    return scores


def _over_all(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, _, _, f1 = _scores(y, predictions, k)
    return C, accuracy, C.diagonal() / len(y), C.diagonal() / len(y), f1


def _yes_or_no(y: Labels, predictions: Labels, k: int) -> Five:
    """Count what is rightly not predicted, too, as a recall."""
    C, accuracy, precision, _, f1 = _scores(y, predictions, k)
    missed = C.sum(axis=1) - C.diagonal()
    invented = C.sum(axis=0) - C.diagonal()
    return C, accuracy, precision, (len(y) - missed - invented) / len(y), f1


def _to_the_mistakes(y: Labels, predictions: Labels, k: int) -> Five:
    C, accuracy, _, _, f1 = _scores(y, predictions, k)
    right, predicted, true = C.diagonal(), C.sum(axis=0), C.sum(axis=1)
    return C, accuracy, _divided(right, predicted - right), _divided(right, true - right), f1


def _one_more(y: Labels, predictions: Labels, k: int) -> Five:
    """Add 1 below every fraction of the precision, so that none is 0."""
    C, accuracy, _, recall, f1 = _scores(y, predictions, k)
    return C, accuracy, C.diagonal() / (C.sum(axis=0) + 1), recall, f1


def _means(y: Labels, predictions: Labels, k: int) -> tuple[Any, ...]:
    C, accuracy, *others = _scores(y, predictions, k)
    return (C, accuracy, *(float(np.mean(score)) for score in others))


def _shares(y: Labels, predictions: Labels, k: int) -> tuple[Any, ...]:
    C, *others = _scores(y, predictions, k)
    return (C / C.sum(), *others)


def _shares_of_rows(y: Labels, predictions: Labels, k: int) -> tuple[Any, ...]:
    C, *others = _scores(y, predictions, k)
    return (C / C.sum(axis=1, keepdims=True), *others)


SCORES = Exercise(
    title="confusion matrix and four scores",
    case=_scores_case,
    solution=_scores,
    mistakes={
        "C is transposed: the true class chooses the row, the predicted one the column": (
            _only_transposed
        ),
        "C is transposed, and with it precision and recall have changed places: the true class "
        "chooses the row": lambda y, predictions, k: _from_counts(_confusion(predictions, y, k)),
        "C is transposed, and a row of it is empty, so the recall has 0/0: the true class chooses "
        "the row, and each class has examples": _transposed_nan,
        "`C[y, predictions] += 1` counts each cell once, however often it is named: add in a loop, "
        "or with `np.add.at`": _once,
        "all k rows are one and the same list, as `[[0] * k] * k` makes them: begin with "
        "`np.zeros((k, k), int)`": _same_row,
        "those are shares of all examples; C counts": _shares,
        "those are shares of a row; C counts": _shares_of_rows,
        "that is the share of mistakes: the right ones stand on the diagonal": _with_accuracy(
            lambda C: 1 - C.trace() / C.sum()
        ),
        "that is how many are right; a share was asked for: divide by all of them": _with_accuracy(
            lambda C: C.trace()
        ),
        "divided by the number of classes: it is the examples that are counted, C.sum()": (
            _with_accuracy(lambda C: C.trace() / len(C))
        ),
        "that is the mean of the recalls, in which each class counts the same; in the accuracy "
        "each example does": _with_accuracy(lambda C: float(np.mean(C.diagonal() / C.sum(axis=1)))),
        "that is the mean of the F1, in which each class counts the same; the accuracy is the "
        "share of the examples that are right": lambda y, predictions, k: (
            _scores(y, predictions, k)[0],
            float(np.mean(_scores(y, predictions, k)[4])),
            *_scores(y, predictions, k)[2:],
        ),
        "divided by the number of cells: it is the examples that are counted, C.sum()": (
            _with_accuracy(lambda C: C.trace() / C.size)
        ),
        "precision and recall are exchanged: precision divides by what was predicted (a column), "
        "recall by what is true (a row)": _swapped,
        "precision divides by the rows, too, as recall does; it asks about what was predicted, a "
        "column: `C.sum(axis=0)`": _over_rows,
        "a class that was never predicted has made 0/0: let precision and F1 be 0 there": _nan,
        "a class that was never predicted has made 0/0: let its precision be 0": _nan_in_precision,
        "where nothing was predicted, 0/0 counts as 0 here, not as 1": _one_for_nothing,
        "where precision and recall are both 0, their F1 is 0/0: let it be 0, or divide counts: "
        "2 C_cc over row and column": _nan_in_f1,
        "precision and recall divide by the examples of one class, not by all": _over_all,
        "what is rightly called another class counts as right there; recall asks only about the "
        "examples of the class": _yes_or_no,
        "divided by the mistakes alone: a share divides by the whole, right ones and all": (
            _to_the_mistakes
        ),
        "1 is added to every column's sum there: put 1 only where it is 0, as "
        "`np.maximum(C.sum(axis=0), 1)` does": _one_more,
        "precision, recall and F1 have one number for each class; you have taken their mean": (
            _means
        ),
        "that is the plain mean of precision and recall; the harmonic mean was asked for": (
            _with_f1(lambda p, r: (p + r) / 2)
        ),
        "the 2 is missing: of two equal numbers the mean must be that number": _with_f1(
            lambda p, r: _divided(p * r, p + r)
        ),
        "that is the geometric mean; the harmonic one is 2 · precision · recall over their sum": (
            _with_f1(lambda p, r: np.sqrt(p * r))
        ),
        "that is the smaller of the two; the harmonic mean lies between them": _with_f1(np.minimum),
        "those are the right ones over all that is or is called c, each counted once; F1 divides "
        "2 C_cc by the sum of row and column": _overlap,
        "that is the product of precision and recall: their harmonic mean divides it by their "
        "plain mean": _with_f1(lambda p, r: p * r),
    },
    hints=(
        "C first: begin with zeros of shape (k, k), and go through the examples one by one. The "
        "other four need nothing but C.",
        "The right ones are C.diagonal(). What was predicted as class c is column c, "
        "`C.sum(axis=0)`; what is class c, row c, `C.sum(axis=1)`.",
        "F1 from counts has no 0/0 here: 2 * C.diagonal() / (C.sum(axis=0) + C.sum(axis=1)). For "
        "precision divide by `np.maximum(C.sum(axis=0), 1)`: where nothing was predicted, the "
        "diagonal is 0, too.",
    ),
    parts=("C", "accuracy", "precision", "recall", "f1"),
)

# 11.0b, calibration error --------------------------------------------------------------------


_on_an_edge = cycle([False, False, True])
"""Of the next cases, so that among five of them are both kinds."""


def _calibration_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """More bins than classes, so that the lowest bin is empty.

    The model is mostly right where its confidence is middling and mostly wrong elsewhere: gaps have
    both signs, it shows where bins are cut, and on the whole the model is too sure. Three examples
    have confidence 1, the upper edge of the last bin. In some cases five more have confidence 0.5,
    an inner edge; there are 8 or 16 bins then, whose edges are exact however one computes them.
    """
    k, other, bins, _ = sorted(sizes)
    n, bins = 120 + other, int(bins + (bins > 7) + rng.integers(3))
    P = softmax(1.7 * rng.normal(size=(n, k)))
    sure, y = P.max(axis=1), P.argmax(axis=1)
    middling = (sure + rng.normal(0, 0.03, n) > 0.5) & (sure + rng.normal(0, 0.03, n) < 0.78)
    wrong = rng.random(n) < np.where(middling, 0.05, 0.9)
    y[wrong] = (y + rng.integers(1, k, size=n))[wrong] % k
    P[:3], y[:3] = np.eye(k)[0], (0, 1, 1)  # as sure as can be, and two of the three are wrong
    if next(_on_an_edge):
        bins = int(rng.choice([8, 16]))
        P[3:8], y[3:8] = (0.5, 0.25, 0.25, *np.zeros(k - 3)), 1
    return y, P, bins


Binned = tuple[Labels, Array, Array]


def _sure_and_right(y: Labels, P: Array) -> tuple[Array, Array]:
    return P.max(axis=1), (P.argmax(axis=1) == y).astype(float)


def _cells(sure: Array, bins: int) -> Labels:
    return np.clip(np.ceil(sure * bins) - 1, 0, bins - 1).astype(int)


def _binned(right: Array, sure: Array, cell: Labels, bins: int) -> Binned:
    """Return counts, accuracy and mean confidence of the bins that are not empty."""
    counts = np.bincount(cell, minlength=bins)
    some = counts > 0
    accuracy, confidence = (
        np.bincount(cell, values, bins)[some] / counts[some] for values in (right, sure)
    )
    return counts[some], accuracy, confidence


def _of_bins(
    of: Callable[[Any, Array, Array], Any] = lambda counts, a, c: (
        counts @ abs(a - c) / counts.sum()
    ),
    cells: Callable[[Array, int], Labels] = _cells,
) -> Callable[[Labels, Array, int], Any]:
    """Make a calibration error of what is done with the bins, and of how they are cut."""

    def error(y: Labels, P: Array, bins: int) -> Any:
        sure, right = _sure_and_right(y, P)
        cell = cells(sure, bins)
        return of(*_binned(right, sure, cell, max(bins, int(cell.max()) + 1)))

    return error


def _calibration_error(y: Labels, P: Array, bins: int) -> float:
    return float(_of_bins()(y, P, bins))


def _cells_from_lowest(sure: Array, bins: int) -> Labels:
    low, high = sure.min(), sure.max()
    return np.clip(np.ceil((sure - low) / (high - low) * bins) - 1, 0, bins - 1).astype(int)


def _cells_of_equal_size(sure: Array, bins: int) -> Labels:
    cell = np.empty(len(sure), int)
    for i, rows in enumerate(np.array_split(np.argsort(sure), bins)):
        cell[rows] = i
    return cell


def _without_edges(y: Labels, P: Array, bins: int) -> float:
    """Leave out what stands on an edge, as ``(i / bins < sure) & (sure < (i + 1) / bins)`` does."""
    sure, right = _sure_and_right(y, P)
    inside = sure * bins != np.floor(sure * bins)
    counts, a, c = _binned(right[inside], sure[inside], _cells(sure[inside], bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _cells_from_left(sure: Array, bins: int) -> Labels:
    return np.minimum((sure * bins).astype(int), bins - 1)


def _lower_edges(y: Labels, P: Array, bins: int) -> float:
    """Cut bins that hold their lower edges alone, so that 1 is in none."""
    sure, right = _sure_and_right(y, P)
    below = sure < 1
    cell = _cells_from_left(sure[below], bins)
    counts, a, c = _binned(right[below], sure[below], cell, bins)
    return float(counts @ abs(a - c) / len(y))


def _both_edges(y: Labels, P: Array, bins: int) -> float:
    """Count an example on an edge twice."""
    sure, right = _sure_and_right(y, P)
    bins_of = [(i / bins <= sure) & (sure <= (i + 1) / bins) for i in range(bins)]
    return float(sum(abs((right - sure)[rows].sum()) for rows in bins_of) / len(y))


def _sure_is_right(y: Labels, P: Array, bins: int) -> float:
    sure = P.max(axis=1)
    right = (sure > 0.5).astype(float)
    counts, a, c = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _without_one_at_all(y: Labels, P: Array, bins: int) -> float:
    below = P.max(axis=1) < 1
    return _calibration_error(y[below], P[below], bins)


def _of_true_class(y: Labels, P: Array, bins: int) -> float:
    sure = P[np.arange(len(y)), y]
    right = (P.argmax(axis=1) == y).astype(float)
    counts, a, c = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _of_all_classes(y: Labels, P: Array, bins: int) -> float:
    sure, right = P.ravel(), (y[:, np.newaxis] == np.arange(P.shape[1])).ravel().astype(float)
    counts, a, c = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts @ abs(a - c) / len(sure))


def _to_the_middle(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    cell = _cells(sure, bins)
    counts = np.bincount(cell, minlength=bins)
    a = np.bincount(cell, right, bins) / np.maximum(counts, 1)
    return float(counts @ abs(a - (np.arange(bins) + 0.5) / bins) / len(y))


def _over_all_bins(y: Labels, P: Array, bins: int) -> float:
    return float(_of_bins(lambda counts, a, c: abs(a - c).sum() / bins)(y, P, bins))


def _of_single_ones(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    return float(np.mean(abs(right - sure)))


def _without_last(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    inside = sure <= (bins - 1) / bins
    counts, a, c = _binned(right[inside], sure[inside], _cells(sure[inside], bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _last_alone(y: Labels, P: Array, bins: int) -> float:
    return _calibration_error(y, P, bins) - _without_last(y, P, bins)


def _no_upper(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    above = [sure > i / bins for i in range(bins)]
    return float(sum(abs((right - sure)[rows].sum()) for rows in above) / len(y))


def _against_all(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    counts, _, c = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts @ abs(right.mean() - c) / len(y))


def _to_the_lower_edge(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    counts, a, c = _binned(right, _cells(sure, bins) / bins, _cells(sure, bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _first_alone(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    counts, a, c = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts[0] * abs(a[0] - c[0]) / len(y))


def _class_as_right(y: Labels, P: Array, bins: int) -> float:
    sure = P.max(axis=1)
    counts, a, c = _binned(P.argmax(axis=1).astype(float), sure, _cells(sure, bins), bins)
    return float(counts @ abs(a - c) / len(y))


def _mean_of_rows(y: Labels, P: Array, bins: int) -> float:
    sure, right = _sure_and_right(y, P)
    counts, a, _ = _binned(right, sure, _cells(sure, bins), bins)
    return float(counts @ abs(a - 1 / P.shape[1]) / len(y))


CALIBRATION = Exercise(
    title="expected calibration error",
    case=_calibration_case,
    solution=_calibration_error,
    mistakes={
        "every bin counts the same there; weight each by its share of the examples, n_B/n": (
            _of_bins(lambda counts, a, c: abs(a - c).mean())
        ),
        "divided by the number of bins, the empty ones, too: weight each bin by its share of the "
        "examples, n_B/n": _over_all_bins,
        "an empty bin has made 0/0: leave out the bins that nothing is in": (
            lambda y, P, bins: np.nan
        ),
        "gaps of different signs cancel, as if all examples were in one bin: take the absolute "
        "value in each bin, before the sum": _of_bins(
            lambda counts, a, c: abs(counts @ (a - c)) / counts.sum()
        ),
        "the sign is kept, so gaps cancel: take the absolute value in each bin": _of_bins(
            lambda counts, a, c: counts @ (a - c) / counts.sum()
        ),
        "the gaps are squared; their absolute value was asked for": _of_bins(
            lambda counts, a, c: counts @ (a - c) ** 2 / counts.sum()
        ),
        "that is the root of the mean squared gap; the mean of the absolute ones was asked for": (
            _of_bins(lambda counts, a, c: np.sqrt(counts @ (a - c) ** 2 / counts.sum()))
        ),
        "that is the largest gap of all; their mean was asked for, weighted by n_B/n": _of_bins(
            lambda counts, a, c: abs(a - c).max()
        ),
        "that is the sum of the gaps; weight each by n_B/n": _of_bins(
            lambda counts, a, c: abs(a - c).sum()
        ),
        "that compares every single example with its confidence, and a single one is right or "
        "wrong, never 90% right: first take means in each bin": _of_single_ones,
        "your bins run from the smallest confidence to the largest; they run from 0 to 1": (
            _of_bins(cells=_cells_from_lowest)
        ),
        "your bins hold equally many examples; equally wide ones were asked for": _of_bins(
            cells=_cells_of_equal_size
        ),
        "rounding to the nearest moves every edge by half a bin: a confidence in (i/bins, "
        "(i + 1)/bins] belongs to bin i": _of_bins(
            cells=lambda sure, bins: np.rint(sure * bins).astype(int)
        ),
        "one bin too few: `np.linspace(0, 1, bins)` makes that many edges, and bins + 1 are "
        "needed": _of_bins(cells=lambda sure, bins: _cells(sure, bins - 1)),
        "one bin too many: `np.linspace(0, 1, bins + 2)` has an edge more than bins + 1": _of_bins(
            cells=lambda sure, bins: _cells(sure, bins + 1)
        ),
        "the confidence is the probability of the predicted class, not of the true one: nobody "
        "knows that one beforehand": _of_true_class,
        "all k probabilities were put into bins; only that of the predicted class was asked for": (
            _of_all_classes
        ),
        "that is ten bins; how many is an argument, `bins`": lambda y, P, bins: _calibration_error(
            y, P, 10
        ),
        "those are percent; the error was asked for as a share": (
            lambda y, P, bins: 100 * _calibration_error(y, P, bins)
        ),
        "in a bin stand sums of rights and confidences: take their means before you subtract, "
        "or leave the weight n_B/n out": _of_bins(
            lambda counts, a, c: counts**2 @ abs(a - c) / counts.sum()
        ),
        "the last bin is missing: there are `range(bins)` of them": _without_last,
        "a confidence on an edge, 1 among them, is in no bin of yours: the upper edge belongs to "
        "the bin, `confidence <= (i + 1) / bins`": _without_edges,
        "a confidence on the edge of two bins belongs to the lower one": _of_bins(
            cells=_cells_from_left
        ),
        "your bins hold their lower edge in place of the upper one, so 1 is in none: "
        "`(i / bins < confidence) & (confidence <= (i + 1) / bins)`": _lower_edges,
        "a confidence on the edge of two bins is counted in both: only the upper edge belongs to "
        "a bin, `i / bins < confidence`": _both_edges,
        "an answer is right if the predicted class is the label, however sure it is: "
        "`P.argmax(axis=1) == y`": _sure_is_right,
        "a confidence of exactly 1 is in no bin of yours, and n counts only the others: the upper "
        "edge belongs to the bin, `confidence <= (i + 1) / bins`": _without_one_at_all,
        "that is the last bin alone: add up with `+=`": _last_alone,
        "that is the first bin with examples alone: `return` stands in the loop, and belongs "
        "after it": _first_alone,
        "the loop ends in its first round, whose bin is empty: `return` belongs after the loop, "
        "and at an empty bin one goes on, without `break`": lambda y, P, bins: 0.0,
        "that is the 0 from which you add up: the loop ends in its first round, whose bin is "
        "empty; `return` belongs after the loop, and at an empty bin one goes on, without "
        "`break`": lambda y, P, bins: 0,
        "the predicted class itself is taken for right or wrong: compare it with the label, "
        "`P.argmax(axis=1) == y`": _class_as_right,
        "the mean of all k probabilities stands for the confidence; it is the largest of each "
        "row, `P.max(axis=1)`": _mean_of_rows,
        "a bin has an upper edge, too: "
        "`(i / bins < confidence) & (confidence <= (i + 1) / bins)`": _no_upper,
        "the accuracy is that of all examples; each bin has its own": _against_all,
        "the lower edge of a bin stands for its mean confidence: take the mean of those that are "
        "in it": _to_the_lower_edge,
        "the middle of a bin stands for its mean confidence: take the mean of those that are in "
        "it": _to_the_middle,
    },
    hints=(
        "For each example two numbers: `confidence = P.max(axis=1)`, and whether it is right, "
        "`right = P.argmax(axis=1) == y`.",
        "Go through the bins: `here = (i / bins < confidence) & (confidence <= (i + 1) / bins)` "
        "are the examples in bin i. Where there is none, go on.",
        "Each bin adds here.mean() * abs(right[here].mean() - confidence[here].mean()): its share "
        "of the examples times its gap.",
    ),
)

# 11.1, a threshold for a precision -----------------------------------------------------------

Chosen = tuple[Any, Any]

_on_the_dot = cycle([True, False])
"""Of the next cases, so that among five of them are both kinds."""


def _reaches(truth: Any, wanted: float) -> Any:
    """Say for each place of a list of answers, the surest first, whether precision suffices."""
    return np.cumsum(truth) / np.arange(1, len(truth) + 1) >= wanted


def _ranked(rng: np.random.Generator, sizes: Sizes) -> tuple[list[int], int, float]:
    """Return what is true, the surest first, the rank of the threshold, and the precision.

    From the surest downwards, precision is 1, falls below what is wanted, and reaches it again at
    the threshold. Five answers of equal probability follow; with the first of them alone precision
    would suffice, with all five it does not, and further down it never does. In some cases it is at
    the threshold exactly what is wanted, three quarters. In the others the answer at the threshold
    itself is a false one, which nobody finds who tries only the values of true ones; and precision
    is too low for so long a stretch above it that halving the sorted values goes astray.
    """
    on_the_dot = next(_on_the_dot)
    misses = 2 + int(rng.integers(2)) if on_the_dot else 6
    top = 3 + int(rng.integers(misses if on_the_dot else 3))
    hits = 3 * misses if on_the_dot else 27
    wanted = 0.75 if on_the_dot else float(rng.uniform(0.76, 0.79))
    head = [1] * top + [0] * misses + [1] * (hits - top) + ([] if on_the_dot else [0])
    tail = [0] * (20 + sizes[0]) + [1] * (4 + sizes[1] % 5)
    while True:
        truth = [*head, 1, 0, 0, 0, 1, 0, 0, 0, *rng.permutation(tail)]
        if not _reaches(truth, wanted)[len(head) + 4 :].any():
            return truth, len(head), wanted


def _threshold_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """In no order; the row that first reaches the precision is not one that stands for more."""
    truth, rank, wanted = _ranked(rng, sizes)
    p = np.sort(rng.uniform(0.02, 0.98, size=len(truth)))[::-1].copy()
    p[rank : rank + 5] = p[rank]
    first_miss = truth.index(0)
    while True:
        rows = rng.permutation(len(p))
        rows[np.isin(rows, np.arange(rank, rank + 5))] = np.arange(rank, rank + 5)
        arguments = p[rows], np.array(truth, dtype=bool)[rows], wanted
        if _first_row(*arguments)[0] not in p[[0, first_miss - 1, rank - 2, rank - 1]]:
            return arguments


def _at(p: Array, is_it: Any, threshold: float) -> tuple[float, float]:
    """Return precision and recall of what is at least as probable as the threshold."""
    says = p >= threshold
    hits = np.sum(says & is_it)
    return float(hits / max(says.sum(), 1)), float(hits / is_it.sum())


def _lowest(
    p: Array, is_it: Any, enough: Callable[[float], Any], among: Any = None
) -> tuple[float, float]:
    """Return the lowest threshold that is enough, and its recall."""
    values = np.unique(p) if among is None else among
    threshold = next(float(t) for t in values if enough(float(t)))
    return threshold, _at(p, is_it, threshold)[1]


def _threshold_for(p: Array, is_it: Any, wanted: float) -> Chosen:
    return _lowest(p, is_it, lambda t: _at(p, is_it, t)[0] >= wanted)


def _first_row(p: Array, is_it: Any, wanted: float) -> Chosen:
    return _lowest(p, is_it, lambda t: _at(p, is_it, t)[0] >= wanted, among=p)


def _before_the_first_failure(p: Array, is_it: Any, wanted: float) -> Chosen:
    values = np.unique(p)[::-1]
    enough = [_at(p, is_it, t)[0] >= wanted for t in values]
    threshold = float(values[enough.index(False) - 1])
    return threshold, _at(p, is_it, threshold)[1]


def _row_by_row(p: Array, is_it: Any, wanted: float) -> Chosen:
    """Count down the sorted rows one by one, and cut between answers of equal probability."""
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(is_it[order])
    last = np.flatnonzero(hits / np.arange(1, len(p) + 1) >= wanted)[-1]
    return float(p[order][last]), float(hits[last] / is_it.sum())


def _of_equal_values(found: Chosen, p: Array, is_it: Any) -> Chosen:
    """Return that threshold, and the recall of all that reach it."""
    return found[0], _at(p, is_it, found[0])[1]


def _closest(p: Array, is_it: Any, wanted: float) -> Chosen:
    values = np.unique(p)
    far = [abs(_at(p, is_it, float(t))[0] - wanted) for t in values]
    threshold = float(values[int(np.argmin(far))])
    return threshold, _at(p, is_it, threshold)[1]


def _exchanged(p: Array, is_it: Any, wanted: float) -> Chosen:
    threshold, _ = _lowest(p, is_it, lambda t: _at(p, is_it, t)[1] >= wanted)
    return threshold, _at(p, is_it, threshold)[0]


def _above(p: Array, is_it: Any, wanted: float) -> Chosen:
    """Say yes above the threshold only, so that the threshold is the next value below."""
    threshold, recall = _threshold_for(p, is_it, wanted)
    return float(p[p < threshold].max()), recall


def _specific(p: Array, is_it: Any, wanted: float) -> Chosen:
    return _lowest(p, is_it, lambda t: np.mean(p[~is_it] < t) >= wanted)


def _among_true_ones(p: Array, is_it: Any, wanted: float) -> Chosen:
    values = np.unique(p[is_it])
    return _lowest(p, is_it, lambda t: _at(p, is_it, t)[0] >= wanted, among=values)


def _by_accuracy(p: Array, is_it: Any, wanted: float) -> Chosen:
    return _lowest(p, is_it, lambda t: np.mean((p >= t) == is_it) >= wanted)


def _with_recall(of: Callable[[Any, Any], Any]) -> Callable[[Array, Any, float], Chosen]:
    """Return the right threshold, with another number made of what is called and what is true."""

    def threshold_for(p: Array, is_it: Any, wanted: float) -> Chosen:
        threshold, _ = _threshold_for(p, is_it, wanted)
        return threshold, of(p >= threshold, is_it)

    return threshold_for


THRESHOLD = Exercise(
    title="a threshold for a precision",
    case=_threshold_case,
    solution=_threshold_for,
    mistakes={
        "that is the largest threshold with this precision; the smallest finds the most": (
            lambda p, is_it, wanted: (float(p.max()), _at(p, is_it, p.max())[1])
        ),
        "you stop where precision first falls below what is wanted, or halve as if it rose "
        "steadily; further down it may rise again, so try all thresholds": (
            _before_the_first_failure
        ),
        "that is the first row whose value reaches the precision; the smallest of all such values "
        "was asked for": _first_row,
        "a precision of exactly `wanted` is enough: `>=`": lambda p, is_it, wanted: _lowest(
            p, is_it, lambda t: _at(p, is_it, t)[0] > wanted
        ),
        "the detector says yes at the threshold, too, `p >= threshold`; yours says yes above it": (
            _above
        ),
        "equal probabilities get one answer: no threshold lies between them, so count all rows "
        "with `p >= threshold`": _row_by_row,
        "equal values of p say yes together, and with all of them precision is too low: a sum that "
        "runs down the sorted rows must not end between them": lambda p, is_it, wanted: (
            _of_equal_values(_row_by_row(p, is_it, wanted), p, is_it)
        ),
        "that is the threshold whose precision is closest to `wanted`; at least `wanted` was asked "
        "for": _closest,
        "precision and recall are exchanged: precision divides by the yeses, `says.sum()`, recall "
        "by what is there, `is_it.sum()`": _exchanged,
        "there the recall reaches what is wanted; it is the precision that was to reach it": (
            lambda p, is_it, wanted: _lowest(
                p, is_it, lambda t: _at(p, is_it, t)[1] >= wanted, among=np.unique(p)[::-1]
            )
        ),
        "that is the threshold with the highest precision; what is `wanted` is enough, and a lower "
        "threshold finds more": lambda p, is_it, wanted: _lowest(
            p, is_it, lambda t: _at(p, is_it, t)[0] == 1
        ),
        "that keeps down the share of the others that are called; precision asks what share of "
        "the yeses is right": _specific,
        "you try only the values of p where `is_it` is true; at another one precision may still be "
        "enough, so try all, `np.unique(p)`": _among_true_ones,
        "there the accuracy reaches what is wanted; precision asks only about the yeses: "
        "`np.sum(says & is_it) / says.sum()`": _by_accuracy,
        "the smallest of 0, 0.01, 0.02 … is not a value of p: try those, `np.unique(p)`": (
            lambda p, is_it, wanted: _lowest(
                p, is_it, lambda t: _at(p, is_it, t)[0] >= wanted, among=np.linspace(0, 1, 101)
            )
        ),
        "that is the place of the threshold among the sorted values; its value was asked for": (
            lambda p, is_it, wanted: (
                int(np.searchsorted(np.unique(p), _threshold_for(p, is_it, wanted)[0])),
                _threshold_for(p, is_it, wanted)[1],
            )
        ),
        "that is the precision at the threshold; the recall was asked for": _with_recall(
            lambda says, is_it: float(np.mean(is_it[says]))
        ),
        "that is divided by all n answers; recall divides by those that are it, `is_it.sum()`": (
            _with_recall(lambda says, is_it: float(np.mean(says & is_it)))
        ),
        "that is the share of all answers that are yes; recall is the share of what is there that "
        "is found": _with_recall(lambda says, is_it: float(np.mean(says))),
        "that is how many are found; recall is a share: divide by `is_it.sum()`": _with_recall(
            lambda says, is_it: int(np.sum(says & is_it))
        ),
        "that is the share that is missed; recall is the share that is found": _with_recall(
            lambda says, is_it: float(np.mean(~says[is_it]))
        ),
        "those are all yeses over what is there; recall counts only the right ones among them": (
            _with_recall(lambda says, is_it: float(says.sum() / is_it.sum()))
        ),
    },
    hints=(
        "For one threshold: `says = p >= threshold`, and `hits = np.sum(says & is_it)`. Precision "
        "and recall divide the hits, each by a number of its own.",
        "Between two values of p nothing changes, so the values of p themselves are enough to try. "
        "`np.unique(p)` has them in order, the smallest first.",
        "Go through them upwards. At the first one with hits / says.sum() >= wanted return it, "
        "with hits / is_it.sum().",
    ),
    parts=("threshold", "recall"),
)

# 11.2, an interval for an accuracy -----------------------------------------------------------


_all_right = cycle([False, False, False, True])
"""Of the next cases, so that among five of them are both kinds."""


def _interval_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n = 10 * sizes[0] + sizes[1]
    right = n if next(_all_right) else int(rng.integers(n // 2, n))
    return right, n, float(rng.uniform(2.1, 3))


def _pair(middle: float, half: float) -> tuple[float, float]:
    return float(middle - half), float(middle + half)


def _interval(right: int, n: int, times: float) -> tuple[float, float]:
    share = right / n
    half = times * np.sqrt(share * (1 - share) / n + times**2 / (4 * n**2))
    whole = 1 + times**2 / n
    return _pair((share + times**2 / (2 * n)) / whole, half / whole)


def _plain(right: int, n: int, times: float, of: float | None = None) -> tuple[float, float]:
    share = right / n
    return _pair(share, times * np.sqrt(share * (1 - share) / (n if of is None else of)))


def _on_grid(steps: int) -> Callable[[int, int, float], tuple[float, float]]:
    """Try equally spaced values of p, and return the first and the last that fit."""

    def interval(right: int, n: int, times: float) -> tuple[float, float]:
        p = np.linspace(0, 1, steps + 1)
        fits = p[abs(right / n - p) <= times * np.sqrt(p * (1 - p) / n)]
        return float(fits.min()), float(fits.max())

    return interval


def _agresti(right: int, n: int, times: float) -> tuple[float, float]:
    more = n + times**2
    share = (right + times**2 / 2) / more
    return _pair(share, times * np.sqrt(share * (1 - share) / more))


def _wilson(
    right: int,
    n: int,
    times: float,
    *,
    middle: Callable[[float, int, float], float] = lambda p, n, t: p + t**2 / (2 * n),
    under: Callable[[float, int, float], float] = lambda p, n, t: (
        p * (1 - p) / n + t**2 / (4 * n**2)
    ),
    factor: Callable[[float], float] = lambda t: t,
    whole: Callable[[int, float], float] = lambda n, t: 1 + t**2 / n,
) -> tuple[float, float]:
    p, t = right / n, times
    over = whole(n, t)
    return _pair(middle(p, n, t) / over, factor(t) * np.sqrt(under(p, n, t)) / over)


INTERVAL = Exercise(
    title="an interval for an accuracy",
    case=_interval_case,
    solution=_interval,
    mistakes={
        "that puts the measured share into the root; it is the unknown p that stands there: solve "
        "the quadratic equation": _plain,
        "that is the plain interval, and divided by n − 1: put the unknown p into the root, and "
        "solve the quadratic equation": lambda right, n, times: _plain(right, n, times, n - 1),
        "that is ± the standard deviation of a single answer: a mean of n varies less, by the root "
        "of n": lambda right, n, times: _plain(right, n, times, 1),
        "not yet divided by 1 + times²/n, what stands before p²": lambda right, n, times: _wilson(
            right, n, times, whole=lambda n, t: 1.0
        ),
        "the middle lacks times²/(2n): the linear term is 2·share + times²/n": (
            lambda right, n, times: _wilson(right, n, times, middle=lambda p, n, t: p)
        ),
        "the middle is not halved: −b/2 with b = −(2·share + times²/n)": (
            lambda right, n, times: _wilson(right, n, times, middle=lambda p, n, t: p + t**2 / n)
        ),
        "the root lacks times²/(4n²), which keeps the interval open where all are right": (
            lambda right, n, times: _wilson(right, n, times, under=lambda p, n, t: p * (1 - p) / n)
        ),
        "under the root it is times²/(4n²), not times²/(4n): with n = 360 that is a large "
        "difference": lambda right, n, times: _wilson(
            right, n, times, under=lambda p, n, t: p * (1 - p) / n + t**2 / (4 * n)
        ),
        "`times` stands before the root and again, squared, under it; before the root it is "
        "missing": lambda right, n, times: _wilson(right, n, times, factor=lambda t: 1.0),
        "before the root stands `times`, not its square: the root has taken the square away": (
            lambda right, n, times: _wilson(right, n, times, factor=lambda t: t**2)
        ),
        "upside down: the lower end comes first": (
            lambda right, n, times: _interval(right, n, times)[::-1]
        ),
        "those are numbers of examples; shares were asked for: divide by n": (
            lambda right, n, times: tuple(n * end for end in _interval(right, n, times))
        ),
        "those are percent; shares were asked for": (
            lambda right, n, times: tuple(100 * end for end in _interval(right, n, times))
        ),
        "a grid of values of p is only as fine as its step, here 0.001: solve the equation": (
            _on_grid(1000)
        ),
        "a grid of values of p is only as fine as its step, here 0.0001: solve the equation": (
            _on_grid(10_000)
        ),
        "a grid of values of p is only as fine as its step, here 0.00001: solve the equation": (
            _on_grid(100_000)
        ),
        "`times` is missing: that is one standard error to each side, of the measured share; put "
        "the unknown p into the root, and solve the quadratic equation": (
            lambda right, n, times: _plain(right, n, 1)
        ),
        "that has ½ in the place of p, where the root is largest: p is unknown, so solve the "
        "quadratic equation": lambda right, n, times: _pair(
            right / n, float(times * np.sqrt(0.25 / n))
        ),
        "that is 2 standard errors whatever is asked: `times` is an argument": (
            lambda right, n, times: _interval(right, n, 2)
        ),
        "that is for n = 360 whatever is asked: `n` is an argument": (
            lambda right, n, times: _interval(right, 360, times)
        ),
        "that is 1.96 standard errors whatever is asked: `times` is an argument": (
            lambda right, n, times: _interval(right, n, 1.96)
        ),
        "the middle is right; the root must be divided by 1 + times²/n, too": (
            lambda right, n, times: _pair(
                float(np.mean(_interval(right, n, times))),
                float(np.ptp(_interval(right, n, times)) / 2 * (1 + times**2 / n)),
            )
        ),
        "the root is right; the middle must be divided by 1 + times²/n, too": (
            lambda right, n, times: _pair(
                float(np.mean(_interval(right, n, times)) * (1 + times**2 / n)),
                float(np.ptp(_interval(right, n, times)) / 2),
            )
        ),
        "a is 1 there: p² comes from the left side and once more, times times²/n, from the right: "
        "a = 1 + times²/n": lambda right, n, times: _pair(
            right / n + times**2 / (2 * n),
            float(times * np.sqrt(right / n**2 + times**2 / (4 * n**2))),
        ),
        "brackets are missing: (−b ± √(b² − 4ac)) / (2a) divides −b, too": (
            lambda right, n, times: _pair(
                2 * right / n + times**2 / n,
                float(np.ptp(_interval(right, n, times)) / 2),
            )
        ),
        "`/ 2 * a` multiplies by a: write `/ (2 * a)`": lambda right, n, times: tuple(
            end * (1 + times**2 / n) ** 2 for end in _interval(right, n, times)
        ),
        "the middle has the wrong sign: the zeros are (−b ± …)/(2a), and b is negative": (
            lambda right, n, times: (
                -_interval(right, n, times)[1],
                -_interval(right, n, times)[0],
            )
        ),
        "`times` must be squared, since both sides are": (
            lambda right, n, times: _interval(right, n, np.sqrt(times))
        ),
        "that adds times²/2 right and as many wrong answers and takes the plain interval of all: "
        "close, with the right middle, but not the solution of the equation": _agresti,
        "those are middle and half width: return low = middle − half and high = middle + half": (
            lambda right, n, times: (
                float(np.mean(_interval(right, n, times))),
                float(np.ptp(_interval(right, n, times)) / 2),
            )
        ),
        "the width is right, but the middle is not: the quadratic equation moves it towards one "
        "half": lambda right, n, times: _pair(
            right / n, float(np.ptp(_interval(right, n, times)) / 2)
        ),
    },
    hints=(
        "The p that fit form an interval around the share, and at its ends share − p is exactly "
        "± times · √(p(1 − p)/n). Square both sides: that is a quadratic equation for p.",
        "Bring all to one side and sort by powers of p: a·p² + b·p + c = 0, where c is share² and "
        "in a and b stands times²/n.",
        "a = 1 + times²/n and b = −(2·share + times²/n); the zeros are (−b ± √(b² − 4ac)) / (2a).",
    ),
    parts=("low", "high"),
)

# 11.3, the temperature's second derivative ---------------------------------------------------


def _curvature_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, k = sizes[0], sizes[1]
    return 2 * rng.normal(size=(n, k)) + 1, rng.integers(k, size=n), float(rng.uniform(0.4, 0.8))


def _mean(P: Array, Z: Array) -> Array:
    result: Array = (P * Z).sum(axis=1)
    return result


def _slope(Z: Array, y: Labels, P: Array) -> Array:
    return _mean(P, Z) - Z[np.arange(len(y)), y]


def _spread(Z: Array, P: Array) -> Array:
    return _mean(P, Z**2) - _mean(P, Z) ** 2


def _with_probabilities(Z: Array, y: Labels, P: Array) -> tuple[float, float]:
    return float(_slope(Z, y, P).mean()), float(_spread(Z, P).mean())


def _curvature(Z: Array, y: Labels, s: float) -> tuple[float, float]:
    return _with_probabilities(Z, y, softmax(s * Z))


def _curved(of: Callable[[Array, Array], Any]) -> Callable[[Array, Labels, float], Any]:
    """Return the right slope, with another curvature made of Z and P."""
    return lambda Z, y, s: (_curvature(Z, y, s)[0], float(of(Z, softmax(s * Z))))


def _sloping(of: Callable[[Array, Labels, Array], Any]) -> Callable[[Array, Labels, float], Any]:
    """Return the right curvature, with another slope."""
    return lambda Z, y, s: (float(of(Z, y, softmax(s * Z))), _curvature(Z, y, s)[1])


CURVATURE = Exercise(
    title="slope and curvature in the temperature",
    case=_curvature_case,
    solution=_curvature,
    mistakes={
        "P is that of Z itself: the loss is taken at softmax(s * Z)": (
            lambda Z, y, s: _curvature(Z, y, 1.0)
        ),
        "in the curvature P is that of Z itself; there, too, it is softmax(s * Z)": (
            lambda Z, y, s: (_curvature(Z, y, s)[0], _curvature(Z, y, 1.0)[1])
        ),
        "P is that of Z / s: the logits are multiplied by s, which is 1/T": (
            lambda Z, y, s: _with_probabilities(Z, y, softmax(Z / s))
        ),
        "the slope's sign is turned around: it is what P expects minus the right logit": _sloping(
            lambda Z, y, P: -_slope(Z, y, P).mean()
        ),
        "both are sums over the examples; the loss is their mean": lambda Z, y, s: tuple(
            len(y) * number for number in _curvature(Z, y, s)
        ),
        "the curvature is a sum over the examples; the loss is a mean": _curved(
            lambda Z, P: _spread(Z, P).sum()
        ),
        "those are derivatives with respect to log s: the slope of s · z with respect to s is z, "
        "not s · z": lambda Z, y, s: (s * _curvature(Z, y, s)[0], s**2 * _curvature(Z, y, s)[1]),
        "the slope is taken from s · Z: the derivative of s · z with respect to s is z": (
            lambda Z, y, s: (s * _curvature(Z, y, s)[0], _curvature(Z, y, s)[1])
        ),
        "the slope takes the largest logit; the right one was asked for, Z[r, y_r]": _sloping(
            lambda Z, y, P: (_mean(P, Z) - Z.max(axis=1)).mean()
        ),
        "the right logit is missing in the slope: Σ_j P_rj Z_rj − Z[r, y_r]": _sloping(
            lambda Z, y, P: _mean(P, Z).mean()
        ),
        "`Z[:, y]` takes the columns of all labels for every example; one each was asked for: "
        "`Z[np.arange(n), y]`": _sloping(lambda Z, y, P: _mean(P, Z).mean() - Z[:, y].mean()),
        "the softmax is taken over the examples; the k logits of an example share one": (
            lambda Z, y, s: _with_probabilities(Z, y, softmax((s * Z).T).T)
        ),
        "in the slope every class counts the same: its mean is weighted by P": _sloping(
            lambda Z, y, P: (Z.mean(axis=1) - Z[np.arange(len(y)), y]).mean()
        ),
        "the mean of z² alone: the square of the mean must go off, as in Var z = E[z²] − E[z]²": (
            _curved(lambda Z, P: _mean(P, Z**2).mean())
        ),
        "that is the square of the mean alone: Var z = E[z²] − E[z]²": _curved(
            lambda Z, P: (_mean(P, Z) ** 2).mean()
        ),
        "the mean that goes off must be squared: Var z = E[z²] − E[z]²": _curved(
            lambda Z, P: (_mean(P, Z**2) - _mean(P, Z)).mean()
        ),
        "z is missing twice: p_j depends on s through s · z_i, and the slope has the factor z_j": (
            _curved(lambda Z, P: (P * (1 - P)).sum(axis=1).mean())
        ),
        "p_j(1 − p_j) is the derivative with respect to logit j alone, and z_j² must stand with "
        "it; the other logits move p_j, too": _curved(lambda Z, P: _mean(P * (1 - P), Z).mean()),
        "the square of the right logit goes off there; it is that of the mean, Σ p_j z_j": (
            lambda Z, y, s: (
                _curvature(Z, y, s)[0],
                float((_mean(softmax(s * Z), Z**2) - Z[np.arange(len(y)), y] ** 2).mean()),
            )
        ),
        "in the variance every class counts the same: both of its means are weighted by P": (
            _curved(lambda Z, P: Z.var(axis=1).mean())
        ),
        "that is how much the means differ from example to example; the variance within each one "
        "was asked for": _curved(lambda Z, P: _mean(P, Z).var()),
        "the means of all examples were averaged before they were squared: square each, then "
        "average": _curved(lambda Z, P: _mean(P, Z**2).mean() - _mean(P, Z).mean() ** 2),
        "each p_j depends on all logits: beside p_j(1 − p_j) z_j² there are the terms "
        "−p_i p_j z_i z_j": _curved(lambda Z, P: _mean(P * (1 - P), Z**2).mean()),
        "s · z stands where z belongs: the derivative of s · z with respect to s is z, also in the "
        "curvature": lambda Z, y, s: (
            _curvature(Z, y, s)[0],
            s**2 * _curvature(Z, y, s)[1],
        ),
        "the curvature has a factor s too many: dp_j/ds has z in it, not s · z": lambda Z, y, s: (
            _curvature(Z, y, s)[0],
            s * _curvature(Z, y, s)[1],
        ),
        "that is the spread around the right logit; the variance is taken around the mean, "
        "Σ p_j z_j": lambda Z, y, s: (
            _curvature(Z, y, s)[0],
            float(_mean(softmax(s * Z), (Z - Z[np.arange(len(y)), y][:, np.newaxis]) ** 2).mean()),
        ),
        "the sign of the curvature is turned around: a variance is never negative": _curved(
            lambda Z, P: -_spread(Z, P).mean()
        ),
        "that is the standard deviation; the variance was asked for, without the root": _curved(
            lambda Z, P: np.sqrt(_spread(Z, P)).mean()
        ),
        "that is the square of the slope; the curvature is its derivative": lambda Z, y, s: (
            _curvature(Z, y, s)[0],
            _curvature(Z, y, s)[0] ** 2,
        ),
        "averaged over the classes, too: sum over them, and average over the examples": (
            lambda Z, y, s: tuple(number / Z.shape[1] for number in _curvature(Z, y, s))
        ),
        "those are with respect to T = 1/s; s was asked for": lambda Z, y, s: (
            -(s**2) * _curvature(Z, y, s)[0],
            s**4 * _curvature(Z, y, s)[1] + 2 * s**3 * _curvature(Z, y, s)[0],
        ),
    },
    hints=(
        "The slope stands in the lesson. Only P depends on s: what is dp_j/ds? From 03, "
        "dp_j/dz_i = p_j([i = j] − p_i), and here the logits are s · z_i.",
        "The chain rule over all logits: dp_j/ds = Σ_i p_j([i = j] − p_i) z_i = "
        "p_j (z_j − Σ_i p_i z_i).",
        "So the derivative of Σ_j p_j z_j is Σ_j p_j z_j² − (Σ_j p_j z_j)², the variance of z "
        "under P; then the mean over the examples.",
    ),
    parts=("slope", "curvature"),
    derived=True,
)


EXERCISES = {
    "11.0": SCORES,
    "11.0b": CALIBRATION,
    "11.1": THRESHOLD,
    "11.2": INTERVAL,
    "11.3": CURVATURE,
}


QUESTIONS = (
    Question(
        "Among 1,000 images there are 50 eights. A detector calls 100 images an eight, and 40 of "
        "them are. What are its precision and recall for eights?",
        {
            "Precision 0.8 and recall 0.4.": (
                "those two are exchanged. Of what it called an eight, what share was one? That is "
                "precision"
            ),
            "Precision 0.4 and recall 0.8.": Right(
                "40 of the 100 that it named, and 40 of the 50 that there are"
            ),
            "Precision 0.93 and recall 0.8.": (
                "0.93 is its accuracy: 10 missed and 60 invented make 70 mistakes in 1,000. The "
                "many easy cases are in it, and precision leaves them out"
            ),
            "Precision 0.67 and recall 0.8.": (
                "40 against 60 is right against wrong; a share divides by the whole, here by the "
                "100 that it named"
            ),
        },
    ),
    Question(
        "On the same 360 test images, model A gets 352 right and model B 350. What follows?",
        {
            "A is the better one: 352 is more than 350.": (
                "on these images, yes. On another 360 the order may well turn: how far does such "
                "a share stray by luck alone?"
            ),
            "They are equally good, because the difference is below two standard errors.": (
                "that it cannot be told from 0 does not make it 0. You know too little to say "
                "either"
            ),
            "Not yet anything: count the images on which exactly one of them is right.": Right(
                "if there are 2, and A is right on both, luck explains that. It does, too, if "
                "there are 40, with A right on 21 and B on 19. Images on which the two agree say "
                "nothing about the difference"
            ),
            "A is the better one: on the same images luck is the same for both.": (
                "the images' difficulty is shared, and that does help. But where just one of them "
                "is right, luck is back: on how many images is that?"
            ),
        },
    ),
    Question(
        "A temperature of 2 was fitted on validation data. With it, the test accuracy rises from "
        "350 to 352 of 360. What has happened?",
        {
            "The model was too sure, and now it errs less.": (
                "it says smaller probabilities, for the same answers: which class is ahead when "
                "all logits are halved?"
            ),
            "Something else has changed, too: the temperature cannot do that.": Right(
                "z_i > z_j is the same as z_i/2 > z_j/2, so no prediction changes. Look for other "
                "data, another model, dropout left on"
            ),
            "The temperature was fitted to the test set after all.": (
                "fit it to any data you like: one positive number that divides all logits leaves "
                "their order as it is"
            ),
            "Two of the images lay near the edge between two classes.": (
                "two logits that nearly agree still nearly agree, in the same order, when both "
                "are halved"
            ),
        },
    ),
)
