"""Ctrl-C waits for the end of a step, leaves nothing half done, and says how to go on."""

import os
import re
import signal
import threading

import numpy as np
import pytest

import nnlib as nn
from nnlib import training

X, y = nn.make_xor(120, rng=0)


@pytest.fixture(autouse=True)
def default_handler():
    """As in a notebook or a script: Ctrl-C raises KeyboardInterrupt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def press():
    """Press Ctrl-C, and wait until Python has noticed."""
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(100):
        pass


def model():
    layers = nn.Dense(2, 8), nn.BatchNorm(8), nn.Tanh(), nn.Dropout(0.2), nn.Dense(8, 2)
    return nn.Model(nn.Sequential(*layers, rng=1), nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.01))


def pressed_in_update(monkeypatch, number, times=1):
    """Press Ctrl-C in the middle of an update: once the parameters have moved, nothing else."""
    step, count = nn.Adam.step, iter(range(1, 1000))

    def moved(self, *args, **options):
        step(self, *args, **options)
        if next(count) == number:
            for _ in range(times):
                press()

    monkeypatch.setattr(nn.Adam, "step", moved)


def test_a_step_under_way_is_finished_first(monkeypatch):
    whole = model()
    for step in nn.steps(whole.net, whole.loss, whole.optimizer, X, y, batch_size=16):
        if step.step == 5:
            break
    pressed_in_update(monkeypatch, 5)
    stopped, seen = model(), []
    every_step = nn.steps(stopped.net, stopped.loss, stopped.optimizer, X, y, batch_size=16)
    with pytest.raises(KeyboardInterrupt, match="stopped after step 5, in epoch 1 of 10"):
        seen.extend(step.step for step in every_step)
    assert seen == [1, 2, 3, 4, 5]
    assert stopped.net.params.tobytes() == whole.net.params.tobytes()
    assert stopped.net.buffers.tobytes() == whole.net.buffers.tobytes()
    assert stopped.optimizer.mark == stopped.net.mark
    monkeypatch.undo()
    stopped.fit(X, y, epochs=1)


def test_a_second_ctrl_c_is_not_held_back(monkeypatch):
    pressed_in_update(monkeypatch, 3, times=2)
    m = model()
    with pytest.raises(KeyboardInterrupt) as caught:
        m.fit(X, y, batch_size=16)
    assert not caught.value.args


@pytest.mark.parametrize("number", [1, 8, 11, 16])  # the last of an epoch, too, at 8
def test_fit_leaves_model_and_history_consistent_and_says_how_to_go_on(monkeypatch, number):
    pressed_in_update(monkeypatch, number)
    m = model()
    with pytest.raises(KeyboardInterrupt, match=re.escape("fit(…) goes on from there")):
        m.fit(X, y, batch_size=16, validation=(X, y))
    assert m.optimizer.t == number
    assert m.history.epochs == number // 8
    if number % 8 == 0:
        assert m.history["val_loss"][-1] == m.evaluate(X, y)["loss"]
    monkeypatch.undo()
    m.fit(X, y, epochs=1)
    assert m.history.steps_before == number


def test_early_stopping_brings_the_best_epoch_back_and_says_so(monkeypatch):
    pressed_in_update(monkeypatch, 20)
    m = model()
    with pytest.raises(KeyboardInterrupt, match=r"step 20, .*; epoch 2 is back, the best: fit"):
        m.fit(X, y, batch_size=16, validation=(X, y), early_stopping=nn.EarlyStopping(5))
    assert m.history.best_epoch == 2
    assert m.evaluate(X, y)["loss"] == m.history["val_loss"][1]


@pytest.mark.parametrize("number", [3, 8, 13])
def test_a_run_with_a_checkpoint_goes_on_exactly_where_it_was_stopped(
    monkeypatch, tmp_path, number
):
    pytest.importorskip("safetensors")
    whole, path = model(), tmp_path / "run.safetensors"
    options = {"epochs": 3, "batch_size": 16, "validation": 0.2}
    whole.fit(X, y, **options)
    pressed_in_update(monkeypatch, number)
    with pytest.raises(KeyboardInterrupt) as caught:
        model().fit(X, y, checkpoint=path, every=1000, **options)
    told = str(caught.value).rpartition(": ")[2].removesuffix(" goes on exactly there")
    monkeypatch.undo()
    resumed = eval(told, {"nnlib": nn, "X": X, "y": y})
    assert resumed.net.params.tobytes() == whole.net.params.tobytes()
    assert resumed.history == whole.history


def test_between_two_steps_of_ones_own_loop_ctrl_c_comes_at_once():
    m = model()
    for _ in nn.steps(m.net, m.loss, m.optimizer, X, y):
        with pytest.raises(KeyboardInterrupt):
            press()
        break
    for _ in nn.epochs(m.net, m.loss, m.optimizer, X, y, validation=(X, y)):
        with pytest.raises(KeyboardInterrupt):
            press()
        break


def test_ctrl_c_during_validation_waits_until_the_epoch_is_recorded(monkeypatch):
    scores = training.scores

    def pressed(*args):
        press()
        return scores(*args)

    monkeypatch.setattr(training, "scores", pressed)
    m = model()
    with pytest.raises(KeyboardInterrupt, match="stopped after step 8, in epoch 1 of 10"):
        m.fit(X, y, batch_size=16, validation=(X, y))
    assert m.history.epochs == 1


def test_somebody_elses_handler_is_left_alone(monkeypatch):
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(1))
    try:
        pressed_in_update(monkeypatch, 3)
        model().fit(X, y, epochs=1, batch_size=16)
        assert came == [1]
    finally:
        signal.signal(signal.SIGINT, before)


def test_training_in_another_thread_asks_for_no_signals():
    m = model()
    thread = threading.Thread(target=lambda: m.fit(X, y, epochs=2))
    thread.start()
    thread.join()
    assert m.history.epochs == 2


def test_two_runs_in_turns_leave_the_handler_as_it_was():
    one, two = model(), model()
    turns = zip(
        nn.steps(one.net, one.loss, one.optimizer, X, y, epochs=1),
        nn.steps(two.net, two.loss, two.optimizer, X, y, epochs=2),
        strict=False,
    )
    for _ in turns:
        pass
    del turns
    assert np.isfinite(two.net.params).all()


def test_an_error_in_a_metric_leaves_ctrl_c_as_it_was():
    def broken(y, predictions):
        broken.calls += 1
        if broken.calls > 2:
            raise ZeroDivisionError
        return 1

    broken.calls = 0
    with pytest.raises(ZeroDivisionError) as kept:  # the traceback keeps every frame alive
        model().fit(X, y, validation=0.2, metrics=broken)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert kept.value


def test_ctrl_c_in_the_last_epoch_of_early_stopping_is_not_lost(tmp_path):
    pytest.importorskip("safetensors")

    def last(y, predictions):
        last.calls += 1
        if last.calls == 4:  # after the trial before training
            press()
        return 0

    last.calls = 0
    m, path = model(), tmp_path / "run.safetensors"
    stopping = nn.EarlyStopping(2, monitor="val_last", mode="max")
    with pytest.raises(KeyboardInterrupt, match="training had just ended by itself"):
        m.fit(X, y, validation=0.2, metrics=last, early_stopping=stopping, checkpoint=path)
    assert m.history.epochs == 3
    assert nn.Model.resume(path, X, y).history == m.history
