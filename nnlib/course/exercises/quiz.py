"""Multiple-choice questions: a wrong option says which misconception leads there."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnlib._optional import needed_by
from nnlib.course.exercises.exercise import data_of, lessons

LETTERS = "abcdef"


class Right(str):
    """The reply to the option that is right."""


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

    def reply(self, option: str) -> str:
        """Return what there is to say to an option, with a mark before it."""
        return f"{'✓ right' if option == self.right else '✗ no'}: {self.options[option]}"


class Quiz:
    """The questions of a lesson: buttons in a notebook, text elsewhere."""

    def __init__(self, lesson: str, questions: tuple[Question, ...]) -> None:
        self.lesson, self.questions = lesson, questions

    def answer(self, question: int, letter: str) -> str:
        """Return the reply to an answer, such as ``quiz("04").answer(1, "b")``."""
        if question not in range(1, len(self.questions) + 1):
            raise ValueError(
                f"question: expected a number from 1 to {len(self.questions)}, got {question!r}"
            )
        options = list(self.questions[question - 1].options)
        letters = LETTERS[: len(options)]
        if not (isinstance(letter, str) and len(letter) == 1 and letter in letters):
            raise ValueError(f"letter: expected one of {', '.join(letters)}, got {letter!r}")
        return self.questions[question - 1].reply(options[letters.index(letter)])

    def widget(self) -> Any:
        """Build the buttons: a column for each question, the reply below."""
        with needed_by("quiz.widget", otherwise="quiz.answer"):
            import ipywidgets

            from nnlib.course.kit.keys import keeping_keys

        numbers = range(1, len(self.questions) + 1)
        return keeping_keys(ipywidgets.VBox([self._column(ipywidgets, i) for i in numbers]))

    def _column(self, w: Any, number: int) -> Any:
        """Build one question."""
        question = self.questions[number - 1]
        buttons = w.ToggleButtons(
            options=list(question.options),
            value=None,
            layout=w.Layout(width="100%"),
            style={"button_width": "calc(100% - 8px)"},
        )
        buttons.add_class("nnlib-quiz")
        reply = w.HTML()

        def answer(change: Any) -> None:
            if change["new"] is not None:
                text = html.escape(question.reply(change["new"]))
                reply.value = f'<div role="status" class="nnlib-reply">{text}</div>'

        buttons.observe(answer, "value")
        title = w.HTML(
            f'<div style="line-height: 1.4"><b>{number}.</b> {html.escape(question.text)}</div>'
        )
        return w.VBox([title, buttons, reply], layout=w.Layout(max_width="46em"))

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
        def item(question: Question) -> str:
            options = "".join(f"<li>{html.escape(option)}</li>" for option in question.options)
            return f"<li>{html.escape(question.text)}<ol type='a'>{options}</ol></li>"

        return f"<ol>{''.join(map(item, self.questions))}</ol><p>{html.escape(self._how())}</p>"

    def _how(self) -> str:
        return f'To answer without buttons: quiz("{self.lesson}").answer(1, "b")'

    def __repr__(self) -> str:
        lines = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            lines += [
                f"   {letter}) {option}"
                for letter, option in zip(LETTERS, question.options, strict=False)
            ]
        return "\n".join([*lines, self._how()])


def quiz(lesson: str) -> Quiz:
    """Ask the questions of a lesson; a wrong answer is told which misconception leads there."""
    numbers = [number for number in lessons() if hasattr(data_of(number), "QUESTIONS")]
    if lesson not in numbers:
        raise ValueError(f"lesson: expected one of {', '.join(numbers)}, got {lesson!r}")
    return Quiz(lesson, data_of(lesson).QUESTIONS)
