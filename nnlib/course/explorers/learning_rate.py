"""Learning rate and batch size, changed while a network trains on the 8×8 digits."""

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Labels
from nnlib.course.kit.canvas import ON_CURVES, Canvas, Pixels
from nnlib.course.kit.curves import longer, thinned
from nnlib.course.kit.digits import digits
from nnlib.course.kit.explorer import Explorer
from nnlib.optimizers import BY_NAME
from nnlib.plots import PALETTE

HIDDEN = 32
"""Hidden units."""

GUESSING = math.log(10)
"""The loss of one who says 1/10 for each digit."""

LOST = 100 * GUESSING
"""A running mean above this will not come back."""

MEMORY = 0.95
"""Share of the running mean that stays, step by step."""

GOOD = "here 0.1 is good for SGD, 0.01 for the others"
"""An answer to the question which η to take."""

SAMPLES = 12
"""Batches that are drawn to measure how much their gradients differ."""

OPTIMIZERS = ("SGD", "momentum", "Adam")


class Experiment:
    """A network 64-32-10 in training, whose η and B may change under way.

    Attributes
    ----------
    name : str
        The optimizer.
    lr, batch_size : float, int
        η and B; both count from the next step on.
    step, epoch : int, float
        Steps taken, and passes through the data.
    epochs, losses, means : list of float
        For each step: passes through the data until then, its loss, and the running mean.
    scored, accuracies : list of float
        Passes through the data, and the test accuracy there, once an epoch.
    accuracy, noise : float
        The test accuracy now; and how far the gradient of one batch is off, as a share of the full
        gradient's length. Measured when asked for.
    diverged : str
        What has happened, with the learning rate that did it; empty in a run that goes well.
    """

    def __init__(
        self, optimizer: str = "SGD", lr: float = 0.1, batch_size: int = 32, seed: int = 0
    ) -> None:
        self.data = digits()
        layers = [nn.Dense(64, HIDDEN), nn.ReLU(), nn.Dense(HIDDEN, 10)]
        self.net, self.loss = nn.Sequential(*layers, rng=seed), nn.SoftmaxCrossEntropy()
        self.name, self.optimizer = optimizer, BY_NAME[optimizer.lower()](lr=lr)
        self._seed, self._shuffling = seed, np.random.default_rng([seed, 1])
        self._mean, self._examples = 0.0, 0
        self.epochs: list[float] = []
        self.losses: list[float] = []
        self.means: list[float] = []
        self.diverged = ""
        self._measured: dict[str, tuple[tuple[int, int], float]] = {}
        self._had: list[tuple[float, int]] = []
        self.batch_size = batch_size
        self.scored, self.accuracies = [0.0], [self.accuracy]

    @property
    def lr(self) -> float:
        return self.optimizer.rate

    @lr.setter
    def lr(self, lr: float) -> None:
        self.optimizer.lr = lr

    @property
    def batch_size(self) -> int:
        """B, the number of examples in a step."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, batch_size: int) -> None:
        self._batch_size = batch_size
        self._steps: Iterator[nn.training.Step] = nn.steps(
            self.net,
            self.loss,
            self.optimizer,
            self.data.X_train,
            self.data.y_train,
            epochs=10**6,
            batch_size=batch_size,
            rng=self._shuffling,
        )

    @property
    def step(self) -> int:
        """Steps taken."""
        return len(self.losses)

    @property
    def epoch(self) -> float:
        """Passes through the data."""
        return self._examples / len(self.data.X_train)

    @property
    def done(self) -> bool:
        """Whether there is nothing more to see: 3,000 steps and 30 epochs, or diverged."""
        return bool(self.diverged) or (self.step >= 3000 and self.epoch >= 30)

    def advance(self) -> bool:
        """Take one step; return whether there may be another."""
        if self.done:
            return False
        if self._had[-1:] != [(self.lr, self.batch_size)]:
            self._had.append((self.lr, self.batch_size))
        try:
            step = next(self._steps)
        except FloatingPointError:
            return self._diverge("loss or gradient are no longer finite numbers")
        before, self._examples = int(self.epoch), self._examples + step.n
        # m ← κ m + (1 − κ) L, divided by 1 − κ^t for its start at 0, as Adam does
        self._mean = MEMORY * self._mean + (1 - MEMORY) * step.loss
        self.means.append(self._mean / (1 - MEMORY ** (self.step + 1)))
        self.losses.append(step.loss)
        self.epochs.append(self.epoch)
        if self.means[-1] > LOST:
            loss = self.means[-1]
            return self._diverge(f"the loss is {loss:.0f}, where guessing costs {GUESSING:.2f}")
        if int(self.epoch) > before:
            self.scored.append(self.epoch)
            self.accuracies.append(self.accuracy)
        return not self.done

    def _diverge(self, what: str) -> bool:
        self.diverged = f"{self.how}: diverged at step {self.step}, {what}."
        return False

    @property
    def _last(self) -> tuple[float, int]:
        """η and B of the last step, or before the first one those to come."""
        return self._had[-1] if self._had else (self.lr, self.batch_size)

    @property
    def how(self) -> str:
        """What the run was made with, as far as it has come."""
        lr, batch_size = self._last
        at_last = "at last " * (len(self._had) > 1)
        return f"{self.name}, {at_last}η = {lr:g}, batches of {batch_size}"

    @property
    def caption(self) -> str:
        """The same in short."""
        lr, batch_size = self._last
        return f"{self.name}, η = {lr:g}, B = {batch_size}"

    @property
    def to_come(self) -> str:
        """Say from when on the settings count that no step has had."""
        if self._last == (self.lr, self.batch_size):
            return ""
        when = "from the next run on (Reset)" if self.done else "from the next step on"
        return f" Now set: η = {self.lr:g}, batches of {self.batch_size}, {when}."

    @property
    def dead(self) -> float:
        """Share of the hidden units that no training image wakes up."""
        A = nn.relu(self.net.layers[0].forward(self.data.X_train))
        return float(np.mean(A.max(axis=0) == 0))

    def words(self) -> str:
        if self.diverged:
            return (
                f"{self.diverged} That η is far too large: divide it by ten until it learns "
                f"({GOOD}). Reset begins again, with η = {self.lr:g}."
            )
        if not self.step:
            data = self.data
            loss = nn.evaluate(self.net, self.loss, data.X_train, data.y_train)["loss"]
            return (
                f"{self.how}: not trained yet. The loss is {loss:.2f}; guessing costs "
                f"{GUESSING:.2f}. Press Run."
            )
        end = " The run ends here: Reset starts another." if self.done else ""
        return f"{self._progress()}{end}{self.to_come}"

    def _progress(self) -> str:
        text = (
            f"{self.how}: after {self.step:,} steps ({self.epoch:.1f} epochs) the running mean of "
            f"the loss is {self.means[-1]:.3g}, test accuracy {self.accuracy:.1%}."
        )
        if self.means[-1] > 0.95 * GUESSING and self.step > 20:
            return f"{text} No better than guessing{self._reason()}"
        share = f"{self.noise:.1f} times" if self.noise >= 1 else f"{self.noise:.0%} of"
        return (
            f"{text} The gradient of a batch of {self.batch_size} is off by {share} the length of "
            "the full one."
        )

    def _reason(self) -> str:
        """Say why nothing is learned, as far as one can see."""
        dead = self.dead
        if dead > 0.5:
            return (
                f": {dead:.0%} of the hidden units are dead, killed by too large a step. Reset "
                "with a smaller η."
            )
        small = max(self.losses) < 2 * self.losses[0]
        hint = "small: be patient, or take more" if small else "large: take less"
        return f" ({GUESSING:.2f}): η may be too {hint}."

    @property
    def accuracy(self) -> float:
        """Share of the test digits that it gets right now."""
        return self._once("accuracy", self._accuracy)

    @property
    def noise(self) -> float:
        """√(mean ‖g_B − g‖²) / ‖g‖ over some batches, g being the gradient on all the data."""
        return self._once("noise", self._noise)

    def _once(self, name: str, measure: Callable[[], float]) -> float:
        """Measure, unless nothing has changed since the last time."""
        now = self._examples, self.batch_size
        then, value = self._measured.get(name, (None, 0.0))
        if then != now:
            value = measure()
            self._measured[name] = now, value
        return value

    def _accuracy(self) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            Z = self.net.forward(self.data.X_test)
        return nn.accuracy(self.data.y_test, Z.argmax(axis=1))

    def _noise(self) -> float:
        n = len(self.data.X_train)
        if self.batch_size >= n:
            return 0.0
        rng = np.random.default_rng([self._seed, 2, self.step])
        with np.errstate(over="ignore", invalid="ignore"):
            g = self._gradient(np.arange(n))
            draws = [rng.permutation(n)[: self.batch_size] for _ in range(SAMPLES)]
            off = [np.sum((self._gradient(rows) - g) ** 2) for rows in draws]
            noise = math.sqrt(np.mean(off)) / max(float(np.linalg.norm(g)), 1e-300)
        return noise if math.isfinite(noise) else 0.0

    def _gradient(self, rows: Labels) -> Array:
        Z = self.net.forward(self.data.X_train[rows], train=True)
        self.net.backward(self.loss.value_and_grad(Z, self.data.y_train[rows])[1])
        return self.net.grads.copy()


# The picture ---------------------------------------------------------------------------------


RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
SEEDS = range(10)

LOW, HIGH = 2e-4, 30.0
"""Losses that are shown; those outside lie on the edge."""


class LearningRate(Explorer):
    """Training with a learning rate and a batch size that are changed as it goes."""

    title = "learning rate and batch size, changed while a network trains"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = Experiment()
        self.before: tuple[list[float], list[float]] = ([], [])
        self._rate, self._size, self._name, self._seed = 0.1, 32, "SGD", 0
        everything = len(digits().X_train)
        sizes = [(f"{size}", size) for size in SIZES] + [(f"{everything} (all)", everything)]
        rates = [(f"{rate:g}", rate) for rate in RATES]
        eta = self.slider(
            "learning rate η", rates, self._rate, self._set_rate,
            tip="How far a step goes: too small is slow, too large overshoots.",
        )  # fmt: skip
        size = self.slider(
            "batch size", sizes, self._size, self._set_size,
            tip="Examples in one step: few make its direction noisy, many make it costly.",
        )  # fmt: skip
        kind = self.buttons(
            "optimizer", list(OPTIMIZERS), self._name, self._set_name,
            tip="How a gradient becomes a step; another one begins a new run.",
        )  # fmt: skip
        seed = self.slider(
            "seed", SEEDS, 0, self._set_seed,
            tip="Another number draws other first weights and batches, and begins a new run.",
        )  # fmt: skip
        run = self.run_buttons(lambda: self.experiment.advance(), self.reset)
        self._limit = 5.0
        self.canvas = Canvas(9.4, 3.6, self._build)
        self.picture()
        self.canvas.figure.set_layout_engine("none")  # the panels stay where they are
        self.arrange(run, self.row(eta, size), kind, self.row(seed))

    def _set_rate(self, lr: float) -> None:
        self._rate = self.experiment.lr = lr

    def _set_size(self, size: int) -> None:
        if size != self._size:
            self._size = self.experiment.batch_size = size

    def _set_name(self, name: str) -> None:
        self._name = name
        self.reset()

    def _set_seed(self, seed: int) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Start anew; the last run's running mean stays on the picture, in grey."""
        if self.experiment.step > 1:
            self.before = (self.experiment.epochs, self.experiment.means)
        self.experiment = Experiment(self._name, self._rate, self._size, self._seed)

    def advance(self, seconds: float) -> bool:
        end = time.perf_counter() + seconds
        while self.experiment.advance():
            if time.perf_counter() > end:
                return True
        return False

    def words(self) -> str:
        return self.experiment.words()

    def still(self) -> Pixels:
        """Two runs of 6 epochs: first one of a small η, then one with a larger one."""
        slow, fast = Experiment(lr=0.01), Experiment(lr=0.3)
        for experiment in (slow, fast):
            while experiment.epoch < 6:
                experiment.advance()
        return self._picture_of(fast, (slow.epochs, slow.means))

    def picture(self) -> Pixels:
        """Draw the losses, their running mean, the accuracy, and the noise."""
        return self._picture_of(self.experiment, self.before)

    def _build(self, figure: Any) -> list[Any]:
        left, middle, right = figure.subplots(1, 3, width_ratios=[5, 4, 1.1])
        self._axes = (left, middle)
        left.set(yscale="log", ylim=(LOW, HIGH), xlabel="epochs", ylabel="training loss")
        left.axhline(GUESSING, color="0.5", ls=":", lw=1.2)
        left.text(1, GUESSING, "guessing ", ha="right", va="bottom", size=9, color="0.3",
                  transform=left.get_yaxis_transform())  # fmt: skip
        label = "the run before"
        (self._old,) = left.plot([], [], color="0.6", ls="--", lw=1.8, label=label)
        (self._each,) = left.plot([], [], color=PALETTE[5], ls="-", lw=0.6, label="every step")
        (self._mean,) = left.plot([], [], color=PALETTE[0], ls="-", lw=2.4, label="running mean")
        left.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.07), ncols=3, borderpad=0,
                    columnspacing=1.2, handlelength=1.8)  # fmt: skip
        self._how = left.text(
            0.98, 0.97, "", ha="right", va="top", transform=left.transAxes, bbox=ON_CURVES
        )
        middle.set(ylim=(0, 1.02), xlabel="epochs")
        middle.set_title("test accuracy", loc="left")
        (self._score,) = middle.plot([], [], "o-", color=PALETTE[2], ms=4)
        self._percent = middle.text(1, 1.04, "", ha="right", size=14, transform=middle.transAxes)
        right.set(yscale="log", ylim=(0.03, 30), xlim=(-0.6, 0.6), xticks=[])
        right.set(title="noise in ∇L")
        ticks = {0.03: "0", 0.1: "10 %", 0.3: "30 %", 1: "100 %", 3: "×3", 10: "×10", 30: "×30"}
        right.set_yticks(list(ticks), list(ticks.values()))
        right.minorticks_off()
        right.axhline(1, color="0.3", ls=":", lw=1.2)
        self._noise = right.stairs([0.03], [-0.4, 0.4], baseline=0.03, fill=True, fc=PALETTE[4],
                                   hatch="//", edgecolor="white", linewidth=0.5)  # fmt: skip
        return [
            self._old,
            self._each,
            self._mean,
            self._score,
            self._percent,
            self._noise,
            self._how,
        ]

    def _picture_of(
        self, experiment: Experiment, before: tuple[list[float], list[float]]
    ) -> Pixels:
        ends = [experiment.epoch, *before[0][-1:]]
        limit = longer(5.0, max(ends))
        if limit != self._limit or self.canvas.stale:
            self._limit, self.canvas.stale = limit, True
            for ax in self._axes:
                ax.set_xlim(0, limit)
        for line, (x, y) in (
            (self._old, before),
            (self._each, (experiment.epochs, experiment.losses)),
            (self._mean, (experiment.epochs, experiment.means)),
        ):
            X, Y = thinned(x, y)
            line.set_data(X, np.clip(Y, LOW, HIGH))
        accuracy = experiment.accuracy
        self._how.set_text(experiment.caption)
        self._score.set_data(
            [*experiment.scored, experiment.epoch], [*experiment.accuracies, accuracy]
        )
        self._percent.set_text(f"{accuracy:.1%}")
        self._noise.set_data([np.clip(experiment.noise, 0.03, 30)])
        return self.canvas.frame()
