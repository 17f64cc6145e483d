"""A run of the playground: it trains step by step, and everything may be changed in between."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array
from nnlib.course.playground import network
from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import History, Record
from nnlib.course.playground.network import Change
from nnlib.course.playground.recipe import features, one_step
from nnlib.course.playground.settings import Settings
from nnlib.course.playground.stream import Stream, state_of
from nnlib.course.playground.words import divergence, rule_met, size


class Ending(NamedTuple):
    """Whether a run has ended, whether by divergence, and what there is to say."""

    ended: bool = False
    diverged: bool = False
    message: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on identically from where it was."""

    settings: Settings
    steps: int
    epoch: int
    params: Array
    optimizer: dict[str, Any]
    shuffling: dict[str, Any]
    place: int
    dropping: list[dict[str, Any]]
    log: list[tuple[int, Settings]]
    record: Record
    ending: Ending
    good: "Checkpoint | None" = None
    """The best moment before; None: this one, or one that nobody asks for."""


HUGE = 1e5
"""A loss or a weight above this counts as diverged: nothing is learned up there."""


class Experiment:
    """A network in training, its data, and what was changed when.

    Attributes
    ----------
    steps, epoch : int
        Updates, and passes through the data, since the start.
    stream : Stream
        The batches, and the place in the present epoch.
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

    def start(self, settings: Settings, message: str = "") -> None:
        """Begin a run: first weights, no step yet."""
        self.data = make_data(settings)
        self.net = network.make_network(settings, self.data.outputs)
        self.loss, self.opt = network.make_loss(self.data.k), network.make_optimizer(settings)
        self.settings, self.steps, self.epoch = settings, 0, 0
        self.stream = Stream(settings.seed)
        self._compute_features()
        self._begin_epoch()
        self.log = [(0, settings)]
        self.history = History()
        scores = self.scores()
        self.history.append(0, scores)
        self.record, self.ending = Record.begun(0, scores), Ending(message=message)
        self.good = self.anchor = self.checkpoint()
        self._stop_if_met(scores, message)

    def _compute_features(self) -> None:
        """Compute the network's inputs."""
        data, names = self.data, self.settings.features
        self.F_train, self.F_test = features(data.X_train, names), features(data.X_test, names)

    def _begin_epoch(self) -> None:
        self.stream.begin(len(self.F_train), self.settings.batch_size)

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
        return self.ending.message

    # Training --------------------------------------------------------------------------------

    def step(self) -> bool:
        """Take one step, if the run has not ended; return whether there may be another."""
        if self.ended:
            return False
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            value = self._update()
            self.steps += 1
            weight = float(np.abs(self.net.params).max())
            if not value < HUGE:
                self._diverge(f"the loss {size(value)}")
            elif not weight < HUGE:
                self._diverge(f"a weight {size(weight)}")
            elif self.stream.place == self.stream.length:
                self._end_epoch()
        return not self.ended

    def _update(self) -> float:
        """Update the weights with the next batch; return the loss, NaN where there is none."""
        index = self.stream.take()
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
            self._diverge(f"the loss {size(scores['loss'])}")
            return
        self.epoch += 1
        self._begin_epoch()
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

    def _diverge(self, what: str) -> None:
        """Go back to the best weights so far, and explain."""
        s, good = self.settings, self.good
        cause = divergence(s, self.epoch + 1, self.steps, what)
        self._return_to(good)
        self.record, self.ending = self.record.changed(self.epoch), Ending()
        self._stop_if_met(self.scores())
        self.anchor = self.checkpoint()
        self._follow(s)
        again = f"The weights are those of epoch {good.epoch} again, the best before"
        message = f"{cause} {again} (training loss {self.record.train:.4f})."
        self.ending = Ending(True, True, message)

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
            return self.message
        if self.anchor.steps != self.steps:
            self.anchor = self.checkpoint(self.good)
        self._return_to(self.anchor)
        if new != self.settings:
            self.ending = Ending()
            self.ending = Ending(message=self._follow(new))
            self._stop_if_met(self.scores(), self.message)
        return self.message

    def _follow(self, new: Settings) -> str:
        """Go over from the present settings to new ones; return what there is to say."""
        old, self.settings = self.settings, new
        change, message = Change.between(old, new), ""
        if change.data:
            self.data = make_data(new)
        if change.inputs:
            self._compute_features()
        if change.batches:
            self._begin_epoch()
        if change.network:
            net = network.make_network(new, self.data.outputs)
            share = network.keep_weights(self.net, net, old, new)
            self.net, message = net, f"The network has changed: {share}."
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
        return message

    # Checkpoints -----------------------------------------------------------------------------

    def checkpoint(self, good: Checkpoint | None = None) -> Checkpoint:
        """Copy all that the run needs to go on from here, or to go back to its best moment."""
        return Checkpoint(
            self.settings,
            self.steps,
            self.epoch,
            self.net.params.copy(),
            self.opt.state_dict(),
            self.stream.shuffling,
            self.stream.place,
            [state_of(rng) for rng in network.dropout_rngs(self.net)],
            list(self.log),
            self.record,
            self.ending,
            good,
        )

    def _return_to(self, checkpoint: Checkpoint) -> None:
        """Be as at a checkpoint."""
        self.settings, self.log = checkpoint.settings, list(checkpoint.log)
        self.data = make_data(checkpoint.settings)
        self.net = network.make_network(checkpoint.settings, self.data.outputs)
        self.net.params = checkpoint.params
        self.opt = network.make_optimizer(checkpoint.settings)
        self.opt.load_state_dict(checkpoint.optimizer)
        self.loss = network.make_loss(self.data.k)
        for rng, state in zip(network.dropout_rngs(self.net), checkpoint.dropping, strict=True):
            rng.bit_generator.state = state
        self.steps, self.epoch = checkpoint.steps, checkpoint.epoch
        self._compute_features()
        batch_size = checkpoint.settings.batch_size
        self.stream.begin(len(self.F_train), batch_size, checkpoint.shuffling, checkpoint.place)
        self.history.forget_after(checkpoint.epoch)
        self.record, self.ending = checkpoint.record, checkpoint.ending
        self.good = checkpoint.good or checkpoint

    @classmethod
    def of(
        cls, now: Checkpoint, good: Checkpoint, anchor: Checkpoint, history: History
    ) -> "Experiment":
        """Go on from the checkpoints of another run, with its curves."""
        experiment = cls(now.settings)
        experiment._return_to(now)
        experiment.good, experiment.anchor, experiment.history = good, anchor, history
        return experiment
