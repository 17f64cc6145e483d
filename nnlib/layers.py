"""Layers: each knows how to go forward, and how to turn dOutput into dInput on the way back.

A layer owns no numbers. Its network keeps all parameters in one flat vector and all gradients in
another; ``layer.W`` and ``layer.dW`` are views into them.
"""

from typing import Any

import numpy as np

from nnlib._typing import Array, Shape
from nnlib._validation import number, whole
from nnlib._views import View
from nnlib.activations import (
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    softmax,
    softmax_backward,
    tanh,
    tanh_derivative,
)
from nnlib.initializers import Initializer, he_normal


class Layer:
    """One step of a network: the protocol that every layer follows.

    A subclass writes `forward` and `backward`; one with parameters also `shapes` and `initialize`,
    and names each parameter and its gradient as a `View`.
    """

    input_shape: Shape | None = None
    """Shape of one example that the layer asks for; None: any."""

    random = False
    """Whether the layer draws random numbers, at first or at every pass."""

    rng: np.random.Generator | None = None
    """Source of random numbers for a layer that draws some at every pass."""

    _cache: Any = None
    """What `backward` needs of the last forward pass; None outside of training."""

    def __init__(self) -> None:
        self._views: dict[str, Array] | None = None

    @property
    def owned(self) -> bool:
        """Whether the layer belongs to a network."""
        return self._views is not None

    def bind(self, views: dict[str, Array] | None) -> None:
        """Make the layer part of a network, which keeps the layer's numbers; None: set it free."""
        self._views = views

    def shapes(self) -> dict[str, Shape]:
        """Name the parameters and their shapes; the gradient of ``W`` is called ``dW``."""
        return {}

    def buffer_shapes(self) -> dict[str, Shape]:
        """Name what is remembered between batches but not trained, such as running means."""
        return {}

    def initialize(self, rng: np.random.Generator) -> None:
        """Give the parameters their first values, with a Generator of the layer's own."""

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """Shape of one example after the layer, from the one before it (None: not known)."""
        return shape

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Compute the output; with ``train=True`` keep what `backward` needs."""
        raise NotImplementedError(f"{type(self).__name__}.forward is not written")

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """Fill the layer's gradients and return the gradient of its input."""
        raise NotImplementedError(f"{type(self).__name__}.backward is not written")

    def _cached(self) -> Any:
        """Return what the last ``forward(train=True)`` kept."""
        if self._cache is None:
            raise RuntimeError(
                f"backward of {self!r} came before forward: call forward(X, train=True) first "
                "(a forward pass with train=False keeps nothing for backward)"
            )
        return self._cache

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the network's views and the cache: a copy is a new, free layer."""
        return self.__dict__ | {"_cache": None, "_views": None}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class Dense(Layer):
    """Z = X W + b: every output sees every input.

    Parameters
    ----------
    d_in, d_out : int
        Number of inputs and of outputs.
    init : callable
        First values of W, from `nnlib.initializers`; b starts at zero.

    Attributes
    ----------
    W, dW : ndarray of shape (d_in, d_out)
    b, db : ndarray of shape (d_out,)

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> net = nn.Sequential(nn.Dense(2, 1))
    >>> net.layers[0].W = [[3.0], [-2.0]]
    >>> net.layers[0].b = [1.0]
    >>> net.forward(np.array([[1.0, 2.0], [0.0, -1.0]]))
    array([[0.],
           [3.]])
    """

    W, b = View(), View()
    dW, db = View(), View()
    random = True

    def __init__(self, d_in: int, d_out: int, *, init: Initializer = he_normal) -> None:
        super().__init__()
        self.d_in, self.d_out = whole("d_in", d_in), whole("d_out", d_out)
        self.input_shape = (self.d_in,)
        if not callable(init):
            raise TypeError(
                f"init: expected a function such as nnlib.initializers.he_normal, got {init!r}"
            )
        self.init = init

    def shapes(self) -> dict[str, Shape]:
        """W is (d_in, d_out), b is (d_out,)."""
        return {"W": (self.d_in, self.d_out), "b": (self.d_out,)}

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw W, leave b at zero."""
        self.W = self.init(rng, self.W.shape, self.W.dtype)

    def output_shape(self, shape: Shape | None) -> Shape:
        """(d_in,) becomes (d_out,)."""
        if shape not in (None, self.input_shape):
            raise ValueError(f"expected {self.d_in} inputs, got examples of shape {shape}")
        return (self.d_out,)

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Z = X W + b, shapes (n, d_in)(d_in, d_out) = (n, d_out)."""
        self._cache = X if train else None
        return X @ self.W + self.b

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """DW = Xᵀ dZ, db = Σ_r dZ_r, dX = dZ Wᵀ."""
        X = self._cached()
        self.dW[:] = X.T @ dZ
        self.db[:] = dZ.sum(axis=0)
        return dZ @ self.W.T if input_grad else None

    def __repr__(self) -> str:
        name = getattr(self.init, "__name__", type(self.init).__name__)
        init = "" if self.init is he_normal else f", init={name}"
        return f"Dense({self.d_in}, {self.d_out}{init})"


class ReLU(Layer):
    """A = max(Z, 0), dZ = dA ⊙ [A > 0]."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = max(Z, 0)."""
        A = relu(Z)
        self._cache = A if train else None
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DZ = dA ⊙ [A > 0]: A > 0 exactly where Z > 0."""
        return dA * relu_derivative(self._cached())


class LeakyReLU(Layer):
    """A = Z where Z > 0 and α·Z elsewhere; dZ = dA, or α·dA.

    Parameters
    ----------
    alpha : float
        Slope of the negative side, in [0, 1).
    """

    def __init__(self, alpha: float = 0.01) -> None:
        super().__init__()
        self.alpha = number("alpha", alpha, below=1)

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = max(Z, α·Z)."""
        A = leaky_relu(Z, self.alpha)
        self._cache = A if train else None
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DZ = dA where A > 0 and α·dA elsewhere."""
        return dA * leaky_relu_derivative(self._cached(), self.alpha)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.alpha!r})"


class Sigmoid(Layer):
    """A = 1 / (1 + e⁻ᶻ), dZ = dA ⊙ A (1 − A)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = 1 / (1 + e⁻ᶻ)."""
        A = sigmoid(Z)
        self._cache = A if train else None
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DZ = dA ⊙ A (1 − A)."""
        return dA * sigmoid_derivative(self._cached())


class Tanh(Layer):
    """A = tanh Z, dZ = dA ⊙ (1 − A²)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = tanh Z."""
        A = tanh(Z)
        self._cache = A if train else None
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DZ = dA ⊙ (1 − A²)."""
        return dA * tanh_derivative(self._cached())


class Softmax(Layer):
    """P_j = e^(Z_j) / Σ_i e^(Z_i) row by row; dZ = P ⊙ (dP − Σ_j dP_j P_j).

    For training, leave it out and use `nnlib.SoftmaxCrossEntropy` on Z: the two together are
    simpler, faster, and exact where a probability rounds to 0.
    """

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """P = softmax(Z), shape (n, k)."""
        P = softmax(Z)
        self._cache = P if train else None
        return P

    def backward(self, dP: Array, *, input_grad: bool = True) -> Array:
        """DZ = P ⊙ (dP − Σ_j dP_j P_j)."""
        return softmax_backward(dP, self._cached())
