"""Mistakes that no exercise lists are named all the same, from the result alone."""

import itertools
import re

import numpy as np
import pytest

from nnlib.course import check
from nnlib.course.exercises.mistakes import diagnoses, sizes_of
from nnlib.course.lessons import lesson_06

TRUE = np.random.default_rng(0).normal(size=(5, 3))
ROW = np.array([3.0, -1, 2, 0.5, -7])
MASKED = TRUE * (TRUE > 0)
SIZES = {"len(X)": 5, "X.shape[1]": 3}


def first(result, expected, parts=(), sizes=SIZES):
    return next(diagnoses(result, expected, parts, sizes), None)


FACTORS = [
    (-1, "the sign is turned around"),
    (2, "twice too large"),
    (1 / 2, "half of what it should be"),
    (5, "len(X) times too large: a division by it is missing, as in a mean"),
    (3, "X.shape[1] times too large: a division by it is missing, as in a mean"),
    (1 / 5, "divided by len(X) once too often: a sum was asked for, not a mean"),
    (-5, "the sign is turned around, and it is len(X) times too large"),
    (1.7, "every entry is off by the same factor: what do all of them have in common?"),
]


@pytest.mark.parametrize(("factor", "sentence"), FACTORS)
def test_a_multiple_of_the_right_result_is_named(factor, sentence):
    assert first(factor * TRUE, TRUE) == sentence


RESULTS = [
    (TRUE.T.copy(), TRUE, "that is the transposed one"),
    (ROW[:, np.newaxis], ROW, "right numbers in another shape"),
    (TRUE.ravel(), TRUE, "right numbers in another shape"),
    (ROW[:, np.newaxis] - ROW, ROW, r"an array of shape \(n, 1\) met one of shape \(n,\)"),
    (TRUE.T @ TRUE, (TRUE * TRUE).sum(axis=0), r"the diagonal is right: `A\.T @ B` multiplies"),
    (TRUE.sum(axis=0), TRUE, "an axis has gone"),
    (TRUE.sum(), TRUE, "an axis has gone"),
    (TRUE, TRUE.sum(axis=0), "an axis too many"),
    (TRUE.sum(axis=1), TRUE.sum(axis=0), "another length: a sum or mean along the other axis"),
    (TRUE + 2, TRUE, "every entry is off by the same amount: .* or not the right one"),
    (np.where(MASKED == 0, 7, TRUE), MASKED, "right wherever it should not be 0; .* a mask?"),
    (MASKED[:4], TRUE[:4], "right where it is not 0, but too often 0: does the mask"),
    (np.where(np.arange(5)[:, np.newaxis] < 2, TRUE, 0), TRUE, "right as far as it is filled, and"),
    (np.where(np.arange(3) < 1, TRUE, 0), TRUE, "right as far as it is filled, and 0 from there"),
    (np.where(np.arange(5)[:, np.newaxis] < 4, TRUE, 0), TRUE, "right but for the last row"),
    (np.abs(TRUE), TRUE, "right sizes, but the signs are lost"),
    (TRUE[::-1], TRUE, "right numbers, last row first"),
    (np.concatenate([ROW[:1] + 1, ROW[1:]]), ROW, "right but for the first row"),
    (np.concatenate([ROW[:-1], ROW[-1:] + 1]), ROW, "right but for the last row"),
    (TRUE.astype(np.float32), TRUE, "right numbers, but as float32 in place of float64"),
    (np.array([1, 2]), np.array([1.0, 2.0]), "right numbers, but as int64 in place of float64"),
    (ROW.astype(int), ROW, "whole numbers came back: .* cuts off the fractions"),
    (TRUE * (1 + 1e-5 * MASKED), TRUE, "right to some five digits only"),
    (np.where(TRUE > 0, np.nan, TRUE), TRUE, "NaN, not a number, in some entries"),
    (np.where(TRUE > 0, np.inf, TRUE), TRUE, "infinity in some entries"),
    (TRUE[:3, :3].T.copy(), TRUE[:3, :3], "that is the transposed one"),
    ((TRUE, ROW), TRUE, "you returned 2 values, one is asked: number 1 is right"),
    ((TRUE + 1, TRUE), TRUE, "you returned 2 values, one is asked: number 2 is right"),
    ((TRUE.T, ROW, ROW), TRUE, "you returned 3 values, one is asked: is there a comma too many"),
    ((2.0, 3.0), 1.0, "you returned 2 values, one is asked: is there a comma too many"),
    ((TRUE,), TRUE, "a comma behind the value makes a tuple of it"),
    ((*-ROW,), ROW, "the sign is turned around"),
    ("dZ", TRUE, "text in quotes came back"),
    (["dZ"], TRUE, "text in quotes came back"),
    ((row for row in TRUE), TRUE, "a generator has computed nothing yet: put square brackets"),
    (map(abs, TRUE), TRUE, "a generator has computed nothing yet: put square brackets"),
    (TRUE.mean, TRUE, "a function came back, and no number: call it"),
    ([row.mean for row in TRUE], ROW, "functions came back, and no numbers: call them"),
    ({"dZ": TRUE}, TRUE, "return the array itself, not a dictionary"),
    ({1.0, 2.0}, ROW, "curly brackets make a set"),
    ([1.0, None], ROW, "there is a `None` among the values"),
    ([1.0, ...], ROW, "there is still a `...`"),
    ([[1.0], [2.0, 3.0]], TRUE, "a list whose rows have different lengths"),
    (TRUE + 0j, TRUE, "complex numbers came back"),
    ((-8) ** (1 / 3), -2.0, "complex numbers came back"),
]


@pytest.mark.parametrize(
    ("result", "expected", "sentence"), RESULTS, ids=[r[2][:30] for r in RESULTS]
)
def test_what_explains_a_result_is_said_first(result, expected, sentence):
    assert re.match(sentence, first(result, expected))


def test_of_several_values_the_wrong_one_is_named():
    W, b = TRUE, ROW
    assert first((W, -b), (W, b), ("W", "b")) == "W right; b: the sign is turned around"
    swapped = first((b, W), (W, b), ("W", "b"))
    assert swapped == "right values in another order: return W, b"
    assert first((W,), (W, b), ("W", "b")) is None
    assert first(iter((W, b)), (W, b), ("W", "b")).startswith("a generator has computed nothing")
    assert first((-W, -b), (W, b), ("W", "b")) == "W: the sign is turned around"


def test_what_fits_nothing_gets_no_name():
    assert first(TRUE**2, TRUE) is None
    assert first(np.array(["2026-01-01"], "datetime64[D]"), TRUE) is None


def test_axes_are_called_as_in_code():
    def f(X, lengths, alpha):
        return X

    assert sizes_of(f, (TRUE, [1, 2], 0.5)) == SIZES


def test_several_values_in_place_of_one_are_counted_in_the_difference_too():
    *_, told, _ = check("04.3", lambda dA, X, W, b: (dA, b), record=False).text.splitlines()
    assert told == "your result: expected numbers, got 2 values"


def residual(dA, X, W, b):
    return dA + (dA * (X @ W + b > 0)) @ W.T


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda *a: len(a[0]) * residual(*a), "len(dA) times too large"),
        (lambda *a: residual(*a) / len(a[0]), "divided by len(dA) once too often"),
        (lambda *a: residual(*a).T, "that is the transposed one"),
        (lambda *a: residual(*a).astype(np.float32), "right numbers, but as float32"),
        (lambda *a: residual(*a)[:, 0], "an axis has gone"),
    ],
)
def test_a_check_says_what_fits_every_case_and_shows_a_difference(wrong, sentence):
    text = check("04.3", wrong, record=False).text
    assert text.startswith(sentence)
    assert "\nyour result: expected " in text


def test_what_fits_one_case_alone_is_no_diagnosis():
    turn = itertools.cycle([lambda A: -A, lambda A: A.T, lambda A: A + 1])
    text = check("04.3", lambda *a: next(turn)(residual(*a)), record=False).text
    assert text.startswith("your result: expected ")


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))))
def test_of_several_misread_curves_the_first_is_told(order):
    def read(*names):
        return [names[i] for i in order]

    right = [i for i, cause in enumerate(lesson_06.SEEN) if lesson_06.CAUSES[order[i]] == cause]
    told = check("06.2", read, record=False).text
    if len(right) == 5:
        return
    wrong = min(set(range(5)) - set(right))
    taken = lesson_06.SEEN[wrong], lesson_06.CAUSES[order[wrong]]
    assert told.startswith(f"curve {wrong + 1}: {lesson_06.READINGS[taken]}")
    assert "expected" not in told
