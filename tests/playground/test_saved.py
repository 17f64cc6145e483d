"""A run as JSON: it goes on exactly as the run itself; what is no saved run is refused."""

import datetime
import json

import ipywidgets as w
import numpy as np
import pytest

from nnlib.course.explorers import Playground
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.saved import load, save
from nnlib.course.playground.settings import OWN, Settings
from tests.helpers.shaking import control
from tests.playground.runs import assert_the_code_agrees, changed_at_random, train


@pytest.mark.parametrize(
    "settings", [{}, {"dropout": 0.3, "optimizer": "momentum"}, {"data": "plane"}]
)
@pytest.mark.parametrize("before", [0, 15, 22])
def test_a_saved_run_goes_on_identically(settings, before):
    experiment = Experiment(Settings(**settings))
    train(experiment, before)
    again = load(save(experiment))
    assert save(again) == save(experiment)
    for run in (experiment, again):
        train(run, 40)
        run.change(noise=0.3)
        train(run, 10)
    np.testing.assert_array_equal(again.net.params, experiment.net.params)
    assert again.scores() == experiment.scores()
    assert again.history.rows == experiment.history.rows
    assert_the_code_agrees(again)


def test_a_run_is_saved_with_all_its_changes():
    assert_the_code_agrees(load(save(changed_at_random())))


def test_a_run_that_has_stopped_is_loaded_as_one():
    experiment = Experiment(Settings(data="spirals", noise=0.5, patience=3, lr=0.1))
    while experiment.step():
        pass
    again = load(save(experiment))
    assert again.ended
    assert again.message == experiment.message
    assert not again.step()
    for run in (experiment, again):
        run.change(lr=0.0)
        while run.step():
            pass
    assert again.epoch == experiment.epoch
    assert again.message == experiment.message


def test_a_run_that_has_diverged_is_loaded_as_one():
    experiment = Experiment(
        Settings(data="plane", optimizer="SGD", lr=10.0, hidden=(), activations=())
    )
    while experiment.step():
        pass
    again = load(save(experiment))
    assert again.diverged
    assert again.message == experiment.message


def test_the_way_back_is_saved_too():
    experiment = Experiment(Settings(data="hills", dropout=0.1))
    train(experiment, 100)
    record = experiment.record
    experiment.change(features=("x₁",))
    again = load(save(experiment))
    for run in (experiment, again):
        run.change(features=("x₁", "x₂"))
        assert run.record == record
        run.change(lr=1000.0, optimizer="SGD")
        while run.step():
            pass
    assert again.message == experiment.message
    np.testing.assert_array_equal(again.net.params, experiment.net.params)


def test_a_save_has_the_settings_once_and_then_what_was_changed():
    rng = np.random.default_rng(0)
    points = "\n".join(f"{x} {y} {v}" for x, y, v in rng.normal(size=(2000, 3)).round(6))
    experiment = Experiment(Settings(data=OWN, points=points))
    empty = len(save(experiment))
    for i in range(100):
        experiment.change(lr=0.01 + i / 1000)
        train(experiment, 1)
    text = save(experiment)
    assert len(text) < empty + 20_000
    assert json.loads(text)["log"][50] == [50, {"lr": 0.01 + 50 / 1000}]
    assert load(text).log == experiment.log


def altered(**changes):
    experiment = Experiment(Settings(dropout=0.1))
    train(experiment, 20)
    experiment.change(lr=0.02)
    train(experiment, 20)
    parts = json.loads(save(experiment))
    for path, value in changes.items():
        *way, last = path.split("__")
        place = parts
        for name in way:
            place = place[int(name) if name.isdigit() else name]
        last = int(last) if last.isdigit() else last
        if value is None:
            del place[last]
        else:
            place[last] = value
    return json.dumps(parts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("hello", "no JSON"),
        (altered()[:500], "no JSON"),
        ("[" * 10**5, "no JSON"),
        ("[]", "lacks the format"),
        ('{"format": "other"}', "lacks the format"),
        (altered(run__params=None), "run, params: expected a list"),
        (altered(run__params=[1.0, 2.0]), "params: expected 28 weights for these settings, got 2"),
        (altered(run__params=["a"] * 28), "params: expected finite numbers, got 'a'"),
        (altered(run__params=[10**400] * 28), "params: expected finite numbers, got '1000"),
        (altered(run__params=[float("nan")] * 28), "params: expected finite numbers, got 'nan'"),
        (altered(run__params=[1e6] * 28), "params: expected weights below 100000 in size"),
        (altered(run__steps=-1), "steps: expected 0 or more, got -1"),
        (altered(run__steps="7"), "steps: expected a whole number"),
        (altered(run__steps=10**400), "steps: expected 0 or more, got 1000"),
        (altered(run__stops__patience=-3), "patience: expected a whole number"),
        (altered(run__stops={}), "stops: expected patience"),
        (altered(log__0__1__speed=3), "unknown speed"),
        (altered(log__0__1__hidden=None), "missing hidden"),
        (altered(log__0__1__lr=10**400), "lr: expected a number"),
        (altered(log__0__1__hidden=[9, 9]), "params: expected"),
        (altered(log__1__1__data="XOR"), "log: expected the same data"),
        (altered(log__1__1__speed=3), "unknown speed"),
        (altered(run__optimizer__V=None), "state: expected"),
        (altered(run__optimizer__V=[0.0] * 27), "optimizer V: expected 28 numbers"),
        (altered(best__optimizer__M=[0.0]), "best, optimizer M: expected 28 numbers"),
        (altered(run__optimizer__t=1.5), "t: expected a whole number"),
        (altered(run__optimizer__t=10**400), "t: expected 0 or more"),
        (altered(run__shuffling={}), "shuffling: expected the state of a random generator"),
        (altered(run__shuffling__bit_generator="MT"), "shuffling: expected the state"),
        (altered(run__shuffling__state__state=-1), "shuffling: expected the state"),
        (altered(run__dropping=[]), "dropping: expected 2 random states, got 0"),
        (altered(run__dropping=[1, 2]), "dropping: expected the state"),
        (altered(run__taken=999), "run, taken: expected 0 to 14, got 999"),
        (altered(run__record__epoch=99), "epoch: expected 0 to 2, got 99"),
        (altered(run__record__train="a"), "record: expected finite numbers"),
        (altered(run__ending__ended=1), "ended: expected true or false"),
        (altered(run__ending__diverged=True), "diverged: expected false"),
        (altered(run__log=1), "log: expected as much of it as held"),
        (altered(run__log=3), "log: expected 1 to 2, got 3"),
        (altered(log=[]), "log: expected what held"),
        (altered(log=[[3, {}]]), "settings"),
        (altered(log=[3]), "log: expected pairs"),
        (altered(log__1=[50, {"lr": 0.02}]), "log: expected as much of it as held up to step 40"),
        (altered(best=None), "best is missing"),
        (altered(best="worst"), "best: expected names with values"),
        (altered(best__params=[]), "best, params: expected"),
        (altered(before__steps=41), "log: expected"),
        (altered(history__rows=[[1, 2]]), "rows: expected 5 numbers"),
        (altered(history__rows=[[9, 1, 1, 1, 1]]), "rows: expected epochs from 0 to 2, in order"),
        (altered(history__stride=0), "stride: expected 1 or more, got 0"),
        (altered(history={}), "stride is missing"),
    ],
)  # fmt: skip
def test_what_is_no_saved_run_is_refused_in_words(text, message):
    with pytest.raises(ValueError, match=message) as error:
        load(text)
    assert "paste all of what was saved" in str(error.value)


# In the panel -----------------------------------------------------------------------------------


MODIFIED = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def test_a_run_is_saved_into_the_box_and_loaded_from_it(playground):
    control(playground, "units").value = 7
    control(playground, "learning rate").value = 0.03
    playground.one_epoch()
    control(playground, "Save into the box").click()
    saved = playground.panel.save.area.value
    params = playground.experiment.net.params.copy()
    other = Playground("other")
    other.panel.save.area.value = saved
    control(other, "Load from the box").click()
    np.testing.assert_array_equal(other.experiment.net.params, params)
    assert control(other, "units").value == 7
    assert control(other, "learning rate").value == 0.03
    for p in (playground, other):
        p.one_epoch()
    np.testing.assert_array_equal(other.experiment.net.params, playground.experiment.net.params)


def test_a_file_is_loaded_too(playground):
    playground.one_epoch()
    saved, params = playground.save(), playground.experiment.net.params.copy()
    playground.reset()
    upload = next(c for c in playground.controls if isinstance(c, w.FileUpload))
    file = {"name": "a.json", "type": "", "size": len(saved), "last_modified": MODIFIED}
    upload.value = ({**file, "content": memoryview(saved.encode())},)
    np.testing.assert_array_equal(playground.experiment.net.params, params)
    upload.value = ({**file, "content": memoryview(b"\xff\xfe")},)
    assert "no JSON" in playground.alert.value
    np.testing.assert_array_equal(playground.experiment.net.params, params)


def test_a_wrong_box_is_explained_and_loses_nothing(playground):
    playground.step_button.click()
    control(playground, "Load from the box").click()
    assert "The box is empty" in playground.note.value
    playground.panel.save.area.value = '{"format": "nnlib playground 2"}'
    control(playground, "Load from the box").click()
    assert 'role="alert"' in playground.alert.value
    assert "cannot be read" in playground.alert.value
    assert "Traceback" not in playground.alert.value
    assert playground.experiment.steps == 1


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
    control(playground, "Load from the box").click()
    playground.picture()
    assert playground.note.value == note
    assert "The run has diverged. Change a setting or reset to go on." in playground.words()


def test_one_message_at_a_time_when_nothing_can_be_loaded(playground):
    playground.load("")
    assert "The box is empty" in playground.note.value
    playground.load("{}")
    assert playground.note.value == ""
    assert "no saved run" in playground.alert.value
    playground.load(" ")
    assert playground.alert.value == ""
