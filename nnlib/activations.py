"""Activation functions and their derivatives, as pure functions.

A derivative that is simple in terms of the output takes the output ``A``, not ``Z``: the forward
pass has it already, and nothing is computed twice. Those of GELU and SiLU take ``Z``: the two
functions fall before they rise, so that one ``A`` comes from two ``Z`` and cannot tell the slope.
"""

import math

import numpy as np

from ._typing import Array
from ._validation import one_of

SELU_ALPHA = 1.6732632423543772
SELU_LAMBDA = 1.0507009873554805


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


def elu(Z: Array, alpha: float = 1.0) -> Array:
    """A = Z where Z > 0, and α (eᶻ − 1) elsewhere (α ≥ 0): bends smoothly towards −α.

    Source: Clevert, Unterthiner and Hochreiter (2016), *Fast and accurate deep network learning by
    exponential linear units (ELUs)*.
    """
    return np.maximum(Z, 0) + float(alpha) * np.expm1(np.minimum(Z, 0))


def elu_derivative(A: Array, alpha: float = 1.0) -> Array:
    """∂A/∂Z = 1 where A > 0, and α eᶻ = A + α elsewhere."""
    return np.where(A > 0, 1, A + float(alpha))


def selu(Z: Array) -> Array:
    """A = λ elu(Z, α), with λ = 1.0507… and α = 1.6732….

    The two are chosen so that layers with weights from `lecun_normal` carry mean 0 and variance 1
    from one to the next.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), *Self-normalizing neural networks*.
    """
    return SELU_LAMBDA * elu(Z, SELU_ALPHA)


def selu_derivative(A: Array) -> Array:
    """∂A/∂Z = λ where A > 0, and λ α eᶻ = A + λ α elsewhere."""
    return np.where(A > 0, SELU_LAMBDA, A + SELU_LAMBDA * SELU_ALPHA)


def gelu(Z: Array, approximate: str = "none") -> Array:
    """A = Z Φ(Z): Z times the probability that a standard normal number is below it.

    Φ(Z) = ½ (1 + erf(Z/√2)) with ``approximate="none"``, which needs SciPy; with ``"tanh"`` nearly
    the same, Φ(Z) ≈ ½ (1 + tanh(√(2/π) (Z + 0.044715 Z³))).

    Source: Hendrycks and Gimpel (2016), *Gaussian error linear units (GELUs)*.
    """
    return Z * _normal_cdf(Z, approximate)


def gelu_derivative(Z: Array, approximate: str = "none") -> Array:
    """∂A/∂Z = Φ(Z) + Z Φ′(Z), from Z, as A does not tell Z.

    Φ′(Z) = e^(−Z²/2) / √(2π), and with u = √(2/π) (Z + 0.044715 Z³) that of the tanh form is
    ½ (1 − tanh² u) ∂u/∂Z.
    """
    P = _normal_cdf(Z, approximate)
    if approximate == "none":
        return P + Z * np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi)
    # ½ (1 + tanh u) is P, so ½ (1 − tanh² u) is 2 P (1 − P).
    return P + Z * 2 * P * (1 - P) * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * Z * Z)


def _normal_cdf(Z: Array, approximate: str) -> Array:
    """Φ(Z): the share of a standard normal distribution that lies below Z."""
    one_of("approximate", approximate, ["none", "tanh"])
    if approximate == "tanh":
        return 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (Z + 0.044715 * Z * Z * Z)))
    from scipy.special import erf

    return 0.5 * (1 + erf(Z / math.sqrt(2)))


def silu(Z: Array) -> Array:
    """A = Z sigmoid(Z), also called swish.

    Sources: Elfwing, Uchibe and Doya (2018), *Sigmoid-weighted linear units for neural network
    function approximation in reinforcement learning*; Ramachandran, Zoph and Le (2017), *Searching
    for activation functions*.
    """
    return Z * sigmoid(Z)


def silu_derivative(Z: Array) -> Array:
    """∂A/∂Z = S + Z S (1 − S) with S = sigmoid(Z), from Z, as A does not tell Z."""
    S = sigmoid(Z)
    return S + Z * S * (1 - S)


def softplus(Z: Array) -> Array:
    """A = log(1 + eᶻ) = max(Z, 0) + log(1 + e^−|Z|), which cannot overflow: a smooth ReLU.

    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia (2001), *Incorporating second-order functional
    knowledge for better option pricing*.
    """
    return np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))


def softplus_derivative(A: Array) -> Array:
    """∂A/∂Z = sigmoid(Z) = 1 − e⁻ᴬ."""
    return -np.expm1(-A)


def logsumexp(Z: Array) -> Array:
    """Log Σ_j e^(Z_j) over the last axis, which is kept with length 1.

    The maximum M is taken out first: log Σ e^(Z_j) = M + log Σ e^(Z_j − M), and no exponent is
    above 0.
    """
    M = Z.max(axis=-1, keepdims=True)
    return M + np.log(np.exp(Z - M).sum(axis=-1, keepdims=True))


def log_softmax(Z: Array) -> Array:
    """log P_j = Z_j − log Σ_i e^(Z_i), over the last axis.

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
    """dZ = P ⊙ (dP − Σ_j dP_j P_j): the vector–Jacobian product of softmax.

    The Jacobian of one row is ∂P_i/∂Z_j = P_i ([i = j] − P_j).
    """
    return P * (dP - (dP * P).sum(axis=-1, keepdims=True))
