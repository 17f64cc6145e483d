"""Every exercise says in a few words what it asks for."""

import ast

from nnlib.course.exercises.exercise import LESSONS, exercises, lessons


def untitled(path):
    """Name the calls of Exercise without a title; the file is not run, for that would fail."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        exercise = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Exercise"
        if exercise and "title" not in [keyword.arg for keyword in node.keywords]:
            yield f"{path.name}, line {node.lineno}"


def test_every_exercise_has_a_title():
    missing = [place for path in sorted(LESSONS.glob("*.py")) for place in untitled(path)]
    assert not missing, f'these lack title="…", the first line of an Exercise: {missing}'


def test_a_title_is_a_few_words_and_no_sentence():
    titles = [task.title for lesson in lessons() for task in exercises(lesson).values()]
    for title in titles:
        assert title.strip() == title != "", title
        assert title[-1] not in ".?:!", title
        assert len(title) <= 48, title
    assert len(set(titles)) == len(titles)
