"""A 3×3 kernel that slides over a digit: the window, its nine products, and the map of sums."""

from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib.explorers._drawing import digits, enlarged

K = 3
"""Rows and columns of the kernel."""

EDGES = np.array([[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]])

KERNELS: dict[str, Array] = {
    "identity": np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "blur": np.full((K, K), 1 / 9),
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "horizontal edges": EDGES,
    "vertical edges": EDGES.T.copy(),
    "Sobel": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
}

OWN = "your own"
"""The name of every other kernel."""

LARGEST = 100.0
"""Size of a kernel's number at the most."""


class Sliding:
    """A convolution of one digit with one kernel, seen at one place of its output."""

    def __init__(self) -> None:
        self.digit, self.side, self.stride, self.padding = 5, 8, 1, 0
        self.W = KERNELS["vertical edges"].copy()
        self.row, self.column, self.whole = 2, 3, False

    @property
    def image(self) -> Array:
        """The digit, 8×8 or enlarged."""
        X = digits().X_test[self.digit].reshape(8, 8)
        return X if self.side == len(X) else enlarged(X, self.side)

    @property
    def layer(self) -> nn.Conv2D:
        """The convolution, with this kernel in it."""
        layer = nn.Conv2D(1, 1, K, stride=self.stride, padding=self.padding, bias=False)
        nn.Sequential(layer)
        layer.W = self.W[np.newaxis, np.newaxis]
        return layer

    @property
    def Z(self) -> Array:
        """The whole output, a map of sums."""
        return self.layer.forward(self.image[np.newaxis, np.newaxis])[0, 0]

    @property
    def size(self) -> int:
        """Rows, and columns, of the output."""
        shape = self.layer.output_shape((1, self.side, self.side))
        assert shape is not None
        return shape[1]

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the image where the window begins; negative in the padding."""
        r, s = self.stride * self.row, self.stride * self.column
        return r - self.padding, s - self.padding

    @property
    def window(self) -> Array:
        """The nine pixels under the kernel."""
        X = np.pad(self.image, self.padding)
        i, j = (c + self.padding for c in self.corner)
        return X[i : i + K, j : j + K]

    @property
    def products(self) -> Array:
        """Each pixel times the kernel's number on it; their sum is the output at this place."""
        return self.window * self.W

    @property
    def kernel_name(self) -> str:
        """The preset that the kernel is."""
        return next((name for name, W in KERNELS.items() if np.array_equal(W, self.W)), OWN)

    def change(self, name: str, value: int) -> None:
        """Set one of the numbers; the place stays inside the output."""
        setattr(self, name, value)
        last = self.size - 1
        self.row, self.column = min(self.row, last), min(self.column, last)

    def next(self) -> bool:
        """Move to the next place, as one reads; after the last comes the first, and False."""
        place = (self.row * self.size + self.column + 1) % self.size**2
        self.row, self.column = divmod(place, self.size)
        return place > 0

    def seen(self) -> Array:
        """Return the output as far as the kernel has come; NaN beyond."""
        Z = self.Z.copy()
        if not self.whole:
            Z.ravel()[self.row * self.size + self.column + 1 :] = np.nan
        return Z

    def words(self) -> str:
        """Say it."""
        Z = self.Z
        return (
            f"Row {self.row + 1}, column {self.column + 1} of the output: nine products add up to "
            f"{signed(Z[self.row, self.column])}. The whole map goes from {signed(Z.min())} to "
            f"{signed(Z.max())}. Stride {self.stride}, padding {self.padding}: "
            f"{self.side}×{self.side} becomes {self.size}×{self.size}."
        )


def signed(value: float | np.floating[Any], form: str = ".2f") -> str:
    """Write a number with a true minus, and no minus before zero."""
    text = format(abs(value), form)
    return f"−{text}" if value < 0 and float(text) else text
