"""Training: `steps` yields after every update, `epochs` after every pass through the data.

Between two of them the caller may stop, draw, or change anything. `Model.fit` is built on them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ._parts import check_parts, divergence
from ._scoring import Asked, Metrics
from ._typing import Seed
from ._validation import all_finite, generator, trusted_data, whole
from ._watch import Fading, check_owner, moved, warn_if_over
from ._words import explained
from .evaluation import checked_metrics, scores
from .examples import Batch, Examples, batches, checked_examples
from .losses import Loss
from .network import Sequential
from .optimizers import Optimizer

Validation = float | tuple[Any, ...]
"""Data to validate on: (X, y), (X, y, sample_weight), or a fraction of the training data."""


class Step(NamedTuple):
    """One update: its epoch and number (both from 1), the loss of its batch, n, and η."""

    epoch: int
    step: int
    loss: float
    n: int
    lr: float


@dataclass(frozen=True)
class Epoch:
    """One pass through the data: the mean loss on the way, and the scores afterwards."""

    epoch: int
    step: int
    loss: float
    lr: float
    scores: dict[str, float] = field(default_factory=dict)
    """With validation: ``val_loss``, for classes ``val_accuracy``, and the metrics asked for."""


def update(net: Sequential, loss: Loss, optimizer: Optimizer, batch: Batch) -> float:
    """Forward, loss, backward, step: one update on one batch; returns the loss before it.

    The batch is taken at its word: what `steps` trains on was checked before.

    Raises
    ------
    FloatingPointError
        If the loss or a gradient is not finite; parameters and buffers are then as before.
    """
    buffers = net.buffers.copy()
    with trusted_data(), np.errstate(over="ignore", invalid="ignore"):
        Z = net.forward(batch.X, train=True)
        value, dZ = loss.value_and_grad(Z, batch.y, batch.weights, batch.total)
        net.backward(dZ)
        if not (math.isfinite(value) and all_finite(net.grads)):
            net.buffers = buffers
            raise FloatingPointError(divergence(net, loss, optimizer, batch, value))
        optimizer.step(net.params, net.grads, decay=net.matrices)
    return value


@explained
def steps(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    epochs: int = 10,
    batch_size: int = 32,
    rng: Seed = 0,
) -> Iterator[Step]:
    """Train on shuffled mini-batches and yield after every update.

    Parameters
    ----------
    net, loss, optimizer : Sequential, Loss, Optimizer
        What to train, and how.
    X, y : array_like of shape (n, …), targets
        The data, checked at once. A `numpy.memmap`, or anything else that is not an array but
        gives a row for an index, is read and checked batch by batch.
    sample_weight : array_like of shape (n,)
        How much each example counts, relative to the mean of all.
    epochs : int
        Passes through the data.
    batch_size : int
        Examples in an update; the last batch of an epoch may be smaller.
    rng : int or numpy.random.Generator
        For the shuffling.

    Yields
    ------
    Step
        epoch, step, loss, n, lr.

    Raises
    ------
    FloatingPointError
        If training diverges: on a loss or gradient that is not finite, before the update.

    Examples
    --------
    >>> import nnlib as nn
    >>> X, y = nn.make_xor(200, rng=0)
    >>> net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    >>> for step in nn.steps(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.01), X, y):
    ...     if step.loss < 0.3:
    ...         break
    """
    check_parts(net, loss, optimizer)
    check_owner(optimizer, net.mark)
    data = checked_examples(net, loss, X, y, sample_weight)
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    rng = generator(rng)
    warn_if_over(optimizer)
    return _steps(net, loss, optimizer, data, epochs, batch_size, rng)


def _steps(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    data: Examples,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    step, smallest = 0, max(layer.smallest_batch for layer in net.layers)
    room, fading = data.room(batch_size + smallest - 1), Fading(optimizer)
    for epoch in range(1, epochs + 1):
        for index in batches(len(data), batch_size, rng, smallest):
            step, lr = step + 1, optimizer.rate
            fading.look(lr)
            try:
                value = update(net, loss, optimizer, data.take(index, room))
            except FloatingPointError as error:
                raise FloatingPointError(
                    f"training diverged in epoch {epoch}, step {step}: {error}"
                ) from None
            except ValueError as error:
                raise ValueError(f"in epoch {epoch}, step {step}: {error}") from None
            net.mark = optimizer.mark = moved(net.mark)
            yield Step(epoch, step, value, len(index), lr)


@explained
def epochs(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    epochs: int = 10,
    batch_size: int = 32,
    validation: Validation | None = None,
    metrics: Asked = None,
    rng: Seed = 0,
) -> Iterator[Epoch]:
    """Train as `steps` does and yield after every epoch.

    Parameters
    ----------
    validation : tuple or float
        ``(X, y)``, ``(X, y, sample_weight)``, or the fraction of the data that is not trained on;
        scored after each epoch. Which examples are held out depends on the seed of rng alone: a
        Generator that goes on holds out the same ones.
    metrics : dict, list, str or callable
        More scores on the validation data: functions of true and predicted values that return one
        number, or names such as ``"f1_macro"``. ``{"f1": f}`` is recorded as val_f1. Each is tried
        on a few examples before training.

    Yields
    ------
    Epoch
        epoch, step, the mean loss over the epoch's examples, lr, scores.
    """
    check_parts(net, loss, optimizer)
    check_owner(optimizer, net.mark)
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    rng = generator(rng)
    data = checked_examples(net, loss, X, y, sample_weight)
    held: Examples | None = None
    if isinstance(validation, (tuple, list)) and len(validation) in (2, 3):
        held = checked_examples(net, loss, *validation, which="validation ")
    elif isinstance(validation, Real) and not isinstance(validation, bool):
        data, held = data.split(float(validation), rng)
    elif validation is not None:
        raise TypeError(
            "validation: expected a pair (X, y), a triple (X, y, sample_weight), or a fraction "
            f"between 0 and 1, got {type(validation).__name__}"
        )
    named = checked_metrics(net, loss, held, metrics)
    warn_if_over(optimizer)
    every_step = _steps(net, loss, optimizer, data, epochs, batch_size, rng)
    return _epochs(every_step, net, loss, len(data), held, named)


def _epochs(
    every_step: Iterator[Step],
    net: Sequential,
    loss: Loss,
    n: int,
    held: Examples | None,
    metrics: Metrics,
) -> Iterator[Epoch]:
    count, total = 0, 0.0
    for step in every_step:
        count, total = count + step.n, total + step.n * step.loss
        if count == n:
            try:
                table = {} if held is None else scores(net, loss, held, metrics)
            except FloatingPointError as error:
                raise FloatingPointError(
                    f"training diverged in epoch {step.epoch}, step {step.step}: {error}"
                ) from None
            named = {f"val_{name}": value for name, value in table.items()}
            yield Epoch(step.epoch, step.step, total / n, step.lr, named)
            count, total = 0, 0.0
