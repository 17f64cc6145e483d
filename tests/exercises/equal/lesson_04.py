"""Lesson 04: other ways to write what is asked."""

import numpy as np

# 04.0, seven lines --------------------------------------------------------------------------------


def seven_sums_over_examples(X, Y, W2, Z1, A1, P):
    n = len(X)
    dW1, db1 = np.zeros((X.shape[1], A1.shape[1])), np.zeros(A1.shape[1])
    dW2, db2 = np.zeros_like(W2), np.zeros(W2.shape[1])
    dZ2, dA1, dZ1 = np.zeros_like(P), np.zeros_like(A1), np.zeros_like(A1)
    for r in range(n):
        dZ2[r] = (P[r] - Y[r]) / n
        dA1[r] = W2 @ dZ2[r]
        dZ1[r] = np.where(Z1[r] > 0, dA1[r], 0)
        dW2 += np.outer(A1[r], dZ2[r])
        dW1 += np.outer(X[r], dZ1[r])
        db2 += dZ2[r]
        db1 += dZ1[r]
    return dZ2, dW2, db2, dA1, dZ1, dW1, db1


def seven_by_einsum(X, Y, W2, Z1, A1, P):
    dZ2 = (P - Y) / Y.shape[0]
    dW2 = np.einsum("rh,rk->hk", A1, dZ2)
    db2 = np.einsum("rk->k", dZ2)
    dA1 = np.einsum("rk,hk->rh", dZ2, W2)
    dZ1 = dA1 * np.heaviside(Z1, 0)
    return dZ2, dW2, db2, dA1, dZ1, np.einsum("rd,rh->dh", X, dZ1), np.einsum("rh->h", dZ1)


def seven_transposed(X, Y, W2, Z1, A1, P):
    dZ2 = P / len(P) - Y / len(P)
    dW2 = (dZ2.T @ A1).T
    dA1 = (W2 @ dZ2.T).T
    dZ1 = dA1.copy()
    dZ1[Z1 <= 0] = 0
    return [dZ2, dW2, dZ2.T.sum(axis=1), dA1, dZ1, (dZ1.T @ X).T, dZ1.T.sum(axis=1)]


def seven_with_a_column_of_ones(X, Y, W2, Z1, A1, P):
    ones = np.ones((len(X), 1))
    dZ2 = -(Y - P) / len(X)
    second = np.hstack([A1, ones]).T @ dZ2
    dA1 = np.dot(dZ2, W2.T)
    dZ1 = np.where(A1 > 0, dA1, 0.0)
    first = np.hstack([X, ones]).T @ dZ1
    return dZ2, second[:-1], second[-1], dA1, dZ1, first[:-1], first[-1]


def seven_from_labels(X, Y, W2, Z1, A1, P):
    dZ2 = P.copy()
    dZ2[np.arange(len(X)), Y.argmax(axis=1)] -= 1
    dZ2 /= len(X)
    dA1 = np.matmul(dZ2, W2.transpose())
    dZ1 = dA1 * np.sign(A1)
    dW2, dW1 = np.tensordot(A1, dZ2, (0, 0)), np.tensordot(X, dZ1, (0, 0))
    return dZ2, dW2, np.sum(dZ2, 0), dA1, dZ1, dW1, np.add.reduce(dZ1)


# 04.1, leaky ReLU ---------------------------------------------------------------------------------


def leaky_by_two_masks(dA, Z, alpha):
    dZ = dA.copy()
    dZ[Z <= 0] *= alpha
    return dZ


def leaky_in_a_loop(dA, Z, alpha):
    return [
        [d if z > 0 else alpha * d for d, z in zip(*rows, strict=True)]
        for rows in zip(dA, Z, strict=True)
    ]


# 04.3, a residual layer ---------------------------------------------------------------------------


def residual_row_by_row(dA, X, W, b):
    dX = np.zeros_like(X)
    for r, x in enumerate(X):
        on = x @ W + b > 0
        dX[r] = dA[r] + W[:, on] @ dA[r, on]
    return dX


def residual_by_both_roads(dA, X, W, b):
    A = np.maximum(np.dot(X, W) + b, 0)
    around = dA
    through = np.dot(W, np.where(A > 0, dA, 0).T).T
    return np.add(around, through)


def residual_by_jacobians(dA, X, W, b):
    mask = (X @ W + b > 0).astype(float)
    J = np.eye(len(W)) + W * mask[:, np.newaxis, :]
    return np.einsum("rj,rij->ri", dA, J)


# 04.4, a tied autoencoder -------------------------------------------------------------------------


def tied_as_two_matrices(X, W, b):
    n, V = len(X), W
    A = X @ W + b
    dX_hat = (A @ V.T - X) / n
    dV = dX_hat.T @ A
    dA = dX_hat @ V
    dW = X.T @ dA
    return dW + dV


def tied_example_by_example(X, W, b):
    dW = np.zeros_like(W)
    for x in X:
        a = x @ W + b
        e = W @ a - x
        dW += np.outer(x, W.T @ e) + np.outer(e, a)
    return dW / len(X)


def tied_by_einsum(X, W, b):
    A = np.einsum("ri,ij->rj", X, W) + b
    E = np.einsum("rj,ij->ri", A, W) - X
    encoder = np.einsum("ri,rk,kj->ij", X, E, W)
    decoder = np.einsum("ri,rj->ij", E, A)
    return (encoder + decoder) / X.shape[0]


def tied_with_the_mean_last(X, W, b):
    A = np.add(X.dot(W), b)
    E = A.dot(W.T) - X
    each = X[:, :, None] * (E @ W)[:, None, :] + E[:, :, None] * A[:, None, :]
    return each.mean(axis=0)


# 04.2, examples as columns ------------------------------------------------------------------------


def columns_by_way_of_rows(dZ, X, W):
    dZ, X, W = dZ.T, X.T, W.T
    dW, db, dX = X.T @ dZ, dZ.sum(axis=0), dZ @ W.T
    return dW.T, db[:, np.newaxis], dX.T


def columns_example_by_example(dZ, X, W):
    dW, db, dX = np.zeros_like(W), np.zeros((len(W), 1)), np.zeros_like(X)
    for r in range(X.shape[1]):
        dW += np.outer(dZ[:, r], X[:, r])
        db += dZ[:, [r]]
        dX[:, r] = dZ[:, r] @ W
    return dW, db, dX


EQUAL = {
    "04.0": (
        seven_sums_over_examples,
        seven_by_einsum,
        seven_transposed,
        seven_with_a_column_of_ones,
        seven_from_labels,
    ),
    "04.1": (
        leaky_by_two_masks,
        leaky_in_a_loop,
        lambda dA, Z, alpha: np.where(Z > 0, dA, alpha * dA),
        lambda dA, Z, alpha: dA * (Z > 0) + alpha * dA * (Z <= 0),
        lambda dA, Z, alpha: dA * (alpha + (1 - alpha) * (Z > 0)),
        lambda dA, Z, alpha: np.select([Z > 0], [dA], default=alpha * dA),
        lambda dA, Z, alpha: dA * np.maximum(np.heaviside(Z, 0), alpha),
    ),
    "04.3": (
        residual_row_by_row,
        residual_by_both_roads,
        residual_by_jacobians,
        lambda dA, X, W, b: np.einsum("rj,ij->ri", dA * (X @ W + b > 0), W) + dA,
        lambda dA, X, W, b: dA + np.where(-b < X @ W, dA, 0) @ W.T,
    ),
    "04.4": (
        tied_as_two_matrices,
        tied_example_by_example,
        tied_by_einsum,
        tied_with_the_mean_last,
        lambda X, W, b: (
            (X.T @ ((X @ W + b) @ W.T - X) @ W + ((X @ W + b) @ W.T - X).T @ (X @ W + b)) / len(X)
        ),
    ),
    "04.2": (
        columns_by_way_of_rows,
        columns_example_by_example,
        lambda dZ, X, W: ((X @ dZ.T).T, dZ.sum(axis=1).reshape(-1, 1), (dZ.T @ W).T),
        lambda dZ, X, W: [dZ @ X.T, dZ @ np.ones((X.shape[1], 1)), np.dot(W.T, dZ)],
        lambda dZ, X, W: (
            np.einsum("jr,ir->ji", dZ, X),
            np.einsum("jr->j", dZ)[:, None],
            np.einsum("ji,jr->ir", W, dZ),
        ),
    ),
}
