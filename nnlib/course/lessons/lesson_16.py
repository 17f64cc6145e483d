"""Lesson 16, how fast, and why: its exercises and questions."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Three or four layers, so that some are neither the first nor the last."""
    n, others = sizes[0], [width for width in (3, 5, 7, 11, 13, 17) if width != sizes[0]]
    return n, tuple(int(width) for width in rng.permutation(others)[: rng.integers(4, 6)])


def _weights(sizes: tuple[int, ...]) -> list[int]:
    return [d_in * d_out for d_in, d_out in pairwise(sizes)]


def _operations(n: int, sizes: tuple[int, ...]) -> int:
    first, *others = _weights(sizes)
    return 4 * n * first + 6 * n * sum(others)


def _started_from_the_first(n: int, sizes: tuple[int, ...]) -> int:
    """Operations, where a sum of i terms takes i − 1 additions."""
    layers = list(pairwise(sizes))
    both = sum(n * d_out * (2 * d_in - 1) + d_in * d_out * (2 * n - 1) for d_in, d_out in layers)
    return both + sum(n * d_in * (2 * d_out - 1) for d_in, d_out in layers[1:])


OPERATIONS = Exercise(
    title="the operations of a training step",
    case=_network_case,
    solution=_operations,
    mistakes={
        "the first layer is not asked for dX: nobody trains the data": (
            lambda n, sizes: 6 * n * sum(_weights(sizes))
        ),
        "you counted multiplications only; each comes with an addition": (
            lambda n, sizes: _operations(n, sizes) // 2
        ),
        "that is the forward pass; on the way back there are dW and dX": (
            lambda n, sizes: 2 * n * sum(_weights(sizes))
        ),
        "dX = dZ Wᵀ is missing in the layers after the first": (
            lambda n, sizes: 4 * n * sum(_weights(sizes))
        ),
        "one of three products is missing in every layer, X W on the way forward or dW on the "
        "way back: a training step needs both": (
            lambda n, sizes: _operations(n, sizes) - 2 * n * sum(_weights(sizes))
        ),
        "the layer that is spared dX is the first, not the last": (
            lambda n, sizes: _operations(n, sizes[::-1])
        ),
        "each multiplication comes with an addition; and the first layer is not asked for dX": (
            lambda n, sizes: 3 * n * sum(_weights(sizes))
        ),
        "those are the multiplications of the forward pass: each comes with an addition, and "
        "on the way back there are dW and dX": lambda n, sizes: n * sum(_weights(sizes)),
        "the first layer has two products, X W and dW: it skips dX only": (
            lambda n, sizes: _operations(n, sizes) - 2 * n * _weights(sizes)[0]
        ),
        "the first layer is left out altogether: it skips dX, but needs X W and dW": (
            lambda n, sizes: _operations(n, sizes) - 4 * n * _weights(sizes)[0]
        ),
        "what the first layer is spared is a product, n·d_out·d_in multiplications and as many "
        "additions, and not just the n·d_in numbers of dX": (
            lambda n, sizes: 6 * n * sum(_weights(sizes)) - 2 * n * sizes[0]
        ),
        "the last layer is missing: between m sizes there are m − 1 layers": (
            lambda n, sizes: _operations(n, sizes[:-1])
        ),
        "the layers between the first and the last are missing": (
            lambda n, sizes: 4 * n * _weights(sizes)[0] + 6 * n * _weights(sizes)[-1]
        ),
        "one addition less for each entry: we start each sum from 0, so it has as many "
        "additions as multiplications": _started_from_the_first,
        "the biases are there too, added and summed: asked are the products only": (
            lambda n, sizes: _operations(n, sizes) + 2 * n * sum(sizes[1:])
        ),
        "adding the biases is there too: asked are the products only": (
            lambda n, sizes: _operations(n, sizes) + n * sum(sizes[1:])
        ),
        "that is for one example: n of them share no multiplication": (
            lambda n, sizes: _operations(1, sizes)
        ),
    },
    hints=(
        "Write the three products of a layer with their shapes. Which of them does the first "
        "layer skip?",
        "A product (a, b)(b, c) takes a·b·c multiplications and as many additions.",
        "4·n·d_in·d_out for the first layer, 6·n·d_in·d_out for each of the others.",
    ),
)


def _distances_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, m, d = sizes[:3]
    return rng.normal(size=(n, d)), rng.normal(size=(m, d))


def _squares(A: Array, B: Array) -> Array:
    return np.sum(A * A, axis=1)[:, np.newaxis] + np.sum(B * B, axis=1)


def _distances(A: Array, B: Array) -> Array:
    return _squares(A, B) - 2 * A @ B.T


def _lengths(A: Array, B: Array) -> Array:
    return np.linalg.norm(A, axis=1)[:, np.newaxis] + np.linalg.norm(B, axis=1)


DISTANCES = Exercise(
    title="all squared distances at once",
    case=_distances_case,
    solution=_distances,
    mistakes={
        "that is the product of the rows alone: (a − b)² = a² − 2ab + b² has three parts": (
            lambda A, B: A @ B.T
        ),
        "that is the cross term alone: the square sums of A and of B are missing": (
            lambda A, B: -2 * A @ B.T
        ),
        "the square sums of B are missing: (a − b)² = a² − 2ab + b²": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] - 2 * A @ B.T
        ),
        "the square sums of B have the wrong sign: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _distances(A, B) - 2 * np.sum(B * B, axis=1)
        ),
        "(a − b)² is not a² − b²: multiply it out": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] - np.sum(B * B, axis=1)
        ),
        "the squares are summed over all of A and all of B: axis=1 leaves one sum a row": (
            lambda A, B: np.sum(A * A) + np.sum(B * B) - 2 * A @ B.T
        ),
        "the squares of B are summed over all of B: axis=1 leaves one sum a row": (
            lambda A, B: np.sum(A * A, axis=1)[:, np.newaxis] + np.sum(B * B) - 2 * A @ B.T
        ),
        "the lengths of the rows stand where the squares of the lengths should": (
            lambda A, B: _lengths(A, B) - 2 * A @ B.T
        ),
        "the rows are summed first and then subtracted: each difference is squared, and the "
        "squares are summed": lambda A, B: (A.sum(axis=1)[:, np.newaxis] - B.sum(axis=1)) ** 2,
        "those are sums of absolute differences: square each of them in place of that": (
            lambda A, B: np.abs(A[:, np.newaxis] - B).sum(axis=-1)
        ),
        "the sum runs over the rows of B: it belongs over the d coordinates, the last axis": (
            lambda A, B: ((A[:, np.newaxis] - B) ** 2).sum(axis=1)
        ),
        "the cross term counts twice: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _squares(A, B) - A @ B.T
        ),
        "the cross term has the wrong sign: (a − b)² = a² − 2ab + b²": (
            lambda A, B: _squares(A, B) + 2 * A @ B.T
        ),
        "the cross term is missing": lambda A, B: _squares(A, B),
        "that is the transpose: row r belongs to row r of A": lambda A, B: _distances(A, B).T,
        "those are the distances; the squares were asked for": (
            lambda A, B: np.sqrt(_distances(A, B))
        ),
        "that is the mean over the d coordinates; a square distance is their sum": (
            lambda A, B: _distances(A, B) / A.shape[1]
        ),
    },
    hints=(
        "Multiply out one entry: Σ_i (A_ri − B_si)² is three sums.",
        "The third of them, Σ_i A_ri B_si, is an entry of a matrix product.",
        "Square sums of A as a column, those of B as a row, minus twice A @ B.T.",
    ),
)


def _folding_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d, h = sizes[:2]
    W, b, mu, gamma, beta = (rng.normal(size=s) for s in ((d, h), h, h, h, h))
    return W, b, mu, rng.uniform(0.5, 2, h), gamma, beta, float(rng.uniform(0.2, 0.5))


def _folded(
    W: Array, b: Array, mu: Array | float, v: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array]:
    s = gamma / np.sqrt(v + eps)
    return W * s, (b - mu) * s + beta


FOLDING = Exercise(
    title="a normalization folded away",
    case=_folding_case,
    solution=_folded,
    mistakes={
        "ε is missing below the root": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, beta, 0.0)
        ),
        "ε belongs below the root: √(v + ε)": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / (np.sqrt(v) + eps)),
                (b - mu) * (gamma / (np.sqrt(v) + eps)) + beta,
            )
        ),
        "divide by the root of the variance, not by the variance": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / (v + eps)),
                (b - mu) * (gamma / (v + eps)) + beta,
            )
        ),
        "b is scaled like W: it goes through the same normalization": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                b - mu * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "μ is scaled too: it is subtracted before the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                b * gamma / np.sqrt(v + eps) - mu + beta,
            )
        ),
        "μ is missing: it is subtracted from Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, 0, v, gamma, beta, eps)
        ),
        "μ has the wrong sign: it is subtracted from Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, -mu, v, gamma, beta, eps)
        ),
        "b is missing: it is part of Z": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, 0 * b, mu, v, gamma, beta, eps)
        ),
        "W is left as it was: all of Z is scaled, XW too": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W,
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "μ is taken off W, but it is subtracted from Z, once for each example: it belongs in "
        "b_folded alone": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W - mu, b, mu, v, gamma, beta, eps)
        ),
        "W_folded lacks γ": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W / np.sqrt(v + eps),
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "W_folded lacks the division by √(v + ε)": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma,
                (b - mu) * gamma / np.sqrt(v + eps) + beta,
            )
        ),
        "the root multiplies in place of dividing": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * gamma * np.sqrt(v + eps),
                (b - mu) * gamma * np.sqrt(v + eps) + beta,
            )
        ),
        "v is squared, but it is a variance, a mean of squares, already": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v**2, gamma, beta, eps)
        ),
        "β is scaled by γ: it is added after the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, gamma * beta, eps)
        ),
        "β has the wrong sign: it is added": (
            lambda W, b, mu, v, gamma, beta, eps: _folded(W, b, mu, v, gamma, -beta, eps)
        ),
        "b is left as it was: the normalization moves it, too": (
            lambda W, b, mu, v, gamma, beta, eps: (W * gamma / np.sqrt(v + eps), b)
        ),
        "β is missing: the shift after the scaling": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W * (gamma / np.sqrt(v + eps)),
                (b - mu) * gamma / np.sqrt(v + eps),
            )
        ),
        "γ is missing: the scale after the division": (
            lambda W, b, mu, v, gamma, beta, eps: (
                W / np.sqrt(v + eps),
                (b - mu) / np.sqrt(v + eps) + beta,
            )
        ),
    },
    hints=(
        "Put Z = XW + b into A = γ ⊙ (Z − μ)/√(v + ε) + β and sort by what is multiplied by X.",
        "With s = γ/√(v + ε), one number for each output, A = (XW) ⊙ s + (b − μ) ⊙ s + β.",
        "Multiplying the columns of XW by s is multiplying the columns of W by s.",
    ),
    parts=("W_folded", "b_folded"),
)


EXERCISES = {"16.1": OPERATIONS, "16.2": DISTANCES, "16.3": FOLDING}


QUESTIONS = (
    Question(
        "A layer 4096 to 4096 gets 8 images at once in place of 4. Its W comes from main memory, "
        "and fetching it is what takes the time. How long does the product take now?",
        {
            "Twice as long: there are twice as many operations.": (
                "there are, but the operations are not what holds it up. Under the slanted part "
                "of the roof the bytes count, and nearly all of them are those of W"
            ),
            "Hardly longer: W is fetched once, as before.": Right(
                "the bytes stay nearly the same, so the time does, and the speed in operations a "
                "second doubles. That goes on until the flat part of the roof is reached"
            ),
            "Half as long: larger batches are faster.": (
                "they are faster for each image. The whole batch is no less work than before: "
                "all of W must still come from memory"
            ),
        },
    ),
    Question(
        "θ, M and u are vectors of a million numbers, η and c plain numbers. How many passes is "
        "the line θ -= η * (c * M) / u, and with how many could you do?",
        {
            "1, because it is a single line.": (
                "NumPy sees one operation at a time: c * M is finished, as a vector of a million "
                "numbers, before η is looked at"
            ),
            "4, and no fewer: each sign is needed.": (
                "each sign that meets a vector is a pass. But η and c can be multiplied with each "
                "other first, as two plain numbers"
            ),
            "2, as η and c cost nothing.": (
                "a plain number alone costs nothing. But c * M is a vector, and then η * (c * M) "
                "goes over a million numbers again"
            ),
            "4, or 3 with η * c taken first.": Right(
                "c * M, η times that, the division, the subtraction. With η * c as one number the "
                "second of them is gone"
            ),
        },
    ),
    Question(
        "In a step, 90 percent of the time goes into the products and 5 percent into Adam. You "
        "make Adam twice as fast. How much of the step's time have you saved?",
        {
            "50 percent": (
                "that is what Adam saves of its own time. The step as a whole has 95 percent in "
                "other places, and there nothing has changed"
            ),
            "5 percent": (
                "that would take an Adam that costs nothing at all. Yours still takes half of its "
                "time"
            ),
            "2.5 percent": Right(
                "half of 5 percent. However clever the update, no more than 5 percent can be won "
                "there; so measure first, and work where the time is"
            ),
            "45 percent": (
                "that would be half of the time of the products, and those you have not touched"
            ),
        },
    ),
)
