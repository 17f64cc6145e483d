"""Has nnlib become slower? ``python -m benchmarks.compare OLD NEW`` compares what two folders hold.

Two processes, one for each version, stay warm and are asked by turns on one core. They are started
anew several times, for two processes differ by some percent even with the same code: by where their
memory lies. A workload is called slower where its median is by more than 3 %, and three of four
rounds agree that it is. The exit status is 1 then.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from benchmarks import machine, summary
from benchmarks.output import Result, fixed, table
from benchmarks.race import WorkerError
from benchmarks.workloads import WORKLOADS

TOLERANCE = 0.03
TURN = 0.02
"""Seconds that a turn takes, about."""

Ask = Callable[[str, int], float]
"""Asks a version for the seconds of a workload, so many times repeated."""

Seconds = dict[str, list[float]]
"""The seconds of one repetition, for each version all rounds."""


def main(arguments: list[str] | None = None) -> int:
    """Compare two folders; return 1 if anything has become slower."""
    options = _parser().parse_args(arguments)
    print(*machine.lines(machine.describe()), "", sep="\n", flush=True)
    try:
        compared = compare(options.old, options.new, options.only, options.starts, options.rounds)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    print(report(compared), "", verdict(compared), sep="\n")
    return int(any(slower(versions["new"]) for versions in compared.values()))


def compare(old: Path, new: Path, names: list[str], starts: int, rounds: int) -> dict[str, Any]:
    """Let both versions do each workload by turns; set their times against those of the old one."""
    seconds: dict[str, Seconds] = {name: {"old": [], "new": []} for name in names}
    for _ in range(starts):
        with ExitStack() as stack:
            ask = {
                version: stack.enter_context(worker(version, folder))
                for version, folder in (("old", old), ("new", new))
            }
            for name in names:
                take_turns(ask, name, rounds, seconds[name])
    return {name: summary.compare(times, "old") for name, times in seconds.items()}


def take_turns(ask: dict[str, Ask], name: str, rounds: int, seconds: Seconds) -> None:
    """Time a workload, old new, new old, old new: who goes first has no advantage."""
    once = max(min(version(name, 1) for _ in range(3)) for version in ask.values())
    repetitions = max(1, round(TURN / max(once, 1e-6)))
    for round_ in range(rounds):
        for version in list(ask)[:: 1 if round_ % 2 == 0 else -1]:
            seconds[version].append(ask[version](name, repetitions) / repetitions)


@contextmanager
def worker(version: str, folder: Path) -> Iterator[Ask]:
    """Start a process that runs a folder's version, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-P", str(Path(__file__).with_name("workloads.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(folder),
        encoding="utf8",
    )
    questions, answers, complaints = _pipes(process)

    def answer() -> str:
        if line := answers.readline():
            return line.strip()
        last = complaints.read().strip().rpartition("\n")[2]
        raise WorkerError(f"{version}: {last or f'exit code {process.wait()}'}")

    def ask(name: str, repetitions: int) -> float:
        with suppress(OSError):  # it has ended: `answer` says how
            print(repetitions, name, file=questions, flush=True)
        return float(answer())

    try:
        machine.pin(1, process.pid)
        if (imported := Path(answer())) != folder.resolve():
            raise WorkerError(f"{version}: expected nnlib in {folder}, it came from {imported}")
        yield ask
    finally:
        process.kill()
        for pipe in (questions, answers, complaints):
            with suppress(OSError):
                pipe.close()
        process.wait()


def environment(folder: Path) -> dict[str, str]:
    """Name the variables of a worker: where its nnlib is, and one thread."""
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    own = {"PYTHONPATH": str(folder.resolve()), "PYTHONUTF8": "1"}
    return inherited | machine.thread_variables(1) | own


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str], IO[str]]:
    assert process.stdin
    assert process.stdout
    assert process.stderr
    return process.stdin, process.stdout, process.stderr


def slower(entry: Result) -> bool:
    """Whether a workload has become slower, beyond the tolerance and beyond chance."""
    return bool(entry["ratio"] > 1 + TOLERANCE and entry["ratio_quartiles"][0] > 1)


def report(compared: dict[str, dict[str, Result]]) -> str:
    """Write a row for each workload."""
    head = ["", "old, µs", "new, µs", "new ÷ old", "quartiles"]
    rows = []
    for name, versions in compared.items():
        new = versions["new"]
        cells = [f"{1e6 * entry['median']:,.1f}" for entry in versions.values()]
        quartiles = " – ".join(fixed(end, 3) for end in new["ratio_quartiles"])
        rows.append([name, *cells, fixed(new["ratio"], 3), quartiles])
    return table(head, rows)


def verdict(compared: dict[str, dict[str, Result]]) -> str:
    """Name what has become slower."""
    names = [
        f"{name} ({fixed(versions['new']['ratio'])})"
        for name, versions in compared.items()
        if slower(versions["new"])
    ]
    return f"slower by more than {100 * TOLERANCE:g} %: {'; '.join(names) or 'nothing'}"


def _parser() -> argparse.ArgumentParser:
    """Describe the arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__, allow_abbrev=False
    )
    add = parser.add_argument
    add("old", type=_version, metavar="OLD", help="a folder with nnlib in it")
    add("new", type=_version, metavar="NEW", help="another one, or the same")
    add("--only", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS), metavar="NAME")
    add("--starts", type=_whole, default=5, metavar="N", help="of both (default: 5)")
    add("--rounds", type=_whole, default=8, metavar="N", help="a start (default: 8)")
    return parser


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of 1 or more, got {text!r}")
    return int(text)


def _version(text: str) -> Path:
    if not (Path(text) / "nnlib" / "__init__.py").exists():
        raise argparse.ArgumentTypeError(f"expected a folder with nnlib in it, got {text!r}")
    return Path(text)


if __name__ == "__main__":
    sys.exit(main())
