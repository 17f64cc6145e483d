import re

import ipywidgets
import pytest

from nnlib.course import quiz
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
    assert TWO.answer(2, "c") == "✗ no: three"
    assert 'quiz("99").answer(1, "b")' in repr(TWO)
    assert "   b) 11\n" in repr(TWO)


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
    assert "✗ no: three" in reply.value
    assert 'role="status"' in reply.value
    buttons.value = "b"
    assert "✓ right: two" in reply.value
    assert first.children[2].value == ""


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
