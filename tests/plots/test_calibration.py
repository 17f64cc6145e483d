import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib as nn
from nnlib import plots
from nnlib.plots import calibration

# Confidences 0.6, 0.6, 0.8, 0.9 in the bins (0.5, 0.6], (0.7, 0.8], (0.8, 0.9].
P = np.array([[0.6, 0.4], [0.4, 0.6], [0.2, 0.8], [0.9, 0.1]])
Y = np.array([0, 0, 1, 1])
BY_HAND = (2 * 0.1 + 1 * 0.2 + 1 * 0.9) / 4
"""Of two at 0.6 one is right, that at 0.8 is right, that at 0.9 wrong: gaps 0.1, 0.2, 0.9."""


def bars(ax):
    """Height by left edge of each bar of accuracy, and signed height by edge of each gap."""
    accuracy, gap = ax.containers
    return (
        {round(bar.get_x(), 6): bar.get_height() for bar in accuracy},
        {round(bar.get_x(), 6): (bar.get_y(), bar.get_height()) for bar in gap},
    )


def counts(ax):
    """Number of examples by the middle of each bin, as written above them."""
    (top,) = ax.child_axes
    texts = [text.get_text() for text in top.get_xticklabels()]
    return dict(zip(np.round(top.get_xticks(), 6).tolist(), texts, strict=True))


def error(ax):
    """The expected calibration error that the legend says."""
    (text,) = [t.get_text() for t in ax.get_legend().get_texts() if "ECE" in t.get_text()]
    return float(text.removeprefix("gap, ECE = "))


def test_bars_show_how_often_each_bin_is_right_and_how_far_that_is_from_its_confidence():
    accuracy, gap = bars(calibration(Y, P))
    assert accuracy == {0.5: 0.5, 0.7: 1.0, 0.8: 0.0}
    for left, confidence in {0.5: 0.6, 0.7: 0.8, 0.8: 0.9}.items():
        bottom, height = gap[left]
        assert bottom == accuracy[left]
        assert bottom + height == pytest.approx(confidence)


def test_the_error_is_that_of_a_hand_computation():
    ax = calibration(Y, P)
    assert error(ax) == pytest.approx(BY_HAND, abs=5e-4)
    # All four in one bin: 2 of 4 are right, the mean confidence is 0.725.
    assert error(calibration(Y, P, bins=1)) == pytest.approx(0.225, abs=5e-4)


def test_an_edge_belongs_to_the_bin_below_it_and_empty_bins_show_nothing():
    assert counts(calibration(Y, P)) == {0.55: "2", 0.75: "1", 0.85: "1"}
    sure = calibration([0, 1], [[1.0, 0.0], [1.0, 0.0]])
    assert counts(sure) == {0.95: "2"}
    assert bars(sure)[0] == {0.9: 0.5}


def test_a_column_is_the_probability_of_yes():
    two = calibration(Y, P)
    for yes in (P[:, 1], P[:, 1:], P[:, 1].tolist(), P[:, 1].astype(np.float32)):
        ax = calibration(Y, yes)
        assert error(ax) == error(two)
        assert counts(ax) == counts(two)
    assert error(calibration(Y.astype(bool), P[:, 1])) == error(two)
    assert counts(calibration(Y, P.astype(np.float32))) == counts(two)


def test_a_calibrated_model_has_no_gap():
    rng = np.random.default_rng(0)
    P = rng.dirichlet(np.ones(3), 4000)
    y = (P.cumsum(axis=1) < rng.uniform(size=(4000, 1))).sum(axis=1)
    assert error(calibration(y, P)) < 0.02
    assert error(calibration(y, P**4 / (P**4).sum(axis=1, keepdims=True))) > 0.1  # too sure


def test_the_diagonal_and_the_bars_differ_by_more_than_colour():
    ax = calibration(Y, P)
    (diagonal,) = ax.lines
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert diagonal.get_linestyle() == "--"
    accuracy, gap = ax.containers
    assert {bar.get_hatch() for bar in gap} == {"///"}
    assert {bar.get_hatch() for bar in accuracy} == {None}
    assert not any(bar.get_fill() for bar in gap)
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)
    assert ax.get_xlabel().startswith("confidence")
    assert ax.get_ylabel().startswith("accuracy")


def test_the_model_of_a_loss_gives_what_is_drawn():
    X, y = nn.make_xor(60, rng=0)
    for k, loss in {1: nn.SigmoidCrossEntropy(), 2: nn.SoftmaxCrossEntropy()}.items():
        model = nn.Model(nn.Sequential(nn.Dense(2, k)), loss, nn.SGD(0.1))
        found = calibration(y, model.predict_proba(X))
        n = sum(map(int, counts(found).values()))
        right = model.evaluate(X, y)["accuracy"]
        heights = bars(calibration(y, model.predict_proba(X), bins=1))[0]
        assert n == 60
        assert heights == {0.0: pytest.approx(right)}


def test_counts_stand_upright_where_there_is_little_room_and_only_their_sum_where_there_is_none():
    many = calibration(np.zeros(12_345, int), np.tile([0.75, 0.25], (12_345, 1)))
    assert counts(many) == {0.75: "12,345"}
    (text,) = many.child_axes[0].get_xticklabels()
    assert text.get_rotation() == 90
    assert calibration(Y, P).child_axes[0].get_xticklabels()[0].get_rotation() == 0
    crowded = calibration(Y, P, bins=100)
    assert counts(crowded) == {}
    assert crowded.child_axes[0].get_xlabel() == "4 examples"


def test_a_class_alone_and_an_example_alone_are_drawn():
    assert error(calibration([1], [[0.2, 0.8]])) == pytest.approx(0.2)
    assert error(calibration([2], [[0.0, 0.0, 1.0]])) == 0
    assert error(calibration([0, 0], [0.1, 0.2])) == pytest.approx(0.15)


@pytest.mark.parametrize("page", ["nnlib.course", "default", "dark_background"])
def test_it_is_drawn_into_given_axes_on_every_page(page):
    with plt.style.context(page, after_reset=True):
        _, ax = plt.subplots()
        assert calibration(Y, P, ax) is ax
        ax.figure.canvas.draw()
        ground = np.array(plt.matplotlib.colors.to_rgb(ax.get_facecolor()))
        ink = np.array(plt.matplotlib.colors.to_rgb(ax.lines[0].get_color()))
        assert np.abs(ink - ground).sum() == 3  # black on white, white on black


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((Y, P[:3]), ValueError, "y and P: expected one row each"),
        (
            (Y, P[..., None]),
            ValueError,
            r"P: expected a probability .* got \(4, 2, 1\): pass model",
        ),
        (([], P[:0]), ValueError, r"P: expected a probability .* got \(0, 2\)"),
        ((Y, P * [[np.nan], [1], [1], [1]]), ValueError, r"P: expected finite numbers, got nan"),
        ((Y, P * [-3, 7]), ValueError, r"P: expected probabilities, .* got -1.8 at P\[0, 0\]"),
        ((Y, np.array([0.5, 0.5, 2.0, 0.5])), ValueError, r"got 2 at P\[2, 0\]: pass model.pred"),
        (
            (Y, P / 2),
            ValueError,
            r"P: expected rows that add up to 1, got 0.5 in P\[0\]: of labels",
        ),
        ((Y + 1, P), ValueError, "y: expected class labels from 0 to 1 for k = 2 classes, got 2"),
        ((Y * 0.5, P), ValueError, "y: expected class labels, whole numbers"),
        ((list("abab"), P), TypeError, "y: expected class numbers, got text, 'a': names, y = "),
        ((P, P), ValueError, r"y: expected class labels"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_no_figure_is_left(arguments, kind, message):
    with pytest.raises(kind, match=message):
        calibration(*arguments)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("bins", "kind", "message"),
    [
        (0, ValueError, "bins: expected at least 1, got 0"),
        (2.5, TypeError, "bins: expected a whole number, got 2.5"),
    ],
)
def test_bins_are_counted(bins, kind, message):
    with pytest.raises(kind, match=message):
        plots.calibration(Y, P, bins=bins)
    assert plt.get_fignums() == []
