"""``train``: each option does what it says, a run goes on bit for bit, and errors help."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nnlib as nn
from nnlib import _files
from nnlib._command_line import main, threads
from nnlib._command_line.parser import parsers
from nnlib._command_line.train import SCHEDULES

pytest.importorskip("safetensors")

FAST = ("--epochs", "2", "--hidden", "16")
PROGRAM = (sys.executable, "-m", "nnlib", "train")


def train(*words):
    return main(["train", *map(str, words)])


def refused(capsys, *words):
    """Run the command line, which must end with status 2; return what it said last."""
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, words)))
    assert stop.value.code == 2
    return capsys.readouterr().err


def same(one, other):
    """Whether two files hold the same numbers and the same random state, bit for bit."""
    (a, arrays), (b, others) = _files.read(one), _files.read(other)
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)
    return (a["rng"], a["fit"], a["history"]) == (b["rng"], b["fit"], b["history"])


def wait_for_step(path, step):
    """Wait until a run under way has been kept at this step or later."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if path.exists() and _files.read(path)[0]["fit"]["at"]["step"] >= step:
            return
        time.sleep(0.01)
    raise AssertionError("the run was never kept")


def test_ctrl_c_says_how_to_go_on_and_the_run_ends_as_if_nothing_had_been(tmp_path, capsys):
    path, whole = tmp_path / "m.safetensors", tmp_path / "whole.safetensors"
    words = ("--epochs", "60", "--batch-size", "8", "--dropout", "0.2", "--schedule", "cosine")
    how, err = f"python -m nnlib train --save {path} --resume goes on exactly there", ""
    for _ in range(3):  # between two steps it says "from the last checkpoint": press again
        if how in err:
            break
        path.unlink(missing_ok=True)
        run = subprocess.Popen([*PROGRAM, *words, "--save", path], stderr=-1, stdout=-1, text=True)
        wait_for_step(path, 300)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        assert run.returncode == 130, err
        assert "Traceback" not in err
    assert re.search(rf"^stopped after step \d+, in epoch \d+ of 60: {re.escape(how)}$", err, re.M)
    assert main(["info", str(path), "--json"]) == 0
    assert '"unfinished": true' in capsys.readouterr().out
    assert train("--save", path, "--resume", *words) == 0
    assert train("--save", whole, *words) == 0
    assert same(path, whole)


def test_ctrl_c_without_a_file_says_how_to_keep_a_run(monkeypatch, capsys):
    def stopped(*args, **options):
        raise KeyboardInterrupt("stopped after step 3, in epoch 1 of 2: fit(…) goes on from there")

    monkeypatch.setattr(nn.Model, "fit", stopped)
    assert train(*FAST) == 130
    assert "stopped after step 3, in epoch 1 of 2: nothing is kept: --save FILE" in (
        capsys.readouterr().err
    )


def stop_after(monkeypatch, epochs):
    """Press Ctrl-C once so many epochs have been recorded."""
    before, append = signal.signal(signal.SIGINT, signal.default_int_handler), nn.History.append

    def pressed(self, epoch):
        append(self, epoch)
        if epoch.epoch == epochs:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(nn.History, "append", pressed)
    return before


@pytest.fixture
def stopped(tmp_path, monkeypatch, capsys):
    """A run of two epochs that was stopped after the first."""
    path = tmp_path / "m.safetensors"
    with monkeypatch.context() as context:
        before = stop_after(context, 1)
        assert train(*FAST, "--save", path, "--lr", "0.01") == 130
        signal.signal(signal.SIGINT, before)
    capsys.readouterr()
    return path


CONTRADICTIONS = {
    "--lr 0.1": "--lr: expected 0.01, got 0.1",
    "--epochs 3": "--epochs: expected 2, got 3",
    "--hidden 16 16": "--hidden: expected 16, got 16 16",
    "--dataset mnist": "--dataset: expected digits, got mnist",
    "--optimizer momentum": "--optimizer: expected adam, got momentum",
    "--schedule cosine": "--schedule: expected constant, got cosine",
    "--batch-size 7": "--batch-size: expected 128, got 7",
    "--model cnn": "--model: expected mlp, got cnn",
    "--dropout 0.5": "--dropout: expected 0.0, got 0.5",
    "--weight-decay 1": "--weight-decay: expected 0.0, got 1.0",
    "--seed 1": "--seed: expected 0, got 1",
    "--batch-norm": "--batch-norm: expected False, got True",
}


def test_a_resumed_run_refuses_other_options_by_name_and_goes_on_without_them(stopped, capsys):
    for words, said in CONTRADICTIONS.items():
        err = refused(capsys, "train", "--save", stopped, "--resume", *words.split())
        assert f"{said}, as the run in {stopped} began: leave it out" in err
    assert train("--save", stopped, "--resume") == 0
    out = capsys.readouterr().out
    assert "going on after step 11, in epoch" in out
    assert re.findall(r"^epoch +(\d)/2", out, re.M) == ["2"]
    assert train("--save", stopped, "--resume", *FAST) == 0
    assert "has ended, after 2 epochs" in capsys.readouterr().out


def test_a_run_that_has_not_ended_is_not_overwritten(stopped, capsys):
    assert "add --resume to go on with it; to begin another, name another file" in refused(
        capsys, "train", "--save", stopped
    )


def test_resume_needs_a_file_that_is_there(tmp_path, capsys):
    assert "name the run's file, too: --save FILE --resume" in refused(capsys, "train", "--resume")
    assert train("--resume", "--save", tmp_path / "m.safetensors") == 1
    assert (
        "expected a file that model.save wrote, got nothing of that name" in capsys.readouterr().err
    )


OPTIONS = {
    ("--optimizer", "adamw", "--weight-decay", "0.3"): "AdamW(lr=0.001, weight_decay=0.3)",
    ("--optimizer", "momentum", "--weight-decay", "0.3"): "momentum=0.9, weight_decay=0.3",
    ("--dropout", "0.25"): "Dropout(0.25)",
    ("--batch-norm",): "BatchNorm(16)",
    ("--seed", "7"): "1,210 parameters",
    ("--model", "cnn"): "Conv2D(8, 16, 3, padding=1)",
    ("--model", "cnn", "--batch-norm"): "BatchNorm(8)",
}


@pytest.mark.parametrize("words", OPTIONS, ids=" ".join)
def test_an_option_changes_the_network_or_the_optimizer(words, tmp_path, capsys):
    path = tmp_path / "m.safetensors"
    assert train("--epochs", "1", "--hidden", "16", *words, "--save", path) == 0
    assert OPTIONS[words] in capsys.readouterr().out
    assert train("--epochs", "1", "--hidden", "16", *words, "--save", path, "--resume") == 0


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 100])
def test_a_schedule_begins_and_ends_as_the_help_says(schedule, steps):
    lr = SCHEDULES[schedule](0.5, steps)
    rates = [0.5 if lr == 0.5 else lr(t) for t in range(steps + 1)]
    last = {"constant": 1, "step": 0.01, "exponential": 0.01, "onecycle": 4e-6}.get(schedule, 0)
    assert max(rates) <= 0.5
    if steps == 100:
        assert max(rates) == pytest.approx(0.5)
        assert rates[-1] == pytest.approx(0.5 * last, abs=1e-3 * last)


@pytest.mark.parametrize("words", [(), ("--batch-norm", "--batch-size", "4")], ids=["22", "646"])
def test_a_schedule_is_over_with_the_last_epoch(words, tmp_path):
    path = tmp_path / "m.safetensors"
    assert train(*FAST, "--schedule", "cosine", "--save", path, *words) == 0
    optimizer = nn.Model.load(path).optimizer
    assert optimizer.lr.end == optimizer.t == (646 if words else 22)  # 1293 = 323 · 4 + 1


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_a_rate_that_is_too_large_ends_in_one_sentence(optimizer, capsys, recwarn):
    assert train("--lr", "1000", "--optimizer", optimizer, "--epochs", "2") == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert re.search(r"try .*--lr", error)
    assert not recwarn.list
    assert train("--lr", "0.01", "--optimizer", optimizer, "--epochs", "1") == 0  # the remedy


def test_a_run_that_is_no_better_than_guessing_says_where_to_ask(capsys):
    asks = "no better than guessing (2.30): in Python, nnlib.diagnose(model, data.X_train, "
    assert train(*FAST, "--lr", "1e-9") == 0
    assert asks in capsys.readouterr().out
    assert train(*FAST, "--lr", "0.01") == 0
    assert "diagnose" not in capsys.readouterr().out


WRONG = {
    "train --optimiser adam": "unrecognized --optimiser: did you mean --optimizer?",
    "train --learning-rate 1": "unrecognized --learning-rate: did you mean --lr?",
    "train --optimizer adamm": "got 'adamm': did you mean adam?",
    "train --optimizer Adam": "got 'Adam': did you mean adam?",
    "train --schedule cosin": "got 'cosin': did you mean cosine?",
    "train --model rnn": "expected one of mlp, cnn, got 'rnn'",
    "train --dropout 1": "--dropout: expected a number from 0 to below 1, got '1'",
    "train --weight-decay -1": "--weight-decay: expected a number of 0 or more, got '-1'",
    "train --save no/such/m": "does not exist: create it first",
    "train --save .": "expected a file, got the folder '.': add a name",
    "train --threads 0": "--threads: expected a whole number of 1 or more",
    "train it": "unrecognized it",
    "trian": "got 'trian': did you mean train?",
    "evaluate m --jsn": "unrecognized --jsn: did you mean --json?",
    "doctor --josn": "unrecognized --josn: did you mean --json?",
}


@pytest.mark.parametrize("line", WRONG)
def test_a_wrong_word_is_told_the_nearest_right_one_under_the_usage(line, capsys):
    err = refused(capsys, *line.split())
    command = line.split()[0]
    assert err.startswith(f"usage: python -m nnlib {command if command in parsers()[1] else ''}")
    assert WRONG[line] in err


def test_one_thread_unless_asked_for_more_and_what_the_user_has_set_wins(monkeypatch):
    control = pytest.importorskip("threadpoolctl")
    for name in threads.VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def used():
        return {a["num_threads"] for a in control.threadpool_info() if a["user_api"] == "blas"}

    with control.threadpool_limits(3, user_api="blas"):
        with threads.limited(None):
            assert used() == {1}
        with threads.limited(2):
            assert used() == {2}
        monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
        with threads.limited(2):
            assert used() == {3}


def test_threads_that_were_asked_for_need_threadpoolctl(monkeypatch, capsys):
    for name in threads.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    with threads.limited(None):
        pass
    assert train("--threads", "2") == 1
    assert "--threads needs threadpoolctl" in capsys.readouterr().err
