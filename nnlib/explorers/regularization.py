"""Weight decay, dropout, more data or an early end: what keeps a network from learning noise."""

import time
from typing import Any

import numpy as np

from nnlib.explorers._canvas import ON_CURVES, Canvas
from nnlib.explorers._explorer import Explorer, numbers
from nnlib.explorers._fit import GRID, Fit, truth
from nnlib.explorers._pixels import Pixels
from nnlib.explorers.learning_rate import longer, thinned
from nnlib.plots import PALETTE

HIDDEN = [2, 5, 10, 20, 50, 100]
DECAYS = [0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
POINTS = [5, 8, 10, 15, 20, 30, 50, 100, 200]
SEEDS = range(10)
AT_ONCE = 4
"""Scores in one frame at the most: slow enough to watch."""

LOW, HIGH = 1e-4, 3.0


class Regularization(Explorer):
    """A fit to noisy points, and the ways to keep it from following the noise."""

    title = "overfitting, and what helps: decay, dropout, data, an early end"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.options: dict[str, Any] = {
            "hidden": 50, "n": 15, "noise": 0.3, "seed": 0,
            "weight_decay": 0, "dropout": 0.0, "stopping": False,
        }  # fmt: skip
        options = self.options
        self.model = Fit(**options)
        decays = [(f"{d:g}", d) for d in DECAYS]
        decay = self.slider("weight decay λ", decays, 0, lambda v: self._live("weight_decay", v))
        dropout = self.slider(
            "dropout p", numbers(0, 0.8, 0.1, ".1f"), 0.0, lambda v: self._live("dropout", v)
        )
        hidden = self.slider("hidden units", HIDDEN, 50, lambda v: self._anew("hidden", v))
        n = self.slider("points", POINTS, 15, lambda v: self._anew("n", v))
        noise = self.slider(
            "noise", numbers(0, 0.6, 0.1, ".1f"), 0.3, lambda v: self._anew("noise", v)
        )
        seed = self.slider("seed", SEEDS, 0, lambda v: self._anew("seed", v))
        stop = self.switch("early stopping", False, lambda v: self._live("stopping", v))
        run = self.run_buttons(lambda: self.model.advance(), self.reset)
        self._limit = 500.0
        self._canvas = Canvas(9.4, 3.7, self._build)
        self.picture()
        self._canvas.figure.set_layout_engine("none")  # the panels stay where they are
        self.arrange(
            self.row(decay, dropout), self.row(hidden, n), self.row(noise, seed),
            self.row(run, stop),
        )  # fmt: skip

    def _live(self, name: str, value: Any) -> None:
        """Change what the running network may change."""
        self.options[name] = value
        setattr(self.model, name, value)

    def _anew(self, name: str, value: Any) -> None:
        """Change the data or the network: training begins again."""
        self.options[name] = value
        self.reset()

    def reset(self) -> None:
        """Start anew."""
        self.model = Fit(**self.options)

    def advance(self, seconds: float) -> bool:
        """Train for so long."""
        end = time.perf_counter() + seconds
        for _ in range(AT_ONCE):
            if not self.model.advance():
                return False
            if time.perf_counter() > end:
                break
        return True

    def words(self) -> str:
        """Say what is seen."""
        return self.model.words()

    def still(self) -> Pixels:
        """Show a fit of 1,500 epochs without any help: it follows the noise."""
        fit = Fit()
        while fit.epoch < 1500:
            fit.advance()
        return self._shown(fit)

    def picture(self) -> Pixels:
        """Draw points, curves and losses."""
        return self._shown(self.model)

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

    def _shown(self, fit: Fit) -> Pixels:
        self._how.set_text(fit.caption)
        limit = longer(500.0, fit.epoch)
        if limit != self._limit:
            self._limit, self._canvas.stale = limit, True
            self._right.set_xlim(0, limit)
        self._points.set_data(fit.X[:, 0], fit.y)
        self._others.set_data(fit.X_val[:, 0], fit.y_val)
        self._curve.set_data(GRID, fit.curve())
        self._early.set_data(GRID, fit.best_curve)
        for line, losses in ((self._train, fit.losses), (self._val, fit.val_losses)):
            X, Y = thinned(fit.epochs, losses)
            line.set_data(X, np.clip(Y, LOW, HIGH))
        floor = float(np.clip(fit.floors[1], LOW, HIGH))
        self._floor.set_data([0, limit], [floor, floor])
        self._floor_text.set(y=floor, visible=floor > LOW)
        self._best.set_data([fit.best], [np.clip(min(fit.val_losses), LOW, HIGH)])
        return self._canvas.frame()
