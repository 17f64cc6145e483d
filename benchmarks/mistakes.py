"""Every known mistake of every exercise is named, whatever numbers a check draws.

``python -m benchmarks.mistakes`` hands in each mistake thirty times, and each solution. The exit
status is 1 if a check names another mistake, or none, or if it refuses a solution.
"""

import argparse
import sys
from collections import Counter

from benchmarks.figures import add_option, record
from nnlib.course import check
from nnlib.course.exercises.exercise import Exercise, exercises, lessons


def misnamed(number: str, task: Exercise, draws: int) -> Counter[str]:
    """Count, for each answer that is not judged as it should be, how often that was so."""
    answers = {"right": task.solution, **task.mistakes}
    found: Counter[str] = Counter()
    for name, answer in answers.items():
        for _ in range(draws):
            verdict = check(number, answer, record=False)
            if not (verdict.ok if name == "right" else verdict.text == name):
                found[f"{number} {name}"] += 1
    return found


def summary(exercises: int, mistakes: int, draws: int, failed: int) -> str:
    """Say how it went."""
    return (
        f"{mistakes:,} known mistakes of {exercises} exercises, {draws} draws each: "
        f"{failed} not named"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mistakes")
    parser.add_argument("--draws", type=int, default=30, help="checks of each answer")
    parser.add_argument("--lesson", help="one lesson only, such as 04")
    add_option(parser)
    options = parser.parse_args(arguments)
    chosen = [options.lesson] if options.lesson else lessons()
    tasks = {number: task for lesson in chosen for number, task in exercises(lesson).items()}
    failed: Counter[str] = Counter()
    for number, task in tasks.items():
        failed += (new := misnamed(number, task, options.draws))
        print(f"{number}: {len(task.mistakes)} mistakes, {sum(new.values())} not named", flush=True)
    for what, times in failed.items():
        print(f"{what}: {times} of {options.draws}")
    mistakes = sum(len(task.mistakes) for task in tasks.values())
    told = summary(len(tasks), mistakes, options.draws, sum(failed.values()))
    print(told)
    if options.record:
        record("mistakes", told)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
