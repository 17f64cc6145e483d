"""Functions whose slopes are measured: of one number, real or complex, in float64 or float32."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.activation_layers import Tanh
from nnlib.layers import Dense
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.network import Sequential

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
