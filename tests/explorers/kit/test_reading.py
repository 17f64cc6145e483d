"""Reading charts: what is said of a place is what stands there."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from nnlib.course import explorers
from nnlib.course.kit.reading import read


@pytest.fixture
def ax():
    return Figure().subplots()


def test_curves_are_read_at_the_nearest_point(ax):
    ax.plot([0, 1, 2], [5, 6, 7], label="train")
    ax.plot([0, 1, 2], [8, np.nan, 9], label="test")
    ax.axhline(3)
    ax.set(xlabel="epoch", title="loss")
    assert read(ax, 1.2, 0) == "loss\nepoch = 1: train 6"
    assert read(ax, 1.9, 0) == "loss\nepoch = 2: train 7, test 9"


def test_a_curve_without_a_label_has_the_name_of_its_axis(ax):
    ax.plot([0, 1, 2], [5, 6, 7])
    ax.set(xlabel="z", ylabel="tanh z")
    assert read(ax, 0, 0) == "z = 0: tanh z 5"


def test_bars_and_steps_are_read_by_their_heights(ax):
    ax.stairs([0.25, 0, 0.5], [0, 1, 2, 3], label="P")
    ax.set(xlabel="class", ylabel="probability")
    assert read(ax, 0.5, 0.9) == "probability\nclass = 0.5: P 0.25"
    ax.bar([5, 6], [0.1, 0.2])
    assert read(ax, 6.1, 0.9).endswith("probability 0.2")


def test_where_nothing_stands_the_place_is_told(ax):
    ax.set(xlabel="x₁", ylabel="x₂")
    assert read(ax, 0.25, -1) == "the place x₁ = 0.25, x₂ = -1"
    ax.plot([], [], label="nothing")
    ax.plot([np.nan] * 3, [1, 2, 3])
    assert "the place" in read(ax, 0.25, -1)


def test_images_are_read_by_row_and_column(ax):
    A = np.arange(6.0).reshape(2, 3)
    ax.imshow(A)
    assert read(ax, 2, 1) == "row 2, column 3: 5"
    assert read(ax, 0, 0) == "row 1, column 1: 0"
    ax.imshow(np.zeros((2, 3, 4)))
    assert "the place" in read(ax, 0, 0)


@pytest.mark.parametrize("name", explorers.__all__)
def test_every_place_of_every_picture_can_be_read(name):
    with getattr(explorers, name)() as explorer:
        height, width = explorer.picture().shape[:2]
        parts = explorer.parts()
        assert len(parts) >= 1
        assert len({part.name for part in parts}) == len(parts)
        for part in parts:
            left, top, right, bottom = part.place
            assert 0 <= min(left, right) <= max(left, right) <= width, part.name
            assert 0 <= min(top, bottom) <= max(top, bottom) <= height, part.name
            for share in (0.02, 0.3, 0.5, 0.98):
                x, y = left + share * (right - left), top + (1 - share) * (bottom - top)
                told = part.tells(x, y)
                assert 0 < len(told) < 300, (part.name, told)
                assert "nan" not in told, (part.name, told)
