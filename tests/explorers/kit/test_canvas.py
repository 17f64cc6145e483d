"""The canvas: what moves is drawn on a stored background."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.lines import Line2D

from nnlib.course.kit.canvas import Canvas


def build(figure):
    global line
    ax = figure.subplots()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    (line,) = ax.plot([0, 1], [0, 1])
    return [line]


def test_a_frame_shows_what_has_moved_and_nothing_of_before():
    canvas = Canvas(3, 2, build)
    first = canvas.frame()
    assert first.shape == (200, 300, 4)
    line.set_data([0, 1], [1, 0])
    second = canvas.frame()
    assert (first != second).any()
    line.set_data([0, 1], [0, 1])
    np.testing.assert_array_equal(canvas.frame(), first)
    line.set_visible(False)
    assert (canvas.frame() != first).any()


def test_what_stays_is_drawn_again_only_when_told():
    canvas = Canvas(3, 2, build)
    first = canvas.frame()
    canvas.figure.axes[0].set_title("new")
    np.testing.assert_array_equal(canvas.frame(), first)
    canvas.stale = True
    assert (canvas.frame() != first).any()


def test_a_canvas_is_no_business_of_pyplots():
    before = plt.get_fignums()
    Canvas(3, 2, lambda figure: [figure.add_artist(Line2D([0, 1], [0, 1]))]).frame()
    assert plt.get_fignums() == before
