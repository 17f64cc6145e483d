"""However training ends: the best epoch, going on, divergence, what is scored on the way."""

import sys
import threading
import tracemalloc
import warnings

import numpy as np
import pytest

import nnlib as nn
from nnlib.examples import checked_examples

XOR = nn.make_xor(60, rng=0)
HELD = nn.make_xor(40, rng=1)


def model(lr=0.05, rng=0, **options):
    net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2), rng=rng)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=lr, **options))


# The best epoch is an invariant -----------------------------------------------------------------


class Script:
    """A metric that follows a script, remembers the parameters, and may raise at an epoch."""

    def __init__(self, model, values, error=None):
        self.model, self.values, self.error, self.seen = model, values, error, []

    def __call__(self, y, predictions):
        if len(y) < 40 or not self.model.optimizer.t:  # tried before training
            return 0.0
        i = len(self.seen)
        if i == len(self.values):
            raise self.error
        self.seen.append(self.model.net.params.copy())
        return self.values[i]


NAN = float("nan")
ENDINGS = {
    "patience": ([3, 1, 2, 2, 2], 3, None, 2),
    "last epoch": ([3, 2, 1, 2], 9, None, 3),
    "still falling": ([4, 3, 2, 1], 9, None, 4),
    "Ctrl-C": ([3, 1, 2], 9, KeyboardInterrupt(), 2),
    "divergence": ([3, 1, 2], 9, FloatingPointError("the loss is no longer finite"), 2),
    "an exception": ([3, 1, 2], 9, OSError("disk full"), 2),
    "NaN first": ([NAN, 2, 1, 3], 9, None, 3),
    "NaN in between": ([3, NAN, 1, NAN], 9, None, 3),
    "NaN after the best": ([3, 1, NAN, NAN], 2, None, 2),
    "infinite first": ([np.inf, 2, 3], 9, None, 2),
}


@pytest.mark.parametrize(("values", "patience", "error", "best"), ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("sign", [1, -1])
def test_parameters_are_those_of_the_best_epoch(values, patience, error, best, sign):
    m = model()
    script = Script(m, [sign * v for v in values], error)
    stopping = nn.EarlyStopping(patience, "val_script", mode="min" if sign == 1 else "max")
    epochs = len(values) + (error is not None)

    def fit():
        m.fit(
            *XOR, epochs=epochs, validation=HELD, metrics={"script": script},
            early_stopping=stopping,
        )  # fmt: skip

    if error is None:
        fit()
    else:
        with pytest.raises(type(error)) as caught:
            fit()
        if isinstance(error, FloatingPointError):
            assert "brought back epoch 2" in caught.value.__notes__[0]
    assert m.history.best_epoch == best
    assert np.array_equal(m.net.params, script.seen[best - 1])


def test_only_nan_is_no_best_epoch():
    m = model()
    script = Script(m, [NAN] * 5)
    stopping = nn.EarlyStopping(3, "val_script", mode="max")
    m.fit(*XOR, epochs=5, validation=HELD, metrics={"script": script}, early_stopping=stopping)
    assert m.history.best_epoch is None
    assert m.history.epochs == 3
    assert np.array_equal(m.net.params, script.seen[-1])


@pytest.mark.parametrize("monitor", ["val_error", "val_rmse", "val_f1", "lr", "val_log_likelihood"])
def test_a_direction_that_is_not_known_has_to_be_said(monitor):
    with pytest.raises(ValueError, match=f"mode: expected 'min' or 'max' for '{monitor}'"):
        nn.EarlyStopping(monitor=monitor)
    for mode in ("min", "max"):
        assert nn.EarlyStopping(monitor=monitor, mode=mode).mode == mode


@pytest.mark.parametrize(
    ("monitor", "falls"),
    [("loss", True), ("val_loss", True), ("val_my_loss", True), ("val_accuracy", False)],
)
def test_a_loss_falls_and_an_accuracy_rises(monitor, falls):
    assert nn.EarlyStopping(monitor=monitor).improved(1.0, 2.0) is falls


# Going on ---------------------------------------------------------------------------------------

OPTIONS = {
    "plain": {},
    "a fraction held out": {"validation": 0.3},
    "weights": {"sample_weight": np.linspace(0.1, 3, 60)},
    "validation data": {"validation": HELD},
    "one batch": {"batch_size": 60},
}


def regularized():
    net = nn.Sequential(
        nn.Dense(2, 8), nn.BatchNorm(8), nn.ReLU(), nn.Dropout(0.3), nn.Dense(8, 2), rng=2
    )
    optimizer = nn.Adam(lr=nn.schedules.Cosine(0.05, steps=60), weight_decay=1e-3)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), optimizer)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("first", [None, 7])
def test_five_fits_of_one_epoch_are_one_fit_of_five_to_the_bit(options, first):
    once, often = regularized(), regularized()
    true = once.fit(*XOR, epochs=5, rng=first, **options)
    found = [often.fit(*XOR, epochs=1, rng=None if i else first, **options) for i in range(5)]
    assert np.array_equal(once.net.params, often.net.params)
    assert np.array_equal(once.net.buffers, often.net.buffers)
    for name, values in true.items():
        assert [history[name][0] for history in found] == values, name


def test_an_int_starts_the_order_anew_and_a_generator_goes_on():
    orders = {}
    for name, rngs in {"int": (3, 3), "generator": (np.random.default_rng(3),) * 2}.items():
        m = model(lr=0.0)
        parts = (m.net, m.loss, m.optimizer)
        orders[name] = [[s.loss for s in nn.steps(*parts, *XOR, epochs=1, rng=r)] for r in rngs]
    assert orders["int"][0] == orders["int"][1] == orders["generator"][0]
    assert orders["generator"][1] != orders["generator"][0]


def split(rng):
    m = model()
    return checked_examples(m.net, m.loss, *XOR).split(0.25, rng)


def test_who_goes_on_never_trains_on_what_was_held_out():
    rng, seen = np.random.default_rng(4), []
    for _ in range(3):
        m = model()
        parts = (m.net, m.loss, m.optimizer)
        list(nn.epochs(*parts, *XOR, epochs=2, validation=0.25, rng=rng))
        seen.append([set(part.rows) for part in split(rng)])
    assert seen[0] == seen[1] == seen[2]
    trained, held = seen[0]
    assert not trained & held
    assert len(held) == 15


def test_another_seed_holds_out_other_examples():
    held = {frozenset(split(np.random.default_rng(seed))[1].rows) for seed in range(5)}
    assert len(held) == 5


def test_the_history_tells_that_training_went_on():
    m = model()
    assert repr(m.fit(*XOR, epochs=1)).startswith("History(1 epochs: ")
    history = m.fit(*XOR, epochs=1)
    assert history.steps_before == 2
    assert repr(history).startswith("History(1 epochs after 2 steps: ")


def test_a_schedule_that_is_over_is_said_at_the_start_where_the_user_called():
    m = model()
    m.optimizer = nn.SGD(lr=nn.schedules.Cosine(0.1, steps=4))
    m.fit(*XOR, epochs=2)
    before = m.net.params.copy()
    with pytest.warns(UserWarning, match="ended at step 4, and 4 steps") as caught:
        m.fit(*XOR, epochs=1)
    assert caught[0].filename == __file__
    assert np.array_equal(m.net.params, before)
    m.optimizer = nn.SGD(lr=nn.schedules.Cosine(0.1, steps=4))  # the remedy
    m.fit(*XOR, epochs=1)
    assert not np.array_equal(m.net.params, before)


def test_a_rate_that_falls_to_nothing_is_said_once_while_training():
    m = model()
    m.optimizer = nn.SGD(lr=nn.schedules.StepDecay(0.1, every_steps=1))
    with pytest.warns(UserWarning, match="counts steps, one for each batch") as caught:
        m.fit(*XOR, epochs=20)
    assert len(caught) == 1
    assert caught[0].filename == __file__


@pytest.mark.parametrize("entry", ["fit", "steps", "epochs"])
def test_an_optimizer_that_has_moved_another_network_is_refused(entry):
    first, second = model(), model(rng=1)
    first.fit(*XOR, epochs=1)

    def train(optimizer):
        if entry == "fit":
            nn.Model(second.net, second.loss, optimizer).fit(*XOR, epochs=1)
        else:
            list(getattr(nn, entry)(second.net, second.loss, optimizer, *XOR, epochs=1))

    with pytest.raises(
        ValueError, match=r"optimizer: .* Adam\(lr=0.05\) after 2 steps .* another net"
    ):
        train(first.optimizer)
    train(nn.Adam(lr=0.05))  # the remedy


def test_a_bar_that_cannot_be_shown_leaves_the_history_alone(monkeypatch):
    m = model()
    history = m.fit(*XOR, epochs=1)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"fit\(progress=True\)"):
        m.fit(*XOR, epochs=1, progress=True)
    assert m.history is history
    assert m.fit(*XOR, epochs=1, progress=False).epochs == 1  # the remedy


# Divergence is one error ------------------------------------------------------------------------


def explodes(**changes):
    """A model and data whose training ends in infinity."""
    X, y = nn.make_sine(60, rng=0)
    given = {"X": X, "y": y, "lr": 0.05} | changes
    net = nn.Sequential(nn.Dense(1, 8), nn.Dense(8, 1), rng=0)
    m = nn.Model(net, nn.MeanSquaredError(), nn.SGD(lr=given["lr"]))
    return m, given["X"], given["y"]


SINE = nn.make_sine(60, rng=0)
CAUSES = {
    "learning rate": ({"lr": 1e6}, "a learning rate that is too large: try a tenth of it"),
    "inputs": ({"X": 1e4 * SINE[0]}, "inputs that are not scaled: X goes up to"),
    "targets": ({"y": 1e9 * SINE[1]}, "targets that are not scaled: y goes up to"),
}


@pytest.mark.parametrize(("changes", "cause"), CAUSES.values(), ids=CAUSES)
@pytest.mark.parametrize("validated", [False, True])
def test_divergence_names_epoch_step_layer_and_cause_without_a_warning(changes, cause, validated):
    m, X, y = explodes(**changes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FloatingPointError) as error:
            m.fit(X, y, epochs=400, validation=(X, y) if validated else None)
    message = str(error.value)
    assert message.startswith("training diverged in epoch ")
    assert ", step " in message
    assert validated or cause in message
    assert validated or "the largest gradient is in layers[" in message


def test_large_counts_are_not_to_be_shifted_when_their_rates_explode():
    X, counts = np.linspace(-3, 3, 50)[:, np.newaxis], np.full(50, 1000)
    m = nn.Model(nn.Sequential(nn.Dense(1, 1)), nn.Poisson(), nn.SGD(lr=1))
    with pytest.raises(FloatingPointError, match="a learning rate that is too large"):
        m.fit(X, counts, epochs=3)


@pytest.mark.parametrize("call", ["evaluate", "predict", "predict_proba"])
def test_a_network_that_has_exploded_says_so_when_it_is_used(call):
    m = model()
    m.net.params = 1e308 * np.ones_like(m.net.params)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FloatingPointError, match=r"outputs of .* grown up to 1e\+308"):
            getattr(m, call)(*(XOR if call == "evaluate" else XOR[:1]))


def test_an_update_that_explodes_at_the_end_of_an_epoch_is_divergence_too():
    m, X, y = explodes()
    m.optimizer.lr = lambda t: 1e300 if t == 3 else 0.1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FloatingPointError, match="diverged in epoch 2, step 4: the outputs"):
            m.fit(X, y, validation=(X, y))
    assert m.history.epochs == 1


# Metrics are tried before training ----------------------------------------------------------------

NAMED = {
    "a name": ("f1_macro", {"f1_macro"}),
    "names": (["accuracy", "recall_micro"], {"accuracy", "recall_micro"}),
    "a function": (nn.accuracy, {"accuracy"}),
    "functions and names": ([nn.accuracy, "f1_weighted"], {"accuracy", "f1_weighted"}),
    "a table": ({"mine": lambda y, p: 0.5}, {"mine"}),
    "a table of names": ({"mine": "f1_macro"}, {"mine"}),
    "a tuple": (("precision_macro",), {"precision_macro"}),
}


@pytest.mark.parametrize(("metrics", "names"), NAMED.values(), ids=NAMED)
def test_metrics_are_asked_for_by_name_as_functions_or_in_a_table(metrics, names):
    m = model()
    history = m.fit(*XOR, epochs=2, validation=HELD, metrics=metrics)
    assert set(history) == {"loss", "lr", "val_loss", "val_accuracy", *(f"val_{n}" for n in names)}
    assert set(m.evaluate(*HELD, metrics=metrics)) == {"loss", "accuracy", *names}


@pytest.mark.parametrize("name", sorted(nn.metrics.BY_NAME))
def test_a_named_metric_is_that_of_scikit_learn(name):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    rng = np.random.default_rng(0)
    y, p = rng.integers(4, size=(2, 200))
    metric, _, average = name.partition("_")
    true = getattr(sklearn, f"{metric}_score")
    expected = true(y, p, average=average) if average else true(y, p)
    assert nn.metrics.BY_NAME[name](y, p) == pytest.approx(expected, rel=1e-12)


REFUSED = {
    "no validation": (
        "f1_macro",
        None,
        ValueError,
        "metrics: expected validation data to score f1",
    ),
    "one for each class": (nn.f1, HELD, TypeError, r"metrics\['f1'\]: .* one number.*average="),
    "unknown": ("f1", HELD, ValueError, "metrics: expected one of accuracy, .*f1_macro.* got 'f1'"),
    "a number": ({"a": 3}, HELD, TypeError, r"metrics\['a'\]: expected a function"),
    "text": ({"a": lambda y, p: "good"}, HELD, TypeError, r"metrics\['a'\]: .* one number, got 'g"),
    "nothing": ({"a": lambda y, p: None}, HELD, TypeError, r"metrics\['a'\]: .* got None"),
    "no metrics": (5, HELD, TypeError, "metrics: expected an Iterable, got 5"),
}


@pytest.mark.parametrize(("metrics", "held", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_metrics_that_cannot_be_are_refused_before_training(metrics, held, kind, words):
    m = model()
    before = m.net.params.copy()
    with pytest.raises(kind, match=words):
        m.fit(*XOR, validation=held, metrics=metrics)
    assert m.optimizer.t == 0
    assert np.array_equal(m.net.params, before)


def test_an_error_inside_a_metric_is_told_before_training_with_its_name():
    def broken(y, predictions):
        return 1 / 0

    m = model()
    with pytest.raises(ZeroDivisionError) as error:
        m.fit(*XOR, validation=HELD, metrics=[broken])
    assert "raised by metrics['broken']" in error.value.__notes__[0]
    assert m.optimizer.t == 0


@pytest.mark.parametrize("fraction", [0.25, np.float32(0.25), np.float64(0.25)])
def test_a_fraction_may_be_any_number(fraction):
    assert "val_loss" in model().fit(*XOR, epochs=1, validation=fraction)


# Inference beside training -------------------------------------------------------------------


def test_predicting_in_a_thread_while_training_changes_nothing():
    alone, watched = regularized(), regularized()
    alone.fit(*XOR, epochs=20)
    done = threading.Event()

    def predict():
        while not done.is_set():
            watched.predict_proba(XOR[0][:7])

    thread = threading.Thread(target=predict)
    thread.start()
    try:
        watched.fit(*XOR, epochs=20)
    finally:
        done.set()
        thread.join()
    assert np.array_equal(alone.net.params, watched.net.params)
    assert np.array_equal(alone.net.buffers, watched.net.buffers)


def test_memory_in_use_is_bounded_by_bytes():
    net = nn.Sequential(
        nn.Conv2D(1, 8, 3), nn.ReLU(), nn.Conv2D(8, 16, 3), nn.ReLU(), nn.Flatten(),
        nn.Dense(16 * 24 * 24, 10), dtype=np.float32,
    )  # fmt: skip
    m = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD())
    X = np.zeros((1000, 1, 28, 28), np.float32)
    y = np.zeros(1000, int)
    peaks = {}
    for name, call in {
        "fit": lambda: m.fit(X[:64], y[:64], epochs=1),
        "predict": lambda: m.predict(X),
        "evaluate": lambda: m.evaluate(X, y),
        "validation": lambda: m.fit(X[:64], y[:64], epochs=1, validation=(X, y)),
    }.items():
        tracemalloc.start()
        call()
        peaks[name] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert max(peaks.values()) <= 1.05 * peaks["fit"], peaks


@pytest.mark.parametrize(
    ("loss", "unit"),
    [
        (nn.SoftmaxCrossEntropy(), "nats per example"),
        (nn.CrossEntropy(), "nats per example"),
        (nn.SigmoidCrossEntropy(), "nats per label"),
        (nn.MeanSquaredError(), ""),
        (nn.Huber(), ""),
        (nn.MeanAbsoluteError(), ""),
        (nn.Poisson(), "nats per count"),
    ],
    ids=lambda value: repr(value),
)
def test_a_history_knows_the_unit_of_its_loss(loss, unit):
    layers = [nn.Dense(2, 2), nn.Softmax()][: 1 + isinstance(loss, nn.CrossEntropy)]
    y = XOR[1] if loss.classification else abs(XOR[0])
    if isinstance(loss, nn.SigmoidCrossEntropy):
        y = np.eye(2)[XOR[1]]
    assert nn.Model(nn.Sequential(*layers), loss, nn.SGD()).fit(XOR[0], y, epochs=1).unit == unit


def test_rates_beyond_all_bounds_are_said_to_be_so_as_outputs_are():
    net = nn.Sequential(nn.Dense(1, 1))
    net.params = np.array([800.0, 0.0])
    model = nn.Model(net, nn.Poisson(), nn.SGD())
    assert model.predict([[0.0]]) == 1
    with pytest.raises(FloatingPointError, match=r"the predictions of .* grown up to 800, so"):
        model.predict([[1.0]])


def test_a_frozen_network_that_has_exploded_says_how_far():
    net = nn.Sequential(nn.Dense(1, 1))
    net.params = np.array([1e300, 0.0])
    net.frozen = True
    with pytest.raises(FloatingPointError, match=r"grown up to 1e\+300, so"):
        nn.evaluate(net, nn.MeanSquaredError(), [[1e300]], [0.0])
