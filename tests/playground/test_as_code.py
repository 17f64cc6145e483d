"""A run as code and as JSON: both go on exactly as the run itself."""

import contextlib
import io
import json
import random

import numpy as np
import pytest

from nnlib.course.playground import recipe
from nnlib.course.playground.as_code import as_code, plain
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.saved import load, save
from nnlib.course.playground.settings import CLASSES, OPTIMIZERS, OWN, VALUES, Settings

LABELS = "\n".join(f"{i % 4} {i // 4} {'abc'[i % 3]}" for i in range(24))
NUMBERS = "\n".join(f"{i % 4} {i // 4} {i / 7 - 1}" for i in range(24))


def run(code):
    """Execute a cell; return what it has made, and what it has printed."""
    space, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, space)
    return space, printed.getvalue()


def agree(experiment):
    """Run the code of a experiment and compare."""
    space, printed = run(as_code(experiment))
    np.testing.assert_allclose(space["net"].params, experiment.net.params, rtol=0, atol=1e-12)
    X, y = space["F_train"], space["y_train"]
    value = space["loss"].value(space["net"].forward(X), y)
    assert abs(value - experiment.scores()["loss"]) <= 1e-12
    assert f"{experiment.scores()['test_loss']!r}" in printed


def steps(experiment, count):
    for _ in range(count):
        experiment.step()


@pytest.mark.parametrize("data", [*CLASSES, *VALUES])
def test_a_run_as_code_gives_the_same_network(data):
    experiment = Experiment(
        Settings(data=data, classes=4, l1=0.001, features=("x₁", "sin x₂", "x₁x₂"))
    )
    steps(experiment, 47)
    agree(experiment)


@pytest.mark.parametrize("points", [LABELS, NUMBERS])
def test_own_points_are_in_the_code(points):
    experiment = Experiment(Settings(data=OWN, points=points, data_seed=3, train_share=0.7))
    steps(experiment, 20)
    experiment.change(data_seed=4)
    steps(experiment, 20)
    agree(experiment)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_was_changed_in_mid_run_is_in_the_code(optimizer):
    experiment = Experiment(Settings(data="spirals", classes=3, hidden=(6,), activations=("ReLU",)))
    steps(experiment, 17)
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
        steps(experiment, 11)
    agree(experiment)


def test_a_run_that_had_diverged_is_code_without_the_accident():
    experiment = Experiment(
        Settings(data="plane", optimizer="SGD", lr=0.1, hidden=(), activations=())
    )
    steps(experiment, 33)
    experiment.change(lr=20.0)
    while experiment.step():
        pass
    assert experiment.diverged
    experiment.change(lr=0.05)
    steps(experiment, 40)
    agree(experiment)
    assert "20.0" not in as_code(experiment)


def test_random_changes_are_reproduced_and_saved():
    chance = random.Random(0)
    choices = [
        {"lr": 0.03}, {"noise": 0.2}, {"n": 200}, {"hidden": (3, 3)}, {"dropout": 0.3},
        {"dropout": 0.0}, {"hidden": (5, 2)}, {"features": ("x₂", "x₁")}, {"optimizer": "AdamW"},
        {"optimizer": "momentum"}, {"batch_size": 0}, {"batch_size": 7}, {"train_share": 0.8},
    ]  # fmt: skip
    experiment = Experiment(Settings(data="Gaussians", classes=5))
    for _ in range(40):
        experiment.change(**chance.choice(choices))
        steps(experiment, chance.choice([0, 3, 30]))
    agree(experiment)
    agree(load(save(experiment)))


def test_the_code_shows_the_functions_without_annotations():
    assert plain(recipe.circle).startswith("def circle(n, *, noise, rng):")
    assert plain(recipe.circle).endswith("return X + draw.normal(0, noise, (n, 2)), y")
    code = as_code(Experiment())
    assert "def one_step(net, loss, opt, X, y, l1):" in code
    assert "nnlib._" not in code
    assert "carry_over" not in code


@pytest.mark.parametrize(
    "settings", [{}, {"dropout": 0.3, "optimizer": "momentum"}, {"data": "plane"}]
)
@pytest.mark.parametrize("before", [0, 15, 22])
def test_a_saved_run_goes_on_identically(settings, before):
    experiment = Experiment(Settings(**settings))
    steps(experiment, before)
    again = load(save(experiment))
    assert save(again) == save(experiment)
    for run_ in (experiment, again):
        steps(run_, 40)
        run_.change(noise=0.3)
        steps(run_, 10)
    np.testing.assert_array_equal(again.net.params, experiment.net.params)
    assert again.scores() == experiment.scores()
    assert again.history.rows == experiment.history.rows
    agree(again)


def test_a_run_that_has_stopped_is_loaded_as_one():
    experiment = Experiment(Settings(data="spirals", noise=0.5, patience=3, lr=0.1))
    while experiment.step():
        pass
    again = load(save(experiment))
    assert again.ended
    assert again.message == experiment.message
    assert not again.step()
    for run_ in (experiment, again):
        run_.change(lr=0.0)
        while run_.step():
            pass
    assert again.epoch == experiment.epoch
    assert again.message == experiment.message


def test_a_run_that_has_diverged_is_loaded_as_one():
    experiment = Experiment(
        Settings(data="plane", optimizer="SGD", lr=10.0, hidden=(), activations=())
    )
    while experiment.step():
        pass
    again = load(save(experiment))
    assert again.diverged
    assert again.message == experiment.message


def test_the_way_back_is_saved_too():
    experiment = Experiment(Settings(data="hills", dropout=0.1))
    steps(experiment, 100)
    record = experiment.record
    experiment.change(features=("x₁",))
    again = load(save(experiment))
    for run_ in (experiment, again):
        run_.change(features=("x₁", "x₂"))
        assert run_.record == record
        run_.change(lr=1000.0, optimizer="SGD")
        while run_.step():
            pass
    assert again.message == experiment.message
    np.testing.assert_array_equal(again.net.params, experiment.net.params)


def test_a_save_has_the_settings_once_and_then_what_was_changed():
    rng = np.random.default_rng(0)
    points = "\n".join(f"{x} {y} {v}" for x, y, v in rng.normal(size=(2000, 3)).round(6))
    experiment = Experiment(Settings(data=OWN, points=points))
    empty = len(save(experiment))
    for i in range(100):
        experiment.change(lr=0.01 + i / 1000)
        steps(experiment, 1)
    text = save(experiment)
    assert len(text) < empty + 20_000
    assert json.loads(text)["log"][50] == [50, {"lr": 0.01 + 50 / 1000}]
    assert load(text).log == experiment.log


def altered(**changes):
    experiment = Experiment(Settings(dropout=0.1))
    steps(experiment, 20)
    experiment.change(lr=0.02)
    steps(experiment, 20)
    found = json.loads(save(experiment))
    for path, value in changes.items():
        *way, last = path.split("__")
        place = found
        for name in way:
            place = place[int(name) if name.isdigit() else name]
        last = int(last) if last.isdigit() else last
        if value is None:
            del place[last]
        else:
            place[last] = value
    return json.dumps(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("hello", "no JSON"),
        (altered()[:500], "no JSON"),
        ("[" * 10**5, "no JSON"),
        ("[]", "lacks the format"),
        ('{"format": "other"}', "lacks the format"),
        (altered(run__params=None), "run, params: expected a list"),
        (altered(run__params=[1.0, 2.0]), "params: expected 28 weights for these settings, got 2"),
        (altered(run__params=["a"] * 28), "params: expected finite numbers, got 'a'"),
        (altered(run__params=[10**400] * 28), "params: expected finite numbers, got '1000"),
        (altered(run__params=[float("nan")] * 28), "params: expected finite numbers, got 'nan'"),
        (altered(run__params=[1e6] * 28), "params: expected weights below 100000 in size"),
        (altered(run__steps=-1), "steps: expected 0 or more, got -1"),
        (altered(run__steps="7"), "steps: expected a whole number"),
        (altered(run__steps=10**400), "steps: expected 0 or more, got 1000"),
        (altered(run__stops__patience=-3), "patience: expected a whole number"),
        (altered(run__stops={}), "stops: expected patience"),
        (altered(log__0__1__speed=3), "unknown speed"),
        (altered(log__0__1__hidden=None), "missing hidden"),
        (altered(log__0__1__lr=10**400), "lr: expected a number"),
        (altered(log__0__1__hidden=[9, 9]), "params: expected"),
        (altered(log__1__1__data="XOR"), "log: expected the same data"),
        (altered(log__1__1__speed=3), "unknown speed"),
        (altered(run__optimizer__V=None), "state: expected"),
        (altered(run__optimizer__V=[0.0] * 27), "optimizer V: expected 28 numbers"),
        (altered(best__optimizer__M=[0.0]), "best, optimizer M: expected 28 numbers"),
        (altered(run__optimizer__t=1.5), "t: expected a whole number"),
        (altered(run__optimizer__t=10**400), "t: expected 0 or more"),
        (altered(run__shuffling={}), "shuffling: expected the state of a random generator"),
        (altered(run__shuffling__bit_generator="MT"), "shuffling: expected the state"),
        (altered(run__shuffling__state__state=-1), "shuffling: expected the state"),
        (altered(run__dropping=[]), "dropping: expected 2 random states, got 0"),
        (altered(run__dropping=[1, 2]), "dropping: expected the state"),
        (altered(run__taken=999), "run, taken: expected 0 to 14, got 999"),
        (altered(run__record__epoch=99), "epoch: expected 0 to 2, got 99"),
        (altered(run__record__train="a"), "record: expected finite numbers"),
        (altered(run__ending__ended=1), "ended: expected true or false"),
        (altered(run__ending__diverged=True), "diverged: expected false"),
        (altered(run__log=1), "log: expected as much of it as held"),
        (altered(run__log=3), "log: expected 1 to 2, got 3"),
        (altered(log=[]), "log: expected what held"),
        (altered(log=[[3, {}]]), "settings"),
        (altered(log=[3]), "log: expected pairs"),
        (altered(log__1=[50, {"lr": 0.02}]), "log: expected as much of it as held up to step 40"),
        (altered(best=None), "best is missing"),
        (altered(best="worst"), "best: expected names with values"),
        (altered(best__params=[]), "best, params: expected"),
        (altered(before__steps=41), "log: expected"),
        (altered(history__rows=[[1, 2]]), "rows: expected 5 numbers"),
        (altered(history__rows=[[9, 1, 1, 1, 1]]), "rows: expected epochs from 0 to 2, in order"),
        (altered(history__stride=0), "stride: expected 1 or more, got 0"),
        (altered(history={}), "stride is missing"),
    ],
)  # fmt: skip
def test_what_is_no_saved_run_is_refused_in_words(text, message):
    with pytest.raises(ValueError, match=message) as error:
        load(text)
    assert "paste all of what was saved" in str(error.value)
