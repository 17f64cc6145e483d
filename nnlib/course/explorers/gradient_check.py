"""Explore how well a slope can be measured: the V of the error against the nudge ε."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.numerals import written
from nnlib.course.kit.parts import Part
from nnlib.layers import Dense
from nnlib.layers.activation import Tanh
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.network import Sequential
from nnlib.plots import MARKERS, PALETTE
from nnlib.plots.style import LINES

NUDGES = 2.0 ** np.arange(-70, 1)
"""Powers of two: x + ε is then exact, as long as ε is not lost beside x."""

METHODS = ("forward", "central", "complex step")

SIZES = (8, 5, 5)
"""Of their markers: where two errors are equal, a circle stands around a square."""

DTYPES: dict[str, Any] = {"float64": np.float64, "float32": np.float32}

ENOUGH = 7
"""Points that an arm of the V must have, before a slope is told."""

KINK = 1.001
"""Where the function that has one has its kink."""


@dataclass(frozen=True)
class Function:
    """f at a number of any dtype, complex too, and its derivatives f′, f″, f‴ in float64."""

    f: Callable[[Any], Any]
    derivatives: Callable[[float], tuple[float, float, float]]


def _small_network(dtype: Any) -> tuple[Sequential, Array, Any]:
    """Make a network 2–3–2 with weights that are the same in both dtypes, and a batch for it."""
    net = Sequential(Dense(2, 3), Tanh(), Dense(3, 2), rng=5, dtype=np.float32).astype(dtype)
    rng = np.random.default_rng(5)
    X = rng.normal(size=(4, 2)).astype(np.float32).astype(dtype)
    return net, X, rng.integers(2, size=4)


def network_loss(dtype: Any) -> Function:
    """Return the loss of the small network as a function of its first weight, W₁₁."""
    net, X, y = _small_network(dtype)
    exact, _, _ = _small_network(np.float64)
    loss = SoftmaxCrossEntropy()

    def f(x: Any) -> Any:
        if np.iscomplexobj(x):
            return complex_loss(net, X, y, x)
        net.params[0] = x
        return loss.value(net.forward(X), y)

    def slope(x: float) -> float:
        """∂L/∂W₁₁ by backprop."""
        exact.params[0] = x
        exact.backward(loss.value_and_grad(exact.forward(X, train=True), y)[1])
        return float(exact.grads[0])

    def derivatives(x: float) -> tuple[float, float, float]:
        h = 1e-3
        below, here, above = slope(x - h), slope(x), slope(x + h)
        return here, (above - below) / (2 * h), (above - 2 * here + below) / h**2

    return Function(f, derivatives)


def complex_loss(net: Sequential, X: Array, y: Any, x: Any) -> Any:
    """Walk through the network's equations with a complex W₁₁, which its layers refuse."""
    first, _, last = net.layers
    W: Any = first.W.astype(np.result_type(x))  # type: ignore[attr-defined]
    W[0, 0] = x
    Z = np.tanh(X @ W + first.b) @ last.W + last.b  # type: ignore[attr-defined]
    return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y])


def functions(dtype: Any) -> dict[str, Function]:
    """Return the functions to choose from."""
    return {
        "x³": Function(lambda x: x * x * x, lambda x: (3 * x * x, 6 * x, 6.0)),
        "sin x": Function(np.sin, lambda x: (np.cos(x), -np.sin(x), -np.cos(x))),
        "eˣ": Function(np.exp, lambda x: (np.exp(x),) * 3),
        f"|x − {KINK}|": Function(lambda x: abs(x - x.dtype.type(KINK)), _kink_slopes),
        "loss of a network": network_loss(dtype),
    }


def _kink_slopes(x: float) -> tuple[float, float, float]:
    return float(np.sign(x - KINK)), 0.0, 0.0


class Experiment:
    """The slope of f at x, measured in three ways with every nudge ε: how far off is it?

    Attributes
    ----------
    name, x, dtype : str, float, str
        The function, the place, and the kind of numbers; after a change, `measure`.
    method, eps : str, float
        The way and the nudge that one looks at.
    function, here, value : Function, floating, float
        f; x as the dtype has it; and |f(x)|.
    u : float
        The largest error of rounding to the dtype, as a share of the number.
    derivatives : tuple of float
        f′, f″ and f‴ at x.
    errors : dict of str to ndarray
        |measured − f′(x)| of each method, for each of the NUDGES.
    """

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
        above, below = (float(f(x.dtype.type(float(x) + e))) for e in (eps, -eps))
        return (above - below) / (2 * eps)  # nnlib.numerical_gradient refuses float32

    def terms(self, method: str) -> tuple[Array, Array]:
        """The two terms of lesson 05: what the next powers of ε leave, and rounding.

        Forward takes two powers: where f″ is 0, the error falls with ε².
        """
        slope, second, third = self.derivatives
        e, u, f = NUDGES, self.u, self.value
        if method == "forward":
            return abs(second / 2 * e + third / 6 * e**2), 2 * u * f / e
        rounding = u * f / e if method == "central" else u * abs(slope) + 0 * e
        return abs(third) / 6 * e**2, rounding

    def theory(self, method: str) -> Array:
        """The sum of the two."""
        curvature, rounding = self.terms(method)
        return curvature + rounding

    @property
    def drawn(self) -> tuple[str, ...]:
        """The methods in the picture: two differences, and the complex step once it is chosen."""
        return METHODS if self.method == "complex step" else METHODS[:2]

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
    def lost(self) -> str:
        """Where ε is lost: x + ε is rounded back to x, or f(x + ε) to f(x)."""
        x, eps, f = self.here, self.here.dtype.type(self.eps), self.function.f
        if self.method == "complex step":
            return ""
        if x + eps == x:
            return "x + ε is rounded back to x"
        other = x if self.method == "forward" else x - eps
        same = f(x + eps) == f(other) and self.derivatives[0] != 0
        return "f does not change, for it is rounded" if same else ""

    @property
    def smooth(self) -> bool:
        """Whether f has no kink: what was derived is derived for such an f."""
        return "|" not in self.name

    def sides(self) -> tuple[Any, Any]:
        """Which nudges lie left and right of the bottom, where one term outweighs the other.

        On the left no further than some digit of the slope is still there.
        """
        e = NUDGES
        curvature, rounding = self.terms(self.method)
        digits = e > 4 * self.u * abs(float(self.here))
        digits &= rounding < 4 * abs(self.derivatives[0])
        left = (rounding > 10 * curvature) & digits & (self.method != "complex step")
        return left, (curvature > 4 * rounding) & (e <= 1 / 2)

    def arms(self) -> tuple[float | None, float | None]:
        """Slopes of the V on the left and on the right; None where there is no straight arm."""
        left, right = self.sides()
        return self._fitted(left, 0.25), self._fitted(right, 0.12)  # rounding is a matter of luck

    def _fitted(self, side: Any, allowed: float) -> float | None:
        """Slope of log error against log ε, where enough points follow the line derived."""
        side = side & (self.errors[self.method] > 0)
        if side.sum() < ENOUGH:
            return None
        e, errors, theory = (
            np.log10(a[side]) for a in (NUDGES, self.errors[self.method], self.theory(self.method))
        )
        line, derived = np.polyfit(e, errors, 1), np.polyfit(e, theory, 1)
        off = np.std(errors - np.polyval(line, e)) / (np.std(e) * len(e) ** 0.5)
        straight = max(abs(line[0] - np.round(derived[0])), off) < allowed
        return float(line[0]) if straight else None

    def words(self) -> str:
        eps, error = self.best
        lost = f" (ε is lost: {self.lost})" if self.lost else ""
        return (
            f"{self.method.capitalize()} for {self.name} at x = {self.x:g} in "
            f"{self.dtype}: at ε = {self.eps:.1e} the error is "
            f"{_size(self.present)}{lost}; the best nudge here is {eps:.1e}, "
            f"with {_size(error)}. {self._about_the_v() if self.smooth else self._about_the_kink()}"
        )

    def _about_the_v(self) -> str:
        left, right = self.arms()
        fall = f"the right arm {_unclear(self.sides()[1])}"
        if right is not None:
            fall = f"the right arm has slope {_plain(right)} (curvature)"
        climb = self._no_left_arm() if left is None else f"the left one {_plain(left)} (rounding)"
        bottom = ""
        if left is not None and right is not None:
            theory = self.theory(self.method)
            bottom = (
                f"; as derived, the bottom lies near {NUDGES[theory.argmin()]:.1e}, "
                f"at about {theory.min():.0e} or less"
            )
        return f"In the V {fall}, {climb}{bottom}."

    def _no_left_arm(self) -> str:
        """Why there is no left arm, or none that could be measured."""
        if self.method == "complex step":
            return "no left arm, for nothing is subtracted"
        if self.value == 0:
            return "no left arm, for f(x) is 0 and has no digits to lose"
        left = self.sides()[0]
        exact = int(np.sum(self.errors[self.method][left] == 0))
        if 2 * exact > left.sum():
            return (
                f"no left arm: at {exact} of the {left.sum()} nudges that should make one the "
                "error is exactly 0, for f(x) ± f′(x) ε is a short binary number, which is not "
                "rounded"
            )
        return f"the left one {_unclear(left)}"

    def _about_the_kink(self) -> str:
        if self.method == "complex step":
            return "|x + iε| is a length, a real number: its imaginary part is 0, and so the slope."
        return (
            f"The kink is {abs(float(self.here) - KINK):.4g} away: a nudge that reaches across it "
            "measures a mixture of two slopes, a smaller one does not notice it. (No lines: they "
            "are derived for a smooth f.)"
        )


def _unclear(side: Any) -> str:
    """Say why no slope is told of an arm."""
    return "is too short to measure" if side.sum() < ENOUGH else "is too uneven to measure"


def _size(error: float) -> str:
    return f"{error:.1e}" if error else "0"


def _plain(slope: float) -> str:
    return f"{slope:.1f}".replace("-", "−")


# The picture ---------------------------------------------------------------------------------


FLOOR = 1e-18
"""Errors below this, among them 0, are drawn at the lower edge of the picture."""


class GradientCheck(Explorer):
    """The error of three ways to measure a slope, for every nudge ε."""

    title = "the error of a measured slope, against the nudge ε"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        names = list(functions(np.float64))
        f = self.buttons(
            "function f", names, experiment.name, self._set("name"),
            tip="What is measured: its slope is known, so the error is, too.",
        )  # fmt: skip
        method = self.buttons(
            "difference", list(METHODS), experiment.method, self._set("method"),
            tip="How the slope is measured: one nudge ahead, one each way, or an imaginary one.",
        )  # fmt: skip
        dtype = self.buttons(
            "numbers", list(DTYPES), experiment.dtype, self._set("dtype"),
            tip="How exactly the computer keeps them: about 16 digits, or about 7.",
        )  # fmt: skip
        x = self.slider(
            "place x", numbers(-2, 2, 0.1, ".1f"), experiment.x, self._set("x"),
            tip="Where the slope is measured; for the network, its first weight.",
        )  # fmt: skip
        nudges = [(f"{e:.1e}", float(e)) for e in NUDGES]
        self._eps = self.slider(
            "nudge ε", nudges, experiment.eps, self._set("eps"),
            tip="How far x is moved: too far meets curvature, too little is lost in rounding.",
        )  # fmt: skip
        self.canvas = Canvas(9.6, 4.2, self._build)
        self.arrange(f, self.row(method), dtype, self.row(self._eps, x))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        """Return what sets an attribute, and measures again where that is needed."""

        def put(value: Any) -> None:
            setattr(self.experiment, attribute, value)
            if attribute not in ("eps", "method"):
                self.experiment.measure()

        return put

    def words(self) -> str:
        return self.experiment.words()

    def parts(self) -> list[Part]:
        """The chart, where the nudge may be chosen."""
        (chart,) = super().parts()
        return [replace(chart, name="the errors", reads=self._read, drag=self._drag_eps)]

    def _nearest(self, x: float, y: float) -> int:
        """Which nudge is nearest to a place?"""
        eps, _ = self.canvas.data(self._chart, x, y)
        return int(np.abs(np.log(NUDGES / eps)).argmin())

    def _read(self, x: float, y: float) -> str:
        i, errors = self._nearest(x, y), self.experiment.errors
        drawn = self.experiment.drawn
        found = ", ".join(f"{method} {written(errors[method][i])}" for method in drawn)
        return f"ε = {written(NUDGES[i])}, errors: {found}"

    def _drag_eps(self, x: float, y: float) -> None:
        """Take the nudge that is nearest to a place."""
        self._eps.value = float(NUDGES[self._nearest(x, y)])

    def _build(self, figure: Any) -> list[Any]:
        ax = self._chart = figure.subplots()
        ax.set(xscale="log", yscale="log", xlim=(5e-22, 2), ylim=(FLOOR / 20, 1e3))
        ax.set(xlabel="nudge ε", ylabel="error of the slope")
        self._points, self._lines = {}, {}
        looks = zip(METHODS, PALETTE, MARKERS, LINES, SIZES, strict=False)
        for method, color, marker, line, size in looks:
            label = method if method in METHODS[:2] else f"{method},\nonce chosen"
            style = {"mfc": "none", "mec": color, "ms": size, "label": label}
            (self._points[method],) = ax.plot([], [], marker, color=color, **style)
            (self._lines[method],) = ax.plot([], [], color=color, ls=line, lw=1)
        ax.plot([], [], " ", label="lines: as derived")
        self._here = ax.axvline(1, color="0.5", ls=":", lw=1.5)
        big = {"ms": 13, "mec": "black", "zorder": 4}
        (self._now,) = ax.plot([], [], "o", mfc="none", mew=2, label="present ε", **big)
        (self._best,) = ax.plot([], [], "*", mfc="#F0E442", mew=0.8, label="best measured ε", **big)
        ax.plot([], [], " ", label="points at the bottom:\n0, or below 10⁻¹⁸")
        figure.legend(loc="outside right center")
        moving = [self._here, *self._lines.values(), *self._points.values()]
        return [*moving, self._best, self._now]

    def picture(self) -> Pixels:
        """Draw the V of each method, and the two places on the chosen one."""
        experiment = self.experiment
        for method in METHODS:
            chosen = method == experiment.method
            for artist in (self._points[method], self._lines[method]):
                artist.set_visible(method in experiment.drawn)
            self._points[method].set_data(NUDGES, np.maximum(experiment.errors[method], FLOOR))
            self._points[method].set_markeredgewidth(1.8 if chosen else 0.8)
            theory = experiment.theory(method)
            derived = (theory > 0) & experiment.smooth
            self._lines[method].set_data(NUDGES, np.where(derived, theory, np.nan))
            self._lines[method].set_linewidth(1.6 if chosen else 0.8)
        self._here.set_xdata([experiment.eps] * 2)
        self._now.set_data([experiment.eps], [max(experiment.present, FLOOR)])
        eps, error = experiment.best
        self._best.set_data([eps], [max(error, FLOOR)])
        return self.canvas.frame()
