"""First values for weights: ``initializer(rng, shape, dtype)``.

The shape is ``(d_in, d_out)``, or ``(c_out, c_in, k, k)`` for a convolution, where c_in·k·k numbers
come in and c_out·k·k go out. The families differ only in the variance they ask for:

========  =======================  ===========================================
name      variance                 for layers followed by
========  =======================  ===========================================
he        2 / d_in                 ReLU (half of the signal is cut off)
xavier    2 / (d_in + d_out)       tanh (forward and backward both served)
lecun     1 / d_in                 nothing, a unit of slope 1, or SELU
========  =======================  ===========================================

A normal distribution and a uniform one on [−√(3·variance), √(3·variance)] have that variance.
The numbers are drawn in float64 and then rounded, so both dtypes start from the same network.
Instead of a Generator an int will do; the same int gives the same numbers.

>>> W = he_normal(0, (300, 500))
>>> round(float(W.var() * 300), 1), bool((W == he_normal(0, (300, 500))).all())
(2.0, True)
>>> bool((he_normal(0, (3, 2), np.float32) == he_normal(0, (3, 2)).astype(np.float32)).all())
True

Sources: LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*; Glorot and Bengio (2010),
*Understanding the difficulty of training deep feedforward neural networks*; He, Zhang, Ren and Sun
(2015), *Delving deep into rectifiers*.
"""

import math
from collections.abc import Callable
from functools import wraps

import numpy as np
import numpy.typing as npt

from ._typing import Array, Seed, Shape
from ._validation import float_type, generator, instance, whole

Initializer = Callable[[np.random.Generator, Shape, npt.DTypeLike], Array]


def fans(shape: Shape) -> tuple[int, int]:
    """Count the inputs that reach an output, and the outputs that an input reaches.

    They are d_in and d_out of ``(d_in, d_out)``, c_in·k·k and c_out·k·k of ``(c_out, c_in, k, k)``.
    """
    match shape:
        case (d_in, d_out):
            return d_in, d_out
        case (c_out, c_in, height, width):
            return c_in * height * width, c_out * height * width
    raise ValueError(
        f"shape: expected (d_in, d_out), or (c_out, c_in, k, k) for a convolution, got {shape}: "
        "only weights between inputs and outputs have a variance to ask for"
    )


def _checked(draw: Initializer) -> Initializer:
    """Check what is asked for before a number is drawn; an int will do for a Generator."""

    @wraps(draw)
    def checked(rng: Seed, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
        shape = tuple(shape) if isinstance(shape, list) else shape
        instance("shape", shape, tuple, "pass (d_in, d_out)")
        shape = tuple(whole(f"shape[{i}]", size) for i, size in enumerate(shape))
        if draw.__name__ != "zeros":  # which are right for biases, too
            fans(shape)
        return draw(generator(rng), shape, float_type(dtype))

    return checked


def _normal(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike, variance: float) -> Array:
    """Draw from N(0, variance)."""
    return rng.normal(0.0, np.sqrt(variance), shape).astype(dtype, copy=False)


def _uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike, variance: float
) -> Array:
    """Draw from the uniform distribution of mean 0 and this variance."""
    bound = np.sqrt(3 * variance)
    return rng.uniform(-bound, bound, shape).astype(dtype, copy=False)


@_checked
def he_normal(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W ~ N(0, 2 / d_in)."""
    d_in, _ = fans(shape)
    return _normal(rng, shape, dtype, 2 / d_in)


@_checked
def he_uniform(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W ~ U(−√(6 / d_in), √(6 / d_in))."""
    d_in, _ = fans(shape)
    return _uniform(rng, shape, dtype, 2 / d_in)


@_checked
def xavier_normal(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ N(0, 2 / (d_in + d_out))."""
    d_in, d_out = fans(shape)
    return _normal(rng, shape, dtype, 2 / (d_in + d_out))


@_checked
def xavier_uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ U(−√(6 / (d_in + d_out)), √(6 / (d_in + d_out)))."""
    d_in, d_out = fans(shape)
    return _uniform(rng, shape, dtype, 2 / (d_in + d_out))


@_checked
def lecun_normal(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ N(0, 1 / d_in)."""
    d_in, _ = fans(shape)
    return _normal(rng, shape, dtype, 1 / d_in)


@_checked
def lecun_uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ U(−√(3 / d_in), √(3 / d_in))."""
    d_in, _ = fans(shape)
    return _uniform(rng, shape, dtype, 1 / d_in)


@_checked
def orthogonal(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """Wᵀ W = I or W Wᵀ = I: a random rotation, which keeps the length of what it turns.

    The shorter axis of W holds orthonormal vectors; of a convolution, those are the c_out filters
    (or, where there are more filters than inputs, the inputs). G = Q R of a Gaussian G gives Q; all
    rotations are equally likely once each column has the sign that makes R's diagonal positive.

    Source: Saxe, McClelland and Ganguli (2014), *Exact solutions to the nonlinear dynamics of
    learning in deep linear neural networks*.
    """
    rows, columns = shape[0], math.prod(shape[1:])
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    Q = Q * np.sign(np.diag(R))
    W = Q if rows >= columns else Q.T
    return W.reshape(shape).astype(dtype, copy=False)


@_checked
def zeros(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W = 0: right for biases; for weights it keeps all units of a layer equal forever."""
    return np.zeros(shape, dtype)
