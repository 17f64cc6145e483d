"""The command of lesson 13 that reads handwritten digits: 99 % of MNIST's test set in minutes.

``python -m benchmarks.mnist_cnn`` runs it with three seeds, as a reader would, and takes the
accuracy from what it prints. The exit status is 1 if a run names fewer than 99 % of the test
digits, or needs more than ten minutes of a processor's time.
"""

import argparse
import os
import re
import subprocess
import sys

from benchmarks.figures import add_option, record

COMMAND = (
    "python -m nnlib train --dataset mnist --model cnn --batch-norm "
    "--dropout 0.3 --epochs 10 --schedule onecycle --lr 0.004"
)
ENOUGH, SECONDS = 0.99, 600


def run(seed: int, command: str = COMMAND) -> tuple[float, float]:
    """Run the command; return the share of test digits named right, and the processor's seconds."""
    before = os.times()
    arguments = [sys.executable, *command.split()[1:], "--seed", str(seed)]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, text=True, check=True)
    after = os.times()
    seconds = sum(after[2:4]) - sum(before[2:4])  # of children, user and system
    return accuracy(done.stdout), seconds


def accuracy(printed: str) -> float:
    """Find the accuracy in what the command prints."""
    found = re.search(r"^test accuracy ([\d.]+)%$", printed, re.M)
    if not found:
        raise ValueError(f"printed: expected a line with the test accuracy, got {printed[-200:]!r}")
    return float(found[1]) / 100


def summary(runs: list[tuple[float, float]]) -> str:
    """Say how the runs went."""
    shares, seconds = zip(*runs, strict=True)
    return (
        f"{len(runs)} seeds: {min(shares):.2%} to {max(shares):.2%} of the test digits named "
        f"right; at most {max(seconds) / 60:.1f} minutes of one core"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mnist_cnn")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs")
    add_option(parser)
    options = parser.parse_args(arguments)
    runs = []
    for seed in range(options.seeds):
        runs.append(run(seed))
        print(f"seed {seed}: {runs[-1][0]:.2%} in {runs[-1][1]:.0f} s", flush=True)
    print(summary(runs))
    if options.record:
        record("mnist-cnn", summary(runs))
    return int(any(share < ENOUGH or seconds > SECONDS for share, seconds in runs))


if __name__ == "__main__":
    sys.exit(main())
