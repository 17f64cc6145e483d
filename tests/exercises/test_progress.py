import json

import pytest

from nnlib.course import check, progress
from nnlib.course.exercises.exercise import find


@pytest.fixture
def record(tmp_path, monkeypatch):
    monkeypatch.delenv("NNLIB_PROGRESS", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".progress.json"


def solve(number, **options):
    return check(number, find(number).solution, **options)


def test_a_right_answer_is_recorded_beside_the_notebook(record):
    assert solve("04.1").ok
    assert solve("00.1").ok
    assert json.loads(record.read_text()) == {"solved": ["00.1", "04.1"]}
    assert "✓\N{NO-BREAK SPACE}04.1  ○\N{NO-BREAK SPACE}04.2  ○\N{NO-BREAK SPACE}04.3" in repr(
        progress()
    )
    assert progress().summary.startswith("2 of ")


def test_the_table_says_in_words_what_the_marks_say(record):
    solve("04.1")
    row = next(line for line in repr(progress()).splitlines() if line.startswith("04"))
    assert row.endswith("1 of 3")
    shown = progress()._repr_html_()
    assert "✓ solved, ○ open" in shown
    assert ">1 of 3</td>" in shown


def test_wrong_answers_and_worked_solutions_are_not_recorded(record):
    check("04.1", lambda dA, Z, alpha: dA)
    solve("04.1", record=False)
    assert not record.exists()


def test_off_records_and_shows_nothing(record, monkeypatch):
    solve("04.1")
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    solve("04.2")
    assert json.loads(record.read_text()) == {"solved": ["04.1"]}
    assert progress().summary.startswith("0 of ")


def test_a_path_in_the_environment_is_used(record, monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "mine.json"))
    solve("04.1")
    assert not record.exists()
    assert (tmp_path / "mine.json").exists()


def test_a_record_that_cannot_be_read_is_named_and_kept(record):
    record.write_text("{")
    assert solve("04.1").ok
    assert record.read_text() == "{"
    with pytest.raises(ValueError, match=r"progress.json: .* rename it, and a new one is begun"):
        progress()


def test_a_folder_that_nobody_may_write_to_does_not_spoil_an_answer(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "missing" / "progress.json"))
    assert solve("04.1").ok
