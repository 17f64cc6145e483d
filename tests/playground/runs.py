"""Runs of the playground for its tests: how they are made, and what their code has to give."""

import contextlib
import io

import numpy as np

import nnlib as nn
from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.experiment import Experiment, shapes
from nnlib.course.playground.settings import ACTIVATIONS, FEATURES, KNOBS, OWN, Settings


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


POINTS = (
    "".join(f"{i % 4} {i // 4} {'abc'[i % 3]}  # ünï & = : %41 x\n" for i in range(24)),
    "x₁; x₂; y\n" + "\n".join(f"{i % 5}; {i // 4}; {i / 7 - 1}" for i in range(20)),
)


def layers(units, kind="tanh"):
    """Settings of hidden layers, which go together with their activations."""
    kinds = [kind] * len(units) if isinstance(kind, str) else kind
    return {"hidden": tuple(units), "activations": tuple(kinds)}


def any_layers(draw):
    units = [draw.choice([1, 2, 3, 4, 5, 16]) for _ in range(draw.choice([0, 1, 1, 2, 3, 6]))]
    return layers(units, draw.choices(list(ACTIVATIONS), k=len(units)))


def any_value(draw, name):
    """A value of a setting, of all that there are."""
    knob, some = KNOBS[name], {
        "n": draw.randint(20, 60), "points": draw.choice(["", *POINTS]),
        "features": tuple(draw.sample(FEATURES, draw.randint(1, 4))),
        "batch_size": draw.choice([0, 1, 3, 3, 10]), "train_share": draw.uniform(0.05, 0.95),
        "lr": draw.choice([10 ** draw.uniform(-4, 0), 0.0, 30.0, 1000.0]),
        "stop_loss": draw.choice([0.0, 0.1, 0.6]), "stop_epochs": draw.choice([0, 0, 2, 8]),
        "patience": draw.choice([0, 0, 1, 3]),
    }  # fmt: skip
    if name in some:
        return some[name]
    if knob.choices:
        return draw.choice(list(knob.choices))
    whole = isinstance(knob.bounds[0], int)
    return draw.randint(*knob.bounds) if whole else draw.choice([0.0, draw.random() / 3])


def any_change(draw, restart=False):
    """Some settings with new values; of those that begin a new run only if it is asked for."""
    names = [name for name, knob in KNOBS.items() if ("restart" in knob.entails) <= restart]
    names = [name for name in names if name not in ("hidden", "activations")]
    some = {name: any_value(draw, name) for name in draw.sample(names, draw.randint(0, 2))}
    return some | (any_layers(draw) if draw.random() < 0.3 else {})


def any_settings(draw):
    """Settings of which about a half are as at the beginning."""
    names = [name for name in KNOBS if draw.random() < 0.5]
    some = {name: any_value(draw, name) for name in names}
    some |= {"n": any_value(draw, "n"), **any_layers(draw)}
    return Settings(**(some | ({"points": draw.choice(POINTS)} if some.get("data") == OWN else {})))


def any_weight(draw, experiment):
    """A place in the network, and a value for it."""
    places = shapes(experiment.settings, experiment.data.outputs)
    layer = draw.randrange(len(places))
    rows, columns = places[layer]
    value = draw.choice([0.0, draw.gauss(0, 1), draw.gauss(0, 1), draw.gauss(0, 9000)])
    return layer, draw.randrange(-1, rows), draw.randrange(columns), value


def any_run(draw):
    """A run with changes of all kinds."""
    experiment = Experiment(any_settings(draw))
    for _ in range(draw.randint(0, 8)):
        kind = draw.random()
        if kind < 0.35:
            experiment.set_weight(*any_weight(draw, experiment))
        elif kind < 0.45:
            old = experiment.settings
            experiment.change(**any_change(draw))
            experiment.change(**old.as_dict())
        else:
            with contextlib.suppress(ValueError):  # own points, of which there are none
                experiment.change(**any_change(draw, restart=kind > 0.97))
        train(experiment, draw.choice([0, 1, 3, 9]))
    return experiment


def assert_the_code_agrees(experiment):
    """Run the code of a run and compare."""
    space, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(as_code(experiment), space)
    np.testing.assert_array_equal(space["net"].params, experiment.net.params)
    for name, value in experiment.scores().items():
        assert f"'{name.removeprefix('test_')}': {value!r}" in printed.getvalue()


def settings(playground):
    return playground.experiment.settings
