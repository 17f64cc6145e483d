"""The exercise of telling the runs of `nnlib.course.drill` apart by their curves."""

from typing import Any

import numpy as np

from nnlib.course import drill
from nnlib.course.exercises.exercise import Exercise, Function

AT_ONCE = 3
"""Wrong runs of which is told what gives them away."""

NAMELESS = "none of the eight names: they are the function's arguments, written without quotes"

NAMES = tuple(drill.NAMES)
"""The diagnoses, in the order in which they are arguments."""

CAUSES = tuple(run.cause for run in drill.RUNS)

PARTS = tuple(f"run {number}" for number in range(1, len(CAUSES) + 1))


def _case(rng: np.random.Generator, sizes: list[int]) -> tuple[float, ...]:
    """Draw what the names stand for; the runs are trained now, before an answer's time begins."""
    for number in range(1, len(CAUSES) + 1):
        drill.training(number)
    k = len(NAMES)
    return tuple(float(number) for number in rng.permutation(k) + rng.uniform(0.1, 0.9, k))


def _told(taken_for: dict[str, str]) -> Function:
    """Read all runs rightly, but take some causes for others throughout."""
    causes = [taken_for.get(cause, cause) for cause in CAUSES]
    return lambda *names: tuple(names[NAMES.index(cause)] for cause in causes)


def _by_the_third(*names: float) -> tuple[float, ...]:
    """Call every run that overfits a leak, too, if later examples lie above validation."""
    gaps = {"leak": 0.0, "overfitting": 0.25}
    values = []
    for number, cause in enumerate(CAUSES, start=1):
        m = drill.marks(drill.training(number)) if cause in gaps else None
        above = m is not None and m.later - m.val > gaps[cause]
        values.append(names[NAMES.index("leak" if above else cause)])
    return tuple(values)


def _taken(value: Any, names: tuple[float, ...]) -> str:
    """Which of the names a value stands for; empty: none of them."""
    if isinstance(value, (int, float, np.number)):
        return next((word for word, name in zip(NAMES, names, strict=True) if value == name), "")
    return ""


def review(names: tuple[float, ...], values: tuple[Any, ...]) -> str:
    """Say how many runs are right, and of a few wrong ones what gives them away."""
    given = {number: v for number, v in enumerate(values, start=1) if v is not ...}
    taken = {number: _taken(value, names) for number, value in given.items()}
    wrong = [number for number, name in taken.items() if name != CAUSES[number - 1]]
    if not any(taken.values()):
        return NAMELESS
    again = ", ".join(map(str, wrong[:AT_ONCE]))
    more = f", and {len(wrong) - AT_ONCE} more after these" if len(wrong) > AT_ONCE else ""
    lines = [f"{len(given) - len(wrong)} of {len(given)} right; look again at {again}{more}"]
    for number in wrong[:AT_ONCE]:
        lines.append(f"run {number}: {_objection(number, taken[number])}")
    return "\n".join(lines)


def _objection(number: int, name: str) -> str:
    """Say why a run is not what it was taken for."""
    if not name:
        return NAMELESS
    run = drill.training(number)
    return f"not {drill.NAMES[name]}: {drill.objection(run, name)}"


READING_CURVES = Exercise(
    title="reading curves: 24 runs",
    case=_case,
    solution=_told({}),
    parts=PARTS,
    named=True,
    review=review,
    mistakes={
        "all right but for the runs with shuffled labels, which you took for overfitting: who "
        "overfits learns something first, so validation falls before it climbs. Where did it never "
        "fall below a blind guess?": _told({"shuffled_labels": "overfitting"}),
        "all right but for the runs that overfit, which you took for shuffled labels: with those "
        "validation can never fall clearly below a blind guess. Where did it, before it turned?": (
            _told({"overfitting": "shuffled_labels"})
        ),
        "shuffled labels and overfitting have changed places: where validation falls at first, "
        "something was learned that holds": (
            _told({"overfitting": "shuffled_labels", "shuffled_labels": "overfitting"})
        ),
        "all right but for the runs that underfit, which you took for too small a rate: more "
        "epochs would help a small rate. Which curves have been level for long?": (
            _told({"underfitting": "rate_too_small"})
        ),
        "all right but for the runs with too small a rate, which you took for underfitting: a "
        "network that is too small comes to rest. Which curves are still on their way when they "
        "end?": _told({"rate_too_small": "underfitting"}),
        "underfitting and too small a rate have changed places: one of the two would fall on, if "
        "it were given more epochs": (
            _told({"underfitting": "rate_too_small", "rate_too_small": "underfitting"})
        ),
        "the two learning rates have changed places: too large a one jumps, too small a one "
        "creeps": (_told({"rate_too_large": "rate_too_small", "rate_too_small": "rate_too_large"})),
        "all right but for the runs that began badly, which you took for too large a rate: look at "
        "epoch 0, where no rate has done anything yet, and at what follows: jumps, or none?": (
            _told({"bad_initialization": "rate_too_large"})
        ),
        "all right but for the runs that began badly, which you took for too small a rate: look at "
        "epoch 0. Which begin far above a blind guess, and which move at all?": (
            _told({"bad_initialization": "rate_too_small"})
        ),
        "wherever later examples lie above validation you read a leak; but they may be harder for "
        "other reasons. With a leak, validation stays with training. Where does it not?": (
            _by_the_third
        ),
        "all right but for the runs with too large a rate, which you took for a bad "
        "initialization: look at epoch 0: they begin near a blind guess, and the first steps drive "
        "them up": _told({"rate_too_large": "bad_initialization"}),
        "all right but for the leaks, which you took for healthy: training and validation agree "
        "there, and so they would if they had examples in common. What does the third curve say?": (
            _told({"leak": "healthy"})
        ),
        "all right but for the leaks, which you took for overfitting: who overfits does so in "
        "sight of validation. Which curve leaves training there, and which one does not?": (
            _told({"leak": "overfitting"})
        ),
        "all right but for the runs that overfit, which you took for leaks: a leak hides from "
        "validation, and only examples collected later show it. What does validation do there?": (
            _told({"overfitting": "leak"})
        ),
        "that is what the training curve alone says: overfitting, leaks and shuffled labels have "
        "one that falls as it should. What do the other two curves do?": (
            _told({"overfitting": "healthy", "leak": "healthy", "shuffled_labels": "healthy"})
        ),
        "wherever curves come apart you read overfitting; there are three causes of that. Which "
        "curve leaves the others, and had it fallen before?": (
            _told({"leak": "overfitting", "shuffled_labels": "overfitting"})
        ),
        "wherever the training loss stays high you read underfitting; there are three causes of "
        "that, too. Does it still fall when it ends, or has it never left the line of a guess, or "
        "begun far above it?": (
            _told({"rate_too_small": "underfitting", "bad_initialization": "underfitting"})
        ),
    },
    hints=(
        "First the training curve. Does it jump? Does it begin far above a blind guess, or never "
        "leave it? Those are two of the eight names.",
        "Then, where training ends high: is it level, or still falling? Where it ends low: which "
        "curve stays with it, validation, the later examples, both, or none?",
        "Where validation leaves training, has it been below a blind guess before? If so, the "
        "network had learned something that holds; if not, there was nothing to learn.",
    ),
)
