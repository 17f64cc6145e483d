"""What prints as a table."""

from collections.abc import Iterable


class Table:
    """Rows of text; prints in aligned columns, and lines of prose below."""

    def __init__(self, *rows: tuple[str, ...], below: Iterable[str] = ()) -> None:
        self.rows, self.below = rows, tuple(below)

    def __repr__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in self.rows]
        return "\n".join([*lines, *self.below])
