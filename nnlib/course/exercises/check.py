"""The checker: runs a learner's function on fresh numbers, and says which mistake it made."""

import copy
import dis
from typing import Any

import numpy as np

from nnlib.course.exercises import notes
from nnlib.course.exercises.compare import difference, unchanged, written
from nnlib.course.exercises.exercise import Exercise, Function, find
from nnlib.course.exercises.limit import TookTooLong, limited
from nnlib.course.exercises.mistakes import diagnoses, likely_reason, sizes_of
from nnlib.course.exercises.printed import few_lines
from nnlib.course.exercises.verdict import Verdict

CASES = 5
SECONDS = 5.0
"""For a whole check."""

_failed: dict[str, tuple[Any, ...]] = {}
"""The arguments with which the last answer to an exercise failed."""


def check(exercise: str, answer: Function | None = None, *, record: bool = True) -> Verdict:
    """Check an answer: right, not written yet, or wrong and how.

    Parameters
    ----------
    exercise : str
        Its number in the lesson, such as ``"04.1"``.
    answer : callable
        Your function. It runs on random arguments, which it must not change, and is stopped
        after five seconds. Of what it prints, 20 lines are shown.
    record : bool
        Whether `progress` counts a right answer; worked solutions say False.
    """
    try:
        exercise, task = find(exercise)
    except ValueError as error:
        return Verdict("?", str(exercise), str(error))
    if not callable(answer):
        got = "" if answer is None else f", got {answer!r:.60}"
        how = f'write `check("{exercise}", my_function)`, without calling it'
        return Verdict("?", exercise, f"expected your function itself{got}: {how}")
    try:
        with few_lines():
            verdict: Verdict = limited(lambda: _verdict(exercise, task, answer), SECONDS)
    except TookTooLong:
        verdict = Verdict(
            "✗",
            exercise,
            f"stopped after {SECONDS:g} seconds: a loop that never ends? "
            "The arguments are small, a right answer takes a blink",
        )
    if record and verdict.ok:
        notes.add_solved(exercise)
    return verdict


def hint(exercise: str, step: int = 1) -> Verdict:
    """Give help in steps: ``hint("04.1")``, then ``hint("04.1", 2)``, then 3."""
    try:
        exercise, task = find(exercise)
    except ValueError as error:
        return Verdict("?", str(exercise), str(error))
    hints = task.hints
    if step not in range(1, len(hints) + 1):
        return Verdict("?", exercise, f"expected a step from 1 to {len(hints)}, got {step!r}")
    more = f" (more: `hint({exercise!r}, {step + 1})`)" if step < len(hints) else ""
    return Verdict("→", exercise, hints[step - 1] + more)


def case(exercise: str) -> tuple[Any, ...]:
    """Hand out the arguments with which your last answer failed, to print and to think.

    ``dA, X, W, b = case("04.2")`` gives them in the order of the function's own.
    """
    exercise, _ = find(exercise)
    if exercise not in _failed:
        raise ValueError(
            f"exercise: expected one whose answer has failed, got {exercise!r}: after a "
            f'check("{exercise}", my_function) that is not right, its arguments are here'
        )
    return copy.deepcopy(_failed[exercise])


def _verdict(exercise: str, task: Exercise, answer: Function) -> Verdict:
    """Run an answer on a few cases; a diagnosis must fit them all."""
    rng = np.random.default_rng()
    differences: list[str] = []
    suspects = dict(task.mistakes)
    sentences: list[str] | None = None
    for _ in range(CASES):
        arguments = task.draw(rng)
        given = copy.deepcopy(arguments)
        if not differences:
            _failed[exercise] = arguments
        result, refused = _answered(exercise, answer, given)
        if refused is not None:
            return refused
        if not unchanged(given, arguments):
            return Verdict("✗", exercise, "your function changes its arguments: work on new arrays")
        places = written(result, task.parts)
        if task.parts and not places:
            return _nothing_came(exercise, answer)
        if len(places) == len(task.parts):
            places = []  # nothing is to be left out
        parts, result = _at(places, task.parts), _at(places, result)
        with np.errstate(all="ignore"):
            expected = _at(places, task.solution(*arguments))
            text = difference(result, expected, parts)
            suspects = {
                name: mistake
                for name, mistake in suspects.items()
                if difference(result, _at(places, mistake(*arguments)), parts) is None
            }
            if text is not None:
                sizes = sizes_of(task.solution, arguments)
                fitting = list(diagnoses(result, expected, parts, sizes))
                sentences = [s for s in fitting if sentences is None or s in sentences]
                differences.append(text)
    if not differences:
        del _failed[exercise]
        return _right(exercise, task.parts, parts)
    if suspects:
        return Verdict("✗", exercise, next(iter(suspects)))
    return Verdict("✗", exercise, _unnamed(exercise, sentences or [], differences[0]))


def _answered(exercise: str, answer: Function, given: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return the result of one run, and the verdict that ends the check if there is none."""
    try:
        with np.errstate(all="ignore"):
            result = answer(*given)
    except SystemExit:
        text = "your function calls sys.exit() or exit(): leave it out"
        return None, Verdict("✗", exercise, text)
    except Exception as error:
        return None, Verdict("✗", exercise, likely_reason(error, answer, given))
    nothing = result is None or result is ...
    return result, _nothing_came(exercise, answer) if nothing else None


def _at(places: list[int], values: Any) -> Any:
    """Keep those of several values that have been written; no places: all."""
    return tuple(values[i] for i in places) if places else values


def _right(exercise: str, parts: tuple[str, ...], done: tuple[str, ...]) -> Verdict:
    """Say what is right, and which part comes next."""
    if len(done) == len(parts):
        return Verdict("✓", exercise, f"right: {CASES} random cases, each of another shape")
    missing = next(part for part in parts if part not in done)
    return Verdict("○", exercise, f"{', '.join(done)} right so far; next: {missing}")


def _unnamed(exercise: str, sentences: list[str], difference: str) -> str:
    """Say of a mistake without a name what fits it, where it shows, and how to go on."""
    arguments = f'its arguments: `from nnlib.course import case; case("{exercise}")`'
    return "\n".join([*sentences[:1], difference, arguments])


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
