"""What came of all cases of a check, and which mistake fits every one of them."""

from dataclasses import dataclass, replace
from typing import Any

from nnlib.course.exercises.compare import difference, put_like, texts_of, written
from nnlib.course.exercises.exercise import Exercise, Function
from nnlib.course.exercises.mistakes import diagnoses, sizes_of


@dataclass(frozen=True)
class Run:
    """One case: its arguments, what came, and what is right."""

    arguments: tuple[Any, ...]
    result: Any
    expected: Any

    def at(self, places: list[int]) -> "Run":
        """Keep those of several values that stand at some places."""
        return replace(self, result=cut(places, self.result), expected=cut(places, self.expected))


def cut(places: list[int], values: Any) -> Any:
    """Keep those of several values that stand at some places; no places: all."""
    if not places or not isinstance(values, (tuple, list)):
        return values
    return tuple(values[i] for i in places if i < len(values))


def common(runs: list[Run], parts: tuple[str, ...]) -> list[int]:
    """Return the places of those of several values that were written in every case."""
    everywhere = set.intersection(*(set(written(run.result, parts)) for run in runs))
    return sorted(everywhere)


def known_mistake(task: Exercise, runs: list[Run], places: list[int]) -> tuple[str, bool]:
    """Name the known mistake that fits every case, and say whether it explains all that is wrong.

    Of several values the first wrong one may tell the mistake, whatever became of those behind it;
    but only one mistake may do so, else nobody knows which one it was.
    """
    parts: tuple[str, ...] = cut(places, task.parts)
    made = {name: _Made(task, mistake, places) for name, mistake in task.mistakes.items()}
    whole = next((name for name, m in made.items() if m.fits(runs, parts)), "")
    if whole or not parts:
        return whole, True
    begun = [name for name, m in made.items() if m.begins(runs, parts)]
    return (begun[0], False) if len(begun) == 1 else ("", False)


@dataclass(frozen=True)
class _Made:
    """What one known mistake makes of the cases."""

    task: Exercise
    mistake: Function
    places: list[int]

    def fits(self, runs: list[Run], parts: tuple[str, ...]) -> bool:
        """Whether it makes all that came."""
        return all(difference(run.result, self._of(run), parts) is None for run in runs)

    def begins(self, runs: list[Run], parts: tuple[str, ...]) -> bool:
        """Whether it makes all that came, up to the first wrong value in each case."""
        for run in runs:
            wrong = [text is not None for text in texts_of(run.result, run.expected, parts)]
            end = wrong.index(True) + 1 if any(wrong) else len(wrong)
            if any(texts_of(run.result, self._of(run), parts)[:end]):
                return False
        return True

    def _of(self, run: Run) -> Any:
        result = cut(self.places, self.mistake(*run.arguments))
        return put_like(run.expected, result, cut(self.places, self.task.parts))


def general(task: Exercise, runs: list[Run], parts: tuple[str, ...]) -> list[str]:
    """Return the general diagnoses that fit every wrong case, likely ones first."""
    lists = [
        list(diagnoses(run.result, run.expected, parts, sizes_of(task.solution, run.arguments)))
        for run in runs
        if difference(run.result, run.expected, parts) is not None
    ]
    return [text for text in lists[0] if all(text in others for others in lists[1:])]
