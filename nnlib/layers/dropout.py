"""Dropout: a network that learns with some of its units missing, and predicts with all of them."""

import numpy as np

from .._typing import Array
from .._validation import number
from .layer import Layer


class Dropout(Layer):
    """A = X ⊙ M / (1 − p) in training, dX = dA ⊙ M / (1 − p); A = X otherwise.

    Each entry of the mask M is 0 with probability p and else 1, drawn anew for every batch. The
    mean of M / (1 − p) is 1, so that the next layer gets inputs of the same size in training and
    in use (inverted dropout).

    Parameters
    ----------
    p : float
        Probability of a unit to be dropped, in [0, 1).

    Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), *Dropout: a simple
    way to prevent neural networks from overfitting*.
    """

    random = True

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = number("p", p, below=1)

    def initialize(self, rng: np.random.Generator) -> None:
        """Keep the Generator: every training pass draws a mask from it."""
        self.rng = rng

    def forward(self, X: Array, *, train: bool = False) -> Array:
        """A = X ⊙ M / (1 − p) with ``train=True``, else X itself."""
        if train:
            self.cache = 1 if self.frozen else self._mask(X)
        return X * self.cache if train else X

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dX = dA ⊙ M / (1 − p), with the mask of the forward pass."""
        return dA * self.cached()

    def _mask(self, X: Array) -> Array:
        """Draw M / (1 − p)."""
        if self.rng is None:
            raise RuntimeError(
                f"{self!r} has no rng yet: a network gives it one, "
                f"so put it into one first: net = nnlib.Sequential({self!r})"
            )
        # float32 is fine enough for a yes or no, and both dtypes drop the same units.
        M = self.rng.random(X.shape, dtype=np.float32) >= self.p
        return M.astype(X.dtype) / (1 - self.p)

    def __repr__(self) -> str:
        return f"Dropout({self.p!r})"
