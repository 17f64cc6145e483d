"""Normalization: give the numbers inside a network mean 0 and variance 1, then learn a better one.

X̂ = (X − μ) / σ with σ = √(variance + ε), and Z = γ ⊙ X̂ + β. `BatchNorm` takes μ and σ for each
feature, over the examples of a batch; `LayerNorm` for each example, over its features. `RMSNorm`
only divides: μ and β are 0, and the variance is the mean of X².

Backward, every one of the N numbers under a mean moves μ and σ too. With dX̂ = γ ⊙ dZ that gives
dX = (N dX̂ − Σ dX̂ − X̂ Σ dX̂ X̂) / (N σ), the sums over those N numbers. The second term is what μ
has moved, the third what σ has: without μ, dX = (N dX̂ − X̂ Σ dX̂ X̂) / (N σ).

Means and long sums are taken in float64, as float32 loses the digits of a long sum.
"""

import math

import numpy as np

from .._typing import Array, Shape
from .._validation import all_finite, number, whole
from .dense import sum_of_rows
from .layer import Layer, View, sizes

SMALLEST_EPS = 1e-38
"""A smaller ε is soon 0 in float32, and σ with it."""


def _mean(X: Array, axes: int | tuple[int, ...]) -> Array:
    """Take the mean over these axes, which are kept with length 1."""
    mean = X.mean(axes, keepdims=True, dtype=np.float64)
    return mean.astype(np.result_type(X, np.float32), copy=False)


def _finite(layer: Layer, var: Array, what: str = "variance") -> Array:
    """Make sure that a variance is a number: squares overflow from 10¹⁹ on in float32."""
    if not all_finite(var):
        raise FloatingPointError(
            f"{layer!r}: the {what} of its inputs is no longer a finite {var.dtype}: bring X to "
            "about 1, or take a tenth of the learning rate"
        )
    return var


class BatchNorm(Layer):
    """Z = γ ⊙ (X − μ) / √(v + ε) + β, with mean μ and variance v of each feature.

    In training μ and v are those of the batch; otherwise running averages of those, so that an
    example's prediction does not depend on its neighbours. For images (n, c, h, w) a feature is a
    channel, and the mean goes over all its pixels. A bias in front of the layer is pointless, as μ
    takes it out again: ``Dense(d_in, d, bias=False)``.

    Parameters
    ----------
    d : int
        Number of features, or of channels.
    momentum : float
        Share of a new batch in the running averages, in [0, 1). PyTorch counts it like this; Keras
        calls 1 minus it momentum.
    eps : float
        What keeps σ from 0 where all values are equal; at least 10⁻³⁸, as float32 has
        little below that.

    Attributes
    ----------
    gamma, beta, dgamma, dbeta : ndarray of shape (d,)
        The scale, 1 at first, the shift, 0 at first, and their gradients.
    running_mean, running_var : ndarray of shape (d,)
        0 and 1 at first. The variance is the unbiased one, with N − 1 in place of N.

    Raises
    ------
    ValueError
        In training, if there is only one value for each feature.

    Source: Ioffe and Szegedy (2015), *Batch normalization: accelerating deep network training by
    reducing internal covariate shift*.

    Examples
    --------
    >>> import nnlib as nn
    >>> net = nn.Sequential(nn.BatchNorm(1, momentum=0.1))
    >>> Z = net.forward(np.array([[1.0], [3.0]]), train=True)
    >>> Z.ravel().round(3), net.layers[0].running_mean       # a tenth of the way from 0 to 2
    (array([-1.,  1.]), array([0.2]))
    >>> net.layers[0].running_var                            # and from 1 to 2, not to 1
    array([1.1])
    """

    gamma, beta = View(), View()
    dgamma, dbeta = View(), View()
    running_mean, running_var = View(), View()
    smallest_batch = 2

    def __init__(self, d: int, *, momentum: float = 0.1, eps: float = 1e-5) -> None:
        super().__init__()
        self.d = whole("d", d)
        self.momentum = number("momentum", momentum, below=1)
        self.eps = number("eps", eps, minimum=SMALLEST_EPS)

    def shapes(self) -> dict[str, Shape]:
        """γ and β are (d,)."""
        return {"gamma": (self.d,), "beta": (self.d,)}

    def buffer_shapes(self) -> dict[str, Shape]:
        """The running mean and variance are (d,)."""
        return {"running_mean": (self.d,), "running_var": (self.d,)}

    def initialize(self, rng: np.random.Generator) -> None:
        """Start as (X − 0) / √(1 + ε)."""
        self.gamma[:] = 1
        self.running_var[:] = 1

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(d,) and (d, h, w) stay what they are."""
        if shape is not None and shape[0] != self.d:
            raise ValueError(
                f"expected {self.d} features, ({self.d},), or channels, ({self.d}, h, w), "
                f"got examples of shape {shape}"
            )
        return shape

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Z = γ ⊙ X̂ + β, shape of X."""
        if train and not self.frozen:
            D, var = self._of_batch(X)
        else:
            D = X - self._align(self.running_mean, X)
            var = self._align(self.running_var, X)
        sigma = np.sqrt(var + self.eps)
        X_hat = np.divide(D, sigma, out=D)
        if train:
            self.cache = (X_hat, sigma)
        return self._align(self.gamma, X) * X_hat + self._align(self.beta, X)

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """dγ = Σ dZ X̂, dβ = Σ dZ, dX = γ / (N σ) (N dZ − Σ dZ − X̂ Σ dZ X̂)."""
        X_hat, sigma = self.cached()
        N = dZ.size // self.d
        for Z, out in ((dZ * X_hat, self.dgamma), (dZ, self.dbeta)):
            sum_of_rows(Z if Z.ndim == 2 else Z.reshape(len(Z), self.d, -1).sum(axis=2), out)
        if not input_grad:
            return None
        gamma, dgamma, dbeta = (self._align(v, dZ) for v in (self.gamma, self.dgamma, self.dbeta))
        if self.frozen:  # μ and σ are given, and move with no example
            return gamma / sigma * dZ
        return gamma / (N * sigma) * (N * dZ - dbeta - X_hat * dgamma)

    def _of_batch(self, X: Array) -> tuple[Array, Array]:
        """D = X − μ and v of a batch, towards which the running averages move."""
        N = X.size // self.d
        if N < 2:
            raise ValueError(
                "X: expected at least two values for each feature in training, "
                f"got shape {X.shape}: {self!r} needs them for a variance; take a larger batch "
                "(add a single last example to the batch before it), or predict with forward(X)"
            )
        axes = (0, *range(2, X.ndim))  # all but that of the features
        mean = _mean(X, axes)
        D = X - mean
        var = _finite(self, _mean(D * D, axes))
        old, new = 1 - self.momentum, self.momentum
        self.running_mean[:] = old * self.running_mean + new * mean.ravel()
        self.running_var[:] = old * self.running_var + new * var.ravel() * (N / (N - 1))
        return D, var

    @staticmethod
    def _align(v: Array, X: Array) -> Array:
        """Turn (d,) into (d, 1, 1) if X has pixels, so that it meets the channels."""
        return v.reshape(-1, *[1] * (X.ndim - 2))

    def __repr__(self) -> str:
        momentum = "" if self.momentum == 0.1 else f", momentum={self.momentum!r}"
        eps = "" if self.eps == 1e-5 else f", eps={self.eps!r}"
        return f"BatchNorm({self.d}{momentum}{eps})"


class _ExampleNorm(Layer):
    """What normalizations of single examples share: a shape, an ε, and a γ that begins as 1."""

    gamma, dgamma = View(), View()

    def __init__(self, *shape: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.shape = sizes(shape)
        self.input_shape: Shape = self.shape
        self.eps = number("eps", eps, minimum=SMALLEST_EPS)

    def shapes(self) -> dict[str, Shape]:
        """γ is (d,), for d numbers in an example: a vector, which weight decay spares."""
        return {"gamma": (math.prod(self.input_shape),)}

    def initialize(self, rng: np.random.Generator) -> None:
        """Start as X̂ itself."""
        self.gamma[:] = 1

    def output_shape(self, shape: Shape | None) -> Shape:
        """The shape of an example stays what it is."""
        if shape not in (None, self.input_shape):
            raise ValueError(f"expected examples of shape {self.input_shape}, got {shape}")
        return self.input_shape

    def __repr__(self) -> str:
        eps = "" if self.eps == 1e-5 else f", eps={self.eps!r}"
        return f"{type(self).__name__}({', '.join(map(str, self.input_shape))}{eps})"


class LayerNorm(_ExampleNorm):
    """Z = γ ⊙ (X − μ) / √(v + ε) + β, with mean μ and variance v of each example.

    No example acts on another, so training and prediction do the same.

    Parameters
    ----------
    *shape : int
        The sizes of one example, all under one mean: ``LayerNorm(d)``, or ``LayerNorm(c, h, w)``.
    eps : float
        What keeps σ from 0 where all values are equal; at least 10⁻³⁸, as float32 has
        little below that.

    Attributes
    ----------
    gamma, beta, dgamma, dbeta : ndarray of shape (d,)
        The scale, 1 at first, the shift, 0 at first, and their gradients: one entry for each
        number of an example, in the order of ``X.reshape(n, -1)``.

    Source: Ba, Kiros and Hinton (2016), *Layer normalization*.
    """

    beta, dbeta = View(), View()

    def shapes(self) -> dict[str, Shape]:
        """γ and β are (d,)."""
        gamma = super().shapes()
        return gamma | {"beta": gamma["gamma"]}

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Z = γ ⊙ X̂ + β, shape of X."""
        rows = X.reshape(len(X), -1)
        D = rows - _mean(rows, 1)
        sigma = np.sqrt(_finite(self, _mean(D * D, 1)) + self.eps)
        X_hat = np.divide(D, sigma, out=D)
        if train:
            self.cache = (X_hat, sigma)
        return (self.gamma * X_hat + self.beta).reshape(X.shape)

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """dγ = Σ_r dZ X̂, dβ = Σ_r dZ, dX = (dX̂ − (Σ_j dX̂)/d − X̂ (Σ_j dX̂ X̂)/d) / σ."""
        X_hat, sigma = self.cached()
        rows = dZ.reshape(X_hat.shape)
        sum_of_rows(rows * X_hat, out=self.dgamma)
        sum_of_rows(rows, out=self.dbeta)
        if not input_grad:
            return None
        dX_hat = self.gamma * rows
        dX = (dX_hat - _mean(dX_hat, 1) - X_hat * _mean(dX_hat * X_hat, 1)) / sigma
        return dX.reshape(dZ.shape)


class RMSNorm(_ExampleNorm):
    """Z = γ ⊙ X / √(mean X² + ε), with the mean over the numbers of each example.

    It is `LayerNorm` without μ and β: an example is only brought to size 1, by the root of its mean
    square. As there, training and prediction do the same.

    Parameters
    ----------
    *shape : int
        The sizes of one example, all under one mean: ``RMSNorm(d)``, or ``RMSNorm(c, h, w)``.
    eps : float
        What keeps the root from 0 where all values are 0; at least 10⁻³⁸, as float32 has little
        below that. PyTorch's default is smaller: 1.2·10⁻⁷ in float32, 2.2·10⁻¹⁶ in float64.

    Attributes
    ----------
    gamma, dgamma : ndarray of shape (d,)
        The scale, 1 at first, and its gradient: one entry for each number of an example, in the
        order of ``X.reshape(n, -1)``.

    Source: Zhang and Sennrich (2019), *Root mean square layer normalization*.

    Examples
    --------
    >>> import nnlib as nn
    >>> net = nn.Sequential(nn.RMSNorm(2))
    >>> net.forward(np.array([[1.0, -7.0]])).round(3)        # √((1 + 49) / 2) = 5
    array([[ 0.2, -1.4]])
    """

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Z = γ ⊙ X̂, shape of X."""
        rows = X.reshape(len(X), -1).astype(self.gamma.dtype, copy=False)
        sigma = np.sqrt(_finite(self, _mean(rows * rows, 1), "mean square") + self.eps)
        X_hat = rows / sigma
        if train:
            self.cache = (X_hat, sigma)
        return (self.gamma * X_hat).reshape(X.shape)

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """dγ = Σ_r dZ X̂, dX = (dX̂ − X̂ (Σ_j dX̂ X̂)/d) / σ."""
        X_hat, sigma = self.cached()
        rows = dZ.reshape(X_hat.shape)
        sum_of_rows(rows * X_hat, out=self.dgamma)
        if not input_grad:
            return None
        dX_hat = self.gamma * rows
        dX = (dX_hat - X_hat * _mean(dX_hat * X_hat, 1)) / sigma
        return dX.reshape(dZ.shape)
