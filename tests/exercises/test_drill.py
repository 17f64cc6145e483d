"""The runs that are told apart by their curves: each shows one cause, and no other."""

import time
import warnings
from collections import Counter
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib as nn
from nnlib.course import check, drill
from nnlib.course.exercises.exercise import exercises
from nnlib.course.lessons import reading_curves

NUMBERS = range(1, len(drill.RUNS) + 1)


def cause(number):
    return drill.RUNS[number - 1].cause


def test_there_are_several_runs_of_each_cause_and_they_look_different():
    assert len(drill.RUNS) == 24
    counts = Counter(run.cause for run in drill.RUNS)
    assert set(counts) == set(drill.NAMES)
    assert set(counts.values()) == {2, 3, 4}
    for name, count in counts.items():
        runs = [run for run in drill.RUNS if run.cause == name]
        assert len({(run.data, run.hidden, run.optimizer, run.leak) for run in runs}) == count


def test_the_third_curve_alone_gives_no_leak_away():
    """It lies well above validation in some runs without a leak, and not far above in one with."""
    above = {}
    for n in NUMBERS:
        m = drill.marks(drill.training(n))
        if cause(n) not in ("rate_too_large", "bad_initialization"):
            above[n] = m.later - m.val
    others = [gap for n, gap in above.items() if cause(n) != "leak"]
    assert min(gap for n, gap in above.items() if cause(n) == "leak") < 0.6
    assert sum(gap > 0.3 for gap in others) >= 3
    assert sum(0.1 < gap < 0.25 for gap in others) >= 2


def test_no_two_runs_have_a_seed_in_common():
    assert len({run.seed for run in drill.RUNS}) == 24


def test_all_runs_take_some_seconds_and_are_the_same_every_time():
    start = time.process_time()
    drill.training.cache_clear()
    first = {number: list(drill.training(number).train) for number in NUMBERS}
    assert time.process_time() - start < 12
    drill.training.cache_clear()
    assert first[4] == drill.training(4).train
    assert drill.training(4) is drill.training(4)


@pytest.mark.parametrize("number", [0, 25, "1", None])
def test_another_number_is_refused(number):
    with pytest.raises(ValueError, match=f"number: expected 1 to 24, got {number!r}"):
        drill.training(number)


def test_a_run_is_what_nnlib_does_by_itself():
    run = drill.RUNS[1]
    (X, y), (X_val, y_val), (X_later, y_later) = drill.drawn(run)
    net = nn.Sequential(nn.Dense(64, 32), nn.ReLU(), nn.Dense(32, 10), rng=run.seed)
    loss, opt = nn.SoftmaxCrossEntropy(), nn.Adam(lr=run.lr)
    for _ in nn.epochs(net, loss, opt, X, y, epochs=20, batch_size=32, rng=run.seed):
        pass
    training = drill.training(2)
    assert np.array_equal(training.model.net.params, net.params)
    for curve, pair in (("train", (X, y)), ("val", (X_val, y_val)), ("later", (X_later, y_later))):
        loss_now = nn.evaluate(net, loss, *pair)["loss"] / np.log(10)
        assert getattr(training, curve)[-1] == pytest.approx(loss_now)
    assert len(training.train) == 21


# What is broken, is broken ------------------------------------------------------------------------


def rows(X):
    return {tuple(row) for row in X}


def test_a_leak_is_in_the_data_and_later_examples_are_free_of_it():
    for number in NUMBERS:
        run = drill.RUNS[number - 1]
        (X, _), (X_val, _), (X_later, _) = drill.drawn(run)
        copied = sum(row in rows(X) for row in map(tuple, X_val))
        assert copied == (round(run.share * len(X_val)) if run.leak == "copies" else 0)
        assert not rows(X_later) & rows(X), number
    (X, y), (X_val, y_val), (X_later, y_later) = drill.drawn(drill.RUNS[6])
    assert np.corrcoef(X[:, -1], y)[0, 1] > 0.8
    assert np.corrcoef(X_val[:, -1], y_val)[0, 1] > 0.8
    assert abs(np.corrcoef(X_later[:, -1], y_later)[0, 1]) < 0.2
    near, seen = drill.drawn(drill.RUNS[16])[1][0], drill.drawn(drill.RUNS[16])[0][0]
    off = np.sqrt(((near[:, None] - seen) ** 2).sum(-1).min(axis=1) / seen.shape[1])
    assert off.max() < 0.3 * seen.std()


def test_shuffled_labels_are_those_that_there_were():
    run = drill.RUNS[9]
    kept = drill.Run(**{**vars(run), "shuffled": False})
    X, y = drill.drawn(run)[0]
    X_kept, y_kept = drill.drawn(kept)[0]
    assert np.array_equal(X, X_kept)
    assert np.mean(y == y_kept) < 0.2


# They are told apart ------------------------------------------------------------------------------


def by_eye(train, val, later):
    """The rules of a reader, written once more, with nothing of the drill."""
    train, val, later = map(np.array, (train, val, later))
    if np.diff(train).max() > 0.3:
        return "rate_too_large"
    if train[0] > 10 or np.abs(train - 1).max() < 0.02:
        return "bad_initialization"
    if val[-1] - train[-1] > 0.5:
        return "shuffled_labels" if val.min() > 0.95 else "overfitting"
    if later[-1] - val[-1] > 0.35:
        return "leak"
    if train[-1] < 0.2:
        return "healthy"
    still = train[2 * len(train) // 3] - train[-1] > 0.17 * (train[0] - train[-1])
    return "rate_too_small" if still else "underfitting"


@pytest.mark.parametrize("number", NUMBERS)
def test_the_curves_alone_tell_the_cause(number):
    run = drill.training(number)
    assert drill.read(run) == by_eye(run.train, run.val, run.later) == cause(number)


@pytest.mark.parametrize(("number", "bent"), [*product(NUMBERS, (0.93, 1.07))])
def test_they_do_so_with_room_to_spare(number, bent):
    """Curves that end a little higher or lower are read alike."""
    run = drill.training(number)
    other = drill.Training.__new__(drill.Training)
    other.broken_off = run.broken_off
    for name in ("train", "val", "later"):
        losses = np.array(getattr(run, name))
        flat = np.abs(losses - 1).max() < 0.02
        setattr(other, name, list(losses * (1 if flat else bent)))
    assert drill.read(other) == cause(number)


def test_no_two_diagnoses_fit_the_same_curves():
    for number in NUMBERS:
        run = drill.training(number)
        fitting = [name for name in drill.NAMES if not drill.objection(run, name)]
        assert fitting == [cause(number)]


# Beside it, what nnlib finds in the models --------------------------------------------------------

FOUND = {
    1: "overfitting", 9: "overfitting", 15: "overfitting", 20: "overfitting",
    3: "learning rate too small",
    4: "shuffled labels", 10: "shuffled labels", 24: "shuffled labels",
    6: "learning rate too large", 13: "learning rate too large", 18: "learning rate too large",
    5: "cannot overfit ten examples", 14: "cannot overfit ten examples", 23: "weight decay",
    8: "first values too large", 22: "first values too large", 16: "vanishing gradient",
}  # fmt: skip
"""The first finding of `nnlib.diagnose`. Runs 12 and 21 have learned too much to be called poor."""

SILENT = [number for number in NUMBERS if number not in FOUND]


def diagnosed(number, held):
    run = drill.training(number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nn.diagnose(run.model, *run.examples[0], validation=held)


@pytest.mark.parametrize("number", FOUND)
def test_diagnose_names_the_cause_first(number):
    assert diagnosed(number, drill.training(number).examples[1]).names[0] == FOUND[number]


@pytest.mark.parametrize("number", SILENT)
def test_diagnose_finds_nothing_in_healthy_runs_and_no_leak_without_later_examples(number):
    _, val, later = drill.training(number).examples
    assert not diagnosed(number, val)
    found = ("overfitting",) if cause(number) == "leak" else ()
    assert diagnosed(number, later).names == found


# What is said -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", NUMBERS)
def test_evidence_and_objections_hold_the_runs_own_numbers(number):
    run = drill.training(number)
    m, said = drill.marks(run), drill.evidence(run, cause(number))
    assert "nan" not in said
    own = {
        "overfitting": f"validation turns at {m.best:.2f}, epoch {m.turn}, and climbs to",
        "shuffled_labels": f"validation never falls below {min(run.val):.2f}",
        "leak": f"collected later at {run.later[-1]:.2f}",
        "underfitting": f"high and close, at {run.train[-1]:.2f} and {run.val[-1]:.2f}",
        "rate_too_small": f"from {run.train[0]:.2f} to {run.train[-1]:.2f}, still on its way",
        "rate_too_large": "its training loss jumps up, from ",
        "healthy": f"training ends at {run.train[-1]:.2f}",
        "bad_initialization": f"{run.train[0]:.0f} times"
        if run.train[0] > 4
        else "a guess's, 1.00",
    }[cause(number)]
    assert own in said
    for name in set(drill.NAMES) - {cause(number)}:
        assert 20 < len(drill.objection(run, name)) < 130
    assert drill.objection(run, cause(number)) == ""


def test_a_run_that_breaks_off_at_once_is_told():
    run = drill.Training(drill.Run("rate_too_large", "", data="spirals", optimizer="sgd", lr=1e160))
    while run.advance():
        pass
    assert run.broken_off
    assert drill.read(run) == "rate_too_large"
    assert "it breaks off after epoch 0: the loss is no finite number" in drill.marks(run).jump
    assert not run.advance()


def test_figures_hold_the_runs_that_are_asked_for():
    figure = drill.show([13, 2, 7, 16])
    shown = [ax for ax in figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in shown] == ["run 13", "run 2", "run 7", "run 16"]
    lines = shown[1].get_lines()
    assert [line.get_label() for line in lines[1:]] == ["training", "validation", "collected later"]
    assert lines[1].get_ydata().tolist() == drill.training(2).train
    assert figure.get_size_inches()[0] <= 7.5
    assert not any(line.get_marker() == "x" for ax in shown for line in ax.get_lines())


def test_a_cross_marks_where_a_run_breaks_off_and_grey_where_the_axis_is_another():
    figure, ax = plt.subplots()
    run = drill.Training(drill.Run("rate_too_large", "", data="spirals", optimizer="sgd", lr=1e160))
    while run.advance():
        pass
    drill.draw(ax, run)
    assert any(line.get_marker() == "x" for line in ax.get_lines())
    (grey,) = ax.patches
    assert grey.get_bbox().y0 == 2
    assert grey.get_bbox().y1 == drill.TOP
    plt.close(figure)


# The exercise -------------------------------------------------------------------------------------


def answered(*taken, rest=None):
    """Answer some runs so, and the others rightly or, by default, not at all."""
    causes = [run.cause for run in drill.RUNS]

    def answer(*names):
        word = dict(zip(drill.NAMES, names, strict=True))
        others = [word[name] if rest else ... for name in causes[len(taken) :]]
        return [word.get(name, name) for name in taken] + others

    return check("08.3", answer, record=False)


def test_names_are_arguments_in_their_order():
    assert list(drill.NAMES) == list(reading_curves.NAMES)
    assert exercises("08")["08.3"] is reading_curves.READING_CURVES


def test_wrong_runs_are_told_three_at_a_time_with_what_gives_them_away():
    lines = answered("leak", "leak", "leak", "leak", "leak", rest=True).text.splitlines()
    assert lines[0] == "19 of 24 right; look again at 1, 2, 3, and 2 more after these"
    assert len(lines) == 4
    run = drill.training(1)
    assert lines[1] == f"run 1: not leak: {drill.objection(run, 'leak')}"
    assert f"training ends at {run.train[-1]:.2f} and validation at {run.val[-1]:.2f}" in lines[1]


def test_no_answer_tells_the_right_name():
    for name in drill.NAMES:
        text = answered(*[name] * 24).text
        named = [word for word in drill.NAMES.values() if f"not {word}:" in text]
        assert named == [drill.NAMES[name]]


def test_a_beginning_is_judged():
    assert repr(answered("overfitting", "healthy")).startswith("○ 08.3 run 1, run 2 right so far")
    assert answered("overfitting", "leak").text.startswith("1 of 2 right; look again at 2\nrun 2: ")


@pytest.mark.parametrize("name", ["overfitting in quotes", None, 7.5])
def test_what_is_none_of_the_names_is_told_once(name):
    assert answered(*[name] * 24).text == reading_curves.NAMELESS
    assert reading_curves.NAMELESS in answered("overfitting", name).text
