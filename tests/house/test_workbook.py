"""A learner's copies of the lessons: made where missing, never overwritten."""

import json
import re

import pytest

from tools import new_edition
from tools.workbook import MOVED, ROOT, copy_lessons


def lesson(*texts):
    cell = {"cell_type": "code", "outputs": ["an output"], "execution_count": 1, "metadata": {}}
    cells = [cell | {"source": [text], "id": f"cell-{i}"} for i, text in enumerate(texts)]
    return json.dumps({"cells": cells, "metadata": {}})


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
    mine = tmp_path / "workbook" / "solutions" / "04_solutions.ipynb"
    assert json.loads(mine.read_text("utf8"))["cells"][0]["outputs"] == []
    mine.write_text("my own work", "utf8")
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("two"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert message.startswith("solutions/04_solutions.ipynb has changed")
    assert "`make lab UPDATE=04` (python tools/lab.py --update 04)" in message


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
    assert "has changed since your copy was made: `make lab UPDATE=00`" in message


def test_the_tab_of_a_solution_has_another_name_than_that_of_its_lesson(tmp_path):
    """And the links between them lead somewhere, in a workbook as among the originals."""
    workbook = tmp_path / "workbook"
    copy_lessons(ROOT / "notebooks", workbook)
    names = [path.name for path in workbook.rglob("*.ipynb")]
    assert len(names) == len(set(names)) > 10
    followed = 0
    for path in workbook.rglob("*.ipynb"):
        for target in re.findall(r"\]\(([\w./]+\.ipynb)[)#]", path.read_text("utf8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
            followed += "solutions/" in target
    assert followed >= len(list((workbook / "solutions").iterdir()))


def test_that_solutions_have_other_names_is_told_once(lessons, tmp_path):
    (lessons / "solutions").mkdir()
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("one"), "utf8")
    mine = tmp_path / "workbook" / "solutions" / "04_backprop.ipynb"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own work", "utf8")
    record = {"solutions/04_backprop.ipynb": "its version"}
    (tmp_path / "workbook" / ".copied.json").write_text(json.dumps(record), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "the copies that you have stay as they are" in message
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    assert mine.read_text("utf8") == "my own work"


@pytest.fixture
def renumbered(lessons, tmp_path):
    """A workbook with lesson 15 and its solution, which are number 16 since."""
    (lessons / "solutions").mkdir()
    workbook, copied = tmp_path / "workbook", {}
    (workbook / "solutions").mkdir(parents=True)
    for folder in ("", "solutions/"):
        (lessons / f"{folder}16_how_fast.ipynb").write_text(lesson("one"), "utf8")
        (workbook / f"{folder}15_how_fast.ipynb").write_text(lesson("one"), "utf8")
        copied[f"{folder}15_how_fast.ipynb"] = "its version"
    (workbook / ".copied.json").write_text(json.dumps(copied), "utf8")
    copy_lessons(lessons, workbook)
    return workbook


def test_a_lesson_with_another_number_is_told_and_its_new_edition_lies_beside(lessons, renumbered):
    mine = renumbered / "15_how_fast.ipynb"
    mine.write_text("my own work", "utf8")
    assert copy_lessons(lessons, renumbered) == [
        "15_how_fast.ipynb is 16_how_fast.ipynb now: workbook/15_how_fast.ipynb "
        "stays as it is, and the new edition lies beside it",
        "solutions/15_how_fast.ipynb is solutions/16_solutions.ipynb now: "
        "workbook/solutions/15_how_fast.ipynb stays as it is, and the new edition lies beside it",
    ]
    assert mine.read_text("utf8") == "my own work"
    assert (renumbered / "16_how_fast.ipynb").exists()
    assert (renumbered / "solutions" / "16_solutions.ipynb").exists()


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


# The new edition, with one's answers ------------------------------------------------------------

STUB = """def {name}({arguments}):
    # {arguments} -> one number
    return ...


check("04.{number}", {name})"""


def stub(number, arguments="X", name="f"):
    return STUB.format(number=number, arguments=arguments, name=name)


def answer(number, arguments="X", body="return X.sum()", name="f"):
    return stub(number, arguments, name).replace("return ...", body)


@pytest.fixture
def book(lessons, tmp_path):
    """A workbook with a lesson of four exercises, and what the learner has in its cells."""
    path = lessons / "04_backprop.ipynb"
    path.write_text(lesson("import nnlib", *(stub(i) for i in range(4))), "utf8")
    copy_lessons(lessons, tmp_path / "workbook")
    return tmp_path / "workbook"


def write(path, *texts):
    path.write_text(lesson(*texts), "utf8")


def sources(path):
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf8"))["cells"]]


def files(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_new_edition_has_the_answers_and_the_old_copy_is_kept(lessons, book):
    mine = book / "04_backprop.ipynb"
    before = [answer(0), stub(1), answer(2, body="begun but ("), answer(3, body="y = X\n    ...")]
    write(mine, "import nnlib as mine", *before)
    old = mine.read_bytes()
    write(lessons / "04_backprop.ipynb", "import nnlib as nn", *(stub(i) for i in (3, 2, 1, 0)))
    (line,) = new_edition.update(lessons, book, "04")
    assert line == (
        "04_backprop.ipynb is the new edition now, with your answers to 04.0, 04.2, 04.3; "
        "04_backprop.old.ipynb is your old copy"
    )
    assert sources(mine) == ["import nnlib as nn", before[3], before[2], stub(1), before[0]]
    assert (book / "04_backprop.old.ipynb").read_bytes() == old
    cells = json.loads(mine.read_text("utf8"))["cells"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert copy_lessons(lessons, book) == []


def test_a_second_update_changes_nothing(lessons, book):
    mine = book / "04_backprop.ipynb"
    write(mine, answer(0))
    write(lessons / "04_backprop.ipynb", stub(0), "new")
    new_edition.update(lessons, book, "04")
    after = files(book)
    newest = ["04_backprop.ipynb is the newest edition already"]
    assert new_edition.update(lessons, book, "04") == newest
    assert files(book) == after
    record = json.loads((book / ".copied.json").read_text("utf8"))
    old = record | {"04_backprop.ipynb": "an older version"}  # as if it had been stopped there
    (book / ".copied.json").write_text(json.dumps(old), "utf8")
    assert new_edition.update(lessons, book, "04") == newest
    assert files(book) == after


def test_an_old_copy_is_never_overwritten(lessons, book):
    mine = book / "04_backprop.ipynb"
    for i, name in enumerate(("old", "old2", "old3")):
        write(mine, answer(0, body=f"return {i} * X"))
        old = mine.read_bytes()
        write(lessons / "04_backprop.ipynb", stub(0), f"edition {i}")
        new_edition.update(lessons, book, "04")
        assert (book / f"04_backprop.{name}.ipynb").read_bytes() == old
    assert len(list(book.glob("04_backprop*.ipynb"))) == 4


def test_an_answer_without_its_place_stays_in_the_old_copy_and_that_is_told(lessons, book):
    write(book / "04_backprop.ipynb", answer(0), answer(1), answer(2), stub(3))
    write(lessons / "04_backprop.ipynb", stub(0, "X, y"), stub(1, name="g"))
    (line,) = new_edition.update(lessons, book, "04")
    assert line.endswith(
        "04_backprop.old.ipynb is your old copy, "
        "and keeps your answers to 04.0, 04.1, 04.2, which are asked otherwise now"
    )
    assert sources(book / "04_backprop.ipynb")[:2] == [stub(0, "X, y"), stub(1, name="g")]


def test_an_answer_finds_its_exercise_under_a_new_number(lessons, book):
    write(book / "04_backprop.ipynb", answer(0), answer(1, name="g"), answer(2, name="h"))
    moved = [stub(0), stub(1, name="h"), stub(2, name="g")]
    write(lessons / "04_backprop.ipynb", *moved)
    (line,) = new_edition.update(lessons, book, "04")
    assert "with your answers to 04.0, 04.2, 04.1;" in line
    mine = sources(book / "04_backprop.ipynb")
    assert mine == [answer(0), answer(1, name="h"), answer(2, name="g")]


def test_what_only_holds_a_place_is_no_answer(lessons, book):
    several = STUB.replace("return ...", "dW = ...\n    db = ...\n    return dW, db")
    several = several.format(number=0, arguments="X", name="f")
    write(book / "04_backprop.ipynb", several, stub(1).replace("# X", "# other words"))
    other = several.replace("return dW", "dA = ...\n    return dA, dW")
    write(lessons / "04_backprop.ipynb", other, stub(1))
    (line,) = new_edition.update(lessons, book, "04")
    assert "answers" not in line
    assert sources(book / "04_backprop.ipynb") == [other, stub(1)]
    write(book / "04_backprop.ipynb", several.replace("db = ...", "db = X.sum(axis=0)"))
    write(lessons / "04_backprop.ipynb", other, "new")
    assert "with your answers to 04.0;" in new_edition.update(lessons, book, "04")[0]


def test_solutions_come_along_and_keep_what_was_written_in_them(lessons, book):
    (lessons / "solutions").mkdir()
    write(lessons / "solutions" / "04_backprop.ipynb", answer(0, body="return 1"))
    write(lessons / "04_backprop.ipynb", "new")
    lines = new_edition.update(lessons, book, "04")
    assert lines[1] == "solutions/04_solutions.ipynb is there now"
    write(book / "solutions" / "04_solutions.ipynb", answer(0, body="return 2"))
    write(lessons / "solutions" / "04_backprop.ipynb", answer(0, body="return 3"))
    lines = new_edition.update(lessons, book, "04")
    assert lines == [
        "04_backprop.ipynb is the newest edition already",
        "solutions/04_solutions.ipynb is the new edition now; "
        "04_solutions.old.ipynb is your old copy",
    ]
    assert sources(book / "solutions" / "04_solutions.ipynb") == [answer(0, body="return 3")]


@pytest.mark.parametrize("what", ["{", "{}", '{"cells": [1]}', ""])
def test_a_copy_that_is_no_notebook_is_left_alone(lessons, book, what):
    (book / "04_backprop.ipynb").write_text(what, "utf8")
    write(lessons / "04_backprop.ipynb", "new")
    before = files(book)
    with pytest.raises(ValueError, match=r"04_backprop\.ipynb is no notebook .* rename it"):
        new_edition.update(lessons, book, "04")
    assert files(book) == before


def test_a_lesson_that_there_is_not_is_refused_with_those_that_there_are(lessons, book):
    before = files(book)
    with pytest.raises(ValueError, match=r"no lesson 99: expected one of 00, 04"):
        new_edition.update(lessons, book, "99")
    assert files(book) == before


def test_a_lesson_without_a_copy_is_copied(lessons, tmp_path):
    (tmp_path / "workbook").mkdir()
    (line,) = new_edition.update(lessons, tmp_path / "workbook", "00")
    assert line == "00_start_here.ipynb is there now"
    assert copy_lessons(lessons, tmp_path / "workbook") == []


def test_stopped_midway_nothing_is_lost_and_a_second_try_ends_the_same(lessons, book, monkeypatch):
    mine = book / "04_backprop.ipynb"
    write(mine, answer(0))
    write(lessons / "04_backprop.ipynb", stub(0), "new")
    old = mine.read_bytes()

    def stop(path, text, encoding):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(mine), "write_text", stop)
        with pytest.raises(KeyboardInterrupt):
            new_edition.update(lessons, book, "04")
    assert mine.read_bytes() == old
    new_edition.update(lessons, book, "04")
    assert sources(mine) == [answer(0), "new"]
    assert sorted(path.name for path in book.glob("04*")) == [
        "04_backprop.ipynb",
        "04_backprop.old.ipynb",
    ]
