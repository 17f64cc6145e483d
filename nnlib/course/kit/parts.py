"""The parts of a picture that answer: pointed at, they say what they are; some may be changed.

Places are in pixels of the picture, from its upper left corner.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

NEAR = 6.0
"""So many pixels beside a line one still points at it."""

ORDER = ("Home", "End", "PageUp", "PageDown")
"""Keys that follow the order of the parts."""

AHEAD = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, -1), "ArrowDown": (0, 1)}
"""The arrows of a keyboard, as directions."""


@dataclass(frozen=True)
class Part:
    """A part of a picture.

    Attributes
    ----------
    name : str
        What it is, such as "the weight from x₁ to unit 2"; the same from picture to picture, and
        no two parts of a picture have the same.
    place : (left, top, right, bottom)
        Where it is seen; of a `line` its two ends.
    says : callable
        ``says()`` tells what is there now, in a sentence.
    reads : callable
        ``reads(x, y)`` tells what stands at a place of it, where that differs from place to place;
        then it is asked instead of ``says``.
    press : callable
        ``press()`` is what a click does, or Enter.
    number, put : callables
        ``number()`` is a number that may be replaced, ``put(value)`` takes another: a click, or
        Enter, asks for it.
    drag : callable
        ``drag(x, y)`` pulls it to a place.
    line : bool
        Whether it is a line from (left, top) to (right, bottom), and not a box.
    """

    name: str
    place: tuple[float, float, float, float]
    says: Callable[[], str] | None = None
    reads: Callable[[float, float], str] | None = None
    press: Callable[[], Any] | None = None
    number: Callable[[], float] | None = None
    put: Callable[[float], Any] | None = None
    drag: Callable[[float, float], Any] | None = None
    line: bool = False

    @property
    def centre(self) -> tuple[float, float]:
        """The middle of its place."""
        left, top, right, bottom = self.place
        return (left + right) / 2, (top + bottom) / 2

    def tells(self, x: float, y: float) -> str:
        """Say what it is, and what is there."""
        if self.reads is not None:
            return self.reads(x, y)
        return self.says() if self.says is not None else self.name

    def distance(self, x: float, y: float) -> float:
        """Return how far off a place is, 0 inside."""
        left, top, right, bottom = self.place
        if not self.line:
            return math.hypot(max(left - x, 0, x - right), max(top - y, 0, y - bottom))
        along = (right - left, bottom - top)
        length = along[0] ** 2 + along[1] ** 2
        t = ((x - left) * along[0] + (y - top) * along[1]) / length if length else 0.0
        t = min(max(t, 0.0), 1.0)
        return math.hypot(x - left - t * along[0], y - top - t * along[1])

    @property
    def size(self) -> float:
        """How much it covers; of two boxes one points at the smaller."""
        left, top, right, bottom = self.place
        return math.inf if self.line else (right - left) * (bottom - top)


def hit(parts: Sequence[Part], x: float, y: float) -> Part | None:
    """Return the part at a place: the smallest box around it, or else the nearest line."""
    boxes = [part for part in parts if not part.line and part.distance(x, y) == 0]
    lines = [part for part in parts if part.line and part.distance(x, y) <= NEAR]
    small = [box for box in boxes if box.reads is None]  # a chart is a ground for other parts
    if small:
        return min(small, key=lambda part: part.size)
    if lines:
        return min(lines, key=lambda part: part.distance(x, y))
    return min(boxes, key=lambda part: part.size, default=None)


def neighbour(parts: Sequence[Part], now: Part | None, key: str) -> Part | None:
    """Return the part that a key leads to.

    An arrow leads to the next one in its direction, near and as straight ahead as may be; Page Down
    and Page Up to the next and the one before in their order, Home and End to the first and the
    last. From none one comes to the first. Where there is no other that way, one stays.
    """
    if now is None or not parts:
        return parts[0] if parts else None
    if key not in AHEAD:
        i, last = parts.index(now), len(parts) - 1
        steps = {"Home": 0, "End": last, "PageUp": max(i - 1, 0), "PageDown": min(i + 1, last)}
        return parts[steps[key]]
    right, down = AHEAD[key]
    x, y = now.centre

    def cost(part: Part) -> float:
        dx, dy = part.centre[0] - x, part.centre[1] - y
        ahead, aside = dx * right + dy * down, abs(dx * down) + abs(dy * right)
        return ahead + 3 * aside if ahead > 0.5 else math.inf

    best = min(parts, key=cost)
    return best if cost(best) < math.inf else now
