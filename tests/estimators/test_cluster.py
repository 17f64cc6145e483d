"""A search on a cluster: the code of one core, and nothing lost when workers die."""

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

from tests.helpers.mortal import Mortal

distributed = pytest.importorskip("distributed")

pytestmark = pytest.mark.filterwarnings("ignore")

X, y = load_iris(return_X_y=True)
RATES = [0.001, 0.003, 0.01, 0.03, 0.1]
HALVES = [(np.arange(0, 150, 2), np.arange(1, 150, 2))]


@pytest.fixture(scope="module")
def client():
    """A cluster of two workers, each a process of its own."""
    how = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with distributed.LocalCluster(**how) as two, distributed.Client(two) as client:
        yield client


@pytest.fixture
def cluster(client):
    """The cluster with both workers at work: joblib does not use one of a single core."""
    client.wait_for_workers(2, timeout=60)
    return client


def search(folder):
    """Try five rates; nothing in this function knows where it runs."""
    net = Mortal((8,), max_iter=20, tol=0, random_state=0, checkpoint=str(folder / "runs"))
    return GridSearchCV(net, {"learning_rate_init": RATES}, cv=HALVES, refit=False).fit(X, y)


def scores(found):
    return found.cv_results_["mean_test_score"].tolist()


@pytest.mark.parametrize("deaths", [0, 1, 2])
def test_the_scores_are_those_of_one_core_however_often_a_worker_dies(cluster, tmp_path, deaths):
    (tmp_path / "alone").mkdir()
    (tmp_path / "many").mkdir()
    for death in range(deaths):
        (tmp_path / "many" / f"die-0.01-{death}").touch()
    alone = scores(search(tmp_path / "alone"))
    with joblib.parallel_config(backend="dask"):
        assert scores(search(tmp_path / "many")) == alone
    lines = [line.split() for line in (tmp_path / "many" / "log").read_text().splitlines()]
    epochs = [int(epoch) for _, rate, epoch in lines if rate == "0.01"]
    # The first epoch is saved, later ones once a second: a new worker begins with the second.
    assert epochs == [1, *([2, 3, 4, 5] * deaths), *range(2, 21)]
    assert len({process for process, rate, _ in lines if rate == "0.01"}) == deaths + 1


def test_a_trial_that_kills_every_worker_is_an_error_and_the_others_are_kept(cluster, tmp_path):
    for death in range(9):
        (tmp_path / f"die-0.1-{death}").touch()
    with joblib.parallel_config(backend="dask"), pytest.raises(distributed.KilledWorker):
        search(tmp_path)
    log = (tmp_path / "log").read_text()
    assert all(f" {rate:g} 20\n" in log for rate in RATES[:-1])
    for death in tmp_path.glob("die-*"):
        death.unlink()
    with joblib.parallel_config(backend="dask"):
        again = scores(search(tmp_path))
    new = (tmp_path / "log").read_text().removeprefix(log)
    assert {line.split()[1] for line in new.splitlines()} == {"0.1"}, "what was finished is kept"
    assert len(again) == 5


def test_a_cluster_that_is_not_there_is_an_error_in_words(tmp_path):
    with pytest.raises(ValueError, match="create a Dask Client"), joblib.parallel_config("dask"):
        search(tmp_path)


def test_a_search_space_with_nothing_in_it_is_an_error_in_words(tmp_path):
    net = Mortal(checkpoint=str(tmp_path), random_state=0)
    with pytest.raises(ValueError, match="non-empty"):
        GridSearchCV(net, {"learning_rate_init": []}).fit(X, y)
