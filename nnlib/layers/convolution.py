"""Convolution and pooling: one small rule, applied at every place of an image.

A batch of images is (n, c, h, w): n examples, c channels, h rows and w columns of pixels. A window
is the k×k pixels that one pixel of the output sees. Windows lie ``stride`` pixels apart; one that
would reach over the border is left out.
"""

import math
from functools import reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .._typing import Array, Shape
from .._validation import flag, function, whole
from ..initializers import Initializer, he_normal
from .dense import sum_of_rows
from .layer import Layer, View


def output_size(size: Shape, k: int, stride: int = 1, padding: int | None = None) -> Shape:
    """oh = ⌊(h + 2·padding − k) / stride⌋ + 1, and ow from w: how many windows fit into (h, w).

    A padding of None is 0, and the error for a window that does not fit proposes none.
    """
    p = padding or 0
    room = min(size) + 2 * p
    if k > room:
        padded = "" if padding is None else f" with padding {padding}"
        enough = "" if padding is None else f"padding={p + (k - room + 1) // 2} or "
        raise ValueError(
            f"kernel_size: expected at most {room} for an image of {size[0]}×{size[1]}{padded}, "
            f"got {k}: use {enough}a smaller kernel"
        )
    return tuple((length + 2 * p - k) // stride + 1 for length in size)


def windows(X: Array, k: int, stride: int = 1) -> Array:
    """V[:, :, i, j, r, s] = X[:, :, stride·r + i, stride·s + j]: every window, without a copy.

    X : ndarray of shape (n, c, h, w). V, of shape (n, c, k, k, oh, ow), is a view of it, sorted by
    offset: ``V[:, :, i, j]``, one pixel from each window, is the image itself, shifted by (i, j)
    and thinned out. A pixel that several windows see is one number; writing to it writes to X.
    """
    oh, ow = output_size(X.shape[2:], k, stride)
    span = (stride * (oh - 1) + 1, stride * (ow - 1) + 1)  # from the first window to the last
    V = sliding_window_view(X, span, axis=(2, 3), writeable=True)
    return V[:, :, :k, :k, ::stride, ::stride]


def im2col(X: Array, k: int, stride: int = 1) -> Array:
    """Lay every window out as a column: (n, c, h, w) becomes (n, c·k·k, oh·ow).

    Source: Chellapilla, Puri and Simard (2006), *High performance convolutional neural networks for
    document processing*.

    Examples
    --------
    >>> import numpy as np
    >>> X = np.array([[[[0, 1, 2], [3, 4, 5]]]])
    >>> im2col(X, 2)[0].T                    # the columns: first the window of 0, 1, 3 and 4
    array([[0, 1, 3, 4],
           [1, 2, 4, 5]])
    """
    V = windows(X, k, stride)
    n, c, _, _, oh, ow = V.shape
    return V.reshape(n, c * k * k, oh * ow)


def col2im(cols: Array, shape: Shape, k: int, stride: int = 1) -> Array:
    """Add every column to the pixels it came from, (n, c·k·k, oh·ow) to (n, c, h, w) = shape.

    A pixel that several windows saw gets their sum: this is the transpose of `im2col`.
    """
    X = np.zeros(shape, cols.dtype)
    V = windows(X, k, stride)
    cols = cols.reshape(V.shape)
    for i, j in np.ndindex(k, k):  # for one offset, all windows write to different pixels
        V[:, :, i, j] += cols[:, :, i, j]
    return X


def _checked_image(shape: Shape, c: int | None = None) -> Shape:
    """Check that an example is an image, with c channels where that matters."""
    image = f"({c or 'c'}, h, w)"
    mismatch = f"expected images of shape {image}, got examples of shape {shape}"
    if len(shape) != 3:
        raise ValueError(f"{mismatch}: put Reshape{image} first")
    if c not in (None, shape[0]):
        last = shape[-1] == c
        remedy = "move the channels to the front" if last else f"use c_in={shape[0]}"
        raise ValueError(f"c_in: {mismatch}: {remedy}")
    return shape


class Conv2D(Layer):
    """Z[o, r, s] = Σ_c,i,j W[o, c, i, j] X[c, stride·r + i, stride·s + j] + b[o] in every image.

    As everywhere in the field W is not flipped; mathematicians call this a correlation.

    Parameters
    ----------
    c_in, c_out : int
        Number of channels before and after.
    kernel_size, stride : int
        k, the side of a window, and the step from one window to the next, in pixels.
    padding : int
        Rows and columns of zeros on every side of the image; (k − 1)/2 keeps its size at stride 1.
    bias : bool
        Whether there is a b.
    init : callable
        First values of W, from `nnlib.initializers`; b starts at zero.

    Attributes
    ----------
    W, dW : ndarray of shape (c_out, c_in, k, k)
    b, db : ndarray of shape (c_out,)

    Source: LeCun, Bottou, Bengio and Haffner (1998), *Gradient-based learning applied to document
    recognition*.
    """

    W, b = View(), View()
    dW, db = View(), View()
    random = True

    def __init__(
        self,
        c_in: int,
        c_out: int,
        kernel_size: int,
        *,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        init: Initializer = he_normal,
    ) -> None:
        super().__init__()
        self.c_in, self.c_out = whole("c_in", c_in), whole("c_out", c_out)
        self.kernel_size, self.stride = whole("kernel_size", kernel_size), whole("stride", stride)
        self.padding, self.bias = whole("padding", padding, minimum=0), flag("bias", bias)
        self.init: Initializer = function("init", init, "nnlib.initializers.he_normal", 3)

    def shapes(self) -> dict[str, Shape]:
        """W is (c_out, c_in, k, k), b is (c_out,)."""
        W: dict[str, Shape] = {"W": (self.c_out, self.c_in, self.kernel_size, self.kernel_size)}
        return W | {"b": (self.c_out,)} if self.bias else W

    def initialize(self, rng: np.random.Generator) -> None:
        """Draw W, leave b at zero."""
        self.W = self.init(rng, self.W.shape, self.W.dtype)

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(c_in, h, w) becomes (c_out, oh, ow)."""
        if shape is None:
            return None
        size = _checked_image(shape, self.c_in)[1:]
        return (self.c_out, *output_size(size, self.kernel_size, self.stride, self.padding))

    def footprint(self, shape: Shape | None) -> int:
        """c_in·k·k·oh·ow: every pixel stands in up to k·k columns."""
        places = math.prod((self.output_shape(shape) or (1, 1))[1:])
        return max(super().footprint(shape), self.c_in * self.kernel_size**2 * places)

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """Z = W cols + b, shapes (c_out, c_in·k·k)(n, c_in·k·k, oh·ow) = (n, c_out, oh·ow)."""
        p, k = self.padding, self.kernel_size
        if p:
            X = np.pad(X, [(0, 0), (0, 0), (p, p), (p, p)])
        Z = self.W.reshape(self.c_out, -1) @ im2col(X, k, self.stride)
        if self.bias:
            Z += self.b[:, np.newaxis]
        if train:
            self.cache = X
        return Z.reshape(len(X), self.c_out, *output_size(X.shape[2:], k, self.stride))

    def backward(self, dZ: Array, *, input_grad: bool = True) -> Array | None:
        """dW = Σ dZ colsᵀ and db = Σ dZ over all examples, dX = col2im(Wᵀ dZ)."""
        X = self.cached()
        dZ = dZ.reshape(len(dZ), self.c_out, -1)
        cols = im2col(X, self.kernel_size, self.stride)  # k² times as large as X: not kept till now
        sum_of_rows((dZ @ cols.transpose(0, 2, 1)).reshape(-1, *self.dW.shape), out=self.dW)
        del cols
        if self.bias:
            sum_of_rows(dZ.sum(axis=2), out=self.db)
        if not input_grad:
            return None
        dcols = self.W.reshape(self.c_out, -1).T @ dZ
        dX = col2im(dcols, X.shape, self.kernel_size, self.stride)
        inside = slice(self.padding, -self.padding or None)
        return dX[:, :, inside, inside]

    def __repr__(self) -> str:
        name = getattr(self.init, "__name__", type(self.init).__name__)
        stride = "" if self.stride == 1 else f", stride={self.stride}"
        padding = f", padding={self.padding}" if self.padding else ""
        bias = "" if self.bias else ", bias=False"
        init = "" if self.init is he_normal else f", init={name}"
        sizes = f"{self.c_in}, {self.c_out}, {self.kernel_size}"
        return f"Conv2D({sizes}{stride}{padding}{bias}{init})"


class _Pool2D(Layer):
    """What poolings share: a window of k×k pixels, and a stride."""

    def __init__(self, kernel_size: int, stride: int | None = None) -> None:
        super().__init__()
        self.kernel_size = whole("kernel_size", kernel_size)
        self.stride = self.kernel_size if stride is None else whole("stride", stride)

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(c, h, w) becomes (c, oh, ow)."""
        if shape is None:
            return None
        size = _checked_image(shape)[1:]
        return (shape[0], *output_size(size, self.kernel_size, self.stride))

    def _pixels(self, X: Array) -> list[Array]:
        """X[:, :, i::stride, j::stride] for the k·k offsets (i, j): views, one pixel a window."""
        V = windows(X, self.kernel_size, self.stride)
        return [V[:, :, i, j] for i, j in np.ndindex(V.shape[2:4])]

    def __repr__(self) -> str:
        stride = "" if self.stride == self.kernel_size else f", stride={self.stride}"
        return f"{type(self).__name__}({self.kernel_size}{stride})"


class MaxPool2D(_Pool2D):
    """A[c, r, s] = max_i,j X[c, stride·r + i, stride·s + j]: the largest pixel of each window.

    kernel_size : int, the side k of a window. stride : int, or None for k: windows that touch.

    Source: Riesenhuber and Poggio (1999), *Hierarchical models of object recognition in cortex*.
    """

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """A = the maximum over k·k offsets, shape (n, c, oh, ow)."""
        A = reduce(np.maximum, self._pixels(X))
        if train:
            self.cache = (X, A)
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DX: each window sends its dA to its largest pixel; of equals, to the first."""
        X, A = self.cached()
        dX, unsent = np.zeros_like(X), dA.copy()
        for x, dx in zip(self._pixels(X), self._pixels(dX), strict=True):
            sent = unsent * (x == A)
            dx += sent
            unsent -= sent
        return dX


class AvgPool2D(_Pool2D):
    """A[c, r, s] = mean_i,j X[c, stride·r + i, stride·s + j]: the mean of each window.

    kernel_size : int, the side k of a window. stride : int, or None for k: windows that touch.
    """

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """A = the sum over k·k offsets, divided by k², shape (n, c, oh, ow)."""
        if train:
            self.cache = X.shape
        return reduce(np.add, self._pixels(X)) / self.kernel_size**2

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DX: each pixel of a window gets dA / k²."""
        dX, share = np.zeros(self.cached(), dA.dtype), dA / self.kernel_size**2
        for dx in self._pixels(dX):
            dx += share
        return dX


class GlobalAvgPool2D(Layer):
    """A[c] = mean_r,s X[c, r, s]: the mean of each channel, (n, c, h, w) becomes (n, c).

    It stands where Flatten and Dense layers would, has nothing to learn, and takes images of any
    size: with a last convolution of k channels, channel j says where class j is seen.

    Source: Lin, Chen and Yan (2014), *Network in network*, section 3.2.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> nn.Sequential(nn.GlobalAvgPool2D()).forward(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """

    def output_shape(self, shape: Shape | None) -> Shape | None:
        """(c, h, w) becomes (c,)."""
        return None if shape is None else _checked_image(shape)[:1]

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """A = the sum over h·w pixels, divided by h·w, shape (n, c)."""
        if train:
            self.cache = X.shape
        A = X.mean(axis=(2, 3), dtype=np.float64)  # float32 loses the digits of a long sum
        return A.astype(np.result_type(X, np.float32), copy=False)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """DX: each of the h·w pixels gets dA / (h·w)."""
        n, c, h, w = self.cached()
        return np.repeat(dA / (h * w), h * w, axis=1).reshape(n, c, h, w)
