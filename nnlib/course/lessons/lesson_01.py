"""Lesson 01, the forward pass: its exercises and questions."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Widths = tuple[int, ...]


def _layer_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d_in, d_out = sizes[:3]
    return rng.normal(size=(n, d_in)), rng.normal(size=(d_in, d_out)), rng.normal(size=d_out)


def _layer(X: Array, W: Array, b: Array) -> Array:
    return X @ W + b


LAYER = Exercise(
    title="a layer for a whole batch",
    case=_layer_case,
    solution=_layer,
    mistakes={
        "the bias is missing: neuron j adds `b[j]` to every example": lambda X, W, b: X @ W,
        "the bias is subtracted: z = Σ x w + b": lambda X, W, b: X @ W - b,
        "`*` multiplies entry by entry and leaves the products side by side: the sum over i is "
        "missing, and `@` does both": lambda X, W, b: X[:, :, np.newaxis] * W + b,
        "the bias is added once for every input: it stands outside the sum over i": (
            lambda X, W, b: X @ W + X.shape[1] * b
        ),
        "every neuron got the sum of all biases: neuron j adds its own `b[j]`": (
            lambda X, W, b: X @ W + b.sum()
        ),
        "every neuron got the first bias: neuron j adds its own `b[j]`": (
            lambda X, W, b: X @ W + b[0]
        ),
        "there is a ReLU at the end: a layer alone stops at Z, and scores may be negative": (
            lambda X, W, b: np.maximum(X @ W + b, 0)
        ),
        "b was added to the weights: it stands outside the product, and is added to X W": (
            lambda X, W, b: X @ (W + b)
        ),
        "the examples came out as columns: here each keeps its row, shape (n, d_out)": (
            lambda X, W, b: (X @ W + b).T
        ),
        "only the first example came through: Z has a row for each row of X": (
            lambda X, W, b: X[0] @ W + b
        ),
        "the examples were added up: each keeps a row of its own": (
            lambda X, W, b: (X @ W + b).sum(axis=0)
        ),
        "only the last input arrives: the loop writes over the sum in place of adding to it": (
            lambda X, W, b: np.outer(X[:, -1], W[-1]) + b
        ),
    },
    hints=(
        "For one example you have seen the line: z = x @ W + b. What changes in the shapes when "
        "x, (d_in,), becomes X, (n, d_in)?",
        "(n, d_in)(d_in, d_out) = (n, d_out): `@` does that for all rows at once. And b, (d_out,), "
        "is added to every row by broadcasting.",
        "Nothing changes but the letter: return X @ W + b.",
    ),
)


def _network_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d, h, k = sizes
    shapes = ((n, d), (d, h), (h,), (h, k), (k,))
    return tuple(rng.normal(size=shape) for shape in shapes)


def _network(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> tuple[Array, Array, Array]:
    Z1 = X @ W1 + b1
    A1 = np.maximum(Z1, 0)
    return Z1, A1, A1 @ W2 + b2


def _with_activation(function: Callable[[Array], Any]) -> Callable[..., Any]:
    """Make the mistake that has another function in place of the ReLU."""

    def mistake(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
        Z1 = X @ W1 + b1
        A1 = function(Z1)
        return Z1, A1, A1 @ W2 + b2

    return mistake


def _network_late_bias(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    A1 = np.maximum(X @ W1, 0) + b1
    return X @ W1, A1, A1 @ W2 + b2


def _network_bias_lost(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    A1 = np.maximum(X @ W1, 0)
    return X @ W1 + b1, A1, A1 @ W2 + b2


def _network_last_relu(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    Z1, A1, Z2 = _network(X, W1, b1, W2, b2)
    return Z1, A1, np.maximum(Z2, 0)


def _network_in_place(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    _, A1, Z2 = _network(X, W1, b1, W2, b2)
    return A1, A1, Z2


def _network_past_relu(X: Array, W1: Array, b1: Array, W2: Array, b2: Array) -> Any:
    Z1, A1, _ = _network(X, W1, b1, W2, b2)
    return Z1, A1, Z1 @ W2 + b2


NETWORK = Exercise(
    title="two layers with a ReLU between them",
    case=_network_case,
    solution=_network,
    parts=("Z1", "A1", "Z2"),
    mistakes={
        "the first bias is missing: Z1 is X W1 + b1": lambda X, W1, b1, W2, b2: _network(
            X, W1, 0 * b1, W2, b2
        ),
        "Z1 has lost its negative numbers, so that A1 is the same: `Z1[Z1 < 0] = 0` changes Z1 in "
        "place, and `np.maximum(Z1, 0)` makes a new array": _network_in_place,
        "there is no ReLU: A1 is still Z1, and two layers without one are a single layer": (
            _with_activation(lambda Z1: Z1)
        ),
        "`np.max(Z1, 0)` is the largest number of each column: `np.maximum(Z1, 0)` compares each "
        "entry with 0": _with_activation(lambda Z1: Z1.max(axis=0)),
        "that keeps the negative numbers, as `np.minimum` does: ReLU keeps the positive ones": (
            _with_activation(lambda Z1: np.minimum(Z1, 0))
        ),
        "A1 holds ones and zeros, whether a unit is on: ReLU keeps the number itself": (
            _with_activation(lambda Z1: (Z1 > 0).astype(Z1.dtype))
        ),
        "`Z1 > 0` is True or False, whether a unit is on: ReLU keeps the number itself": (
            _with_activation(lambda Z1: Z1 > 0)
        ),
        "that is the size without its sign, `np.abs`: ReLU makes a 0 of what is negative": (
            _with_activation(np.abs)
        ),
        "the ReLU is applied to the inputs X: it belongs behind the first layer": (
            lambda X, W1, b1, W2, b2: _with_activation(lambda Z1: Z1)(
                np.maximum(X, 0), W1, b1, W2, b2
            )
        ),
        "the first bias is added after the ReLU: it belongs to Z1, before": _network_late_bias,
        "A1 is made of X W1, without the bias: the ReLU takes Z1": _network_bias_lost,
        "the second bias is missing: Z2 is A1 W2 + b2": lambda X, W1, b1, W2, b2: _network(
            X, W1, b1, W2, 0 * b2
        ),
        "there is a ReLU after the last layer too: scores may be negative": _network_last_relu,
        "Z2 is made of Z1, past the ReLU: the second layer takes A1": _network_past_relu,
    },
    hints=(
        "Three equations, three lines: each right side uses only what the line above has made.",
        "The first and the third line are layers, as in 01.0; the second takes the larger of "
        "each entry and 0, and that is `np.maximum`, with two arguments.",
        "Z1 = X @ W1 + b1; A1 = np.maximum(Z1, 0); and the last is the first again, with A1, W2 "
        "and b2.",
    ),
)


def _columns_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d_in, d_out = sizes[:3]
    return rng.normal(size=(d_in, n)), rng.normal(size=(d_out, d_in)), rng.normal(size=d_out)


def _columns_forward(X: Array, W: Array, b: Array) -> Array:
    return W @ X + b[:, np.newaxis]


COLUMNS = Exercise(
    title="a layer whose examples are columns",
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
        "every neuron got the same bias, the mean of all: neuron j adds its own b[j]": (
            lambda X, W, b: W @ X + b.mean()
        ),
        "every neuron got the first bias: neuron j adds its own b[j]": (
            lambda X, W, b: W @ X + b[0]
        ),
        "the bias is added once for every example: each score gets it once": (
            lambda X, W, b: W @ X + X.shape[1] * b[:, np.newaxis]
        ),
        "there is a ReLU at the end: a dense layer alone stops at Z": (
            lambda X, W, b: np.maximum(W @ X + b[:, np.newaxis], 0)
        ),
        "the shape came from a reshape: it only breaks the same row of numbers at other "
        "places. To swap rows and columns, transpose": (
            lambda X, W, b: (X.T @ W.T + b).reshape(len(b), -1)
        ),
        "W was brought into shape by a reshape: then the weights of different neurons get "
        "mixed. To swap rows and columns, transpose": (
            lambda X, W, b: (X.T @ W.reshape(W.shape[::-1]) + b).T
        ),
        "only the last input arrives: the loop writes over the sum in place of adding to it": (
            lambda X, W, b: np.outer(W[:, -1], X[-1]) + b[:, np.newaxis]
        ),
    },
    hints=(
        "Write the shapes down: (d_out, d_in)(d_in, n) = (d_out, n). Which product is that? "
        "And does b, of shape (d_out,), fit to it?",
        "b has one number for each row of the result, and NumPy lines shapes up from the "
        "right: (d_out, n) and (d_out,) do not fit, (d_out, n) and (d_out, 1) do.",
        "b[:, np.newaxis] is b as a column, shape (d_out, 1), for np.newaxis puts in an axis of "
        "size 1. So Z = W @ X + b[:, np.newaxis].",
    ),
)


def _fold_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d_in, d_out = sizes[:2]
    W, b = rng.normal(size=(d_in, d_out)), rng.normal(size=d_out)
    return W, b, rng.normal(size=d_in), rng.uniform(0.3, 3.0, size=d_in)


def _fold(W: Array, b: Array, mu: Array, sigma: Array) -> tuple[Array, Array]:
    return W / sigma[:, np.newaxis], b - (mu / sigma) @ W


FOLD = Exercise(
    title="shift and scale, folded into W and b",
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
        "that folds (X − mu) · sigma: here the inputs are divided by sigma": (
            lambda W, b, mu, sigma: (W * sigma[:, np.newaxis], b - (mu * sigma) @ W)
        ),
        "W_new right; b_new: mu is multiplied by sigma, but it is divided by it, as X is": (
            lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b - (mu * sigma) @ W)
        ),
        "the shift went into the weights, where it would be multiplied by x: what has no x "
        "belongs to the bias": (
            lambda W, b, mu, sigma: ((W - mu[:, np.newaxis]) / sigma[:, np.newaxis], b)
        ),
        "b itself is missing in b_new: the shift comes on top of it": (
            lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], -(mu / sigma) @ W)
        ),
        "the shift of input i reaches neuron j only through W_ij: it must be multiplied by W": (
            lambda W, b, mu, sigma: (W / sigma[:, np.newaxis], b - (mu / sigma).sum())
        ),
        "that folds the way back, X sigma + mu: here mu is subtracted first, then comes the "
        "division": lambda W, b, mu, sigma: (W * sigma[:, np.newaxis], b + mu @ W),
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
)


def _flat_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    n, d, h, k = sizes
    widths = (d, h, *(17, 19)[: int(rng.integers(1, 3))], k)  # two or three hidden layers
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


def _flat_no_position(X: Array, params: Array, sizes: Widths) -> Array:
    layers = []
    for d_in, d_out in pairwise(sizes):
        middle = d_in * d_out
        layers.append((params[:middle].reshape(d_in, d_out), params[middle : middle + d_out]))
    return _run(X, layers)


def _flat_stuck(
    X: Array, params: Array, sizes: Widths, weights: int | None = None, biases: int | None = None
) -> Array:
    """Cut all matrices, or all biases, from one and the same place."""
    layers = []
    for W, b in _layers(params, sizes):
        V = W if weights is None else params[weights : weights + W.size].reshape(W.shape)
        layers.append((V, b if biases is None else params[biases : biases + b.size]))
    return _run(X, layers)


def _flat_mask(X: Array, params: Array, sizes: Widths) -> Array:
    A = X
    *hidden, (V, c) = _layers(params, sizes)
    for W, b in hidden:
        A = (A @ W + b > 0).astype(float)
    return A @ V + c


def _flat_biases_from_zero(X: Array, params: Array, sizes: Widths) -> Array:
    starts = np.cumsum([0, *sizes[1:]])
    biases = [params[start:stop] for start, stop in pairwise(starts)]
    matrices = [W for W, _ in _layers(params, sizes)]
    return _run(X, list(zip(matrices, biases, strict=True)))


def _flat_biases_first(X: Array, params: Array, sizes: Widths) -> Array:
    count = sum(sizes[1:])
    return _run(X, _layers(np.concatenate([params[count:], params[:count]]), sizes))


def _flat_one_relu(X: Array, params: Array, sizes: Widths) -> Array:
    (W, b), *others = _layers(params, sizes)
    A = np.maximum(X @ W + b, 0)
    for W, b in others:
        A = A @ W + b
    return A


def _flat_late_bias(X: Array, params: Array, sizes: Widths) -> Array:
    layers = _layers(params, sizes)
    A = X
    for W, b in layers[:-1]:
        A = np.maximum(A @ W, 0) + b
    W, b = layers[-1]
    return A @ W + b


FLAT = Exercise(
    title="a network of any depth, out of one vector",
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
        "every layer is cut from the beginning of params: the position must move on": (
            _flat_no_position
        ),
        "all matrices are cut from the beginning of params: the position must move on": (
            lambda X, params, sizes: _flat_stuck(X, params, sizes, weights=0)
        ),
        "all biases are cut from one place, behind the matrices: the position must move on": (
            lambda X, params, sizes: _flat_stuck(
                X, params, sizes, biases=len(params) - sum(sizes[1:])
            )
        ),
        "all matrices and all biases are cut from the beginning of params: the position must move "
        "on": lambda X, params, sizes: _flat_stuck(X, params, sizes, weights=0, biases=0),
        "the biases are cut from the beginning of params: they start where the last matrix "
        "ends": _flat_biases_from_zero,
        "the biases are taken to come first: the matrices do": _flat_biases_first,
        "only the first hidden layer has a ReLU: every layer but the last gets one": (
            _flat_one_relu
        ),
        "A holds ones and zeros, whether a unit is on: a ReLU keeps the number itself": (
            _flat_mask
        ),
        "there is a ReLU on X: it belongs behind a layer, and inputs may be negative": (
            lambda X, params, sizes: _flat_forward(np.maximum(X, 0), params, sizes)
        ),
        "that is the first hidden layer: does the `return` stand inside the loop?": (
            lambda X, params, sizes: np.maximum(
                X @ _layers(params, sizes)[0][0] + _layers(params, sizes)[0][1], 0
            )
        ),
        "that is the last hidden layer: the scores need one layer more, without a ReLU": (
            lambda X, params, sizes: np.maximum(_run(X, _layers(params, sizes)[:-1]), 0)
        ),
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
)


def _gated_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    d = sizes[0]  # all are square: no product is refused
    return tuple(rng.normal(size=shape) for shape in ((d, d), (d, d), (d,), (d, d), (d,)))


def _gated(X: Array, W: Array, b: Array, W_gate: Array, b_gate: Array) -> Array:
    return (X @ W + b) * np.maximum(X @ W_gate + b_gate, 0)


GATED = Exercise(
    title="a gated layer: * and @",
    case=_gated_case,
    solution=_gated,
    mistakes={
        "`X * W` multiplies entry by entry: a layer needs the sum over its inputs, `X @ W`": (
            lambda X, W, b, W_gate, b_gate: (X * W + b) * np.maximum(X * W_gate + b_gate, 0)
        ),
        "the gate has `*` where it needs `@`: it is a layer, and sums over its inputs": (
            lambda X, W, b, W_gate, b_gate: (X @ W + b) * np.maximum(X * W_gate + b_gate, 0)
        ),
        "the first layer has `*` where it needs `@`: it sums over its inputs": (
            lambda X, W, b, W_gate, b_gate: (X * W + b) * np.maximum(X @ W_gate + b_gate, 0)
        ),
        "`@` stands between the two layers: ⊙ multiplies entry by entry, and that is `*`": (
            lambda X, W, b, W_gate, b_gate: (X @ W + b) @ np.maximum(X @ W_gate + b_gate, 0)
        ),
        "`*` and `@` have changed places: layers take `@`, and ⊙ is `*`": (
            lambda X, W, b, W_gate, b_gate: (X * W + b) @ np.maximum(X * W_gate + b_gate, 0)
        ),
        "W stands in front of X: the rows of X are examples, so it is `X @ W`, and only the square "
        "shapes let the other order pass": lambda X, W, b, W_gate, b_gate: (
            (W @ X + b) * np.maximum(W_gate @ X + b_gate, 0)
        ),
        "the gate holds ones and zeros, open or shut: ReLU keeps the number itself": (
            lambda X, W, b, W_gate, b_gate: (X @ W + b) * (X @ W_gate + b_gate > 0)
        ),
        "`np.max(…, 0)` is the largest number of each column: `np.maximum(…, 0)` compares each "
        "entry with 0": lambda X, W, b, W_gate, b_gate: (
            (X @ W + b) * (X @ W_gate + b_gate).max(axis=0)
        ),
        "the gate is a sigmoid, between 0 and 1: here it is a ReLU, `np.maximum(…, 0)`": (
            lambda X, W, b, W_gate, b_gate: (X @ W + b) / (1 + np.exp(-(X @ W_gate + b_gate)))
        ),
        "the gate has no ReLU": lambda X, W, b, W_gate, b_gate: (X @ W + b) * (X @ W_gate + b_gate),
        "the ReLU is around the first layer: it belongs to the gate": (
            lambda X, W, b, W_gate, b_gate: np.maximum(X @ W + b, 0) * (X @ W_gate + b_gate)
        ),
        "the ReLU is around the whole product: it belongs to the gate alone": (
            lambda X, W, b, W_gate, b_gate: np.maximum((X @ W + b) * (X @ W_gate + b_gate), 0)
        ),
        "both layers have a ReLU: only the gate has one": lambda X, W, b, W_gate, b_gate: (
            np.maximum(X @ W + b, 0) * np.maximum(X @ W_gate + b_gate, 0)
        ),
        "the two are added: the gate multiplies": lambda X, W, b, W_gate, b_gate: (
            X @ W + b + np.maximum(X @ W_gate + b_gate, 0)
        ),
        "the gate's bias is missing": lambda X, W, b, W_gate, b_gate: (
            (X @ W + b) * np.maximum(X @ W_gate, 0)
        ),
        "the first layer's bias is missing: mind the bracket around X W + b": (
            lambda X, W, b, W_gate, b_gate: X @ W * np.maximum(X @ W_gate + b_gate, 0)
        ),
        "a bracket is missing: `*` binds before `+`, so only b met the gate": (
            lambda X, W, b, W_gate, b_gate: X @ W + b * np.maximum(X @ W_gate + b_gate, 0)
        ),
        "both biases are missing: each layer has one of its own": (
            lambda X, W, b, W_gate, b_gate: X @ W * np.maximum(X @ W_gate, 0)
        ),
        "the biases have changed places: b belongs to W, b_gate to W_gate": (
            lambda X, W, b, W_gate, b_gate: _gated(X, W, b_gate, W_gate, b)
        ),
        "the gate adds b: it has a bias of its own, b_gate": (
            lambda X, W, b, W_gate, b_gate: _gated(X, W, b, W_gate, b)
        ),
        "the gate is made of W: it has weights of its own, W_gate": (
            lambda X, W, b, W_gate, b_gate: _gated(X, W, b, W, b_gate)
        ),
        "the gate is made of W and b: it has numbers of its own, W_gate and b_gate": (
            lambda X, W, b, W_gate, b_gate: _gated(X, W, b, W, b)
        ),
        "the biases are added as columns, one number for each example: neuron j adds its own "
        "`b[j]`, so `+ b` is enough": lambda X, W, b, W_gate, b_gate: _gated(
            X, W, b[:, np.newaxis], W_gate, b_gate[:, np.newaxis]
        ),
        "both matrices are transposed: they are (d_in, d_out) already, and only the square shapes "
        "let `.T` pass": lambda X, W, b, W_gate, b_gate: _gated(X, W.T, b, W_gate.T, b_gate),
        "W is transposed: it is (d_in, d_out) already, and only the square shapes let `.T` pass": (
            lambda X, W, b, W_gate, b_gate: _gated(X, W.T, b, W_gate, b_gate)
        ),
        "W_gate is transposed: it is (d_in, d_out) already, and only the square shapes let `.T` "
        "pass": lambda X, W, b, W_gate, b_gate: _gated(X, W, b, W_gate.T, b_gate),
        "`@` stands between the gate and the layer: ⊙ multiplies entry by entry, and that is `*`": (
            lambda X, W, b, W_gate, b_gate: np.maximum(X @ W_gate + b_gate, 0) @ (X @ W + b)
        ),
        "the gate goes through the second layer, as in a network of two: both layers take X": (
            lambda X, W, b, W_gate, b_gate: np.maximum((X @ W + b) @ W_gate + b_gate, 0)
        ),
    },
    hints=(
        "Count the sums. Which of the three products adds up over something, and which only "
        "multiplies entries that lie in the same place?",
        "Both layers add up over their inputs: `@`. Between them stands ⊙: `*`.",
        "The gate is np.maximum(X @ W_gate + b_gate, 0); what it multiplies is (X @ W + b), with "
        "the bracket.",
    ),
)


EXERCISES = {
    "01.0": LAYER,
    "01.0b": NETWORK,
    "01.1": COLUMNS,
    "01.2": FOLD,
    "01.3": GATED,
    "01.4": FLAT,
}


QUESTIONS = (
    Question(
        "Z = X W + b for a batch of 20 examples. One weight, W[0, 2], is changed. Which entries "
        "of Z can change?",
        {
            "Z[0, 2] alone.": (
                "the row of W is an input, and the row of Z is an example: input 0 is a part of "
                "every example"
            ),
            "Row 0 of Z.": (
                "a row of Z is an example. W has no examples: its row 0 belongs to input 0, and "
                "all neurons read that, but each with a weight of its own"
            ),
            "Column 2 of Z.": Right(
                "W[0, 2] is how neuron 2 reads input 0, and it reads it in every example. Where "
                "that input happens to be 0, the entry stays"
            ),
            "All of Z.": (
                "the other neurons have columns of their own in W, and these have not changed"
            ),
        },
    ),
    Question(
        "Somebody puts A = 2Z + 1 between two layers, in place of the ReLU: every Z is changed, "
        "so the two layers should no longer merge. What is true?",
        {
            "They cannot merge: something stands between them now.": (
                "what counts is whether a nonlinearity stands there, and 2Z + 1 is straight. Put "
                "it in and open the brackets: (2(X W₁ + b₁) + 1) W₂ + b₂ is X times a matrix plus "
                "a row"
            ),
            "They merge into one layer, just as without it.": Right(
                "2Z + 1 keeps to straight lines, it is a layer itself: W = 2 W₁ W₂, and all that "
                "has no X goes into one bias"
            ),
            "The 2 merges into the weights, but the 1 is in the way.": (
                "the 1 has no X, so it becomes a part of the new bias: as a row of ones it is "
                "multiplied by W₂, like b₁"
            ),
        },
    ),
    Question(
        "A hidden layer sends two examples of different classes to exactly the same point of the "
        "hidden plane. What can the layers behind it do?",
        {
            "Nothing: they answer both alike.": Right(
                "the same numbers go in, so the same numbers come out, whatever is behind. In XOR "
                "both dark points fell on one spot, but those two want the same answer"
            ),
            "Part them again, if they have enough neurons.": (
                "more neurons can do more with what they get, but they get the same numbers for "
                "both examples: a function gives one answer to one input"
            ),
            "Part them, if there is another ReLU on the way.": (
                "a nonlinearity still gives one answer to one input. What the first layer has "
                "thrown away stays away"
            ),
            "Part them, as each example has weights of its own.": (
                "all examples share W and b: that is why a batch is one matrix product"
            ),
        },
    ),
)
