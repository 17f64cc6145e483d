"""Explore first weights: does a signal survive a deep network, and its gradient the way back?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.explorers._canvas import Canvas
from nnlib.explorers._explorer import Explorer, numbers
from nnlib.explorers._pixels import Pixels
from nnlib.explorers._propagation import KINDS, UNITS, Model
from nnlib.plots import MARKERS, PALETTE

BINS = 41
"""Bars of a histogram."""

POWERS = (3, 6, 12, 25, 50, 100, 150)
"""Powers of ten up and down that the axis of the mean squares may show."""

REACHES = (3, 5, 10, 20, 30, 45, 60, 80)
"""Those of the histograms: |a| has half the powers of a², and spreads over a few more."""

LENGTHS = (5, 10, 20, 30, 40, 50)
"""Layers that the axes may show: few steps, for each draws the whole background anew."""


class SignalPropagation(Explorer):
    """Signal and gradient layer by layer, in a network that has not been trained yet."""

    title = "how signal and gradient fare in a deep network at its start"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.model = model = Model()
        unit = self.buttons("activation", list(UNITS), model.unit, self._set("unit"))
        kind = self.buttons("first weights", list(KINDS), model.kind, self._set("kind"))
        gain = self.slider("gain, × std", numbers(0.25, 3, 0.05), model.gain, self._set("gain"))
        depth = self.slider("layers", list(range(1, 51)), model.depth, self._set("depth"))
        width = self.slider("width", [4, 8, 16, 32, 64], model.width, self._set("width"))
        seed = self.slider("seed", list(range(20)), model.seed, self._set("seed"))
        self._fitted: tuple[Any, ...] = ()
        self._canvas = Canvas(9.6, 4.9, self._build)
        self.arrange(unit, kind, self.row(gain, depth), self.row(width, seed))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        """Return what sets an attribute of the model, and measures again."""

        def put(value: Any) -> None:
            setattr(self.model, attribute, value)
            self.model.measure()

        return put

    def words(self) -> str:
        """Say what is seen."""
        return self.model.words()

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
        model = self.model
        power = _fitting(_powers(values), POWERS)
        self._reach = _fitting(_powers(model.forward) / 2 + 2, REACHES)
        wanted = power, self._reach, _fitting(model.depth - 1, LENGTHS), model.unit
        if wanted == self._fitted:
            return
        self._fitted = wanted
        self._canvas.stale = True
        self._ways.set_ylim(10.0**-power, 10.0 ** (power * 1.35))
        for ax in (self._ways, self._lost):
            ax.set_xlim(0.3, wanted[2] + 0.7)
        what = (
            "% of outputs saturated (slope < 1/100)"
            if model.bounded
            else "% of units dead (off for all inputs)"
        )
        self._lost.title.set_text(what)
        low, high = self._range()
        ticks = np.linspace(low, high, 3)
        for ax in self._histograms:
            ax.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
            ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
            ax.xaxis.label.set_text("output a" if model.bounded else "log₁₀ |a|")

    def _range(self) -> tuple[float, float]:
        """Ends of the histograms: of the output, or of its power of ten."""
        low, high = -float(self._reach), float(self._reach)
        return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(self.model.unit, (low, high))

    def picture(self) -> Pixels:
        """Draw both ways, what is lost, and four layers from inside."""
        model = self.model
        measured, laws = (model.forward, model.backward), model.laws
        self._fit_axes(np.concatenate([*measured, *laws]))
        layers = np.arange(1, model.depth + 1)
        drawn = zip([*self._lines, *self._laws], [*measured, *laws], strict=True)
        for line, squares in drawn:
            line.set_data(layers, np.where(squares > 0, squares, np.nan))
        self._zeros.set_text(model.zeros())
        self._share.set_data(layers, 100 * model.shares)
        edges = np.linspace(*self._range(), BINS + 1)
        shown = model.shown()
        for i, (bars, name) in enumerate(zip(self._bars, self._names, strict=True)):
            counts: Array = np.zeros(BINS)
            name.set_text("")
            if i < len(shown):
                A = model.outputs[shown[i] - 1]
                name.set_text(f"layer {shown[i]}" + ("" if A.any() else ": all a = 0"))
                counts = self._counts(A, edges)
            bars.set_data(counts, edges)
        return self._canvas.frame()

    def _counts(self, A: Any, edges: Array) -> Array:
        """Heights of the bars; the highest is 1. Outputs that are 0 have no power of ten."""
        if not self.model.bounded:
            A = np.log10(np.abs(A[A != 0]))
        counts: Any = np.histogram(A, edges)[0]
        return counts / max(counts.max(), 1)


def _powers(squares: Array) -> float:
    """Powers of ten, up or down, that the squares reach; a 0 has none."""
    return float(np.abs(np.log10(squares[squares > 0])).max(initial=0))


def _fitting(size: float, steps: tuple[int, ...]) -> int:
    """Return the first step that is large enough, or the last."""
    return next((step for step in steps if size < step), steps[-1])
