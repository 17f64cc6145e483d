"""A run as code: it goes on exactly as the run itself."""

import random

from nnlib.course.playground import recipe
from nnlib.course.playground.as_code import as_code, plain
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.settings import KNOBS, Settings
from tests.playground.runs import any_run, assert_the_code_agrees, train


def test_random_runs_are_reproduced():
    draw = random.Random(100)
    runs = [any_run(draw) for _ in range(120)]
    entries = [entry for run in runs for entry in run.log]
    for name in ("data", "optimizer", "init"):
        assert {getattr(entry.settings, name) for entry in entries} == {*KNOBS[name].choices}
    assert any(entry.weights for entry in entries)
    assert any(run.ticks > run.steps for run in runs)  # a divergence, which is not in the code
    for run in runs:
        assert_the_code_agrees(run)


def test_changes_and_weights_set_by_hand_are_in_the_code():
    experiment = Experiment(Settings(dropout=0.2))
    experiment.set_weight(0, 1, 2, 0.5)
    train(experiment, 20)
    experiment.change(hidden=(4, 3))
    experiment.set_weight(2, -1, 1, -0.25)
    train(experiment, 20)
    experiment.change(patience=9, noise=0.3, lr=0.1, stop_loss=0.1)
    code = as_code(experiment)
    assert "\n# changed: weights\nnet.layers[0].W[1, 2] = 0.5\ntrain(20)\n" in code
    assert "\n# changed: hidden, weights\n" in code
    assert "\n# changed: lr, noise\n" in code  # in order, and only what training feels
    assert "\nnet.layers[6].b[1] = -0.25\ntrain(20)\n" in code


def test_the_code_shows_the_functions_without_annotations():
    assert plain(recipe.circle).startswith("def circle(n, *, noise, rng):")
    assert plain(recipe.circle).endswith("return X + draw.normal(0, noise, (n, 2)), y")
    code = as_code(Experiment())
    assert "def one_step(net, loss, opt, X, y, l1):" in code
    assert "nnlib._" not in code
    assert "carry_over" not in code
