"""Points that somebody typed: text becomes points and targets, and it is said as what it was read.

A line is x₁, x₂ and a label or a value. People write it in many ways: with commas, semicolons, tabs
or blanks between, with decimal commas, with a heading, with the minus sign of a word processor.
"""

import csv
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nnlib._typing import Array, Targets
from nnlib.course.kit.numerals import typed
from nnlib.course.playground.settings import MOST_CLASSES, MOST_POINTS

FORM = "x₁, x₂ and a label or a value, such as 1.5, -2, 0"


class Points(NamedTuple):
    """Coordinates as they came, targets, names of classes (none: a regression), and the reading."""

    X: Array
    y: Targets
    names: tuple[str, ...]
    summary: str


class Row(NamedTuple):
    """A line that could be read; what the target is, all lines together decide."""

    line: int
    x1: Any
    x2: Any
    target: str
    value: Any
    """The target as a number; None: it is a word."""


COMMENT = re.compile(r"(^|\s)#.*")
"""A # in the middle of a word, as in a colour, begins none."""


def read_points(text: str) -> Points:
    """Read points, one a line; a first line without numbers is a heading.

    The third entries are values if all are numbers, and one is not whole or more than five differ.
    Else they are labels.

    Raises
    ------
    ValueError
        It names the line, what was expected and what came.
    """
    rows: list[Row] = []
    heading = 0
    for number, whole_line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = COMMENT.sub("", whole_line)[:999].strip()
        if not line:
            continue
        partings = [*_partings(line)]
        cells = [cell for cells in partings for cell in cells]
        if row := next(filter(None, (_row(number, cells) for cells in partings)), None):
            rows.append(row)
        elif rows or heading or any(typed(cell) is not None for cell in cells):
            raise ValueError(_wrong(number, partings[0], line, whole_line))
        else:
            heading = number
    if not 4 <= len(rows) <= MOST_POINTS:
        raise ValueError(
            f"points: expected 4 to {MOST_POINTS} lines with a point each, got {len(rows)}: "
            f"a line is {FORM}"
        )
    y, names, summary = _targets(rows)
    summary += f" Line {heading} was taken as a heading." if heading else ""
    return Points(np.array([(row.x1, row.x2) for row in rows]), y, names, summary)


def _partings(line: str) -> Iterator[list[str]]:
    """Part a line at semicolons, tabs, commas or blanks."""
    for mark in ";\t,":
        if mark in line:
            cells = next(csv.reader([line], delimiter=mark, skipinitialspace=True))
            yield [cell.strip() for cell in cells]
    yield line.split()


def _row(line: int, cells: list[str]) -> Row | None:
    """Make a row of two numbers and something third; None: it is something else."""
    if len(cells) != 3 or not cells[2]:
        return None
    x1, x2, value = map(typed, cells)
    if x1 is None or x2 is None or not abs(x1) + abs(x2) < HUGE:
        return None
    if value is not None and not abs(value) < HUGE:
        raise ValueError(f"line {line}: expected a label or a finite number, got {cells[2]!r}")
    return Row(line, x1, x2, cells[2], value)


HUGE = 1e100
"""With larger numbers one cannot compute."""


def _wrong(number: int, cells: list[str], line: str, whole_line: str) -> str:
    """Say what was expected in a line, what came, and why that may be."""
    parts = [f"line {number}: expected {FORM}; got {', '.join(cells)[:60]!r}"]
    if len(cells) == 3 and not cells[2]:
        parts.append("the label or value is missing")
    if COMMENT.search(whole_line):
        parts.append("a # after a blank begins a comment")
    parted = re.search("[;\t]", line) or not re.search(r"\d,\d", line)
    if not parted and (len(cells) > 3 or any(re.search(r"\d\s", cell) for cell in cells)):
        parts.append("write decimals with a point")
    return "; ".join(parts)


def _targets(rows: list[Row]) -> tuple[Targets, tuple[str, ...], str]:
    """Tell labels from values; number the labels; say which they are."""
    words = [row for row in rows if row.value is None]
    numbers = [row for row in rows if row.value is not None]
    labels = [row.target if row.value is None else f"{row.value:.0f}" for row in rows]
    pairs = zip(rows, labels, strict=True)
    kinds = sorted({(row.value is None, row.value or 0.0, label) for row, label in pairs})
    names = tuple(dict.fromkeys(label for *_, label in kinds))
    some = ", ".join(name[:30] for name in names[: MOST_CLASSES + 1])
    if any(row.value % 1 for row in numbers) or (numbers and len(names) > MOST_CLASSES):
        if words:
            raise ValueError(_mixed(words, numbers))
        y = [row.value for row in rows]
        summary = (
            f"Read as values from {min(y):g} to {max(y):g}: a regression. "
            f"For classes give at most {MOST_CLASSES} different labels."
        )
        return np.array(y), (), summary
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(
            f"points: expected 2 to {MOST_CLASSES} different labels, got {len(names)}: {some}; "
            "give so many, or numbers for a regression"
        )
    summary = f"Read as {len(names)} classes: {some}."
    return np.array([names.index(label) for label in labels]), names, summary


def _mixed(words: list[Row], numbers: list[Row]) -> str:
    """Say which line does not fit to the others: the first of the rarer kind."""
    (odd, *_), (other, *_) = sorted((words, numbers), key=len)
    kind = "no number" if odd.value is None else "a number and no label"
    return (
        f"line {odd.line}: {odd.target[:30]!r} is {kind} like {other.target[:30]!r} in line "
        f"{other.line}: give numbers in all lines, or at most {MOST_CLASSES} different labels"
    )
