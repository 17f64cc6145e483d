"""Saved models and runs: what comes back is what was, bit for bit, or an error says why not."""

import dataclasses
import errno
import functools
import inspect
import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest

import nnlib as nn
from nnlib import _files, training
from nnlib._describe import built, described
from nnlib.checkpoints import NEWER_OPTIONS
from nnlib.examples import drawn
from nnlib.schedules import Cosine, Exponential, OneCycle, Sequence, StepDecay, Warmup
from tests.helpers.remedies import at_step, ctrl_c
from tests.helpers.rows import Rows

safetensors = pytest.importorskip("safetensors")

X, y = nn.make_xor(120, rng=0)
IMAGES, DIGITS = np.random.default_rng(0).random((60, 1, 6, 6)), np.arange(60) % 3


def mlp(dtype=np.float64, lr=None):
    """Batch statistics, dropout, a schedule: all that has a memory."""
    layers = nn.Dense(2, 8), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.3), nn.Dense(8, 2)
    lr = Cosine(0.02, steps=60) if lr is None else lr
    net = nn.Sequential(*layers, rng=3, dtype=dtype)
    return nn.Model(net, nn.SoftmaxCrossEntropy(label_smoothing=0.1), nn.AdamW(lr=lr))


def cnn():
    layers = nn.Conv2D(1, 3, 3), nn.Tanh(), nn.MaxPool2D(2), nn.Flatten(), nn.Dense(12, 3)
    net = nn.Sequential(*layers, rng=1)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1, momentum=0.9, nesterov=True))


def blocks():
    """A network in a network, a residual block, and layers that training leaves as they are."""
    body = nn.Sequential(nn.Dense(2, 6), nn.BatchNorm(6), nn.Dropout(0.1), rng=5)
    block = nn.Residual(nn.Tanh(), nn.Dense(6, 6), nn.Dropout(0.2))
    model = nn.Model(
        nn.Sequential(body, block, nn.Dense(6, 2), rng=3), nn.SoftmaxCrossEntropy(), nn.Adam()
    )
    body.layers[0].frozen = body.layers[1].frozen = True
    return model


RUNS = {
    "mlp": (mlp, (X, y), {"validation": 0.25}),
    "float32": (lambda: mlp(np.float32), (X, y), {"validation": (X[:30], y[:30])}),
    "early stopping": (
        lambda: mlp(lr=0.3),
        (X, y),
        {"validation": 0.3, "early_stopping": nn.EarlyStopping(2), "metrics": "f1_macro"},
    ),
    "cnn": (cnn, (IMAGES, DIGITS), {"sample_weight": np.linspace(0.5, 2, 60)}),
    "plateau": (
        lambda: mlp(lr=0.3),
        (X, y),
        {"validation": 0.3, "plateau": {"patience": 0, "factor": 0.5, "min_delta": 0.02}},
    ),
    "both": (
        lambda: mlp(lr=0.3),
        (X, y),
        {
            "validation": 0.3,
            "early_stopping": nn.EarlyStopping(2),
            "plateau": {"patience": 0, "monitor": "val_accuracy"},
        },
    ),
    "in order": (mlp, (X, y), {"validation": 0.3, "shuffle": False}),
    "stratified": (mlp, (X, y), {"validation": 0.3, "stratify": True}),
    "no validation": (lambda: mlp(lr=StepDecay(0.02, every_steps=7)), (X, y), {}),
    "blocks, some frozen": (blocks, (X, y), {"validation": 0.25}),
}


def fit(model, *data, plateau=None, **options):
    """Fit; a plateau is made of its options."""
    if plateau is not None:
        options["plateau"] = nn.ReduceLROnPlateau(model.optimizer, **plateau)
    return model.fit(*data, **options)


def assert_same(model, other):
    """Everything that can be seen of two models is the same, bit for bit."""
    for name in ("params", "buffers"):
        a, b = getattr(model.net, name), getattr(other.net, name)
        assert a.dtype == b.dtype
        assert a.tobytes() == b.tobytes()
    assert repr(model) == repr(other)
    assert dict(model.history) == dict(other.history)
    assert repr(model.history) == repr(other.history)
    states = zip(
        model.optimizer.state_dict().items(), other.optimizer.state_dict().items(), strict=True
    )
    for (name, a), (other_name, b) in states:
        assert name == other_name
        assert np.array_equal(a, b)


class Killed(BaseException):
    """Ends a run where no code of ours can do anything about it."""


def killed_after(steps, call, monkeypatch):
    """Run until so many updates are done, and then no further."""
    left = iter(range(steps))
    update = training.update

    def counted(*args):
        if next(left, None) is None:
            raise Killed
        return update(*args)

    with monkeypatch.context() as patched:
        patched.setattr(training, "update", counted)
        try:
            call()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("name", RUNS)
def test_a_loaded_model_goes_on_as_if_nothing_had_been(name, tmp_path):
    make, data, options = RUNS[name]
    model = make()
    fit(model, *data, epochs=2, batch_size=16, **options)
    model.save(tmp_path / "model.safetensors")
    loaded = nn.Model.load(tmp_path / "model.safetensors")
    assert_same(model, loaded)
    for one in (model, loaded):
        fit(one, *data, epochs=2, batch_size=16, **options)
    assert_same(model, loaded)
    assert np.array_equal(model.predict(data[0]), loaded.predict(data[0]))


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("every", [1, 4])
def test_a_run_stopped_anywhere_ends_as_if_it_had_not_been(name, every, tmp_path, monkeypatch):
    make, data, options = RUNS[name]
    whole, path = make(), tmp_path / "run.safetensors"
    options = {"epochs": 4, "batch_size": 16} | options
    fit(whole, *data, **options)
    given = {k: v for k, v in options.items() if k == "sample_weight" or isinstance(v, tuple)}
    for steps in (0, 1, 5, 8, 11, 16, 23):  # amid an epoch, at its end, in the last
        path.unlink(missing_ok=True)
        model = make()
        start = lambda: fit(model, *data, checkpoint=path, every=every, **options)  # noqa: B023, E731
        killed_after(steps, start, monkeypatch)
        again = lambda: nn.Model.resume(path, *data, **given)  # noqa: E731
        killed_after(2, again, monkeypatch)  # and stopped a second time
        assert_same(whole, again())
        assert os.listdir(tmp_path) == ["run.safetensors"]


def test_the_rates_of_the_runs_on_a_plateau_fall():
    for name in ("plateau", "both"):
        make, data, options = RUNS[name]
        assert len(set(fit(make(), *data, epochs=4, batch_size=16, **options)["lr"])) > 1


def test_a_run_of_before_there_were_plateaus_goes_on(tmp_path, monkeypatch):
    path, whole = tmp_path / "run.safetensors", mlp()
    whole.fit(X, y, epochs=3)
    killed_after(5, lambda: mlp().fit(X, y, epochs=3, checkpoint=path, every=2), monkeypatch)
    about, tensors = _files.read(path)
    asked = about["fit"]["asked"]["dict"]
    about["fit"]["asked"]["dict"] = [item for item in asked if item[0] not in NEWER_OPTIONS]
    del about["fit"]["plateau"]
    _files.write(path, about, tensors)
    assert_same(whole, nn.Model.resume(path, X, y))


def test_a_resumed_run_goes_on_after_its_end_like_the_whole(tmp_path, monkeypatch):
    whole, path = mlp(), tmp_path / "run.safetensors"
    whole.fit(X, y, epochs=3)
    killed_after(5, lambda: mlp().fit(X, y, epochs=3, checkpoint=path, every=2), monkeypatch)
    resumed = nn.Model.resume(path, X, y)
    for model in (whole, resumed):
        model.fit(X, y, epochs=2)
    assert_same(whole, resumed)


def test_a_run_that_has_ended_is_returned_as_it_is(tmp_path):
    path, model = tmp_path / "run.safetensors", mlp()
    model.fit(X, y, epochs=2, checkpoint=path)
    assert_same(model, nn.Model.resume(path, X, y))
    assert_same(model, nn.Model.load(path))


def test_an_unfinished_run_is_not_overwritten_by_another(tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    start = lambda: mlp().fit(X, y, epochs=3, checkpoint=path, every=2)  # noqa: E731
    killed_after(5, start, monkeypatch)
    with pytest.raises(ValueError, match=r"a run that stopped after step 4: nnlib.Model.resume"):
        start()
    nn.Model.resume(path, X, y)
    start()  # the run has ended: its place is free
    model = mlp()
    model.save(tmp_path / "model.safetensors")
    model.fit(X, y, epochs=1, checkpoint=tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"X": X + 1e-9}, "^X: expected what the run began with, got other data"),
        ({"X": X.astype(np.float32)}, "^X: expected what the run began with"),
        ({"y": 1 - y}, "^y: expected what the run began with, got other data"),
        ({"validation": (X[:9], y[:9])}, "^validation y: expected what the run began with"),
        ({"metrics": []}, "^metrics: expected f1_macro, as at the beginning of the run, got none"),
    ],
)
def test_a_run_goes_on_with_its_own_data_only(changed, said, tmp_path, monkeypatch):
    path, options = tmp_path / "run.safetensors", {"validation": (X[:9], y[:9].copy())}
    if "validation" in changed:
        options["validation"] = (X[:9], 1 - y[:9])
    start = lambda: mlp().fit(  # noqa: E731
        X, y, epochs=3, checkpoint=path, every=2, metrics="f1_macro", **options
    )
    killed_after(3, start, monkeypatch)
    given = {"X": X, "y": y} | options
    with pytest.raises(ValueError, match=said):
        nn.Model.resume(path, **(given | changed))
    nn.Model.resume(path, **given)


def test_rows_read_one_by_one_are_told_from_others_too(tmp_path, monkeypatch):
    rows = np.lib.format.open_memmap(tmp_path / "X.npy", "w+", X.dtype, X.shape)
    rows[:] = X
    path = tmp_path / "run.safetensors"
    killed_after(3, lambda: mlp().fit(rows, y, epochs=2, checkpoint=path, every=1), monkeypatch)
    other = rows.copy().view(np.memmap)
    other[7] += 1
    with pytest.raises(ValueError, match=r"^X: expected what the run began with"):
        nn.Model.resume(path, other, y)
    whole = mlp()
    whole.fit(X, y, epochs=2)
    assert_same(whole, nn.Model.resume(path, rows, y))


# What can be described --------------------------------------------------------------------------


PARTS = [
    *(nn.Dense(3, 2, init=nn.initializers.xavier_uniform), nn.Conv2D(1, 2, 3, padding=1)),
    nn.Dense(3, 2, bias=False),
    *(nn.Conv2D(2, 3, 3, stride=2, bias=False), nn.MaxPool2D(2), nn.AvgPool2D(3, stride=1)),
    *(nn.LeakyReLU(0.2), nn.ELU(0.5), nn.GELU("tanh"), nn.Dropout(0.1), nn.Reshape(1, 2, 3)),
    *(nn.BatchNorm(3, momentum=0.2, eps=1e-3), nn.LayerNorm(2, 3, eps=1e-4), nn.Flatten()),
    *(nn.RMSNorm(2, 3, eps=1e-4), nn.GlobalAvgPool2D()),
    *(nn.ReLU(), nn.SELU(), nn.SiLU(), nn.Sigmoid(), nn.Softmax(), nn.Softplus(), nn.Tanh()),
    *(nn.SoftmaxCrossEntropy(class_weight=[1, 2.5]), nn.CrossEntropy(), nn.Huber(0.3)),
    *(nn.SigmoidCrossEntropy(), nn.MeanSquaredError(), nn.MeanAbsoluteError(), nn.Poisson()),
    *(nn.SGD(0.1, momentum=0.5, nesterov=True), nn.Adagrad(eps=1e-7), nn.RMSProp(alpha=0.9)),
    *(nn.Adam(beta1=0.8, clip_norm=2.0), nn.AdamW(weight_decay=0.3, decay_biases=True)),
    *(nn.SGD(lr=Warmup(Cosine(0.1, 9), 5)), nn.SGD(lr=OneCycle(0.1, 30)), nn.Adam(clip_value=1.0)),
    nn.SGD(lr=Sequence([(Exponential(0.3, 0.9), 4), (0.1, 5)])),
    *(nn.Standardize([1.0, 2.0], [0.1, 3.0]), nn.Pixels(1, 2, 2, white=255)),
    nn.Residual(nn.Sequential(nn.Dense(2, 3, init=nn.initializers.zeros)), nn.Dense(3, 2)),
    nn.Sequential(nn.ReLU(), nn.Dense(2, 1)),
]


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_a_part_is_described_in_json_and_made_again(part):
    text = json.dumps(described("part", part), allow_nan=False)
    twin = built("part", json.loads(text), {})
    assert type(twin) is type(part)
    assert repr(twin) == repr(part)
    assert described("part", twin) == described("part", part)


def test_every_public_part_is_in_the_table_above():
    bases = (nn.Layer, nn.Chain, nn.Loss, nn.Optimizer, nn.schedules.Schedule, nn.Preparation)
    public = [*vars(nn).values(), *vars(nn.schedules).values()]
    kinds = {c for c in public if inspect.isclass(c) and issubclass(c, bases)} - set(bases)
    described_kinds = {type(p) for p in PARTS} | {
        type(p.lr) for p in PARTS if isinstance(p, nn.Optimizer)
    }
    assert kinds - described_kinds <= {nn.schedules.Constant, Cosine, Exponential, StepDecay}


def half(step):
    return 0.1 * 0.5**step


class Scale(nn.Layer):
    """A layer of one's own."""

    s, ds = nn.View(), nn.View()

    def __init__(self, d, first=1.0):
        super().__init__()
        self.d, self.first = d, first

    def shapes(self):
        return {"s": (self.d,)}

    def initialize(self, rng):
        self.s[:] = self.first

    def forward(self, X, *, train=False):
        self.cache = X if train else self.cache
        return X * self.s

    def backward(self, dZ, *, input_grad=True):
        self.ds = (dZ * self.cached()).sum(axis=0)
        return dZ * self.s


def with_own_parts():
    net = nn.Sequential(nn.Dense(2, 4), Scale(4, first=2.0), nn.Dense(4, 2))
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=half))


def test_parts_of_ones_own_come_back_if_their_names_are_explained(tmp_path):
    path, model = tmp_path / "own.safetensors", with_own_parts()
    model.fit(X, y, epochs=1)
    model.save(path)
    with pytest.raises(ValueError, match=r"layers\[1\]: .* got 'Scale': pass custom={'Scale'"):
        nn.Model.load(path)
    with pytest.raises(ValueError, match=r"optimizer.lr: .* pass custom={'half': half}"):
        nn.Model.load(path, custom={"Scale": Scale})
    assert_same(model, nn.Model.load(path, custom={"Scale": Scale, "half": half}))


class Forgetful(nn.Layer):
    def __init__(self, units):
        super().__init__()

    def forward(self, X, *, train=False):
        return X


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (lambda: nn.SGD(lr=lambda step: 0.1), r"^optimizer.lr: .* got <lambda>: write it with def"),
        (lambda: Forgetful(3), r"^layers\[0\]: Forgetful takes units .* self.units = units"),
        (
            lambda: nn.Dense(2, 2, init=lambda rng, shape, dtype: np.zeros(shape, dtype)),
            r"^layers\[0\].init: expected something with a name",
        ),
    ],
)
def test_what_cannot_be_described_is_refused_by_name_before_training(part, said, tmp_path):
    made = part()
    layers = [made] if isinstance(made, nn.Layer) else [nn.Dense(2, 2)]
    opt = made if isinstance(made, nn.Optimizer) else nn.SGD()
    model = nn.Model(nn.Sequential(*layers), nn.SoftmaxCrossEntropy(), opt)
    before = model.net.params.copy()
    with pytest.raises(TypeError, match=said):
        model.save(tmp_path / "model.safetensors")
    with pytest.raises(TypeError, match=said):
        model.fit(X, y, checkpoint=tmp_path / "model.safetensors")
    assert np.array_equal(model.net.params, before)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_a_generator_of_any_kind_goes_on(kind, tmp_path):
    model = mlp()
    model.fit(X, y, epochs=1, rng=np.random.Generator(getattr(np.random, kind)([3, 2**70])))
    model.save(tmp_path / "model.safetensors")
    loaded = nn.Model.load(tmp_path / "model.safetensors")
    for one in (model, loaded):
        one.fit(X, y, epochs=1, validation=0.2)
    assert_same(model, loaded)


# Files ------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "model.safetensors"
    model = mlp()
    model.fit(X, y, epochs=1)
    model.save(path)
    return path


def test_parameters_lie_under_the_names_of_the_network(saved):
    from safetensors.numpy import load_file

    tensors = load_file(saved)
    net = nn.Model.load(saved).net
    assert {"0.W", "0.b", "1.gamma", "1.running_mean", "4.W"} < tensors.keys()
    assert np.array_equal(tensors["4.W"], net.layers[4].W)


def test_damage_is_found(saved):
    content = saved.read_bytes()
    rng = np.random.default_rng(0)
    model = nn.Model.load(saved)
    for _ in range(200):
        at, bit = int(rng.integers(len(content))), 1 << int(rng.integers(8))
        saved.write_bytes(content[:at] + bytes([content[at] ^ bit]) + content[at + 1 :])
        try:
            other = nn.Model.load(saved)
        except ValueError as error:
            assert str(saved) in str(error)  # noqa: PT017
        else:
            assert_same(model, other)  # a space of the header that became another


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4 a zip",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 70)
        + b'{"a":{"dtype":"F64","shape":[1000000000000],"data_offsets":[0,8]}}    '
        + bytes(8),
    ],
)
def test_a_file_of_another_kind_is_refused(saved, content):
    saved.write_bytes(content)
    with pytest.raises(ValueError, match=r"expected a file that model.save wrote"):
        nn.Model.load(saved)


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"0.W": np.ones((2, 3))}, "0.b is missing: build the network"),
        ({"0.W": np.ones((2, 3)), "0.b": np.ones(3), "1.W": np.ones(2)}, "1.W is left over"),
        ({"0.W": np.ones((3, 2)), "0.b": np.ones(3)}, r"0.W of shape \(2, 3\), got \(3, 2\)"),
        ({"fc.weight": np.ones((3, 2))}, "got fc.weight; 0.W is missing"),
    ],
)
def test_weights_that_do_not_fit_change_nothing(tensors, said, tmp_path):
    from safetensors.numpy import save_file

    path, net = tmp_path / "weights.safetensors", nn.Sequential(nn.Dense(2, 3), rng=5)
    before = net.params.copy()
    save_file(tensors, path)
    with pytest.raises(ValueError, match=said):
        net.load_weights(path)
    assert np.array_equal(net.params, before)


def test_a_save_that_fails_leaves_what_was_there(saved, monkeypatch):
    content = saved.read_bytes()

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"the model was not saved: .* as it was"):
        mlp().save(saved)
    assert saved.read_bytes() == content
    assert os.listdir(saved.parent) == [saved.name]


def test_a_folder_that_is_not_there_is_told_before_training(tmp_path):
    model = mlp()
    with pytest.raises(FileNotFoundError, match=r"nothing was written"):
        model.fit(X, y, checkpoint=tmp_path / "nowhere" / "run.safetensors")
    assert model.optimizer.t == 0


def test_a_link_stays_a_link(saved):
    link = saved.with_name("link.safetensors")
    link.symlink_to(saved)
    model = mlp()
    model.save(link)
    assert link.is_symlink()
    assert_same(model, nn.Model.load(saved))


# Classes and preparation ------------------------------------------------------------------------


def test_what_goes_in_as_a_class_comes_out_as_one(tmp_path):
    names = np.array(["no", "yes"])
    model = mlp()
    model = nn.Model(model.net, model.loss, nn.Adam(lr=0.05), classes=["no", "yes"])
    model.fit(X, names[y], epochs=20, validation=(X, names[y]), metrics="f1_macro")
    assert set(model.predict(X)) == {"no", "yes"}
    assert nn.accuracy(names[y], model.predict(X)) == model.evaluate(X, names[y])["accuracy"] > 0.9
    model.save(tmp_path / "model.safetensors")
    loaded = nn.Model.load(tmp_path / "model.safetensors")
    assert np.array_equal(loaded.predict(X), model.predict(X))


@pytest.mark.parametrize("k", [1, 2])
def test_classes_may_be_minus_one_and_one(k):
    loss = nn.SigmoidCrossEntropy() if k == 1 else nn.SoftmaxCrossEntropy()
    net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, k))
    model = nn.Model(net, loss, nn.Adam(lr=0.05), classes=[-1, 1])
    model.fit(X, 2 * y - 1, epochs=30)
    assert nn.accuracy(2 * y - 1, model.predict(X)) > 0.9


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        (["a", "b", "c"], "expected one name for each of 2 classes"),
        ([0.5, 1.5], "classes: expected class labels"),
    ],
)
def test_impossible_classes_are_refused(classes, said):
    model = mlp()
    with pytest.raises(ValueError, match=said):
        nn.Model(model.net, model.loss, model.optimizer, classes=classes)


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        (y == 1, TypeError, "^y: expected text as in classes"),
        (y - 1, ValueError, "^y: expected class labels from 0 to 1 for k = 2 classes, got -1"),
        (np.array([["no"]] * 120), ValueError, r"^y: expected class labels of shape \(n,\)"),
    ],
)
def test_labels_that_are_no_class_of_the_model_are_refused(wrong, error, said):
    model = mlp()
    model = nn.Model(model.net, model.loss, model.optimizer, classes=["no", "yes"])
    with pytest.raises(error, match=said):
        model.fit(X, wrong)


def test_numbers_stand_for_named_classes_in_their_order():
    def fitted(targets):
        net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2), rng=0)
        model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05), classes=["yes", "no"])
        model.fit(X, targets, epochs=2, validation=(X[:9], targets[:9]))
        return [*model.predict(X), model.evaluate(X, targets)]

    assert fitted(y) == fitted(np.array(["yes", "no"])[y])


def test_numbers_are_refused_where_the_name_of_a_class_is_one():
    net = nn.Sequential(nn.Dense(2, 2))
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(), classes=["1", "0"])
    with pytest.raises(TypeError, match=r"^y: expected text as in classes, .* of digits"):
        model.fit(X, y)


def test_preparation_is_applied_wherever_inputs_come_in(tmp_path):
    far = 1e3 + 50 * X
    prepare = nn.Standardize.fit(far)
    options = {"epochs": 2, "validation": (far[:20], y[:20])}
    model = mlp()
    model = nn.Model(model.net, model.loss, model.optimizer, prepare=prepare)
    model.fit(far, y, **options)
    bare = mlp()
    bare.fit(prepare(far), y, epochs=2, validation=(prepare(far)[:20], y[:20]))
    assert np.array_equal(model.net.params, bare.net.params)
    assert model.evaluate(far, y) == bare.evaluate(prepare(far), y)
    model.save(tmp_path / "model.safetensors")
    loaded = nn.Model.load(tmp_path / "model.safetensors")
    for inputs in (far, far.tolist(), Rows(far)):
        assert np.allclose(loaded.predict_proba(inputs), bare.predict_proba(prepare(far)))


def shifted(prepare=nn.Standardize, **options):
    """A model that finds its preparation, and data that need one."""
    m = mlp(lr=options.pop("lr", 0.02))
    return nn.Model(m.net, m.loss, m.optimizer, prepare=prepare, **options)


FAR = 1e3 + 50 * X


@pytest.mark.parametrize(
    "options",
    [
        {"validation": 0.25},
        {"validation": 0.25, "stratify": True},
        {"validation": 0.25, "shuffle": False, "rng": 7},
        {"validation": (FAR[:20], y[:20])},
        {},
    ],
)
@pytest.mark.parametrize("inputs", [FAR, FAR.tolist(), FAR.astype(np.float32)])
def test_a_class_is_fitted_to_the_rows_that_are_trained_on(options, inputs, monkeypatch):
    runs, steps = [], training.Run.steps
    monkeypatch.setattr(training.Run, "steps", lambda run: runs.append(run) or steps(run))
    model = shifted()
    history = model.fit(inputs, y, epochs=1, **options)
    rows = slice(None) if runs[0].data.rows is None else np.sort(runs[0].data.rows)
    found = nn.Standardize.fit(np.asarray(inputs)[rows])
    assert np.array_equal(model.prepare.mean, found.mean)
    assert np.array_equal(model.prepare.scale, found.scale)
    other = shifted(found)
    assert dict(other.fit(inputs, y, epochs=1, **options)) == dict(history)
    assert_same(model, other)


def test_what_is_held_out_leaves_no_trace_in_the_preparation():
    held = drawn(120, 0.25, np.random.default_rng(0))[1]
    wild = FAR.copy()
    wild[held] *= 1e6
    tame, other = shifted(), shifted()
    tame.fit(FAR, y, epochs=1, validation=0.25)
    other.fit(wild, y, epochs=1, validation=0.25)
    assert np.array_equal(tame.net.params, other.net.params)
    assert np.array_equal(tame.prepare.mean, other.prepare.mean)


def test_a_second_fit_a_file_and_a_resumed_run_keep_what_was_found(tmp_path, monkeypatch):
    path, whole = tmp_path / "run.safetensors", shifted()
    options = {"epochs": 3, "batch_size": 16, "validation": 0.25}
    whole.fit(FAR, y, **options)
    for steps in (0, 4, 9):
        path.unlink(missing_ok=True)
        start = lambda: shifted().fit(FAR, y, checkpoint=path, every=2, **options)  # noqa: E731
        killed_after(steps, start, monkeypatch)
        resumed = nn.Model.resume(path, FAR, y)
        assert_same(whole, resumed)
        assert np.array_equal(resumed.prepare.mean, whole.prepare.mean)
    found = whole.prepare
    whole.fit(2 * FAR, y, epochs=1)
    assert whole.prepare is found
    whole.save(tmp_path / "model.safetensors")
    loaded = nn.Model.load(tmp_path / "model.safetensors")
    assert np.array_equal(loaded.predict_proba(FAR), whole.predict_proba(FAR))


def test_a_fit_that_is_refused_leaves_the_class_and_one_that_has_begun_what_it_found(tmp_path):
    model = shifted(lr=1e300)
    refused = [
        lambda: model.fit(FAR, y + 5),
        lambda: model.fit(FAR, y, validation=2.0),
        lambda: model.fit(FAR, y[:50], validation=0.5, stratify=True),
        lambda: model.fit(FAR, y, early_stopping=nn.EarlyStopping()),
        lambda: model.fit(FAR, [1, None] * 60, validation=0.5, stratify=True),
        lambda: model.fit(FAR, y, checkpoint=tmp_path / "nowhere" / "run.safetensors"),
        lambda: model.fit(FAR[0], y[0]),
        lambda: model.fit(FAR.astype(str), y),
    ]
    for call in refused:
        with pytest.raises((ValueError, TypeError, OSError)):
            call()
        assert model.prepare is nn.Standardize
    with pytest.raises(FloatingPointError):
        model.fit(FAR, y)
    assert isinstance(model.prepare, nn.Standardize)


def test_ctrl_c_leaves_what_the_first_fit_has_found():
    model = shifted()
    with at_step(2, ctrl_c), pytest.raises(KeyboardInterrupt):
        model.fit(FAR, y, validation=0.25)
    found = model.prepare
    model.fit(FAR, y, epochs=1, validation=0.25)
    assert model.prepare is found


class Rotated(nn.Preparation):
    """A preparation of one's own that changes the number of features."""

    def __init__(self, V):
        self.V = V

    @classmethod
    def fit(cls, X):
        return cls(np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2][:1].T)

    def prepared(self, X):
        return X @ self.V


def test_a_class_of_ones_own_may_change_the_shape():
    net = nn.Sequential(nn.Dense(1, 2))
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(1e-3), prepare=Rotated)
    model.fit(X, y, epochs=1, validation=0.25)
    assert model.predict(X).shape == (120,)


@pytest.mark.parametrize("call", ["evaluate", "predict", "predict_proba"])
def test_nothing_is_asked_of_a_preparation_before_it_is_fitted(call):
    data = (FAR, y) if call == "evaluate" else (FAR,)
    with pytest.raises(RuntimeError, match="prepare: expected a Standardize with its numbers"):
        getattr(shifted(), call)(*data)


def test_pixels_become_images_between_0_and_1():
    prepare = nn.Pixels(1, 6, 6, white=255)
    rows = (IMAGES.reshape(60, 36) * 255).astype(np.uint8)
    model = cnn()
    model = nn.Model(model.net, model.loss, model.optimizer, prepare=prepare)
    model.fit(rows, DIGITS, epochs=1)
    assert model.predict_proba(rows[:3]).shape == (3, 3)
    with pytest.raises(ValueError, match=r"^X: expected 36 pixels an example from 0 to 1"):
        nn.Pixels(1, 6, 6)(rows)


def test_a_feature_that_never_changes_keeps_its_scale():
    rows = np.full((1000, 2), 0.1)
    rows[::2, 1] = 0.3
    assert np.allclose(nn.Standardize.fit(rows)(rows).std(axis=0), [0, 1])


def test_a_run_is_made_of_what_the_file_names():
    names = {field.name for field in dataclasses.fields(training.Progress)}
    assert names == {"epoch", "step", "batch", "seen", "total", "shuffling"}


# Bad moments ------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_runs_killed_ten_times_end_as_if_they_had_not_been(capfd):
    from benchmarks.kills import run

    counts, _ = run(kills=10, seed=0)
    assert sum(killed for _, killed, _ in counts.values()) >= 10
    assert {different for _, _, different in counts.values()} == {0}


def test_two_hundred_damaged_files_are_noticed():
    from benchmarks.damage import run

    ends = run(files=200, seed=1)
    assert set(ends) <= {"refused", "the model"}
    assert ends["refused"] > 180


FULL = """
import resource, sys
import nnlib as nn
path, most = sys.argv[1], int(sys.argv[2])
X, y = nn.make_xor(100, rng=0)
model = nn.Model(nn.Sequential(nn.Dense(2, 64), nn.ReLU(), nn.Dense(64, 2)),
                 nn.SoftmaxCrossEntropy(), nn.Adam())
model.fit(X, y, epochs=1)
model.save(path)
saved = open(path, "rb").read()
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
try:
    model.fit(X, y, epochs=2, checkpoint=path, every=1)
except OSError as error:
    print(error)
assert open(path, "rb").read() == saved
assert nn.Model.load(path).predict(X).tolist()
"""


def test_a_disk_that_is_full_leaves_the_file_of_before(tmp_path):
    pytest.importorskip("resource")
    path = tmp_path / "model.safetensors"
    command = [sys.executable, "-c", FULL, str(path), "2000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "the model was not saved" in done.stdout
    assert "the file of before is as it was" in done.stdout
    assert os.listdir(tmp_path) == ["model.safetensors"]


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES])
def test_a_folder_that_cannot_be_written_leaves_the_file_of_before(saved, number, monkeypatch):
    content = saved.read_bytes()

    def refused(*args, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_files, "open", refused, raising=False)
    kind = PermissionError if number == errno.EACCES else OSError
    with pytest.raises(kind, match=r"name a place in which there is room and you may write"):
        mlp().save(saved)
    assert saved.read_bytes() == content


# What could be lost -----------------------------------------------------------------------------


def test_another_saved_model_is_not_overwritten_by_a_run(saved):
    content = saved.read_bytes()
    with pytest.raises(ValueError, match=r"in which another model was saved: name another file"):
        mlp().fit(X, y, checkpoint=saved)
    assert saved.read_bytes() == content
    nn.Model.load(saved).fit(X, y, epochs=1, checkpoint=saved)  # its own may go on there


def test_a_finished_run_stays_until_the_next_has_come_somewhere(tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    mlp().fit(X, y, epochs=2, checkpoint=path)
    content = path.read_bytes()
    killed_after(2, lambda: mlp().fit(X, y, checkpoint=path, every=3), monkeypatch)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["run.safetensors"]


@pytest.mark.parametrize(
    "lr",
    [
        functools.partial(half),
        np.random.default_rng(0).normal,
        complex(1).__abs__,
    ],
)
def test_what_has_a_state_of_its_own_is_no_name(lr, tmp_path):
    model = nn.Model(nn.Sequential(nn.Dense(2, 2)), nn.SoftmaxCrossEntropy(), nn.SGD())
    model.optimizer._lr = lr
    with pytest.raises(TypeError, match=r"optimizer.lr: .* it cannot be saved; write a function"):
        model.save(tmp_path / "model.safetensors")


def test_a_network_without_parameters_is_saved_too(tmp_path):
    model = nn.Model(nn.Sequential(nn.Tanh()), nn.MeanSquaredError(), nn.SGD())
    model.fit(X, X, epochs=1)
    model.save(tmp_path / "model.safetensors")
    assert_same(model, nn.Model.load(tmp_path / "model.safetensors"))


def test_a_function_may_stand_for_a_class(tmp_path):
    model = with_own_parts()
    model.save(tmp_path / "own.safetensors")
    custom = {"half": half, "Scale": lambda d, first: Scale(d, first)}
    assert_same(model, nn.Model.load(tmp_path / "own.safetensors", custom=custom))


def test_a_run_that_cannot_begin_leaves_history_and_random_numbers(tmp_path):
    model = mlp()
    model.fit(X, y, epochs=1)
    before = dict(model.history)
    with pytest.raises(FileNotFoundError):
        model.fit(X, y, rng=5, checkpoint=tmp_path / "nowhere" / "run.safetensors")
    assert dict(model.history) == before
    other = mlp()
    other.fit(X, y, epochs=1)
    for one in (model, other):
        one.fit(X, y, epochs=1)
    assert_same(model, other)


def test_only_ones_own_half_files_are_removed(tmp_path):
    path = tmp_path / "a[1]"
    kept = [".a[1].b.01234567.unfinished", ".a[1].unfinished", ".a1.01234567.unfinished"]
    for name in (*kept, ".a[1].89abcdef.unfinished"):
        (tmp_path / name).write_bytes(b"")
    _files.remove_unfinished(path)
    assert sorted(os.listdir(tmp_path)) == sorted(kept)


def test_ones_own_metric_under_a_name_of_nnlibs_is_asked_for(tmp_path, monkeypatch):
    def seven(y, predictions):
        return 7

    path = tmp_path / "run.safetensors"
    start = lambda: mlp().fit(  # noqa: E731
        X, y, validation=0.2, metrics={"f1_macro": seven}, checkpoint=path, every=1, epochs=2
    )
    killed_after(3, start, monkeypatch)
    with pytest.raises(ValueError, match=r"^metrics: expected f1_macro, .* got none"):
        nn.Model.resume(path, X, y)
    model = nn.Model.resume(path, X, y, metrics={"f1_macro": seven})
    assert model.history["val_f1_macro"] == [7, 7]
