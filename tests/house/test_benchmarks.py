"""The speed comparison: sums and ratios by hand, the same work for all, each part run tiny.

No time is tested. Processes get their work from the standard library: it can be found in all.
"""

import importlib
import importlib.util
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.image import imread

from benchmarks import __main__ as command
from benchmarks import (
    compare,
    convolution,
    footprint,
    machine,
    memory,
    networks,
    output,
    scaling,
    summary,
)
from benchmarks.contenders import (
    Jax,
    Nnlib,
    Products,
    PyTorch,
    PyTorchFused,
    ScikitLearn,
    Task,
    mlp,
)
from benchmarks.output import Settings
from benchmarks.race import WorkerError, once, race

ROOT = Path(__file__).parents[2]
TINY = Settings(rounds=1, threads=(1,), n=300, mnist=False, gigabytes=0.001, steps=3)
SIZES = (784, 16, 8, 10)


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr("benchmarks.race.PAUSE", 0)


def contender(epoch, *args):
    """What makes a contender whose epoch calls a function."""
    return partial(SimpleNamespace, epoch=partial(epoch, *args)), ()


def test_quartiles_by_hand():
    assert summary.quartiles([5.0, 1.0, 2.0, 4.0, 3.0]) == (2.0, 3.0, 4.0)
    assert summary.quartiles([7.0]) == (7.0, 7.0, 7.0)


def test_ratios_are_over_ours_and_costs_beyond_the_bound_too():
    seconds = {"ours": [2.0, 4.0, 3.0], "other": [8.0, 8.0, 9.0], "bound": [1.0, 1.0, 1.0]}
    compared = summary.compare(seconds, "ours", "bound")
    assert [entry["median"] for entry in compared.values()] == [3, 8, 1]
    assert [entry["ratio"] for entry in compared.values()] == [1, 8 / 3, 1 / 3]
    assert [entry["beyond"] for entry in compared.values()] == [1, 7 / 2, 0]
    assert compared["other"]["ratio_quartiles"] == [2.5, 3.5]  # of 4, 2 and 3, round by round
    assert compared["other"]["seconds"] == [8, 8, 9]
    assert "beyond" not in summary.compare(seconds, "ours")["other"]


def test_nothing_lies_beyond_a_bound_that_is_not_reached():
    assert summary.beyond(5.0, 2.0, 2.0) is None
    assert summary.beyond(1.5, 3.0, 2.0) == -0.5


def test_a_slope_is_the_power_of_the_last_points():
    x = [1.0, 2.0, 4.0, 8.0, 16.0]
    assert summary.slope(x, [3 * value**2 for value in x]) == pytest.approx(2)
    assert summary.slope(x, [9.0, 9.0, 4.0, 8.0, 16.0]) == pytest.approx(1)
    assert summary.slope(x, [1.0, 1.0, 1.0, 2.0, 8.0], last=2) == pytest.approx(2)


def test_a_table_is_aligned():
    text = output.table(["name", "ms"], [["a", "1.5"], ["longer", "10.25"]])
    assert text.splitlines() == ["name       ms", "a         1.5", "longer  10.25"]


@pytest.mark.parametrize("forced", [None, "Haswell"])
def test_other_kernels_than_the_usual_are_told(monkeypatch, forced):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    if forced:
        monkeypatch.setenv("OPENBLAS_CORETYPE", forced)
    found = machine.describe()
    told = [line for line in machine.lines(found) if "OPENBLAS_CORETYPE=Haswell" in line]
    assert len(told) == (1 if forced else 0)
    assert found["numpy"] == np.__version__
    assert 1 <= found["cores"] <= os.cpu_count()


# JAX comes with no part of the project: where it is missing, it has no test.
LIBRARIES = [PyTorch, PyTorchFused, *([Jax] if importlib.util.find_spec("jax") else [])]


@pytest.mark.parametrize("library", LIBRARIES)
def test_those_who_start_from_the_same_weights_reach_the_same_loss(library):
    if library is not Jax:
        pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    task = Task(mlp(*SIZES), 64, 300, mnist=False)
    ours, theirs = Nnlib(task), library(task)
    loss = ours.epoch()
    assert theirs.epoch() == pytest.approx(loss, rel=1e-5)
    assert ours.epoch() == loss  # each epoch starts anew
    assert theirs.epoch() == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(("stride", "padding"), convolution.ROWS)
def test_convolutional_networks_reach_the_same_loss(stride, padding):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    task = Task(convolution.cnn(stride, padding, (2, 3)), 64, 150, mnist=False)
    assert PyTorch(task).epoch() == pytest.approx(Nnlib(task).epoch(), rel=1e-5)


def test_scikit_learn_trains_the_same_network():
    loss = ScikitLearn(Task(mlp(*SIZES), 64, 300, mnist=False)).epoch()
    assert loss == pytest.approx(np.log(10), rel=0.1)


def test_the_bound_multiplies_what_an_epoch_multiplies():
    task = Task(mlp(*SIZES), 128, 300, mnist=False)
    bound = Products(task)
    assert bound.epoch() is None
    assert sum(times for _, times in bound.batches) == task.steps == 3
    operations = 0
    for products, times in bound.batches:
        for left, right, out in products:
            np.testing.assert_allclose(out, left @ right, rtol=1e-4, atol=1e-3)
            operations += times * left.size * right.shape[1]
    weights = [784 * 16, 16 * 8, 8 * 10]
    assert operations == 300 * (3 * sum(weights) - weights[0])


def test_all_race_in_turns_and_are_gone_afterwards():
    entries = {"a": contender(round, 1.7), "b": contender(str, "b")}
    raced = race(entries, 2, 1)
    assert raced.losses == {"a": 2, "b": "b"}
    assert {name: len(times) for name, times in raced.seconds.items()} == {"a": 2, "b": 2}
    assert raced.left_out == {}
    assert not multiprocessing.active_children()


def test_who_is_not_installed_is_left_out():
    entries = {"a": contender(round, 1.7), "b": (importlib.import_module, ("no_such_package",))}
    raced = race(entries, 1, 1)
    assert raced.left_out == {"b": "b: ModuleNotFoundError: No module named 'no_such_package'"}
    assert list(raced.seconds) == ["a"]


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ((int, ("no number",)), "ValueError: invalid literal"),
        (contender(int, "no number"), "ValueError: invalid literal"),
        (contender(os._exit, 3), "its process ended, exit code 3"),
    ],
)
def test_a_process_that_fails_says_why_in_one_line_and_ends_all(entry, reason):
    with pytest.raises(WorkerError, match=f"^bad: {reason}") as raised:
        race({"good": contender(round, 1.7), "bad": entry}, 1, 1)
    assert "\n" not in str(raised.value)
    assert not multiprocessing.active_children()


def test_one_epoch_may_be_had_from_a_process_of_its_own():
    assert once("a process", *contender(os.getpid), 1) != os.getpid()


@pytest.fixture
def _ctrl_c():
    """Where the tests themselves run deaf to Ctrl-C, what they start would be deaf too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signals of a terminal")
@pytest.mark.usefixtures("_ctrl_c")
def test_ctrl_c_ends_every_process_and_writes_nothing(tmp_path):
    line = ["--only", "scaling", "--data", "random", "--results", str(tmp_path / "results")]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *line],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert any(said.startswith("====") for said in process.stdout)
        time.sleep(0.3)  # by now the first process is on its way
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, complaint = process.communicate(timeout=20)  # ends when none of them can write any more
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    assert process.returncode == 130
    assert complaint == "\nscaling: stopped; nothing was written\n"
    assert not (tmp_path / "results").exists()


def saved(part, result, folder):
    """Save what a part has found; look at the picture, return what the file says."""
    paths = output.save(folder, part.__name__.rpartition(".")[2], result, part.draw)
    assert sorted(folder.iterdir()) == sorted(paths)  # no temporary file is left
    picture = imread(paths[1])
    assert picture.shape[1] <= 7.5 * 150
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 1).all()  # opaque and white
    assert np.ptp(picture) > 0.9
    return json.loads(paths[0].read_text("utf8"))


def test_networks(tmp_path, capsys):
    result = networks.run(TINY, rows=[((784, 8, 10), 64)], who=[Nnlib, Products])
    (row,) = saved(networks, result, tmp_path)["rows"]
    assert row["label"] == "784-8-10, batch 64"
    assert (row["n"], row["batch_size"], row["steps"], row["threads"]) == (300, 64, 5, 1)
    assert list(row["contenders"]) == ["nnlib", "matrix products"]
    ours, bound = row["contenders"].values()
    keys = {"seconds", "median", "quartiles", "ratio", "ratio_quartiles", "beyond", "loss"}
    assert ours.keys() == bound.keys() == keys
    assert len(ours["seconds"]) == 1
    assert ours["loss"] == pytest.approx(np.log(10), rel=0.2)
    assert bound["loss"] is None
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_threads_without_a_core_are_left_out(capsys):
    assert networks.possible((1, 10_000)) == [1]
    assert "left out: 10000 threads" in capsys.readouterr().out
    with pytest.raises(WorkerError, match="threads: expected a number up to"):
        networks.possible((10_000,))


def test_scaling(tmp_path):
    axes = [
        scaling.Axis("examples", (64, 128), lambda _: SIZES, lambda _: 64, int, False),
    ]
    result = scaling.run(TINY, axes)
    (examples,) = saved(scaling, result, tmp_path)["axes"]
    assert [point["n"] for point in examples["points"]] == [64, 128]
    assert [point["steps"] for point in examples["points"]] == [1, 2]
    assert list(examples["slopes"]) == ["nnlib", "matrix products"]
    assert len(examples["points"][0]["seconds"]["nnlib"]) == 1


def test_the_axes_of_scaling_are_powers_of_two_and_whole_batches():
    for axis in scaling.AXES:
        assert [b / a for a, b in zip(axis.values, axis.values[1:], strict=False)] == [2] * (
            len(axis.values) - 1
        )
        for value in axis.values:
            assert axis.n(value) % axis.batch_size(value) == 0


def test_slopes_of_hand_made_points():
    points = [{"value": v, "medians": {"a": 5 * v, "b": v**2}} for v in (1, 2, 4, 8)]
    assert scaling.slopes(points) == pytest.approx({"a": 1, "b": 2})
    assert scaling.slopes(points[:1]) == {"a": None, "b": None}


def test_convolution(tmp_path):
    result = convolution.run(TINY, rows=[(2, 0)], channels=(2, 2), who=[Nnlib])
    (row,) = saved(convolution, result, tmp_path)["rows"]
    assert row["label"] == "stride 2, padding 0"
    assert (row["n"], row["steps"]) == (300, 5)
    assert "beyond" not in row["contenders"]["nnlib"]


def test_footprint(tmp_path, monkeypatch):
    monkeypatch.setattr(footprint, "STARTS", 1)
    result = footprint.run(TINY, nets=[("tiny, batch 4", mlp(784, 8, 10), 4)])
    found = saved(footprint, result, tmp_path)
    imports, (step,) = found["imports"], found["steps"]
    assert {name: len(s) for name, s in imports["seconds"].items()} == {"numpy": 1, "nnlib": 1}
    assert imports["ratio"] == imports["medians"]["nnlib"] / imports["medians"]["numpy"]
    assert step["outputs"] == 4 * (8 + 10) * 4  # examples, units, bytes of a number
    assert step["ratio"] == step["peak"] / step["outputs"]
    assert step["peak"] > step["outputs"]


@pytest.mark.skipif(not memory.STATUS.exists(), reason="reads /proc, which only Linux has")
def test_the_command_runs_a_part_and_says_what_it_ran_on(tmp_path, capsys):
    options = ["--only", "memory", "--gigabytes", "0.001", "--steps", "3"]
    assert command.main([*options, "--results", str(tmp_path)]) == 0
    found = json.loads((tmp_path / "memory.json").read_text("utf8"))
    assert found["part"] == "memory"
    assert found["settings"] == {"gigabytes": 0.001, "steps": 3}
    assert {"processor", "cores", "blas", "forced", "numpy", "python"} <= found["machine"].keys()
    assert found["rows"] == 318
    assert len(found["megabytes"]) == 4
    assert found["peak"] == max(found["megabytes"])
    assert (tmp_path / "memory.png").exists()
    assert "own memory" in capsys.readouterr().out


def test_a_part_that_cannot_run_here_is_left_out(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(memory, "STATUS", tmp_path / "nothing")
    assert command.main(["--only", "memory", "--results", str(tmp_path)]) == 0
    assert "left out" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_told_and_writes_nothing(tmp_path, monkeypatch, capsys):
    def fail(settings):
        raise WorkerError("nnlib: MemoryError")

    monkeypatch.setattr(memory, "run", fail)
    assert command.main(["--only", "memory", "--results", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "memory: nnlib: MemoryError; nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_fails_leaves_no_file(tmp_path):
    (tmp_path / "part.json").write_text("the last one", "utf8")
    with pytest.raises(KeyError):
        output.save(tmp_path, "part", {}, lambda result: result["rows"])
    assert [path.name for path in tmp_path.iterdir()] == ["part.json"]
    assert (tmp_path / "part.json").read_text("utf8") == "the last one"


@pytest.mark.parametrize("line", ["--rounds 0", "--threads x", "--gigabytes -1", "--only speed"])
def test_options_that_make_no_sense_are_refused(line, capsys):
    with pytest.raises(SystemExit):
        command.main(line.split())
    assert "error" in capsys.readouterr().err


def test_without_mnist_random_numbers_take_its_place(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    given = []
    monkeypatch.setattr(scaling, "run", lambda settings: given.append(settings) or {"left_out": ""})
    assert command.main(["--only", "scaling", "--results", str(tmp_path)]) == 0
    assert not given[0].mnist
    assert "random numbers take its place" in capsys.readouterr().out


def against_the_old(ratio, first, third):
    """What a comparison of two versions has found."""
    return {"ratio": ratio, "ratio_quartiles": [first, third], "median": ratio}


@pytest.mark.parametrize(
    ("ratio", "first", "says"),
    [
        (1.10, 1.05, True),
        (1.10, 0.99, False),  # one round of four or more was faster: that is noise
        (1.02, 1.01, False),  # certain, and not worth a word
        (0.50, 0.40, False),
    ],
)
def test_slower_is_what_is_so_beyond_tolerance_and_chance(ratio, first, says):
    assert compare.slower(against_the_old(ratio, first, 2)) == says


def test_a_verdict_names_what_is_slower():
    old = against_the_old(1, 1, 1)
    compared = {
        "a": {"old": old, "new": against_the_old(1.5, 1.4, 1.6)},
        "b": {"old": old, "new": against_the_old(0.9, 0.8, 1.0)},
    }
    assert compare.verdict(compared) == "slower by more than 3 %: a (1.50)"
    assert compare.verdict({"b": compared["b"]}) == "slower by more than 3 %: nothing"
    row = compare.report(compared).splitlines()[1]
    assert row.split() == ["a", "1,000,000.0", "1,500,000.0", "1.500", "1.400", "–", "1.600"]


def test_versions_take_turns_and_who_goes_first_changes():
    asked = []

    def version(name):
        return lambda workload, repetitions: asked.append((name, repetitions)) or 0.01

    seconds = {"old": [], "new": []}
    compare.take_turns({"old": version("old"), "new": version("new")}, "a", 3, seconds)
    assert [name for name, _ in asked[6:]] == ["old", "new", "new", "old", "old", "new"]
    assert {repetitions for _, repetitions in asked[6:]} == {2}  # 0.02 s
    assert seconds == {"old": [0.005] * 3, "new": [0.005] * 3}


def test_every_workload_is_done_by_both_versions(capsys, monkeypatch):
    monkeypatch.setattr(compare, "TURN", 0)
    status = compare.main([str(ROOT), str(ROOT), "--starts", "1", "--rounds", "1"])
    assert status in (0, 1)  # one round says nothing
    lines = capsys.readouterr().out.splitlines()
    for name in compare.WORKLOADS:
        assert sum(line.startswith(name) for line in lines) == 1
    assert lines[-1].startswith("slower by more than 3 %: ")


def a_version(folder, change):
    """Copy nnlib, with some lines added."""
    shutil.copytree(ROOT / "nnlib", folder / "nnlib", ignore=shutil.ignore_patterns("course"))
    with (folder / "nnlib" / "__init__.py").open("a", encoding="utf8") as file:
        file.write(change)
    return str(folder)


def test_a_loss_that_is_computed_five_times_is_noticed(tmp_path, capsys):
    change = """
_once = SoftmaxCrossEntropy.value_and_grad
SoftmaxCrossEntropy.value_and_grad = lambda *given: [_once(*given) for _ in range(5)][0]
"""
    name = "softmax cross-entropy, batch 128"
    options = ["--starts", "1", "--rounds", "4", "--only", name]
    assert compare.main([str(ROOT), a_version(tmp_path, change), *options]) == 1
    assert f"slower by more than 3 %: {name} (" in capsys.readouterr().out


def test_a_version_that_fails_says_why_in_one_line(tmp_path, capsys):
    broken = a_version(tmp_path, "del Adam\n")
    options = ["--only", "Adam, 100,000 parameters"]
    assert compare.main([str(ROOT), broken, *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("new: AttributeError: module 'nnlib' has no attribute 'Adam'")
    assert error.count("\n") == 1


def test_a_folder_without_nnlib_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        compare.main([str(ROOT), str(tmp_path)])
    assert "expected a folder with nnlib in it" in capsys.readouterr().err
