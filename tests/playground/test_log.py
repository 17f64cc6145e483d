"""A run as a line or as code: done again, it is equal in every bit; what is none is refused."""

import contextlib
import random

import numpy as np
import pytest

from nnlib.course.playground import recipe
from nnlib.course.playground.as_code import as_code, plain
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.line import Replay, written
from nnlib.course.playground.settings import KNOBS, Settings
from tests.playground.runs import any_run, assert_the_code_agrees, layers, train, trained


def replayed(text):
    replay = Replay(text)
    while replay.advance(1.0):
        pass
    return replay.experiment


def bits(value):
    """The same in plain values that are equal if they are so in every bit."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return {key: bits(one) for key, one in value.items() if key != "good"}
    return repr(value)


def assert_same(one, other):
    """The whole state: what is now, the best moment, the curves, what was done and said."""
    states = ([run.checkpoint(), run.good, run.history] for run in (one, other))
    for a, b in zip(*states, strict=True):
        assert bits(vars(a)) == bits(vars(b))
    assert (one.trail, one.ticks, one.ending) == (other.trail, other.ticks, other.ending)


@pytest.mark.parametrize("block", range(10))
def test_random_runs_are_done_again_in_every_bit(block):
    draw, diverged = random.Random(block), 0
    for _ in range(100):
        run = any_run(draw)
        again = replayed(written(run))
        assert_same(again, run)
        diverged += run.ticks > run.steps
        before = run.trail[-2 if len(run.trail) > 1 else -1].settings
        for one in (run, again):  # what was before can be had back
            one.change(**before.as_dict())
        assert_same(again, run)
        for one in (run, again):
            train(one, 20)
        assert_same(again, run)
    assert diverged >= 4


def test_a_line_is_short_and_says_what_was_done():
    eight = layers((8, 8), ("tanh", "leaky ReLU"))
    run = trained(40, data="spirals", lr=0.03, features=("x₁", "x₁x₂"), **eight)
    run.change(lr=0.1, l2=0.001)
    train(run, 80)
    run.set_weight(1, 0, 2, 0.5)
    run.set_weight(2, -1, 1, -1e-5)
    train(run, 280)
    assert written(run) == (
        "nnlib-playground?data=spirals&features=x₁,x₁x₂&hidden=8,8&activations=tanh,leaky%20ReLU"
        "&lr=0.03#40:lr=0.1&l2=0.001#120:w=1.0.2:0.5&b=2.1:-1e-05#400"
    )
    assert written(Experiment()) == "nnlib-playground?#0"


def test_settings_that_are_not_in_a_line_stay_what_they_are_today():
    assert Settings() == Settings(
        data="circle", classes=2, n=300, noise=0.1, train_share=0.5, data_seed=0, points="",
        features=("x₁", "x₂"), hidden=(4, 2), activations=("tanh", "tanh"), init="Xavier", seed=0,
        dropout=0.0, optimizer="Adam", lr=0.01, batch_size=10, l1=0.0, l2=0.0, stop_loss=0.0,
        stop_epochs=0, patience=0,
    ), "old lines leave these out: a new default gives them another meaning"  # fmt: skip


def test_a_line_may_end_an_address_be_escaped_or_broken_by_blanks():
    run = trained(3, features=("x₁²", "sin x₂"), activations=("leaky ReLU", "SiLU"))
    line = written(run)
    escaped, broken = line.replace("x₁²", "x%E2%82%81%C2%B2"), line.replace("&", "&\n ")
    for form in (f" \n{line}\t\n", f"https://some/?nnlib-playground?#{line}", escaped, broken):
        assert_same(replayed(form), run)


def test_a_line_that_was_cut_is_refused_or_a_shorter_run():
    run = trained(7, data="XOR", dropout=0.1)
    run.set_weight(0, 1, 2, 0.25)
    train(run, 10)
    run.change(lr=0.05, activations=("SiLU", "leaky ReLU"))
    train(run, 12)
    line, shorter = written(run), []
    for end in range(len(line)):
        with contextlib.suppress(ValueError):
            again = replayed(line[:end])
            shorter.append(line[:end])
            assert again.trail == run.trail[: len(again.trail)]
    assert shorter == [line.partition("#7")[0] + "#7", line.partition("#17")[0] + "#17"]


BEGUN = "at the beginning, expected name=value"
OLD = '{"format": "nnlib playground 2", "log": [[0, {"data": "circle"}]], "run": {}}'

REFUSED = [
    ("", "This lacks “nnlib-playground?”, with which a saved run begins: paste a line that"),
    (OLD, "This holds weights, as older versions saved them, not what was done: paste a line that"),
    ("?", "after a #, expected a whole number of steps from 0 to 10000000, got ''"),
    ("?#-1", "from 0 to 10000000, got '-1'"),
    ("?#1.0", "from 0 to 10000000, got '1.0'"),
    ("?#10000001", "from 0 to 10000000, got '10000001'"),
    ("?#" + "9" * 5000, "from 0 to 10000000, got '9999"),
    ("?#٣", "from 0 to 10000000, got '٣'"),
    ("?lr=0.1#40:lr=0.2#39", "from 40 to 10000000, got '39'"),
    ("?#40:lr=0.2#40:lr=0.3#50", "from 41 to 10000000, got '40'"),
    ("?#40#50", "at step 40, expected name=value with the name of a setting"),
    ("?speed=3#1", f"{BEGUN} with the name of a setting, got 'speed=3'"),
    ("?lr=0.1&&l2=0#1", BEGUN),
    ("?points#1", BEGUN),
    ("?lr=0.1&lr=0.2#1", "expected each name and each weight once"),
    ("?w=0.0.0:1&w=0.0.0:2#1", "expected each name and each weight once"),
    ("?lr=fast#1", "lr: expected a number from 0 to 1000, got 'fast'"),
    ("?lr=1e999#1", "lr: expected a number from 0 to 1000, got inf"),
    ("?n=1_00#1", "n: expected a whole number from 20 to 2000, got '1_00'"),
    ("?hidden=8,a#1", "hidden: expected a whole number from 1 to 16, got 'a'"),
    ("?features=x1#1", "features: expected one of x₁"),
    ("?features=#1", "features: one has to stay"),
    ("?init=%FF#1", "init: expected text escaped as in an address, got '%FF'"),
    ("?points=5%#1", "points: expected text escaped as in an address, got '5%'"),
    ("?data=own%20points&points=1#1", "at the beginning, line 1: expected x₁"),
    ("?#9:seed=1#9", "at step 9, expected the data, first weights and seed of the beginning"),
    ("?b=2.2:1#1", "a column from 0 to 1, got -1 and 2"),
    ("?w=0.-1.0:1#1", BEGUN),
    ("?w=0.0:1#1", BEGUN),
    ("?w=0.0.0#1", BEGUN),
    ("?w=0.0.0:a#1", "weight: expected a number below 100000 in size, got 'a'"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_no_such_line_is_refused_in_words(text, message):
    with pytest.raises(ValueError, match=r"paste a line that|Paste the whole line, as") as error:
        Replay(f"nnlib-playground{text}" if text.startswith("?") else text)
    assert message in str(error.value)


def test_a_replay_is_over_when_something_else_is_done_with_the_run():
    for done in (
        lambda run: run.change(lr=0.1),
        lambda run: run.step(),
        lambda run: run.start(run.settings),
        lambda run: run.set_weight(0, 0, 0, 1.0),
    ):
        replay = Replay("nnlib-playground?#400")
        assert replay.advance(0.0)
        assert replay.on
        done(replay.experiment)
        assert not replay.on


# As code ------------------------------------------------------------------------------------------


def test_random_runs_are_repeated_by_their_code():
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
