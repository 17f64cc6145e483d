"""A moment of a run, to go on from: identically."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array
from nnlib.explorers.playground.history import Record
from nnlib.explorers.playground.settings import Settings


class Ending(NamedTuple):
    """Whether a run has ended, whether by divergence, and what there is to say."""

    ended: bool = False
    diverged: bool = False
    said: str = ""


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on identically from where it was."""

    settings: Settings
    steps: int
    epoch: int
    params: Array
    optimizer: dict[str, Any]
    shuffling: dict[str, Any]
    taken: int
    dropping: list[dict[str, Any]]
    log: list[tuple[int, Settings]]
    record: Record
    ending: Ending
    good: "Checkpoint | None" = None
    """The best moment before; None: this one, or one that nobody asks for."""


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator, to come back to."""
    return dict(rng.bit_generator.state)
