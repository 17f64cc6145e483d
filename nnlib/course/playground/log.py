"""What was done in a run: the settings and the weights set by hand, each with its step."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nnlib.course.playground.settings import Settings

Weight = tuple[int, int, int, float]
"""Layer (of the Dense layers, from 0), row (−1: the bias), column, and the value set there."""


class Entry(NamedTuple):
    """From this step on the settings hold, and with their network these weights were set."""

    step: int
    settings: Settings
    weights: tuple[Weight, ...] = ()


def stretches(log: Sequence[Entry], steps: int) -> Iterator[tuple[Entry, Entry, int]]:
    """Walk through a log of so many steps: the entry before, the entry, the steps that follow.

    Before the first entry stands itself.
    """
    ends = [*(entry.step for entry in log[1:]), steps]
    for before, entry, end in zip([log[0], *log], log, ends, strict=False):
        yield before, entry, end - entry.step
