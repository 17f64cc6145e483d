"""Optimizers: from a gradient to a step. They know two flat vectors, and nothing of layers.

In the equations θ are the parameters, g their gradient, η the learning rate. Updates are written
in place, with one vector of scratch space: passes over memory cost time. Here is the one with a
single rate for all parameters; those that adapt it to each are in `adaptive`.
"""

from typing import ClassVar, Unpack

import numpy as np

from nnlib._optimizer import Common, Optimizer
from nnlib._typing import Array, Schedule
from nnlib._validation import number


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
    weight_decay, **common
        λ, added to the gradient as λ θ; what it touches, and clipping: see `Optimizer`.

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
    defaults: ClassVar = {"momentum": 0.0, "nesterov": False}

    def __init__(
        self,
        lr: float | Schedule = 0.01,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
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
