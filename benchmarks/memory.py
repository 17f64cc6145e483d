"""Train on a file larger than the memory one would give it, and look at what the process holds.

python benchmarks/memory.py [--gigabytes 8] [--steps 200]

The file is sparse: it takes no room on disk. Linux only: it reads /proc/self/status. RssAnon is the
process's own memory; pages of the file are the operating system's to keep or drop.
"""

import argparse
import itertools
import tempfile
from pathlib import Path

import numpy as np

import nnlib as nn

D = 784


def own_memory() -> float:
    """Megabytes of memory that belong to the process alone."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def main() -> None:
    """Train, and print the peak."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gigabytes", type=float, default=8)
    parser.add_argument("--steps", type=int, default=200)
    options = parser.parse_args()
    n = int(options.gigabytes * 1e9 / (4 * D))

    with tempfile.TemporaryDirectory() as folder:
        X = np.memmap(Path(folder) / "X.bin", np.float32, "w+", shape=(n, D))
        y = np.zeros(n, np.uint8)
        net = nn.Sequential(nn.Dense(D, 128), nn.ReLU(), nn.Dense(128, 10), dtype=np.float32)
        start = peak = own_memory()
        every_step = nn.steps(net, nn.SoftmaxCrossEntropy(), nn.Adam(), X, y, batch_size=128)
        for _ in itertools.islice(every_step, options.steps):
            peak = max(peak, own_memory())
    print(f"{n:,} rows, {X.nbytes / 1e9:.1f} GB on disk, {options.steps} shuffled steps")
    print(f"own memory: {start:.0f} MB before training, {peak:.0f} MB at the peak")


if __name__ == "__main__":
    main()
