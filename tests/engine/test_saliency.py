"""The gradient of the loss with respect to the inputs, example by example, in test mode."""

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.parts import LOSSES
from tests.helpers.rows import Rows

rng = np.random.default_rng(0)
X, y = rng.normal(size=(9, 4)), np.arange(9) % 3


def model(**options):
    layers = nn.Dense(4, 6), nn.BatchNorm(6), nn.Tanh(), nn.Dropout(0.5), nn.Dense(6, 3)
    made = nn.Model(nn.Sequential(*layers, rng=2), nn.SoftmaxCrossEntropy(), nn.Adam(), **options)
    made.fit(X, y, epochs=1)
    return made


def test_each_row_is_the_slope_of_its_own_loss_in_test_mode():
    made = model()
    G = nn.input_gradient(made, X, y)
    for r in range(len(X)):
        loss = lambda x, r=r: made.loss.value(made.net.forward(x[np.newaxis]), y[r : r + 1])  # noqa: E731
        assert nn.relative_error(G[r], nn.numerical_gradient(loss, X[r])) < 1e-8


@pytest.mark.parametrize("part", [p for p in LOSSES if p.name != "CrossEntropy"], ids=str)
def test_it_is_right_with_every_loss(part):
    loss, draw = part.make(), np.random.default_rng(1)
    k, targets = part.inputs(draw, 1).shape[1], part.targets(draw, 9)
    made = nn.Model(nn.Sequential(nn.Dense(4, k), rng=3), loss, nn.SGD())
    G = nn.input_gradient(made, X, targets)
    weight = [loss.total_weight(targets[r : r + 1]) for r in range(9)]

    def value(x):  # without the mean
        return sum(
            loss.value(made.net.forward(x[r : r + 1]), targets[r : r + 1]) * weight[r]
            for r in range(9)
        )

    assert nn.relative_error(G, nn.numerical_gradient(value, X)) < 1e-7


def test_the_model_is_not_touched():
    made = model()
    made.net.layers[1].frozen = True
    params, buffers = made.net.params.copy(), made.net.buffers.copy()
    cache = [layer.cache for layer in made.net.layers]
    state = made.net.layers[3].rng.bit_generator.state
    nn.input_gradient(made, X, y)
    np.testing.assert_array_equal(made.net.params, params)
    np.testing.assert_array_equal(made.net.buffers, buffers)
    assert [layer.cache is kept for layer, kept in zip(made.net.layers, cache, strict=True)]
    assert made.net.layers[3].rng.bit_generator.state == state
    assert [layer.frozen for layer in made.net.layers] == [False, True, False, False, False]


def test_it_does_not_depend_on_the_batches():
    big, labels = np.repeat(X, 300, axis=0), np.repeat(y, 300)
    made = model()
    G = nn.input_gradient(made, big, labels)
    np.testing.assert_allclose(G[::300], nn.input_gradient(made, X, y), rtol=1e-12, atol=1e-15)


def test_images_keep_their_shape_and_their_dtype():
    net = nn.Sequential(
        nn.Conv2D(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Dense(8, 2), dtype=np.float32
    )
    made = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD())
    G = nn.input_gradient(made, np.ones((3, 1, 4, 4)), [0, 1, 0])
    assert G.shape == (3, 1, 4, 4)
    assert G.dtype == np.float32


def test_a_model_that_prepares_and_names_classes_is_asked_about_its_own_inputs():
    standardize = nn.Standardize.fit(5 + 3 * X)
    made = model(prepare=standardize)
    made.classes = np.array(["a", "b", "c"])
    G = nn.input_gradient(made, 5 + 3 * X, made.classes[y])
    made.prepare = made.classes = None
    np.testing.assert_allclose(G, nn.input_gradient(made, standardize(5 + 3 * X), y))


def test_rows_that_are_read_one_by_one_give_the_same():
    made = model()
    np.testing.assert_array_equal(
        nn.input_gradient(made, Rows(X), y), nn.input_gradient(made, X, y)
    )


def test_a_model_is_asked_for_and_data_that_fit():
    with pytest.raises(TypeError, match="model: expected a Model"):
        nn.input_gradient(model().net, X, y)
    with pytest.raises(ValueError, match=r"X: expected shape \(n, 4\)"):
        nn.input_gradient(model(), X[:, :3], y)
    with pytest.raises(ValueError, match="y: expected class labels from 0 to 2"):
        nn.input_gradient(model(), X, y + 1)


def test_a_diverged_network_is_said_to_be_one():
    made = nn.Model(nn.Sequential(nn.Dense(4, 3)), nn.SoftmaxCrossEntropy(), nn.SGD())
    made.net.params *= 1e308
    with pytest.raises(FloatingPointError, match="gradient of the inputs of the network can no"):
        nn.input_gradient(made, 1e3 * X, y)
