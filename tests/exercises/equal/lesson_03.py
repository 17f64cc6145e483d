"""Lesson 03: other ways to write what is asked."""

from collections import Counter

import numpy as np

from nnlib import log_softmax, softmax

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


# 03.3, the focal loss -----------------------------------------------------------------------------


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


EQUAL = {
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
    "03.3": (
        focal_through_the_jacobian,
        focal_by_the_collapse_of_rows,
        focal_in_logarithms,
        focal_class_by_class,
        focal_in_place,
    ),
}
