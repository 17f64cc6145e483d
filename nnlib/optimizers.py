"""Optimizers: from a gradient to a step. They know two flat vectors, and nothing of layers.

First what all share: checks, the learning rate, clipping, weight decay, memory. Then the rules,
which are the interesting part, sorted by complexity. In the equations θ are the parameters, g their
gradient, η the learning rate, t = 1, 2, 3 … the step; powers, roots and quotients of vectors are
taken entry by entry. Updates are written in place, with one vector of scratch space: passes over
memory cost time.
"""

import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypedDict, Unpack

import numpy as np

from ._typing import Array, LearningRate, Mark
from ._validation import (
    ByName,
    flag,
    instance,
    learning_rate,
    norm,
    number,
    real,
    vectors_fit,
    whole,
)


class Common(TypedDict, total=False):
    """Options that every optimizer takes and hands on; `Optimizer` says what they do."""

    decay_biases: bool
    clip_norm: float | None
    clip_value: float | None


class Optimizer:
    """What training asks of an optimizer: `step`, and a learning rate that may change at any time.

    A subclass writes `move`, and names in `slots` the vectors that it remembers, which it finds in
    ``self.state``; ``self.scratch`` is room for one intermediate result, ``self.t`` the number of
    the step, from 1. Options of its own go into ``__init__`` and `defaults`. Where weight decay
    stays apart from the gradient, it overrides `decayed`, as `AdamW` does.

    Parameters
    ----------
    lr : float or schedule
        The learning rate η ≥ 0, or a function that gives it for step 0, 1, 2 … To be pickled, a
        function of one's own must have a name in a module: ``def`` it there, for a lambda has none.
    weight_decay : float
        λ ≥ 0: adds λ θ to the gradient, which is the gradient of λ‖θ‖²/2 beside the loss.
    decay_biases : bool
        Whether weight decay touches everything, whatever `step` is told; else `Model` and
        `nnlib.steps` spare what is not a matrix: biases, and the scales of a normalization.
    clip_norm : float, optional
        c > 0: where ‖g‖ > c, g is shortened to about that norm, g ← g · min(1, c / (‖g‖ + 10⁻⁶)).
    clip_value : float, optional
        c > 0: every entry of g is cut to [−c, c]. Both kinds come before weight decay.

    Source of clip_norm: Pascanu, Mikolov and Bengio (2013), *On the difficulty of training
    recurrent neural networks*; the 10⁻⁶ is PyTorch's, in ``clip_grad_norm_``.
    """

    slots: tuple[str, ...] = ()
    """Names of the vectors that are remembered from step to step."""

    defaults: ClassVar[dict[str, Any]] = {
        "weight_decay": 0.0,
        "decay_biases": False,
        "clip_norm": None,
        "clip_value": None,
    }
    """Options and their defaults: repr shows those that differ; a subclass names its own."""

    mark: Mark | None = None
    """The network that training has moved last; None: not known."""

    def __init__(
        self,
        lr: LearningRate,
        *,
        weight_decay: float = 0.0,
        decay_biases: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        self.lr = lr
        self.weight_decay = number("weight_decay", weight_decay)
        self.decay_biases = flag("decay_biases", decay_biases)
        self.clip_norm = _limit("clip_norm", clip_norm)
        self.clip_value = _limit("clip_value", clip_value)
        if clip_norm is not None and clip_value is not None:
            raise ValueError(
                "clip_norm, clip_value: expected one of the two, "
                f"got {clip_norm} and {clip_value}: leave one out"
            )
        self.t = 0
        self.state: dict[str, Array] = {}
        self.scratch: Array = np.empty(0)
        self._gradient: Array = np.empty(0)

    @property
    def lr(self) -> LearningRate:
        """The learning rate: a float or a schedule; may be assigned between two steps."""
        return self._lr

    @lr.setter
    def lr(self, lr: LearningRate) -> None:
        self._lr = learning_rate("lr", lr)

    @property
    def rate(self) -> float:
        """The learning rate of the next step, as a float."""
        lr = self._lr
        return number(f"lr({self.t})", lr(self.t)) if callable(lr) else lr

    @property
    def remembers(self) -> bool:
        """Whether the steps so far have a say in the next one."""
        return self.t > 0 and (bool(self.slots) or callable(self._lr))

    def step(self, params: Array, grads: Array, decay: slice | None = None) -> None:
        """Move params, in place, one step against grads.

        Parameters
        ----------
        params, grads : ndarray of shape (p,)
            θ and g = ∂L/∂θ; g is only read.
        decay : slice
            The part of θ that weight decay touches: ``net.matrices`` spares the biases,
            ``slice(None)`` is everything. Needed when weight_decay > 0 without decay_biases.
        """
        lr = self.rate
        decay = slice(None) if self.decay_biases else decay
        grads = self._prepared(params, grads, decay)
        grads = self._clipped(grads)
        if self.weight_decay:
            grads = self.decayed(params, grads, decay, lr)
        self.t += 1
        self.move(params, grads, lr)

    def state_dict(self) -> dict[str, Any]:
        """Copy what is remembered between steps: the count ``"t"`` and the vectors in `slots`.

        Options, such as lr, are not part of it: the repr has them.
        """
        return {"t": self.t} | {k: v.copy() for k, v in self.state.items() if self.t}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` returned: the next steps are the same, bit for bit.

        Raises
        ------
        ValueError, TypeError
            If a name is missing or unknown, or a vector is of another length or dtype. The
            optimizer is then as before.
        """
        instance("state", state, dict, "pass what state_dict() returned")
        t = whole("state['t']", state.get("t"), minimum=0)
        names = self.slots if t else ()
        if state.keys() != {"t", *names}:
            raise ValueError(
                f"state: expected {', '.join(['t', *names])} after {t} steps, "
                f"got {', '.join(map(str, state))}: it is the state of another optimizer; "
                f"pass what {type(self).__name__}(…).state_dict() returned"
            )
        vectors = {name: real(f"state[{name!r}]", state[name]).copy() for name in names}
        like = next(iter((self.state if self.t else vectors).values()), None)
        for name, v in vectors.items():
            if like is not None and (v.ndim != 1 or v.shape != like.shape or v.dtype != like.dtype):
                remedy = "pass what state_dict() returned"
                raise ValueError(
                    f"state[{name!r}]: expected a flat vector of {like.size} {like.dtype}, got "
                    f"shape {v.shape} of {v.dtype}: "
                    + ("make a new optimizer for a new network" if self.t else remedy)
                )
        self.t, self.state, self.scratch, self.mark = t, vectors, np.empty(0), None

    def move(self, params: Array, grads: Array, lr: float) -> None:
        """Move params, in place, by this optimizer's rule; grads is only read."""
        raise NotImplementedError(f"{type(self).__name__}.move is not written")

    def _clipped(self, grads: Array) -> Array:
        """Cut g to its limit, in a vector of its own."""
        if self.clip_norm is not None:
            scale = min(1.0, self.clip_norm / (norm(grads) + 1e-6))
            return np.multiply(grads, scale, out=self._gradient)
        if self.clip_value is not None:
            return np.clip(grads, -self.clip_value, self.clip_value, out=self._gradient)
        return grads

    def decayed(self, params: Array, grads: Array, decay: slice | None, lr: float) -> Array:
        """g + λ θ, in a vector of its own."""
        g, shrink = self._gradient, self.scratch[decay]
        g[:] = grads
        np.multiply(params[decay], self.weight_decay, out=shrink)
        g[decay] += shrink
        return g

    def _prepared(self, params: Array, grads: Array, decay: slice | None) -> Array:
        """Check the vectors, make room where there is none yet; return g in the dtype of θ."""
        if self.weight_decay and not isinstance(decay, slice):
            raise TypeError(
                f"decay: weight_decay is {self.weight_decay:g}, so say what it may shrink: "
                "step(net.params, net.grads, decay=net.matrices) spares the biases, "
                "decay=slice(None) is everything"
            )
        if vectors_fit(params, grads, self.scratch) and self.t:
            return grads  # as in the step before
        if not self.remembers:
            self.state = {name: np.zeros(params.shape, params.dtype) for name in self.slots}
        for v in self.state.values():
            if v.shape != params.shape or v.dtype != params.dtype:
                raise ValueError(
                    f"params: this optimizer has taken {self.t} steps on {v.size} "
                    f"parameters of {v.dtype}, got {params.size} of {params.dtype}: make a new "
                    "optimizer for a new network, or for other layers that are frozen"
                )
        self.scratch = np.empty(params.shape, params.dtype)
        self._gradient = np.empty(params.shape, params.dtype)
        return grads.astype(params.dtype, copy=False)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the room for intermediate results out of copies and pickles."""
        return self.__dict__ | {"scratch": np.empty(0), "_gradient": np.empty(0)}

    def __repr__(self) -> str:
        lr = re.sub(" at 0x[0-9a-f]+", "", getattr(self._lr, "__name__", repr(self._lr)))
        defaults = self.defaults | Optimizer.defaults | self.defaults
        changed = {k: getattr(self, k) for k, v in defaults.items() if getattr(self, k) != v}
        options = ", ".join(f"{k}={v}" for k, v in ({"lr": lr} | changed).items())
        return f"{type(self).__name__}({options})"


def _limit(name: str, value: float | None) -> float | None:
    """Check an optional limit."""
    return None if value is None else number(name, value, strict=True)


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
        lr: LearningRate = 0.01,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
        self.momentum = number("momentum", momentum, below=1)
        self.nesterov = flag("nesterov", nesterov)
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: looking ahead needs a velocity: give momentum > 0, say 0.9")

    @property
    def remembers(self) -> bool:
        """Only with momentum or a schedule."""
        return super().remembers and (self.momentum > 0 or callable(self.lr))

    def move(self, params: Array, grads: Array, lr: float) -> None:
        v, update = self.state["velocity"], self.scratch
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

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> theta, opt = np.array([1.0]), nn.Adagrad(lr=0.5)
    >>> for g in (3.0, 4.0):                 # √s is 3, then 5
    ...     opt.step(theta, np.array([g]))
    >>> theta.round(9)                       # 1 − 0.5 · 3/3 − 0.5 · 4/5
    array([0.1])
    """

    slots = ("s",)
    defaults: ClassVar = {"eps": 1e-10}

    def __init__(
        self,
        lr: LearningRate = 0.01,
        *,
        eps: float = 1e-10,
        weight_decay: float = 0.0,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, weight_decay=weight_decay, **common)
        self.eps = number("eps", eps, strict=True)

    def move(self, params: Array, grads: Array, lr: float) -> None:
        s, update = self.state["s"], self.scratch
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

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> theta, opt = np.array([1.0]), nn.RMSProp(lr=0.5, alpha=0.75)
    >>> opt.step(theta, np.array([4.0]))     # v = 16/4
    >>> theta.round(6)                       # 1 − 0.5 · 4/2
    array([0.])
    """

    slots = ("v", "velocity")
    defaults: ClassVar = {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0}

    def __init__(
        self,
        lr: LearningRate = 0.01,
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

    def move(self, params: Array, grads: Array, lr: float) -> None:
        v, u, update = self.state["v"], self.state["velocity"], self.scratch
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

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> theta, opt = np.zeros(3), nn.Adam(lr=0.01)
    >>> opt.step(theta, np.array([1e-3, 1.0, -1e3]))
    >>> theta.round(6)                       # η, but for ε = 10⁻⁸
    array([-0.01, -0.01,  0.01])
    """

    slots = ("M", "V")
    defaults: ClassVar = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}

    def __init__(
        self,
        lr: LearningRate = 0.001,
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

    def move(self, params: Array, grads: Array, lr: float) -> None:
        M, V, update = self.state["M"], self.state["V"], self.scratch
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

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> theta, opt = np.array([4.0]), nn.AdamW(lr=0.5, weight_decay=0.1)
    >>> opt.step(theta, np.zeros(1), decay=slice(None))
    >>> theta                                # 4 (1 − 0.5 · 0.1)
    array([3.8])
    """

    defaults: ClassVar = Adam.defaults | {"weight_decay": 0.01}

    def __init__(
        self,
        lr: LearningRate = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        **common: Unpack[Common],
    ) -> None:
        super().__init__(lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay=weight_decay, **common)

    def decayed(self, params: Array, grads: Array, decay: slice | None, lr: float) -> Array:
        """Shrink θ itself; g stays as it is."""
        params[decay] *= 1 - lr * self.weight_decay
        return grads


BY_NAME: ByName[Callable[..., Optimizer]] = ByName(
    sgd=SGD,
    momentum=partial(SGD, momentum=0.9),
    nesterov=partial(SGD, momentum=0.9, nesterov=True),
    adagrad=Adagrad,
    rmsprop=RMSProp,
    adam=Adam,
    adamw=AdamW,
)
"""Each optimizer by its name; called with ``lr=`` and other options, it makes one."""
