import matplotlib.pyplot as plt
import numpy as np
import pytest

from nnlib.plots import learning_curve

SIZES = [100, 200, 400]
TRAIN = np.array([[1.0, 0.9], [0.95, 0.95], [0.9, 0.92]])
HELD = np.array([[0.5, 0.7], [0.7, 0.8], [0.8, 0.84]])


def bands(ax):
    """The lower and the upper edge of each band, size by size."""
    return [
        [
            sorted({float(y) for x, y in band.get_paths()[0].vertices if x == size})
            for size in sorted({x for x, _ in band.get_paths()[0].vertices})
        ]
        for band in ax.collections
    ]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_score_for_each_size_is_a_line_without_a_band():
    ax = learning_curve(SIZES, TRAIN[:, 0], HELD[:, 0])
    train, held = ax.lines
    assert train.get_xdata().tolist() == held.get_xdata().tolist() == SIZES
    assert train.get_ydata().tolist() == TRAIN[:, 0].tolist()
    assert held.get_ydata().tolist() == HELD[:, 0].tolist()
    assert legend(ax) == ["training", "validation"]
    assert not ax.collections
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("training examples", "accuracy")


def test_repeated_runs_are_a_mean_and_a_band_from_the_least_to_the_greatest():
    ax = learning_curve(SIZES, TRAIN, HELD)
    for line, runs in zip(ax.lines, (TRAIN, HELD), strict=True):
        np.testing.assert_allclose(line.get_ydata(), runs.mean(axis=1))
    assert bands(ax)[1] == np.sort(HELD).tolist()
    assert bands(ax)[0] == [[0.9, 1.0], [0.95], [0.9, 0.92]]
    assert legend(ax) == [
        "training, mean of 2 (min–max)",
        "validation, mean of 2 (min–max)",
    ]


def test_a_band_can_be_a_standard_deviation_up_and_down():
    ax = learning_curve(SIZES, TRAIN, HELD, interval="std", score="loss (nats)")
    np.testing.assert_allclose(bands(ax)[1], np.sort(HELD))  # of two runs it is half their distance
    three = learning_curve(SIZES, TRAIN, np.c_[HELD, HELD.mean(axis=1)], interval="std")
    assert bands(three)[1][0] == pytest.approx(
        [0.6 - 0.1 * (2 / 3) ** 0.5, 0.6 + 0.1 * (2 / 3) ** 0.5]
    )
    assert legend(three)[1] == "validation, mean of 3 (± std)"
    assert ax.get_ylabel() == "loss (nats)"


def test_losses_beyond_all_measure_are_drawn():
    ax = learning_curve(SIZES, 1e200 * TRAIN, 1e200 * HELD, interval="std")
    np.testing.assert_allclose(bands(ax)[1], 1e200 * np.sort(HELD))


def test_the_curves_differ_by_more_than_colour():
    train, held = learning_curve(SIZES, TRAIN, HELD).lines
    assert train.get_linestyle() != held.get_linestyle()
    assert train.get_marker() != held.get_marker()


def test_sizes_may_come_in_any_order():
    order = [2, 0, 1]
    ax = learning_curve(np.array(SIZES)[order], TRAIN[order], HELD[order])
    assert ax.lines[0].get_xdata().tolist() == SIZES
    np.testing.assert_allclose(ax.lines[1].get_ydata(), HELD.mean(axis=1))
    assert bands(ax)[1] == np.sort(HELD).tolist()


@pytest.mark.parametrize(
    ("sizes", "scale", "ticks"),
    [
        ([100, 200, 400], "log", ["100", "200", "400"]),
        ([1000, 2000, 3000], "linear", ["1,000", "2,000", "3,000"]),
        ([10, 32, 100, 316], "log", ["10", "32", "100", "316"]),
        ([50], "linear", ["50"]),
        ([50, 500], "linear", ["50", "500"]),
    ],
)
def test_steps_are_equally_long_and_sizes_are_written(sizes, scale, ticks):
    ax = learning_curve(sizes, np.ones(len(sizes)), np.zeros(len(sizes)))
    assert ax.get_xscale() == scale
    ax.figure.canvas.draw()
    assert [text.get_text() for text in ax.get_xticklabels()] == ticks
    assert [text.get_text() for text in ax.get_xticklabels(minor=True)] == []


def test_many_sizes_and_uneven_ones_are_left_to_matplotlib():
    for sizes in (np.arange(1, 30), [1, 2, 3, 900, 901]):
        ax = learning_curve(sizes, np.ones(len(sizes)), np.zeros(len(sizes)))
        ax.figure.canvas.draw()
        assert [float(x) for x in ax.get_xticks()] != list(map(float, sizes))


@pytest.mark.parametrize("page", ["nnlib.course", "default", "dark_background"])
def test_it_is_drawn_into_given_axes_on_every_page(page):
    with plt.style.context(page, after_reset=True):
        _, ax = plt.subplots()
        assert learning_curve(SIZES, TRAIN, HELD, ax) is ax
        ax.figure.canvas.draw()


def test_training_may_be_repeated_otherwise_than_validation():
    ax = learning_curve(SIZES, TRAIN[:, 0], HELD)
    assert len(ax.collections) == 1
    assert legend(ax) == ["training", "validation, mean of 2 (min–max)"]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"sizes": []}, ValueError, r"sizes: expected numbers of .* got shape \(0,\): a list"),
        ({"sizes": 100}, ValueError, r"sizes: expected numbers of .* got shape \(\)"),
        ({"sizes": [1, np.nan, 3]}, ValueError, r"sizes: expected finite .* got nan at sizes\[1\]"),
        (
            {"sizes": [0, 1, 2]},
            ValueError,
            "sizes: expected numbers of examples, got 0: of a share",
        ),
        (
            {"sizes": [0.1, 0.5, 1]},
            ValueError,
            r"got 0.1: of a share s pass round\(s \* len\(X\)\)",
        ),
        ({"sizes": [1, 2, 1e200]}, ValueError, "sizes: expected numbers of examples, got 1e\\+200"),
        ({"sizes": [9, 9, 10]}, ValueError, "sizes: expected each size once, .* one row, shape"),
        ({"sizes": None}, TypeError, "sizes: expected an array, got None"),
        ({"train_scores": TRAIN.T}, ValueError, r"train_scores: .* shape \(3,\) or \(3, repeats\)"),
        ({"validation_scores": HELD[:2]}, ValueError, r"validation_scores: .* got \(2, 2\): nump"),
        ({"validation_scores": HELD[:, :0]}, ValueError, r"validation_scores: .* got \(3, 0\)"),
        ({"validation_scores": HELD * np.nan}, ValueError, r"nan .*: leave out runs that diverged"),
        ({"validation_scores": [[1], [2], [3, 4]]}, ValueError, "rows of different lengths"),
        ({"interval": "minmax"}, ValueError, "interval: expected one of range, std, got 'minmax'"),
        ({"ax": 3}, TypeError, "ax: expected an Axes, got 3"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_no_figure_is_left(change, kind, message):
    given = {"sizes": SIZES, "train_scores": TRAIN, "validation_scores": HELD}
    with pytest.raises(kind, match=message):
        learning_curve(**given | change)
    assert plt.get_fignums() == []
