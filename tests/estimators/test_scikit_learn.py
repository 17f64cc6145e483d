"""The estimators among scikit-learn's tools: its own checks, and all that takes an estimator."""

from unittest import SkipTest

import numpy as np
import pytest
import sklearn.neural_network as theirs
from scipy.stats import loguniform
from sklearn import datasets
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    GridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from nnlib.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore")

X, y = datasets.load_iris(return_X_y=True)


@parametrize_with_checks(
    [
        MLPClassifier(max_iter=100),
        MLPRegressor(max_iter=100),
        MLPClassifier((10,), solver="lbfgs", max_iter=100),
    ]
)
def test_each_check_of_scikit_learn_holds(estimator, check):
    try:
        check(estimator)
    except SkipTest:
        other = getattr(theirs, type(estimator).__name__)(**shared(estimator))
        with pytest.raises(SkipTest):
            check(other)


def shared(estimator):
    """The parameters that scikit-learn's class of the same name has, too."""
    names = getattr(theirs, type(estimator).__name__)().get_params()
    return {name: value for name, value in estimator.get_params().items() if name in names}


@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier((10,), solver="lbfgs", max_iter=100),
        MLPRegressor(solver="sgd", tol=1e-2, random_state=42),
    ],
)
def test_weights_and_repetitions_are_alike_where_they_are_in_scikit_learns_own(estimator):
    name = type(estimator).__name__
    estimator_checks.check_sample_weight_equivalence_on_dense_data(name, estimator)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_every_parameter_and_attribute_of_scikit_learns_class_is_here(kind):
    ours, other = globals()[kind], getattr(theirs, kind)
    assert other().get_params().items() <= ours().get_params().items()
    mine, its = (c(max_iter=1, early_stopping=True).fit(X, y) for c in (ours, other))
    assert [n for n in dir(its) if n.endswith("_") and n[0] != "_" and not hasattr(mine, n)] == []


SETS = {
    "digits": (datasets.load_digits, MLPClassifier, {"max_iter": 60}),
    "wine": (datasets.load_wine, MLPClassifier, {"max_iter": 300}),
    "breast cancer": (datasets.load_breast_cancer, MLPClassifier, {"max_iter": 150}),
    "diabetes": (datasets.load_diabetes, MLPRegressor, {"max_iter": 200, "solver": "lbfgs"}),
}


@pytest.mark.parametrize("name", SETS)
def test_scores_are_those_of_scikit_learn_within_half_a_percent(name):
    load, kind, how = SETS[name]
    A, b = load(return_X_y=True)
    if kind is MLPRegressor:
        b, how = (b - b.mean()) / b.std(), how | {"alpha": 30.0}
    scores = []
    for seed in range(10):
        parts = train_test_split(A, b, random_state=seed, stratify=None)
        for c in (kind, getattr(theirs, kind.__name__)):
            net = make_pipeline(
                StandardScaler(), c(hidden_layer_sizes=(32,), random_state=seed, **how)
            )
            scores.append(net.fit(parts[0], parts[2]).score(parts[1], parts[3]))
    ours, other = np.reshape(scores, (10, 2)).mean(axis=0)
    assert abs(ours - other) < 0.005, (ours, other)


def test_searches_find_the_knob_that_matters():
    net = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=30, random_state=0))
    rate, rates = "mlpclassifier__learning_rate_init", [1e-5, 0.02]
    assert GridSearchCV(net, {rate: rates}, cv=3).fit(X, y).best_params_ == {rate: 0.02}
    found = RandomizedSearchCV(net, {rate: loguniform(1e-5, 1)}, n_iter=6, random_state=0)
    assert found.fit(X, y).best_params_[rate] > 1e-3
    epochs = "mlpclassifier__max_iter"
    halving = HalvingRandomSearchCV(
        net, {rate: loguniform(1e-5, 1)}, resource=epochs, max_resources=27, random_state=0
    )
    assert halving.fit(X, y).best_params_[rate] > 1e-3
    assert halving.best_params_[epochs] == 27


def test_a_halving_search_goes_on_with_the_runs_that_it_keeps(tmp_path):
    def searched(folder):
        net = MLPClassifier((8,), random_state=0, tol=0, checkpoint=folder)
        space = {"learning_rate_init": loguniform(1e-4, 1)}
        how = {"resource": "max_iter", "max_resources": 27, "random_state": 0, "cv": 2}
        return HalvingRandomSearchCV(net, space, **how).fit(X, y)

    again, kept = searched(None), searched(tmp_path)
    scores = "mean_test_score"
    assert np.array_equal(again.cv_results_[scores], kept.cv_results_[scores])
    trainings = len(again.cv_results_["params"])
    assert len(list(tmp_path.iterdir())) == 2 * trainings + 1, "two halves each, and the last fit"


def test_tools_that_take_an_estimator_take_these():
    net = make_pipeline(StandardScaler(), MLPClassifier((8,), solver="lbfgs", random_state=0))
    assert cross_val_score(net, X, y, cv=3).mean() > 0.9
    sure = CalibratedClassifierCV(net, cv=3).fit(X, y)
    assert np.allclose(sure.predict_proba(X).sum(axis=1), 1)
    seen = permutation_importance(net.fit(X, y), X, y, random_state=0)
    assert seen.importances_mean.argmax() in (2, 3)
    named = datasets.load_iris(as_frame=True, return_X_y=True)[0]
    scaled = StandardScaler().set_output(transform="pandas").fit_transform(named)
    frame = MLPClassifier((8,), solver="lbfgs", random_state=0).fit(scaled, y)
    assert frame.feature_names_in_.tolist() == list(named.columns)
    assert clone(frame).get_params() == frame.get_params()
