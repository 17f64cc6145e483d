"""Activation layers: a function from `nnlib.activations`, and dA times its derivative."""

import numpy as np

from .._typing import Array
from .._validation import number
from ..activations import (
    elu,
    elu_derivative,
    gelu,
    gelu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    selu,
    selu_derivative,
    sigmoid,
    sigmoid_derivative,
    silu,
    silu_derivative,
    softmax,
    softmax_backward,
    softplus,
    softplus_derivative,
    tanh,
    tanh_derivative,
)
from .layer import Layer


class ReLU(Layer):
    """A = max(Z, 0), dZ = dA ⊙ [A > 0]."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = max(Z, 0)."""
        A = relu(Z)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ [A > 0]: the mask is 1 exactly where Z > 0."""
        dZ = relu_derivative(self.cached())
        dZ *= dA
        return dZ


class LeakyReLU(Layer):
    """A = Z where Z > 0 and α·Z elsewhere; dZ = dA, or α·dA.

    Parameters
    ----------
    alpha : float
        Slope of the negative side, in [0, 1).
    """

    def __init__(self, alpha: float = 0.01) -> None:
        super().__init__()
        self.alpha = number("alpha", alpha, below=1)

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = max(Z, α·Z)."""
        A = leaky_relu(Z, self.alpha)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA where A > 0 and α·dA elsewhere."""
        return dA * leaky_relu_derivative(self.cached(), self.alpha)

    def __repr__(self) -> str:
        return f"LeakyReLU({self.alpha!r})"


class Sigmoid(Layer):
    """A = 1 / (1 + e⁻ᶻ), dZ = dA ⊙ A (1 − A)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = 1 / (1 + e⁻ᶻ)."""
        A = sigmoid(Z)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ A (1 − A)."""
        return dA * sigmoid_derivative(self.cached())


class Tanh(Layer):
    """A = tanh Z, dZ = dA ⊙ (1 − A²)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = tanh Z."""
        A = tanh(Z)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ (1 − A²)."""
        return dA * tanh_derivative(self.cached())


class ELU(Layer):
    """A = Z where Z > 0 and α (eᶻ − 1) elsewhere; dZ = dA, or dA ⊙ (A + α).

    Parameters
    ----------
    alpha : float
        Depth of the negative side, at least 0.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = number("alpha", alpha)

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = Z where Z > 0 and α (eᶻ − 1) elsewhere."""
        A = elu(Z, self.alpha)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA where A > 0 and dA ⊙ (A + α) elsewhere."""
        return dA * elu_derivative(self.cached(), self.alpha)

    def __repr__(self) -> str:
        return f"ELU({self.alpha!r})"


class SELU(Layer):
    """A = λ Z where Z > 0 and λ α (eᶻ − 1) elsewhere; dZ = λ dA, or dA ⊙ (A + λ α).

    It goes with ``nnlib.Dense(d_in, d_out, init=nnlib.initializers.lecun_normal)``.
    """

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = λ elu(Z, α)."""
        A = selu(Z)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = λ dA where A > 0 and dA ⊙ (A + λ α) elsewhere."""
        return dA * selu_derivative(self.cached())


class GELU(Layer):
    """A = Z Φ(Z), dZ = dA ⊙ (Φ(Z) + Z Φ′(Z)), Φ the normal distribution function.

    Parameters
    ----------
    approximate : "none" or "tanh"
        Φ by the error function of SciPy, or nearly so by tanh.
    """

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        gelu(np.zeros(1), approximate)  # what is wrong is said here, not in the first pass
        self.approximate = approximate

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = Z Φ(Z)."""
        if train:
            self.cache = Z
        return gelu(Z, self.approximate)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ (Φ(Z) + Z Φ′(Z))."""
        return dA * gelu_derivative(self.cached(), self.approximate)

    def __repr__(self) -> str:
        return "GELU()" if self.approximate == "none" else f"GELU({self.approximate!r})"


class SiLU(Layer):
    """A = Z sigmoid(Z), dZ = dA ⊙ (S + Z S (1 − S)) with S = sigmoid(Z)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = Z sigmoid(Z)."""
        if train:
            self.cache = Z
        return silu(Z)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ (S + Z S (1 − S))."""
        return dA * silu_derivative(self.cached())


class Softplus(Layer):
    """A = log(1 + eᶻ), dZ = dA ⊙ (1 − e⁻ᴬ)."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = log(1 + eᶻ)."""
        A = softplus(Z)
        if train:
            self.cache = A
        return A

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = dA ⊙ (1 − e⁻ᴬ)."""
        return dA * softplus_derivative(self.cached())


class Softmax(Layer):
    """P_j = e^(Z_j) / Σ_i e^(Z_i) row by row; dZ = P ⊙ (dP − Σ_j dP_j P_j).

    For training, leave it out and use `nnlib.SoftmaxCrossEntropy` on Z: the two together are
    simpler, faster, and exact where a probability rounds to 0.
    """

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """P = softmax(Z), shape (n, k)."""
        P = softmax(Z)
        if train:
            self.cache = P
        return P

    def backward(self, dP: Array, *, input_grad: bool = True) -> Array:
        """dZ = P ⊙ (dP − Σ_j dP_j P_j)."""
        return softmax_backward(dP, self.cached())


ACTIVATIONS = (ELU, GELU, LeakyReLU, ReLU, SELU, Sigmoid, SiLU, Softmax, Softplus, Tanh)
"""Layers that bend what a layer with weights has computed; none belongs right before logits."""
