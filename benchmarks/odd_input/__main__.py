"""Run so many cases, and print what went wrong."""

import argparse
import collections
import sys

import numpy as np

import benchmarks.odd_input
from benchmarks.figures import add_option, record
from benchmarks.odd_input import CASES, verdict


def run(cases: int, seed: int) -> dict[str, list[str]]:
    """Run so many cases; return what went wrong, grouped by what was called and how."""
    rng, found = np.random.default_rng(seed), collections.defaultdict(list)
    makers, shares = list(CASES), np.array(list(CASES.values()))
    for i in rng.choice(len(makers), size=cases, p=shares / shares.sum()):
        case = makers[i](rng)
        wrong = verdict(case)
        if wrong is not None:
            found[f"{case.name} {case.how}"].append(wrong)
    return dict(found)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=benchmarks.odd_input.__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    add_option(parser)
    options = parser.parse_args(arguments)
    found = run(options.cases, options.seed)
    for name, messages in sorted(found.items()):
        print(f"{len(messages)} × {name}: {messages[0]}")
    figures = f"{options.cases:,} cases, {sum(map(len, found.values()))} wrong"
    print(figures)
    if options.record:
        record("odd-input", figures)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
