"""Lesson 00, start here: its exercise."""

from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise


def _matrix(rng: np.random.Generator, sizes: list[int]) -> tuple[Any, ...]:
    n, d = sizes[:2]
    return (rng.normal(size=(n, d)),)


def _row_means(X: Array) -> Array:
    return np.mean(X, axis=1)


ROW_MEANS = Exercise(
    title="the mean of each row",
    case=_matrix,
    solution=_row_means,
    mistakes={
        "those are the means of the columns: axis=0 runs down a column, axis=1 along a row": (
            lambda X: X.mean(axis=0)
        ),
        "that is one mean of all entries: axis=1 gives one for each row": lambda X: X.mean(),
        "those are sums: a mean also divides by the number of columns": lambda X: X.sum(axis=1),
        "the sums are right, but they are divided by the number of rows": (
            lambda X: X.sum(axis=1) / len(X)
        ),
        "right numbers in the shape (n, 1): leave out keepdims to get (n,)": (
            lambda X: X.mean(axis=1, keepdims=True)
        ),
    },
    hints=(
        "NumPy arrays have a method called mean. What does X.mean() alone return?",
        "It takes an axis: the one that is averaged away. The shape is (n, d), and d must go.",
        "return X.mean(axis=1)",
    ),
)


EXERCISES = {"00.1": ROW_MEANS}
