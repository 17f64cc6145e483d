"""The explorer of softmax: what it computes, says and draws."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import Softmax
from nnlib.course.explorers.softmax import SHIFT, TEMPERATURES, Experiment
from tests.helpers.page import click, part, shown, type_over
from tests.helpers.shaking import control, status


@pytest.fixture
def explorer():
    with Softmax() as explorer:
        yield explorer


def test_probabilities_and_loss_are_those_of_the_pencil():
    experiment = Experiment()
    experiment.logits, experiment.y = np.log([1.0, 2.0, 3.0, 6.0]).tolist(), 2
    assert np.allclose(12 * experiment.P, [1, 2, 3, 6])
    loss, forces = experiment.loss_and_forces
    assert np.isclose(loss, np.log(4))
    assert np.allclose(12 * forces, [-1, -2, 9, -6])


@pytest.mark.parametrize("T", TEMPERATURES)
def test_the_temperature_divides_the_logits_and_forces_always_sum_to_zero(T):
    experiment = Experiment()
    experiment.T, experiment.y = T, 1
    Z = np.array([experiment.logits])
    assert np.allclose(experiment.P, nn.softmax(Z / T)[0])
    loss, forces = experiment.loss_and_forces
    assert np.isclose(loss, -nn.log_softmax(Z / T)[0, 1])
    assert np.allclose(forces, np.eye(4)[1] - experiment.P)
    assert abs(forces.sum()) < 1e-12


def test_the_forces_are_the_measured_slopes_of_the_loss():
    experiment = Experiment()
    Z = np.array([experiment.logits])
    slopes = nn.numerical_gradient(lambda Z: -nn.log_softmax(Z)[0, experiment.y], Z)
    assert nn.relative_error(experiment.loss_and_forces[1], -slopes[0]) < 1e-8


def test_a_slider_moves_its_own_logit(explorer):
    for j, value in enumerate((-6, -0.3, 1.2, 6)):
        control(explorer, f"logit of class {j}").value = value
    assert explorer.experiment.logits == [-6, -0.3, 1.2, 6]
    assert "probability 6.08e-06" in status(explorer)


def test_the_true_class_decides_the_price_and_the_one_force_that_pulls_up(explorer):
    before = shown(explorer)
    control(explorer, "true class y").value = 3
    assert explorer.experiment.y == 3
    assert "true class 3 gets the probability 0.686, so the loss is 0.376" in status(explorer)
    assert "−0.25, −0.06, 0.00, +0.31; their sum is 0.00" in status(explorer)
    assert shown(explorer) != before


def test_adding_a_hundred_to_every_logit_changes_the_axis_and_nothing_else(explorer):
    experiment, before, words = explorer.experiment, shown(explorer), status(explorer)
    P, (loss, forces), Z = experiment.P, experiment.loss_and_forces, experiment.Z
    switch = control(explorer, "add 100 to every logit")
    switch.value = True
    assert np.allclose(experiment.Z, Z + SHIFT)
    assert np.allclose(experiment.P, P)
    assert np.isclose(experiment.loss_and_forces[0], loss)
    assert np.allclose(experiment.loss_and_forces[1], forces)
    assert status(explorer).startswith(words)
    assert "Adding 100 to every logit has changed their axis, and nothing else" in status(explorer)
    assert explorer._logits.get_ylim() == (89.2, 110.8)
    assert shown(explorer) != before
    switch.value = False
    assert shown(explorer) == before


def test_words_tell_what_a_small_temperature_does(explorer):
    control(explorer, "temperature T").value = 0.05
    assert "T → 0: softmax becomes a maximum, class 3 takes nearly all" in status(explorer)
    assert "probability 2.06e-09, so the loss is 20" in status(explorer)  # (3 − 2) / 0.05
    control(explorer, "logit of class 0").value = 3
    assert "classes 0 and 3 share it evenly" in status(explorer)
    assert np.allclose(explorer.experiment.P, [0.5, 0, 0, 0.5])


def test_a_probability_too_small_for_a_float_has_its_power_of_ten(explorer):
    for j, z in enumerate((6, -6, 6, -6)):
        control(explorer, f"logit of class {j}").value = z
    control(explorer, "true class y").value = 1
    control(explorer, "temperature T").value = 0.01
    assert explorer.experiment.P[1] == 0
    loss = 1200 + np.log(2)
    assert f"the probability {10 ** (522 - loss / np.log(10)):.2f}e-522, so" in status(explorer)


def test_the_force_on_the_logit_itself_is_told_for_every_temperature(explorer):
    for T in (0.01, 0.5, 2, 1000):
        control(explorer, "temperature T").value = T
        assert "The force on Z itself is 1/T of these." in status(explorer)


def test_equal_and_close_logits_are_no_question_of_a_large_temperature(explorer):
    for j in range(4):
        control(explorer, f"logit of class {j}").value = 0
    for T in (0.01, 1000):
        control(explorer, "temperature T").value = T
        assert "Of equal logits, each class gets 1/4, whatever T." in status(explorer)
        assert "∞" not in status(explorer)


def test_no_force_is_written_over_the_title_or_the_axis(explorer):
    control(explorer, "temperature T").value = 0.01
    for logits, y in (((5.9, 6, 6, -6), 0), ((-6, -5.9, -6, -6), 0), ((6, -6, -6, -6), 1)):
        for j, z in enumerate(logits):
            control(explorer, f"logit of class {j}").value = z
        control(explorer, "true class y").value = y
        frame = explorer._logits.get_window_extent()
        for text in explorer._pulls:
            box = text.get_window_extent()
            assert frame.y0 <= box.y0
            assert box.y1 <= frame.y1


def test_words_tell_what_a_large_temperature_does(explorer):
    control(explorer, "temperature T").value = 1000
    assert "T → ∞" in status(explorer)
    assert "about log 4 = 1.39" in status(explorer)
    assert np.allclose(explorer.experiment.P, 1 / 4, atol=2e-3)


def test_words_tell_what_lies_between(explorer):
    control(explorer, "temperature T").value = 0.5
    assert "sharper" in status(explorer)
    control(explorer, "temperature T").value = 2
    assert "flatter" in status(explorer)
    control(explorer, "temperature T").value = 1
    assert "T" not in status(explorer).replace("The", "")


def test_the_picture_shows_the_numbers(explorer):
    explorer.picture()
    assert np.allclose([bar.get_height() for bar in explorer._bars], explorer.experiment.P)
    assert [bar.get_hatch() for bar in explorer._bars] == ["//", "", "", ""]
    assert explorer._shares[0].get_text() == "true\n0.253"
    assert explorer._price.get_xydata().tolist() == [
        [explorer.experiment.P[0], explorer.experiment.loss_and_forces[0]]
    ]
    tips = [segment[1, 1] for segment in explorer._shafts.get_segments()]
    assert np.allclose(tips, explorer.experiment.Z + 3 * explorer.experiment.loss_and_forces[1])


def test_a_price_beyond_the_axis_stays_in_the_picture_and_points_up(explorer):
    assert explorer._price.get_marker() == "D"
    control(explorer, "temperature T").value = 0.01
    assert explorer._price.get_ydata() == [6.5]
    assert explorer._price.get_marker() == "^"
    assert explorer._cost.get_text() == "100"


# The picture that answers --------------------------------------------------------------------


@pytest.mark.parametrize("shifted", [False, True])
def test_a_logit_is_pulled_and_stays_within_its_slider(explorer, shifted):
    control(explorer, f"add {SHIFT:g} to every logit").value = shifted
    dot = part(explorer, "the logit of class 1")
    dot.drag(*explorer.canvas.at(explorer._logits, 1, -3.42 + SHIFT * shifted))
    assert explorer.experiment.logits[1] == control(explorer, "logit of class 1").value == -3.4
    x, y = part(explorer, dot.name).centre
    assert explorer.canvas.data(explorer._logits, x, y) == pytest.approx(
        (1, -3.4 + SHIFT * shifted)
    )
    dot.drag(x, y + 500)
    assert explorer.experiment.logits[1] == -6.0


def test_a_logit_is_typed_and_one_too_large_is_explained(explorer):
    type_over(explorer, "the logit of class 2", "1.23")
    assert explorer.experiment.logits[2] == control(explorer, "logit of class 2").value == 1.2
    type_over(explorer, "the logit of class 2", "-9")
    assert "expected a number from −6 to 6, got -9. It stays 1.2" in explorer.alert.value
    assert explorer.experiment.logits[2] == 1.2
    type_over(explorer, "the logit of class 2", "6")
    assert explorer.alert.value == ""
    assert explorer.experiment.logits[2] == 6.0


def test_a_click_on_a_bar_makes_its_class_the_true_one(explorer):
    click(explorer, *explorer.canvas.at(explorer._probabilities, 2, 0.5))
    assert explorer.experiment.y == control(explorer, "true class y").value == 2
    P = explorer.experiment.P
    says = [part(explorer, f"the probability of class {j}").tells(0, 0) for j in range(4)]
    assert all(text.startswith(f"P[{j}] = {P[j]:.3g};") for j, text in enumerate(says))
