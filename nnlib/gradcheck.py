"""Gradient checking: measure the slope of the loss, and compare it with what backprop says."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib._loss import Loss
from nnlib._report import CheckedArray, GradientReport
from nnlib._typing import Array, Seed, Targets
from nnlib._validation import generator, instance, number, real, whole
from nnlib.network import Sequential


def numerical_gradient(f: Callable[[Array], float], x: Any, eps: float = 1e-5) -> Array:
    """∂f/∂x_i ≈ (f(x + ε e_i) − f(x − ε e_i)) / 2ε, entry by entry: central differences.

    Parameters
    ----------
    f : callable
        A function of one array that returns a number.
    x : array_like of any shape
        Where to measure; not modified.
    eps : float
        The nudge ε > 0. The error is about ε² f‴/6 from curvature plus 10⁻¹⁶ f/ε from rounding.

    Returns
    -------
    ndarray of the shape of x, float64

    Source: Nocedal and Wright (2006), *Numerical Optimization*, 8.1.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], [2.0, 5.0]).round(6)
    array([4., 3.])
    """
    eps = number("eps", eps, strict=True)
    x = real("x", x, np.float64).copy()
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        gradient[index] = _slope(f, x, index, eps)
    return gradient


def _slope(f: Callable[[Array], float], x: Array, index: tuple[int, ...], eps: float) -> float:
    """Measure one central difference; x is as before afterwards."""
    before = x[index]
    x[index] = before + eps
    above = f(x)
    x[index] = before - eps
    below = f(x)
    x[index] = before
    if above is None or np.ndim(above) != 0:
        came = "None" if above is None else f"shape {np.shape(above)}"
        remedy = "return the loss" if above is None else "sum or average what it returns"
        raise TypeError(f"f: expected a function that returns one number, got {came}: {remedy}")
    return float((above - below) / (2 * eps))


def _is_kink(f: Callable[[Array], float], x: Array, index: tuple[int, ...], eps: float) -> bool:
    """Tell a kink by how the slope changes across it: as much for a nudge of ε/100 as for one of ε.

    In a smooth function the slope changes by a hundredth, until that drowns in rounding, which
    grows a hundredfold.
    """
    before, here = x[index], f(x)

    def change(h: float) -> float:
        x[index] = before + h
        above = f(x)
        x[index] = before - h
        below = f(x)
        x[index] = before
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
    """
    a, n = real("a", a, np.float64), real("n", n, np.float64)
    if a.shape != n.shape:
        raise ValueError(
            f"a and n: expected two arrays of one shape, got {a.shape} and {n.shape}: "
            "a gradient has the shape of what it is the gradient of"
        )
    size = float(np.linalg.norm(a) + np.linalg.norm(n))
    return float(np.linalg.norm(a - n)) / size if size else 0.0


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
        The nudge ε.
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
    eps, tolerance = number("eps", eps, strict=True), number("tolerance", tolerance, strict=True)
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    samples, rng = whole("samples", samples), generator(rng)
    twin = net.astype(np.float64)
    X = real("X", X, np.float64).copy()
    start = twin.snapshot()
    states = [copy.deepcopy(getattr(layer, "rng", None)) for layer in twin.layers]

    def output(X: Array) -> Array:
        """Forward in training mode, everything random and remembered as at the start."""
        twin.buffers = start.buffers
        for layer, state in zip(twin.layers, states, strict=True):
            if state is not None:
                layer.rng = copy.deepcopy(state)
        return twin.forward(X, train=True)

    value, dZ = loss.value_and_grad(output(X), y)
    # Differences of losses are exact to a few units in the last place, slopes to that over eps.
    rounding = 4 * np.finfo(np.float64).eps * max(1.0, abs(value)) / eps
    dX: Any = twin.backward(dZ, input_grad=True)

    def compare(layer: str, name: str, array: Array, gradient: Array) -> CheckedArray:
        """Nudge entries of one array in place and compare slopes with its gradient."""

        def f(_: Array) -> float:
            return loss.value(output(X), y)

        chosen = _choose(gradient, samples, rng)
        claimed, measured = gradient.ravel()[chosen], np.empty(len(chosen))
        known = np.ones(len(chosen), bool)
        allowed = tolerance * float(np.linalg.norm(claimed))
        for j, entry in enumerate(chosen):
            index = tuple(int(i) for i in np.unravel_index(entry, array.shape))
            measured[j] = _slope(f, array, index, eps)
            if abs(measured[j] - claimed[j]) > allowed:
                closer = _slope(f, array, index, eps / 100)
                measured[j] = min((measured[j], closer), key=lambda s: abs(s - claimed[j]))
            if abs(measured[j] - claimed[j]) > allowed:
                known[j] = not _is_kink(f, array, index, eps)
        claimed, measured = claimed[known], measured[known]
        error = relative_error(claimed, measured)
        near = float(np.linalg.norm(claimed - measured)) <= rounding * np.sqrt(len(claimed))
        mark = "ok" if error < tolerance else "tiny" if near else "WRONG"
        mark = mark if known.any() else "kink"
        return CheckedArray(mark, layer, name, array.shape, len(claimed), error)

    rows = [compare("input", "X", X, dX)]
    for i, layer in enumerate(twin.layers):
        for name in layer.shapes():
            gradient = getattr(layer, "d" + name).copy()
            rows.append(compare(f"{i} {layer!r}", name, getattr(layer, name), gradient))
    return GradientReport(tuple(rows), tolerance)


def _choose(gradient: Array, samples: int, rng: np.random.Generator) -> Any:
    """Choose entries to check: all of a small array; of a large one some, half of them not 0."""
    if gradient.size <= samples:
        return np.arange(gradient.size)
    alive = np.flatnonzero(gradient)
    first = rng.choice(alive, min(len(alive), samples // 2), replace=False)
    rest = rng.choice(gradient.size, samples - len(first), replace=False)
    return np.union1d(first, rest)
