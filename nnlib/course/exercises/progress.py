"""What has been done so far, by lesson: exercises and questions, done or open."""

import html
import textwrap
from dataclasses import dataclass
from typing import Any

from nnlib.course.exercises import feedback, notes
from nnlib.course.exercises.exercise import exercises, lessons, questions
from nnlib.course.exercises.verdict import Verdict, as_html, bar
from nnlib.course.lessons import NOTEBOOKS

KEYS = 'data-lm-suppress-shortcuts="true"'
"""On what has the focus: JupyterLab leaves it its keys."""

ASK = "Something wrong or unclear here?"


@dataclass(frozen=True)
class Item:
    """An exercise or a question, and whether it is done."""

    name: str
    title: str
    done: bool

    def __str__(self) -> str:
        return f"{'✓' if self.done else '○'} {self.name} {self.title}"

    def html(self) -> str:
        """Return the item of a list: a colour, a mark, a word."""
        word = "✓ done" if self.done else "○ open"
        style = f"{bar(word[0])}; margin: 3px 0; white-space: normal"
        return f'<li style="{style}"><b>{word}</b> {html.escape(f"{self.name} {self.title}")}</li>'


@dataclass(frozen=True)
class Part:
    """A lesson: its exercises and its questions."""

    number: str
    exercises: tuple[Item, ...]
    questions: tuple[Item, ...]

    @property
    def title(self) -> str:
        """The number, and what the lesson is called."""
        return " · ".join([self.number, *NOTEBOOKS.get(self.number, ())[:1]])

    @property
    def items(self) -> tuple[Item, ...]:
        """All that there is to do."""
        return *self.exercises, *self.questions

    @property
    def begun(self) -> bool:
        """Whether a part of it is done, and a part open."""
        return len({item.done for item in self.items}) == 2

    def link(self) -> str:
        """Return the title as a link to the notebook, which lies beside that of any lesson."""
        if self.number not in NOTEBOOKS:
            return html.escape(self.title)
        return f'<a href="{NOTEBOOKS[self.number][1]}" {KEYS}>{html.escape(self.title)}</a>'

    def list(self) -> str:
        """Return all items as a list of a page."""
        items = "".join(item.html() for item in self.items)
        style = "list-style: none; margin: 4px 0; padding: 0"
        return f'<ul role="list" style="{style}">{items}</ul>'


def _part(lesson: str, noted: notes.Notes) -> Part:
    """Compare a lesson with what has been noted."""
    answers = noted.answers.get(lesson, {})
    return Part(
        lesson,
        tuple(Item(n, task.title, n in noted.solved) for n, task in exercises(lesson).items()),
        tuple(
            Item(f"question {i}:", _short(question.text), question.answered_right(answers))
            for i, question in enumerate(questions(lesson), 1)
        ),
    )


def _short(text: str) -> str:
    """Return the first words of a question."""
    return textwrap.shorten(text.replace("`", ""), 64, placeholder=" …")


def _count(parts: list[Part]) -> str:
    """Say how much of some lessons is done."""
    solved = [item.done for part in parts for item in part.exercises]
    right = [item.done for part in parts for item in part.questions]
    said = f"{_of(solved, 'exercise')} solved"
    return f"{said}, {_of(right, 'question')} right" if right else said


def _of(done: list[bool], noun: str) -> str:
    return f"{sum(done)} of {len(done)} {noun}{'s' * (len(done) != 1)}"


class Progress:
    """What has been done of all lessons: a table with a row for each."""

    def __init__(self) -> None:
        noted = notes.read()
        self.parts = [_part(lesson, noted) for lesson in lessons()]

    @property
    def summary(self) -> str:
        """Say how much is done."""
        return _count(self.parts)

    def _repr_html_(self) -> str:
        th = '<th scope="{}" style="text-align: left; vertical-align: top">{}</th>'
        head = th.format("col", "lesson") + th.format("col", "done")
        rows = "".join(
            f"<tr>{th.format('row', part.link())}{self._cell(part)}</tr>" for part in self.parts
        )
        caption = f'<caption style="text-align: left">{self.summary}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _cell(self, part: Part) -> str:
        """Return the count of a lesson, which unfolds to its items."""
        done = all(item.done for item in part.items)
        summary = f"<summary {KEYS}>{'✓' if done else '○'} {_count([part])}</summary>"
        unfolded = " open" if part.begun else ""
        style = f"text-align: left; {bar('✓' if done else '○')}"
        return f'<td style="{style}"><details{unfolded}>{summary}{part.list()}</details></td>'

    def __repr__(self) -> str:
        return "\n".join([*map(_lines, self.parts), self.summary])


def _lines(part: Part) -> str:
    """Return a lesson and what there is to do in it, a line each."""
    return "\n".join([f"{part.title}: {_count([part])}", *(f"  {item}" for item in part.items)])


class ProgressOfALesson:
    """What has been done of one lesson, the sum of all, and where to tell what is wrong."""

    def __init__(self, lesson: str) -> None:
        noted = notes.read()
        self.part = _part(lesson, noted)
        self.sum = f"All lessons: {_count([_part(number, noted) for number in lessons()])}"
        self.form = feedback.form(self.part.title)

    @property
    def summary(self) -> str:
        """Say how much is done."""
        return _count([self.part])

    def _repr_html_(self) -> str:
        tell = html.escape(f"{ASK} {feedback.ELSEWHERE}")
        if self.form:
            link = f'href="{html.escape(self.form)}" target="_blank" rel="noopener" {KEYS}'
            tell = f"<a {link}>{ASK}</a>"
        return (
            f"<div><p><b>{self.part.link()}</b>: {self.summary}</p>{self.part.list()}"
            f"<p>{self.sum}</p><p>{tell}</p></div>"
        )

    def __repr__(self) -> str:
        tell = f"{ASK} {self.form or feedback.ELSEWHERE}"
        return "\n".join([_lines(self.part), self.sum, tell])


class NothingNoted:
    """What stands in a lesson as it is stored: the same for everybody, whoever runs it."""

    def __init__(self, what: str) -> None:
        self.text = (
            f"In your own copy, this box lists the exercises and questions of {what}, "
            "done and open. Here nothing is noted (`NNLIB_PROGRESS=off`)."
        )

    def _repr_html_(self) -> str:
        return f"<p>{as_html(self.text)}</p>"

    def __repr__(self) -> str:
        return self.text


def progress(lesson: str | None = None) -> Any:
    """Show what you have done: of all lessons, or with the way to report, of one.

    ``progress("04")`` lists what lesson 04 asks, done or open. It is kept in ``.progress.json``
    beside the notebooks.

    ``NNLIB_PROGRESS=off`` in the environment notes and shows nothing; a path there is used in
    place of that file.
    """
    number = None if lesson is None else str(lesson).zfill(2)
    if number is not None and number not in lessons():
        expected = ", ".join(lessons())
        return Verdict("?", number, f"expected the number of a lesson ({expected}), got {lesson!r}")
    if notes.file() is None:
        return NothingNoted("all lessons" if number is None else f"lesson {number}")
    return Progress() if number is None else ProgressOfALesson(number)
