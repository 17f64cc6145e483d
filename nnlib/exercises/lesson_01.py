"""Exercises of lesson 01: the forward pass."""

from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.exercises._exercise import Exercise

Sizes = list[int]
Widths = tuple[int, ...]


def _columns_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d_in, d_out = sizes[:3]
    return rng.normal(size=(d_in, n)), rng.normal(size=(d_out, d_in)), rng.normal(size=d_out)


def _columns_forward(X: Array, W: Array, b: Array) -> Array:
    return W @ X + b[:, np.newaxis]


def _fold_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d_in, d_out = sizes[:2]
    W, b = rng.normal(size=(d_in, d_out)), rng.normal(size=d_out)
    return W, b, rng.normal(size=d_in), rng.uniform(0.3, 3.0, size=d_in)


def _fold(W: Array, b: Array, mu: Array, sigma: Array) -> tuple[Array, Array]:
    return W / sigma[:, np.newaxis], b - (mu / sigma) @ W


def _flat_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d, h, k = sizes
    widths = (d, h, *(17, 19)[: int(rng.integers(3))], k)
    count = sum((d_in + 1) * d_out for d_in, d_out in pairwise(widths))
    return rng.normal(size=(n, d)), rng.normal(size=count), widths


def _layers(params: Array, widths: Widths) -> list[tuple[Array, Array]]:
    """Cut a flat vector into (W, b) pairs: all matrices first, then all biases."""
    starts = np.cumsum([0, *(d_in * d_out for d_in, d_out in pairwise(widths)), *widths[1:]])
    pieces = [params[start:stop] for start, stop in pairwise(starts)]
    depth = len(widths) - 1
    matrices = [
        piece.reshape(shape) for piece, shape in zip(pieces[:depth], pairwise(widths), strict=True)
    ]
    return list(zip(matrices, pieces[depth:], strict=True))


def _run(X: Array, layers: list[tuple[Array, Array]]) -> Array:
    A = X
    for W, b in layers[:-1]:
        A = np.maximum(A @ W + b, 0)
    W, b = layers[-1]
    return A @ W + b


def _flat_forward(X: Array, params: Array, sizes: Widths) -> Array:
    return _run(X, _layers(params, sizes))


def _flat_no_relu(X: Array, params: Array, sizes: Widths) -> Array:
    A = X
    for W, b in _layers(params, sizes):
        A = A @ W + b
    return A


def _flat_layer_by_layer(X: Array, params: Array, sizes: Widths) -> Array:
    layers, start = [], 0
    for d_in, d_out in pairwise(sizes):
        middle = start + d_in * d_out
        stop = middle + d_out
        layers.append((params[start:middle].reshape(d_in, d_out), params[middle:stop]))
        start = stop
    return _run(X, layers)


def _flat_transposed(X: Array, params: Array, sizes: Widths) -> Array:
    layers = _layers(params, sizes)
    return _run(X, [(W.reshape(W.shape[::-1]).T, b) for W, b in layers])


def _flat_no_bias(X: Array, params: Array, sizes: Widths) -> Array:
    return _run(X, [(W, 0 * b) for W, b in _layers(params, sizes)])


def _flat_late_bias(X: Array, params: Array, sizes: Widths) -> Array:
    layers = _layers(params, sizes)
    A = X
    for W, b in layers[:-1]:
        A = np.maximum(A @ W, 0) + b
    W, b = layers[-1]
    return A @ W + b


EXERCISES = {
    "01.1": Exercise(
        case=_columns_case,
        solution=_columns_forward,
        mistakes={
            "the bias is missing: neuron j adds b[j] to every example": lambda X, W, b: W @ X,
            "the numbers are right, but the examples came out as rows: this book wants "
            "them as columns, shape (d_out, n)": lambda X, W, b: (W @ X).T + b,
            "the bias is subtracted: z = Σ x w + b": lambda X, W, b: W @ X - b[:, np.newaxis],
            "the bias is added once for every input: it stands outside the sum over i": (
                lambda X, W, b: W @ X + len(X) * b[:, np.newaxis]
            ),
            "every neuron got the sum of all biases: neuron j adds only its own b[j]": (
                lambda X, W, b: W @ X + b.sum()
            ),
            "there is a ReLU at the end: a dense layer alone stops at Z": (
                lambda X, W, b: np.maximum(W @ X + b[:, np.newaxis], 0)
            ),
        },
        hints=(
            "Write the shapes down: (d_out, d_in)(d_in, n) = (d_out, n). Which product is that? "
            "And does b, of shape (d_out,), fit to it?",
            "b has one number for each row of the result, and NumPy lines shapes up from the "
            "right: (d_out, n) and (d_out,) do not fit, (d_out, n) and (d_out, 1) do.",
            "b[:, np.newaxis] is b as a column, shape (d_out, 1), as in Break it. So "
            "Z = W @ X + b[:, np.newaxis].",
        ),
    ),
    "01.2": Exercise(
        case=_fold_case,
        solution=_fold,
        parts=("W_new", "b_new"),
        mistakes={
            "W_new is still W: whoever gets the raw X must divide by sigma somewhere": (
                lambda W, b, mu, sigma: (W, b - (mu / sigma) @ W)
            ),
            "b_new is still b: the shift by mu has to end up in the bias": (
                lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b)
            ),
            "the shift has the wrong sign: mu is subtracted from X": (
                lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b + (mu / sigma) @ W)
            ),
            "mu is not divided by sigma: that folds X / sigma − mu, not (X − mu) / sigma": (
                lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b - mu @ W)
            ),
            "W is multiplied by sigma: the inputs are divided by it": (
                lambda W, b, mu, sigma: (W * sigma[:, np.newaxis], b - (mu / sigma) @ W)
            ),
            "mu is divided by sigma twice: W_new holds one division already": (
                lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b - (mu / sigma**2) @ W)
            ),
        },
        hints=(
            "Write one score out: z_j = Σ_i (x_i − mu_i) / sigma_i · W_ij + b_j.",
            "Sort it: what multiplies x_i is W_new[i, j]; all that has no x_i is b_new[j].",
            "W_new[i, j] = W[i, j] / sigma[i]: row i is divided by sigma[i], so sigma must be a "
            "column: W_new = W / sigma[:, np.newaxis]. And b_new = b − mu @ W_new.",
        ),
    ),
    "01.3": Exercise(
        case=_flat_case,
        solution=_flat_forward,
        mistakes={
            "there is a ReLU after the last layer too: scores may be negative": (
                lambda X, params, sizes: np.maximum(_flat_forward(X, params, sizes), 0)
            ),
            "there is no ReLU: all the layers are one matrix then": _flat_no_relu,
            "params is read layer by layer, W1 b1 W2 b2: here all matrices come first, then "
            "all biases": _flat_layer_by_layer,
            "each matrix is filled column by column: its numbers lie row by row, so that "
            "reshape(d_in, d_out) is enough": _flat_transposed,
            "the biases are never added": _flat_no_bias,
            "in the hidden layers b is added after the ReLU: it belongs to Z": _flat_late_bias,
        },
        hints=(
            "Two loops are simpler than one: first cut params into matrices and biases, then run.",
            "Keep a position in params. A matrix takes the next d_in · d_out numbers, a bias the "
            "next d_out; zip(sizes[:-1], sizes[1:]) gives the pairs (d_in, d_out).",
            "params[start:stop].reshape(d_in, d_out) is a matrix; collect them in a list, then the "
            "biases in another. The run is A = X, then A = np.maximum(A @ W + b, 0) for each pair "
            "but the last, then A @ W + b for the last.",
        ),
    ),
}
