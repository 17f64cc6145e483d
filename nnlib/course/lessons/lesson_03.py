"""Lesson 03, softmax and cross-entropy: its exercises and questions."""

from typing import Any

import numpy as np

from nnlib._typing import Array, Labels
from nnlib.activations import log_softmax, logsumexp, softmax, softmax_backward
from nnlib.course.exercises.exercise import Exercise, Function
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Values = tuple[Any, ...]


def _true(Z: Array, y: Labels) -> Array:
    """Entry y_r of each row r."""
    return Z[np.arange(len(y)), y]


def _one_hot(Z: Array, y: Labels) -> Array:
    return (np.arange(Z.shape[1]) == y[:, np.newaxis]).astype(float)


def _core_case(rng: np.random.Generator, sizes: Sizes) -> Values:
    """Rows far apart, from 0 up; in one of them the truth is 800 behind, and its P rounds to 0."""
    n, k = sizes[:2]
    Z, y = 2 * rng.normal(size=(n, k)), rng.integers(k, size=n)
    Z += 1500.0 * rng.permutation(n)[:, np.newaxis]
    r = rng.integers(n)
    Z[r, (y[r] + 1) % k] = Z[r].max() + 800
    return Z, y


def _D(Z: Array) -> Array:
    """The logits, less the largest of their row."""
    return np.asarray(Z - Z.max(axis=1, keepdims=True))


def _core(Z: Array, y: Labels) -> Values:
    P = softmax(Z)
    return P, -_true(log_softmax(Z), y).mean(), (P - _one_hot(Z, y)) / len(y)


def _core_of(Z: Array, y: Labels, E: Array, axis: int | None = 1) -> Values:
    """All three from exponentials, whatever was subtracted before."""
    P = E / E.sum(axis=axis, keepdims=True)
    return P, -np.log(_true(P, y)).mean(), (P - _one_hot(Z, y)) / len(y)


def _core_whole_max(Z: Array, y: Labels) -> Values:
    D = Z - Z.max()
    S = np.exp(D).sum(axis=1, keepdims=True)
    P = np.exp(D) / S
    return P, (np.log(S) - D)[np.arange(len(y)), y].mean(), (P - _one_hot(Z, y)) / len(y)


def _core_columns(Z: Array, y: Labels) -> Values:
    log_P = log_softmax(Z.T).T
    P = np.exp(log_P)
    return P, -_true(log_P, y).mean(), (P - _one_hot(Z, y)) / len(y)


def _core_not_divided(Z: Array, y: Labels) -> Values:
    E = np.exp(_D(Z))
    return E, -np.log(_true(E, y)).mean(), (E - _one_hot(Z, y)) / len(y)


def _core_overwritten(Z: Array, y: Labels, divided: bool) -> Values:
    """dZ = P is a second name for P, so that the truth is subtracted from both."""
    P, L, dZ = _core(Z, y)
    D = P - _one_hot(Z, y)
    return D, L, dZ if divided else D


def _core_but_loss(loss: Function) -> Function:
    """P and dZ right, and another loss."""

    def wrong(Z: Array, y: Labels) -> Values:
        P, _, dZ = _core(Z, y)
        return P, np.asarray(loss(Z, y)), dZ

    return wrong


def _core_but_gradient(gradient: Function) -> Function:
    """P and L right, and another gradient, of P, Y, n, k."""

    def wrong(Z: Array, y: Labels) -> Values:
        P, L, _ = _core(Z, y)
        return P, L, gradient(P, _one_hot(Z, y), *Z.shape)

    return wrong


def _loss_max_lost(Z: Array, y: Labels) -> Array:
    return (np.log(np.exp(_D(Z)).sum(axis=1)) - _true(Z, y)).mean()


def _loss_clipped(Z: Array, y: Labels, ε: float) -> Array:
    return -np.log(np.maximum(_true(softmax(Z), y), ε)).mean()


def _loss_log_lost(Z: Array, y: Labels) -> Array:
    return (np.exp(_D(Z)).sum(axis=1) - _true(_D(Z), y)).mean()


def _loss_of_log2(Z: Array, y: Labels) -> Array:
    return (np.log2(np.exp(_D(Z)).sum(axis=1)) - _true(_D(Z), y)).mean()


def _clipped_loss_at(ε: float) -> Function:
    return _core_but_loss(lambda Z, y: _loss_clipped(Z, y, ε))


CORE = Exercise(
    title="probabilities, loss and gradient",
    derived=True,
    case=_core_case,
    solution=_core,
    mistakes={
        "P is NaN: e to a logit of 1000 is infinity, and infinity by infinity has no value: "
        "subtract the largest logit of each row first": (lambda Z, y: _core_of(Z, y, np.exp(Z))),
        "P is NaN, and 0 in the row that isn't, for two reasons: e to a logit of 1000 is infinity, "
        "so subtract the largest logit of each row first; and each row has a sum of its own, along "
        "axis=1, with keepdims=True": lambda Z, y: _core_of(Z, y, np.exp(Z), axis=None),
        "the max is that of the whole array: in a row far below it every exponential becomes 0, "
        "so take each row's own, with axis=1 and keepdims=True": _core_whole_max,
        "the softmax runs down the columns: the classes of one example lie along axis 1": (
            _core_columns
        ),
        "the exponentials of P are there, but each row still has to be divided by its sum": (
            _core_not_divided
        ),
        "the exponentials are divided by the sum of all of them: each row is to have sum 1, so "
        "sum along axis=1 and keep the axis": lambda Z, y: _core_of(Z, y, np.exp(_D(Z)), axis=None),
        "the exponentials are divided by sums down the columns: each row is to have sum 1, so sum "
        "along axis=1": lambda Z, y: _core_of(Z, y, np.exp(_D(Z)), axis=0),
        "L is infinite: either P has rounded to 0 before its logarithm, or e^Z has overflowed in a "
        "sum: make L from D, the logits less the largest of their row": _core_but_loss(
            lambda Z, y: -np.log(_true(softmax(Z), y)).mean()
        ),
        "L is NaN: Y ⊙ log P contains 0 · log 0 where P is rounded to 0: make L from D, the logits "
        "less the largest of their row": _core_but_loss(
            lambda Z, y: -(_one_hot(Z, y) * np.log(softmax(Z))).sum() / len(y)
        ),
        **{
            f"in L a tiny number was added to P, or P clipped, and no example can cost more than "
            f"{-np.log(ε):.0f}: what P has lost is gone, so make L from the logits": (
                _clipped_loss_at(ε)
            )
            for ε in (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
        },
        "in L the largest logit was taken out of the sum, but not of the true logit: "
        "use D in both places": _core_but_loss(_loss_max_lost),
        "the sum inside the logarithm of L runs over the whole batch: each row has its own, "
        "along axis=1": _core_but_loss(
            lambda Z, y: (np.log(np.exp(_D(Z)).sum()) - _true(_D(Z), y)).mean()
        ),
        "in L the D of the truth is added: it is subtracted from the logarithm of the sum": (
            _core_but_loss(lambda Z, y: (2 * _true(_D(Z), y) - _true(log_softmax(Z), y)).mean())
        ),
        "in L the D of the truth stands alone: the logarithm of the row's sum has to be added, and "
        "the D subtracted from it": _core_but_loss(lambda Z, y: -_true(_D(Z), y).mean()),
        "L is log S alone, the price of the class with the largest logit: subtract the D of the "
        "truth from it": _core_but_loss(lambda Z, y: -np.log(softmax(Z).max(axis=1)).mean()),
        "the logarithm in L has base 2: e^D calls for the natural one, np.log": (
            _core_but_loss(_loss_of_log2)
        ),
        "L is counted in bits, by a logarithm to base 2: here all are natural, np.log": (
            _core_but_loss(lambda Z, y: -_true(log_softmax(Z), y).mean() / np.log(2))
        ),
        "in L the sum itself stands where its logarithm belongs: the price is log S less the D of "
        "the truth": _core_but_loss(_loss_log_lost),
        "in L, D[:, y] takes every label's column in every row: D[np.arange(n), y] pairs each row "
        "with its own label": _core_but_loss(lambda Z, y: -log_softmax(Z)[:, y].mean()),
        "L is the sum of the prices, and dZ that of a sum: divide both by n": (
            lambda Z, y: (_core(Z, y)[0], _core(Z, y)[1] * len(y), _core(Z, y)[2] * len(y))
        ),
        "L is the sum of the prices: their mean was asked for": _core_but_loss(
            lambda Z, y: _core(Z, y)[1] * len(y)
        ),
        "L is a mean over all n · k entries: an example has one price, so divide by n": (
            _core_but_loss(lambda Z, y: _core(Z, y)[1] / Z.shape[1])
        ),
        "L has the wrong sign: logarithms of probabilities are below 0, a price is "
        "above": _core_but_loss(lambda Z, y: -_core(Z, y)[1]),
        "L is the mean of 1 − p: the price is −log p": _core_but_loss(
            lambda Z, y: 1 - _true(softmax(Z), y).mean()
        ),
        "L holds the price of each example: take the mean": _core_but_loss(
            lambda Z, y: -_true(log_softmax(Z), y)
        ),
        "the 1/n is missing in dZ: L is a mean over the examples": _core_but_gradient(
            lambda P, Y, n, k: P - Y
        ),
        "dZ has the wrong sign: Y − P are the forces, and the gradient points the "
        "other way": _core_but_gradient(lambda P, Y, n, k: (Y - P) / n),
        "in dZ the truth is missing: subtract 1 in the true column of each row, that "
        "is Y": _core_but_gradient(lambda P, Y, n, k: P / n),
        "in dZ the labels themselves are subtracted: Y is one-hot, a one in column y_r of row r": (
            lambda Z, y: (*_core(Z, y)[:2], (softmax(Z) - y[:, np.newaxis]) / len(y))
        ),
        "in dZ 1 is subtracted everywhere: it belongs to the true column of each row alone, as Y "
        "holds it": _core_but_gradient(lambda P, Y, n, k: (P - 1) / n),
        "in dZ 1 is subtracted everywhere, where it belongs to the true column of each row alone, "
        "and the 1/n is missing": _core_but_gradient(lambda P, Y, n, k: P - 1),
        "dZ was made in the array of P, and has overwritten it: begin with P.copy(), or subtract "
        "an array Y": lambda Z, y: (_core(Z, y)[2], *_core(Z, y)[1:]),
        "P has been overwritten: `dZ = P` makes no copy, only a second name for the same array, "
        "so begin with P.copy(), or subtract an array Y": (
            lambda Z, y: _core_overwritten(Z, y, divided=True)
        ),
        "P has been overwritten: `dZ = P` makes no copy, only a second name for the same array, "
        "so begin with P.copy(); and then divide by n": (
            lambda Z, y: _core_overwritten(Z, y, divided=False)
        ),
        "dZ is divided by k, the number of classes: the loss is a mean over the n "
        "examples": _core_but_gradient(lambda P, Y, n, k: (P - Y) / k),
        "dZ is divided by all n · k entries: the loss is a mean over the n examples": (
            _core_but_gradient(lambda P, Y, n, k: (P - Y) / (n * k))
        ),
        "dZ is there in the true column only: all logits of a row move the "
        "probability of the truth": _core_but_gradient(lambda P, Y, n, k: Y * (P - Y) / n),
        "dZ was sent through the Jacobian of softmax once more: P − Y has it inside "
        "already": _core_but_gradient(lambda P, Y, n, k: softmax_backward(P - Y, P) / n),
    },
    hints=(
        "D = Z − the largest logit of each row (axis=1, keepdims=True); E = e^D; S = the sum of "
        "E along each row. All three values are made from these.",
        "P is E / S. The price of example r is log S_r − D_(r, y_r), and "
        "D[np.arange(len(y)), y] picks the D of the truth. L is the mean.",
        "dZ = (P − Y)/n, where row r of Y is a one in column y_r: np.eye(k)[y].",
    ),
    parts=("P", "L", "dZ"),
)


def _bias_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Every class occurs; n + k is no multiple of k, so the classes are never equally frequent.

    The count of class 0 is not 1, k or the largest one, so dividing by it looks like nothing else.
    """
    n, k = sizes[:2]
    while True:
        y = rng.permutation(np.concatenate([np.arange(k), rng.integers(k, size=n)]))
        counts = np.bincount(y)
        if 1 < counts[0] < counts.max() and counts[0] != k:
            return y, k


def _best_bias(y: Labels, k: int) -> Array:
    return np.log(np.bincount(y, minlength=k) / len(y))


def _shares(y: Labels, k: int) -> Array:
    return np.exp(_best_bias(y, k))


BIAS = Exercise(
    title="the best logits when only labels are known",
    case=_bias_case,
    solution=_best_bias,
    mistakes={
        "those are the probabilities themselves: logits are their logarithms": (
            lambda y, k: np.exp(_best_bias(y, k))
        ),
        "softmax makes the right probabilities of these, but their exponentials sum to n: "
        "turn the counts into shares before the logarithm": (
            lambda y, k: np.log(np.bincount(y, minlength=k))
        ),
        "the counts are divided by k, the number of classes: a share is a count over n": (
            lambda y, k: np.log(np.bincount(y, minlength=k) / k)
        ),
        "the sign is turned around: the more frequent a class is, the larger its logit": (
            lambda y, k: -_best_bias(y, k)
        ),
        "minus infinity everywhere: take the share of each class first, a mean over all "
        "examples (with /, for // rounds it to 0), and its logarithm last": (
            lambda y, k: np.log(np.eye(k)[y]).mean(axis=0)
        ),
        "that is the logarithm to base 2: softmax undoes the natural one": (
            lambda y, k: np.log2(np.bincount(y, minlength=k) / len(y))
        ),
        "those are the counts: softmax takes the exponential of what it gets, so which numbers "
        "have exponentials in these proportions?": lambda y, k: np.bincount(y, minlength=k),
        "those are the column sums of Y, the counts: first make shares of them, then think of "
        "what softmax does to its input": lambda y, k: 1.0 * np.bincount(y, minlength=k),
        "those are the log-odds of each class against the rest, right for a sigmoid: with "
        "softmax the exponentials alone must stand in the proportions of the classes": (
            lambda y, k: _best_bias(y, k) - np.log(1 - _shares(y, k))
        ),
        "1 is added to each count: with that the price of these labels is no longer the "
        "smallest, and no class is empty here": (
            lambda y, k: np.log((np.bincount(y, minlength=k) + 1) / (len(y) + k))
        ),
        "the shares went through softmax, but they are the probabilities already: what must "
        "go *into* softmax so that they come out?": (
            lambda y, k: log_softmax(_shares(y, k)[np.newaxis])[0]
        ),
        "that is the smallest loss itself: asked for are the k logits that reach it": (
            lambda y, k: np.asarray(-(_shares(y, k) * _best_bias(y, k)).sum())
        ),
        "p log p is what a class adds to the price, but for the sign: asked for are the logits "
        "that lead to p": lambda y, k: _shares(y, k) * _best_bias(y, k),
        "softmax makes the right probabilities of these, but here the largest logit is 0: "
        "asked for are those whose exponentials sum to 1": (
            lambda y, k: _best_bias(y, k) - _best_bias(y, k).max()
        ),
        "softmax makes the right probabilities of these, but here the first logit is 0: "
        "asked for are those whose exponentials sum to 1": (
            lambda y, k: _best_bias(y, k) - _best_bias(y, k)[0]
        ),
        "softmax makes the right probabilities of these, but their exponentials sum to k: each "
        "share is a count over the number of examples": (lambda y, k: _best_bias(y, k) + np.log(k)),
        "that gives every class the same probability, and does not look at y": (
            lambda y, k: np.full(k, -np.log(k))
        ),
        "zeros give every class the same probability and cost log k; a frequent class needs a "
        "larger logit, so look at y": lambda y, k: np.zeros(k),
        "softmax makes the right probabilities of these, but here the logits sum to 0: "
        "asked for are those whose exponentials sum to 1": (
            lambda y, k: _best_bias(y, k) - _best_bias(y, k).mean()
        ),
    },
    hints=(
        "At the lowest point the gradient is zero. Every row of P is the same p, shape (k,), "
        "and b_j is added in every row, so db_j = Σ_r (p_j − Y_rj)/n.",
        "Solve db_j = 0 for p_j. What is the sum of column j of Y?",
        "p_j is the share of class j, its count over n: np.bincount(y, minlength=k) counts. "
        "Which logits give these probabilities?",
    ),
)


def _odds_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Rows far apart, around 0. p rounds to 0 in a third of them, to 1 in the others."""
    n, k = sizes[:2]
    Z, y = rng.normal(size=(n, k)), rng.integers(k, size=n)
    kind = rng.permutation(n) % 3
    lead = np.array([[-2000, -800], [100, 600], [800, 2000]])[kind]
    Z += 7000.0 * (rng.permutation(n) - n // 2)[:, np.newaxis]
    Z[np.arange(n), y] += rng.uniform(lead[:, 0], lead[:, 1])
    return Z, y


def _others(Z: Array, y: Labels) -> Array:
    """Z with −∞ in place of the true class: it then adds e^−∞ = 0 to any sum."""
    return np.where(np.arange(Z.shape[1]) == y[:, np.newaxis], -np.inf, Z)


def _log_odds(Z: Array, y: Labels) -> Array:
    return _true(Z, y) - logsumexp(_others(Z, y))[:, 0]


def _odds_of_truth(Z: Array, y: Labels) -> Array:
    p = _true(softmax(Z), y)
    return np.asarray(p / (1 - p))


def _log_odds_from_p(Z: Array, y: Labels) -> Array:
    p = _true(softmax(Z), y)
    return np.log(p / (1 - p))


def _log_odds_from_naive_p(Z: Array, y: Labels) -> Array:
    E = np.exp(Z)
    p = _true(E / E.sum(axis=1, keepdims=True), y)
    return np.log(p / (1 - p))


def _log_odds_from_log_p(Z: Array, y: Labels) -> Array:
    log_p = _true(log_softmax(Z), y)
    return log_p - np.log(1 - np.exp(log_p))


def _log_odds_clipped(Z: Array, y: Labels, ε: float) -> Array:
    p = np.clip(_true(softmax(Z), y), ε, 1 - ε)
    return np.log(p / (1 - p))


def _clipped_at(ε: float) -> Function:
    return lambda Z, y: _log_odds_clipped(Z, y, ε)


def _log_odds_from_other_p(Z: Array, y: Labels) -> Array:
    P = softmax(Z)
    others = np.where(np.isinf(_others(Z, y)), 0.0, P)
    return np.log(_true(P, y)) - np.log(others.sum(axis=1))


def _log_odds_max_lost(Z: Array, y: Labels) -> Array:
    others = _others(Z, y)
    M = others.max(axis=1, keepdims=True)
    return _true(Z, y) - np.log(np.exp(others - M).sum(axis=1))


def _log_odds_against_zero_too(Z: Array, y: Labels) -> Array:
    others = np.where(np.isinf(_others(Z, y)), 0.0, Z)
    return _true(Z, y) - logsumexp(others)[:, 0]


def _log_odds_less_max(Z: Array, y: Labels, M: Any) -> Array:
    """Log-odds with M, of a shape that fits Z, taken out of the sum."""
    S = np.exp(_others(Z, y) - M).sum(axis=1, keepdims=True)
    return _true(Z, y) - (M + np.log(S))[:, 0]


ODDS = Exercise(
    title="log-odds of the truth against the rest",
    case=_odds_case,
    solution=_log_odds,
    mistakes={
        "that is log p: in the odds p/(1 − p) the true class stands only in the numerator, so "
        "leave it out of the sum in the denominator": lambda Z, y: _true(log_softmax(Z), y),
        "that is log p, and −∞ where p has rounded to 0: in the odds p/(1 − p) the true class "
        "stands only in the numerator, and what p has lost is gone, so work with the logits": (
            lambda Z, y: np.log(_true(softmax(Z), y))
        ),
        "that is −log p, the price, and ∞ where p has rounded to 0: asked for are log-odds, made "
        "from the logits": lambda Z, y: -np.log(_true(softmax(Z), y)),
        "that is p/(1 − p), the odds without their logarithm, and ∞ where p has rounded to 1: "
        "write the logarithm on paper, then work with the logits": _odds_of_truth,
        "infinite: p has rounded to 1 (then 1 − p is 0) or to 0, and no formula in p can "
        "recover what was lost: cancel the sum of all on paper, then work with the logits": (
            _log_odds_from_p
        ),
        "NaN: that softmax overflows, and even a safe one would round p to 0 or 1: cancel the "
        "sum of all on paper, then work with the logits": _log_odds_from_naive_p,
        "infinite: the sum of the others' probabilities is finer than 1 − p, but behind a lead "
        "of some 750 they round to 0 themselves: cancel the sum of all on paper": (
            _log_odds_from_other_p
        ),
        **{
            "p is clipped, or a tiny number added, so no answer can lie beyond "
            f"±{-np.log(ε):.0f}: what p has lost is gone, so work with the logits": (_clipped_at(ε))
            for ε in (1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
        },
        "that is p itself, not yet log-odds; and p rounds to 0 or 1, so its log-odds must be "
        "made from the logits": lambda Z, y: _true(softmax(Z), y),
        "that is −log p, the price: in the odds p/(1 − p) the true class stands in the "
        "numerator, the others alone in the denominator": lambda Z, y: -_true(log_softmax(Z), y),
        "log p is safe, but 1 − p is not: where p rounds to 1 it is 0, and the log-odds become "
        "infinite: cancel on paper what p and 1 − p share": _log_odds_from_log_p,
        "the true logit is replaced by 0, and e^0 = 1 is still part of the sum: put −np.inf in "
        "its place": _log_odds_against_zero_too,
        "the right formula on paper, but e^z becomes infinity, or 0 in all of a row: take the "
        "largest of the other logits out of the sum first": lambda Z, y: _log_odds_less_max(
            Z, y, np.zeros((1, 1))
        ),
        "the max is taken out of the sum, never put back: log Σ e^z = M + log Σ e^(z − M)": (
            _log_odds_max_lost
        ),
        "the other logits are added up: the sum is one of exponentials, and the log of a sum "
        "is not the sum of the logs": lambda Z, y: 2 * _true(Z, y) - Z.sum(axis=1),
        "minus infinity everywhere: the true logit was overwritten before it was read": (
            lambda Z, y: np.full(len(y), -np.inf)
        ),
        "the max is that of the whole array: in a row far below it every exponential becomes "
        "0, so take each row's own, with axis=1 and keepdims=True": (
            lambda Z, y: _log_odds_less_max(Z, y, _others(Z, y).max(keepdims=True))
        ),
        "the max includes the true class: where that one is far ahead, all the others become "
        "0, so take the max of the others only": (
            lambda Z, y: _log_odds_less_max(Z, y, Z.max(axis=1, keepdims=True))
        ),
        "that is the lead over the strongest other class alone: the odds are against all the "
        "others together": lambda Z, y: _true(Z, y) - _others(Z, y).max(axis=1),
        "the log-sum-exp of the others is added: the log of a quotient is a difference, so "
        "subtract it": lambda Z, y: 2 * _true(Z, y) - _log_odds(Z, y),
        "the max is subtracted, but the logarithm of the sum added: the minus stands before both, "
        "−(M + log S)": lambda Z, y: (
            2 * (_true(Z, y) - _others(Z, y).max(axis=1)) - _log_odds(Z, y)
        ),
        "the sign is turned around: the odds are p over 1 − p": lambda Z, y: -_log_odds(Z, y),
    },
    hints=(
        "Write p and 1 − p as fractions of exponentials. Both have the same denominator: it "
        "cancels.",
        "What is left is e to the true logit, over the sum of e to the others. Its logarithm "
        "is a logit minus a log-sum-exp.",
        "To leave a logit out of a log-sum-exp, put −np.inf in its place in a copy of Z: "
        "e^−∞ adds 0. Mind that max and sum both see the copy.",
    ),
)


def _focal_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, k = sizes[:2]
    gamma = float(rng.uniform(1.5, 3))
    return rng.normal(size=(n, k)), rng.integers(k, size=n), gamma


def _focal_gradient(Z: Array, y: Labels, gamma: float) -> Array:
    P = softmax(Z)
    p = _true(P, y)[:, np.newaxis]
    factor = (1 - p) ** gamma - gamma * p * (1 - p) ** (gamma - 1) * np.log(p)
    return factor * (P - _one_hot(Z, y)) / len(y)


def _focal_without_product_rule(Z: Array, y: Labels, gamma: float) -> Array:
    P = softmax(Z)
    p = _true(P, y)[:, np.newaxis]
    return (1 - p) ** gamma * (P - _one_hot(Z, y)) / len(y)


def _focal_second_term(Z: Array, y: Labels, gamma: float, times: Any) -> Array:
    """Gradient whose second term, γ p (1 − p)^(γ − 1) log p, has another factor."""
    first = _focal_without_product_rule(Z, y, gamma)
    return first + times * (_focal_gradient(Z, y, gamma) - first)


def _focal_second_only(Z: Array, y: Labels, gamma: float) -> Array:
    return _focal_gradient(Z, y, gamma) - _focal_without_product_rule(Z, y, gamma)


def _focal_product_of_slopes(Z: Array, y: Labels, gamma: float) -> Array:
    """f′g′ in place of f′g + fg′."""
    P = softmax(Z)
    p = _true(P, y)[:, np.newaxis]
    return -gamma * (1 - p) ** (gamma - 1) * (P - _one_hot(Z, y)) / len(y)


def _focal_loss(Z: Array, y: Labels, gamma: float) -> Array:
    p = _true(softmax(Z), y)
    return np.asarray(-((1 - p) ** gamma * np.log(p)).mean())


def _focal_dP(Z: Array, y: Labels, gamma: float) -> Array:
    p = _true(softmax(Z), y)[:, np.newaxis]
    slope = gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p
    return slope * _one_hot(Z, y) / len(y)


def _focal_all_true(Z: Array, y: Labels, gamma: float) -> Array:
    """dP without Y, through the whole Jacobian."""
    P = softmax(Z)
    dP = (gamma * (1 - P) ** (gamma - 1) * np.log(P) - (1 - P) ** gamma / P) / len(y)
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))


def _focal_entrywise(Z: Array, y: Labels, gamma: float) -> Array:
    P = softmax(Z)
    factor = (1 - P) ** gamma - gamma * P * (1 - P) ** (gamma - 1) * np.log(P)
    return factor * (P - _one_hot(Z, y)) / len(y)


def _focal_log_of_mask(Z: Array, y: Labels, gamma: float) -> Array:
    P, Y = softmax(Z), _one_hot(Z, y)
    p = P * Y
    factor = (1 - p) ** gamma - gamma * p * (1 - p) ** (gamma - 1) * np.log(p)
    return factor * (P - Y) / len(y)


def _focal_columns(Z: Array, y: Labels, gamma: float) -> Array:
    P = softmax(Z.T).T
    p = _true(P, y)[:, np.newaxis]
    factor = (1 - p) ** gamma - gamma * p * (1 - p) ** (gamma - 1) * np.log(p)
    return factor * (P - _one_hot(Z, y)) / len(y)


FOCAL = Exercise(
    title="focal loss and its gradient",
    case=_focal_case,
    solution=_focal_gradient,
    derived=True,
    mistakes={
        "the factor (1 − p)^γ is treated as a constant: p depends on the logits there too, so "
        "the product rule gives a second term": _focal_without_product_rule,
        "that is the gradient of plain cross-entropy: γ is not used": (
            lambda Z, y, gamma: _focal_gradient(Z, y, 0.0)
        ),
        "the 1/n is missing: L is a mean over the examples": (
            lambda Z, y, gamma: _focal_gradient(Z, y, gamma) * len(y)
        ),
        "the sign is turned around: the logit of the true class has a negative gradient": (
            lambda Z, y, gamma: -_focal_gradient(Z, y, gamma)
        ),
        "the second term has the wrong sign: the derivative of 1 − p is −1": (
            lambda Z, y, gamma: _focal_second_term(Z, y, gamma, -1)
        ),
        "the second term lacks a factor p: it comes from the softmax, ∂p/∂z_j = p ([j = y_r] − "
        "P_j)": lambda Z, y, gamma: _focal_second_term(
            Z, y, gamma, 1 / _true(softmax(Z), y)[:, np.newaxis]
        ),
        "the second term lacks the factor γ: the derivative of (1 − p)^γ brings it down": (
            lambda Z, y, gamma: _focal_second_term(Z, y, gamma, 1 / gamma)
        ),
        "the second term lacks log p: the product rule leaves the other factor as it is": (
            lambda Z, y, gamma: _focal_second_term(
                Z, y, gamma, 1 / np.log(_true(softmax(Z), y))[:, np.newaxis]
            )
        ),
        "the second term has a factor 1 − p too many: the derivative of (1 − p)^γ has the "
        "exponent γ − 1, and that of p by z_j is p ([j = y_r] − P_j)": (
            lambda Z, y, gamma: _focal_second_term(
                Z, y, gamma, 1 - _true(softmax(Z), y)[:, np.newaxis]
            )
        ),
        "only (1 − p)^γ is differentiated: log p depends on p too, so the product rule gives "
        "two terms": _focal_second_only,
        "the two derivatives are multiplied with each other: the product rule is f′g + fg′, two "
        "terms, in each of which one factor stays as it is": _focal_product_of_slopes,
        "that is the loss itself: asked for is its gradient, one number for each logit": (
            _focal_loss
        ),
        "dP is right, and so is its product with P, but the row sums are missing: "
        "P ⊙ (dP − row sums of dP ⊙ P)": lambda Z, y, gamma: _focal_dP(Z, y, gamma) * softmax(Z),
        "only the diagonal of the Jacobian is there: the other logits of the row move p too": (
            lambda Z, y, gamma: _focal_gradient(Z, y, gamma) * _one_hot(Z, y)
        ),
        "dP is filled for every class: only the probability of the true one stands in the "
        "loss, the others have dP = 0": _focal_all_true,
        "that is dP: it still has to go through the Jacobian of softmax": _focal_dP,
        "each entry has a factor of its own: in a row only the probability of the true class "
        "decides it": _focal_entrywise,
        "NaN outside the true class: P ⊙ Y is 0 there, and 0 · log 0 is NaN: take the p of "
        "each row first, one number, and the logarithm then": _focal_log_of_mask,
        "the softmax runs down the columns: classes lie along axis 1": _focal_columns,
    },
    hints=(
        "Two steps: the derivative of −(1 − p)^γ log p for p, by the product rule; then that "
        "of p for the logits of its row, from the Jacobian of softmax.",
        "∂p/∂z_j = p ([j = y_r] − P_j) = −p (P_j − Y_j). The p cancels the 1/p of the logarithm.",
        "Each row is (P − Y)/n times a factor of its own: (1 − p)^γ and a second term. With "
        "γ = 0 the factor must be 1.",
    ),
)


def _backward_case(rng: np.random.Generator, sizes: Sizes) -> Values:
    n, k = sizes[:2]
    return rng.normal(size=(n, k)), softmax(rng.normal(size=(n, k)))


def _row_sums(A: Array) -> Array:
    return np.asarray(A.sum(axis=1, keepdims=True))


BACKWARD = Exercise(
    title="back through softmax alone",
    derived=True,
    case=_backward_case,
    solution=softmax_backward,
    mistakes={
        "the row sums are missing: a nudge of one logit moves the other probabilities, too": (
            lambda dP, P: P * dP
        ),
        "only the diagonal of the Jacobian is there, p (1 − p): the other probabilities of the row "
        "move, too": lambda dP, P: dP * P * (1 - P),
        "the row sums are of dP alone: each dp_i comes with its own p_i": (
            lambda dP, P: P * (dP - _row_sums(dP))
        ),
        "the mean of each row of dP was taken out: it is the sum of dP ⊙ P that belongs there": (
            lambda dP, P: P * (dP - dP.mean(axis=1, keepdims=True))
        ),
        "the sums run down the columns: a row answers for itself, so sum along axis 1": (
            lambda dP, P: P * (dP - (dP * P).sum(axis=0, keepdims=True))
        ),
        "one sum for the whole batch: each row has its own, so sum along axis 1": (
            lambda dP, P: P * (dP - (dP * P).sum())
        ),
        "the row sums lack the factor p_j: it stands before the whole bracket, "
        "p_j (dp_j − Σ_i dp_i p_i)": lambda dP, P: dP * P - _row_sums(dP * P),
        "the bracket is right, but the factor p_j before it is missing": (
            lambda dP, P: dP - _row_sums(dP * P)
        ),
        "plus where a minus belongs: raising one logit lowers the other probabilities": (
            lambda dP, P: P * (dP + _row_sums(dP * P))
        ),
        "the sign is turned around: J_ij is p_i ([i = j] − p_j)": (
            lambda dP, P: -softmax_backward(dP, P)
        ),
        "p_j is taken from dp_j where the row sum should be: [i = j] keeps dp_j, and p_j "
        "multiplies the sum": lambda dP, P: dP * (P - _row_sums(dP * P)),
        "divided by n: the loss has done that, and dP has brought it": (
            lambda dP, P: softmax_backward(dP, P) / len(dP)
        ),
        "p_j stands where p_i belongs: in J_ij = p_i ([i = j] − p_j) the first factor goes with "
        "dp_i, and stays inside the sum": lambda dP, P: P * dP - P * P * _row_sums(dP),
        "P − dP has the form of P − Y, which is what cross-entropy leaves; another loss has to go "
        "through the Jacobian": lambda dP, P: P - dP,
    },
    hints=(
        "Put the bracket in: dz_j = Σ_i dp_i p_i ([i = j] − p_j). Split the sum in two; in the "
        "first one [i = j] keeps a single term.",
        "That leaves dp_j p_j − p_j Σ_i dp_i p_i. The last sum is one number for each row.",
        "Take p_j out: p_j times a bracket. In a batch the number for each row is a sum of dP * P "
        "with axis=1 and keepdims=True.",
    ),
)


EXERCISES = {
    "03.0": CORE,
    "03.1": BIAS,
    "03.2": ODDS,
    "03.3": BACKWARD,
    "03.4": FOCAL,
}


QUESTIONS = (
    Question(
        "Somebody multiplies all logits of a row by 2; no two of them are equal. What happens to "
        "the row's probabilities?",
        {
            "Nothing: only differences of logits count.": (
                "differences do count, and they double: a lead of log 3 becomes 2 log 3, which is "
                "log 9. What changes no difference is adding the same number to all"
            ),
            "Each of them doubles, as far as the sum allows.": (
                "the exponential stands between: e^(2z) is the square of e^z, not its double, and "
                "the row is divided by its sum again"
            ),
            "The largest one grows; the order stays.": Right(
                "all odds are squared. Odds above 1 grow, so the leader gains on every other class"
            ),
            "Classes with a positive logit gain, those with a negative one lose.": (
                "the sign of a logit says nothing, only differences do: (−1, −2) becomes (−2, −4), "
                "and the first class gains, negative as its logit is"
            ),
        },
    ),
    Question(
        "After training, a network for ten classes is right in 70 test pictures of 100, but its "
        "test loss is 2.6, and guessing costs only log 10, about 2.3. How can that be?",
        {
            "It can't: who is right in 70 of 100 pays less than a guesser.": (
                "the price looks at the probability of the truth, not at which class came first. "
                "The 70 may be free, but nothing limits what the 30 cost"
            ),
            "The 1/n was forgotten, so the loss is 100 times too large.": (
                "then it would really be 0.026. But in a wrong answer the truth has at most 1/2, "
                "which costs log 2 or more, and 30 of 100 make at least 0.2"
            ),
            "Softmax has overflowed in some of the pictures.": (
                "that leaves NaN or infinity in the mean, and not 2.6"
            ),
            "Its mistakes are too sure of themselves.": Right(
                "30 mistakes at 8.7 each make 2.6, even if the 70 are free: there the truth got "
                "one in 6,000. Honest doubt would have been cheap"
            ),
        },
    ),
    Question(
        "A network ends in a softmax layer, and by mistake its output P goes into a loss that "
        "expects logits. What happens?",
        {
            "Nothing: probabilities that go through softmax stay as they are.": (
                "softmax takes its input for logits. It makes about (0.58, 0.21, 0.21) of "
                "(1, 0, 0): a lead of 1 means odds of e to 1, and no more"
            ),
            "It runs, but even sure and right answers stay expensive.": Right(
                "entries of P differ by 1 at the most, so the odds never pass e to 1. With k "
                "classes the price stays above log(1 + (k − 1)/e), and nothing looks broken"
            ),
            "The loss becomes NaN, since exponentials of exponentials overflow.": (
                "P lies between 0 and 1, and so small a number overflows nowhere. That is the "
                "trouble: no error tells you"
            ),
            "It learns faster: the gradient passes through softmax twice.": (
                "the second passage multiplies by one more Jacobian. The sizes of its slopes in "
                "a row add up to 2p(1 − p), 1/2 at the most, so the gradient shrinks, to nearly "
                "nothing where the first softmax is sure"
            ),
        },
    ),
)
