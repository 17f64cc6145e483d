"""An epoch of MNIST in every library, at four sizes, against the matrix products alone."""

from collections.abc import Iterable
from typing import Any

import nnlib as nn
from benchmarks import contenders, output, summary
from benchmarks.contenders import Task, mlp
from benchmarks.machine import cores
from benchmarks.output import Result, Settings, fixed
from benchmarks.race import Raced, WorkerError, race

TITLE = "networks: an epoch in every library"
USES = ("rounds", "threads", "n", "mnist")

ROWS = (
    ((784, 64, 10), 64),
    ((784, 128, 64, 10), 32),
    ((784, 128, 64, 10), 128),
    ((784, 512, 256, 10), 256),
)
"""Sizes of the layers, and of a batch."""

Named = tuple[str, nn.Sequential, int]
"""A label, a network, a batch size."""


def run(
    settings: Settings,
    rows: Iterable[tuple[tuple[int, ...], int]] = ROWS,
    who: Iterable[Any] = contenders.NETWORKS,
) -> Result:
    """Race on each network, with each number of threads."""
    result = race_all(named(rows), list(who), settings, settings.n, contenders.Products.name)
    for threads in dict.fromkeys(row["threads"] for row in result["rows"]):
        print(_overview(result, threads), end="\n\n")
    return result


def named(rows: Iterable[tuple[tuple[int, ...], int]]) -> list[Named]:
    """Make the networks, and name them."""
    return [(f"{'-'.join(map(str, sizes))}, batch {b}", mlp(*sizes), b) for sizes, b in rows]


def race_all(
    tasks: Iterable[Named],
    who: list[Any],
    settings: Settings,
    n: int,
    bound: str | None = None,
) -> Result:
    """Race on each network, with each number of threads; print a table of each race."""
    found: list[Result] = []
    left_out: dict[str, str] = {}
    for threads in possible(settings.threads):
        for label, net, batch_size in tasks:
            task = Task(net, batch_size, n, settings.mnist)
            raced = race({one.name: (one, (task,)) for one in who}, settings.rounds, threads)
            for name, reason in raced.left_out.items():
                if name not in left_out:
                    print(f"left out: {reason}", end="\n\n")
            left_out |= raced.left_out
            row = {"label": label, "batch_size": batch_size, "n": n, "steps": task.steps}
            row |= {"threads": threads, "contenders": _compared(raced, bound)}
            found.append(row)
            print(_table(row, bound is not None), end="\n\n")
    return {"left_out": left_out, "rows": found}


def possible(threads: Iterable[int]) -> list[int]:
    """Return the numbers of threads that this machine has cores for; say which it has not."""
    fitting = [k for k in threads if k <= len(cores())]
    for k in threads:
        if k not in fitting:
            print(f"left out: {output.say_threads(k)}, there are only {len(cores())} cores\n")
    if not fitting:
        raise WorkerError(f"threads: expected a number up to {len(cores())}, the cores there are")
    return fitting


def _compared(raced: Raced, bound: str | None) -> Result:
    """Set each contender against nnlib, its loss beside."""
    compared = summary.compare(raced.seconds, "nnlib", bound)
    return {name: entry | {"loss": raced.losses[name]} for name, entry in compared.items()}


def _table(row: Result, bounded: bool) -> str:
    """Write one race."""
    head = ["", "median s", "quartiles", "÷ nnlib", "quartiles", "beyond the products", "loss"]
    lines = []
    for name, entry in row["contenders"].items():
        cells = [name, fixed(entry["median"], 3), _between(entry["quartiles"], 3)]
        cells += [fixed(entry["ratio"]), _between(entry["ratio_quartiles"], 2)]
        cells += [fixed(entry.get("beyond")), fixed(entry["loss"], 5)]
        lines.append(cells)
    if not bounded:
        for cells in (head, *lines):
            del cells[-2]
    where = f"{row['label']}, {output.say_threads(row['threads'])}, {row['steps']:,} steps"
    return f"{where}\n{output.table(head, lines)}"


def _between(ends: list[float], digits: int) -> str:
    return " – ".join(fixed(end, digits) for end in ends)


def _overview(result: Result, threads: int) -> str:
    """Write all ratios with so many threads in one table."""
    rows = [row for row in result["rows"] if row["threads"] == threads]
    names = output.others(rows)
    lines = []
    for row in rows:
        entries = (row["contenders"].get(name) for name in names)
        lines.append([row["label"], *(fixed(entry and entry["ratio"]) for entry in entries)])
    title = f"time ÷ time of nnlib, {output.say_threads(threads)} (above 1: nnlib is faster)"
    return f"{title}\n{output.table(['', *names], lines)}"


draw = output.ratio_bars
