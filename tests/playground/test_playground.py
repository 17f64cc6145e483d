"""The playground as a whole: its buttons, its messages and its words."""

import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import Explorer
from nnlib.course.playground.drawing import Drawing
from nnlib.course.playground.playground import MOST_STEPS, NEWS, trained
from nnlib.course.playground.settings import OWN, Settings
from tests.helpers.shaking import BLANK, control
from tests.playground.runs import layers


def test_step_epoch_reset_and_new_data(playground):
    first = playground.experiment.net.params.copy()
    playground.step_button.click()
    assert playground.experiment.steps == 1
    control(playground, "Epoch").click()
    assert (playground.experiment.steps, playground.experiment.epoch) == (15, 1)
    assert "Epoch 1, step 15" in playground.status.value
    assert "✓ gradients checked: right" in playground.panel.badge.value
    playground.reset_button.click()
    assert playground.experiment.steps == 0
    np.testing.assert_array_equal(playground.experiment.net.params, first)
    X = playground.experiment.data.X_train
    control(playground, "New data").click()
    assert (playground.experiment.data.X_train != X).any()
    assert control(playground, "data seed").value == 1


def test_the_speed_is_so_much_a_picture(playground):
    speed = control(playground, "train per picture")
    for label, steps in (("1 step", 1), ("5 steps", 5), ("1 epoch", 15)):
        playground.reset()
        speed.value = dict(speed.options)[label]
        playground.advance(10.0)
        assert playground.experiment.steps == steps
    speed.value = dict(speed.options)["full speed"]
    playground.advance(0.0)  # no longer than there is time
    assert playground.experiment.steps == 16


def test_a_wrong_setting_leaves_the_open_playground_alone(playground):
    for wrong in ({"data": "spiral"}, {"data": OWN, "points": "1 2"}, {"speed": 3}):
        with pytest.raises((ValueError, TypeError)):
            Playground(**wrong)
        assert Explorer._open["Playground"] is playground
        assert not playground.closed


def test_an_old_alert_goes_when_training_goes_on(playground):
    for label in ("Step", "Epoch", "Run"):
        playground.use_points("nothing")
        assert playground.alert.value
        if label == "Run":
            playground.run.value = True
        else:
            control(playground, label).click()
        assert playground.alert.value == ""


def test_words_tell_the_numbers_and_for_a_while_what_a_change_has_done(playground):
    scores = playground.experiment.scores()
    words = playground.words()
    assert f"training loss {scores['loss']:.4f}, test loss {scores['test_loss']:.4f}" in words
    assert f"accuracy {scores['accuracy']:.1%} in training" in words
    control(playground, "data set").value = "hills"
    assert "accuracy" not in playground.words()
    for _ in range(NEWS - 1):
        playground.one_epoch()
    assert "A new run begins." in playground.words()
    playground.one_epoch()
    assert "A new run begins." not in playground.words()
    control(playground, "units").value = 5
    assert "The network has changed" in playground.words()
    control(playground, "after epochs").value = 50
    while playground.experiment.step():
        pass
    assert "Stopped after 50 epochs" in playground.words()


def test_divergence_is_explained_on_the_page_also_of_a_loaded_run(playground):
    playground.change(data="plane", optimizer="SGD", lr=10.0, **layers(()))
    playground.run.value = True
    while playground.advance(0.1):
        pass
    playground.post(lambda: None)
    note, saved = playground.note.value, playground.save()
    assert "The run diverged in epoch" in note
    assert "learning rate of 10 is too large" in note
    playground.reset_button.click()
    assert playground.note.value == ""
    playground.post(lambda: playground.load(saved))
    assert (playground.note.value, playground.alert.value) == (note, "")
    assert "The run has diverged. Change a setting or reset to go on." in playground.words()
    control(playground, "learning rate").value = 0.001
    assert playground.note.value == ""
    playground.one_epoch()
    assert playground.experiment.epoch == 1


@pytest.mark.parametrize("kind", ["SGD", "momentum", "Adam"])
def test_step_by_step_into_divergence_no_number_is_ever_nan(playground, kind):
    playground.change(data="hills", optimizer=kind, lr=1000.0, **layers((6,) * 3, "linear"))
    for _ in range(25):
        playground.step_button.click()
        words = playground.words()
        assert "nan" not in words
        assert "inf" not in words
        assert len(words) < 300
    assert "diverged" in playground.note.value
    assert np.isfinite(playground.experiment.net.params).all()


def test_the_still_picture_is_of_another_network(drawn):
    assert not np.array_equal(drawn.still(), drawn.picture())
    assert drawn.experiment.steps == 0


@pytest.fixture
def pictured(monkeypatch):
    """The experiments of which a still picture is drawn."""
    drawn = []
    monkeypatch.setattr(Drawing, "frame", lambda _, experiment: drawn.append(experiment) or BLANK)
    trained.cache_clear()
    yield drawn
    trained.cache_clear()


def test_the_still_picture_is_of_the_network_that_it_opens_with(pictured):
    playground = Playground(data="moons", hidden=(3,), activations=("tanh",))
    opened = playground.experiment.settings
    playground.change(n=50)
    playground.still()
    experiment = pictured[-1]
    assert experiment.settings == opened
    assert (experiment.epoch, experiment.steps) == (100, 1500)


def test_the_still_picture_does_not_train_for_long(pictured):
    trained(Settings(batch_size=1))
    trained(Settings(data="plane", optimizer="SGD", lr=10.0, **layers(())))
    assert pictured[0].steps == MOST_STEPS
    assert pictured[1].diverged
