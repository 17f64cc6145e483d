"""What has been solved is remembered beside the notebooks; the lessons here are made up."""

import json
from types import SimpleNamespace

import pytest

from nnlib.course import check, progress
from nnlib.course.exercises.exercise import Exercise, find

LENGTH = Exercise(
    title="count the entries",
    case=lambda rng, sizes: (rng.normal(size=sizes[0]),),
    solution=len,
    mistakes={"one too many": lambda X: len(X) + 1},
    hints=("count them",),
)
MADE_UP = {"00": ["00.1"], "04": ["04.1", "04.2", "04.3"], "15": ["15.1"], "16": ["16.1", "16.2"]}


@pytest.fixture(autouse=True)
def made_up_lessons(tmp_path_factory, monkeypatch):
    """Point the machine at lessons that no edit of a real one changes."""
    folder = tmp_path_factory.mktemp("lessons")
    for lesson in MADE_UP:
        (folder / f"lesson_{lesson}.py").touch()

    def data_of(lesson):
        return SimpleNamespace(EXERCISES=dict.fromkeys(MADE_UP[lesson], LENGTH))

    monkeypatch.setattr("nnlib.course.exercises.exercise.LESSONS", folder)
    monkeypatch.setattr("nnlib.course.exercises.exercise.data_of", data_of)


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.delenv("NNLIB_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".progress.json"


def solve(number, **options):
    return check(number, find(number)[1].solution, **options)


def ticked():
    return {number for _, row in progress().rows for number, right in row if right}


def test_a_right_answer_is_recorded_beside_the_notebook(record):
    assert solve("04.1").ok
    assert solve("00.1").ok
    assert json.loads(record.read_text()) == {"edition": 2, "solved": ["00.1", "04.1"]}
    assert "✓\N{NO-BREAK SPACE}04.1  ○\N{NO-BREAK SPACE}04.2  ○\N{NO-BREAK SPACE}04.3" in repr(
        progress()
    )
    assert progress().summary == "2 of 7 exercises solved"


def test_the_table_says_in_words_what_the_marks_say(record):
    solve("04.1")
    row = next(line for line in repr(progress()).splitlines() if line.startswith("04"))
    assert row.endswith("1 of 3")
    html = progress()._repr_html_()
    assert "✓ solved, ○ open" in html
    assert ">1 of 3</td>" in html


def test_wrong_answers_and_worked_solutions_are_not_recorded(record):
    check("04.1", lambda X: len(X) + 1)
    solve("04.1", record=False)
    assert not record.exists()


def test_off_records_and_shows_nothing(record, monkeypatch):
    solve("04.1")
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    solve("04.2")
    assert json.loads(record.read_text())["solved"] == ["04.1"]
    assert progress().summary.startswith("0 of ")


def test_a_path_in_the_environment_is_used(record, monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "mine.json"))
    solve("04.1")
    assert not record.exists()
    assert (tmp_path / "mine.json").exists()


def test_a_record_of_before_counts_for_lesson_16_which_was_15_then(record):
    record.write_text('{"solved": ["04.1", "15.1", "15.2"]}')
    assert ticked() == {"04.1", "16.1", "16.2"}


def test_only_lesson_15_has_moved(record):
    record.write_text('{"solved": ["16.1"]}')
    assert ticked() == {"16.1"}


def test_the_next_right_answer_keeps_a_record_of_before_under_the_numbers_of_today(record):
    record.write_text('{"solved": ["04.1", "15.1", "04.15"]}')
    assert ticked() == {"04.1", "16.1"}
    solve("00.1")
    assert json.loads(record.read_text()) == {
        "edition": 2,
        "solved": ["00.1", "04.1", "04.15", "16.1"],
    }


def test_a_record_with_an_edition_is_not_moved_again(record):
    solve("15.1")
    solve("00.1")
    assert json.loads(record.read_text())["solved"] == ["00.1", "15.1"]
    assert ticked() == {"00.1", "15.1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Expecting property name"),
        ('["04.1"]', "it is a list, no record"),
        ("null", "it is a NoneType, no record"),
        ("{}", 'it has no list of numbers under "solved"'),
        ('{"edition": 2, "solved": "04.1"}', 'it has no list of numbers under "solved"'),
        ('{"solved": ["04.1", 4.2]}', 'it has no list of numbers under "solved"'),
        ('{"edition": 3, "done": []}', "it is of edition 3, and this nnlib knows 2: `git pull`"),
        ('{"edition": null, "solved": []}', "it is of edition None, and this nnlib knows 2"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_kept(record, text, reason):
    record.write_text(text)
    assert solve("04.1").ok
    assert record.read_text() == text
    remedy = "rename it, and a new one is begun$"
    with pytest.raises(ValueError, match=rf"progress.json: .*\({reason}.*\): {remedy}"):
        progress()


def test_a_folder_that_nobody_may_write_to_does_not_spoil_an_answer(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "missing" / "progress.json"))
    assert solve("04.1").ok
