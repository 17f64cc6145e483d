"""A saved model at work: ``evaluate``, ``predict``, ``info``; and ``doctor``."""

import copy
import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from nnlib._command_line import doctor, main

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("safetensors")

ROOT = Path(__file__).parents[2]


def run(capsys, *words):
    """Run the command line; return its status and what it printed."""
    capsys.readouterr()
    status = main(list(map(str, words)))
    shown = capsys.readouterr()
    return status, shown.out, shown.err


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A classifier of the 8×8 digits in a file."""
    path = tmp_path_factory.mktemp("cli") / "m.safetensors"
    assert main(["train", "--epochs", "4", "--lr", "0.01", "--save", str(path)]) == 0
    return path


def drawn(path, x, light_on_dark=False):
    """Write a row of pixels as a picture with a margin: dark on white, or light on dark."""
    side = round(len(x) ** 0.5)
    pixels = np.pad(np.round(255 * x.reshape(side, side)).astype(np.uint8), side // 2)
    picture = Image.fromarray(pixels if light_on_dark else 255 - pixels)
    picture.resize((picture.width * 4, picture.height * 4), Image.Resampling.BICUBIC).save(path)
    return path


def test_evaluate_tells_the_data_set_and_gives_model_evaluates_numbers(model, capsys):
    status, out, _ = run(capsys, "evaluate", model, "--json")
    told, data = json.loads(out), nn.load_digits(dtype=np.float32)
    assert status == 0
    expected = nn.Model.load(model).evaluate(data.X_test, data.y_test)
    assert (told["loss"], told["accuracy"]) == (expected["loss"], expected["accuracy"])
    assert (told["dataset"], told["n"]) == ("digits", 360)
    assert np.trace(told["confusion_matrix"]) == pytest.approx(360 * told["accuracy"])
    status, out, _ = run(capsys, "evaluate", model, "--dataset", "digits")
    assert f"accuracy  {told['accuracy']:.4f}" in out
    assert "true \\ predicted" in out


def test_evaluate_refuses_images_of_another_size(model, capsys):
    status, _, err = run(capsys, "evaluate", model, "--dataset", "mnist")
    assert status == 1
    assert "--dataset: expected digits, whose images the network takes, got mnist" in err


def test_predict_prints_a_table_and_json_with_all_probabilities(model, capsys, tmp_path):
    data = nn.load_digits()
    first = drawn(tmp_path / "a.png", data.X_test[0])
    second = drawn(tmp_path / "b.png", data.X_test[1], light_on_dark=True)
    status, out, err = run(capsys, "predict", model, first, second)
    assert (status, err) == (0, "")
    head, *rows = out.splitlines()
    assert head.split() == ["file", "prediction", "probability", "next", "best"]
    assert [row.split()[0] for row in rows] == [str(first), str(second)]
    status, out, _ = run(capsys, "predict", model, first, second, "--json")
    told = json.loads(out)
    for picture, row in zip(told, rows, strict=True):
        P = picture["probabilities"]
        assert list(P) == [str(digit) for digit in range(10)]
        assert sum(P.values()) == pytest.approx(1)
        assert picture["prediction"] == max(P, key=P.get) == row.split()[1]
        assert row.split()[2] == f"{picture['probability']:.1%}"
        second_best, third = sorted(P, key=P.get)[-2:-4:-1]
        assert row.split()[3::2] == [second_best, third]


def test_predict_names_what_it_cannot_read_and_reads_the_rest(model, capsys, tmp_path):
    good = drawn(tmp_path / "good.png", nn.load_digits().X_test[0])
    bad, gone = tmp_path / "bad.png", tmp_path / "gone.png"
    bad.write_text("no picture")
    status, out, err = run(capsys, "predict", model, bad, good, gone)
    assert status == 1
    assert [line.split()[0] for line in out.splitlines()[1:]] == [str(good)]
    assert len(err.splitlines()) == 2
    assert str(bad) in err.splitlines()[0]
    assert str(gone) in err.splitlines()[1]
    assert run(capsys, "predict", model, bad, "--json")[:2] == (1, "[]\n")


def test_a_model_of_bytes_reads_pictures_and_test_images_as_bytes(capsys, tmp_path):
    data, path = nn.load_digits(), tmp_path / "bytes.safetensors"
    body = nn.Sequential(nn.Dense(64, 32), nn.ReLU())

    def saved(prepare):
        net = nn.Sequential(copy.deepcopy(body), nn.Dense(32, 10), rng=1)
        model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(0.01), prepare=prepare)
        model.fit(255 * data.X_train, data.y_train, epochs=4)
        model.save(path)
        return model.evaluate(255 * data.X_test, data.y_test)["accuracy"]

    picture = drawn(tmp_path / "digit.png", data.X_test[3])
    accuracy = saved(nn.Pixels(64, white=255))
    status, out, _ = run(capsys, "evaluate", path, "--json")
    assert json.loads(out)["accuracy"] == pytest.approx(accuracy, abs=1e-12)
    status, out, _ = run(capsys, "predict", path, picture, "--json")
    assert (status, json.loads(out)[0]["prediction"]) == (0, str(data.y_test[3]))
    saved(nn.Standardize.fit(255 * data.X_train))
    for command in (["predict", path, picture], ["evaluate", path]):
        status, _, err = run(capsys, *command)
        assert status == 1
        assert "expected a model of pixels in [0, 1], got one that standardizes pixels with " in err
        assert "train it with prepare=nnlib.Pixels(…, white=255)" in err


def test_names_of_classes_are_what_is_predicted(capsys, tmp_path):
    data, names = nn.load_digits(), [f"digit-{k}" for k in range(10)]
    net = nn.Sequential(nn.Conv2D(1, 2, 3, stride=2), nn.Flatten(), nn.Dense(18, 10))
    path = tmp_path / "named.safetensors"
    nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(), classes=names).save(path)
    picture = drawn(tmp_path / "a.png", data.X_test[0])
    status, _, err = run(capsys, "predict", path, picture)
    assert status == 1
    assert "got one that takes any number: add --dataset mnist" in err
    _, out, _ = run(capsys, "predict", path, picture, "--dataset", "digits", "--json")
    assert list(json.loads(out)[0]["probabilities"]) == names


UNFIT = {
    "no digits": (nn.Sequential(nn.Dense(2, 2)), "got one that takes 2: nnlib.Model.load"),
    "regression": (nn.Sequential(nn.Dense(64, 1)), "expected a classifier, got a model with Mean"),
}


@pytest.mark.parametrize("command", ["evaluate", "predict"])
@pytest.mark.parametrize("kind", UNFIT)
def test_other_models_are_refused(kind, command, capsys, tmp_path):
    net, said = UNFIT[kind]
    loss = nn.MeanSquaredError() if kind == "regression" else nn.SoftmaxCrossEntropy()
    nn.Model(net, loss, nn.SGD()).save(tmp_path / "other")
    words = ["a.png"] if command == "predict" else []
    status, _, err = run(capsys, command, tmp_path / "other", *words)
    assert status == 1
    assert said in err


@pytest.mark.parametrize("command", ["evaluate", "info"])
def test_a_file_that_is_no_model_is_an_error_not_a_traceback(command, capsys, tmp_path):
    (tmp_path / "m").write_text("no model")
    assert "got another or a damaged one" in run(capsys, command, tmp_path / "m")[2]
    assert "nothing of that name in" in run(capsys, command, tmp_path / "n")[2]


def test_info_says_what_a_model_is(model, capsys):
    status, out, _ = run(capsys, "info", model)
    assert status == 0
    saved = nn.Model.load(model)
    assert out.startswith(repr(saved.summary()))
    lines = dict(re.split(r"  +", line, maxsplit=1) for line in out.split("\n\n")[1].splitlines())
    assert lines["loss"] == "SoftmaxCrossEntropy()"
    assert lines["optimizer"] == "Adam(lr=0.01)"
    assert lines["epochs"] == "4"
    assert f"loss {saved.history['loss'][-1]:.4g}" in lines["last epoch"]
    assert lines["run"] == "finished"
    assert lines["written by"] == f"nnlib {nn.__version__}, format 1"
    told = json.loads(run(capsys, "info", model, "--json")[1])
    assert told["last epoch"]["loss"] == saved.history["loss"][-1]
    assert told["layers"][0]["layer"] == "Dense(64, 128)"
    assert (told["unfinished"], told["format"]) == (False, 1)


def test_mnist_from_training_to_five_pictures(mnist, capsys, tmp_path):
    path = tmp_path / "m.safetensors"
    words = ("--dataset", "mnist", "--epochs", "1", "--save", path)
    assert run(capsys, "train", *words)[0] == 0
    rows = [np.flatnonzero(mnist.y_test == digit)[0] for digit in (0, 1, 2, 4, 7)]
    pictures = [
        drawn(tmp_path / f"{i}{light}.png", mnist.X_test[row], light)
        for i, row in enumerate(rows)
        for light in (False, True)
    ]
    told = json.loads(run(capsys, "predict", path, *pictures, "--json")[1])
    expected = [str(mnist.y_test[row]) for row in rows for _ in range(2)]
    assert [picture["prediction"] for picture in told] == expected
    scores = json.loads(run(capsys, "evaluate", path, "--json")[1])
    assert (scores["dataset"], scores["n"]) == ("mnist", 10_000)
    assert scores["accuracy"] > 0.92


# Doctor -----------------------------------------------------------------------------------------


def test_doctor_knows_the_extras_of_the_project():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    listed = {"lab": doctor.NEEDED, **doctor.OTHERS}
    wanted = extras["optional-dependencies"]
    assert {k: {re.split("[<>=]", w)[0] for w in v} for k, v in wanted.items()} == {
        extra: set(names) for extra, names in listed.items()
    }


@pytest.fixture
def all_there(monkeypatch, tmp_path):
    """A machine on which nothing is missing; what is imported is not what is tested."""
    lay_mnist(tmp_path, monkeypatch)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    return tmp_path


def lay_mnist(folder, monkeypatch, content=b"\0\0\x08\x01\0\0\0\x01\7"):
    """Put a file for MNIST into a folder; it is known to be right."""
    published = doctor._download.Published(
        9, hashlib.sha256(b"\0\0\x08\x01\0\0\0\x01\7").hexdigest()
    )
    monkeypatch.setitem(doctor._download.PUBLISHED, "mnist", {"tiny": published})
    (folder / "mnist").mkdir(exist_ok=True)
    (folder / "mnist" / "tiny").write_bytes(content)


def test_doctor_says_that_everything_is_there(all_there, capsys):
    status, out, err = run(capsys, "doctor")
    assert (status, err) == (0, "")
    assert out.endswith("\neverything is there\n")
    names = [line.split("  ")[0] for line in out.splitlines()]
    assert {"python", "nnlib", "numpy", *doctor.NEEDED, "blas", "cores", "mnist"} <= set(names)
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert told["missing"] == {}
    assert told["numpy"] == np.__version__


def test_doctor_says_what_is_missing_or_broken_and_what_to_do(all_there, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED", ("tqdm", "pooch", "scipy", "no-such-package"))
    monkeypatch.setitem(sys.modules, "tqdm", None)
    before, errors = (
        doctor.importlib.import_module,
        {"pooch": OSError("bad"), "scipy": SystemExit()},
    )

    def imported(name):
        if name in errors:
            raise errors[name]
        return before(name)

    monkeypatch.setattr(doctor.importlib, "import_module", imported)
    monkeypatch.setenv("NNLIB_DATA", str(all_there / "elsewhere"))
    status, out, _ = run(capsys, "doctor")
    assert status == 1
    _, missing = out.split("\nmissing, and what to do:\n")
    told = dict(re.split(r"  +", line, maxsplit=1) for line in missing.splitlines())
    assert told.pop("mnist").startswith("NNLIB_DATA: expected a folder")
    assert told == {
        "tqdm": "python -m pip install tqdm",
        "pooch": "python -m pip install --force-reinstall pooch",
        "scipy": "python -m pip install --force-reinstall scipy",
        "no-such-package": "python -m pip install no-such-package",
    }
    assert re.search("^pooch +cannot be imported: OSError: bad$", out, re.M)


def test_doctor_does_without_threadpoolctl(all_there, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    out = run(capsys, "doctor")[1]
    assert re.search(r"^blas .*, kernels and threads unknown$", out, re.M)


def test_doctor_tells_where_mnist_would_be_downloaded_to(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("NNLIB_DATA", raising=False)
    monkeypatch.setattr(doctor._download, "data_folder", lambda: tmp_path)
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert told["missing"] == {"mnist": "nnlib.load_mnist() downloads it, 11 MB"}
    assert told["fashion-mnist"] == (
        "not there, no lesson needs it: nnlib.load_fashion_mnist() downloads it, 31 MB"
    )


def test_doctor_reads_the_data_and_says_what_is_wrong_with_them(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    lay_mnist(tmp_path, monkeypatch)
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert told["mnist"] == str(tmp_path / "mnist")
    assert told["fashion-mnist"] == "not in the folder that NNLIB_DATA names; no lesson needs it"
    assert not {"mnist", "fashion-mnist"} & told["missing"].keys()
    lay_mnist(tmp_path, monkeypatch, b"<html>")
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert "tiny: this is a web page" in told["missing"]["mnist"]
    published = doctor._download.PUBLISHED["mnist"]
    monkeypatch.setitem(doctor._download.PUBLISHED, "fashion-mnist", published)
    lay_mnist(tmp_path, monkeypatch)
    (tmp_path / "mnist").rename(tmp_path / "fashion")
    told = json.loads(run(capsys, "doctor", "--json")[1])
    assert told["fashion-mnist"] == str(tmp_path / "fashion")
