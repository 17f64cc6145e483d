import copy

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import nnlib as nn
from nnlib import plots
from nnlib.layers.layer import View
from nnlib.plots import MARKERS, PALETTE, decision_boundary, training_curves
from nnlib.plots.surface import filter_normalised


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    plt.close("all")  # a doctest may have left one
    with plt.style.context("nnlib.course"):
        yield
    plt.close("all")


class Sides:
    """Predicts 1 on the right of the plane, 0 on the left."""

    def predict(self, X):
        return (X[:, 0] > 0).astype(int)


HISTORY = nn.History(loss=[3.0, 2.0, 1.0], val_loss=[3.0, 1.5, 2.0], lr=[0.1] * 3)
X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
y = np.array([0, 0, 1, 1])


def test_training_curves_show_what_was_recorded():
    ax = training_curves(HISTORY)
    loss, val_loss, lowest = ax.lines
    assert loss.get_xdata().tolist() == [1, 2, 3]
    assert loss.get_ydata().tolist() == HISTORY["loss"]
    assert val_loss.get_ydata().tolist() == HISTORY["val_loss"]
    assert (lowest.get_xdata()[0], lowest.get_ydata()[0]) == (2, 1.5)
    assert ax.get_xlabel() == "epoch"


def test_training_curves_differ_by_more_than_colour():
    loss, val_loss, _ = training_curves(HISTORY).lines
    assert loss.get_linestyle() != val_loss.get_linestyle()


def test_without_validation_there_is_one_curve():
    assert len(training_curves(nn.History(loss=[1.0], lr=[0.1])).lines) == 1


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="history: expected at least one epoch"):
        training_curves(nn.History())


def test_a_given_axes_is_drawn_into_and_returned():
    _, ax = plt.subplots()
    assert training_curves(HISTORY, ax) is ax
    assert decision_boundary(Sides(), X, y, ax) is ax


def test_the_boundary_is_drawn_where_the_prediction_changes():
    ax = decision_boundary(Sides(), X, y)
    line = ax.collections[-1].get_paths()[0].vertices
    assert abs(line[:, 0]).max() < 0.02
    assert np.ptp(line[:, 1]) > 2


def test_each_class_has_a_colour_and_a_marker_of_its_own():
    ax = decision_boundary(Sides(), X, y)
    assert [line.get_marker() for line in ax.lines] == list(MARKERS[:2])
    assert ax.lines[0].get_color() != ax.lines[1].get_color()
    assert ax.lines[1].get_xdata().tolist() == [1, 1]


def test_all_points_are_inside_the_picture():
    ax = decision_boundary(Sides(), X, y)
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    assert x0 < X[:, 0].min() < X[:, 0].max() < x1
    assert y0 < X[:, 1].min() < X[:, 1].max() < y1


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.ones((4, 3)), y, r"X: expected points of the plane, shape \(n, 2\), got \(4, 3\)"),
        (X, y[:3], "X and y: expected one row each"),
        (X, y - 1, "y: expected classes from 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        decision_boundary(Sides(), X, y)


def test_accuracy_is_drawn_with_the_highest_marked():
    history = nn.History(
        loss=[3.0, 2.0, 1.0], accuracy=[0.5, 0.6, 0.9], val_accuracy=[0.4, 0.8, 0.7]
    )
    accuracy, val_accuracy, highest = training_curves(history, quantity="accuracy").lines
    assert accuracy.get_ydata().tolist() == history["accuracy"]
    assert val_accuracy.get_ydata().tolist() == history["val_accuracy"]
    assert (highest.get_xdata()[0], highest.get_ydata()[0]) == (2, 0.8)
    assert highest.get_label() == "highest"


def test_the_accuracy_of_the_validation_data_alone_is_drawn():
    history = nn.History(loss=[1.0, 1.0], val_accuracy=[0.4, 0.8])
    ax = training_curves(history, quantity="accuracy")
    assert ax.lines[0].get_label() == "validation accuracy"
    assert len(ax.lines) == 2


def test_the_learning_rate_is_drawn():
    ax = training_curves(nn.History(loss=[1.0, 1.0], lr=[0.1, 0.05]), quantity="lr")
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.1, 0.05]]
    assert ax.get_ylabel() == "learning rate η"


def test_a_single_epoch_can_be_seen():
    assert training_curves(nn.History(loss=[1.0])).lines[0].get_marker() == "."
    assert training_curves(HISTORY).lines[0].get_marker() == ""


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            (HISTORY, None, "f2"),
            ValueError,
            "quantity: expected one of loss, accuracy, lr, got 'f2'",
        ),
        ((HISTORY, None, "accuracy"), ValueError, "'accuracy', and the history has loss, val_loss"),
        (({"loss": [1.0]}, None, "loss"), TypeError, "history: expected a History, got"),
        ((HISTORY, [1], "loss"), TypeError, r"ax: expected an Axes, got \[1\]: fig, ax ="),
    ],
)
def test_curves_of_something_else_are_refused_and_no_figure_is_left(arguments, kind, message):
    history, ax, quantity = arguments
    with pytest.raises(kind, match=message):
        training_curves(history, ax, quantity=quantity)
    assert plt.get_fignums() == []


def halving(step):
    return 0.1 * 0.5 ** (step // 2)


def test_a_schedule_is_drawn_step_by_step():
    (line,) = plots.schedule(halving, 5).lines
    assert line.get_xdata().tolist() == [0, 1, 2, 3, 4]
    assert line.get_ydata().tolist() == [0.1, 0.1, 0.05, 0.05, 0.025]
    assert line.get_label() == "halving"


def test_two_schedules_in_one_figure_differ_by_more_than_colour():
    ax = plots.schedule(halving, 50)
    assert ax.get_legend() is None
    assert plots.schedule(lambda step: np.float64(0.1), 50, ax) is ax
    first, second = ax.lines
    assert first.get_color() != second.get_color()
    assert first.get_linestyle() != second.get_linestyle()
    assert len(ax.get_legend().get_texts()) == 2
    for _ in range(6):  # more than there are colours
        plots.schedule(halving, 50, ax)
    assert len(ax.get_legend().get_texts()) == 8


def test_a_long_name_is_shortened():
    schedule = nn.schedules.OneCycle(0.1, steps=100, pct_start=0.25, div_factor=123.456)
    label = plots.schedule(schedule, 3).lines[0].get_label()
    assert label.startswith("OneCycle(max_lr=0.1, steps=100")
    assert label.endswith(" …")
    assert len(label) <= 60


@pytest.mark.parametrize(
    ("schedule", "steps", "kind", "message"),
    [
        (0.1, 5, TypeError, r"schedule: expected a function of the step, got 0\.1: a constant is"),
        (halving, 0, ValueError, "steps: expected at least 1, got 0"),
        (halving, 5.0, TypeError, r"steps: expected a whole number, got 5\.0"),
        (lambda step: 1 - step, 5, ValueError, r"schedule\(2\): expected a number in .*, got -1"),
        (lambda step: None, 5, TypeError, r"schedule\(0\): expected a number, got None"),
    ],
)
def test_what_is_no_schedule_is_refused(schedule, steps, kind, message):
    with pytest.raises(kind, match=message):
        plots.schedule(schedule, steps)
    assert plt.get_fignums() == []


C = np.array([[90, 9, 1], [0, 0, 0], [30, 0, 10]])


def test_a_confusion_matrix_shows_its_numbers_true_classes_down():
    _, ax = plt.subplots()
    assert plots.confusion_matrix(C, ax) is ax
    shown = {text.get_position(): text.get_text() for text in ax.texts}
    assert shown == {(j, i): str(C[i, j]) for i in range(3) for j in range(3)}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_ylim() == (2.5, -0.5)  # class 0 on top


def test_the_numbers_of_a_confusion_matrix_stand_out_from_their_cells():
    ax = plots.confusion_matrix(np.arange(100).reshape(10, 10))
    colors = ax.images[0].get_array()
    contrasts = [
        contrast(text.get_color(), colors[i // 10, i % 10, :3]) for i, text in enumerate(ax.texts)
    ]
    assert min(contrasts) >= 4.5
    assert {text.get_color() for text in plots.confusion_matrix(C).texts} == {"black", "white"}


def test_the_darker_the_cell_the_larger_its_share_of_the_row():
    colors = plots.confusion_matrix(C).images[0].get_array()
    dark = 1 - np.apply_along_axis(luminance, 2, colors[..., :3])
    assert dark[0, 0] > dark[2, 0] > dark[2, 2] > dark[0, 1] > dark[0, 2] > dark[0, 0] * 0.01
    assert (dark[1] == dark[2, 1]).all()  # a class without examples: as if 0


def test_long_numbers_are_written_smaller():
    sizes = [plots.confusion_matrix(C * 10**e).texts[0].get_size() for e in (0, 8, 12)]
    assert sizes[0] == 10
    assert sizes[2] < sizes[1]


def test_shares_are_written_with_two_decimals_and_counts_in_full():
    assert plots.confusion_matrix(np.eye(2) / 3).texts[0].get_text() == "0.33"
    assert plots.confusion_matrix(np.eye(2, dtype=int) * 1234567).texts[0].get_text() == "1234567"


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (
            np.ones((2, 3)),
            r"counts: expected .* \(k, k\), got \(2, 3\): pass nnlib.confusion_matrix",
        ),
        (np.ones(4), r"counts: .* got \(4,\)"),
        (np.ones((0, 0)), r"counts: .* got \(0, 0\)"),
        ([[1, -1], [0, 1]], "counts: expected numbers of 0 or more, got -1"),
        ([[1, np.nan], [0, 1]], r"counts: expected finite numbers, got nan at counts\[0, 1\]"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        plots.confusion_matrix(counts)
    assert plt.get_fignums() == []


IMAGES = np.random.default_rng(0).uniform(size=(5, 6))
TRUE, SAID = np.array([3, 1, 2, 0, 7]), np.array([3, 1, 5, 0, 2])


def test_samples_show_image_and_label_and_mark_mistakes_without_colour():
    axes = plots.sample_predictions(IMAGES, TRUE, SAID, shape=(2, 3))
    np.testing.assert_array_equal(axes.flat[1].images[0].get_array(), IMAGES[1].reshape(2, 3))
    titles = [ax.get_title() for ax in axes.flat]
    assert titles == ["3 → 3", "1 → 1", "✗ 2 → 5", "0 → 0", "✗ 7 → 2"]
    widths = [ax.spines["top"].get_linewidth() for ax in axes.flat]
    assert min(widths[2], widths[4]) > 3 > 1 > max(widths[0], widths[1], widths[3])


def test_samples_share_one_scale_of_grey():
    axes = plots.sample_predictions(IMAGES, TRUE, SAID, shape=(2, 3))
    scales = {ax.images[0].get_clim() for ax in axes.flat}
    assert scales == {(IMAGES.min(), IMAGES.max())}


def test_samples_are_square_unless_said_otherwise():
    (ax,) = plots.sample_predictions(np.ones((1, 9)), [1], [1]).flat
    assert ax.images[0].get_array().shape == (3, 3)


@pytest.mark.parametrize(
    ("shape", "shown"), [((1, 2, 3), (2, 3)), ((1, 1, 2, 3), (2, 3)), ((1, 3, 2, 4), (2, 4, 3))]
)
def test_images_need_no_shape_and_channels_come_first(shape, shown):
    X = np.linspace(0, 1, np.prod(shape)).reshape(shape)
    (ax,) = plots.sample_predictions(X, [1], [1]).flat
    picture = ax.images[0].get_array()
    assert picture.shape == shown
    np.testing.assert_array_equal(picture[1, 0], np.squeeze(X[0, ..., 1, 0]))


def test_samples_are_drawn_into_given_axes():
    _, axes = plt.subplots(2, 3)
    assert plots.sample_predictions(IMAGES, TRUE, SAID, (2, 3), axes) is axes
    assert [len(ax.images) for ax in axes.flat] == [1, 1, 1, 1, 1, 0]
    _, ax = plt.subplots()
    assert plots.sample_predictions(IMAGES[:1], [1], [1], (2, 3), ax).tolist() == [ax]


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"y": TRUE[:4]}, ValueError, "X and y and predictions: expected one row each"),
        ({"predictions": np.eye(5)}, ValueError, r"predictions: expected classes of shape \(n,\)"),
        (
            {"shape": None},
            ValueError,
            r"shape: expected \(height, width\), got None, and 6 numbers",
        ),
        ({"shape": (3, 3)}, ValueError, r"shape: expected 6 pixels, .* got \(3, 3\) with 9: pass"),
        ({"shape": 6}, TypeError, "shape: expected a tuple, got 6: pass shape="),
        ({"shape": (6,)}, ValueError, r"X: expected rows \(n, d\), or images .*, got \(5, 6\)"),
        ({"X": IMAGES[0]}, ValueError, r"X: expected at least one image.* use X\[np.newaxis\]"),
        ({"X": IMAGES[:0]}, ValueError, r"X: expected at least one image, .* got \(0, 6\)"),
        ({"axes": np.array([None])}, TypeError, "axes: expected an Axes, got None"),
    ],
)
def test_samples_that_cannot_be_drawn_are_refused(change, kind, message):
    arguments = {"X": IMAGES, "y": TRUE, "predictions": SAID, "shape": (2, 3)} | change
    with pytest.raises(kind, match=message):
        plots.sample_predictions(**arguments)
    assert plt.get_fignums() == []


def test_too_many_samples_for_one_figure_or_for_the_given_axes_are_refused():
    many = np.zeros((101, 4))
    with pytest.raises(ValueError, match=r"X: expected at most 100 images, got 101: .* X\[:24\]"):
        plots.sample_predictions(many, np.zeros(101), np.zeros(101))
    _, axes = plt.subplots(1, 2)
    with pytest.raises(ValueError, match=r"axes: expected 3 or more, .* got 2: make more"):
        plots.sample_predictions(many[:3], np.zeros(3), np.zeros(3), axes=axes)


class Noise(nn.Layer):
    """Adds random numbers in training and remembers how often: all that a plot could disturb."""

    random = True
    seen = View()

    def initialize(self, rng):
        self.rng = rng

    def buffer_shapes(self):
        return {"seen": (1,)}

    def forward(self, X, *, train=False):
        self.cache = X if train else None
        if train:
            self.seen = self.seen + 1
        return X + self.rng.normal(size=X.shape) if train else X

    def backward(self, dZ, *, input_grad=True):
        self.cached()
        return dZ


class Filters(nn.Layer):
    """Has weights like a convolution, (c_out, c_in, k, k), and does nothing with them."""

    W, dW = View(), View()

    def shapes(self):
        return {"W": (2, 3, 2, 2)}

    def forward(self, X, *, train=False):
        return X


def network(dtype=np.float64):
    net = nn.Sequential(
        nn.Dense(4, 5), nn.ReLU(), Noise(), nn.Dense(5, 3, init=nn.initializers.zeros), dtype=dtype
    )
    net.params = np.random.default_rng(1).normal(size=net.params.size)
    return net


def batch(n=7):
    rng = np.random.default_rng(2)
    return rng.normal(size=(n, 4)), rng.integers(3, size=n)


LOSS = nn.SoftmaxCrossEntropy()
LOOKS = {
    "weights": lambda net: plots.first_layer_weights(net),
    "activations": lambda net: plots.activation_histograms(net, batch()[0]),
    "gradients": lambda net: plots.gradient_histograms(net, LOSS, *batch()),
    "surface": lambda net: plots.loss_surface(net, LOSS, *batch(), resolution=3),
}
each_look = pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)


@each_look
def test_looking_at_a_network_changes_nothing(look):
    looked_at, untouched = network(), network()
    X, _ = batch()
    for net in (looked_at, untouched):
        net.forward(X, train=True)
    look(looked_at)
    for net in (looked_at, untouched):
        net.backward(np.ones((7, 3)))  # the pass under way survives
        net.forward(X, train=True)  # and so do random numbers and buffers
    np.testing.assert_array_equal(looked_at.params, untouched.params)
    np.testing.assert_array_equal(looked_at.grads, untouched.grads)
    np.testing.assert_array_equal(looked_at.buffers, untouched.buffers)
    np.testing.assert_array_equal(
        looked_at.forward(X, train=True), untouched.forward(X, train=True)
    )


@each_look
def test_a_network_in_float32_can_be_looked_at(look):
    net = network(np.float32)
    before = copy.deepcopy(net)
    look(net)
    assert net.params.dtype == np.float32
    np.testing.assert_array_equal(net.params, before.params)


@each_look
def test_only_a_network_can_be_looked_into(look):
    with pytest.raises(TypeError, match="net: expected a Sequential, got Dense"):
        look(nn.Dense(2, 3))
    assert plt.get_fignums() == []


def test_weights_are_images_a_unit_each_on_a_symmetric_scale():
    net = network()
    axes = plots.first_layer_weights(net)
    shown = [ax.images[0] for ax in axes.flat]
    W = net.layers[0].W
    for unit, image in enumerate(shown):
        np.testing.assert_array_equal(image.get_array(), W[:, unit].reshape(2, 2))
        assert image.get_clim() == (-np.abs(W).max(), np.abs(W).max())
    assert len(shown) == 5
    assert "weight" in {ax.get_ylabel() for ax in axes.flat[0].figure.axes}  # the scale of colours


def test_weights_have_the_shape_asked_for():
    net = nn.Sequential(nn.Dense(6, 1))
    (ax,) = plots.first_layer_weights(net, (2, 3)).flat
    assert ax.images[0].get_array().shape == (2, 3)
    with pytest.raises(ValueError, match=r"got None, and 6 numbers make no square image"):
        plots.first_layer_weights(net)
    with pytest.raises(ValueError, match=r"shape: expected \(height, width\), got \(3, 1, 2\)"):
        plots.first_layer_weights(net, (3, 1, 2))


def test_filters_are_images_one_for_each_input_channel():
    net = nn.Sequential(nn.ReLU(), Filters())
    net.params = np.arange(24.0)
    axes = plots.first_layer_weights(net)
    assert [ax.images[0].get_array().ravel()[0] for ax in axes.flat] == [0, 4, 8, 12, 16, 20]


def test_the_first_units_are_shown_where_there_are_many_or_few_axes():
    net = nn.Sequential(nn.Dense(4, 50))
    axes = plots.first_layer_weights(net)
    assert axes.size == 48
    assert "first 48 of 50 units" in axes.flat[0].figure.get_suptitle()
    _, axes = plt.subplots(1, 3)
    assert plots.first_layer_weights(net, axes=axes) is axes
    np.testing.assert_array_equal(axes[2].images[0].get_array().ravel(), net.layers[0].W[:, 2])


def test_weights_of_zero_are_drawn_and_weights_that_diverged_are_refused():
    net = nn.Sequential(nn.Dense(4, 2, init=nn.initializers.zeros))
    assert plots.first_layer_weights(net).flat[0].images[0].get_clim() == (-1, 1)
    net.params = np.full(10, np.nan)
    with pytest.raises(ValueError, match="W: expected finite numbers, got nan"):
        plots.first_layer_weights(net)


def test_a_network_without_weights_has_none_to_show():
    net = nn.Sequential(nn.ReLU())
    with pytest.raises(ValueError, match="net: expected a layer with weights W, got none: add"):
        plots.first_layer_weights(net)
    with pytest.raises(ValueError, match="net: expected a layer with parameters, got none: add"):
        plots.gradient_histograms(net, LOSS, *batch())
    assert plt.get_fignums() == []


def drawn(ax):
    """Edges and heights of a histogram."""
    edges = [bar.get_x() for bar in ax.patches]
    return edges[0], edges[-1] + ax.patches[-1].get_width(), [b.get_height() for b in ax.patches]


def test_activations_are_drawn_for_each_layer():
    net, (X, _) = network(), batch()
    axes = plots.activation_histograms(net, X)
    titles = [ax.get_title() for ax in axes.flat]
    assert [title.split("\n")[0] for title in titles] == ["0 Dense", "1 ReLU", "2 Noise", "3 Dense"]
    Z = net.layers[0].forward(X)
    low, high, heights = drawn(axes.flat[0])
    assert low == pytest.approx(Z.min(), abs=0.1)
    assert high == pytest.approx(Z.max(), abs=0.1)
    assert sum(heights) == pytest.approx(1)
    assert f"std {Z.std():.2g}" in titles[0]


def test_exact_zeros_are_told_and_not_drawn():
    net, (X, _) = network(), batch()
    ax = plots.activation_histograms(net, X).flat[1]
    zeros = (net.layers[0].forward(X) <= 0).mean()
    assert 0.2 < zeros < 0.8
    assert ax.get_title().endswith(f"{zeros:.0%} zero")
    assert sum(drawn(ax)[2]) == pytest.approx(1 - zeros)


def test_all_layers_are_drawn_on_one_scale():
    for axes in (LOOKS["activations"](network()), LOOKS["gradients"](network())):
        assert len({ax.get_xlim() for ax in axes.flat}) == 1
        low, high = axes.flat[0].get_xlim()
        assert low == -high
        ranges = [drawn(ax)[:2] for ax in axes.flat]
        assert low < min(a for a, _ in ranges) < max(b for _, b in ranges) < high


def test_gradients_are_drawn_for_each_layer_with_parameters():
    net, (X, y) = nn.Sequential(nn.Dense(4, 5), nn.ReLU(), nn.Dense(5, 3), rng=3), batch()
    axes = plots.gradient_histograms(net, LOSS, X, y)
    titles = [ax.get_title() for ax in axes.flat]
    assert [title.split("\n")[0] for title in titles] == ["0 Dense", "2 Dense"]
    net.backward(LOSS.value_and_grad(net.forward(X, train=True), y)[1])
    last = np.append(net.layers[2].dW, net.layers[2].db)
    assert f"std {last.std():.2g}" in titles[1]
    assert drawn(axes.flat[1])[1] == pytest.approx(last.max(), abs=0.01)


def test_a_dead_layer_is_drawn_as_all_zero():
    net = nn.Sequential(nn.Dense(4, 2), nn.ReLU())
    net.layers[0].W, net.layers[0].b = np.zeros((4, 2)), [-1, -1]
    axes = plots.activation_histograms(net, np.ones((3, 4)))
    assert axes.flat[1].get_title() == "1 ReLU\nstd 0, 100% zero"
    low, high, heights = drawn(axes.flat[0])  # all −1: still a bar
    assert low < -1 < high
    assert sum(heights) == pytest.approx(1)


def test_histograms_are_drawn_into_given_axes():
    _, axes = plt.subplots(2, 2)
    assert plots.activation_histograms(network(), batch()[0], axes) is axes
    assert plots.gradient_histograms(network(), LOSS, *batch(), axes=axes) is axes
    with pytest.raises(ValueError, match="axes: expected 4 or more, one for each panel, got 2"):
        plots.activation_histograms(network(), batch()[0], axes[0])


def test_data_that_does_not_fit_is_refused_before_anything_is_drawn():
    X, y = batch()
    with pytest.raises(ValueError, match=r"X: expected shape \(n, 4\), got \(7, 3\)"):
        plots.activation_histograms(network(), X[:, :3])
    with pytest.raises(ValueError, match="y: expected class labels from 0 to 2"):
        plots.gradient_histograms(network(), LOSS, X, y + 3)
    with pytest.raises(TypeError, match="loss: expected a Loss, got 'mse'"):
        plots.gradient_histograms(network(), "mse", X, y)
    diverged = network()
    diverged.layers[0].W = np.full((4, 5), 1e200)
    diverged.layers[3].W = np.full((5, 3), 1e200)
    with (
        pytest.raises(ValueError, match="activation of layer 3 Dense: expected finite numbers"),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        plots.activation_histograms(diverged, X)
    assert plt.get_fignums() == []


def bowl(n=6):
    """A linear regression with orthogonal inputs, at its minimum: loss 0."""
    net = nn.Sequential(nn.Dense(n, 1, init=nn.initializers.zeros))
    net.layers[0].W, net.layers[0].b = np.arange(1.0, n + 1)[:, np.newaxis], [1.0]
    X = np.sqrt(n) * np.eye(n)
    return net, nn.MeanSquaredError(), X, net.forward(X)


def test_the_surface_of_a_bowl_is_lowest_at_the_marked_centre():
    net, loss, X, y = bowl()
    ax = plots.loss_surface(net, loss, X, y, resolution=11)
    (centre,) = ax.lines
    assert (centre.get_xdata().tolist(), centre.get_ydata().tolist()) == ([0], [0])
    assert centre.get_markerfacecolor() != centre.get_markeredgecolor()
    assert centre.get_label() == "present parameters, loss 0"
    assert ax.get_xlim() == ax.get_ylim() == (-1, 1)
    areas, lines = ax.collections
    lowest = areas.get_paths()[0]
    at = [lowest.contains_point(point) for point in [(0, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]]
    assert at == [True, False, False, False, False]
    assert lines.levels.tolist() == areas.levels[1:-1].tolist()
    assert areas.levels[0] == pytest.approx(0, abs=1e-12)


def test_the_map_shows_the_loss_at_each_point():
    net, (X, y), rng = network(), batch(), np.random.default_rng(5)
    theta, u, v = net.params.copy(), filter_normalised(net, rng), filter_normalised(net, rng)
    seen, expected = [], []

    class Recorded(nn.SoftmaxCrossEntropy):
        def value(self, Z, y, *options):
            seen.append(super().value(Z, y, *options))
            return seen[-1]

    plots.loss_surface(net, Recorded(), X, y, resolution=3, span=0.5, rng=5)
    for b in (-0.5, 0, 0.5):  # row by row, as matplotlib draws
        for a in (-0.5, 0, 0.5):
            net.params = theta + a * u + b * v
            expected.append(LOSS.value(net.forward(X), y))
    np.testing.assert_allclose(seen[-9:], expected, rtol=1e-12)


def test_directions_are_as_long_as_the_weights_of_each_unit_and_spare_biases():
    net = network()
    d = copy.deepcopy(net)
    d.params = filter_normalised(net, np.random.default_rng(0))
    for i in (0, 3):
        W, D = net.layers[i].W, d.layers[i].W
        np.testing.assert_allclose(np.linalg.norm(D, axis=0), np.linalg.norm(W, axis=0))
        np.testing.assert_array_equal(d.layers[i].b, 0)
        assert not np.allclose(D, W)


def test_directions_are_as_long_as_each_filter_of_a_convolution():
    net = nn.Sequential(Filters())
    net.params = np.random.default_rng(0).normal(size=24)
    D = filter_normalised(net, np.random.default_rng(1)).reshape(2, -1)
    lengths = np.linalg.norm(net.layers[0].W.reshape(2, -1), axis=1)
    np.testing.assert_allclose(np.linalg.norm(D, axis=1), lengths)


def test_the_same_seed_draws_the_same_surface():
    def heights(rng):
        ax = plots.loss_surface(network(), LOSS, *batch(), resolution=5, rng=rng)
        return ax.collections[0].levels

    np.testing.assert_array_equal(heights(0), heights(0))
    assert not np.array_equal(heights(0), heights(1))
    np.testing.assert_array_equal(heights(3), heights(np.random.default_rng(3)))


def test_a_plateau_is_drawn_without_lines():
    net = nn.Sequential(nn.Dense(4, 3, init=nn.initializers.zeros))
    _, ax = plt.subplots()
    assert plots.loss_surface(net, LOSS, *batch(), ax, resolution=3) is ax
    assert len(ax.collections) == 1


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"span": 0}, ValueError, r"span: expected a number in \(0, inf\), got 0"),
        ({"span": 1e300}, ValueError, "span: expected a finite loss .* got .* take a smaller span"),
        ({"resolution": 2}, ValueError, "resolution: expected at least 3, got 2"),
        ({"rng": "x"}, TypeError, "rng: expected an int of 0 or more"),
        ({"ax": 1}, TypeError, "ax: expected an Axes, got 1"),
        ({"y": np.array([0, 1])}, ValueError, "y: expected|X and y: expected one row each"),
        ({"loss": "mse"}, TypeError, "loss: expected a Loss, got 'mse'"),
    ],
)
def test_a_surface_that_cannot_be_drawn_is_refused(options, kind, message):
    X, y = batch()
    arguments = {"net": network(), "loss": LOSS, "X": X, "y": y, "resolution": 3} | options
    with pytest.raises(kind, match=message):
        plots.loss_surface(**arguments)
    assert plt.get_fignums() == []


def test_every_figure_fits_the_page_and_is_opaque():
    for figure in (
        training_curves(HISTORY).figure,
        plots.confusion_matrix(C).figure,
        plots.sample_predictions(IMAGES, TRUE, SAID, (2, 3)).flat[0].figure,
        *(np.atleast_1d(look(network())).flat[0].figure for look in LOOKS.values()),
    ):
        assert figure.get_figwidth() <= 7.5
        assert figure.get_facecolor() == (1, 1, 1, 1)
        figure.canvas.draw()  # no warning: all glyphs exist, the layout fits


def test_figures_are_opaque_white_so_that_they_read_on_a_dark_page():
    assert to_rgb(mpl.rcParams["figure.facecolor"]) == (1, 1, 1)
    assert to_rgb(mpl.rcParams["axes.facecolor"]) == (1, 1, 1)
    assert mpl.rcParams["savefig.transparent"] is False
    assert mpl.rcParams["figure.figsize"][0] <= 7.5


def test_the_style_and_the_module_use_one_palette():
    style = [f"#{c.lstrip('#').upper()}" for c in mpl.rcParams["axes.prop_cycle"].by_key()["color"]]
    assert set(style) == set(PALETTE)


def luminance(color):
    """Relative luminance as the accessibility guidelines of the W3C define it."""
    c = np.array(to_rgb(color))
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(first, second):
    """Contrast of two colours, from 1 to 21, as the W3C defines it."""
    dark, light = sorted([luminance(first), luminance(second)])
    return (light + 0.05) / (dark + 0.05)


def test_the_first_colours_stand_out_from_white():
    assert min(contrast(color, "white") for color in PALETTE[:3]) > 3
