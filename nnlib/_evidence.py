"""What `nnlib.diagnose` measures: each number on copies, once, and only when it is asked for."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ._typing import Array, Labels
from ._validation import norm, quiet_overflow, trusted_data
from .evaluation import in_batches
from .examples import Batch, Examples, batches, checked_examples
from .fitting import History
from .gradcheck import check_gradients, numerical_gradient, relative_error
from .layers import Dropout, Flatten, Layer
from .losses import Loss, MeanSquaredError
from .network import Sequential
from .optimizers import Adam, Optimizer
from .training import update

MOST = 1000
"""Examples that are looked at: a share of them is then known to 1.6 % (one standard deviation)."""

FEW = 256
"""Examples whose activations and gradients are looked at, layer by layer."""

STEPS = 100
"""Updates of a trial: in so many, a network that learns leaves the loss of a guess."""

BATCH = 32

ENOUGH = 0.7
"""Skill with which ten examples are learned by heart."""

Change = Callable[[Optimizer], object]
"""What a trial does otherwise, to a copy of the optimizer that begins anew."""


class Inside(NamedTuple):
    """What goes into a layer, and what comes out."""

    input: Array
    output: Array


def weights(layer: Layer) -> list[str]:
    """Name the matrices and kernels of a layer."""
    return [name for name, shape in layer.shapes().items() if len(shape) > 1]


def sampled(
    net: Sequential, loss: Loss, X: Any, y: Any, rng: np.random.Generator, which: str = ""
) -> Examples:
    """Check the data as training does, and take at most `MOST` examples of them, in their order."""
    data = checked_examples(net, loss, X, y, which=which)
    rows = np.arange(len(data))
    if len(data) > MOST:
        rows = np.sort(rng.choice(len(data), MOST, replace=False))
    X, y, *_ = data.take(rows)
    return Examples(X, y, None, loss, data.shape)


@dataclass(frozen=True)
class Evidence:
    """A copy of a model, some of its training data, and all that findings ask of the two."""

    net: Sequential
    loss: Loss
    optimizer: Optimizer
    history: History
    data: Examples
    held: Examples | None
    seed: int

    @cached_property
    def few(self) -> Batch:
        """Examples for what takes memory in each layer."""
        return self.data.take(np.sort(self.random(8).permutation(len(self.data))[:FEW]))

    # What the network says ------------------------------------------------------------------

    @cached_property
    def Z(self) -> Array:
        """The outputs, shape (n, k), in test mode."""
        return outputs(self.net, self.data.X)

    @cached_property
    def value(self) -> float:
        """The loss; ∞ where it can no longer be computed."""
        return self.value_of(self.Z, self.data.y)

    def value_of(self, Z: Array, y: Any) -> float:
        """L of some outputs; ∞ where they are none for this loss."""
        try:
            with quiet_overflow():
                value = self.loss.value(Z, y)
        except ValueError:
            return math.inf
        return value if math.isfinite(value) else math.inf

    @cached_property
    def Y(self) -> Array:
        """The targets, one column for each output: labels are one-hot."""
        y, labelled = self.data.y, self.loss.classification and self.loss.link != "sigmoid"
        if labelled and y.ndim == 1 and y.dtype.kind in "iu":
            return np.eye(self.Z.shape[1])[y]
        return np.asarray(y, np.float64).reshape(len(y), -1)

    @cached_property
    def bulk(self) -> Array:
        """The targets; outliers of a regression are 3 interquartile ranges from the middle."""
        low, middle, high = np.percentile(self.Y, (25, 50, 75), axis=0)
        far = 3 * (high - low)
        if self.loss.classification or not far.all():
            return self.Y
        return self.Y.clip(middle - far, middle + far)

    @cached_property
    def classes(self) -> Labels | None:
        """The class of each example, if there is one for each."""
        if not self.loss.classification:
            return None
        if self.Y.shape[1] == 1:
            return (self.Y[:, 0] > 0.5).astype(np.int64)
        return None if self.loss.link == "sigmoid" else self.Y.argmax(axis=1)

    @cached_property
    def predicted(self) -> Labels:
        """The class that is predicted for each example."""
        return np.asarray(self.loss.predictions(self.Z))

    @cached_property
    def guess(self) -> float:
        """The loss of the best answer that knows nothing of X: for classes their entropy."""
        y = self.data.y
        each = [self.loss.total_weight(y[i : i + 1]) for i in range(len(y))]
        counts = np.maximum(each, 1e-12)  # not all of them 0
        mean, median = np.average(self.Y, 0, weights=counts), np.median(self.Y, axis=0)
        return min(self._cheapest(np.tile(t, (len(self.Y), 1))) for t in (mean, median))

    def _cheapest(self, T: Array) -> float:
        """The least loss of outputs that say T: as numbers, as logarithms, as log-odds."""
        ε = getattr(self.loss, "label_smoothing", 0.0)
        P = ((1 - ε) * T + ε / T.shape[1]).clip(1e-9, 1 - 1e-9)
        ways = T, np.log(T.clip(1e-9)), np.log(P), np.log(P / (1 - P))
        return min(self.value_of(Z.astype(self.net.dtype), self.data.y) for Z in ways)

    def skill_of(self, value: float) -> float:
        """How far a loss has come from a guess (0) to the truth (1); of squares, it is R²."""
        way = self.guess - self._truth
        return (self.guess - value) / way if way > 1e-12 else float(value <= self.guess)

    @cached_property
    def _truth(self) -> float:
        """The loss of the targets themselves."""
        return self._cheapest(self.Y)

    @cached_property
    def skill(self) -> float:
        """How far the model has come."""
        return self.skill_of(self.value)

    @cached_property
    def score(self) -> float:
        """The share of right answers; for a regression the skill, R²."""
        if not self.loss.classification:
            return self.skill
        answers = self.loss.answers(self.data.y)
        return float((self.predicted == np.reshape(answers, self.predicted.shape)).mean())

    @cached_property
    def elsewhere(self) -> tuple[float, float] | None:
        """Skill and score on validation data: those given, or those that `fit` recorded."""
        if self.held is not None:
            there = replace(self, data=self.held, held=None)
            return there.skill, there.score
        losses = self.history.get("val_loss")
        if not losses:
            return None
        at = (self.history.best_epoch or len(losses)) - 1
        skill = self.skill_of(losses[at])
        return skill, self.history["val_accuracy"][at] if self.loss.classification else skill

    # What its first values were -------------------------------------------------------------

    def fresh(self) -> Sequential:
        """Copy the network, and give it first values again, but for what is frozen."""
        twin = copy.deepcopy(self.net)
        for layer, rng in zip(twin.named_layers().values(), self.random(1).spawn(99), strict=False):
            if not layer.frozen:
                for name in (*layer.shapes(), *layer.buffer_shapes()):
                    getattr(layer, name)[...] = 0
                layer.initialize(rng)
        return twin

    def random(self, use: int) -> np.random.Generator:
        """Random numbers for one use, whatever was asked before."""
        return np.random.default_rng([self.seed, use])

    @cached_property
    def first_value(self) -> float:
        """The loss of first values."""
        return self.value_of(outputs(self.fresh(), self.data.X), self.data.y)

    @cached_property
    def blank(self) -> float:
        """The loss of outputs that are 0."""
        value = self.value_of(np.zeros_like(self.Z), self.data.y)
        return value if math.isfinite(value) else self.guess

    @cached_property
    def inside(self) -> dict[str, Inside]:
        """What goes into each layer, and what comes out."""
        return inside(self.net, self.few.X)

    @cached_property
    def first_inside(self) -> dict[str, Inside]:
        """The same with first values."""
        return inside(self.fresh(), self.few.X)

    @cached_property
    def first_slopes(self) -> dict[str, tuple[float, float]]:
        """‖W‖ and ‖dW‖ of each weight matrix, with first values."""
        twin = self.fresh()
        self._gradient(twin)
        return {
            f"{i}.{name}": (norm(getattr(layer, name)), norm(getattr(layer, f"d{name}")))
            for i, layer in twin.named_layers().items()
            for name in weights(layer)
            if layer.trainable
        }

    def _gradient(self, twin: Sequential) -> Array:
        """∂L/∂θ of a copy."""
        Z = outputs(twin, self.few.X, train=True)
        with trusted_data(), quiet_overflow():
            twin.backward(self.loss.value_and_grad(Z, self.few.y)[1])
        return twin.grads

    # What it would do if --------------------------------------------------------------------

    @cached_property
    def rate(self) -> float:
        """The highest learning rate so far, or of the schedule."""
        lr, end = self.optimizer.lr, getattr(self.optimizer.lr, "end", None) or self.optimizer.t + 1
        steps = range(0, end + 1, max(1, end // 100))
        rates = [float(lr(t)) for t in steps] if callable(lr) else [float(lr)]
        return max([*rates, *self.history.get("lr", [])])

    def restarted(self) -> Optimizer:
        """Copy the optimizer without what it remembers, at its highest rate."""
        optimizer = copy.deepcopy(self.optimizer)
        optimizer.t, optimizer.state, optimizer.mark, optimizer.lr = 0, {}, None, self.rate
        return optimizer

    def trial(self, change: Change = lambda opt: None, dropout: bool = True) -> float:
        """Train a copy from first values for `STEPS` updates; return how far it has come."""
        optimizer = self.restarted()
        change(optimizer)
        return self.trained(optimizer, STEPS, dropout)

    @cached_property
    def as_it_is(self) -> float:
        """How far a trial comes that changes nothing."""
        return self.trial()

    @cached_property
    def change(self) -> float:
        """‖Δθ‖/‖θ‖ of one step as it is, from first values, of all weight matrices."""
        twin, before = self.fresh(), self.fresh().params
        optimizer = self.restarted()
        optimizer.step(twin.params, self._gradient(twin), decay=twin.matrices)
        return norm((twin.params - before)[twin.matrices]) / norm(before[twin.matrices])

    def trained(self, optimizer: Optimizer, steps: int, dropout: bool = True) -> float:
        """Train a copy from first values; return how far it has come, −∞ if it has diverged."""
        net, rng = self.fresh(), self.random(2)
        together = net.smallest_batch
        for layer in [] if dropout else net.named_layers().values():
            if isinstance(layer, Dropout):
                layer.p = 0.0
        try:
            while optimizer.t < steps:
                for rows in batches(len(self.data), BATCH, rng, together):
                    update(net, self.loss, optimizer, self.data.take(rows))
        except FloatingPointError:
            return -math.inf
        if together > 1:  # batch norm's running means lag behind so few steps
            Z = outputs(net, self.few.X, train=True)
            return self.skill_of(self.value_of(Z, self.few.y))
        return self.skill_of(self.value_of(outputs(net, self.data.X), self.data.y))

    @cached_property
    def ten(self) -> float:
        """How far Adam gets from first values with ten examples: the worse of two draws."""
        kinds = self.classes if self.classes is not None else np.arange(len(self.Y))
        orders = (self.random(draw).permutation(len(kinds)) for draw in (3, 4))
        first = self._by_heart(next(orders), kinds)
        return first if first < ENOUGH else min(first, self._by_heart(next(orders), kinds))

    def _by_heart(self, order: Labels, kinds: Labels) -> float:
        """Learn the first ten, one of each class before a second one of any."""
        _, first = np.unique(kinds[order], return_index=True)
        rows = np.concatenate([order[np.sort(first)], np.delete(order, first)])[:10]
        X, y, *_ = self.data.take(rows)
        few = replace(self, data=Examples(X, y, None, self.loss, self.data.shape), held=None)
        best = -math.inf
        for lr in (0.03, 0.003):  # the second for deep networks
            if best < ENOUGH:
                best = max(best, few.trained(Adam(lr), 300, dropout=False))
        return best

    # What the data say ----------------------------------------------------------------------

    @cached_property
    def rows(self) -> Array:
        """The inputs in float64, one row of d numbers for each example."""
        return self.data.X.reshape(len(self.data), -1).astype(np.float64)

    @cached_property
    def signal(self) -> float:
        """How far neighbours or a straight line foretell Y, in standard deviations of chance."""
        return signal(self.rows, self.bulk, self.random(6))

    @cached_property
    def possible(self) -> float:
        """How much of Y can be explained at the most, by means over equal rows."""
        return possible(self.rows, self.Y)

    # What is wrong with parts of one's own --------------------------------------------------

    @cached_property
    def wrong_gradients(self) -> list[tuple[str, float]]:
        """Check each layer of one's own alone, and the loss; name the gradients that are wrong."""
        found, rng = [], self.random(7)
        few = inside(self.fresh(), self.data.X[:8])
        for name, layer in self.net.named_layers().items():
            if _own(layer):
                found += _wrong_alone(name, layer, few[name].input, rng)
        if _own(self.loss):
            Z, y = few[list(few)[-1]].output.astype(np.float64), self.data.y[:8]
            slope = numerical_gradient(lambda Z: self.loss.value(Z, y), Z)
            error = relative_error(self.loss.value_and_grad(Z, y)[1], slope)
            found += [(f"dZ of {type(self.loss).__name__}", error)] if error > TOLERANCE else []
        return found


def signal(X: Array, Y: Array, rng: np.random.Generator) -> float:
    """How far neighbours or a straight line foretell Y, in standard deviations of chance.

    Each row is foretold by all others, on standardized features: by its nearest neighbour, and by
    ridge regression, whose left-out residuals are α_i / (K + λI)⁻¹_ii with α = (K + λI)⁻¹ Y.
    """
    X, Y = (a[:, a.any(axis=0)] for a in (_standardized(X), _standardized(Y)))
    K = X @ X.T / max(1, X.shape[1])
    distances = K.diagonal()[:, np.newaxis] + K.diagonal() - 2 * K
    np.fill_diagonal(distances, np.inf)
    inverse = np.linalg.inv(K + np.eye(len(K)))
    line = Y - inverse @ Y / inverse.diagonal()[:, np.newaxis]
    beyond = []
    for foretold in (Y[distances.argmin(axis=1)], line):
        chance = [np.vdot(Y[rng.permutation(len(Y))], foretold) for _ in range(100)]
        beyond.append((np.vdot(Y, foretold) - np.mean(chance)) / max(np.std(chance), 1e-12))
    return float(max(beyond))


def _standardized(X: Array) -> Array:
    """Columns of mean 0 and standard deviation 1; or of 0, where nothing changes."""
    scale = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(scale > 1e-12 * np.abs(X).max(axis=0), scale, np.inf)


def possible(X: Array, Y: Array) -> float:
    """R² of the best function of X: it gives equal rows the mean of their targets."""
    _, group, size = np.unique(X, axis=0, return_inverse=True, return_counts=True)
    group = group.ravel()
    sums = np.zeros((len(size), Y.shape[1]))
    np.add.at(sums, group, Y)
    total = np.square(Y - Y.mean(axis=0)).sum()
    within = np.square(Y - (sums / size[:, np.newaxis])[group]).sum()
    return float(1 - within / total) if total else 1.0


TOLERANCE = 1e-3
"""A mistake is off by a hundredth at least, rounding by a millionth."""


def _own(part: object) -> bool:
    """Whether somebody else than nnlib has written this."""
    return type(part).__module__.partition(".")[0] != __name__.partition(".")[0]


def _wrong_alone(
    name: str, layer: Layer, X: Array, rng: np.random.Generator
) -> list[tuple[str, float]]:
    """Check the gradients of one layer, with parameters and inputs a little off their place.

    What cannot stand alone, or not where it is put, is not judged.
    """
    X = X * (1 + 0.1 * rng.normal(size=X.shape))
    try:
        alone = Sequential(copy.deepcopy(layer), Flatten(), rng=rng)
        alone.params = alone.params + 0.1 * rng.normal(size=alone.params.shape)
        T = rng.normal(size=alone.forward(X).shape)
        report = check_gradients(alone, MeanSquaredError(), X, T, tolerance=TOLERANCE, samples=30)
    except (ValueError, TypeError, RuntimeError, FloatingPointError):
        return []
    return [
        (f"d{row.name} of layers[{name}], {type(layer).__name__}", row.error)
        for row in report.rows
        if row.mark == "WRONG"
    ]


def outputs(net: Sequential, X: Array, train: bool = False) -> Array:
    """Forward, in test mode batch by batch; what overflows does so quietly."""
    parts = [np.arange(len(X))] if train else in_batches(net, len(X), X.shape[1:])
    with trusted_data(), quiet_overflow():
        return np.concatenate([net.forward(X[rows], train=train) for rows in parts])


def inside(net: Sequential, X: Array) -> dict[str, Inside]:
    """Forward a copy in test mode, and keep what goes into each layer and what comes out."""
    seen: dict[str, Inside] = {}

    def watched(name: str, forward: Callable[..., Array]) -> Callable[..., Array]:
        def call(X: Array, *, train: bool = False) -> Array:
            A = forward(X, train=train)
            seen[name] = Inside(X, A)
            return A

        return call

    twin = copy.deepcopy(net)
    for name, layer in twin.named_layers().items():
        vars(layer)["forward"] = watched(name, layer.forward)
    with trusted_data(), quiet_overflow():
        twin.forward(X)
    return seen
