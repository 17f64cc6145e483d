"""Layers: each knows how to go forward, and how to turn dOutput into dInput on the way back.

A layer owns no numbers. Its network keeps all parameters in one flat vector and all gradients in
another; ``layer.W`` and ``layer.dW`` are views into them.
"""

import math
from typing import Any

import numpy as np

from nnlib._typing import Array, Shape
from nnlib._validation import whole
from nnlib._views import View
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

    smallest_batch = 1
    """Examples that a training batch needs at the least: 2 where the layer compares them."""

    rng: np.random.Generator | None = None
    """Source of random numbers for a layer that draws some at every pass."""

    _cache: Any = None
    """What `backward` needs of the last forward pass; None outside of training."""

    def __init__(self) -> None:
        self._views: dict[str, Array] | None = None

    @property
    def size(self) -> int:
        """Number of parameters."""
        return sum(math.prod(shape) for shape in self.shapes().values())

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
        """Give parameters and buffers first values; only a `random` layer draws from rng."""

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
        """dW = Xᵀ dZ, db = Σ_r dZ_r, dX = dZ Wᵀ."""
        X = self._cached()
        np.matmul(X.T, dZ, out=self.dW)
        dZ.sum(axis=0, out=self.db)
        return dZ @ self.W.T if input_grad else None

    def __repr__(self) -> str:
        name = getattr(self.init, "__name__", type(self.init).__name__)
        init = "" if self.init is he_normal else f", init={name}"
        return f"Dense({self.d_in}, {self.d_out}{init})"


class Flatten(Layer):
    """A is X with all numbers of an example in one row: (n, c, h, w) becomes (n, c·h·w).

    What comes out is a view where NumPy can make one: nothing is copied.
    """

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(c, h, w) becomes (c·h·w,)."""
        return None if shape is None else (math.prod(shape),)

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Row r of A is example r."""
        self._cache = X.shape if train else None
        return X.reshape(len(X), -1)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dX is dA in the shape of X."""
        return dA.reshape(self._cached())


class Reshape(Layer):
    """A is X with the same numbers of an example in another shape: (n, …) becomes (n, *shape).

    Parameters
    ----------
    *shape : int
        The sizes of one example, such as ``Reshape(1, 28, 28)`` for an image of one channel.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> nn.Sequential(nn.Reshape(2, 3)).forward(np.arange(6.0).reshape(1, 6))
    array([[[0., 1., 2.],
            [3., 4., 5.]]])
    """

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.shape = sizes(shape)

    def output_shape(self, shape: Shape | None) -> Shape:
        """(…) becomes (*shape)."""
        given, wanted = math.prod(shape or self.shape), math.prod(self.shape)
        if given != wanted:
            raise ValueError(
                f"expected examples of {wanted} numbers to fill the shape {self.shape}, "
                f"got examples of shape {shape}, {given} numbers"
            )
        return self.shape

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """The numbers keep their order, the last axis running fastest."""
        self._cache = X.shape if train else None
        return X.reshape(len(X), *self.shape)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dX is dA in the shape of X."""
        return dA.reshape(self._cached())

    def __repr__(self) -> str:
        return f"Reshape({', '.join(map(str, self.shape))})"


def sizes(shape: Shape) -> Shape:
    """Check the shape of one example, given as one argument for each axis."""
    if not shape:
        raise ValueError("shape: expected the size of at least one axis, got none: for example 3")
    return tuple(whole(f"shape[{i}]", size) for i, size in enumerate(shape))
