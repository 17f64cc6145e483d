"""Multiple-choice questions: a wrong option says which misconception leads there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnlib._optional import needed_by
from nnlib.course.exercises import notes
from nnlib.course.exercises.exercise import lessons, questions
from nnlib.course.exercises.verdict import as_html, bar, in_backticks

LETTERS = "abcdef"

MARKED = {"✓": "nnlib-right", "✗": "nnlib-wrong"}
"""The class of a question whose answer has this mark."""


class Right(str):
    """The reply to the option that is right."""


class Reply(str):
    """What is said to somebody who picks an option; a page shows it with the bar of its mark."""

    def _repr_html_(self) -> str:
        word, colon, text = self.partition(":")
        return (
            f'<div class="nnlib-reply" style="{bar(self[0])}">'
            f"<b>{word}{colon}</b>{as_html(text)}</div>"
        )


@dataclass(frozen=True)
class Question:
    """A question as data.

    Parameters
    ----------
    text : str
        What is asked.
    options : mapping
        For each option what is said to somebody who picks it: which misconception leads there,
        or, as ``Right("because …")``, why it is right.
    """

    text: str
    options: Mapping[str, str]

    def __post_init__(self) -> None:
        """Make sure that one of the options is right, and no more."""
        marked = [option for option, reply in self.options.items() if isinstance(reply, Right)]
        if len(marked) != 1:
            options = ", ".join(map(repr, self.options))
            raise ValueError(
                f'options: expected one of {options} with a reply Right("because …"), '
                f"got {', '.join(map(repr, marked)) or 'none'}"
            )

    @property
    def right(self) -> str:
        """The option that is right."""
        return next(option for option, reply in self.options.items() if isinstance(reply, Right))

    def reply(self, option: str) -> Reply:
        """Return what there is to say to an option, with a mark and a word before it."""
        return Reply(f"{'✓ right' if option == self.right else '✗ no'}: {self.options[option]}")

    def answered(self, answers: Mapping[str, str]) -> str | None:
        """Return the option that was picked, of a lesson's answers; None: none of those of now."""
        option = answers.get(self.text)
        return option if option in self.options else None

    def answered_right(self, answers: Mapping[str, str]) -> bool:
        """Whether the option that was picked is the right one."""
        return self.answered(answers) == self.right


class Quiz:
    """The questions of a lesson: buttons in a notebook, text elsewhere."""

    def __init__(self, lesson: str, questions: tuple[Question, ...]) -> None:
        self.lesson, self.questions = lesson, questions

    def answer(self, question: int, letter: str) -> Reply:
        """Return the reply to an answer, such as ``quiz("04").answer(1, "b")``, and note it."""
        if question not in range(1, len(self.questions) + 1):
            raise ValueError(
                f"question: expected a number from 1 to {len(self.questions)}, got {question!r}"
            )
        options = list(self.questions[question - 1].options)
        letters = LETTERS[: len(options)]
        if not (isinstance(letter, str) and len(letter) == 1 and letter.lower() in letters):
            raise ValueError(f"letter: expected one of {', '.join(letters)}, got {letter!r}")
        return self._take(self.questions[question - 1], options[letters.index(letter.lower())])

    def answers(self) -> Mapping[str, str]:
        """Return what was noted of this lesson; nothing where the notes can't be read."""
        try:
            return notes.read().answers.get(self.lesson, {})
        except ValueError:  # `progress` says so
            return {}

    def _take(self, question: Question, option: str) -> Reply:
        """Note an answer, but for one that is tried after the right one; return the reply."""
        if not question.answered_right(self.answers()):
            notes.add_answer(self.lesson, question.text, option)
        return question.reply(option)

    def widget(self) -> Any:
        """Build the buttons: a column for each question, the reply below."""
        with needed_by("quiz.widget", otherwise="quiz.answer"):
            import ipywidgets

            from nnlib.course.kit.keys import keeping_keys

        answers = self.answers()
        columns = [
            self._column(ipywidgets, number, question, question.answered(answers))
            for number, question in enumerate(self.questions, 1)
        ]
        return keeping_keys(ipywidgets.VBox(columns))

    def _column(self, w: Any, number: int, question: Question, picked: str | None) -> Any:
        """Build one question, as it was answered before."""
        buttons = w.ToggleButtons(
            options=[(in_backticks(option), option) for option in question.options],
            value=picked,
            tooltip=question.text.replace("`", ""),
            layout=w.Layout(width="100%"),
            style={"button_width": "calc(100% - 8px)"},
        )
        buttons.add_class("nnlib-quiz")
        said = w.HTML()
        said.add_class("nnlib-said")

        title = w.HTML(
            f'<div style="line-height: 1.4"><b>{number}.</b> {as_html(question.text)}</div>'
        )
        # The class is the column's: a change of the buttons makes new ones, without the focus.
        column = w.VBox([title, buttons, said], layout=w.Layout(max_width="46em"))

        def say(reply: Reply) -> None:
            for mark, name in MARKED.items():
                (column.add_class if reply[0] == mark else column.remove_class)(name)
            said.value = reply._repr_html_()

        def answer(change: Any) -> None:
            if change["new"] is not None:
                say(self._take(question, change["new"]))

        if picked is not None:
            say(question.reply(picked))
        buttons.observe(answer, "value")
        return column

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = {"text/plain": repr(self), "text/html": self._html()}
        try:
            return {**self.widget()._repr_mimebundle_(), **bundle}
        except ImportError:
            return bundle

    def _ipython_display_(self) -> None:
        """Show it in a notebook; without widgets, as text."""
        from IPython.display import display

        bundle = self._repr_mimebundle_()
        try:
            from nnlib.course.kit.standin import show
        except ImportError:
            publish: Callable[..., Any] = display
            publish(bundle, raw=True)
        else:
            show(f"quiz {self.lesson}", bundle)

    def _html(self) -> str:
        answers = self.answers()

        def item(question: Question) -> str:
            options = "".join(f"<li>{as_html(option)}</li>" for option in question.options)
            picked = question.answered(answers)
            reply = question.reply(picked)._repr_html_() if picked else ""
            return f"<li>{as_html(question.text)}<ol type='a'>{options}</ol>{reply}</li>"

        return f"<ol>{''.join(map(item, self.questions))}</ol><p>{as_html(self._how())}</p>"

    def _how(self) -> str:
        first = self.questions[0]
        wrong = "a" if list(first.options).index(first.right) == 1 else "b"  # gives nothing away
        return f'To answer without buttons: quiz("{self.lesson}").answer(1, "{wrong}")'

    def __repr__(self) -> str:
        lines, answers = [], self.answers()
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            picked = question.answered(answers)
            for letter, option in zip(LETTERS, question.options, strict=False):
                lines.append(f"   {letter}) {option}")
                if option == picked:
                    lines.append(f"      {question.reply(option)}")
        return "\n".join([*lines, self._how()])


def quiz(lesson: str) -> Quiz:
    """Ask the questions of a lesson; a wrong answer is told which misconception leads there.

    Answers are kept in ``.progress.json`` beside the notebooks, and shown again the next time;
    another one may be picked. `progress` counts those that are right.
    """
    numbers = [number for number in lessons() if questions(number)]
    number = str(lesson).zfill(2)
    if number not in numbers:
        raise ValueError(f"lesson: expected one of {', '.join(numbers)}, got {lesson!r}")
    return Quiz(number, questions(number))
