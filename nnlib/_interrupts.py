"""Ctrl-C at the right moment: an update, once begun, is finished first."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self


class HeldBack:
    """Holds Ctrl-C back while `busy`, and raises it at the next `let_through`.

    A second Ctrl-C is not held back. Where nobody else may ask for signals (another thread), or
    somebody else already has, it does nothing.
    """

    def __init__(self) -> None:
        self.busy = self.pending = False
        self._before: Any = None

    def __enter__(self) -> Self:
        if _handled_by(signal.default_int_handler):
            self._before = signal.signal(signal.SIGINT, self._came)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None and _handled_by(self._came):
            signal.signal(signal.SIGINT, self._before)
        self.busy = False

    def _came(self, number: int, frame: FrameType | None) -> None:
        if not self.busy or self.pending:
            self.pending = False
            raise KeyboardInterrupt
        self.pending = True

    def let_through(self, where: str) -> None:
        """Raise the KeyboardInterrupt that was held back."""
        self.busy = self.pending = False
        raise KeyboardInterrupt(where)


def _handled_by(function: Callable[..., Any]) -> bool:
    """Whether this thread is the one that signals reach, and they reach this function."""
    here = threading.current_thread() is threading.main_thread()
    return here and signal.getsignal(signal.SIGINT) == function
