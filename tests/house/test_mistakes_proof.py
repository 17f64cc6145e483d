"""The proof that every known mistake is named finds one that is not."""

from dataclasses import replace

import pytest

from benchmarks import mistakes
from nnlib.course.exercises.exercise import exercises

TASK = exercises("04")["04.1"]


def test_one_lesson_is_proven(capsys):
    assert mistakes.main(["--lesson", "00", "--draws", "1"]) == 0
    assert capsys.readouterr().out.endswith(" exercises, 1 draws each: 0 not named\n")


@pytest.mark.parametrize(
    ("task", "name"),
    [
        (replace(TASK, mistakes={"another name": lambda dA, Z, alpha: -dA}), "another name"),
        (replace(TASK, solution=lambda dA, Z, alpha: dA, mistakes={}), "right"),
    ],
)
def test_what_is_not_judged_as_it_should_be_is_counted(task, name):
    assert mistakes.misnamed("04.1", task, 2) == {f"04.1 {name}": 2}


def test_a_failure_is_told_by_the_exit_status(monkeypatch, capsys):
    wrong = replace(TASK, mistakes={"another name": lambda dA, Z, alpha: -dA})
    monkeypatch.setattr(mistakes, "exercises", lambda lesson: {"04.1": wrong})
    assert mistakes.main(["--lesson", "04", "--draws", "2"]) == 1
    assert "04.1 another name: 2 of 2\n" in capsys.readouterr().out
