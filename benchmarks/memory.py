"""Train on a file larger than the memory one would give it, and look at what the process holds.

The file is sparse: it takes no room on disk. Linux only: it reads /proc/self/status. RssAnon is the
process's own memory; pages of the file are the operating system's to keep or drop.
"""

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import nnlib as nn
from benchmarks import output
from benchmarks.output import Result, Settings
from benchmarks.race import once

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "memory: training on a file"
USES = ("gigabytes", "steps")

D = 784
STATUS = Path("/proc/self/status")


def run(settings: Settings) -> Result:
    """Train in a process of its own; print what it held before, and at the peak."""
    if not STATUS.exists():
        print(f"left out: {STATUS} does not exist here, only on Linux\n")
        return {"left_out": f"there is no {STATUS}"}
    n = int(settings.gigabytes * 1e9 / (4 * D))
    with tempfile.TemporaryDirectory() as folder:
        args = (Path(folder) / "X.bin", n, settings.steps)
        held = once("training on a file", FromFile, args, 1)
    print(f"{n:,} rows, {4 * D * n / 1e9:.1f} GB on disk, {settings.steps} shuffled steps")
    print(f"own memory: {held[0]:.0f} MB before training, {max(held):.0f} MB at the peak\n")
    return {"rows": n, "bytes": 4 * D * n, "megabytes": held, "peak": max(held)}


def own_memory() -> float:
    """Megabytes of memory that belong to the process alone."""
    lines = STATUS.read_text("utf8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


class FromFile:
    """Some steps on n rows of a new file."""

    def __init__(self, path: Path, n: int, steps: int) -> None:
        self.X = np.memmap(path, np.float32, "w+", shape=(n, D))
        self.y, self.steps = np.zeros(n, np.uint8), steps

    def epoch(self) -> list[float]:
        """Return the process's own memory before training, and after each step."""
        net = nn.Sequential(nn.Dense(D, 128), nn.ReLU(), nn.Dense(128, 10), dtype=np.float32)
        held = [own_memory()]
        loss, optimizer = nn.SoftmaxCrossEntropy(), nn.Adam()
        every_step = nn.steps(net, loss, optimizer, self.X, self.y, batch_size=128)
        for _ in itertools.islice(every_step, self.steps):
            held.append(own_memory())
        return held


def draw(result: Result) -> "Figure":
    """Draw the process's own memory, step by step."""
    figure = output.new_figure(3)
    ax = figure.subplots()
    ax.plot(result["megabytes"], marker="o", markevery=[0, -1])
    ax.set(xlabel="step", ylabel="own memory (MB)", ylim=(0, 1.1 * result["peak"]))
    ax.set_title(f"training on a file of {result['bytes'] / 1e9:.1f} GB", loc="left")
    return figure
