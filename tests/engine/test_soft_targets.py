"""Targets that are a probability of each class: mixup, distillation, one-hot floats."""

import numpy as np
import pandas as pd
import pytest

import nnlib as nn
from tests.helpers.rows import Rows

LOSS = nn.SoftmaxCrossEntropy()
Z = np.log([[1.0, 1.0, 2.0], [3.0, 1.0, 4.0]])
P = np.array([[1 / 4, 1 / 4, 1 / 2], [3 / 8, 1 / 8, 1 / 2]])
T = np.array([[0.0, 0.25, 0.75], [1.0, 0.0, 0.0]])

X, LABELS = nn.make_spirals(60, rng=0)
SHARES = np.random.default_rng(0).dirichlet([1.0, 1.0, 1.0], len(X))
EYE = np.eye(3)[LABELS]
OPTIONS = [
    {},
    {"label_smoothing": 0.2},
    {"class_weight": [1.0, 3.0, 0.5]},
    {"label_smoothing": 0.2, "class_weight": [1.0, 3.0, 0.5]},
]
each_option = pytest.mark.parametrize("options", OPTIONS, ids=str)


def network(dtype=np.float64, seed=1):
    return nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 3), rng=seed, dtype=dtype)


def model(loss=LOSS, **more):
    return nn.Model(network(), loss, nn.Adam(lr=0.02), **more)


def test_rows_of_probabilities_by_hand():
    value, dZ = LOSS.value_and_grad(Z, T)
    expected = -(0.25 * np.log(1 / 4) + 0.75 * np.log(1 / 2) + np.log(3 / 8)) / 2
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_allclose(dZ, (P - T) / 2, rtol=1e-14, atol=1e-16)


def test_smoothing_mixes_the_rows_with_1_over_k():
    smooth = nn.SoftmaxCrossEntropy(label_smoothing=0.1)
    assert smooth.value(Z, T) == pytest.approx(LOSS.value(Z, 0.9 * T + 0.1 / 3), rel=1e-14)


def test_class_weights_count_every_class_of_a_row_by_hand():
    # c = (1, 2, 4): rows of 0.25 · 2 + 0.75 · 4 = 3.5 and 1, which the mean divides by.
    loss = nn.SoftmaxCrossEntropy(class_weight=[1, 2, 4])
    expected = -(0.25 * 2 * np.log(1 / 4) + 0.75 * 4 * np.log(1 / 2) + np.log(3 / 8)) / 4.5
    assert loss.value(Z, T) == pytest.approx(expected, rel=1e-14)
    assert loss.total_weight(T) == 4.5
    assert loss.total_weight(T, np.array([2.0, 3.0])) == 2 * 3.5 + 3 * 1


@each_option
def test_one_hot_floats_are_the_labels_themselves(options):
    loss, logits = nn.SoftmaxCrossEntropy(**options), network().forward(X)
    s = np.random.default_rng(1).uniform(0, 3, len(X))
    for weights in (None, s):
        value, dZ = loss.value_and_grad(logits, LABELS, weights)
        soft, d_soft = loss.value_and_grad(logits, EYE, weights)
        assert soft == pytest.approx(value, rel=1e-13)
        np.testing.assert_allclose(d_soft, dZ, rtol=1e-12, atol=1e-16)


@each_option
def test_a_mixture_of_two_labels_costs_the_mixture_of_their_losses(options):
    options = {k: v for k, v in options.items() if k == "label_smoothing"}
    loss, logits = nn.SoftmaxCrossEntropy(**options), network().forward(X)
    mixed = loss.value(logits, 0.3 * EYE + 0.7 * EYE[::-1])
    apart = 0.3 * loss.value(logits, LABELS) + 0.7 * loss.value(logits, LABELS[::-1])
    assert mixed == pytest.approx(apart, rel=1e-13)


def test_the_teacher_itself_is_the_best_student():
    teacher = network(seed=3).forward(X)
    _, dZ = LOSS.value_and_grad(teacher, nn.softmax(teacher))
    np.testing.assert_allclose(dZ, 0, atol=1e-17)


def test_a_row_may_miss_1_by_a_thousandth_and_is_taken_as_it_is():
    nearly = T * 1.0009
    assert LOSS.value(Z, nearly) == pytest.approx(1.0009 * LOSS.value(Z, T), rel=1e-13)
    assert nn.check_gradients(network(), LOSS, X[:2], nearly).ok
    with pytest.raises(ValueError, match="y: expected rows of probabilities that sum to 1"):
        LOSS.value(Z, T * 1.002)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("of_y", [np.float16, np.float32, np.float64, np.longdouble, ">f8", object])
def test_floats_of_any_kind_are_taken_and_the_dtype_stays_that_of_the_outputs(dtype, of_y):
    for taken in (T.astype(of_y), T.astype(of_y).tolist(), pd.DataFrame(T.astype(np.float32))):
        value, dZ = LOSS.value_and_grad(Z.astype(dtype), taken)
        assert dZ.dtype == dtype
        assert value == pytest.approx(LOSS.value(Z, T), rel=1e-6)


@pytest.mark.parametrize(
    ("y", "kind", "message"),
    [
        (EYE.astype(int), ValueError, r"got shape \(60, 3\): turn one-hot .* numpy.argmax"),
        (EYE > 0, ValueError, r"got shape \(60, 3\): turn one-hot .* numpy.argmax"),
        (EYE.astype(int).astype(object), ValueError, r"shape \(60, 3\): turn one-hot .*argmax"),
        (LABELS[:, np.newaxis] * 1.0, ValueError, r"got shape \(60, 1\): .* numpy.ravel\(y\)"),
        (EYE[:, :1].astype(object), ValueError, r"got shape \(60, 1\): .* numpy.ravel\(y\)"),
        (EYE[:, np.newaxis], ValueError, r"got shape \(60, 1, 3\)"),
        (EYE.astype(str), ValueError, r"got shape \(60, 3\)"),
        (np.where(EYE == 1, None, EYE), TypeError, r"expected real numbers, got None at y\["),
        (EYE[1:], ValueError, "one row each for every example, got 60 and 59 rows"),
        (EYE[:, :2], ValueError, r"shape \(60, 3\), got \(60, 2\)"),
        (-EYE, ValueError, "got an entry of -1 .*: nnlib.softmax"),
        (np.where(EYE == 1, np.inf, EYE), ValueError, r"expected finite numbers, got inf at y\["),
    ],
)
@pytest.mark.parametrize("classes", [None, [3, 8, 9]], ids=["numbered", "named"])
def test_what_is_no_row_of_probabilities_is_refused_before_training(y, kind, message, classes):
    m = model(classes=classes)
    before = m.net.params.copy()
    if classes is not None and kind is ValueError and np.asarray(y).dtype.kind != "f":
        message = "y: "  # of classes with names, others speak
    with pytest.raises(kind, match=message):
        m.fit(X, y)
    np.testing.assert_array_equal(m.net.params, before)


# Training and evaluation ------------------------------------------------------------------------


@each_option
def test_training_on_one_hot_floats_is_training_on_labels(options):
    fits = []
    for y in (LABELS, EYE):
        m = model(nn.SoftmaxCrossEntropy(**options))
        m.fit(
            X, y, epochs=3, sample_weight=np.arange(1.0, 1 + len(X)), validation=(X, y),
            metrics=["accuracy", "f1_macro"],
        )  # fmt: skip
        fits.append((m.history, m.net.params, m.evaluate(X, y, metrics="recall_macro")))
    (labels, params, scores), (rows, params_of_rows, scores_of_rows) = fits
    assert rows.keys() == labels.keys()
    for name in labels:
        np.testing.assert_allclose(rows[name], labels[name], rtol=1e-9)
    np.testing.assert_allclose(params_of_rows, params, rtol=1e-9, atol=1e-12)
    assert scores_of_rows == pytest.approx(scores, rel=1e-9)


def test_the_answer_that_counts_as_right_is_the_likeliest_class():
    m = model()
    scores = m.evaluate(X, SHARES, metrics=["accuracy", "f1_macro"])
    likeliest = SHARES.argmax(axis=1)
    assert scores["accuracy"] == nn.accuracy(likeliest, m.predict(X))
    assert scores["f1_macro"] == nn.f1(likeliest, m.predict(X), average="macro")
    assert scores["loss"] == pytest.approx(LOSS.value(m.net.forward(X), SHARES), rel=1e-12)
    s = np.random.default_rng(2).uniform(0, 1, len(X))
    right = likeliest == m.predict(X)
    assert m.evaluate(X, SHARES, s)["accuracy"] == pytest.approx(s @ right / s.sum(), rel=1e-12)


def test_the_metric_itself_takes_labels_alone():
    with pytest.raises(ValueError, match=r"numpy\.argmax\(y, axis=1\)"):
        nn.accuracy(SHARES, LABELS)


@each_option
@pytest.mark.parametrize("batch_size", [1, 7, 60])
def test_the_loss_of_an_epoch_does_not_depend_on_the_batch_size(options, batch_size):
    loss, net = nn.SoftmaxCrossEntropy(**options), network()
    s = np.random.default_rng(3).uniform(0, 2, len(X))
    (epoch,) = nn.epochs(
        net, loss, nn.SGD(lr=0.0), X, SHARES, sample_weight=s, epochs=1, batch_size=batch_size,
        validation=(X, SHARES, s),
    )  # fmt: skip
    assert epoch.loss == pytest.approx(loss.value(net.forward(X), SHARES, s), rel=1e-12)
    assert epoch.scores["val_loss"] == pytest.approx(epoch.loss, rel=1e-12)


def test_early_stopping_watches_the_accuracy_of_rows():
    stop = nn.EarlyStopping(patience=2, monitor="val_accuracy")
    history = model().fit(X, SHARES, epochs=9, validation=0.3, early_stopping=stop)
    best = history["val_accuracy"][history.best_epoch - 1]
    assert best == max(history["val_accuracy"])


@pytest.mark.parametrize("classes", [["a", "b", "c"], [-1, 0, 1]], ids=str)
def test_columns_of_rows_are_the_classes_of_the_model(classes):
    named, plain = model(classes=classes), model()
    for m, labels in ((named, np.array(classes)[LABELS]), (plain, LABELS)):
        m.fit(X, SHARES, epochs=2, validation=(X, labels), metrics="f1_macro")
    assert named.history == plain.history
    np.testing.assert_array_equal(named.predict(X), np.array(classes)[plain.predict(X)])
    assert named.evaluate(X, SHARES) == plain.evaluate(X, SHARES)


@pytest.mark.parametrize("loss", [nn.SigmoidCrossEntropy(), nn.CrossEntropy()], ids=repr)
def test_a_model_whose_loss_takes_no_rows_says_how_they_become_classes(loss):
    k = 1 if isinstance(loss, nn.SigmoidCrossEntropy) else 2
    last = [] if k == 1 else [nn.Softmax()]
    net = nn.Sequential(nn.Dense(2, k), *last)
    named = nn.Model(net, loss, nn.SGD(), classes=[0, 1])
    for rows in (EYE[:, :2] / 2, np.eye(2)[LABELS % 2]):
        with pytest.raises(ValueError, match=r"^y: .* numpy\.argmax\(y, axis=1\)"):
            named.evaluate(X, rows)
    assert named.evaluate(X, np.argmax(np.eye(2)[LABELS % 2], axis=1))["loss"] > 0


def test_rows_that_are_read_one_by_one_give_the_same():
    fits = [model().fit(X, y, epochs=2) for y in (SHARES, SHARES.tolist(), Rows(SHARES))]
    assert fits[0] == fits[1] == fits[2]
    assert model(classes=["a", "b", "c"]).fit(X, Rows(SHARES), epochs=2) == fits[0]
    assert model().fit(Rows(X), Rows(SHARES), epochs=2) == fits[0]


def test_a_run_on_rows_is_resumed_bit_for_bit_and_only_with_the_same_rows(tmp_path):
    path, other = tmp_path / "run.safetensors", SHARES[::-1]
    whole = model()
    whole.fit(X, SHARES, epochs=4, validation=(X, EYE))

    def stop(epoch):
        if epoch.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model().fit(
            X, SHARES, epochs=4, validation=(X, EYE), checkpoint=path, every=1, progress=stop
        )
    with pytest.raises(ValueError, match="y: expected what the run began with, got other data"):
        nn.Model.resume(path, X, other, validation=(X, EYE))
    with pytest.raises(ValueError, match="y: expected what the run began with, got other data"):
        nn.Model.resume(path, X, LABELS, validation=(X, EYE))
    resumed = nn.Model.resume(path, X, SHARES, validation=(X, EYE))
    np.testing.assert_array_equal(resumed.net.params, whole.net.params)
    assert resumed.history == whole.history


def test_a_batch_of_one_example_and_two_classes_is_a_row():
    net = nn.Sequential(nn.Dense(2, 2), rng=0)
    value = LOSS.value(net.forward(X[:1]), [[0.5, 0.5]])
    assert nn.evaluate(net, LOSS, X[:1], [[0.5, 0.5]])["loss"] == pytest.approx(value, rel=1e-14)


def test_a_student_learns_what_the_teacher_thinks():
    teacher = model()
    teacher.fit(X, LABELS, epochs=60)
    student = nn.Model(network(seed=5), LOSS, nn.Adam(lr=0.02))
    student.fit(X, teacher.predict_proba(X), epochs=60)
    agreed = nn.accuracy(teacher.predict(X), student.predict(X))
    assert agreed > 0.9
