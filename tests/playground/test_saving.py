"""A run saved in the panel and loaded again: as a line, as a file, while one looks on."""

import asyncio
import datetime

import ipywidgets as w
import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import FRAME
from nnlib.course.playground import playground as module
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.line import written
from tests.helpers.shaking import control
from tests.playground.runs import settings, train

MODIFIED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_a_run_is_saved_as_a_line_and_loaded_from_it(playground):
    control(playground, "units").value = 7
    playground.one_epoch()
    control(playground, "learning rate").value = 0.03
    playground.one_epoch()
    control(playground, "Save as a line").click()
    saved = playground.panel.save.area.value
    params = playground.experiment.net.params.copy()
    other = Playground("other")
    other.panel.save.area.value = saved
    control(other, "Load the line").click()
    np.testing.assert_array_equal(other.experiment.net.params, params)
    assert control(other, "units").value == 7
    assert control(other, "learning rate").value == 0.03
    assert "Replaying" not in other.words()
    for p in (playground, other):
        p.one_epoch()
    np.testing.assert_array_equal(other.experiment.net.params, playground.experiment.net.params)


def test_the_line_is_downloaded_and_loaded_as_a_file(playground):
    playground.one_epoch()
    control(playground, "Save as a line").click()
    assert 'download="playground.txt"' in playground.panel.save.link.value
    saved, params = playground.save(), playground.experiment.net.params.copy()
    playground.reset()
    upload = next(c for c in playground.controls if isinstance(c, w.FileUpload))
    assert upload.description.endswith("\n")  # a count follows, in a line of its own
    file = {"name": "a.txt", "type": "", "size": len(saved), "last_modified": MODIFIED}
    upload.value = ({**file, "content": memoryview(saved.encode())},)
    np.testing.assert_array_equal(playground.experiment.net.params, params)
    upload.value = ({**file, "content": memoryview(b"\xff\xfe")},)
    assert "with which a saved run begins" in playground.alert.value
    np.testing.assert_array_equal(playground.experiment.net.params, params)


def test_a_wrong_line_is_explained_and_loses_nothing(playground):
    playground.step_button.click()
    control(playground, "Load the line").click()
    assert "The box is empty" in playground.note.value
    playground.panel.save.area.value = "nnlib-playground?lr=fast#1"
    control(playground, "Load the line").click()
    assert playground.note.value == ""
    assert 'role="alert"' in playground.alert.value
    assert "cannot be read" in playground.alert.value
    assert "Traceback" not in playground.alert.value
    assert playground.experiment.steps == 1
    playground.load(" ")
    assert playground.alert.value == ""


def test_a_run_that_is_too_long_is_not_saved_and_it_is_said_why(playground):
    playground.experiment.ticks = 10**8
    control(playground, "Save as a line").click()
    assert "take it with you as code instead" in playground.note.value
    assert playground.panel.save.area.value == ""


def test_a_loaded_run_brings_its_points_into_the_box(playground):
    text = "0 0 a\n1 1 b\n0 1 a\n1 0 b"
    playground.use_points(text)
    saved = playground.save()
    other = Playground("other")
    other.panel.points.area.value = "mine"
    other.load(saved[:-1])
    assert other.panel.points.area.value == "mine"
    other.load(saved)
    assert other.panel.points.area.value == text


def test_a_run_that_has_ended_is_loaded_with_its_words(playground):
    playground.change(data="plane", hidden=(), activations=(), optimizer="SGD", lr=10.0)
    playground.panel.speed.value = (4, True)
    while playground.advance(1.0):
        pass
    playground.picture()
    note, saved = playground.note.value, playground.save()
    assert "The run diverged in epoch" in note
    playground.reset()
    assert playground.note.value == ""
    playground.panel.save.area.value = saved
    control(playground, "Load the line").click()
    playground.picture()
    assert playground.note.value == note
    assert "The run has diverged. Change a setting or reset to go on." in playground.words()


def test_a_run_that_ends_before_its_line_is_explained(playground):
    playground.load("nnlib-playground?stop_epochs=2#30:lr=0.1#40")
    assert "The run ended in step 30, and the line goes on to step 40" in playground.alert.value
    assert "Stopped after 2 epochs" in playground.words()
    assert not playground.running


@pytest.fixture
def slow(playground, monkeypatch):
    """A replay in slices that are as short as others."""
    monkeypatch.setattr(module, "SLICE", 0.01)


@pytest.fixture(scope="module")
def long():
    """A run of 3,000 steps: the learning rate changes in the middle."""
    run = Experiment()
    train(run, 1500)
    run.change(lr=0.03)
    train(run, 1500)
    return run


async def begun(line):
    """A playground that is at its replay."""
    playground = Playground()
    playground.load(line)
    await asyncio.sleep(3 * FRAME)
    assert 0 < playground.experiment.steps < 1500
    said = f"Replaying: step {playground.experiment.steps:,} of 3,000. Epoch "
    assert said in playground.status.value
    return playground


async def until(done):
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(FRAME)
    raise AssertionError


@pytest.mark.usefixtures("slow")
def test_one_sees_how_a_run_is_done_again_and_may_pause_it(long):
    async def main():
        playground = await begun(written(long))
        playground.run.value = False
        await asyncio.sleep(3 * FRAME)
        steps = playground.experiment.steps
        await asyncio.sleep(3 * FRAME)
        assert playground.experiment.steps == steps
        assert f"Replaying: step {steps:,} of 3,000." in playground.status.value
        module.SLICE = 1.0
        playground.run.value = True
        await until(lambda: "Replaying" not in playground.status.value)
        assert not playground.running
        np.testing.assert_array_equal(playground.experiment.net.params, long.net.params)
        assert playground.experiment.history.rows == long.history.rows
        assert control(playground, "learning rate").value == 0.03

    asyncio.run(main())


@pytest.mark.usefixtures("slow")
def test_a_change_ends_the_replay_where_it_is_and_the_run_goes_on_from_there(long):
    async def main():
        playground = await begun(written(long))
        control(playground, "L2, λ").value = 0.01
        await until(lambda: settings(playground).l2 == 0.01)
        steps = playground.experiment.trail[-1].step
        assert 0 < steps < 1500
        await until(lambda: playground.experiment.steps > steps + 20)
        assert settings(playground).lr == 0.01
        assert "Replaying" not in playground.status.value
        assert playground.running

    asyncio.run(main())


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("other", ["Reset", "Load"])
def test_reset_and_another_line_end_the_replay(long, other):
    async def main():
        playground = await begun(written(long))
        if other == "Reset":
            playground.reset_button.click()
        else:
            playground.load("nnlib-playground?data=XOR#0")
        await until(lambda: not playground.running)
        assert playground.experiment.steps == 0
        assert "Replaying" not in playground.status.value
        playground.step_button.click()
        await until(lambda: playground.experiment.steps == 1)

    asyncio.run(main())
