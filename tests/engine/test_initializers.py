"""Initializers: their variances, bounds and dtypes."""

import re

import numpy as np
import pytest

from nnlib import initializers as init
from nnlib.activations import selu

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


def test_a_kernel_counts_all_its_pixels_as_inputs_and_outputs():
    assert init.fans((3, 5)) == (3, 5)
    assert init.fans((16, 3, 5, 7)) == (3 * 5 * 7, 16 * 5 * 7)


@pytest.mark.parametrize("name", DRAWING)
def test_the_variance_of_a_kernel_is_that_of_its_inputs_and_outputs(name):
    # 40·30·11·11 = 145,200 numbers: the tolerance is that of the matrices above.
    W, inputs, outputs = draw(name, (40, 30, 11, 11)), 30 * 11 * 11, 40 * 11 * 11
    family = name.split("_")[0]
    variance = {"he": 2 / inputs, "xavier": 2 / (inputs + outputs), "lecun": 1 / inputs}[family]
    assert W.shape == (40, 30, 11, 11)
    assert W.var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("name", DRAWING)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (1, 2, 3, 4, 5)], ids=str)
def test_a_shape_that_is_neither_a_matrix_nor_a_kernel_is_refused(name, shape):
    rng = np.random.default_rng(0)
    message = re.escape(f"(c_out, c_in, k, k) for a convolution, got {shape}:")
    with pytest.raises(ValueError, match=message):
        getattr(init, name)(rng, shape)
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def test_selu_layers_from_lecun_keep_mean_0_and_variance_1():
    A = np.random.default_rng(1).normal(size=(200, 256))
    for seed in range(20):
        A = selu(A @ draw("lecun_normal", (256, 256), seed=seed))
    assert abs(A.mean()) < 0.2
    assert A.var() == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (1, 4), (4, 1), (1, 1)], ids=str)
def test_orthogonal_gives_orthonormal_rows_or_columns(shape):
    W = draw("orthogonal", shape)
    shorter = W if shape[0] <= shape[1] else W.T
    assert W.shape == shape
    np.testing.assert_allclose(shorter @ shorter.T, np.eye(min(shape)), atol=1e-14)


@pytest.mark.parametrize("shape", [(4, 2, 3, 3), (20, 2, 3, 3)], ids=str)
def test_orthogonal_kernels_are_orthonormal_as_long_as_there_is_room(shape):
    W = draw("orthogonal", shape)
    rows = W.reshape(shape[0], -1)
    shorter = rows if rows.shape[0] <= rows.shape[1] else rows.T
    assert W.shape == shape
    np.testing.assert_allclose(shorter @ shorter.T, np.eye(len(shorter)), atol=1e-14)


def test_orthogonal_keeps_the_length_of_a_signal_through_any_number_of_layers():
    X = np.random.default_rng(1).normal(size=(3, 16))
    A = X
    for seed in range(50):
        A = A @ draw("orthogonal", (16, 16), seed=seed)
    np.testing.assert_allclose(np.linalg.norm(A, axis=1), np.linalg.norm(X, axis=1), rtol=1e-13)


@pytest.mark.parametrize("shape", [(3, 3), (4, 3), (3, 4)], ids=str)
def test_every_orthogonal_matrix_is_as_likely_as_its_negative(shape):
    # Without the sign fix LAPACK's diagonals lean to one side. Each entry has mean 0 and variance
    # 1/max(shape) at most 1/3: the mean of 2,000 strays by 0.013; 0.065 is five of these.
    rng = np.random.default_rng(2)
    mean = np.mean([init.orthogonal(rng, shape) for _ in range(2000)], axis=0)
    assert np.abs(mean).max() < 0.065


def test_orthogonal_draws_the_same_for_the_same_seed_and_other_numbers_for_another():
    shape = (6, 5)
    np.testing.assert_array_equal(draw("orthogonal", shape), draw("orthogonal", shape))
    assert (draw("orthogonal", shape) != draw("orthogonal", shape, seed=1)).all()


@pytest.mark.parametrize("name", [*DRAWING, "orthogonal", "zeros"])
def test_float32_is_float64_rounded(name):
    shape = (30, 50)
    single, exact = draw(name, shape, dtype=np.float32), draw(name, shape)
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
