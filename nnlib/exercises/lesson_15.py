"""Exercises of lesson 15: how fast, and why."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.exercises._exercise import Exercise

Sizes = list[int]


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, *widths = sizes
    return n, tuple(widths)


def _weights(sizes: tuple[int, ...]) -> list[int]:
    return [d_in * d_out for d_in, d_out in pairwise(sizes)]


def _operations(n: int, sizes: tuple[int, ...]) -> int:
    first, *others = _weights(sizes)
    return 4 * n * first + 6 * n * sum(others)


def _distances_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, m, d = sizes[:3]
    return rng.normal(size=(n, d)), rng.normal(size=(m, d))


def _squares(A: Array, B: Array) -> Array:
    return np.sum(A * A, axis=1)[:, np.newaxis] + np.sum(B * B, axis=1)


def _distances(A: Array, B: Array) -> Array:
    return _squares(A, B) - 2 * A @ B.T


def _folding_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d, h = sizes[:2]
    W, b, mu, gamma, beta = (rng.normal(size=s) for s in ((d, h), h, h, h, h))
    return W, b, mu, rng.uniform(0.5, 2, h), gamma, beta, float(rng.uniform(0.2, 0.5))


def _folded(
    W: Array, b: Array, mu: Array | float, v: Array, gamma: Array, beta: Array, eps: float
) -> tuple[Array, Array]:
    s = gamma / np.sqrt(v + eps)
    return W * s, (b - mu) * s + beta


EXERCISES = {
    "15.1": Exercise(
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
            "dW = Xᵀ dZ is missing": (
                lambda n, sizes: _operations(n, sizes) - 2 * n * sum(_weights(sizes))
            ),
            "the layer that is spared dX is the first, not the last": (
                lambda n, sizes: _operations(n, sizes[::-1])
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
    ),
    "15.2": Exercise(
        case=_distances_case,
        solution=_distances,
        mistakes={
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
    ),
    "15.3": Exercise(
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
    ),
}
