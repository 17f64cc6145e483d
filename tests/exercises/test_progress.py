"""What has been done is remembered beside the notebooks; the lessons here are made up."""

import json
import re
from threading import Thread
from types import SimpleNamespace

import pytest

from nnlib.course import check, progress
from nnlib.course.exercises import feedback, notes
from nnlib.course.exercises.exercise import Exercise, find
from nnlib.course.exercises.quiz import Question, Quiz, Right
from nnlib.course.lessons import NOTEBOOKS

LENGTH = Exercise(
    title="count the entries",
    case=lambda rng, sizes: (rng.normal(size=sizes[0]),),
    solution=len,
    mistakes={"one too many": lambda X: len(X) + 1},
    hints=("count them",),
)
QUESTIONS = (
    Question("1 + 1?", {"2": Right("count them"), "11": "that is text"}),
    Question("Is `len(X) < 2` & so on?", {"yes": Right("one"), "no": "two"}),
)
MADE_UP = {"00": ["00.1"], "04": ["04.1", "04.2", "04.3"], "15": ["15.1"], "16": ["16.1", "16.2"]}


@pytest.fixture(autouse=True)
def made_up_lessons(tmp_path_factory, monkeypatch):
    """Point the machine at lessons that no edit of a real one changes."""
    folder = tmp_path_factory.mktemp("lessons")
    for lesson in MADE_UP:
        (folder / f"lesson_{lesson}.py").touch()

    def data_of(lesson):
        asked = {"QUESTIONS": QUESTIONS} if lesson == "04" else {}
        return SimpleNamespace(EXERCISES=dict.fromkeys(MADE_UP[lesson], LENGTH), **asked)

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
    parts = progress().parts
    return {item.name for part in parts for item in part.exercises if item.done}


def answer(number, letter):
    return Quiz("04", QUESTIONS).answer(number, letter)


def test_a_right_answer_is_recorded_beside_the_notebook(record):
    assert solve("04.1").ok
    assert solve("00.1").ok
    assert json.loads(record.read_text()) == {
        "edition": 4,
        "solved": ["00.1", "04.1"],
        "answers": {},
    }
    assert "  ✓ 04.1 count the entries\n  ○ 04.2 count the entries\n" in repr(progress())
    assert progress().summary == "2 of 7 exercises solved, 0 of 2 questions right"


def test_the_questions_of_a_lesson_count_once_they_are_right(record):
    answer(1, "b")
    assert progress("04").summary == "0 of 3 exercises solved, 0 of 2 questions right"
    answer(1, "a")
    assert progress("04").summary == "0 of 3 exercises solved, 1 of 2 questions right"
    assert "  ✓ question 1: 1 + 1?\n  ○ question 2: Is len(X) < 2 & so on?" in repr(progress("04"))
    assert progress("00").summary == "0 of 1 exercise solved"
    assert "questions" not in repr(progress("00")).splitlines()[0]


def test_a_lesson_ends_with_the_sum_of_all(record):
    solve("00.1")
    answer(2, "a")
    lines = repr(progress("04")).splitlines()
    assert lines[0] == "04 · Backprop: 0 of 3 exercises solved, 1 of 2 questions right"
    assert "00.1" not in repr(progress("04"))
    assert lines[-2] == "All lessons: 1 of 7 exercises solved, 1 of 2 questions right"
    assert lines[-1].startswith("Something wrong or unclear here? ")


def test_done_and_open_differ_by_colour_mark_and_word(record):
    solve("04.1")
    page = progress("04")._repr_html_()
    done, opened = re.findall(r"<li (.+?)</li>", page)[:2]
    assert "✓ done</b> 04.1 count the entries" in done
    assert "○ open</b> 04.2 count the entries" in opened
    assert "#009E73" in done
    assert "#009E73" not in opened
    assert "len(X) &lt; 2 &amp; so on?" in page


def test_the_table_links_the_notebooks_and_unfolds_what_is_begun(record, monkeypatch):
    monkeypatch.delitem(NOTEBOOKS, "15")
    solve("04.1")
    solve("15.1")
    rows = dict(re.findall(r'<tr><th scope="row".*?>(\d\d).*?</th>(.*?)</tr>', page := html_of()))
    assert '<a href="04_backprop.ipynb" ' in page
    assert ">15</th>" in page, "a lesson that has no notebook has no link"
    assert [number for number, cell in rows.items() if "<details open>" in cell] == ["04"]
    assert "✓ 1 of 1 exercise solved" in rows["15"]
    assert "○ 1 of 3 exercises solved, 0 of 2 questions right" in rows["04"]
    assert page.count("<summary data-lm-suppress-shortcuts=") == len(rows) == 4


def html_of():
    return progress()._repr_html_()


def test_a_lesson_may_be_written_as_one_digit(record):
    assert repr(progress("4")) == repr(progress("04")) == repr(progress(4))


@pytest.mark.parametrize("lesson", ["98", "04.1", "one", 98])
def test_an_unknown_lesson_is_refused_in_one_line(record, lesson):
    said = repr(progress(lesson))
    assert "expected the number of a lesson (00, 04, 15, 16), got " in said
    assert "\n" not in said


def test_wrong_answers_and_worked_solutions_are_not_recorded(record):
    check("04.1", lambda X: len(X) + 1)
    solve("04.1", record=False)
    assert not record.exists()


def test_off_records_nothing(record, monkeypatch):
    solve("04.1")
    answer(1, "a")
    before = record.read_text()
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    solve("04.2")
    answer(2, "a")
    assert record.read_text() == before
    assert notes.read() == notes.Notes()


@pytest.mark.parametrize("chosen", [(), ("04",)])
def test_off_shows_the_same_to_everybody(record, monkeypatch, chosen):
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    shown = progress(*chosen)
    monkeypatch.setattr(feedback, "ROOT", record.parent)
    monkeypatch.setitem(MADE_UP, "04", ["04.1", "04.9"])
    assert repr(progress(*chosen)) == repr(shown)
    assert progress(*chosen)._repr_html_() == shown._repr_html_()
    assert "In your own copy" in repr(shown)
    assert "count" not in shown._repr_html_()


def test_off_refuses_an_unknown_lesson(monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", "off")
    assert "got '98'" in repr(progress("98"))


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
        "edition": 4,
        "solved": ["00.1", "04.1", "04.15", "16.1"],
        "answers": {},
    }


def test_a_record_without_answers_is_read_and_goes_on(record):
    record.write_text('{"edition": 2, "solved": ["04.1", "15.1"]}')
    assert ticked() == {"04.1", "15.1"}
    answer(1, "a")
    assert json.loads(record.read_text()) == {
        "edition": 4,
        "solved": ["04.1", "15.1"],
        "answers": {"04": {"1 + 1?": "2"}},
    }


@pytest.mark.parametrize("edition", [2, 3])
def test_exercises_that_have_another_number_today_stay_solved(record, edition):
    record.write_text(json.dumps({"edition": edition, "solved": ["04.1", "04.4", "06.5", "06.0b"]}))
    assert ticked() == {"04.1", "04.2"}
    solve("00.1")
    kept = json.loads(record.read_text())
    assert kept["solved"] == ["00.1", "04.1", "04.2", "06.0b", "06.3"]
    solve("00.1")
    assert json.loads(record.read_text()) == kept


def test_no_two_exercises_have_moved_to_one_number():
    for moved in notes.MOVED.values():
        assert set(moved) == set(moved.values())


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
        ('{"edition": 5, "done": []}', "it is of edition 5, and this nnlib knows 4: `git pull`"),
        ('{"edition": null, "solved": []}', "it is of edition None, and this nnlib knows 4"),
        ('{"solved": [], "answers": []}', "it has no questions with their answers under"),
        ('{"solved": [], "answers": {"04": {"1?": 2}}}', "it has no questions with their answers"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_and_kept(record, text, reason):
    record.write_text(text)
    assert solve("04.1").ok
    assert answer(1, "a").startswith("✓ right")
    assert record.read_text() == text
    remedy = "rename it, and a new one is begun$"
    with pytest.raises(ValueError, match=rf"progress.json: .*\({reason}.*\): {remedy}"):
        progress()


def test_a_folder_that_nobody_may_write_to_does_not_spoil_an_answer(monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "missing" / "progress.json"))
    assert solve("04.1").ok
    assert answer(1, "a").startswith("✓ right")


def test_what_is_noted_on_two_threads_is_all_kept(record):
    threads = [Thread(target=notes.add_answer, args=("04", f"{i}?", "yes")) for i in range(20)]
    threads += [Thread(target=notes.add_solved, args=(f"04.{i}",)) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(notes.read().solved) == len(notes.read().answers["04"]) == 20
    assert [path.name for path in record.parent.iterdir()] == [record.name]
