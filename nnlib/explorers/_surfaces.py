"""Surfaces to race on: the five of lesson 06, each a loss of two parameters and its gradient."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib._typing import Array

Point = tuple[float, float]

NOISE_SEED = 3
"""Every optimizer meets the same noise."""

BOTTOM = np.array([3.0, 1.0])
TURN = np.array([[0.8, -0.6], [0.6, 0.8]])
STRAIGHT = np.diag([1.0, 100.0])
ASKEW = TURN @ STRAIGHT @ TURN.T


@dataclass(frozen=True)
class Surface:
    """A loss L(θ) to race on.

    ``loss(θ₁, θ₂)`` also takes whole grids; ``gradient()`` makes a function of θ (2,), which may
    draw noise of its own; ``frame`` is left, right, low, high; ``rates`` is the learning rate η of
    each optimizer that does best here, as lesson 06 finds it.
    """

    formula: str
    loss: Callable[[Array, Array], Array]
    gradient: Callable[[], Callable[[Array], Array]]
    start: Point
    frame: tuple[float, float, float, float]
    bottoms: tuple[Point, ...]
    lowest: float
    rates: tuple[int, int, int, int]
    """Of SGD, momentum, RMSProp and Adam: the i of 10^(−4 + i/8)."""


def _quadratic(H: Array) -> Callable[[Array, Array], Array]:
    """L = eᵀ H e / 2 with e = θ − θ_bottom."""

    def loss(a: Array, b: Array) -> Array:
        e, f = a - BOTTOM[0], b - BOTTOM[1]
        return (H[0, 0] * e * e + 2 * H[0, 1] * e * f + H[1, 1] * f * f) / 2

    return loss


def _noisy_gradient() -> Callable[[Array], Array]:
    """Add noise of standard deviation 2 to each entry of H e."""
    rng = np.random.default_rng(NOISE_SEED)
    return lambda θ: STRAIGHT @ (θ - BOTTOM) + rng.normal(0, 2, size=2)


def _rosenbrock_gradient(θ: Array) -> Array:
    across = 200 * (θ[1] - θ[0] ** 2)
    return np.array([-2 * (1 - θ[0]) - 2 * θ[0] * across, across])


SURFACES = {
    "ravine": Surface(
        "½(θ₁ − 3)² + 50(θ₂ − 1)²",
        _quadratic(STRAIGHT),
        lambda: lambda θ: STRAIGHT @ (θ - BOTTOM),
        (-1.0, 1.4),
        (-2.0, 5.0, 0.3, 1.7),
        ((3.0, 1.0),),
        0.0,
        (18, 17, 23, 30),
    ),
    "ravine, askew": Surface(
        "the ravine, turned",
        _quadratic(ASKEW),
        lambda: lambda θ: ASKEW @ (θ - BOTTOM),
        (-0.44, -1.08),
        (-2.0, 6.0, -3.0, 3.0),
        ((3.0, 1.0),),
        0.0,
        (18, 17, 22, 30),
    ),
    "noisy ravine": Surface(
        "the ravine, with noise in each gradient",
        _quadratic(STRAIGHT),
        _noisy_gradient,
        (-1.0, 1.4),
        (-2.5, 5.0, 0.3, 1.7),
        ((3.0, 1.0),),
        0.0,
        (18, 16, 23, 30),
    ),
    "Rosenbrock": Surface(
        "(1 − θ₁)² + 100(θ₂ − θ₁²)²",
        lambda a, b: (1 - a) ** 2 + 100 * (b - a**2) ** 2,
        lambda: _rosenbrock_gradient,
        (-1.2, 1.0),
        (-1.8, 1.8, -0.6, 2.0),
        ((1.0, 1.0),),
        0.0,
        (13, 9, 19, 28),
    ),
    "saddle": Surface(
        "10θ₂² − ½θ₁² + ¼θ₁⁴",
        lambda a, b: 10 * b**2 - a**2 / 2 + a**4 / 4,
        lambda: lambda θ: np.array([-θ[0] + θ[0] ** 3, 20 * θ[1]]),
        (0.01, 0.5),
        (-1.7, 1.7, -0.7, 0.7),
        ((1.0, 0.0), (-1.0, 0.0)),
        -0.25,
        (23, 21, 22, 27),
    ),
}
