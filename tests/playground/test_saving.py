"""A run saved in the panel and loaded again: as a line, as a file, while one looks on."""

import asyncio
import datetime

import ipywidgets as w
import numpy as np

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import FRAME
from nnlib.course.playground import playground as module
from nnlib.course.playground.line import MOST_STEPS, written
from tests.helpers.shaking import control
from tests.playground.runs import settings, train, trained

MODIFIED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def load(playground, text):
    playground.panel.save.area.value = text
    control(playground, "Load the line").click()


def test_a_run_is_saved_as_a_line_and_loaded_from_it(playground):
    control(playground, "units").value = 7
    playground.one_epoch()
    control(playground, "learning rate").value = 0.03
    playground.one_epoch()
    control(playground, "Save as a line").click()
    saved, run = playground.panel.save.area.value, playground.experiment
    load(playground, "nnlib-playground?#0")
    assert (control(playground, "units").value, playground.experiment.steps) == (4, 0)
    load(playground, saved)
    np.testing.assert_array_equal(playground.experiment.net.params, run.net.params)
    assert control(playground, "units").value == 7
    assert control(playground, "learning rate").value == 0.03
    assert "Replaying" not in playground.words()
    playground.one_epoch()
    train(run, 15)
    np.testing.assert_array_equal(playground.experiment.net.params, run.net.params)


def test_the_line_is_downloaded_and_loaded_as_a_file(playground):
    playground.one_epoch()
    control(playground, "Save as a line").click()
    assert 'download="playground.txt"' in playground.panel.download.value
    saved, params = playground.save(), playground.experiment.net.params.copy()
    playground.reset()
    upload = next(c for c in playground.controls if isinstance(c, w.FileUpload))
    assert upload.description.endswith("\n")  # a count follows, in a line of its own
    file = {"name": "a.txt", "type": "", "size": len(saved), "last_modified": MODIFIED}
    for content, alert in ((saved.encode(), ""), (b"\xff\xfe", "with which a saved run begins")):
        upload.value = ({**file, "content": memoryview(content)},)
        assert alert in playground.alert.value
        np.testing.assert_array_equal(playground.experiment.net.params, params)
    upload.value = ()


def test_a_wrong_line_is_explained_and_loses_nothing(playground):
    playground.step_button.click()
    load(playground, "")
    assert "The box is empty" in playground.note.value
    load(playground, "nnlib-playground?lr=fast#1")
    assert playground.note.value == ""
    assert "cannot be read" in playground.alert.value
    assert "Traceback" not in playground.alert.value
    assert playground.experiment.steps == 1
    load(playground, " ")
    assert playground.alert.value == ""


def test_a_run_that_is_too_long_is_not_saved_and_it_is_said_why(playground):
    save, area = control(playground, "Save as a line"), playground.panel.save.area
    playground.experiment.ticks = MOST_STEPS + 1
    save.click()
    most = "has taken 10,000,001 steps, and at most 10,000,000 are done again: take it with you as"
    assert most in playground.note.value
    assert area.value == ""
    playground.experiment.ticks = MOST_STEPS
    save.click()
    assert area.value.endswith("#10000000")


def test_a_loaded_run_brings_its_points_into_the_box(playground):
    text, area = "0 0 a\n1 1 b\n0 1 a\n1 0 b", playground.panel.points.area
    playground.use_points(text)
    saved, area.value = playground.save(), "mine"
    playground.load(saved[:-1])
    assert area.value == "mine"
    playground.load(saved)
    assert area.value == text


def test_a_run_that_ends_before_its_line_is_explained_and_goes_on_from_there(playground):
    load(playground, "nnlib-playground?stop_epochs=2#30:lr=0.1#40")
    assert "The run ended in step 30, and the line goes on to step 40" in playground.alert.value
    assert "Go on from here, or load another line." in playground.alert.value
    assert "Stopped after 2 epochs" in playground.words()
    assert not playground.running
    control(playground, "after epochs").value = 0
    playground.step_button.click()
    assert playground.experiment.steps == 31


async def until(done):
    for _ in range(1000):
        if done():
            return
        await asyncio.sleep(FRAME)
    raise AssertionError


def test_one_sees_how_a_run_is_done_again_may_pause_it_and_go_on_from_there(monkeypatch):
    long = trained(1500)
    long.change(lr=0.03)
    train(long, 1500)

    async def begun(playground):
        playground.load(written(long))
        await until(lambda: playground.experiment.steps)
        await asyncio.sleep(2 * FRAME)
        assert playground.experiment.steps < 1500
        said = f"Replaying: step {playground.experiment.steps:,} of 3,000. Epoch "
        assert said in playground.status.value

    async def main():
        monkeypatch.setattr(module, "SLICE", 0.01)
        playground = Playground()
        await begun(playground)
        playground.run.value = False
        await asyncio.sleep(3 * FRAME)
        steps = playground.experiment.steps
        await asyncio.sleep(3 * FRAME)
        assert f"Replaying: step {steps:,} of 3,000." in playground.status.value
        playground.run.value = True
        control(playground, "L2, λ").value = 0.01
        await until(lambda: settings(playground).l2)  # a change ends the replay where it is
        steps = playground.experiment.trail[-1].step
        assert 0 < steps < 1500
        await until(lambda: playground.experiment.steps > steps + 20)
        assert "Replaying" not in playground.status.value
        assert (settings(playground).lr, playground.running) == (0.01, True)
        for end in (
            playground.reset_button.click,
            lambda: playground.load("nnlib-playground?data=XOR#0"),
        ):
            await begun(playground)
            end()
            await until(lambda: not playground.running)
            await until(lambda: "Replaying" not in playground.status.value)
            assert playground.experiment.steps == 0
        await begun(playground)
        module.SLICE = 1.0
        await until(lambda: "Replaying" not in playground.status.value)
        assert not playground.running
        np.testing.assert_array_equal(playground.experiment.net.params, long.net.params)
        assert playground.experiment.history.rows == long.history.rows
        assert control(playground, "learning rate").value == 0.03

    asyncio.run(main())
