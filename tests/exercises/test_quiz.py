import json
import re

import ipywidgets
import pytest

from nnlib.course import quiz
from nnlib.course.exercises import notes
from nnlib.course.exercises.exercise import data_of, lessons
from nnlib.course.exercises.quiz import Question, Quiz, Right

LESSONS = [lesson for lesson in lessons() if hasattr(data_of(lesson), "QUESTIONS")]
ASKED = [(lesson, question) for lesson in LESSONS for question in data_of(lesson).QUESTIONS]
TWO = Quiz(
    "99",
    (
        Question("1 + 1?", {"2": Right("count them"), "11": "that is text"}),
        Question("1 < 2 & 3?", {"a": "one", "b": Right("two"), "c": "three"}),
    ),
)

CODE = Quiz("98", (Question("Is `a < b`?", {"`yes`": Right("so `a & b`"), "no": "<it> is"}),))


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch):
    monkeypatch.setenv("NNLIB_PROGRESS", "off")


@pytest.fixture
def noted(tmp_path, monkeypatch):
    """A file of one's own for what is answered."""
    monkeypatch.setenv("NNLIB_PROGRESS", str(tmp_path / "notes.json"))
    return tmp_path / "notes.json"


def test_there_are_three_questions_a_lesson():
    for lesson in LESSONS:
        assert len(quiz(lesson).questions) == 3


@pytest.mark.parametrize(("lesson", "question"), ASKED, ids=[q.text[:40] for _, q in ASKED])
def test_every_option_has_a_reply_of_its_own(lesson, question):
    assert 3 <= len(question.options) <= 5
    replies = list(question.options.values())
    assert len(set(replies)) == len(replies)
    for option, reply in question.options.items():
        assert len(reply) >= 30, option
        assert not re.search(r"\$|\\", option + reply + question.text), "plain text, no LaTeX"


def test_the_right_option_is_not_always_at_the_same_place():
    for lesson in LESSONS:
        places = {list(q.options).index(q.right) for q in quiz(lesson).questions}
        assert len(places) > 1, lesson


def test_the_right_option_is_not_always_the_longest():
    longest = [q.right == max(q.options, key=len) for _, q in ASKED]
    assert sum(longest) <= 0.6 * len(longest)


def test_without_buttons_a_letter_answers():
    assert TWO.answer(1, "a") == "✓ right: count them"
    assert TWO.answer(2, "c") == TWO.answer(2, "C") == "✗ no: three"
    assert 'quiz("99").answer(1, "b")' in repr(TWO)
    assert "   b) 11\n" in repr(TWO)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_example_of_an_answer_is_a_wrong_one(lesson):
    asked = quiz(lesson)
    (letter,) = re.findall(r'answer\(1, "(.)"\)', repr(asked))
    assert asked.answer(1, letter).startswith("✗")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, "a"), "question: expected a number from 1 to 2, got 3"),
        ((1, "c"), "letter: expected one of a, b, got 'c'"),
        ((1, "ab"), "letter: expected one of a, b, got 'ab'"),
        ((1, ""), "letter: expected one of a, b, got ''"),
        ((1, 1), "letter: expected one of a, b, got 1"),
    ],
)
def test_a_letter_or_number_that_does_not_exist_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TWO.answer(*arguments)


def test_an_unknown_lesson_is_refused():
    with pytest.raises(ValueError, match=r"lesson: expected one of .*04.*, got '98'"):
        quiz("98")
    assert quiz("4").lesson == quiz("04").lesson == "04"


@pytest.mark.parametrize(
    ("options", "marked"),
    [
        ({"yes": "y", "no": "n"}, "none"),
        ({"yes": Right("y"), "no": Right("n")}, "'yes', 'no'"),
    ],
)
def test_a_question_needs_one_right_option_and_no_more(options, marked):
    expected = r"options: expected one of 'yes', 'no' with a reply Right\(\"because …\"\), got "
    with pytest.raises(ValueError, match=f"{expected}{marked}$"):
        Question("?", options)


def test_a_button_is_answered_below_in_words():
    first, second, _ = TWO.widget().children
    _, buttons, reply = second.children
    assert isinstance(buttons, ipywidgets.ToggleButtons)
    assert buttons.value is None
    buttons.value = "c"
    assert "<b>✗ no:</b> three" in reply.value
    buttons.value = "b"
    assert "<b>✓ right:</b> two" in reply.value
    assert first.children[2].value == ""


def test_right_and_wrong_differ_in_colour_too():
    column = TWO.widget().children[1]
    _, buttons, reply = column.children
    assert column._dom_classes == ()
    buttons.value = "a"
    assert "#D55E00" in reply.value
    assert column._dom_classes == ("nnlib-wrong",)
    buttons.value = "b"
    assert "#009E73" in reply.value
    assert column._dom_classes == ("nnlib-right",)
    assert "#009E73" in TWO.answer(2, "b")._repr_html_()


def test_code_is_set_as_code_in_questions_options_and_replies():
    title, buttons, reply = CODE.widget().children[0].children
    buttons.value = "`yes`"
    assert "Is <code>a &lt; b</code>?" in title.value
    assert "so <code>a &amp; b</code>" in reply.value
    assert "<li><code>yes</code></li>" in CODE._html()
    assert buttons.tooltip == "Is a < b?", "a screen reader is told without backticks"
    buttons.value = "no"
    assert "&lt;it&gt; is" in reply.value


def test_code_without_backticks_is_set_as_code_in_options_too():
    options = {"np.where(X > 0, 1, 0)": Right("y"), "`X` and X.mean(axis=0)": "n"}
    _, buttons, _ = Quiz("98", (Question("?", options),)).widget().children[0].children
    labels = [label for label, _ in buttons.options]
    assert labels == ["`np.where(X > 0, 1, 0)`", "`X` and `X.mean(axis=0)`"]
    assert [value for _, value in buttons.options] == list(options)


def picked(quiz_):
    """The options that are picked when it is shown, and what is said to them."""
    columns = [column.children for column in quiz_.widget().children[:-1]]
    return [(buttons.value, reply.value) for _, buttons, reply in columns]


def test_an_answer_is_there_again_when_the_cell_is_run_again(noted):
    assert picked(TWO) == [(None, ""), (None, "")]
    TWO.widget().children[1].children[1].value = "c"
    assert json.loads(noted.read_text())["answers"] == {"99": {"1 < 2 & 3?": "c"}}
    (nothing, _), (option, reply) = picked(TWO)
    assert (nothing, option) == (None, "c")
    assert "✗ no:</b> three" in reply
    assert "   c) c\n      ✗ no: three\n" in repr(TWO)
    assert "✗ no:</b> three" in TWO._html()


def test_a_letter_is_remembered_as_a_button_is(noted):
    TWO.answer(2, "a")
    assert picked(TWO)[1][0] == "a"
    assert "   a) a\n      ✗ no: one\n   b) b\n" in repr(TWO)


def test_a_wrong_answer_is_mended_and_a_right_one_stays(noted):
    question = TWO.questions[1]
    _, buttons, reply = TWO.widget().children[1].children
    for option, right in (("a", False), ("b", True), ("c", True)):
        buttons.value = option
        assert question.answered_right(TWO.answers()) is right
    assert "✗ no:</b> three" in reply.value, "what is tried afterwards is answered all the same"
    assert picked(TWO)[1][0] == "b"


def test_an_answer_to_a_question_that_has_changed_is_not_shown(noted):
    notes.add_answer("99", "1 < 2 & 4?", "a")
    notes.add_answer("99", "1 + 1?", "3")
    assert picked(TWO) == [(None, ""), (None, "")]


def test_a_quiz_is_shown_where_the_notes_cannot_be_read(noted):
    noted.write_text("{")
    assert picked(TWO) == [(None, ""), (None, "")]
    TWO.widget().children[1].children[1].value = "c"
    assert noted.read_text() == "{"


def test_nothing_is_remembered_where_nothing_is_to_be(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    stored = TWO._html(), repr(TWO)
    TWO.widget().children[1].children[1].value = "c"
    assert (TWO._html(), repr(TWO)) == stored
    assert list(tmp_path.iterdir()) == []


def test_signs_that_html_reads_are_escaped():
    assert "1 &lt; 2 &amp; 3?" in TWO._html()
    assert "1 &lt; 2 &amp; 3?" in TWO.widget().children[1].children[0].value


def test_a_place_without_widgets_gets_html_and_text(monkeypatch):
    bundle = TWO._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json",
        "text/html",
        "text/plain",
    }
    monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    assert set(TWO._repr_mimebundle_()) == {"text/html", "text/plain"}
