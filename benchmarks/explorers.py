"""How smooth the explorers are: ``python -m benchmarks.explorers``, or ``make bench-explorers``.

The playground trains in its asyncio task, while a slider is moved from another thread, as it is in
JupyterLab, and a page takes every frame at once. Of all explorers, the time to draw a picture is
measured. All numbers are medians, but for the bits a second, which are counted.
"""

import argparse
import asyncio
import statistics
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks import machine
from benchmarks.output import fixed, table
from nnlib.course import explorers
from nnlib.course.explorers import Playground

NETWORKS: dict[str, dict[str, Any]] = {
    "circle, tanh 4 + 2": {},
    "3 spirals, tanh 8 + 8": {
        "data": "spirals",
        "classes": 3,
        "hidden": (8, 8),
        "activations": ("tanh",) * 2,
    },
    "5 spirals, 7 features, ReLU 6 × 16": {
        "data": "spirals",
        "classes": 5,
        "features": ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂"),
        "hidden": (16,) * 6,
        "activations": ("ReLU",) * 6,
        "lr": 0.001,
    },
}
"""Playgrounds that are measured: the first one, a usual one, the largest."""

EVERY = 0.15
"""Seconds between two moves of the slider."""

RATES = (0.001, 0.003)
"""Where the slider goes, to and fro."""


def main(arguments: list[str] | None = None) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explorers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of training (default: 5)")
    seconds = parser.parse_args(arguments).seconds
    print(*machine.lines(machine.describe()), "", sep="\n")
    head = (
        "training",
        "frames a second",
        "Mbit a second",
        "Mbit at 24 frames",
        "draw and pack, ms",
        "slider to picture, ms",
        "steps a second",
    )
    rows = [asyncio.run(watch(name, seconds)) for name in NETWORKS]
    print(table(head, rows), "", sep="\n")
    print(table(("drawing", "ms"), [drawing(name) for name in explorers.__all__]))


async def watch(name: str, seconds: float) -> tuple[str, ...]:
    """Let a playground train at full speed and move its slider; return a row of the table."""
    with Playground(**NETWORKS[name]) as playground:
        times: list[float] = []
        drawn: list[float] = []
        answers: list[float] = []
        asked: dict[float, float] = {}

        def seen(message: dict[str, Any], data: Any = None) -> None:
            if "frame" not in message:
                return
            playground.image.note({"on": "drawn", "frame": message["frame"]})
            now = time.perf_counter()
            times.append(now)
            drawn.append(playground.draw_seconds)  # of all pictures before this one
            start = asked.pop(playground.experiment.settings.lr, None)
            if start is not None:
                answers.append(now - start)

        playground.panel.speed.value = (10**9, True)
        playground.image.send = seen  # type: ignore[method-assign]
        playground.image.note({"on": "view", "view": "page", "visible": True, "ratio": 1.0})
        playground.run.value = True
        await asyncio.sleep(0.5)  # the first pictures draw what stays, too
        times.clear()
        drawn.clear()
        steps, sent = playground.experiment.steps, playground.image.bytes_sent
        start, ended = time.perf_counter(), threading.Event()
        mover = threading.Thread(target=move, args=(playground.panel.knobs["lr"], asked, ended))
        mover.start()
        await asyncio.sleep(seconds)
        while not answers or len(times) < 3:  # a machine may be busy
            await asyncio.sleep(EVERY)
        ended.set()
        took = time.perf_counter() - start
        steps = playground.experiment.steps - steps
        bits = 8e-6 * (playground.image.bytes_sent - sent)
        mover.join()
    gaps = [b - a for a, b in pairwise(times)]
    draws = [b - a for a, b in pairwise(drawn)]
    return (
        name,
        fixed(1 / statistics.median(gaps), 1),
        fixed(bits / took, 2),
        fixed(24 * bits / len(times), 2),
        fixed(1000 * statistics.median(draws), 1),
        fixed(1000 * statistics.median(answers), 1),
        fixed(steps / took, 0),
    )


def move(slider: Any, asked: dict[float, float], ended: threading.Event) -> None:
    """Move a slider to and fro, from a thread of its own, and note when."""
    i = 0
    while not ended.wait(EVERY):
        i += 1
        value = RATES[i % len(RATES)]
        asked.clear()
        asked[value] = time.perf_counter()
        slider.value = value


def drawing(name: str) -> tuple[str, str]:
    """Measure how long an explorer takes for a picture."""
    explorer = getattr(explorers, name)()
    with explorer:
        return name, fixed(1000 * median_time(explorer.picture), 1)


def median_time(function: Callable[[], Any], rounds: int = 30) -> float:
    """Call a function some times; return the median of the seconds."""
    times = []
    for _ in range(rounds + 3):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


if __name__ == "__main__":
    main()
