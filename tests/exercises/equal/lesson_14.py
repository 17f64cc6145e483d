"""Lesson 14: other ways to write what is asked."""

import heapq
import math

import numpy as np

# 14.0, successive halving -------------------------------------------------------------------------


def halving_by_pairs(settings, score, budget, factor):
    left, spent, new = settings, 0, budget
    while len(left) > 1:
        pairs = [(score(setting, budget), setting) for setting in left]
        spent += new * len(pairs)
        pairs.sort(key=lambda pair: pair[0], reverse=True)
        left = [setting for _, setting in pairs[: -(-len(pairs) // factor)]]
        new = budget * factor - budget
        budget *= factor
    return left[0], spent


def halving_by_argsort(settings, score, budget, factor):
    left, spent, paid = np.array(settings), 0, 0
    while left.size > 1:
        scores = np.array([score(setting, budget) for setting in left])
        spent += left.size * (budget - paid)
        paid = budget
        left = left[np.argsort(-scores, kind="stable")[: math.ceil(left.size / factor)]]
        budget = budget * factor
    return left[0], spent


def halving_again(settings, score, budget, factor, before=0):
    if len(settings) == 1:
        return settings[0], 0
    scores = {setting: score(setting, budget) for setting in settings}
    kept = sorted(settings, key=scores.get, reverse=True)[: (len(settings) + factor - 1) // factor]
    best, later = halving_again(kept, score, budget * factor, factor, budget)
    return best, later + len(settings) * (budget - before)


def halving_by_heap(settings, score, budget, factor):
    left, had, spent = list(settings), dict.fromkeys(settings, 0), 0.0
    while len(left) != 1:
        scores = []
        for setting in left:
            scores.append(score(setting, budget))
            spent += budget - had[setting]
            had[setting] = budget
        places = heapq.nlargest(
            int(np.ceil(len(left) / factor)), range(len(left)), key=scores.__getitem__
        )
        left = [left[place] for place in places]
        budget = factor * budget
    (best,) = left
    return best, spent


def halving_one_by_one(settings, score, budget, factor):
    left, total, rung = list(settings), {}, 0
    while len(left) > 1:
        now = budget * factor**rung
        scores = [score(setting, now) for setting in left]
        total.update(dict.fromkeys(left, now))
        keep = math.ceil(len(left) / factor)
        chosen = []
        for _ in range(keep):
            place = max(range(len(left)), key=lambda i: (scores[i], -i))
            chosen.append(left[place])
            scores[place] = -math.inf
        left, rung = chosen, rung + 1
    return left[0], sum(total.values())


# 14.1, log-uniform --------------------------------------------------------------------------------


def log_uniform_by_exp(u, low, high):
    return np.exp(np.log(low) + u * (np.log(high) - np.log(low)))


def log_uniform_by_tens(u, low, high):
    a, b = np.log10([low, high])
    return 10 ** (a + u * (b - a))


def log_uniform_by_means(u, low, high):
    return low ** (1 - u) * high**u


def log_uniform_by_interpolation(u, low, high):
    return 2 ** np.interp(u, [0, 1], [np.log2(low), np.log2(high)])


def log_uniform_one_by_one(u, low, high):
    return [low * math.pow(high / low, one) for one in u]


# 14.2, how many trials ----------------------------------------------------------------------------


def trials_by_counting(share, chance):
    m = 1
    while 1 - (1 - share) ** m < chance:
        m += 1
    return m


def trials_by_multiplying(share, chance):
    miss, m = 1.0, 0
    while miss > 1 - chance:
        miss *= 1 - share
        m += 1
    return m


def trials_with_numpy(share, chance):
    return np.ceil(np.log2(1 - chance) / np.log2(1 - share))


def trials_rounding_down(share, chance):
    return -int(-np.log(1 - chance) / np.log(1 - share) // 1)


def trials_from_a_table(share, chance):
    found = 1 - (1 - share) ** np.arange(1, 2000)
    return int(np.argmax(found >= chance)) + 1


# 14.3, six reports --------------------------------------------------------------------------------


def verdicts_line_by_line(honest, test_decides, saw_all, unequal, copies, flattered):
    report1 = test_decides
    report2 = report5 = honest
    report3 = saw_all
    report4 = unequal
    report6 = flattered
    return report1, report2, report3, report4, report5, report6


def verdicts_by_place(*names):
    found = dict(enumerate(names))
    return tuple(found[i] for i in (1, 0, 2, 3, 0, 5))


EQUAL = {
    "14.0": (
        halving_by_pairs,
        halving_by_argsort,
        halving_again,
        halving_by_heap,
        halving_one_by_one,
    ),
    "14.1": (
        log_uniform_by_exp,
        log_uniform_by_tens,
        log_uniform_by_means,
        log_uniform_by_interpolation,
        log_uniform_one_by_one,
    ),
    "14.2": (
        trials_by_counting,
        trials_by_multiplying,
        trials_with_numpy,
        trials_rounding_down,
        trials_from_a_table,
    ),
    "14.3": (
        verdicts_line_by_line,
        verdicts_by_place,
        lambda honest, test_decides, saw_all, unequal, copies, flattered: [
            test_decides,
            honest,
            saw_all,
            unequal,
            honest,
            flattered,
        ],
        lambda *names: (names[1], names[0], names[2], names[3], names[0], names[5]),
        lambda *names: np.array(names)[[1, 0, 2, 3, 0, 5]],
    ),
}
