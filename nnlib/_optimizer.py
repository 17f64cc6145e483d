"""What all optimizers share: checks, the learning rate, clipping, weight decay, state.

The rules, which are the interesting part, are in `optimizers` and `adaptive`.
"""

import re
from typing import Any, ClassVar, TypedDict

import numpy as np

from nnlib._typing import Array, Schedule
from nnlib._validation import instance, number, real, whole


class Common(TypedDict, total=False):
    """Options that every optimizer takes and hands on; `Optimizer` says what they do."""

    decay_biases: bool
    clip_norm: float | None
    clip_value: float | None


class Optimizer:
    """What training asks of an optimizer: `step`, and a learning rate that may change at any time.

    Parameters
    ----------
    lr : float or schedule
        The learning rate η ≥ 0, or a function that gives it for step 0, 1, 2 …
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

    def __init__(
        self,
        lr: float | Schedule,
        *,
        weight_decay: float = 0.0,
        decay_biases: bool = False,
        clip_norm: float | None = None,
        clip_value: float | None = None,
    ) -> None:
        self.lr = lr
        self.weight_decay = number("weight_decay", weight_decay)
        self.decay_biases = bool(decay_biases)
        self.clip_norm = _limit("clip_norm", clip_norm)
        self.clip_value = _limit("clip_value", clip_value)
        if clip_norm is not None and clip_value is not None:
            raise ValueError(
                "clip_norm, clip_value: expected one of the two, "
                f"got {clip_norm} and {clip_value}: leave one out"
            )
        self.t = 0
        self.state: dict[str, Array] = {}
        self._scratch = self._gradient = np.empty(0)

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
            ``slice(None)`` is everything. Needed when weight_decay > 0 without decay_biases.
        """
        lr = self.rate
        decay = slice(None) if self.decay_biases else decay
        self._prepare(params, grads, decay)
        grads = self._clipped(grads)
        if self.weight_decay:
            grads = self._decayed(params, grads, decay, lr)
        self.t += 1
        self._update(params, grads, lr)

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
                f"got {', '.join(map(str, state))}: it is the state of another optimizer"
            )
        vectors = {name: real(f"state[{name!r}]", state[name]).copy() for name in names}
        like = next(iter((self.state if self.t else vectors).values()), None)
        for name, v in vectors.items():
            if like is not None and (v.ndim != 1 or v.shape != like.shape or v.dtype != like.dtype):
                raise ValueError(
                    f"state[{name!r}]: expected a flat vector of {like.size} {like.dtype}, got "
                    f"shape {v.shape} of {v.dtype}: make a new optimizer for a new network"
                )
        self.t, self.state, self._scratch = t, vectors, np.empty(0)

    def _update(self, params: Array, grads: Array, lr: float) -> None:
        """Move params by this optimizer's rule."""
        raise NotImplementedError(f"{type(self).__name__}._update is not written")

    def _clipped(self, grads: Array) -> Array:
        """Cut g to its limit, in a vector of its own."""
        if self.clip_norm is not None:
            scale = min(1.0, self.clip_norm / (_norm(grads) + 1e-6))
            return np.multiply(grads, scale, out=self._gradient)
        if self.clip_value is not None:
            return np.clip(grads, -self.clip_value, self.clip_value, out=self._gradient)
        return grads

    def _decayed(self, params: Array, grads: Array, decay: slice | None, lr: float) -> Array:
        """g + λ θ, in a vector of its own."""
        g, shrink = self._gradient, self._scratch[decay]
        g[:] = grads
        np.multiply(params[decay], self.weight_decay, out=shrink)
        g[decay] += shrink
        return g

    def _prepare(self, params: Array, grads: Array, decay: slice | None) -> None:
        """Check the vectors; make room where there is none yet."""
        if self.weight_decay and decay is None:
            raise TypeError(
                f"decay: weight_decay is {self.weight_decay:g}, so say what it may shrink: "
                "step(net.params, net.grads, decay=net.matrices) spares the biases, "
                "decay=slice(None) is everything"
            )
        room = self._scratch
        if self.t and params.shape == grads.shape == room.shape and params.dtype == room.dtype:
            return  # as in the step before
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
        if self.t == 0:
            self.state = {name: np.zeros_like(params) for name in self.slots}
        for v in self.state.values():
            if v.shape != params.shape or v.dtype != params.dtype:
                raise ValueError(
                    f"params: this optimizer has taken {self.t} steps on {v.size} "
                    f"parameters of {v.dtype}, got {params.size} of {params.dtype}: "
                    "make a new optimizer for a new network"
                )
        self._scratch, self._gradient = np.empty_like(params), np.empty_like(params)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the room for intermediate results out of copies and pickles."""
        return self.__dict__ | {"_scratch": np.empty(0), "_gradient": np.empty(0)}

    def __repr__(self) -> str:
        lr = re.sub(" at 0x[0-9a-f]+", "", getattr(self._lr, "__name__", repr(self._lr)))
        defaults = self.defaults | Optimizer.defaults | self.defaults
        changed = {k: getattr(self, k) for k, v in defaults.items() if getattr(self, k) != v}
        options = ", ".join(f"{k}={v}" for k, v in ({"lr": lr} | changed).items())
        return f"{type(self).__name__}({options})"


def _limit(name: str, value: float | None) -> float | None:
    """Check an optional limit."""
    return None if value is None else number(name, value, strict=True)


def _norm(v: Array) -> float:
    """‖v‖, also where v² overflows."""
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(v))
    if np.isinf(norm):
        largest = float(np.abs(v).max())
        norm = largest * float(np.linalg.norm(v / largest))
    return norm
