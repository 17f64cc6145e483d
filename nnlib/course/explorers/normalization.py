"""Normalization in a deep network: its signal, its training, and a forgotten test mode."""

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Labels
from nnlib._validation import one_of
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.curves import longer, thinned
from nnlib.course.kit.digits import digits
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.numerals import written
from nnlib.plots import MARKERS, PALETTE

DEPTH, WIDTH = 10, 32
"""Hidden layers, and the units in each."""

TRAIN, PROBE, EACH = 512, 128, 20
"""Images to train on; those that are sent through to look inside; validation images of a digit."""

TURN = 10
"""Steps from one score to the next."""

LIMIT = 4000
"""Steps after which a run ends."""

MEMORY = 0.9
"""Share of the running mean of the loss that stays, step by step."""

GUESSING = math.log(10)
"""The loss of one who says 1/10 for each digit."""

KINDS: dict[str, Callable[[], nn.Layer] | None] = {
    "none": None,
    "batch norm": lambda: nn.BatchNorm(WIDTH),
    "layer norm": lambda: nn.LayerNorm(WIDTH),
    "RMSNorm": lambda: nn.RMSNorm(WIDTH),
}

ASKED = ("test mode", "training mode, mixed", "training mode, one digit at a time")
"""How validation images are asked."""

DIVERGED = "It diverged: take a lower learning rate or other first weights, and Reset."


class Experiment:
    """A network of ten hidden layers in training on digits, with one of the normalizations.

    Attributes
    ----------
    kind, gain, batch_size, seed : str, float, int, int
        What stands before each ReLU; the factor on He's first weights, in all layers; images in a
        step; what weights and batches are drawn with.
    lr, asked : float, str
        The learning rate, and how validation images are asked; both may change under way.
    step, ended : int, str
        Steps taken, and why there are no more; empty in a run that goes on.
    losses, means : list of float
        For each step its loss, and the running mean.
    scored, accuracies : list
        Steps after which the validation images were asked, and the share that was right.
    forward, backward : ndarray of shape (DEPTH,)
        The mean squares of each layer's A and dA, on the first training images.
    inside : list of ndarray
        What enters the ReLU of each layer.
    """

    def __init__(
        self,
        *,
        kind: str = "none",
        gain: float = 1.0,
        lr: float = 0.1,
        batch_size: int = 32,
        seed: int = 0,
        asked: str = ASKED[0],
    ) -> None:
        one_of("kind", kind, KINDS)
        one_of("asked", asked, ASKED)
        self.kind, self.gain, self._asked = kind, gain, asked
        self.batch_size, self.seed = batch_size, seed
        data = digits()
        self.X, self.y = data.X_train[:TRAIN], data.y_train[:TRAIN]
        self.X_val, self.y_val = _evenly(data.X_train[TRAIN:], data.y_train[TRAIN:])
        self.net, self.loss = self._network(), nn.SoftmaxCrossEntropy()
        self.optimizer = nn.SGD(lr=lr)
        self.lr = lr
        self._steps = nn.steps(
            self.net, self.loss, self.optimizer, self.X, self.y,
            epochs=LIMIT, batch_size=batch_size, rng=seed,
        )  # fmt: skip
        self.step, self.ended = 0, ""
        self.losses: list[float] = []
        self.means: list[float] = []
        self.scored: list[int] = []
        self.accuracies: list[float] = []
        self.forward, self.backward = np.zeros(DEPTH), np.zeros(DEPTH)
        self.inside: list[Array] = [np.zeros((1, 1))] * DEPTH
        self._look()
        self._score()

    def _network(self) -> nn.Sequential:
        """Dense, normalization and ReLU by turns; the weights are He's, times the gain."""
        make = KINDS[self.kind]
        layers: list[nn.Layer] = []
        for i in range(DEPTH):
            layers.append(nn.Dense(WIDTH if i else self.X.shape[1], WIDTH))
            layers += [] if make is None else [make()]
            layers.append(nn.ReLU())
        net = nn.Sequential(*layers, nn.Dense(WIDTH, 10), rng=self.seed)
        net.params[net.matrices] *= self.gain
        return net

    @property
    def lr(self) -> float:
        """η, from the next step on."""
        return self._lr

    @lr.setter
    def lr(self, value: float) -> None:
        self._lr = self.optimizer.lr = value

    @property
    def asked(self) -> str:
        """How validation images are asked."""
        return self._asked

    @asked.setter
    def asked(self, value: str) -> None:
        one_of("asked", value, ASKED)
        self._asked = value
        self.scored, self.accuracies = self.scored[:-1], self.accuracies[:-1]
        self._score()  # the last score is given anew

    def advance(self) -> bool:
        """Train for ten steps, look inside and score; return whether there may be more."""
        if self.ended:
            return False
        try:
            for _ in range(TURN):
                loss = next(self._steps).loss
                self.step += 1
                self.losses.append(loss)
                before = self.means[-1] if self.means else loss
                self.means.append(MEMORY * before + (1 - MEMORY) * loss)
            with np.errstate(over="raise", invalid="raise"):
                self._look()
            self._score()
        except FloatingPointError:
            self.ended = DIVERGED
            return False
        if self.step >= LIMIT:
            self.ended = "The run ends here: Reset starts another."
        return not self.ended

    def _look(self) -> None:
        """Send some images through and the gradient back; running averages stay as they are."""
        kept = self.net.snapshot()
        A, at = self.X[:PROBE], 0
        for layer in self.net.layers:
            if isinstance(layer, nn.ReLU):
                self.inside[at] = A
            A = layer.forward(A, train=True)
            if isinstance(layer, nn.ReLU):
                self.forward[at], at = mean_square(A), at + 1
        dA: Any = self.loss.value_and_grad(A, self.y[:PROBE])[1]
        for layer in reversed(self.net.layers[1:]):
            if isinstance(layer, nn.ReLU):
                at -= 1
                self.backward[at] = mean_square(dA)
            dA = layer.backward(dA)
        self.net.restore(kept)

    def _score(self) -> None:
        """Ask the validation images, in the mode that is set."""
        self.scored.append(self.step)
        with np.errstate(all="ignore"):  # a run that has diverged may be asked, too
            self.accuracies.append(self.accuracy(self._asked))

    def accuracy(self, asked: str) -> float:
        """Return the share of validation images that are named right if asked like this."""
        if asked == ASKED[0]:
            return float(np.mean(self.net.forward(self.X_val).argmax(axis=1) == self.y_val))
        kept, right = self.net.snapshot(), 0
        for rows in self._batches(one_digit=asked == ASKED[2]):
            Z = self.net.forward(self.X_val[rows], train=True)
            right += int(np.sum(Z.argmax(axis=1) == self.y_val[rows]))
        self.net.restore(kept)
        return right / len(self.y_val)

    def _batches(self, one_digit: bool) -> list[Labels]:
        """Return the rows of batches of the size used in training: mixed, or each of one digit."""
        rows = np.arange(len(self.y_val))
        groups = [rows[self.y_val == k] for k in range(10)] if one_digit else [rows]
        size = self.batch_size
        return [g[i : i + size] for g in groups for i in range(0, len(g), size)]

    def words(self) -> str:
        kind = "No normalization" if self.kind == "none" else _capital(self.kind)
        told = f"after {self.step:,} steps the loss is {written(self.means[-1])}, and " if (
            self.means
        ) else "not trained yet: "  # fmt: skip
        return (
            f"{kind}, first weights {self.gain:g} × He's, learning rate {self.lr:g}, batches of "
            f"{self.batch_size}: {told}{self.accuracies[-1]:.0%} of {len(self.y_val)} validation "
            f"digits are right, asked in {self.asked}. From layer 1 to {DEPTH} the mean square of "
            f"the activations goes from {written(self.forward[0])} to {written(self.forward[-1])}, "
            f"that of their gradients back from {written(self.backward[-1])} to "
            f"{written(self.backward[0])}. {self.ended}"
        ).strip()


def mean_square(A: Array) -> float:
    """The mean of a², over all entries."""
    return float(np.mean(A * A))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _evenly(X: Array, y: Labels) -> tuple[Array, Labels]:
    """Take as many images of each digit, in turns: 0, 1 … 9, 0, 1 …"""
    rows = np.array([np.flatnonzero(y == k)[:EACH] for k in range(10)]).T.ravel()
    return X[rows], y[rows]


# The picture ---------------------------------------------------------------------------------


GAINS = [0.1, 0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0, 10.0]
RATES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
SIZES = [2, 4, 8, 16, 32, 64, 128]
SEEDS = range(10)

AT_ONCE = 2
"""Scores in one frame at the most: slow enough to watch."""

LOW, HIGH = 1e-25, 1e25
"""Mean squares that are shown; those outside lie on the edge."""

POWERS = ((-8.0, 2.0), (-16.0, 8.0), (-25.0, 25.0))
"""Ranges of the axis of mean squares, in powers of ten."""

TOP = 3.5
"""The highest loss that is shown."""

REACH, BINS = 4.0, 41
"""Ends of the histograms, and their bars; what lies beyond counts in the last ones."""

STATIONS = (1, 4, 7, 10)
"""Layers whose histograms are shown."""


class Normalization(Explorer):
    """A deep network with batch norm, layer norm, RMSNorm or none, at its start and in training."""

    title = "what normalization does to a deep network, and what it needs"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.options: dict[str, Any] = {
            "kind": "none", "gain": 1.0, "lr": 0.1, "batch_size": 32, "seed": 0, "asked": ASKED[0],
        }  # fmt: skip
        self.experiment = Experiment(**self.options)
        kind = self.buttons(
            "normalization", list(KINDS), "none", lambda v: self._anew("kind", v),
            tip="It stands before each ReLU; another one begins a new run.",
        )  # fmt: skip
        asked = self.buttons(
            "asked", list(ASKED), ASKED[0], lambda v: self._live("asked", v),
            tip="How validation digits are put to the network: only the first way is right.",
        )  # fmt: skip
        run = self.run_buttons(lambda: self.experiment.advance(), self.reset)
        self._limit, self._powers = 400.0, POWERS[0]
        self.canvas = Canvas(9.6, 4.9, self._build)
        self.arrange(run, kind, asked, *self._sliders())

    def _sliders(self) -> list[Any]:
        """Make those of start and training, in rows."""
        gain = self.slider(
            "weights, × He", [(f"{g:g}", g) for g in GAINS], 1.0,
            lambda v: self._anew("gain", v),
            tip="All first weights are multiplied by it; another number begins a new run.",
        )  # fmt: skip
        lr = self.slider(
            "learning rate η", [(f"{r:g}", r) for r in RATES], 0.1, lambda v: self._live("lr", v),
            tip="How far a step goes for a unit of gradient, from the next step on.",
        )  # fmt: skip
        size = self.slider(
            "batch size", SIZES, 32, lambda v: self._anew("batch_size", v),
            tip="Images in a step, and in a batch that is asked; another number begins a new run.",
        )  # fmt: skip
        seed = self.slider(
            "seed", SEEDS, 0, lambda v: self._anew("seed", v),
            tip="Another number draws other first weights and batches, and begins a new run.",
        )  # fmt: skip
        return [self.row(gain, lr), self.row(size, seed)]

    def _live(self, name: str, value: Any) -> None:
        """Change what the running network may change."""
        self.options[name] = value
        setattr(self.experiment, name, value)

    def _anew(self, name: str, value: Any) -> None:
        """Change the network or its batches: training begins again."""
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
        """Show 300 steps with batch norm, from weights that are half of He's."""
        experiment = Experiment(kind="batch norm", gain=0.5)
        while experiment.step < 300:
            experiment.advance()
        return self._picture_of(experiment)

    def picture(self) -> Pixels:
        """Draw mean squares, loss, accuracy, and four layers from inside."""
        return self._picture_of(self.experiment)

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")  # the axes stay where they are, whatever their ticks say
        upper = figure.add_gridspec(
            1, 3, width_ratios=[3, 2, 2], left=0.075, right=0.975, bottom=0.46, top=0.93, wspace=0.3
        )
        lower = figure.add_gridspec(
            1, 4, left=0.075, right=0.975, bottom=0.1, top=0.29, wspace=0.12
        )
        self._ways, self._fall, self._share = upper.subplots()
        self._ways.set(yscale="log", xlim=(0.5, DEPTH + 0.5), xlabel="layer")
        self._ways.set(title="mean squares of A and dA", xticks=range(1, DEPTH + 1))
        self._squares = []
        for label, color, marker in zip(("signal →", "← gradient"), PALETTE, MARKERS, strict=False):
            style = {"color": color, "ls": "-", "ms": 5, "label": label}
            self._squares += self._ways.plot([], [], marker, **style)
        self._ways.legend(loc="upper left", ncols=2)
        self._fall.set(ylim=(0, TOP), xlabel="step", title="loss")
        self._fall.axhline(GUESSING, color="black", ls=":", lw=1)
        (self._loss,) = self._fall.plot([], [], color="0.7", ls="-", lw=0.8)
        (self._mean,) = self._fall.plot([], [], color=PALETTE[0], ls="-")
        self._share.set(ylim=(0, 104), xlabel="step", title="% of validation right")
        (self._right,) = self._share.plot([], [], "^", color=PALETTE[2], ls="-", ms=4)
        self._bars, none = [], np.zeros(BINS)
        for ax, layer in zip(lower.subplots(sharey=True), STATIONS, strict=True):
            style = {"fill": True, "fc": PALETTE[5], "ec": "black", "lw": 0.6}
            self._bars.append(ax.stairs(none, np.linspace(-REACH, REACH, BINS + 1), **style))
            ax.set(ylim=(0, 1.05), yticks=[], xlim=(-REACH - 0.1, REACH + 0.1))
            ax.set_xticks([-REACH, 0, REACH], ["−4", "0", "4"])
            ax.set_title(f"into ReLU {layer}", fontsize=10)
        return [*self._squares, self._loss, self._mean, self._right, *self._bars]

    def _fit_axes(self, experiment: Experiment) -> None:
        """Choose limits in a few steps, and draw the background anew when they change."""
        squares = np.concatenate([experiment.forward, experiment.backward])
        logs = np.log10(np.clip(squares, LOW, HIGH))
        fits = (p for p in POWERS if p[0] <= logs.min() and logs.max() <= p[1])
        wanted = longer(400.0, experiment.step), next(fits, POWERS[-1])
        if wanted == (self._limit, self._powers) and not self.canvas.stale:
            return
        (self._limit, self._powers), self.canvas.stale = wanted, True
        low, high = self._powers
        self._ways.set_ylim(10.0**low, 10.0 ** (high + 0.18 * (high - low)))
        for ax in (self._fall, self._share):
            ax.set_xlim(0, self._limit)

    def _picture_of(self, experiment: Experiment) -> Pixels:
        self._fit_axes(experiment)
        layers = np.arange(1, DEPTH + 1)
        for line, squares in zip(
            self._squares, (experiment.forward, experiment.backward), strict=True
        ):
            line.set_data(layers, np.clip(squares, LOW, HIGH))
        steps = range(1, len(experiment.losses) + 1)
        for line, losses in ((self._loss, experiment.losses), (self._mean, experiment.means)):
            x, y = thinned(steps, losses)
            line.set_data(x, np.clip(y, 0, TOP))
        self._right.set_data(experiment.scored, 100 * np.array(experiment.accuracies))
        for bars, layer in zip(self._bars, STATIONS, strict=True):
            values = np.clip(experiment.inside[layer - 1], -REACH, REACH)
            counts, edges = np.histogram(values, BINS, range=(-REACH, REACH))
            bars.set_data(counts / max(counts.max(), 1), edges)
        return self.canvas.frame()
