"""Activation functions: examples to redo on paper, extremes, laws, and numbers of every kind."""

import math
import subprocess
import sys
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import special

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


# Numbers of every kind: each function against its own definition, in the longest floats there are.


def exact(Z):
    return np.asarray(Z).astype(np.longdouble)


def normal_share(Z):
    """Φ(Z), which SciPy has in float64."""
    return special.ndtr(Z.astype(np.float64)).astype(np.longdouble)


def gate(Z, share):
    """Z times its share, where the limit at −∞ is 0."""
    return np.where(share == 0, 0, Z * share)


def tanh_share(Z):
    return special.expit(2 * np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3))


def elu_by_hand(Z, alpha=1.0, stretch=1.0):
    return stretch * np.where(Z > 0, Z, alpha * np.expm1(np.minimum(Z, 0)))


def elu_slope_by_hand(Z, alpha=1.0, stretch=1.0):
    return stretch * np.where(Z > 0, 1, alpha * np.exp(np.minimum(Z, 0)))


def gelu_slope_by_hand(Z):
    return normal_share(Z) + gate(Z, np.exp(-Z * Z / 2) / np.sqrt(2 * np.pi))


def tanh_gelu_slope_by_hand(Z):
    P, dU = tanh_share(Z), 2 * np.sqrt(2 / np.pi) * (1 + 3 * 0.044715 * Z**2)
    return P + gate(Z * dU, P * tanh_share(-Z))


def silu_slope_by_hand(Z):
    return special.expit(Z) + gate(Z, special.expit(Z) * special.expit(-Z))


def after(f, derivative):
    """A derivative that is told the output, as a function of the input."""
    return lambda Z: derivative(f(Z))


SELU = {"alpha": 1.6732632423543772, "stretch": 1.0507009873554805}
BY_HAND = {
    "relu": (act.relu, lambda Z: np.maximum(Z, 0)),
    "relu_derivative": (act.relu_derivative, lambda Z: Z > 0),
    "leaky_relu": (act.leaky_relu, lambda Z: np.where(Z > 0, Z, 0.01 * Z)),
    "leaky_relu(0)": (partial(act.leaky_relu, alpha=0), lambda Z: np.maximum(Z, 0)),
    "leaky_relu_derivative": (act.leaky_relu_derivative, lambda Z: np.where(Z > 0, 1, 0.01)),
    "sigmoid": (act.sigmoid, special.expit),
    "sigmoid_derivative": (
        after(act.sigmoid, act.sigmoid_derivative),
        lambda Z: special.expit(Z) * special.expit(-Z),
    ),
    "tanh": (act.tanh, np.tanh),
    "tanh_derivative": (
        after(act.tanh, act.tanh_derivative),
        lambda Z: 4 * special.expit(2 * Z) * special.expit(-2 * Z),
    ),
    "elu": (act.elu, elu_by_hand),
    "elu_derivative": (after(act.elu, act.elu_derivative), elu_slope_by_hand),
    "elu(0)": (partial(act.elu, alpha=0), lambda Z: np.maximum(Z, 0)),
    "selu": (act.selu, lambda Z: elu_by_hand(Z, **SELU)),
    "selu_derivative": (
        after(act.selu, act.selu_derivative),
        lambda Z: elu_slope_by_hand(Z, **SELU),
    ),
    "gelu": (act.gelu, lambda Z: gate(Z, normal_share(Z))),
    "gelu_derivative": (act.gelu_derivative, gelu_slope_by_hand),
    "gelu, tanh": (partial(act.gelu, approximate="tanh"), lambda Z: gate(Z, tanh_share(Z))),
    "gelu_derivative, tanh": (
        partial(act.gelu_derivative, approximate="tanh"),
        tanh_gelu_slope_by_hand,
    ),
    "silu": (act.silu, lambda Z: gate(Z, special.expit(Z))),
    "silu_derivative": (act.silu_derivative, silu_slope_by_hand),
    "softplus": (act.softplus, lambda Z: np.logaddexp(0, Z)),
    "softplus_derivative": (after(act.softplus, act.softplus_derivative), special.expit),
}
ROWWISE = (act.logsumexp, act.log_softmax, act.softmax)
KINDS = ["?", "b", "B", "h", "H", "i", "I", "q", "Q", "e", "f", "d"]

each_function = pytest.mark.parametrize("name", BY_HAND)
each_rowwise = pytest.mark.parametrize("f", ROWWISE, ids=lambda f: f.__name__)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: np.dtype(kind).name)


def numbers(kind):
    """Numbers of one dtype: all of them, the extremes and ±∞ often, the ordinary ones, too."""
    dtype = np.dtype(kind)
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind in "iu":
        least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        return st.integers(least, most) | st.integers(max(least, -9), 9) | st.sampled_from([least])
    most = float(np.finfo(dtype).max)
    extremes = [0.0, -0.0, most, -most, np.inf, -np.inf]
    if dtype.itemsize > 2:
        extremes += [1e20, -1e20, 1e13, -1e13]
    ordinary = st.integers(-800, 800).map(lambda i: i / 32)
    every = st.floats(width=8 * dtype.itemsize, allow_nan=False)
    return ordinary | st.sampled_from(extremes) | every


def quiet(f, *arguments):
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return f(*arguments)


def kept(kind):
    """The dtype of a result: float32 and float64 stay what they are, all else is float64."""
    return np.float32 if kind == "f" else np.float64


def agrees(name, Z):
    """Compare with the definition, up to rounding; in pytest every warning is an error."""
    f, by_hand = BY_HAND[name]
    Z.flags.writeable = False
    before, A = Z.copy(), f(Z)
    assert A.dtype == kept(Z.dtype.char)
    expected = quiet(lambda: by_hand(exact(Z)).astype(A.dtype))
    digits = 16 * np.finfo(A.dtype).eps
    np.testing.assert_allclose(A, expected, rtol=digits, atol=digits)
    np.testing.assert_array_equal(Z, before)


@each_function
@settings(some, max_examples=60)
@given(st.data())
def test_a_function_takes_numbers_of_every_kind(name, data):
    kind = data.draw(st.sampled_from(KINDS))
    agrees(name, data.draw(arrays(kind, 6, elements=numbers(kind))))


@each_function
@each_kind
def test_a_function_takes_the_extremes_of_every_kind(name, kind):
    if kind in "efd":
        most = float(np.finfo(kind).max)
        Z = [0, 1, -1, most, -most, most / 2, -most / 2, np.inf, -np.inf]
    else:
        Z = [0, 1] if kind == "?" else [0, 1, np.iinfo(kind).min, np.iinfo(kind).max]
    agrees(name, np.array(Z, kind))


@each_function
def test_far_out_the_limit_is_exact(name):
    f, by_hand = BY_HAND[name]
    for kind in "fd":
        far = [-np.inf, -np.finfo(kind).max / 2, np.finfo(kind).max / 2, np.inf]
        A = f(np.array(far, kind))
        expected = quiet(by_hand, exact(far)).astype(kind)
        np.testing.assert_allclose(A, expected, rtol=2 * np.finfo(kind).eps, atol=0)


@each_function
def test_lists_and_single_numbers_are_arrays(name):
    f, _ = BY_HAND[name]
    A = f(np.array([[1.0, 0.0], [-2.0, 3.0]]))
    for Z in ([[1, 0], [-2, 3]], ((1.0, 0.0), (-2.0, 3.0)), np.array([[1, 0], [-2, 3]], ">i4")):
        np.testing.assert_array_equal(f(Z), A)
    for Z in (3, 3.0, np.float64(3), np.array(3), np.int8(3)):
        assert f(Z) == A[1, 1]
        assert np.ndim(f(Z)) == 0
    assert f(np.float32(3)).dtype == np.float32


@each_function
def test_a_number_that_is_none_stays_none(name):
    f, _ = BY_HAND[name]
    if name not in ("relu_derivative", "leaky_relu_derivative"):  # on which side is NaN?
        assert np.isnan(f(np.array([np.nan]))).all()


@pytest.mark.parametrize("f", [f for f, _ in BY_HAND.values()] + [*ROWWISE])
@pytest.mark.parametrize("wrong", [["a"], [1j], [None], [[1], [1, 2]]], ids=str)
def test_what_is_no_real_number_is_refused_by_name(f, wrong):
    with pytest.raises((TypeError, ValueError), match=r"^[ZA]: expected"):
        f(wrong)


@pytest.mark.parametrize("f", [act.leaky_relu, act.leaky_relu_derivative])
@pytest.mark.parametrize("alpha", [1, -0.1, np.nan])
def test_a_slope_beyond_its_bounds_is_refused(f, alpha):
    with pytest.raises(ValueError, match=r"alpha: expected a number in \[0, 1\), got"):
        f([1.0], alpha)
    assert f([1.0], 0.5) == 1


@each_rowwise
@settings(some, max_examples=200)
@given(st.data())
def test_rows_of_every_kind_agree_with_scipy(f, data):
    kind = data.draw(st.sampled_from(KINDS))
    Z = data.draw(arrays(kind, (2, 3), elements=numbers(kind)))
    A, by_scipy = f(Z), getattr(special, f.__name__)
    assert A.dtype == kept(kind)
    expected = quiet(lambda: by_scipy(Z.astype(np.float64), axis=-1).reshape(A.shape))
    top = Z.max(axis=-1)
    ours = np.isfinite(top) | (f is act.logsumexp)  # where all are −∞, SciPy's softmax is NaN
    digits = 16 * np.finfo(A.dtype).eps
    expected = quiet(expected.astype, A.dtype)
    np.testing.assert_allclose(A[ours], expected[ours], rtol=digits, atol=digits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_masked_entry_gets_nothing_and_the_rest_share_as_if_it_were_not_there(dtype):
    Z = np.array([[1.0, -np.inf, 2.0, -np.inf]], dtype)
    rest = act.softmax(Z[:, [0, 2]])
    np.testing.assert_array_equal(act.softmax(Z), [[rest[0, 0], 0, rest[0, 1], 0]])
    np.testing.assert_array_equal(act.log_softmax(Z)[:, [1, 3]], -np.inf)
    np.testing.assert_array_equal(act.logsumexp(Z), act.logsumexp(Z[:, [0, 2]]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_of_masked_entries_shares_nothing_and_passes_no_gradient(dtype):
    Z = np.full((2, 3), -np.inf, dtype)
    Z[1, 1] = 0
    P = act.softmax(Z)
    np.testing.assert_array_equal(P, [[0, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(act.log_softmax(Z)[0], [-np.inf] * 3)
    np.testing.assert_array_equal(act.logsumexp(Z), [[-np.inf], [0]])
    np.testing.assert_array_equal(act.softmax_backward(np.ones_like(P), P), 0)


def test_a_row_with_infinity_is_no_number_and_stands_out():
    Z = [[np.inf, 7.0, -np.inf], [np.inf, np.inf, 7.0], [7.0, -np.inf, -np.inf]]
    assert np.isnan(act.softmax(Z)).tolist() == [[True] * 3, [True] * 3, [False] * 3]
    assert np.isnan(act.log_softmax(Z)).any(axis=1).tolist() == [True, True, False]
    np.testing.assert_array_equal(act.logsumexp(Z), [[np.inf], [np.inf], [7]])


def test_a_row_without_entries_sums_to_nothing():
    np.testing.assert_array_equal(act.logsumexp(np.zeros((2, 0))), [[-np.inf]] * 2)
    assert act.softmax(np.zeros((2, 0))).shape == act.log_softmax(np.zeros((2, 0))).shape == (2, 0)


def test_the_gradient_of_softmax_takes_whole_numbers():
    np.testing.assert_array_equal(
        act.softmax_backward(np.array([[200, 100]], np.uint8), [[1, 0]]), [[0, 0]]
    )
    with pytest.raises(TypeError, match=r"^dP: expected real numbers"):
        act.softmax_backward(["a"], [1.0])
