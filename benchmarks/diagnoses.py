"""Healthy runs, in which `nnlib.diagnose` must find nothing, and broken ones, whose cause it names.

``python -m benchmarks.diagnoses`` trains 200 small networks that learn (perceptrons of all depths,
activations, optimizers and schedules, CNNs, regressions, several labels, unequal classes, noise,
few epochs) and diagnoses each; then, three times each, networks with one of the mistakes that
people make. The exit status is 1 if anything is found in a healthy run, or if the first finding of
a broken one is not its cause. ``--numbers`` prints what the thresholds are compared with.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator

import numpy as np

import nnlib as nn
from benchmarks.figures import add_option, record
from benchmarks.patients import BROKEN, HEALTHY, Run
from nnlib import diagnosis


def trained(kind: Callable[[int], Run], seed: int) -> Run:
    """Train one; what nnlib warns of meanwhile is not the subject here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kind(seed)


def names(run: Run) -> tuple[str, ...]:
    """Diagnose a run."""
    return nn.diagnose(run.model, run.X, run.y, validation=run.validation).names


def healthy(runs: int) -> Iterator[tuple[Callable[[int], Run], int]]:
    """List so many healthy runs, of all kinds in turn."""
    return ((HEALTHY[i % len(HEALTHY)], i // len(HEALTHY)) for i in range(runs))


def false_alarms(runs: int) -> list[str]:
    """Say what was found in healthy runs, and whose history says that the loss has not moved."""
    wrong = []
    for kind, seed in healthy(runs):
        run = trained(kind, seed)
        found = [*names(run), *(["an unmoved loss"] if run.model.history.unmoved else [])]
        wrong += [f"{kind.__name__}({seed}): {', '.join(found)}"] if found else []
    return wrong


def missed(seeds: int) -> list[str]:
    """Say which broken runs had another first finding than their cause."""
    found = [
        (what, seed, cause, names(trained(kind, seed)))
        for what, (cause, kind) in BROKEN.items()
        for seed in range(seeds)
    ]
    return [
        f"{what} ({seed}): {', '.join(others) or 'nothing'}"
        for what, seed, cause, others in found
        if others[:1] != (cause,)
    ]


def numbers(run: Run) -> dict[str, float]:
    """What the thresholds are compared with."""
    model, X, y, held = run
    e = diagnosis._evidence(model, X, y, held, np.random.default_rng(0))
    ranges = np.sort(np.ptp(e.rows, axis=0))
    ranges = ranges[ranges > 0]
    found = {
        "STUCK: skill": e.skill,
        "MANY: saturated at first": diagnosis._worst(diagnosis._saturated(e.first_inside, e))[0],
        "VANISHED: through depth": diagnosis._through_depth(e),
        "CHANCE: beyond it": e.signal,
    }
    scaled = {
        "LARGE: root mean square": float(np.sqrt(np.square(e.rows).mean())),
        "APART: ranges": float(ranges[-1] / ranges[(len(ranges) - 1) // 4]),
        "FAR: first loss": e.first_value / e.blank,
    }
    if not isinstance(model.net.layers[0], nn.BatchNorm):  # which takes inputs of any scale
        found |= scaled
    if e.elsewhere is not None:
        found["GAP: training − validation"] = e.score - e.elsewhere[1]
    if e.skill < diagnosis.POOR:
        rates = [e.trial(lambda opt, f=f: setattr(opt, "lr", f * e.rate)) for f in (0.1, 10, 100)]
        found["GAIN: by another rate"] = max(rates) - max(e.as_it_is, e.skill)
        found["ENOUGH: ten examples"] = e.ten
    return found


def print_numbers(runs: int) -> None:
    """Print the smallest and the largest of each, of healthy runs."""
    table: dict[str, list[float]] = {}
    for kind, seed in healthy(runs):
        for name, value in numbers(trained(kind, seed)).items():
            table.setdefault(name, []).append(value)
    for name, values in table.items():
        print(f"{name}: {min(values):.3g} to {max(values):.3g} in {len(values)} runs")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diagnoses")
    parser.add_argument("--healthy", type=int, default=200, help="how many")
    parser.add_argument("--seeds", type=int, default=3, help="how often each broken one")
    parser.add_argument("--numbers", action="store_true", help="print what is compared")
    add_option(parser)
    options = parser.parse_args(arguments)
    if options.numbers:
        print_numbers(options.healthy)
        return 0
    alarms, wrong = false_alarms(options.healthy), missed(options.seeds)
    for line in [*alarms, *wrong]:
        print(line)
    broken, causes = len(BROKEN) * options.seeds, len({cause for cause, _ in BROKEN.values()})
    figures = (
        f"{options.healthy} healthy runs: something found in {len(alarms)}; {broken} broken ones, "
        f"{len(BROKEN)} kinds with {causes} causes: {broken - len(wrong)} named first"
    )
    print(figures)
    if options.record:
        record("diagnoses", figures)
    return bool(alarms or wrong)


if __name__ == "__main__":
    sys.exit(main())
