"""What training says of an optimizer that comes from elsewhere, or whose schedule is over."""

import os

from ._typing import Mark
from ._validation import warn
from .optimizers import Optimizer

OVER = 1e-3
"""At this share of its highest rate, or less, a schedule has ended for good."""

GONE = 1e-8
"""Steps at this share of the highest rate no longer move a float32."""


def new_mark() -> Mark:
    """Mark a new network: a name that no other has, and no updates so far. Copies keep it."""
    return os.urandom(8).hex(), 0


def moved(mark: Mark) -> Mark:
    """The mark of a network after one more update; the optimizer that did it remembers it."""
    name, updates = mark
    return name, updates + 1


def check_owner(optimizer: Optimizer, mark: Mark) -> None:
    """Make sure that what an optimizer remembers is about this network.

    It may come from the network itself, after any number of updates by others since, or from a
    copy, together or apart, as long as the copy has not been trained further.

    Raises
    ------
    ValueError
        If it has moved another network, or a copy of this one that was trained further. One
        without memory, such as SGD without momentum and schedule, may move on.
    """
    if optimizer.mark is None or not optimizer.remembers:
        return
    (name, updates), (ours, now) = optimizer.mark, mark
    if name != ours or updates > now:
        other = "another network, or on this one when other layers were frozen"
        other = other if name != ours else "a copy of this network, trained further"
        raise ValueError(
            f"optimizer: expected one that is new or has moved this network, got {optimizer!r} "
            f"after {optimizer.t} steps that ended on {other}: make a new optimizer"
        )


def schedule_is_over(optimizer: Optimizer) -> str | None:
    """Say so where the next step lies beyond the schedule, at a rate at which nothing is learned.

    That is a rate of at most a thousandth of the highest that the schedule has given: a schedule
    that ends at a tenth or a hundredth, to go on there, is nobody's mistake.
    """
    schedule, t = optimizer.lr, optimizer.t
    end = getattr(schedule, "end", None)
    if not callable(schedule) or end is None or t < end:
        return None
    rate, highest = optimizer.rate, max(map(schedule, range(0, end, max(1, end // 100))))
    if rate > OVER * highest:
        return None
    return (
        f"the schedule of {optimizer!r} ended at step {end}, and {t} steps have been taken: the "
        f"learning rate stays {rate:g}. Make a new optimizer, or set its lr to a number (a new "
        f"schedule would go on from step {t})"
    )


def warn_if_over(optimizer: Optimizer) -> None:
    """Warn, at the start of training, of a schedule that is over."""
    if sentence := schedule_is_over(optimizer):
        warn(sentence)


class Fading:
    """Watches the rates of one training run; warns once when a schedule has fallen to nothing."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer, self.highest, self.told = optimizer, 0.0, False

    def look(self, rate: float) -> None:
        """Take note of the rate of the next step."""
        if rate > self.highest:
            self.highest = rate
        elif rate < GONE * self.highest and not self.told:
            self.told = callable(self.optimizer.lr) and not self._as_planned()
            if self.told:
                warn(self._sentence(rate))

    def _as_planned(self) -> bool:
        """Whether a schedule with an end is about to reach it, or not twice as far yet.

        A long one comes near 0 before its end; a few steps more are no more than a miscount.
        """
        end = getattr(self.optimizer.lr, "end", None)
        return end is not None and 0.999 * end < self.optimizer.t < 2 * end

    def _sentence(self, rate: float) -> str:
        return (
            f"the learning rate has fallen from {self.highest:g} to {rate:g} by step "
            f"{self.optimizer.t} of {self.optimizer!r}: nothing moves any more. A schedule counts "
            "steps, one for each batch, not epochs: give it more of them"
        )
