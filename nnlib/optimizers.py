"""Optimizers: from a gradient to a step. They know two flat vectors, and nothing of layers.

In the equations θ are the parameters, g their gradient, η the learning rate, t = 1, 2, 3 … the
step. Updates are written in place, with one vector of scratch space: passes over memory cost time.
"""

import re
from typing import Any

import numpy as np

from nnlib._typing import Array, Schedule
from nnlib._validation import number


class Optimizer:
    """What training asks of an optimizer: `step`, and a learning rate that may change at any time.

    Parameters
    ----------
    lr : float or schedule
        The learning rate η ≥ 0, or a function that gives it for step 0, 1, 2 …
    weight_decay : float
        λ ≥ 0: adds λ θ to the gradient, which is the gradient of λ‖θ‖²/2 beside the loss.
    """

    slots: tuple[str, ...] = ()
    """Names of the vectors that are remembered from step to step."""

    def __init__(self, lr: float | Schedule, *, weight_decay: float = 0.0) -> None:
        self.lr = lr
        self.weight_decay = number("weight_decay", weight_decay)
        self.t = 0
        self.state: dict[str, Array] = {}
        self._scratch: Array = np.empty(0)

    @property
    def lr(self) -> float | Schedule:
        """The learning rate: a float or a schedule; may be assigned between two steps."""
        return self._lr

    @lr.setter
    def lr(self, lr: float | Schedule) -> None:
        self._lr = lr if callable(lr) else number("lr", lr)

    @property
    def rate(self) -> float:
        """The learning rate of the next step, as a float."""
        lr = self._lr
        return number(f"lr({self.t})", lr(self.t)) if callable(lr) else lr

    def step(self, params: Array, grads: Array, decay: slice | None = None) -> None:
        """Move params, in place, one step against grads.

        Parameters
        ----------
        params, grads : ndarray of shape (p,)
            θ and g = ∂L/∂θ; g is only read.
        decay : slice
            The part of θ that weight decay touches: ``net.matrices`` spares the biases,
            ``slice(None)`` is everything. Needed when weight_decay > 0.
        """
        lr = self.rate
        self._prepare(params, grads, decay)
        if self.weight_decay:
            grads = self._decayed(params, grads, decay)
        self.t += 1
        self._update(params, grads, lr)

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        """Move params by this optimizer's rule."""
        raise NotImplementedError(f"{type(self).__name__}._update is not written")

    def _decayed(self, params: Array, grads: Array, decay: slice | None) -> Array:
        """G + λ θ, in a vector of its own."""
        decayed = grads.copy()
        decayed[decay] += self.weight_decay * params[decay]
        return decayed

    def _prepare(self, params: Array, grads: Array, decay: slice | None) -> None:
        """Check the vectors; make room for the state in the first step."""
        if params.shape != grads.shape or params.ndim != 1:
            raise ValueError(
                "grads: expected two flat vectors of one length, got params of shape "
                f"{params.shape} and grads of shape {grads.shape}: pass net.params and net.grads"
            )
        if params.dtype.kind != "f":
            raise TypeError(
                f"params: expected floats, got {params.dtype}: a step would round back to where "
                "it began; use params.astype(float)"
            )
        if self.weight_decay and decay is None:
            raise TypeError(
                f"decay: weight_decay is {self.weight_decay:g}, so say what it may shrink: "
                "step(net.params, net.grads, decay=net.matrices) spares the biases, "
                "decay=slice(None) is everything"
            )
        if self.t == 0:
            self.state = {name: np.zeros_like(params) for name in self.slots}
            self._scratch = np.empty_like(params)
        elif self._scratch.shape != params.shape or self._scratch.dtype != params.dtype:
            raise ValueError(
                f"params: this optimizer has taken {self.t} steps on {self._scratch.size} "
                f"parameters of {self._scratch.dtype}, got {params.size} of {params.dtype}: "
                "make a new optimizer for a new network"
            )

    def _options(self) -> dict[str, Any]:
        """Name the arguments that differ from their defaults, for repr."""
        return {"weight_decay": self.weight_decay} if self.weight_decay else {}

    def __repr__(self) -> str:
        options = {"lr": self._lr, **self._options()}
        if callable(self._lr):
            options["lr"] = getattr(
                self._lr, "__name__", re.sub(" at 0x[0-9a-f]+", "", repr(self._lr))
            )
        return f"{type(self).__name__}({', '.join(f'{k}={v}' for k, v in options.items())})"


class SGD(Optimizer):
    """θ ← θ − η g, or with momentum v ← μ v + g, θ ← θ − η v.

    Nesterov's form looks one step ahead: θ ← θ − η (g + μ v).

    Parameters
    ----------
    lr : float or schedule
        Learning rate η.
    momentum : float
        μ in [0, 1): the share of the last velocity that is kept.
    nesterov : bool
        Whether to look ahead; needs momentum.
    weight_decay : float
        λ, added to the gradient as λ θ.

    Source: Polyak (1964), *Some methods of speeding up the convergence of iteration methods*;
    Sutskever, Martens, Dahl and Hinton (2013), *On the importance of initialization and momentum in
    deep learning*. The form is PyTorch's: η outside of the velocity.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> theta, opt = np.array([1.0]), nn.SGD(lr=0.5)
    >>> opt.step(theta, 2 * theta)           # L = θ², g = 2θ
    >>> theta
    array([0.])
    """

    slots = ("velocity",)

    def __init__(
        self,
        lr: float | Schedule = 0.01,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay)
        self.momentum = number("momentum", momentum, below=1)
        self.nesterov = bool(nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: looking ahead needs a velocity: give momentum > 0, say 0.9")

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        v, update = self.state["velocity"], self._scratch
        if self.momentum:
            v *= self.momentum
            v += grads
        else:
            v[:] = grads
        if self.nesterov:
            np.multiply(v, self.momentum, out=update)
            update += grads
            update *= lr
        else:
            np.multiply(v, lr, out=update)
        params -= update

    def _options(self) -> dict[str, Any]:
        options = {"momentum": self.momentum} if self.momentum else {}
        return options | ({"nesterov": True} if self.nesterov else {}) | super()._options()


class Adam(Optimizer):
    """Steps of about η in every direction, whatever the size of the gradient there.

    m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; without their bias towards 0 these are
    m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ); then θ ← θ − η m̂ / (√v̂ + ε).

    Parameters
    ----------
    lr : float or schedule
        Learning rate η.
    beta1, beta2 : float
        In [0, 1): how much of the running means of g and g² is kept in a step.
    eps : float
        ε > 0, in the unit of a gradient: below it, steps get smaller.
    weight_decay : float
        λ, added to the gradient as λ θ (and so divided by √v̂ like the rest).

    Source: Kingma and Ba (2015), *Adam: a method for stochastic optimization*, Algorithm 1.
    """

    slots = ("m", "v")

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay)
        self.beta1 = number("beta1", beta1, below=1)
        self.beta2 = number("beta2", beta2, below=1)
        self.eps = number("eps", eps, strict=True)

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        m, v, update = self.state["m"], self.state["v"], self._scratch

        m *= self.beta1
        np.multiply(grads, 1 - self.beta1, out=update)
        m += update

        v *= self.beta2
        np.multiply(grads, grads, out=update)
        update *= 1 - self.beta2
        v += update

        np.divide(v, 1 - self.beta2**self.t, out=update)
        np.sqrt(update, out=update)
        update += self.eps
        np.divide(m, update, out=update)
        update *= lr / (1 - self.beta1**self.t)
        params -= update

    def _options(self) -> dict[str, Any]:
        defaults = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
        options = {k: getattr(self, k) for k, v in defaults.items() if getattr(self, k) != v}
        return options | super()._options()
