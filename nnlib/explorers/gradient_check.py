"""Explore how well a slope can be measured: the V of the error against the nudge ε."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.explorers._canvas import Canvas
from nnlib.explorers._explorer import Explorer, numbers
from nnlib.explorers._nudged import DTYPES, ENOUGH, KINK, METHODS, NUDGES, Model, functions
from nnlib.explorers._pixels import Pixels
from nnlib.plots import MARKERS, PALETTE
from nnlib.plots._style import LINES

FLOOR = 1e-18
"""Errors below this, among them 0, are drawn at the lower edge of the picture."""


class GradientCheck(Explorer):
    """The error of three ways to measure a slope, for every nudge ε."""

    title = "the error of a measured slope, against the nudge ε"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.model = model = Model()
        f = self.buttons("function f", list(functions(np.float64)), model.name, self._set("name"))
        method = self.buttons("difference", list(METHODS), model.method, self._set("method"))
        dtype = self.buttons("numbers", list(DTYPES), model.dtype, self._set("dtype"))
        x = self.slider("place x", numbers(-2, 2, 0.1, ".1f"), model.x, self._set("x"))
        nudges = [(f"{e:.1e}", float(e)) for e in NUDGES]
        eps = self.slider("nudge ε", nudges, model.eps, self._set("eps"))
        self._canvas = Canvas(9.6, 4.2, self._build)
        self.arrange(f, self.row(method), dtype, self.row(eps, x))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        """Return what sets an attribute of the model, and measures again where that is needed."""

        def put(value: Any) -> None:
            setattr(self.model, attribute, value)
            if attribute not in ("eps", "method"):
                self.model.measure()

        return put

    def words(self) -> str:
        """Say what is seen."""
        return told(self.model)

    def _build(self, figure: Any) -> list[Any]:
        ax = figure.subplots()
        ax.set(xscale="log", yscale="log", xlim=(5e-22, 2), ylim=(FLOOR / 20, 1e3))
        ax.set(xlabel="nudge ε", ylabel="error of the slope")
        self._points, self._lines = {}, {}
        for method, color, marker, line in zip(METHODS, PALETTE, MARKERS, LINES, strict=False):
            style = {"mfc": "none", "mec": color, "ms": 5, "label": method}
            (self._points[method],) = ax.plot([], [], marker, color=color, **style)
            (self._lines[method],) = ax.plot([], [], color=color, ls=line, lw=1)
        ax.plot([], [], color="0.4", ls="--", lw=1, label="lines: as derived")
        ax.plot([], [], " ", label="at the bottom: 0,\nor below 10⁻¹⁸")
        self._here = ax.axvline(1, color="0.5", ls=":", lw=1.5)
        big = {"ms": 13, "mec": "black", "zorder": 4}
        (self._now,) = ax.plot([], [], "o", mfc="none", mew=2, label="present ε", **big)
        (self._best,) = ax.plot([], [], "*", mfc="#F0E442", mew=0.8, label="best ε", **big)
        figure.legend(loc="outside right center")
        moving = [self._here, *self._lines.values(), *self._points.values()]
        return [*moving, self._best, self._now]

    def picture(self) -> Pixels:
        """Draw the three V and the two places on the chosen one."""
        model = self.model
        for method in METHODS:
            chosen = method == model.method
            self._points[method].set_data(NUDGES, np.maximum(model.errors[method], FLOOR))
            self._points[method].set_markeredgewidth(1.8 if chosen else 0.8)
            theory = model.theory(method)
            derived = (theory > 0) & model.smooth
            self._lines[method].set_data(NUDGES, np.where(derived, theory, np.nan))
            self._lines[method].set_linewidth(1.6 if chosen else 0.8)
        self._here.set_xdata([model.eps] * 2)
        self._now.set_data([model.eps], [max(model.present, FLOOR)])
        eps, error = model.best
        self._best.set_data([eps], [max(error, FLOOR)])
        return self._canvas.frame()


def told(model: Model) -> str:
    """Say what the V of a model shows."""
    eps, error = model.best
    lost = f" (ε is lost: {model.lost})" if model.lost else ""
    said = (
        f"{model.method.capitalize()} for {model.name} at x = {model.x:g} in {model.dtype}: at "
        f"ε = {model.eps:.1e} the error is {_size(model.present)}{lost}; "
        f"the best nudge here is {eps:.1e}, with {_size(error)}. "
    )
    return said + (_about_the_arms(model) if model.smooth else _about_the_kink(model))


def _about_the_arms(model: Model) -> str:
    left, right = model.arms()
    falls = f"the right arm {_unclear(model.sides()[1])}"
    if right is not None:
        falls = f"the right arm has slope {_plain(right)} (curvature)"
    climbs = f"the left one {_plain(left)} (rounding)" if left is not None else _no_left(model)
    said = f"{falls}, {climbs}"
    theory = model.theory(model.method)
    i = theory.argmin()
    if left is not None and right is not None:
        said += (
            f"; as derived, the bottom lies near {NUDGES[i]:.1e}, at about {theory[i]:.0e} or less"
        )
    return f"In the V {said}."


def _no_left(model: Model) -> str:
    """Why there is no left arm, or none that could be measured."""
    if model.method == "complex step":
        return "no left arm, for nothing is subtracted"
    if model.value == 0:
        return "no left arm, for f(x) is 0 and has no digits to lose"
    left = model.sides()[0]
    exact = int(np.sum(model.errors[model.method][left] == 0))
    if 2 * exact > left.sum():
        return (
            f"no left arm: at {exact} of the {left.sum()} nudges that should make one the error "
            "is exactly 0, for f(x) ± f′(x) ε is a short binary number, which is not rounded"
        )
    return f"the left one {_unclear(left)}"


def _about_the_kink(model: Model) -> str:
    gap = abs(float(model.here) - KINK)
    if model.method == "complex step":
        return "|x + iε| is a length, a real number: its imaginary part is 0, and so the slope."
    return (
        f"The kink is {gap:.4g} away: a nudge that reaches across it measures a mixture of two "
        "slopes, a smaller one does not notice it. (No lines: they are derived for a smooth f.)"
    )


def _unclear(side: Any) -> str:
    """Say why no slope is told of an arm."""
    return "is too short to measure" if side.sum() < ENOUGH else "is too uneven to measure"


def _size(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _plain(slope: float) -> str:
    return f"{slope:.1f}".replace("-", "−")
