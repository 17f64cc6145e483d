"""What the explorer of first weights says: whether it is true, for all that can be chosen."""

import pytest

from nnlib.course.explorers.signal import KINDS, UNITS, Way
from tests.explorers.test_signal import experiment_of


def test_chance_in_one_network_is_told_from_the_law():
    seen = set()
    for seed in range(20):
        words = experiment_of(depth=50, seed=seed).words()
        assert "vanishes" not in words
        assert "explodes" not in words
        seen.add("by the law it holds, times 1.00 a layer; chance makes that 0.9" in words)
    assert seen == {True, False}


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
