"""First values for weights: ``initializer(rng, shape, dtype)`` with shape ``(d_in, d_out)``.

All but ``zeros`` differ only in the variance they ask for:

========  =======================  ===========================================
name      variance                 for layers followed by
========  =======================  ===========================================
he        2 / d_in                 ReLU (half of the signal is cut off)
xavier    2 / (d_in + d_out)       tanh (forward and backward both served)
lecun     1 / d_in                 nothing, or a unit of slope 1
========  =======================  ===========================================

A normal distribution and a uniform one on [−√(3·variance), √(3·variance)] have that variance.
The numbers are drawn in float64 and then rounded, so both dtypes start from the same network.

Sources: LeCun, Bottou, Orr and Müller (1998), *Efficient BackProp*; Glorot and Bengio (2010),
*Understanding the difficulty of training deep feedforward neural networks*; He, Zhang, Ren and Sun
(2015), *Delving deep into rectifiers*.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from nnlib._typing import Array, Shape

Initializer = Callable[[np.random.Generator, Shape, npt.DTypeLike], Array]


def _normal(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike, variance: float) -> Array:
    """Draw from N(0, variance)."""
    return rng.normal(0.0, np.sqrt(variance), shape).astype(dtype, copy=False)


def _uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike, variance: float
) -> Array:
    """Draw from the uniform distribution of mean 0 and this variance."""
    bound = np.sqrt(3 * variance)
    return rng.uniform(-bound, bound, shape).astype(dtype, copy=False)


def he_normal(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W ~ N(0, 2 / d_in)."""
    d_in, _ = shape
    return _normal(rng, shape, dtype, 2 / d_in)


def he_uniform(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W ~ U(−√(6 / d_in), √(6 / d_in))."""
    d_in, _ = shape
    return _uniform(rng, shape, dtype, 2 / d_in)


def xavier_normal(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ N(0, 2 / (d_in + d_out))."""
    d_in, d_out = shape
    return _normal(rng, shape, dtype, 2 / (d_in + d_out))


def xavier_uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ U(−√(6 / (d_in + d_out)), √(6 / (d_in + d_out)))."""
    d_in, d_out = shape
    return _uniform(rng, shape, dtype, 2 / (d_in + d_out))


def lecun_normal(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ N(0, 1 / d_in)."""
    d_in, _ = shape
    return _normal(rng, shape, dtype, 1 / d_in)


def lecun_uniform(
    rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64
) -> Array:
    """W ~ U(−√(3 / d_in), √(3 / d_in))."""
    d_in, _ = shape
    return _uniform(rng, shape, dtype, 1 / d_in)


def zeros(rng: np.random.Generator, shape: Shape, dtype: npt.DTypeLike = np.float64) -> Array:
    """W = 0: right for biases; for weights it keeps all units of a layer equal forever."""
    return np.zeros(shape, dtype)
