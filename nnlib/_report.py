"""What prints as a table: what a gradient check found, what a network is made of."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from nnlib._typing import Shape


class Table:
    """Rows of text; prints in aligned columns, and lines of prose below."""

    def __init__(self, *rows: tuple[str, ...], below: Iterable[str] = ()) -> None:
        self.rows, self.below = rows, tuple(below)

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in self.rows]
        return "\n".join([*lines, *self.below])


@dataclass(frozen=True)
class CheckedArray:
    """One line of a report: an array, how much of it was checked, how far its gradients differ.

    The mark is ``ok``; ``tiny`` where the gradient drowns in rounding, and the two differ by no
    more than that; ``kink`` where no entry could be checked; or ``WRONG``.
    """

    mark: str
    layer: str
    name: str
    shape: Shape
    checked: int
    error: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The line's texts, column by column."""
        checked = f"{self.checked} of {math.prod(self.shape)}"
        error = f"{self.error:.0e}" if self.error else "0"
        return self.mark, self.layer, self.name, str(self.shape), checked, error


@dataclass(frozen=True)
class GradientReport:
    """What `nnlib.check_gradients` found; prints as a table."""

    rows: tuple[CheckedArray, ...]
    tolerance: float

    HEAD: ClassVar = ("", "layer", "array", "shape", "checked", "relative error")

    @property
    def ok(self) -> bool:
        """Whether every array was checked, and every gradient agreed."""
        return all(row.mark in ("ok", "tiny") for row in self.rows)

    @property
    def worst(self) -> float:
        """The largest relative error."""
        return float(np.max([row.error for row in self.rows]))

    def __repr__(self) -> str:
        return repr(Table(self.HEAD, *(row.cells for row in self.rows), below=self._verdict()))

    def _verdict(self) -> list[str]:
        marks = {row.mark for row in self.rows}
        said = []
        if "WRONG" in marks:
            said.append(f"at least one gradient is wrong ({self.tolerance:.0e})")
        if "kink" in marks:
            said.append(
                "kink: no derivative exists where the input of a ReLU is exactly 0; "
                "take other examples, or biases that are not 0"
            )
        if "tiny" in marks:
            said.append("tiny: these gradients are too small to be told from rounding")
        return said if not self.ok else [f"all gradients agree ({self.tolerance:.0e})", *said]
