"""Other right ways to name the runs of the drill, exercise 08.3."""

import numpy as np

from nnlib.course.drill import NAMES, RUNS


def runs_by_number(
    healthy, underfitting, overfitting, rate_too_large, rate_too_small, leak, shuffled, bad_start
):
    return {
        1: overfitting, 9: overfitting, 15: overfitting, 20: overfitting,
        2: healthy, 19: healthy,
        3: rate_too_small, 12: rate_too_small, 21: rate_too_small,
        6: rate_too_large, 13: rate_too_large, 18: rate_too_large,
        4: shuffled, 10: shuffled, 24: shuffled,
        5: underfitting, 14: underfitting, 23: underfitting,
        7: leak, 11: leak, 17: leak,
        8: bad_start, 16: bad_start, 22: bad_start,
    }  # fmt: skip


def runs_by_cause(
    healthy, underfitting, overfitting, rate_too_large, rate_too_small, leak, shuffled, bad_start
):
    answer = [healthy] * 24
    for numbers, name in (
        ((5, 14, 23), underfitting),
        ((1, 9, 15, 20), overfitting),
        ((6, 13, 18), rate_too_large),
        ((3, 12, 21), rate_too_small),
        ((7, 11, 17), leak),
        ((4, 10, 24), shuffled),
        ((8, 16, 22), bad_start),
    ):
        for number in numbers:
            answer[number - 1] = name
    return answer


def runs_in_four_rows(h, u, o, large, small, leak, shuffled, start):
    runs_1_to_6 = [o, h, small, shuffled, u, large]
    runs_7_to_12 = [leak, start, o, shuffled, leak, small]
    runs_13_to_18 = [large, u, o, start, leak, large]
    runs_19_to_24 = [h, o, small, start, u, shuffled]
    return runs_1_to_6 + runs_7_to_12 + runs_13_to_18 + runs_19_to_24


def runs_as_an_array(*names):
    return np.array(names)[[list(NAMES).index(run.cause) for run in RUNS]]


def runs_sorted_by_name(*names):
    word = dict(zip(NAMES, names, strict=True))
    return tuple(word[run.cause] for run in RUNS)


def runs_one_letter_each(*names):
    return [names["huolsktb".index(letter)] for letter in "ohstulkbotksluobklhosbut"]


WAYS = (
    runs_by_number,
    runs_by_cause,
    runs_in_four_rows,
    runs_as_an_array,
    runs_sorted_by_name,
    runs_one_letter_each,
)
