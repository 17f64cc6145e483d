"""A run of the playground: it trains step by step, and everything may be changed in between."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import History, Record
from nnlib.course.playground.recipe import carry_over, features, one_step
from nnlib.course.playground.settings import ACTIVATIONS, INITIALIZERS, MOST_UNITS, Settings
from nnlib.course.playground.words import rule_met
from nnlib.optimizers import BY_NAME

HUGE = 1e5
"""A loss or a weight above this counts as diverged: nothing is learned up there."""

Weight = tuple[int, int, int, float]
"""Layer (of the Dense layers, from 0), row (−1: the bias), column, and the value set there."""


class Entry(NamedTuple):
    """From this step on the settings hold, and with their network these weights were set."""

    step: int
    settings: Settings
    weights: tuple[Weight, ...] = ()


class Ending(NamedTuple):
    """Whether a run has ended, whether by divergence, and what there is to say."""

    ended: bool = False
    diverged: bool = False
    message: str = ""


def stretches(entries: list[Entry], end: int) -> Iterator[tuple[Settings, Entry, int]]:
    """Walk through a log: for each entry, the settings before it, and the steps that follow it."""
    ends = [*(entry.step for entry in entries[1:]), end]
    for before, entry, to in zip([entries[0], *entries], entries, ends, strict=False):
        yield before.settings, entry, to - entry.step


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go back to where it was."""

    settings: Settings
    steps: int
    epoch: int
    log: list[Entry]
    record: Record
    ending: Ending
    params: Array
    optimizer: dict[str, Any]
    random: list[dict[str, Any]]
    batches: list[Any]
    good: "Checkpoint | None" = None
    """The best moment before; None: this one."""


class Experiment:
    """A network in training, its data, and what was changed when.

    Attributes
    ----------
    steps, epoch : int
        Updates, and passes through the data, since the start.
    ticks : int
        Updates since the start, those too that a divergence has undone.
    batches : list of ndarray
        The batches that are left of the present epoch; none: it is about to be shuffled.
    log : list of Entry
        What was done after how many steps: enough to come to the same network.
    trail : list of Entry
        What was done after how many ticks, the rules to stop included: enough to do all again,
        divergences and what was said.
    record : Record
        The lowest losses so far.
    ending : Ending
        Whether the run has ended, and what its end or the last change has to say, in words.
    greeting : str
        What there is to say until something is changed.
    good, anchor : Checkpoint
        Where a divergence goes back to, and what was before all changes since the last step.
    """

    def __init__(self, settings: Settings | None = None, weights: Iterable[Weight] = ()) -> None:
        self.start(settings or Settings(), weights)

    def start(self, settings: Settings, weights: Iterable[Weight] = (), greeting: str = "") -> None:
        """Begin a run: first weights, some of them set by hand; no step yet."""
        self._make(settings)
        by_hand = set_weights(self.net, weights)
        self.steps = self.ticks = self.epoch = 0
        self.batches: list[Any] = []
        self.rng = np.random.default_rng(settings.seed)
        self.log = self.trail = [Entry(0, settings, by_hand)]
        self.history = History()
        scores = self.scores()
        self.history.append(0, scores)
        self.record, self.greeting = Record.begun(0, scores), greeting
        self.ending = Ending(message=set_by_hand(by_hand))
        self._stop_if_met(scores, self.ending.message)
        self.good = self.anchor = self.checkpoint()

    def _make(self, settings: Settings) -> None:
        """Make data, network and optimizer as they are at the beginning."""
        self.settings = settings
        self._take_data()
        self.net = make_network(settings, self.data.outputs)
        self.loss = nn.SoftmaxCrossEntropy() if self.data.k else nn.MeanSquaredError()
        self.opt = make_optimizer(settings)

    def _take_data(self) -> None:
        """Take the data, and compute the network's inputs."""
        self.data = data = make_data(self.settings)
        names = self.settings.features
        self.F_train, self.F_test = features(data.X_train, names), features(data.X_test, names)

    @property
    def ended(self) -> bool:
        """Whether there is no next step, unless something is changed."""
        return self.ending.ended

    @property
    def diverged(self) -> bool:
        """Whether it has ended because its numbers grew beyond bounds."""
        return self.ending.diverged

    @property
    def message(self) -> str:
        """What the last change or the end of the run has to say."""
        new = len(self.trail) == 1 and not self.diverged
        return f"{self.greeting if new else ''} {self.ending.message}".strip()

    # Training --------------------------------------------------------------------------------

    def step(self) -> bool:
        """Take one step, if the run has not ended; return whether there may be another."""
        if self.ended:
            return False
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value = self._update()
            self.steps, self.ticks = self.steps + 1, self.ticks + 1
            weight = float(np.abs(self.net.params).max())
            if not value < HUGE:
                self._diverge("the loss", value)
            elif not weight < HUGE:
                self._diverge("a weight", weight)
            elif not self.batches:
                self._end_epoch()
        return not self.ended

    def _update(self) -> float:
        """Update the weights with the next batch; return the loss, NaN where there is none."""
        if not self.batches:
            n = len(self.F_train)
            self.batches = list(nn.batches(n, self.settings.batch(n), self.rng))
        index = self.batches.pop(0)
        X, y = self.F_train[index], self.data.y_train[index]
        try:
            return one_step(self.net, self.loss, self.opt, X, y, self.settings.l1)
        except ValueError:  # nnlib's losses refuse outputs that are not finite
            if np.isfinite(self.net.forward(X)).all():
                raise
            return math.nan

    def _end_epoch(self) -> None:
        scores = self.scores()
        if not scores["loss"] < HUGE:
            self._diverge("the loss", scores["loss"])
            return
        self.epoch += 1
        best = self.record.train
        self.history.append(self.epoch, scores)
        self.record = self.record.after(self.epoch, scores)
        if scores["loss"] <= best:
            self.good = self.checkpoint()
        self._stop_if_met(scores)

    def _stop_if_met(self, scores: dict[str, float], message: str = "") -> None:
        """End the run if a rule to stop is met; say so after what was to be said anyway."""
        rule = rule_met(self.settings, self.epoch, scores["loss"], self.record)
        if rule:
            self.ending = Ending(True, message=f"{message} {rule}".strip())

    def _diverge(self, what: str, value: float) -> None:
        """Go back to the best weights so far, and explain."""
        s, good = self.settings, self.good
        cause = divergence(s, self.epoch + 1, self.steps, what, value)
        self._return_to(good)
        self.record = self.record.changed(self.epoch)
        again = f"The weights are those of epoch {good.epoch} again, the best before"
        message = f"{cause} {again} (training loss {self.record.train:.4f})."
        self.ending = Ending(True, True, message)
        self.anchor = self.checkpoint(good)
        self._follow(s)

    def scores(self) -> dict[str, float]:
        """Score both parts of the data: loss, test_loss and, for classes, the accuracies.

        Where outputs are not finite, the loss is NaN.
        """
        scores: dict[str, float] = {}
        data = self.data
        for part, F, y in (("", self.F_train, data.y_train), ("test_", self.F_test, data.y_test)):
            finite = bool(np.isfinite(self.net.forward(F)).all())
            some = nn.evaluate(self.net, self.loss, F, y) if finite else {"loss": math.nan}
            scores |= {f"{part}{name}": value for name, value in some.items()}
        return scores

    # Changes ---------------------------------------------------------------------------------

    def change(self, **changed: Any) -> str:
        """Change settings; training goes on with the weights as they are. Return what was kept.

        What was changed since the last step is seen as one change, so that there and back again is
        no change at all. Other data or other first weights begin a new run.
        """
        new = self.settings.but(**changed)
        if new == self.settings:
            return ""
        make_data(new)  # it refuses points that it cannot read, before anything is touched
        if "restart" in self.settings.entails(new):
            self.start(new, greeting="A new run begins.")
            return self.message
        old, outputs = self.settings, self.data.outputs
        return self.amend(new, carried_over(self._by_hand(), old, new, outputs))

    def weight(self, layer: int, row: int, column: int) -> float:
        """Return a weight, or in row −1 a bias, of a Dense layer."""
        return float(weights_of(self.net, layer, row)[column])

    def set_weight(self, layer: int, row: int, column: int, value: float) -> str:
        """Set a weight, or in row −1 a bias, of a Dense layer by hand; return what there is to say.

        It is part of what was changed since the last step, as `change` sees it.
        """
        place = (layer, row, column)
        weight = checked_weight((*place, value), self.settings, self.data.outputs)
        if self.weight(*place) == value:
            return ""
        others = [other for other in self._by_hand() if other[:3] != place]
        return self.amend(self.settings, [*others, weight])

    def _by_hand(self) -> tuple[Weight, ...]:
        """Name the weights that were set since the last step."""
        if self.steps == 0:
            return self.log[0].weights
        last = self.trail[-1]
        return last.weights if last.step == self.ticks else ()

    def amend(self, new: Settings, weights: Iterable[Weight]) -> str:
        """Be as if since the last step settings and weights had been changed to these, at once."""
        if self.steps == 0:
            self.start(new, weights)
            return self.message
        if self.anchor.steps != self.steps:
            self.anchor = self.checkpoint(self.good)
        trail = [entry for entry in self.trail if entry.step < self.ticks]
        self._return_to(self.anchor)
        message, by_hand = self._follow(new, weights)
        if new != trail[-1].settings or by_hand:
            trail.append(Entry(self.ticks, new, by_hand))
            self.ending = Ending(message=message)
            self._stop_if_met(self.scores(), message)
        self.trail = trail
        return self.message

    def _follow(
        self, new: Settings, weights: Iterable[Weight] = ()
    ) -> tuple[str, tuple[Weight, ...]]:
        """Go over to new settings, then set weights; return what to say, and which were others."""
        old, self.settings = self.settings, new
        change, message = old.entails(new), ""
        if "inputs" in change:
            self._take_data()
        if "batches" in change:
            self.batches = []
        if "network" in change:
            net = make_network(new, self.data.outputs)
            kept = carry_over(self.net, net, shared_inputs(old, new))
            message = f"The network has changed: {share(kept, self.net, net)}."
            self.net = net
        if "optimizer" in change:
            self.opt = make_optimizer(new)
        if "rates" in change:
            self.opt.lr, self.opt.weight_decay = new.lr, new.l2
        by_hand = set_weights(self.net, weights)
        if change or by_hand:
            self.log = [*self.log, Entry(self.steps, new, by_hand)]
        if new != old or by_hand:
            self.record = self.record.changed(self.epoch)
        if change & {"data", "network"} or by_hand:  # best is what comes after other weights
            self.record = Record.begun(self.epoch, self.scores())
            self.good = self.checkpoint()
        return f"{message} {set_by_hand(by_hand)}".strip(), by_hand

    # Checkpoints -----------------------------------------------------------------------------

    def checkpoint(self, good: Checkpoint | None = None) -> Checkpoint:
        """Copy all that the run needs to go on from here, or to go back to its best moment."""
        return Checkpoint(
            *(self.settings, self.steps, self.epoch, self.log, self.record, self.ending),
            *(self.net.params.copy(), self.opt.state_dict()),
            [dict(rng.bit_generator.state) for rng in self._rngs()],
            self.batches.copy(),
            good,
        )

    def _rngs(self) -> list[np.random.Generator]:
        """List what draws at random in training: the batches, and what is dropped."""
        dropped = [layer.rng for layer in self.net.layers if isinstance(layer, nn.Dropout)]
        return [self.rng, *filter(None, dropped)]  # a network has given each one its own

    def _return_to(self, c: Checkpoint) -> None:
        """Be as at a checkpoint."""
        self._make(c.settings)
        self.net.params = c.params
        self.opt.load_state_dict(c.optimizer)
        for rng, state in zip(self._rngs(), c.random, strict=True):
            rng.bit_generator.state = state
        self.steps, self.epoch, self.batches = c.steps, c.epoch, c.batches.copy()
        self.log, self.record, self.ending, self.good = c.log, c.record, c.ending, c.good or c
        self.history.forget_after(c.epoch)


# The network, and what becomes of it ------------------------------------------------------------


def shapes(settings: Settings, outputs: int) -> list[tuple[int, int]]:
    """List the shapes of the weight matrices."""
    return list(pairwise((len(settings.features), *settings.hidden, outputs)))


def make_network(settings: Settings, outputs: int) -> nn.Sequential:
    """Make the network: each Dense, an activation, Dropout if asked for; at the end Dense."""
    init = INITIALIZERS[settings.init]
    *inner, last = shapes(settings, outputs)
    layers: list[nn.Layer] = []
    for (d_in, d_out), name in zip(inner, settings.activations, strict=True):
        layers.append(nn.Dense(d_in, d_out, init=init))
        if (activation := ACTIVATIONS[name][0]) is not None:
            layers.append(activation())
        if settings.dropout:
            layers.append(nn.Dropout(settings.dropout))
    return nn.Sequential(*layers, nn.Dense(*last, init=init), rng=settings.seed)


def make_optimizer(settings: Settings) -> nn.Optimizer:
    """Make the optimizer."""
    return BY_NAME[settings.optimizer.lower()](lr=settings.lr, weight_decay=settings.l2)


def share(kept: int, old: nn.Sequential, new: nn.Sequential) -> str:
    """Say how many weights another network has from the one before."""
    total = new.params.size
    if kept == total == old.params.size:
        return f"all {total} weights were kept"
    return f"{kept} of the network's {total} weights were kept, the other {total - kept} are new"


def shared_inputs(old: Settings, new: Settings) -> list[tuple[int, int]]:
    """Pair the old and the new place of each feature that both have."""
    both = [name for name in old.features if name in new.features]
    return [(old.features.index(name), new.features.index(name)) for name in both]


def checked_weight(weight: tuple[Any, ...], settings: Settings, outputs: int) -> Weight:
    """Return a weight to set, if the network has it and it is a number that may stand there."""
    layer, row, column, value = weight
    shape = shapes(settings, outputs)
    if not 0 <= layer < len(shape):
        raise ValueError(f"weight: expected a layer from 0 to {len(shape) - 1}, got {layer}")
    rows, columns = shape[layer]
    if not (-1 <= row < rows and 0 <= column < columns):
        raise ValueError(
            f"weight: expected in layer {layer} a row from 0 to {rows - 1}, or -1 for the biases, "
            f"and a column from 0 to {columns - 1}, got {row} and {column}"
        )
    if not isinstance(value, (int, float)) or not abs(value) < HUGE:  # NaN is not
        raise ValueError(f"weight: expected a number below {HUGE:g} in size, got {value!r}")
    return int(layer), int(row), int(column), float(value)


def dense_layers(net: nn.Sequential) -> list[tuple[int, nn.Dense]]:
    """List the Dense layers, each with its place among all."""
    return [(i, layer) for i, layer in enumerate(net.layers) if isinstance(layer, nn.Dense)]


def weights_of(net: nn.Sequential, layer: int, row: int) -> Array:
    """Return the row of weights in which one can be set."""
    _, dense = dense_layers(net)[layer]
    return dense.b if row < 0 else dense.W[row]


def set_weights(net: nn.Sequential, weights: Iterable[Weight]) -> tuple[Weight, ...]:
    """Set weights; return those that had another value."""
    other: list[Weight] = []
    for layer, row, column, value in sorted(weights):
        if (vector := weights_of(net, layer, row))[column] != value:
            vector[column] = value
            other.append((layer, row, column, value))
    return tuple(other)


def carried_over(
    weights: Iterable[Weight], old: Settings, new: Settings, outputs: int
) -> Iterator[Weight]:
    """Name the same weights in another network, as `recipe.carry_over` has them there."""
    inputs = {-1: -1, **dict(shared_inputs(old, new))}
    alike = len(old.hidden) == len(new.hidden)
    layers = shapes(new, outputs)[: None if alike else min(len(old.hidden), len(new.hidden))]
    for layer, row, column, value in weights:
        at = inputs.get(row, MOST_UNITS) if layer == 0 else row
        if layer < len(layers) and at < layers[layer][0] and column < layers[layer][1]:
            yield layer, at, column, value


def set_by_hand(weights: Sequence[Weight]) -> str:
    """Say how many weights were set by hand, if any were."""
    count = "A weight was" if len(weights) == 1 else f"{len(weights)} weights were"
    return f"{count} set by hand." if weights else ""


def divergence(s: Settings, epoch: int, step: int, what: str, value: float) -> str:
    """Say where a run diverged, by which number, and what may be to blame."""
    lr = s.lr
    size = f"is {value:.1e}" if math.isfinite(value) else "is no longer a finite number"
    causes = [f"a learning rate of {lr:g} is too large for {s.optimizer}: try {lr / 10:g}"]
    if max(s.l1, s.l2) * lr > 0.5:
        causes.append("the regularization is so strong that its steps overshoot: try less")
    if any("²" in name for name in s.features):
        causes.append("squared features are large inputs, which ask for smaller steps")
    where = f"The run diverged in epoch {epoch}, step {step}"
    return f"{where}: {what} {size}. The likely cause: {'; or '.join(causes)}."
