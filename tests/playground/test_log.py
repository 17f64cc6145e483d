"""A run as a line: done again, it is equal in every bit; what is no such line is refused."""

import contextlib
import random
from dataclasses import fields

import numpy as np
import pytest

from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.line import MOST_STEPS, Replay, read, written
from nnlib.course.playground.log import Entry, stretches
from nnlib.course.playground.settings import ACTIVATIONS, OWN, Settings
from tests.playground.runs import POINTS, any_run, any_value, train, trained


def replayed(text):
    replay = Replay(text)
    while replay.advance(1.0):
        pass
    return replay.experiment


def plain(value):
    """The same in plain values that are equal if they are so in every bit."""
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items() if key != "good"}
    return repr(value)


def assert_same(one, other):
    """The whole state: what is now, the best moment, the curves, what was done and said."""
    assert plain(vars(one.checkpoint())) == plain(vars(other.checkpoint()))
    assert plain(vars(one.good)) == plain(vars(other.good))
    assert plain(vars(one.history)) == plain(vars(other.history))
    assert (one.trail, one.ticks, one.ending) == (other.trail, other.ticks, other.ending)


@pytest.mark.parametrize("block", range(5))
def test_random_runs_are_done_again_in_every_bit(block):
    draw, diverged = random.Random(block), 0
    for _ in range(200):
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
    assert diverged >= 10


def test_a_line_is_short_and_says_what_was_done():
    layers = {"hidden": (8, 8), "activations": ("tanh", "leaky ReLU")}
    run = trained(40, data="spirals", lr=0.03, features=("x₁", "x₁x₂"), **layers)
    run.change(lr=0.1, l2=0.001)
    train(run, 80)
    run.set_weight(1, 0, 2, 0.5)
    run.set_weight(2, -1, 1, -1e-5)
    train(run, 280)
    line = written(run)
    assert line == (
        "nnlib-playground?data=spirals&features=x₁,x₁x₂&hidden=8,8&activations=tanh,leaky%20ReLU"
        "&lr=0.03#40:lr=0.1&l2=0.001#120:w=1.0.2:0.5&b=2.1:-1e-05#400"
    )
    assert len(line.encode()) < 500
    assert written(Experiment()) == "nnlib-playground?#0"


def test_settings_that_are_not_in_a_line_stay_what_they_are_today():
    assert Settings() == Settings(
        data="circle", classes=2, n=300, noise=0.1, train_share=0.5, data_seed=0, points="",
        features=("x₁", "x₂"), hidden=(4, 2), activations=("tanh", "tanh"), init="Xavier", seed=0,
        dropout=0.0, optimizer="Adam", lr=0.01, batch_size=10, l1=0.0, l2=0.0, stop_loss=0.0,
        stop_epochs=0, patience=0,
    ), "old lines leave these out: a new default gives them another meaning"  # fmt: skip


@pytest.mark.parametrize("name", [f.name for f in fields(Settings)])
def test_every_setting_comes_back(name):
    draw = random.Random(name)
    own = {"data": OWN, "points": POINTS[1]}
    for _ in range(10):
        value = (draw.randint(1, 16), 3) if name == "hidden" else any_value(draw, name)
        if name == "activations":
            value = tuple(draw.choices(list(ACTIVATIONS), k=2))
        some = own if name in ("data", "points") and value in (OWN, *POINTS) else {}
        run = Experiment(Settings(**(some | {name: value})))
        assert read(written(run)) == (run.trail, 0)


@pytest.mark.parametrize("hidden", [(), (1,), (16,) * 6])
def test_all_layers_come_back(hidden):
    run = Experiment(Settings(hidden=hidden, activations=("ELU",) * len(hidden)))
    assert replayed(written(run)).settings == run.settings


def test_a_line_may_end_an_address_be_escaped_or_broken_by_blanks():
    run = trained(3, features=("x₁²", "sin x₂"), activations=("leaky ReLU", "SiLU"))
    line = written(run)
    forms = (
        f"  \n{line}\t\n",
        f"https://somewhere/?nnlib-playground?#{line}",
        line.replace("x₁²", "x%E2%82%81%C2%B2"),
        line.replace("&", "&\n "),
    )
    for form in forms:
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


OLD = '{"format": "nnlib playground 2", "log": [[0, {"data": "circle"}]], "run": {}}'

REFUSED = [
    ("", "This lacks “nnlib-playground?”, with which a saved run begins: paste a line"),
    ("hello", "This lacks “nnlib-playground?”"),
    (OLD, "This holds weights, as older versions saved them, not what was done: paste a line"),
    ("nnlib-playground?", "after a #, expected a whole number of steps from 0 to 10000000, got ''"),
    ("nnlib-playground?#", "after a #, expected a whole number of steps from 0"),
    ("nnlib-playground?#-1", "from 0 to 10000000, got '-1'"),
    ("nnlib-playground?#1.0", "from 0 to 10000000, got '1.0'"),
    ("nnlib-playground?#10000001", "from 0 to 10000000, got '10000001'"),
    ("nnlib-playground?#" + "9" * 5000, "from 0 to 10000000, got '9999"),
    ("nnlib-playground?#٣", "from 0 to 10000000, got '٣'"),
    ("nnlib-playground?lr=0.1#40:lr=0.2#39", "from 40 to 10000000, got '39'"),
    ("nnlib-playground?#40:lr=0.2#40:lr=0.3#50", "from 41 to 10000000, got '40'"),
    ("nnlib-playground?#0:lr=0.2#50", "from 1 to 10000000, got '0'"),
    ("nnlib-playground?#40#50", "at step 40, expected name=value with the name of a setting"),
    ("nnlib-playground?#40:#50", "at step 40, expected name=value"),
    ("nnlib-playground?speed=3#1", "at the beginning, expected name=value with the name of a"),
    ("nnlib-playground?lr=0.1&&l2=0#1", "at the beginning, expected name=value"),
    ("nnlib-playground?points#1", "at the beginning, expected name=value"),
    ("nnlib-playground?lr=0.1&lr=0.2#1", "expected each name and each weight once"),
    ("nnlib-playground?w=0.0.0:1&w=0.0.0:2#1", "expected each name and each weight once"),
    ("nnlib-playground?lr=fast#1", "lr: expected a number from 0 to 1000, got 'fast'"),
    ("nnlib-playground?lr=nan#1", "lr: expected a number from 0 to 1000, got 'nan'"),
    ("nnlib-playground?lr=1e999#1", "lr: expected a number from 0 to 1000, got inf"),
    ("nnlib-playground?lr=-0.1#1", "lr: expected a number from 0 to 1000, got -0.1"),
    ("nnlib-playground?n=30.5#1", "n: expected a whole number from 20 to 2000, got 30.5"),
    ("nnlib-playground?n=1_00#1", "n: expected a whole number from 20 to 2000, got '1_00'"),
    ("nnlib-playground?data=spiral#1", "data: expected one of circle"),
    ("nnlib-playground?hidden=8,a#1", "hidden: expected a whole number from 1 to 16, got 'a'"),
    ("nnlib-playground?hidden=8#1", "hidden: expected 0 to 6 layers with an activation each"),
    ("nnlib-playground?features=x1#1", "features: expected one of x₁"),
    ("nnlib-playground?features=#1", "features: one has to stay"),
    ("nnlib-playground?init=%FF#1", "init: expected text escaped as in an address, got '%FF'"),
    ("nnlib-playground?points=5%#1", "points: expected text escaped as in an address, got '5%'"),
    ("nnlib-playground?data=own%20points&points=1#1", "at the beginning, line 1: expected x₁"),
    ("nnlib-playground?#9:data=XOR#9", "at step 9, expected the data, first weights and seed of"),
    ("nnlib-playground?#9:seed=1#9", "at step 9, expected the data, first weights and seed of"),
    ("nnlib-playground?w=3.0.0:1#1", "weight: expected a layer from 0 to 2, got 3"),
    ("nnlib-playground?w=0.2.0:1#1", "weight: expected in layer 0 a row from 0 to 1"),
    ("nnlib-playground?b=2.2:1#1", "a column from 0 to 1, got -1 and 2"),
    ("nnlib-playground?w=0.-1.0:1#1", "at the beginning, expected name=value"),
    ("nnlib-playground?w=0.0:1#1", "at the beginning, expected name=value"),
    ("nnlib-playground?w=0.0.0#1", "at the beginning, expected name=value"),
    ("nnlib-playground?w=0.0.0:a#1", "weight: expected a number below 100000 in size, got 'a'"),
    ("nnlib-playground?w=0.0.0:1e5#1", "weight: expected a number below 100000 in size"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_no_such_line_is_refused_in_words(text, message):
    with pytest.raises(ValueError, match=r"(paste a line that|Paste the whole line, as)") as error:
        Replay(text)
    assert message in str(error.value)


def test_a_run_that_ends_before_its_line_says_so_and_is_left_there():
    line = "nnlib-playground?stop_epochs=2#30:lr=0.1#40"
    replay = Replay(line)
    message = r"The run ended in step 30, and the line goes on to step 40: .* Go on from here"
    with pytest.raises(ValueError, match=message):
        replay.advance(9.0)
    assert replay.experiment.ended
    assert not replay.on
    replay.experiment.change(stop_epochs=0)
    assert replay.experiment.step()


def test_a_run_of_too_many_steps_is_not_written():
    run = trained(2)
    run.ticks = MOST_STEPS + 1
    with pytest.raises(ValueError, match="has taken 10,000,001 steps, and at most 10,000,000"):
        written(run)
    assert "train(2)" in as_code(run)
    run.ticks = MOST_STEPS
    assert written(run).endswith("#10000000")


def test_a_replay_is_over_when_something_else_is_done_with_the_run():
    line = written(trained(400))
    for done in (
        lambda run: run.change(lr=0.1),
        lambda run: run.step(),
        lambda run: run.start(run.settings),
        lambda run: run.set_weight(0, 0, 0, 1.0),
    ):
        replay = Replay(line)
        assert replay.advance(0.0)
        assert replay.on
        done(replay.experiment)
        assert not replay.on


def test_stretches_are_what_was_before_what_was_changed_and_how_long_it_held():
    first, second, third = (Entry(step, Settings()) for step in (0, 5, 5))
    walked = list(stretches([first, second, third], 9))
    assert walked == [(first, first, 5), (first, second, 0), (second, third, 4)]
