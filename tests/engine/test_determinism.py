"""The same seed, the same result: in every process, in every copy, and whatever others draw.

What a stopped run does is in test_checkpoints.py, other processors in test_other_processors.py.
"""

import copy
import inspect
import json
import os
import pickle
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from benchmarks.machine import thread_variables
from tests.helpers.trainings import DRAWS, IMAGES, TRAININGS, X, bits, report, state, train

ROOT = Path(__file__).parents[2]

each_training = pytest.mark.parametrize("name", TRAININGS)
each_draw = pytest.mark.parametrize("name", DRAWS)


# From process to process ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports():
    """What processes say: three that hash text in their own ways, and one on two threads."""
    kinds = [("0", 1), ("1", 1), ("random", 1), ("0", 2)]
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(kinds, pool.map(said_under, *zip(*kinds, strict=True)), strict=True))


def said_under(seed, threads):
    done = subprocess.run(
        [sys.executable, "-c", "from tests.helpers.trainings import *; print(report())"],
        env=os.environ | thread_variables(threads) | {"PYTHONHASHSEED": seed},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", ["1", "random"])
@pytest.mark.parametrize("what", ["draws", "states", "pickles"])
def test_no_bit_depends_on_the_process(reports, seed, what):
    assert reports[seed, 1][what] == reports["0", 1][what]


@each_training
def test_two_threads_sum_as_one_does_up_to_rounding(reports, name):
    one, two = reports["0", 1], reports["0", 2]
    tolerance = 1e-10 if name != "float32" else 1e-4
    a, b = np.array(two["params"][name]), np.array(one["params"][name])
    assert np.abs(a - b).max() <= tolerance * np.abs(b).max()
    np.testing.assert_allclose(two["losses"][name], one["losses"][name], rtol=tolerance)
    assert (len(one["losses"][name]) < 8) == (name == "early stopping")


# From copy to copy ------------------------------------------------------------------------------


def of_parts(model, tmp_path):
    parts = (model.net, model.loss, model.optimizer, model.classes, model.prepare)
    twin = nn.Model(*map(copy.deepcopy, parts))
    twin._rng, twin.history = copy.deepcopy(model._rng), copy.deepcopy(model.history)
    return twin


def through_a_file(model, tmp_path):
    pytest.importorskip("safetensors")
    model.save(tmp_path / "model.safetensors")
    return nn.Model.load(tmp_path / "model.safetensors")


WAYS = {
    "deepcopy": lambda model, tmp_path: copy.deepcopy(model),
    "pickle": lambda model, tmp_path: pickle.loads(pickle.dumps(model)),
    "deep copies of its parts": of_parts,
    "save and load": through_a_file,
}


@pytest.mark.parametrize("way", WAYS)
@each_training
def test_a_copy_is_the_model_and_goes_on_as_it_does(name, way, tmp_path):
    model = train(name, epochs=2)
    twin = WAYS[way](model, tmp_path)
    assert state(twin) == state(model)
    inputs = IMAGES if name == "cnn" else X
    for _ in range(2):
        train(name, model, epochs=1)
        assert state(twin) != state(model)  # and shares nothing with it
        train(name, twin, epochs=1)
        assert state(twin) == state(model)
        assert bits(model.predict(inputs)) == bits(twin.predict(inputs))
        assert bits(model.predict_proba(inputs)) == bits(twin.predict_proba(inputs))


# Whatever others draw ---------------------------------------------------------------------------


@each_draw
def test_the_seed_decides_what_is_drawn_and_nothing_else_does(name):
    draw = DRAWS[name]
    assert bits(draw(3)) == bits(draw(3)) == bits(draw(np.random.default_rng(3)))
    assert bits(draw(3)) != bits(draw(4))


def takes_rng(part):
    try:
        return callable(part) and "rng" in inspect.signature(part).parameters
    except ValueError:  # some of what is written in C
        return False


def test_every_public_part_that_draws_is_in_the_table():
    from nnlib import plots

    places = {"": nn, "initializers.": nn.initializers, "plots.": plots, "Model.": nn.Model}
    drawing = {
        f"{prefix}{name}"
        for prefix, place in places.items()
        for name, part in vars(place).items()
        if not name.startswith("_") and takes_rng(part)
    }
    assert drawing - {"initializers.zeros", "initializers.generator"} <= DRAWS.keys()
    assert len(drawing) > 12


def refused(*args, **kwargs):
    raise AssertionError("this draws from what all share, or from what nobody can repeat")


@pytest.fixture
def poisoned(monkeypatch):
    """Whoever draws from the global generators, or makes one without a seed, fails."""
    states = np.random.get_state, random.getstate
    before = [repr(get()) for get in states]
    for module, names in ((np.random, np.random.mtrand.__all__), (random, random.__all__)):
        for name in names:
            if not inspect.isclass(getattr(module, name)):
                monkeypatch.setattr(module, name, refused)
    for name in ("default_rng", "SeedSequence"):
        make = getattr(np.random, name)
        seeded = lambda *args, make=make, **kw: make(*args, **kw) if args or kw else refused()  # noqa: E731
        monkeypatch.setattr(np.random, name, seeded)
    yield
    assert [repr(get()) for get in states] == before


def test_the_poison_works(poisoned):
    for draw in (np.random.rand, np.random.seed, np.random.shuffle, random.random, random.shuffle):
        with pytest.raises(AssertionError, match="what all share"):
            draw([1])
    with pytest.raises(AssertionError, match="nobody can repeat"):
        np.random.default_rng()


@each_draw
def test_the_global_generators_are_never_touched(name, poisoned):
    DRAWS[name](0)


@each_training
def test_training_does_not_touch_the_global_generators(name, poisoned, tmp_path):
    model = train(name, epochs=1)
    model.predict(IMAGES if name == "cnn" else X)
    model.summary()
    train(name, pickle.loads(pickle.dumps(model)), epochs=1)
    state(through_a_file(model, tmp_path))


def test_data_are_loaded_without_the_global_generators(poisoned):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    assert bits(nn.load_digits()) == bits(nn.load_digits())


def test_other_draws_do_not_shift_ours():
    before = report()
    np.random.seed(5)  # noqa: NPY002
    np.random.rand(3)  # noqa: NPY002
    random.seed(5)
    assert report() == before
