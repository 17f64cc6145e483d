"""A learner's copies of the lessons: made where missing, never overwritten."""

import json

import pytest

from tools.workbook import copy_lessons


def lesson(text):
    cell = {"cell_type": "code", "source": [text], "outputs": ["an output"], "execution_count": 1}
    return json.dumps({"cells": [cell | {"metadata": {}, "id": "a"}], "metadata": {}})


@pytest.fixture
def lessons(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "00_start_here.ipynb").write_text(lesson("one"), "utf8")
    return folder


def test_a_workbook_holds_copies_without_outputs(lessons, tmp_path):
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    mine = json.loads((tmp_path / "workbook" / "00_start_here.ipynb").read_text("utf8"))
    assert mine["cells"][0]["source"] == ["one"]
    assert mine["cells"][0]["outputs"] == []
    assert mine["cells"][0]["execution_count"] is None


def test_worked_solutions_come_along(lessons, tmp_path):
    (lessons / "solutions").mkdir()
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("one"), "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    mine = tmp_path / "workbook" / "solutions" / "04_backprop.ipynb"
    assert json.loads(mine.read_text("utf8"))["cells"][0]["outputs"] == []
    mine.write_text("my own work", "utf8")
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("two"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "rename workbook/solutions/04_backprop.ipynb" in message


def test_a_copy_is_never_overwritten_and_a_changed_lesson_is_told(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    mine = tmp_path / "workbook" / "00_start_here.ipynb"
    mine.write_text("my own work", "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    (lessons / "00_start_here.ipynb").write_text(lesson("two"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "00_start_here.ipynb has changed since your copy was made" in message
    assert mine.read_text("utf8") == "my own work"


def test_a_renamed_copy_makes_room_for_the_new_version(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    (lessons / "00_start_here.ipynb").write_text(lesson("two"), "utf8")
    mine = tmp_path / "workbook" / "00_start_here.ipynb"
    mine.rename(mine.with_name("old.ipynb"))
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    assert json.loads(mine.read_text("utf8"))["cells"][0]["source"] == ["two"]


def test_only_outputs_that_changed_are_no_news(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    path = lessons / "00_start_here.ipynb"
    path.write_text(path.read_text("utf8").replace("an output", "another output"), "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
