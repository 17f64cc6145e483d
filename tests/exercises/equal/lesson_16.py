"""Lesson 16: other ways to write what is asked."""

from itertools import pairwise

import numpy as np

# 16.0, the roof over a layer ----------------------------------------------------------------------


def roof_batch_by_batch(batches, d_in, d_out, peak, bandwidth):
    rows = []
    for n in batches:
        operations = 2 * n * d_in * d_out
        moved = 4 * (n * d_in + d_in * d_out + n * d_out)
        time = max(operations / peak, moved / bandwidth)
        rows.append((operations, moved, operations / moved, time, operations / time))
    return tuple(map(np.array, zip(*rows, strict=True)))


def roof_from_the_speed(batches, d_in, d_out, peak, bandwidth):
    operations = batches * d_in * d_out * 2
    moved = 4 * (batches * (d_in + d_out) + d_in * d_out)
    intensity = operations / moved
    speed = np.minimum(peak, intensity * bandwidth)
    return operations, moved, intensity, operations / speed, speed


def roof_in_floats(batches, d_in, d_out, peak, bandwidth):
    n = batches.astype(float)
    operations = 2.0 * n * d_in * d_out
    moved = 4.0 * n * d_in + 4.0 * d_in * d_out + 4.0 * n * d_out
    times = np.stack([operations / peak, moved / bandwidth])
    time = times.max(axis=0)
    return [operations, moved, operations / moved, time, operations / time]


def roof_with_where(batches, d_in, d_out, peak, bandwidth):
    operations = 2 * d_in * d_out * batches
    moved = 4 * sum([batches * d_in, d_in * d_out, batches * d_out])
    computing, fetching = operations / peak, moved / bandwidth
    time = np.where(computing > fetching, computing, fetching)
    return operations, moved, np.divide(operations, moved), time, operations * time**-1


def roof_on_either_side_of_the_bend(batches, d_in, d_out, peak, bandwidth):
    sizes = np.array([d_in * d_out + 0 * batches, batches * d_in, batches * d_out])
    operations, moved = 2 * batches * sizes[0], 4 * sizes.sum(axis=0)
    intensity = operations / moved
    speed = intensity * bandwidth
    speed[intensity > peak / bandwidth] = peak
    return operations, moved, intensity, operations / speed, speed


# 16.0b, Adam with ten passes ----------------------------------------------------------------------


def adam_from_the_means(θ, g, M, V, t, η, β1, β2, ε):
    m = β1 * (1 - β1) * M + (1 - β1) * g
    v = β2 * (1 - β2) * V + (1 - β2) * g * g
    θ = θ - η * (m / (1 - β1**t)) / (np.sqrt(v / (1 - β2**t)) + ε)
    c2 = ((1 - β2) / (1 - β2**t)) ** 0.5
    return m / (1 - β1), v / (1 - β2), η * (1 - β1) / (1 - β1**t) / c2, ε / c2, θ


def adam_entry_by_entry(θ, g, M, V, t, η, β1, β2, ε):
    c1, c2 = (1 - β1) / (1 - β1**t), np.sqrt((1 - β2) / (1 - β2**t))
    M, V, θ = M.copy(), V.copy(), θ.copy()
    for i in range(len(θ)):
        M[i] = β1 * M[i] + g[i]
        V[i] = β2 * V[i] + g[i] ** 2
        θ[i] -= η * c1 / c2 * M[i] / (V[i] ** 0.5 + ε / c2)
    return M, V, η * c1 / c2, ε / c2, θ


def adam_into_copies(θ, g, M, V, t, η, β1, β2, ε):
    M, V, u, θ = M.copy(), V.copy(), np.empty_like(θ), θ.copy()
    c2 = np.sqrt((1 - β2) / (1 - β2**t)).item()
    rate, floor = η * (1 - β1) / (1 - β1**t) / c2, ε / c2
    M *= β1
    M += g
    V *= β2
    V += np.square(g, out=u)
    np.sqrt(V, out=u)
    u += floor
    np.divide(rate, u, out=u)
    θ -= np.multiply(u, M, out=u)
    return M, V, rate, floor, θ


def adam_with_a_quotient_of_roots(θ, g, M, V, t, η, β1, β2, ε):
    M_new, V_new = np.multiply(β1, M) + g, np.multiply(β2, V) + np.square(g)
    root1, root2 = np.sqrt(1 - β2**t), np.sqrt(1 - β2)
    rate = η * (1 - β1) * root1 / ((1 - β1**t) * root2)
    floor = ε * root1 / root2
    return [M_new, V_new, rate, floor, θ - rate * M_new / (V_new**0.5 + floor)]


def adam_with_powers_multiplied(θ, g, M, V, t, η, β1, β2, ε):
    power1 = power2 = 1.0
    for _ in range(t):
        power1, power2 = power1 * β1, power2 * β2
    c2 = ((1 - β2) / (1 - power2)) ** 0.5
    rate, floor = np.float64(η * (1 - β1) / (1 - power1) / c2), np.array(ε / c2)
    sums, squares = g + M * β1, g * g + V * β2
    return sums, squares, rate, floor, np.subtract(θ, sums * (rate / (np.sqrt(squares) + floor)))


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


def distances_never_below_zero(A, B):
    D = np.square(A).sum(axis=1)[:, None] + np.square(B).sum(axis=1)
    return np.maximum(D - 2 * np.dot(A, B.T), 0)


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
    "16.0": (
        roof_batch_by_batch,
        roof_from_the_speed,
        roof_in_floats,
        roof_with_where,
        roof_on_either_side_of_the_bend,
    ),
    "16.0b": (
        adam_from_the_means,
        adam_entry_by_entry,
        adam_into_copies,
        adam_with_a_quotient_of_roots,
        adam_with_powers_multiplied,
    ),
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
        distances_never_below_zero,
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
