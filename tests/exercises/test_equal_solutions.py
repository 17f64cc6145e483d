"""An answer counts however it is written: five ways at the least for every exercise.

They stand in tests/exercises/equal, a file for each lesson: loops and sums, other functions of
NumPy, another order of steps, lists in place of arrays, Python's numbers in place of NumPy's.
"""

from importlib import import_module
from pathlib import Path

import pytest

from nnlib.course import check
from nnlib.course.exercises.exercise import exercises, lessons

WAYS = 5

HERE = Path(__file__).parent / "equal"

EQUAL = {
    number: ways
    for path in sorted(HERE.glob("lesson_*.py"))
    for number, ways in import_module(f"tests.exercises.equal.{path.stem}").EQUAL.items()
}

ONE_BY_ONE = [
    pytest.param(number, way, id=f"{number} {way.__name__} {i}")
    for number, ways in EQUAL.items()
    for i, way in enumerate(ways)
]


@pytest.mark.parametrize(("number", "way"), ONE_BY_ONE)
def test_an_equal_solution_passes(number, way):
    for _ in range(3):
        verdict = check(number, way)
        assert verdict.ok, verdict


def test_every_exercise_has_five_equal_solutions():
    numbers = {number for lesson in lessons() for number in exercises(lesson)}
    few = {number for number in numbers if len(EQUAL.get(number, ())) < WAYS}
    assert not few, (
        f"{sorted(few)}: write five equal solutions, as different as learners are, "
        "into tests/exercises/equal"
    )


def test_each_of_them_belongs_to_an_exercise():
    assert set(EQUAL) <= {number for lesson in lessons() for number in exercises(lesson)}


@pytest.mark.parametrize("number", EQUAL)
def test_they_are_really_different(number):
    task = exercises(number[:2])[number]
    solution = task.solution.check if task.adapt else task.solution
    codes = [way.__code__.co_code for way in (*EQUAL[number], solution)]
    names = [way.__code__.co_names for way in (*EQUAL[number], solution)]
    pairs = list(zip(codes, names, strict=True))
    assert len(set(pairs)) == len(pairs)
