"""The dense layer, and the two that only change the shape of an example."""

import math

import numpy as np

from .._typing import Array, Shape
from .._validation import flag, function, whole
from ..initializers import Initializer, he_normal
from .layer import Layer, View, sizes


def sum_of_rows(Z: Array, out: Array) -> None:
    """Σ_r Z_r, also of a million rows: float32 loses the digits of a long sum, float64 does not.

    Examples
    --------
    >>> Z, total = np.full((10**6, 2), 0.1, np.float32), np.zeros(2, np.float32)
    >>> sum_of_rows(Z, out=total)
    >>> total.tolist(), bool(Z.sum(axis=0)[0] > 100_900)
    ([100000.0, 100000.0], True)
    """
    if len(Z) > 128:
        out[:] = Z.sum(axis=0, dtype=np.float64)
    else:
        np.add.reduce(Z, axis=0, out=out)  # Z.sum on a shorter way


class Dense(Layer):
    """Z = X W + b: every output sees every input.

    The numbers lie in the network. A copy of a layer is a new layer, without them; to keep them,
    copy the network.

    Parameters
    ----------
    d_in, d_out : int
        Number of inputs and of outputs.
    bias : bool
        Whether there is a b; without it, Z = X W.
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
    >>> nn.Sequential(nn.Dense(2, 1, bias=False)).params.size, net.params.size
    (2, 3)
    >>> import copy
    >>> copy.copy(net).layers[0].W.tolist(), copy.copy(net.layers[0]).owned
    ([[3.0], [-2.0]], False)
    """

    W, b = View(), View()
    dW, db = View(), View()
    random = True

    def __init__(
        self, d_in: int, d_out: int, *, bias: bool = True, init: Initializer = he_normal
    ) -> None:
        super().__init__()
        self.d_in, self.d_out = whole("d_in", d_in), whole("d_out", d_out)
        self.input_shape, self.bias = (self.d_in,), flag("bias", bias)
        self.init: Initializer = function("init", init, "nnlib.initializers.he_normal", 3)

    def shapes(self) -> dict[str, Shape]:
        """W is (d_in, d_out), b is (d_out,)."""
        W: dict[str, Shape] = {"W": (self.d_in, self.d_out)}
        return W | {"b": (self.d_out,)} if self.bias else W

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
        if train:
            self.cache = X
        return X @ self.W + self.b if self.bias else X @ self.W

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """dW = Xᵀ dZ, db = Σ_r dZ_r, dX = dZ Wᵀ."""
        X = self.cached()
        np.matmul(X.T, dZ, out=self.dW)
        if self.bias:
            sum_of_rows(dZ, out=self.db)
        return dZ @ self.W.T if input_grad else None

    def __repr__(self) -> str:
        name = getattr(self.init, "__name__", type(self.init).__name__)
        bias = "" if self.bias else ", bias=False"
        init = "" if self.init is he_normal else f", init={name}"
        return f"Dense({self.d_in}, {self.d_out}{bias}{init})"


class Flatten(Layer):
    """A is X with all numbers of an example in one row: (n, c, h, w) becomes (n, c·h·w).

    What comes out is a view where NumPy can make one: nothing is copied.
    """

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(c, h, w) becomes (c·h·w,)."""
        return None if shape is None else (math.prod(shape),)

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Row r of A is example r."""
        if train:
            self.cache = X.shape
        return X.reshape(len(X), -1)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dX is dA in the shape of X."""
        return dA.reshape(self.cached())


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
        numbers, places = math.prod(shape or self.shape), math.prod(self.shape)
        if numbers != places:
            raise ValueError(
                f"expected examples of {places} numbers to fill the shape {self.shape}, "
                f"got examples of shape {shape}, {numbers} numbers"
            )
        return self.shape

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """The numbers keep their order, the last axis running fastest."""
        if train:
            self.cache = X.shape
        return X.reshape(len(X), *self.shape)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dX is dA in the shape of X."""
        return dA.reshape(self.cached())

    def __repr__(self) -> str:
        return f"Reshape({', '.join(map(str, self.shape))})"
