"""Activation functions: examples to redo on paper, extremes, and laws."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from nnlib import activations as act

some = settings(deadline=None, max_examples=50, derandomize=True, database=None)
rows = arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=st.floats(-1e4, 1e4))
whole_rows = arrays(
    np.float64, array_shapes(max_dims=2, max_side=5), elements=st.integers(-50, 50).map(float)
)


def test_relu_cuts_off_the_negative_side():
    A = act.relu(np.array([-1.0, 0.0, 2.0]))
    np.testing.assert_array_equal(A, [0, 0, 2])
    np.testing.assert_array_equal(act.relu_derivative(A), [0, 0, 1])


def test_leaky_relu_keeps_a_part_of_the_negative_side():
    A = act.leaky_relu(np.array([-4.0, 0.0, 2.0]), 0.25)
    np.testing.assert_array_equal(A, [-1, 0, 2])
    np.testing.assert_array_equal(act.leaky_relu_derivative(A, 0.25), [0.25, 0.25, 1])


def test_leaky_relu_without_a_leak_is_relu():
    Z = np.array([-4.0, 0.0, 2.0])
    np.testing.assert_array_equal(act.leaky_relu(Z, 0), act.relu(Z))
    np.testing.assert_array_equal(act.leaky_relu_derivative(Z, 0), act.relu_derivative(Z))


@pytest.mark.parametrize("alpha", [0.25, np.float64(0.25)], ids=["float", "float64"])
def test_leaky_relu_keeps_float32_whatever_the_slope_is(alpha):
    A = act.leaky_relu(np.array([-4, 2], np.float32), alpha)
    assert A.dtype == np.float32
    assert act.leaky_relu_derivative(A, alpha).dtype == np.float32


def test_sigmoid_of_log_3_is_three_quarters():
    A = act.sigmoid(np.log([3, 1, 1 / 3]))
    np.testing.assert_allclose(A, [3 / 4, 1 / 2, 1 / 4], rtol=1e-15)
    np.testing.assert_allclose(act.sigmoid_derivative(A), [3 / 16, 1 / 4, 3 / 16], rtol=1e-15)


def test_tanh_of_log_2_is_three_fifths():
    A = act.tanh(np.log([2, 1, 1 / 2]))
    two = (2 - 1 / 2) / (2 + 1 / 2)
    np.testing.assert_allclose(A, [two, 0, -two], rtol=1e-15)
    np.testing.assert_allclose(act.tanh_derivative(A), [16 / 25, 1, 16 / 25], rtol=1e-14)


def test_elu_of_minus_log_2_is_minus_half_of_alpha():
    A = act.elu(np.array([-np.log(2), 0.0, 2.0]), 3.0)
    np.testing.assert_allclose(A, [3 * (1 / 2 - 1), 0, 2], rtol=1e-15)
    np.testing.assert_allclose(act.elu_derivative(A, 3.0), [3 / 2, 3, 1], rtol=1e-15)


@pytest.mark.parametrize("alpha", [0.25, np.float64(0.25)], ids=["float", "float64"])
def test_elu_keeps_float32_whatever_alpha_is(alpha):
    A = act.elu(np.array([-4, 2], np.float32), alpha)
    assert A.dtype == np.float32
    assert act.elu_derivative(A, alpha).dtype == np.float32


def test_selu_is_a_stretched_elu():
    A = act.selu(np.array([-np.log(2), 2.0]))
    np.testing.assert_allclose(A, [-1.0507009873554805 * 1.6732632423543772 / 2, 2.101401974710961])
    slopes = [1.0507009873554805 * 1.6732632423543772 / 2, 1.0507009873554805]
    np.testing.assert_allclose(act.selu_derivative(A), slopes)


def normal(samples):
    """Numbers whose shares are those of a standard normal distribution: its quantiles."""
    from scipy.special import ndtri

    return ndtri((np.arange(samples) + 0.5) / samples)


def test_selu_gives_a_standard_normal_input_mean_0_and_variance_1():
    A = act.selu(normal(100_000))
    assert A.mean() == pytest.approx(0, abs=1e-4)
    assert A.var() == pytest.approx(1, abs=1e-3)


def test_gelu_multiplies_by_the_share_of_normal_numbers_below():
    below, density = (1 + math.erf(1 / math.sqrt(2))) / 2, np.exp(-1 / 2) / np.sqrt(2 * np.pi)
    assert below == pytest.approx(0.8413, abs=1e-4)
    Z = np.array([-1.0, 0.0, 1.0])
    np.testing.assert_allclose(act.gelu(Z), [-(1 - below), 0, below], rtol=1e-14)
    slopes = [1 - below - density, 1 / 2, below + density]
    np.testing.assert_allclose(act.gelu_derivative(Z), slopes, rtol=1e-14)


def test_gelu_by_tanh_is_near_the_exact_one_and_is_not_the_same():
    Z = np.linspace(-6, 6, 1201)
    off = np.abs(act.gelu(Z, approximate="tanh") - act.gelu(Z)).max()
    assert 4e-4 < off < 5e-4
    T = np.tanh(np.sqrt(2 / np.pi) * (1 + 0.044715))
    assert act.gelu(np.array([1.0]), "tanh")[0] == pytest.approx((1 + T) / 2, rel=1e-15)


@pytest.mark.parametrize("function", [act.gelu, act.gelu_derivative])
def test_gelu_refuses_a_form_that_it_does_not_know(function):
    message = "approximate: expected one of none, tanh, got 'erf'"
    with pytest.raises(ValueError, match=message):
        function(np.ones(2), approximate="erf")


def test_scipy_is_imported_when_the_exact_gelu_is_first_used():
    code = (
        "import sys, numpy, nnlib; gelu, Z = nnlib.activations.gelu, numpy.ones(2);"
        "gelu(Z, 'tanh'); print('scipy' in sys.modules); gelu(Z); print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_silu_of_log_3_is_three_quarters_of_it():
    Z, log3 = np.log([3, 1, 1 / 3]), np.log(3)
    np.testing.assert_allclose(act.silu(Z), [log3 * 3 / 4, 0, -log3 / 4], rtol=1e-15)
    slopes = [3 / 4 + log3 * 3 / 16, 1 / 2, 1 / 4 - log3 * 3 / 16]
    np.testing.assert_allclose(act.silu_derivative(Z), slopes, rtol=1e-14)


def test_softplus_of_log_3_is_log_4():
    A = act.softplus(np.log([3, 1, 1 / 3]))
    np.testing.assert_allclose(A, np.log([4, 2, 4 / 3]), rtol=1e-15)
    np.testing.assert_allclose(act.softplus_derivative(A), [3 / 4, 1 / 2, 1 / 4], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_the_smooth_units_are_straight_lines(dtype):
    Z = np.array([-1e4, 1e4], dtype)
    bottom = {act.elu: -1, act.selu: -act.SELU_LAMBDA * act.SELU_ALPHA}
    top = {act.selu: act.SELU_LAMBDA}
    for f in (act.elu, act.selu, act.gelu, act.silu, act.softplus):
        expected = [bottom.get(f, 0), top.get(f, 1) * 1e4]
        np.testing.assert_allclose(f(Z), expected, rtol=1e-6, err_msg=f.__name__)
    np.testing.assert_array_equal(act.gelu(Z, "tanh"), [0, 1e4])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_out_the_slopes_of_the_smooth_units_are_constant(dtype):
    Z = np.array([-1e4, 1e4], dtype)
    np.testing.assert_array_equal(act.elu_derivative(act.elu(Z)), [0, 1])
    slopes = act.selu_derivative(act.selu(Z))
    np.testing.assert_allclose(slopes, [0, act.SELU_LAMBDA], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(act.softplus_derivative(act.softplus(Z)), [0, 1])
    np.testing.assert_array_equal(act.silu_derivative(Z), [0, 1])
    np.testing.assert_array_equal(act.gelu_derivative(Z), [0, 1])
    np.testing.assert_array_equal(act.gelu_derivative(Z, "tanh"), [0, 1])


def test_softplus_and_elu_lose_no_digits_to_a_rounded_one():
    np.testing.assert_allclose(act.softplus(np.array([-40.0])), np.exp(-40), rtol=1e-15)
    np.testing.assert_allclose(act.softplus_derivative(np.exp([-40.0])), np.exp(-40), rtol=1e-15)
    np.testing.assert_allclose(act.elu(np.array([-1e-20])), -1e-20, rtol=1e-15)


def test_softmax_of_logs_are_the_shares():
    Z = np.log([[1.0, 2, 5], [3, 3, 6]])
    shares = np.array([[1 / 8, 2 / 8, 5 / 8], [1 / 4, 1 / 4, 1 / 2]])
    np.testing.assert_allclose(act.logsumexp(Z), np.log([[8], [12]]), rtol=1e-15)
    np.testing.assert_allclose(act.softmax(Z), shares, rtol=1e-14)
    np.testing.assert_allclose(act.log_softmax(Z), np.log(shares), rtol=1e-14)


def test_softmax_backward_subtracts_the_mean_under_p():
    P, dP = np.array([[1 / 4, 3 / 4]]), np.array([[1.0, 5.0]])
    mean = 1 / 4 * 1 + 3 / 4 * 5
    expected = [[1 / 4 * (1 - mean), 3 / 4 * (5 - mean)]]
    np.testing.assert_allclose(act.softmax_backward(dP, P), expected, rtol=1e-15)


def test_softmax_backward_is_the_product_with_the_jacobian():
    P, dP = act.softmax(np.array([0.3, -1.0, 2.0])), np.array([1.0, -2.0, 0.5])
    jacobian = np.diag(P) - np.outer(P, P)
    np.testing.assert_allclose(act.softmax_backward(dP, P), dP @ jacobian, rtol=1e-14)


def test_saturated_functions_neither_overflow_nor_round_off():
    Z = np.array([-1e4, -700, 0, 700, 1e4])
    np.testing.assert_allclose(act.sigmoid(Z), [0, np.exp(-700), 0.5, 1, 1], rtol=1e-15)
    np.testing.assert_array_equal(act.tanh(Z), [-1, -1, 0, 1, 1])
    np.testing.assert_array_equal(act.sigmoid_derivative(act.sigmoid(Z))[[0, 4]], [0, 0])


def test_log_softmax_of_extreme_logits_is_finite():
    Z = np.array([[1e4, 0.0, -1e4], [1e4, 1e4, 1e4]])
    expected = [[0, -1e4, -2e4], [-np.log(3)] * 3]
    np.testing.assert_allclose(act.log_softmax(Z), expected, rtol=1e-12)
    np.testing.assert_allclose(act.softmax(Z), [[1, 0, 0], [1 / 3] * 3], rtol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_softmax_is_as_exact_far_from_zero_as_near_it(dtype):
    near = np.array([[0, -1, -2], [-20, 0, -3]], dtype)
    far = near + dtype(1e4)
    exact = act.log_softmax(near.astype(np.float64))
    np.testing.assert_allclose(act.log_softmax(far), exact, rtol=8 * np.finfo(dtype).eps)


@some
@given(rows)
def test_softmax_rows_are_probabilities(Z):
    P = act.softmax(Z)
    assert P.shape == Z.shape
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=-1), 1, rtol=1e-14)


@some
@given(whole_rows, st.integers(-(10**6), 10**6))
def test_softmax_does_not_change_when_a_constant_is_added(Z, constant):
    # Whole numbers are added without rounding, so that nothing but softmax itself can differ.
    np.testing.assert_array_equal(act.softmax(Z + constant), act.softmax(Z))


@some
@given(rows)
def test_logsumexp_lies_between_the_maximum_and_that_of_equal_entries(Z):
    total, M, k = act.logsumexp(Z), Z.max(axis=-1, keepdims=True), Z.shape[-1]
    assert total.shape == M.shape
    assert (total >= M).all()
    np.testing.assert_array_less(total, M + np.log(k) + 1e-11)


@some
@given(rows)
def test_sigmoid_of_minus_z_is_the_rest_to_one(Z):
    np.testing.assert_allclose(act.sigmoid(Z) + act.sigmoid(-Z), 1, rtol=1e-15)


@some
@given(arrays(np.float64, 6, elements=st.floats(-300, 300)))
def test_tanh_is_a_stretched_sigmoid(Z):
    np.testing.assert_allclose(act.tanh(Z), 2 * act.sigmoid(2 * Z) - 1, atol=1e-15)


@some
@given(rows)
def test_softplus_of_z_less_that_of_minus_z_is_z(Z):
    np.testing.assert_allclose(act.softplus(Z) - act.softplus(-Z), Z, rtol=1e-14, atol=1e-15)


@some
@given(rows, st.sampled_from([act.gelu, act.silu, lambda Z: act.gelu(Z, "tanh")]))
def test_a_gate_opens_for_z_by_as_much_as_it_closes_for_minus_z(Z, f):
    np.testing.assert_allclose(f(Z) - f(-Z), Z, rtol=1e-14, atol=1e-15)
