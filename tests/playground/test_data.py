"""The data of a playground, and the features that are computed from them."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.course.playground.data import make_data
from nnlib.course.playground.recipe import features
from nnlib.course.playground.settings import CLASSES, FEATURES, MANY, OWN, VALUES, Settings

KINDS = [
    *((name, 2) for name in CLASSES),
    *((name, k) for name in MANY for k in (3, 4, 5)),
    *((name, 0) for name in VALUES),
]


@pytest.mark.parametrize(("name", "k"), KINDS)
def test_data_lie_in_the_plane_with_as_many_classes_or_values_of_about_1(name, k):
    s = Settings(data=name, classes=k or 2, n=240, train_share=0.7, noise=0.1 if k else 0)
    X, y, X_test, y_test, classes, names = data = make_data(s)
    assert (len(X), len(y), len(X_test), len(y_test)) == (168, 168, 72, 72)
    assert (classes, data.outputs, names) == (k, k or 1, tuple(map(str, range(k))))
    assert 2 < np.abs(X).max() < 4.2
    if k:
        assert np.bincount(np.append(y, y_test)).tolist() == [240 // k] * k
    else:
        assert 0.8 < np.abs(y).max() <= 1


def test_without_noise_the_plane_is_a_plane_and_the_circle_can_be_told_by_its_radius():
    data = make_data(Settings(data="plane", noise=0))
    np.testing.assert_allclose(data.y_train, data.X_train.sum(axis=1) / 6)
    data = make_data(Settings(data="circle", noise=0))
    np.testing.assert_array_equal(np.hypot(*data.X_train.T) < 1.7, data.y_train == 1)


def test_spirals_and_xor_are_nnlibs():
    X, y = nn.make_spirals(300, classes=3, noise=0.2 / 3, rng=4)
    data = make_data(Settings(data="spirals", classes=3, noise=0.2, data_seed=4, train_share=0.5))
    np.testing.assert_array_equal(data.X_train, 3 * X[:150])
    np.testing.assert_array_equal(data.y_test, y[150:])
    X, _ = nn.make_xor(300, noise=0.3, rng=0)
    np.testing.assert_allclose(make_data(Settings(data="XOR")).X_test, 1.7 * X[150:])


def test_noise_moves_the_same_points_and_another_seed_gives_others():
    clean, quiet, loud = (make_data(Settings(noise=noise)) for noise in (0, 0.1, 0.2))
    strays = loud.X_train - clean.X_train
    np.testing.assert_allclose(strays, 2 * (quiet.X_train - clean.X_train), atol=1e-12)
    np.testing.assert_array_equal(quiet.y_train, loud.y_train)
    assert (make_data(Settings(noise=0, data_seed=1)).X_train != clean.X_train).any()


def own(lines, **some):
    return make_data(Settings(data=OWN, points="\n".join(lines), **some))


def test_own_points_are_scaled_to_the_plane_and_values_to_1():
    data = own(f"{100 + i} {i * i} {i - 2.5}" for i in range(8))
    X, y = np.vstack([data.X_train, data.X_test]), np.append(data.y_train, data.y_test)
    np.testing.assert_allclose([X.min(axis=0), X.max(axis=0)], [[-3, -3], [3, 3]])
    np.testing.assert_allclose(np.sort(y), (np.arange(8) - 2.5) / 4.5)
    # a coordinate that never varies, and values that are all 0
    X, y, X_test, *_ = own([*(f"1 {i} 0.0" for i in range(4)), "1 1 .5"])
    assert (np.vstack([X, X_test])[:, 0] == 0).all()
    assert np.isfinite([*X.ravel(), *y]).all()
    for share in (0.05, 0.95):  # one point at least is left for training and for the test
        data = own(["0 0 a", "1 0 b", "0 1 a", "1 1 b"], train_share=share)
        assert min(len(data.X_train), len(data.X_test)) == 1


def test_features_are_what_they_are_called():
    X = np.array([[2.0, 3.0], [0.5, -1.0]])
    np.testing.assert_allclose(features(X, FEATURES)[0], [2, 3, 4, 9, 6, np.sin(2), np.sin(3)])
    assert features(X, ["x₂"]).tolist() == [[3], [-1]]
