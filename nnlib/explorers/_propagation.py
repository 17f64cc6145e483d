"""How a signal fares on its way through a deep network, and a gradient on its way back."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import activations as act
from nnlib import initializers as init
from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.activation_layers import LeakyReLU, ReLU, Sigmoid, Tanh
from nnlib.layers import Dense, Layer
from nnlib.network import Sequential

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

U = np.linspace(-8, 8, 1600)
BELL = np.exp(-(U**2) / 2) / np.sum(np.exp(-(U**2) / 2))


class Model:
    """A network of equal layers at its very start, without any widget.

    Measured are the mean squares of Z in each layer going forward and of dZ going back, and shares
    of units that are dead or saturated.
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
        self.laws = self._law()

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
        """Share of outputs within 5% of an end; or of units that are 0 for every example."""
        if not self.bounded:
            return float(np.mean(np.all(A == 0, axis=0)))
        low = -1.0 if self.unit == "tanh" else 0.0
        middle, reach = (1 + low) / 2, 0.45 * (1 - low)
        return float(np.mean(np.abs(A - middle) > reach))

    def _law(self) -> tuple[Array, Array]:
        """Lesson 07's law for both directions: means over a normal z, in layers that are wide."""
        _, f, slope = UNITS[self.unit]
        through_W = self.width * VARIANCES[self.kind](self.width) * self.gain**2
        forward, through_f, signal = np.empty(self.depth), np.empty(self.depth), 1.0
        for i in range(self.depth):
            forward[i] = through_W * signal
            A = f(np.sqrt(forward[i]) * U)
            signal, through_f[i] = float(BELL @ A**2), float(BELL @ slope(A) ** 2)
        # The last layer's dZ met its slope only; each one before it, a matrix and a slope more.
        factors = through_f[::-1].copy()
        factors[1:] *= through_W
        return forward, np.cumprod(factors)[::-1]

    def shown(self) -> list[int]:
        """Four layers (fewer in a shallow network), counted from 1, first and last among them."""
        return sorted({int(i) for i in np.linspace(1, self.depth, 4).round()})

    def words(self) -> str:
        """Say it."""
        way = (
            f"Forward, the mean square of Z goes from {self.forward[0]:.1e} in layer 1 to "
            f"{self.forward[-1]:.1e} in layer {self.depth}: {_fate(self.forward)}. Backward, that "
            f"of dZ arrives in layer 1 as {self.backward[0]:.1e}: {_fate(self.backward[::-1])}."
        )
        what = "of the outputs are" if self.bounded else f"of the units are off for all {N} inputs:"
        state = "saturated" if self.bounded else "dead"
        return f"{way} In the last layer {self.shares[-1]:.0%} {what} {state}."


def mean_square(A: Array) -> float:
    """The mean of a², over all entries."""
    return float(np.mean(A * A))


def _fate(squares: Array) -> str:
    """Tell from the first and the last mean square what happens on the way."""
    if squares[-1] == 0:
        return "nothing at all gets through"
    if len(squares) == 1:
        return "one layer, nothing to multiply"
    total = float(squares[-1] / squares[0])
    factor = total ** (1 / (len(squares) - 1))
    verdict = "it explodes" if total > 10 else "it vanishes" if total < 0.1 else "it holds"
    return f"{verdict}, times {factor:.2f} a layer"
