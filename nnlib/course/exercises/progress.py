"""What has been solved so far: a file beside the notebooks, and a quiet table of it."""

import html
import json
import os
import re
from pathlib import Path
from typing import Any

from nnlib.course.exercises.exercise import exercises, lessons

NAME = ".progress.json"

EDITION = 2
"""Of the record. Before editions were written down, lesson 16 was number 15."""


def _file() -> Path | None:
    """Return where answers are recorded; None: nowhere.

    ``NNLIB_PROGRESS`` names a file, or is "off"; else it lies in the folder that the kernel
    works in, which is the notebook's.
    """
    where = os.environ.get("NNLIB_PROGRESS", "")
    return None if where == "off" else Path(where or NAME)


def solved() -> set[str]:
    """Return the numbers of the exercises that were solved."""
    path = _file()
    if path is None or not path.exists():
        return set()
    try:
        return _numbers(json.loads(path.read_text("utf8")))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: expected the record of your solved exercises, and it can't be read "
            f"({error}): rename it, and a new one is begun"
        ) from None


def _numbers(record: Any) -> set[str]:
    """Return the exercises that a record lists, by the numbers that they have today."""
    if not isinstance(record, dict):
        raise ValueError(f"it is a {type(record).__name__}, no record")
    if record.get("edition", EDITION) != EDITION:
        raise ValueError(
            f"it is of edition {record['edition']!r}, and this nnlib knows {EDITION}: "
            "`git pull` brings a newer one"
        )
    numbers = record.get("solved")
    if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
        raise ValueError('it has no list of numbers under "solved"')
    if "edition" in record:
        return set(numbers)
    return {re.sub(r"^15\.", "16.", number) for number in numbers}


def remember(exercise: str) -> None:
    """Record an exercise as solved; the file is replaced as a whole, or not at all."""
    path = _file()
    if path is None:
        return
    new = path.with_name(path.name + ".new")
    try:
        record = {"edition": EDITION, "solved": sorted({*solved(), exercise})}
        new.write_text(json.dumps(record, indent=1) + "\n", "utf8")
        new.replace(path)
    except (OSError, ValueError):  # not writable, or not readable: the answer is right all the same
        return


class Progress:
    """A table: each lesson's exercises, ✓ solved or ○ open."""

    def __init__(self, *chosen: str) -> None:
        numbers = solved()
        self.rows = [
            (lesson, [(number, number in numbers) for number in exercises(lesson)])
            for lesson in chosen or lessons()
        ]

    @property
    def summary(self) -> str:
        """Say how much is done."""
        marks = [right for _, row in self.rows for _, right in row]
        return f"{sum(marks)} of {len(marks)} exercises solved"

    def _lines(self) -> list[tuple[str, str, str]]:
        """Return lesson, exercises with their marks, and a count in words."""
        return [
            (
                lesson,
                "  ".join(
                    f"{'✓' if right else '○'}\N{NO-BREAK SPACE}{number}" for number, right in row
                ),
                f"{sum(right for _, right in row)} of {len(row)}",
            )
            for lesson, row in self.rows
        ]

    def _repr_html_(self) -> str:
        def tr(cells: Any, tag: str) -> str:
            style = 'style="text-align:left;white-space:pre-wrap"'  # a mark stays by its number
            return "".join(f"<{tag} {style}>{html.escape(cell)}</{tag}>" for cell in cells)

        rows = "".join(f"<tr>{tr(line, 'td')}</tr>" for line in self._lines())
        head = tr(("lesson", "exercises (✓ solved, ○ open)", "solved"), "th")
        return (
            f"<table><caption>{self.summary}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        )

    def __repr__(self) -> str:
        width = max(len(marks) for _, marks, _ in self._lines())
        lines = [f"{lesson}  {marks:{width}}  {count}" for lesson, marks, count in self._lines()]
        return "\n".join([*lines, self.summary])


def progress(*chosen: str) -> Progress:
    """Show what you have solved, of all lessons or of those chosen: ``progress("04")``.

    It is kept in ``.progress.json`` beside the notebooks.

    ``NNLIB_PROGRESS=off`` in the environment records and shows nothing; a path there is used in
    place of that file.
    """
    return Progress(*chosen)
