"""Lesson 16: other ways to write what is asked."""

from itertools import pairwise

import numpy as np

# 16.1, operations of a step -----------------------------------------------------------------------


def operations_product_by_product(n, sizes):
    total = 0
    for layer in range(len(sizes) - 1):
        d_in, d_out = sizes[layer], sizes[layer + 1]
        total += 2 * n * d_in * d_out  # X W
        total += 2 * d_in * n * d_out  # Xᵀ dZ
        if layer > 0:
            total += 2 * n * d_out * d_in  # dZ Wᵀ
    return total


def operations_less_what_the_first_is_spared(n, sizes):
    weights = sum(map(np.multiply, sizes[:-1], sizes[1:]))
    return 6 * n * weights - 2 * n * sizes[0] * sizes[1]


def operations_as_a_float(n, sizes):
    total = 0.0
    for i, (a, b) in enumerate(pairwise(sizes)):
        total += n * a * b * (4.0 if i == 0 else 6.0)
    return total


def operations_by_arrays(n, sizes):
    sizes = np.array(sizes)
    weights = sizes[:-1] * sizes[1:]
    return 2 * n * (3 * weights.sum() - weights[0])


def operations_by_recursion(n, sizes, first=True):
    if len(sizes) < 2:
        return 0
    here = (2 if first else 3) * 2 * n * sizes[0] * sizes[1]
    return here + operations_by_recursion(n, sizes[1:], False)


# 16.2, squared distances --------------------------------------------------------------------------


def distances_pair_by_pair(A, B):
    D = np.zeros((len(A), len(B)))
    for r in range(len(A)):
        for s in range(len(B)):
            D[r, s] = np.sum((A[r] - B[s]) ** 2)
    return D


def distances_in_one_product(A, B):
    one_a, one_b = np.ones((len(A), 1)), np.ones((len(B), 1))
    left = np.hstack([A, (A**2).sum(axis=1, keepdims=True), one_a])
    right = np.hstack([-2 * B, one_b, (B**2).sum(axis=1, keepdims=True)])
    return left @ right.T


def distances_filled_in(A, B):
    D = A @ B.T
    D *= -2
    D += np.einsum("ri,ri->r", A, A)[:, None]
    D += np.einsum("si,si->s", B, B)
    return D


# 16.3, a normalization folded away ----------------------------------------------------------------


def folded_by_asking_the_layers(W, b, mu, v, gamma, beta, eps):
    def both(X):
        return gamma * (X @ W + b - mu) / np.sqrt(v + eps) + beta

    b_folded = both(np.zeros(len(W)))
    return both(np.eye(len(W))) - b_folded, b_folded


def folded_output_by_output(W, b, mu, v, gamma, beta, eps):
    W_folded, b_folded = W.copy(), np.zeros(len(b))
    for j in range(len(b)):
        s = gamma[j] / (v[j] + eps) ** 0.5
        W_folded[:, j] *= s
        b_folded[j] = s * (b[j] - mu[j]) + beta[j]
    return W_folded, b_folded


def folded_by_a_diagonal_matrix(W, b, mu, v, gamma, beta, eps):
    S = np.diag(gamma * (v + eps) ** -0.5)
    return W @ S, (b - mu) @ S + beta


EQUAL = {
    "16.1": (
        operations_product_by_product,
        operations_less_what_the_first_is_spared,
        operations_as_a_float,
        operations_by_arrays,
        operations_by_recursion,
        lambda n, sizes: int(n * (6 * np.dot(sizes[1:], sizes[:-1]) - 2 * np.prod(sizes[:2]))),
    ),
    "16.2": (
        distances_pair_by_pair,
        distances_in_one_product,
        distances_filled_in,
        lambda A, B: ((A[:, None] - B) ** 2).sum(axis=-1),
        lambda A, B: np.linalg.norm(A[:, None] - B[None], axis=2) ** 2,
        lambda A, B: np.array([[np.dot(a - b, a - b) for b in B] for a in A]),
        lambda A, B: np.add.outer((A * A).sum(1), (B * B).sum(1)) - 2 * np.inner(A, B),
    ),
    "16.3": (
        folded_by_asking_the_layers,
        folded_output_by_output,
        folded_by_a_diagonal_matrix,
        lambda W, b, mu, v, gamma, beta, eps: (
            gamma * W / np.sqrt(v + eps),
            gamma * b / np.sqrt(v + eps) - gamma * mu / np.sqrt(v + eps) + beta,
        ),
        lambda W, b, mu, v, gamma, beta, eps: (
            np.einsum("ij,j->ij", W, gamma / np.sqrt(v + eps)),
            beta - (mu - b) * gamma / np.sqrt(v + eps),
        ),
        lambda W, b, mu, v, gamma, beta, eps: [
            (W.T * (gamma * np.reciprocal(np.sqrt(v + eps)))[:, None]).T,
            np.divide(gamma, np.sqrt(v + eps)) * (b - mu) + beta,
        ],
    ),
}
