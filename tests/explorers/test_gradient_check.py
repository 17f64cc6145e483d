"""The explorer of gradient checking: what it measures, says and draws."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import GradientCheck
from nnlib.course.explorers.gradient_check import (
    DTYPES,
    METHODS,
    NUDGES,
    Experiment,
    Function,
    _small_network,
    functions,
    network_loss,
)
from nnlib.course.kit.numerals import written
from tests.helpers.page import click, part, shown
from tests.helpers.shaking import control, status

NAMES = list(functions(np.float64))
SMOOTH = [name for name in NAMES if "|" not in name]


@pytest.fixture
def explorer():
    with GradientCheck() as explorer:
        yield explorer


def experiment_of(name, x=1.3, dtype="float64", method="central"):
    experiment = Experiment()
    experiment.name, experiment.x, experiment.dtype, experiment.method = name, x, dtype, method
    experiment.measure()
    return experiment


def error_at(experiment, eps, method):
    return experiment.errors[method][int(np.flatnonzero(eps == NUDGES)[0])]


def test_errors_of_the_cube_are_those_of_the_pencil():
    """At 2: forward 6ε + ε², central ε², complex step ε² (on the other side)."""
    experiment = experiment_of("x³", x=2.0)
    eps = 2.0**-6
    assert np.isclose(error_at(experiment, eps, "forward"), 6 * eps + eps**2)
    assert np.isclose(error_at(experiment, eps, "central"), eps**2)
    assert np.isclose(error_at(experiment, eps, "complex step"), eps**2)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize("x", [-1.7, 0.4, 1.3])
def test_derivatives_are_right(name, x):
    experiment = experiment_of(name, x)
    f, derivatives = experiment.function.f, experiment.derivatives
    assert np.isclose(derivatives[0], nn.numerical_gradient(lambda t: float(f(t)), x), atol=1e-8)
    for order in (1, 2):

        def lower(t, order=order):
            return experiment.function.derivatives(float(t))[order - 1]

        slope = nn.numerical_gradient(lower, x)
        assert np.isclose(derivatives[order], slope, rtol=1e-4, atol=1e-4)


def test_the_network_is_measured_as_nnlib_does_it():
    net, X, y = _small_network(np.float64)
    loss = nn.SoftmaxCrossEntropy()
    experiment = experiment_of("loss of a network", x=-0.4)
    net.params[0] = -0.4
    value, dZ = loss.value_and_grad(net.forward(X, train=True), y)
    net.backward(dZ)
    assert experiment.derivatives[0] == net.grads[0]
    assert np.isclose(experiment.value, value)
    assert nn.check_gradients(net, loss, X, y).ok
    assert min(experiment.errors["central"]) < 1e-11


def test_the_complex_loss_is_the_networks_own():
    for dtype in DTYPES.values():
        f = network_loss(dtype).f
        digits = 1e-14 if dtype is np.float64 else 1e-6
        assert abs(f(dtype(0.7)) - f(np.result_type(dtype, np.complex64).type(0.7))) < digits


@pytest.mark.parametrize("name", SMOOTH)
def test_the_arms_of_the_v_have_the_slopes_of_the_lesson(name):
    for method, steep in (("forward", 1), ("central", 2)):
        left, right = experiment_of(name, 1.3, method=method).arms()
        assert abs(right - steep) < 0.15
        assert abs(left - -1) < 0.25  # rounding is a matter of luck
    left, right = experiment_of(name, 1.3, method="complex step").arms()
    assert left is None
    assert abs(right - 2) < 0.15


def every_v():
    """All that the explorer can show of functions without a kink."""
    for name in SMOOTH:
        for dtype in DTYPES:
            for place in range(-20, 21):
                experiment = experiment_of(name, place / 10, dtype)
                for experiment.method in METHODS:
                    yield experiment


def test_a_slope_that_is_told_is_that_of_many_points_along_a_line():
    count = 0
    for experiment in every_v():
        errors = experiment.errors[experiment.method]
        both = zip(experiment.sides(), experiment.arms(), ([-1], [1, 2]), strict=True)
        for side, slope, powers in both:
            points = side & (errors > 0)
            if slope is not None:
                count += 1
                assert points.sum() >= 7
                assert min(abs(slope - power) for power in powers) < 0.26
    assert count > 800


def test_no_sentence_is_disproved_by_the_numbers():
    for experiment in every_v():
        errors, words = experiment.errors[experiment.method], experiment.words()
        left, right = experiment.sides()
        if "too short" in words:
            assert min(np.sum(left), np.sum(right)) < 7
        if "exactly 0" in words:
            assert np.sum(errors[left] == 0) > np.sum(left) / 2
        elif experiment.method != "complex step" and experiment.value:
            assert np.mean(errors[left] == 0) < 0.5
        if "as derived" in words:
            assert experiment.best[1] < 1.1 * experiment.theory(experiment.method).min()


@pytest.mark.parametrize("name", ["x³", "sin x"])
def test_where_f_does_not_curve_the_forward_error_falls_with_the_square(name):
    experiment = experiment_of(name, 0.0, method="forward")
    assert np.isclose(experiment.arms()[1], 2, atol=0.02)
    assert (
        "the right arm has slope 2.0 (curvature), no left arm, for f(x) is 0" in experiment.words()
    )
    eps = 2.0**-6
    derived = experiment.theory("forward")[list(NUDGES).index(eps)]
    assert np.isclose(error_at(experiment, eps, "forward"), derived, rtol=1e-3)


@pytest.mark.parametrize("method", ["forward", "central"])
def test_numbers_that_are_short_in_binary_have_no_left_arm_and_it_is_said_why(method):
    for x in (-2, -1.5, -1, -0.5, 0.5, 1, 1.5, 2):
        words = experiment_of("x³", x, method=method).words()
        assert "exactly 0, for f(x) ± f′(x) ε is a short binary" in words
    assert "exactly 0" in experiment_of("eˣ", 0, method=method).words()
    assert "exactly 0" not in experiment_of("x³", 1.4, method=method).words()


def test_an_arm_of_few_points_has_no_slope():
    for x in (1.0, 1.1, -0.2):
        experiment = experiment_of("loss of a network", x, "float32", "forward")
        assert experiment.arms()[1] is None
        assert "the right arm is too " in experiment.words()
    uneven = experiment_of("sin x", 0.5, "float32", "forward")
    assert "the right arm has slope 1.0 (curvature), the left one is too uneven" in uneven.words()
    assert "no right arm" not in "".join(experiment.words() for experiment in every_v())


@pytest.mark.parametrize("name", SMOOTH)
def test_the_best_nudge_lies_where_the_theory_says(name):
    for dtype in DTYPES:
        for method in ("forward", "central"):
            experiment = experiment_of(name, 1.3, dtype, method)
            theory = experiment.theory(method)
            eps, error = experiment.best
            assert 1 / 64 < eps / NUDGES[theory.argmin()] < 64
            assert error < 2 * theory.min()
            assert error == experiment.errors[method].min()


def test_float32_moves_the_v_up_and_to_the_right():
    wide, narrow = experiment_of("eˣ", dtype="float32"), experiment_of("eˣ", dtype="float64")
    assert wide.best[0] > 100 * narrow.best[0]
    assert wide.best[1] > 1e4 * narrow.best[1]
    assert wide.u == 2.0**-24
    assert narrow.u == 2.0**-53


def test_all_is_really_done_in_float32():
    dtypes = set()

    def f(x):
        dtypes.add(np.asarray(x).dtype.name)
        return x

    experiment = experiment_of("x³", dtype="float32")
    experiment.function = Function(f, lambda x: (1, 0, 0))
    for method in METHODS:
        experiment.slope(method, 0.5)
    assert dtypes == {"float32", "complex64"}


def test_a_nudge_that_is_lost_measures_the_slope_zero():
    experiment = experiment_of("x³")
    experiment.eps = float(NUDGES[0])
    assert experiment.lost
    assert experiment.present == experiment.derivatives[0]
    assert "rounded back to x" in experiment.words()
    experiment.method = "complex step"
    assert not experiment.lost
    assert experiment.present < 1e-14


def test_a_nudge_that_f_does_not_notice_is_lost_too():
    experiment = experiment_of("|x − 1.001|", 0.0, "float32", "central")
    experiment.eps = 2.0**-30
    x, eps = experiment.here, np.float32(experiment.eps)
    assert x + eps != x
    assert experiment.function.f(x + eps) == experiment.function.f(x - eps)
    assert "(ε is lost: f does not change, for it is rounded)" in experiment.words()
    experiment.eps = 2.0**-10
    assert "lost" not in experiment.words()
    assert "The kink is 1.001 away" in experiment.words()


def test_a_kink_is_noticed_only_by_nudges_that_reach_it():
    experiment = experiment_of("|x − 1.001|", x=1.0)
    assert error_at(experiment, 2.0**-12, "central") < 1e-12
    eps, gap = 2.0**-4, 0.001
    assert np.isclose(error_at(experiment, eps, "central"), 1 - gap / eps)
    assert np.all(experiment.errors["complex step"] == 1)
    assert "The kink is 0.001 away" in experiment.words()
    experiment.method = "complex step"
    assert "a real number" in experiment.words()


def test_each_control_does_what_it_says(explorer):
    experiment, pictures = explorer.experiment, {shown(explorer)}
    for label, value, attribute in (
        ("function f", "eˣ", "name"),
        ("difference", "forward", "method"),
        ("numbers", "float32", "dtype"),
        ("place x", -0.5, "x"),
        ("nudge ε", float(2.0**-30), "eps"),
    ):
        control(explorer, label).value = value
        assert getattr(experiment, attribute) == value
        pictures.add(shown(explorer))
    assert len(pictures) == 6
    fresh = experiment_of("eˣ", -0.5, "float32")
    assert all(np.array_equal(experiment.errors[m], fresh.errors[m]) for m in METHODS)
    assert "Forward for eˣ at x = -0.5 in float32: at ε = 9.3e-10" in status(explorer)


def test_words_tell_the_v(explorer):
    assert "the best nudge here is 3.8e-06, with 7.0e-12" in status(explorer)
    assert "the right arm has slope 2.0 (curvature), the left one −1.0 (rounding)" in status(
        explorer
    )
    assert "as derived, the bottom lies near 3.8e-06, at about 8e-11 or less" in status(explorer)
    control(explorer, "difference").value = "complex step"
    assert "no left arm, for nothing is subtracted" in status(explorer)


def test_the_picture_shows_the_numbers(explorer):
    experiment = explorer.experiment
    assert np.array_equal(explorer._points["forward"].get_ydata(), experiment.errors["forward"])
    assert explorer._now.get_xydata().tolist() == [[experiment.eps, experiment.present]]
    assert explorer._best.get_xydata().tolist() == [list(experiment.best)]
    assert np.array_equal(explorer._lines["central"].get_ydata(), experiment.theory("central"))


def test_the_complex_step_is_drawn_once_it_is_chosen(explorer):
    drawn = (explorer._points["complex step"], explorer._lines["complex step"])
    place = explorer.canvas.at(explorer._chart, 2.0**-30, 1e-6)
    shown(explorer)
    assert not any(artist.get_visible() for artist in drawn)
    assert "complex" not in part(explorer, "the errors").tells(*place)
    control(explorer, "difference").value = "complex step"
    shown(explorer)
    assert all(artist.get_visible() for artist in drawn)
    assert "complex step " in part(explorer, "the errors").tells(*place)


def test_no_line_is_drawn_for_a_function_with_a_kink(explorer):
    assert np.isfinite(explorer._lines["central"].get_ydata()).all()
    control(explorer, "function f").value = "|x − 1.001|"
    assert all(np.isnan(line.get_ydata()).all() for line in explorer._lines.values())
    assert "No lines" in status(explorer)


def test_the_legend_tells_what_lies_at_the_bottom(explorer):
    control(explorer, "place x").value = 0
    assert 0 < explorer.experiment.best[1] < 1e-18
    legend = [text.get_text() for text in explorer.canvas.figure.legends[0].get_texts()]
    assert "points at the bottom:\n0, or below 10⁻¹⁸" in legend


def test_at_zero_nothing_is_said_that_is_not_there(explorer):
    control(explorer, "place x").value = 0
    for name in NAMES:
        control(explorer, "function f").value = name
        for method in METHODS:
            control(explorer, "difference").value = method
            assert explorer.alert.value == ""
            assert "nan" not in status(explorer)
            assert "inf" not in status(explorer)


def test_a_click_into_the_picture_chooses_the_nudge_and_reads_the_errors(explorer):
    place = explorer.canvas.at(explorer._chart, 1.1 * 2.0**-30, 1e-6)
    click(explorer, *place)
    assert explorer.experiment.eps == control(explorer, "nudge ε").value == 2.0**-30
    errors = explorer.experiment.errors
    i = list(NUDGES).index(2.0**-30)
    says = part(explorer, "the errors").tells(*place)
    assert says.startswith("ε = 9.3×10⁻¹⁰, errors: forward ")
    assert f"central {written(errors['central'][i])}" in says
