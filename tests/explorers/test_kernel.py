"""The explorer of convolution: window, products, sum and map, compared with loops by hand."""

import asyncio

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers.kernel import KERNELS, OWN, Experiment, K, Kernel, signed
from nnlib.course.kit.canvas import _font
from tests.helpers.page import click, part, shown, type_over
from tests.helpers.shaking import control, shake


@pytest.fixture
def lab():
    with Kernel() as explorer:
        yield explorer


def by_loops(X, W, stride, padding):
    X = np.pad(X, padding)
    size = (len(X) - 3) // stride + 1
    Z = np.zeros((size, size))
    for r in range(size):
        for s in range(size):
            for i in range(3):
                for j in range(3):
                    Z[r, s] += X[stride * r + i, stride * s + j] * W[i, j]
    return Z


# The experiment -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize(("stride", "padding", "side"), [(1, 0, 8), (2, 1, 8), (3, 2, 16)])
def test_the_map_is_what_loops_compute_and_each_sum_is_one_of_its_places(
    name, stride, padding, side
):
    experiment = Experiment()
    experiment.W, experiment.side = KERNELS[name], side
    experiment.stride, experiment.padding = stride, padding
    Z = by_loops(experiment.image, KERNELS[name], stride, padding)
    assert np.allclose(experiment.Z, Z)
    assert experiment.size == len(Z)
    for experiment.row, experiment.column in np.ndindex(Z.shape):
        assert experiment.products.sum() == pytest.approx(Z[experiment.place])


def test_the_presets_are_what_they_are_called():
    flat = np.ones((8, 8))
    ramp = np.arange(8.0) * flat  # grows to the right
    at = {name: by_loops(ramp, W, 1, 0)[2, 2] for name, W in KERNELS.items()}
    assert at["identity"] == at["blur"] == at["sharpen"] == pytest.approx(3)
    assert (at["vertical edges"], at["horizontal edges"], at["Sobel"]) == (6, 0, 8)
    assert by_loops(ramp.T, KERNELS["horizontal edges"], 1, 0)[2, 2] == 6
    for name in ("vertical edges", "horizontal edges", "Sobel"):
        assert by_loops(flat, KERNELS[name], 1, 0)[0, 0] == 0


def test_identity_with_padding_one_gives_the_image_back():
    experiment = Experiment()
    experiment.W, experiment.padding = KERNELS["identity"], 1
    assert np.array_equal(experiment.Z, experiment.image)
    assert np.array_equal(experiment.image, nn.load_digits().X_test[experiment.digit].reshape(8, 8))


def test_the_map_fills_as_the_kernel_comes_along():
    experiment = Experiment()
    experiment.row, experiment.column = 1, 2
    Z = experiment.Z_so_far
    assert np.isfinite(Z).sum() == 6 + 3
    assert np.array_equal(Z[np.isfinite(Z)], experiment.Z.ravel()[:9])
    experiment.whole = True
    assert np.array_equal(experiment.Z_so_far, experiment.Z)


def test_the_next_place_is_read_row_by_row_and_the_last_leads_to_the_first():
    experiment = Experiment()
    experiment.row = experiment.column = 0
    places = [experiment.place]
    while experiment.next():
        places.append(experiment.place)
    assert places == list(np.ndindex(6, 6))
    assert experiment.place == (0, 0)


def test_a_place_outside_of_a_smaller_map_moves_inside():
    experiment = Experiment()
    experiment.row = experiment.column = 5
    experiment.change("stride", 3)
    assert experiment.size == 2
    assert experiment.place == (1, 1)


def test_words_give_the_sum_and_the_sizes():
    experiment = Experiment()
    Z = by_loops(experiment.image, experiment.W, 1, 0)
    words = experiment.words()
    assert f"Row 3, column 4 of the output: nine products add up to {signed(Z[2, 3])}." in words
    assert f"from {signed(Z.min())} to {signed(Z.max())}" in words
    assert "8×8 becomes 6×6" in words


def test_numbers_have_a_true_minus_and_zero_none():
    assert [signed(x) for x in (-0.5, 0.25, -0.001)] == ["−0.50", "0.25", "0.00"]


# The explorer -------------------------------------------------------------------------------


def test_every_slider_does_what_it_says(lab):
    row, column, stride, padding, digit, size = lab.controls[:6]
    picture = shown(lab)
    row.value, column.value = 4, 1
    assert lab.experiment.place == (4, 1)
    assert shown(lab) != picture
    padding.value = 2
    assert lab.experiment.size == len(row.options) == 10
    stride.value = 2
    assert lab.experiment.size == len(column.options) == 5
    assert (row.value, column.value) == lab.experiment.place == (4, 1)
    size.value = 16
    assert lab.experiment.image.shape == (16, 16)
    image = lab.experiment.image
    digit.value = 7
    assert not np.array_equal(lab.experiment.image, image)
    assert lab.alert.value == ""


def test_a_preset_fills_the_boxes_and_a_box_makes_the_kernel_your_own(lab):
    lab.preset.value = "Sobel"
    assert [box.value for box in lab.boxes] == [-1, 0, 1, -2, 0, 2, -1, 0, 1]
    assert np.array_equal(lab.experiment.W, KERNELS["Sobel"])
    picture = shown(lab)
    lab.boxes[4].value = 3.0
    assert lab.preset.value == OWN
    assert lab.experiment.W[1, 1] == 3
    assert shown(lab) != picture
    assert KERNELS["Sobel"][1, 1] == 0
    lab.boxes[4].value = 0.0
    assert lab.preset.value == "Sobel"


def test_your_own_kernel_stays_when_its_name_is_chosen(lab):
    W = lab.experiment.W.copy()
    lab.preset.value = OWN
    assert np.array_equal(lab.experiment.W, W)


@pytest.mark.parametrize("value", [1e9, float("nan"), float("inf"), -101.0])
def test_a_number_out_of_range_is_refused_with_a_message_and_nothing_is_lost(lab, value):
    W, picture = lab.experiment.W.copy(), shown(lab)
    lab.boxes[0].value = value
    assert "row 1, column 1: expected a number from −100 to 100" in lab.alert.value
    assert "It stays −1" in lab.alert.value
    assert np.array_equal(lab.experiment.W, W)
    assert shown(lab) == picture
    lab.boxes[0].value = 2.0
    assert lab.alert.value == ""
    assert lab.experiment.W[0, 0] == 2


def test_step_walks_and_reset_begins_again(lab):
    lab.controls[1].value = 5
    lab.step_button.click()
    assert (lab.row_slider.value, lab.column_slider.value) == (3, 0)
    assert lab.panels._mark.get_xy() == (-0.5, 2.5)
    lab.reset_button.click()
    assert lab.experiment.place == (
        lab.row_slider.value,
        lab.column_slider.value,
    )
    assert lab.experiment.row == lab.experiment.column == 0


def test_a_run_goes_on_to_the_last_place(monkeypatch):
    monkeypatch.setattr("nnlib.course.explorers.kernel.PACE", 0.0)

    async def main():
        with Kernel() as lab:
            lab.controls[2].value = 2  # a map of 3×3
            lab.run.value = True
            for _ in range(200):
                await asyncio.sleep(0.02)
                if lab.frames > 3 and not lab.run.value:
                    break
            assert lab.experiment.place == (2, 2)
            assert (lab.row_slider.value, lab.column_slider.value) == (2, 2)
            assert lab.alert.value == ""

    asyncio.run(main())


def test_the_whole_map_is_shown_on_demand(lab):
    assert np.isnan(np.asarray(lab.panels._map.get_array().filled(np.nan))).any()
    whole = lab.controls[-1]
    assert whole.description == "whole map"
    whole.value = True
    assert np.array_equal(np.asarray(lab.panels._map.get_array()), lab.experiment.Z)


def test_the_window_lies_where_the_products_come_from(lab):
    lab.controls[3].value = 1
    lab.controls[0].value, lab.controls[1].value = 0, 3
    assert lab.panels._window.get_xy() == (1.5, -1.5)  # one row in the padding
    assert np.array_equal(lab.experiment.window[0], [0, 0, 0])
    assert np.array_equal(lab.experiment.window[1:], lab.experiment.image[:2, 2:5])
    assert len(lab.panels._texts.texts) == 9 + 1
    assert "= −" in "".join(lab.panels._texts.texts)


@pytest.mark.parametrize("name", [*KERNELS, OWN])
def test_every_number_fits_into_its_cell(lab, name):
    if name == OWN:
        for box in lab.boxes:
            box.value = -99.5
    else:
        lab.preset.value = name
    control(lab, "padding").value = 1
    control(lab, "whole map").value = True
    assert len(lab.panels._numbers.texts) == lab.experiment.size**2 == 64
    for texts, size, font in ((lab.panels._texts, K, 14), (lab.panels._numbers, 8, 13)):
        ax = texts._ax
        (left, top), (right, bottom) = ax.transData.transform([(0, 0), (1, 1)])
        for text in texts.texts[: size**2]:
            lines = text.split("\n")
            assert max(_font(font).getlength(line) for line in lines) < right - left
            assert 1.3 * font * len(lines) < top - bottom


def test_the_colour_of_a_product_is_the_same_at_every_place(lab):
    for column in range(lab.experiment.size):
        lab.column_slider.value = column
        assert lab.panels._cells.get_clim() == (-1, 1)
    lab.preset.value = "Sobel"
    assert lab.panels._cells.get_clim() == (-2, 2)


def test_a_large_map_says_its_signs_without_colour(lab):
    control(lab, "image").value = 16
    control(lab, "whole map").value = True
    assert set(lab.panels._numbers.texts) == {"−"}
    assert len(lab.panels._numbers.texts) == np.count_nonzero(lab.experiment.Z < -0.05)


def test_random_changes_keep_the_sliders_in_step_with_the_window(lab):
    def look(_):
        assert lab.experiment.words() in lab.status.value
        assert (lab.row_slider.value, lab.column_slider.value) == lab.experiment.place

    shake(lab, changes=300, after=look)


# The picture that answers --------------------------------------------------------------------


CELL = "the kernel's number in row {}, column {}"


def test_a_number_of_the_kernel_is_read_and_typed_in_its_cell(lab):
    pixel = lab.experiment.window[0, 2]
    name = CELL.format(1, 3)
    says = f"pixel {pixel:.2f} × kernel 1 = {pixel:.2f}"
    assert part(lab, name).tells(0, 0) == says
    type_over(lab, name, "2,5")
    assert lab.experiment.W[0, 2] == lab.boxes[2].value == part(lab, name).number() == 2.5
    assert lab.preset.value == OWN
    type_over(lab, name, "1000")
    assert "Kernel, row 1, column 3: expected a number from −100 to 100" in lab.alert.value
    assert lab.experiment.W[0, 2] == lab.boxes[2].value == 2.5
    type_over(lab, name, "2.5")
    assert lab.alert.value == ""


def test_a_click_on_the_output_chooses_the_place_and_the_sliders_follow(lab):
    click(lab, *lab.canvas.at(lab.panels.right, 1, 4))
    assert lab.experiment.place == (4, 1)
    assert (lab.row_slider.value, lab.column_slider.value) == (4, 1)
    output = part(lab, "the output")
    x, y = lab.canvas.at(lab.panels.right, 1, 4)
    z = signed(lab.experiment.Z[4, 1])
    assert output.tells(x, y) == f"row 5, column 2 of the output: {z}"
    assert output.tells(*lab.canvas.at(lab.panels.right, 2, 4)).endswith(": not computed yet")


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_a_click_on_the_image_puts_the_middle_of_the_window_there(lab, stride, padding):
    control(lab, "stride").value, control(lab, "padding").value = stride, padding
    for row, column in np.ndindex(lab.experiment.size, lab.experiment.size):
        i, j = (stride * c - padding + K // 2 for c in (row, column))
        click(lab, *lab.canvas.at(lab.panels.left, j, i))
        assert lab.experiment.place == (row, column)
    click(lab, *lab.canvas.at(lab.panels.left, 0.2, 7.4))
    assert lab.experiment.place == (lab.experiment.size - 1, 0)


def test_the_image_tells_its_pixels_and_its_padding(lab):
    control(lab, "padding").value = 1
    image = part(lab, "the image")
    assert image.tells(*lab.canvas.at(lab.panels.left, -1, 3)) == "padding: 0"
    value = lab.experiment.image[4, 3]
    assert value > 0
    says = image.tells(*lab.canvas.at(lab.panels.left, 3, 4))
    assert says == f"row 5, column 4 of the image: {value:.2f}"
