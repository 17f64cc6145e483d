"""The checker: runs a learner's function on fresh numbers, and says which mistake it made."""

import copy
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.course.exercises import notes
from nnlib.course.exercises.cases import Run, common, cut, general, known_mistake
from nnlib.course.exercises.compare import FEW, difference, put_like, unchanged
from nnlib.course.exercises.exercise import Exercise, Function, Refused, find
from nnlib.course.exercises.limit import TookTooLong, limited
from nnlib.course.exercises.measured import is_measured
from nnlib.course.exercises.mistakes import likely_reason
from nnlib.course.exercises.names import (
    is_stub,
    namesake,
    size_from_elsewhere,
    uses_arguments,
)
from nnlib.course.exercises.printed import few_lines
from nnlib.course.exercises.verdict import Verdict

SECONDS = 5.0
"""For all that a learner's function does in a check."""

KEPT = (
    "your function returns one and the same array or list every time: make it inside the "
    "function, so that each call has its own"
)
MEASURED = (
    "right numbers, but measured: the exercise asks for the derivation\n"
    "`numerical_gradient` is the test of it: return what you have derived, and compare the two"
)
UNWRITTEN = "not written yet: fill in the function, then run the cell again"

_failed: dict[str, tuple[Any, ...]] = {}
"""The arguments with which the last answer to an exercise failed."""


def check(exercise: str, answer: Function | None = None, *, record: bool = True) -> Verdict:
    """Check an answer: right, not written yet, or wrong and how.

    Where a derivation is asked, numbers that come from `nnlib.numerical_gradient` do not count.
    You may still measure in your function, to print or to assert: what counts is what it returns.

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
    return _about(exercise, lambda number, task: _checked(number, task, answer, record))


def hint(exercise: str, step: int = 1) -> Verdict:
    """Give help in steps: ``hint("04.1")``, then ``hint("04.1", 2)``, then 3."""
    return _about(exercise, lambda number, task: _helped(number, task.hints, step))


def case(exercise: str) -> tuple[Any, ...]:
    """Hand out the arguments with which your last answer failed, to print and to think.

    ``dA, X, W, b = case("04.3")`` gives them in the order of the function's own.
    """
    exercise, _ = find(exercise)
    if exercise not in _failed:
        raise ValueError(
            f"exercise: expected one whose answer has failed, got {exercise!r}: after a "
            f'check("{exercise}", my_function) that is not right, its arguments are here'
        )
    return copy.deepcopy(_failed[exercise])


def _about(exercise: str, say: Callable[[str, Exercise], Verdict]) -> Verdict:
    """Say something of an exercise, or that there is none of that number."""
    try:
        number, task = find(exercise)
    except ValueError as error:
        return Verdict("?", str(exercise), str(error))
    return say(number, task)


def _helped(exercise: str, hints: tuple[str, ...], step: int) -> Verdict:
    """Give one of the hints, and say how to get the next."""
    if step not in range(1, len(hints) + 1):
        return Verdict("?", exercise, f"expected a step from 1 to {len(hints)}, got {step!r}")
    more = f" (more: `hint({exercise!r}, {step + 1})`)" if step < len(hints) else ""
    return Verdict("→", exercise, hints[step - 1] + more)


def _checked(exercise: str, task: Exercise, answer: Any, record: bool) -> Verdict:
    """Run an answer for a few seconds at most, and keep what became of it."""
    if not callable(answer):
        got = "" if answer is None else f", got {answer!r:.60}"
        how = f'write `check("{exercise}", my_function)`, without calling it'
        return Verdict("?", exercise, f"expected your function itself{got}: {how}")
    attempt = _Attempt(exercise, task, answer)
    try:
        with few_lines():
            verdict = attempt.verdict()
    except TookTooLong:
        text = (
            f"stopped after {SECONDS:g} seconds: a loop that never ends? "
            "The arguments are small, a right answer takes a blink"
        )
        verdict = Verdict("✗", exercise, text)
    _failed.pop(exercise, None)
    if verdict.mark == "✗":
        _failed[exercise] = attempt.arguments
    if record and verdict.ok:
        notes.add_solved(exercise)
    return verdict


@dataclass
class _Attempt:
    """An answer on its way through a few cases; what is said of it must fit them all."""

    exercise: str
    task: Exercise
    answer: Function
    arguments: tuple[Any, ...] = ()
    """Those of the case under way, or of the first that came out wrong."""
    taken: float = 0.0
    """Seconds that the answer has run. What the course does before and after is not its time."""

    def verdict(self) -> Verdict:
        """Run all cases, and judge what came."""
        if self.task.adapt and is_stub(self.answer):
            return self._says("○", UNWRITTEN)
        rng = np.random.default_rng()
        runs: list[Run] = []
        for _ in range(self.task.cases):
            run = self._run(self.task.draw(rng))
            if isinstance(run, Verdict):
                return run
            runs.append(run)
        if isinstance(runs[0].result, (list, np.ndarray)) and runs[0].result is runs[1].result:
            return self._says("✗", KEPT)
        places = common(runs, self.task.parts)
        if self.task.parts and not places:
            return self._says("○", UNWRITTEN)
        everything = len(places) == len(self.task.parts)
        with np.errstate(all="ignore"):
            return self._judged(runs, [] if everything else places)

    def _run(self, arguments: tuple[Any, ...]) -> Run | Verdict:
        """Return what comes of one case, or the verdict that ends the check."""
        self.arguments, given = arguments, copy.deepcopy(arguments)
        try:
            with np.errstate(all="ignore"):
                if self.task.adapt:  # what it calls is limited there
                    result = self.task.adapt(self.answer)(*given)
                else:
                    result = self._limited(lambda: self.answer(*given))
        except SystemExit:
            return self._says("✗", "your function calls sys.exit() or exit(): leave it out")
        except Refused as refused:
            return self._says("✗", str(refused))
        except Exception as error:
            return self._says("✗", likely_reason(error, self.answer, given))
        if result is ... or (result is None and not uses_arguments(self.answer)):
            return self._says("○", UNWRITTEN)
        if result is None:
            return self._says("✗", "your function returns nothing: is the `return` missing?")
        if not unchanged(given, arguments):
            return self._says("✗", "your function changes its arguments: work on new arrays")
        with np.errstate(all="ignore"):
            expected = self.task.solution(*arguments)
        return Run(arguments, put_like(expected, result, self.task.parts), expected)

    def _limited(self, function: Callable[[], Any]) -> Any:
        """Let the answer run for what is left of its seconds."""
        start = time.perf_counter()
        result = limited(function, max(SECONDS - self.taken, 0.01))
        self.taken += time.perf_counter() - start
        return result

    def _judged(self, runs: list[Run], places: list[int]) -> Verdict:
        """Say whether the values at some places are right in every case, and if not, how not."""
        parts: tuple[str, ...] = cut(places, self.task.parts)
        whole, runs = runs, [run.at(places) for run in runs]
        texts = [difference(run.result, run.expected, parts) for run in runs]
        if not any(texts):
            return self._right(runs[0], places)
        first = next(i for i, text in enumerate(texts) if text is not None)
        self.arguments = runs[first].arguments
        name, alone = known_mistake(self.task, runs, places)
        if name and alone and not (self.task.review and places):
            return self._says("✗", name)
        if review := self._review(whole[first]):
            return self._says("✗", review)
        return self._says("✗", self._unnamed(name, texts[first] or "", runs, parts))

    def _review(self, run: Run) -> str:
        """Let an exercise of very many parts say what is right and what is not; empty: none."""
        several = isinstance(run.result, (tuple, list)) and len(run.result) == len(self.task.parts)
        review = self.task.review if several else None
        return review(run.arguments, tuple(run.result)) if review else ""

    def _right(self, run: Run, places: list[int]) -> Verdict:
        """Say what is right, and which part comes next."""
        if self.task.derived and self._limited(lambda: is_measured(self.answer, run.arguments)):
            return self._says("○", MEASURED)
        if not places:
            cases = f"{self.task.cases} random cases, each of another shape"
            names = f"{len(self.task.parts)} of {len(self.task.parts)}"
            return self._says("✓", f"right: {names if self.task.review else cases}")
        done: tuple[str, ...] = cut(places, self.task.parts)
        missing = next(part for part in self.task.parts if part not in done)
        told = ", ".join(done) if len(done) <= FEW else f"{len(done)} of {len(self.task.parts)}"
        return self._says("○", f"{told} right so far; next: {missing}")

    def _unnamed(self, name: str, text: str, runs: list[Run], parts: tuple[str, ...]) -> str:
        """Say of a mistake what fits it, where it shows, and how to go on."""
        stray = namesake(self.answer)
        told = stray or name or size_from_elsewhere(self.answer)
        if name and self.task.named:
            return "\n".join([name, re.sub(r": expected [^;]*", " is another one", text)])
        fitting = [told] if told else general(self.task, runs, parts)
        if self.task.review:
            fitting = []  # what is said of arrays misleads where there are very many values
        if fitting and " right; " in fitting[0]:
            text = text.rpartition(" right; ")[2]  # what is right, the sentence above has told
        how = f'its arguments: `from nnlib.course import case; case("{self.exercise}")`'
        return "\n".join([*fitting[:1], text, *([how] if self.arguments else [])])

    def _says(self, mark: str, text: str) -> Verdict:
        return Verdict(mark, self.exercise, text)
