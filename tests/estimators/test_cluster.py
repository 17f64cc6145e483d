"""A search on a cluster: the code of one core, and nothing lost when workers die."""

from concurrent.futures import CancelledError

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


def search(folder):
    """Try five rates; nothing in this function knows where it runs."""
    net = Mortal((8,), max_iter=20, tol=0, random_state=0, checkpoint=str(folder / "runs"))
    return GridSearchCV(net, {"learning_rate_init": RATES}, cv=HALVES, refit=False).fit(X, y)


def scores(found):
    return found.cv_results_["mean_test_score"].tolist()


def on_the_cluster(folder):
    """The same search on all workers, each with a copy of the data."""
    with joblib.parallel_config(backend="dask", scatter=[X, y]):
        return scores(search(folder))


def in_the_end(cluster, folder):
    """The same once more, if a worker has taken the only copy of something along."""
    try:
        return on_the_cluster(folder)
    except CancelledError:
        cluster.wait_for_workers(2, timeout=60)
        return on_the_cluster(folder)


def trained(log, rate):
    """The processes that trained with one rate, and the epochs, in order."""
    lines = [line.split() for line in log.splitlines()]
    return [(int(process), int(epoch)) for process, other, epoch in lines if other == f"{rate:g}"]


def test_a_cluster_that_is_not_there_is_an_error_in_words(tmp_path):
    with pytest.raises(ValueError, match="create a Dask Client"), joblib.parallel_config("dask"):
        search(tmp_path)


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


@pytest.mark.parametrize("deaths", [0, 1])
def test_the_scores_are_those_of_one_core_even_if_a_worker_dies(cluster, tmp_path, deaths):
    (tmp_path / "alone").mkdir()
    (tmp_path / "many").mkdir()
    if deaths:
        (tmp_path / "many" / "die-0.01-0").touch()
    assert in_the_end(cluster, tmp_path / "many") == scores(search(tmp_path / "alone"))
    found = trained((tmp_path / "many" / "log").read_text(), 0.01)
    # The first epoch is saved, later ones once a second: a new worker begins with the second.
    assert [epoch for _, epoch in found] == [1, *([2, 3, 4, 5] * deaths), *range(2, 21)]
    assert len({process for process, _ in found}) == deaths + 1
    others = (tmp_path / "many" / "log").read_text()
    assert all(len(trained(others, rate)) == 20 for rate in RATES if rate != 0.01)


def test_a_trial_that_kills_worker_after_worker_is_an_error_and_all_else_is_kept(cluster, tmp_path):
    for death in range(9):
        (tmp_path / f"die-0.1-{death}").touch()
    with pytest.raises((distributed.KilledWorker, CancelledError)):
        on_the_cluster(tmp_path)
    before = (tmp_path / "log").read_text()
    for death in tmp_path.glob("die-*"):
        death.unlink()
    cluster.wait_for_workers(2, timeout=60)
    assert len(in_the_end(cluster, tmp_path)) == len(RATES)
    after = (tmp_path / "log").read_text().removeprefix(before)
    done = [rate for rate in RATES if len(trained(before, rate)) == 20]
    assert len(done) >= 2
    assert all(trained(after, rate) == [] for rate in done), "what was finished is not trained anew"
    assert trained(after, 0.1)[0][1] > 1, "what was under way goes on"


def test_a_search_space_with_nothing_in_it_is_an_error_in_words(tmp_path):
    net = Mortal(checkpoint=str(tmp_path), random_state=0)
    with pytest.raises(ValueError, match="non-empty"):
        GridSearchCV(net, {"learning_rate_init": []}).fit(X, y)
