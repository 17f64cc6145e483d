"""Activation functions and their derivatives, as pure functions.

A derivative that is simple in terms of the output takes the output ``A``, not ``Z``: the forward
pass has it already, and nothing is computed twice.
"""

import numpy as np

from nnlib._typing import Array


def relu(Z: Array) -> Array:
    """A = max(Z, 0).

    Source: Nair and Hinton (2010), *Rectified linear units improve restricted Boltzmann machines*.
    """
    return np.maximum(Z, 0)


def relu_derivative(A: Array) -> Array:
    """∂A/∂Z = [A > 0]: 1 where the unit is on, 0 where it is off.

    At the kink, Z = 0, no derivative exists; 0 is taken there, as everywhere in the field.
    """
    return (A > 0).astype(A.dtype)


def leaky_relu(Z: Array, alpha: float = 0.01) -> Array:
    """A = Z where Z > 0, and α·Z elsewhere (0 ≤ α < 1).

    Source: Maas, Hannun and Ng (2013), *Rectifier nonlinearities improve acoustic models*.
    """
    return np.maximum(Z, float(alpha) * Z)


def leaky_relu_derivative(A: Array, alpha: float = 0.01) -> Array:
    """∂A/∂Z = 1 where A > 0, and α elsewhere."""
    return np.maximum((A > 0).astype(A.dtype), float(alpha))


def sigmoid(Z: Array) -> Array:
    """A = 1 / (1 + e⁻ᶻ), computed from e^−|Z|, which cannot overflow."""
    E = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, E) / (1 + E)


def sigmoid_derivative(A: Array) -> Array:
    """∂A/∂Z = A (1 − A)."""
    return A * (1 - A)


def tanh(Z: Array) -> Array:
    """A = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) = 2 sigmoid(2Z) − 1."""
    return np.tanh(Z)


def tanh_derivative(A: Array) -> Array:
    """∂A/∂Z = 1 − A²."""
    return 1 - A * A


def logsumexp(Z: Array) -> Array:
    """Log Σ_j e^(Z_j) over the last axis, which is kept with length 1.

    The maximum M is taken out first: log Σ e^(Z_j) = M + log Σ e^(Z_j − M), and no exponent is
    above 0.
    """
    M = Z.max(axis=-1, keepdims=True)
    return M + np.log(np.exp(Z - M).sum(axis=-1, keepdims=True))


def log_softmax(Z: Array) -> Array:
    """Log P_j = Z_j − log Σ_i e^(Z_i), over the last axis.

    With D = Z − max Z it is also D_j − log Σ_i e^(D_i), which loses no digits to a large maximum.
    """
    D = Z - Z.max(axis=-1, keepdims=True)
    return D - np.log(np.exp(D).sum(axis=-1, keepdims=True))


def softmax(Z: Array) -> Array:
    """P_j = e^(Z_j) / Σ_i e^(Z_i), over the last axis: positive numbers that sum to 1.

    Source: Bridle (1990), *Probabilistic interpretation of feedforward classification network
    outputs*.
    """
    E = np.exp(Z - Z.max(axis=-1, keepdims=True))
    return E / E.sum(axis=-1, keepdims=True)


def softmax_backward(dP: Array, P: Array) -> Array:
    """DZ = P ⊙ (dP − Σ_j dP_j P_j): the vector–Jacobian product of softmax.

    The Jacobian of one row is ∂P_i/∂Z_j = P_i ([i = j] − P_j).
    """
    return P * (dP - (dP * P).sum(axis=-1, keepdims=True))
