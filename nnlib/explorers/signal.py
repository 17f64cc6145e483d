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

POWERS = (3, 6, 12, 25, 50, 100)
"""Powers of ten up and down that the axis of the signal may show."""


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
        laws = [self._ways.plot([], [], color="black", ls=ls, lw=0.9)[0] for ls in ("-", "--")]
        self._laws = laws
        self._ways.plot([], [], color="black", ls="-", lw=0.9, label="the law")
        self._ways.legend(loc="upper left", ncols=3)
        (self._share,) = self._lost.plot([], [], "^", color=PALETTE[2], ls="-", ms=5)
        self._lost.set(ylim=(-4, 104), xlabel="layer", title="lost")
        self._histograms = lower.subplots(sharey=True)
        none, self._bars, self._names = np.zeros(BINS), [], []
        for ax in self._histograms:
            style = {"fill": True, "fc": PALETTE[5], "ec": "black", "lw": 0.6}
            self._bars.append(ax.stairs(none, np.linspace(-1, 1, BINS + 1), **style))
            ax.set(ylim=(0, 1.05), yticks=[])
            self._names.append(ax.text(0.5, 1.06, "", transform=ax.transAxes, ha="center"))
        return [*laws, *self._lines, self._share, *self._bars, *self._names]

    def _fit_axes(self, values: Array) -> None:
        """Choose limits in a few steps, and draw the background anew when they change."""
        model = self.model
        size = float(np.abs(np.log10(values[values > 0])).max(initial=0))
        power = next((p for p in POWERS if size < p), POWERS[-1])
        wanted = power, model.depth, model.unit
        if wanted == getattr(self, "_fitted", None):
            return
        self._fitted: tuple[int, int, str] = wanted
        self._canvas.stale = True
        self._ways.set_ylim(10.0**-power, 10.0 ** (power * 1.35))
        for ax in (self._ways, self._lost):
            ax.set_xlim(0.3, model.depth + 0.7)
        what = "% of outputs saturated" if model.bounded else "% of units dead (off for all inputs)"
        self._lost.title.set_text(what)
        for ax in self._histograms:
            low, high = self._range()
            middle = (low + high) / 2
            ticks = [low, middle, high] if model.bounded else [-10, 0, 10]
            ax.set_xticks(ticks, [f"{tick:g}".replace("-", "−") for tick in ticks])
            ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
            ax.xaxis.label.set_text("output a" if model.bounded else "log₁₀ |a|")

    def _range(self) -> tuple[float, float]:
        """Ends of the histograms: of the output, or of its power of ten."""
        return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(self.model.unit, (-16.0, 16.0))

    def picture(self) -> Pixels:
        """Draw both ways, what is lost, and four layers from inside."""
        model = self.model
        measured, laws = (model.forward, model.backward), model.laws
        self._fit_axes(np.concatenate(measured))
        layers, bottom = np.arange(1, model.depth + 1), self._ways.get_ylim()[0]
        for line, law, squares, derived in zip(
            self._lines, self._laws, measured, laws, strict=True
        ):
            line.set_data(layers, np.maximum(squares, bottom))
            law.set_data(layers, np.maximum(derived, bottom))
        self._share.set_data(layers, 100 * model.shares)
        edges = np.linspace(*self._range(), BINS + 1)
        shown = model.shown()
        for i, (bars, name) in enumerate(zip(self._bars, self._names, strict=True)):
            counts: Array = np.zeros(BINS)
            name.set_text(f"layer {shown[i]}" if i < len(shown) else "")
            if i < len(shown):
                counts = self._counts(model.outputs[shown[i] - 1], edges)
            bars.set_data(counts, edges)
        return self._canvas.frame()

    def _counts(self, A: Any, edges: Array) -> Array:
        """Heights of the bars; the highest is 1. Outputs that are 0 have no power of ten."""
        if not self.model.bounded:
            A = np.log10(np.abs(A[A != 0]))
        counts: Any = np.histogram(np.clip(A, edges[0], edges[-1]), edges)[0]
        return counts / max(counts.max(), 1)
