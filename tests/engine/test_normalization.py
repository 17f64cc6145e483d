"""BatchNorm, LayerNorm and RMSNorm: examples to redo on paper, running averages, bad input."""

import copy
import pickle
import re

import numpy as np
import pytest

import nnlib as nn

X = np.array([[1.0, 10.0], [5.0, 10.0], [3.0, 40.0]])
TINY = 1e-12


def alone(layer, dtype=np.float64):
    return nn.Sequential(layer, dtype=dtype)


def random_batch(*shape, seed=0):
    return np.random.default_rng(seed).normal(3.0, 2.0, shape)


def test_batch_norm_takes_the_mean_out_of_every_column_and_divides_by_the_deviation():
    Z = alone(nn.BatchNorm(2, eps=TINY)).forward(X, train=True)
    first = [(1 - 3) / np.sqrt(8 / 3), (5 - 3) / np.sqrt(8 / 3), 0]
    second = [(10 - 20) / np.sqrt(200), (10 - 20) / np.sqrt(200), (40 - 20) / np.sqrt(200)]
    np.testing.assert_allclose(Z, np.transpose([first, second]), rtol=1e-12)


def test_batch_norm_then_stretches_and_shifts():
    net = alone(nn.BatchNorm(2, eps=TINY))
    plain = net.forward(X, train=True)
    net.layers[0].gamma, net.layers[0].beta = [2, -3], [10, 20]
    np.testing.assert_allclose(net.forward(X, train=True), plain * [2, -3] + [10, 20], rtol=1e-14)


def test_batch_norm_goes_backward():
    # One column −1, 1, 0 with σ² = 2/3; γ = 2, dZ = 1, 0, 0: Σ dZ = 1 and Σ dZ X̂ = −1/σ.
    net, sigma = alone(nn.BatchNorm(1, eps=TINY)), np.sqrt(2 / 3)
    net.layers[0].gamma = [2.0]
    net.forward(np.array([[-1.0], [1.0], [0.0]]), train=True)
    dX = net.backward(np.array([[1.0], [0.0], [0.0]]), input_grad=True)
    np.testing.assert_allclose(net.layers[0].dgamma, [-1 / sigma], rtol=1e-10)
    np.testing.assert_array_equal(net.layers[0].dbeta, [1])
    X_hat = np.array([-1, 1, 0]) / sigma
    expected = 2 / sigma / 3 * (3 * np.array([1, 0, 0]) - 1 - X_hat * -1 / sigma)
    np.testing.assert_allclose(dX[:, 0], expected, rtol=1e-10, atol=1e-10)


def test_nothing_of_a_shift_or_a_stretch_of_the_batch_comes_through():
    net = alone(nn.BatchNorm(3, eps=TINY))
    batch = random_batch(6, 3)
    net.forward(batch, train=True)
    dX = net.backward(random_batch(6, 3, seed=1), input_grad=True)
    np.testing.assert_allclose(dX.sum(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose((dX * batch).sum(axis=0), 0, atol=1e-9)
    twice = net.forward(2 * batch + 7, train=True)
    np.testing.assert_allclose(twice, net.forward(batch, train=True), rtol=1e-9)


def test_batch_norm_takes_a_channel_as_one_feature():
    images = random_batch(4, 3, 2, 5)
    pixels = images.transpose(0, 2, 3, 1).reshape(-1, 3)
    on_images, on_pixels = alone(nn.BatchNorm(3)), alone(nn.BatchNorm(3))
    for net in (on_images, on_pixels):
        net.params = [1, 2, 3, 4, 5, 6]
    for train in (True, False):
        Z = on_images.forward(images, train=train)
        rows = Z.transpose(0, 2, 3, 1).reshape(-1, 3)
        np.testing.assert_allclose(rows, on_pixels.forward(pixels, train=train), rtol=1e-12)
    np.testing.assert_allclose(on_images.buffers, on_pixels.buffers, rtol=1e-13)


def test_the_running_averages_start_at_mean_0_and_variance_1():
    layer = nn.BatchNorm(2, eps=TINY)
    net = alone(layer)
    np.testing.assert_array_equal(layer.gamma, [1, 1])
    np.testing.assert_array_equal(layer.beta, [0, 0])
    np.testing.assert_array_equal(layer.running_mean, [0, 0])
    np.testing.assert_array_equal(layer.running_var, [1, 1])
    np.testing.assert_allclose(net.forward(X), X, rtol=1e-11)


def test_the_running_averages_move_a_tenth_of_the_way():
    layer = nn.BatchNorm(2)
    alone(layer).forward(X, train=True)
    np.testing.assert_allclose(layer.running_mean, [0.1 * 3, 0.1 * 20], rtol=1e-14)
    unbiased = np.array([8 / 2, 600 / 2])
    np.testing.assert_allclose(layer.running_var, 0.9 + 0.1 * unbiased, rtol=1e-14)


def test_the_running_averages_move_by_the_momentum_they_are_given():
    layer = nn.BatchNorm(2, momentum=0.75)
    net = alone(layer)
    net.forward(X, train=True)
    net.forward(-X, train=True)
    np.testing.assert_allclose(layer.running_mean, [-0.75 * 3 * 0.75, -0.75 * 20 * 0.75])
    assert repr(layer) == "BatchNorm(2, momentum=0.75)"


def test_outside_of_training_the_running_averages_are_used_and_stay():
    layer = nn.BatchNorm(2, eps=0.25)
    net = alone(layer)
    layer.running_mean, layer.running_var = [1, 2], [3.75, 8.75]
    layer.gamma, layer.beta = [2, 3], [10, 20]
    Z = net.forward(np.array([[5.0, -1.0]]))
    np.testing.assert_allclose(Z, [[2 * (5 - 1) / 2 + 10, 3 * (-1 - 2) / 3 + 20]], rtol=1e-15)
    np.testing.assert_array_equal(net.buffers, [1, 2, 3.75, 8.75])


def test_a_prediction_does_not_depend_on_its_neighbours():
    net, batch = alone(nn.BatchNorm(3)), random_batch(6, 3)
    net.forward(batch, train=True)
    np.testing.assert_allclose(net.forward(batch)[[2]], net.forward(batch[[2]]), rtol=1e-15)


@pytest.mark.parametrize("train", [True, False])
def test_a_constant_feature_is_no_division_by_zero(train):
    net = alone(nn.BatchNorm(2))
    Z = net.forward(np.full((4, 2), 7.0), train=train)
    assert np.isfinite(Z).all()
    if train:
        np.testing.assert_array_equal(Z, 0)
        assert np.isfinite(net.backward(np.ones((4, 2)), input_grad=True)).all()


@pytest.mark.parametrize("layer", [nn.BatchNorm(2), nn.LayerNorm(2), nn.RMSNorm(2)], ids=repr)
@pytest.mark.parametrize("size", [1e-150, 1e-10, 1e10, 1e150])
def test_numbers_of_any_size_give_finite_outputs_and_gradients(layer, size):
    layer = copy.deepcopy(layer)
    net = alone(copy.deepcopy(layer))
    Z = net.forward(size * X, train=True)
    dX = net.backward(np.eye(3, 2), input_grad=True)
    assert np.isfinite(Z).all()
    assert np.isfinite(dX).all()
    assert np.isfinite(net.grads).all()


def test_a_large_mean_costs_float32_few_digits():
    batch = 1000 + random_batch(64, 3).astype(np.float32).round(2)
    Z = alone(nn.BatchNorm(3), np.float32).forward(batch, train=True)
    exact = alone(nn.BatchNorm(3)).forward(batch, train=True)
    np.testing.assert_allclose(Z, exact, atol=1e-3)


@pytest.mark.parametrize("shape", [(6, 3), (2, 3, 2, 2), (1, 3, 2, 1)], ids=str)
def test_batch_norm_passes_the_gradient_check_on_rows_and_images(shape):
    net = nn.Sequential(nn.BatchNorm(3), nn.Tanh(), nn.Flatten(), rng=0)
    net.params = random_batch(6, seed=2)
    width = int(np.prod(shape[1:]))
    report = nn.check_gradients(
        net, nn.MeanSquaredError(), random_batch(*shape), np.ones((shape[0], width))
    )
    assert report.ok, report
    if shape != (1, 3, 2, 1):  # of two values the normalized ones are always −1 and 1
        assert report.worst < 1e-7


def test_a_gradient_check_leaves_the_running_averages_alone():
    net = nn.Sequential(nn.BatchNorm(3), nn.Dense(3, 2))
    before = net.buffers.copy()
    nn.check_gradients(net, nn.MeanSquaredError(), random_batch(5, 3), np.ones((5, 2)))
    np.testing.assert_array_equal(net.buffers, before)


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1)], ids=str)
def test_one_value_for_a_feature_is_refused_in_training_and_changes_nothing(shape):
    net = alone(nn.BatchNorm(3))
    net.forward(random_batch(4, *shape[1:]), train=True)
    before = net.buffers.copy()
    message = r"at least two values .* in training, got shape \(1, 3.*BatchNorm\(3\).*larger batch"
    with pytest.raises(ValueError, match=message):
        net.forward(np.ones(shape), train=True)
    np.testing.assert_array_equal(net.buffers, before)
    assert net.forward(np.ones(shape)).shape == shape


def test_one_image_has_many_values_for_a_channel():
    Z = alone(nn.BatchNorm(2)).forward(random_batch(1, 2, 3, 3), train=True)
    np.testing.assert_allclose(Z.mean(axis=(0, 2, 3)), 0, atol=1e-15)


def test_batch_norm_says_how_many_examples_it_needs():
    assert nn.BatchNorm(3).smallest_batch == 2
    assert {layer.smallest_batch for layer in (nn.LayerNorm(3), nn.Dense(2, 3))} == {1}


@pytest.mark.parametrize("shape", [(4,), (4, 3), (2, 3, 3)], ids=str)
def test_another_number_of_features_is_refused(shape):
    message = r"layers\[0\]: BatchNorm\(3\): expected 3 features.* got examples of shape \("
    with pytest.raises(ValueError, match=message):
        alone(nn.BatchNorm(3)).forward(np.ones((5, *shape)))
    with pytest.raises(ValueError, match="expected examples of shape"):
        nn.LayerNorm(3).output_shape(shape)


def test_the_parameters_of_normalization_are_spared_by_weight_decay():
    net = nn.Sequential(
        nn.Dense(2, 24), nn.Reshape(2, 3, 4), nn.LayerNorm(2, 3, 4), nn.BatchNorm(2)
    )
    assert net.matrices == slice(0, 48)
    assert net.params.size == 48 + 24 + 2 * 24 + 2 * 2


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_running_averages_are_copied_saved_and_brought_back(copied):
    net = alone(nn.BatchNorm(2))
    before = net.snapshot()
    net.forward(X, train=True)
    twin = copied(net)
    np.testing.assert_array_equal(twin.layers[0].running_var, net.layers[0].running_var)
    assert np.shares_memory(twin.layers[0].running_mean, twin.buffers)
    net.restore(before)
    np.testing.assert_array_equal(net.layers[0].running_var, [1, 1])
    np.testing.assert_array_equal(twin.astype(np.float32).buffers, twin.buffers.astype(np.float32))


def test_layer_norm_takes_the_mean_out_of_every_row():
    net = alone(nn.LayerNorm(3, eps=TINY))
    net.params = [1, 2, 3, 10, 20, 30]
    Z = net.forward(np.array([[1.0, 5.0, 3.0], [10.0, 10.0, 40.0]]))
    first = np.array([1 - 3, 5 - 3, 3 - 3]) / np.sqrt(8 / 3)
    second = np.array([10 - 20, 10 - 20, 40 - 20]) / np.sqrt(200)
    expected = np.array([first, second]) * [1, 2, 3] + [10, 20, 30]
    np.testing.assert_allclose(Z, expected, rtol=1e-12)


def test_layer_norm_goes_backward():
    # A row −1, 1, 0 with σ² = 2/3; γ = 2, 1, 1, dZ = 1, 0, 3: dX̂ = 2, 0, 3, and so on.
    net, sigma = alone(nn.LayerNorm(3, eps=TINY)), np.sqrt(2 / 3)
    net.layers[0].gamma = [2.0, 1.0, 1.0]
    net.forward(np.array([[-1.0, 1.0, 0.0]]), train=True)
    dX = net.backward(np.array([[1.0, 0.0, 3.0]]), input_grad=True)
    np.testing.assert_allclose(net.layers[0].dgamma, [-1 / sigma, 0, 0], rtol=1e-10)
    np.testing.assert_array_equal(net.layers[0].dbeta, [1, 0, 3])
    X_hat, dX_hat = np.array([-1, 1, 0]) / sigma, np.array([2, 0, 3])
    expected = (3 * dX_hat - 5 - X_hat * (-2 / sigma)) / (3 * sigma)
    np.testing.assert_allclose(dX[0], expected, rtol=1e-10)


def test_layer_norm_takes_all_axes_of_an_example_together():
    net, images = alone(nn.LayerNorm(2, 3, 4)), random_batch(5, 2, 3, 4)
    Z = net.forward(images)
    np.testing.assert_allclose(Z.mean(axis=(1, 2, 3)), 0, atol=1e-14)
    np.testing.assert_allclose(Z.var(axis=(1, 2, 3)), 1, rtol=1e-4)
    assert abs(Z.mean(axis=(2, 3))).max() > 0.01


def test_layer_norm_does_the_same_in_training_and_in_use():
    net, batch = alone(nn.LayerNorm(3)), random_batch(5, 3)
    np.testing.assert_array_equal(net.forward(batch, train=True), net.forward(batch))
    assert net.buffers.size == 0


@pytest.mark.parametrize("layer", [nn.BatchNorm(3), nn.LayerNorm(3)], ids=repr)
def test_the_gradient_of_the_input_is_left_out_on_request(layer):
    layer = copy.deepcopy(layer)
    alone(layer).forward(random_batch(5, 3), train=True)
    assert layer.backward(np.ones((5, 3)), input_grad=False) is None
    np.testing.assert_array_equal(layer.dbeta, [5, 5, 5])


# RMSNorm ---------------------------------------------------------------------------------------


def test_rms_norm_divides_every_row_by_the_root_of_its_mean_square():
    net = alone(nn.RMSNorm(2, eps=TINY))
    np.testing.assert_array_equal(net.params, [1, 1])
    net.params = [2, 3]
    Z = net.forward(np.array([[1.0, -7.0], [3.0, 3.0]]))
    np.testing.assert_allclose(Z, [[2 * 1 / 5, 3 * -7 / 5], [2, 3]], rtol=1e-12)


def test_eps_stands_under_the_root():
    net = alone(nn.RMSNorm(2, eps=0.75))
    np.testing.assert_allclose(net.forward(np.array([[0.5, 0.5]])), [[0.5, 0.5]], rtol=1e-14)


def test_rms_norm_goes_backward():
    # A row 1, −7 with σ = 5; γ = 2, 1, dZ = 1, 3: dX̂ = 2, 3, and Σ dX̂ X̂ = (2 − 21)/5.
    net = alone(nn.RMSNorm(2, eps=TINY))
    net.layers[0].gamma = [2.0, 1.0]
    net.forward(np.array([[1.0, -7.0]]), train=True)
    dX = net.backward(np.array([[1.0, 3.0]]), input_grad=True)
    np.testing.assert_allclose(net.layers[0].dgamma, [1 / 5, -21 / 5], rtol=1e-10)
    mean = (2 - 21) / 5 / 2
    expected = [(2 - 1 / 5 * mean) / 5, (3 + 7 / 5 * mean) / 5]
    np.testing.assert_allclose(dX[0], expected, rtol=1e-10)


def test_rms_norm_is_layer_norm_where_the_mean_is_0_and_keeps_a_shift():
    rows = random_batch(4, 5)
    rows -= rows.mean(axis=1, keepdims=True)
    root, layer = alone(nn.RMSNorm(5)), alone(nn.LayerNorm(5))
    np.testing.assert_allclose(root.forward(rows), layer.forward(rows), rtol=1e-12)
    assert abs(root.forward(rows + 1).mean(axis=1)).min() > 0.1


def test_only_the_size_of_an_example_is_lost():
    net, rows = alone(nn.RMSNorm(3, eps=TINY)), random_batch(4, 3)
    np.testing.assert_allclose(net.forward(100 * rows), net.forward(rows), rtol=1e-12)
    np.testing.assert_allclose((net.forward(rows) ** 2).mean(axis=1), 1, rtol=1e-12)


def test_rms_norm_leaves_the_gradient_of_the_input_out_on_request():
    layer = nn.RMSNorm(3)
    alone(layer).forward(np.eye(3), train=True)
    assert layer.backward(np.ones((3, 3)), input_grad=False) is None
    np.testing.assert_allclose(layer.dgamma, 1 / np.sqrt(1 / 3 + 1e-5), rtol=1e-12)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64])
def test_squares_of_small_integers_do_not_wrap_around(kind):
    layer = nn.RMSNorm(2, eps=TINY)
    alone(layer)
    np.testing.assert_allclose(layer.forward(np.array([[100, 100]], kind)), 1, rtol=1e-12)


@pytest.mark.parametrize("order", ["C", "F"])
def test_rms_norm_of_a_row_of_a_million_keeps_its_digits_in_float32(order):
    d = 10**6
    batch = np.asarray(np.random.default_rng(0).random((2, d), np.float32), order=order)
    Z, dX = [], []
    for dtype in (np.float32, np.float64):
        net = alone(nn.RMSNorm(d), dtype)
        Z.append(net.forward(batch, train=True))
        dX.append(net.backward(batch[::-1], input_grad=True))
    np.testing.assert_allclose(*Z, rtol=1e-6)
    np.testing.assert_allclose(*dX, atol=1e-6)


def test_the_gradient_of_a_scale_keeps_its_digits_over_a_million_examples():
    net = alone(nn.RMSNorm(1, eps=TINY), np.float32)
    net.forward(np.ones((10**6, 1)), train=True)
    net.backward(np.full((10**6, 1), 0.1))
    np.testing.assert_allclose(net.layers[0].dgamma, 1e5, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: nn.BatchNorm(0), ValueError, "d: expected at least 1, got 0"),
        (lambda: nn.BatchNorm(2.5), TypeError, r"d: expected a whole number, got 2\.5 \(float\)"),
        (lambda: nn.BatchNorm(3, momentum=1), ValueError, r"momentum: .* \[0, 1\), got 1"),
        (lambda: nn.BatchNorm(3, momentum=-0.1), ValueError, r"momentum: .* \[0, 1\), got -0\.1"),
        (
            lambda: nn.BatchNorm(3, momentum=None),
            TypeError,
            "momentum: expected a number, got None",
        ),
        (
            lambda: nn.BatchNorm(3, eps=0),
            ValueError,
            r"eps: expected a number in \[1e-38, inf\), got 0",
        ),
        (lambda: nn.LayerNorm(3, eps=-1), ValueError, r"eps: expected .* \[1e-38, inf\), got -1"),
        (lambda: nn.LayerNorm(), ValueError, "shape: expected the size of at least one axis"),
        (lambda: nn.LayerNorm(2, 0), ValueError, r"shape\[1\]: expected at least 1, got 0"),
        (lambda: nn.LayerNorm((2, 3)), TypeError, r"shape\[0\]: expected a whole number"),
        (lambda: nn.RMSNorm(3, eps=0), ValueError, r"eps: expected .* \[1e-38, inf\), got 0"),
        (lambda: nn.RMSNorm([2, 3]), TypeError, r"shape\[0\]: expected a whole number"),
    ],
)
def test_a_bad_argument_is_named_with_what_was_expected_and_what_came(make, kind, message):
    with pytest.raises(kind, match=message):
        make()


def test_a_repr_tells_the_options_that_are_not_the_usual_ones():
    assert repr(nn.BatchNorm(3, momentum=0.2, eps=1e-3)) == (
        "BatchNorm(3, momentum=0.2, eps=0.001)"
    )
    assert repr(nn.LayerNorm(2, 3, eps=1e-3)) == "LayerNorm(2, 3, eps=0.001)"
    assert repr(nn.LayerNorm(2, 3)) == "LayerNorm(2, 3)"
    assert repr(nn.RMSNorm(2, 3)) == "RMSNorm(2, 3)"
    assert repr(nn.RMSNorm(2, eps=1e-3)) == "RMSNorm(2, eps=0.001)"


def test_a_deep_network_with_batch_norm_learns():
    data, y = nn.make_xor(200, noise=0.1, rng=0)
    layers = [nn.Dense(2, 8), nn.BatchNorm(8), nn.ReLU(), nn.Dense(8, 8), nn.BatchNorm(8)]
    net = nn.Sequential(*layers, nn.ReLU(), nn.Dense(8, 2), rng=0)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.1))
    model.fit(data, y, epochs=20, batch_size=20, rng=0, progress=False)
    assert nn.accuracy(y, model.predict(data)) > 0.97


def test_one_example_in_training_is_explained_to_the_letter():
    message = (
        "X: expected at least two values for each feature in training, got shape (1, 2): "
        "BatchNorm(2) needs them for a variance; take a larger batch (add a single last example to "
        "the batch before it), or predict with forward(X)"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        alone(nn.BatchNorm(2)).forward(np.ones((1, 2)), train=True)


# float32: long sums, and the smallest ε.


@pytest.mark.parametrize("shape", [(10**6, 3), (10**5, 3, 5, 2), (1, 3, 1000, 1000)], ids=str)
def test_mean_and_variance_of_a_million_keep_their_digits_in_float32(shape):
    layer = nn.BatchNorm(3, momentum=0.5)
    net = alone(layer, np.float32)
    batch = np.random.default_rng(0).random(shape, np.float32)
    batch[:, 0], batch[:, 1] = 0.1, batch[:, 1] + 100
    axes, exact = (0, *range(2, len(shape))), batch.astype(np.float64)
    Z = net.forward(batch, train=True)
    np.testing.assert_allclose(2 * layer.running_mean, exact.mean(axes), rtol=1e-6)
    np.testing.assert_allclose(2 * layer.running_var - 1, exact.var(axes), rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(Z[:, 0], 0)
    for j in (1, 2):
        np.testing.assert_allclose(Z[:, j].var(dtype=np.float64), 1, rtol=1e-3)
        assert abs(Z[:, j].mean(dtype=np.float64)) < 1e-5 * (1000 if j == 1 else 1)


@pytest.mark.parametrize("order", ["C", "F"])
def test_layer_norm_of_a_row_of_a_million_keeps_its_digits_in_float32(order):
    d = 10**6
    batch = np.random.default_rng(0).random((2, d), np.float32)
    batch[1] = 0.1
    batch, dZ = np.asarray(batch, order=order), np.asarray(batch[::-1], order=order)
    single, exact = alone(nn.LayerNorm(d), np.float32), alone(nn.LayerNorm(d))
    for net in (single, exact):
        net.forward(batch, train=True)
    np.testing.assert_allclose(single.forward(batch), exact.forward(batch), atol=1e-6)
    np.testing.assert_array_equal(single.forward(batch)[1], 0)
    for net in (single, exact):
        net.forward(batch, train=True)
    dX = [net.backward(dZ, input_grad=True) for net in (single, exact)]
    np.testing.assert_allclose(*dX, rtol=1e-4, atol=1e-4)


NORMS = [nn.BatchNorm, nn.LayerNorm]
LEAST = 1e-38


@pytest.mark.parametrize("kind", NORMS)
@pytest.mark.parametrize("eps", [1e-5, 1e-12, 1e-30, LEAST])
def test_equal_values_become_0_in_float32_however_small_eps_is(kind, eps):
    values = np.array([0, 0.1, 1 / 3, -7, 1e-20, 1e15], np.float32)
    batch = np.tile(values, (6, 1))
    batch = batch.T.copy() if kind is nn.LayerNorm else batch
    net = alone(kind(6, eps=eps), np.float32)
    net.params = np.arange(12)
    Z = net.forward(batch, train=True)
    np.testing.assert_array_equal(Z, np.tile(np.arange(6, 12), (6, 1)))
    assert np.isfinite(net.backward(np.eye(6), input_grad=True)).all()
    if kind is nn.BatchNorm:  # after some 1,000 batches the running variance rounds to 0, too
        net.layers[0].running_mean, net.layers[0].running_var = values, np.zeros(6)
        np.testing.assert_array_equal(net.forward(batch), Z)


@pytest.mark.parametrize("kind", [*NORMS, nn.RMSNorm])
@pytest.mark.parametrize("eps", [1e-12, 1e-30, LEAST])
def test_float32_agrees_with_float64_however_small_eps_is(kind, eps):
    batch = random_batch(6, 6).astype(np.float32)
    Z = [alone(kind(6, eps=eps), dtype).forward(batch, train=True) for dtype in ("f", "d")]
    np.testing.assert_allclose(*Z, atol=1e-5)


@pytest.mark.parametrize("kind", [*NORMS, nn.RMSNorm])
@pytest.mark.parametrize("eps", [0, -1e-5, 1e-39, 1e-300, np.nan])
def test_an_eps_that_is_0_in_float32_is_refused_and_the_least_one_is_named(kind, eps):
    with pytest.raises(ValueError, match=r"eps: expected a number in \[1e-38, inf\), got"):
        kind(3, eps=eps)
    assert kind(3, eps=LEAST).eps == LEAST


@pytest.mark.parametrize("kind", [*NORMS, nn.RMSNorm])
def test_a_layer_alone_takes_whole_numbers_as_real_ones(kind):
    layer = kind(2)
    alone(layer)
    whole = np.array([[1, 4], [2, 0], [4, 4]])
    np.testing.assert_array_equal(
        layer.forward(whole, train=True), layer.forward(1.0 * whole, train=True)
    )


LARGE = {np.float32: 1e20, np.float64: 1e160}
"""Their squares are beyond the largest number."""


@pytest.mark.parametrize("dtype", LARGE)
@pytest.mark.parametrize("layer", [nn.BatchNorm, nn.LayerNorm, nn.RMSNorm])
def test_a_variance_that_overflows_is_an_error_not_a_zero(layer, dtype):
    net = nn.Sequential(layer(3), dtype=dtype)
    what = "mean square" if layer is nn.RMSNorm else "variance"
    with pytest.raises(FloatingPointError, match=rf"^{layer.__name__}\(3\): the {what} .*float"):
        net.forward(np.eye(3) * LARGE[dtype], train=True)


@pytest.mark.parametrize("dtype", LARGE)
def test_batch_norm_remembers_nothing_of_a_batch_that_overflows_in_training(dtype):
    net = nn.Sequential(nn.BatchNorm(3), nn.BatchNorm(3), nn.Dense(3, 1), dtype=dtype)
    net.layers[0].gamma = np.full(3, LARGE[dtype])  # the first is well, the second is not
    before = net.snapshot()
    with pytest.raises(FloatingPointError, match=r"^training diverged .* step 1: BatchNorm\(3\)"):
        list(nn.steps(net, nn.Huber(), nn.SGD(), np.eye(3), np.ones(3), epochs=1))
    assert np.array_equal(net.buffers, before.buffers)
    assert np.array_equal(net.params, before.params)
