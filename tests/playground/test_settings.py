"""The settings of a playground: what they refuse."""

import pytest

from nnlib.course.playground.settings import Settings


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": "stars"}, "data: expected one of circle.*got 'stars'"),
        ({"features": ()}, "features: expected at least one"),
        ({"features": ("x₁", "x₁")}, "each once"),
        ({"features": "x₁"}, "features: expected a list"),
        ({"hidden": (17, 2)}, "hidden: expected a whole number from 1 to 16, got 17"),
        ({"hidden": (3,)}, "layers with an activation each, got 1 and 2"),
        ({"lr": float("nan")}, "lr: expected a number from 0 to 1000, got nan"),
        ({"lr": True}, "lr"),
        ({"dropout": 0.95}, "dropout: expected a number from 0 to 0.9"),
        ({"classes": 6}, "classes: expected a whole number from 2 to 5"),
        ({"n": 2.5}, "n: expected a whole number"),
        ({"optimizer": ["Adam"]}, "optimizer"),
        ({"points": None}, "points: expected text"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        Settings(**changed)


def test_settings_become_a_dict_and_come_back():
    settings = Settings(hidden=(4, 3), activations=("tanh", "ReLU"), l2=0.01, batch_size=0)
    assert Settings.of(settings.as_dict()) == settings
