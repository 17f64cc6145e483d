import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from nnlib import _download
from nnlib.datasets import FASHION_CLASSES, make_sine, make_spirals, make_xor
from nnlib.examples import batches


def test_digits_come_in_two_parts_scaled_to_one():
    data = nn.load_digits()
    assert data.X_train.shape == (1437, 64)
    assert data.X_test.shape == (360, 64)
    assert data.X_train.dtype == np.float64
    assert (data.X_train.min(), data.X_train.max()) == (0, 1)
    assert data.y_train.dtype.kind == "i"
    assert set(data.y_train) == set(range(10))


def test_every_digit_has_its_share_of_the_test_part():
    counts = np.bincount(nn.load_digits().y_test)
    assert counts.min() >= 34
    assert counts.max() <= 38


def test_no_digit_is_in_both_parts_and_none_is_lost():
    from sklearn.datasets import load_digits

    data = nn.load_digits()
    both = np.concatenate([data.X_train, data.X_test]) * 16
    original = load_digits().data
    assert np.array_equal(both[np.lexsort(both.T)], original[np.lexsort(original.T)])


def test_the_split_is_the_same_every_time():
    assert np.array_equal(nn.load_digits().y_test, nn.load_digits().y_test)
    assert nn.load_digits().y_test[:8].tolist() == nn.load_digits(np.float32).y_test[:8].tolist()


def test_mnist_is_the_published_split(mnist):
    data = mnist
    assert data.X_train.shape == (60_000, 784)
    assert data.X_test.shape == (10_000, 784)
    assert data.X_train.dtype == np.float32
    assert (data.X_train.min(), data.X_train.max()) == (0, 1)
    assert data.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert np.bincount(data.y_test)[0] == 980


def test_images_come_in_the_dtype_asked_for(mnist):
    assert nn.load_digits(dtype=np.float32).X_test.dtype == np.float32
    exact = nn.load_mnist(dtype=np.float64).X_test
    assert exact.dtype == np.float64
    assert np.array_equal(exact.astype(np.float32), mnist.X_test)


@pytest.mark.parametrize("load", [nn.load_digits, nn.load_mnist, nn.load_fashion_mnist])
def test_a_dtype_that_networks_do_not_know_is_refused(load):
    with pytest.raises(TypeError, match=r"dtype: expected numpy.float64 .*got 'int8'"):
        load(dtype="int8")


def test_xor_classes_follow_the_signs():
    X, y = make_xor(400, noise=0, rng=1)
    assert np.array_equal(y, (X[:, 0] * X[:, 1] < 0).astype(int))
    assert np.bincount(y).tolist() == [200, 200]


def test_spiral_arms_wind_around_each_other():
    X, y = make_spirals(300, classes=3, noise=0, rng=2)
    radius = np.linalg.norm(X, axis=1)
    angle = np.arctan2(X[:, 1], X[:, 0])
    arm = (angle / (2 * np.pi) - radius) % 1 * 3
    assert np.allclose(np.exp(2j * np.pi * arm / 3), np.exp(2j * np.pi * y / 3))
    assert np.bincount(y).tolist() == [100, 100, 100]


def test_sine_is_a_sine_with_noise_of_the_size_asked_for():
    X, y = make_sine(4000, noise=0.1, rng=3)
    assert X.shape == (4000, 1)
    assert y.shape == (4000,)
    assert abs(X).max() <= 1
    # The standard deviation of 4,000 draws is off by 0.1/√8000 ≈ 0.001 on average.
    assert abs(np.std(y - np.sin(np.pi * X[:, 0])) - 0.1) < 0.005


@pytest.mark.parametrize("make", [make_xor, make_spirals, make_sine])
def test_the_same_seed_gives_the_same_points(make):
    X, y = make(50, rng=5)
    again, _ = make(50, rng=np.random.default_rng(5))
    other, _ = make(50, rng=6)
    assert np.array_equal(X, again)
    assert not np.array_equal(X, other)
    assert len(X) == len(y) == 50


@pytest.mark.parametrize("make", [make_xor, make_spirals, make_sine])
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n": 0}, ValueError, "n: expected at least 1, got 0"),
        ({"n": 2.5}, TypeError, "n: expected a whole number, got 2.5"),
        ({"noise": -1}, ValueError, r"noise: expected a number in \[0, 1e\+06\), got -1"),
        ({"noise": "much"}, TypeError, "noise: expected a number, got 'much'"),
        ({"rng": None}, TypeError, "rng: expected an int .*got None"),
        ({"rng": -1}, TypeError, "rng: expected an int of 0 or more"),
    ],
)
def test_what_makes_no_data_says_why(make, arguments, error, message):
    with pytest.raises(error, match=message):
        make(**arguments)


def test_one_arm_makes_no_spirals():
    with pytest.raises(ValueError, match="classes: expected at least 2, got 1"):
        make_spirals(classes=1)


def test_batches_hold_every_index_once():
    found = [batch.tolist() for batch in batches(11, 4, rng=0)]
    assert [len(batch) for batch in found] == [4, 4, 3]
    order = [index for batch in found for index in batch]
    assert sorted(order) == list(range(11))
    assert order != list(range(11))


def test_a_generator_shuffles_anew_each_time():
    rng = np.random.default_rng(0)
    first, second = (np.concatenate(list(batches(20, 5, rng))) for _ in range(2))
    assert not np.array_equal(first, second)


def test_the_order_of_a_seed_stays_what_it_was():
    assert [b.tolist() for b in batches(7, 3, rng=0)] == [[2, 4, 3], [6, 5, 0], [1]]


def test_batches_that_are_not_shuffled_keep_the_order_and_draw_nothing():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    for given in (None, 3, rng):
        found = batches(11, 5, given, smallest=2, shuffle=False)
        assert [batch.tolist() for batch in found] == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9, 10]]
    assert rng.bit_generator.state == before


def test_batches_are_shuffled_by_an_rng_only():
    with pytest.raises(TypeError, match=r"rng: expected an int .* got None: pass rng=0"):
        batches(11, 5)


def test_a_last_batch_that_is_too_small_joins_the_one_before():
    assert [len(batch) for batch in batches(11, 5, rng=0, smallest=2)] == [5, 6]
    assert [len(batch) for batch in batches(12, 5, rng=0, smallest=2)] == [5, 5, 2]
    assert [len(batch) for batch in batches(1, 5, rng=0, smallest=2)] == [1]
    joined = np.concatenate(list(batches(11, 5, rng=0, smallest=2)))
    assert np.array_equal(joined, np.concatenate(list(batches(11, 5, rng=0))))


def test_a_batch_of_nothing_is_refused_at_once():
    with pytest.raises(ValueError, match="batch_size: expected at least 1, got 0"):
        batches(10, 0, rng=0)


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_the_data_folder_lists_the_checksums_that_are_verified(dataset):
    table = (Path(__file__).parents[2] / "data" / "README.md").read_text("utf8")
    for name, (size, sha256) in _download.PUBLISHED[dataset].items():
        assert f"| `{name}` | {size:,} | `{sha256}` |" in table
    for url in _download.MIRRORS[dataset]:
        assert url in table


def test_fashion_is_read_as_mnist_is(monkeypatch, tmp_path):
    published = {}
    for name, shape in (("train", 3), ("t10k", 2)):
        for kind, sizes in (("images-idx3", (shape, 2, 2)), ("labels-idx1", (shape,))):
            head = bytes([0, 0, 8, len(sizes)]) + np.array(sizes, ">u4").tobytes()
            content = head + bytes(np.arange(math.prod(sizes), dtype=np.uint8) * 5)
            digest = hashlib.sha256(content).hexdigest()
            published[f"{name}-{kind}-ubyte"] = _download.Published(len(content), digest)
            (tmp_path / f"{name}-{kind}-ubyte").write_bytes(content)
    monkeypatch.setitem(_download.PUBLISHED, "fashion-mnist", published)
    monkeypatch.setenv("NNLIB_DATA", str(tmp_path))
    data = nn.load_fashion_mnist(np.float64)
    assert np.array_equal(data.X_train, np.arange(12).reshape(3, 4) * 5 / 255)
    assert nn.load_fashion_mnist().X_test.dtype == np.float32
    assert (data.y_train.tolist(), data.y_test.tolist()) == ([0, 5, 10], [0, 5])


def test_fashion_has_a_name_for_every_class():
    net = nn.Sequential(nn.Dense(2, 10))
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(), classes=FASHION_CLASSES)
    model.fit(np.ones((10, 2)), np.arange(10), epochs=1)  # labels are numbers, as they come
    assert model.predict(np.ones((1, 2)))[0] in FASHION_CLASSES


def test_every_arm_of_a_spiral_has_a_point():
    with pytest.raises(
        ValueError, match="classes: expected at most 3, the number of points, got 5"
    ):
        make_spirals(3, classes=5)
    assert sorted(make_spirals(5, classes=5)[1]) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("make", [make_xor, make_spirals, make_sine])
def test_noise_that_would_make_infinite_points_is_refused(make):
    with pytest.raises(ValueError, match=r"noise: expected a number in \[0, 1e\+06\), got 1e\+308"):
        make(noise=1e308)


def test_turns_beyond_all_angles_are_refused():
    with pytest.raises(ValueError, match=r"turns: expected a number in \(0, 1e\+06\), got 1e\+308"):
        make_spirals(turns=1e308)
