"""Gradient checking: right where gradients are right, and wrong where a bug is planted."""

import numpy as np
import pytest

import nnlib as nn
from nnlib.gradcheck import CheckedArray, GradientReport

rng = np.random.default_rng(0)
X = rng.normal(size=(7, 5))
y = rng.integers(3, size=7)


class NoBiasGradient(nn.Dense):
    def backward(self, dZ, *, input_grad=True):
        dX = super().backward(dZ, input_grad=input_grad)
        self.db = np.zeros_like(self.db)
        return dX


class TransposedWeights(nn.Dense):
    def backward(self, dZ, *, input_grad=True):
        super().backward(dZ)
        return dZ @ self.W


class TransposedGradient(nn.Dense):
    def backward(self, dZ, *, input_grad=True):
        dX = super().backward(dZ, input_grad=input_grad)
        self.dW = self.dW.T
        return dX


class MaskAtLeastZero(nn.ReLU):
    def backward(self, dA, *, input_grad=True):
        return dA * (self.cached() >= 0)


class Sum(nn.SoftmaxCrossEntropy):
    def value_and_grad(self, Z, y):
        value, dZ = super().value_and_grad(Z, y)
        return value, dZ * len(y)


class Uphill(nn.SoftmaxCrossEntropy):
    def value_and_grad(self, Z, y):
        value, dZ = super().value_and_grad(Z, y)
        return value, -dZ


class NotANumber(nn.ReLU):
    def backward(self, dA, *, input_grad=True):
        dZ = super().backward(dA)
        dZ[0, 0] = np.nan
        return dZ


def network(*layers, dtype=np.float64):
    """Layers in a row, all parameters random, biases too."""
    net = nn.Sequential(*layers, dtype=dtype)
    net.params = np.random.default_rng(1).normal(size=net.params.size)
    return net


def check(*layers, loss=None, dtype=np.float64, **options):
    net = network(*layers, dtype=dtype)
    return nn.check_gradients(net, loss or nn.SoftmaxCrossEntropy(), X, y, **options)


def wrong(report):
    """The rows in which a report finds a mistake: where and which array."""
    return [(row.layer.split()[0], row.name) for row in report.rows if row.mark == "WRONG"]


EVERYTHING = [("input", "X"), ("0", "W"), ("0", "b"), ("2", "W"), ("2", "b")]


def test_the_slope_of_a_square_is_twice_the_place():
    gradient = nn.numerical_gradient(lambda x: (x**2).sum(), [[1.0, -2.0], [0.0, 5.0]])
    np.testing.assert_allclose(gradient, [[2, -4], [0, 10]], rtol=1e-9, atol=1e-12)


def test_the_slope_of_a_product_is_the_other_factor():
    gradient = nn.numerical_gradient(lambda x: x[0] * x[1] + 7, np.array([3, 5]))
    np.testing.assert_allclose(gradient, [5, 3], rtol=1e-9)
    assert gradient.dtype == np.float64


def test_central_differences_are_exact_for_a_parabola_and_off_by_eps_squared_for_a_cube():
    assert nn.numerical_gradient(lambda x: x**2, 3.0, eps=0.5) == 6
    assert nn.numerical_gradient(lambda x: x**3, 3.0, eps=0.5) == 27 + 0.5**2


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (2, 1, 3), (0,)])
def test_the_shape_is_kept(shape):
    x = np.random.default_rng(2).normal(size=shape)
    gradient = nn.numerical_gradient(lambda x: np.sin(x).sum(), x)
    assert gradient.shape == shape
    np.testing.assert_allclose(gradient, np.cos(x), rtol=1e-8)


def test_the_place_is_not_modified():
    x = np.array([1.0, 2.0])
    x.flags.writeable = False
    nn.numerical_gradient(lambda x: x.sum(), x)
    np.testing.assert_array_equal(x, [1, 2])


def test_every_evaluation_moves_one_entry_only():
    places = []

    def f(x):
        places.append(x.copy())
        return 0.0

    nn.numerical_gradient(f, [1.0, 2.0], eps=0.5)
    np.testing.assert_array_equal(places, [[1.5, 2], [0.5, 2], [1, 2.5], [1, 1.5]])


@pytest.mark.parametrize("f", [lambda x: x, lambda x: x[:1], lambda x: np.outer(x, x)])
def test_a_function_with_many_values_is_refused(f):
    with pytest.raises(TypeError, match=r"f: expected .* one number, got shape \(.*sum or average"):
        nn.numerical_gradient(f, [1.0, 2.0])


def test_a_function_that_returns_nothing_is_refused():
    with pytest.raises(TypeError, match="f: expected a function that returns one number, got None"):
        nn.numerical_gradient(lambda x: None, [1.0, 2.0])


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"eps": 0}, ValueError, r"eps: expected a number in \(0, inf\), got 0"),
        ({"eps": -1e-5}, ValueError, r"eps: expected a number in \(0, inf\), got -1e-05"),
        ({"eps": "small"}, TypeError, "eps: expected a number, got 'small'"),
        ({"x": ["a"]}, TypeError, "x: expected real numbers, got dtype <U1"),
    ],
)
def test_bad_arguments_of_a_numerical_gradient_are_named(options, kind, message):
    with pytest.raises(kind, match=message):
        nn.numerical_gradient(**{"f": lambda x: 0.0, "x": [1.0]} | options)


def test_the_relative_error_by_hand():
    # ‖a − n‖ = 5, ‖a‖ = 5, ‖n‖ = 10
    assert nn.relative_error([3, 4], [6, 8]) == 5 / 15


def test_the_relative_error_is_0_for_equal_and_1_for_unrelated_or_opposite_arrays():
    a = np.array([[1.0, -2.0]])
    assert nn.relative_error(a, a) == 0
    assert nn.relative_error(a, -a) == 1
    assert nn.relative_error(a, 0 * a) == 1
    assert nn.relative_error(0 * a, 0 * a) == 0
    assert type(nn.relative_error(a, -a)) is float


def test_the_relative_error_knows_neither_order_nor_unit():
    a, n = np.random.default_rng(3).normal(size=(2, 6))
    assert nn.relative_error(a, n) == nn.relative_error(n, a)
    assert nn.relative_error(1e-9 * a, 1e-9 * n) == pytest.approx(nn.relative_error(a, n))
    assert 0 < nn.relative_error(a, n) < 1


def test_arrays_of_different_shapes_are_refused():
    message = r"a and n: expected two arrays of one shape, got \(3,\) and \(3, 1\)"
    with pytest.raises(ValueError, match=message):
        nn.relative_error(np.ones(3), np.ones((3, 1)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_right_network_passes_in_every_dtype(dtype):
    report = check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), dtype=dtype)
    assert report.ok, report
    assert report.worst < 1e-7
    assert [(row.layer.split()[0], row.name) for row in report.rows] == EVERYTHING
    assert [row.checked for row in report.rows] == [35, 20, 4, 12, 3]


def test_a_network_of_float32_is_neither_converted_nor_changed():
    net = network(nn.Dense(5, 4), nn.ReLU(), nn.Dense(4, 3), dtype=np.float32)
    before, X_before = net.params.copy(), X.copy()
    nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y)
    assert net.dtype == net.params.dtype == np.float32
    np.testing.assert_array_equal(net.params, before)
    np.testing.assert_array_equal(X, X_before)
    assert not net.grads.any()


def test_a_missing_bias_gradient_is_found():
    report = check(nn.Dense(5, 4), nn.Tanh(), NoBiasGradient(4, 3))
    assert not report.ok
    assert wrong(report) == [("2", "b")]
    assert report.worst == 1


def test_a_product_with_weights_that_are_not_transposed_is_found_below():
    report = check(nn.Dense(5, 3), nn.Tanh(), TransposedWeights(3, 3))
    assert wrong(report) == [("input", "X"), ("0", "W"), ("0", "b")]


def test_a_transposed_gradient_of_a_square_matrix_is_found():
    report = check(nn.Dense(5, 3), nn.Tanh(), TransposedGradient(3, 3))
    assert wrong(report) == [("2", "W")]


def test_a_relu_mask_that_lets_everything_pass_is_found_below():
    report = check(nn.Dense(5, 4), MaskAtLeastZero(), nn.Dense(4, 3))
    assert wrong(report) == [("input", "X"), ("0", "W"), ("0", "b")]


def test_a_missing_division_by_n_is_found_everywhere():
    report = check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), loss=Sum())
    assert wrong(report) == EVERYTHING
    # ‖7g − g‖ / (‖7g‖ + ‖g‖) = 6/8
    assert [row.error for row in report.rows] == pytest.approx([6 / 8] * 5)


def test_a_wrong_sign_is_found_everywhere():
    report = check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), loss=Uphill())
    assert wrong(report) == EVERYTHING
    assert [row.error for row in report.rows] == pytest.approx([1] * 5)


def test_a_gradient_that_is_not_a_number_is_found_and_is_the_worst():
    report = check(nn.Dense(5, 4), NotANumber(), nn.Dense(4, 3))
    assert wrong(report) == [("input", "X"), ("0", "W"), ("0", "b")]
    assert np.isnan(report.worst)


def test_the_worst_error_is_not_a_number_wherever_that_stands():
    rows = [CheckedArray("WRONG", "input", "X", (1,), 1, error) for error in (0.1, np.nan)]
    assert np.isnan(GradientReport(tuple(rows), 1e-7).worst)


def test_a_mistake_is_found_however_small_the_unit_of_the_targets_is():
    class Uphill(nn.MeanSquaredError):
        def value_and_grad(self, Z, y):
            value, dZ = super().value_and_grad(Z, y)
            return value, -dZ

    net = network(nn.Dense(5, 3))
    net.params *= 1e-7
    targets = 1e-7 * np.random.default_rng(4).normal(size=(7, 3))
    assert nn.check_gradients(net, nn.MeanSquaredError(), X, targets).ok
    assert not nn.check_gradients(net, Uphill(), X, targets).ok


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_a_mistake_of_one_part_in_a_million_is_found(scale):
    class Nearly(nn.MeanSquaredError):
        def value_and_grad(self, Z, y):
            value, dZ = super().value_and_grad(Z, y)
            return value, dZ * (1 + 1e-6)

    net = network(nn.Dense(5, 3))
    targets = scale * np.random.default_rng(4).normal(size=(7, 3))
    net.params *= scale
    assert nn.check_gradients(net, nn.MeanSquaredError(), X, targets).ok
    assert not nn.check_gradients(net, Nearly(), X, targets).ok


def test_a_large_array_is_sampled_and_the_report_says_so():
    net = network(nn.Dense(200, 30), nn.Tanh(), nn.Dense(30, 3))
    wide = np.random.default_rng(5).normal(size=(4, 200))
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), wide, y[:4])
    assert report.ok, report
    checked = {(row.layer.split()[0], row.name): row.checked for row in report.rows}
    assert 80 <= checked["0", "W"] <= 100
    assert checked["0", "b"] == 30
    assert f"{checked['0', 'W']} of 6000" in repr(report)


def test_the_number_of_samples_is_a_choice():
    def checked(samples):
        return [row.checked for row in check(nn.Dense(5, 3), samples=samples).rows]

    assert checked(35) == [35, 15, 3]
    assert checked(1) == [1, 1, 1]
    assert all(c <= 10 for c in checked(10))


def test_a_mistake_in_half_of_a_large_array_is_found_by_sampling():
    class HalfOfTheRows(nn.Dense):
        def backward(self, dZ, *, input_grad=True):
            dX = super().backward(dZ)
            self.dW[::2] = 0
            return dX

    report = check(HalfOfTheRows(5, 60), nn.Tanh(), nn.Dense(60, 3))
    assert wrong(report) == [("0", "W")]


def test_samples_prefer_gradients_that_are_not_zero():
    alive = np.zeros((1, 500))
    alive[0, :3] = 1
    net = network(nn.Dense(500, 3))
    report = nn.check_gradients(net, Uphill(), alive, y[:1])
    assert wrong(report) == [("input", "X"), ("0", "W"), ("0", "b")]


def test_a_large_array_without_any_gradient_is_checked_too():
    class Nothing(nn.Dense):
        def backward(self, dZ, *, input_grad=True):
            dX = super().backward(dZ)
            self.dW = np.zeros_like(self.dW)
            return dX

    report = check(Nothing(5, 60), nn.Tanh(), nn.Dense(60, 3))
    assert wrong(report) == [("0", "W")]


def test_the_same_seed_checks_the_same_entries():
    def errors(rng):
        report = check(nn.Dense(5, 60), nn.Tanh(), nn.Dense(60, 3), samples=10, rng=rng)
        return [row.error for row in report.rows]

    assert errors(0) == errors(0) == errors(np.random.default_rng(0))
    assert errors(0) != errors(1)


def test_a_report_prints_as_a_table():
    rows = (
        CheckedArray("ok", "input", "X", (8, 784), 97, 2.345e-10),
        CheckedArray("ok", "0 Dense(784, 3)", "W", (784, 3), 100, 0.0),
        CheckedArray("WRONG", "0 Dense(784, 3)", "b", (3,), 3, 0.5),
    )
    assert repr(GradientReport(rows, 1e-7)).splitlines() == [
        "       layer            array  shape     checked      relative error",
        "ok     input            X      (8, 784)  97 of 6272   2e-10",
        "ok     0 Dense(784, 3)  W      (784, 3)  100 of 2352  0",
        "WRONG  0 Dense(784, 3)  b      (3,)      3 of 3       5e-01",
        "at least one gradient is wrong (1e-07)",
    ]
    assert repr(GradientReport(rows[:2], 1e-6)).splitlines() == [
        "    layer            array  shape     checked      relative error",
        "ok  input            X      (8, 784)  97 of 6272   2e-10",
        "ok  0 Dense(784, 3)  W      (784, 3)  100 of 2352  0",
        "all gradients agree (1e-06)",
    ]


def test_a_report_says_what_could_not_be_checked():
    tiny = CheckedArray("tiny", "input", "X", (8, 3), 24, 0.5)
    kink = CheckedArray("kink", "0 Dense(3, 2)", "b", (2,), 0, 0.0)
    agree, small = repr(GradientReport((tiny,), 1e-7)).splitlines()[-2:]
    assert agree == "all gradients agree (1e-07)"
    assert small == "tiny: these gradients are too small to be told from rounding"
    assert GradientReport((tiny,), 1e-7).ok
    assert "all gradients agree" not in repr(GradientReport((tiny, kink), 1e-7))
    assert "kink: no derivative exists where" in repr(GradientReport((tiny, kink), 1e-7))
    assert not GradientReport((tiny, kink), 1e-7).ok


def test_only_a_network_and_a_loss_can_be_checked():
    net = network(nn.Dense(5, 3))
    with pytest.raises(TypeError, match="net: expected a Sequential"):
        nn.check_gradients(nn.Dense(5, 3), nn.SoftmaxCrossEntropy(), X, y)
    with pytest.raises(TypeError, match="loss: expected a Loss, got 'mse'"):
        nn.check_gradients(net, "mse", X, y)


def test_the_tolerance_is_a_choice():
    assert not check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), tolerance=1e-15, eps=1e-2).ok
    assert check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), tolerance=1e-2, eps=1e-2).ok


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"eps": 0}, ValueError, r"eps: expected a number in \[1e-08, inf\), got 0"),
        ({"eps": 1e-12}, ValueError, r"eps: expected a number in \[1e-08, inf\), got 1e-12"),
        ({"tolerance": 0}, ValueError, r"tolerance: expected a number in \(0, inf\), got 0"),
        ({"samples": 0}, ValueError, "samples: expected at least 1, got 0"),
        ({"samples": 2.5}, TypeError, r"samples: expected a whole number, got 2\.5"),
        ({"rng": None}, TypeError, "rng: expected an int .*, got None"),
    ],
)
def test_bad_arguments_of_a_gradient_check_are_named(options, kind, message):
    with pytest.raises(kind, match=message):
        check(nn.Dense(5, 3), **options)


@pytest.mark.parametrize("distance", [3e-6, -3e-6, 9e-6, 3e-7])
@pytest.mark.parametrize("kind", [nn.ReLU, nn.LeakyReLU])
def test_a_kink_that_lies_within_a_nudge_is_no_mistake(kind, distance):
    net = network(nn.Dense(5, 4), kind(), nn.Dense(4, 3))
    first = net.layers[0]
    first.b -= (X @ first.W + first.b)[0] - distance
    loss = nn.SoftmaxCrossEntropy()

    _, dZ = loss.value_and_grad(net.forward(X, train=True), y)
    dX = net.backward(dZ, input_grad=True)
    measured = nn.numerical_gradient(lambda X: loss.value(net.forward(X), y), X)
    assert nn.relative_error(dX, measured) > 1e-3

    report = nn.check_gradients(net, loss, X, y)
    assert report.ok, report


class HalfBias(nn.Dense):
    """Its db is half of what it should be."""

    def backward(self, dZ, *, input_grad=True):
        dX = super().backward(dZ)
        self.db = self.db / 2
        return dX


@pytest.mark.parametrize("seed", [11, 15, 27, 37, 45, 46])
def test_in_a_smooth_network_no_mistake_is_taken_for_a_kink(seed):
    # In these networks the second derivative of one entry lies just where rounding begins.
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(11, 5)), rng.integers(3, size=11)
    layers = nn.Dense(5, 7), nn.Tanh(), HalfBias(7, 7), nn.Tanh(), nn.Dense(7, 3)
    net = nn.Sequential(*layers, rng=seed)
    net.params = rng.normal(size=net.params.size)
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y)
    (wrong,) = (row for row in report.rows if row.mark != "ok")
    assert (wrong.mark, wrong.name, wrong.checked) == ("WRONG", "b", 7)


def test_a_mistake_beside_a_kink_is_still_found():
    net = network(nn.Dense(5, 4), MaskAtLeastZero(), nn.Dense(4, 3))
    first = net.layers[0]
    first.b -= (X @ first.W + first.b)[0] + 3e-6
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X[:1], y[:1])
    assert wrong(report) == [("input", "X"), ("0", "W"), ("0", "b")]


def test_a_new_network_at_the_corners_of_xor_is_not_called_wrong():
    # With biases of 0 the example (0, 0) lies exactly on the kink of every unit, and every bias
    # of the first layer moves it.
    corners, odd = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
    net = nn.Sequential(nn.Dense(2, 8), nn.ReLU(), nn.Dense(8, 2))
    report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), corners, odd)
    assert [(row.mark, row.checked) for row in report.rows] == [
        ("ok", 6),
        ("ok", 16),
        ("kink", 0),
        ("ok", 16),
        ("ok", 2),
    ]
    assert not report.ok
    net.layers[0].b = np.linspace(0.1, 0.8, 8)
    assert nn.check_gradients(net, nn.SoftmaxCrossEntropy(), corners, odd).ok


def test_a_loss_that_is_never_twice_the_same_is_found():
    class Restless(nn.SoftmaxCrossEntropy):
        def value(self, Z, y, noise=np.random.default_rng(6)):  # noqa: B008
            return super().value(Z, y) + 1e-3 * noise.normal()

    report = check(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), loss=Restless())
    assert wrong(report) == EVERYTHING


def test_dead_units_and_saturated_outputs_agree_on_nothing_to_learn():
    net = network(nn.Dense(5, 4), nn.ReLU(), nn.Dense(4, 3))
    net.layers[0].b = [-100] * 4
    assert nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y).ok
    net = network(nn.Dense(5, 4), nn.Sigmoid(), nn.Dense(4, 3))
    net.layers[2].b = [40, 0, 0]
    assert nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, 0 * y).ok


# float32, and nudges that are lost.


def losses_of(net):
    """Functions of a network's input and of its parameters, each with the place and the slope."""
    loss = nn.SoftmaxCrossEntropy()
    exact = net.astype(np.float64)
    _, dZ = loss.value_and_grad(exact.forward(X, train=True), y)
    dX = exact.backward(dZ, input_grad=True)
    start = net.params.copy()

    def of_parameters(θ):
        net.params = θ
        value = loss.value(net.forward(X), y)
        net.params = start
        return value

    return [
        (lambda X: loss.value(net.forward(X), y), X, dX),
        (of_parameters, start.astype(np.float64), exact.grads),
    ]


@pytest.mark.parametrize("which", [0, 1], ids=["input", "parameters"])
@pytest.mark.parametrize("eps", [1e-5, 1e-4, 1e-7, 1e-9, 1e-12])
def test_a_network_of_float32_is_refused_and_both_remedies_work(which, eps):
    net = network(nn.Dense(5, 4), nn.Tanh(), nn.Dense(4, 3), dtype=np.float32)
    f, x, slope = losses_of(net)[which]
    message = r"f: .* rounded to float32.*: use net\.astype\(numpy\.float64\), or eps=4e-3"
    with pytest.raises(ValueError, match=message):
        nn.numerical_gradient(f, x, eps)
    assert nn.relative_error(nn.numerical_gradient(f, x, eps=4e-3), slope) < 1e-3
    f, x, slope = losses_of(net.astype(np.float64))[which]
    assert nn.relative_error(nn.numerical_gradient(f, x), slope) < 1e-8


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.float32((x**2).sum()),
        lambda x: (x.astype(np.float32) ** 2).sum(),
        lambda x: float(np.tanh(np.asarray(x, np.float32)).mean()),
        lambda x: (x.astype(np.float16) ** 2).sum(),
    ],
)
def test_a_function_that_rounds_to_float32_or_less_is_refused(f):
    with pytest.raises(ValueError, match="f: expected a function that computes in float64"):
        nn.numerical_gradient(f, [1.3, -0.7])


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: 0.0, [0, 0]),
        (lambda x: 1.0, [0, 0]),
        (lambda x: float(x[0] > 0), [0, 0]),
        (lambda x: x[0], [1, 0]),
        (lambda x: 2 * x[1] - x[0], [-1, 2]),
        (lambda x: np.maximum(x, 0).sum(), [1, 0]),
        (lambda x: 1e300 * x[0], [1e300, 0]),
    ],
)
@pytest.mark.parametrize("x", [[1, -2], [0.5, -0.25], np.array([1, -2], np.float32)], ids=str)
def test_simple_numbers_are_not_taken_for_float32(f, slope, x):
    np.testing.assert_allclose(nn.numerical_gradient(f, x), slope, rtol=1e-9)


def test_a_place_in_float32_is_measured_in_float64():
    x = np.array([1.3, -0.7], np.float32)
    gradient = nn.numerical_gradient(lambda x: (x**3).sum(), x)
    np.testing.assert_allclose(gradient, 3 * x.astype(float) ** 2, rtol=1e-8)


@pytest.mark.parametrize(
    ("x", "eps"), [(1e12, 1e-5), (1e9, 1e-5), (-1e300, 1e-5), (1.0, 1e-14), (1.0, 1e-20)]
)
def test_a_nudge_that_is_lost_is_refused_and_the_remedy_works(x, eps):
    with pytest.raises(ValueError, match=r"eps: expected at least .* in x, got") as refused:
        nn.numerical_gradient(lambda x: (3 * x).sum(), [0.5, x], eps=eps)
    remedy = float(str(refused.value).partition("use eps=")[2].partition(",")[0])
    gradient = nn.numerical_gradient(lambda x: (3 * x)[1], [0.5, x], eps=remedy)
    np.testing.assert_allclose(gradient, [0, 3], rtol=0.01)


def test_tiny_nudges_beside_tiny_numbers_are_fine():
    gradient = nn.numerical_gradient(lambda x: (x**2).sum(), [1e-20, 0.0], eps=1e-25)
    np.testing.assert_allclose(gradient, [2e-20, 0], rtol=1e-4)


def test_inputs_beside_which_the_nudge_is_lost_are_refused_and_the_remedies_work():
    net = network(nn.Dense(5, 3))
    net.params[:15] /= 1e9
    loss = nn.SoftmaxCrossEntropy()
    with pytest.raises(ValueError, match=r"eps: expected at least .* in X, got 1e-05.*or scale X"):
        nn.check_gradients(net, loss, 1e9 * X, y)
    net.params[:15] *= 1e9
    assert nn.check_gradients(net, loss, X, y).ok


@pytest.mark.parametrize("eps", [1e-300, 1e-20, 1e-12, 9e-9])
def test_a_nudge_with_which_every_mistake_would_be_rounding_is_refused(eps):
    layers = nn.Dense(5, 4), nn.Tanh(), NoBiasGradient(4, 3)
    with pytest.raises(ValueError, match=r"eps: expected a number in \[1e-08, inf\), got"):
        check(*layers, eps=eps)
    assert wrong(check(nn.Dense(5, 4), nn.Tanh(), NoBiasGradient(4, 3), eps=1e-8)) == [("2", "b")]


@pytest.mark.parametrize("unit", [1e-320, 1e-200, 1e200, 1e307])
def test_the_relative_error_does_not_depend_on_the_unit_however_small_or_large(unit):
    a, n = np.array([3.0, 4.0]) * unit, np.array([6.0, 8.0]) * unit
    assert nn.relative_error(a, n) == pytest.approx(1 / 3, rel=1e-3)
    assert nn.relative_error(a, -a) == 1
    assert nn.relative_error(a, a) == 0


def test_the_relative_error_to_what_is_not_finite_is_nan():
    assert np.isnan(nn.relative_error([np.nan], [1.0]))
    assert np.isnan(nn.relative_error([np.inf], [1.0]))


def test_no_slope_is_measured_where_x_is_not_finite():
    with pytest.raises(ValueError, match=r"^x: expected finite numbers, got nan at x\[1\]"):
        nn.numerical_gradient(np.sum, [1.0, np.nan])


@pytest.mark.parametrize("value", ["1.0", 1j, True, [1.0], np.array(1j), {1: 2}, len])
def test_a_function_that_returns_no_real_number_is_refused(value):
    with pytest.raises(TypeError, match=r"^f: expected a function that returns one number, got"):
        nn.numerical_gradient(lambda x: value, [1.0])
