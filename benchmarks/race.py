"""Measure fairly: each contender in a process of its own, one epoch at a time, in turns."""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Protocol
from unittest import mock

from benchmarks.machine import pin, thread_variables

PAUSE = 0.1
"""Seconds before each turn, for threads of the one before to fall asleep: they spin a while."""


class Contender(Protocol):
    """What is measured: made once, untimed; then `epoch` is timed, and tells its loss."""

    def epoch(self) -> Any:
        """Train one epoch, always from the same start."""


Entry = tuple[Callable[..., Contender], tuple[Any, ...]]
"""What makes a contender, and the arguments; made in its own process."""


class WorkerError(RuntimeError):
    """A process could not do its part; the message says why in one line."""


class NotInstalledError(WorkerError):
    """A contender lacks a package."""


@dataclass(frozen=True)
class Raced:
    """The seconds of every round and the loss of the last one, by name; who was left out, why."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    losses: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def race(contenders: dict[str, Entry], rounds: int, threads: int) -> Raced:
    """Let all train an epoch in turns, A B C A B C, after one untimed epoch each."""
    raced = Raced()
    with ExitStack() as stack:
        epochs = {}
        for name, (make, args) in contenders.items():
            try:
                epochs[name] = stack.enter_context(worker(name, make, args, threads))
            except NotInstalledError as error:
                raced.left_out[name] = str(error)
        raced.seconds.update({name: [] for name in epochs})
        for round_ in range(rounds + 1):
            for name, epoch in epochs.items():
                time.sleep(PAUSE)
                taken, raced.losses[name] = epoch()
                if round_:
                    raced.seconds[name].append(taken)
    return raced


@contextmanager
def worker(
    name: str, make: Callable[..., Contender], args: tuple[Any, ...], threads: int
) -> Iterator[Callable[[], tuple[float, Any]]]:
    """Start a process with a contender in it, and end it, whatever happens.

    What is yielded trains an epoch there, and returns its seconds and its loss.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, make, args, threads), daemon=True)

    def answer() -> Any:
        try:
            kind, value = ours.recv()
        except (EOFError, OSError):
            process.join(5)
            raise WorkerError(f"{name}: its process ended, {_ending(process.exitcode)}") from None
        if kind == "answer":
            return value
        raise (NotInstalledError if kind == "not installed" else WorkerError)(f"{name}: {value}")

    def epoch() -> tuple[float, Any]:
        with suppress(OSError):  # it has ended: `answer` says how
            ours.send(None)
        taken, loss = answer()
        return taken, loss

    try:
        with mock.patch.dict(os.environ, thread_variables(threads)), _interrupts_wait():
            process.start()
        theirs.close()
        answer()
        yield epoch
    finally:
        ours.close()
        if process.pid is not None:
            process.terminate()
            process.join(5)
            process.kill()
            process.join()


def once(name: str, make: Callable[..., Contender], args: tuple[Any, ...], threads: int) -> Any:
    """Return what one epoch returns, in a process of its own."""
    with worker(name, make, args, threads) as epoch:
        return epoch()[1]


def _work(pipe: Connection, make: Callable[..., Any], args: tuple[Any, ...], threads: int) -> None:
    """Make the contender, then train an epoch whenever asked, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
    with suppress(EOFError, OSError):
        try:
            pin(threads)
            contender = make(*args)
            pipe.send(("answer", None))
            while True:
                pipe.recv()
                begin = time.perf_counter()
                loss = contender.epoch()
                pipe.send(("answer", (time.perf_counter() - begin, loss)))
        except ImportError as error:
            pipe.send(("not installed", _one_line(error)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except Exception as error:
            pipe.send(("failed", _one_line(error)))


@contextmanager
def _interrupts_wait() -> Iterator[None]:
    """Let Ctrl-C wait for a moment; a process that is started meanwhile never hears it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[Any] = []
    masks = hasattr(signal, "pthread_sigmask")  # a mask is inherited; Windows has none
    if masks:
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # starting it later would undo the mask
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    before = signal.signal(signal.SIGINT, lambda *signal_: caught.append(signal_))
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, signal.SIG_DFL if before is None else before)
        if caught:
            signal.raise_signal(signal.SIGINT)


def _one_line(error: Exception) -> str:
    """Say in one line what went wrong."""
    return " ".join("".join(traceback.format_exception_only(error)).split())


def _ending(exitcode: int | None) -> str:
    """Say how a process has ended."""
    if exitcode is not None and exitcode < 0:
        return f"killed by {signal.Signals(-exitcode).name}"
    return f"exit code {exitcode}"
