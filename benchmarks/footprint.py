"""What nnlib weighs: the time to import it, and the memory of one training step."""

import os
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

import nnlib as nn
from benchmarks import networks, output
from benchmarks.convolution import BATCH_SIZE, cnn
from benchmarks.output import Result, Settings, fixed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "footprint: import time, and the memory of a training step"
USES = ("rounds",)

IMPORT = "import time; begin = time.perf_counter(); import {}; print(time.perf_counter() - begin)"
STARTS = 3
"""Imports for each round: they are short, and noisy."""


def run(settings: Settings, nets: Iterable[networks.Named] | None = None) -> Result:
    """Import in fresh interpreters; trace one step of each network."""
    if nets is None:
        small_cnn = (f"convolutional, batch {BATCH_SIZE}", cnn(1, 0), BATCH_SIZE)
        nets = [*networks.named(networks.ROWS), small_cnn]
    times = import_times(("numpy", "nnlib"), settings.rounds * STARTS)
    medians = {name: statistics.median(seconds) for name, seconds in times.items()}
    ratio = medians["nnlib"] / medians["numpy"]
    rows = [[name, fixed(1000 * seconds, 1)] for name, seconds in medians.items()]
    print(output.table(["import", "median ms"], rows), f"nnlib ÷ numpy: {ratio:.3f}\n", sep="\n")

    steps: list[Result] = []
    for label, net, batch_size in nets:
        peak, outputs = traced(net, batch_size)
        steps.append({"label": label, "peak": peak, "outputs": outputs, "ratio": peak / outputs})
    rows = [
        [s["label"], *(f"{s[k] / 1024:,.0f}" for k in ("peak", "outputs")), fixed(s["ratio"])]
        for s in steps
    ]
    head = ["one training step", "peak KiB", "pre-activations KiB", "peak ÷ pre-activations"]
    print(output.table(head, rows), end="\n\n")
    return {"imports": {"seconds": times, "medians": medians, "ratio": ratio}, "steps": steps}


def import_times(names: Iterable[str], rounds: int) -> dict[str, list[float]]:
    """Return the seconds that each import takes in a new interpreter, in turns.

    One untimed round comes first, which also leaves the bytecode behind, as everyday use does.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for round_ in range(rounds + 1):
        for name, taken in seconds.items():
            command = [sys.executable, "-c", IMPORT.format(name)]
            done = subprocess.run(command, capture_output=True, env=environment, check=True)
            if round_:
                taken.append(float(done.stdout))
    return seconds


def traced(net: nn.Sequential, batch_size: int) -> tuple[int, int]:
    """Return the peak of what one step allocates, and the bytes of all pre-activations.

    Pre-activations are the outputs of `Dense` and `Conv2D` layers. The step is the third: what is
    made once is there already.
    """
    rng = np.random.default_rng(0)
    X, y = rng.random((4 * batch_size, 784), np.float32), rng.integers(0, 10, 4 * batch_size)
    every_step = nn.steps(net, nn.SoftmaxCrossEntropy(), nn.Adam(), X, y, batch_size=batch_size)
    next(every_step), next(every_step)
    tracemalloc.start()
    try:
        next(every_step)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    A, outputs = X[:batch_size], 0
    for layer in net.layers:
        A = layer.forward(A)
        outputs += A.nbytes if isinstance(layer, (nn.Dense, nn.Conv2D)) else 0
    return peak, outputs


def draw(result: Result) -> "Figure":
    """Draw the import times, and the peaks over the pre-activations."""
    from nnlib.plots import PALETTE

    figure = output.new_figure(3)
    left, right = figure.subplots(1, 2, width_ratios=[1, 3])
    medians = result["imports"]["medians"]
    bars = left.bar(list(medians), [1000 * s for s in medians.values()], 0.6, color=PALETTE[0])
    left.bar_label(bars, fmt="%.0f", fontsize=8)
    left.set(ylabel="import time (ms)")
    left.grid(False, axis="x")
    steps = result["steps"][::-1]
    bars = right.barh([output.broken(s["label"]) for s in steps], [s["ratio"] for s in steps], 0.6)
    right.bar_label(bars, fmt=" %.2f", fontsize=8)
    right.axvline(1, color="black", linestyle="--", lw=1.2)
    right.set(xlabel="peak of one step ÷ bytes of all pre-activations (line: 1)")
    right.tick_params(axis="y", labelsize=8)
    right.grid(False, axis="y")
    right.margins(x=0.1)
    return figure
