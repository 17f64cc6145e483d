"""The command line: ``python -m benchmarks``, or ``make bench BENCHFLAGS='--only networks'``.

Each part prints its tables as it goes. When it has finished it leaves a JSON file with all single
times and a picture in ``benchmarks/results``.
"""

import argparse
import datetime
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nnlib as nn
from benchmarks import convolution, footprint, machine, memory, networks, output, scaling
from benchmarks.output import Settings
from benchmarks.race import WorkerError

PARTS: dict[str, Any] = {
    "networks": networks,
    "scaling": scaling,
    "convolution": convolution,
    "footprint": footprint,
    "memory": memory,
}
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that are asked for and return the exit status."""
    options = _parser().parse_args(arguments)
    names = dict.fromkeys(options.only)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # tables as they come, through a pipe too
    here = machine.describe()
    print(*machine.lines(here), sep="\n")
    mnist = False
    if any("mnist" in PARTS[name].USES for name in names):
        mnist = options.data == "mnist" and _has_mnist()
        print(f"images: {'MNIST' if mnist else 'random numbers'}")
    print()
    settings = Settings(
        options.rounds, tuple(options.threads), options.n, mnist, options.gigabytes, options.steps
    )
    status = 0
    for name in names:
        try:
            run(name, settings, here, options.results)
        except WorkerError as error:
            print(f"{name}: {error}; nothing was written", file=sys.stderr)
            status = 1
        except KeyboardInterrupt:
            print(f"\n{name}: stopped; nothing was written", file=sys.stderr)
            return 130
    return status


def run(name: str, settings: Settings, here: dict[str, Any], folder: Path) -> None:
    """Run one part, and save what it has found."""
    part = PARTS[name]
    print(part.TITLE, "=" * len(part.TITLE), sep="\n", end="\n\n")
    result = part.run(settings)
    if "left_out" in result and len(result) == 1:
        return
    about = {
        "part": name,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": here,
        "settings": settings.recorded(*part.USES),
    }
    for path in output.save(folder, name, about | result, part.draw):
        print(f"written: {path}")
    print()


def _has_mnist() -> bool:
    """Load MNIST once, before it is loaded in every process; say so where it cannot be had."""
    try:
        nn.load_mnist()
    except OSError as error:
        reason = " ".join(str(error).split())
        print(f"MNIST is not available, random numbers take its place: {reason}")
        return False
    return True


def _parser() -> argparse.ArgumentParser:
    """Describe the options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="How fast nnlib is, how that grows, and what memory it takes.",
        allow_abbrev=False,
    )
    usual, add = Settings(), parser.add_argument
    add("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="default: all parts")
    add(
        "--rounds",
        type=_at_least(1, int),
        default=usual.rounds,
        metavar="N",
        help=f"timed rounds, after one that is not timed (default: {usual.rounds})",
    )
    add(
        "--threads",
        nargs="+",
        type=_at_least(1, int),
        default=usual.threads,
        metavar="N",
        help="numbers of threads to try, of networks and convolution (default: 1 2)",
    )
    add(
        "--n",
        type=_at_least(1, int),
        default=usual.n,
        help=f"examples in an epoch, at the most (default: {usual.n})",
    )
    add("--data", choices=["mnist", "random"], default="mnist", help="images (default: mnist)")
    add(
        "--gigabytes",
        type=_at_least(0.001, float),
        default=usual.gigabytes,
        metavar="GB",
        help=f"size of the file of the part memory (default: {usual.gigabytes:g})",
    )
    add(
        "--steps",
        type=_at_least(1, int),
        default=usual.steps,
        metavar="N",
        help=f"training steps of the part memory (default: {usual.steps})",
    )
    add(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="FOLDER",
        help="where JSON files and pictures go (default: benchmarks/results)",
    )
    return parser


def _at_least(least: float, kind: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return what reads a number, and refuses a smaller one."""

    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not value >= least:
            raise argparse.ArgumentTypeError(f"expected a number from {least:g}, got {text!r}")
        return value

    return read


if __name__ == "__main__":
    sys.exit(main())
