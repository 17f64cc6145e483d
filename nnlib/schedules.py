"""Schedules: a learning rate for each step. ``schedule(step)`` is a float; step 0 is the first.

An optimizer takes one as its ``lr``. In the equations t is the step, η the rate that is given, T
the number of steps. A step is an update, one for each batch: an epoch has ⌈n / batch_size⌉ of them.
PyTorch calls these StepLR, ExponentialLR, CosineAnnealingLR, LinearLR (for a warm-up), OneCycleLR
and SequentialLR, but its users mostly step them once an epoch.

A schedule that has an `end` stays there: beyond its last step the rate is the final one. The next
training with the same optimizer goes on at that rate; a new optimizer begins at step 0. Why rates
should fall at all: Robbins and Monro (1951), *A stochastic approximation method*.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from ._typing import LearningRate
from ._validation import learning_rate, number, whole


@dataclass(frozen=True, repr=False)
class Schedule:
    """What all share: arguments are checked by their names and kept as Python numbers.

    A subclass is a frozen dataclass, too, and writes `rate`.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            check: Callable[[str, Any], Any] = _CHECKS.get(field.name, number)
            object.__setattr__(self, field.name, check(field.name, getattr(self, field.name)))

    def __call__(self, step: int) -> float:
        """Return η(step) as a Python float: a numpy.float64 would promote float32 parameters."""
        return float(self.rate(whole("step", step, minimum=0)))

    def __repr__(self) -> str:
        values = ", ".join(f"{k}={v!r}" for k, v in vars(self).items())
        return re.sub(" at 0x[0-9a-f]+", "", f"{type(self).__name__}({values})")

    @property
    def end(self) -> int | None:
        """How many steps it is made for: from step `end` on the rate stays; None: it has no end."""
        return None

    def rate(self, t: int) -> float:
        """η(t) for a step t = 0, 1, 2 … that has been checked."""
        raise NotImplementedError(f"{type(self).__name__}.rate is not written")


@dataclass(frozen=True, repr=False)
class Constant(Schedule):
    """η(t) = η, the lr that is given."""

    lr: float

    def rate(self, t: int) -> float:
        return self.lr


@dataclass(frozen=True, repr=False)
class StepDecay(Schedule):
    """η(t) = η · factor^⌊t / every_steps⌋: a fall every so many updates.

    Parameters
    ----------
    lr : float
        The first learning rate η ≥ 0.
    every_steps : int
        Updates from one fall to the next. Ten epochs are 10 · ⌈n / batch_size⌉ updates.
    factor : float
        In (0, 1): what is left after a fall.

    Examples
    --------
    >>> import math
    >>> batches = math.ceil(1437 / 32)       # of the 8×8 digits, in an epoch
    >>> schedule = StepDecay(0.1, every_steps=10 * batches, factor=0.5)
    >>> [schedule(epoch * batches) for epoch in (0, 9, 10, 20)]
    [0.1, 0.1, 0.05, 0.025]
    """

    lr: float
    every_steps: int
    factor: float = 0.1

    def rate(self, t: int) -> float:
        return self.lr * self.factor ** (t // self.every_steps)


@dataclass(frozen=True, repr=False)
class Exponential(Schedule):
    """η(t) = η · factorᵗ: the same share is lost in every step.

    Parameters
    ----------
    lr : float
        The first learning rate η ≥ 0.
    factor : float
        In (0, 1): what is left after a step. To lose half in h steps: 0.5 ** (1 / h).

    Examples
    --------
    >>> round(Exponential(0.1, factor=0.5 ** (1 / 45))(45), 12)
    0.05
    """

    lr: float
    factor: float

    def rate(self, t: int) -> float:
        return self.lr * self.factor**t


@dataclass(frozen=True, repr=False)
class Cosine(Schedule):
    """η(t) = w η + (1 − w) final, w = (1 + cos(π t/T)) / 2: slow at both ends, fast in between.

    Parameters
    ----------
    lr : float
        The first learning rate η ≥ 0.
    steps : int
        T ≥ 1.
    final : float
        The learning rate at step T, and beyond.

    Source: Loshchilov and Hutter (2017), *SGDR: stochastic gradient descent with warm restarts*,
    equation 5, without the restarts.

    Examples
    --------
    >>> schedule = Cosine(0.4, steps=100)
    >>> schedule(0), round(schedule(50), 12), schedule(100), schedule(1000), schedule.end
    (0.4, 0.2, 0.0, 0.0, 100)
    """

    lr: float
    steps: int
    final: float = 0.0

    @property
    def end(self) -> int:
        return self.steps

    def rate(self, t: int) -> float:
        return _half_wave(self.lr, self.final, min(t, self.steps) / self.steps)


@dataclass(frozen=True, repr=False)
class Warmup(Schedule):
    """η(t) = η (t + 1) / T for t < T, then the schedule from its own step 0, where its rate is η.

    Steps are small as long as gradients, those of random weights, are large and say little.

    Parameters
    ----------
    schedule : schedule or float
        What the warm-up leads to.
    steps : int
        T ≥ 1, the steps of the warm-up; the last of them has the full rate.

    Source: Goyal et al. (2017), *Accurate, large minibatch SGD: training ImageNet in 1 hour*, 2.2.

    Examples
    --------
    >>> import nnlib as nn
    >>> schedule = nn.schedules.Warmup(nn.schedules.Exponential(1.0, factor=0.5), steps=4)
    >>> [schedule(step) for step in range(7)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.25]
    """

    schedule: LearningRate
    steps: int

    @property
    def end(self) -> int | None:
        last = getattr(self.schedule, "end", None)
        return None if last is None else self.steps + last

    def rate(self, t: int) -> float:
        if t < self.steps:
            return (t + 1) / self.steps * _ask(self.schedule, 0)
        return _ask(self.schedule, t - self.steps)


@dataclass(frozen=True, repr=False)
class OneCycle(Schedule):
    """Up from η/div_factor to η, then down to η/(div_factor · final_div_factor), on half waves.

    The rise ends at t = pct_start · T − 1, the fall at the last step, T − 1; beyond, the rate
    stays. The waves are those of `Cosine`.

    Parameters
    ----------
    max_lr : float
        The highest learning rate η ≥ 0.
    steps : int
        T ≥ 1, the steps of the whole cycle.
    pct_start : float
        In [0, 1): the share of the steps in which the rate rises.
    div_factor, final_div_factor : float
        At least 1: how many times smaller than η the first rate is, and than the first the last.

    Source: Smith and Topin (2018), *Super-convergence: very fast training of neural networks using
    large learning rates*. The form and the names are PyTorch's; momentum stays as it is.

    Examples
    --------
    >>> schedule = OneCycle(1.0, steps=100)  # up from 1/25, down to 1/250,000
    >>> [float(f"{schedule(step):.2g}") for step in (0, 29, 99, 1000)]
    [0.04, 1.0, 4e-06, 4e-06]
    """

    max_lr: float
    steps: int
    pct_start: float = 0.3
    div_factor: float = 25.0
    final_div_factor: float = 1e4

    @property
    def end(self) -> int:
        return self.steps

    def rate(self, t: int) -> float:
        first, t = self.max_lr / self.div_factor, min(t, self.steps - 1)
        peak = self.pct_start * self.steps - 1
        if t < peak:
            return _half_wave(first, self.max_lr, t / peak)
        last = first / self.final_div_factor
        return _half_wave(self.max_lr, last, (t - peak) / (self.steps - 1 - peak))


@dataclass(frozen=True, repr=False)
class Sequence(Schedule):
    """One schedule after the other, each from its own step 0.

    Beyond the last step the rate stays where the last schedule has come to after its steps.

    Parameters
    ----------
    parts : sequence of (schedule or float, int)
        What to follow, and for how many steps.

    Examples
    --------
    >>> schedule = Sequence([(0.1, 2), (Cosine(0.2, steps=2), 2)])
    >>> [schedule(step) for step in range(6)], schedule.end
    ([0.1, 0.1, 0.2, 0.1, 0.0, 0.0], 4)
    """

    parts: tuple[tuple[LearningRate, int], ...]

    @property
    def end(self) -> int:
        return sum(steps for _, steps in self.parts)

    def rate(self, t: int) -> float:
        for schedule, steps in self.parts[:-1]:
            if t < steps:
                return _ask(schedule, t)
            t -= steps
        schedule, steps = self.parts[-1]
        return _ask(schedule, min(t, steps))


def _half_wave(start: float, end: float, x: float) -> float:
    """From start at x = 0 to end at x = 1, along half a wave of the cosine."""
    w = (1 + math.cos(math.pi * x)) / 2
    return start if start == end else w * start + (1 - w) * end


def _ask(schedule: LearningRate, t: int) -> float:
    """Rate of a schedule at its step t, or a constant one."""
    return schedule(t) if callable(schedule) else schedule


def _parts(name: str, parts: Any) -> tuple[tuple[LearningRate, int], ...]:
    """Check the pairs of a sequence."""
    pairs = parts if isinstance(parts, (tuple, list)) and parts else [None]
    if any(not isinstance(pair, (tuple, list)) or len(pair) != 2 for pair in pairs):
        raise TypeError(f"{name}: expected pairs, [(schedule, steps), …], got {parts!r}")
    return tuple(
        (learning_rate(f"{name}[{i}][0]", schedule), whole(f"{name}[{i}][1]", steps))
        for i, (schedule, steps) in enumerate(pairs)
    )


_CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "every_steps": whole,
    "steps": whole,
    "factor": partial(number, below=1, strict=True),
    "pct_start": partial(number, below=1),
    "div_factor": partial(number, minimum=1),
    "final_div_factor": partial(number, minimum=1),
    "schedule": learning_rate,
    "parts": _parts,
}
