"""Points that somebody typed: text becomes points and targets, and it is said as what it was read.

A line is x₁, x₂ and a label or a value. People write it in many ways: with commas, semicolons, tabs
or blanks between, with decimal commas, with a heading, with the minus sign of a word processor.
"""

import csv
import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from nnlib._typing import Array, Targets
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
    x1: float
    x2: float
    target: str


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
        line = COMMENT.sub("", whole_line).strip()
        if not line:
            continue
        row = _row(number, line)
        if row is not None:
            rows.append(row)
        elif rows or heading or _has_number(line):
            raise ValueError(_wrong(number, line, whole_line))
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


# A line ----------------------------------------------------------------------------------------

COMMENT = re.compile(r"(^|\s)#.*")
"""A # in the middle of a word, as in a colour, begins none."""


def _row(number: int, line: str) -> Row | None:
    """Read a line, parted where this gives two numbers and something third."""
    for cells in _partings(line):
        if len(cells) == 3 and cells[2]:
            x1, x2 = map(_number, cells[:2])
            if x1 is not None and x2 is not None:
                return Row(number, x1, x2, cells[2])
    return None


def _partings(line: str) -> Iterator[list[str]]:
    """Part a line at semicolons, tabs, commas or blanks; a comma in an entry is a decimal point."""
    for mark in (";", "\t", ","):
        if mark in line:
            try:
                cells = next(csv.reader([line], delimiter=mark, skipinitialspace=True))
            except csv.Error:  # an entry of more than 131,072 characters
                cells = line.split(mark)
            cells = [cell.strip() for cell in cells]
            yield cells if mark == "," else [_with_point(cell) for cell in cells]
    yield [_with_point(cell) for cell in line.split()]


def _with_point(cell: str) -> str:
    """Write a number with a decimal point; leave a word as it is."""
    return cell.replace(",", ".") if re.fullmatch(r"[-+−]?\d*,\d+([eE][-+−]?\d+)?", cell) else cell


def _float(cell: str) -> float | None:
    """Read a number, which may be written with the real minus sign; None: it is none."""
    try:
        return None if "_" in cell else float(cell.replace("−", "-"))
    except ValueError:
        return None


def _number(cell: str) -> float | None:
    """Read a number with which one can compute; None: it is none, or not finite, or huge."""
    value = _float(cell)
    return None if value is None or not abs(value) < 1e100 else value + 0.0  # −0 becomes 0


def _has_number(line: str) -> bool:
    return any(_float(cell) is not None for cells in _partings(line) for cell in cells)


def _wrong(number: int, line: str, whole_line: str) -> str:
    """Say what was expected in a line, what came, and why that may be."""
    cells = next(_partings(line))
    parts = [f"line {number}: expected {FORM}; got {', '.join(cells)[:60]!r}"]
    if len(cells) == 3 and not cells[2]:
        parts.append("the label or value is missing")
    if len(line) < len(whole_line.strip()):
        parts.append("a # after a blank begins a comment")
    commas = "," in line and not re.search("[;\t]", line) and re.search(r"\d,\d", line)
    if commas and (len(cells) > 3 or any(re.search(r"\d\s", cell) for cell in cells)):
        parts.append("write decimals with a point")
    return "; ".join(parts)


# All targets -----------------------------------------------------------------------------------


def _targets(rows: list[Row]) -> tuple[Targets, tuple[str, ...], str]:
    """Tell labels from values; number the labels; say which they are."""
    for row in rows:
        if _float(row.target) is not None and _number(row.target) is None:
            raise ValueError(
                f"line {row.line}: expected a label or a finite number, got {row.target!r}"
            )
    values = [_number(row.target) for row in rows]
    numbers = [value for value in values if value is not None]
    whole = all(value == int(value) for value in numbers)
    if len(numbers) == len(rows) and not (whole and len(set(numbers)) <= MOST_CLASSES):
        summary = (
            f"Read as values from {min(numbers):g} to {max(numbers):g}: a regression. "
            f"For classes give at most {MOST_CLASSES} different labels."
        )
        return np.array(numbers), (), summary
    labels = [row.target if v is None else f"{v:.0f}" for row, v in zip(rows, values, strict=True)]
    names = sorted(set(labels), key=_by_number)
    if not whole or (numbers and len(names) > MOST_CLASSES):
        raise ValueError(_mixed(rows, values))
    if not 2 <= len(names) <= MOST_CLASSES:
        raise ValueError(_not_so_many(names))
    summary = f"Read as {len(names)} classes: {', '.join(name[:30] for name in names)}."
    return np.array([names.index(label) for label in labels]), tuple(names), summary


def _by_number(name: str) -> tuple[float, str]:
    """Order numbers by size, and words after them."""
    value = _number(name)
    return (math.inf if value is None else value, name)


def _mixed(rows: list[Row], values: list[float | None]) -> str:
    """Say which line does not fit to the others: the first of the rarer kind."""
    pairs = list(zip(rows, values, strict=True))
    words = [row for row, value in pairs if value is None]
    numbers = [row for row, value in pairs if value is not None]
    number = next((row for row, value in pairs if value is not None and value % 1), numbers[0])
    rarer = len(words) <= len(numbers)
    odd, other = (words[0], number) if rarer else (number, words[0])
    kind = "no number" if rarer else "a number and no label"
    return (
        f"line {odd.line}: {odd.target[:30]!r} is {kind} like {other.target[:30]!r} in line "
        f"{other.line}: give numbers in all lines, or at most {MOST_CLASSES} different labels"
    )


def _not_so_many(names: list[str]) -> str:
    """Say that there are too few labels, or too many."""
    if len(names) == 1:
        return f"points: all have the label {names[0][:30]!r}: give at least two different labels"
    some = ", ".join(name[:30] for name in names[: MOST_CLASSES + 1])
    return (
        f"points: expected at most {MOST_CLASSES} different labels, got {len(names)}: {some}"
        f"{' …' if len(names) > MOST_CLASSES + 1 else ''}; leave some out, or give numbers for a "
        "regression"
    )
