"""Lesson 00: other ways to write what is asked."""

import numpy as np


def one_row_after_the_other(X):
    means = np.zeros(len(X))
    for r in range(len(X)):
        for i in range(X.shape[1]):
            means[r] += X[r, i] / X.shape[1]
    return means


def python_alone(X):
    return [sum(row) / len(row) for row in X.tolist()]


EQUAL = {
    "00.1": (
        one_row_after_the_other,
        python_alone,
        lambda X: X @ np.ones(X.shape[1]) / X.shape[1],
        lambda X: np.einsum("ri->r", X) / X.shape[1],
        lambda X: np.average(X.T, axis=0),
        lambda X: np.array([row.mean() for row in X]),
        lambda X: np.apply_along_axis(np.mean, 1, X),
        lambda X: X.mean(axis=-1, keepdims=True).ravel(),
    ),
}
