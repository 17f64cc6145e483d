"""Lesson 01: other ways to write what is asked."""

from itertools import pairwise

import numpy as np

# 01.0, a layer for a whole batch ------------------------------------------------------------------


def layer_in_three_loops(X, W, b):
    Z = np.zeros((X.shape[0], W.shape[1]))
    for r in range(X.shape[0]):
        for j in range(W.shape[1]):
            Z[r, j] = b[j]
            for i in range(X.shape[1]):
                Z[r, j] += X[r, i] * W[i, j]
    return Z


def layer_example_by_example(X, W, b):
    return [x @ W + b for x in X]


def layer_input_by_input(X, W, b):
    Z = np.tile(b, (len(X), 1))
    for i, row in enumerate(W):
        Z += np.outer(X[:, i], row)
    return Z


# 01.0b, two layers with a ReLU between them -------------------------------------------------------


def network_unit_by_unit(X, W1, b1, W2, b2):
    Z1 = np.column_stack([X @ w + bias for w, bias in zip(W1.T, b1, strict=True)])
    A1 = np.array([[max(z, 0.0) for z in row] for row in Z1])
    return Z1, A1, np.column_stack([A1 @ w + bias for w, bias in zip(W2.T, b2, strict=True)])


def network_with_a_mask(X, W1, b1, W2, b2):
    Z1 = np.dot(X, W1) + b1
    A1 = Z1 * (Z1 > 0)
    return [Z1, A1, np.dot(A1, W2) + b2]


def network_by_assignment(X, W1, b1, W2, b2):
    Z1 = X @ W1
    Z1 += b1
    A1 = Z1.copy()
    A1[A1 < 0] = 0
    Z2 = A1 @ W2
    Z2 += b2
    return Z1, A1, Z2


def network_of_columns(X, W1, b1, W2, b2):
    Z1 = W1.T @ X.T + b1[:, None]
    A1 = (Z1 + abs(Z1)) / 2
    return Z1.T, A1.T, (W2.T @ A1 + b2[:, None]).T


def network_with_helpers(X, W1, b1, W2, b2):
    def layer(A, W, b):
        return np.hstack([A, np.ones((len(A), 1))]) @ np.vstack([W, b])

    Z1 = layer(X, W1, b1)
    A1 = relu(Z1)
    return Z1, A1, layer(A1, W2, b2)


# 01.3, a gated layer ------------------------------------------------------------------------------


def gated_number_by_number(X, W, b, W_gate, b_gate):
    A = np.empty((X.shape[0], W.shape[1]))
    for r, x in enumerate(X):
        for j in range(W.shape[1]):
            gate = sum(x * W_gate[:, j]) + b_gate[j]
            A[r, j] = (sum(x * W[:, j]) + b[j]) * gate if gate > 0 else 0
    return A


def gated_in_two_steps(X, W, b, W_gate, b_gate):
    A, gate = np.matmul(X, W) + b, np.matmul(X, W_gate) + b_gate
    gate[gate < 0] = 0
    return np.multiply(A, gate)


def gated_by_one_wide_layer(X, W, b, W_gate, b_gate):
    Z = X @ np.hstack([W, W_gate]) + np.concatenate([b, b_gate])
    value, gate = np.split(Z, 2, axis=1)
    return value * np.clip(gate, 0, None)


# 01.1, examples as columns ------------------------------------------------------------------------


def neuron_by_neuron(X, W, b):
    Z = np.zeros((len(b), X.shape[1]))
    for j in range(len(b)):
        Z[j] = W[j] @ X + b[j]
    return Z


def every_sum_in_a_loop(X, W, b):
    return [
        [b[j] + sum(W[j, i] * X[i, r] for i in range(len(X))) for r in range(X.shape[1])]
        for j in range(len(b))
    ]


def one_more_input_that_is_always_one(X, W, b):
    return np.hstack([W, b.reshape(-1, 1)]) @ np.vstack([X, np.ones(X.shape[1])])


# 01.2, shift and scale folded in ------------------------------------------------------------------


def fold_by_a_diagonal_matrix(W, b, mu, sigma):
    W_new = np.diag(1 / sigma) @ W
    return W_new, b - mu @ W_new


def fold_entry_by_entry(W, b, mu, sigma):
    W_new, b_new = np.empty_like(W), b.copy()
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            W_new[i, j] = W[i, j] / sigma[i]
            b_new[j] -= mu[i] * W_new[i, j]
    return W_new, b_new


def fold_by_asking_the_layer(W, b, mu, sigma):
    def forward(X):
        return (X - mu) / sigma @ W + b

    b_new = forward(np.zeros(len(mu)))
    return forward(np.eye(len(mu))) - b_new, b_new


def fold_as_a_list(W, b, mu, sigma):
    scaled = W * np.reciprocal(sigma)[:, None]
    return [scaled, b - np.einsum("i,ij->j", mu, scaled)]


# 01.4, a network from one vector ------------------------------------------------------------------


def relu(Z):
    return np.where(Z > 0, Z, 0)


def flat_with_two_positions(X, params, sizes):
    w, b = 0, sum(d_in * d_out for d_in, d_out in pairwise(sizes))
    A = X
    for i in range(len(sizes) - 1):
        d_in, d_out = sizes[i], sizes[i + 1]
        W = params[w : w + d_in * d_out].reshape(d_in, d_out)
        Z = A @ W + params[b : b + d_out]
        w, b = w + d_in * d_out, b + d_out
        A = relu(Z) if i < len(sizes) - 2 else Z
    return A


def flat_by_split(X, params, sizes):
    shapes = [(sizes[i], sizes[i + 1]) for i in range(len(sizes) - 1)]
    counts = [a * b for a, b in shapes] + list(sizes[1:])
    pieces = np.split(params, np.cumsum(counts)[:-1])
    depth = len(shapes)
    for W, b, shape in zip(pieces[:depth], pieces[depth:], shapes, strict=True):
        Z = X @ W.reshape(shape) + b
        X = np.maximum(Z, 0)
    return Z


def flat_by_taking_numbers_away(X, params, sizes):
    numbers = list(params)

    def take(count):
        return np.array([numbers.pop(0) for _ in range(count)])

    matrices = [take(a * b).reshape(a, b) for a, b in pairwise(sizes)]
    biases = [take(b) for b in sizes[1:]]
    for W, b in zip(matrices[:-1], biases[:-1], strict=True):
        X = np.clip(X @ W + b, 0, None)
    return X @ matrices[-1] + biases[-1]


def flat_one_example_at_a_time(X, params, sizes):
    def run(x):
        start, first_bias = 0, len(params) - sum(sizes[1:])
        for layer, (d_in, d_out) in enumerate(pairwise(sizes)):
            z = params[first_bias : first_bias + d_out].copy()
            for i in range(d_in):
                z += x[i] * params[start + i * d_out : start + (i + 1) * d_out]
            start, first_bias = start + d_in * d_out, first_bias + d_out
            x = z if layer == len(sizes) - 2 else z * (z > 0)
        return x

    return np.array([run(x) for x in X])


def flat_by_recursion(X, params, sizes):
    weights = sum(a * b for a, b in pairwise(sizes))
    count = sizes[0] * sizes[1]
    W, b = params[:count].reshape(sizes[:2]), params[weights : weights + sizes[1]]
    Z = X @ W + b
    if len(sizes) == 2:
        return Z
    rest = np.concatenate([params[count:weights], params[weights + sizes[1] :]])
    return flat_by_recursion(relu(Z), rest, sizes[1:])


EQUAL = {
    "01.0": (
        layer_in_three_loops,
        layer_example_by_example,
        layer_input_by_input,
        lambda X, W, b: np.dot(X, W) + b[np.newaxis],
        lambda X, W, b: np.einsum("ri,ij->rj", X, W) + b,
        lambda X, W, b: (X[:, :, None] * W).sum(axis=1) + b,
    ),
    "01.0b": (
        network_unit_by_unit,
        network_with_a_mask,
        network_by_assignment,
        network_of_columns,
        network_with_helpers,
    ),
    "01.1": (
        neuron_by_neuron,
        every_sum_in_a_loop,
        one_more_input_that_is_always_one,
        lambda X, W, b: (X.T @ W.T + b).T,
        lambda X, W, b: np.einsum("ji,ir->jr", W, X) + b[:, None],
        lambda X, W, b: np.dot(W, X) + np.expand_dims(b, 1),
        lambda X, W, b: np.stack([W @ x + b for x in X.T], axis=1),
    ),
    "01.2": (
        fold_by_a_diagonal_matrix,
        fold_entry_by_entry,
        fold_by_asking_the_layer,
        fold_as_a_list,
        lambda W, b, mu, sigma: ((W.T / sigma).T, b - np.sum(mu / sigma * W.T, axis=1)),
        lambda W, b, mu, sigma: (W / sigma.reshape(-1, 1), b + np.dot(-mu / sigma, W)),
    ),
    "01.4": (
        flat_with_two_positions,
        flat_by_split,
        flat_by_taking_numbers_away,
        flat_one_example_at_a_time,
        flat_by_recursion,
    ),
    "01.3": (
        gated_number_by_number,
        gated_in_two_steps,
        gated_by_one_wide_layer,
        lambda X, W, b, V, c: np.where(X @ V + c > 0, (X @ W + b) * (X @ V + c), 0),
        lambda X, W, b, V, c: np.einsum("rj,rj->rj", X @ W + b, np.maximum(0, np.dot(X, V) + c)),
    ),
}
