"""The checker: runs a learner's function on fresh numbers, and says which mistake it made."""

import copy
import dis
import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np

CASES = 5
PRIMES = (3, 5, 7, 11, 13)
TOLERANCE = 1e-6

Function = Callable[..., Any]


@dataclass(frozen=True)
class Exercise:
    """An exercise as data.

    Parameters
    ----------
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
    """

    case: Callable[[np.random.Generator, list[int]], tuple[Any, ...]]
    solution: Function
    mistakes: Mapping[str, Function]
    hints: tuple[str, ...]
    parts: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Verdict:
    """What a check says: a mark, and a sentence or two."""

    mark: str
    exercise: str
    text: str

    @property
    def ok(self) -> bool:
        """Whether the answer was right."""
        return self.mark == "✓"

    def _repr_html_(self) -> str:
        lines = "<br>".join(html.escape(self.text).splitlines())
        return f"<div><b>{self.mark} {self.exercise}</b> {lines}</div>"

    def __repr__(self) -> str:
        return f"{self.mark} {self.exercise} {self.text}"


def check(exercise: str, answer: Function) -> Verdict:
    """Check an answer: right, not written yet, or wrong and how.

    Parameters
    ----------
    exercise : str
        Its number in the lesson, such as ``"04.1"``.
    answer : callable
        Your function. It runs on random arguments, which it must not change.
    """
    task = find(exercise)
    if not callable(answer):
        raise TypeError(
            f"answer: expected your function itself, got {answer!r}: "
            f'write check("{exercise}", my_function), without calling it'
        )
    rng = np.random.default_rng()
    wrong: list[str] = []
    suspects = dict(task.mistakes)
    for _ in range(CASES):
        sizes = [int(size) for size in rng.permutation(PRIMES)[:4]]
        arguments = task.case(rng, sizes)
        try:
            given = copy.deepcopy(arguments)
            with np.errstate(all="ignore"):
                result = answer(*given)
        except Exception as error:
            return Verdict("✗", exercise, f"raised {type(error).__name__}: {error}")
        if result is None or result is ...:
            return _nothing_came(exercise, answer)
        if not _same(given, arguments):
            return Verdict("✗", exercise, "your function changes its arguments: work on new arrays")
        with np.errstate(all="ignore"):
            difference = _difference(result, task.solution(*arguments), task.parts)
            suspects = {
                name: mistake
                for name, mistake in suspects.items()
                if _difference(result, mistake(*arguments), task.parts) is None
            }
        if difference is not None:
            wrong.append(difference)
    if not wrong:
        return Verdict("✓", exercise, f"right: {CASES} random cases, each of another shape")
    return Verdict("✗", exercise, next(iter(suspects), wrong[0]))


def hint(exercise: str, step: int = 1) -> Verdict:
    """Give help in steps: ``hint("04.1")``, then ``hint("04.1", 2)``, then 3."""
    hints = find(exercise).hints
    if step not in range(1, len(hints) + 1):
        raise ValueError(f"step: expected a step from 1 to {len(hints)}, got {step!r}")
    more = f" (more: hint({exercise!r}, {step + 1}))" if step < len(hints) else ""
    return Verdict("→", exercise, hints[step - 1] + more)


def find(exercise: str) -> Exercise:
    """Return an exercise by its number."""
    lesson = str(exercise).partition(".")[0]
    try:
        table = import_module(f"nnlib.exercises.lesson_{lesson}").EXERCISES
    except ModuleNotFoundError:
        table = {}
    if exercise not in table:
        known = f"lesson {lesson} has {', '.join(table)}" if table else "such as '04.1'"
        raise ValueError(
            f"exercise: expected the number of an exercise ({known}), got {exercise!r}"
        )
    found: Exercise = table[exercise]
    return found


def _nothing_came(exercise: str, answer: Function) -> Verdict:
    """Tell an untouched stub from a function that forgot to return."""
    code = getattr(answer, "__code__", None)
    arguments = code.co_varnames[: code.co_argcount] if code else ()
    loaded: set[Any] = set()
    for step in dis.get_instructions(code) if code else ():
        # One instruction may load two variables (Python 3.13); then argval is the pair.
        loaded.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    if loaded.intersection(arguments):
        return Verdict("✗", exercise, "your function returns nothing: is the `return` missing?")
    return Verdict("○", exercise, "not written yet: fill in the function, then run the cell again")


def _difference(result: Any, expected: Any, parts: tuple[str, ...]) -> str | None:
    """Say where a result first differs from what is expected; None: nowhere."""
    if not parts:
        return _array_difference(result, expected, "your result")
    if not isinstance(result, tuple) or len(result) != len(parts):
        return f"expected {len(parts)} values, {', '.join(parts)}: return {', '.join(parts)}"
    said = [
        _array_difference(mine, true, name)
        for name, mine, true in zip(parts, result, expected, strict=True)
    ]
    if not any(said):
        return None
    return "; ".join(text or f"{name} is right" for name, text in zip(parts, said, strict=True))


def _array_difference(result: Any, expected: Any, name: str) -> str | None:
    """Compare dtype, shape, then values."""
    mine, true = np.asarray(result), np.asarray(expected)
    if mine.dtype.kind not in "fiub":
        return f"{name}: expected numbers, got {mine.dtype}"
    if mine.shape != true.shape:
        return f"{name}: expected shape {true.shape}, got {mine.shape}"
    mine, true = mine.astype(float), true.astype(float)
    size = np.abs(true[np.isfinite(true)]).max(initial=0)
    far = ~np.isclose(mine, true, rtol=0, atol=TOLERANCE * size, equal_nan=True)
    if not far.any():
        return None
    index = tuple(int(i) for i in np.argwhere(far)[0])
    where = f" at [{', '.join(map(str, index))}]" if index else ""
    return f"{name}: expected {true[index]:.6g}{where}, got {mine[index]:.6g}"


def _same(a: Any, b: Any) -> bool:
    """Compare arguments before and after, whatever they hold."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    return np.array_equal(a, b)
