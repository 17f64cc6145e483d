"""Whether a model is right as often as it says."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from nnlib._arrays import array, first_that
from nnlib._labels import class_numbers, labels
from nnlib._typing import Array, Labels
from nnlib._validation import finite, real, same_length, whole
from nnlib.plots.style import PALETTE, ink, one_axes

ROUNDING = 1e-3
"""How far probabilities of float32 or float16 may be from what they should be."""


def calibration(y: Labels, P: Array, ax: Axes | None = None, *, bins: int = 10) -> Axes:
    """Draw how often predictions are right against how sure the model is of them.

    The confidence in a prediction is the probability of the predicted class. Examples are put into
    bins of equal width by it; of each bin b a bar shows acc(b), the share of right predictions, and
    the hatched piece how far it is from conf(b), the mean confidence, which lies in the bin: near
    the dashed diagonal, but not on it. All bars of a calibrated model end at conf(b); one that ends
    below says that the model is too sure. Above each bin stands the number of its examples n_b;
    where nothing stands there is none. The legend says the expected calibration error,
    ECE = Σ_b n_b/n · abs(acc(b) − conf(b)).

    Parameters
    ----------
    y : array_like of shape (n,)
        True classes 0 … k − 1.
    P : array_like of shape (n, k), (n, 1) or (n,)
        Probabilities, from ``model.predict_proba(X)``; a single column is that of yes, class 1.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    bins : int
        How many, from 0 to 1; a confidence on the edge of two counts in the lower one.

    Source: Guo, Pleiss, Sun and Weinberger (2017), *On calibration of modern neural networks*,
    section 2.

    Examples
    --------
    >>> ax = calibration([0, 1, 1, 0], [[0.9, 0.1], [0.9, 0.1], [0.3, 0.7], [0.7, 0.3]])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['calibrated', 'accuracy', 'gap, ECE = 0.350']
    """
    true, P = _checked(y, P)
    found = reliability(P.argmax(axis=1) == true, P.max(axis=1), whole("bins", bins))
    ax = one_axes(ax, (4.8, 4.5))
    some = found.counts > 0
    width, accuracy, gap = 1 / bins, found.accuracy[some], found.gap[some]
    x = (np.flatnonzero(some) + 0.5) * width
    ax.bar(x, accuracy, width, color=PALETTE[5], ec=ink(ax), lw=0.7, label="accuracy")
    label = f"gap, ECE = {found.error:.3f}"
    ax.bar(x, gap, width, accuracy, fill=False, hatch="///", ec=PALETTE[1], lw=0.7, label=label)
    ax.plot([0, 1], [0, 1], "--", color=ink(ax), lw=1.2, label="calibrated")
    ax.set(xlabel="confidence: probability of the predicted class")
    ax.set(ylabel="accuracy: share of right predictions")
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.legend(loc="upper left")
    _counts(ax, x, found.counts[some], bins)
    return ax


class Reliability(NamedTuple):
    """What is known of each bin, NaN where it is empty, and the expected calibration error."""

    counts: Labels
    accuracy: Array
    gap: Array
    error: float


def reliability(right: npt.NDArray[np.bool_], confidence: Array, bins: int) -> Reliability:
    """Put examples into the bins (b/bins, (b + 1)/bins] and take means."""
    edges = np.linspace(0, 1, bins + 1).round(6)  # 0.6 in float32 is on the edge 0.6, too
    b = (np.searchsorted(edges, confidence.round(6)) - 1).clip(0, bins - 1)
    counts = np.bincount(b, minlength=bins)
    with np.errstate(invalid="ignore"):  # 0/0 in an empty bin
        accuracy = np.bincount(b, right, bins) / counts
        gap = np.bincount(b, confidence, bins) / counts - accuracy
    return Reliability(counts, accuracy, gap, float(np.nansum(counts * np.abs(gap)) / len(right)))


def _counts(ax: Axes, x: Array, counts: Labels, bins: int) -> None:
    """Write above each bin how many examples it has, upright where there is little room."""
    texts = [f"{count:,}" for count in counts]
    points = 72 * ax.get_window_extent().width / ax.figure.dpi / bins
    top = ax.secondary_xaxis("top")
    if points >= 8:
        upright = 5.1 * len(str(max(counts))) + 4 > points
        top.set_xticks(x, texts, size=8, rotation=90 if upright else 0)
    else:
        top.set_xticks([])
    top.set_xlabel("examples in each bin" if points >= 8 else f"{sum(counts):,} examples", size=8)
    top.tick_params(length=0)
    top.spines[:].set_visible(False)


def _checked(y: Any, P: Any) -> tuple[Labels, Array]:
    """Check labels and probabilities, and give a column of yes its column of no."""
    P = real("P", array("P", P), np.float64)
    P = P[:, np.newaxis] if P.ndim == 1 else P
    if P.ndim != 2 or P.size == 0:
        raise ValueError(
            "P: expected a probability for each class of each example, shape (n, k), or that of "
            f"yes, shape (n,), got {P.shape}: pass model.predict_proba(X)"
        )
    finite("P", P, "look for NaN in X, or a network that diverged")
    wrong = (P < -ROUNDING) | (P > 1 + ROUNDING)
    if wrong.any():
        i, j = first_that(wrong)
        raise ValueError(
            f"P: expected probabilities, from 0 to 1, got {P[i, j]:g} at P[{i}, {j}]: pass "
            "model.predict_proba(X), or nnlib.activations.softmax(Z) of logits"
        )
    P = np.hstack([1 - P, P]) if P.shape[1] == 1 else P
    odd = np.abs(P.sum(axis=1) - 1) > ROUNDING
    if odd.any():
        r = int(odd.argmax())
        raise ValueError(
            f"P: expected rows that add up to 1, got {P[r].sum():g} in P[{r}]: of labels that do "
            "not exclude each other draw one at a time, calibration(Y[:, j], P[:, j])"
        )
    numbered = "names, y = numpy.unique(y, return_inverse=True), for columns of P in sorted order"
    true = class_numbers("y", labels("y", y), P.shape[1], numbered)
    same_length(y=true, P=P)
    return true, P
