"""What a learner's function prints: shown, but for a loop that would flood the page."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any

LINES = 20
"""So many lines of a whole check are shown."""


class _Held(io.TextIOBase):
    """Passes the first lines on, and counts the others."""

    def __init__(self, out: Any) -> None:
        self._out, self.lines = out, 0

    def write(self, text: str) -> int:
        """Write what belongs to the first lines."""
        pieces = text.splitlines(keepends=True)
        shown = "".join(pieces[: max(LINES - self.lines, 0)])
        self.lines += text.count("\n")
        if shown:
            self._out.write(shown)
        return len(text)


@contextlib.contextmanager
def few_lines() -> Iterator[None]:
    """Hold back what is printed beyond twenty lines, and say at the end how much that was."""
    held = _Held(sys.stdout)
    try:
        with contextlib.redirect_stdout(held):
            yield
    finally:
        if held.lines > LINES:
            print(f"… {held.lines - LINES:,} more lines were printed, and are not shown")
