"""The settings of a playground: what they refuse, and that each is declared once."""

import ast
from dataclasses import fields
from pathlib import Path

import pytest

from nnlib.course.playground import settings
from nnlib.course.playground.network import Change
from nnlib.course.playground.settings import KNOBS, Settings


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "stars"}, "data: expected one of circle.*got 'stars'"),
        ({"features": ()}, "features: one has to stay"),
        ({"features": ("x₁", "x₁")}, "expected each once"),
        ({"features": "x₁"}, "features: expected a list"),
        ({"hidden": (17, 2)}, "hidden: expected a whole number from 1 to 16, got 17"),
        ({"hidden": (3,)}, "layers with an activation each, got 1 and 2"),
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


def test_settings_become_a_dict_and_come_back():
    some = Settings(hidden=(4, 3), activations=("tanh", "ReLU"), l2=0.01, batch_size=0)
    assert Settings(**some.as_dict()) == some


# One declaration each ---------------------------------------------------------------------------

HOUSE = Path(settings.__file__).parent

ASIDE = {
    "as_code": "it writes down in plain nnlib what acts, so all that acts has a name there",
    "drawing": "it says below the picture what the run is",
}
"""Files that tell of a run, and are not counted."""

EXEMPT = {
    "data": "the points themselves are called so, too: Experiment.data, in every file",
    "points": "the box for them and what they are read as are called so, too",
    "classes": "the recipes take them, and KeptRun calls so what its loss is for",
    "optimizer": "Change and Checkpoint call so what they keep of it",
    "features": "structure: a list, with controls, maps and columns of its own",
    "hidden": "structure: it decides how controls and the picture are laid out",
    "activations": "structure: one for each of those layers",
}
"""Settings whose names are other things' names, too, or that are more than a number."""


def named(path):
    """Name the words of a file: attributes, whole strings, keywords of calls."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword):
            yield node.arg


WORDS = {path.stem: set(named(path)) for path in HOUSE.glob("*.py") if path.stem not in ASIDE}


@pytest.mark.parametrize("name", sorted(KNOBS.keys() - EXEMPT.keys()))
def test_a_setting_stands_in_its_table_where_it_acts_and_in_one_more_file_at_most(name):
    files = {"settings"} | {stem for stem, words in WORDS.items() if name in words}
    assert len(files) <= 3, f"{name} stands in {sorted(files)}: say it in settings.py alone"


@pytest.mark.parametrize("name", KNOBS)
def test_the_default_is_one_of_the_sliders_values(name):
    values = KNOBS[name].values
    assert not values or getattr(Settings(), name) in values


def test_every_value_of_a_slider_is_allowed():
    for name, knob in KNOBS.items():
        for value in knob.values:
            Settings(**{name: value})


def test_what_a_change_entails_is_what_a_change_has():
    kinds = {field.name for field in fields(Change)}
    assert {word for knob in KNOBS.values() for word in knob.entails.split()} <= kinds
