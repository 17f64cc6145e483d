"""Notes of what a learner has done: exercises solved, questions answered; a file, sent nowhere."""

import json
import os
import re
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = ".progress.json"

EDITION = 4
"""Of the file. 2 had no answers; before editions were written down, lesson 16 was number 15."""

MOVED = {
    "01": {"3": "4", "4": "3"},
    "02": {"3": "4", "4": "3"},
    "03": {"3": "4", "4": "3"},
    "04": {"2": "3", "3": "4", "4": "2"},
    "05": {"2": "4", "3": "2", "4": "3"},
    "06": {"2": "4", "3": "5", "4": "2", "5": "3"},
}
"""The exercises that had other numbers before edition 4, lesson by lesson."""

_writing = threading.Lock()
"""A click is answered on another thread than a check, and both write."""


@dataclass
class Notes:
    """The numbers of the exercises solved, and for each lesson what each question was answered."""

    solved: set[str] = field(default_factory=set)
    answers: dict[str, dict[str, str]] = field(default_factory=dict)


def file() -> Path | None:
    """Return where notes are taken; None: nowhere.

    ``NNLIB_PROGRESS`` names a file, or is "off"; else it lies in the folder that the kernel
    works in, which is the notebook's.
    """
    where = os.environ.get("NNLIB_PROGRESS", "")
    return None if where == "off" else Path(where or NAME)


def read() -> Notes:
    """Return what has been noted so far; ValueError where the file can't be read."""
    path = file()
    if path is None or not path.exists():
        return Notes()
    try:
        return _notes(json.loads(path.read_text("utf8")))
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{path}: expected the record of your solved exercises, and it can't be read "
            f"({error}): rename it, and a new one is begun"
        ) from None


def _notes(record: Any) -> Notes:
    """Return what a record of any edition says, by the numbers that exercises have today."""
    if not isinstance(record, dict):
        raise ValueError(f"it is a {type(record).__name__}, no record")
    edition = record.get("edition", 1)
    if edition not in range(1, EDITION + 1):
        raise ValueError(
            f"it is of edition {edition!r}, and this nnlib knows {EDITION}: "
            "`git pull` brings a newer one"
        )
    numbers, answers = record.get("solved"), record.get("answers", {})
    if not (isinstance(numbers, list) and _all_texts(numbers)):
        raise ValueError('it has no list of numbers under "solved"')
    if not (isinstance(answers, dict) and all(map(_is_table, answers.values()))):
        raise ValueError('it has no questions with their answers under "answers"')
    if edition == 1:
        numbers = [re.sub(r"^15\.", "16.", number) for number in numbers]
    if edition < EDITION:
        numbers = [_number_today(number) for number in numbers]
    return Notes(set(numbers), answers)


def _number_today(number: str) -> str:
    lesson, _, exercise = number.partition(".")
    return f"{lesson}.{MOVED.get(lesson, {}).get(exercise, exercise)}" if exercise else number


def _all_texts(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) and _all_texts(value.values())


def add_solved(exercise: str) -> None:
    """Note that an exercise is solved."""
    _add(lambda notes: notes.solved.add(exercise))


def add_answer(lesson: str, question: str, option: str) -> None:
    """Note what a question of a lesson was answered, in place of an answer before."""
    _add(lambda notes: notes.answers.setdefault(lesson, {}).update({question: option}))


def _add(change: Any) -> None:
    """Change the notes; the file is replaced as a whole, or not at all."""
    path = file()
    if path is None:
        return
    new = path.with_name(path.name + ".new")
    try:
        with _writing:
            notes = read()
            change(notes)
            record = {
                "edition": EDITION,
                "solved": sorted(notes.solved),
                "answers": notes.answers,
            }
            new.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf8")
            new.replace(path)
    except (OSError, ValueError):  # not writable, or not readable: the answer is what it is
        return
