"""An exercise as data: fresh arguments, the solution, the mistakes that people make, hints."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

PRIMES = (3, 5, 7, 11, 13)

LESSONS = Path(__file__).parents[1] / "lessons"
"""Where each lesson has its file."""

Function = Callable[..., Any]


class Refused(Exception):
    """An answer that cannot be tried, and why, in a sentence for the learner."""


@dataclass(frozen=True)
class Exercise:
    """An exercise as data.

    Parameters
    ----------
    title : str
        What is asked, in a few words, as `progress` lists it: ``"leaky ReLU backward"``.
    case : callable
        ``case(rng, sizes)`` returns the arguments of one fresh case; sizes are four distinct
        primes, so that two different mistakes never look alike.
    solution : callable
        The right function.
    mistakes : mapping
        For each known mistake the sentence that names it, and the function that makes it.
    hints : tuple of str
        Up to three steps of help, the answer never first.
    parts : tuple of str
        Names of the returned values, where there are several.
    derived : bool
        Whether a derivation is asked, so that numbers from `nnlib.numerical_gradient` do not count.
    named : bool
        Whether the values stand for names to be matched, so that their numbers tell nothing.
    review : callable, optional
        Where there are very many parts: ``review(arguments, values)`` says how many are right and
        which to look at again; a value that is not written is ``...``.
    adapt : callable, optional
        Where the answer is no function of the case's arguments: ``adapt(answer)`` is. It sees to it
        that the answer ends, and may raise `Refused`. Solution and mistakes are adapted already.
    cases : int
        How many cases a check draws.
    """

    title: str
    case: Callable[[np.random.Generator, list[int]], tuple[Any, ...]]
    solution: Function
    mistakes: Mapping[str, Function]
    hints: tuple[str, ...]
    parts: tuple[str, ...] = field(default=())
    derived: bool = False
    named: bool = False
    review: Callable[[tuple[Any, ...], tuple[Any, ...]], str] | None = None
    adapt: Callable[[Function], Function] | None = None
    cases: int = 5

    def draw(self, rng: np.random.Generator) -> tuple[Any, ...]:
        """Return the arguments of a case with sizes of its own."""
        return self.case(rng, [int(size) for size in rng.permutation(PRIMES)[:4]])


def lessons() -> list[str]:
    """Return the numbers of the lessons that have exercises, in order."""
    paths = LESSONS.glob("lesson_*.py")
    return sorted(path.stem.removeprefix("lesson_") for path in paths)


def data_of(lesson: str) -> Any:
    """Return the module that holds a lesson's exercises and questions."""
    return import_module(f"nnlib.course.lessons.lesson_{lesson}")


def exercises(lesson: str) -> Mapping[str, Exercise]:
    """Return the exercises of a lesson by their numbers; none for an unknown lesson."""
    if lesson not in lessons():
        return {}
    table: Mapping[str, Exercise] = data_of(lesson).EXERCISES
    return table


def questions(lesson: str) -> tuple[Any, ...]:
    """Return the questions of a lesson; none where it asks none."""
    asked: tuple[Any, ...] = getattr(data_of(lesson), "QUESTIONS", ())
    return asked


def find(exercise: str) -> tuple[str, Exercise]:
    """Return an exercise and its number; that may be written ``"04.1"`` or ``"4.1"``."""
    lesson, dot, rest = str(exercise).partition(".")
    lesson = lesson.zfill(2)
    number = f"{lesson}{dot}{rest}"
    table = exercises(lesson)
    if number not in table:
        numbers = f"lesson {lesson} has {', '.join(table)}" if table else "such as '04.1'"
        raise ValueError(
            f"exercise: expected the number of an exercise ({numbers}), got {exercise!r}"
        )
    return number, table[number]
