"""A run of the playground: it trains step by step, and everything may be changed in between."""

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.playground import network
from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import History, Record
from nnlib.course.playground.network import Change
from nnlib.course.playground.recipe import features, one_step
from nnlib.course.playground.settings import Settings
from nnlib.course.playground.words import divergence, rule_met, size


class Ending(NamedTuple):
    """Whether a run has ended, whether by divergence, and what there is to say."""

    ended: bool = False
    diverged: bool = False
    said: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on identically from where it was."""

    settings: Settings
    steps: int
    epoch: int
    params: Array
    optimizer: dict[str, Any]
    shuffling: dict[str, Any]
    taken: int
    dropping: list[dict[str, Any]]
    log: list[tuple[int, Settings]]
    record: Record
    ending: Ending
    good: "Checkpoint | None" = None
    """The best moment before; None: this one, or one that nobody asks for."""


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator, to come back to."""
    return dict(rng.bit_generator.state)


HUGE = 1e5
"""A loss or a weight above this counts as diverged: nothing is learned up there."""


class Experiment:
    """A network in training, its data, and what was changed when.

    Attributes
    ----------
    steps, epoch : int
        Updates, and passes through the data, since the start.
    log : list of (int, Settings)
        After how many steps which settings began to hold: enough to repeat the run.
    record : Record
        The lowest losses so far.
    ending : Ending
        Whether the run has ended, and what its end or the last change has to say, in words.
    good, anchor : Checkpoint
        Where a divergence goes back to, and what was before all changes since the last step.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.start(settings or Settings())

    def start(self, settings: Settings, said: str = "") -> None:
        """Begin a run: first weights, no step yet."""
        self.data = make_data(settings)
        self.net = network.make_network(settings, self.data.outputs)
        self.loss, self.opt = network.make_loss(self.data.k), network.make_optimizer(settings)
        self.settings, self.steps, self.epoch, self.taken = settings, 0, 0, 0
        self.rng = np.random.default_rng(settings.seed)
        self._compute_features()
        self._new_epoch()
        self.log = [(0, settings)]
        self.history = History()
        scores = self.scores()
        self.history.append(0, scores)
        self.record, self.ending = Record.begun(0, scores), Ending(said=said)
        self.good = self.anchor = self.checkpoint()
        self._stop_if_met(scores, said)

    def _compute_features(self) -> None:
        """Compute the network's inputs."""
        data, names = self.data, self.settings.features
        self.F_train, self.F_test = features(data.X_train, names), features(data.X_test, names)

    def _new_epoch(self) -> None:
        self._batches: Iterator[Any] | None = None
        self.taken = 0
        self._shuffling = state_of(self.rng)

    @property
    def ended(self) -> bool:
        """Whether there is no next step, unless something is changed."""
        return self.ending.ended

    @property
    def diverged(self) -> bool:
        """Whether it has ended because its numbers grew beyond bounds."""
        return self.ending.diverged

    @property
    def said(self) -> str:
        """What the last change or the end of the run has to say."""
        return self.ending.said

    @property
    def batch_size(self) -> int:
        """Examples in an update."""
        return min(self.settings.batch_size or len(self.F_train), len(self.F_train))

    @property
    def steps_per_epoch(self) -> int:
        """Updates in a pass through the data."""
        return math.ceil(len(self.F_train) / self.batch_size)

    # Training --------------------------------------------------------------------------------

    def step(self) -> bool:
        """Take one step, if the run has not ended; return whether there may be another."""
        if self.ended:
            return False
        if self._batches is None:
            self._shuffling = state_of(self.rng)
            self._batches = nn.batches(len(self.F_train), self.batch_size, self.rng)
        index = next(self._batches)
        X, y, l1 = self.F_train[index], self.data.y_train[index], self.settings.l1
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            try:
                value = one_step(self.net, self.loss, self.opt, X, y, l1)
            except ValueError:  # nnlib's losses refuse outputs that are not finite
                if np.isfinite(self.net.forward(X)).all():
                    raise
                value = math.nan
            self.steps, self.taken = self.steps + 1, self.taken + 1
            weight = float(np.abs(self.net.params).max())
            if not value < HUGE:
                self._diverge(f"the loss {size(value)}")
            elif not weight < HUGE:
                self._diverge(f"a weight {size(weight)}")
            elif self.taken == self.steps_per_epoch:
                self._end_epoch()
        return not self.ended

    def _end_epoch(self) -> None:
        scores = self.scores()
        if not scores["loss"] < HUGE:
            self._diverge(f"the loss {size(scores['loss'])}")
            return
        self.epoch += 1
        self._new_epoch()
        best = self.record.train
        self.history.append(self.epoch, scores)
        self.record = self.record.after(self.epoch, scores)
        if scores["loss"] <= best:
            self.good = self.checkpoint()
        self._stop_if_met(scores)

    def _stop_if_met(self, scores: dict[str, float], said: str = "") -> None:
        """End the run if a rule to stop is met; say so after what was to be said anyway."""
        met = rule_met(self.settings, self.epoch, scores["loss"], self.record)
        if met:
            self.ending = Ending(True, said=f"{said} {met}".strip())

    def _diverge(self, what: str) -> None:
        """Go back to the best weights so far, and explain."""
        s, good = self.settings, self.good
        why = divergence(s, self.epoch + 1, self.steps, what)
        self._return_to(good)
        self.record, self.ending = self.record.changed(self.epoch), Ending()
        self._stop_if_met(self.scores())
        self.anchor = self.checkpoint()
        self._follow(s)
        again = f"The weights are those of epoch {good.epoch} again, the best before"
        why = f"{why} {again} (training loss {self.record.train:.4f})."
        self.ending = Ending(True, True, why)

    def scores(self) -> dict[str, float]:
        """Score both parts of the data: loss, test_loss and, for classes, the accuracies."""
        train = network.score(self.net, self.loss, self.F_train, self.data.y_train)
        test = network.score(self.net, self.loss, self.F_test, self.data.y_test)
        return train | {f"test_{name}": value for name, value in test.items()}

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
        restart = Change.between(self.settings, new).restart
        if restart or self.steps == 0:
            self.start(new, "A new run begins." if restart else "")
            return self.said
        if self.anchor.steps != self.steps:
            self.anchor = self.checkpoint(self.good)
        self._return_to(self.anchor)
        if new != self.settings:
            self.ending = Ending()
            self.ending = Ending(said=self._follow(new))
            self._stop_if_met(self.scores(), self.said)
        return self.said

    def _follow(self, new: Settings) -> str:
        """Go over from the present settings to new ones."""
        old, self.settings = self.settings, new
        change, words = Change.between(old, new), ""
        if change.data:
            self.data = make_data(new)
        if change.inputs:
            self._compute_features()
        if change.batches:
            self._new_epoch()
        if change.network:
            net = network.make_network(new, self.data.outputs)
            share = network.keep_weights(self.net, net, old, new)
            self.net, words = net, f"The network has changed: {share}."
        if change.optimizer:
            self.opt = network.make_optimizer(new)
        if change.rates:
            self.opt.lr, self.opt.weight_decay = new.lr, new.l2
        if change.logged:
            self.log.append((self.steps, new))
        self.record = self.record.changed(self.epoch)
        if change.data or change.network:
            self.record = Record.begun(self.epoch, self.scores())
            self.good = self.checkpoint()
        return words

    # Checkpoints -----------------------------------------------------------------------------

    def checkpoint(self, good: Checkpoint | None = None) -> Checkpoint:
        """Copy all that the run needs to go on from here, or to go back to its best moment."""
        dropping = [a.rng for a in self.net.layers if isinstance(a, nn.Dropout)]
        return Checkpoint(
            self.settings,
            self.steps,
            self.epoch,
            self.net.params.copy(),
            self.opt.state_dict(),
            copy.deepcopy(self._shuffling if self.taken else state_of(self.rng)),
            self.taken,
            [copy.deepcopy(state_of(rng)) for rng in dropping if rng is not None],
            list(self.log),
            self.record,
            self.ending,
            good,
        )

    def _return_to(self, point: Checkpoint) -> None:
        """Be as at a checkpoint."""
        self.settings, self.log = point.settings, list(point.log)
        self.data = make_data(point.settings)
        self.net = network.make_network(point.settings, self.data.outputs)
        self.net.params = point.params
        self.opt = network.make_optimizer(point.settings)
        self.opt.load_state_dict(point.optimizer)
        self.loss = network.make_loss(self.data.k)
        dropouts = [a for a in self.net.layers if isinstance(a, nn.Dropout)]
        for layer, state in zip(dropouts, point.dropping, strict=True):
            assert layer.rng is not None  # a network has given it one
            layer.rng.bit_generator.state = state
        self.steps, self.epoch = point.steps, point.epoch
        self.rng.bit_generator.state = point.shuffling
        self._compute_features()
        self._new_epoch()
        if point.taken:
            self._batches = nn.batches(len(self.F_train), self.batch_size, self.rng)
            for _ in range(point.taken):
                next(self._batches)
            self.taken, self._shuffling = point.taken, point.shuffling
        self.history.forget_after(point.epoch)
        self.record, self.ending, self.good = point.record, point.ending, point.good or point

    @classmethod
    def of(
        cls, now: Checkpoint, good: Checkpoint, anchor: Checkpoint, history: History
    ) -> "Experiment":
        """Go on from the checkpoints of another run, with its curves."""
        experiment = cls(now.settings)
        experiment._return_to(now)
        experiment.good, experiment.anchor, experiment.history = good, anchor, history
        return experiment
