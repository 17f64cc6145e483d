"""Learning rate and batch size, changed while a network trains on the 8×8 digits."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.explorers._canvas import ON_CURVES, Canvas
from nnlib.explorers._drawing import digits
from nnlib.explorers._explorer import Explorer
from nnlib.explorers._pixels import Pixels
from nnlib.explorers._training_run import GUESSING, OPTIMIZERS, Run
from nnlib.plots import PALETTE

RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0]
SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
SEEDS = range(10)
LOW, HIGH = 2e-4, 30.0
"""Losses that are shown; those outside lie on the edge."""

POINTS = 500
"""Points of a curve that are drawn at the most, or pairs of them."""


def thinned(x: Sequence[float], y: Sequence[float], points: int = POINTS) -> tuple[Array, Array]:
    """Draw least and largest of each stretch instead of all: it looks the same, and is faster."""
    X, Y = np.asarray(x, float), np.asarray(y, float)
    k = len(Y) // points
    if k < 3:
        return X, Y
    n = len(Y) // k * k
    stretches = Y[:n].reshape(-1, k)
    ends = np.column_stack([stretches.min(axis=1), stretches.max(axis=1)])
    return np.append(np.repeat(X[:n:k], 2), X[n:]), np.append(ends.ravel(), Y[n:])


def longer(limit: float, epoch: float) -> float:
    """Double the length of the axis until the run fits."""
    while epoch > limit:
        limit *= 2
    return limit


class LearningRate(Explorer):
    """Training with a learning rate and a batch size that are changed as it goes."""

    title = "learning rate and batch size, changed while a network trains"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.model = Run()
        self.before: tuple[list[float], list[float]] = ([], [])
        self._rate, self._size, self._name, self._seed = 0.1, 32, "SGD", 0
        everything = len(digits().X_train)
        sizes = [(f"{size}", size) for size in SIZES] + [(f"{everything} (all)", everything)]
        rates = [(f"{rate:g}", rate) for rate in RATES]
        eta = self.slider("learning rate η", rates, self._rate, self._set_rate)
        size = self.slider("batch size", sizes, self._size, self._set_size)
        kind = self.buttons("optimizer", list(OPTIMIZERS), self._name, self._set_name)
        seed = self.slider("seed", SEEDS, 0, self._set_seed)
        run = self.run_buttons(lambda: self.model.advance(), self.reset)
        self._limit = 5.0
        self._canvas = Canvas(9.4, 3.6, self._build)
        self.picture()
        self._canvas.figure.set_layout_engine("none")  # the panels stay where they are
        self.arrange(self.row(eta, size), self.row(kind), self.row(seed, run))

    def _set_rate(self, lr: float) -> None:
        self._rate = self.model.lr = lr

    def _set_size(self, size: int) -> None:
        if size != self._size:
            self._size = self.model.batch_size = size

    def _set_name(self, name: str) -> None:
        self._name = name
        self.reset()

    def _set_seed(self, seed: int) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Start anew; the last run's running mean stays on the picture, in grey."""
        if self.model.step > 1:
            self.before = (self.model.epochs, self.model.means)
        self.model = Run(self._name, self._rate, self._size, self._seed)

    def advance(self, seconds: float) -> bool:
        """Train for so long."""
        end = time.perf_counter() + seconds
        while self.model.advance():
            if time.perf_counter() > end:
                return True
        return False

    def words(self) -> str:
        """Say what is seen."""
        return self.model.words()

    def still(self) -> Pixels:
        """Two runs of 6 epochs: first one of a small η, then one with a larger one."""
        slow, fast = Run(lr=0.01), Run(lr=0.3)
        for run in (slow, fast):
            while run.epoch < 6:
                run.advance()
        return self._shown(fast, (slow.epochs, slow.means))

    def picture(self) -> Pixels:
        """Draw the losses, their running mean, the accuracy, and the noise."""
        return self._shown(self.model, self.before)

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

    def _shown(self, run: Run, before: tuple[list[float], list[float]]) -> Pixels:
        limit = longer(5.0, max(run.epoch, before[0][-1] if before[0] else 0))
        if limit != self._limit or self._canvas.stale:
            self._limit, self._canvas.stale = limit, True
            for ax in self._axes:
                ax.set_xlim(0, limit)
        for line, (x, y) in (
            (self._old, before),
            (self._each, (run.epochs, run.losses)),
            (self._mean, (run.epochs, run.means)),
        ):
            X, Y = thinned(x, y)
            line.set_data(X, np.clip(Y, LOW, HIGH))
        self._how.set_text(run.caption)
        self._score.set_data([*run.scored, run.epoch], [*run.accuracies, run.accuracy])
        self._percent.set_text(f"{run.accuracy:.1%}")
        self._noise.set_data([np.clip(run.noise, 0.03, 30)])
        return self._canvas.frame()
