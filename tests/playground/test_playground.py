"""The playground as a whole: its buttons, its messages and words, and its task."""

import asyncio
import threading

import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import FRAME, Explorer
from nnlib.course.playground.playground import NEWS
from nnlib.course.playground.settings import OWN
from tests.helpers.shaking import control
from tests.playground.runs import settings


def test_step_epoch_and_reset(playground):
    first = playground.experiment.net.params.copy()
    playground.step_button.click()
    assert playground.experiment.steps == 1
    control(playground, "Epoch").click()
    assert (playground.experiment.steps, playground.experiment.epoch) == (15, 1)
    assert "Epoch 1, step 15" in playground.status.value
    playground.reset_button.click()
    assert playground.experiment.steps == 0
    np.testing.assert_array_equal(playground.experiment.net.params, first)


def test_new_data_are_other_points_of_the_same_kind(playground):
    X = playground.experiment.data.X_train
    control(playground, "New data").click()
    assert (playground.experiment.data.X_train != X).any()
    assert control(playground, "data seed").value == 1


def test_the_speed_is_so_much_a_picture(playground):
    for label, steps in (("1 step", 1), ("5 steps", 5), ("1 epoch", 15)):
        playground.reset()
        control(playground, "train per picture").value = dict(
            control(playground, "train per picture").options
        )[label]
        playground.advance(10.0)
        assert playground.experiment.steps == steps


def test_a_wrong_setting_leaves_the_open_playground_alone(playground):
    for wrong in ({"data": "spiral"}, {"data": OWN, "points": "1 2"}, {"speed": 3}):
        with pytest.raises((ValueError, TypeError)):
            Playground(**wrong)
        assert Explorer._open["Playground"] is playground
        assert not playground.closed


@pytest.mark.parametrize("label", ["Step", "Epoch", "Run"])
def test_an_old_alert_goes_when_training_goes_on(playground, label):
    playground.use_points("nothing")
    assert playground.alert.value
    if label == "Run":
        playground.run.value = True
    else:
        control(playground, label).click()
    assert playground.alert.value == ""


def test_words_tell_the_numbers_and_the_settings(playground):
    scores = playground.experiment.scores()
    words = playground.words()
    assert f"training loss {scores['loss']:.4f}, test loss {scores['test_loss']:.4f}" in words
    assert f"accuracy {scores['accuracy']:.1%} in training" in words
    control(playground, "data set").value = "hills"
    assert "accuracy" not in playground.words()


def test_what_a_change_has_done_is_said_for_a_while(playground):
    control(playground, "data set").value = "XOR"
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


def test_divergence_is_explained_on_the_page_and_no_number_is_nan():
    playground = Playground(data="plane", hidden=(), activations=(), optimizer="SGD", lr=10.0)
    playground.run.value = True
    for _ in range(50):
        playground.advance(0.1)
    playground.post(lambda: None)
    assert "The run diverged in epoch" in playground.note.value
    assert "learning rate of 10 is too large" in playground.note.value
    assert "nan" not in playground.words()
    assert "Something went wrong" not in playground.alert.value
    control(playground, "learning rate").value = 0.001
    assert playground.note.value == ""
    playground.one_epoch()
    assert playground.experiment.epoch == 1


@pytest.mark.parametrize("kind", ["SGD", "momentum", "Adam"])
def test_step_by_step_into_divergence_no_number_is_ever_nan(kind):
    layers = {"hidden": (6,) * 3, "activations": ("linear",) * 3}
    playground = Playground(data="hills", optimizer=kind, lr=1000.0, **layers)
    for _ in range(25):
        playground.step_button.click()
        words = playground.words()
        assert "nan" not in words
        assert "inf" not in words
        assert len(words) < 300
    assert "diverged" in playground.note.value


def test_the_still_picture_trains_another_network(drawn):
    drawn.still()
    assert drawn.experiment.steps == 0


def test_a_slider_is_answered_while_it_trains_and_pause_and_close_end_the_task():
    async def main():
        playground = Playground()
        playground.run.value = True
        await asyncio.sleep(4 * FRAME)
        assert playground.experiment.steps > 0
        lr = control(playground, "learning rate")
        thread = threading.Thread(target=lambda: setattr(lr, "value", 0.3))
        thread.start()
        await asyncio.sleep(5 * FRAME)
        assert settings(playground).lr == 0.3
        assert playground.experiment.opt.lr == 0.3
        tasks = [t for t in asyncio.all_tasks() if t.get_name().startswith("nnlib")]
        assert len(tasks) == 1
        playground.run.value = False
        await asyncio.sleep(3 * FRAME)
        steps = playground.experiment.steps
        await asyncio.sleep(3 * FRAME)
        assert playground.experiment.steps == steps
        playground.close()
        await asyncio.sleep(FRAME)
        assert [t for t in asyncio.all_tasks() if t.get_name().startswith("nnlib")] == []

    asyncio.run(main())


def test_a_slider_that_is_dragged_is_not_set_back():
    async def main():
        playground = Playground()
        lr, moves = control(playground, "learning rate"), []
        lr.observe(lambda change: moves.append(change["new"]), "value")
        values = [value for _, value in lr.options]
        for value in values:
            lr.value = value
        await asyncio.sleep(4 * FRAME)
        assert moves == values
        assert settings(playground).lr == values[-1]

    asyncio.run(main())
