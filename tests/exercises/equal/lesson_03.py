"""Lesson 03: other ways to write what is asked."""

from collections import Counter

import numpy as np

from nnlib import log_softmax, logsumexp, softmax

# 03.0, probabilities, loss and gradient -----------------------------------------------------------


def core_row_by_row(Z, y):
    P, total, dZ = np.zeros_like(Z), 0.0, np.zeros_like(Z)
    for r, label in enumerate(y):
        D = Z[r] - max(Z[r])
        E = np.exp(D)
        P[r] = E / sum(E)
        total += np.log(sum(E)) - D[label]
        dZ[r] = P[r]
        dZ[r, label] -= 1
    return P, total / len(y), dZ / len(y)


def core_from_logarithms(Z, y):
    log_P = Z - Z.max(axis=1)[:, None]
    log_P = log_P - np.log(np.exp(log_P).sum(axis=1))[:, None]
    P, Y = np.exp(log_P), np.eye(Z.shape[1])[y]
    return P, -np.sum(Y * log_P) / len(Z), P / len(Z) - Y / len(Z)


def core_with_the_maximum_put_back(Z, y):
    n, k = Z.shape
    M = Z.max(axis=1, keepdims=True)
    lse = M + np.log(np.exp(Z - M).sum(axis=1, keepdims=True))
    P = np.exp(Z - lse)
    L = np.mean(lse[:, 0] - np.take_along_axis(Z, y[:, np.newaxis], axis=1)[:, 0])
    return [P, L, (P - (np.arange(k) == y[:, np.newaxis])) / n]


def core_with_a_copy(Z, y):
    rows = np.arange(len(y))
    P = np.exp(Z - np.amax(Z, axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    L = np.mean(np.logaddexp.reduce(Z, axis=1) - Z[rows, y])
    dZ = P.copy()
    dZ[rows, y] -= 1
    dZ /= rows.size
    return P, L, dZ


def core_transposed(Z, y):
    D = Z.T - Z.T.max(axis=0)
    S = np.exp(D).sum(axis=0)
    P = (np.exp(D) / S).T
    L = sum(np.log(S[r]) - D[y[r], r] for r in range(len(y))) / len(y)
    return P, L, -(np.eye(len(Z.T))[y] - P) / len(y)


def core_with_the_mean_of_all_pairs(Z, y):
    """Return a loss from an array (n, n): a mean of differences is a difference of means."""
    n, k = Z.shape
    D = Z - Z.max(axis=1, keepdims=True)
    S = np.exp(D).sum(axis=1, keepdims=True)
    P = np.exp(D) / S
    return P, (np.log(S) - D[np.arange(n), y]).mean(), (P - np.eye(k)[y]) / n


def core_with_nnlib(Z, y):
    P, L = softmax(Z), float(np.mean(logsumexp(Z)[:, 0] - Z[range(len(y)), y]))
    Y = np.zeros(Z.shape)
    Y[range(len(y)), y] = 1
    return P, L, (P - Y) / len(P)


# 03.1, the best bias ------------------------------------------------------------------------------


def bias_from_one_hot_labels(y, k):
    Y = np.eye(k)[y]
    return np.log(Y.mean(axis=0))


def bias_by_counting_in_a_loop(y, k):
    counts = [0] * k
    for label in y:
        counts[label] += 1
    return np.log([count / len(y) for count in counts])


def bias_by_a_counter(y, k):
    counts = Counter(y.tolist())
    return np.array([np.log(counts[j]) - np.log(len(y)) for j in range(k)])


# 03.2, the log-odds of the truth ------------------------------------------------------------------


def odds_with_one_deleted(Z, y):
    result = np.zeros(len(y))
    for r in range(len(y)):
        others = np.delete(Z[r], y[r])
        M = others.max()
        result[r] = Z[r, y[r]] - M - np.log(np.sum(np.exp(others - M)))
    return result


def odds_by_logaddexp(Z, y):
    Z = Z.copy()
    true = Z[np.arange(len(y)), y]
    Z[np.arange(len(y)), y] = -np.inf
    return true - np.logaddexp.reduce(Z, axis=1)


def odds_by_a_mask(Z, y):
    n, k = Z.shape
    others = Z[np.arange(k) != y[:, np.newaxis]].reshape(n, k - 1)
    true = np.take_along_axis(Z, y[:, np.newaxis], axis=1)
    lead = others - true
    M = lead.max(axis=1, keepdims=True)
    return -(M + np.log(np.exp(lead - M).sum(axis=1, keepdims=True)))[:, 0]


def odds_with_a_huge_negative_number(Z, y):
    true = np.array([Z[r, c] for r, c in enumerate(y)])
    others = np.where(np.eye(Z.shape[1])[y] == 1, -1e300, Z)
    M = np.max(others, axis=1)
    return true - (M + np.log(np.sum(np.exp(others - M[:, None]), axis=1)))


def odds_in_plain_python(Z, y):
    answers = []
    for row, label in zip(Z.tolist(), y.tolist(), strict=True):
        others = sorted(z for j, z in enumerate(row) if j != label)
        total = sum(np.exp(z - others[-1]) for z in others)
        answers.append(row[label] - others[-1] - np.log(total))
    return answers


# 03.4, the focal loss -----------------------------------------------------------------------------


def focal_through_the_jacobian(Z, y, gamma):
    n, k = Z.shape
    dZ = np.zeros((n, k))
    for r in range(n):
        P = np.exp(Z[r] - Z[r].max())
        P /= P.sum()
        p = P[y[r]]
        dp = gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p
        J = np.diag(P) - np.outer(P, P)
        dZ[r] = dp * J[y[r]] / n
    return dZ


def focal_by_the_collapse_of_rows(Z, y, gamma):
    P, Y = softmax(Z), np.eye(Z.shape[1])[y]
    p = np.sum(P * Y, axis=1, keepdims=True)
    dP = Y * (gamma * (1 - p) ** (gamma - 1) * np.log(p) - (1 - p) ** gamma / p) / len(y)
    return P * (dP - np.sum(P * dP, axis=1, keepdims=True))


def focal_in_logarithms(Z, y, gamma):
    log_P = log_softmax(Z)
    log_p = log_P[np.arange(len(y)), y][:, None]
    p = np.exp(log_p)
    d_log_p = (gamma * p * (1 - p) ** (gamma - 1) * log_p - (1 - p) ** gamma) / len(y)
    return d_log_p * (np.eye(Z.shape[1])[y] - np.exp(log_P))


def focal_class_by_class(Z, y, gamma):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    p = P[np.arange(len(y)), y]
    weight = (1 - p) ** gamma * (1 - gamma * p * np.log(p) / (1 - p))
    columns = [weight * (P[:, j] - (y == j)) / len(y) for j in range(Z.shape[1])]
    return np.stack(columns, axis=1)


def focal_in_place(Z, y, gamma):
    P = softmax(Z)
    rows = np.arange(len(Z))
    q = 1 - P[rows, y]
    factor = np.power(q, gamma - 1) * (q - gamma * (1 - q) * np.log(1 - q))
    P[rows, y] -= 1
    P *= factor[:, np.newaxis]
    P /= len(Z)
    return P


# 03.3, back through softmax ---------------------------------------------------------------------


def back_by_jacobians(dP, P):
    return np.array([d @ (np.diag(p) - np.outer(p, p)) for d, p in zip(dP, P, strict=True)])


def back_entry_by_entry(dP, P):
    dZ = np.zeros_like(P)
    for r, row in enumerate(P):
        for j in range(len(row)):
            for i in range(len(row)):
                dZ[r, j] += dP[r, i] * row[i] * ((i == j) - row[j])
    return dZ


def back_by_einsum(dP, P):
    J = np.einsum("ri,ij->rij", P, np.eye(P.shape[1])) - np.einsum("ri,rj->rij", P, P)
    return np.einsum("ri,rij->rj", dP, J)


EQUAL = {
    "03.0": (
        core_row_by_row,
        core_from_logarithms,
        core_with_the_maximum_put_back,
        core_with_a_copy,
        core_transposed,
        core_with_the_mean_of_all_pairs,
        core_with_nnlib,
    ),
    "03.1": (
        bias_from_one_hot_labels,
        bias_by_counting_in_a_loop,
        bias_by_a_counter,
        lambda y, k: np.log(np.unique(y, return_counts=True)[1] / y.size),
        lambda y, k: np.log([np.mean(y == j) for j in range(k)]),
        lambda y, k: np.log((y[:, None] == np.arange(k)).mean(axis=0)),
        lambda y, k: np.log(np.histogram(y, bins=np.arange(k + 1))[0]) - np.log(len(y)),
    ),
    "03.2": (
        odds_with_one_deleted,
        odds_by_logaddexp,
        odds_by_a_mask,
        odds_with_a_huge_negative_number,
        odds_in_plain_python,
    ),
    "03.4": (
        focal_through_the_jacobian,
        focal_by_the_collapse_of_rows,
        focal_in_logarithms,
        focal_class_by_class,
        focal_in_place,
    ),
    "03.3": (
        back_by_jacobians,
        back_entry_by_entry,
        back_by_einsum,
        lambda dP, P: P * dP - P * np.sum(P * dP, axis=1)[:, None],
        lambda dP, P: P * (dP - np.einsum("rk,rk->r", dP, P)[:, np.newaxis]),
        lambda dP, P: (P.T * (dP.T - np.diag(dP @ P.T))).T,
    ),
}
