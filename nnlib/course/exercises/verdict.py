"""What is said of an answer: a mark and words, framed in a colour where a page shows them."""

import html
import re
from dataclasses import dataclass

COLORS = {"✓": "#009E73", "✗": "#D55E00"}
"""Of the bar beside what a mark stands for; other marks have a grey one."""


_BRACKETS = r"\((?:[^()`]|\([^()`]*\))*\)"

CODE = rf"`([^`]+)`|\bnp(?:\.\w+)+(?:{_BRACKETS})?|\b\w+\.\w+{_BRACKETS}|\b(?:axis|keepdims)=\w+"
"""What is set as code: what stands in backticks, and what can be nothing else."""


def as_html(text: str) -> str:
    """Return text for a page: signs escaped, lines kept, code as `CODE` finds it."""
    lines = "<br>".join(html.escape(text).splitlines())
    return re.sub(CODE, lambda found: f"<code>{found[1] or found[0]}</code>", lines)


def in_backticks(text: str) -> str:
    """Return text in which all code stands in `backticks`, as `CODE` finds it."""
    return re.sub(CODE, lambda found: f"`{found[1] or found[0]}`", text)


def bar(mark: str) -> str:
    """Return the style of what has the bar of a mark beside it."""
    return f"border-left: 4px solid {COLORS.get(mark, '#777')}; padding-left: 0.6em"


@dataclass(frozen=True)
class Verdict:
    """What a check says: a mark, and a sentence or two, with code as `CODE` finds it."""

    mark: str
    exercise: str
    text: str

    @property
    def ok(self) -> bool:
        """Whether the answer was right."""
        return self.mark == "✓"

    def _repr_html_(self) -> str:
        return f'<div style="{bar(self.mark)}"><b>{self._head}</b> {as_html(self.text)}</div>'

    @property
    def _head(self) -> str:
        """The mark, the exercise and, if it is wrong, the word for that."""
        return f"{self.mark} {self.exercise}{' not right:' if self.mark == '✗' else ''}"

    def __repr__(self) -> str:
        return f"{self._head} {self.text}"
