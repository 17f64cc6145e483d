"""Training: `steps` yields after every update, `epochs` after every pass through the data.

Between two of them the caller may stop, draw, or change anything. `Model.fit` is built on them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array, Seed, Targets
from nnlib._validation import finite, generator, instance, real, same_length, whole
from nnlib.datasets import batches
from nnlib.losses import Loss
from nnlib.metrics import accuracy
from nnlib.network import Sequential
from nnlib.optimizers import Optimizer

Data = tuple[Array, Targets]


class Step(NamedTuple):
    """One update: its epoch and number (both from 1), the loss of its batch, n, and η."""

    epoch: int
    step: int
    loss: float
    n: int
    lr: float


class Epoch(NamedTuple):
    """One pass through the data: the mean loss on the way, and how the network did afterwards."""

    epoch: int
    step: int
    loss: float
    lr: float
    val_loss: float | None = None
    val_accuracy: float | None = None


def update(net: Sequential, loss: Loss, optimizer: Optimizer, X: Array, y: Targets) -> float:
    """Forward, loss, backward, step: one update on one batch; returns the loss before it.

    Raises
    ------
    FloatingPointError
        If the loss or a gradient is not finite; parameters and buffers are then as before.
    """
    buffers = net.buffers.copy()
    with np.errstate(over="ignore", invalid="ignore"):
        Z = net.forward(X, train=True)
        value = np.nan
        if np.isfinite(Z).all():
            value, dZ = loss.value_and_grad(Z, y)
            net.backward(dZ)
        wrong = "loss" if not np.isfinite(value) else "gradient"
        if wrong == "loss" or not _all_finite(net.grads):
            net.buffers = buffers
            raise FloatingPointError(
                f"the {wrong} is no longer a finite number, with {optimizer!r}. The parameters "
                "are those of the last completed step. The likely cause is a learning rate that is "
                "too large: try a tenth of it; or inputs that are not scaled: try X of about 1"
            )
    optimizer.step(net.params, net.grads, decay=net.matrices)
    return value


def _all_finite(vector: Array) -> bool:
    """Look for NaN and infinity in one pass: they survive in v·v, which rarely overflows itself."""
    return bool(np.isfinite(vector @ vector) or np.isfinite(vector).all())


def steps(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Targets,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    rng: Seed = 0,
) -> Iterator[Step]:
    """Train on shuffled mini-batches and yield after every update.

    Parameters
    ----------
    net, loss, optimizer : Sequential, Loss, Optimizer
        What to train, and how.
    X, y : ndarray of shape (n, d_in), targets
        The data; checked at once, here.
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
    X, y = _checked_data(net, loss, X, y)
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    return _steps(net, loss, optimizer, X, y, epochs, batch_size, generator(rng))


def _steps(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Targets,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
) -> Iterator[Step]:
    step = 0
    for epoch in range(1, epochs + 1):
        for batch in batches(len(X), batch_size, rng):
            step, lr = step + 1, optimizer.rate
            try:
                value = update(net, loss, optimizer, X[batch], y[batch])
            except FloatingPointError as error:
                raise FloatingPointError(
                    f"training diverged in epoch {epoch}, step {step}: {error}"
                ) from None
            yield Step(epoch, step, value, len(batch), lr)


def epochs(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Array,
    y: Targets,
    *,
    epochs: int = 10,
    batch_size: int = 32,
    validation: Data | None = None,
    rng: Seed = 0,
) -> Iterator[Epoch]:
    """Train as `steps` does and yield after every epoch, validated on ``(X, y)`` pairs if given.

    Yields
    ------
    Epoch
        epoch, step, the mean loss over the epoch's examples, lr, and with validation val_loss and,
        for classes, val_accuracy.
    """
    every_step = steps(net, loss, optimizer, X, y, epochs=epochs, batch_size=batch_size, rng=rng)
    if validation is not None:
        validation = _checked_data(net, loss, *_pair(validation), "validation ")
    return _epochs(every_step, net, loss, len(X), validation)


def _epochs(
    every_step: Iterator[Step], net: Sequential, loss: Loss, n: int, validation: Data | None
) -> Iterator[Epoch]:
    seen, total = 0, 0.0
    for step in every_step:
        seen, total = seen + step.n, total + step.n * step.loss
        if seen == n:
            scores = evaluate(net, loss, *validation) if validation is not None else {}
            yield Epoch(
                step.epoch,
                step.step,
                total / n,
                step.lr,
                scores.get("loss"),
                scores.get("accuracy"),
            )
            seen, total = 0, 0.0


def evaluate(net: Sequential, loss: Loss, X: Array, y: Targets) -> dict[str, float]:
    """Return the mean loss over all examples and, where the loss is about classes, the accuracy."""
    X, y = _checked_data(net, loss, X, y)
    Z = outputs(net, X)
    scores = {"loss": loss.value(Z, y)}
    if loss.classification:
        predictions = loss.predictions(Z)
        scores["accuracy"] = accuracy(np.reshape(y, predictions.shape), predictions)
    return scores


def outputs(net: Sequential, X: Array, batch_size: int = 1024) -> Array:
    """Forward all of X in batches, in test mode: memory grows with the batch and the outputs."""
    return np.concatenate(
        [net.forward(X[i : i + batch_size]) for i in range(0, max(len(X), 1), batch_size)]
    )


def check_parts(net: Any, loss: Any, optimizer: Any) -> None:
    """Make sure that a network, a loss and an optimizer came, in this order."""
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    instance("optimizer", optimizer, Optimizer, "nnlib.Adam(lr=0.001)")


def _pair(validation: Any) -> Data:
    """Check that validation is a pair."""
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise TypeError(f"validation: expected a pair (X, y), got {type(validation).__name__}")
    return validation[0], validation[1]


def _checked_data(net: Sequential, loss: Loss, X: Any, y: Any, which: str = "") -> Data:
    """Check data that lies in memory, all at once."""
    X, y = real(f"{which}X", X), np.asarray(y)
    if X.ndim < 2 or len(X) == 0 or (net.input_shape and X.shape[1:] != net.input_shape):
        wanted = "(n, d)" if net.input_shape is None else f"(n, {net.input_shape[0]})"
        raise ValueError(
            f"{which}X: expected shape {wanted} with at least one example, got {X.shape}: "
            "one row for each example"
        )
    if y.ndim == 0:
        raise ValueError(f"{which}y: expected one target for each example, got a single value")
    same_length(**{f"{which}X": X, f"{which}y": y})
    finite(f"{which}X", X, "fill in or leave out what is missing before training")
    after = net.shapes_after(X.shape[1:])[-1]
    if after is not None:
        y = loss.check_targets((len(X), *after), y)
    return X, y
