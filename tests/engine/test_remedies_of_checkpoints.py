"""What an error says to do is done here, and works: files, resumed runs, classes, preparation."""

import json
import os
import struct
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import nnlib as nn
from nnlib import _describe, _files
from nnlib.schedules import Cosine
from tests.helpers.remedies import at_step, ctrl_c, each, expect_rows, follow
from tests.helpers.rows import Rows

pytest.importorskip("safetensors")

X, Y = nn.make_xor(24, rng=0)
NAMES = np.array(["no", "yes"])[Y]
HELD = X[:6], Y[:6]
PIXELS = np.tile(np.arange(0, 256, 51), (24, 1))
DENSE = {"0.W": np.ones((2, 3), np.float32), "0.b": np.full(3, 2.0)}
RUN, MODEL = "run.safetensors", "model.safetensors"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def model(*layers, optimizer=None, k=2, rng=0, **options):
    net = nn.Sequential(nn.Dense(2, 4), nn.Tanh(), *layers, nn.Dense(4, k), rng=rng)
    loss = nn.SoftmaxCrossEntropy() if k > 1 else nn.MeanSquaredError()
    return nn.Model(net, loss, optimizer or nn.SGD(0.1), **options)


def fit(X=X, y=Y, m=None, **options):
    """Six steps in three epochs; the loss of each."""
    m = m or model()
    return m.fit(X, y, epochs=3, batch_size=12, **options)["loss"]


class Killed(BaseException):
    """Ends a run where no code of ours can do anything about it."""


def stopped(happens, **options):
    """A run in a new file to which something happens in its third step."""
    Path(RUN).unlink(missing_ok=True)
    with at_step(3, happens):
        fit(checkpoint=RUN, every=2, **options)


def killed(**options):
    """The file of a run that was killed."""

    def kill():
        raise Killed

    with pytest.raises(Killed):
        stopped(kill, **options)
    return RUN


def resumed(path, X=X, y=Y, **options):
    return nn.Model.resume(path, X, y, **options).history["loss"]


def saved(m, path=MODEL):
    m.save(path)
    return path


def loaded(path=MODEL, **options):
    return nn.Model.load(path, **options).predict_proba(X)


def written(content, path=MODEL):
    """A file with this content."""
    Path(path).write_bytes(content)
    return path


def of_arrays(about=None, **arrays):
    """A safetensors file of somebody else's, or of a version of nnlib."""
    from safetensors.numpy import save

    text = json.dumps(about)
    digest = _files.digest(text, arrays)
    return written(save(arrays, about and {"nnlib": text, "sha256": digest}))


def of_dtype(dtype, bytes_each):
    """Weights of a dtype, all 0."""
    net, header, at = nn.Sequential(nn.Dense(2, 3)), {}, 0
    for name, shape in (("0.W", [2, 3]), ("0.b", [3])):
        size = bytes_each * int(np.prod(shape))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    net.load_weights(written(struct.pack("<Q", len(text)) + text + bytes(at)))
    return net.params


def damaged():
    """A file in which one bit of a parameter is another."""
    content = bytearray(Path(saved(model())).read_bytes())
    content[-1] ^= 1
    return written(content)


class Rate:
    """A schedule of one's own; the next edition of it has another option."""

    def __init__(self, lr):
        self.lr = lr

    def __call__(self, step):
        return self.lr


class Renamed(Rate):
    def __init__(self, first):
        super().__init__(first)


class Both(Renamed):
    def __init__(self, lr=0.2, first=0.2):
        super().__init__(min(lr, first))


class Forgetful(nn.Layer):
    """A layer that does not keep its option."""

    def __init__(self, units):
        super().__init__()

    def forward(self, X, *, train=False):
        return X


class Keeping(Forgetful):
    def __init__(self, units):
        super().__init__(units)
        self.units = units


class Seedless(np.random.PCG64):
    """Bits of somebody else's."""


class Halved(nn.Preparation):
    def prepared(self, X):
        return X / 2


def half(step):
    return 0.1


def own(path=MODEL):
    return saved(model(optimizer=nn.SGD(Rate(0.1))), path)


def mine(y, predictions):
    return nn.accuracy(y, predictions)


def classes(names, y=NAMES, k=2):
    """The first answers of a trained model."""
    m = model(k=k, classes=names)
    fit(y=y, m=m)
    return m.predict(X[:1]).tolist()[0]


def known_class(answer):
    return answer in ("no", "yes")


def newer():
    """Make a part that only a newer nnlib has."""
    return _describe.built("layers[0]", {"class": "Swish", "options": {}}, {})


def pulled():
    with patch.dict(_describe.NAMES, {"Swish": nn.SiLU}):
        return newer().forward(np.zeros(1))


MIXED = np.where(np.arange(24) == 5, "maybe", NAMES)
PROBABILITIES = model().predict_proba(X)
LOSSES = fit()
HOLES = np.where(X[3, 1] == X, np.nan, X)
KNOWN = np.isfinite(HOLES).all(axis=1)
STANDARDIZE = nn.Standardize.fit(X)


def fitted():
    """A model that has found its numbers."""
    m = model(prepare=nn.Standardize)
    fit(m=m)
    return m


# A call, the error, what it says (in the end: what to do), that done, and what it gives.
RUNS = [
    (
        lambda: fit(checkpoint=saved(model(rng=7))),
        ValueError,
        "checkpoint: expected a new file, got 'model.safetensors', in which another model was "
        "saved: name another file, or move this one away",
        lambda: fit(checkpoint="another.safetensors"),
        LOSSES,
    ),
    (
        lambda: stopped(ctrl_c, validation=HELD, sample_weight=np.ones(24)),
        KeyboardInterrupt,
        "stopped after step 3, in epoch 2 of 3: nnlib.Model.resume('run.safetensors', X, y, "
        "validation=…, sample_weight=…) goes on exactly there",
        lambda: resumed(RUN, validation=HELD, sample_weight=np.ones(24)),
        LOSSES,
    ),
    (
        lambda: fit(checkpoint=killed()),
        ValueError,
        "checkpoint: expected a new file, got 'run.safetensors', which holds a run that stopped "
        "after step 2: nnlib.Model.resume('run.safetensors', X, y) goes on with it",
        lambda: resumed(killed()),
        LOSSES,
    ),
    (
        lambda: fit(checkpoint=killed()),
        ValueError,
        "to begin another, name another file, or move this one away",
        lambda: [fit(checkpoint="other"), os.replace(killed(), "kept"), fit(checkpoint=RUN)][::2],
        [LOSSES] * 2,
    ),
    (
        lambda: fit(checkpoint=written(b"a,b\n1,2\n", "data.csv")),
        ValueError,
        "checkpoint: expected a new file, got 'data.csv', which nnlib did not write, or which is "
        "damaged: name another file, or move this one away",
        lambda: fit(checkpoint=RUN),
        LOSSES,
    ),
    (
        lambda: resumed(saved(model())),
        ValueError,
        "model.safetensors: expected the checkpoint of a training run, got a model that was saved "
        "by itself: nnlib.Model.load('model.safetensors').fit(X, y) trains it further",
        lambda: fit(m=nn.Model.load(saved(model()))),
        LOSSES,
    ),
    (
        lambda: resumed(killed(validation=HELD)),
        ValueError,
        "validation: expected what the run began with, got none: pass validation=(X_val, y_val)",
        lambda: resumed(killed(validation=HELD), validation=HELD),
        LOSSES,
    ),
    (
        lambda: resumed(killed(validation=HELD, metrics=["f1_macro", mine]), validation=HELD),
        ValueError,
        "metrics: expected f1_macro, mine, as at the beginning of the run, got f1_macro: pass the "
        "same functions under the same names",
        lambda: resumed(
            killed(validation=HELD, metrics=["f1_macro", mine]),
            validation=HELD,
            metrics=["f1_macro", mine],
        ),
        LOSSES,
    ),
    (
        lambda: resumed(killed(), X[::-1]),
        ValueError,
        "X: expected what the run began with, got other data: pass the same data in the same order",
        lambda: resumed(killed(), X),
        LOSSES,
    ),
    (
        lambda: resumed(killed(), X[::-1], Y[::-1]),
        ValueError,
        "to train on others, nnlib.Model.load('run.safetensors').fit(X, y)",
        lambda: fit(X[::-1], Y[::-1], nn.Model.load(killed())),
        lambda losses: losses[-1] < losses[0],
    ),
    (
        lambda: resumed(killed(), sample_weight=np.ones(24)),
        ValueError,
        "sample_weight: expected none, as at its beginning, got some: pass the same data",
        lambda: resumed(killed()),
        LOSSES,
    ),
    (
        lambda: fit(checkpoint="new", rng=np.random.Generator(Seedless(0))),
        TypeError,
        "rng: expected a Generator that NumPy made from a seed, got one of Seedless that it did "
        "not, which cannot be saved: use numpy.random.default_rng(0)",
        lambda: fit(checkpoint="new", rng=np.random.default_rng(0)),
        LOSSES,
    ),
]

FILES = [
    (
        lambda: loaded("none.safetensors"),
        FileNotFoundError,
        "got nothing of that name in ",
        lambda: loaded(Path(saved(model(), "none.safetensors")).resolve()),
        PROBABILITIES,
    ),
    (
        lambda: loaded("."),
        FileNotFoundError,
        ".: expected a file that model.save wrote, got a folder: name a file in it",
        lambda: loaded(Path(".") / saved(model())),
        PROBABILITIES,
    ),
    (
        lambda: model().save("nowhere/model.safetensors"),
        FileNotFoundError,
        "the model was not saved: name a place in which there is room and you may write; nothing "
        "was written",
        lambda: loaded(saved(model(), "./model.safetensors")),
        PROBABILITIES,
    ),
    (
        lambda: loaded(damaged()),
        ValueError,
        "got another or a damaged one (its checksum is wrong): take a copy of it that is whole",
        lambda: loaded(saved(model())),
        PROBABILITIES,
    ),
    (
        lambda: loaded(written(b"PK\3\4 a zip")),
        ValueError,
        "model.safetensors: expected a file that model.save wrote, got another or a damaged one (",
        lambda: fit(m=model()),
        LOSSES,
    ),
    (
        lambda: loaded(of_arrays(**DENSE)),
        ValueError,
        "got a safetensors file without checksum: net.load_weights(path) reads the parameters of "
        "a network of the same shape",
        lambda: weights_of(nn.Sequential(nn.Dense(2, 3))),
        [1] * 6 + [2] * 3,
    ),
    (
        lambda: loaded(of_arrays({"format": 2}, a=np.ones(3))),
        ValueError,
        "model.safetensors: expected format 1 or older, got 2: it was written by a newer nnlib: "
        "git pull in the folder of nnlib, and start Python anew",
        lambda: of_the_newest(saved(model())),
        PROBABILITIES,
    ),
    (
        lambda: of_dtype("BF16", 2),
        ValueError,
        "model.safetensors: expected float64 or float32, got a dtype that NumPy has not",
        lambda: of_dtype("F32", 4),
        0,
    ),
]


def weights_of(net):
    net.load_weights(of_arrays(**DENSE))
    return net.params


def of_the_newest(path):
    with patch.object(_files, "FORMAT", 2):
        return loaded(path)


PARTS = [
    (
        lambda: saved(model(optimizer=nn.SGD(partial(half)))),
        TypeError,
        "it cannot be saved; write a function that does the same",
        lambda: loaded(saved(model(optimizer=nn.SGD(half))), custom={"half": half}),
        PROBABILITIES,
    ),
    (
        lambda: saved(model(optimizer=nn.SGD(lambda step: 0.1))),
        TypeError,
        "optimizer.lr: expected something with a name, to find it again, got <lambda>: write it "
        "with def, or use a part of nnlib, such as nnlib.schedules.Cosine(0.1, steps=1000)",
        lambda: [
            loaded(saved(model(optimizer=nn.SGD(Cosine(0.1, steps=1000))))),
            loaded(saved(model(optimizer=nn.SGD(half))), custom={"half": half}),
        ],
        [PROBABILITIES] * 2,
    ),
    (
        lambda: saved(model(Forgetful(3))),
        TypeError,
        "layers[2]: Forgetful takes units and has no attribute of that name, so it cannot be "
        "saved: keep it in __init__, self.units = units",
        lambda: loaded(saved(model(Keeping(3))), custom={"Keeping": Keeping}),
        PROBABILITIES,
    ),
    (
        lambda: loaded(own()),
        ValueError,
        "optimizer.lr: expected a part that is known, got 'Rate': pass custom={'Rate': Rate}",
        lambda: loaded(own(), custom={"Rate": Rate}),
        PROBABILITIES,
    ),
    (
        lambda: loaded(own(), custom={"Rate": Renamed}),
        ValueError,
        "optimizer.lr: expected a part that takes lr, as when it was saved, and it says: ",
        lambda: loaded(own(), custom={"Rate": Both}),
        PROBABILITIES,
    ),
    (
        lambda: loaded(own(), custom={"Rate": Renamed}),
        ValueError,
        "let it take them again, or use the code of then",
        lambda: loaded(own(), custom={"Rate": Rate}),
        PROBABILITIES,
    ),
    (
        newer,
        ValueError,
        "layers[0]: expected a part that is known, got 'Swish': a newer nnlib may know it: git "
        "pull in the folder of nnlib, and start Python anew",
        pulled,
        0,
    ),
    (
        lambda: _describe.built("lr", {"tensor": [1.0]}, {}),
        ValueError,
        "lr: expected a part, got {'tensor': [1.0]}: a newer nnlib may know it: git pull in",
        lambda: _describe.built("lr", {"array": [1.0], "dtype": "<f8"}, {}),
        1,
    ),
]

CLASSES = [
    (
        lambda: model(k=1, classes=["no", "yes"]),
        TypeError,
        "classes: expected none for MeanSquaredError(), which learns numbers, got ['no', 'yes']: "
        "leave classes out",
        lambda: fit(y=Y, m=model(k=1)),
        lambda losses: losses[-1] < losses[0],
    ),
    (
        lambda: classes(["yes"]),
        ValueError,
        "classes: expected one name for each of 2 classes, got ['yes']: list them in the order of "
        "their numbers",
        lambda: classes(["no", "yes"]),
        known_class,
    ),
    (
        lambda: classes(NAMES[[0, 0]]),
        ValueError,
        "classes: expected names that differ, got ",
        lambda: classes(np.unique(NAMES)),
        known_class,
    ),
    (
        lambda: classes(["no", "yes"], MIXED),
        ValueError,
        "y: expected the classes ['no', 'yes'] of this model, got 'maybe' at y[5]: leave such "
        "examples out",
        lambda: fit(X[NAMES == MIXED], MIXED[NAMES == MIXED], model(classes=["no", "yes"])),
        lambda losses: losses[-1] < losses[0],
    ),
    (
        lambda: classes(["no", "yes"], MIXED),
        ValueError,
        "or make a model with this class",
        lambda: classes(["no", "yes", "maybe"], MIXED, k=3),
        known_class,
    ),
]

CLASSES += [
    (
        lambda: classes(["no", "yes"], Y + 1),
        ValueError,
        "y: expected class labels from 0 to 1 for k = 2 classes, got 2: number the classes ['no', "
        "'yes'] from 0, or pass their names",
        remedy,
        known_class,
    )
    for remedy in (lambda: classes(["no", "yes"], Y), lambda: classes(["no", "yes"]))
]

PREPARATION = [
    (
        lambda: nn.Preparation()(X),
        NotImplementedError,
        "Preparation.prepared is not written",
        lambda: Halved()(X),
        X / 2,
    ),
    (
        lambda: STANDARDIZE(X[0]),
        ValueError,
        "X: expected shape (n, d) with at least one example, got (2,): one row for each example, "
        "X[numpy.newaxis] of a single one",
        lambda: STANDARDIZE(X[0][np.newaxis]),
        STANDARDIZE(X)[:1],
    ),
    (
        lambda: STANDARDIZE(X.T),
        ValueError,
        "X: expected shape (n, 2), as the data that Standardize was made of, got (2, 24): one row "
        "for each example",
        lambda: STANDARDIZE(X.T.T),
        STANDARDIZE(X),
    ),
    (
        lambda: nn.Standardize.fit(X[:, 0]),
        ValueError,
        "X: expected shape (n, d) with at least one example, got (24,): one row for each example, "
        "numpy.reshape(X, (-1, 1)) of a single feature",
        lambda: nn.Standardize.fit(np.reshape(X[:, 0], (-1, 1))).mean,
        X[:, 0].mean(),
    ),
    (
        lambda: nn.Standardize.fit(HOLES),
        ValueError,
        "got nan at X[3, 1] (1 of 48 entries are not finite): fill in or leave out what is missing "
        "before training",
        lambda: [nn.Standardize.fit(a).mean for a in (HOLES[KNOWN], np.nan_to_num(HOLES))],
        [X[KNOWN].mean(axis=0), np.nan_to_num(HOLES).mean(axis=0)],
    ),
    (
        lambda: nn.Standardize([0.0, 0.0], 2.0),
        ValueError,
        "scale: expected one number for each in mean, shape (2,), got (): Standardize.fit(X_train) "
        "finds both",
        lambda: nn.Standardize.fit(X)(X).std(axis=0),
        1,
    ),
    (
        lambda: nn.Standardize([0.0, np.nan], [1.0, 1.0]),
        ValueError,
        "got nan at mean[1] (1 of 2 entries are not finite): leave out the features whose mean is "
        "not known",
        lambda: nn.Standardize([0.0], [1.0])(X[:, :1]),
        X[:, :1],
    ),
    (
        lambda: nn.Standardize([0.0, 0.0], [1.0, np.inf]),
        ValueError,
        "got inf at scale[1] (1 of 2 entries are not finite): leave out the features whose scale "
        "is not known",
        lambda: nn.Standardize([0.0], [1.0])(X[:, :1]),
        X[:, :1],
    ),
    (
        lambda: nn.Standardize([0.0, 3.0], [1.0, 0.0]),
        ValueError,
        "scale: expected numbers above 0, got 0: give a feature that never changes the scale 1, as "
        "Standardize.fit(X_train) does",
        lambda: nn.Standardize([0.0, 3.0], [1.0, 1.0])([[1.0, 3.0]]),
        [[1, 0]],
    ),
    (
        lambda: nn.Pixels(6)(PIXELS),
        ValueError,
        "X: expected 6 pixels an example from 0 to 1, for Pixels(6, white=1), got 6 from 0 to 255: "
        "give Pixels the sizes and the white of these images",
        lambda: nn.Pixels(6, white=255)(PIXELS)[0],
        np.arange(6) / 5,
    ),
    (
        lambda: nn.Pixels(28, 28, white=255)(PIXELS),
        ValueError,
        "X: expected 784 pixels an example from 0 to 255, for Pixels(28, 28, white=255), got 6",
        lambda: nn.Pixels(2, 3, white=255)(PIXELS)[0],
        np.arange(6).reshape(2, 3) / 5,
    ),
]


class Shifted(nn.Preparation):
    """A preparation whose fit forgets to return it."""

    def __init__(self, by):
        self.by = by

    def prepared(self, X):
        return X - self.by

    @classmethod
    def fit(cls, X):
        cls(X.mean())


class Centred(Shifted):
    @classmethod
    def fit(cls, X):
        return cls(X.mean())


FIRST_FITS = [
    (
        lambda: model(prepare=nn.Pixels),
        TypeError,
        "prepare: expected a class whose classmethod fit finds its numbers in X, such as "
        "nnlib.Standardize, got Pixels: make one, Pixels(…)",
        lambda: [
            fit(m=model(prepare=nn.Standardize)),
            fit(np.abs(X), m=model(prepare=nn.Pixels(2, white=2))),
        ],
        [fit(nn.Standardize.fit(X)(X)), fit(np.abs(X) / 2)],
    ),
    (
        lambda: model(prepare=np.mean),
        TypeError,
        ": nnlib.Standardize.fit(X_train)",
        lambda: fit(m=model(prepare=nn.Standardize.fit(X))),
        fit(m=model(prepare=nn.Standardize)),
    ),
    (
        lambda: model(prepare=nn.Standardize).predict(X),
        RuntimeError,
        "prepare: expected a Standardize with its numbers, got the class, which the model's first "
        "fit makes one of: call fit(X, y) first, or make the model with "
        "prepare=Standardize.fit(X_train)",
        lambda: [fitted().predict(X), model(prepare=nn.Standardize.fit(X)).predict(X)],
        lambda both: both[0].shape == both[1].shape,
    ),
    (
        lambda: model(prepare=nn.Standardize).save(MODEL),
        RuntimeError,
        "prepare: expected a Standardize with its numbers, got the class",
        lambda: fitted().save(MODEL) or loaded(),
        lambda P: P.shape == (24, 2),
    ),
    (
        lambda: fit(Rows(X), m=model(prepare=nn.Standardize)),
        TypeError,
        "X: expected an array in memory, to fit Standardize to, got a Rows, which is read row by "
        "row: fit it to rows that are trained on, "
        "prepare=Standardize.fit([X[i] for i in rows])",
        lambda: fit(Rows(X), m=model(prepare=nn.Standardize.fit([Rows(X)[i] for i in range(24)]))),
        fit(m=model(prepare=nn.Standardize)),
    ),
    (
        lambda: fit(m=model(prepare=Shifted)),
        TypeError,
        "prepare: expected a Shifted, got None: let Shifted.fit return what cls(…) makes",
        lambda: fit(m=model(prepare=Centred)),
        fit(X - X.mean()),
    ),
]

ROWS = FIRST_FITS + RUNS + FILES + PARTS + CLASSES + PREPARATION
PLACES = {
    "checkpoints.py": None,
    "_files.py": None,
    "_describe.py": None,
    "preparation.py": None,
    "_labels.py": ["class_names", "numbered"],
    "_parts.py": ["check_preparation", "check_fitted", "rows_in_memory", "fitted"],
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)
