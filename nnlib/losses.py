"""Losses: how wrong a batch of outputs is, and which way each output should move.

A loss owns the only 1/n of the whole network: its gradient is that of the *mean*, and every layer
below just passes sums on. A loss also owns its link: what its outputs mean as probabilities and
as predictions.
"""

from typing import Any

import numpy as np

from nnlib._typing import Array, Labels, Shape, Targets
from nnlib._validation import finite, real, same_length
from nnlib.activations import log_softmax, sigmoid, softmax

_REMEDY = "look for NaN in X, a learning rate that is too large, or a division by 0"


class Loss:
    """What a network asks of a loss: the protocol that every loss follows."""

    classification = False
    """Whether the predictions are classes, so that an accuracy makes sense."""

    def value(self, Z: Array, y: Targets) -> float:
        """Return the loss of a batch, a mean over its examples."""
        return self.value_and_grad(Z, y)[0]

    def value_and_grad(self, Z: Array, y: Targets) -> tuple[float, Array]:
        """Return the loss of a batch and ∂L/∂Z, of the shape of Z."""
        raise NotImplementedError(f"{type(self).__name__}.value_and_grad is not written")

    def probabilities(self, Z: Array) -> Array:
        """Return what the outputs Z say as probabilities."""
        raise TypeError(f"{self!r} has no probabilities: it compares numbers; use predict")

    def predictions(self, Z: Array) -> Array | Labels:
        """Return the best guess for each example."""
        raise NotImplementedError(f"{type(self).__name__}.predictions is not written")

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Check y against outputs of this shape and return it as an array."""
        raise NotImplementedError(f"{type(self).__name__}.check_targets is not written")

    def _checked(self, Z: Array, y: Any, name: str = "Z") -> tuple[Array, Any]:
        """Check outputs and targets at once."""
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


def _class_labels(shape: Shape, y: Any) -> Labels:
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
    same_length(y=y, Z=range(n))
    if y.min() < 0 or y.max() >= k:
        wrong = y[(y < 0) | (y >= k)][0]
        raise ValueError(
            f"y: expected class labels from 0 to {k - 1} for {k} outputs, got {wrong}: "
            "number the classes from 0, or give the last layer more outputs"
        )
    return y


def _real_targets(shape: Shape, y: Any) -> Array:
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


class SoftmaxCrossEntropy(Loss):
    """L = −(1/n) Σ_r log softmax(Z_r)[y_r], ∂L/∂Z = (P − Y)/n.

    Z : ndarray of shape (n, k), the logits, any real numbers. y : integer labels of shape (n,).
    The loss is in nats; log k is what guessing costs.

    Source: Bridle (1990); Goodfellow, Bengio and Courville (2016), *Deep Learning*, 6.2.2.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> Z = np.log([[1.0, 1.0, 2.0]])        # softmax: 1/4, 1/4, 1/2
    >>> nn.SoftmaxCrossEntropy().value_and_grad(Z, np.array([2]))[1]
    array([[ 0.25,  0.25, -0.5 ]])
    """

    classification = True

    def value(self, Z: Array, y: Targets) -> float:
        """L alone, a little faster."""
        Z, y = self._checked(Z, y)
        rows = np.arange(len(y))
        return float(-log_softmax(Z)[rows, y].mean())

    def value_and_grad(self, Z: Array, y: Targets) -> tuple[float, Array]:
        """L and dZ = (P − Y)/n."""
        Z, y = self._checked(Z, y)
        rows = np.arange(len(y))
        log_P = log_softmax(Z)
        value = -log_P[rows, y].mean()
        dZ = np.exp(log_P)
        dZ[rows, y] -= 1
        dZ /= len(y)
        return float(value), dZ

    def probabilities(self, Z: Array) -> Array:
        """P = softmax(Z), shape (n, k)."""
        return softmax(Z)

    def predictions(self, Z: Array) -> Labels:
        """Return the class with the largest logit, shape (n,)."""
        return Z.argmax(axis=1)

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Labels 0 … k − 1 of shape (n,)."""
        return _class_labels(shape, y)


class CrossEntropy(Loss):
    """L = −(1/n) Σ_r log P_r[y_r], ∂L/∂P = −Y / (n P): on probabilities, after a `Softmax` layer.

    P : ndarray of shape (n, k), in [0, 1], rows summing to 1. A probability that rounded to 0
    counts as the smallest normal number of its dtype, or the loss would be infinite; its gradient
    is lost on the way through softmax, so `SoftmaxCrossEntropy` is the one to train with.
    """

    classification = True

    def value_and_grad(self, Z: Array, y: Targets) -> tuple[float, Array]:
        """L and dP = −Y / (n P)."""
        P, y = self._checked(Z, y, "P")
        n, rows = len(y), np.arange(len(y))
        p = np.maximum(P[rows, y], np.finfo(P.dtype).tiny)
        dP = np.zeros_like(P)
        dP[rows, y] = -1 / n / p
        return float(-np.log(p).mean()), dP

    def probabilities(self, Z: Array) -> Array:
        """P itself."""
        return Z

    def predictions(self, Z: Array) -> Labels:
        """Return the most probable class, shape (n,)."""
        return Z.argmax(axis=1)

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Labels 0 … k − 1 of shape (n,)."""
        return _class_labels(shape, y)

    def _checked(self, Z: Array, y: Any, name: str = "P") -> tuple[Array, Any]:
        P, y = super()._checked(Z, y, name)
        sums = P.sum(axis=1)
        if P.min() < 0 or not np.allclose(sums, 1, atol=1e-3):
            raise ValueError(
                f"P: expected rows of probabilities that sum to 1, got an entry of {P.min():.4g} "
                f"and row sums from {sums.min():.4g} to {sums.max():.4g}: end the network in "
                "Softmax(), or use SoftmaxCrossEntropy on the logits"
            )
        return P, y


class SigmoidCrossEntropy(Loss):
    """L = mean of max(Z, 0) − Z·y + log(1 + e^−|Z|), ∂L/∂Z = (sigmoid(Z) − y)/(n·k).

    Yes-or-no questions: k = 1 output for two classes, k outputs for k labels that do not exclude
    each other. Z : ndarray of shape (n, k). y : 0 or 1 (or a probability between), shape (n, k), or
    (n,) when k = 1. The mean is over all n·k entries, as in PyTorch's BCEWithLogitsLoss.
    """

    classification = True

    def value_and_grad(self, Z: Array, y: Targets) -> tuple[float, Array]:
        """L and dZ = (sigmoid(Z) − y)/(n·k)."""
        Z, y = self._checked(Z, y)
        y = y.astype(Z.dtype, copy=False)
        value = (np.maximum(Z, 0) - Z * y + np.log1p(np.exp(-np.abs(Z)))).mean()
        dZ = (sigmoid(Z) - y) / Z.size
        return float(value), dZ

    def probabilities(self, Z: Array) -> Array:
        """P(y = 1) = sigmoid(Z), of the shape of Z."""
        return sigmoid(Z)

    def predictions(self, Z: Array) -> Labels:
        """1 where the probability is above 1/2, else 0; shape (n,) for one output."""
        yes = (Z > 0).astype(np.int64)
        return yes[:, 0] if Z.shape[1] == 1 else yes

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Numbers from 0 to 1, one for each output."""
        y = _real_targets(shape, y)
        if y.min() < 0 or y.max() > 1:
            wrong = y[(y < 0) | (y > 1)][0]
            raise ValueError(
                f"y: expected 0 for no and 1 for yes, or a probability between, got {wrong:g}: "
                "for more than two classes use SoftmaxCrossEntropy"
            )
        return y


class MeanSquaredError(Loss):
    """L = mean of (Z − y)², ∂L/∂Z = 2 (Z − y)/(n·k), for real-valued targets.

    Z : ndarray of shape (n, k). y : shape (n, k), or (n,) when k = 1. The mean is over all n·k
    entries, as in PyTorch, Keras and scikit-learn; its unit is the target's unit squared.
    """

    def value_and_grad(self, Z: Array, y: Targets) -> tuple[float, Array]:
        """L and dZ = 2 (Z − y)/(n·k)."""
        Z, y = self._checked(Z, y)
        E = Z - y.astype(Z.dtype, copy=False)
        return float((E * E).mean()), 2 / Z.size * E

    def predictions(self, Z: Array) -> Array:
        """Z itself; shape (n,) for one output."""
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Real numbers, one for each output."""
        return _real_targets(shape, y)
