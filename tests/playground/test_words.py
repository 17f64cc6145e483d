"""Settings in words."""

from nnlib.course.playground.settings import OWN, Settings
from nnlib.course.playground.words import describe, differences


def test_settings_say_what_they_are():
    settings = Settings(hidden=(4, 3), activations=("tanh", "ReLU"), l2=0.01, batch_size=0)
    text = describe(settings)
    for part in ("circle", "tanh/ReLU 4 + 3", "Adam η = 0.01", "all examples at once", "L2 0.01"):
        assert part in text
    assert "no hidden layer" in describe(Settings(hidden=(), activations=()))


def test_words_leave_out_what_does_nothing():
    text = describe(Settings(n=50, train_share=0.1, batch_size=50, dropout=0.3))
    assert "5 of 50 points for training" in text
    assert "all examples at once" in text
    assert "dropout 0.3" in text
    assert "dropout" not in describe(Settings(hidden=(), activations=(), dropout=0.3))
    assert "classes" not in describe(Settings(classes=5))
    assert "spirals; 5 classes;" in describe(Settings(data="spirals", classes=5))
    assert "noise" not in describe(Settings(data=OWN, points="0 0 a\n1 0 b\n0 1 a\n1 1 b"))


def test_words_tell_all_settings_of_a_run_apart():
    now = Settings(data="spirals", l2=0.1)
    for changed, parts in (
        ({"noise": 0.3}, ["noise 0.3"]),
        ({"n": 200}, ["100 of 200 points for training"]),
        ({"train_share": 0.8}, ["240 of 300 points for training"]),
        ({"data_seed": 3}, ["data seed 3"]),
        ({"classes": 4}, ["4 classes"]),
        ({"l2": 0.0, "dropout": 0.2}, ["dropout 0.2", "no L2"]),
        ({"seed": 4}, ["Xavier seed 4"]),
        ({"stop_epochs": 4}, []),
    ):
        assert differences(now.but(**changed), now) == parts
    points = ("0 0 a\n1 0 b\n0 1 a\n1 1 b", "0 0 a\n1 0 b\n0 1 b\n1 1 b")
    one, two = (Settings(data=OWN, points=text) for text in points)
    assert differences(one, two) == ["other points"]
