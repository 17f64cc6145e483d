import re
import subprocess
import sys

import pytest

from nnlib._command_line import main
from nnlib.optimizers import BY_NAME


def run(capsys, *words):
    """Run the command line in this process; return its status and what it printed."""
    status = main(["train", *words])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_training_on_digits_prints_a_line_an_epoch_and_how_it_went(capsys, tmp_path):
    curve = tmp_path / "curve.png"
    status, out, err = run(capsys, "--epochs", "3", "--hidden", "32", "--plot", str(curve))
    assert status == 0
    lines = re.findall(r"^epoch +\d/3  loss \d\.\d{4}  val_loss \d\.\d{4}  val_accuracy", out, re.M)
    assert len(lines) == 3
    assert re.search(r"^test accuracy \d\d\.\d\d%$", out, re.M)
    table = out[out.index("true \\ predicted") :].splitlines()
    assert len(table) >= 11
    assert sum(int(n) for row in table[1:11] for n in row.split()[1:]) == 360
    assert "3/3" in err
    assert curve.read_bytes()[:4] == b"\x89PNG"


def test_training_on_digits_works(capsys):
    _, out, _ = run(capsys)
    assert float(re.search(r"test accuracy ([\d.]+)%", out)[1]) > 95


def test_the_same_seed_prints_the_same_lines(capsys):
    first = run(capsys, "--epochs", "2", "--seed", "7")[1]
    assert run(capsys, "--epochs", "2", "--seed", "7")[1] == first
    assert run(capsys, "--epochs", "2", "--seed", "8")[1] != first


@pytest.mark.parametrize("optimizer", BY_NAME)
def test_every_optimizer_can_be_chosen(capsys, optimizer):
    status, out, _ = run(capsys, "--optimizer", optimizer, "--epochs", "1", "--lr", "0.01")
    assert status == 0
    assert repr(BY_NAME[optimizer](lr=0.01)) in out


def test_no_hidden_layer_is_a_linear_classifier(capsys):
    _, out, _ = run(capsys, "--hidden", "--epochs", "1")
    assert "650 parameters" in out


def test_mnist_reaches_97_percent_in_5_epochs(capsys, mnist):
    _, out, _ = run(capsys, "--dataset", "mnist", "--hidden", "128", "64", "--epochs", "5")
    assert float(re.search(r"test accuracy ([\d.]+)%", out)[1]) >= 97


BAD = {
    "no epochs": (["--epochs", "0"], "argument --epochs: expected a whole number of 1 or more"),
    "half an epoch": (["--epochs", "1.5"], "got '1.5'"),
    "no batch": (["--batch-size", "0"], "--batch-size: expected a whole number of 1 or more"),
    "negative rate": (["--lr", "-0.1"], "--lr: expected a number above 0, got '-0.1'"),
    "no rate": (["--lr", "fast"], "--lr: expected a number above 0, got 'fast'"),
    "nan rate": (["--lr", "nan"], "--lr: expected a number above 0, got 'nan'"),
    "empty layer": (["--hidden", "64", "0"], "--hidden: expected a whole number of 1 or more"),
    "negative seed": (["--seed", "-1"], "--seed: expected a whole number of 0 or more"),
    "unknown data": (["--dataset", "cifar"], "expected one of digits, mnist, got 'cifar'"),
    "unknown optimizer": (["--optimizer", "lbfgs"], "adamw, got 'lbfgs'"),
    "no picture": (["--plot", "curve.docx"], "expected a name that ends in .png"),
    "no folder": (["--plot", "no/such/folder/c.png"], "does not exist: create it first"),
}


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_bad_values_are_refused_before_anything_runs(capsys, words, message):
    with pytest.raises(SystemExit) as stop:
        run(capsys, *words)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_diverged_run_ends_with_an_error_not_a_traceback(capsys):
    status, _, err = run(capsys, "--optimizer", "sgd", "--lr", "1e30", "--epochs", "5")
    assert status == 1
    assert "error: training diverged in epoch 1" in err


def test_missing_data_ends_with_an_error_not_a_traceback(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    status, _, err = run(capsys, "--dataset", "mnist")
    assert status == 1
    assert "error: NNLIB_DATA: expected train-images-idx3-ubyte.gz" in err


def test_the_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "nnlib", "train", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "--batch-size" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path):
    command = [sys.executable, "-m", "nnlib", "doctor"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()  # before anything is written
        assert process.stderr.read() == b""
