"""Gradient checking: measure the slope of the loss, and compare it with what backprop says."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ._table import Table
from ._typing import Array, Seed, Shape, Targets
from ._validation import (
    finite,
    generator,
    instance,
    is_number,
    norm,
    number,
    quiet_overflow,
    real,
    trusted_data,
    whole,
)
from ._words import explained
from .losses import Loss
from .network import Sequential

Function = Callable[[Array], float]
Index = tuple[int, ...]

SMALLEST_EPS = 1e-8
"""Losses are exact to about 10⁻¹⁶: divided by a smaller nudge, that is more than many a slope."""


def numerical_gradient(f: Function, x: Any, eps: float = 1e-5) -> Array:
    """∂f/∂x_i ≈ (f(x + ε e_i) − f(x − ε e_i)) / 2ε, entry by entry: central differences.

    Parameters
    ----------
    f : callable
        A function of one float64 array that returns a number.
    x : array_like of any shape
        Where to measure; not modified.
    eps : float
        The nudge ε > 0. The error is about ε² f‴/6 from curvature plus 10⁻¹⁶ f/ε from rounding.

    Returns
    -------
    ndarray of the shape of x, float64

    Raises
    ------
    ValueError
        If ε is lost beside entries of x, or f computes in float32, where its rounding is 10⁻⁷ f/ε.

    Source: Nocedal and Wright (2006), *Numerical Optimization*, 8.1.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], [2.0, 5.0]).round(6)
    array([4., 3.])
    """
    eps = number("eps", eps, strict=True)
    x = real("x", x, np.float64).copy()
    _check_nudge("x", x, eps)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = _slope(f, x, index, eps)
    _check_precision(f, x, gradient, eps)
    return gradient


def _check_nudge(name: str, x: Array, eps: float) -> None:
    """Refuse an ε that x + ε rounds by more than a thousandth."""
    finite(name, x, "a slope is measured between two finite points")
    largest = float(np.abs(x).max(initial=0))
    least = 10.0 ** math.ceil(math.log10(1000 * math.ulp(largest)))
    if eps < least:
        raise ValueError(
            f"eps: expected at least {least:g} beside an entry of {largest:g} in {name}, "
            f"got {eps:g}, which is rounded there: use eps={least:g}, or scale {name}"
        )


def _check_precision(f: Function, x: Array, gradient: Array, eps: float) -> None:
    """Refuse an f whose values near x are all float32's, unless ε is large enough for them."""
    if eps >= 1e-3 or not x.size:
        return
    nudge = 1e-3 * x  # where no slope is seen, float32 may be why
    if gradient.any():
        nudge = np.zeros_like(x)
        nudge.flat[np.abs(gradient).argmax()] = eps
    values = np.array([f(x + share * nudge) for share in (0.27, -0.61, 0.83)], np.float64)
    with np.errstate(over="ignore"):
        rounded = (values == values.astype(np.float32)).all()
    if rounded and (gradient.any() or np.ptp(values)):
        raise ValueError(
            "f: expected a function that computes in float64, got values rounded to float32, where "
            f"differences of eps={eps:g} drown: use net.astype(numpy.float64), or eps=4e-3"
        )


def _slope(f: Function, x: Array, index: Index, eps: float) -> float:
    """Measure one central difference; x is as before afterwards."""
    above, below = _both_sides(f, x, index, eps)
    return (above - below) / (2 * eps)


def _both_sides(f: Function, x: Array, index: Index, eps: float) -> tuple[float, float]:
    """f with one entry of x nudged up, and nudged down; the entry is put back."""
    before = x[index]
    x[index] = before + eps
    above = _one_number(f(x))
    x[index] = before - eps
    below = _one_number(f(x))
    x[index] = before
    return above, below


def _one_number(value: Any) -> float:
    """Refuse what a loss must not be: an array, or nothing."""
    if not is_number(value):
        came = f"shape {value.shape}" if isinstance(value, np.ndarray) else repr(value)
        remedy = "return the loss" if value is None else "sum or average what it returns"
        raise TypeError(f"f: expected a function that returns one number, got {came}: {remedy}")
    return float(value)


def _is_kink(f: Function, x: Array, index: Index, eps: float) -> bool:
    """Tell a kink by how the slope changes across it: as much for a nudge of ε/100 as for one of ε.

    In a smooth function the slope changes by a hundredth, until that drowns in rounding, which
    grows a hundredfold.
    """
    here = f(x)

    def change(h: float) -> float:
        above, below = _both_sides(f, x, index, h)
        return abs(above - 2 * here + below) / h

    wide, narrow = change(eps), change(eps / 100)
    rounding = 40 * float(np.finfo(np.float64).eps) * max(1.0, abs(here)) / (eps / 100)
    return narrow > rounding and wide / 2 < narrow < wide * 2


def relative_error(a: Any, n: Any) -> float:
    """‖a − n‖ / (‖a‖ + ‖n‖): 0 for equal arrays, 1 at the most, whatever their unit.

    Parameters
    ----------
    a, n : array_like of one shape
        The analytical and the numerical gradient. Two zero arrays have error 0.

    Examples
    --------
    >>> relative_error([3, 4], [6, 8])                   # 5 / (5 + 10)
    0.3333333333333333
    >>> relative_error([3, 4], [-3, -4]), relative_error([0, 0], [0, 0])
    (1.0, 0.0)
    """
    a, n = real("a", a, np.float64), real("n", n, np.float64)
    if a.shape != n.shape:
        raise ValueError(
            f"a and n: expected two arrays of one shape, got {a.shape} and {n.shape}: "
            "a gradient has the shape of what it is the gradient of"
        )
    with np.errstate(invalid="ignore"):  # of ∞ − ∞
        size = norm(a) + norm(n)
        return norm(a - n) / size if size else 0.0


@dataclass(frozen=True)
class CheckedArray:
    """One line of a report: an array, how much of it was checked, how far its gradients differ.

    The mark is ``ok``; ``tiny`` where the gradient drowns in rounding, and the two differ by no
    more than that; ``kink`` where no entry could be checked; or ``WRONG``.
    """

    mark: str
    layer: str
    name: str
    shape: Shape
    checked: int
    error: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's texts, column by column."""
        checked = f"{self.checked} of {math.prod(self.shape)}"
        error = f"{self.error:.0e}" if self.error else "0"
        return self.mark, self.layer, self.name, str(self.shape), checked, error


@dataclass(frozen=True)
class GradientReport:
    """What `nnlib.check_gradients` found; prints as a table."""

    rows: tuple[CheckedArray, ...]
    tolerance: float

    HEAD: ClassVar = ("", "layer", "array", "shape", "checked", "relative error")

    @property
    def ok(self) -> bool:
        """Whether every array was checked, and every gradient agreed."""
        return all(row.mark in ("ok", "tiny") for row in self.rows)

    @property
    def worst(self) -> float:
        """The largest relative error."""
        return float(np.max([row.error for row in self.rows]))

    def __repr__(self) -> str:
        return repr(Table(self.HEAD, *(row.cells for row in self.rows), below=self._verdict()))

    def _verdict(self) -> list[str]:
        marks = {row.mark for row in self.rows}
        lines = []
        if "WRONG" in marks:
            lines.append(f"at least one gradient is wrong ({self.tolerance:.0e})")
        if "kink" in marks:
            lines.append(
                "kink: no derivative exists where the input of a ReLU is exactly 0; "
                "take other examples, or biases that are not 0"
            )
        if "tiny" in marks:
            lines.append("tiny: these gradients are too small to be told from rounding")
        return lines if not self.ok else [f"all gradients agree ({self.tolerance:.0e})", *lines]


@explained
def check_gradients(
    net: Sequential,
    loss: Loss,
    X: Array,
    y: Targets,
    *,
    eps: float = 1e-5,
    tolerance: float = 1e-7,
    samples: int = 100,
    rng: Seed = 0,
) -> GradientReport:
    """Compare every gradient of a network, that of its input included, with central differences.

    Layers that are frozen are left out; what passes through them is not.

    The check works on a float64 copy in training mode; the network itself is not touched. Buffers
    and layers' random numbers are set back before each evaluation, so that dropout drops the same
    units each time. An entry that disagrees is measured once more with ε/100: where a ReLU's kink
    lay between the two points, it no longer does. One that lies on a kink exactly is left out. The
    report says so, and also where a gradient is so small that it drowns in rounding.

    Parameters
    ----------
    net, loss : Sequential, Loss
        What to check.
    X, y : ndarray of shape (n, d_in), targets
        A small batch; 8 examples are plenty.
    eps : float
        The nudge ε, at least 10⁻⁸: below it hardly a gradient can be told from rounding.
    tolerance : float
        The relative error, array by array, up to which two gradients agree.
    samples : int
        Arrays with more entries than this are checked at about so many random entries.
    rng : int or numpy.random.Generator
        Chooses the entries.

    Returns
    -------
    GradientReport
        ``.ok``, ``.worst``, and a table when printed.
    """
    eps = number("eps", eps, minimum=SMALLEST_EPS)
    tolerance = number("tolerance", tolerance, strict=True)
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    samples, rng = whole("samples", samples), generator(rng)
    twin = _Repeatable(net, loss, X, y)
    _check_nudge("X", twin.X, eps)
    value, dX = twin.backprop()
    # Differences of losses are exact to a few units in the last place, slopes to that over eps.
    rounding = 4 * np.finfo(np.float64).eps * max(1.0, abs(value)) / eps
    comparison = _Comparison(twin.value, eps, tolerance, rounding, samples, rng)
    rows = [comparison.row("input", "X", twin.X, dX)]
    for where, layer in twin.net.named_layers().items():
        for name in layer.shapes() if layer.trainable else ():
            gradient = getattr(layer, "d" + name).copy()
            rows.append(comparison.row(f"{where} {layer!r}", name, getattr(layer, name), gradient))
    return GradientReport(tuple(rows), tolerance)


class _Repeatable:
    """A float64 copy of a network in training mode, whose loss comes out the same every time."""

    def __init__(self, net: Sequential, loss: Loss, X: Array, y: Targets) -> None:
        self.net, self.loss, self.y = net.astype(np.float64), loss, y
        self.X = self.net.check_input(X).copy()
        self._start = self.net.snapshot()
        self._layers = self.net.named_layers().values()
        self._states = [copy.deepcopy(getattr(layer, "rng", None)) for layer in self._layers]
        self.y_is_checked = type(loss).check_targets is not Loss.check_targets  # it is written
        if self.y_is_checked:
            self.y = loss.check_targets(self.output().shape, y)

    def output(self) -> Array:
        """Forward, with everything random and remembered as at the start."""
        self.net.buffers = self._start.buffers
        for layer, state in zip(self._layers, self._states, strict=True):
            if state is not None:
                layer.rng = copy.deepcopy(state)
        with trusted_data(), quiet_overflow():
            return self.net.forward(self.X, train=True)

    def value(self, _: Array) -> float:
        """The loss, whichever array has been nudged in place."""
        if not self.y_is_checked:
            return self.loss.value(self.output(), self.y)
        with trusted_data(), quiet_overflow():
            return self.loss.value(self.output(), self.y)

    def backprop(self) -> tuple[float, Any]:
        """Return the loss and ∂L/∂X; the layers hold their gradients afterwards."""
        value, dZ = self.loss.value_and_grad(self.output(), self.y)
        return value, self.net.backward(dZ, input_grad=True)


@dataclass(frozen=True)
class _Comparison:
    """Nudge entries of an array in place, and compare the slopes of f with its gradient."""

    f: Function
    eps: float
    tolerance: float
    rounding: float
    samples: int
    rng: np.random.Generator

    def row(self, layer: str, name: str, array: Array, gradient: Array) -> CheckedArray:
        """Check one array."""
        entries = _choose(gradient, self.samples, self.rng)
        claimed, measured = gradient.ravel()[entries], np.empty(len(entries))
        smooth = np.ones(len(entries), bool)
        allowed = self.tolerance * float(np.linalg.norm(claimed))
        for j, entry in enumerate(entries):
            index = tuple(int(i) for i in np.unravel_index(entry, array.shape))
            measured[j], smooth[j] = self._slope(array, index, claimed[j], allowed)
        claimed, measured = claimed[smooth], measured[smooth]
        error = relative_error(claimed, measured)
        near = float(np.linalg.norm(claimed - measured)) <= self.rounding * np.sqrt(len(claimed))
        mark = "ok" if error < self.tolerance else "tiny" if near else "WRONG"
        mark = mark if smooth.any() else "kink"
        return CheckedArray(mark, layer, name, array.shape, len(claimed), error)

    def _slope(self, a: Array, index: Index, claimed: float, allowed: float) -> tuple[float, bool]:
        """Measure one slope, again with ε/100 if it disagrees; False: the entry is on a kink."""
        slope = _slope(self.f, a, index, self.eps)
        if abs(slope - claimed) > allowed:
            closer = _slope(self.f, a, index, self.eps / 100)
            slope = min((slope, closer), key=lambda s: abs(s - claimed))
        if abs(slope - claimed) > allowed:
            return slope, not _is_kink(self.f, a, index, self.eps)
        return slope, True


def _choose(gradient: Array, samples: int, rng: np.random.Generator) -> Any:
    """Choose entries to check: all of a small array; of a large one some, half of them not 0."""
    if gradient.size <= samples:
        return np.arange(gradient.size)
    alive = np.flatnonzero(gradient)
    first = rng.choice(alive, min(len(alive), samples // 2), replace=False)
    rest = rng.choice(gradient.size, samples - len(first), replace=False)
    return np.union1d(first, rest)
