"""Runs of the playground for its tests: how they are made, and what their code has to give."""

import contextlib
import io
import random

import numpy as np

import nnlib as nn
from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.settings import Settings


def trained(steps, **options):
    experiment = Experiment(Settings(**options))
    train(experiment, steps)
    return experiment


def train(experiment, steps):
    for _ in range(steps):
        experiment.step()


def train_epochs(experiment, epochs):
    end = experiment.epoch + epochs
    while experiment.epoch < end and experiment.step():
        pass


def dense(experiment):
    return [layer for layer in experiment.net.layers if isinstance(layer, nn.Dense)]


def changed_at_random():
    """A run with forty changes, some of them between the same two steps."""
    draw = random.Random(0)
    choices = [
        {"lr": 0.03}, {"noise": 0.2}, {"n": 200}, {"hidden": (3, 3)}, {"dropout": 0.3},
        {"dropout": 0.0}, {"hidden": (5, 2)}, {"features": ("x₂", "x₁")}, {"optimizer": "AdamW"},
        {"optimizer": "momentum"}, {"batch_size": 0}, {"batch_size": 7}, {"train_share": 0.8},
    ]  # fmt: skip
    experiment = Experiment(Settings(data="Gaussians", classes=5))
    for _ in range(40):
        experiment.change(**draw.choice(choices))
        train(experiment, draw.choice([0, 3, 30]))
    return experiment


def execute(code):
    """Execute a cell; return what it has made, and what it has printed."""
    space, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, space)
    return space, printed.getvalue()


def assert_the_code_agrees(experiment):
    """Run the code of a run and compare."""
    space, printed = execute(as_code(experiment))
    np.testing.assert_allclose(space["net"].params, experiment.net.params, rtol=0, atol=1e-12)
    X, y = space["F_train"], space["y_train"]
    value = space["loss"].value(space["net"].forward(X), y)
    assert abs(value - experiment.scores()["loss"]) <= 1e-12
    assert f"{experiment.scores()['test_loss']!r}" in printed


def settings(playground):
    return playground.experiment.settings
