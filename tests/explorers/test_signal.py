"""The explorer of first weights: what it measures, says and draws."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.explorers import SignalPropagation
from nnlib.course.explorers.signal import (
    KINDS,
    POWERS,
    SLOPE,
    UNITS,
    VARIANCES,
    Experiment,
    N,
    Way,
)
from nnlib.course.kit.numerals import written
from tests.helpers.page import shown
from tests.helpers.shaking import control, status

LAYERS = {
    "ReLU": nn.ReLU,
    "leaky ReLU": lambda: nn.LeakyReLU(SLOPE),
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


@pytest.fixture
def explorer():
    with SignalPropagation() as explorer:
        yield explorer


def experiment_of(**changes):
    experiment = Experiment()
    for name, value in changes.items():
        setattr(experiment, name, value)
    experiment.measure()
    return experiment


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_all_is_as_nnlibs_network_does_it(unit, kind):
    experiment = experiment_of(unit=unit, kind=kind, depth=7, width=10, gain=1.5, seed=3)
    init = {
        "He": nn.initializers.he_normal,
        "He, uniform": nn.initializers.he_uniform,
        "Xavier": nn.initializers.xavier_normal,
        "LeCun": nn.initializers.lecun_normal,
        "orthogonal": nn.initializers.orthogonal,
        "zeros": nn.initializers.zeros,
    }[kind]

    def scaled(rng, shape, dtype):
        return 1.5 * init(rng, shape, dtype)

    pairs = [(nn.Dense(10, 10, init=scaled), LAYERS[unit]()) for _ in range(7)]
    layers = [layer for pair in pairs for layer in pair]
    net = nn.Sequential(*layers, rng=3)
    X, dA = np.random.default_rng(3).normal(size=(2, N, 10))
    A = net.forward(X, train=True)
    assert np.allclose(experiment.outputs[-1], A)
    net.backward(dA)
    assert np.allclose(experiment.net.grads, net.grads)
    Z = experiment.outputs[-2] @ net.layers[-2].W  # the biases are 0
    assert np.isclose(experiment.forward[-1], np.mean(Z**2))
    dZ = LAYERS[unit]()
    assert np.allclose(dZ.forward(Z, train=True), A)
    assert np.isclose(experiment.backward[-1], np.mean(dZ.backward(dA) ** 2))


def test_two_layers_are_what_the_equations_say():
    experiment = experiment_of(depth=2, width=10, gain=1.3)
    X, dA2 = np.random.default_rng(0).normal(size=(2, N, 10))
    W1, W2 = (experiment.net.layers[i].W for i in (0, 2))
    Z1 = X @ W1
    Z2 = np.maximum(Z1, 0) @ W2
    dZ2 = dA2 * (Z2 > 0)
    dZ1 = dZ2 @ W2.T * (Z1 > 0)
    assert np.allclose(experiment.forward, [np.mean(Z1**2), np.mean(Z2**2)])
    assert np.allclose(experiment.backward, [np.mean(dZ1**2), np.mean(dZ2**2)])


def test_weights_have_the_variance_they_are_said_to_have():
    for kind, variance in VARIANCES.items():
        experiment = experiment_of(kind=kind, width=100, depth=5)
        W = experiment.net.params[experiment.net.matrices]
        assert np.isclose(W.var(), variance(100), rtol=0.02, atol=0)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_wide_networks_keep_the_law(unit, gain):
    for kind in ("He", "LeCun", "orthogonal"):
        experiment = experiment_of(unit=unit, kind=kind, gain=gain, width=100, depth=20)
        for measured, law in zip(
            (experiment.forward, experiment.backward), experiment.laws, strict=True
        ):
            assert np.abs(np.log10(measured / law)).max() < 1


def test_the_law_is_that_of_the_lesson():
    forward, backward = experiment_of(kind="He", unit="ReLU").laws
    assert np.allclose(forward, 2)  # E[z²] = 2/d · d · 1, and ReLU takes one half of it
    assert np.allclose(backward, 1 / 2)  # half of what is sent in passes the last ReLU
    forward, backward = experiment_of(kind="LeCun", unit="ReLU", depth=10).laws
    assert np.allclose(forward, 0.5 ** np.arange(10))
    assert np.allclose(backward, 0.5 ** np.arange(10, 0, -1))


def test_half_the_weights_are_exactly_a_quarter_a_layer():
    whole, half = experiment_of(depth=50), experiment_of(depth=50, gain=0.5)
    assert np.array_equal(half.forward, whole.forward / 4.0 ** np.arange(1, 51))
    assert half.backward[0] == whole.backward[0] / 4.0**49


def test_the_gain_needs_no_other_network():
    experiment = experiment_of()
    net = experiment.net
    experiment.gain = 2.0
    experiment.measure()
    assert experiment.net is net
    experiment.seed = 1
    experiment.measure()
    assert experiment.net is not net


def test_dead_units_are_those_that_are_off_for_all_inputs():
    experiment = experiment_of(depth=3, width=10)
    A = experiment.outputs[-1]
    dead = sum(not A[:, j].any() for j in range(10))
    assert experiment.shares[-1] == dead / 10
    assert experiment_of(unit="leaky ReLU").shares.max() == 0
    assert experiment_of(kind="zeros").shares.min() == 1


def test_saturated_outputs_are_those_where_the_slope_is_small_as_in_lesson_02():
    end = np.sqrt(0.99)  # tanh' = 1 − a²; σ′ = a (1 − a), the same for a = (1 + tanh) / 2, over 4
    near = (1 + np.sqrt(0.96)) / 2
    for unit, low, high in (("tanh", -end, end), ("sigmoid", 1 - near, near)):
        experiment = experiment_of(unit=unit, kind="He", gain=3.0, depth=4)
        A = experiment.outputs[-1]
        assert np.isclose(experiment.shares[-1], np.mean((low > A) | (high < A)))
        assert 0.05 < experiment.shares[-1] < 1


def test_each_control_does_what_it_says(explorer):
    pictures, experiment = {shown(explorer)}, explorer.experiment
    for label, value, attribute in (
        ("activation", "tanh", "unit"),
        ("first weights", "LeCun", "kind"),
        ("gain, × std", 1.5, "gain"),
        ("layers", 12, "depth"),
        ("width", 16, "width"),
        ("seed", 7, "seed"),
    ):
        control(explorer, label).value = value
        assert getattr(experiment, attribute) == value
        pictures.add(shown(explorer))
    assert len(pictures) == 7
    fresh = experiment_of(unit="tanh", kind="LeCun", gain=1.5, depth=12, width=16, seed=7)
    assert np.array_equal(experiment.forward, fresh.forward)
    assert np.array_equal(experiment.backward, fresh.backward)
    assert f"{written(fresh.forward[-1])} in layer 12" in status(explorer)


def test_words_tell_what_becomes_of_the_signal(explorer):
    forward, backward = status(explorer).split("Backward")
    assert "it holds" in forward
    assert "it holds" in backward
    control(explorer, "gain, × std").value = 2.0
    forward, backward = status(explorer).split("Backward")
    assert "it explodes, times 3.8" in forward
    assert "it explodes, times 3.9" in backward
    control(explorer, "gain, × std").value = 0.5
    forward, backward = status(explorer).split("Backward")
    assert "it vanishes, times 0.24 a layer" in forward
    assert "it vanishes, times 0.25 a layer" in backward
    control(explorer, "first weights").value = "zeros"
    assert status(explorer).count("nothing at all gets through") == 2
    assert "100% of the units are off for all 100 inputs: dead" in status(explorer)
    control(explorer, "layers").value = 1
    assert "nothing at all" in status(explorer)
    control(explorer, "first weights").value = "He"
    assert status(explorer).count("one layer, nothing to multiply") == 2


def test_a_signal_that_holds_may_hide_a_gradient_that_explodes(explorer):
    """Lesson 07: tanh with twice the weights of He."""
    control(explorer, "activation").value = "tanh"
    control(explorer, "gain, × std").value = 2.0
    forward, backward = status(explorer).split("Backward")
    assert "it holds" in forward
    assert "it explodes" in backward
    assert "of the outputs are saturated" in backward


def test_the_picture_shows_the_numbers(explorer):
    experiment = explorer.experiment
    for line, squares in zip(
        explorer._lines, (experiment.forward, experiment.backward), strict=True
    ):
        assert np.array_equal(line.get_xdata(), np.arange(1, 31))
        assert np.array_equal(line.get_ydata(), squares)
    assert np.array_equal(explorer._share.get_ydata(), 100 * experiment.shares)
    assert [text.get_text() for text in explorer._names] == [
        "layer 1",
        "layer 11",
        "layer 20",
        "layer 30",
    ]
    for gain in (0.25, 3.0):
        control(explorer, "gain, × std").value = gain
        low, high = explorer._ways.get_ylim()
        assert low < min(experiment.forward.min(), experiment.backward.min())
        assert high > max(experiment.forward.max(), experiment.backward.max())


def test_in_narrow_layers_ten_of_the_twenty_seeds_let_nothing_through():
    last = [experiment_of(width=4, seed=seed).forward[-1] for seed in range(20)]
    assert sum(square == 0 for square in last) == 10  # as lesson 07 says


def test_a_zero_is_not_drawn_but_told(explorer):
    control(explorer, "width").value = 4
    first = int(np.flatnonzero(explorer.experiment.forward == 0)[0])
    assert first > 1  # this network dies on the way
    ahead, back = (line.get_ydata() for line in explorer._lines)
    assert np.isfinite(ahead[:first]).all()
    assert np.isnan(ahead[first:]).all()
    assert np.isnan(back).all()
    text = f"Z = 0 in layers {first + 1} to 30, dZ = 0 in layers 1 to 30"
    assert explorer._zeros.get_text() == text
    assert text in status(explorer)
    assert "by the law it holds, times 1.00 a layer; by chance nothing at all" in status(explorer)
    assert explorer._names[3].get_text() == "layer 30: all a = 0"
    control(explorer, "first weights").value = "zeros"
    assert all(np.isnan(line.get_ydata()).all() for line in [*explorer._lines, *explorer._laws])
    assert "chance" not in status(explorer)
    control(explorer, "first weights").value = "LeCun"
    control(explorer, "width").value = 64
    assert explorer._zeros.get_text() == ""


def test_nothing_lies_outside_of_the_picture(explorer):
    for unit, kind, gain in (("ReLU", "LeCun", 0.25), ("ReLU", "He", 3), ("sigmoid", "He", 0.25)):
        control(explorer, "layers").value = 50
        control(explorer, "activation").value = unit
        control(explorer, "first weights").value = kind
        control(explorer, "gain, × std").value = gain
        assert explorer.alert.value == ""
        low, high = explorer._ways.get_ylim()
        for squares in (
            explorer.experiment.forward,
            explorer.experiment.backward,
            *explorer.experiment.laws,
        ):
            assert low < squares.min()
            assert squares.max() < high < 10.0 ** (POWERS[-1] * 1.4)


def test_the_axis_fits_the_data_and_has_room_for_the_legend_above_them(explorer):
    for unit, depth in (("sigmoid", 50), ("ReLU", 30), ("tanh", 3)):
        control(explorer, "activation").value = unit
        control(explorer, "layers").value = depth
        experiment = explorer.experiment
        squares = np.concatenate([experiment.forward, experiment.backward, *experiment.laws])
        low, high = np.log10(explorer._ways.get_ylim())
        least, largest = np.log10([squares.min(), squares.max()])
        share = (largest - least) / (high - low)
        assert share > 0.5 or high - low < 3
        assert (high - largest) / (high - low) > 0.15


def test_plain_numbers_are_written_plainly(explorer):
    assert "Z goes from 2.0 in layer 1" in status(explorer)
    control(explorer, "activation").value = "sigmoid"
    control(explorer, "layers").value = 50
    backward = status(explorer).split("Backward")[1]
    assert "×10⁻" in backward
    assert "e-" not in status(explorer)
    assert "e+" not in status(explorer)


@pytest.mark.parametrize("gain", [0.25, 1, 3])
def test_the_histograms_reach_as_far_as_the_signal(explorer, gain):
    control(explorer, "layers").value = 50
    control(explorer, "gain, × std").value = gain
    for i, layer in enumerate(explorer.experiment.stations()):
        A = explorer.experiment.outputs[layer - 1]
        power = np.log10(A[A > 0])
        values, edges, _ = explorer._bars[i].get_data()
        assert np.mean((edges[0] <= power) & (power <= edges[-1])) > 0.98
        assert abs(edges[np.argmax(values)] - np.median(power)) < 3
        low, high = explorer._histograms[i].get_xlim()
        assert low <= edges[0] < edges[-1] <= high
        assert list(explorer._histograms[i].get_xticks()) == [edges[0], 0, edges[-1]]


def test_the_legend_names_both_laws(explorer):
    legend = explorer._ways.get_legend()
    assert [text.get_text() for text in legend.get_texts()] == [
        "signal →",
        "its law",
        "← gradient",
        "its law",
    ]
    styles = [line.get_linestyle() for line in legend.get_lines()]
    assert styles[1::2] == ["-", "--"]


def test_few_notches_of_the_layers_draw_the_background_anew(explorer):
    drawn = []
    draw = explorer.canvas._agg.draw
    explorer.canvas._agg.draw = lambda: (drawn.append(explorer.experiment.depth), draw())
    for depth in range(1, 51):
        control(explorer, "layers").value = depth
        assert explorer._ways.get_xlim()[1] > depth
    assert len(drawn) < 12


def test_histograms_count_the_outputs(explorer):
    control(explorer, "activation").value = "tanh"
    for i, layer in enumerate(explorer.experiment.stations()):
        values, edges, _ = explorer._bars[i].get_data()
        counts = np.histogram(explorer.experiment.outputs[layer - 1], edges)[0]
        assert edges[0] == -1
        assert edges[-1] == 1
        assert np.allclose(values, counts / counts.max())
    control(explorer, "activation").value = "ReLU"
    values, edges, _ = explorer._bars[0].get_data()
    A = explorer.experiment.outputs[0]
    counts = np.histogram(np.log10(A[A > 0]), edges)[0]
    assert np.allclose(values, counts / counts.max())


def test_a_shallow_network_shows_fewer_layers(explorer):
    control(explorer, "layers").value = 2
    assert [text.get_text() for text in explorer._names] == ["layer 1", "layer 2", "", ""]
    assert explorer._bars[3].get_data()[0].max() == 0


def test_every_pair_of_choices_has_words_and_a_picture(explorer):
    for unit in UNITS:
        control(explorer, "activation").value = unit
        for kind in KINDS:
            control(explorer, "first weights").value = kind
            assert explorer.alert.value == ""
            assert "nan" not in status(explorer)
            assert "inf" not in status(explorer)


# What it says: true for all that can be chosen? ---------------------------------------------


def test_chance_in_one_network_is_told_from_the_law():
    cases = set()
    for seed in range(20):
        words = experiment_of(depth=50, seed=seed).words()
        assert "vanishes" not in words
        assert "explodes" not in words
        cases.add("by the law it holds, times 1.00 a layer; chance makes that 0.9" in words)
    assert cases == {True, False}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": "Xavier", "depth": 3}, "it vanishes, times 0.44 a layer (law: 0.50)"),
        ({"gain": 2.0, "depth": 2}, "it explodes, times 3.87 a layer (law: 4.00)"),
        ({"unit": "sigmoid", "kind": "LeCun", "depth": 2}, "it sinks, times 0.22 a layer"),
        ({"unit": "tanh", "kind": "LeCun", "depth": 2}, "it sinks, times 0.40 a layer (law: 0.39)"),
    ],
)
def test_a_short_network_is_judged_by_its_factor_a_layer(changes, words):
    assert words in experiment_of(**changes).words().split("Backward")[0]


@pytest.mark.parametrize("depth", [3, 30, 50])
def test_a_factor_that_changes_is_no_fate(depth):
    """Lesson 07: tanh with LeCun sinks, but its factors do not go on as they begin."""
    forward = experiment_of(unit="tanh", kind="LeCun", depth=depth).words().split("Backward")[0]
    assert "it sinks, times 0." in forward
    assert "on average (law: more slowly in each layer, from 0.39 to 0." in forward


@pytest.mark.parametrize("width", [4, 64])
@pytest.mark.parametrize("kind", KINDS)
def test_words_are_true_and_short_for_all_choices(kind, width):
    for unit in UNITS:
        for depth in (1, 2, 3, 30, 50):
            experiment = experiment_of(unit=unit, kind=kind, depth=depth, width=width)
            for experiment.gain in (0.25, 1.0, 3.0):
                experiment.measure()
                assert len(experiment.words()) < 450
                check_fate(Way(experiment.forward, experiment.laws[0], experiment.far[0]))
                check_fate(
                    Way(experiment.backward[::-1], experiment.laws[1][::-1], experiment.far[1])
                )


def check_fate(way):
    words, steps = way._between(), len(way.law) - 1
    if not steps or "nothing at all" in words:
        assert not steps or way.measured[-1] == 0
        return
    squares = way.law if "by the law" in words else way.measured
    total = squares[-1] / squares[0]
    factor = total ** (1 / steps)
    fate = next(
        f for f in ("holds", "vanishes", "explodes", "sinks", "grows") if f"it {f}" in words
    )
    assert {
        "holds": 0.8 < factor < 1.2 and 0.05 < total < 20,
        "vanishes": factor < 0.87,
        "explodes": factor > 1.15,
        "sinks": total < 1,
        "grows": total > 1,
    }[fate], words
    if fate in ("vanishes", "explodes"):  # and they would, in a deeper network, too
        assert (way.far < 0.87) == (fate == "vanishes"), words
