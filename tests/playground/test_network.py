"""What a change of settings entails, for the run and for its code."""

from dataclasses import asdict, fields

import pytest

from nnlib.course.playground.network import Change
from nnlib.course.playground.settings import Settings

OTHER = {
    "data": "XOR",
    "classes": 3,
    "n": 100,
    "noise": 0.3,
    "train_share": 0.8,
    "data_seed": 1,
    "points": "1 2 a",
    "features": ("x₁",),
    "hidden": (3, 2),
    "activations": ("tanh", "ReLU"),
    "init": "He",
    "seed": 1,
    "dropout": 0.2,
    "optimizer": "SGD",
    "lr": 0.1,
    "batch_size": 20,
    "l1": 0.1,
    "l2": 0.1,
    "stop_loss": 0.1,
    "stop_epochs": 9,
    "patience": 9,
}
"""Another value of every setting."""

ENTAILED = {
    "data": "restart",
    "classes": "restart",
    "n": "data inputs batches",
    "noise": "data inputs batches",
    "train_share": "data inputs batches",
    "data_seed": "data inputs batches",
    "points": "restart",
    "features": "inputs batches network optimizer",
    "hidden": "network optimizer",
    "activations": "network",
    "init": "restart",
    "seed": "restart",
    "dropout": "network",
    "optimizer": "optimizer",
    "lr": "rates",
    "batch_size": "batches",
    "l1": "l1",
    "l2": "rates",
    "stop_loss": "",
    "stop_epochs": "",
    "patience": "",
}


def entailed(**changed):
    """Name what a change of the first settings entails, but for the log."""
    change = asdict(Change.between(Settings(), Settings(**changed)))
    return " ".join(name for name, value in change.items() if name != "logged" and value)


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_a_change_of_a_setting_entails_what_is_written_here_and_no_more(name):
    assert entailed(**{name: OTHER[name]}) == ENTAILED[name]


def test_another_optimizer_has_its_rates_from_the_start():
    assert entailed(optimizer="SGD", lr=0.1, l2=0.1) == "optimizer"
    assert entailed(hidden=(3, 2), lr=0.1) == "network optimizer"


def test_the_log_names_in_order_what_training_feels():
    changed = Settings(patience=9, noise=0.3, lr=0.1, stop_loss=0.1)
    assert Change.between(Settings(), changed).logged == ("lr", "noise")
    assert Change.between(Settings(), Settings(patience=9)).logged == ()


def test_no_change_entails_nothing():
    assert entailed() == ""
