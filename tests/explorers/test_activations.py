"""The explorer of activations: function, slope, and what of a layer is saturated."""

import numpy as np
import pytest

from nnlib.course.explorers import Activations
from nnlib.course.explorers.activations import EDGES, REACH, Experiment, pairs
from tests.helpers.shaking import control, status

NAMES = list(pairs(0.1))


@pytest.fixture
def explorer():
    with Activations() as explorer:
        yield explorer


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.95])
@pytest.mark.parametrize("name", NAMES)
def test_each_slope_is_the_measured_one(name, alpha):
    f, slope = pairs(alpha, 2 * alpha)[name]
    Z = np.linspace(-6, 6, 100)  # without 0, where some have a kink
    assert np.abs(Z).min() > 0.05
    measured = (f(Z + 1e-6) - f(Z - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope(Z), measured, atol=1e-8)


@pytest.mark.parametrize("name", NAMES)
def test_the_point_and_its_slope_are_inside_the_axes_at_every_z(explorer, name):
    control(explorer, "activation").value = name
    for z in (-6, -3.1, 0, 2.9, 4, 6):
        control(explorer, "z").value = z
        low, high = explorer._left.get_ylim()
        a, slope = explorer.experiment.here
        assert low <= a <= high
        assert explorer._point.get_xydata().tolist() == [[z, a]]
        assert explorer._at.get_xydata().tolist() == [[z, slope]]
        x, y = explorer._tangent.get_data()
        assert np.isclose((y[1] - y[0]) / (x[1] - x[0]), slope)
    assert not explorer._point.get_clip_on()


@pytest.mark.parametrize("scale", [0.25, 1, 4, 16])
@pytest.mark.parametrize("name", ["sigmoid", "ReLU", "GELU"])
def test_the_histogram_counts_every_z_where_it_is(explorer, name, scale):
    control(explorer, "activation").value = name
    control(explorer, "size of the z").value = scale
    Z = explorer.experiment.layer
    heights = explorer._flat.get_data().values  # those that pass, and the others on top of them
    assert heights.sum() == pytest.approx(100)
    assert heights.max() < explorer._flat.axes.get_ylim()[1]
    assert heights[0] == pytest.approx(100 * np.mean(Z < -REACH))
    assert heights[-1] == pytest.approx(100 * np.mean(Z > REACH))
    assert heights[1] == heights[-2] == 0  # a gap between the ends and the rest
    inside = heights[2:-2]
    counts = np.histogram(Z, EDGES[2:-2])[0]
    np.testing.assert_allclose(inside, 100 * counts / Z.size)


def test_words_tell_how_many_slopes_are_small_in_size(explorer):
    control(explorer, "activation").value = "GELU"
    experiment = explorer.experiment
    small = np.mean(np.abs(experiment.pair[1](experiment.layer)) < 0.01)
    assert f"{small:.0%} of the slopes are less than 1/100 in size" in status(explorer)
    control(explorer, "activation").value = "sigmoid"
    control(explorer, "z").value = 0
    assert status(explorer).startswith("sigmoid at z = 0.00: a = 0.500, slope 0.250.")


def test_saturation_grows_with_the_size_of_the_z():
    experiment, shares = Experiment(), []
    for experiment.scale in (0.25, 1, 4, 16):
        shares.append(experiment.saturated)
    assert np.all(np.diff(shares) >= 0)
    assert shares[0] == 0
    assert shares[-1] > 0.5


def test_each_alpha_bends_its_own_activation_and_nothing_else(explorer):
    control(explorer, "z").value = -2
    control(explorer, "α of leaky ReLU").value = 0.5
    control(explorer, "α of ELU").value = 2.0
    left = {"leaky ReLU": -1.0, "ELU": 2 * np.expm1(-2), "ReLU": 0.0, "tanh": np.tanh(-2)}
    for name, a in left.items():
        control(explorer, "activation").value = name
        assert explorer.experiment.here[0] == pytest.approx(a)


def test_the_usual_elu_has_no_corner(explorer):
    control(explorer, "activation").value = "ELU"
    _, slope = explorer.experiment.pair
    np.testing.assert_allclose(slope(np.array([-1e-9, 1e-9])), 1)


def test_the_still_picture_shows_saturation_but_not_the_size_that_is_asked_for(explorer):
    experiment = Experiment()
    for experiment.scale, most in ((4, False), (8, True)):
        assert (experiment.saturated > 0.5) is most
    control(explorer, "size of the z").value = 4
    assert 0.2 < explorer.experiment.saturated < 0.3
    np.testing.assert_array_equal(explorer.still(), explorer.picture())
    control(explorer, "size of the z").value = 1
    explorer.still()
    assert explorer._passing.get_data().values.sum() == pytest.approx(100)  # at size 1 all pass
