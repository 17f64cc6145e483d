"""Diagnosis: nothing in healthy runs, the cause in broken ones, and the model as it was."""

import copy
import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from benchmarks import diagnoses, patients
from benchmarks.patients import BROKEN, HEALTHY, mlp, on_digits, on_numbers
from nnlib import _evidence, diagnosis
from nnlib._findings import WORDS, finding
from tests.helpers.rows import Rows

pytest.importorskip("sklearn")

ROOT = Path(__file__).parents[2]
CAUSES = {cause: what for what, (cause, _) in reversed(BROKEN.items())}
"""One broken run for each cause."""


def model(*layers, loss=None, opt=None, **options):
    net = nn.Sequential(*layers, rng=0)
    return nn.Model(net, loss or nn.SoftmaxCrossEntropy(), opt or nn.Adam(lr=0.05), **options)


def evidence(m, X, y, validation=None):
    return diagnosis._evidence(m, X, y, validation, np.random.default_rng(0))


@pytest.mark.parametrize(
    "kind", [patients.digits_early, *HEALTHY[10:]], ids=lambda kind: kind.__name__
)
def test_nothing_is_found_in_a_run_that_learns(kind):
    run = diagnoses.trained(kind, 0)
    found = nn.diagnose(run.model, run.X, run.y, validation=run.validation)
    assert (found.names, len(found), bool(found)) == ((), 0, False)
    assert repr(found).startswith("nothing found. Looked at: ")
    assert all(name in repr(found) for name in WORDS)
    assert not run.model.history.unmoved


@pytest.mark.parametrize("cause", CAUSES)
def test_the_first_finding_is_the_cause(cause):
    run = diagnoses.trained(BROKEN[CAUSES[cause]][1], 0)
    found = nn.diagnose(run.model, run.X, run.y, validation=run.validation)
    assert found.names[0] == cause
    assert repr(found).startswith(f"The likeliest cause:\n1. {cause}: ")
    for entry in found:
        assert entry == finding(entry.name, entry.numbers)
        assert not {"{", "}"} & {*entry.text, *entry.remedy}
        assert entry.numbers
        assert (f"read: {entry.lesson}" in str(entry)) == (entry.lesson is not None)


def test_every_cause_has_a_run_that_is_broken_so():
    consequences = {"saturated units", "no better than guessing", "one class predicted"}
    assert {*CAUSES, *consequences, "exploding gradient"} == {*WORDS}


def test_every_look_has_its_words_and_all_numbers_that_they_need():
    names = [look.__name__.replace("_", " ") for look in diagnosis.LOOKS]
    assert sorted(names) == sorted(WORDS)
    assert all(inspect.getdoc(look) for look in diagnosis.LOOKS)


def test_below_a_cause_no_trial_is_made(monkeypatch):
    run = on_digits(0, y=np.full(700, 3), epochs=1)
    monkeypatch.setattr(_evidence.Evidence, "trained", None)  # not called
    assert nn.diagnose(*run[:3]).names[0] == "targets all equal"


def test_every_lesson_that_is_named_exists():
    lessons = {words.lesson for words in WORDS.values()} - {None}
    assert len(lessons) >= 6
    assert [lesson for lesson in lessons if not (ROOT / lesson).is_file()] == []


def test_a_gradient_that_grows_towards_the_first_layer_is_named():
    tiny, large = patients.too_large(1e-3), patients.too_large(1e3)
    layers = nn.Dense(64, 32, init=tiny), nn.Tanh(), nn.Dense(32, 10, init=large)
    run = on_digits(0, net=nn.Sequential(*layers, rng=0), opt=nn.SGD(lr=1e-9), epochs=1)
    (look,) = (entry for entry in nn.diagnose(*run[:3]) if entry.name == "exploding gradient")
    assert look.numbers["ratio"] > 1e3


def state(m):
    """All numbers of a model: parameters, gradients, buffers, memory, random states, history."""
    rngs = [layer.rng.bit_generator.state for layer in m.net.layers if layer.rng]
    arrays = [m.net.params, m.net.grads, m.net.buffers]
    rest = m.optimizer.state_dict(), rngs, m._rng.bit_generator.state, dict(m.history)
    about = m.history.steps_before, m.history.best_epoch, repr(m), m.net.mark, m.optimizer.mark
    return pickle.dumps(([a.tobytes() for a in arrays], rest, about))


@pytest.mark.parametrize("lr", [0.01, 1e-7], ids=["healthy", "tried anew"])
def test_the_model_and_the_data_stay_as_they_are_bit_for_bit(lr):
    X, y = nn.make_xor(200, rng=0)
    layers = nn.Dense(2, 16), nn.BatchNorm(16), nn.ReLU(), nn.Dropout(0.2), nn.Dense(16, 2)
    m = model(*layers, opt=nn.AdamW(lr=lr, weight_decay=0.1, clip_norm=1))
    m.fit(X, y, epochs=3, validation=0.2)
    before, data, caches = state(m), (X.copy(), y.copy()), [a.cache for a in layers]
    twin = copy.deepcopy(m)
    nn.diagnose(m, X, y, validation=(X[:50], y[:50]))
    assert state(m) == before
    assert all(a.cache is cache for a, cache in zip(layers, caches, strict=True))
    np.testing.assert_array_equal(X, data[0])
    np.testing.assert_array_equal(y, data[1])
    assert m.fit(X, y, epochs=2) == twin.fit(X, y, epochs=2)


class Counting(nn.Tanh):
    """A layer that keeps count even in test mode."""

    calls = 0

    def forward(self, Z, *, train=False):
        self.calls += 1
        return super().forward(Z, train=train)


def test_a_layer_that_remembers_its_calls_is_not_called():
    X, y = nn.make_xor(100, rng=0)
    m = model(nn.Dense(2, 8), Counting(), nn.Dense(8, 2))
    m.fit(X, y, epochs=2)
    before = m.net.layers[1].calls
    nn.diagnose(m, X, y)
    assert m.net.layers[1].calls == before > 0


def test_the_same_seed_gives_the_same_diagnosis_and_a_generator_goes_on():
    run = on_digits(0, y=permuted(700), epochs=1)
    found = [nn.diagnose(*run[:3], rng=seed) for seed in (1, 1, np.random.default_rng(1), 2)]
    assert found[0] == found[1] == found[2] != found[3]
    assert found[0].names == found[3].names


def test_pixels_from_0_to_255_come_first_and_dead_units_below():
    run = on_digits(0, X=np.round(255 * patients.digits().X_train[:700]), opt=nn.SGD(lr=0.1))
    found = nn.diagnose(*run[:3])
    assert found.names[0] == "inputs not scaled"
    assert "dead units" in found.names[1:]
    assert (found[0].numbers["low"], found[0].numbers["high"]) == (0, 255)
    assert "X goes from 0 to 255" in found[0].text
    assert "prepare=nnlib.Pixels(64, white=255)" in found[0].remedy
    besides = repr(found).index("Found besides, often consequences:")
    assert repr(found).index("\n1. ") < besides < repr(found).index("\n2. ")
    assert [entry.name for entry in found] == list(found.names)


def test_the_remedy_of_unscaled_pixels_is_one():
    data = patients.digits()
    X, y = np.round(255 * data.X_train[:300]), data.y_train[:300]
    m = model(nn.Dense(64, 10), opt=nn.Adam(lr=0.01), prepare=nn.Pixels(64, white=255))
    m.fit(X, y)
    assert not nn.diagnose(m, X, y)


WRONG = {
    "dW of layers[0], Uphill": [patients.Uphill(2, 8), nn.Tanh(), nn.Dense(8, 2)],
    "dX of layers[1], NoMask": [nn.Dense(2, 8), patients.NoMask(), nn.Dense(8, 2)],
    "dX of layers[2], Transposed": [
        *(nn.Dense(2, 8), nn.Tanh(), patients.Transposed(8, 8), nn.Tanh(), nn.Dense(8, 2))
    ],
}


@pytest.mark.parametrize("part", WRONG)
def test_the_layer_and_the_array_with_the_wrong_gradient_are_named(part):
    X, y = nn.make_xor(100, rng=0)
    m = model(*WRONG[part])
    m.fit(X, y, epochs=2)
    found = nn.diagnose(m, X, y)
    assert found[0].numbers["part"] == part
    assert found[0].numbers["error"] > 0.01


class Counts(nn.Layer):
    """A layer that asks for whole numbers."""

    def forward(self, X, *, train=False):
        if (X % 1).any():
            raise ValueError("X: expected whole numbers")
        return X

    def backward(self, dA, *, input_grad=True):
        return -dA


def test_a_layer_that_cannot_stand_alone_is_not_judged():
    X, y = nn.make_xor(100, rng=0)
    m = model(Counts(), nn.Dense(2, 2))
    assert evidence(m, np.sign(X), y).wrong_gradients == []


def test_what_a_guess_costs_is_the_entropy_of_the_classes():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    X = np.zeros((100, 2))
    p = np.array([0.5, 0.3, 0.2])
    e = evidence(model(nn.Dense(2, 3)), X, y)
    assert e.guess == pytest.approx(-(p * np.log(p)).sum())
    weighted = nn.SoftmaxCrossEntropy(class_weight=nn.balanced_class_weight(y))
    assert evidence(model(nn.Dense(2, 3), loss=weighted), X, y).guess == pytest.approx(np.log(3))
    on_probabilities = model(nn.Dense(2, 3), nn.Softmax(), loss=nn.CrossEntropy())
    assert evidence(on_probabilities, X, y).guess == pytest.approx(e.guess)
    yes = model(nn.Dense(2, 1), loss=nn.SigmoidCrossEntropy())
    assert evidence(yes, X, y > 0).guess == pytest.approx(np.log(2))


def test_the_skill_of_a_regression_is_r_squared():
    metrics = pytest.importorskip("sklearn.metrics")
    X, y = nn.make_sine(80, rng=0)
    m = model(nn.Dense(1, 8), nn.Tanh(), nn.Dense(8, 1), loss=nn.MeanSquaredError())
    m.fit(X, y, epochs=5)
    assert evidence(m, X, y).skill == pytest.approx(metrics.r2_score(y, m.predict(X)))


def test_neighbours_foretell_what_belongs_together():
    X, y = nn.make_spirals(200, rng=0)
    signals = [evidence(model(nn.Dense(2, 2)), X, labels).signal for labels in (y, y[::-1])]
    assert signals[0] > 10
    assert abs(signals[1]) < 4


def test_a_line_foretells_where_neighbours_do_not():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 100))
    y = (X.sum(axis=1) > 0).astype(int)
    assert evidence(model(nn.Dense(100, 2)), X, y).signal > 8


def test_rows_that_are_equal_can_be_explained_by_their_mean_at_best():
    X, y = np.repeat(np.arange(10.0), 2)[:, np.newaxis], np.tile([0, 1], 10)
    assert evidence(model(nn.Dense(1, 2)), X, y).possible == pytest.approx(0)
    assert evidence(model(nn.Dense(1, 2)), X, np.repeat([0, 1], 10)).possible == 1
    y[:10] = 0  # half of what varies: 15 of 20 are 0, five pairs differ
    assert evidence(model(nn.Dense(1, 2)), X, y).possible == pytest.approx(1 - 2.5 / 3.75)


def test_the_gap_is_read_off_the_history_where_no_validation_is_given():
    run = on_digits(0, X=patients.digits().X_train[:60], y=permuted(60), epochs=150, validation=0.3)
    found = nn.diagnose(*run[:3])
    assert found.names == ("overfitting",)
    assert found[0].numbers["there"] == run.model.history["val_accuracy"][-1]


def permuted(n):
    return np.random.default_rng(0).permutation(patients.digits().y_train[:n])


def test_what_a_model_has_not_learned_yet_is_no_disease():
    X, y = nn.make_xor(200, rng=0)
    m = model(nn.Dense(2, 16), nn.Tanh(), nn.Dense(16, 2))
    found = nn.diagnose(m, X, y)
    assert found.names[0] == "stopped too early"
    assert "training ended after 0 steps" in found[0].text
    m.fit(X, y, epochs=20)
    assert not nn.diagnose(m, X, y)


def test_frozen_layers_are_counted():
    m = model(nn.Dense(2, 2))
    m.net.layers[0].frozen = True
    X, y = nn.make_xor(50, rng=0)
    numbers = diagnosis.nothing_is_trained(evidence(m, X, y))
    assert (numbers["frozen"], numbers["layers"]) == (1, 1)


def test_a_model_that_has_diverged_is_diagnosed_too():
    X, y = nn.make_xor(100, rng=0)
    m = model(nn.Dense(2, 2))
    m.net.params = np.full(6, np.nan)
    assert "no better than guessing" in nn.diagnose(m, X, y).names


def learned(m, X, y, **options):
    m.fit(X, y, epochs=20, **options)
    return nn.diagnose(m, X, y)


class Fourth(nn.Loss):
    """A loss of one's own, (Z − y)⁴, that takes whole numbers as they are."""

    def check_targets(self, shape, y):
        return np.asarray(y)

    def per_example(self, Z, y):
        E = Z - np.reshape(y, Z.shape)
        return (E**4).mean(axis=1), 4 * E**3 / Z.shape[1]

    def predictions(self, Z):
        return Z[:, 0]


def test_a_loss_of_ones_own_is_taken_as_it_is():
    X, y = nn.make_xor(200, rng=0)
    m = model(nn.Dense(2, 16), nn.Tanh(), nn.Dense(16, 1), loss=Fourth())
    found = learned(m, X, 2 * y, validation=0.2)
    assert not found, found


def test_names_of_classes_and_preparations_are_those_of_the_model():
    X, y = nn.make_xor(200, rng=0)
    names = np.array(["no", "yes"])
    prepare = nn.Standardize.fit(1000 * X)
    m = model(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2), classes=names, prepare=prepare)
    assert not learned(m, 1000 * X, names[y])


def test_data_that_are_no_arrays_are_read_as_training_reads_them(tmp_path):
    X, y = nn.make_xor(200, rng=0)
    X.tofile(tmp_path / "X")
    m = model(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    m.fit(X, y, epochs=20)
    for rows in (np.memmap(tmp_path / "X", float, "r", shape=X.shape), Rows(X), X.tolist()):
        assert nn.diagnose(m, rows, y) == nn.diagnose(m, X, y)


def test_at_most_a_thousand_examples_are_read():
    X, y = nn.make_xor(3000, rng=0)
    m = model(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    m.fit(X, y, epochs=3)
    data = evidence(m, X, y).data
    assert len(data) == 1000
    assert len(np.unique(data.X, axis=0)) == 1000
    assert "1,000 examples" in repr(nn.diagnose(m, X, y))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_yes_or_no_question_is_asked_in_either_dtype(dtype):
    X, y = nn.make_xor(200, rng=0)
    net = mlp(2, 8, 1, act=nn.Tanh, rng=0, dtype=dtype)
    m = nn.Model(net, nn.SigmoidCrossEntropy(), nn.Adam(lr=0.05))
    assert not learned(m, X.astype(dtype), y)
    assert learned(m, X.astype(dtype), np.zeros(200)).names[0] == "targets all equal"


def test_targets_of_ten_thousand_are_found_in_another_loss_too():
    run = on_numbers(0, y=lambda y: 1e4 * y, loss=nn.Huber(1.0), epochs=3)
    assert nn.diagnose(*run[:3]).names[0] == "targets not scaled"


def test_a_history_that_has_not_moved_says_where_to_ask():
    still = nn.History(loss=[2.31, 2.30], lr=[1e-7, 1e-7])
    assert repr(still).endswith("hardly moved: nnlib.diagnose(model, X, y) looks for the cause)")
    assert not nn.History(loss=[2.31, 2.20]).unmoved
    assert not nn.History(loss=[2.31]).unmoved
    assert not nn.History(loss=[0.0, 0.0]).unmoved
    still.steps_before = 100  # it may have begun where it could no longer fall
    assert "diagnose" not in repr(still)


def test_a_trial_ends_where_training_diverges():
    run = on_numbers(0, opt=nn.SGD(lr=1e3), epochs=1)
    e = evidence(*run[:3])
    assert e.as_it_is == -np.inf
    assert nn.diagnose(*run[:3]).names[0] == "learning rate too large"


def test_the_command_tells_what_was_found_and_what_was_missed(monkeypatch, capsys):
    sick = BROKEN["a rate of 0"][1]
    monkeypatch.setattr(diagnoses, "HEALTHY", (patients.xor, sick))
    monkeypatch.setattr(diagnoses, "BROKEN", {"it": ("nothing is trained", sick)})
    assert diagnoses.main(["--healthy", "1", "--seeds", "1"]) == 0
    figures = "1 healthy runs: something found in 0; 1 broken ones, 1 kinds with 1 causes: 1 named"
    assert figures in capsys.readouterr().out
    monkeypatch.setattr(diagnoses, "BROKEN", {"it": ("dropout", sick)})
    assert diagnoses.main(["--healthy", "2", "--seeds", "1"]) == 1
    assert "it (0): nothing is trained" in capsys.readouterr().out
    assert diagnoses.main(["--healthy", "1", "--numbers"]) == 0
    assert "STUCK: skill: " in capsys.readouterr().out


def test_networks_within_networks_and_frozen_layers_are_looked_into():
    X, y = nn.make_xor(200, rng=0)
    body = nn.Sequential(nn.Dense(2, 8), nn.BatchNorm(8), nn.ReLU(), rng=1)
    block = nn.Residual(nn.Dense(8, 8), nn.Tanh(), nn.Dense(8, 8))
    model = nn.Model(
        nn.Sequential(body, block, nn.Dense(8, 2)), nn.SoftmaxCrossEntropy(), nn.Adam(0.01)
    )
    model.fit(X, y, epochs=15)
    assert not nn.diagnose(model, X, y), nn.diagnose(model, X, y)
    body.layers[0].W = np.zeros((2, 8))
    assert "units all alike" in nn.diagnose(model, X, y).names
    assert "layers[0.0], Dense(2, 8)" in repr(nn.diagnose(model, X, y))
    model.net.frozen = True
    assert "nothing is trained" in nn.diagnose(model, X, y).names


@pytest.mark.parametrize("seed", range(3))
def test_counts_and_soft_targets_are_understood(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(300, 3))
    counts = rng.poisson(np.exp(1 + X[:, 0]))
    net = nn.Sequential(nn.Dense(3, 16), nn.Tanh(), nn.Dense(16, 1), rng=seed)
    model = nn.Model(net, nn.Poisson(), nn.Adam(0.01))
    model.fit(X, counts, epochs=30)
    assert not nn.diagnose(model, X, counts), nn.diagnose(model, X, counts)
    shares = nn.softmax(3 * X)
    net = nn.Sequential(nn.Dense(3, 16), nn.Tanh(), nn.Dense(16, 3), rng=seed)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(0.01))
    model.fit(X, shares, epochs=30)
    assert not nn.diagnose(model, X, shares), nn.diagnose(model, X, shares)
    wrong = rng.permutation(shares)
    model.fit(X, wrong, epochs=10)
    assert nn.diagnose(model, X, wrong).names[0] == "shuffled labels"


@pytest.mark.parametrize("lr", [1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("rule", [nn.SGD, nn.Adam])
def test_a_learning_rate_is_found_however_small_it_is(rule, lr):
    X, y = nn.make_xor(200, rng=0)
    model = nn.Model(small(), nn.SoftmaxCrossEntropy(), rule(lr))
    model.fit(X, y, epochs=3)
    found = nn.diagnose(model, X, y)
    assert found.names[0] == "learning rate too small"
    assert found[0].numbers["other"] >= 1e-3


def small():
    return nn.Sequential(nn.Dense(2, 16), nn.Tanh(), nn.Dense(16, 2), rng=1)


def test_a_frozen_layer_is_no_vanishing_gradient():
    X, y = nn.make_xor(200, rng=0)
    net = small()
    net.layers[0].frozen = True
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(1e-6))
    model.fit(X, y, epochs=3)
    assert "vanishing gradient" not in nn.diagnose(model, X, y).names


@pytest.mark.parametrize("loss", [nn.MeanAbsoluteError(), nn.Huber()], ids=repr)
@pytest.mark.parametrize("share", [0.01, 0.1])
def test_outliers_are_neither_unscaled_targets_nor_shuffled_labels(loss, share):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 2))
    y = X.sum(axis=1)
    y[: round(share * 500)] += 100
    net = nn.Sequential(nn.Dense(2, 16), nn.ReLU(), nn.Dense(16, 1))
    model = nn.Model(net, loss, nn.Adam(3e-3))
    model.fit(X, y, epochs=60)
    assert not {"targets not scaled", "shuffled labels"} & {*nn.diagnose(model, X, y).names}


def test_of_layers_that_are_all_dead_the_first_is_named():
    X, y = nn.make_xor(200, rng=0)
    net = nn.Sequential(
        *(nn.Dense(2, 8), nn.ReLU(), nn.Dense(8, 8), nn.ReLU(), nn.Dense(8, 2)), rng=0
    )
    net.layers[0].b = np.full(8, -50.0)
    net.layers[2].b = np.full(8, -1.0)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(1e-3))
    model.fit(X, y, epochs=3)
    (dead,) = (f for f in nn.diagnose(model, X, y) if f.name == "dead units")
    assert "layers[1], ReLU()" in dead.text
