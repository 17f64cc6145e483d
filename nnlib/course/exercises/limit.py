"""Run a learner's function for a few seconds at most."""

import _thread
import signal
import threading
from collections.abc import Callable
from contextvars import copy_context
from types import FrameType
from typing import Any


class TookTooLong(BaseException):
    """The function was stopped; no ``except Exception`` of its own keeps it going."""


def limited(function: Callable[[], Any], seconds: float) -> Any:
    """Return function(), or stop it after some seconds and raise `TookTooLong`.

    On the main thread it is interrupted as by Ctrl-C, again and again until it ends. Elsewhere
    nothing can stop a thread: it is left behind, and dies with the process.
    """
    on_main = threading.current_thread() is threading.main_thread()
    if on_main and callable(signal.getsignal(signal.SIGINT)):
        return _interrupted(function, seconds)
    return _left_behind(function, seconds)


def _interrupted(function: Callable[[], Any], seconds: float) -> Any:
    """Run on the main thread, under the eyes of another one that sends signals when time is up."""
    ended, expired, inside = threading.Event(), threading.Event(), False
    before: Any = signal.getsignal(signal.SIGINT)

    def handler(number: int, frame: FrameType | None) -> None:
        if not expired.is_set():
            before(number, frame)  # somebody has pressed Ctrl-C
        elif inside and frame is not None and frame.f_code is not _interrupted.__code__:
            raise TookTooLong  # within the function only: not on the way in or out

    def watch() -> None:
        pause = seconds
        while not ended.wait(pause):
            expired.set()
            _interrupt()
            pause = 0.05

    watcher = threading.Thread(target=watch, daemon=True)
    signal.signal(signal.SIGINT, handler)
    watcher.start()
    try:
        inside = True
        result = function()
    finally:
        inside = False
        ended.set()
        watcher.join()
        for _ in range(9):  # a signal that is still under way is handled in here, and ignored
            pass
        signal.signal(signal.SIGINT, before)
    if expired.is_set():  # it caught all that it was sent, and ended by itself
        raise TookTooLong
    return result


def _interrupt() -> None:
    """Do to the main thread what Ctrl-C does; a signal also wakes it from a sleep."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _left_behind(function: Callable[[], Any], seconds: float) -> Any:
    """Run on a thread of its own, and wait for it no longer than that."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    here = copy_context()  # such as NumPy's errstate
    worker = threading.Thread(target=here.run, args=(run,), daemon=True)
    worker.start()
    worker.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TookTooLong
    return results[0]
