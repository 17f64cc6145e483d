"""Weight decay, dropout, more data or early stopping: what keeps a network from learning noise."""

import time
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib._validation import whole
from nnlib.course.kit.canvas import ON_CURVES, Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.curves import longer, thinned
from nnlib.course.kit.explorer import Explorer
from nnlib.plots import PALETTE

SCALE = 3.0
"""x in [−1, 1] is shown to the network as 3x: its tanh units can then bend more sharply."""

EVERY = 10
"""Epochs from one score to the next."""

LIMIT = 4000
"""Epochs after which a run ends."""

STOPPING = nn.EarlyStopping(patience=400)
"""Its patience is in epochs, as in `Model.fit`."""

NEAR, SHARE = 0.02, 0.1
"""A curve is good if its mean square distance from the true one is below NEAR + SHARE · noise."""

LUCK, APART = 1.2, 5.0
"""On n points, a training loss below 1 − LUCK / √n of the true curve's is no luck; nor is a
validation loss of APART times the training loss."""

DIVERGED = "It diverged: take less weight decay, and Reset."

GRID = np.linspace(-1, 1, 161)
"""The x at which curves are compared, and drawn."""


def truth(x: Array) -> Array:
    """Return what the points lie around: y = sin(πx)."""
    return np.sin(np.pi * x)


class Experiment:
    """A network 1-h-h-1 in training on n points, all of them in every step.

    Attributes
    ----------
    weight_decay, dropout, stopping : float, float, bool
        The help it gets, decay as AdamW does it; all of it may change under way.
    X, y, X_val, y_val : ndarray
        Points to train on, and 200 others to validate on, with the same noise.
    epochs, losses, val_losses : list
        Epoch by epoch, one in ten: the mean squared error on both, in test mode.
    best, best_curve : int, ndarray
        The epoch with the lowest validation loss so far, and what the network said then.
    epoch, ended : int, str
        Passes through the points, and why there are no more; empty in a run that goes on.
    """

    def __init__(
        self,
        *,
        hidden: int = 50,
        n: int = 15,
        noise: float = 0.3,
        seed: int = 0,
        weight_decay: float = 0.0,
        dropout: float = 0.0,
        stopping: bool = False,
    ) -> None:
        self.X, self.y = nn.make_sine(whole("n", n), noise=noise, rng=seed)
        self.X_val, self.y_val = nn.make_sine(200, noise=noise, rng=1000 + seed)
        layers = [nn.Dense(1, hidden), nn.Tanh(), nn.Dropout(), nn.Dense(hidden, hidden)]
        layers += [nn.Tanh(), nn.Dropout(), nn.Dense(hidden, 1)]
        self.net, self.loss = nn.Sequential(*layers, rng=seed), nn.MeanSquaredError()
        self.optimizer = nn.AdamW(lr=0.01, weight_decay=0.0)
        self.weight_decay, self.dropout, self.stopping = weight_decay, dropout, stopping
        self._steps = nn.steps(
            self.net, self.loss, self.optimizer, SCALE * self.X, self.y,
            epochs=LIMIT, batch_size=n, rng=seed,
        )  # fmt: skip
        self.epoch, self.ended = 0, ""
        self._last = weight_decay, dropout
        self._at = -1  # the score of the present parameters: the last, unless an earlier was best
        self.epochs: list[int] = []
        self.losses: list[float] = []
        self.val_losses: list[float] = []
        self._score()

    @property
    def weight_decay(self) -> float:
        """λ of AdamW: a step takes the share ηλ off every matrix W."""
        return self.optimizer.weight_decay

    @weight_decay.setter
    def weight_decay(self, value: float) -> None:
        self.optimizer.weight_decay = value

    @property
    def dropout(self) -> float:
        """p, the share of hidden units that are missing in a step."""
        return self._dropouts[0].p

    @dropout.setter
    def dropout(self, p: float) -> None:
        for layer in self._dropouts:
            layer.p = p

    @property
    def _dropouts(self) -> list[nn.Dropout]:
        return [layer for layer in self.net.layers if isinstance(layer, nn.Dropout)]

    @property
    def floors(self) -> tuple[float, float]:
        """Losses of the true curve itself, on training and validation points: the noise."""
        return tuple(
            float(np.mean((y - truth(X[:, 0])) ** 2))
            for X, y in ((self.X, self.y), (self.X_val, self.y_val))
        )  # type: ignore[return-value]

    def advance(self) -> bool:
        """Train for ten epochs and score; return whether there may be more."""
        if self.ended:
            return False
        self._last = self._now
        try:
            for _ in range(EVERY):
                next(self._steps)
                self.epoch += 1
        except FloatingPointError:
            self.ended = DIVERGED
            return False
        self._score()
        if self.epoch >= LIMIT:
            self.ended = "The run ends here: Reset starts another."
        elif self.stopping and self.epoch - self.best >= STOPPING.patience:
            self.net.restore(self._best)
            self._at = self.epochs.index(self.best)
            self.ended = f"Stopped early, and back at epoch {self.best}: Reset starts another run."
        return not self.ended

    def _score(self) -> None:
        """Score both sets; keep the best parameters."""
        self.epochs.append(self.epoch)
        for losses, X, y in (
            (self.losses, self.X, self.y),
            (self.val_losses, self.X_val, self.y_val),
        ):
            losses.append(nn.evaluate(self.net, self.loss, SCALE * X, y)["loss"])
        so_far = min(self.val_losses[:-1], default=None)
        if STOPPING.improved(self.val_losses[-1], so_far):
            self.best, self._best, self.best_curve = self.epoch, self.net.snapshot(), self.curve()

    def curve(self) -> Array:
        """Return what the network says on a grid over [−1, 1]."""
        return self.net.forward(SCALE * GRID[:, np.newaxis])[:, 0]

    @property
    def now(self) -> tuple[float, float]:
        """Training and validation loss of the present parameters."""
        return self.losses[self._at], self.val_losses[self._at]

    @property
    def caption(self) -> str:
        """The settings of the last epochs, or before the first ones those to come."""
        return _settings(*(self._last if self.epoch or self.ended else self._now))

    @property
    def _now(self) -> tuple[float, float]:
        return self.weight_decay, self.dropout

    @property
    def to_come(self) -> str:
        """Say from when on the settings count that no epoch has had."""
        if self._last == self._now:
            return ""
        when = "from the next run on (Reset)" if self.ended else "from the next epochs on"
        return f" Now set: {_settings(*self._now)}, {when}."

    @property
    def verdict(self) -> str:
        """Whether the present curve is good, too stiff, or has learned the noise, in words."""
        train, val = self.now
        train_floor, val_floor = self.floors
        off = float(np.mean((self.curve() - truth(GRID)) ** 2))
        if off < NEAR + SHARE * val_floor:
            return "it is about as close to the true curve as the noise allows"
        if train < (1 - LUCK / np.sqrt(len(self.y))) * train_floor or val > APART * train:
            return "it overfits, better on its points than between them"
        return "it underfits, missing its own points"

    def words(self) -> str:
        train, val = self.now
        if not self.epoch:
            how = f"weight decay {self.weight_decay:g}, dropout {self.dropout:g}"
            return f"{len(self.y)} points, {how}: not trained yet. Press Run."
        if self.ended == DIVERGED:
            return f"After {self.epoch:,} epochs with {self.caption}. {self.ended}{self.to_come}"
        ratio = val / max(train, 1e-12)
        times = f"{ratio:,.0f}" if ratio < 10_000 else "over 10,000"
        times = f"{ratio:.1f}" if ratio < 10 else times
        floors = "the true curve: {:.2g} and {:.2g}".format(*self.floors)
        return (
            f"After {self.epoch:,} epochs: training loss {train:.2g}, validation loss {val:.2g}, "
            f"{times} times as large ({floors}): {self.verdict}. "
            f"Validation was best at epoch {self.best:,}. {self.ended}"
        ).strip() + self.to_come


def _settings(weight_decay: float, dropout: float) -> str:
    return f"λ = {weight_decay:g}, p = {dropout:g}"


# The picture ---------------------------------------------------------------------------------


HIDDEN = [2, 5, 10, 20, 50, 100]
DECAYS = [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
POINTS = [5, 8, 10, 15, 20, 30, 50, 100, 200]
SEEDS = range(10)

AT_ONCE = 4
"""Scores in one frame at the most: slow enough to watch."""

LOW, HIGH = 1e-4, 3.0
"""Losses that are shown; those outside lie on the edge."""


class Regularization(Explorer):
    """A fit to noisy points, and the ways to keep it from following the noise."""

    title = "overfitting, and what helps: decay, dropout, data, early stopping"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.options: dict[str, Any] = {
            "hidden": 50, "n": 15, "noise": 0.3, "seed": 0,
            "weight_decay": 0, "dropout": 0.0, "stopping": False,
        }  # fmt: skip
        options = self.options
        self.experiment = Experiment(**options)
        sliders = self._sliders()
        stop = self.switch(
            "early stopping", False, lambda v: self._live("stopping", v),
            tip=f"End once validation has not improved for {STOPPING.patience} epochs, and go back "
            "to its best.",
        )  # fmt: skip
        run = self.run_buttons(lambda: self.experiment.advance(), self.reset)
        self._limit = 500.0
        self.canvas = Canvas(9.4, 3.7, self._build)
        self.picture()
        self.canvas.figure.set_layout_engine("none")  # the panels stay where they are
        self.arrange(self.row(run, stop), *sliders)

    def _sliders(self) -> list[Any]:
        """Make those that help, and those of network and data, in rows."""
        decays = [(f"{d:g}", d) for d in DECAYS]
        decay = self.slider(
            "weight decay λ", decays, 0, lambda v: self._live("weight_decay", v),
            tip="AdamW's: a step takes the share ηλ off all weights, and the curve gets smoother.",
        )  # fmt: skip
        dropout = self.slider(
            "dropout p", numbers(0, 0.8, 0.1, ".1f"), 0.0, lambda v: self._live("dropout", v),
            tip="The share of hidden units that are missing in a step, others in each.",
        )  # fmt: skip
        hidden = self.slider(
            "hidden units", HIDDEN, 50, lambda v: self._anew("hidden", v),
            tip="In each of the two layers; another number begins a new run.",
        )  # fmt: skip
        n = self.slider(
            "points", POINTS, 15, lambda v: self._anew("n", v),
            tip="How many there are to train on; another number begins a new run.",
        )  # fmt: skip
        noise = self.slider(
            "noise", numbers(0, 0.6, 0.1, ".1f"), 0.3, lambda v: self._anew("noise", v),
            tip="How far points lie off the true curve: their standard deviation.",
        )  # fmt: skip
        seed = self.slider(
            "seed", SEEDS, 0, lambda v: self._anew("seed", v),
            tip="Another number draws other points and first weights, and begins a new run.",
        )  # fmt: skip
        return [self.row(decay, dropout), self.row(hidden, n), self.row(noise, seed)]

    def _live(self, name: str, value: Any) -> None:
        """Change what the running network may change."""
        self.options[name] = value
        setattr(self.experiment, name, value)

    def _anew(self, name: str, value: Any) -> None:
        """Change the data or the network: training begins again."""
        self.options[name] = value
        self.reset()

    def reset(self) -> None:
        self.experiment = Experiment(**self.options)

    def advance(self, seconds: float) -> bool:
        end = time.perf_counter() + seconds
        for _ in range(AT_ONCE):
            if not self.experiment.advance():
                return False
            if time.perf_counter() > end:
                break
        return True

    def words(self) -> str:
        return self.experiment.words()

    def still(self) -> Pixels:
        """Show 1,500 epochs without any help: the curve follows the noise."""
        experiment = Experiment()
        while experiment.epoch < 1500:
            experiment.advance()
        return self._picture_of(experiment)

    def picture(self) -> Pixels:
        """Draw points, curves and losses."""
        return self._picture_of(self.experiment)

    def _build(self, figure: Any) -> list[Any]:
        left, right = figure.subplots(1, 2, width_ratios=[1, 1])
        left.set(xlim=(-1, 1), ylim=(-2.8, 3.6), xlabel="x", ylabel="y", title="the fit")
        (self._others,) = left.plot(
            [], [], ".", color="0.7", ms=3, ls="", label="validation points"
        )
        left.plot(GRID, truth(GRID), color="0.35", ls="--", lw=1.5, label="true curve")
        (self._early,) = left.plot([], [], color=PALETTE[2], ls="-.", lw=1.8, label="best epoch's")
        (self._curve,) = left.plot([], [], color=PALETTE[0], ls="-", lw=2.4, label="network")
        (self._points,) = left.plot(
            [], [], "o", color=PALETTE[1], mec="black", ms=6, ls="", label="training points"
        )
        left.legend(loc="upper left", ncols=2, columnspacing=1, handlelength=1.8)
        right.set(yscale="log", ylim=(LOW, HIGH), xlim=(0, 500))
        right.set(xlabel="epochs", ylabel="mean squared error")
        (self._floor,) = right.plot([], [], color="0.5", ls=":", lw=1.5)
        self._floor_text = right.text(
            1, 0, "noise ", ha="right", va="bottom", size=9, color="0.3",
            transform=right.get_yaxis_transform(),
        )  # fmt: skip
        (self._val,) = right.plot([], [], color=PALETTE[2], ls="--", label="validation")
        (self._train,) = right.plot([], [], color=PALETTE[0], ls="-", label="training")
        (self._best,) = right.plot(
            [], [], "*", color=PALETTE[4], mec="black", ms=12, ls="", label="best epoch"
        )
        right.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=3, columnspacing=1.2)
        self._right, across = right, right.transAxes
        self._how = right.text(
            0.98, 0.97, "", ha="right", va="top", transform=across, bbox=ON_CURVES
        )
        moving = [self._others, self._early, self._curve, self._points]
        return [
            *moving,
            self._how,
            self._floor,
            self._floor_text,
            self._val,
            self._train,
            self._best,
        ]

    def _picture_of(self, experiment: Experiment) -> Pixels:
        self._how.set_text(experiment.caption)
        limit = longer(500.0, experiment.epoch)
        if limit != self._limit:
            self._limit, self.canvas.stale = limit, True
            self._right.set_xlim(0, limit)
        self._points.set_data(experiment.X[:, 0], experiment.y)
        self._others.set_data(experiment.X_val[:, 0], experiment.y_val)
        self._curve.set_data(GRID, experiment.curve())
        self._early.set_data(GRID, experiment.best_curve)
        for line, losses in ((self._train, experiment.losses), (self._val, experiment.val_losses)):
            X, Y = thinned(experiment.epochs, losses)
            line.set_data(X, np.clip(Y, LOW, HIGH))
        floor = float(np.clip(experiment.floors[1], LOW, HIGH))
        self._floor.set_data([0, limit], [floor, floor])
        self._floor_text.set(y=floor, visible=floor > LOW)
        self._best.set_data([experiment.best], [np.clip(min(experiment.val_losses), LOW, HIGH)])
        return self.canvas.frame()
