import copy

import matplotlib.pyplot as plt
import numpy as np
import pytest

import nnlib as nn
from nnlib import plots
from nnlib.plots.style import text_color


def convolution(c_in=1, c_out=6, k=3, dtype=np.float64):
    return nn.Sequential(nn.Conv2D(c_in, c_out, k), nn.ReLU(), rng=1, dtype=dtype)


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def place(image):
    """Column and row of a tile, by its corner."""
    left, _, _, top = image.get_extent()
    return left, top


def scale_of(ax):
    """The scale of colours beside Axes."""
    (bar,) = [other for other in ax.figure.axes if other is not ax]
    return bar


def test_each_filter_is_an_image_with_its_number_on_a_symmetric_scale():
    net = convolution()
    W = net.layers[0].W
    ax = plots.filters(net)
    for o, image in enumerate(ax.images):
        np.testing.assert_array_equal(image.get_array(), W[o, 0])
        assert image.get_clim() == (-np.abs(W).max(), np.abs(W).max())
    assert texts(ax) == list("012345")
    assert len(ax.images) == 6
    assert ax.get_xlabel() == "6 filters"
    assert scale_of(ax).get_ylabel() == "weight"


def test_the_numbers_stand_above_their_tiles_row_by_row():
    ax = plots.filters(convolution(c_out=9))
    rows = {}
    for image, text in zip(ax.images, ax.texts, strict=True):
        (left, top), (x, y) = place(image), text.get_position()
        assert left < x < left + 1
        assert y < top  # rows are counted downwards
        rows.setdefault(top, []).append(left)
    assert sorted(map(len, rows.values())) == [4, 5]
    assert all(row == sorted(row) for row in rows.values())
    assert list(rows) == sorted(rows)


def test_of_several_input_channels_each_filter_is_a_column():
    net = convolution(3, 5)
    ax = plots.filters(net)
    for i, image in enumerate(ax.images):
        c, o = divmod(i, 5)
        np.testing.assert_array_equal(image.get_array(), net.layers[0].W[o, c])
        left, top = place(image)
        assert left < ax.get_xticks()[o] < left + 1
        assert top < ax.get_yticks()[c] < top + 1
    assert len(ax.images) == 15
    assert texts(ax) == []
    assert [text.get_text() for text in ax.get_xticklabels()] == list("01234")
    assert [text.get_text() for text in ax.get_yticklabels()] == list("012")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("5 filters", "3 input channels")


def test_a_layer_of_a_network_or_the_first_with_weights_is_shown():
    net = nn.Sequential(nn.ReLU(), nn.Conv2D(1, 2, 3), nn.ReLU(), nn.Conv2D(2, 4, 3))
    for asked, layer in ((net, 1), (net.layers[1], 1), (net.layers[3], 3)):
        drawn = plots.filters(asked).images
        assert sum(image.get_array().size for image in drawn) == net.layers[layer].W.size
        np.testing.assert_array_equal(drawn[0].get_array(), net.layers[layer].W[0, 0])


def test_units_of_a_dense_layer_are_images_too():
    net = nn.Sequential(nn.Dense(6, 2))
    ax = plots.filters(net, (2, 3))
    np.testing.assert_array_equal(ax.images[1].get_array(), net.layers[0].W[:, 1].reshape(2, 3))
    assert ax.get_xlabel() == "2 units"
    assert plots.filters(nn.Sequential(nn.Dense(4, 1))).get_xlabel() == "1 unit"


def test_weights_below_0_have_a_minus_that_can_be_read():
    net = convolution(c_out=2)
    net.layers[0].W = [[[[-9, 1, 1], [1, 1, 1], [1, 1, 1]]], [[[1, 1, 1], [1, 1, -1], [0, 1, 1]]]]
    ax = plots.filters(net)
    (minus,) = ax.collections
    (x0, y0), (x1, y1) = (place(image) for image in ax.images)
    expected = [[x0 + 1 / 6, y0 + 1 / 6], [x1 + 5 / 6, y1 + 3 / 6]]
    np.testing.assert_allclose(minus.get_offsets(), expected)
    x, y = minus.get_paths()[0].vertices.T
    assert np.ptp(y) < 1e-9 < 0.9 < np.ptp(x)  # a horizontal stroke
    inks = [
        text_color(image.to_rgba(image.get_array()).min(axis=(0, 1))[:3]) for image in ax.images
    ]
    assert inks == ["white", "black"]  # −9 is dark blue, −1 nearly white
    np.testing.assert_allclose(minus.get_edgecolors()[:, :3], [[1] * 3, [0] * 3])


def test_pixels_that_are_too_small_have_no_minus():
    assert not plots.filters(nn.Sequential(nn.Dense(400, 2))).collections
    net = convolution()
    net.layers[0].W = np.abs(net.layers[0].W)
    assert not plots.filters(net).collections[0].get_offsets().size  # nothing is below 0


def test_units_that_have_no_room_are_left_out_and_that_is_said():
    ax = plots.filters(nn.Sequential(nn.Dense(4, 50)))
    assert (len(ax.images), ax.get_xlabel()) == (48, "first 48 of 50 units")


def test_filters_and_channels_that_have_no_room_are_left_out_and_that_is_said():
    ax = plots.filters(convolution(2, 30))
    assert len(ax.images) == 24 * 2
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first 24 of 30 filters", "2 input channels")
    ax = plots.filters(convolution(20, 1))
    assert len(ax.images) == 16
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("1 filter", "first 16 of 20 input channels")


def test_weights_of_zero_are_drawn():
    net = nn.Sequential(nn.Conv2D(1, 2, 3, init=nn.initializers.zeros))
    assert plots.filters(net).images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("page", ["nnlib.course", "default", "dark_background"])
def test_tiles_are_framed_and_numbered_on_every_page(page):
    net, x = convolution(), np.eye(8)[np.newaxis]
    with plt.style.context(page, after_reset=True):
        _, axes = plt.subplots(1, 2)
        assert plots.filters(net, ax=axes[0]) is axes[0]
        assert plots.feature_maps(net, x, ax=axes[1]) is axes[1]
        axes[0].figure.canvas.draw()
    for ax in axes:
        assert len(ax.patches) == len(ax.images)
        ground = np.array(plt.matplotlib.colors.to_rgb(ax.get_facecolor()))
        ink = np.array(plt.matplotlib.colors.to_rgb(ax.texts[0].get_color()))
        assert np.abs(ink - ground).sum() == 3


@pytest.mark.parametrize("size", [(2, 2), (5, 4), (12, 4)])
def test_in_axes_of_every_size_a_number_stands_between_its_tile_and_the_one_above(size):
    _, ax = plt.subplots(figsize=size)
    plots.filters(convolution(c_out=24), ax=ax)
    ax.figure.canvas.draw()
    upright = ax.transData.transform
    for above, text in zip(ax.images, ax.texts[8:], strict=False):
        left, right, bottom, _ = above.get_extent()
        box = text.get_window_extent()
        assert box.y1 <= upright((left, bottom))[1] + 1  # pixels, counted upwards
        assert left < text.get_position()[0] < right
    assert len(ax.images) == 24


def test_where_filters_are_narrow_not_all_have_their_number():
    _, ax = plt.subplots(figsize=(2, 2))
    plots.filters(convolution(2, 16), ax=ax)
    said = [int(text.get_text()) for text in ax.get_xticklabels()]
    assert said[:2] == [0, said[1]]
    assert 1 < said[1] < 16
    for o, x in zip(said, ax.get_xticks(), strict=True):
        left, right, *_ = ax.images[o].get_extent()
        assert left < x < right


X = np.random.default_rng(0).uniform(size=(2, 1, 8, 8))


def test_feature_maps_are_the_image_and_what_each_channel_makes_of_it():
    net = convolution()
    ax = plots.feature_maps(net, X[0])
    image, *maps = ax.images
    np.testing.assert_array_equal(image.get_array(), X[0, 0])
    assert image.get_clim() == (X[0].min(), X[0].max())
    A = net.forward(X)[0]
    for c, shown in enumerate(maps):
        np.testing.assert_allclose(shown.get_array(), A[c], rtol=1e-12)
        assert shown.get_clim() == pytest.approx((-A.max(), A.max()))
    assert len(maps) == 6
    assert texts(ax) == ["input", *"012345"]
    assert ax.get_xlabel() == "6 channels after 1 ReLU"
    low, high = scale_of(ax).get_ylim()
    assert (low, high) == pytest.approx((0, A.max()))  # what does not occur is cut off
    assert scale_of(ax).get_ylabel() == "output"


def test_the_layer_can_be_chosen_by_number_or_name():
    net = nn.Sequential(nn.Conv2D(1, 2, 3), nn.ReLU(), nn.Conv2D(2, 4, 3), nn.Flatten())
    Z = net.layers[0].forward(X[:1])[0]
    for layer in (0, "0", np.int8(0)):
        ax = plots.feature_maps(net, X[0], layer)
        np.testing.assert_allclose(ax.images[1].get_array(), Z[0], rtol=1e-12)
        assert ax.get_xlabel() == "2 channels after 0 Conv2D"
        low, high = scale_of(ax).get_ylim()
        assert (low, high) == pytest.approx((Z.min(), Z.max()))
    ax = plots.feature_maps(net, X[0], 2)
    assert ax.get_xlabel() == "4 channels after 2 Conv2D"
    np.testing.assert_array_equal(ax.images[0].get_array(), X[0, 0])  # still the network's image


def test_without_a_choice_it_is_the_first_convolution_after_its_activation():
    rows = nn.Sequential(nn.Reshape(1, 8, 8), nn.Conv2D(1, 2, 3), nn.MaxPool2D(2))
    ax = plots.feature_maps(rows, X[0].ravel())
    assert ax.get_xlabel() == "2 channels after 1 Conv2D"
    np.testing.assert_array_equal(ax.images[0].get_array(), X[0, 0])
    bent = nn.Sequential(nn.Conv2D(1, 2, 3), nn.Tanh(), nn.Conv2D(2, 4, 3), nn.ReLU())
    assert plots.feature_maps(bent, X[0]).get_xlabel() == "2 channels after 1 Tanh"
    none = nn.Sequential(nn.Dense(64, 64), nn.Reshape(1, 8, 8))
    ax = plots.feature_maps(none, X[0].ravel())
    assert (texts(ax), ax.get_xlabel()) == (["0"], "1 channel after 1 Reshape")


def test_filters_and_maps_within_blocks_are_found_by_name():
    conv, inner = nn.Conv2D(1, 2, 3), nn.Conv2D(2, 2, 3, padding=1)
    net = nn.Sequential(nn.Sequential(conv, nn.ReLU()), nn.Residual(inner, nn.Tanh()), rng=3)
    np.testing.assert_array_equal(plots.filters(net).images[1].get_array(), conv.W[1, 0])
    np.testing.assert_array_equal(plots.filters(net.layers[1]).images[0].get_array(), inner.W[0, 0])
    assert plots.feature_maps(net, X[0]).get_xlabel() == "2 channels after 0.1 ReLU"
    ax = plots.feature_maps(net, X[0], "1.1")
    F = np.tanh(inner.forward(np.maximum(conv.forward(X[:1]), 0)))[0]
    np.testing.assert_allclose(ax.images[2].get_array(), F[1], rtol=1e-12)
    assert ax.get_xlabel() == "2 channels after 1.1 Tanh"
    with pytest.raises(ValueError, match=r"0.0 Conv2D, 0.1 ReLU, 1.0 Conv2D, 1.1 Tanh, got 1: "):
        plots.feature_maps(net, X[0], 1)


def test_a_batch_of_one_is_an_example_too():
    one, batch = (plots.feature_maps(convolution(), x) for x in (X[0], X[:1]))
    for a, b in zip(one.images, batch.images, strict=True):
        np.testing.assert_array_equal(a.get_array(), b.get_array())


def test_coloured_images_are_seen_and_images_of_other_channels_are_not():
    rng = np.random.default_rng(0)
    x = 255 * rng.uniform(size=(3, 5, 7))
    image = plots.feature_maps(convolution(3, 2), x).images[0].get_array()
    assert image.shape == (5, 7, 3)
    assert 0 == image.min() < image.max() == 1
    ax = plots.feature_maps(convolution(2, 3), rng.uniform(size=(2, 5, 7)))
    assert texts(ax) == ["0", "1", "2"]


def test_maps_that_have_found_nothing_and_maps_that_have_no_room():
    net = convolution()
    net.layers[0].W = np.full((6, 1, 3, 3), -1.0)
    ax = plots.feature_maps(net, X[0])
    assert ax.images[1].get_clim() == (-1, 1)
    ax = plots.feature_maps(convolution(1, 50), X[0])
    assert (len(ax.images), ax.get_xlabel()) == (48, "first 47 of 50 channels after 1 ReLU")


def test_looking_changes_nothing_and_float32_is_looked_at():
    net = convolution(dtype=np.float32)
    net.forward(X, train=True)
    before = copy.deepcopy(net)
    plots.feature_maps(net, X[0])
    plots.filters(net)
    assert net.params.dtype == np.float32
    np.testing.assert_array_equal(net.params, before.params)
    net.backward(np.ones((2, 6, 6, 6)))  # the pass under way survives
    assert not [layer for layer in net.layers if "forward" in vars(layer)]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: plots.filters("net"),
            TypeError,
            "layer: expected a Layer, got 'net'",
        ),
        (lambda: plots.filters(nn.ReLU()), ValueError, "layer: expected a layer with weights W"),
        (lambda: plots.filters(nn.Conv2D(1, 2, 3)), RuntimeError, "has no W yet: .* put it into"),
        (
            lambda: plots.filters(nn.Sequential(nn.Dense(6, 2))),
            ValueError,
            "shape: .* square image",
        ),
        (lambda: plots.filters(convolution(), ax=1), TypeError, "ax: expected an Axes, got 1"),
        (lambda: plots.feature_maps(nn.ReLU(), X[0]), TypeError, "net: expected a Sequential, got"),
        (
            lambda: plots.feature_maps(convolution(), X),
            ValueError,
            r"x: expected one example, .* got shape \(2, 1, 8, 8\): pass X\[0\] of several",
        ),
        (lambda: plots.feature_maps(convolution(), X[0, 0]), ValueError, r"x\[numpy.newaxis\] for"),
        (
            lambda: plots.feature_maps(convolution(), X[0] * np.nan),
            ValueError,
            "x: expected finite",
        ),
        (lambda: plots.feature_maps(convolution(), X[0, :0]), ValueError, r"shape \(0, 8, 8\)"),
        (
            lambda: plots.feature_maps(convolution(), X[0], 7),
            ValueError,
            r"layer: expected one that gives maps, 0 Conv2D, 1 ReLU, got 7: .* layer='0'",
        ),
        (
            lambda: plots.feature_maps(nn.Sequential(nn.Dense(4, 2)), np.ones(4)),
            ValueError,
            "net: expected a layer that gives maps, got none",
        ),
        (
            lambda: plots.feature_maps(convolution(3), X[0]),
            ValueError,
            r"layers\[0\]: Conv2D\(3, 6, 3\)",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_no_figure_is_left(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
    assert plt.get_fignums() == []


def test_a_network_that_diverged_has_no_maps():
    net = convolution()
    net.params = np.full(net.params.size, 1e300)
    with pytest.raises(ValueError, match="maps after 1 ReLU: expected finite numbers, got inf"):
        plots.feature_maps(net, 1e10 * X[0])
    net.params = np.full(net.params.size, np.nan)
    with pytest.raises(ValueError, match="W: expected finite numbers, got nan"):
        plots.filters(net)


def test_a_normalization_stands_between_a_convolution_and_its_activation():
    net = nn.Sequential(nn.Conv2D(1, 3, 3, bias=False), nn.BatchNorm(3), nn.ReLU(), nn.Flatten())
    ax = plots.feature_maps(net, np.eye(8)[np.newaxis])
    assert ax.get_xlabel() == "3 channels after 2 ReLU"
