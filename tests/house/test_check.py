"""`make test` where MNIST is, and where it is not: its lessons run, or are left out by name."""

import sys
from pathlib import Path

import pytest

from tools import check
from tools.run_notebooks import faults

LESSONS = ["notebooks/12_mnist.ipynb", "notebooks/solutions/12_mnist.ipynb"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def done(monkeypatch):
    """Do what looks for MNIST, and write down what else would be done."""
    real, commands = check.run, []

    def run(command, **variables):
        if command[1] == "-c":
            return real(command, **variables)
        commands.append(command)
        return 0

    monkeypatch.setattr(check, "run", run)
    return commands


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A folder without MNIST, and no download."""
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    monkeypatch.delenv("REQUIRE_ALL", raising=False)


def test_the_lessons_that_need_mnist_are_found():
    assert check.needing_mnist() == LESSONS


def test_where_mnist_is_all_lessons_run(done, mnist):
    assert check.main(["--here", "lessons"]) == 0
    assert not any(word.startswith("--ignore") for command in done for word in command)


@pytest.mark.usefixtures("nowhere")
def test_without_mnist_its_lessons_are_left_out_with_the_reason(done, capfd):
    assert check.main(["--here", "lessons"]) == 0
    told = capfd.readouterr()
    assert f"left out, as they need MNIST (the loader says above what to do): {LESSONS[0]}" in (
        told.out
    )
    assert "NNLIB_DATA: expected train-images-idx3-ubyte.gz" in told.err
    assert "Traceback" not in told.err
    form, lessons = done
    assert form == [sys.executable, "tools/run_notebooks.py", "--check"]
    assert [f"--ignore={name}" for name in LESSONS] == lessons[-3:-1]


@pytest.mark.usefixtures("nowhere")
def test_where_everything_must_run_that_is_a_failure(done, monkeypatch, capfd):
    monkeypatch.setenv("REQUIRE_ALL", "1")
    assert check.main(["--here", "lessons"]) == 1
    assert "REQUIRE_ALL=1 allows no lesson to be left out" in capfd.readouterr().out
    assert done == []


@pytest.mark.usefixtures("nowhere")
def test_other_stages_ask_for_no_data(done, capfd):
    assert check.main(["--here", "lint"]) == 0
    assert "MNIST" not in capfd.readouterr().out
    assert len(done) == 3


@pytest.mark.usefixtures("nowhere")
def test_the_form_of_its_lessons_is_checked_without_the_data():
    assert [fault for name in LESSONS for fault in faults(ROOT / name)] == []
