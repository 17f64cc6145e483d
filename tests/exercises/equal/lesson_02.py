"""Lesson 02: other ways to write what is asked."""

import numpy as np

from nnlib.activations import softplus

# 02.1, the slope of softsign from its output ------------------------------------------------------


def softsign_by_way_of_z(A):
    Z = A / (1 - np.abs(A))
    return 1 / (1 + np.abs(Z)) ** 2


def softsign_in_a_loop(A):
    slopes = np.zeros(A.shape)
    for index, a in np.ndenumerate(A):
        slopes[index] = (1 - a) * (1 - a) if a > 0 else (1 + a) * (1 + a)
    return slopes


# 02.2, the largest z ------------------------------------------------------------------------------


def largest_unit_by_unit(W, b):
    largest = []
    for j in range(len(b)):
        z = b[j]
        for w in W[:, j]:
            if w > 0:
                z += w
        largest.append(z)
    return np.array(largest)


def largest_with_the_best_input(W, b):
    best = (W > 0).astype(float)
    return np.array([best[:, j] @ W[:, j] + b[j] for j in range(len(b))])


# 02.3, log sigmoid --------------------------------------------------------------------------------


def log_sigmoid_by_two_masks(Z):
    result = np.empty_like(Z)
    low = Z < 0
    result[low] = Z[low] - np.log(1 + np.exp(Z[low]))
    result[~low] = -np.log(1 + np.exp(-Z[~low]))
    return result


def log_sigmoid_number_by_number(Z):
    def one(z):
        return -np.log1p(np.exp(-z)) if z >= 0 else z - np.log1p(np.exp(z))

    return [[one(z) for z in row] for row in Z]


def log_sigmoid_by_log_sum_exp(Z):
    both = np.stack([np.zeros_like(Z), -Z])
    M = both.max(axis=0)
    return -(M + np.log(np.exp(both - M).sum(axis=0)))


# 02.4, the slope of a network ---------------------------------------------------------------------


def slope_with_z_kept(X, layers):
    A, Zs = X, []
    for W, b in layers:
        Zs.append(A @ W + b)
        A = np.tanh(Zs[-1])
    slope = layers[0][0] * np.ones((len(X), 1))
    for Z, (W, _) in zip(Zs, layers[1:], strict=False):
        slope = (slope / np.cosh(Z) ** 2) @ W
    return slope


def slope_from_the_other_end(X, layers):
    A, activations = X, []
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        activations.append(A)
    slopes = []
    for r in range(len(X)):
        back = layers[-1][0].T
        for (W, _), A in zip(layers[-2::-1], activations[::-1], strict=True):
            back = back * (1 - A[r] ** 2) @ W.T
        slopes.append(back[:, 0])
    return np.array(slopes)


def slope_example_by_example(X, layers):
    rows = []
    for x in X:
        a, s = x, np.array([1.0])
        for i, (W, b) in enumerate(layers):
            z, s = a @ W + b, s @ W
            if i < len(layers) - 1:
                a = np.tanh(z)
                s = s * (1 - a) * (1 + a)
        rows.append(s)
    return np.vstack(rows)


def slope_beside_the_value(X, layers):
    pair = np.stack([X, np.ones_like(X)])
    for W, b in layers[:-1]:
        Z, slope = pair[0] @ W + b, pair[1] @ W
        pair = np.stack([np.tanh(Z), slope - slope * np.tanh(Z) ** 2])
    return np.matmul(pair[1], layers[-1][0])


def slope_by_einsum(X, layers):
    A, J = X, np.ones((len(X), 1, 1))
    for W, b in layers[:-1]:
        A = np.tanh(A @ W + b)
        J = np.einsum("rki,ij,rj->rkj", J, W, 1 - np.square(A))
    return np.einsum("rki,ij->rj", J, layers[-1][0])


EQUAL = {
    "02.1": (
        softsign_by_way_of_z,
        softsign_in_a_loop,
        lambda A: 1 - 2 * abs(A) + A**2,
        lambda A: np.square(1 - np.sqrt(A * A)),
        lambda A: (np.sign(A) - A) ** 2,
        lambda A: np.where(A < 0, 1 + A, 1 - A) ** 2,
        lambda A: (1 - np.maximum(A, -A)) * (1 - np.maximum(A, -A)),
    ),
    "02.2": (
        largest_unit_by_unit,
        largest_with_the_best_input,
        lambda W, b: np.where(W > 0, W, 0).sum(axis=0) + b,
        lambda W, b: np.sum(W * (W > 0), axis=0) + b,
        lambda W, b: ((W + np.abs(W)) / 2).sum(0) + b,
        lambda W, b: b + np.ones(len(W)) @ np.clip(W, 0, None),
        lambda W, b: np.sum(W, axis=0, where=W > 0) + b,
    ),
    "02.3": (
        log_sigmoid_by_two_masks,
        log_sigmoid_number_by_number,
        log_sigmoid_by_log_sum_exp,
        lambda Z: -np.logaddexp(0, -Z),
        lambda Z: -softplus(-Z),
        lambda Z: Z - np.maximum(Z, 0) - np.log(1 + np.exp(-np.abs(Z))),
        lambda Z: np.where(Z > 0, -np.log1p(np.exp(-Z)), Z - np.log1p(np.exp(Z))),
    ),
    "02.4": (
        slope_with_z_kept,
        slope_from_the_other_end,
        slope_example_by_example,
        slope_beside_the_value,
        slope_by_einsum,
    ),
}
