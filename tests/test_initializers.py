"""Initializers: their variances, bounds and dtypes."""

import numpy as np
import pytest

from nnlib import initializers as init

SHAPE = (300, 500)
VARIANCES = {
    "he": 2 / 300,
    "xavier": 2 / (300 + 500),
    "lecun": 1 / 300,
}
BOUNDS = {
    "he": np.sqrt(6 / 300),
    "xavier": np.sqrt(6 / 800),
    "lecun": np.sqrt(3 / 300),
}
FAMILIES = list(VARIANCES)
DRAWING = [f"{family}_{shape}" for family in FAMILIES for shape in ("normal", "uniform")]


def draw(name, shape=SHAPE, dtype=np.float64, seed=0):
    return getattr(init, name)(np.random.default_rng(seed), shape, dtype)


@pytest.mark.parametrize("name", DRAWING)
def test_the_mean_is_0_and_the_variance_that_of_the_family(name):
    # With N = 150,000 normal numbers the sample variance strays by √(2/N) = 0.37 % (uniform ones
    # less): 2 % are five of these. The nearest wrong variance is 25 % away. The mean strays by
    # σ/√N; it, too, has room for five.
    W, variance = draw(name), VARIANCES[name.split("_")[0]]
    assert W.shape == SHAPE
    assert W.var() == pytest.approx(variance, rel=0.02)
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_uniform_distribution_fills_its_bounds(family):
    # Of 150,000 numbers all stay clear of the outer 0.1 ‰ on one side with probability e^−7.5;
    # of the outer 1 ‰ with e^−75.
    W, bound = draw(f"{family}_uniform"), BOUNDS[family]
    assert -bound <= W.min() < -0.998 * bound
    assert 0.998 * bound < W.max() <= bound


@pytest.mark.parametrize("family", FAMILIES)
def test_a_normal_distribution_goes_beyond_two_sigma_as_often_as_it_should(family):
    # 4.55 % lie beyond 2σ, strayed by √(0.0455·0.9545/150,000) = 0.05 %; none would, if uniform.
    W, sigma = draw(f"{family}_normal"), np.sqrt(VARIANCES[family])
    assert np.mean(np.abs(W) > 2 * sigma) == pytest.approx(0.0455, abs=0.003)


def test_he_keeps_the_size_of_a_signal_through_relu_layers():
    A = np.random.default_rng(1).normal(size=(200, 256))
    before = np.mean(A**2)
    for seed in range(10):
        A = np.maximum(A @ draw("he_normal", (256, 256), seed=seed), 0)
    assert before / 2 < np.mean(A**2) < before * 2


@pytest.mark.parametrize("name", [*DRAWING, "zeros"])
def test_float32_is_float64_rounded(name):
    single, exact = draw(name, dtype=np.float32), draw(name)
    assert (single.dtype, exact.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, exact.astype(np.float32))


@pytest.mark.parametrize("name", DRAWING)
def test_the_same_seed_gives_the_same_numbers_and_another_one_others(name):
    np.testing.assert_array_equal(draw(name), draw(name))
    assert (draw(name) != draw(name, seed=1)).mean() > 0.99


def test_zeros_are_zeros_and_draw_nothing():
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    np.testing.assert_array_equal(init.zeros(rng, (2, 3)), np.zeros((2, 3)))
    assert rng.bit_generator.state == before
