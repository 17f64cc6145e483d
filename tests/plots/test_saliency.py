import copy
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib as nn
from nnlib import plots
from nnlib.plots import saliency

LOSS = nn.SoftmaxCrossEntropy()
ROW = np.array([0.0, 1.0, 0.5, 0.0, 0.25, 0.75])


def model(*layers, loss=LOSS, prepare=None, classes=None):
    net = nn.Sequential(*(layers or [nn.Dense(6, 3)]))
    return nn.Model(net, loss, nn.SGD(0.1), prepare=prepare, classes=classes)


def convolution(c=1, **options):
    return model(nn.Conv2D(c, 2, 2), nn.Tanh(), nn.Flatten(), nn.Dense(18, 3), **options)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def scale_of(ax):
    (bar,) = [other for other in ax.figure.axes if other is not ax]
    return bar


def test_the_image_stands_beside_the_size_of_the_gradient_at_each_pixel():
    asked = model()
    ax = saliency(asked, ROW, 2, shape=(2, 3))
    image, shown = ax.images
    W, P = asked.net.layers[0].W, asked.predict_proba(ROW[np.newaxis])[0]
    by_hand = np.abs(W @ (P - [0, 0, 1])).reshape(2, 3)  # ∂L/∂x = W (p − y)
    np.testing.assert_allclose(shown.get_array(), by_hand, rtol=1e-12)
    np.testing.assert_array_equal(image.get_array(), ROW.reshape(2, 3))
    assert shown.get_clim() == pytest.approx((0, by_hand.max()))
    assert image.get_clim() == (0, 1)
    assert texts(ax) == ["x, y = 2", "|∂L/∂x|"]
    assert scale_of(ax).get_ylabel() == "|∂L/∂x| (nats per unit of x)"


def test_another_target_gives_another_picture():
    asked = model()
    one, two = (saliency(asked, ROW, y, shape=(2, 3)).images[1].get_array() for y in (0, 1))
    assert not np.allclose(one, two)


def test_of_channels_the_largest_gradient_is_shown_and_colours_are_scaled():
    asked, x = convolution(3), 255 * np.random.default_rng(0).uniform(size=(3, 4, 4))
    image, shown = saliency(asked, x, 1).images
    G = nn.input_gradient(asked, x[np.newaxis], [1])[0]
    np.testing.assert_array_equal(shown.get_array(), np.abs(G).max(axis=0))
    assert image.get_array().shape == (4, 4, 3)
    assert 0 == image.get_array().min() < image.get_array().max() == 1


def test_rows_that_are_prepared_as_images_are_drawn_as_these():
    x = np.arange(16.0)
    asked = convolution(prepare=nn.Pixels(1, 4, 4, white=15))
    image, shown = saliency(asked, x, 1).images
    np.testing.assert_array_equal(image.get_array(), x.reshape(4, 4))  # as it was, not prepared
    G = nn.input_gradient(asked, x[np.newaxis], [1])
    np.testing.assert_array_equal(shown.get_array(), np.abs(G[0, 0]))


class Inner(nn.preparation.Preparation):
    """Cuts off a border of one pixel."""

    def prepared(self, X):
        return X[:, :, 1:-1, 1:-1]


def test_where_the_preparation_leaves_pixels_out_what_the_network_sees_is_drawn():
    x = np.arange(36.0).reshape(1, 6, 6)
    image, shown = saliency(convolution(prepare=Inner()), x, 1).images
    np.testing.assert_array_equal(image.get_array(), x[0, 1:-1, 1:-1])
    assert shown.get_array().shape == (4, 4)


def test_the_outline_of_the_image_lies_on_its_saliency():
    x = np.zeros((1, 4, 4))
    x[0, 1:3, 1:3] = 1  # a square of 2×2 pixels
    ax = saliency(convolution(), x, 0)
    (line,) = ax.collections
    left, _, _, top = ax.images[1].get_extent()
    (x0, y0), (x1, y1) = (
        line.get_paths()[0].vertices.min(axis=0),
        line.get_paths()[0].vertices.max(0),
    )
    assert (x0 - left, y0 - top, x1 - left, y1 - top) == pytest.approx((0.25, 0.25, 0.75, 0.75))
    assert not saliency(convolution(), np.ones((1, 4, 4)), 0).collections  # no outline at all
    assert not saliency(model(), ROW, 0, shape=(1, 6)).collections


def test_targets_are_those_that_the_model_learns_from():
    named = model(classes=["ant", "bee", "$c$"])
    numbered = saliency(model(), ROW, 2, shape=(2, 3))
    for y in ("$c$", ["$c$"], np.array("$c$")):
        ax = saliency(named, ROW, y, shape=(2, 3))
        for a, b in zip(ax.images, numbered.images, strict=True):
            np.testing.assert_array_equal(a.get_array(), b.get_array())
        assert texts(ax)[0] == "x, y = $c$"
        ax.figure.canvas.draw()  # the name is no formula
    regression = model(nn.Dense(6, 2), loss=nn.MeanSquaredError())
    ax = saliency(regression, ROW, [0.5, 1.5], shape=(2, 3))
    G = nn.input_gradient(regression, ROW[np.newaxis], [[0.5, 1.5]])
    np.testing.assert_array_equal(ax.images[1].get_array(), np.abs(G).reshape(2, 3))
    assert texts(ax)[0] == "x"
    assert scale_of(ax).get_ylabel() == "|∂L/∂x|"  # who knows the unit of a number


def test_a_batch_of_one_is_an_example_too():
    one, batch = (saliency(model(), x, [1], shape=(2, 3)) for x in (ROW, ROW[np.newaxis]))
    np.testing.assert_array_equal(one.images[1].get_array(), batch.images[1].get_array())


def test_a_network_that_does_not_look_at_the_image_is_drawn():
    blind = model(nn.Dense(6, 3, init=nn.initializers.zeros))
    assert saliency(blind, ROW, 1, shape=(2, 3)).images[1].get_clim() == (0, 1)


def test_looking_changes_nothing_and_float32_is_looked_at():
    net = nn.Sequential(nn.Dense(6, 3), nn.BatchNorm(3), nn.Dropout(0.5), dtype=np.float32)
    asked = nn.Model(net, LOSS, nn.SGD(0.1))
    before = copy.deepcopy(net)
    saliency(asked, ROW, 1, shape=(2, 3))
    np.testing.assert_array_equal(net.params, before.params)
    np.testing.assert_array_equal(net.buffers, before.buffers)
    assert net.params.dtype == np.float32


@pytest.mark.parametrize("page", ["nnlib.course", "default", "dark_background"])
def test_it_is_drawn_into_given_axes_on_every_page(page):
    with plt.style.context(page, after_reset=True):
        _, ax = plt.subplots()
        assert saliency(model(), ROW, 1, ax, shape=(2, 3)) is ax
        ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((model().net, ROW, 1), TypeError, "model: expected a Model, got Sequential"),
        ((SimpleNamespace(), ROW, 1), TypeError, "model: expected a Model, got"),
        (
            (model(), np.ones((4, 6)), 1),
            ValueError,
            r"x: expected one example, .* got shape \(4, 6",
        ),
        ((model(), ROW * np.nan, 1), ValueError, "x: expected finite numbers, got nan"),
        ((model(), ROW[:5], 1), ValueError, r"X: expected shape \(n, 6\), got \(1, 5\)"),
        ((model(), ROW, 3), ValueError, "y: expected class labels from 0 to 2"),
        ((model(), ROW, None), TypeError, "y: "),
        ((model(), ROW, [0, 1]), ValueError, "y: "),
        ((model(), ROW, 1), ValueError, "shape: .* 6 numbers make no square image"),
        ((model(), ROW, 1, 5), TypeError, "ax: expected an Axes, got 5|shape"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_no_figure_is_left(arguments, kind, message):
    with pytest.raises(kind, match=message):
        plots.saliency(*arguments, **({"shape": (2, 3)} if "square" not in message else {}))
    assert plt.get_fignums() == []
