"""Activation functions and their derivatives, as pure functions.

A derivative that is simple in terms of the output takes the output ``A``, not ``Z``: the forward
pass has it already, and nothing is computed twice. Those of GELU and SiLU take ``Z``: the two
functions fall before they rise, so that one ``A`` comes from two ``Z`` and cannot tell the slope.

All take whatever holds real numbers: float32 and float64 stay what they are, anything else, such as
a list or integers, becomes float64. At ±∞ each function of one number, and its derivative, has its
limit.
"""

import math
from typing import Any

import numpy as np

from ._optional import needed_by
from ._typing import Array
from ._validation import number, one_of, real

SELU_ALPHA = 1.6732632423543772
SELU_LAMBDA = 1.0507009873554805

FAR = 1000.0
"""Beyond ±1000 every gate is open or shut: Φ and the sigmoid are 0 or 1, to the last digit."""


def _floats(name: str, Z: Any) -> Array:
    """Take real numbers of any kind as an array of floats."""
    return Z if type(Z) is np.ndarray and Z.dtype.char in "fd" else real(name, Z)


def relu(Z: Array) -> Array:
    """A = max(Z, 0).

    Source: Nair and Hinton (2010), *Rectified linear units improve restricted Boltzmann machines*.
    """
    Z = _floats("Z", Z)
    return np.maximum(Z, 0)


def relu_derivative(A: Array) -> Array:
    """∂A/∂Z = [A > 0]: 1 where the unit is on, 0 where it is off.

    At the kink, Z = 0, no derivative exists; 0 is taken there, as everywhere in the field.
    """
    A = _floats("A", A)
    return (A > 0).astype(A.dtype)


def leaky_relu(Z: Array, alpha: float = 0.01) -> Array:
    """A = Z where Z > 0, and α·Z elsewhere (0 ≤ α < 1).

    Source: Maas, Hannun and Ng (2013), *Rectifier nonlinearities improve acoustic models*.
    """
    Z, alpha = _floats("Z", Z), number("alpha", alpha, below=1)
    return np.maximum(Z, alpha * Z) if alpha else relu(Z)  # 0 · ∞ has no value


def leaky_relu_derivative(A: Array, alpha: float = 0.01) -> Array:
    """∂A/∂Z = 1 where A > 0, and α elsewhere."""
    return np.maximum(relu_derivative(A), number("alpha", alpha, below=1))


def sigmoid(Z: Array) -> Array:
    """A = 1 / (1 + e⁻ᶻ), computed from e^−|Z|, which cannot overflow.

    Examples
    --------
    >>> sigmoid([-np.inf, -1000, 0, 1000])
    array([0. , 0. , 0.5, 1. ])
    """
    Z = _floats("Z", Z)
    E = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, E) / (1 + E)


def sigmoid_derivative(A: Array) -> Array:
    """∂A/∂Z = A (1 − A)."""
    A = _floats("A", A)
    return A * (1 - A)


def tanh(Z: Array) -> Array:
    """A = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) = 2 sigmoid(2Z) − 1."""
    return np.tanh(_floats("Z", Z))


def tanh_derivative(A: Array) -> Array:
    """∂A/∂Z = 1 − A²."""
    A = _floats("A", A)
    return 1 - A * A


def elu(Z: Array, alpha: float = 1.0) -> Array:
    """A = Z where Z > 0, and α (eᶻ − 1) elsewhere (α ≥ 0): bends smoothly towards −α.

    Source: Clevert, Unterthiner and Hochreiter (2016), *Fast and accurate deep network learning by
    exponential linear units (ELUs)*.
    """
    Z, alpha = _floats("Z", Z), number("alpha", alpha)
    return np.maximum(Z, 0) + alpha * np.expm1(np.minimum(Z, 0))


def elu_derivative(A: Array, alpha: float = 1.0) -> Array:
    """∂A/∂Z = 1 where A > 0, and α eᶻ = A + α elsewhere."""
    A, alpha = _floats("A", A), number("alpha", alpha)
    return np.where(A > 0, 1, A + alpha)


def selu(Z: Array) -> Array:
    """A = λ elu(Z, α), with λ = 1.0507… and α = 1.6732….

    The two are chosen so that layers with weights from `lecun_normal` carry mean 0 and variance 1
    from one to the next.

    Source: Klambauer, Unterthiner, Mayr and Hochreiter (2017), *Self-normalizing neural networks*.
    """
    Z, depth = _floats("Z", Z), SELU_LAMBDA * SELU_ALPHA
    with np.errstate(over="ignore"):  # λ Z beyond the largest number is ∞
        return SELU_LAMBDA * np.maximum(Z, 0) + depth * np.expm1(np.minimum(Z, 0))


def selu_derivative(A: Array) -> Array:
    """∂A/∂Z = λ where A > 0, and λ α eᶻ = A + λ α elsewhere."""
    A = _floats("A", A)
    return np.where(A > 0, SELU_LAMBDA, A + SELU_LAMBDA * SELU_ALPHA)


def gelu(Z: Array, approximate: str = "none") -> Array:
    """A = Z Φ(Z): Z times the probability that a standard normal number is below it.

    Φ(Z) = ½ (1 + erf(Z/√2)) with ``approximate="none"``, which needs SciPy; with ``"tanh"`` nearly
    the same, Φ(Z) ≈ ½ (1 + tanh(√(2/π) (Z + 0.044715 Z³))).

    Source: Hendrycks and Gimpel (2016), *Gaussian error linear units (GELUs)*.

    Examples
    --------
    >>> Z = np.linspace(-10, 10, 2001)
    >>> bool(abs(gelu(Z) - gelu(Z, "tanh")).max() < 0.0005)
    True
    """
    Z = _floats("Z", Z)
    return Z.clip(-FAR, np.inf) * _normal_cdf(Z, approximate)  # −∞ · 0 has no value


def gelu_derivative(Z: Array, approximate: str = "none") -> Array:
    """∂A/∂Z = Φ(Z) + Z Φ′(Z), from Z, as A does not tell Z.

    Φ′(Z) = e^(−Z²/2) / √(2π), and with u = √(2/π) (Z + 0.044715 Z³) that of the tanh form is
    ½ (1 − tanh² u) ∂u/∂Z.
    """
    Z = _floats("Z", Z).clip(-FAR, FAR)
    P = _normal_cdf(Z, approximate)
    if approximate == "none":
        return P + Z * np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi)
    # ½ (1 + tanh u) is P, so ½ (1 − tanh² u) is 2 P (1 − P).
    twice_dU = 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * (Z * Z))
    return P + Z * P * (1 - P) * twice_dU


def _normal_cdf(Z: Array, approximate: str) -> Array:
    """Φ(Z): the share of a standard normal distribution that lies below Z."""
    one_of("approximate", approximate, ["none", "tanh"])
    if approximate == "tanh":
        with np.errstate(over="ignore"):  # the tanh of ∞ is 1
            return 0.5 * (1 + np.tanh(math.sqrt(2 / math.pi) * (Z + 0.044715 * Z * Z * Z)))
    with needed_by("gelu", otherwise='approximate="tanh"'):
        from scipy.special import erf

    return 0.5 * (1 + erf(Z / math.sqrt(2)))


def silu(Z: Array) -> Array:
    """A = Z sigmoid(Z), also called swish.

    Sources: Elfwing, Uchibe and Doya (2018), *Sigmoid-weighted linear units for neural network
    function approximation in reinforcement learning*; Ramachandran, Zoph and Le (2017), *Searching
    for activation functions*.
    """
    Z = _floats("Z", Z)
    return Z.clip(-FAR, np.inf) * sigmoid(Z)  # −∞ · 0 has no value


def silu_derivative(Z: Array) -> Array:
    """∂A/∂Z = S + Z S (1 − S) with S = sigmoid(Z), from Z, as A does not tell Z."""
    Z = _floats("Z", Z).clip(-FAR, FAR)
    S = sigmoid(Z)
    return S + Z * S * (1 - S)


def softplus(Z: Array) -> Array:
    """A = log(1 + eᶻ) = max(Z, 0) + log(1 + e^−|Z|), which cannot overflow: a smooth ReLU.

    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia (2001), *Incorporating second-order functional
    knowledge for better option pricing*.
    """
    Z = _floats("Z", Z)
    return np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))


def softplus_derivative(A: Array) -> Array:
    """∂A/∂Z = sigmoid(Z) = 1 − e⁻ᴬ."""
    return -np.expm1(-_floats("A", A))


def logsumexp(Z: Array) -> Array:
    """Log Σ_j e^(Z_j) over the last axis, which is kept with length 1.

    The maximum M is taken out first: log Σ e^(Z_j) = M + log Σ e^(Z_j − M), and no exponent is
    above 0. It is +∞ where a Z is, and −∞ where all are, as in SciPy.

    Examples
    --------
    >>> logsumexp(np.array([1000.0, 1000.0])) - 1000     # log 2; e¹⁰⁰⁰ is beyond all floats
    array([0.69314718])
    """
    Z = _floats("Z", Z)
    M = Z.max(axis=-1, keepdims=True, initial=-np.inf)
    return np.where(np.isposinf(M), M, M + np.log(_total(np.exp(_minus_maximum(Z)))))


def log_softmax(Z: Array) -> Array:
    """log P_j = Z_j − log Σ_i e^(Z_i), over the last axis.

    With D = Z − max Z it is also D_j − log Σ_i e^(D_i), which loses no digits to a large maximum.
    Infinite entries as in `softmax`.
    """
    D = _minus_maximum(_floats("Z", Z))
    return D - np.log(_total(np.exp(D)))


def softmax(Z: Array) -> Array:
    """P_j = e^(Z_j) / Σ_i e^(Z_i), over the last axis: positive numbers that sum to 1.

    An entry of −∞, as masks of attention set it, gets exactly 0. Where all are −∞ nothing is left
    to share, and all get 0. A row with +∞, to which a network that diverges comes, becomes NaN.

    Source: Bridle (1990), *Probabilistic interpretation of feedforward classification network
    outputs*.

    Examples
    --------
    >>> softmax([[0.0, 0.0, -np.inf], [-np.inf, -np.inf, -np.inf]])
    array([[0.5, 0.5, 0. ],
           [0. , 0. , 0. ]])
    """
    E = np.exp(_minus_maximum(_floats("Z", Z)))
    return E / _total(E)


def _minus_maximum(Z: Array) -> Array:
    """D = Z − max Z over the last axis: −∞ wherever Z is, also where all are; NaN at +∞."""
    M = Z.max(axis=-1, keepdims=True, initial=np.finfo(Z.dtype).min)
    with np.errstate(over="ignore", invalid="ignore"):
        return Z - M


def _total(E: Array) -> Array:
    """Σ_j e^(D_j), at least e⁰ = 1: less can only be Σ 0, where all D are −∞."""
    return np.maximum(E.sum(axis=-1, keepdims=True), 1)


def softmax_backward(dP: Array, P: Array) -> Array:
    """dZ = P ⊙ (dP − Σ_j dP_j P_j): the vector–Jacobian product of softmax.

    The Jacobian of one row is ∂P_i/∂Z_j = P_i ([i = j] − P_j).
    """
    dP, P = _floats("dP", dP), _floats("P", P)
    return P * (dP - (dP * P).sum(axis=-1, keepdims=True))
