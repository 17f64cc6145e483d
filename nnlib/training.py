"""Training: `steps` yields after every update, `epochs` after every pass through the data.

Between two of them the caller may stop, draw, or change anything. `Model.fit` is built on them.
"""

import math
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from numbers import Real
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from ._interrupts import HeldBack
from ._parts import check_parts, divergence
from ._scoring import Asked, Metrics
from ._typing import Array, Seed
from ._validation import all_finite, flag, generator, quiet_overflow, trusted_data, warn, whole
from ._watch import Fading, check_owner, moved, warn_if_over
from ._words import explained
from .evaluation import checked_metrics, scores
from .examples import Batch, Examples, batches, checked_examples
from .losses import Loss
from .network import Sequential
from .optimizers import Optimizer
from .preparation import Preparation

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


@dataclass
class Progress:
    """How far a run has come: who knows this, and the model, can go on from here."""

    epoch: int = 1
    """The epoch under way."""
    step: int = 0
    """Updates so far."""
    batch: int = 0
    """Batches of this epoch so far."""
    seen: int = 0
    """Examples since the last epoch that was reported."""
    total: float = 0.0
    """The sum of their losses."""
    shuffling: Any = None
    """State of the random numbers at the beginning of the epoch."""


@dataclass
class Run:
    """A training run: what is trained, on what, and how far it has come."""

    net: Sequential
    loss: Loss
    optimizer: Optimizer
    data: Examples
    held: Examples | None
    metrics: Metrics
    epochs: int
    batch_size: int
    rng: np.random.Generator
    shuffle: bool = True
    prepare: Preparation | None = None
    """What the inputs were prepared with."""
    at: Progress = field(default_factory=Progress)
    ctrl_c: HeldBack = field(default_factory=HeldBack)

    def steps(self) -> Generator[Step]:
        """Go on to the last epoch, one update after the other."""
        if self.at.step == 0:
            warn_if_over(self.optimizer)
        at, n = self.at, len(self.data)
        smallest = self.net.smallest_batch
        room, fading = self.data.room(self.batch_size + smallest - 1), Fading(self.optimizer)
        with self.ctrl_c:
            while at.epoch <= self.epochs:
                at.shuffling = self.rng.bit_generator.state
                index = batches(n, self.batch_size, self.rng, smallest, self.shuffle)
                for rows in islice(index, at.batch, None):
                    lr = self.optimizer.rate
                    fading.look(lr)
                    self.ctrl_c.busy = True
                    value = self._update(rows, room)
                    at.step, at.batch = at.step + 1, at.batch + 1
                    self.ctrl_c.busy = False
                    yield Step(at.epoch, at.step, value, len(rows), lr)
                    if self.ctrl_c.pending:
                        where = f"in epoch {at.epoch} of {self.epochs}"
                        self.ctrl_c.let_through(f"stopped after step {at.step}, {where}")
                at.epoch, at.batch = at.epoch + 1, 0

    def _update(self, rows: Any, room: Array | None) -> float:
        """Update once, on these examples; what goes wrong says when."""
        net, optimizer, at = self.net, self.optimizer, self.at
        if at.step and optimizer.mark is not None and optimizer.mark[0] != net.mark[0]:
            check_owner(optimizer, net.mark)  # layers have been frozen between two steps
        try:
            value = update(net, self.loss, optimizer, self.data.take(rows, room))
        except FloatingPointError as error:
            when = f"in epoch {at.epoch}, step {at.step + 1}"
            raise FloatingPointError(f"training diverged {when}: {error}") from None
        except ValueError as error:
            raise ValueError(f"in epoch {at.epoch}, step {at.step + 1}: {error}") from None
        net.mark = optimizer.mark = moved(net.mark)
        return value

    def by_epoch(self, every_step: Generator[Step]) -> Generator[Epoch]:
        """Add up the losses of an epoch's steps, and score the network after the last.

        Ctrl-C is held back until the next step is asked for, so that the epoch is recorded first.
        """
        at, n = self.at, len(self.data)
        with closing(every_step):
            for step in every_step:
                self.ctrl_c.busy = True
                at.seen, at.total = at.seen + step.n, at.total + step.n * step.loss
                if at.seen == n:
                    mean, at.seen, at.total = at.total / n, 0, 0.0
                    yield Epoch(step.epoch, step.step, mean, step.lr, self._scores(step))

    def _scores(self, step: Step) -> dict[str, float]:
        """Score the network on what is held out."""
        if self.held is None:
            return {}
        try:
            table = scores(self.net, self.loss, self.held, self.metrics)
        except FloatingPointError as error:
            when = f"in epoch {step.epoch}, step {step.step}"
            raise FloatingPointError(f"training diverged {when}: {error}") from None
        return {f"val_{name}": value for name, value in table.items()}


def update(net: Sequential, loss: Loss, optimizer: Optimizer, batch: Batch) -> float:
    """Forward, loss, backward, step: one update on one batch; returns the loss before it.

    The batch is taken at its word: what `steps` trains on was checked before.

    Raises
    ------
    FloatingPointError
        If the loss or a gradient is not finite; parameters and buffers are then as before.
    """
    buffers = net.buffers.copy()
    try:
        with trusted_data(), quiet_overflow():
            Z = net.forward(batch.X, train=True)
            value, dZ = loss.value_and_grad(Z, batch.y, batch.weights, batch.total)
            net.backward(dZ)
            if not (math.isfinite(value) and all_finite(net.grads)):
                raise FloatingPointError(divergence(net, loss, optimizer, batch, value))
            optimizer.step(net.params, net.grads, decay=net.matrices)
    except BaseException:
        net.buffers = buffers
        raise
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
    shuffle: bool = True,
    rng: Seed = 0,
) -> Iterator[Step]:
    """Train on mini-batches and yield after every update.

    Parameters
    ----------
    net, loss, optimizer : Sequential, Loss, Optimizer
        What to train, and how.
    X, y : array_like of shape (n, …), targets
        The data, checked at once. A `numpy.memmap`, or anything else that is not an array but
        gives a row for an index, is read and checked batch by batch, a batch at once if it has a
        method ``take_rows``, which is given an array of indices.
    sample_weight : array_like of shape (n,)
        How much each example counts, relative to the mean of all.
    epochs : int
        Passes through the data.
    batch_size : int
        Examples in an update; the last batch of an epoch may be smaller.
    shuffle : bool
        Whether each epoch sees the examples in a new random order; else all see them in theirs.
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
    how: dict[str, Any] = {"epochs": epochs, "batch_size": batch_size, "shuffle": shuffle}
    return prepared_run(net, loss, optimizer, X, y, sample_weight, rng=rng, **how).steps()


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
    shuffle: bool = True,
    validation: Validation | None = None,
    stratify: bool = False,
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
    stratify : bool
        Whether a fraction holds out the same share of every class, but for one example; every class
        needs two.
    metrics : dict, list, str or callable
        More scores on the validation data: functions of true and predicted values that return one
        number, or names such as ``"f1_macro"``. ``{"f1": f}`` is recorded as val_f1. Each is tried
        on a few examples before training.

    Yields
    ------
    Epoch
        epoch, step, the mean loss over the epoch's examples, lr, scores.
    """
    how: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "stratify": stratify,
    }
    more: dict[str, Any] = {"validation": validation, "metrics": metrics, "rng": rng}
    return _uncovered(prepared_run(net, loss, optimizer, X, y, sample_weight, **more, **how))


def _uncovered(run: "Run") -> Iterator[Epoch]:
    """Hand the epochs of a run to somebody who may be interrupted between them."""
    for epoch in run.by_epoch(run.steps()):
        run.ctrl_c.busy = False
        yield epoch


def prepared_run(
    net: Sequential,
    loss: Loss,
    optimizer: Optimizer,
    X: Any,
    y: Any,
    sample_weight: Any,
    *,
    epochs: int,
    batch_size: int,
    rng: Seed,
    shuffle: bool = True,
    validation: Validation | None = None,
    stratify: bool = False,
    metrics: Asked = None,
) -> "Run":
    """Check all there is to check before training begins."""
    check_parts(net, loss, optimizer)
    check_owner(optimizer, net.mark)
    if net.frozen and net.size:
        warn("net: all layers are frozen, so nothing is trained: net.frozen = False thaws them")
    epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
    rng, shuffle = generator(rng), flag("shuffle", shuffle)
    data = checked_examples(net, loss, X, y, sample_weight)
    held: Examples | None = None
    if flag("stratify", stratify) and not is_fraction(validation):
        raise ValueError(
            "stratify: expected validation to be a fraction, which is drawn, got "
            f"{'none' if validation is None else 'data'}: add validation=0.1, or leave stratify out"
        )
    if isinstance(validation, (tuple, list)) and len(validation) in (2, 3):
        held = checked_examples(net, loss, *validation, which="validation ")
    elif is_fraction(validation):
        data, held = data.split(validation, rng, stratify=stratify, shuffle=shuffle)
    elif validation is not None:
        raise TypeError(
            "validation: expected a pair (X, y), a triple (X, y, sample_weight), or a fraction "
            f"between 0 and 1, got {type(validation).__name__}"
        )
    named = checked_metrics(net, loss, held, metrics)
    return Run(net, loss, optimizer, data, held, named, epochs, batch_size, rng, shuffle)


def is_fraction(validation: Any) -> TypeGuard[float]:
    """Whether validation data are drawn from the training data."""
    return isinstance(validation, Real) and not isinstance(validation, bool)
