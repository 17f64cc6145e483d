"""A learner's copies of the lessons: made where missing, never overwritten."""

import json

import pytest

from tools.workbook import MOVED, ROOT, copy_lessons


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


def test_a_copy_says_of_its_language_what_the_kernel_says(lessons, tmp_path):
    """Or it counts as changed as soon as it is opened, and closing it asks whether to save."""
    from ipykernel.ipkernel import IPythonKernel

    copy_lessons(lessons, tmp_path / "workbook")
    mine = json.loads((tmp_path / "workbook" / "00_start_here.ipynb").read_text("utf8"))
    assert mine["metadata"]["language_info"] == IPythonKernel.language_info


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


def test_a_copy_that_imports_from_where_things_were_is_told_of_the_new_edition(lessons, tmp_path):
    path = lessons / "00_start_here.ipynb"
    path.write_text(lesson("from nnlib.exercises import check"), "utf8")
    copy_lessons(lessons, tmp_path / "workbook")
    path.write_text(lesson("from nnlib.course import check"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "has changed since your copy was made: rename workbook/00_start_here.ipynb" in message


@pytest.fixture
def renumbered(lessons, tmp_path):
    """A workbook with lesson 15 and its solution, which are number 16 since."""
    (lessons / "solutions").mkdir()
    for folder in (lessons, lessons / "solutions"):
        (folder / "15_how_fast.ipynb").write_text(lesson("one"), "utf8")
    copy_lessons(lessons, tmp_path / "workbook")
    for folder in (lessons, lessons / "solutions"):
        (folder / "15_how_fast.ipynb").rename(folder / "16_how_fast.ipynb")
    return tmp_path / "workbook"


def test_a_lesson_with_another_number_is_told_and_its_new_edition_lies_beside(lessons, renumbered):
    mine = renumbered / "15_how_fast.ipynb"
    mine.write_text("my own work", "utf8")
    assert copy_lessons(lessons, renumbered) == [
        "15_how_fast.ipynb is 16_how_fast.ipynb now: workbook/15_how_fast.ipynb "
        "stays as it is, and the new edition lies beside it",
        "solutions/15_how_fast.ipynb is solutions/16_how_fast.ipynb now: "
        "workbook/solutions/15_how_fast.ipynb stays as it is, and the new edition lies beside it",
    ]
    assert mine.read_text("utf8") == "my own work"
    assert (renumbered / "16_how_fast.ipynb").exists()
    assert (renumbered / "solutions" / "16_how_fast.ipynb").exists()


def test_of_an_old_number_nothing_is_said_once_its_copy_is_renamed(lessons, renumbered):
    for folder in (renumbered, renumbered / "solutions"):
        (folder / "15_how_fast.ipynb").rename(folder / "old.ipynb")
    assert copy_lessons(lessons, renumbered) == []


def test_a_notebook_of_the_learners_own_has_not_moved(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    (tmp_path / "workbook" / "15_how_fast.ipynb").write_text("my own work", "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []


def test_what_has_moved_is_where_it_is_said_to_be():
    for folder in (ROOT / "notebooks", ROOT / "notebooks" / "solutions"):
        for old, new in MOVED.items():
            assert not (folder / old).exists(), f"{old} has a new life: take it out of MOVED"
            assert (folder / new).exists(), f"{new} is not there: mend MOVED in tools/workbook.py"


def test_the_template_is_not_copied(lessons, tmp_path):
    (lessons / "_template.ipynb").write_text(lesson("one"), "utf8")
    copy_lessons(lessons, tmp_path / "workbook")
    assert [path.name for path in (tmp_path / "workbook").glob("*.ipynb")] == [
        "00_start_here.ipynb"
    ]


def test_only_outputs_that_changed_are_no_news(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    path = lessons / "00_start_here.ipynb"
    path.write_text(path.read_text("utf8").replace("an output", "another output"), "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
