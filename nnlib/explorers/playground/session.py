"""A run of the playground: it trains step by step, and everything may be changed in between."""

import copy
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

import nnlib as nn
from nnlib.explorers.playground import network
from nnlib.explorers.playground.checkpoint import Checkpoint, state_of
from nnlib.explorers.playground.data import make_data
from nnlib.explorers.playground.history import History
from nnlib.explorers.playground.recipe import features, one_step
from nnlib.explorers.playground.settings import Settings

HUGE = 1e5
"""A loss or a weight above this counts as diverged: nothing is learned up there."""


class Session:
    """A network in training, its data, and what was changed when.

    Attributes
    ----------
    steps, epoch : int
        Updates, and passes through the data, since the start.
    log : list of (int, Settings)
        After how many steps which settings began to hold: enough to repeat the run.
    said : str
        What the last change or the end of the run has to say, in words.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.start(settings or Settings())

    def start(self, settings: Settings) -> None:
        """Begin a run: first weights, no step yet."""
        self.data = make_data(settings)
        self.net = network.make_network(settings, self.data.outputs)
        self.loss, self.opt = network.make_loss(self.data.k), network.make_optimizer(settings)
        self.settings, self.steps, self.epoch, self.taken = settings, 0, 0, 0
        self.rng = np.random.default_rng(settings.seed)
        self._prepare_data()
        self.log = [(0, settings)]
        self.history = History()
        self.ended, self.said, self.diverged = False, "", False
        self.history.append(0, self.scores())
        self.good = self.anchor = self.checkpoint()

    def _prepare_data(self) -> None:
        """Compute the features, and leave the epoch that was under way."""
        data, names = self.data, self.settings.features
        self.F_train, self.F_test = features(data.X_train, names), features(data.X_test, names)
        self._new_epoch()

    def _new_epoch(self) -> None:
        self._batches: Iterator[Any] | None = None
        self.taken = 0
        self._shuffling = state_of(self.rng)

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
        self.epoch += 1
        self._new_epoch()
        scores = self.scores()
        if not scores["loss"] < HUGE:
            self._diverge(f"the loss {size(scores['loss'])}")
            return
        best, s = self.history.best_train, self.settings
        self.history.append(self.epoch, scores)
        if scores["loss"] <= best:
            self.good = self.checkpoint()
        if s.stop_loss and scores["loss"] <= s.stop_loss:
            self._end(f"Stopped: the training loss has come down to {scores['loss']:.4f}.")
        elif s.stop_epochs and self.epoch >= s.stop_epochs:
            self._end(f"Stopped after {self.epoch} epochs, as asked for.")
        elif s.patience and self.epoch - self.history.best_epoch >= s.patience:
            self._end(
                f"Stopped early: for {s.patience} epochs the test loss has not improved; its best "
                f"was {self.history.best_test:.4f}, in epoch {self.history.best_epoch}."
            )

    def _end(self, words: str) -> None:
        self.ended, self.said = True, words

    def _diverge(self, what: str) -> None:
        """Go back to the best weights so far, and explain."""
        s, steps, epoch = self.settings, self.steps, self.epoch
        good = self.good
        self._return_to(good)
        self.anchor = good
        self._follow(s)
        causes = [f"a learning rate of {s.lr:g} is too large for {s.optimizer}: try {s.lr / 10:g}"]
        if max(s.l1, s.l2) * s.lr > 0.5:
            causes.append("the regularization is so strong that its steps overshoot: try less")
        if any("²" in name for name in s.features):
            causes.append("squared features are large inputs, which ask for smaller steps")
        self._end(
            f"The run diverged in epoch {epoch + 1}, step {steps}: {what}. The likely "
            f"cause: {'; or '.join(causes)}. The weights are those of epoch {good.epoch} again, "
            f"the best before (training loss {self.history.best_train:.4f})."
        )
        self.diverged = True

    def scores(self) -> dict[str, float]:
        """Score both parts of the data: loss, test_loss and, for classes, the accuracies."""
        data = self.data
        found: dict[str, float] = {}
        for prefix, X, y in (("", self.F_train, data.y_train), ("test_", self.F_test, data.y_test)):
            Z = self.net.forward(X)
            finite = bool(np.isfinite(Z).all())
            scores = nn.evaluate(self.net, self.loss, X, y) if finite else {"loss": math.nan}
            found |= {prefix + name: value for name, value in scores.items()}
        return found

    # Changes ---------------------------------------------------------------------------------

    def change(self, **changed: Any) -> str:
        """Change settings; training goes on with the weights as they are. Return what was kept.

        What was changed since the last step is seen as one change, so that there and back again is
        no change at all. Other data or other first weights begin a new run.
        """
        new = self.settings.but(**changed)
        differs = new.differs(self.settings)
        if not differs:
            return ""
        make_data(new)  # it refuses points that it cannot read, before anything is touched
        self.ended, self.said, self.diverged = False, "", False
        if self.steps == 0 or differs & network.RESTARTS:
            self.start(new)
            self.said = "A new run begins." if differs & network.RESTARTS else ""
            return self.said
        if self.anchor.steps != self.steps:
            self.anchor = self.checkpoint()
        self._return_to(self.anchor)
        self.said = self._follow(new)
        return self.said

    def _follow(self, new: Settings) -> str:
        """Go over from the present settings to new ones."""
        old, self.settings = self.settings, new
        differs = new.differs(old)
        said = ""
        if differs & network.DATA:
            self.data = make_data(new)
        if differs & (network.DATA | {"features"}):
            self._prepare_data()
        elif "batch_size" in differs:
            self._new_epoch()
        if differs & network.NETWORK:
            net = network.make_network(new, self.data.outputs)
            said = network.keep_weights(self.net, net, old, new)
            said = f"The network has changed: {said}."
            self.net = net
        if differs & (network.SIZES | {"optimizer"}):
            self.opt = network.make_optimizer(new)
        self.opt.lr, self.opt.weight_decay = new.lr, new.l2
        if differs - network.STOPS:
            self.log.append((self.steps, new))
        if differs & (network.DATA | network.NETWORK):
            self.history.begin_again(self.epoch, self.scores())
            self.good = self.checkpoint()
        return said

    # Checkpoints -----------------------------------------------------------------------------

    def checkpoint(self) -> Checkpoint:
        """Copy all that the run needs to go on from here."""
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
        self._prepare_data()
        if point.taken:
            self._batches = nn.batches(len(self.F_train), self.batch_size, self.rng)
            for _ in range(point.taken):
                next(self._batches)
            self.taken, self._shuffling = point.taken, point.shuffling
        self.history.forget_after(point.epoch)

    @classmethod
    def of(
        cls, now: Checkpoint, good: Checkpoint, anchor: Checkpoint, history: History
    ) -> "Session":
        """Go on from the checkpoints of another run, with its curves.

        Raises
        ------
        ValueError, KeyError, TypeError or StopIteration
            If one of them is not what a run would have written.
        """
        session = cls(now.settings)
        for point in (good, anchor, now):
            session._return_to(point)
        session.good, session.anchor, session.history = good, anchor, history
        return session


def size(value: float) -> str:
    """Say how large a number is, if it is one."""
    return f"is {value:.1e}" if math.isfinite(value) else "is no longer a finite number"
