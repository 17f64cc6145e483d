"""Explore first weights: does a signal survive a deep network, and its gradient the way back?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib import activations as act
from nnlib import initializers as init
from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.numerals import written
from nnlib.layers import Dense, Layer
from nnlib.layers.activation import LeakyReLU, ReLU, Sigmoid, Tanh
from nnlib.network import Sequential
from nnlib.plots import MARKERS, PALETTE

FLAT = 0.01
"""A smaller slope is that of a saturated unit, as in lesson 02."""

N = 100
"""Examples that are sent through."""

SLOPE = 0.2
"""Of the negative side of the leaky ReLU."""

KINDS = {
    "He": init.he_normal,
    "He, uniform": init.he_uniform,
    "Xavier": init.xavier_normal,
    "LeCun": init.lecun_normal,
    "orthogonal": init.orthogonal,
    "zeros": init.zeros,
}

Function = Callable[[Array], Array]

UNITS: dict[str, tuple[Callable[[], Layer], Function, Function]] = {
    "ReLU": (ReLU, act.relu, act.relu_derivative),
    "leaky ReLU": (
        lambda: LeakyReLU(SLOPE),
        lambda Z: act.leaky_relu(Z, SLOPE),
        lambda A: act.leaky_relu_derivative(A, SLOPE),
    ),
    "tanh": (Tanh, act.tanh, act.tanh_derivative),
    "sigmoid": (Sigmoid, act.sigmoid, act.sigmoid_derivative),
}
"""Each activation: its layer, the function, and its slope in terms of the output."""

VARIANCES: dict[str, Callable[[int], float]] = {
    "He": lambda d: 2 / d,
    "He, uniform": lambda d: 2 / d,
    "Xavier": lambda d: 1 / d,  # 2 / (d_in + d_out), with one width everywhere
    "LeCun": lambda d: 1 / d,
    "orthogonal": lambda d: 1 / d,
    "zeros": lambda d: 0.0,
}
"""Var w, before the gain."""

FAR = 50
"""Layers after which the law's factor has settled, or nearly so."""

VANISHES, EXPLODES = 0.87, 1.15
"""Factors a layer; between the two a signal holds."""

U = np.linspace(-8, 8, 1600)
BELL = np.exp(-(U**2) / 2) / np.sum(np.exp(-(U**2) / 2))
"""BELL @ f(U) is the mean of f over a normal distribution."""


class Experiment:
    """A network of equal layers at its very start: random inputs go forward, gradients back.

    Attributes
    ----------
    unit, kind : str
        The activation, and the rule of the first weights.
    depth, width, gain, seed : int, int, float, int
        Layers, units in each, the factor on all weights, and what they are drawn with. After a
        change of any of these, `measure`.
    net : Sequential
        Dense and activation by turns.
    outputs : list of ndarray
        The activations of each layer.
    forward, backward : ndarray of shape (depth,)
        The mean squares of Z and dZ in each layer.
    shares : ndarray of shape (depth,)
        The share of each layer's units that are dead, or of its outputs that are saturated.
    laws, far : tuple of two
        What lesson 07 derives for both directions, and its factors a layer far inside.
    """

    def __init__(self) -> None:
        self.kind, self.unit = "He", "ReLU"
        self.depth, self.width, self.gain, self.seed = 30, 64, 1.0, 0
        self._built: tuple[Any, ...] = ()
        self.measure()

    def measure(self) -> None:
        """Build the network where it must be another, scale its weights, send through, and back."""
        one_of("kind", self.kind, KINDS)
        one_of("unit", self.unit, UNITS)
        wanted = self.kind, self.unit, self.depth, self.width, self.seed
        if wanted != self._built:
            self._built = wanted
            self.net = self._network()
            self._plain = self.net.params.copy()
        self.net.params = self.gain * self._plain  # the biases are 0, and stay so
        rng = np.random.default_rng(self.seed)
        A, dA = rng.normal(size=(2, N, self.width))
        self.outputs: list[Array] = []
        self.forward, self.backward = np.empty(self.depth), np.empty(self.depth)
        for i, layer in enumerate(self.net.layers):
            A = layer.forward(A, train=True)
            if i % 2:
                self.outputs.append(A)
            else:
                self.forward[i // 2] = mean_square(A)
        for i in reversed(range(2 * self.depth)):
            back: Any = self.net.layers[i].backward(dA)
            dA = back
            if i % 2:
                self.backward[i // 2] = mean_square(dA)
        self.shares = np.array([self._share(A) for A in self.outputs])
        self._law()

    def _network(self) -> Sequential:
        """Dense and activation by turns, all of one width."""
        layers: list[Layer] = []
        for _ in range(self.depth):
            layers += [Dense(self.width, self.width, init=KINDS[self.kind]), UNITS[self.unit][0]()]
        return Sequential(*layers, rng=self.seed)

    @property
    def bounded(self) -> bool:
        """Whether the activation has two flat ends."""
        return self.unit in ("tanh", "sigmoid")

    def _share(self, A: Array) -> float:
        """Share of outputs where the slope is below 1/100; or of units that are always 0."""
        if self.bounded:
            return float(np.mean(UNITS[self.unit][2](A) < FLAT))
        return float(np.mean(np.all(A == 0, axis=0)))

    def _law(self) -> None:
        """Lesson 07's law for both directions: means over a normal z, in layers that are wide."""
        _, f, slope = UNITS[self.unit]
        through_W = self.width * VARIANCES[self.kind](self.width) * self.gain**2
        length, signal = max(self.depth, FAR), 1.0
        forward, through_f = np.empty(length), np.empty(length)
        for i in range(length):
            forward[i] = through_W * signal
            A = f(np.sqrt(forward[i]) * U)
            signal, through_f[i] = float(BELL @ A**2), float(BELL @ slope(A) ** 2)
        # The last layer's dZ met its slope only; each one before it, a matrix and a slope more.
        factors = through_f[: self.depth][::-1].copy()
        factors[1:] *= through_W
        self.laws = forward[: self.depth], np.cumprod(factors)[::-1]
        self.far = through_W * signal / (forward[-1] or 1), through_W * through_f[-1]

    def stations(self) -> list[int]:
        """Return four layers or fewer, counted from 1, the first and the last among them."""
        return sorted({int(i) for i in np.linspace(1, self.depth, 4).round()})

    def zeros(self) -> str:
        """Say where Z and dZ are exactly 0, which no axis of powers of ten can show."""
        texts = []
        for name, squares in (("Z", self.forward), ("dZ", self.backward)):
            layers = np.flatnonzero(squares == 0) + 1  # what has died stays dead on its way
            if len(layers):
                many = f"layers {layers[0]} to {layers[-1]}"
                texts.append(f"{name} = 0 in {many if layers[1:].any() else f'layer {layers[0]}'}")
        return ", ".join(texts)

    def words(self) -> str:
        forward = Way(self.forward, self.laws[0], self.far[0]).words(1, self.depth)
        backward = Way(self.backward[::-1], self.laws[1][::-1], self.far[1]).words(self.depth, 1)
        zeros = f" {self.zeros()}." if self.zeros() else ""
        what = "of the outputs are" if self.bounded else f"of the units are off for all {N} inputs:"
        state = "saturated" if self.bounded else "dead"
        return (
            f"Forward, the mean square of Z {forward}. Backward, that of dZ {backward}.{zeros} "
            f"In the last layer {self.shares[-1]:.0%} {what} {state}."
        )


@dataclass(frozen=True)
class Way:
    """One direction, in the order of travel: what was measured, and the law.

    ``far`` is the law's factor a layer far inside a deep network.
    """

    measured: Array
    law: Array
    far: float

    def words(self, start: int, end: int) -> str:
        """Say the two ends, which are layers, and what happens between them."""
        first, last = (written(square) for square in self.measured[[0, -1]])
        ends = f"goes from {first} in layer {start} to {last} in layer {end}"
        return f"{ends if start != end else f'is {first}'}: {self._between()}"

    def _between(self) -> str:
        """Say what happens on the way; tell the chance of this network from the law."""
        lost = "nothing at all gets through"
        if not self.law[-1]:  # with weights that are 0
            return lost
        if len(self.law) == 1:
            return "one layer, nothing to multiply"
        by_law = f"by the law it {self.fate(self.law)}, times {_short(_factor(self.law))} a layer"
        if not self.measured[-1]:
            return f"{by_law}; by chance {lost}"
        factor = _short(_factor(self.measured))
        if not self._agree():
            return f"{by_law}; chance makes that {factor} in this network"
        return f"it {self.fate(self.law)}, times {factor} a layer{self._beside()}"

    def fate(self, squares: Array) -> str:
        """Judge by the mean factor a layer; it is a fate only if deep layers have such a one too.

        tanh with LeCun: 0.39, 0.60 … 0.98 do not go on as their mean does.
        """
        factor, total = _factor(squares), squares[-1] / squares[0]
        rate = _rate(factor)
        if rate == "holds" and 0.1 < total < 10:
            return rate
        if rate == "holds" or rate != _rate(self.far):
            return "sinks" if total < 1 else "grows"
        return rate

    def _agree(self) -> bool:
        """Whether the law's word is right for this network, too."""
        fate, off = self.fate(self.law), _factor(self.measured) / _factor(self.law)
        same = fate == self.fate(self.measured)
        if same and fate in ("vanishes", "explodes"):
            return True
        size = abs(np.log10(off)) * (len(self.law) - 1)
        return bool(size < 1 and (same or abs(off - 1) < 0.05))

    def _beside(self) -> str:
        """Put the law's factor beside; of one that changes, the first and the last."""
        factors = self.law[1:] / self.law[:-1]
        first, last = factors[0], factors[-1]
        if max(first, last) < 1.3 * min(first, last):
            return f" (law: {_short(_factor(self.law))})"
        slows = first < last and self.fate(self.law) == "sinks"
        how = "more slowly in each layer, " if slows else ""
        return f" on average (law: {how}from {_short(first)} to {_short(last)})"


def mean_square(A: Array) -> float:
    """The mean of a², over all entries."""
    return float(np.mean(A * A))


def _factor(squares: Array) -> float:
    """The mean factor from one layer to the next."""
    return float((squares[-1] / squares[0]) ** (1 / (len(squares) - 1)))


def _rate(factor: float) -> str:
    return "vanishes" if factor < VANISHES else "explodes" if factor > EXPLODES else "holds"


def _short(factor: float) -> str:
    return f"{factor:.2f}" if factor >= 0.1 else f"{factor:#.3g}"


# The picture ---------------------------------------------------------------------------------


BINS = 41
"""Bars of a histogram."""

POWERS = (1, 2, 4, 6, 9, 12, 18, 25, 35, 50, 70, 100, 150)
"""Powers of ten up, and powers down, that the axis of the mean squares may show."""

ROOM = 0.18
"""Above them for the legend, as a share of the powers shown."""

REACHES = (3, 5, 10, 20, 30, 45, 60, 80)
"""Those of the histograms: |a| has half the powers of a², and spreads over a few more."""

LENGTHS = (5, 10, 20, 30, 40, 50)
"""Layers that the axes may show: few steps, for each draws the whole background anew."""


class SignalPropagation(Explorer):
    """Signal and gradient layer by layer, in a network that has not been trained yet."""

    title = "how signal and gradient fare in a deep network at its start"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        unit = self.buttons(
            "activation", list(UNITS), experiment.unit, self._set("unit"),
            tip="The function after each layer's weighted sums.",
        )  # fmt: skip
        kind = self.buttons(
            "first weights", list(KINDS), experiment.kind, self._set("kind"),
            tip="The rule by which they are drawn at random, before any training.",
        )  # fmt: skip
        gain = self.slider(
            "gain, × std", numbers(0.25, 3, 0.05), experiment.gain, self._set("gain"),
            tip="All weights are multiplied by it: 1 leaves the rule as it is.",
        )  # fmt: skip
        depth = self.slider(
            "layers", list(range(1, 51)), experiment.depth, self._set("depth"),
            tip="How many stand one behind the other; a factor counts once in each.",
        )  # fmt: skip
        width = self.slider(
            "width", [4, 8, 16, 32, 64], experiment.width, self._set("width"),
            tip="Units in each layer: with few of them chance matters more.",
        )  # fmt: skip
        seed = self.slider(
            "seed", list(range(20)), experiment.seed, self._set("seed"),
            tip="Another number draws other weights and inputs, by the same rule.",
        )  # fmt: skip
        self._fitted: tuple[Any, ...] = ()
        self.canvas = Canvas(9.6, 4.9, self._build)
        self.arrange(unit, kind, self.row(gain, depth), self.row(width, seed))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        """Return what sets an attribute of the experiment, and measures again."""

        def put(value: Any) -> None:
            setattr(self.experiment, attribute, value)
            self.experiment.measure()

        return put

    def words(self) -> str:
        return self.experiment.words()

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")  # the axes stay where they are, whatever their ticks say
        upper = figure.add_gridspec(
            1, 2, width_ratios=[3, 2], left=0.075, right=0.985, bottom=0.47, top=0.94, wspace=0.17
        )
        lower = figure.add_gridspec(
            1, 4, left=0.075, right=0.985, bottom=0.1, top=0.29, wspace=0.12
        )
        self._ways, self._lost = upper.subplots()
        self._ways.set(yscale="log", xlabel="layer", title="mean squares of Z and dZ")
        for ax in (self._ways, self._lost):
            ax.xaxis.get_major_locator().set_params(integer=True)
        self._lines = []
        for name, color, marker in zip(("signal →", "← gradient"), PALETTE, MARKERS, strict=False):
            style = {"color": color, "ls": "", "ms": 5, "mfc": "none", "label": name}
            self._lines += self._ways.plot([], [], marker, **style)
        laws = []
        for name, ls in (("its law", "-"), ("its law", "--")):
            laws += self._ways.plot([], [], color="black", ls=ls, lw=0.9, label=name)
        self._laws = laws
        handles = [part for pair in zip(self._lines, laws, strict=True) for part in pair]
        self._ways.legend(handles=handles, loc="upper left", ncols=4)
        style = {"transform": self._ways.transAxes, "ha": "center", "va": "bottom"}
        self._zeros = self._ways.text(0.5, 0.03, "", **style)
        (self._share,) = self._lost.plot([], [], "^", color=PALETTE[2], ls="-", ms=5)
        self._lost.set(ylim=(-4, 104), xlabel="layer", title="lost")
        self._histograms = lower.subplots(sharey=True)
        none, self._bars, self._names = np.zeros(BINS), [], []
        for ax in self._histograms:
            style = {"fill": True, "fc": PALETTE[5], "ec": "black", "lw": 0.6}
            self._bars.append(ax.stairs(none, np.linspace(-1, 1, BINS + 1), **style))
            ax.set(ylim=(0, 1.05), yticks=[])
            self._names.append(ax.text(0.5, 1.06, "", transform=ax.transAxes, ha="center"))
        return [*laws, *self._lines, self._share, *self._bars, *self._names, self._zeros]

    def _fit_axes(self, values: Array) -> None:
        """Choose limits in a few steps, and draw the background anew when they change."""
        experiment = self.experiment
        down, up = (_fitting(powers, POWERS) for powers in _powers(values))
        self._reach = _fitting(max(_powers(experiment.forward)) / 2 + 2, REACHES)
        length = _fitting(experiment.depth - 1, LENGTHS)
        wanted = down, up, self._reach, length, experiment.unit
        if wanted == self._fitted:
            return
        self._fitted = wanted
        self.canvas.stale = True
        self._ways.set_ylim(10.0**-down, 10.0 ** (up + ROOM * (up + down)))
        for ax in (self._ways, self._lost):
            ax.set_xlim(0.3, length + 0.7)
        what = (
            "% of outputs saturated (slope < 1/100)"
            if experiment.bounded
            else "% of units dead (off for all inputs)"
        )
        self._lost.title.set_text(what)
        low, high = self._range()
        ticks = np.linspace(low, high, 3)
        for ax in self._histograms:
            ax.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
            ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
            ax.xaxis.label.set_text("output a" if experiment.bounded else "log₁₀ |a|")

    def _range(self) -> tuple[float, float]:
        """Ends of the histograms: of the output, or of its power of ten."""
        low, high = -float(self._reach), float(self._reach)
        return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(self.experiment.unit, (low, high))

    def picture(self) -> Pixels:
        """Draw both ways, what is lost, and four layers from inside."""
        experiment = self.experiment
        measured, laws = (experiment.forward, experiment.backward), experiment.laws
        self._fit_axes(np.concatenate([*measured, *laws]))
        layers = np.arange(1, experiment.depth + 1)
        drawn = zip([*self._lines, *self._laws], [*measured, *laws], strict=True)
        for line, squares in drawn:
            line.set_data(layers, np.where(squares > 0, squares, np.nan))
        self._zeros.set_text(experiment.zeros())
        self._share.set_data(layers, 100 * experiment.shares)
        edges = np.linspace(*self._range(), BINS + 1)
        stations = experiment.stations()
        for i, (bars, name) in enumerate(zip(self._bars, self._names, strict=True)):
            counts: Array = np.zeros(BINS)
            name.set_text("")
            if i < len(stations):
                A = experiment.outputs[stations[i] - 1]
                name.set_text(f"layer {stations[i]}" + ("" if A.any() else ": all a = 0"))
                counts = self._counts(A, edges)
            bars.set_data(counts, edges)
        return self.canvas.frame()

    def _counts(self, A: Any, edges: Array) -> Array:
        """Heights of the bars; the highest is 1. Outputs that are 0 have no power of ten."""
        if not self.experiment.bounded:
            A = np.log10(np.abs(A[A != 0]))
        counts: Any = np.histogram(A, edges)[0]
        return counts / max(counts.max(), 1)


def _powers(squares: Array) -> tuple[float, float]:
    """Powers of ten that the squares reach down, and up; a 0 has none."""
    powers = np.log10(squares[squares > 0])
    return float(-powers.min(initial=0)), float(powers.max(initial=0))


def _fitting(size: float, steps: tuple[int, ...]) -> int:
    """Return the first step that is large enough, or the last."""
    return next((step for step in steps if size < step), steps[-1])
