"""Diagnosis: why a network does not learn, the likeliest cause first, and what to do about it.

Each look is a function of the evidence: it returns the numbers of its finding, or None. Words for
them stand in ``_findings.py``; how the numbers are measured, in ``_evidence.py``.
"""

import copy
import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from ._evidence import ENOUGH, STEPS, Evidence, Inside, sampled, weights
from ._findings import Diagnosis, Finding, finding
from ._parts import check_fitted
from ._typing import Seed
from ._validation import generator, instance, norm
from ._words import explained
from .layers import BatchNorm, Dense, Dropout, Flatten, ReLU, Reshape, Sigmoid, Softmax, Tanh
from .model import Model

Numbers = dict[str, Any] | None
"""What a look has found: the numbers of its finding; None: nothing."""


@explained
def diagnose(
    model: Model, X: Any, y: Any, *, validation: tuple[Any, Any] | None = None, rng: Seed = 0
) -> Diagnosis:
    """Look for what keeps a model from learning: in its data, its layers, its steps.

    At most 1,000 examples are read. Where the model is poor, copies of it are trained from first
    values for 100 steps, as it is and with one thing changed: if only the changed one learns, that
    thing is the cause. Others learn ten examples by heart. In all these are at most 1,500 updates
    of 32 examples, and 1,200 of ten. The model itself stays as it is, bit for bit.

    Parameters
    ----------
    model : Model
        A model after `fit`; what was recorded is read, too.
    X, y : array_like of shape (n, …), targets
        The training data, at least ten examples.
    validation : tuple, optional
        ``(X, y)`` that it was not trained on.
    rng : int or numpy.random.Generator
        Chooses examples, and first values of copies.

    Returns
    -------
    Diagnosis
        Findings, each with ``name``, ``numbers``, ``text``, ``remedy`` and ``lesson``. It prints as
        a list, is false where nothing was found, and ``names`` lists the names.

    Raises
    ------
    ValueError, TypeError
        If the model could not be trained on X and y, or there are too few of them.

    Source: many of these looks are in Karpathy (2019), *A recipe for training neural networks*.

    Examples
    --------
    >>> import nnlib as nn
    >>> X, y = nn.make_xor(200, rng=0)
    >>> net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    >>> model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05))
    >>> history = model.fit(1000 * X, y, epochs=10)
    >>> found = nn.diagnose(model, 1000 * X, y)
    >>> found.names[0], found[0].lesson
    ('inputs not scaled', 'notebooks/10_normalization.ipynb')
    >>> print(found[0].remedy)
    Model(…, prepare=nnlib.Standardize) with a new network
    """
    e = _evidence(model, X, y, validation, generator(rng))
    found: list[Finding] = []
    names = [look.__name__.replace("_", " ") for look in LOOKS]
    with np.errstate(all="ignore"):
        for name, look in zip(names, LOOKS, strict=True):
            if not (found and look in UNLESS_FOUND) and (numbers := look(e)) is not None:
                found.append(finding(name, numbers))
    looked_at = f"{len(e.data):,} examples, the loss {e.value:.4g} (a guess costs {e.guess:.4g})"
    return Diagnosis(tuple(found), looked_at if found else f"{looked_at}; for: {', '.join(names)}")


def _evidence(model: Model, X: Any, y: Any, validation: Any, rng: np.random.Generator) -> Evidence:
    """Check the arguments, and copy the model."""
    instance("model", model, Model, "nnlib.Model(net, loss, optimizer)")
    net, loss, optimizer = copy.deepcopy((model.net, model.loss, model.optimizer))
    data = sampled(net, loss, model._inputs(X), model._answers("y", y), rng)
    if len(data) < 10:
        raise ValueError(
            f"X, y: expected at least 10 examples, got {len(data)}: give diagnose the training data"
        )
    held = None
    if validation is not None:
        if not isinstance(validation, (tuple, list)) or len(validation) != 2:
            raise TypeError(
                f"validation: expected a pair (X, y), got {type(validation).__name__}: pass "
                "validation=(X_val, y_val), or none, if fit had a part of the training data"
            )
        X_held, y_held = model._held(validation, check_fitted(model.prepare))
        held = sampled(net, loss, X_held, y_held, rng, which="validation ")
    seed = int(rng.integers(2**32))
    return Evidence(net, loss, optimizer, copy.deepcopy(model.history), data, held, seed)


# Thresholds, each with what 200 healthy runs have: `python -m benchmarks.diagnoses --numbers`.

POOR = 0.5
"""Skill, 0 for a guess and 1 for the truth, below which a model is poor, and trials are made."""

STUCK = 0.05
"""Skill that is none. Healthy: at least 0.16, where X says no more about y."""

GAIN = 0.25
"""Skill that a trial gains by what was the cause. Healthy but poor: at most 0.05."""

LARGE, SMALL = 10.0, 0.01
"""Root mean squares that inputs and targets are between. Healthy: inputs from 0.33 to 1.3."""

APART = 100.0
"""The largest range of a feature by that at a quarter of them. Healthy: at most 14."""

FAR = 10.0
"""First loss by that of outputs that are 0. Healthy: at most 4.7."""

MANY = 0.5
"""Share of units that are dead, or of outputs that are saturated. Healthy, at first: 0.15."""

VANISHED = 1e-3
"""‖dW‖/‖W‖ of the first layer by the last one's. Healthy: from 0.008 to 2.7."""

CHANCE = 4.0
"""Standard deviations beyond chance that shuffled labels keep below. Healthy: at least 7."""

GAP = 0.2
"""Score on training data minus that on validation data. Healthy: at most 0.11."""

STRAIGHT = (BatchNorm, Dropout, Flatten, Reshape)
"""Layers that bend nothing."""


def _poor(e: Evidence) -> bool:
    """Whether the model has learned so little that it is worth a trial."""
    return e.skill < POOR


def _trials(e: Evidence, then: float, **more: Any) -> Numbers:
    """Compare a changed trial with one as it is, with the model and a guess: far better?"""
    if not then > max(e.as_it_is, e.skill, 0.0) + GAIN:
        return None
    return {"steps": STEPS, "skill": e.as_it_is, "then": then} | more


def _named(e: Evidence, i: str) -> str:
    """Name a layer as a reader finds it."""
    return f"layers[{i}], {e.net.named_layers()[i]!r}"


def _worst(shares: dict[str, float]) -> tuple[float, str]:
    """The largest share, and whose it is."""
    i = max(shares, key=lambda i: shares[i], default="")  # of equal ones the first
    return shares.get(i, 0.0), i


# The data -----------------------------------------------------------------------------------------


def wrong_gradient(e: Evidence) -> Numbers:
    """Layers and losses of one's own, each alone, against central differences."""
    if not e.wrong_gradients:
        return None
    parts = ", ".join(part for part, _ in e.wrong_gradients)
    return {"part": parts, "error": max(error for _, error in e.wrong_gradients)}


def inputs_all_equal(e: Evidence) -> Numbers:
    """Whether anything tells examples apart."""
    return None if np.ptp(e.rows, axis=0).any() else {"examples": len(e.rows)}


def targets_all_equal(e: Evidence) -> Numbers:
    """Whether there is anything to tell apart."""
    return None if np.ptp(e.Y, axis=0).any() else {"examples": len(e.Y)}


def inputs_not_scaled(e: Evidence) -> Numbers:
    """Whether features are of about 1, and of one scale; batch norm would see to that."""
    X, ranges = e.rows, np.sort(np.ptp(e.rows, axis=0))
    ranges = ranges[ranges > 0]
    if not len(ranges) or isinstance(next(iter(e.net.named_layers().values())), BatchNorm):
        return None
    size, largest = math.sqrt(np.square(X).mean()), math.sqrt(np.square(X).mean(axis=0).max())
    apart = ranges[-1] / ranges[(len(ranges) - 1) // 4]
    if size < LARGE and largest > SMALL and apart < APART:
        return None
    low, high = X.min(), X.max()
    pixels = low == 0 and 100 < high <= 255 and not (X % 1).any()
    prepare = f"Pixels({', '.join(map(str, e.data.shape))}, white=255)"
    prepare = prepare if pixels else "Standardize"
    numbers = {"low": low, "high": high, "apart": ranges[-1] / ranges[0], "prepare": prepare}
    return numbers | {"first": e.first_value, "guess": e.guess}


def targets_not_scaled(e: Evidence) -> Numbers:
    """Whether numbers to be learned are of about 1."""
    size, spread = math.sqrt(np.square(e.bulk).mean()), e.bulk.std(axis=0).max()
    if e.loss.classification or e.loss.link or not _poor(e) or (size < LARGE and spread > SMALL):
        return None
    return {"low": e.Y.min(), "high": e.Y.max(), "spread": spread, "skill": e.skill}


def conflicting_labels(e: Evidence) -> Numbers:
    """Whether equal inputs have different targets, so often that little can be learned."""
    if e.possible > POOR or inputs_all_equal(e):
        return None
    return {"possible": max(0.0, e.possible)}


def imbalanced_classes(e: Evidence) -> Numbers:
    """Whether one class is so frequent that it alone is predicted."""
    found = _one_class(e)
    return found if found and found["share"] >= 0.9 else None


def _one_class(e: Evidence) -> Numbers:
    """The one class that is predicted, and the largest class's share, if there are others."""
    if e.classes is None or e.predicted.ndim > 1 or np.ptp(e.predicted) or not np.ptp(e.classes):
        return None
    share = float(np.bincount(e.classes).max() / len(e.classes))
    return {"predicted": int(e.predicted[0]), "share": share}


def shuffled_labels(e: Evidence) -> Numbers:
    """Whether nothing in X foretells y, nor did the model on validation data."""
    learned = e.elsewhere is not None and e.elsewhere[0] > 0.1
    if len(e.data) < 100 or learned or inputs_all_equal(e) or targets_all_equal(e):
        return None
    return {"beyond": e.signal} if e.signal < CHANCE else None


def class_without_weight(e: Evidence) -> Numbers:
    """Whether class_weight leaves out a class that there is."""
    c = getattr(e.loss, "class_weight", None)
    if c is None or e.classes is None:
        return None
    out = [int(j) for j in np.unique(e.classes) if c[j] == 0]
    share = float(np.isin(e.classes, out).mean())
    return {"classes": ", ".join(map(str, out)), "share": share} if out else None


# The layers ---------------------------------------------------------------------------------------


def units_all_alike(e: Evidence) -> Numbers:
    """Whether all units of a hidden layer have the same weights."""
    matrices = [(i, getattr(a, w)) for i, a in e.net.named_layers().items() for w in weights(a)]
    for i, W in matrices[:-1]:
        units = W if W.ndim == 2 else W.reshape(len(W), -1).T
        if units.shape[1] > 1 and (units == units[:, :1]).all():
            return {"units": units.shape[1], "layer": _named(e, i)}
    return None


def softmax_in_the_middle(e: Evidence) -> Numbers:
    """Whether a Softmax stands between layers, in a model that is poor."""
    inner = [i for i, a in list(e.net.named_layers().items())[:-1] if isinstance(a, Softmax)]
    if not inner or not _poor(e):
        return None
    return {"layer": _named(e, inner[0]), "mean": float(e.inside[inner[0]].output.mean())}


def no_bend_between_layers(e: Evidence) -> Numbers:
    """Whether two dense layers have no activation between them, in a model that is poor."""
    bends = [(i, a) for i, a in e.net.named_layers().items() if not isinstance(a, STRAIGHT)]
    pairs = [
        i
        for (i, a), (j, b) in pairwise(bends)
        if type(a) is type(b) is Dense and i.rpartition(".")[0] == j.rpartition(".")[0]
    ]
    return {"pairs": len(pairs), "layer": _named(e, pairs[0])} if pairs and _poor(e) else None


def first_values_too_large(e: Evidence) -> Numbers:
    """Whether the loss begins far above that of outputs 0, or units on their flat ends."""
    if not _poor(e):
        return None
    flat, _ = _worst(_saturated(e.first_inside, e))
    if e.first_value < FAR * e.blank and flat < MANY:
        return None
    return {"first": e.first_value, "blank": e.blank, "flat": flat}


def dropout(e: Evidence) -> Numbers:
    """Whether so many units are dropped that a trial without learns, and one with does not."""
    p = max((a.p for a in e.net.named_layers().values() if isinstance(a, Dropout)), default=0.0)
    return _trials(e, e.trial(dropout=False), p=p) if p and _poor(e) else None


def vanishing_gradient(e: Evidence) -> Numbers:
    """Whether the gradient is lost on its way from the last layer to the first."""
    ratio = _through_depth(e)
    return {"ratio": ratio} if _poor(e) and ratio < VANISHED else None


def exploding_gradient(e: Evidence) -> Numbers:
    """Whether the gradient grows on that way."""
    ratio = _through_depth(e)
    return {"ratio": ratio} if _poor(e) and ratio > 1 / VANISHED else None


def _through_depth(e: Evidence) -> float:
    """‖dW‖/‖W‖ of the first layer by the last one's, with first values; 1 where there is none."""
    relative = [g / w for w, g in e.first_slopes.values() if w]
    return relative[0] / relative[-1] if len(relative) > 1 and relative[-1] else 1.0


# The steps ----------------------------------------------------------------------------------------


def weight_decay(e: Evidence) -> Numbers:
    """Whether a trial without weight decay learns, and one with it does not."""
    decay = e.optimizer.weight_decay
    if not decay or not _poor(e):
        return None
    then = e.trial(lambda opt: vars(opt).update(weight_decay=0.0))
    w, g = (norm(np.array(sizes)) for sizes in zip(*e.first_slopes.values(), strict=True))
    return _trials(e, then, decay=decay, pull=decay * w, gradient=g)


def nothing_is_trained(e: Evidence) -> Numbers:
    """Whether there is a learning rate, and a layer that may move."""
    own = [a for a in e.net.named_layers().values() if a.size]
    frozen = sum(a.frozen for a in own)
    if e.rate and frozen < len(own):
        return None
    return {"rate": e.rate, "frozen": frozen, "layers": len(own)}


def learning_rate_collapsed(e: Evidence) -> Numbers:
    """Whether a schedule was over long before the training."""
    rates = np.array(e.history.get("lr", []))
    if len(rates) < 2 or not e.rate or e.skill > 0.9 or e.history.steps_before:
        return None
    share = float((rates <= 1e-3 * e.rate).mean())
    return {"highest": e.rate, "last": rates[-1], "share": share} if share >= 0.5 else None


def clipping(e: Evidence) -> Numbers:
    """Whether a trial without clipping learns, and one with it does not."""
    limit = e.optimizer.clip_norm or e.optimizer.clip_value
    if limit is None or not _poor(e):
        return None
    then = e.trial(lambda opt: vars(opt).update(clip_norm=None, clip_value=None))
    g = norm(np.array([g for _, g in e.first_slopes.values()]))
    return _trials(e, then, gradient=g, limit=limit)


def learning_rate_too_large(e: Evidence) -> Numbers:
    """Whether a trial with a smaller rate learns, and one with this rate does not."""
    smaller = [factor * e.rate for factor in (0.1, 0.01, 1e-3, 1e-4)]
    return _other_rate(e, smaller) if _poor(e) else None


def learning_rate_too_small(e: Evidence) -> Numbers:
    """Whether a trial with a far larger rate learns, where neither one with this nor fit has."""
    none = e.skill < STUCK and e.as_it_is < STUCK
    larger = [lr for lr in (10.0**k for k in range(-5, 2)) if lr > 5 * e.rate]
    found = _other_rate(e, larger or [10 * e.rate]) if none else None
    return found and found | {"change": e.change}


def _other_rate(e: Evidence, rates: list[float]) -> Numbers:
    """Try other rates; the best of them, if it makes the difference."""
    then, other = max((e.trial(lambda opt, lr=lr: setattr(opt, "lr", lr)), lr) for lr in rates)  # type: ignore[misc]
    return _trials(e, then, rate=e.rate, other=other)


def cannot_overfit_ten_examples(e: Evidence) -> Numbers:
    """Whether a copy whose units are alive does not learn ten examples by heart."""
    if not _poor(e) or _worst(_dead(e.first_inside, e))[0] >= MANY:
        return None
    return {"skill": e.ten} if e.ten < ENOUGH else None


def stopped_too_early(e: Evidence) -> Numbers:
    """Whether fit took fewer steps than a trial as it is, which comes further."""
    taken = e.optimizer.t
    if taken >= STEPS or not _poor(e) or (e.history and not taken):  # by another optimizer
        return None
    if e.as_it_is < max(e.skill, 0.0) + GAIN:
        return None
    return {"taken": taken, "skill": e.skill, "then": e.as_it_is, "steps": STEPS}


# What has become of it ----------------------------------------------------------------------------


def dead_units(e: Evidence) -> Numbers:
    """Whether most units of a layer are 0 for all examples."""
    share, i = _worst(_dead(e.inside, e))
    return {"share": share, "layer": _named(e, i)} if _poor(e) and share >= MANY else None


def _dead(inside: dict[str, Inside], e: Evidence) -> dict[str, float]:
    """Share of the units of each ReLU, or of its channels, that are 0 for every example."""
    return {
        i: float((A.reshape(len(A), A.shape[1], -1) == 0).all(axis=(0, 2)).mean())
        for i, (_, A) in inside.items()
        if isinstance(e.net.named_layers()[i], ReLU)
    }


def overfitting(e: Evidence) -> Numbers:
    """Whether what was learned does not hold for validation data."""
    if e.elsewhere is None or not e.score > e.elsewhere[1] + GAP:
        return None
    score = "accuracy" if e.loss.classification else "R²"
    return {"score": score, "here": e.score, "there": e.elsewhere[1]}


def saturated_units(e: Evidence) -> Numbers:
    """Whether most outputs of a layer lie on the flat ends of its activation."""
    share, i = _worst(_saturated(e.inside, e))
    return {"share": share, "layer": _named(e, i)} if _poor(e) and share >= MANY else None


def _saturated(inside: dict[str, Inside], e: Evidence) -> dict[str, float]:
    """Share of outputs within a hundredth of an end, by layer."""
    middles = {Tanh: 0.0, Sigmoid: 0.5}
    return {
        i: float((np.abs(A - middle) > 0.98 * (1 - middle)).mean())
        for i, (_, A) in inside.items()
        for kind, middle in middles.items()
        if isinstance(e.net.named_layers()[i], kind)
    }


def no_better_than_guessing(e: Evidence) -> Numbers:
    """Whether the loss is what an answer without X costs: for classes their entropy."""
    return {"loss": e.value, "guess": e.guess} if e.skill < STUCK else None


def one_class_predicted(e: Evidence) -> Numbers:
    """Whether all examples get one answer, and classes are not to blame for it."""
    return None if imbalanced_classes(e) else _one_class(e)


LOOKS: tuple[Callable[[Evidence], Numbers], ...] = (
    wrong_gradient,
    inputs_all_equal,
    targets_all_equal,
    inputs_not_scaled,
    targets_not_scaled,
    conflicting_labels,
    imbalanced_classes,
    shuffled_labels,
    class_without_weight,
    weight_decay,
    units_all_alike,
    softmax_in_the_middle,
    no_bend_between_layers,
    nothing_is_trained,
    first_values_too_large,
    learning_rate_collapsed,
    clipping,
    dropout,
    vanishing_gradient,
    exploding_gradient,
    learning_rate_too_large,
    learning_rate_too_small,
    cannot_overfit_ten_examples,
    stopped_too_early,
    dead_units,
    overfitting,
    saturated_units,
    no_better_than_guessing,
    one_class_predicted,
)
"""In this order: what is surest, and lies deepest, comes first; consequences come last."""

UNLESS_FOUND = (
    weight_decay,
    first_values_too_large,
    clipping,
    dropout,
    vanishing_gradient,
    exploding_gradient,
    learning_rate_too_large,
    learning_rate_too_small,
    cannot_overfit_ten_examples,
    stopped_too_early,
)
"""Trials, and what first values say: below a cause that is found already, they show that one."""
