"""The command of lesson 13 that reads MNIST can be typed, and does what is claimed."""

import re
from pathlib import Path

import pytest

from benchmarks import mnist_cnn
from nnlib._command_line.parser import parsed

ROOT = Path(__file__).parents[2]


def test_the_command_of_the_lesson_is_one_that_can_be_typed():
    options = parsed(mnist_cnn.COMMAND.split()[3:])
    assert (options.dataset, options.model, options.batch_norm) == ("mnist", "cnn", True)
    lesson = (ROOT / "notebooks" / "13_convolution.ipynb").read_text("utf8")
    assert mnist_cnn.COMMAND in lesson


def test_a_run_of_the_command_says_what_it_reached():
    share, seconds = mnist_cnn.run(0, "python -m nnlib train --model cnn --epochs 1")
    assert 0 <= share <= 1
    assert 0 <= seconds < 60


def test_what_prints_no_accuracy_is_refused():
    assert mnist_cnn.accuracy("epoch 1\n\ntest accuracy 99.14%\ntrue") == pytest.approx(0.9914)
    with pytest.raises(ValueError, match="expected a line with the test accuracy, got 'error'"):
        mnist_cnn.accuracy("error")


@pytest.mark.parametrize(
    ("share", "seconds", "status"), [(0.99, 600, 0), (0.9899, 60, 1), (0.995, 601, 1)]
)
def test_too_few_digits_or_too_many_minutes_are_a_failure(
    monkeypatch, capsys, share, seconds, status
):
    monkeypatch.setattr(mnist_cnn, "run", lambda seed: (share, seconds))
    assert mnist_cnn.main(["--seeds", "2"]) == status
    assert capsys.readouterr().out.splitlines()[-1].startswith("2 seeds: ")


def test_what_was_recorded_is_99_percent_in_ten_minutes():
    text = (ROOT / "tests" / "README.md").read_text("utf8")
    (figures,) = re.findall("(?<=<!-- mnist-cnn -->\n).*", text)
    least, _, minutes = (float(number) for number in re.findall(r"\d+\.\d+", figures)[:3])
    assert least >= 99
    assert minutes < 10
