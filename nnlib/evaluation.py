"""Evaluation: how well a network does on data that it is not trained on."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._typing import Array
from .examples import Examples, checked_examples, checked_inputs, take_rows
from .losses import Loss
from .network import Sequential

Metrics = Mapping[str, Callable[[Any, Any], float]]
"""Functions of the true and the predicted values, by name."""


def evaluate(
    net: Sequential,
    loss: Loss,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    metrics: Metrics | None = None,
) -> dict[str, float]:
    """Score a network on data, in test mode.

    Parameters
    ----------
    net, loss : Sequential, Loss
        What is scored, and how.
    X, y : array_like of shape (n, …), targets
        The data; what does not lie in memory is read batch by batch.
    sample_weight : array_like of shape (n,)
        How much each example counts.
    metrics : dict
        Functions of true and predicted values, by name.

    Returns
    -------
    dict
        ``"loss"``, the mean over the examples; for classes also ``"accuracy"``; and the metrics.
    """
    return scores(net, loss, checked_examples(net, loss, X, y, sample_weight), metrics or {})


def scores(
    net: Sequential, loss: Loss, data: Examples, metrics: Metrics, batch_size: int = 1024
) -> dict[str, float]:
    """Score batch by batch: memory grows with the batch and the predictions."""
    total, weight, right, counted = 0.0, 0.0, 0.0, 0.0
    answers: list[tuple[Any, Any]] = []
    for start in range(0, len(data), batch_size):
        X, y, s, _ = data.take(np.arange(start, min(start + batch_size, len(data))))
        Z = net.forward(X)
        mass = loss.total_weight(y, s)
        total, weight = total + mass * loss.value(Z, y, s), weight + mass
        predictions = loss.predictions(Z)
        y = np.reshape(y, predictions.shape)
        if loss.classification:
            hits = (predictions == y).reshape(len(y), -1).mean(axis=1)
            right += float(hits.sum() if s is None else hits @ s)
            counted += float(len(y) if s is None else s.sum())
        if metrics:
            answers.append((y, predictions))
    table = {"loss": total / weight}
    if loss.classification:
        table["accuracy"] = right / counted
    if metrics:
        y, predictions = (np.concatenate(part) for part in zip(*answers, strict=True))
        table |= {name: float(metric(y, predictions)) for name, metric in metrics.items()}
    return table


def outputs(net: Sequential, X: Any, batch_size: int = 1024) -> Array:
    """Forward all of X in batches, in test mode: memory grows with the batch and the outputs."""
    X, n, _ = checked_inputs(X)
    batches = np.split(np.arange(n), range(batch_size, n, batch_size))
    return np.concatenate([net.forward(take_rows(X, rows)) for rows in batches])
