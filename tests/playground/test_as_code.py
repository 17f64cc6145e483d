"""A run as code: it goes on exactly as the run itself."""

import random

import pytest

from nnlib.course.playground import recipe
from nnlib.course.playground.as_code import as_code, plain
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.settings import CLASSES, OPTIMIZERS, OWN, VALUES, Settings
from tests.playground.runs import any_run, assert_the_code_agrees, changed_at_random, train

LABELS = "\n".join(f"{i % 4} {i // 4} {'abc'[i % 3]}" for i in range(24))


NUMBERS = "\n".join(f"{i % 4} {i // 4} {i / 7 - 1}" for i in range(24))


@pytest.mark.parametrize("data", [*CLASSES, *VALUES])
def test_a_run_as_code_gives_the_same_network(data):
    experiment = Experiment(
        Settings(data=data, classes=4, l1=0.001, features=("x₁", "sin x₂", "x₁x₂"))
    )
    train(experiment, 47)
    assert_the_code_agrees(experiment)


@pytest.mark.parametrize("points", [LABELS, NUMBERS])
def test_own_points_are_in_the_code(points):
    experiment = Experiment(Settings(data=OWN, points=points, data_seed=3, train_share=0.7))
    train(experiment, 20)
    experiment.change(data_seed=4)
    train(experiment, 20)
    assert_the_code_agrees(experiment)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_was_changed_in_mid_run_is_in_the_code(optimizer):
    experiment = Experiment(Settings(data="spirals", classes=3, hidden=(6,), activations=("ReLU",)))
    train(experiment, 17)
    for changed in (
        {"lr": 0.02, "l2": 0.001},
        {"optimizer": optimizer},
        {"dropout": 0.2},
        {"batch_size": 32, "noise": 0.3},
        {"hidden": (6, 4), "activations": ("ReLU", "GELU")},
        {"features": ("x₂", "x₁²")},
        {"l1": 0.0003},
        {"stop_epochs": 900},
    ):
        experiment.change(**changed)
        train(experiment, 11)
    assert_the_code_agrees(experiment)


def test_a_run_that_had_diverged_is_code_without_the_accident():
    experiment = Experiment(
        Settings(data="plane", optimizer="SGD", lr=0.1, hidden=(), activations=())
    )
    train(experiment, 33)
    experiment.change(lr=20.0)
    while experiment.step():
        pass
    assert experiment.diverged
    experiment.change(lr=0.05)
    train(experiment, 40)
    assert_the_code_agrees(experiment)
    assert "20.0" not in as_code(experiment)


def test_random_changes_are_reproduced():
    assert_the_code_agrees(changed_at_random())


@pytest.mark.parametrize("block", range(5))
def test_random_runs_with_weights_set_by_hand_are_reproduced(block):
    draw = random.Random(100 + block)
    runs = [any_run(draw) for _ in range(6)]
    assert any(entry.weights for run in runs for entry in run.log)
    for run in runs:
        assert_the_code_agrees(run)


def test_weights_set_by_hand_are_in_the_code():
    experiment = Experiment(Settings(dropout=0.2))
    experiment.set_weight(0, 1, 2, 0.5)
    train(experiment, 20)
    experiment.change(hidden=(4, 3))
    experiment.set_weight(2, -1, 1, -0.25)
    train(experiment, 20)
    code = as_code(experiment)
    assert "\n# changed: weights\nnet.layers[0].W[1, 2] = 0.5\ntrain(20)\n" in code
    assert "\n# changed: hidden, weights\n" in code
    assert "\nnet.layers[6].b[1] = -0.25\ntrain(20)\n" in code
    assert_the_code_agrees(experiment)


def test_the_code_shows_the_functions_without_annotations():
    assert plain(recipe.circle).startswith("def circle(n, *, noise, rng):")
    assert plain(recipe.circle).endswith("return X + draw.normal(0, noise, (n, 2)), y")
    code = as_code(Experiment())
    assert "def one_step(net, loss, opt, X, y, l1):" in code
    assert "nnlib._" not in code
    assert "carry_over" not in code
