"""The checker: runs a learner's function on fresh numbers, and says which mistake it made."""

import copy
import dis
import html
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.course.exercises import progress
from nnlib.course.exercises.compare import difference, unchanged
from nnlib.course.exercises.exercise import Exercise, Function, find
from nnlib.course.exercises.limit import TookTooLong, limited
from nnlib.course.exercises.mistakes import diagnoses, likely_reason, sizes_of

CASES = 5
SECONDS = 5.0
"""For a whole check."""


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


def check(exercise: str, answer: Function, *, record: bool = True) -> Verdict:
    """Check an answer: right, not written yet, or wrong and how.

    Parameters
    ----------
    exercise : str
        Its number in the lesson, such as ``"04.1"``.
    answer : callable
        Your function. It runs on random arguments, which it must not change, and is stopped
        after five seconds.
    record : bool
        Whether `progress` counts a right answer; worked solutions say False.
    """
    task = find(exercise)
    if not callable(answer):
        raise TypeError(
            f"answer: expected your function itself, got {answer!r}: "
            f'write check("{exercise}", my_function), without calling it'
        )
    try:
        verdict: Verdict = limited(lambda: _verdict(exercise, task, answer), SECONDS)
    except TookTooLong:
        verdict = Verdict(
            "✗",
            exercise,
            f"stopped after {SECONDS:g} seconds: a loop that never ends? "
            "The arguments are small, a right answer takes a blink",
        )
    if record and verdict.ok:
        progress.remember(exercise)
    return verdict


def hint(exercise: str, step: int = 1) -> Verdict:
    """Give help in steps: ``hint("04.1")``, then ``hint("04.1", 2)``, then 3."""
    hints = find(exercise).hints
    if step not in range(1, len(hints) + 1):
        raise ValueError(f"step: expected a step from 1 to {len(hints)}, got {step!r}")
    more = f" (more: hint({exercise!r}, {step + 1}))" if step < len(hints) else ""
    return Verdict("→", exercise, hints[step - 1] + more)


def _verdict(exercise: str, task: Exercise, answer: Function) -> Verdict:
    """Run an answer on a few cases; a diagnosis must fit them all."""
    rng = np.random.default_rng()
    differences: list[str] = []
    suspects = dict(task.mistakes)
    sentences: list[str] | None = None
    for _ in range(CASES):
        arguments = task.draw(rng)
        given = copy.deepcopy(arguments)
        try:
            with np.errstate(all="ignore"):
                result = answer(*given)
        except SystemExit:
            return Verdict("✗", exercise, "your function calls sys.exit() or exit(): leave it out")
        except Exception as error:
            return Verdict("✗", exercise, likely_reason(error, answer, given))
        if result is None or result is ...:
            return _nothing_came(exercise, answer)
        if not unchanged(given, arguments):
            return Verdict("✗", exercise, "your function changes its arguments: work on new arrays")
        with np.errstate(all="ignore"):
            expected = task.solution(*arguments)
            text = difference(result, expected, task.parts)
            suspects = {
                name: mistake
                for name, mistake in suspects.items()
                if difference(result, mistake(*arguments), task.parts) is None
            }
            if text is not None:
                sizes = sizes_of(task.solution, arguments)
                fitting = list(diagnoses(result, expected, task.parts, sizes))
                sentences = [s for s in fitting if sentences is None or s in sentences]
                differences.append(text)
    if not differences:
        return Verdict("✓", exercise, f"right: {CASES} random cases, each of another shape")
    if suspects:
        return Verdict("✗", exercise, next(iter(suspects)))
    return Verdict("✗", exercise, "\n".join([*(sentences or ())[:1], differences[0]]))


def _nothing_came(exercise: str, answer: Function) -> Verdict:
    """Tell an untouched stub from a function that forgot to return."""
    code = getattr(answer, "__code__", None)
    arguments = code.co_varnames[: code.co_argcount] if code else ()
    names: set[Any] = set()
    for step in dis.get_instructions(code) if code else ():
        # One instruction may load two variables (Python 3.13); then argval is the pair.
        names.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    if names.intersection(arguments):
        return Verdict("✗", exercise, "your function returns nothing: is the `return` missing?")
    return Verdict("○", exercise, "not written yet: fill in the function, then run the cell again")
