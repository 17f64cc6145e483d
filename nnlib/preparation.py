"""Preparation: what is done to inputs before the network sees them, kept with the model.

``nnlib.Model(net, loss, optimizer, prepare=Standardize)`` prepares whatever comes to fit, evaluate
and predict, and a saved model remembers how. The first fit finds the numbers, in the examples that
are trained on; ``prepare=Standardize.fit(X_train)`` has them already.
"""

from typing import Any, Self

import numpy as np

from ._arrays import array, gives_rows
from ._typing import Array, Shape
from ._validation import finite, number, quiet_overflow, real, shape_text
from .layers.layer import sizes


class Preparation:
    """A function of inputs, example by example, whose numbers come from the training data alone.

    A subclass writes `prepared`, and keeps each option of ``__init__`` under its own name.
    """

    def __call__(self, X: Any) -> Array:
        """Prepare a batch, which stays as it is."""
        X = real("X", X)
        some_rows(X, "X[numpy.newaxis] of a single one")
        return self.prepared(X)

    def prepared(self, X: Array) -> Array:
        """Return new inputs, one row for each example."""
        raise NotImplementedError(f"{type(self).__name__}.prepared is not written")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def some_rows(X: Array, remedy: str) -> None:
    """Make sure that there are examples, one in a row."""
    if X.ndim < 2 or len(X) == 0:
        raise ValueError(
            f"X: expected shape (n, d) with at least one example, got {X.shape}: one row for each "
            f"example, {remedy}"
        )


class Standardize(Preparation):
    """X′ = (X − mean) / scale: each feature gets mean 0 and standard deviation 1.

    Parameters
    ----------
    mean, scale : array_like of the shape of an example
        The training data's mean and standard deviation, in the unit of each feature; scale > 0.

    Examples
    --------
    >>> import nnlib as nn
    >>> X_train = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> standardize = nn.Standardize.fit(X_train)
    >>> standardize([[2.0, 6.0]])            # a feature that never changes keeps its scale
    array([[0., 1.]])
    """

    def __init__(self, mean: Any, scale: Any) -> None:
        self.mean, self.scale = real("mean", mean, np.float64), real("scale", scale, np.float64)
        if self.mean.shape != self.scale.shape:
            raise ValueError(
                f"scale: expected one number for each in mean, shape {self.mean.shape}, got "
                f"{self.scale.shape}: Standardize.fit(X_train) finds both"
            )
        finite("mean", self.mean, "leave out the features whose mean is not known")
        finite("scale", self.scale, "leave out the features whose scale is not known")
        if not (self.scale > 0).all():
            raise ValueError(
                f"scale: expected numbers above 0, got {self.scale.min():g}: give a feature that "
                "never changes the scale 1, as Standardize.fit(X_train) does"
            )

    @classmethod
    def fit(cls, X: Any) -> Self:
        """Take mean and standard deviation of training data; 1 where a feature never changes."""
        X = real("X", X, np.float64)
        some_rows(X, "numpy.reshape(X, (-1, 1)) of a single feature")
        finite("X", X, "fill in or leave out what is missing before training")
        with quiet_overflow():
            mean, scale = X.mean(axis=0), X.std(axis=0)
        # Equal numbers have a standard deviation of some rounding errors, not of exactly 0.
        return cls(mean, np.where(scale > 1e-12 * np.abs(mean), scale, 1.0))

    def prepared(self, X: Array) -> Array:
        """(X − mean) / scale, in the dtype of X."""
        if X.shape[1:] != self.mean.shape:
            raise ValueError(
                f"X: expected shape {shape_text(self.mean.shape)}, as the data that Standardize "
                f"was made of, got {X.shape}: one row for each example"
            )
        return ((X - self.mean) / self.scale).astype(X.dtype, copy=False)

    def __repr__(self) -> str:
        return f"Standardize(mean and scale of shape {self.mean.shape})"


class Pixels(Preparation):
    """X′ = X / white, of the shape that is asked for: bytes become images of numbers in [0, 1].

    Parameters
    ----------
    *shape : int
        The sizes of one image: ``Pixels(1, 28, 28)`` for a convolution, ``Pixels(784)`` for Dense.
    white : float
        The value of a full pixel: 255 for bytes, 1 for pixels that are in [0, 1] already.

    Examples
    --------
    >>> import nnlib as nn
    >>> nn.Pixels(1, 2, 2, white=255)(np.array([[0, 51, 102, 255]], np.uint8))
    array([[[[0. , 0.2],
             [0.4, 1. ]]]])
    """

    def __init__(self, *shape: int, white: float = 1.0) -> None:
        self.shape: Shape = sizes(shape)
        self.white = number("white", white, strict=True)

    def prepared(self, X: Array) -> Array:
        """X / white, each row as an image."""
        if X[:1].size != (d := int(np.prod(self.shape))) or X.max() > self.white or X.min() < 0:
            got = f"{X[:1].size} from {X.min():g} to {X.max():g}"
            raise ValueError(
                f"X: expected {d} pixels an example from 0 to {self.white:g}, for {self!r}, got "
                f"{got}: give Pixels the sizes and the white of these images"
            )
        return (X / self.white).astype(X.dtype, copy=False).reshape(len(X), *self.shape)

    def __repr__(self) -> str:
        return f"Pixels({', '.join(map(str, self.shape))}, white={self.white:g})"


def prepared_inputs(prepare: Preparation | None, X: Any) -> Any:
    """Prepare inputs; what is read row by row is prepared so, too."""
    if prepare is None:
        return X
    return PreparedRows(X, prepare) if gives_rows(X) else prepare(X)


class PreparedRows:
    """Rows that are prepared when they are read."""

    def __init__(self, rows: Any, prepare: Preparation) -> None:
        self.rows, self.prepare = rows, prepare

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int) -> Array:
        return self.prepare(array(f"X[{i}]", self.rows[i])[np.newaxis])[0]
