"""Lesson 14, hyperparameters: its exercises and questions."""

import math
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.exercises.exercise import Exercise, Function
from nnlib.course.exercises.quiz import Question, Right

Sizes = list[int]
Score = Callable[[float, int], float]
Found = tuple[float, int]

# 14.0, successive halving --------------------------------------------------------------------


def _halving_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw settings until every known mistake shows in one way or another."""
    while True:
        arguments = _settings(rng, sizes)
        right = _halving(*arguments)
        if all(wrong(*arguments) != right for wrong in HALVING.mistakes.values()):
            return arguments


def _settings(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw learning curves.

    One setting leads after the first rung and falls behind; the second shines with what a rung adds
    to the budget, and not with the budget in all. Two have the same score there, the last that
    stays and the first that goes, and whichever of the two stays wins in the end.
    """
    factor, budget = int(rng.integers(3, 5)), int(rng.integers(1, 4))
    count = int(rng.choice({3: (12, 30), 4: (20, 36)}[factor]))
    settings = (rng.choice(np.arange(100, 10_000), count, replace=False) / 10_000).tolist()
    slow = rng.uniform(0, 0.5, count)
    ends = slow + rng.uniform(0, 1, count)
    leader, *others = np.argsort(ends - slow)[::-1].tolist()
    added = {budget * (factor - 1) * factor**i for i in range(5)}
    tie = others[math.ceil(count / factor) - 2 :][:2]
    tied = float((ends - slow)[tie].mean())
    slow[tie] = rng.uniform(2, 2.5, 2)
    ends[tie] = tied + slow[tie]
    known = dict(zip(settings, zip(ends, slow, strict=True), strict=True))

    def score(setting: float, epochs: int) -> float:
        if setting not in known:
            raise ValueError(f"score: expected one of the settings, got {setting!r:.40}")
        if setting == settings[leader]:
            return 5 * budget / epochs
        if setting == settings[others[0]] and epochs > budget:
            return 9.0 if epochs in added else -9.0
        end, lag = known[setting]
        return round(float(end - lag * budget / epochs), 9)

    return settings, score, budget, factor


def _ranked(left: list[float], scores: list[float]) -> list[float]:
    """Put the best first; of equal ones the first stays ahead."""
    order = sorted(range(len(left)), key=lambda i: -scores[i])
    return [left[i] for i in order]


def _halving(
    settings: Sequence[float],
    score: Score,
    budget: int,
    factor: int,
    *,
    rank: Callable[[list[float], list[float]], list[float]] = _ranked,
    keep: Callable[[int, int], int] = lambda count, factor: math.ceil(count / factor),
    more: Callable[[int, int, int], int] = lambda budget, factor, first: factor * budget,
    pay: Callable[[int, int, int], int] = lambda count, budget, before: count * (budget - before),
    ask: Callable[[int, int], int] = lambda budget, before: budget,
) -> Found:
    """Score all that are left, keep the best 1/factor, multiply the budget."""
    left, spent, before, first = list(settings), 0, 0, budget
    while len(left) > 1:
        scores = [score(setting, ask(budget, before)) for setting in left]
        spent += pay(len(left), budget, before)
        left = rank(left, scores)[: keep(len(left), factor)]
        before, budget = budget, more(budget, factor, first)
    return left[0], spent


def _with(**change: Any) -> Function:
    """Make a mistake of one changed line."""
    return lambda *arguments: _halving(*arguments, **change)


def _last_of_a_tie(left: list[float], scores: list[float]) -> list[float]:
    return [left[i] for i in np.argsort(scores, kind="stable")[::-1]]


def _once_beaten_back(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    """Score all settings again on every rung, whatever the cut has said."""
    count, spent, before = len(settings), 0, 0
    while count > 1:
        ranked = _ranked(list(settings), [score(setting, budget) for setting in settings])
        spent += len(settings) * (budget - before)
        count, before, budget = math.ceil(count / factor), budget, factor * budget
    return ranked[0], spent


def _best_ever(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    """Return the setting of the highest score of any rung."""
    left, spent, before, seen = list(settings), 0, 0, []
    while len(left) > 1:
        scores = [score(setting, budget) for setting in left]
        seen += list(zip(scores, left, strict=True))
        spent += len(left) * (budget - before)
        left = _ranked(left, scores)[: math.ceil(len(left) / factor)]
        before, budget = budget, factor * budget
    return max(seen, key=lambda pair: pair[0])[1], spent


def _score_of_best(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    best, spent = _halving(settings, score, budget, factor)
    left, last = len(settings), 0.0
    while left > 1:
        last, left, budget = score(best, budget), math.ceil(left / factor), factor * budget
    return last, spent


def _place_of_best(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    best, spent = _halving(settings, score, budget, factor)
    return float(list(settings).index(best)), spent


def _last_rung_alone(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    best, _ = _halving(settings, score, budget, factor)
    left, before = len(settings), 0
    while left > 1:
        spent = left * (budget - before)
        left, before, budget = math.ceil(left / factor), budget, factor * budget
    return best, spent


def _one_more_rung(settings: Sequence[float], score: Score, budget: int, factor: int) -> Found:
    """Train the winner once more, and count it."""
    best, spent = _halving(settings, score, budget, factor)
    left = len(settings)
    while left > 1:
        left, before, budget = math.ceil(left / factor), budget, factor * budget
    return best, spent + budget - before


HALVING = Exercise(
    title="successive halving",
    case=_halving_case,
    solution=_halving,
    parts=("best", "spent"),
    mistakes={
        "the worst are kept: a higher score is better, and `sorted` and `np.argsort` begin with "
        "the lowest": _with(rank=lambda left, scores: _ranked(left, [-score for score in scores])),
        "those that are kept are the first in the list, not the best: rank them by their scores": (
            _with(rank=lambda left, scores: left)
        ),
        "the first rung has decided all: go on with those that are kept, until one is left, and "
        "multiply the budget by `factor` each time": (
            _with(more=lambda budget, factor, first: budget)
        ),
        "the budget grows by adding: each rung has `factor` times the budget of the one before": (
            _with(more=lambda budget, factor, first: budget + factor)
        ),
        "the budget grows by the first one each time: multiply it by `factor` instead": _with(
            more=lambda budget, factor, first: budget + first
        ),
        "the budget is doubled; it is multiplied by `factor`": _with(
            more=lambda budget, factor, first: 2 * budget
        ),
        "the budget is squared: multiply it by `factor`": _with(
            more=lambda budget, factor, first: max(budget, 2) ** 2
        ),
        "the number that is kept is rounded down: `math.ceil(len(left) / factor)` rounds up": (
            _with(keep=lambda count, factor: max(count // factor, 1))
        ),
        "`len(left) // factor + 1` is no rounding up: where it comes out even it is one too many": (
            _with(keep=lambda count, factor: min(count // factor + 1, count - 1))
        ),
        "half of them are kept on each rung; a share of 1/factor stays": _with(
            keep=lambda count, factor: math.ceil(count / 2)
        ),
        "a share of 1/factor is taken away; that is the share that stays": _with(
            keep=lambda count, factor: min(math.ceil(count * (factor - 1) / factor), count - 1)
        ),
        "`score` takes the budget in all, not what the rung adds: `spent` alone grows by "
        "`budget - before`": _with(ask=lambda budget, before: budget - before),
        "best right; spent: a setting that stays goes on from where it is, so a rung costs it only "
        "the new budget, `budget` minus that of the rung before": _with(
            pay=lambda count, budget, before: count * budget
        ),
        "best right; spent: that is the number of trials; each costs a budget": _with(
            pay=lambda count, budget, before: count
        ),
        "best right; spent: that is what one setting costs; a rung has `len(left)` of them": _with(
            pay=lambda count, budget, before: budget - before
        ),
        "best right; spent: the last rung alone is counted: add up with `+=`": _last_rung_alone,
        "best right; spent: the one that is left is trained once more; it is the only one, so "
        "nothing is left to decide": _one_more_rung,
        "of two equal scores the later setting stays: `[::-1]` turns ties round as well. "
        "`sorted(…, reverse=True)` keeps their order, and so does "
        "`np.argsort(-scores, kind='stable')`": _with(rank=_last_of_a_tie),
        "settings that were out come back: each rung scores those that are left alone": (
            _once_beaten_back
        ),
        "that setting did best with a small budget: scores with different budgets cannot be "
        "compared or added, so each rung decides by its own": _best_ever,
        "that is the score of the best setting; return the setting itself": _score_of_best,
        "that is the place of the best setting in the list; return the setting itself": (
            _place_of_best
        ),
    },
    hints=(
        "One rung has three steps: score all that are left, keep the best, multiply the budget. A "
        "`while len(left) > 1:` round them does the rest.",
        "The best first: `sorted(zip(scores, left), reverse=True)` would compare settings where "
        "scores are equal. `sorted(range(len(left)), key=lambda i: scores[i], reverse=True)` ranks "
        "places, and of equal ones the first stays first.",
        "Keep `math.ceil(len(left) / factor)` of them. Remember the budget of the rung before, 0 "
        "at first: a rung costs `len(left) * (budget - before)`.",
    ),
)

# 14.1, a log-uniform sampler -----------------------------------------------------------------


def _log_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    low = float(10 ** rng.uniform(-5, -3))
    return rng.uniform(0.02, 0.98, sizes[0] + 3), low, low * float(10 ** rng.uniform(2.2, 3.8))


def _log_uniform(u: Array, low: float, high: float) -> Array:
    return low * (high / low) ** u


LOG_UNIFORM = Exercise(
    title="numbers that are uniform in the exponent",
    case=_log_case,
    solution=_log_uniform,
    mistakes={
        "uniform in the value: go from log low to log high, and back with exp": (
            lambda u, low, high: low + u * (high - low)
        ),
        "those are the logarithms: take exp of them": (
            lambda u, low, high: np.log(low) + u * (np.log(high) - np.log(low))
        ),
        "those are the exponents of 10: return 10 to that power": (
            lambda u, low, high: np.log10(low) + u * (np.log10(high) - np.log10(low))
        ),
        "`np.log` is the natural logarithm, and its way back is `np.exp`; 10 ** belongs to "
        "`np.log10`": lambda u, low, high: 10 ** (np.log(low) + u * np.log(high / low)),
        "`np.log10` is undone by 10 **; `np.exp` belongs to `np.log`": (
            lambda u, low, high: np.exp(np.log10(low) + u * np.log10(high / low))
        ),
        "u = 0 gives 1 there; it should give low: multiply by low": (
            lambda u, low, high: (high / low) ** u
        ),
        "u = 1 gives low · high there: it is the ratio high/low that is raised to u": (
            lambda u, low, high: low * high**u
        ),
        "the difference is raised to u; in the exponent it is the ratio, high/low": (
            lambda u, low, high: low * (high - low) ** u
        ),
        "the way leads from high to low: u = 0 should give low": (
            lambda u, low, high: high * (low / high) ** u
        ),
        "low and high are taken for exponents; they are the ends themselves": (
            lambda u, low, high: 10 ** (low + u * (high - low))
        ),
        "the numbers are pressed towards low by a square, which is no logarithm": (
            lambda u, low, high: low + u**2 * (high - low)
        ),
        "u is stretched to reach both ends: each number has its place, whatever the others are": (
            lambda u, low, high: low * (high / low) ** ((u - u.min()) / (u.max() - u.min()))
        ),
        "that is 1 over a uniform number: small values come too often": (
            lambda u, low, high: 1 / (1 / low + u * (1 / high - 1 / low))
        ),
    },
    hints=(
        "The logarithm of the result is to be uniform. Between which two numbers does it lie?",
        "log x = log low + u (log high − log low). Solve for x.",
        "`np.exp(np.log(low) + u * (np.log(high) - np.log(low)))`; without logarithms it is low "
        "times a power of high/low.",
    ),
)

# 14.2, how many trials -----------------------------------------------------------------------

_exact = cycle([True, False, False])
"""Whether the number of the next cases comes out even, so that a check meets both kinds."""


def _trials_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    if next(_exact):
        return 0.5, 1 - 0.5 ** int(rng.integers(3, 9))
    while True:
        share, chance = float(rng.uniform(0.02, 0.3)), float(rng.uniform(0.6, 0.97))
        part = math.log(1 - chance) / math.log(1 - share) % 1
        if 0.1 < part < 0.4:
            return share, chance


def _trials(share: float, chance: float) -> int:
    return math.ceil(math.log(1 - chance) / math.log(1 - share))


TRIALS = Exercise(
    title="how many trials are enough",
    case=_trials_case,
    solution=_trials,
    mistakes={
        "rounded down: that many are not quite enough, so round up": lambda share, chance: (
            math.floor(math.log(1 - chance) / math.log(1 - share))
        ),
        "one too many where it comes out even: rounding up leaves a whole number as it is": (
            lambda share, chance: math.floor(math.log(1 - chance) / math.log(1 - share)) + 1
        ),
        "that is no whole number: round up": lambda share, chance: (
            math.log(1 - chance) / math.log(1 - share)
        ),
        "nearly always 1? It is log(1 − chance) over log(1 − share), not upside down": (
            lambda share, chance: math.ceil(math.log(1 - share) / math.log(1 - chance))
        ),
        "(1 − share)ᵐ is the chance that all miss: it may be 1 − chance, not chance": (
            lambda share, chance: math.ceil(math.log(chance) / math.log(1 - share))
        ),
        "all must *miss* for nothing to be found: the base is 1 − share": (
            lambda share, chance: math.ceil(math.log(1 - chance) / math.log(share))
        ),
        "chances do not add up: twenty trials of one in twenty do not make a certainty": (
            lambda share, chance: math.ceil(chance / share)
        ),
        "that is how long one waits on average; the chance of a hit by then is about 63 in 100": (
            lambda share, chance: math.ceil(1 / share)
        ),
        "that is the chance for one trial more or less: solve 1 − (1 − share)ᵐ ≥ chance for m": (
            lambda share, chance: 1 - (1 - share) ** math.ceil(1 / share)
        ),
    },
    hints=(
        "What is the chance that one trial misses the best share? And that m trials all do?",
        "(1 − share)ᵐ ≤ 1 − chance. Take logarithms; both are negative, so dividing turns ≤ round.",
        "m ≥ log(1 − chance) / log(1 − share), and `math.ceil` rounds up.",
    ),
)

# 14.3, six reports ---------------------------------------------------------------------------

FAULTS = ("honest", "test_decides", "saw_all", "unequal", "copies", "flattered")
"""What a report may have done; the arguments of 14.3, in this order."""

REPORTS = ("test_decides", "honest", "saw_all", "unequal", "honest", "flattered")
"""What the six reports in the lesson have done, from the first to the last."""

NO_COPIES = "nothing says that an image, or a copy of it, stands in two parts"

OBJECTIONS = (
    {
        "honest": "by which score was the one of 200 chosen, and which one was reported?",
        "saw_all": "nothing was fitted on all data there; look at what chose",
        "unequal": "there is one search only, so nothing is compared; look at what chose",
        "copies": NO_COPIES,
        "flattered": "near: the score that chose is reported. But it is the test set's, and with "
        "that no honest score is left at all",
    },
    {
        "test_decides": "the last part was scored after the choice, and once",
        "saw_all": "all that was fitted was fitted inside the 80%",
        "unequal": "there is one search only, so nothing is compared",
        "copies": NO_COPIES,
        "flattered": "the lower score of the two is reported, the one that chose nothing",
    },
    {
        "honest": "from which images come mean and scale?",
        "test_decides": "the test score chose nothing; but the test images had a say before",
        "unequal": "there is one search only, so nothing is compared",
        "copies": NO_COPIES + "; but something else was taken from all parts",
        "flattered": "the reported score is the test set's, and that was opened once",
    },
    {
        "honest": "how many tries had the one, and how many the other?",
        "test_decides": "the test set does not occur in it",
        "saw_all": "nothing is fitted on all data there; count the tries",
        "copies": NO_COPIES,
        "flattered": "the scores are those that chose, but the fault is that one of the two was "
        "chosen and the other was not: count the tries",
    },
    {
        "test_decides": "each cut was made on validation images; the test set came after the last",
        "saw_all": "the scaling is fitted on the training part of each trial",
        "unequal": "halving gives bad settings less on purpose; all began alike",
        "copies": NO_COPIES,
        "flattered": "the reported score is the test set's, after the last choice",
    },
    {
        "honest": "which score is reported: one that chose, or one that did not?",
        "test_decides": "no test set was opened at all",
        "saw_all": "nothing says that something was fitted on all data",
        "unequal": "there is one search only, so nothing is compared",
        "copies": NO_COPIES,
    },
)
"""For each report, what is said to somebody who takes it for something else."""


def _reports_case(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return tuple(float(number) for number in rng.permutation(6) + rng.uniform(0.1, 0.9))


def _judged_as(*faults: str) -> Function:
    """Answer that the six reports have done this."""
    return lambda *names: tuple(names[FAULTS.index(fault)] for fault in faults)


def _misjudged() -> dict[str, Function]:
    """Every single report taken for another kind."""
    found = {}
    for i, objections in enumerate(OBJECTIONS):
        for fault, objection in objections.items():
            single = [fault if place == i else true for place, true in enumerate(REPORTS)]
            found[f"report {i + 1}: {objection}"] = _judged_as(*single)
    return found


VERDICTS = Exercise(
    title="which search has leaked",
    case=_reports_case,
    solution=_judged_as(*REPORTS),
    parts=("report1", "report2", "report3", "report4", "report5", "report6"),
    named=True,
    mistakes=_misjudged(),
    hints=(
        "Of each report ask two things: which images had a say before the last score, and is that "
        "score one that chose?",
        "Two of the six are honest, and one of the names is used by none.",
        "Report 1 never opens a part that is still unseen; report 3 scales; report 4 compares; "
        "report 6 has no test at all.",
    ),
)

EXERCISES = {"14.0": HALVING, "14.1": LOG_UNIFORM, "14.2": TRIALS, "14.3": VERDICTS}

QUESTIONS = (
    Question(
        "A grid has five values for each of four hyperparameters, 625 trials. Only the learning "
        "rate matters much. How many different rates have been tried?",
        {
            "625, one in each trial.": (
                "each rate returns in 125 trials, with other values of the other three"
            ),
            "5; 625 random trials would have tried 625.": Right(
                "seen from the one axis that matters, 620 of the trials repeat what is known"
            ),
            "5, and so would 625 random trials.": (
                "random trials draw a new rate each time: no two are alike"
            ),
            "20, five for each of the four.": (
                "that counts values of all four; of the rate there are five"
            ),
        },
    ),
    Question(
        "A search of 300 settings ends with a validation accuracy of 98.1%. Opened once, the test "
        "set says 97.3%. What do you report?",
        {
            "98.1%: validation has chosen, so it counts.": (
                "just because it has chosen it is too good: the best of 300 has luck in it"
            ),
            "97.3%, and how many settings were tried.": Right(
                "the test score has chosen nothing, so no luck was picked. The number of trials "
                "lets others repeat the search"
            ),
            "The mean of the two.": "the one is flattered and the other is not; a mean is half so",
            "Neither: search on until the two agree.": (
                "then the test set decides when to stop, and is no test any more"
            ),
        },
    ),
    Question(
        "Successive halving from one epoch always keeps settings with large learning rates. What "
        "do you try first?",
        {
            "More settings on the first rung.": (
                "they are judged after one epoch as well, and the slow ones go as before"
            ),
            "A larger factor.": "that cuts still harder at the first rung, where it goes wrong",
            "A larger first budget, and fewer rungs.": Right(
                "what needs time gets it before the first cut. Trying several first budgets side "
                "by side is Hyperband"
            ),
            "Another seed.": "the ranking after one epoch is no accident: small steps are slow",
        },
    ),
)
