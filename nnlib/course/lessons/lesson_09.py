"""Lesson 09, regularization: its exercises and questions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Three = tuple[Array, Array, Array]


def _share(rng: np.random.Generator) -> float:
    """Draw p, away from ½, where p and 1 − p look alike."""
    return float(rng.choice([rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)]))


def _dropout_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Outputs of a ReLU: some are 0, of these some are kept, some dropped; one number is p."""
    n, d = sizes[:2]
    X, random, p = np.maximum(rng.normal(size=(n, d)), 0), rng.random((n, d)), _share(rng)
    X[0, :2], X[1, :2] = 0, abs(rng.normal(size=2)) + 0.1
    high, low = rng.uniform((1 + p) / 2, 1, 2), rng.uniform(0, p / 2, 2)
    random[0, 0], random[1, 1], random[0, 1], random[1, 0] = *high, *low
    X[2, 2], random[2, 2] = 0.1 + rng.random(), p
    return X, rng.normal(size=(n, d)), random, p


def _dropout(X: Array, dA: Array, random: Array, p: float) -> Three:
    mask = (random >= p) / (1 - p)
    return X * mask, dA * mask, X


def _masked(
    mask: Callable[[Array, float], Array] | None = None,
    back: Callable[[Array, Array, Array, float], Array] | None = None,
    test: Callable[[Array, Array, float], Array] | None = None,
) -> Callable[[Array, Array, Array, float], Three]:
    """Dropout with another mask, another way back or another layer at test time."""

    def wrong(X: Array, dA: Array, random: Array, p: float) -> Three:
        factor = mask(random, p) if mask else (random >= p) / (1 - p)
        dX = back(X, dA, random, p) if back else dA * factor
        return X * factor, dX, test(X, random, p) if test else X

    return wrong


def _minus_p(X: Array, dA: Array, random: Array, p: float) -> Three:
    return X * (random >= p) / 1 - p, dA * (random >= p) / 1 - p, X


def _picked(X: Array, dA: Array, random: Array, p: float) -> Three:
    kept = random >= p
    return X[kept] / (1 - p), dA[kept] / (1 - p), X


def _by_size(X: Array, dA: Array, random: Array, p: float) -> Three:
    mask = np.greater_equal(X, p) / (1 - p)
    return X * mask, dA * mask, X


def _by_quotient(X: Array, dA: Array, random: Array, p: float) -> Array:
    """Read the mask off A/X, which is 0/0 where X is 0."""
    with np.errstate(invalid="ignore"):
        result: Array = dA * (X * (random >= p) / (1 - p) / X)
    return result


DROPOUT = Exercise(
    title="dropout, there and back",
    case=_dropout_case,
    solution=_dropout,
    mistakes={
        "what is kept is not divided by 1 − p: the mean of A is then (1 − p) X, and not X": (
            _masked(lambda random, p: 1.0 * (random >= p))
        ),
        "that is the first form of dropout, with its factor at test time: here training divides "
        "by 1 − p, and at test time nothing is done": _masked(
            lambda random, p: 1.0 * (random >= p), test=lambda X, random, p: X * (1 - p)
        ),
        "divided by p: but p is the share that is dropped, and 1 − p is kept": (
            _masked(lambda random, p: (random >= p) / p)
        ),
        "multiplied by 1 − p where it must be divided: fewer are left, so each must be larger. "
        "(And `1 / 1 - p` is 1 − p: put brackets around `1 - p`.)": (
            _masked(lambda random, p: (random >= p) * (1 - p))
        ),
        "kept and dropped are exchanged: `random < p` is true for the share p, which goes": (
            _masked(lambda random, p: (random < p) / (1 - p))
        ),
        "p is taken for the share that is kept: it is the share that is dropped": (
            _masked(lambda random, p: (random < p) / p)
        ),
        "as many are kept as should be, but others: keep where the number is at least p": (
            _masked(lambda random, p: (random < 1 - p) / (1 - p))
        ),
        "divided by the share that happens to be kept: divide by its expected value, 1 − p, which "
        "does not depend on the draw": _masked(
            lambda random, p: (random >= p) / max(float(np.mean(random >= p)), 0.01)
        ),
        "an entry whose number is exactly p is kept: `random >= p`, and not `random > p`": (
            _masked(lambda random, p: (random > p) / (1 - p))
        ),
        "2 stands in the place of 1/(1 − p): it is that for p = ½ alone": (
            _masked(lambda random, p: 2.0 * (random >= p))
        ),
        "`X[mask]` picks the kept entries out and loses the dropped ones: multiply by the mask": (
            _picked
        ),
        "the first row's mask is used for all rows: each entry has a number of its own": (
            _masked(lambda random, p: np.tile((random[:1] >= p) / (1 - p), (len(random), 1)))
        ),
        "whole rows are kept or dropped: each entry has a number of its own": (
            _masked(lambda random, p: np.tile((random[:, :1] >= p) / (1 - p), (1, random.shape[1])))
        ),
        "½ stands in the place of p: the share that is dropped is an argument": (
            _masked(lambda random, p: 2.0 * (random >= 0.5))
        ),
        "that keeps the share p, and divides by it: keep where the number is at least p": (
            _masked(lambda random, p: (random >= 1 - p) / p)
        ),
        "that keeps the share p and divides by 1 − p: keep where the number is at least p": (
            _masked(lambda random, p: (random >= 1 - p) / (1 - p))
        ),
        "kept and dropped are exchanged, and what is kept is not divided by 1 − p": (
            _masked(lambda random, p: 1.0 * (random < p))
        ),
        "the random numbers themselves are no mask: it is 1 where they are at least p, else 0": (
            _masked(lambda random, p: random / (1 - p))
        ),
        "`/ 1 - p` divides by 1 and takes p off: put brackets around 1 - p": (
            _masked(lambda random, p: (random >= p) / 1 - p)
        ),
        "`/ 1 - p` divides by 1 and takes p off from all: put brackets around 1 - p": _minus_p,
        "X is compared with p: `random` decides what is kept, whatever X is": _by_size,
        "that is the mask over 1 − p: A is X times that": (
            lambda X, dA, random, p: ((random >= p) / (1 - p), dA * (random >= p) / (1 - p), X)
        ),
        "the gradient passes through units that were dropped: multiply it by the mask": (
            _masked(back=lambda X, dA, random, p: dA)
        ),
        "the gradient is divided by 1 − p, but it passes through units that were dropped: they had "
        "no part in the loss": _masked(back=lambda X, dA, random, p: dA / (1 - p)),
        "on the way back 1/(1 − p) is missing: A is X times that, so dX is dA times that": (
            _masked(back=lambda X, dA, random, p: dA * (random >= p))
        ),
        "on the way forward 1/(1 − p) is missing: the mean of A must be X": (
            _masked(
                lambda random, p: 1.0 * (random >= p),
                back=lambda X, dA, random, p: dA * (random >= p) / (1 - p),
            )
        ),
        "on the way back it is divided by 1 − p twice": (
            _masked(back=lambda X, dA, random, p: dA * (random >= p) / (1 - p) ** 2)
        ),
        "dX is 0 where X is 0, too. Is the mask read off A, or the ReLU's slope multiplied in? "
        "This layer has its own mask alone, which may keep an entry whose X is 0": (
            _masked(back=lambda X, dA, random, p: dA * (random >= p) * (X != 0) / (1 - p))
        ),
        "A/X is 0/0 where X is 0, and there it does not say what was kept: use the mask": (
            _masked(back=_by_quotient)
        ),
        "that is the ReLU's mask: this layer's own mask is asked for": (
            _masked(back=lambda X, dA, random, p: dA * (X > 0))
        ),
        "the slope of A by X is the mask over 1 − p; A itself is that times X": (
            _masked(back=lambda X, dA, random, p: dA * X * (random >= p) / (1 - p))
        ),
        "X goes back in place of dA": (
            _masked(back=lambda X, dA, random, p: X * (random >= p) / (1 - p))
        ),
        "X and dA are exchanged: X goes forward and becomes A, dA comes back and becomes dX": (
            lambda X, dA, random, p: (dA * (random >= p) / (1 - p), X * (random >= p) / (1 - p), X)
        ),
        "dX is dA where A is above 0. But an entry whose X is 0 may be kept, too, and 1/(1 − p) is "
        "missing: use the mask of the way forward": (
            _masked(back=lambda X, dA, random, p: dA * (random >= p) * (X > 0))
        ),
        "on the way forward it is divided by 1 − p twice": (
            _masked(
                lambda random, p: (random >= p) / (1 - p) ** 2,
                back=lambda X, dA, random, p: dA * (random >= p) / (1 - p),
            )
        ),
        "on the way back kept and dropped are exchanged: it is the mask of the way forward": (
            _masked(back=lambda X, dA, random, p: dA * (random < p) / (1 - p))
        ),
        "at test time it still drops: there the layer hands on X as it is": (
            _masked(test=lambda X, random, p: X * (random >= p) / (1 - p))
        ),
        "at test time it still drops, and does not even divide: there the layer hands on X as "
        "it is": _masked(test=lambda X, random, p: X * (random >= p)),
        "X times 1 − p at test time, and 1/(1 − p) in training: it was made up for twice": (
            _masked(test=lambda X, random, p: X * (1 - p))
        ),
        "divided by 1 − p at test time: nothing is dropped there, so nothing is to be made up": (
            _masked(test=lambda X, random, p: X / (1 - p))
        ),
        "X times p at test time: nothing is dropped there, so X stays as it is": (
            _masked(test=lambda X, random, p: X * p)
        ),
    },
    hints=(
        "First the mask, of X's shape: `random >= p` is True where an entry is kept. And by which "
        "number must what is kept be multiplied so that the mean of A is X?",
        "Each entry of A is its entry of X times a number that does not depend on X. So each entry "
        "of dX is that of dA times the same number: no new mask is drawn on the way back.",
        "With mask = (random >= p) / (1 - p): A = X · mask. What is dX, and what is left to do at "
        "test time?",
    ),
    parts=("A", "dX", "A_test"),
)


def _decay_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """η s stays below 0.75, and t above 2."""
    return rng.uniform(0.5, 3, sizes[0]), float(rng.uniform(0.1, 0.25)), int(rng.integers(3, 9))


def _from_way(left: Array, s: Array) -> Array:
    """λ of s/(s + λ) = 1 − left."""
    return s * left / (1 - left)


def _equal_decay(s: Array, eta: float, t: int) -> Array:
    return _from_way((1 - eta * s) ** t, s)


EQUAL_DECAY = Exercise(
    title="the decay that early stopping equals",
    case=_decay_case,
    solution=_equal_decay,
    mistakes={
        "that is what it comes near to for small s; here the two shares must be equal": (
            lambda s, eta, t: np.full(s.shape, 1 / (eta * t))
        ),
        "1/(ηt) is what it comes near to for small s, and one number; each s has a λ of its own": (
            lambda s, eta, t: 1 / (eta * t)
        ),
        "that is the share; solve s/(s + λ) = share for λ": (
            lambda s, eta, t: 1 - (1 - eta * s) ** t
        ),
        "upside down: (1 − ηs)ᵗ is what is still to go, and 1 minus that is the share": (
            lambda s, eta, t: s * (1 - (1 - eta * s) ** t) / (1 - eta * s) ** t
        ),
        "that is λ/s: multiply by s": (
            lambda s, eta, t: (1 - eta * s) ** t / (1 - (1 - eta * s) ** t)
        ),
        "that is s + λ: s/(s + λ) = share gives s + λ = s/share, and s is still to be taken off": (
            lambda s, eta, t: s / (1 - (1 - eta * s) ** t)
        ),
        "one step too few: after t steps the distance was multiplied t times": (
            lambda s, eta, t: _equal_decay(s, eta, t - 1)
        ),
        "one step too many: after t steps the distance was multiplied t times": (
            lambda s, eta, t: _equal_decay(s, eta, t + 1)
        ),
        "e to the −ηst is what (1 − ηs)ᵗ comes near to for small η; here it is not small": (
            lambda s, eta, t: _from_way(np.exp(-eta * s * t), s)
        ),
        "steps multiply: what is still to go is (1 − ηs)ᵗ, and not 1 − ηst": (
            lambda s, eta, t: _from_way(1 - eta * s * t, s)
        ),
        "(1 − ηs) t multiplies where a power is needed: each step takes a share of what is left": (
            lambda s, eta, t: _from_way((1 - eta * s) * t, s)
        ),
        "the curvature is missing in the power: a step multiplies by 1 − ηs": (
            lambda s, eta, t: _from_way(np.full(s.shape, (1 - eta) ** t), s)
        ),
        "the rate is missing in the power: a step multiplies by 1 − ηs": (
            lambda s, eta, t: _from_way((1 - s) ** t, s)
        ),
        "the distance gets smaller with each step: it is multiplied by 1 − ηs, not by 1 + ηs": (
            lambda s, eta, t: _from_way((1 + eta * s) ** t, s)
        ),
        "`/ 1 - f` divides by 1 and takes f off: put brackets around the divisor": (
            lambda s, eta, t: s * (1 - eta * s) ** t / 1 - (1 - eta * s) ** t
        ),
        "the sign: s/share is larger than s, so λ = s/share − s": (
            lambda s, eta, t: -_equal_decay(s, eta, t)
        ),
        "that is s (1 − share); from s + λ = s/share follows λ = s (1 − share)/share": (
            lambda s, eta, t: s * (1 - eta * s) ** t
        ),
        "that is what is still to go; solve s/(s + λ) = 1 − (1 − ηs)ᵗ for λ": (
            lambda s, eta, t: (1 - eta * s) ** t
        ),
        "s times the share: s/(s + λ) = share gives λ = s/share − s": (
            lambda s, eta, t: s * (1 - (1 - eta * s) ** t)
        ),
        "s/share is s + λ, so s must be taken off, and not added": (
            lambda s, eta, t: s / (1 - (1 - eta * s) ** t) + s
        ),
        "upside down, and s is missing: λ/s is what is still to go over the share": (
            lambda s, eta, t: (1 - (1 - eta * s) ** t) / (1 - eta * s) ** t
        ),
        "that is 1/λ: s/(s + λ) = share gives λ/s = (1 − share)/share": (
            lambda s, eta, t: 1 / _equal_decay(s, eta, t)
        ),
        "for small s, λ/s comes near to that; λ is asked for, and not only for small s": (
            lambda s, eta, t: 1 / (eta * t * s)
        ),
        "that is one number for all directions: each curvature has a λ of its own": (
            lambda s, eta, t: np.full(s.shape, np.mean(_equal_decay(s, eta, t)))
        ),
    },
    hints=(
        "Write down the two shares, that of weight decay and that of t steps, and set them equal.",
        "Call the share f = 1 − (1 − ηs)ᵗ. From s/(s + λ) = f follows s + λ = s/f.",
        "So λ = s/f − s, which is s (1 − f)/f. What is 1 − f?",
    ),
)


def _weights_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """More examples than inputs; columns of other sizes, with a mean, that depend on each other."""
    d, n = sorted(sizes[:2])
    X = (rng.normal(size=(n, d)) + 0.5 + rng.normal(size=(n, 1))) * rng.uniform(0.5, 2, d)
    return X, rng.normal(size=n) + 1, _share(rng)


def _solved(X: Array, y: Array, penalty: Any) -> Array:
    """Solve (S + penalty) w = Xᵀy/n; a vector is a penalty for each weight."""
    n = len(y)
    diagonal = np.diag(np.broadcast_to(penalty, X.shape[1:])).copy()
    result: Array = np.linalg.solve(X.T @ X / n + diagonal, X.T @ y / n)
    return result


def _dropout_weights(X: Array, y: Array, p: float) -> Array:
    return _solved(X, y, p / (1 - p) * np.mean(X**2, axis=0))


def _priced(price: Callable[[float], float]) -> Callable[[Array, Array, float], Array]:
    """Return the answer with another factor before the mean squares."""
    return lambda X, y, p: _solved(X, y, price(p) * np.mean(X**2, axis=0))


def _by_shares(X: Array, y: Array, p: float) -> Array:
    """Keep s/(s + λ) of each eigenvector, with the price of an input."""
    s, Q = np.linalg.eigh(X.T @ X / len(X))
    share = s / (s + p / (1 - p) * np.mean(X**2, axis=0))
    result: Array = Q @ (share * (Q.T @ _solved(X, y, 0.0)))
    return result


def _equation(X: Array, y: Array, p: float) -> tuple[Array, Array]:
    """Return S + D and Xᵀy/n."""
    S = X.T @ X / len(X)
    return S + p / (1 - p) * np.diag(np.diag(S)), X.T @ y / len(X)


def _replaced(X: Array, y: Array, p: float) -> Array:
    """Put the penalty on the diagonal of S, in place of what stood there."""
    matrix, vector = _equation(X, y, p)
    np.fill_diagonal(matrix, p * matrix.diagonal())  # the diagonal is s/(1 − p)
    result: Array = np.linalg.solve(matrix, vector)
    return result


def _entry_by_entry(X: Array, y: Array, p: float) -> Array:
    matrix, vector = _equation(X, y, p)
    result: Array = np.linalg.inv(matrix) * vector
    return result


DROPOUT_WEIGHTS = Exercise(
    title="what dropout makes of a linear unit",
    case=_weights_case,
    solution=_dropout_weights,
    mistakes={
        "that is least squares: the penalty is missing": lambda X, y, p: _solved(X, y, 0.0),
        "the factor is p/(1 − p), and not p: 1/(1 − p) makes what is kept larger": (
            _priced(lambda p: p)
        ),
        "upside down: p/(1 − p) grows with p, the more is dropped the more noise": (
            _priced(lambda p: (1 - p) / p)
        ),
        "p (1 − p) is the variance of the mask; divided by 1 − p, as here, it is p/(1 − p)": (
            _priced(lambda p: p * (1 - p))
        ),
        "1/(1 − p) is the mean square of what a mask multiplies by; its variance is 1 less": (
            _priced(lambda p: 1 / (1 - p))
        ),
        "p/(1 − p)² has one division too many: the variance of the mask, p (1 − p), is divided by "
        "(1 − p)² once": _priced(lambda p: p / (1 - p) ** 2),
        "the ½ is gone once w² is differentiated, here as in the loss": (
            _priced(lambda p: p / (1 - p) / 2)
        ),
        "twice too much: the loss has a ½ as well, and both are gone in the gradient": (
            _priced(lambda p: 2 * p / (1 - p))
        ),
        "the same price for all weights: here each is multiplied by the mean square of its input": (
            lambda X, y, p: _solved(X, y, p / (1 - p))
        ),
        "one mean square for all: each input has its own, `np.mean(X**2, axis=0)`": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.mean(X**2))
        ),
        "that is the variance of the inputs; their mean square is larger, as they have a mean": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.var(X, axis=0))
        ),
        "that is the square of the mean; the mean of the squares is asked for": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.mean(X, axis=0) ** 2)
        ),
        "the penalty has the mean squares themselves, and not their roots": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.sqrt(np.mean(X**2, axis=0)))
        ),
        "the penalty is n times too small: beside XᵀX/n stand means of the squares, divided by n "
        "once; beside XᵀX stand sums": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.mean(X**2, axis=0) / len(y))
        ),
        "sums and means are mixed: the penalty has means, so XᵀX is divided by n as well": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.sum(X**2, axis=0))
        ),
        "n times too large: if XᵀX is divided by n, so is Xᵀy": (
            lambda X, y, p: len(y) * _dropout_weights(X, y, p)
        ),
        "that is 1 − p times least squares, as if all of XᵀX were in the penalty: right only if "
        "the columns of X are perpendicular. Masks are independent, so only the diagonal is": (
            lambda X, y, p: (1 - p) * _solved(X, y, 0.0)
        ),
        "least squares, divided by 1 − p: the penalty makes weights smaller": (
            lambda X, y, p: _solved(X, y, 0.0) / (1 - p)
        ),
        "those are the weights of the first form of dropout, which does not divide by 1 − p in "
        "training: the lesson's does, and its penalty has the factor p/(1 − p)": (
            lambda X, y, p: _dropout_weights(X, y, p) / (1 - p)
        ),
        "the same price for all weights, and that beside sums: with XᵀX not divided by n, each "
        "weight has the sum of the squares of its own input": (
            lambda X, y, p: _solved(X, y, p / (1 - p) / len(y))
        ),
        "s/(s + λ) is the share of an eigenvector if all weights have the same price. Here each "
        "input has its own, and an eigenvector mixes inputs: solve (S + D) w = Xᵀy/n": _by_shares,
        "that is the inverse of the matrix: times Xᵀy/n, `@ b`, it gives the weights": (
            lambda X, y, p: np.linalg.inv(_equation(X, y, p)[0])
        ),
        "those are the predictions Xw: the weights w are asked for": (
            lambda X, y, p: X @ _dropout_weights(X, y, p)
        ),
        "the penalty stands on the diagonal in place of that of XᵀX/n: add the two": _replaced,
        "only the diagonal is left of XᵀX, as if its columns were perpendicular: only the penalty "
        "is a diagonal": (lambda X, y, p: (1 - p) * (X.T @ y / len(y)) / np.mean(X**2, axis=0)),
        "the price is p for all weights: the factor is p/(1 − p), and each weight's is multiplied "
        "by the mean square of its input": lambda X, y, p: _solved(X, y, p),
        "`*` multiplies entry by entry: an inverse and a vector meet by `@`": _entry_by_entry,
        "that is the matrix of the equation: `np.linalg.solve(matrix, vector)` gives the weights": (
            lambda X, y, p: _equation(X, y, p)[0]
        ),
        "that is the matrix, with sums in place of means: let `np.linalg.solve` solve it, with "
        "Xᵀy, a sum too": lambda X, y, p: len(y) * _equation(X, y, p)[0],
        "a column was added to every column of XᵀX: `np.diag` makes a matrix of the penalties, "
        "with 0 beside the diagonal": lambda X, y, p: np.linalg.solve(
            X.T @ X / len(X) + p / (1 - p) * np.mean(X**2, axis=0)[:, np.newaxis],
            X.T @ y / len(X),
        ),
        "a vector was added to every row of XᵀX: `np.diag` makes a matrix of it, with 0 beside "
        "the diagonal": lambda X, y, p: np.linalg.solve(
            X.T @ X / len(X) + p / (1 - p) * np.mean(X**2, axis=0), X.T @ y / len(X)
        ),
        "that is the mean of the inputs: square them first": (
            lambda X, y, p: _solved(X, y, p / (1 - p) * np.mean(X, axis=0))
        ),
        "XᵀX/n is missing: the loss itself has a gradient, too": (
            lambda X, y, p: (X.T @ y / len(y)) / (p / (1 - p) * np.mean(X**2, axis=0))
        ),
        "the penalty has the wrong sign: in the gradient both parts are added": (
            _priced(lambda p: -p / (1 - p))
        ),
    },
    hints=(
        "The expected loss has two parts, and both are quadratic in w. What is the gradient of "
        "½ λᵢ wᵢ², and that of ½ ‖Xw − y‖²/n?",
        "Set the sum to 0: Sw + Dw = Xᵀy/n with S = XᵀX/n, where D has the λᵢ on its diagonal and "
        "0 elsewhere.",
        "D = np.diag(p / (1 - p) * np.mean(X**2, axis=0)); then solve (S + D) w = Xᵀy/n.",
    ),
)


def _l1_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Large weights of both signs, a middling one, two small ones, which become 0, and a 0."""
    d, lam = sizes[0] + 4, float(rng.uniform(0.6, 1.4))
    w_star, s = 2 * rng.normal(size=d), rng.uniform(0.6, 3, d)
    s[:3] = rng.uniform(0.6, 0.9), rng.uniform(1.5, 3), rng.uniform(0.6, 0.9)
    between = (lam / s[1] + lam) / 2  # what cuts at λ takes it for small
    w_star[:3] = 4 + rng.random(), -between, rng.choice([-0.1, 0.1])
    s[3], w_star[3] = rng.uniform(1, 3), -4 - rng.random()
    s[4], w_star[4:6] = rng.uniform(0.6, 0.9), (-w_star[2], 0)
    s[6] = rng.uniform(0.6, 0.9)
    w_star[6] = -1.5 * lam / s[6]  # too much to be cut, but 0 is better than w* itself
    return w_star, s, lam


def _cut(w_star: Array, threshold: Any) -> Array:
    """Take the threshold off each size, and no more than there is."""
    return np.sign(w_star) * np.maximum(abs(w_star) - threshold, 0) + 0.0  # no −0


def _l1_weights(w_star: Array, s: Array, lam: float) -> Array:
    return _cut(w_star, lam / s)


L1 = Exercise(
    title="the soft threshold of L1",
    case=_l1_case,
    solution=_l1_weights,
    mistakes={
        "the curvature is missing: s (w − w*) + λ = 0 gives w = w* − λ/s": (
            lambda w_star, s, lam: _cut(w_star, lam)
        ),
        "multiplied by s where it must be divided: the steeper the loss, the less is taken": (
            lambda w_star, s, lam: _cut(w_star, lam * s)
        ),
        "small weights have changed their sign: for them neither w > 0 nor w < 0 has a solution, "
        "and 0 is best": lambda w_star, s, lam: w_star - np.sign(w_star) * lam / s,
        "all negative weights have become 0: look at w < 0, too": (
            lambda w_star, s, lam: np.maximum(w_star - lam / s, 0)
        ),
        "λ/s is taken off from negative weights, too: they must move up, towards 0": (
            lambda w_star, s, lam: w_star - lam / s
        ),
        "that is weight decay's share, for the price λw²/2: the slope of |w| is 1 or −1, whatever "
        "its size": lambda w_star, s, lam: s / (s + lam) * w_star,
        "the large weights stay as they were: they, too, lose λ/s": (
            lambda w_star, s, lam: np.where(abs(w_star) > lam / s, w_star, 0)
        ),
        "small weights stay as they were: where |w*| is below λ/s, 0 is best": (
            lambda w_star, s, lam: np.where(abs(w_star) > lam / s, _cut(w_star, lam / s), w_star)
        ),
        "away from 0: the price makes weights smaller": (
            lambda w_star, s, lam: np.sign(w_star) * (abs(w_star) + lam / s)
        ),
        "half of it: the ½ of s(w − w*)²/2 is gone in the slope, and λ|w| has none": (
            lambda w_star, s, lam: _cut(w_star, lam / (2 * s))
        ),
        "twice too much: the ½ before s (w − w*)² is gone once it is differentiated": (
            lambda w_star, s, lam: _cut(w_star, 2 * lam / s)
        ),
        "the signs are lost: that is |w|": lambda w_star, s, lam: abs(_cut(w_star, lam / s)),
        "the signs are exchanged": lambda w_star, s, lam: -_cut(w_star, lam / s),
        "the share s/(s + λ), and then the cut as well: |w| has the cut alone": (
            lambda w_star, s, lam: s / (s + lam) * _cut(w_star, lam / s)
        ),
        "upside down: it is λ/s that is taken off, not s/λ": (
            lambda w_star, s, lam: _cut(w_star, s / lam)
        ),
        "the curvature is missing, and small weights have changed their sign": (
            lambda w_star, s, lam: w_star - np.sign(w_star) * lam
        ),
        "that is s times the weight: s (w − w*) + λ = 0 is still to be divided by s": (
            lambda w_star, s, lam: s * _cut(w_star, lam / s)
        ),
        "λ/s is added, and that to all: for w > 0 it is w = w* − λ/s, for w < 0 w* + λ/s": (
            lambda w_star, s, lam: w_star + lam / s
        ),
        "negative weights move away from 0: there the slope of |w| is −1, and w = w* + λ/s": (
            lambda w_star, s, lam: np.where(abs(w_star) > lam / s, w_star - lam / s, 0)
        ),
        "the cut is right, but λ is taken off without the curvature": (
            lambda w_star, s, lam: np.where(
                abs(w_star) > lam / s, w_star - np.sign(w_star) * lam, 0
            )
        ),
        "that is what is taken off: w* minus that is left": (
            lambda w_star, s, lam: np.clip(w_star, -lam / s, lam / s)
        ),
        "small negative weights have become positive: w* + λ/s holds only where it is below 0": (
            lambda w_star, s, lam: np.where(
                w_star > 0, np.maximum(w_star - lam / s, 0), w_star + lam / s
            )
        ),
        "weights between −λ/s and 0 have become positive: for them, too, 0 is best": (
            lambda w_star, s, lam: np.where(
                w_star > lam / s, w_star - lam / s, np.where(w_star < 0, w_star + lam / s, 0)
            )
        ),
        "weights between 0 and λ/s have become negative: for them, too, 0 is best": (
            lambda w_star, s, lam: np.where(
                w_star < -lam / s, w_star + lam / s, np.where(w_star > 0, w_star - lam / s, 0)
            )
        ),
        "a share of w* is left, but λ/s is no share: L1 takes off the same λ/s whatever w* is": (
            lambda w_star, s, lam: w_star * np.maximum(1 - lam / s, 0)
        ),
        "the cut stands at another place than what is taken off: both are λ/s": (
            lambda w_star, s, lam: np.where(
                abs(w_star) > lam, w_star - np.sign(w_star) * lam / s, 0
            )
        ),
        "cut where 0 is better than w* itself, below 2λ/s. But the best w is not w*: it is nearer "
        "to 0 by λ/s, and better than 0 wherever |w*| is above λ/s": lambda w_star, s, lam: (
            np.where(abs(w_star) > 2 * lam / s, _cut(w_star, lam / s), 0)
        ),
        "all are 0: are the two branches of `np.where` exchanged?": (
            lambda w_star, s, lam: np.zeros(w_star.shape)
        ),
        "kept and cut are exchanged: 0 is best where |w*| is at most λ/s": (
            lambda w_star, s, lam: np.where(
                abs(w_star) > lam / s, 0, w_star - np.sign(w_star) * lam / s
            )
        ),
        "that picks the large weights out and loses the others: these are 0, each in its place": (
            lambda w_star, s, lam: _cut(w_star, lam / s)[abs(w_star) > lam / s]
        ),
        "that picks the large weights out, takes λ/s off the negative ones, too, and loses the "
        "others: these are 0": lambda w_star, s, lam: (w_star - lam / s)[abs(w_star) > lam / s],
        "for w < 0 the best is w* + λ/s, and at most 0: `np.minimum` there, and not `np.maximum`": (
            lambda w_star, s, lam: np.where(
                w_star > 0, np.maximum(w_star - lam / s, 0), np.maximum(w_star + lam / s, 0)
            )
        ),
        "negative weights move away from 0, since λ/(s w*) is negative there: divide by |w*|": (
            lambda w_star, s, lam: np.where(w_star < 0, w_star - lam / s, _cut(w_star, lam / s))
        ),
        "the large weights stay as they were, and the cut lacks the curvature: it is at λ/s, and "
        "what is left loses λ/s": lambda w_star, s, lam: np.where(abs(w_star) > lam, w_star, 0),
    },
    hints=(
        "Say the best w is positive. There |w| = w, and the slope of the whole is s (w − w*) + λ. "
        "Where is it 0, and when is that w really positive?",
        "For w > 0 it is w* − λ/s, if w* > λ/s; for w < 0 it is w* + λ/s, if w* < −λ/s. And if "
        "neither?",
        "So take λ/s off the size of w* and keep its sign; if the size is less than that, the "
        "result is 0. `np.sign`, `abs` and `np.maximum` do it in a line.",
    ),
)


EXERCISES = {
    "09.0": DROPOUT,
    "09.1": EQUAL_DECAY,
    "09.2": DROPOUT_WEIGHTS,
    "09.3": L1,
}


QUESTIONS = (
    Question(
        "A network is trained without weight decay for four times as many steps, at the same rate. "
        "To which change of λ, in a training run to its end, is this similar, for flat directions?",
        {
            "To four times the λ: more training, more decay.": (
                "each step goes towards what the data ask for, and none of them shrinks. What is "
                "left of a flat direction after more steps: more or less?"
            ),
            "To a quarter of the λ.": Right(
                "λ is about 1/(ηt): the longer it trains, the less it is held back, and the more "
                "of the flat directions comes in"
            ),
            "To half of the λ, as a mean strays with the root of the number.": (
                "the root belongs to means of draws. Here 1 − (1 − ηs)ᵗ and s/(s + λ) are compared"
            ),
            "To none: where it has converged, steps change nothing.": (
                "the steep directions have converged, the flat ones have not: after t steps a "
                "direction has come the share ηts, as long as that is small"
            ),
        },
    ),
    Question(
        "Somebody trains with `nn.Dropout(0.5)` before the last layer, and at test time multiplies "
        "what enters that layer by 1 − p. What happens?",
        {
            "It is as it should be: in training only half of the inputs were there.": (
                "half were there, and each was twice as large: dividing by 1 − p has made up for "
                "it. What is the mean of A in training?"
            ),
            "Nearly all answers become wrong.": (
                "but for its bias each logit is halved, all alike. Which one is the largest?"
            ),
            "Nothing: softmax takes out any factor.": (
                "softmax takes out what is *added* to all logits (03). Half of the logits is "
                "another thing: e to the half"
            ),
            "Nearly the same classes are named, with less certain probabilities.": Right(
                "apart from the biases all logits are halved, which leaves the largest the largest "
                "and brings the probabilities closer together. The loss tells, the accuracy hardly"
            ),
        },
    ),
    Question(
        "300 examples, 280 random features, least squares: the test error is bad. Which of these "
        "makes it worse?",
        {
            "20 features more.": Right(
                "300 features for 300 examples: that is the threshold, where the smallest s is "
                "nearly 0. To the left and to the right of it the noise is smaller"
            ),
            "20 features fewer.": (
                "that leads away from the threshold: the smallest s grows, and the noise falls"
            ),
            "2,720 features more.": (
                "far beyond the threshold very many W fit all labels, and the smallest of them "
                "carries little noise"
            ),
            "A little weight decay.": (
                "small s are to blame, and s/(s + λ) leaves next to nothing of just these"
            ),
        },
    ),
)
