"""Layers: examples to redo on paper, and what they say when misused."""

import copy
import re
from functools import partial

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


def test_dense_without_a_bias_is_the_product_alone():
    layer = nn.Dense(2, 2, bias=False)
    net = alone(layer)
    layer.W = [[1, 2], [3, 4]]
    X, dZ = np.array([[1.0, -1.0]]), np.array([[1.0, -1.0]])
    np.testing.assert_array_equal(net.forward(X, train=True), [[1 - 3, 2 - 4]])
    np.testing.assert_array_equal(net.backward(dZ, input_grad=True), [[1 - 2, 3 - 4]])
    np.testing.assert_array_equal(layer.dW, [[1, -1], [-1, 1]])
    assert net.params.size == 4
    assert net.matrices == slice(0, 4)
    assert list(net.named_arrays()) == ["0.W"]
    with pytest.raises(AttributeError, match=r"^Dense\(2, 2, bias=False\) has no b$"):
        _ = layer.b
    make = partial(nn.Dense, 2, 3, bias=np.False_)
    assert repr(make(init=initializers.zeros)) == "Dense(2, 3, bias=False, init=zeros)"


def test_a_bias_changes_no_first_weight():
    with_bias, without = alone(nn.Dense(3, 2), rng=4), alone(nn.Dense(3, 2, bias=False), rng=4)
    np.testing.assert_array_equal(with_bias.layers[0].W, without.layers[0].W)


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


def test_elu_multiplies_by_a_plus_alpha_where_it_is_off():
    A, dZ = there_and_back(nn.ELU(4.0), np.array([[-np.log(2), 0.0, 3.0]]), dA)
    np.testing.assert_allclose(A, [[4 * (1 / 2 - 1), 0, 3]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[5 * (-2 + 4), 7 * 4, 11]], rtol=1e-15)


def test_elu_goes_down_to_minus_one_by_default():
    A, dZ = there_and_back(nn.ELU(), np.array([[-np.log(2), 0.0, 3.0]]), dA)
    np.testing.assert_allclose(A, [[-1 / 2, 0, 3]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[5 / 2, 7, 11]], rtol=1e-15)


def test_selu_has_its_two_constants():
    A, dZ = there_and_back(nn.SELU(), np.array([[-np.log(2), 3.0]]), np.array([[2.0, 10.0]]))
    lambda_alpha = 1.7580993408473768
    np.testing.assert_allclose(A, [[-lambda_alpha / 2, 3.1521029620664415]], rtol=1e-14)
    np.testing.assert_allclose(dZ, [[lambda_alpha, 10.507009873554805]], rtol=1e-14)


@pytest.mark.parametrize("layer", [nn.GELU(), nn.GELU("tanh"), nn.SiLU()], ids=repr)
def test_a_gate_is_half_open_at_zero(layer):
    layer = copy.deepcopy(layer)
    A, dZ = there_and_back(layer, np.array([[0.0]]), np.array([[6.0]]))
    np.testing.assert_array_equal(A, [[0]])
    np.testing.assert_array_equal(dZ, [[3]])


def test_gelu_of_one_is_the_share_of_normal_numbers_below_one():
    below, density = 0.8413447460685429, 0.24197072451914337
    A, dZ = there_and_back(nn.GELU(), np.array([[1.0, -1.0]]), np.array([[2.0, 3.0]]))
    np.testing.assert_allclose(A, [[below, below - 1]], rtol=1e-14)
    np.testing.assert_allclose(dZ, [[2 * (below + density), 3 * (1 - below - density)]], rtol=1e-13)


def test_gelu_takes_the_tanh_form_on_request():
    Z = np.array([[1.0, -2.0]])
    A, _ = there_and_back(nn.GELU("tanh"), Z, np.ones((1, 2)))
    exact, _ = there_and_back(nn.GELU(), Z, np.ones((1, 2)))
    assert (np.abs(A - exact) > 1e-6).all()
    np.testing.assert_allclose(A, exact, atol=1e-3)


def test_silu_of_log_3_is_three_quarters_of_it():
    A, dZ = there_and_back(nn.SiLU(), np.log([[3.0]]), np.array([[16.0]]))
    np.testing.assert_allclose(A, [[np.log(3) * 3 / 4]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[12 + 3 * np.log(3)]], rtol=1e-15)


def test_softplus_multiplies_by_the_sigmoid():
    A, dZ = there_and_back(nn.Softplus(), np.log([[3.0, 1.0]]), np.array([[16.0, 8.0]]))
    np.testing.assert_allclose(A, np.log([[4, 2]]), rtol=1e-15)
    np.testing.assert_allclose(dZ, [[12, 4]], rtol=1e-15)


def test_softmax_passes_differences_from_the_mean():
    P, dZ = there_and_back(nn.Softmax(), np.log([[1.0, 3.0]]), np.array([[1.0, 5.0]]))
    mean = 1 / 4 * 1 + 3 / 4 * 5
    np.testing.assert_allclose(P, [[1 / 4, 3 / 4]], rtol=1e-15)
    np.testing.assert_allclose(dZ, [[1 / 4 * (1 - mean), 3 / 4 * (5 - mean)]], rtol=1e-14)


def test_softmax_passes_nothing_when_every_class_is_pushed_alike():
    _, dZ = there_and_back(nn.Softmax(), Z, np.full((1, 3), 4.0))
    np.testing.assert_allclose(dZ, 0, atol=1e-15)


SMOOTH = [nn.ELU(), nn.SELU(), nn.GELU(), nn.GELU("tanh"), nn.SiLU(), nn.Softplus()]


@pytest.mark.parametrize(
    "layer", [nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.Softmax(), *SMOOTH], ids=repr
)
def test_extreme_inputs_give_finite_outputs_and_gradients(layer):
    layer = copy.deepcopy(layer)
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
        (lambda: nn.Dense(2, 3, bias=0), TypeError, r"bias: expected True or False, got 0 \(int\)"),
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
        (lambda: nn.ELU(-1), ValueError, r"alpha: expected a number in \[0, inf\), got -1"),
        (lambda: nn.ELU("x"), TypeError, r"alpha: expected a number, got 'x' \(str\)"),
        (
            lambda: nn.GELU("erf"),
            ValueError,
            "approximate: expected one of none, tanh, got 'erf'",
        ),
        (lambda: nn.Reshape(), ValueError, r"shape: expected the size of at least one axis"),
        (lambda: nn.Reshape(2, 0), ValueError, r"shape\[1\]: expected at least 1, got 0"),
        (lambda: nn.Reshape(-1), ValueError, r"shape\[0\]: expected at least 1, got -1"),
        (lambda: nn.Reshape((2, 3)), TypeError, r"shape\[0\]: expected a whole number, got \(2,"),
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


def test_flatten_puts_an_example_into_a_row_and_back():
    X, dA = np.arange(12.0).reshape(2, 3, 2), np.arange(12.0, 24).reshape(2, 6)
    A, dX = there_and_back(nn.Flatten(), X, dA)
    np.testing.assert_array_equal(A, [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    np.testing.assert_array_equal(dX, dA.reshape(2, 3, 2))


def test_reshape_keeps_the_order_of_the_numbers():
    X, dA = np.arange(12.0).reshape(2, 6), np.arange(12.0, 24).reshape(2, 3, 2)
    A, dX = there_and_back(nn.Reshape(3, 2), X, dA)
    np.testing.assert_array_equal(A[1], [[6, 7], [8, 9], [10, 11]])
    np.testing.assert_array_equal(dX, dA.reshape(2, 6))


@pytest.mark.parametrize("layer", [nn.Flatten(), nn.Reshape(6)], ids=repr)
def test_another_shape_is_a_view_not_a_copy(layer):
    layer = copy.deepcopy(layer)
    X = np.ones((2, 3, 2))
    A = layer.forward(X, train=True)
    assert np.shares_memory(A, X)
    assert np.shares_memory(layer.backward(A), A)


def test_shapes_are_followed_through_flatten_and_reshape():
    layers = nn.Reshape(2, 3, 4), nn.Flatten(), nn.Dense(24, 5)
    assert nn.Sequential(*layers).shapes_after((24,)) == [(2, 3, 4), (24,), (5,)]
    assert nn.Flatten().output_shape(None) is None
    assert nn.Reshape(2, 3).output_shape(None) == (2, 3)


def test_a_dense_layer_that_does_not_fit_a_flattened_image_is_refused():
    message = r"layers\[2\]: Dense\(23, 5\) after Flatten\(\): expected 23 inputs, .* \(24,\)"
    with pytest.raises(ValueError, match=message):
        nn.Sequential(nn.Reshape(2, 3, 4), nn.Flatten(), nn.Dense(23, 5))


def test_reshape_names_both_sizes_when_they_differ():
    message = r"12 numbers to fill the shape \(3, 4\), got examples of shape \(13,\), 13 numbers"
    with pytest.raises(ValueError, match=message):
        nn.Sequential(nn.Dense(2, 13), nn.Reshape(3, 4))
    with pytest.raises(ValueError, match=message):
        nn.Sequential(nn.Reshape(3, 4)).forward(np.ones((5, 13)))
    with pytest.raises(ValueError, match=r"to fill the shape \(2, 5\), .* \(4, 3\), 12 numbers"):
        nn.Reshape(2, 5).output_shape((4, 3))


def test_a_backward_pass_that_came_first_is_explained_to_the_letter():
    message = (
        "backward of ReLU() came before forward: call forward(X, train=True) first "
        "(one with train=False keeps nothing for backward)"
    )
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        nn.ReLU().backward(dA)


def test_a_reshape_to_nothing_is_explained_to_the_letter():
    with pytest.raises(
        ValueError, match=r"^shape: expected the size of at least one axis, got none"
    ):
        nn.Reshape()


def test_an_initializer_without_a_name_is_shown_by_its_type():
    assert repr(nn.Dense(2, 3, init=partial(initializers.zeros))) == "Dense(2, 3, init=partial)"
    assert repr(nn.Conv2D(1, 2, 3, init=partial(initializers.zeros))) == (
        "Conv2D(1, 2, 3, init=partial)"
    )


@pytest.mark.parametrize(
    "make", [lambda init: nn.Dense(2, 3, init=init), lambda init: nn.Conv2D(1, 2, 3, init=init)]
)
def test_an_initializer_is_told_the_dtype(make):
    told = []

    def remember(rng, shape, dtype):
        told.append(dtype)
        return np.zeros(shape, dtype)

    nn.Sequential(make(remember), dtype=np.float32)
    assert told == [np.float32]


def test_a_copied_layer_keeps_nothing_for_backward():
    net = alone(nn.ReLU())
    net.forward(Z, train=True)
    assert copy.deepcopy(net.layers[0]).cache is None


def test_gelu_shows_its_form_where_it_was_chosen():
    assert repr(nn.GELU()) == "GELU()"
    assert repr(nn.GELU("tanh")) == "GELU('tanh')"


# Sums over many examples, or pixels, in float32.

TENTH = float(np.float32(0.1))
LONG = [
    (nn.Dense(1, 3), (129, 1)),
    (nn.Dense(1, 3), (10**6, 1)),
    (nn.Conv2D(1, 2, 1), (10**5, 1, 3, 2)),
    (nn.Conv2D(1, 2, 1), (1, 1, 1000, 1000)),
    (nn.BatchNorm(2), (10**6, 2)),
    (nn.BatchNorm(2), (10**5, 2, 3, 2)),
    (nn.BatchNorm(2), (1, 2, 1000, 1000)),
    (nn.LayerNorm(2), (10**6, 2)),
]


@pytest.mark.parametrize(("layer", "shape"), LONG, ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_gradients_that_are_long_sums_keep_their_digits_in_float32(layer, shape, order):
    layer = copy.deepcopy(layer)
    net = alone(layer, dtype=np.float32)
    X = np.zeros(shape, np.float32)
    X[: -(len(X) // -2)] = TENTH
    Z = net.forward(X, train=True)
    net.backward(np.full(Z.shape, TENTH, np.float32, order=order))
    terms = Z.size // Z.shape[1]
    shift = layer.db if "b" in layer.shapes() else layer.dbeta
    assert shift.dtype == np.float32
    np.testing.assert_allclose(shift, TENTH * terms, rtol=1e-5)
    if isinstance(layer, nn.Conv2D) and len(X) > 1:
        np.testing.assert_allclose(layer.dW, TENTH**2 * terms / 2, rtol=1e-5)


def test_a_short_sum_is_as_exact_as_float32_allows():
    net = alone(nn.Dense(1, 2), dtype=np.float32)
    net.forward(np.ones((128, 1)), train=True)
    net.backward(np.full((128, 2), 0.1, np.float32))
    np.testing.assert_allclose(net.layers[0].db, 128 * TENTH, rtol=127 * 2**-24)
