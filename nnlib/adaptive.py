"""Adaptive optimizers: each parameter's step is scaled by the size of its own gradients.

In the equations θ are the parameters, g their gradient, η the learning rate, t = 1, 2, 3 … the
step; powers, roots and quotients of vectors are taken entry by entry. Sorted by complexity.
"""

import math
from typing import ClassVar, Unpack

import numpy as np

from nnlib._optimizer import Common, Optimizer
from nnlib._typing import Array, Schedule
from nnlib._validation import number


class Adagrad(Optimizer):
    """Steps get smaller where gradients have been large: s ← s + g², θ ← θ − η g / (√s + ε).

    Parameters
    ----------
    lr : float or schedule
        Learning rate η.
    eps : float
        ε > 0, in the unit of a gradient: keeps the quotient finite.
    weight_decay, **common
        λ, added to the gradient as λ θ; what it touches, and clipping: see `Optimizer`.

    Source: Duchi, Hazan and Singer (2011), *Adaptive subgradient methods for online learning and
    stochastic optimization*.
    """

    slots = ("s",)
    defaults: ClassVar = {"eps": 1e-10}

    def __init__(
        self,
        lr: float | Schedule = 0.01,
        *,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
        self.eps = number("eps", eps, strict=True)

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        s, update = self.state["s"], self._scratch
        np.square(grads, out=update)
        s += update

        np.sqrt(s, out=update)
        update += self.eps
        np.divide(grads, update, out=update)
        update *= lr
        params -= update


class RMSProp(Optimizer):
    """Like Adagrad, but forgetting: v ← α v + (1 − α) g², θ ← θ − η g / (√v + ε).

    With momentum u ← μ u + g / (√v + ε), θ ← θ − η u.

    Parameters
    ----------
    lr : float or schedule
        Learning rate η.
    alpha : float
        α in [0, 1): how much of the running mean of g² is kept in a step.
    eps : float
        ε > 0, in the unit of a gradient: below it, steps get smaller.
    momentum : float
        μ in [0, 1): the share of the last velocity u that is kept.
    weight_decay, **common
        λ, added to the gradient as λ θ; what it touches, and clipping: see `Optimizer`.

    Source: Tieleman and Hinton (2012), *Lecture 6.5: rmsprop*, Coursera: Neural networks for
    machine learning. The form is PyTorch's: ε outside of the root.
    """

    slots = ("v", "velocity")
    defaults: ClassVar = {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0}

    def __init__(
        self,
        lr: float | Schedule = 0.01,
        *,
        alpha: float = 0.99,
        eps: float = 1e-8,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
        self.alpha = number("alpha", alpha, below=1)
        self.eps = number("eps", eps, strict=True)
        self.momentum = number("momentum", momentum, below=1)

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        v, u, update = self.state["v"], self.state["velocity"], self._scratch
        v *= self.alpha
        np.square(grads, out=update)
        update *= 1 - self.alpha
        v += update

        np.sqrt(v, out=update)
        update += self.eps
        np.divide(grads, update, out=update)
        if self.momentum:
            u *= self.momentum
            u += update
            update[:] = u
        update *= lr
        params -= update


class Adam(Optimizer):
    """Steps of about η in every direction, whatever the size of the gradient there.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; without their bias towards 0 these are
    m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ); then θ ← θ − η m̂ / (√v̂ + ε).

    The code keeps the sums M = m/(1 − β₁) and V = v/(1 − β₂) in place of the means: M ← β₁ M + g
    is one pass over memory less. With m̂ = c₁ M and √v̂ = c₂ √V, where c₁ = (1 − β₁)/(1 − β₁ᵗ) and
    c₂² = (1 − β₂)/(1 − β₂ᵗ), the step is η (c₁/c₂) M / (√V + ε/c₂).

    Parameters
    ----------
    lr : float or schedule
        Learning rate η.
    beta1, beta2 : float
        In [0, 1): how much of the running sums of g and g² is kept in a step. They stay as they
        are: sums that were weighted with one β mean nothing under another.
    eps : float
        ε > 0, in the unit of a gradient: below it, steps get smaller.
    weight_decay, **common
        λ, added to the gradient as λ θ (and so divided by √v̂); what it touches, and clipping:
        see `Optimizer`.

    Source: Kingma and Ba (2015), *Adam: a method for stochastic optimization*, Algorithm 1.
    """

    slots = ("M", "V")
    defaults: ClassVar = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
        self._beta1 = number("beta1", beta1, below=1)
        self._beta2 = number("beta2", beta2, below=1)
        self.eps = number("eps", eps, strict=True)

    @property
    def beta1(self) -> float:
        """β₁, the memory of M."""
        return self._beta1

    @property
    def beta2(self) -> float:
        """β₂, the memory of V."""
        return self._beta2

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        M, V, update = self.state["M"], self.state["V"], self._scratch
        c1 = (1 - self.beta1) / (1 - self.beta1**self.t)
        c2 = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))

        M *= self.beta1
        M += grads
        V *= self.beta2
        np.square(grads, out=update)
        V += update

        np.sqrt(V, out=update)
        update += self.eps / c2
        # M comes last: it holds subnormal numbers where gradients are rare, slow to divide.
        np.divide(lr * c1 / c2, update, out=update)
        update *= M
        params -= update


class AdamW(Adam):
    """Adam with weight decay apart from the gradient: θ ← θ − η λ θ, then Adam's step along g.

    So λ shrinks every weight at the same rate; in Adam, where λ θ is divided by √v̂ like the rest,
    weights with large gradients are hardly shrunk.

    Parameters
    ----------
    lr, beta1, beta2, eps, **common
        As in `Adam`.
    weight_decay : float
        λ ≥ 0: a step multiplies the weights by 1 − η λ.

    Source: Loshchilov and Hutter (2019), *Decoupled weight decay regularization*. The form is
    PyTorch's: λ is multiplied by η.
    """

    defaults: ClassVar = Adam.defaults | {"weight_decay": 0.01}

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay, **common)

    def _decayed(self, params: Array, grads: Array, decay: slice | None, lr: float) -> Array:
        """Shrink θ itself; g stays as it is."""
        params[decay] *= 1 - lr * self.weight_decay
        return grads
