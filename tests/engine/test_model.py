import copy

import numpy as np
import pytest

import nnlib as nn

XOR = nn.make_xor(200, rng=0)
FRESH = nn.make_xor(100, rng=1)


def model(loss=None, k=2, seed=0, lr=0.05):
    net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, k), rng=seed)
    return nn.Model(net, loss or nn.SoftmaxCrossEntropy(), nn.Adam(lr=lr))


def test_fit_learns_and_records_each_epoch():
    m = model()
    history = m.fit(*XOR, epochs=30, validation=FRESH)
    assert history is m.history
    assert set(history) == {"loss", "lr", "val_loss", "val_accuracy"}
    assert all(len(values) == history.epochs == 30 for values in history.values())
    assert history["loss"][-1] < history["loss"][0] / 5
    assert m.evaluate(*FRESH)["accuracy"] > 0.95


def test_fit_is_built_on_epochs():
    m, other = model(), model()
    history = m.fit(*XOR, epochs=3, batch_size=50, rng=4)
    found = nn.epochs(other.net, other.loss, other.optimizer, *XOR, epochs=3, batch_size=50, rng=4)
    assert history["loss"] == [epoch.loss for epoch in found]
    assert np.array_equal(m.net.params, other.net.params)


def test_predictions_and_probabilities_agree():
    m = model()
    m.fit(*XOR, epochs=5)
    P = m.predict_proba(FRESH[0])
    assert P.shape == (100, 2)
    assert np.allclose(P.sum(axis=1), 1)
    assert np.array_equal(m.predict(FRESH[0]), P.argmax(axis=1))
    assert m.evaluate(*FRESH)["accuracy"] == nn.accuracy(FRESH[1], m.predict(FRESH[0]))


def test_evaluate_is_the_loss_over_all_examples_whatever_the_batches():
    m = model()
    X, y = nn.make_xor(2500, rng=2)
    assert m.evaluate(X, y)["loss"] == pytest.approx(m.loss.value(m.net.forward(X), y), rel=1e-12)


def test_one_sigmoid_output_classifies_too():
    m = model(nn.SigmoidCrossEntropy(), k=1)
    m.fit(*XOR, epochs=30)
    assert m.predict(FRESH[0]).shape == (100,)
    assert m.predict_proba(FRESH[0]).shape == (100, 1)
    assert m.evaluate(*FRESH)["accuracy"] > 0.95


def test_targets_that_are_probabilities_have_a_likelier_answer():
    Z, y = np.array([[2.0], [2.0], [-2.0], [-2.0]]), np.array([0.9, 0.3, 0.3, 0.9])
    net = nn.Sequential(nn.Dense(1, 1), rng=0)
    net.layers[0].W = [[1.0]]
    assert nn.evaluate(net, nn.SigmoidCrossEntropy(), Z, y)["accuracy"] == 0.5


@pytest.mark.parametrize("use", ["fit", "evaluate"])
def test_one_hot_rows_for_questions_that_do_not_exclude_each_other_are_warned_of(use):
    X, y = np.ones((12, 2)), np.arange(12) % 4
    model = nn.Model(nn.Sequential(nn.Dense(2, 4)), nn.SigmoidCrossEntropy(), nn.SGD())
    with pytest.warns(UserWarning, match=r"y: every row is one-hot, .* use SoftmaxCrossEntropy"):
        getattr(model, use)(X, np.eye(4)[y])
    model = nn.Model(nn.Sequential(nn.Dense(2, 4)), nn.SoftmaxCrossEntropy(), nn.SGD())
    getattr(model, use)(X, np.argmax(np.eye(4)[y], axis=1))


def test_several_labels_of_an_example_are_no_one_hot_rows():
    X, Y = np.ones((12, 2)), np.eye(4)[np.arange(12) % 4]
    Y[0, :2] = 1
    model = nn.Model(nn.Sequential(nn.Dense(2, 4)), nn.SigmoidCrossEntropy(), nn.SGD())
    model.fit(X, Y, epochs=1)


def test_a_regression_has_a_loss_but_no_accuracy_and_no_probabilities():
    X, y = nn.make_sine(200, noise=0, rng=0)
    net = nn.Sequential(nn.Dense(1, 16), nn.Tanh(), nn.Dense(16, 1))
    m = nn.Model(net, nn.MeanSquaredError(), nn.Adam(lr=0.02))
    history = m.fit(X, y, epochs=100, validation=(X, y))
    assert set(history) == {"loss", "lr", "val_loss"}
    assert set(m.evaluate(X, y)) == {"loss"}
    assert m.evaluate(X, y)["loss"] < 0.01
    assert m.predict(X).shape == y.shape
    with pytest.raises(TypeError, match=r"MeanSquaredError\(\) has no probabilities"):
        m.predict_proba(X)


def test_a_network_that_ends_in_softmax_trains_with_cross_entropy():
    net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2), nn.Softmax())
    m = nn.Model(net, nn.CrossEntropy(), nn.Adam(lr=0.05))
    twin = model()
    losses = m.fit(*XOR, epochs=10)["loss"]
    assert losses == pytest.approx(twin.fit(*XOR, epochs=10)["loss"], rel=1e-9)


def straight(k, loss=None, seed=0):
    """A regression that is nearly right."""
    net = nn.Sequential(nn.Dense(3, k), rng=seed)
    return nn.Model(net, loss or nn.MeanSquaredError(), nn.SGD())


REGRESSION = np.random.default_rng(0).normal(size=(2500, 3))


@pytest.mark.parametrize("k", [1, 2, 5])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", [nn.MeanSquaredError(), nn.Huber()])
def test_the_score_of_numbers_is_scikit_learns_r2(k, weighted, loss):
    metrics = pytest.importorskip("sklearn.metrics")
    m, rng = straight(k, loss), np.random.default_rng(k)
    y = m.net.forward(REGRESSION) + rng.normal(size=(2500, k)) * np.arange(1, k + 1)
    s = rng.integers(0, 3, 2500) * 0.7 if weighted else None
    expected = metrics.r2_score(y, m.predict(REGRESSION), sample_weight=s)
    assert m.score(REGRESSION, y, s) == pytest.approx(expected, rel=1e-12)
    assert m.score(REGRESSION, y[:, 0] if k == 1 else y, s) == pytest.approx(expected, rel=1e-12)


def test_numbers_that_never_change_are_scored_as_scikit_learn_does():
    metrics = pytest.importorskip("sklearn.metrics")
    m, X = straight(2), REGRESSION[:6]
    P = m.predict(X)
    for y in (np.c_[np.full(6, 0.5), P[:, 1]], np.c_[np.full(6, 0.5), X[:, 0]]):
        assert m.score(X, y) == pytest.approx(metrics.r2_score(y, P), rel=1e-12)
    m.net.params = 0 * m.net.params
    assert m.score(X, np.zeros((6, 2))) == metrics.r2_score(np.zeros((6, 2)), np.zeros((6, 2))) == 1
    assert m.score(X, np.full((6, 2), 0.1)) == 0  # whose mean, in floats, is not 0.1


def test_the_score_of_classes_is_the_accuracy_of_evaluate():
    m, s = model(), np.linspace(0, 1, 100)
    m.fit(*XOR, epochs=2)
    assert (
        m.score(*FRESH)
        == m.evaluate(*FRESH)["accuracy"]
        == nn.accuracy(FRESH[1], m.predict(FRESH[0]))
    )
    assert m.score(*FRESH, s) == m.evaluate(*FRESH, s)["accuracy"] != m.score(*FRESH)
    several = straight(4, nn.SigmoidCrossEntropy())
    Y = (REGRESSION[:, :1] > [-1, 0, 1, 2]).astype(int)
    assert several.score(REGRESSION, Y) == (several.predict(REGRESSION) == Y).mean()


def test_a_score_in_float32_is_a_float_and_that_of_float64():
    m, y = straight(1), REGRESSION[:, 0] + 0.1
    single = nn.Model(m.net.astype(np.float32), m.loss, m.optimizer)
    found = single.score(REGRESSION, y.astype(np.float32))
    assert type(found) is float
    assert found == pytest.approx(m.score(REGRESSION, y), rel=1e-5)


def test_a_score_prepares_inputs_and_knows_the_names_of_classes():
    m = model()
    X, names = 7 + 3 * XOR[0], np.array(["no", "yes"])[XOR[1]]
    named = nn.Model(m.net, m.loss, m.optimizer, ["no", "yes"], nn.Standardize)
    named.fit(X, names, epochs=30)
    assert named.score(X, names) == named.evaluate(X, names)["accuracy"] > 0.9


def noisy():
    """Data too few for the network, so that the validation loss turns up again."""
    X, y = nn.make_xor(30, noise=0.9, rng=0)
    return X, y


def test_early_stopping_brings_the_best_epoch_back():
    m = model(lr=0.1)
    history = m.fit(
        *noisy(), epochs=400, validation=FRESH, early_stopping=nn.EarlyStopping(patience=7)
    )
    best = int(np.argmin(history["val_loss"]))
    assert history.best_epoch == best + 1
    assert history.epochs == best + 1 + 7
    assert m.evaluate(*FRESH)["loss"] == history["val_loss"][best]


def test_early_stopping_can_watch_accuracy_which_should_rise():
    m = model(lr=0.1)
    stopping = nn.EarlyStopping(patience=10, monitor="val_accuracy")
    history = m.fit(*noisy(), epochs=400, validation=FRESH, early_stopping=stopping)
    assert history.best_epoch == int(np.argmax(history["val_accuracy"])) + 1
    assert m.evaluate(*FRESH)["accuracy"] == max(history["val_accuracy"])


def test_an_improvement_below_min_delta_does_not_count():
    stopping = nn.EarlyStopping(min_delta=0.1)
    assert stopping.improved(0.8, None)
    assert stopping.improved(0.8, 1.0)
    assert not stopping.improved(0.95, 1.0)


def test_the_best_epoch_comes_back_even_when_all_epochs_run():
    m = model(lr=0.1)
    history = m.fit(
        *noisy(), epochs=100, validation=FRESH, early_stopping=nn.EarlyStopping(patience=100)
    )
    assert history.epochs == 100
    assert m.evaluate(*FRESH)["loss"] == min(history["val_loss"])


def test_a_model_can_be_copied_and_trained_apart():
    m = model()
    twin = copy.deepcopy(m)
    m.fit(*XOR, epochs=1)
    assert not np.array_equal(m.net.params, twin.net.params)
    twin.fit(*XOR, epochs=1)
    assert np.array_equal(m.net.params, twin.net.params)


def test_a_diverged_fit_keeps_the_history_so_far():
    X, y = nn.make_sine(64, rng=0)
    net = nn.Sequential(nn.Dense(1, 8), nn.ReLU(), nn.Dense(8, 1))
    m = nn.Model(net, nn.MeanSquaredError(), nn.SGD(lr=lambda step: 0.01 if step < 4 else 1e9))
    with pytest.raises(FloatingPointError, match="training diverged in epoch"):
        m.fit(X, y, epochs=50)
    assert m.history.epochs >= 2
    assert np.isfinite(m.net.params).all()


def test_progress_shows_a_bar_on_stderr(capsys):
    model().fit(*XOR, epochs=2, progress=True)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "2/2" in shown.err
    assert "loss=" in shown.err


def test_progress_may_be_a_function_that_is_told_each_epoch_once_it_is_recorded(capsys):
    told, m = [], model()
    history = m.fit(*XOR, epochs=3, progress=lambda epoch: told.append((epoch, m.history.epochs)))
    assert [(epoch.epoch, recorded) for epoch, recorded in told] == [(1, 1), (2, 2), (3, 3)]
    assert [epoch.loss for epoch, _ in told] == history["loss"]
    assert capsys.readouterr() == ("", "")


def test_a_history_prints_in_a_line():
    history = nn.History(loss=[1.0, 0.51234], lr=[0.1, 0.1])
    assert repr(history) == "History(2 epochs: loss 0.5123, lr 0.1)"
    assert repr(nn.History()) == "History(0 epochs)"


def test_a_model_prints_its_three_parts():
    net = nn.Sequential(nn.Dense(2, 1))
    shown = repr(nn.Model(net, nn.MeanSquaredError(), nn.SGD(lr=0.5)))
    assert shown == "Model(Sequential(\n    Dense(2, 1),\n), MeanSquaredError(), SGD(lr=0.5))"


@pytest.mark.parametrize(
    ("place", "name"), [(0, "net"), (1, "loss"), (2, "optimizer")], ids=["net", "loss", "optimizer"]
)
def test_a_model_of_the_wrong_parts_is_refused(place, name):
    parts = [model().net, nn.SoftmaxCrossEntropy(), nn.Adam()]
    parts[place] = "adam"
    with pytest.raises(TypeError, match=f"{name}: expected an? .*, got 'adam'"):
        nn.Model(*parts)


@pytest.mark.parametrize(
    ("stopping", "error", "message"),
    [
        ({"patience": 0}, ValueError, "patience: expected at least 1, got 0"),
        ({"monitor": 3}, TypeError, "monitor: expected a str, got 3"),
        ({"mode": "up"}, ValueError, "mode: expected one of auto, min, max, got 'up'"),
        ({"min_delta": -1}, ValueError, "min_delta: expected a number"),
    ],
)
def test_impossible_early_stopping_is_refused(stopping, error, message):
    with pytest.raises(error, match=message):
        nn.EarlyStopping(**stopping)


def test_early_stopping_is_an_object_not_a_number():
    with pytest.raises(TypeError, match=r"early_stopping: expected an EarlyStopping, got 3: nnlib"):
        model().fit(*XOR, validation=FRESH, early_stopping=3)


def test_early_stopping_without_validation_is_refused():
    message = r"early_stopping: expected a monitor among loss, lr, got 'val_loss'; validation="
    with pytest.raises(ValueError, match=message):
        model().fit(*XOR, early_stopping=nn.EarlyStopping())


def test_early_stopping_cannot_watch_the_accuracy_of_a_regression():
    net = nn.Sequential(nn.Dense(1, 1))
    m = nn.Model(net, nn.MeanSquaredError(), nn.SGD())
    data = nn.make_sine(10)
    with pytest.raises(ValueError, match="among loss, lr, val_loss, got 'val_accuracy'"):
        m.fit(*data, validation=data, early_stopping=nn.EarlyStopping(monitor="val_accuracy"))


@pytest.mark.parametrize("call", ["predict", "predict_proba"])
def test_predicting_from_nothing_or_nonsense_is_refused(call):
    with pytest.raises(ValueError, match="at least one example"):
        getattr(model(), call)(np.empty((0, 2)))
    with pytest.raises(ValueError, match=r"X: expected shape \(n, 2\)"):
        getattr(model(), call)(np.ones((3, 5)))


def test_early_stopping_watches_whatever_is_recorded():
    m = model(lr=0.1)
    stopping = nn.EarlyStopping(patience=10, monitor="val_wrong", mode="min")
    wrong = {"wrong": lambda y, predictions: (y != predictions).sum()}
    history = m.fit(*noisy(), epochs=400, validation=FRESH, metrics=wrong, early_stopping=stopping)
    assert history.best_epoch == int(np.argmin(history["val_wrong"])) + 1
    assert m.evaluate(*FRESH, metrics=wrong)["wrong"] == min(history["val_wrong"])


def test_early_stopping_can_watch_the_training_loss_without_validation():
    stopping = nn.EarlyStopping(patience=3, monitor="loss", min_delta=0.5)
    history = model().fit(*XOR, epochs=50, early_stopping=stopping)
    assert history.epochs < 50


@pytest.mark.parametrize(
    ("monitor", "mode", "better"),
    [
        ("loss", "auto", 0.5),
        ("val_loss", "auto", 0.5),
        ("val_accuracy", "auto", 1.5),
        ("val_f1", "max", 1.5),
        ("val_error", "min", 0.5),
        ("loss", "max", 1.5),
    ],
)
def test_the_mode_says_which_way_is_better(monitor, mode, better):
    stopping = nn.EarlyStopping(monitor=monitor, mode=mode)
    assert stopping.improved(better, 1.0)
    assert not stopping.improved(2.0 - better, 1.0)


def test_a_fraction_serves_for_early_stopping():
    m = model(lr=0.1)
    history = m.fit(*XOR, epochs=300, validation=0.2, early_stopping=nn.EarlyStopping(patience=5))
    assert history.best_epoch is not None
    assert len(history["val_loss"]) == history.epochs


def by_hand(m, epochs, plateau, **options):
    """The rates of training in a loop of one's own."""
    rates = []
    for epoch in nn.epochs(m.net, m.loss, m.optimizer, *XOR, epochs=epochs, **options):
        rates.append(epoch.lr)
        plateau.update(epoch.scores["val_loss"])
    return rates


def test_a_plateau_in_fit_is_the_one_in_a_loop_of_ones_own():
    m, other = model(lr=0.3), model(lr=0.3)
    options = {"epochs": 40, "validation": FRESH}
    make = lambda m: nn.ReduceLROnPlateau(m.optimizer, factor=0.5, patience=1)  # noqa: E731
    history = m.fit(*XOR, plateau=make(m), **options)
    assert history["lr"] == by_hand(other, plateau=make(other), **options)
    assert np.array_equal(m.net.params, other.net.params)
    assert history["lr"][-1] < history["lr"][0] == 0.3


def test_the_rate_falls_at_the_update_after_patience_and_then_waits_as_long_again():
    opt = nn.SGD(lr=1.0)
    plateau = nn.ReduceLROnPlateau(opt, factor=0.5, patience=2, min_lr=0.2)
    fell = [plateau.update(1.0) for _ in range(13)]
    assert [i for i, now in enumerate(fell) if now] == [3, 6, 9]  # 0.5, 0.25, 0.2 and no further
    assert opt.lr == 0.2


def test_a_plateau_never_raises_a_rate():
    opt = nn.SGD(lr=0.1)
    plateau = nn.ReduceLROnPlateau(opt, patience=0, min_lr=0.5)
    assert [plateau.update(1.0) for _ in range(3)] == [False] * 3
    assert opt.lr == 0.1


def test_a_plateau_goes_on_in_the_next_fit():
    whole, parts = model(lr=0.3), model(lr=0.3)
    make = lambda m: nn.ReduceLROnPlateau(m.optimizer, patience=1, monitor="loss", min_delta=0.1)  # noqa: E731
    rates = whole.fit(*XOR, epochs=8, plateau=make(whole))["lr"]
    plateau = make(parts)
    assert rates == [parts.fit(*XOR, epochs=1, plateau=plateau)["lr"][0] for _ in range(8)]
    assert len(set(rates)) > 1


def test_a_plateau_and_early_stopping_count_apart():
    m = model(lr=0.1)
    plateau = nn.ReduceLROnPlateau(m.optimizer, factor=0.5, patience=2)
    stopping = nn.EarlyStopping(patience=7)
    history = m.fit(
        *noisy(), epochs=400, validation=FRESH, early_stopping=stopping, plateau=plateau
    )
    assert history.epochs == history.best_epoch + 7
    assert m.evaluate(*FRESH)["loss"] == min(history["val_loss"])
    assert m.optimizer.lr <= 0.025


def test_a_plateau_prints_as_it_was_made_and_knows_no_step():
    shown = repr(nn.ReduceLROnPlateau(nn.SGD(lr=0.5), patience=2))
    assert shown == (
        "ReduceLROnPlateau(optimizer=SGD(lr=0.5), factor=0.1, patience=2, monitor='val_loss', "
        "min_delta=0.0, mode='auto', min_lr=0.0)"
    )
    with pytest.raises(AttributeError, match="'step': it is called update here"):
        nn.ReduceLROnPlateau(nn.SGD()).step(1.0)


def test_a_copied_plateau_slows_its_own_optimizer():
    m = model(lr=0.1)
    plateau = nn.ReduceLROnPlateau(m.optimizer, patience=0)
    twin = copy.deepcopy(plateau)
    twin.update(1.0)
    assert twin.update(1.0)
    assert m.optimizer.lr == 0.1


@pytest.mark.parametrize(
    ("option", "error"),
    [
        ({"factor": 1.0}, ValueError),
        ({"factor": 0}, ValueError),
        ({"patience": -1}, ValueError),
        ({"patience": 1.5}, TypeError),
        ({"min_delta": -0.1}, ValueError),
        ({"min_lr": -1}, ValueError),
        ({"mode": "up"}, ValueError),
        ({"monitor": 3}, TypeError),
    ],
)
def test_impossible_plateaus_are_refused(option, error):
    with pytest.raises(error, match=f"^{next(iter(option))}: expected"):
        nn.ReduceLROnPlateau(nn.SGD(), **option)


def test_balanced_weights_rescue_a_rare_class():
    rng = np.random.default_rng(0)
    X = np.r_[rng.normal(-0.5, 1, (950, 2)), rng.normal(0.5, 1, (50, 2))]
    y = np.r_[np.zeros(950, int), np.ones(50, int)]

    def recall(loss):
        m = model(loss, lr=0.02)
        m.fit(X, y, epochs=20)
        return (m.predict(X)[y == 1] == 1).mean()

    plain = recall(nn.SoftmaxCrossEntropy())
    balanced = recall(nn.SoftmaxCrossEntropy(class_weight=nn.balanced_class_weight(y)))
    assert plain < 0.3
    assert balanced > 0.6


def test_a_schedule_is_recorded_and_followed_step_by_step():
    m = model(lr=lambda step: 0.1 / (1 + step))
    history = m.fit(*XOR, epochs=3, batch_size=100)
    assert history["lr"] == [0.1 / 2, 0.1 / 4, 0.1 / 6]


def test_a_summary_tells_layers_shapes_and_parameters():
    assert repr(model().summary()).splitlines() == [
        "layer        output shape  parameters",
        "Dense(2, 8)  (n, 8)        24",
        "Tanh()       (n, 8)        0",
        "Dense(8, 2)  (n, 2)        18",
        "42 parameters, 0.00 MB (float64)",
    ]


def test_a_summary_can_be_told_the_shape_of_an_example():
    net = nn.Sequential(nn.Tanh(), nn.ReLU())
    m = nn.Model(net, nn.MeanSquaredError(), nn.SGD())
    assert "Tanh()  ?" in repr(m.summary())
    assert "Tanh()  (n, 3, 5)" in repr(m.summary((3, 5)))


@pytest.mark.parametrize("shape", [4, [4], "4", np.array([4])])
def test_a_summary_takes_the_shape_of_an_example_as_a_tuple(shape):
    model = nn.Model(nn.Sequential(nn.Flatten()), nn.Huber(), nn.SGD())
    with pytest.raises(TypeError, match=r"^input_shape: expected a tuple, got"):
        model.summary(shape)


@pytest.mark.parametrize("value", [np.array(2), np.ma.masked, 3])
def test_metrics_that_cannot_be_gone_through_are_refused(value):
    model = nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.Huber(), nn.SGD())
    with pytest.raises(TypeError, match=r"metrics"):
        model.fit([[1.0], [2.0]], [1.0, 2.0], metrics=value, validation=0.5)
