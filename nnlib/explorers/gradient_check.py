"""Explore how well a slope can be measured: the V of the error against the nudge ε."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.explorers._canvas import Canvas
from nnlib.explorers._explorer import Explorer, numbers
from nnlib.explorers._nudged import KINK, functions
from nnlib.explorers._pixels import Pixels
from nnlib.gradcheck import numerical_gradient
from nnlib.plots import MARKERS, PALETTE
from nnlib.plots._style import LINES

NUDGES = 2.0 ** np.arange(-70, 1)
"""Powers of two: x + ε is then exact, as long as ε is not lost beside x."""

METHODS = ("forward", "central", "complex step")

DTYPES: dict[str, Any] = {"float64": np.float64, "float32": np.float32}

FLOOR = 1e-18
"""Errors below this, among them 0, are drawn at the lower edge of the picture."""


class Model:
    """What is explored, without any widget: f, x, a dtype, and the errors for all nudges."""

    def __init__(self) -> None:
        self.name, self.method, self.dtype = "x³", "central", "float64"
        self.x, self.eps = 1.3, float(2.0**-24)
        self.measure()

    def measure(self) -> None:
        """Compute the three errors for each nudge, once for each choice of f, x and dtype."""
        one_of("dtype", self.dtype, DTYPES)
        kind = DTYPES[self.dtype]
        choices = functions(kind)
        one_of("name", self.name, choices)
        self.function = choices[self.name]
        self.here = kind(self.x)  # rounded to the dtype
        self.u = float(np.finfo(kind).eps) / 2
        self.derivatives = self.function.derivatives(float(self.here))
        self.value = abs(float(self.function.f(self.here)))
        slopes = {method: [self.slope(method, e) for e in NUDGES] for method in METHODS}
        truth = self.derivatives[0]
        self.errors = {method: abs(np.array(s) - truth) for method, s in slopes.items()}

    def slope(self, method: str, eps: float) -> float:
        """Measure f′(x) with one nudge."""
        f, x = self.function.f, self.here
        if method == "complex step":  # Im f(x + iε) / ε
            nudged = np.result_type(x, np.complex64).type(complex(x, eps))
            return float(np.imag(f(nudged))) / eps
        if method == "forward":  # (f(x + ε) − f(x)) / ε
            return (float(f(x + x.dtype.type(eps))) - float(f(x))) / eps
        kind = x.dtype.type
        return float(numerical_gradient(lambda t: float(f(kind(t))), x, eps))

    def terms(self, method: str) -> tuple[Array, Array]:
        """The two terms of lesson 05: what the next power of ε leaves, and rounding."""
        slope, second, third = map(abs, self.derivatives)
        e, u, f = NUDGES, self.u, self.value
        if method == "forward":
            return second / 2 * e, 2 * u * f / e
        return third / 6 * e**2, u * f / e if method == "central" else u * slope + 0 * e

    def theory(self, method: str) -> Array:
        """The sum of the two."""
        curvature, rounding = self.terms(method)
        return curvature + rounding

    @property
    def present(self) -> float:
        """The error of the chosen method at the present nudge."""
        return float(self.errors[self.method][list(NUDGES).index(self.eps)])

    @property
    def best(self) -> tuple[float, float]:
        """The best nudge of the chosen method and its error; of equals, the largest nudge."""
        errors = self.errors[self.method]
        i = int(np.flatnonzero(errors == errors.min())[-1])
        return float(NUDGES[i]), float(errors[i])

    @property
    def lost(self) -> bool:
        """Whether x + ε is rounded back to x."""
        nudged = self.here + self.here.dtype.type(self.eps)
        return bool(nudged == self.here) and self.method != "complex step"

    def arms(self) -> tuple[float | None, float | None]:
        """Slopes of the V where one of the two terms is ten times the other; None: no such arm."""
        e, errors = NUDGES, self.errors[self.method]
        curvature, rounding = self.terms(self.method)
        not_lost = e > 4 * self.u * max(abs(float(self.here)), 1e-3)
        left = (rounding > 10 * curvature) & not_lost & (errors > 0)
        right = (curvature > 10 * rounding) & (e <= 1 / 4) & (errors > 0)
        if self.method == "complex step":
            left[:] = False  # nothing is subtracted: it stays level
        return _fitted(e[left], errors[left]), _fitted(e[right], errors[right])

    def words(self) -> str:
        """Say it."""
        eps, error = self.best
        lost = " (ε is lost: x + ε is rounded back to x)" if self.lost else ""
        said = (
            f"{self.method.capitalize()} for {self.name} at x = {self.x:g} in {self.dtype}: at "
            f"ε = {self.eps:.1e} the error is {_size(self.present)}{lost}; "
            f"the best nudge here is {eps:.1e}, with {_size(error)}. "
        )
        return said + (self._about_the_kink() if "|" in self.name else self._about_the_arms())

    def _about_the_arms(self) -> str:
        left, right = self.arms()
        falls = (
            "no right arm"
            if right is None
            else f"the right arm has slope {_plain(right)} (curvature)"
        )
        climbs = "no left arm" if left is None else f"the left one {_plain(left)} (rounding)"
        if self.method == "complex step":
            climbs = "no left arm, for nothing is subtracted"
        said = f"{falls}, {climbs}"
        theory = self.theory(self.method)
        i = theory.argmin()
        if left is not None and right is not None:
            said += (
                f"; as derived, the bottom lies near {NUDGES[i]:.1e}, at {theory[i]:.0e} or less"
            )
        return f"In the V {said}."

    def _about_the_kink(self) -> str:
        gap = abs(float(self.here) - KINK)
        if self.method == "complex step":
            return "|x + iε| is a length, a real number: its imaginary part is 0, and so the slope."
        return (
            f"The kink is {gap:.2g} away: a nudge that reaches across it measures a mixture of two "
            "slopes, a smaller one does not notice it."
        )


def _fitted(nudges: Array, errors: Array) -> float | None:
    """Slope of log error against log ε, where there are enough points."""
    if len(nudges) < 4:
        return None
    return float(np.polyfit(np.log(nudges), np.log(errors), 1)[0])


def _size(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _plain(slope: float) -> str:
    return f"{slope:.1f}".replace("-", "−")


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
        return self.model.words()

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
        ax.plot([], [], " ", label="at the bottom: error 0")
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
            self._lines[method].set_data(NUDGES, np.where(theory > 0, theory, np.nan))
            self._lines[method].set_linewidth(1.6 if chosen else 0.8)
        self._here.set_xdata([model.eps] * 2)
        self._now.set_data([model.eps], [max(model.present, FLOOR)])
        eps, error = model.best
        self._best.set_data([eps], [max(error, FLOOR)])
        return self._canvas.frame()
