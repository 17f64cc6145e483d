"""Lesson 02: other ways to write what is asked."""

import numpy as np

from nnlib.activations import softplus

# 02.0, four slopes from the output ----------------------------------------------------------------


def slopes_as_derived(A_sigmoid, A_tanh, A_relu, A_leaky, alpha):
    u = 1 / A_sigmoid
    s = (1 + A_tanh) / 2
    return (u - 1) / u**2, 4 * s * (1 - s), 1.0 * (A_relu > 0), np.where(A_leaky > 0, 1, alpha)


def slopes_by_way_of_z(A_sigmoid, A_tanh, A_relu, A_leaky, alpha):
    Z = np.log(A_sigmoid / (1 - A_sigmoid))
    d_sigmoid = np.exp(-Z) / (1 + np.exp(-Z)) ** 2
    d_tanh = 1 / np.cosh(np.arctanh(A_tanh)) ** 2
    return d_sigmoid, d_tanh, np.heaviside(A_relu, 0), np.maximum(A_leaky > 0, alpha)


def slopes_with_masks(A_sigmoid, A_tanh, A_relu, A_leaky, alpha):
    d_relu, d_leaky = np.zeros_like(A_relu), np.full_like(A_leaky, alpha)
    d_relu[A_relu > 0] = 1
    d_leaky[A_leaky > 0] = 1
    return A_sigmoid - A_sigmoid**2, (1 + A_tanh) * (1 - A_tanh), d_relu, d_leaky


def slopes_in_lists(A_sigmoid, A_tanh, A_relu, A_leaky, alpha):
    def each(f, A):
        return [[f(float(a)) for a in row] for row in A]

    return (
        each(lambda a: a * (1 - a), A_sigmoid),
        each(lambda a: 1 - a * a, A_tanh),
        each(lambda a: 1.0 if a > 0 else 0.0, A_relu),
        each(lambda a: 1.0 if a > 0 else alpha, A_leaky),
    )


def slopes_without_where(A_sigmoid, A_tanh, A_relu, A_leaky, alpha):
    on = (A_leaky > 0).astype(float)
    d_sigmoid = 1 / 4 - (A_sigmoid - 1 / 2) ** 2
    return d_sigmoid, 1 - np.square(A_tanh), np.sign(A_relu), on + alpha * (1 - on)


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


# 02.4, log sigmoid --------------------------------------------------------------------------------


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


# 02.3, the slope of a network ---------------------------------------------------------------------


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
    "02.0": (
        slopes_as_derived,
        slopes_by_way_of_z,
        slopes_with_masks,
        slopes_in_lists,
        slopes_without_where,
    ),
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
    "02.4": (
        log_sigmoid_by_two_masks,
        log_sigmoid_number_by_number,
        log_sigmoid_by_log_sum_exp,
        lambda Z: -np.logaddexp(0, -Z),
        lambda Z: -softplus(-Z),
        lambda Z: Z - np.maximum(Z, 0) - np.log(1 + np.exp(-np.abs(Z))),
        lambda Z: np.where(Z > 0, -np.log1p(np.exp(-Z)), Z - np.log1p(np.exp(Z))),
    ),
    "02.3": (
        slope_with_z_kept,
        slope_from_the_other_end,
        slope_example_by_example,
        slope_beside_the_value,
        slope_by_einsum,
    ),
}
