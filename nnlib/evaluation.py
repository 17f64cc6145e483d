"""Evaluation: how well a network does on data that it is not trained on."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ._scoring import Asked, Metrics, named_metrics, scored
from ._typing import Array, Shape
from ._validation import all_finite, quiet_overflow, trusted_data
from ._words import explained
from .examples import Examples, checked_examples, checked_inputs, take_rows
from .losses import Loss
from .network import Sequential


@explained
def evaluate(
    net: Sequential,
    loss: Loss,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    metrics: Asked = None,
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
    metrics : dict, list, str or callable
        Functions of true and predicted values that return one number, or names such as
        ``"f1_macro"``.

    Returns
    -------
    dict
        ``"loss"``, the mean over the examples; for classes also ``"accuracy"``, the share of right
        answers (with `SigmoidCrossEntropy` of all n·k answers); and the metrics.

    Raises
    ------
    FloatingPointError
        If outputs are not finite, because training diverged.
    """
    data = checked_examples(net, loss, X, y, sample_weight)
    return scores(net, loss, data, named_metrics(metrics))


def score(net: Sequential, loss: Loss, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Return one number, the greater the better: for classes the accuracy, for numbers R²."""
    data = checked_examples(net, loss, X, y, sample_weight)
    if loss.classification:
        return scores(net, loss, data, {})["accuracy"]
    s = np.ones(len(data)) if data.weights is None else data.weights
    return scores(net, loss, data, {"r2": lambda y, predictions: _r2(y, predictions, s)})["r2"]


def _r2(y: Array, predictions: Array, s: Array) -> float:
    """R² = 1 − Σ_r s_r (y_r − ŷ_r)² / Σ_r s_r (y_r − ȳ)², the mean over the outputs.

    Where y never changes it is 1 if all is predicted exactly, else 0.
    """
    counting = s > 0
    if counting.sum() < 2:
        raise ValueError(
            f"y: expected at least 2 examples that count, got {counting.sum()}: R² compares "
            "predictions with their mean; score more, or evaluate(X, y)['loss'] of one"
        )
    s, y, P = (a[counting].reshape(counting.sum(), -1).astype(float) for a in (s, y, predictions))
    size = float(np.abs(y).max()) or 1.0  # squares of small numbers vanish
    mean, constant = (s * y).sum(axis=0) / s.sum(), (y == y[0]).all(axis=0)
    rest, spread = ((s * ((y - other) / size) ** 2).sum(axis=0) for other in (P, mean))
    return float(np.where(constant, rest == 0, 1 - rest / np.where(constant, 1, spread)).mean())


def checked_metrics(net: Sequential, loss: Loss, held: Examples | None, metrics: Asked) -> Metrics:
    """Name the metrics, and try them on a few examples before training begins."""
    table = named_metrics(metrics)
    if not table:
        return table
    if held is None:
        raise ValueError(
            f"metrics: expected validation data to score {', '.join(table)} on, got none: "
            "add validation=(X_val, y_val) or validation=0.1"
        )
    X, y, *_ = held.take(np.arange(min(len(held), 100)))
    predictions = loss.predictions(net.forward(X))
    scored(table, _alike(loss, y, predictions), predictions)
    return table


def _alike(loss: Loss, y: Any, predictions: Any) -> Any:
    """Return targets in the shape of predictions; of a probability for each class, the answers."""
    y = y if np.size(y) == np.size(predictions) else loss.answers(y)
    return np.reshape(y, predictions.shape)


def scores(net: Sequential, loss: Loss, data: Examples, metrics: Metrics) -> dict[str, float]:
    """Score batch by batch: memory grows with the batch and the predictions."""
    total, weight, right, counted = 0.0, 0.0, 0.0, 0.0
    answers: list[tuple[Any, Any]] = []
    for rows in in_batches(net, len(data), data.shape):
        X, y, s, _ = data.take(rows)
        with trusted_data(), quiet_overflow():
            Z = _outputs(net, X)
            mass = loss.total_weight(y, s)
            total, weight = total + mass * loss.value(Z, y, s), weight + mass
        predictions = loss.predictions(Z)
        y = _alike(loss, y, predictions)
        if loss.classification:
            hits = (predictions == loss.answers(y)).reshape(len(y), -1).mean(axis=1)
            right += float(hits.sum() if s is None else hits @ s)
            counted += float(len(y) if s is None else s.sum())
        if metrics:
            answers.append((y, predictions))
    if not math.isfinite(total):
        raise FloatingPointError(exploded("loss", net))
    table = {"loss": total / weight}
    if loss.classification:
        table["accuracy"] = right / counted
    if metrics:
        y, predictions = (np.concatenate(part) for part in zip(*answers, strict=True))
        table |= scored(metrics, y, predictions)
    return table


def outputs(net: Sequential, X: Any) -> Array:
    """Forward all of X in batches, in test mode: memory grows with the batch and the outputs."""
    X, n, shape = checked_inputs(net, X)
    checked = type(X) is np.ndarray and X.dtype == net.dtype
    parts = []
    for rows in in_batches(net, n, shape):
        batch = take_rows(X, rows) if checked else net.check_input(take_rows(X, rows))
        with trusted_data():
            parts.append(_outputs(net, batch))
    return np.concatenate(parts)


ROOM = 2**22
"""Bytes that the largest array of a batch in test mode may take: 4 MiB, some 20 images of a CNN."""


def in_batches(net: Sequential, n: int, shape: Shape) -> list[npt.NDArray[Any]]:
    """Cut 0 … n − 1 into batches of at most 1,024 examples whose arrays stay small."""
    size = max(1, min(1024, ROOM // (net.footprint(shape) * net.dtype.itemsize)))
    return np.split(np.arange(n), range(size, n, size))


def _outputs(net: Sequential, X: Any) -> Array:
    """Forward in test mode; outputs that are not finite are an error that says why."""
    with quiet_overflow():
        Z = net.forward(X)
    if not all_finite(Z):
        raise FloatingPointError(exploded("outputs", net))
    return Z


def exploded(what: str, net: Sequential) -> str:
    """Say that a trained network's numbers have grown beyond all bounds."""
    largest = max(float(np.abs(a).max(initial=0)) for a in net.named_arrays().values())
    return (
        f"the {what} of the network can no longer be computed: its parameters have grown up to "
        f"{largest:.4g}, so training has diverged. Begin anew, with a "
        "tenth of the learning rate, and with inputs and targets of about 1"
    )
