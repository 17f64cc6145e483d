"""Losses: how wrong a batch of outputs is, and which way each output should move.

A loss owns the only 1/n of the whole network: its gradient is that of the *mean*, and every layer
below just passes sums on. A loss also owns its link: what its outputs mean as probabilities and
as predictions.
"""

from typing import Any

import numpy as np

from ._targets import (
    are_shares,
    check_weights,
    class_labels,
    class_shares,
    class_weights,
    real_targets,
    sum_to_one,
    two_classes,
    whole_y,
)
from ._typing import Array, Labels, Shape, Targets
from ._validation import by_hand, finite, number, quiet_overflow, real
from .activations import log_softmax, sigmoid, softmax

_REMEDY = "look for NaN in X, a learning rate that is too large, or a division by 0"


class Loss:
    """What a network asks of a loss: the protocol that every loss follows.

    A subclass writes `per_example`, `predictions` and `check_targets`; the mean is taken here.
    """

    classification = False
    """Whether the predictions are classes, so that an accuracy makes sense."""

    outputs = "Z"
    """The letter of what the loss is about, for errors."""

    unit = ""
    """What the loss is counted in, for plots; numbers have a unit that only their user knows."""

    may_overflow = True
    """Whether finite outputs may have an infinite loss: squares do, logarithms do not."""

    link = ""
    """The function that the loss has inside, if it takes logits, or the logarithms of rates."""

    def value(self, Z: Array, y: Any, weights: Any = None, total: float | None = None) -> float:
        """Return the loss of a batch, a mean over its examples."""
        if weights is None and total is None:  # a subclass may know of Z and y alone
            return self.value_and_grad(Z, y)[0]
        return self.value_and_grad(Z, y, weights, total)[0]

    def _checked(
        self, Z: Any, y: Any, weights: Any = None, total: Any = None
    ) -> tuple[Any, dict[str, Any]]:
        """Check outputs, targets and weights at once."""
        name = self.outputs
        Z = real(name, Z)
        if Z.ndim != 2 or 0 in Z.shape:
            raise ValueError(
                f"{name}: expected one row for each example and one column for each output, "
                f"shape (n, k) with n ≥ 1 and k ≥ 1, got {Z.shape}"
            )
        y = self.check_targets(Z.shape, y)
        finite(name, Z, _REMEDY)
        weights = None if weights is None else check_weights("weights", weights, len(Z))
        return (Z, y, weights, None if total is None else number("total", total)), {}

    @by_hand(_checked)
    def value_and_grad(
        self, Z: Array, y: Any, weights: Any = None, total: float | None = None
    ) -> tuple[float, Array]:
        """L = (1/n) Σ_r L_r and ∂L/∂Z, the mean over the examples; or, weighted, Σ s_r L_r / Σ s_r.

        Parameters
        ----------
        Z : ndarray of shape (n, k)
            The network's outputs.
        y : ndarray
            The targets.
        weights : ndarray of shape (n,)
            How much each example counts, s_r ≥ 0; None: all the same. If none counts, L = 0.
        total : float
            What the sum over the examples is divided by; None: by n, or Σ s_r. In training it is
            n times the mean weight of *all* training data, or a batch of one would count the same
            whatever its weight.
        """
        values, dZ = self.per_example(Z, y)
        if weights is not None:
            s = weights.astype(Z.dtype, copy=False)
            values, dZ = s * values, s[:, np.newaxis] * dZ
        if total is None:
            total = self.total_weight(y, weights)
        if not total:
            return 0.0, np.zeros_like(dZ)
        dZ /= total
        return float(values.sum() / total), dZ

    def per_example(self, Z: Array, y: Any) -> tuple[Array, Array]:
        """Return L_r, shape (n,), and the rows ∂L_r/∂Z_r, shape (n, k), in a new array."""
        raise NotImplementedError(f"{type(self).__name__}.per_example is not written")

    def total_weight(self, y: Any, weights: Any = None) -> float:
        """Return what the sum over the examples is divided by: n, or the sum of their weights."""
        return float(len(y) if weights is None else np.sum(np.asarray(weights), dtype=np.float64))

    def probabilities(self, Z: Array) -> Array:
        """Return what the outputs Z say as probabilities."""
        raise TypeError(f"{self!r} has no probabilities: it compares numbers; use predict")

    def predictions(self, Z: Array) -> Array | Labels:
        """Return the best guess for each example."""
        raise NotImplementedError(f"{type(self).__name__}.predictions is not written")

    def answers(self, y: Targets) -> Targets:
        """Return what the predictions should be, if they are classes: y itself, if these are."""
        return y

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Check y against outputs of this shape and return it as an array."""
        raise NotImplementedError(f"{type(self).__name__}.check_targets is not written")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class SoftmaxCrossEntropy(Loss):
    """L = −(1/n) Σ_r log softmax(Z_r)[y_r], ∂L/∂Z = (P − Y)/n.

    Z : ndarray of shape (n, k), the logits, any real numbers. y : integer labels of shape (n,), or
    floats of shape (n, k), rows of 0 or more that sum to 1: how likely each class is, as in mixup
    and distillation. Then L_r = −Σ_j y_rj log P_rj, Y = y, and the right answer is the likeliest.
    The loss is in nats; log k is what guessing costs.

    Parameters
    ----------
    label_smoothing : float
        ε in [0, 1): the truth is taken to be (1 − ε) Y + ε/k, so that no logit runs to infinity.
    class_weight : array_like of shape (k,)
        c_j ≥ 0: how much an example of class j counts, for classes of unequal size; the mean is
        then Σ_r c_(y_r) L_r / Σ_r c_(y_r), with L_r = −Σ_j c_j T_rj log P_rj / c_(y_r) if the truth
        T is smoothed, as in PyTorch. `nnlib.balanced_class_weight` makes all classes equal. Of
        rows Σ_j c_j y_rj takes the place of c_(y_r); PyTorch divides those by n.

    Source: Bridle (1990); Goodfellow, Bengio and Courville (2016), *Deep Learning*, 6.2.2; label
    smoothing: Szegedy et al. (2016), *Rethinking the Inception architecture*, section 7.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> Z = np.log([[1.0, 1.0, 2.0]])        # softmax: 1/4, 1/4, 1/2
    >>> nn.SoftmaxCrossEntropy().value_and_grad(Z, np.array([2]))[1]
    array([[ 0.25,  0.25, -0.5 ]])
    >>> nn.SoftmaxCrossEntropy().value_and_grad(Z, np.array([[0.0, 0.25, 0.75]]))[1].round(2)
    array([[ 0.25,  0.  , -0.25]])
    """

    classification = True
    unit = "nats per example"
    may_overflow = False
    link = "softmax"

    def __init__(self, *, label_smoothing: float = 0.0, class_weight: Any = None) -> None:
        self.label_smoothing = number("label_smoothing", label_smoothing, below=1)
        self.class_weight = None if class_weight is None else class_weights(class_weight)

    def per_example(self, Z: Array, y: Targets) -> tuple[Array, Array]:
        """L_r = log Σ_j e^(Z_rj) − Z_(r, y_r) and dZ_r = P_r − Y_r."""
        if y.ndim == 2 or self.label_smoothing or self.class_weight is not None:
            return self._towards(self._target(Z, y), Z)
        rows = np.arange(len(y))
        Z = np.asfortranarray(Z)  # maxima and sums then run down whole columns
        D = Z - Z.max(axis=1, keepdims=True)
        E = np.exp(D)
        S = E.sum(axis=1, keepdims=True)
        dZ = np.divide(E, S, out=E)
        dZ[rows, y] -= 1
        return np.log(S[:, 0]) - D[rows, y], dZ

    def _target(self, Z: Array, y: Targets) -> Array:
        """T = c ⊙ ((1 − ε) Y + ε/k), shape (n, k): the truth, smoothed and weighted."""
        k, ε = Z.shape[1], self.label_smoothing
        if y.ndim == 2:
            T = (1 - ε) * y.astype(Z.dtype, copy=False) + ε / k
        else:
            T = np.full_like(Z, ε / k)
            T[np.arange(len(y)), y] += 1 - ε
        return T if self.class_weight is None else T * self.class_weight.astype(Z.dtype)

    def _towards(self, T: Array, Z: Array) -> tuple[Array, Array]:
        """L_r = −Σ_j T_rj log P_rj and dZ_rj = P_rj Σ_i T_ri − T_rj."""
        log_P = log_softmax(Z)
        dZ = np.exp(log_P) * T.sum(axis=1, keepdims=True) - T
        return -(T * log_P).sum(axis=1), dZ

    def total_weight(self, y: Any, weights: Any = None) -> float:
        """Σ_r s_r c_(y_r), or Σ_r s_r Σ_j c_j y_rj."""
        if self.class_weight is None:
            return super().total_weight(y, weights)
        c = self.class_weight[y] if np.ndim(y) == 1 else y @ self.class_weight
        return float(c.sum() if weights is None else np.dot(c, weights))

    def probabilities(self, Z: Array) -> Array:
        """P = softmax(Z), shape (n, k)."""
        return softmax(Z)

    def predictions(self, Z: Array) -> Labels:
        """Return the class with the largest logit, shape (n,)."""
        return Z.argmax(axis=1)

    def answers(self, y: Targets) -> Targets:
        """The labels, or the likeliest classes."""
        return y.argmax(axis=1) if y.ndim == 2 else y

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Labels 0 … k − 1 of shape (n,), or rows of probabilities of shape (n, k)."""
        if self.class_weight is not None and len(self.class_weight) != shape[1]:
            raise ValueError(
                f"class_weight: expected one weight for each of {shape[1]} outputs, "
                f"got {len(self.class_weight)}"
            )
        return class_shares(shape, y) if are_shares("y", y) else class_labels(shape, y)

    def __repr__(self) -> str:
        options = [f"label_smoothing={self.label_smoothing}"] if self.label_smoothing else []
        if self.class_weight is not None:
            options.append(f"class_weight={self.class_weight.tolist()}")
        return f"SoftmaxCrossEntropy({', '.join(options)})"


def balanced_class_weight(y: Any) -> Array:
    """c_j = n / (k n_j): weights under which all k classes count the same, however many they are.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Labels 0 … k − 1, each at least once.

    Examples
    --------
    >>> balanced_class_weight(np.array([0, 0, 0, 1]))
    array([0.66666667, 2.        ])
    """
    y = whole_y(y)
    classes, counts = np.unique(y, return_counts=True)
    if y.size == 0 or (classes != np.arange(len(classes))).any():
        raise ValueError(
            f"y: expected class labels from 0, every class at least once, got {y!r}: names, "
            "y = numpy.unique(y, return_inverse=True) makes such labels"
        )
    return len(y) / (len(counts) * counts)


class CrossEntropy(Loss):
    """L = −(1/n) Σ_r log P_r[y_r], ∂L/∂P = −Y / (n P): on probabilities, after a `Softmax` layer.

    P : ndarray of shape (n, k), in [0, 1], rows summing to 1. A probability that rounded to 0
    counts as the smallest normal number of its dtype, or the loss would be infinite; its gradient
    is lost on the way through softmax, so `SoftmaxCrossEntropy` is the one to train with.

    Examples
    --------
    >>> P = np.array([[0.0, 1.0]], np.float32)
    >>> round(CrossEntropy().value(P, [0]), 1), round(CrossEntropy().value(np.float64(P), [0]), 1)
    (87.3, 708.4)
    """

    classification = True
    unit = "nats per example"
    outputs = "P"

    def per_example(self, Z: Array, y: Labels) -> tuple[Array, Array]:
        """L_r = −log P_(r, y_r) and dP_r = −Y_r / P_r."""
        P, rows = _probabilities(Z), np.arange(len(y))
        p = np.maximum(P[rows, y], np.finfo(P.dtype).tiny)
        dP = np.zeros_like(P, dtype=np.longdouble)
        dP[rows, y] = -1 / p
        return -np.log(p), dP

    def value_and_grad(
        self, Z: Array, y: Any, weights: Any = None, total: float | None = None
    ) -> tuple[float, Array]:
        """L and ∂L/∂P; weighted in longer floats, since four times the largest 1/P is infinite."""
        with np.errstate(over="ignore"):  # where longdouble is no longer than float64
            value, dP = super().value_and_grad(Z, y, weights, total)
        dtype = real("P", Z).dtype
        most = np.finfo(dtype).max
        return value, dP.clip(-most, most).astype(dtype)

    def probabilities(self, Z: Array) -> Array:
        """P itself."""
        return Z

    def predictions(self, Z: Array) -> Labels:
        """Return the most probable class, shape (n,)."""
        return Z.argmax(axis=1)

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Labels 0 … k − 1 of shape (n,)."""
        return class_labels(shape, y)


def _probabilities(P: Array) -> Array:
    """Check outputs that must be probabilities: no check of the data can stand in for this one."""
    sum_to_one("P", P, "end the network in Softmax(), or use SoftmaxCrossEntropy on the logits")
    return P


class SigmoidCrossEntropy(Loss):
    """L = mean of max(Z, 0) − Z·y + log(1 + e^−|Z|), ∂L/∂Z = (sigmoid(Z) − y)/(n·k).

    Yes-or-no questions: k = 1 output for two classes, k outputs for k labels that do not exclude
    each other. Z : ndarray of shape (n, k). y : 0 or 1 (or a probability between), shape (n, k), or
    (n,) when k = 1. The mean is over all n·k entries, as in PyTorch's BCEWithLogitsLoss.
    """

    classification = True
    unit = "nats per label"
    link = "sigmoid"

    def per_example(self, Z: Array, y: Array) -> tuple[Array, Array]:
        """The mean over the k outputs, and dZ_r = (sigmoid(Z_r) − y_r)/k."""
        y = y.astype(Z.dtype, copy=False)
        values = np.maximum(Z, 0) - Z * y + np.log1p(np.exp(-np.abs(Z)))
        return values.mean(axis=1), (sigmoid(Z) - y) / Z.shape[1]

    def probabilities(self, Z: Array) -> Array:
        """P(y = 1) = sigmoid(Z), of the shape of Z."""
        return sigmoid(Z)

    def predictions(self, Z: Array) -> Labels:
        """1 where the probability is above 1/2, else 0; shape (n,) for one output."""
        yes = (Z > 0).astype(np.int64)
        return yes[:, 0] if Z.shape[1] == 1 else yes

    def answers(self, y: Targets) -> Targets:
        """1 where y is above 1/2, else 0: the likelier answer, if y are probabilities."""
        return (y > 0.5).astype(np.int64)

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Numbers from 0 to 1, one for each output."""
        y = real_targets(shape, y)
        if y.min() < 0 or y.max() > 1:
            wrong = y[(y < 0) | (y > 1)][0]
            raise ValueError(
                f"y: expected 0 for no and 1 for yes, or a probability between, got {wrong:g}: "
                + two_classes(y)
            )
        return y


class MeanSquaredError(Loss):
    """L = mean of (Z − y)², ∂L/∂Z = 2 (Z − y)/(n·k), for real-valued targets.

    Z : ndarray of shape (n, k). y : shape (n, k), or (n,) when k = 1. The mean is over all n·k
    entries, as in PyTorch, Keras and scikit-learn; its unit is the target's unit squared.
    """

    def per_example(self, Z: Array, y: Array) -> tuple[Array, Array]:
        """The mean over the k outputs of (Z − y)², and dZ_r = 2 (Z_r − y_r)/k."""
        E = Z - y.astype(Z.dtype, copy=False)
        return (E * E).mean(axis=1), 2 / Z.shape[1] * E

    def predictions(self, Z: Array) -> Array:
        """Z itself; shape (n,) for one output."""
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Real numbers, one for each output."""
        return real_targets(shape, y)


class MeanAbsoluteError(MeanSquaredError):
    """L = mean of |Z − y|, ∂L/∂Z = sign(Z − y)/(n·k), which is 0 where Z = y.

    However far off, an output is pulled with the same strength: the best constant is the median of
    the targets, where `MeanSquaredError` has their mean. Nearby the pull does not fade, so let the
    learning rate fall. Shapes as in `MeanSquaredError`; its unit is the target's.

    Examples
    --------
    >>> MeanAbsoluteError().value_and_grad(np.array([[1.0], [5.0]]), [2.0, 2.0])
    (2.0, array([[-0.5],
           [ 0.5]]))
    """

    def per_example(self, Z: Array, y: Array) -> tuple[Array, Array]:
        """The mean over the k outputs of |Z − y|, and dZ_r = sign(Z_r − y_r)/k."""
        E = Z - y.astype(Z.dtype, copy=False)
        return np.abs(E).mean(axis=1), np.sign(E) / Z.shape[1]


class Huber(MeanSquaredError):
    """L = mean of ½E² where |E| ≤ δ, else δ(|E| − ½δ), E = Z − y: squared near 0, linear far off.

    An outlier pulls with δ at the most, and not with its distance. Shapes as in
    `MeanSquaredError`; its unit is that of ½ the target's unit squared.

    Parameters
    ----------
    delta : float
        δ > 0, in the unit of the targets.

    Source: Huber (1964), *Robust estimation of a location parameter*.
    """

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = number("delta", delta, strict=True)

    def per_example(self, Z: Array, y: Array) -> tuple[Array, Array]:
        """The mean over the k outputs, and dZ_r = clip(Z_r − y_r, −δ, δ)/k."""
        E = Z - y.astype(Z.dtype, copy=False)
        clipped = np.clip(E, -self.delta, self.delta)
        return (clipped * (E - clipped / 2)).mean(axis=1), clipped / Z.shape[1]

    def __repr__(self) -> str:
        return f"Huber({self.delta!r})"


class Poisson(MeanSquaredError):
    """L = mean of e^Z − y − y (Z − log y), ∂L/∂Z = (e^Z − y)/(n·k): counts, or other rates y ≥ 0.

    The outputs are logarithms of rates, so that every rate is above 0; `predictions` gives the
    rates e^Z. L is half the Poisson deviance: the price of y under the rate e^Z, −log of its
    probability, above that of a perfect fit, which costs 0. Shapes as in `MeanSquaredError`.
    PyTorch's PoissonNLLLoss is L without y log y − y, which moves nothing; Keras takes e^Z.

    Source: McCullagh and Nelder (1989), *Generalized linear models*, section 2.3.

    Examples
    --------
    >>> import nnlib as nn
    >>> Z = np.log([[3.0], [1.0]])
    >>> nn.Poisson().value_and_grad(Z, [1, 1])[1], nn.Poisson().predictions(Z)
    (array([[1.],
           [0.]]), array([3., 1.]))
    """

    unit = "nats per count"
    link = "exp"

    def per_example(self, Z: Array, y: Array) -> tuple[Array, Array]:
        """The mean over the k outputs, and dZ_r = (e^Z_r − y_r)/k."""
        y, rate = y.astype(Z.dtype, copy=False), np.exp(Z)
        log_y = np.log(np.where(y > 0, y, 1))  # where y = 0, y log y is 0
        return (rate - y - y * (Z - log_y)).mean(axis=1), (rate - y) / Z.shape[1]

    def predictions(self, Z: Array) -> Array:
        """The rates e^Z; shape (n,) for one output."""
        with quiet_overflow():
            return super().predictions(np.exp(Z))

    def check_targets(self, shape: Shape, y: Any) -> Targets:
        """Numbers of 0 or more, one for each output."""
        y = real_targets(shape, y)
        if y.min() < 0:
            raise ValueError(
                f"y: expected counts, or rates, of 0 or more, got {y.min():g}: to learn numbers of "
                "both signs, use MeanSquaredError()"
            )
        return y
