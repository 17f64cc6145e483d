import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import nnlib as nn
from nnlib.plots import MARKERS, PALETTE, decision_boundary, training_curves


@pytest.fixture(autouse=True)
def closed_afterwards():
    with plt.style.context("nnlib.course"):
        yield
    plt.close("all")


class Sides:
    """Predicts 1 on the right of the plane, 0 on the left."""

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)


HISTORY = nn.History(loss=[3.0, 2.0, 1.0], val_loss=[3.0, 1.5, 2.0], lr=[0.1] * 3)
X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
y = np.array([0, 0, 1, 1])


def test_training_curves_show_what_was_recorded():
    ax = training_curves(HISTORY)
    loss, val_loss, lowest = ax.lines
    assert loss.get_xdata().tolist() == [1, 2, 3]
    assert loss.get_ydata().tolist() == HISTORY["loss"]
    assert val_loss.get_ydata().tolist() == HISTORY["val_loss"]
    assert (lowest.get_xdata()[0], lowest.get_ydata()[0]) == (2, 1.5)
    assert ax.get_xlabel() == "epoch"


def test_training_curves_differ_by_more_than_colour():
    loss, val_loss, _ = training_curves(HISTORY).lines
    assert loss.get_linestyle() != val_loss.get_linestyle()


def test_without_validation_there_is_one_curve():
    assert len(training_curves(nn.History(loss=[1.0], lr=[0.1])).lines) == 1


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="history: expected at least one epoch"):
        training_curves(nn.History())


def test_a_given_axes_is_drawn_into_and_returned():
    _, ax = plt.subplots()
    assert training_curves(HISTORY, ax) is ax
    assert decision_boundary(Sides(), X, y, ax) is ax


def test_the_boundary_is_drawn_where_the_prediction_changes():
    ax = decision_boundary(Sides(), X, y)
    line = ax.collections[-1].get_paths()[0].vertices
    assert abs(line[:, 0]).max() < 0.02
    assert np.ptp(line[:, 1]) > 2


def test_each_class_has_a_colour_and_a_marker_of_its_own():
    ax = decision_boundary(Sides(), X, y)
    assert [line.get_marker() for line in ax.lines] == list(MARKERS[:2])
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert ax.lines[1].get_xdata().tolist() == [1, 1]


def test_all_points_are_inside_the_picture():
    ax = decision_boundary(Sides(), X, y)
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert x0 < X[:, 0].min() < X[:, 0].max() < x1
    assert y0 < X[:, 1].min() < X[:, 1].max() < y1


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((4, 3)), y, r"X: expected points of the plane, shape \(n, 2\), got \(4, 3\)"),
        (X, y[:3], "X and y: expected one row each"),
        (X, y - 1, "y: expected classes from 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        decision_boundary(Sides(), X, y)


def test_figures_are_opaque_white_so_that_they_read_on_a_dark_page():
    assert to_rgb(mpl.rcParams["figure.facecolor"]) == (1, 1, 1)
    assert to_rgb(mpl.rcParams["axes.facecolor"]) == (1, 1, 1)
    assert mpl.rcParams["savefig.transparent"] is False
    assert mpl.rcParams["figure.figsize"][0] <= 7.5


def test_the_style_and_the_module_use_one_palette():
    style = [f"#{c.lstrip('#').upper()}" for c in mpl.rcParams["axes.prop_cycle"].by_key()["color"]]
    assert set(style) == set(PALETTE)


def luminance(color):
    """Relative luminance as the accessibility guidelines of the W3C define it."""
    c = np.array(to_rgb(color))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_the_first_colours_stand_out_from_white():
    contrast = [1.05 / (luminance(color) + 0.05) for color in PALETTE[:3]]
    assert min(contrast) > 3
