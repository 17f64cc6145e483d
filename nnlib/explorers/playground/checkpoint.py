"""A moment of a run, to go on from: identically."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.explorers.playground.settings import Settings


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


def state_of(rng: np.random.Generator) -> dict[str, Any]:
    """Return the state of a Generator, to come back to."""
    return dict(rng.bit_generator.state)
