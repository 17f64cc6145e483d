"""Run a learner's function for a few seconds at most."""

import _thread
import signal
import threading
from collections.abc import Callable
from typing import Any


class TookTooLong(Exception):
    """The function was stopped."""


def limited(function: Callable[[], Any], seconds: float) -> Any:
    """Return function(), or stop it after some seconds and raise `TookTooLong`.

    On the main thread it is interrupted as by Ctrl-C, again and again until it ends. Elsewhere
    nothing can stop a thread: it is left behind, and dies with the process.
    """
    on_main = threading.current_thread() is threading.main_thread()
    if on_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        return _interrupted(function, seconds)
    return _left_behind(function, seconds)


def _interrupted(function: Callable[[], Any], seconds: float) -> Any:
    """Run on the main thread, under the eyes of another one."""
    ended, expired = threading.Event(), threading.Event()
    turn = threading.Lock()

    def watch() -> None:
        pause = seconds
        while not ended.wait(pause):
            with turn:
                if not ended.is_set():
                    expired.set()
                    _interrupt()
            pause = 0.05

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        try:
            result = function()
        finally:
            _without_interrupts(ended, turn, watcher)
    except BaseException:
        if expired.is_set():
            raise TookTooLong from None
        raise
    if expired.is_set():  # it caught the interrupt, and ended by itself
        raise TookTooLong
    return result


def _interrupt() -> None:
    """Do to the main thread what Ctrl-C does; a signal also wakes it from a sleep."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


def _without_interrupts(
    ended: threading.Event, turn: threading.Lock, watcher: threading.Thread
) -> None:
    """End the watch; an interrupt that is still under way arrives in here."""
    while True:
        try:
            with turn:
                ended.set()
            watcher.join()
            return
        except KeyboardInterrupt:
            continue


def _left_behind(function: Callable[[], Any], seconds: float) -> Any:
    """Run on a thread of its own, and wait for it no longer than that."""
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)

    worker = threading.Thread(target=run, daemon=True)
    worker.start()
    worker.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TookTooLong
    return results[0]
