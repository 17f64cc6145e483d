"""Lesson 10: other ways to write what is asked."""

import numpy as np

# 10.0, batch norm's way back ----------------------------------------------------------------------


def backward_line_by_line(dZ, D, σ, X_hat, γ):
    n = dZ.shape[0]
    dβ = np.sum(dZ, axis=0)
    dγ = np.sum(dZ * X_hat, axis=0)
    dX_hat = dZ * γ
    dσ = np.sum(-dX_hat * D / σ**2, axis=0)
    dvar = 0.5 * dσ / σ
    dD = dX_hat / σ
    dD += 2 / n * D * dvar
    dμ = -dD.sum(0)
    dX = dD.copy()
    dX += dμ / n
    return dβ, dγ, dX_hat, dσ, dvar, dD, dμ, dX


def backward_collapsed(dZ, D, σ, X_hat, γ):
    n, dβ, dγ = len(dZ), dZ.sum(axis=0), (dZ * X_hat).sum(axis=0)
    dX = γ / (n * σ) * (n * dZ - dβ - X_hat * dγ)
    dσ = -γ * dγ / σ
    dD = γ / (n * σ) * (n * dZ - X_hat * dγ)
    return dβ, dγ, γ * dZ, dσ, dσ / (2 * σ), dD, -γ * dβ / σ, dX


def backward_with_means(dZ, D, σ, X_hat, γ):
    dX_hat = np.multiply(γ, dZ)
    dσ = -(dX_hat * X_hat / σ).sum(axis=0)
    dvar = dσ * 0.5 * (σ**2) ** -0.5
    dD = dX_hat / σ + 2 * D / D.shape[0] * dvar
    dμ = -np.ones(len(dD)) @ dD
    dX = dD - dD.mean(axis=0)
    return dZ.T.sum(axis=1), np.diag(dZ.T @ X_hat), dX_hat, dσ, dvar, dD, dμ, dX


def backward_column_by_column(dZ, D, σ, X_hat, γ):
    columns = []
    for j in range(dZ.shape[1]):
        g, n = dZ[:, j], len(dZ)
        dx_hat = γ[j] * g
        ds = -(dx_hat @ D[:, j]) / σ[j] ** 2
        dv = ds / (2 * σ[j])
        dd = dx_hat / σ[j] + dv * 2 * D[:, j] / n
        columns.append((g.sum(), g @ X_hat[:, j], dx_hat, ds, dv, dd, -dd.sum(), dd - dd.sum() / n))
    parts = [np.array(part) for part in zip(*columns, strict=True)]
    return [part.T if part.ndim == 2 else part for part in parts]


def backward_by_the_jacobian(dZ, D, σ, X_hat, γ):
    n = len(dZ)
    dX_hat = dZ * γ[np.newaxis]
    dX, dD = np.empty_like(D), np.empty_like(D)
    for j in range(len(γ)):
        J_D = (np.eye(n) - np.outer(X_hat[:, j], X_hat[:, j]) / n) / σ[j]
        J_X = J_D @ (np.eye(n) - 1 / n)
        dD[:, j] = J_D.T @ dX_hat[:, j]
        dX[:, j] = J_X.T @ dX_hat[:, j]
    dσ = np.einsum("rj,rj->j", dX_hat, -D) / σ / σ
    return dZ.sum(0), np.einsum("rj,rj->j", dZ, X_hat), dX_hat, dσ, dσ / σ / 2, dD, -dD.sum(0), dX


# 10.1, folded -------------------------------------------------------------------------------------


def fold_with_a_diagonal(W, b, gamma, beta, mean, var, eps):
    S = np.diag(gamma / np.sqrt(var + eps))
    return W @ S, b @ S - mean @ S + beta


def fold_column_by_column(W, b, gamma, beta, mean, var, eps):
    W_new, b_new = np.zeros(W.shape), np.zeros(b.shape)
    for j in range(len(b)):
        f = gamma[j] / (var[j] + eps) ** 0.5
        W_new[:, j] = f * W[:, j]
        b_new[j] = f * (b[j] - mean[j]) + beta[j]
    return W_new, b_new


def fold_by_asking_the_layer(W, b, gamma, beta, mean, var, eps):
    def answer(X):
        return gamma * (X @ W + b - mean) / np.sqrt(var + eps) + beta

    nothing = answer(np.zeros(len(W)))
    return answer(np.eye(len(W))) - nothing, nothing


def fold_transposed(W, b, gamma, beta, mean, var, eps):
    std = np.sqrt(var + eps)
    return (W.T * (gamma / std)[:, None]).T, beta - gamma * mean / std + gamma * b / std


def fold_in_two_steps(W, b, gamma, beta, mean, var, eps):
    W, b = W / np.sqrt(var + eps), (b - mean) / np.sqrt(var + eps)
    return W * gamma, b * gamma + beta


# 10.2, running statistics -------------------------------------------------------------------------


def running_in_place(batches, momentum):
    mean, var = 0, 1
    for X in batches:
        mean += momentum * (X.mean(axis=0) - mean)
        var += momentum * (np.var(X, axis=0, ddof=1) - var)
    return mean, var


def running_by_hand(batches, momentum):
    d = batches[0].shape[1]
    mean, var = np.zeros(d), np.ones(d)
    for X in batches:
        n = len(X)
        m = X.sum(axis=0) / n
        v = ((X - m) ** 2).sum(axis=0) / (n - 1)
        mean = mean * (1 - momentum) + m * momentum
        var = var * (1 - momentum) + v * momentum
    return mean, var


def running_by_powers(batches, momentum):
    t = len(batches)
    shares = [momentum * (1 - momentum) ** (t - 1 - i) for i in range(t)]
    mean = sum(s * X.mean(axis=0) for s, X in zip(shares, batches, strict=True))
    var = sum(s * X.var(axis=0, ddof=1) for s, X in zip(shares, batches, strict=True))
    return mean, (1 - momentum) ** t + var


def running_by_recursion(batches, momentum):
    if not batches:
        return 0.0, 1.0
    *before, X = batches
    mean, var = running_by_recursion(before, momentum)
    n, keep = len(X), 1 - momentum
    biased = (X**2).mean(axis=0) - X.mean(axis=0) ** 2
    return keep * mean + momentum * X.mean(axis=0), keep * var + momentum * biased * n / (n - 1)


def running_by_covariance(batches, momentum):
    stats = np.stack([np.zeros(batches[0].shape[1]), np.ones(batches[0].shape[1])])
    for X in batches:
        new = np.stack([X.mean(0), np.diag(np.atleast_2d(np.cov(X, rowvar=False)))])
        stats = (1 - momentum) * stats + momentum * new
    return tuple(stats)


# 10.3, RMSNorm's way back -------------------------------------------------------------------------


def rms_step_by_step(dZ, X, gamma, eps):
    d = X.shape[1]
    square = (X**2).mean(axis=1, keepdims=True)
    rms = np.sqrt(square + eps)
    dX_hat = gamma * dZ
    drms = -(dX_hat * X).sum(axis=1, keepdims=True) / rms**2
    dsquare = drms / (2 * rms)
    return (dZ * X / rms).sum(axis=0), dX_hat / rms + 2 * X / d * dsquare


def rms_row_by_row(dZ, X, gamma, eps):
    dgamma, dX = np.zeros(len(gamma)), np.empty(X.shape)
    for r, (g, x) in enumerate(zip(dZ, X, strict=True)):
        s = np.sqrt(x @ x / len(x) + eps)
        dgamma += g * x / s
        dX[r] = gamma * g / s - x * ((gamma * g) @ x) / (len(x) * s**3)
    return dgamma, dX


def rms_by_the_jacobian(dZ, X, gamma, eps):
    dX, X_hat = np.empty(X.shape), np.empty(X.shape)
    for r in range(len(X)):
        s = np.sqrt(np.mean(X[r] ** 2) + eps)
        X_hat[r] = X[r] / s
        J = (np.eye(len(gamma)) - np.outer(X_hat[r], X_hat[r]) / len(gamma)) / s
        dX[r] = J @ (gamma * dZ[r])
    return np.einsum("rj,rj->j", dZ, X_hat), dX


def rms_with_means(dZ, X, gamma, eps):
    s = (np.mean(X * X, axis=1) + eps)[:, None] ** 0.5
    A = X / s
    G = dZ * gamma
    return np.sum(dZ * A, 0), G / s - A * np.mean(G * A, axis=1)[:, None] / s


def rms_transposed(dZ, X, gamma, eps):
    X, G = X.T, (gamma * dZ).T
    s = np.sqrt((X**2).mean(axis=0) + eps)
    X_hat = X / s
    dX = (len(X) * G - X_hat * (G * X_hat).sum(axis=0)) / (len(X) * s)
    return (dZ.T * X_hat).sum(axis=1), dX.T


EQUAL = {
    "10.0": (
        backward_line_by_line,
        backward_collapsed,
        backward_with_means,
        backward_column_by_column,
        backward_by_the_jacobian,
    ),
    "10.1": (
        fold_with_a_diagonal,
        fold_column_by_column,
        fold_by_asking_the_layer,
        fold_transposed,
        fold_in_two_steps,
    ),
    "10.2": (
        running_in_place,
        running_by_hand,
        running_by_powers,
        running_by_recursion,
        running_by_covariance,
    ),
    "10.3": (
        rms_step_by_step,
        rms_row_by_row,
        rms_by_the_jacobian,
        rms_with_means,
        rms_transposed,
    ),
}
