"""Lesson 09: other ways to write what is asked."""

import math

import numpy as np

# 09.0, dropout ------------------------------------------------------------------------------------


def dropout_by_where(X, dA, random, p):
    dropped = random < p
    A = np.where(dropped, 0, X / (1 - p))
    dX = np.where(dropped, 0, dA / (1 - p))
    return A, dX, X.copy()


def dropout_in_copies(X, dA, random, p):
    A, dX = X.copy(), dA.copy()
    A[random < p] = 0
    dX[random < p] = 0
    return A / (1 - p), dX / (1 - p), X


def dropout_by_integers(X, dA, random, p):
    keep = 1 - p
    M = (random >= p).astype(int)
    return X * M / keep, dA * M / keep, +X


def dropout_entry_by_entry(X, dA, random, p):
    A, dX = np.zeros_like(X), np.zeros_like(dA)
    for r in range(len(X)):
        for i in range(X.shape[1]):
            if random[r, i] >= p:
                A[r, i], dX[r, i] = X[r, i] / (1 - p), dA[r, i] / (1 - p)
    return [A, dX, X]


def dropout_by_indices(X, dA, random, p):
    rows, columns = np.nonzero(random >= p)
    A, dX = 0 * X, 0 * dA
    A[rows, columns] = X[rows, columns]
    dX[rows, columns] = dA[rows, columns]
    return np.divide(A, 1 - p), np.divide(dX, 1 - p), 1 * X


def dropout_by_floor(X, dA, random, p):
    mask = np.floor(random + (1 - p)) / (1 - p)
    return np.array([X * mask, dA * mask, X])


# 09.1, the decay that early stopping equals -------------------------------------------------------


def decay_from_the_share(s, eta, t):
    share = 1 - (1 - eta * s) ** t
    return s / share - s


def decay_in_a_loop(s, eta, t):
    u = np.zeros_like(s)  # with u* = 1
    for _ in range(t):
        u = u - eta * s * (u - 1)
    return s * (1 - u) / u


def decay_number_by_number(s, eta, t):
    return [x / ((1 - eta * x) ** -t - 1) for x in s]


def decay_by_logarithms(s, eta, t):
    return s / np.expm1(-t * np.log1p(-eta * s))


def decay_by_a_geometric_sum(s, eta, t):
    left = np.power(1 - eta * s, t)
    steps = sum((1 - eta * s) ** j for j in range(t))
    return left / (eta * steps)


# 09.2, dropout's weights --------------------------------------------------------------------------


def weights_by_sums(X, y, p):
    S = X.T @ X
    return np.linalg.solve(S + p / (1 - p) * np.diag(np.diag(S)), X.T @ y)


def weights_on_the_diagonal(X, y, p):
    S = X.T @ X / len(X)
    i = np.arange(len(S))
    S[i, i] /= 1 - p  # 1 + p/(1 − p)
    return np.linalg.inv(S) @ (X.T @ y / len(X))


def weights_by_more_examples(X, y, p):
    """Add a row for each penalty, with the answer 0."""
    rows = np.diag(np.sqrt(p / (1 - p) * (X**2).sum(axis=0)))
    return np.linalg.lstsq(np.vstack([X, rows]), np.append(y, np.zeros(len(rows))))[0]


def weights_in_scaled_inputs(X, y, p):
    """Ridge regression in inputs of mean square 1."""
    size = np.sqrt(np.mean(X**2, axis=0))
    V = X / size
    v = np.linalg.solve(V.T @ V / len(V) + p / (1 - p) * np.eye(len(size)), V.T @ y / len(V))
    return v / size


def weights_by_einsum(X, y, p):
    n, d = X.shape
    price = p / (1 - p) * np.einsum("ri,ri->i", X, X) / n
    return np.linalg.solve(np.einsum("ri,rj->ij", X, X) / n + price * np.eye(d), y @ X / n)


# 09.3, L1 -----------------------------------------------------------------------------------------


def l1_case_by_case(w_star, s, lam):
    w = np.zeros_like(w_star)
    for i in range(len(w)):
        if w_star[i] > lam / s[i]:
            w[i] = w_star[i] - lam / s[i]
        elif w_star[i] < -lam / s[i]:
            w[i] = w_star[i] + lam / s[i]
    return w


def l1_by_where(w_star, s, lam):
    cut = lam / s
    return np.where(w_star > cut, w_star - cut, np.where(w_star < -cut, w_star + cut, 0))


def l1_by_two_ramps(w_star, s, lam):
    return np.maximum(w_star - lam / s, 0) - np.maximum(-w_star - lam / s, 0)


def l1_by_clipping(w_star, s, lam):
    return w_star - np.clip(w_star, -lam / s, lam / s)


def l1_as_a_factor(w_star, s, lam):
    return w_star * np.clip(1 - lam / (s * np.abs(w_star)), 0, None)


def l1_by_copysign(w_star, s, lam):
    return [math.copysign(max(abs(a) - lam / b, 0), a) for a, b in zip(w_star, s, strict=True)]


EQUAL = {
    "09.0": (
        dropout_by_where,
        dropout_in_copies,
        dropout_by_integers,
        dropout_entry_by_entry,
        dropout_by_indices,
        dropout_by_floor,
    ),
    "09.1": (
        decay_from_the_share,
        decay_in_a_loop,
        decay_number_by_number,
        decay_by_logarithms,
        decay_by_a_geometric_sum,
        lambda s, eta, t: s * (1 - eta * s) ** t / (1 - (1 - eta * s) ** t),
    ),
    "09.2": (
        weights_by_sums,
        weights_on_the_diagonal,
        weights_by_more_examples,
        weights_in_scaled_inputs,
        weights_by_einsum,
    ),
    "09.3": (
        l1_case_by_case,
        l1_by_where,
        l1_by_two_ramps,
        l1_by_clipping,
        l1_as_a_factor,
        l1_by_copysign,
    ),
}
