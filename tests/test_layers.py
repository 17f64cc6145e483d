"""Layers: examples to redo on paper, and what they say when misused."""

import re

import numpy as np
import pytest

import nnlib as nn
from nnlib import initializers

Z = np.array([[-2.0, 0.0, 3.0]])
dA = np.array([[5.0, 7.0, 11.0]])


def alone(layer, **options):
    return nn.Sequential(layer, **options)


def there_and_back(layer, Z, dA):
    net = alone(layer)
    return net.forward(Z, train=True), net.backward(dA, input_grad=True)


@pytest.fixture
def dense():
    """A 2×2 Dense layer with W = [[1, 2], [3, 4]], b = [10, 20], in a network."""
    layer = nn.Dense(2, 2)
    alone(layer)
    layer.W, layer.b = [[1, 2], [3, 4]], [10, 20]
    return layer


def test_dense_goes_forward(dense):
    X = np.array([[1.0, 0.0], [1.0, -1.0]])
    first = [1 * 1 + 0 * 3 + 10, 1 * 2 + 0 * 4 + 20]
    second = [1 * 1 - 1 * 3 + 10, 1 * 2 - 1 * 4 + 20]
    np.testing.assert_array_equal(dense.forward(X), [first, second])


def test_dense_goes_backward(dense):
    X, dZ = np.array([[1.0, 0.0], [2.0, -1.0]]), np.array([[1.0, -1.0], [3.0, 5.0]])
    dense.forward(X, train=True)
    dX = dense.backward(dZ)
    np.testing.assert_array_equal(
        dense.dW, [[1 * 1 + 2 * 3, 1 * -1 + 2 * 5], [0 * 1 - 1 * 3, 0 * -1 - 1 * 5]]
    )
    np.testing.assert_array_equal(dense.db, [1 + 3, -1 + 5])
    np.testing.assert_array_equal(
        dX, [[1 * 1 - 1 * 2, 1 * 3 - 1 * 4], [3 * 1 + 5 * 2, 3 * 3 + 5 * 4]]
    )


def test_dense_leaves_the_gradient_of_the_input_out_on_request(dense):
    dense.forward(np.ones((1, 2)), train=True)
    assert dense.backward(np.ones((1, 2)), input_grad=False) is None
    np.testing.assert_array_equal(dense.dW, np.ones((2, 2)))


def test_the_gradient_of_a_batch_twice_over_is_twice_the_sum(dense):
    X, dZ = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0]])
    dense.forward(np.tile(X, (2, 1)), train=True)
    dense.backward(np.tile(dZ, (2, 1)))
    np.testing.assert_array_equal(dense.dW, 2 * X.T @ dZ)
    np.testing.assert_array_equal(dense.db, 2 * dZ[0])


def test_dense_starts_from_he_and_a_bias_of_zero():
    layer = nn.Dense(300, 500)
    alone(layer)
    assert layer.W.var() == pytest.approx(2 / 300, rel=0.02)
    np.testing.assert_array_equal(layer.b, np.zeros(500))


def test_dense_starts_from_the_initializer_it_is_given():
    layer = nn.Dense(300, 500, init=initializers.lecun_uniform)
    alone(layer)
    assert layer.W.var() == pytest.approx(1 / 300, rel=0.02)
    assert np.abs(layer.W).max() <= np.sqrt(3 / 300)
    assert repr(layer) == "Dense(300, 500, init=lecun_uniform)"


def test_dense_takes_a_function_of_ones_own():
    layer = nn.Dense(2, 3, init=lambda rng, shape, dtype: np.full(shape, 7, dtype))
    alone(layer)
    np.testing.assert_array_equal(layer.W, np.full((2, 3), 7))


def test_float32_weights_are_float64_weights_rounded():
    single, exact = nn.Dense(4, 3), nn.Dense(4, 3)
    alone(single, dtype=np.float32)
    alone(exact)
    np.testing.assert_array_equal(single.W, exact.W.astype(np.float32))


def test_relu_lets_gradients_pass_only_where_it_is_on():
    A, dZ = there_and_back(nn.ReLU(), Z, dA)
    np.testing.assert_array_equal(A, [[0, 0, 3]])
    np.testing.assert_array_equal(dZ, [[0, 0, 11]])


def test_leaky_relu_lets_a_part_pass_where_it_is_off():
    A, dZ = there_and_back(nn.LeakyReLU(0.5), Z, dA)
    np.testing.assert_array_equal(A, [[-1, 0, 3]])
    np.testing.assert_array_equal(dZ, [[0.5 * 5, 0.5 * 7, 11]])


def test_leaky_relu_leaks_one_percent_by_default():
    A, dZ = there_and_back(nn.LeakyReLU(), Z, dA)
    np.testing.assert_array_equal(A, [[-0.02, 0, 3]])
    np.testing.assert_array_equal(dZ, [[0.05, 0.07, 11]])


def test_sigmoid_multiplies_by_a_times_one_minus_a():
    A, dZ = there_and_back(nn.Sigmoid(), np.log([[3.0, 1.0]]), np.array([[16.0, 8.0]]))
    np.testing.assert_allclose(A, [[3 / 4, 1 / 2]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[16 * 3 / 16, 8 * 1 / 4]], rtol=1e-15)


def test_tanh_multiplies_by_one_minus_a_squared():
    A, dZ = there_and_back(nn.Tanh(), np.log([[2.0, 1.0]]), np.array([[25.0, 3.0]]))
    np.testing.assert_allclose(A, [[3 / 5, 0]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[25 * 16 / 25, 3]], rtol=1e-14)


def test_softmax_passes_differences_from_the_mean():
    P, dZ = there_and_back(nn.Softmax(), np.log([[1.0, 3.0]]), np.array([[1.0, 5.0]]))
    mean = 1 / 4 * 1 + 3 / 4 * 5
    np.testing.assert_allclose(P, [[1 / 4, 3 / 4]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[1 / 4 * (1 - mean), 3 / 4 * (5 - mean)]], rtol=1e-14)


def test_softmax_passes_nothing_when_every_class_is_pushed_alike():
    _, dZ = there_and_back(nn.Softmax(), Z, np.full((1, 3), 4.0))
    np.testing.assert_allclose(dZ, 0, atol=1e-15)


@pytest.mark.parametrize("layer", [nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.Softmax()], ids=repr)
def test_extreme_inputs_give_finite_outputs_and_gradients(layer):
    A, dZ = there_and_back(layer, np.array([[-1e4, 0.0, 1e4]]), dA)
    assert np.isfinite(A).all()
    assert np.isfinite(dZ).all()


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.Dense(0, 2), ValueError, "d_in: expected at least 1, got 0"),
        (lambda: nn.Dense(2, -1), ValueError, "d_out: expected at least 1, got -1"),
        (lambda: nn.Dense(2.0, 1), TypeError, r"d_in: expected a whole number, got 2\.0 \(float\)"),
        (lambda: nn.Dense(2, "3"), TypeError, r"d_out: expected a whole number, got '3' \(str\)"),
        (lambda: nn.Dense(True, 3), TypeError, r"d_in: expected a whole number, got True \(bool\)"),
        (lambda: nn.Dense(2, 3, init="he"), TypeError, "init: expected a function .*, got 'he'"),
        (lambda: nn.LeakyReLU(1), ValueError, r"alpha: expected a number in \[0, 1\), got 1"),
        (lambda: nn.LeakyReLU(-0.1), ValueError, r"alpha: expected .* \[0, 1\), got -0\.1"),
        (lambda: nn.LeakyReLU(np.nan), ValueError, r"alpha: expected .* \[0, 1\), got nan"),
        (lambda: nn.LeakyReLU("x"), TypeError, r"alpha: expected a number, got 'x' \(str\)"),
        (lambda: nn.LeakyReLU(None), TypeError, r"alpha: expected a number, got None \(NoneType\)"),
        (
            lambda: nn.LeakyReLU([0.1]),
            TypeError,
            r"alpha: expected a number, got \[0\.1\] \(list\)",
        ),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_whole_numbers_of_numpy_are_whole_numbers():
    assert repr(nn.Dense(np.int64(2), np.uint8(3))) == "Dense(2, 3)"


def test_a_layer_without_a_network_says_that_it_needs_one():
    remedy = re.escape("net = nnlib.Sequential(Dense(2, 3))")
    with pytest.raises(RuntimeError, match=rf"Dense\(2, 3\) has no W yet.*{remedy}"):
        nn.Dense(2, 3).forward(np.ones((1, 2)))
    with pytest.raises(RuntimeError, match=r"Dense\(2, 3\) has no db yet"):
        _ = nn.Dense(2, 3).db


def test_parameters_of_the_wrong_shape_are_refused_and_change_nothing(dense):
    message = r"W: expected an array of shape \(2, 2\), got \(2,\)"
    with pytest.raises(ValueError, match=message):
        dense.W = [1.0, 2.0]
    np.testing.assert_array_equal(dense.W, [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match=r"b: expected an array of shape \(2,\), got \(\)"):
        dense.b = 0.0
    np.testing.assert_array_equal(dense.b, [10, 20])


def test_a_weight_matrix_can_be_assigned_its_own_transpose(dense):
    dense.W = dense.W.T
    np.testing.assert_array_equal(dense.W, [[1, 3], [2, 4]])


def test_a_layer_that_is_not_written_yet_says_what_is_missing():
    class Half(nn.Layer):
        pass

    with pytest.raises(NotImplementedError, match=r"Half\.forward is not written"):
        alone(Half()).forward(Z)
    with pytest.raises(NotImplementedError, match=r"Half\.backward is not written"):
        Half().backward(dA)


@pytest.mark.parametrize("alpha", [0.123456789, 1e-300, 0.0])
def test_a_repr_tells_the_slope_exactly(alpha):
    assert eval(repr(nn.LeakyReLU(alpha)), vars(nn)).alpha == alpha


def test_an_initializer_that_is_not_a_plain_function_has_a_repr():
    from functools import partial

    layer = nn.Dense(2, 3, init=partial(initializers.zeros))
    assert "Dense(2, 3, init=" in repr(layer)
    assert " at 0x" not in repr(layer)
