"""What an error says to do is done here, and works: examples, training, evaluation, models."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.examples import batches
from tests.helpers.remedies import at_step, ctrl_c, each, expect_rows, follow
from tests.helpers.rows import Rows

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3))
Y = (X[:, 0] > 0).astype(int)
HELD = X[:6], Y[:6]
PIXELS = np.c_[255.0 * (X > 0), np.zeros(12)]  # the last one is 0 in every image
T = X[:, 0]


def model(d=3, optimizer=None, k=2):
    net = nn.Sequential(nn.Dense(d, 4), nn.Tanh(), nn.Dense(4, k))
    loss = nn.SoftmaxCrossEntropy() if k > 1 else nn.MeanSquaredError()
    return nn.Model(net, loss, optimizer or nn.SGD(0.1))


def fit(X=X, y=Y, *, epochs=3, **options):
    return model().fit(X, y, epochs=epochs, batch_size=4, **options)


def learn(X=X, y=T, lr=0.01, **options):
    """Fit a chain of matrices, which explodes on what is large."""
    net = nn.Sequential(nn.Dense(X.shape[1], 8), nn.Dense(8, 8), nn.Dense(8, 1))
    return nn.Model(net, nn.MeanSquaredError(), nn.SGD(lr)).fit(X, y, epochs=30, **options)


def falls(history):
    return history["loss"][-1] < history["loss"][0]


def exploded(size, k=2):
    """A model whose parameters have grown so large."""
    m = model(k=k)
    m.net.params = np.full(m.net.params.size, size)
    return m


def squash(X, **options):
    """Fit a network without parameters, whose layers do not tell how wide an example is."""
    m = nn.Model(nn.Sequential(nn.Tanh()), nn.MeanSquaredError(), nn.SGD())
    return m.fit(X, TARGETS, epochs=1, **options)["loss"]


FITTED = fit()["loss"][-1]
HOLES = np.where(X[5, 1] == X, np.nan, X)
FILLED = np.where(np.isnan(HOLES), X[5, 1], HOLES)
RAGGED = [*X[:11], X[11, :2]]
ONE = X[:, :1]
TARGETS = X.copy()
PAIRS = list(zip(X, Y, strict=True))
ZEROS = np.where(np.arange(12) < 6, 0.0, 1.0)


def loss(history):
    return history["loss"][-1]


def is_fitted(history):
    return loss(history) == FITTED


# A call, the error, what it says (in the end: what to do), that done, and what it gives.
EXAMPLES = [
    (
        lambda: model().predict(X[0]),
        ValueError,
        "X: expected shape (n, d) with at least one example, got (3,): for a single example use "
        "X[numpy.newaxis]",
        lambda: model().predict_proba(X[0][np.newaxis]),
        model().predict_proba(X)[:1],
    ),
    (
        lambda: model(d=1).fit(X[:, 0], Y),
        ValueError,
        "got (12,): one row for each example; a single feature is numpy.reshape(X, (-1, 1))",
        lambda: loss(model(d=1).fit(np.reshape(X[:, 0], (-1, 1)), Y)),
        loss(model(d=1).fit(ONE, Y)),
    ),
    (
        lambda: fit(X.T),
        ValueError,
        "X: expected shape (n, 3), got (3, 12): one row for each example",
        lambda: fit(X.T.T),
        is_fitted,
    ),
    (
        lambda: fit(HOLES),
        ValueError,
        "X: expected finite numbers, got nan at X[5, 1] (1 of 36 entries are not finite): fill in "
        "or leave out what is missing before training",
        lambda: fit(FILLED),
        is_fitted,
    ),
    (
        lambda: fit(Rows(HOLES)),
        ValueError,
        "in epoch 1, step ",
        lambda: fit(Rows(FILLED)),
        is_fitted,
    ),
    (
        lambda: model().fit(Rows(PAIRS), Y),
        TypeError,
        "X: expected an array, got a Rows of pairs: give X and y apart, X = [x for x, _ in X], "
        "y = [y for _, y in X]",
        lambda: fit([x for x, _ in Rows(PAIRS)], [y for _, y in Rows(PAIRS)]),
        is_fitted,
    ),
    (
        lambda: squash(Rows(RAGGED), batch_size=1),
        ValueError,
        "X: expected shape (n, 3), as that of the first example, got (1, 2)",
        lambda: squash(Rows(X), batch_size=1),
        [np.mean((np.tanh(X) - X) ** 2)],
    ),
    (
        lambda: squash(Rows(RAGGED), batch_size=12),
        ValueError,
        "X: expected an array, got rows of different lengths: give every example the same number "
        "of values",
        lambda: squash(Rows(X), batch_size=12),
        [np.mean((np.tanh(X) - X) ** 2)],
    ),
    (
        lambda: fit(y=1),
        ValueError,
        "y: expected one target for each example, got a single value",
        lambda: fit(y=np.full(12, 1)),
        falls,
    ),
    (
        lambda: fit(y=Y[np.newaxis]),
        ValueError,
        "y: expected one target for each of 12 examples, got one row, shape (1, 12): "
        "numpy.ravel(y) is of shape (n,)",
        lambda: fit(y=np.ravel(Y[np.newaxis])),
        is_fitted,
    ),
    (
        lambda: fit(validation=(X, np.eye(2, dtype=int)[Y])),
        ValueError,
        "validation y: expected class labels of shape (n,), got shape (12, 2): turn one-hot rows",
        lambda: fit(validation=(X, np.argmax(np.eye(2, dtype=int)[Y], axis=1)))["val_loss"],
        fit(validation=(X, Y))["val_loss"],
    ),
    (
        lambda: fit(y=Y[:5]),
        ValueError,
        "X and y: expected one row each for every example, got 12 and 5 rows",
        lambda: fit(X[:5], Y[:5]),
        falls,
    ),
    (
        lambda: fit(sample_weight=np.zeros(12)),
        ValueError,
        "sample_weight: expected a weight above 0 for at least one example, got only zeros for 12 "
        "examples",
        lambda: fit(sample_weight=np.ones(12)),
        is_fitted,
    ),
    (
        lambda: batches(12, 0, rng=0),
        ValueError,
        "batch_size: expected at least 1, got 0",
        lambda: len(list(batches(12, 1, rng=0))),
        12,
    ),
]

TRAINING = [
    (
        lambda: fit(validation=X),
        TypeError,
        "validation: expected a pair (X, y), a triple (X, y, sample_weight), or a fraction between "
        "0 and 1, got ndarray",
        lambda: [fit(validation=v)["val_loss"][-1] for v in (HELD, (*HELD, np.ones(6)))],
        [fit(validation=HELD)["val_loss"][-1]] * 2,
    ),
    (
        lambda: fit(validation=20),
        ValueError,
        "validation: expected a number in (0, 1), got 20",
        lambda: fit(validation=0.2)["val_loss"],
        lambda scores: len(scores) == 3,
    ),
    (
        lambda: fit(validation=0.01),
        ValueError,
        "validation: expected a fraction that leaves examples on both sides, got 0.01 of 12 "
        "examples: 0 for validation",
        lambda: fit(validation=0.1)["val_loss"],
        lambda scores: len(scores) == 3,
    ),
    (
        lambda: model(optimizer=used(nn.Adam())).fit(X, Y),
        ValueError,
        "optimizer: expected one that is new or has moved this network, got Adam(lr=0.001) after 1 "
        "steps that ended on another network, or on this one when other layers were frozen: make a "
        "new optimizer",
        lambda: model(optimizer=nn.Adam()).fit(X, Y),
        falls,
    ),
    (
        lambda: learn(lr=1e6),
        FloatingPointError,
        "The likely cause is a learning rate that is too large: try a tenth of it",
        lambda: learn(lr=first_tenth_that_learns(1e6)),
        falls,
    ),
    (
        lambda: learn(1e3 * X),
        FloatingPointError,
        "bring each feature to about 1, (X - X.mean(axis=0)) / X.std(axis=0) with the numbers of "
        "the training data",
        lambda: learn((X - X.mean(axis=0)) / X.std(axis=0)),
        falls,
    ),
    (
        lambda: learn(PIXELS),
        FloatingPointError,
        "X goes up to 255; bring each feature to about 1, (X - X.mean()) / X.std() with",
        lambda: learn((PIXELS - PIXELS.mean()) / PIXELS.std()),
        falls,
    ),
    (
        lambda: learn(y=1e6 * T),
        FloatingPointError,
        "learn (y - y.mean()) / y.std(), and undo that in the predictions",
        lambda: learn(y=(1e6 * T - (1e6 * T).mean()) / (1e6 * T).std()),
        falls,
    ),
    (
        lambda: learn(lr=lambda t: 1e300, validation=0.5),
        FloatingPointError,
        "training diverged in epoch 1, step 1: the outputs of the network can no longer be "
        "computed",
        lambda: learn(lr=0.01, validation=0.5),
        falls,
    ),
]


def shares(y=Y, loss=None, k=2, **options):
    """How many of a class are in a quarter that is held out."""
    net = nn.Sequential(nn.Dense(3, k))
    m = nn.Model(net, loss or nn.SoftmaxCrossEntropy(), nn.SGD(0.1))
    metrics = {"first": lambda y, predictions: np.sum(y == 0)}
    options = {"epochs": 1, "validation": 0.25, "metrics": metrics} | options
    return m.fit(X, y, **options)["val_first"]


ODD_ONE = np.r_[np.arange(11) % 2, 2]
SIGMOID = nn.SigmoidCrossEntropy()

STRATA = [
    (
        lambda: fit(stratify=True),
        ValueError,
        "stratify: expected validation to be a fraction, which is drawn, got none: add "
        "validation=0.1, or leave stratify out",
        lambda: [loss(fit(stratify=True, validation=0.1)), loss(fit())],
        lambda losses: losses[1] == FITTED,
    ),
    (
        lambda: fit(stratify=True, validation=HELD),
        ValueError,
        "stratify: expected validation to be a fraction, which is drawn, got data",
        lambda: fit(validation=HELD),
        is_fitted,
    ),
    (
        lambda: shares(np.eye(2)[Y], SIGMOID, stratify=True),
        ValueError,
        "stratify: expected one class for each example, got targets of shape (12, 2) and dtype "
        "float64 for SigmoidCrossEntropy(): leave stratify out, and all are drawn alike",
        lambda: shares(np.eye(2)[Y], SIGMOID),
        bool,
    ),
    (
        lambda: shares(T, nn.MeanSquaredError(), k=1, stratify=True),
        ValueError,
        "stratify: expected one class for each example, got targets of shape (12,) and dtype "
        "float64 for MeanSquaredError()",
        lambda: shares(T, nn.MeanSquaredError(), k=1),
        [0],
    ),
    (
        lambda: shares(np.full(12, 0.3), SIGMOID, k=1, stratify=True),
        ValueError,
        "got targets of shape (12,) and dtype float64 for SigmoidCrossEntropy(): leave stratify",
        lambda: shares(np.full(12, 0.3), SIGMOID, k=1),
        [0],
    ),
    (
        lambda: shares(ODD_ONE, k=3, stratify=True),
        ValueError,
        "stratify: expected at least 2 examples of each class, got 1 of class 2, which cannot be "
        "on both sides: leave stratify out, or this example",
        lambda: [shares(ODD_ONE, k=3), shares(np.arange(12) % 3, k=3, stratify=True)],
        lambda counts: counts[1] == [1],
    ),
]


def used(optimizer):
    """An optimizer after a step on a network of its own."""
    model(optimizer=optimizer).fit(X, Y, epochs=1)
    return optimizer


def first_tenth_that_learns(lr):
    """Follow the advice as often as it is given."""
    try:
        learn(lr=lr)
    except FloatingPointError:
        return first_tenth_that_learns(lr / 10)
    return lr


EVALUATION = [
    (
        lambda: exploded(1e308).predict(X),
        FloatingPointError,
        "the outputs of the network can no longer be computed: its parameters have grown up to "
        "1e+308, so training has diverged. Begin anew, with a tenth of the learning rate, and with "
        "inputs and targets of about 1",
        lambda: fit(),
        is_fitted,
    ),
    (
        lambda: exploded(1e160, k=1).evaluate(X, T),
        FloatingPointError,
        "the loss of the network can no longer be computed: its parameters have grown up to 1e+160",
        lambda: learn(),
        falls,
    ),
    (
        lambda: fit(metrics="f1_macro"),
        ValueError,
        "metrics: expected validation data to score f1_macro on, got none: add "
        "validation=(X_val, y_val)",
        lambda: fit(metrics="f1_macro", validation=HELD)["val_f1_macro"],
        lambda scores: len(scores) == 3,
    ),
    (
        lambda: fit(metrics="f1_macro"),
        ValueError,
        "or validation=0.1",
        lambda: fit(metrics="f1_macro", validation=0.1)["val_f1_macro"],
        lambda scores: len(scores) == 3,
    ),
    (
        lambda: evaluate(5),
        TypeError,
        'metrics: expected an Iterable, got 5: ["f1_macro"], or {"name": function}',
        lambda: evaluate(["f1_macro"]).keys() | evaluate({"name": nn.accuracy}).keys(),
        lambda names: {"f1_macro", "name"} <= names,
    ),
    (
        lambda: evaluate("f1"),
        ValueError,
        "metrics: expected one of accuracy, f1_macro, f1_micro, f1_weighted",
        lambda: evaluate("f1_macro")["f1_macro"],
        nn.f1(Y, model().predict(X), average="macro"),
    ),
    (
        lambda: evaluate({"mine": 3}),
        TypeError,
        "metrics['mine']: expected a function of true and predicted values, or a name among "
        "accuracy, f1_macro",
        lambda: [evaluate({"mine": m})["mine"] for m in (lambda y, p: 3, "accuracy")],
        [3, nn.accuracy(Y, model().predict(X))],
    ),
    (
        lambda: evaluate(nn.f1),
        TypeError,
        "for one of each class take their mean, such as nnlib.f1(…, average='macro')",
        lambda: evaluate({"f1": lambda y, p: nn.f1(y, p, average="macro")})["f1"],
        nn.f1(Y, model().predict(X), average="macro"),
    ),
]

SCORES = [
    (
        lambda: model(k=1).score(X, T, np.arange(12) == 0),
        ValueError,
        "y: expected at least 2 examples that count, got 1: R² compares predictions with their "
        "mean; score more, or evaluate(X, y)['loss'] of one",
        lambda: [model(k=1).score(X, T) < 1, model(k=1).evaluate(X[:1], T[:1])["loss"]],
        [True, (model(k=1).predict(X)[0] - T[0]) ** 2],
    ),
]


def prepared(prepare):
    return nn.Model(model().net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), prepare=prepare)


def summary(input_shape):
    m = nn.Model(nn.Sequential(nn.Tanh()), nn.MeanSquaredError(), nn.SGD())
    return str(m.summary(input_shape))


def evaluate(metrics):
    return model().evaluate(X, Y, metrics=metrics)


def interrupted(m=None):
    """Ctrl-C in the fourth of nine steps."""
    with at_step(4, ctrl_c):
        (m or model()).fit(X, Y, epochs=3, batch_size=4)


def gone_on():
    m = model()
    with pytest.raises(KeyboardInterrupt):
        interrupted(m)
    return m.fit(X, Y, epochs=3, batch_size=4)


def stop(monitor="val_loss", mode="auto", **options):
    return fit(early_stopping=nn.EarlyStopping(1, monitor, mode=mode), **options).best_epoch


def slowed(**options):
    """The last rate of a fit on a plateau: nothing is a new best by so much."""
    m = options.pop("m", None) or model()
    made = options.pop("plateau", None) or nn.ReduceLROnPlateau(
        options.pop("optimizer", m.optimizer), patience=0, min_delta=9.0, **options
    )
    return m.fit(X, Y, epochs=3, validation=HELD, plateau=made)["lr"][-1]


def with_lr(lr):
    """A plateau that was made before its optimizer got this rate."""
    m = model()
    plateau = nn.ReduceLROnPlateau(m.optimizer, patience=0, min_delta=9.0)
    m.optimizer.lr = lr
    return slowed(m=m, plateau=plateau)


PLATEAUS = [
    (
        lambda: slowed(plateau=0.5),
        TypeError,
        "plateau: expected a ReduceLROnPlateau, got 0.5: nnlib.ReduceLROnPlateau(optimizer)",
        lambda: slowed(factor=0.5),
        0.05,
    ),
    (
        lambda: slowed(optimizer=nn.SGD(0.1)),
        ValueError,
        "plateau: expected one of this model's optimizer, SGD(lr=0.1), got one of another, "
        "SGD(lr=0.1): make it anew, nnlib.ReduceLROnPlateau(model.optimizer)",
        lambda: slowed(),
        0.01,
    ),
    (
        lambda: nn.ReduceLROnPlateau(0.1),
        TypeError,
        "optimizer: expected an Optimizer, got 0.1: ReduceLROnPlateau(nnlib.SGD(lr=0.1))",
        lambda: nn.ReduceLROnPlateau(nn.SGD(lr=0.1)).rate(),
        0.1,
    ),
    (
        lambda: nn.ReduceLROnPlateau(nn.SGD(nn.schedules.Cosine(0.1, steps=9))),
        ValueError,
        "a schedule sets every rate itself, so give the optimizer a number, such as lr=0.1, or "
        "leave the plateau out",
        lambda: nn.ReduceLROnPlateau(nn.SGD(lr=0.1)).rate(),
        0.1,
    ),
    (
        lambda: with_lr(nn.schedules.Constant(0.1)),
        ValueError,
        "optimizer: expected one whose lr is a number, got SGD(lr=Constant(lr=0.1)): a schedule",
        lambda: with_lr(0.1),
        0.01,
    ),
    (
        lambda: nn.ReduceLROnPlateau(nn.SGD(0.1)).update(None),
        TypeError,
        "value: expected a number, got None (NoneType): pass what is monitored, such as "
        "epoch.scores['val_loss']",
        lambda: nn.ReduceLROnPlateau(nn.SGD(0.1)).update(fit(validation=HELD)["val_loss"][-1]),
        False,
    ),
    (
        lambda: slowed(monitor="val_accurracy"),
        ValueError,
        "mode: expected 'min' or 'max' for 'val_accurracy'",
        lambda: slowed(monitor="val_accuracy"),
        0.01,
    ),
    (
        lambda: slowed(monitor="val_accurracy", mode="max"),
        ValueError,
        "plateau: expected a monitor among loss, lr, val_loss, val_accuracy, got 'val_accurracy'; "
        'metrics="f1_macro" adds',
        lambda: slowed(monitor="val_accuracy", mode="max"),
        0.01,
    ),
]

MODELS = [
    (
        lambda: prepared(np.mean),
        TypeError,
        ": nnlib.Standardize.fit(X_train)",
        lambda: prepared(nn.Standardize.fit(X)).fit(X, Y, epochs=3),
        falls,
    ),
    (
        lambda: summary([3]),
        TypeError,
        "input_shape: expected a tuple, got [3]: such as (1, 28, 28)",
        lambda: summary((1, 28, 28)),
        lambda text: "(n, 1, 28, 28)" in text,
    ),
    (
        lambda: nn.EarlyStopping(monitor="val_f1"),
        ValueError,
        "mode: expected 'min' or 'max' for 'val_f1', got 'auto': say mode='min' if it should fall, "
        "as errors do, mode='max' if it should rise, as scores do",
        lambda: [
            nn.EarlyStopping(monitor="val_f1", mode=mode).improved(2, 1) for mode in ("min", "max")
        ],
        [False, True],
    ),
    (
        lambda: nn.EarlyStopping(monitor=None),
        TypeError,
        "monitor: expected a str, got None: monitor='val_loss'",
        lambda: nn.EarlyStopping(monitor="val_loss").improved(1, 2),
        bool,
    ),
    (
        lambda: nn.EarlyStopping(mode="lowest"),
        ValueError,
        "mode: expected one of auto, min, max, got 'lowest'",
        lambda: nn.EarlyStopping(mode="min").improved(1, 2),
        bool,
    ),
    (
        lambda: fit(early_stopping=5),
        TypeError,
        "early_stopping: expected an EarlyStopping, got 5: nnlib.EarlyStopping(patience=5)",
        lambda: fit(validation=HELD, early_stopping=nn.EarlyStopping(patience=5)).best_epoch,
        bool,
    ),
    (
        interrupted,
        KeyboardInterrupt,
        "stopped after step 4, in epoch 2 of 3: fit(…) goes on from there",
        gone_on,
        lambda history: history.steps_before == 4 and falls(history),
    ),
    (
        lambda: stop(),
        ValueError,
        "early_stopping: expected a monitor among loss, lr, got 'val_loss'; "
        "validation=(X_val, y_val) or validation=0.1 adds scores",
        lambda: stop(validation=HELD) and stop(validation=0.1),
        bool,
    ),
    (
        lambda: stop("val_f1_macro", "max", validation=HELD),
        ValueError,
        "among loss, lr, val_loss, val_accuracy, got 'val_f1_macro'; metrics=\"f1_macro\" adds "
        "val_f1_macro",
        lambda: stop("val_f1_macro", "max", validation=HELD, metrics="f1_macro"),
        bool,
    ),
]

DIAGNOSES = [
    (
        lambda: nn.diagnose(model().net, X, Y),
        TypeError,
        "model: expected a Model, got Sequential(",
        lambda: nn.diagnose(nn.Model(model().net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1)), X, Y),
        bool,
    ),
    (
        lambda: nn.diagnose(model(), X[:9], Y[:9]),
        ValueError,
        "X, y: expected at least 10 examples, got 9: give diagnose the training data",
        lambda: nn.diagnose(model(), X, Y),
        bool,
    ),
    (
        lambda: nn.diagnose(model(), X, Y, validation=0.1),
        TypeError,
        "validation: expected a pair (X, y), got float: pass validation=(X_val, y_val), or none, "
        "if fit had a part of the training data",
        lambda: nn.diagnose(model(), X, Y, validation=HELD),
        bool,
    ),
]

ROWS = EXAMPLES + TRAINING + STRATA + EVALUATION + SCORES + PLATEAUS + MODELS + DIAGNOSES
PLACES = {
    "examples.py": None,
    "training.py": None,
    "evaluation.py": None,
    "model.py": None,
    "_scoring.py": None,
    "_watch.py": None,
    "fitting.py": None,
    "_labels.py": ["classes_of"],
    "diagnosis.py": None,
    "_parts.py": ["divergence", "_cause"],
}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    expect_rows([row[0] for row in ROWS], PLACES)
