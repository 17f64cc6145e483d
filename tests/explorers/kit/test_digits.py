"""From a drawing to what a network was trained on: lines, MNIST, scikit-learn's digits."""

import numpy as np
import pytest

from nnlib.course.kit import digits
from nnlib.course.kit.digits import digits_like, mnist_like, rendered

SEVEN = [[[0.3, 0.2], [0.7, 0.2], [0.45, 0.85]]]
ONE = [[[0.5, 0.15], [0.5, 0.85]]]


def moved(pixels, down, right):
    return np.roll(pixels, (down, right), (0, 1))


# Drawing ------------------------------------------------------------------------------------


def test_a_line_is_as_wide_as_the_pen():
    pixels = rendered([[[0.1, 0.5], [0.9, 0.5]]], width=0.1, side=100)
    assert pixels[:, 50].sum() == pytest.approx(10)
    assert pixels[:, 3].sum() == 0
    assert pixels[:, 50] @ np.arange(100) / 10 == pytest.approx(49.5)  # the middle of the paper


def test_a_single_point_is_a_dot():
    pixels = rendered([[[0.5, 0.5]]], width=0.2, side=100)
    assert pixels.sum() == pytest.approx(np.pi * 10**2, rel=0.01)


def test_lines_over_the_edge_are_cut_off_and_crossing_lines_do_not_add_up():
    pixels = rendered([[[0, 0], [1, 1]], [[1, 0], [0, 1]]], width=0.3)
    assert pixels.min() == 0
    assert pixels.max() == 1


def test_a_slanted_drawing_stays_where_it_is():
    pixels = rendered([[[0.4, 0.4], [0.6, 0.6]]])
    slanted = digits.slanted(pixels, np.random.default_rng(0))
    assert not np.allclose(slanted, pixels)
    for axis in (0, 1):
        middle = slanted.sum(axis=axis) @ np.arange(112) / slanted.sum()
        assert middle == pytest.approx(55.5, abs=0.5)
    same = digits.slanted(pixels, np.random.default_rng(0), size=0.0)
    assert np.allclose(same, pixels, atol=1e-6)


# As MNIST -----------------------------------------------------------------------------------


def test_mnist_like_fits_the_longer_side_into_twenty_pixels():
    image = mnist_like(rendered(SEVEN)).reshape(28, 28)
    rows, columns = (np.flatnonzero(image.any(axis=a)) for a in (1, 0))
    assert rows[-1] - rows[0] + 1 == 20
    wide, tall = 0.4 + 0.1, 0.65 + 0.1  # the drawing, with half a pen on each side
    assert abs((columns[-1] - columns[0] + 1) - 20 * wide / tall) <= 1


def test_mnist_like_puts_the_centre_of_mass_in_the_middle():
    for strokes in (SEVEN, ONE, [[[0.1, 0.1], [0.2, 0.3]]]):
        image = mnist_like(rendered(strokes)).reshape(28, 28)
        for axis in (0, 1):
            centre = image.sum(axis=axis) @ np.arange(28) / image.sum()
            assert abs(centre - 14) <= 0.51


@pytest.mark.parametrize("prepare", [mnist_like, digits_like])
def test_where_and_how_large_a_digit_is_drawn_hardly_matters(prepare):
    pixels = rendered(SEVEN)
    there = moved(pixels, 7, -11)
    assert np.array_equal(prepare(there), prepare(pixels))
    smaller = [[[0.2 + 0.6 * x, 0.1 + 0.6 * y] for x, y in line] for line in SEVEN]
    small = prepare(rendered(smaller, width=0.06))
    assert np.corrcoef(small, prepare(pixels))[0, 1] > 0.95


@pytest.mark.parametrize(("prepare", "size"), [(mnist_like, 784), (digits_like, 64)])
def test_an_empty_drawing_gives_zeros_and_a_full_one_no_error(prepare, size):
    assert np.array_equal(prepare(np.zeros((112, 112))), np.zeros(size))
    assert prepare(np.ones((112, 112))).shape == (size,)
    dot = np.zeros((112, 112))
    dot[5, 5] = 1
    assert prepare(dot).max() == 1
    assert prepare(dot).shape == (size,)


# As scikit-learn's digits ---------------------------------------------------------------------


def test_digits_like_counts_the_ink_of_blocks_from_0_to_16():
    x = digits_like(rendered(SEVEN))
    assert np.array_equal(16 * x, np.round(16 * x))
    assert 0 == x.min() < x.max() == 1


def test_digits_like_by_hand():
    """A bar of 8×32 in the middle covers columns 12 to 19 of 32: half blocks 3 and 4, fully."""
    drawing = np.zeros((64, 64))
    drawing[:, 10:26] = 1  # a quarter as wide as tall
    image = digits_like(drawing).reshape(8, 8)
    assert np.array_equal(image, np.tile([0, 0, 0, 1, 1, 0, 0, 0], (8, 1)))


def test_a_wide_digit_is_squeezed_into_24_columns():
    image = digits_like(np.ones((50, 60))).reshape(8, 8)
    assert np.array_equal(image, np.tile([0, 1, 1, 1, 1, 1, 1, 0], (8, 1)))
    dash = digits_like(np.ones((10, 60))).reshape(8, 8)  # by a half at most: 8 rows of 32
    assert np.array_equal(np.flatnonzero(dash.any(axis=1)), [3, 4])
