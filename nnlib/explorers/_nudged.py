"""Slopes, measured with a nudge: of functions of one number, real or complex."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.activation_layers import Tanh
from nnlib.gradcheck import numerical_gradient
from nnlib.layers import Dense
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.network import Sequential

NUDGES = 2.0 ** np.arange(-70, 1)
"""Powers of two: x + ε is then exact, as long as ε is not lost beside x."""

METHODS = ("forward", "central", "complex step")

DTYPES: dict[str, Any] = {"float64": np.float64, "float32": np.float32}

ENOUGH = 7
"""Points that an arm of the V must have, before a slope is told."""

KINK = 1.001


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
        kept = e > 4 * self.u * abs(float(self.here))
        kept &= rounding < 4 * abs(self.derivatives[0])
        left = (rounding > 10 * curvature) & kept & (self.method != "complex step")
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
