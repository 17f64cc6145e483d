"""Settings: what they refuse, what a change entails, how they are said; one declaration each."""

import ast
from pathlib import Path

import pytest

from nnlib.course.playground import settings
from nnlib.course.playground.history import MOST_ROWS, History, Record
from nnlib.course.playground.settings import KNOBS, OWN, Settings
from nnlib.course.playground.words import describe, differences
from tests.playground.runs import layers


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "stars"}, "data: expected one of circle.*got 'stars'"),
        ({"features": ()}, "features: one has to stay"),
        ({"features": ("x₁", "x₁")}, "expected each once"),
        ({"features": "x₁"}, "features: expected a list"),
        ({"hidden": (17, 2)}, "hidden: expected a whole number from 1 to 16, got 17"),
        ({"hidden": (3,)}, "expected 0 to 6 layers with an activation each, got 1 and 2"),
        (layers([2] * 7), "expected 0 to 6 layers with an activation each, got 7 and 7"),
        ({"lr": float("nan")}, "lr: expected a number from 0 to 1000, got nan"),
        ({"lr": True}, "lr"),
        ({"dropout": 0.95}, "dropout: expected a number from 0 to 0.9"),
        ({"classes": 6}, "classes: expected a whole number from 2 to 5"),
        ({"n": 2.5}, "n: expected a whole number"),
        ({"seed": -1}, "seed: expected a whole number from 0 to 1000000000, got -1"),
        ({"optimizer": ["Adam"]}, "optimizer: expected text"),
        ({"points": None}, "points: expected text"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Settings(**changed)


def test_the_values_of_a_slider_are_allowed_and_the_default_is_one_of_them():
    for name, knob in KNOBS.items():
        assert not knob.values or getattr(Settings(), name) in knob.values
        for value in knob.values:
            Settings(**{name: value})


# What a change entails ----------------------------------------------------------------------------

ENTAILED = {
    "restart": "data classes points init seed",
    "data inputs batches": "n noise train_share data_seed",
    "inputs batches network optimizer": "features",
    "network optimizer": "hidden",
    "network": "activations dropout",
    "optimizer": "optimizer",
    "rates": "lr l2",
    "batches": "batch_size",
    "l1": "l1",
    "": "stop_loss stop_epochs patience",
}
OTHER = {"points": "1 2 a", "features": ("x₁",), "hidden": (3, 2), "activations": ("tanh", "ReLU")}
OTHER |= {"seed": 1, "data_seed": 1}


def entailed(**changed):
    """Name what a change of the first settings entails."""
    return Settings().entails(Settings(**changed))


def test_a_change_of_a_setting_entails_what_is_written_here_and_no_more():
    names = [(name, what) for what, some in ENTAILED.items() for name in some.split()]
    assert {name for name, _ in names} == KNOBS.keys()
    for name, what in names:
        values = [OTHER.get(name), *KNOBS[name].values, *(KNOBS[name].choices or ())]
        now = (None, getattr(Settings(), name))
        assert entailed(**{name: next(v for v in values if v not in now)}) == {*what.split()}, name
    assert entailed() == set()
    assert entailed(optimizer="SGD", lr=0.1, l2=0.1) == {"optimizer"}  # with its rates from then on


# In words -----------------------------------------------------------------------------------------

FOUR = "0 0 a\n1 0 b\n0 1 a\n1 1 b"


@pytest.mark.parametrize(
    ("some", "said", "left_out"),
    [
        (layers((4, 3), ("tanh", "ReLU")), ["circle", "tanh/ReLU 4 + 3", "Adam η = 0.01"], "L2"),
        ({"l2": 0.01, "batch_size": 0}, ["tanh 4 + 2", "all examples at once", "L2 0.01"], "L1"),
        (layers(()) | {"dropout": 0.3}, ["no hidden layer"], "dropout"),
        ({"n": 50, "train_share": 0.1, "batch_size": 50, "dropout": 0.3},
         ["5 of 50 points for training", "all examples at once", "dropout 0.3"], "batches"),
        ({"classes": 5}, ["circle; 150 of 300 points for training; noise 0.1"], "classes"),
        ({"data": "spirals", "classes": 5}, ["spirals; 5 classes;"], "L1"),
        ({"data": OWN, "points": FOUR}, ["2 of 4 points for training"], "noise"),
    ],
)  # fmt: skip
def test_settings_say_what_they_are_and_leave_out_what_does_nothing(some, said, left_out):
    text = describe(Settings(**some))
    assert [part for part in said if part not in text] == []
    assert left_out not in text


def test_words_tell_all_settings_of_a_run_apart():
    now = Settings(data="spirals", l2=0.1)
    for changed, parts in (
        ({"noise": 0.3}, ["noise 0.3"]),
        ({"n": 200}, ["100 of 200 points for training"]),
        ({"data_seed": 3}, ["data seed 3"]),
        ({"classes": 4}, ["4 classes"]),
        ({"l2": 0.0, "dropout": 0.2}, ["dropout 0.2", "no L2"]),
        ({"seed": 4}, ["Xavier seed 4"]),
        ({"stop_epochs": 4}, []),
    ):
        assert differences(now.but(**changed), now) == parts
    one, two = (Settings(data=OWN, points=text) for text in (FOUR, FOUR.replace("1 1 b", "1 1 a")))
    assert differences(one, two) == ["other points"]


def test_curves_are_thinned_out_and_keep_their_first_and_best():
    history, record = History(), Record()
    for epoch in range(5 * MOST_ROWS):
        scores = {"loss": 1 + abs(epoch - 777), "test_loss": 1 + abs(epoch - 3001)}
        history.append(epoch, scores)
        record = record.after(epoch, scores)
    assert len(history.rows) < MOST_ROWS
    assert (history.rows[0][0], history.stride) == (0, 8)
    assert record == Record(train=1, test=1, epoch=3001)


# One declaration each -----------------------------------------------------------------------------

EXEMPT = {"data", "points", "features", "hidden", "activations"}
"""Settings whose names are other things' names, too, or that have a structure of their own."""


def named(path):
    """Name the words of a file: attributes, whole strings, keywords of calls."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword):
            yield node.arg


def test_a_setting_stands_in_its_table_where_it_acts_and_in_one_more_file_at_most():
    house = Path(settings.__file__).parent
    words = {path.stem: {*named(path)} for path in house.glob("*.py")}
    for name in KNOBS.keys() - EXEMPT:
        files = {"settings"} | {stem for stem, some in words.items() if name in some}
        assert len(files) <= 3, f"{name} stands in {sorted(files)}: say it in settings.py alone"
