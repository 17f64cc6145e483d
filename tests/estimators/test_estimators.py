"""The estimators: the same numbers as scikit-learn's where the two agree, and what ours add."""

import pickle
import warnings

import joblib
import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as theirs
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError

import nnlib as nn
from nnlib.estimators import ACTIVATIONS, MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, y = load_iris(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
LABELS = np.column_stack([y == 0, y >= 1, X[:, 0] > 0]).astype(int)
COUNTS = np.random.default_rng(0).poisson(np.exp(0.5 * X[:, :2]))
TARGETS = {
    "two classes": (MLPClassifier, theirs.MLPClassifier, y > 0, {}),
    "three classes": (MLPClassifier, theirs.MLPClassifier, np.array(["a", "b", "c"])[y], {}),
    "labels": (MLPClassifier, theirs.MLPClassifier, LABELS, {}),
    "numbers": (MLPRegressor, theirs.MLPRegressor, X[:, 0] ** 2, {}),
    "counts": (MLPRegressor, theirs.MLPRegressor, COUNTS[:, 0], {"loss": "poisson"}),
}
SOLVERS = {
    "sgd": {"solver": "sgd", "nesterovs_momentum": False},
    "Nesterov": {"solver": "sgd", "learning_rate_init": 0.01},
    "no momentum": {"solver": "sgd", "momentum": 0.0, "alpha": 1.0},
    "batches that do not fit": {"solver": "sgd", "batch_size": 37, "alpha": 1.0},
    "lbfgs": {"solver": "lbfgs", "max_iter": 8, "alpha": 0.1},
}


def pair(target, **how):
    """Fit ours and scikit-learn's on the same examples in the same order."""
    ours, other, answers, own = TARGETS[target]
    how = {"hidden_layer_sizes": (7, 5), "random_state": 3, "max_iter": 20, "shuffle": False} | how
    return ours(**own, **how).fit(X, answers), other(**own, **how).fit(X, answers)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("target", TARGETS)
def test_parameters_losses_and_answers_are_those_of_scikit_learn(target, solver):
    ours, other = pair(target, **SOLVERS[solver])
    assert ours.loss_ == pytest.approx(other.loss_, rel=1e-10)
    for A, B in zip(ours.coefs_ + ours.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert np.allclose(A, B, rtol=1e-8, atol=1e-10)
    if solver != "lbfgs":
        assert np.allclose(ours.loss_curve_, other.loss_curve_, rtol=1e-10)
    assert np.array_equal(ours.predict(X[:9]), other.predict(X[:9])) or target in (
        "numbers",
        "counts",
    )
    if hasattr(other, "predict_proba"):
        assert np.allclose(ours.predict_proba(X), other.predict_proba(X))
    same = ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_")
    assert [getattr(ours, name) for name in same] == [getattr(other, name) for name in same]


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_first_weights_are_those_that_scikit_learn_draws(activation):
    how = {"activation": activation, "solver": "sgd", "learning_rate_init": 1e-12, "max_iter": 1}
    ours, other = pair("three classes", **how)
    for A, B in zip(ours.coefs_ + ours.intercepts_, other.coefs_ + other.intercepts_, strict=True):
        assert np.allclose(A, B, rtol=0, atol=1e-9)


def test_adam_differs_by_its_epsilon_alone():
    ours, other = pair("three classes", epsilon=1e-14)
    assert np.allclose(ours.loss_curve_, other.loss_curve_, rtol=1e-6)


@pytest.mark.parametrize("how", [{}, {"learning_rate": "adaptive", "solver": "sgd"}])
def test_training_ends_where_it_does_in_scikit_learn(how):
    how = {"tol": 0.01, "n_iter_no_change": 3, "max_iter": 500, "momentum": 0.0} | how
    ours, other = pair("three classes", epsilon=1e-14, **how)
    assert ours.n_iter_ == other.n_iter_ < 500
    assert ours.best_loss_ == pytest.approx(other.best_loss_, rel=1e-6)


def test_rates_fall_with_the_examples_seen():
    ours, other = pair("two classes", solver="sgd", learning_rate="invscaling", momentum=0.0)
    assert np.allclose(ours.loss_curve_, other.loss_curve_)
    assert ours.model_.optimizer.lr == pytest.approx(0.001 / (ours.t_ + 1) ** 0.5)


def test_early_stopping_holds_out_the_same_examples_and_brings_the_best_epoch_back():
    how = {"early_stopping": True, "solver": "sgd", "learning_rate_init": 0.1, "max_iter": 60}
    ours, other = pair("two classes", n_iter_no_change=5, **how)
    assert ours.validation_scores_ == pytest.approx(other.validation_scores_)
    assert ours.best_validation_score_ == max(ours.validation_scores_)
    assert ours.best_loss_ is None is other.best_loss_
    assert np.allclose(ours.coefs_[0], other.coefs_[0])


def test_what_is_held_out_has_its_share_of_every_class(monkeypatch):
    shares = []
    score = MLPClassifier._score_of
    monkeypatch.setattr(
        MLPClassifier, "_score_of", lambda *a: (shares.append(np.bincount(a[2])), score(*a))[1]
    )
    MLPClassifier((2,), early_stopping=True, validation_fraction=0.2, max_iter=1).fit(X, y)
    assert shares[0].tolist() == [10, 10, 10], "scikit-learn's splits two classes only so"


def test_a_run_that_diverges_brings_the_best_epoch_back_or_says_why():
    wild = {"solver": "sgd", "learning_rate_init": 1e3, "activation": "identity", "max_iter": 50}
    numbers = MLPRegressor(early_stopping=True, random_state=0, **wild)
    with pytest.warns(ConvergenceWarning, match="The best epoch is back"):
        numbers.fit(100 * X, y)
    assert np.isfinite(numbers.predict(X)).all()
    assert any(np.isnan(numbers.validation_scores_)) or len(numbers.validation_scores_) < 50
    with pytest.raises(ValueError, match=r"non-finite parameter weights.*diverged in epoch"):
        MLPRegressor(random_state=0, **wild).fit(100 * X, y)


def test_weights_are_relative_to_the_mean_of_all_the_data():
    rare = np.where(np.arange(len(X)) % 10 == 0, 5.0, 0.5)
    net = MLPClassifier((3,), random_state=0, solver="sgd", batch_size=1, max_iter=2, alpha=0)
    one, ten = clone(net).fit(X, y, rare), clone(net).fit(X, y, 10 * rare)
    none = clone(net).fit(X, y)
    assert np.abs(one.coefs_[0] - none.coefs_[0]).max() > 1e-4, "a batch of one forgot its weight"
    assert np.abs(one.coefs_[0] - ten.coefs_[0]).max() < 1e-12


def test_whole_weights_are_repetitions():
    times = np.random.default_rng(0).integers(0, 3, len(X))
    how = {"solver": "lbfgs", "hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 8}
    weighted = MLPClassifier(**how).fit(X, y, times)
    repeated = MLPClassifier(**how).fit(np.repeat(X, times, axis=0), np.repeat(y, times))
    assert np.allclose(weighted.coefs_[0], repeated.coefs_[0], rtol=1e-6)


def test_partial_fit_divides_by_the_weights_of_the_examples_given():
    how = {"hidden_layer_sizes": (3,), "random_state": 0, "solver": "sgd", "alpha": 0.1}
    net, other = MLPRegressor(**how), theirs.MLPRegressor(**how)
    weights = np.linspace(0, 4, 50)
    for _ in range(3):
        net.partial_fit(X[:50], X[:50, 0], weights)
        other.partial_fit(X[:50], X[:50, 0], weights)
    assert np.allclose(net.coefs_[0], other.coefs_[0])
    assert net.loss_curve_ == pytest.approx(other.loss_curve_)


def test_partial_fit_in_one_batch_is_an_epoch_of_fit():
    how = {"hidden_layer_sizes": (4,), "random_state": 0, "shuffle": False}
    step, whole = MLPClassifier(**how), MLPClassifier(**how, max_iter=5, tol=0).fit(X, y)
    for _ in range(5):
        step.partial_fit(X, y, classes=[0, 1, 2])
    assert step.loss_curve_ == whole.loss_curve_
    assert np.array_equal(step.predict_proba(X), whole.predict_proba(X))


def test_class_weights_are_weights_of_examples():
    how = {
        "hidden_layer_sizes": (4,),
        "random_state": 0,
        "max_iter": 50,
        "learning_rate_init": 0.05,
    }
    unequal, counts = np.r_[0:50, 100:120], np.bincount(y[np.r_[0:50, 100:120]])
    by_class = MLPClassifier(**how, class_weight="balanced").fit(X[unequal], y[unequal])
    by_hand = MLPClassifier(**how).fit(X[unequal], y[unequal], 70 / (2 * counts[y[unequal]]))
    assert np.allclose(by_class.coefs_[0], by_hand.coefs_[0])
    named = MLPClassifier(**how, class_weight={0: 1, 2: 50}).fit(X[unequal], y[unequal])
    assert named.predict_proba(X)[:, 1].mean() > by_hand.predict_proba(X)[:, 1].mean()
    with pytest.raises(ValueError, match="expected a dict for partial_fit, got 'balanced'"):
        by_class.partial_fit(X[unequal], y[unequal])


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csc_matrix])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_input_is_the_same_as_dense(kind, solver):
    few = np.where(X > 0.5, X, 0.0)
    for early in (False, True):
        how = {"solver": solver, "random_state": 0, "max_iter": 6, "early_stopping": early}
        dense, sparse = (MLPClassifier((4,), **how).fit(A, y) for A in (few, kind(few)))
        assert np.array_equal(dense.predict_proba(few), sparse.predict_proba(kind(few)))


def test_sparse_input_is_never_made_dense_at_once(monkeypatch):
    rows = []
    toarray = scipy.sparse.csr_array.toarray
    monkeypatch.setattr(
        scipy.sparse.csr_array, "toarray", lambda A, *how: (rows.append(A.shape[0]), toarray(A))[1]
    )
    many = scipy.sparse.csr_array(np.tile(X, (20, 1)))
    net = MLPClassifier((4,), max_iter=2, batch_size=50, random_state=0).fit(many, np.tile(y, 20))
    assert max(rows) == 50
    rows.clear()
    net.predict(many)
    assert max(rows) <= 1024


# What scikit-learn's lack ------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_is_the_engines_layer(activation):
    net = MLPClassifier((4,), activation=activation, random_state=0, max_iter=2).fit(X, y)
    kind = ACTIVATIONS[activation]
    between = net.model_.net.layers[1:-1]
    assert [type(layer) for layer in between] == ([] if kind is None else [kind])


@pytest.mark.parametrize("solver", nn.optimizers.BY_NAME)
def test_every_optimizer_trains(solver):
    net = MLPClassifier((8,), solver=solver, learning_rate_init=0.01, random_state=0, max_iter=30)
    assert net.fit(X, y).loss_curve_[-1] < net.loss_curve_[0]


def test_dropout_and_batch_norm_stand_where_they_are_looked_for():
    net = MLPClassifier((6, 5), dropout=0.2, batch_norm=True, random_state=0, max_iter=3).fit(X, y)
    names = [type(layer).__name__ for layer in net.model_.net.layers]
    assert names == ["Dense", "BatchNorm", "ReLU", "Dropout"] * 2 + ["Dense"]
    assert np.array_equal(net.predict_proba(X), net.predict_proba(X)), "test mode is not random"
    with pytest.raises(ValueError, match="dropout: expected 0 with solver='lbfgs'"):
        MLPClassifier(solver="lbfgs", dropout=0.1).fit(X, y)


def test_the_decay_of_adamw_stands_apart_from_the_loss():
    how = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 3, "solver": "adamw"}
    free, held = (MLPClassifier(**how, alpha=alpha).fit(X, y) for alpha in (0.0, 10.0))
    assert free.loss_curve_[0] == held.loss_curve_[0]
    assert np.abs(held.coefs_[0]).sum() < np.abs(free.coefs_[0]).sum()


def test_the_rate_may_be_a_schedule():
    how = {"hidden_layer_sizes": (4,), "random_state": 0, "max_iter": 4, "batch_size": 50}
    net = MLPClassifier(**how, learning_rate_init=nn.schedules.Cosine(0.01, steps=12)).fit(X, y)
    assert net.model_.optimizer.t == 12
    assert net.model_.optimizer.rate < 1e-9
    with pytest.raises(ValueError, match="a schedule sets every rate itself"):
        net.set_params(learning_rate="adaptive").fit(X, y)


# Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", TARGETS)
def test_a_saved_estimator_answers_and_goes_on_as_if_nothing_had_been(target, tmp_path):
    kind, _, answers, own = TARGETS[target]
    net = kind(**own, hidden_layer_sizes=(4, 3), dropout=0.1, random_state=0, max_iter=5)
    net.fit(X, answers).save(tmp_path / "net.safetensors")
    again = kind.load(tmp_path / "net.safetensors")
    assert again.get_params() == net.get_params()
    assert repr(again) == repr(net)
    assert again.loss_curve_ == net.loss_curve_
    assert np.array_equal(again.predict(X), net.predict(X))
    net.partial_fit(X, answers)
    again.partial_fit(X, answers)
    assert np.array_equal(again.predict(X), net.predict(X))
    assert np.array_equal(again.coefs_[0], net.coefs_[0])


def test_other_files_are_refused(tmp_path):
    model = nn.Model(nn.Sequential(nn.Dense(4, 3)), nn.SoftmaxCrossEntropy(), nn.SGD(0.1))
    model.save(tmp_path / "model.safetensors")
    with pytest.raises(ValueError, match=r"nnlib\.Model\.load reads it"):
        MLPClassifier.load(tmp_path / "model.safetensors")
    numbers = MLPRegressor((2,), max_iter=1).fit(X, X[:, 0])
    numbers.save(tmp_path / "numbers.safetensors")
    with pytest.raises(ValueError, match="MLPRegressor"):
        MLPClassifier.load(tmp_path / "numbers.safetensors")
    with pytest.raises(NotFittedError):
        MLPClassifier().save(tmp_path / "none.safetensors")


def test_pickles_and_copies_do_not_share_their_numbers():
    net = MLPClassifier((4,), random_state=0, max_iter=3).fit(X, y)
    twin = pickle.loads(pickle.dumps(net))
    assert np.array_equal(twin.predict_proba(X), net.predict_proba(X))
    twin.coefs_[0][:] = 0
    assert not np.array_equal(twin.predict_proba(X), net.predict_proba(X)), "coefs_ are no views"
    assert np.abs(net.coefs_[0]).min() > 0


def fitted(folder, **how):
    options = {"hidden_layer_sizes": (4,), "random_state": 0, "tol": 0.0, "dropout": 0.2} | how
    return MLPClassifier(**options, checkpoint=folder).fit(X, y)


@pytest.mark.parametrize("early", [False, True])
def test_a_longer_run_goes_on_from_the_shorter_bit_for_bit(tmp_path, monkeypatch, early):
    how = {"early_stopping": early, "n_iter_no_change": 100}
    whole = fitted(None, max_iter=12, **how)
    fitted(tmp_path, max_iter=5, **how)
    taken = []
    step = nn.Adam.step
    monkeypatch.setattr(nn.Adam, "step", lambda *a, **k: (taken.append(1), step(*a, **k))[1])
    longer = fitted(str(tmp_path), max_iter=12, **how)
    assert len(taken) == 7, "150 examples are one batch, and 7 epochs are left"
    assert longer.loss_curve_ == whole.loss_curve_
    assert longer.validation_scores_ == whole.validation_scores_
    assert np.array_equal(longer.coefs_[0], whole.coefs_[0])
    taken.clear()
    shorter, again = fitted(tmp_path, max_iter=5, **how), fitted(tmp_path, max_iter=12, **how)
    assert shorter.loss_curve_ == whole.loss_curve_[:5]
    assert again.loss_curve_ == whole.loss_curve_
    assert not taken, "what is there is not trained anew"
    assert len(list(tmp_path.iterdir())) == 2


def test_an_estimator_that_was_loaded_keeps_its_runs_too(tmp_path):
    fitted(None, max_iter=2, warm_start=True).save(tmp_path / "net.safetensors")
    again = MLPClassifier.load(tmp_path / "net.safetensors")
    again.set_params(checkpoint=tmp_path / "runs").fit(X, y)
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_another_run_has_another_file(tmp_path):
    fitted(tmp_path, max_iter=2)
    fitted(tmp_path, max_iter=2, alpha=1.0)
    MLPClassifier((4,), max_iter=2, random_state=0, checkpoint=tmp_path).fit(X[1:], y[1:])
    assert len(list(tmp_path.iterdir())) == 3
    with pytest.raises(ValueError, match="use random_state=0"):
        MLPClassifier(checkpoint=tmp_path).fit(X, y)


# Words -------------------------------------------------------------------------------------------


def test_a_page_shows_the_parameters_and_whether_it_is_fitted():
    page = MLPClassifier((4,), max_iter=2)._repr_html_()
    assert "MLPClassifier" in page
    assert "Not fitted" in page
    assert "Not fitted" not in MLPClassifier((4,), max_iter=2).fit(X, y)._repr_html_()


def test_odd_input_is_refused_in_words():
    with pytest.raises(ValueError, match="'activation' parameter of MLPClassifier must be a str"):
        MLPClassifier(activation="rleu").fit(X, y)
    with pytest.raises(ValueError, match="hidden_layer_sizes must be > 0"):
        MLPClassifier((4, 0)).fit(X, y)
    with pytest.raises(ValueError, match="counts, or rates, of 0 or more"):
        MLPRegressor(loss="poisson").fit(X, X[:, 0])
    with pytest.raises(ValueError, match="does not support early_stopping"):
        MLPClassifier(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(AttributeError, match="partial_fit"):
        _ = MLPClassifier(solver="lbfgs").partial_fit
    with pytest.raises(ValueError, match="warm_start can only be used where `y` has the same"):
        MLPClassifier((2,), warm_start=True, max_iter=1).fit(X, y).fit(X, y > 0)
    with pytest.raises(ValueError, match="expected 1 outputs, as before, got 2"):
        MLPRegressor((2,), max_iter=1).partial_fit(X, X[:, 0]).partial_fit(X, X[:, :2])
    with pytest.warns(DataConversionWarning, match="column-vector y"):
        MLPClassifier((2,), max_iter=1).fit(X, y[:, np.newaxis])
    with pytest.warns(UserWarning, match="clipped to 150"):
        MLPClassifier((2,), max_iter=1, batch_size=1000).fit(X, y)


def test_what_is_printed_is_what_happened(capsys):
    MLPClassifier((2,), max_iter=300, tol=0.1, n_iter_no_change=1, verbose=True).fit(X, y)
    told = capsys.readouterr().out
    assert told.startswith("Iteration 1, loss = ")
    assert "Training loss did not improve more than tol=0.100000 for 1 consecutive" in told


def test_ctrl_c_keeps_what_has_been_learnt(monkeypatch):
    def interrupted(self, loss, n, held):
        raise KeyboardInterrupt

    monkeypatch.setattr(MLPClassifier, "_note", interrupted)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        net = MLPClassifier((2,), max_iter=300).fit(X, y)
    assert net.predict(X).shape == y.shape


def test_float32_stays_float32():
    net = MLPClassifier((3,), max_iter=2).fit(X.astype(np.float32), y)
    assert net.predict_proba(X.astype(np.float32)).dtype == net.coefs_[0].dtype == np.float32


def test_jobs_train_the_same_as_one():
    how = {"hidden_layer_sizes": (3,), "max_iter": 3}
    alone = [MLPClassifier(**how, random_state=i).fit(X, y).loss_ for i in range(3)]
    fits = (joblib.delayed(MLPClassifier(**how, random_state=i).fit)(X, y) for i in range(3))
    assert [net.loss_ for net in joblib.Parallel(n_jobs=2)(fits)] == alone


def test_probabilities_of_labels_are_one_for_each():
    A, B = make_multilabel_classification(n_classes=4, random_state=0)
    net = MLPClassifier((8,), max_iter=50, random_state=0).fit(A, B)
    assert net.predict(A).shape == net.predict_proba(A).shape == B.shape
    assert np.array_equal(net.predict(A), net.predict_proba(A) > 0.5)
    assert net.classes_.tolist() == [0, 1, 2, 3]


def test_it_learns():
    A, b = load_breast_cancer(return_X_y=True)
    A = (A - A.mean(axis=0)) / A.std(axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        net = MLPClassifier((16,), random_state=0, max_iter=500).fit(A, b)
    assert net.score(A, b) > 0.98
