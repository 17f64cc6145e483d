"""What all losses share: the mean over the examples, their weights, and checks of targets."""

from typing import Any

import numpy as np

from nnlib._typing import Array, Labels, Shape, Targets
from nnlib._validation import finite, real, same_length

_REMEDY = "look for NaN in X, a learning rate that is too large, or a division by 0"


class Loss:
    """What a network asks of a loss: the protocol that every loss follows.

    A subclass writes `per_example`, `predictions` and `check_targets`; the mean is taken here.
    """

    classification = False
    """Whether the predictions are classes, so that an accuracy makes sense."""

    outputs = "Z"
    """The letter of what the loss is about, for errors."""

    def value(self, Z: Array, y: Any, sample_weight: Any = None) -> float:
        """Return the loss of a batch, a mean over its examples."""
        weights = () if sample_weight is None else (sample_weight,)
        return self.value_and_grad(Z, y, *weights)[0]

    def value_and_grad(
        self, Z: Array, y: Any, sample_weight: Any = None, *, check: bool = True
    ) -> tuple[float, Array]:
        """L = (1/n) Σ_r L_r and ∂L/∂Z, the mean over the examples; or, weighted, Σ s_r L_r / Σ s_r.

        Parameters
        ----------
        Z : ndarray of shape (n, k)
            The network's outputs.
        y : ndarray
            The targets.
        sample_weight : ndarray of shape (n,)
            How much each example counts, s_r ≥ 0; None: all the same. If none counts, L = 0.
        check : bool
            False: Z and y are known to fit, as in training, where all data are checked at once.
        """
        if check:
            Z, y = self._checked(Z, y)
        values, dZ = self.per_example(Z, y)
        if sample_weight is not None:
            s = check_sample_weight(sample_weight, len(Z)).astype(Z.dtype, copy=False)
            values, dZ = s * values, s[:, np.newaxis] * dZ
        total = self.total_weight(y, sample_weight)
        if not total:
            return 0.0, np.zeros_like(dZ)
        dZ /= total
        return float(values.sum() / total), dZ

    def per_example(self, Z: Array, y: Any) -> tuple[Array, Array]:
        """Return L_r, shape (n,), and the rows ∂L_r/∂Z_r, shape (n, k), in a new array."""
        raise NotImplementedError(f"{type(self).__name__}.per_example is not written")

    def total_weight(self, y: Any, sample_weight: Any = None) -> float:
        """Return what the sum over the examples is divided by: n, or the sum of their weights."""
        return float(len(y) if sample_weight is None else np.sum(sample_weight))

    def probabilities(self, Z: Array) -> Array:
        """Return what the outputs Z say as probabilities."""
        raise TypeError(f"{self!r} has no probabilities: it compares numbers; use predict")

    def predictions(self, Z: Array) -> Array | Labels:
        """Return the best guess for each example."""
        raise NotImplementedError(f"{type(self).__name__}.predictions is not written")

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Check y against outputs of this shape and return it as an array."""
        raise NotImplementedError(f"{type(self).__name__}.check_targets is not written")

    def _checked(self, Z: Any, y: Any) -> tuple[Array, Any]:
        """Check outputs and targets at once."""
        name = self.outputs
        Z = real(name, Z)
        if Z.ndim != 2 or 0 in Z.shape:
            raise ValueError(
                f"{name}: expected one row for each example and one column for each output, "
                f"shape (n, k) with n ≥ 1 and k ≥ 1, got {Z.shape}"
            )
        y = self.check_targets(Z.shape, y)
        finite(name, Z, _REMEDY)
        return Z, y

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def check_sample_weight(sample_weight: Any, n: int) -> Array:
    """Check one weight of 0 or more for each of n examples."""
    s = real("sample_weight", sample_weight)
    if s.shape != (n,):
        raise ValueError(
            f"sample_weight: expected one weight for each example, shape ({n},), got {s.shape}"
        )
    finite("sample_weight", s, "0 leaves an example out")
    if s.min() < 0:
        raise ValueError(
            f"sample_weight: expected weights of 0 or more, got {s.min():g}: "
            "0 leaves an example out"
        )
    return s


def class_labels(shape: Shape, y: Any) -> Labels:
    """Check labels 0 … k − 1 for outputs of shape (n, k)."""
    y = np.asarray(y)
    n, k = shape
    if y.ndim != 1:
        raise ValueError(
            f"y: expected class labels of shape (n,), got shape {y.shape}: "
            "turn one-hot rows into labels with Y.argmax(axis=1), a column into (n,) with y.ravel()"
        )
    if y.dtype.kind not in "iu":
        numbers = y.dtype.kind in "fb"
        remedy = "use y.astype(int)" if numbers else "names, y = np.unique(y, return_inverse=True)"
        raise TypeError(f"y: expected integer class labels, got dtype {y.dtype}: {remedy}")
    if len(y) != n:
        same_length(y=y, Z=range(n))
    if y.min() < 0 or y.max() >= k:
        wrong = y[(y < 0) | (y >= k)][0]
        raise ValueError(
            f"y: expected class labels from 0 to {k - 1} for {k} outputs, got {wrong}: "
            "number the classes from 0, or give the last layer more outputs"
        )
    return y


def real_targets(shape: Shape, y: Any) -> Array:
    """Check one target for each output of shape (n, k); (n,) will do for k = 1."""
    y = real("y", y)
    column = shape[1] == 1 and y.shape == shape[:1]
    if not column and y.shape != shape:
        either = f"{shape[:1]} or {shape}" if shape[1] == 1 else f"{shape}"
        raise ValueError(
            f"y: expected one target for each output, shape {either}, got {y.shape}: "
            "a broadcast would compare every output with every target"
        )
    finite("y", y, "clean the targets first")
    return y.reshape(shape)
