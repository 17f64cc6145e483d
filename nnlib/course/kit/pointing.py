"""Pointing at a picture, with a pointer or with keys: which part is meant, and what it does."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from nnlib.course.kit.numerals import typed
from nnlib.course.kit.parts import AHEAD, Part, hit, neighbour
from nnlib.course.kit.picture import Picture

STRIDE = 8.0
"""Pixels by which Shift and an arrow drag a part, or read on in a chart."""


class Pointing:
    """What is pointed at in a picture, and what comes of it.

    With a pointer: one points at a part, and it tells what it is; a click presses it or asks for
    its number; pulled, it follows. With keys: arrows, Page Up and Down, Home and End go from part
    to part, Enter clicks, Shift and an arrow pull, or read on in a chart; Escape points at nothing.

    Attributes
    ----------
    name : str
        Of the part; empty: none.
    at : (x, y)
        The place.
    by_key : bool
        Whether a key has led there.
    """

    def __init__(
        self,
        picture: Picture,
        parts: Callable[[], Sequence[Part]],
        refuse: Callable[[str], Any],
    ) -> None:
        self._picture, self._parts, self._refuse = picture, parts, refuse
        self.name, self.at, self.by_key = "", (0.0, 0.0), False
        self._held: str | None = None
        self._pulled = False

    @property
    def part(self) -> Part | None:
        """The part that is pointed at, as it is now; None: there is none, or no longer."""
        return self._named(self.name) if self.name else None

    def _named(self, name: str) -> Part | None:
        return next((part for part in self._parts() if part.name == name), None)

    def hear(self, message: dict[str, Any]) -> None:
        """Do what a message of the page asks for."""
        kind = message["on"]
        if kind == "key":
            self._key(message["key"], bool(message["shift"]))
        elif kind == "type":
            self._type(message["name"], message["text"])
        elif kind == "leave":
            self.name, self._held = "", None
        else:
            self._point(kind, float(message["x"]), float(message["y"]))
        self.tell()

    def _point(self, kind: str, x: float, y: float) -> None:
        if kind == "drag" and self._held is not None:
            part = self._named(self._held)
            if part is not None and part.drag is not None:
                self._pulled, self.at = True, (x, y)
                part.drag(x, y)
                return
        part = hit(self._parts(), x, y)
        self.name, self.at, self.by_key = part.name if part else "", (x, y), False
        if kind == "down":
            self._held, self._pulled = self.name, False
        elif kind == "up":
            if part is not None and self._held == self.name and not self._pulled:
                self._click(part)
            self._held = None

    def _key(self, key: str, shift: bool) -> None:
        parts = self._parts()
        part = next((part for part in parts if part.name == self.name), None)
        if key == "Escape":
            self.name = ""
        elif key == "Enter":
            if part is not None:
                self._click(part)
        elif shift and part is not None and key in AHEAD:
            self._pull(part, *AHEAD[key])
        elif (after := neighbour(parts, part, key)) is not None:
            self.name, self.at, self.by_key = after.name, after.centre, True

    def _pull(self, part: Part, right: int, down: int) -> None:
        """Pull a part by a stride, or go on reading it."""
        x, y = part.centre if part.reads is None else self.at
        x, y = x + right * STRIDE, y + down * STRIDE
        if part.reads is not None:
            left, top, end, bottom = part.place
            self.at = x, y = min(max(x, left), end), min(max(y, top), bottom)
        if part.drag is not None:
            part.drag(x, y)

    def _click(self, part: Part) -> None:
        """Press a part, ask for its number, or pull it here."""
        if part.press is not None:
            part.press()
        elif part.number is not None and part.put is not None:
            value = f"{part.number():.6g}"
            self._picture.send({"ask": part.name, "value": value, "place": part.place})
        elif part.drag is not None:
            part.drag(*self.at)

    def _type(self, name: str, text: str) -> None:
        """Take a number that was typed for a part."""
        part, value = self._named(name), typed(text)
        if part is None or part.put is None:
            self._refuse(f"{name}: it is no longer there.")
        elif value is None or not math.isfinite(value):
            self._refuse(f"{name}: expected a number such as 0.5, got {text[:40]!r}.")
        else:
            part.put(value)

    def tell(self) -> None:
        """Let the page show what is to be told of the part, which may be another in every frame."""
        part = self.part
        told: dict[str, Any] = {}
        if part is not None:
            reading = part.reads is not None
            told = {
                "name": part.name,
                "text": part.tells(*self.at),
                "place": [*self.at, *self.at] if reading else list(part.place),
                "line": part.line or reading,
                "can": [
                    name for name in ("press", "put", "drag") if getattr(part, name) is not None
                ],
                "key": self.by_key,
            }
        if told != self._picture.told:
            self._picture.told = told
