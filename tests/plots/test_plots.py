import copy
from functools import partial
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

import nnlib as nn
from nnlib import plots
from nnlib.layers.layer import View
from nnlib.plots import MARKERS, PALETTE, decision_boundary, training_curves
from nnlib.plots.surface import filter_normalised


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
        (X[:0], y[:0], r"X: expected points of the plane, shape \(n, 2\), got \(0, 2\)"),
        (
            X * [np.nan, 1],
            y,
            r"X: expected finite numbers, got nan at X\[0, 0\] .*: choose rows",
        ),
        (X, y[:3], "X and y: expected one row each"),
        (X, y * 0.5, r"y: expected class labels, .* got 0.5 at y\[2\]: pass numpy.greater\(y, 0.5"),
        (X, np.eye(2)[y], r"y: .* got shape \(4, 2\): pass numpy.argmax\(y, axis=1\) of one-hot"),
        (X, 1, r"y: expected class labels of shape \(n,\), got shape \(\): pass a list"),
        (X, [0, 1, np.nan, 1], r"y: expected finite numbers, got nan at y\[2\]"),
        (np.ones((8, 2)), range(8), r"y: expected at most 7 classes, got 8: choose .*numpy.isin"),
    ],
)
def test_what_cannot_be_drawn_is_refused(X, y, message):
    with pytest.raises(ValueError, match=message):
        decision_boundary(Sides(), X, y)
    assert plt.get_fignums() == []


LABELS = {
    "class numbers": ([0, 0, 1, 1], ["class 0", "class 1"]),
    "booleans": ([False, False, True, True], ["class 0", "class 1"]),
    "whole floats": ([0.0, 0.0, 1.0, 1.0], ["class 0", "class 1"]),
    "unsigned integers": (np.uint64([0, 0, 1, 1]), ["class 0", "class 1"]),
    "a column": ([[0], [0], [1], [1]], ["class 0", "class 1"]),
    "-1 and 1": ([-1, -1, 1, 1], ["class -1", "class 1"]),
    "-1 and 1 as floats in a column": ([[-1.0], [-1.0], [1.0], [1.0]], ["class -1", "class 1"]),
    "3 and 8": ([3, 3, 8, 8], ["class 3", "class 8"]),
    "counted from 1": ([1, 1, 2, 2], ["class 1", "class 2"]),
    "text": (["left", "left", "right", "right"], ["class left", "class right"]),
    "bytes": ([b"left", b"left", b"right", b"right"], ["class left", "class right"]),
    "objects": (
        np.array(["$b$", "$b$", "_a", "_a"], object),
        ["class $b$", "class _a"],
    ),
}


class Answers:
    """Predicts the first of two answers on the left of the plane, the second on the right."""

    def __init__(self, answers):
        self.answers = np.asarray(answers)

    def predict(self, X):
        return self.answers[(X[:, 0] > 0).astype(int)]


def regions(ax):
    """The colours of the points of each class, and of the region that each lies in."""
    pictures = ax.collections[0]
    for line in ax.lines:
        for point in zip(*line.get_data(), strict=True):
            inside = [path.contains_point(point) for path in pictures.get_paths()]
            yield line.get_color(), to_hex(pictures.get_facecolors()[inside.index(True)])


@pytest.mark.parametrize("kind", LABELS)
def test_the_labels_that_people_have_are_drawn_in_their_regions(kind):
    (y, names), (_, ax) = LABELS[kind], plt.subplots()
    own = np.unique(np.ravel(y))
    for given in (y, np.asarray(y), np.asarray(y, object)):
        for answers in ([0, 1], own, np.c_[own]):
            decision_boundary(Answers(answers), X, given, ax.clear() or ax, resolution=9)
            drawn = [line for line in ax.lines if line.get_xdata().size]
            texts = [text.get_text() for text in ax.get_legend().get_texts()]
            assert [line.get_label() for line in drawn] == names == texts[-2:]
            assert [line.get_xdata().tolist() for line in drawn] == [[-1, -1], [1, 1]]
            found = list(regions(ax))
            assert len(found) == 4
            assert all(point.lower() == region for point, region in found)


def test_a_name_is_written_as_it_is():
    ax = decision_boundary(Sides(), X, ["$b$", "$b$", "_a", "_a"])
    ax.figure.canvas.draw()
    assert not any(text.get_parse_math() for text in ax.get_legend().get_texts())


def two_sides(k=2, loss=None):
    """A model of k outputs that says 1 on the right of the plane and 0 on the left."""
    net = nn.Sequential(nn.Dense(2, k, init=nn.initializers.zeros))
    if k == 1:
        net.layers[0].W = [[1.0], [0.0]]
        return nn.Model(net, loss or nn.SigmoidCrossEntropy(), nn.SGD(0.1))
    net.layers[0].W = np.eye(2, k, 1)
    net.layers[0].b = [0.0, 0.0, *[-9.0] * (k - 2)]
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1))


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("k", [1, 2])
def test_a_model_of_two_classes_numbers_the_labels_that_people_have(kind, k):
    (y, names), (_, ax) = LABELS[kind], plt.subplots()
    model = two_sides(k)
    for everywhere in (None, 0, 1):  # before training: one class on the whole plane
        if everywhere is not None:
            sure = 9 * (2.0 * everywhere - 1)
            model.net.layers[0].b = [sure] if k == 1 else [-sure, sure]
        decision_boundary(model, X, y, ax.clear() or ax, resolution=9)
        assert [line.get_label() for line in ax.lines] == names
        seen = [0, 0, 1, 1] if everywhere is None else [everywhere] * 4
        assert [region for _, region in regions(ax)] == [PALETTE[c].lower() for c in seen]


def test_a_class_keeps_its_colour_where_another_has_no_example():
    ax = decision_boundary(two_sides(4), X, [0, 0, 3, 3])
    assert [line.get_label() for line in ax.lines] == [f"class {c}" for c in range(4)]
    assert [line.get_color() for line in ax.lines] == list(PALETTE[:4])


@pytest.mark.parametrize(
    ("model", "y", "remedied"),
    [
        (two_sides(4), [1, 1, 4, 4], [0, 0, 3, 3]),
        (two_sides(4), ["ant", "ant", "dog", "dog"], [0, 0, 3, 3]),
        (two_sides(1), [3, 5, 8, 8], None),
        (Answers([0, 3]), ["ant", "ant", "dog", "dog"], [0, 0, 3, 3]),
        (Answers([-1, 1]), ["ant", "ant", "dog", "dog"], None),
        (Answers(["ant", "dog"]), [0, 0, 3, 3], None),
    ],
)
def test_classes_that_nobody_can_match_are_refused_until_they_are_numbered(model, y, remedied):
    with pytest.raises(
        ValueError, match="y: expected the classes that the model predicts"
    ) as caught:
        decision_boundary(model, X, y)
    assert plt.get_fignums() == []
    if remedied:
        names = np.array([1, 2, 3, 4] if y[0] == 1 else ["ant", "bee", "cat", "dog"])
        remedy = "numpy.searchsorted(names, y)"
        assert remedy in str(caught.value)
        numbered = eval(remedy, {"numpy": np, "names": names, "y": y})
        assert numbered.tolist() == remedied
        decision_boundary(model, X, numbered)


@pytest.mark.parametrize(
    ("predict", "remedy"),
    [
        (lambda X: X[:, 0] / 2, "numpy.greater(model.predict(X), 0)"),
        (lambda X: 1 / (1 + np.exp(-X[:, :1])), "numpy.greater(model.predict(X), 0.5)"),
        (lambda X: np.c_[-X[:, 0], X[:, 0]] * 0.3, "numpy.argmax(model.predict(X), axis=1)"),
        (lambda X: np.c_[X[:, 0] <= 0, X[:, 0] > 0] * 1, "numpy.argmax(model.predict(X), axis=1)"),
    ],
)
def test_a_model_of_numbers_is_refused_until_it_says_classes(predict, remedy):
    model = SimpleNamespace(predict=predict)
    with pytest.raises(ValueError, match="model: expected one that predicts classes") as caught:
        decision_boundary(model, X, y)
    assert remedy in str(caught.value)
    assert "types.SimpleNamespace(predict=lambda X: …)" in str(caught.value)
    says = eval(f"lambda X: {remedy}", {"numpy": np, "model": model})
    ax = decision_boundary(SimpleNamespace(predict=says), X, y)
    assert all(point.lower() == region for point, region in regions(ax))


def test_a_network_has_no_classes_yet():
    net = two_sides().net
    with pytest.raises(TypeError, match=r"model: expected a Model, got Sequential.* nnlib.Model\("):
        decision_boundary(net, X, y)
    decision_boundary(nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1)), X, y)


@pytest.mark.parametrize("at", [0.0, -3.0, 1e20])
def test_points_on_a_line_are_drawn(at):
    flat = X * [1, 0] + [0, at]
    (x0, x1), (y0, y1) = (lambda ax: (ax.get_xlim(), ax.get_ylim()))(
        decision_boundary(Sides(), flat, y)
    )
    assert x0 < -1 < 1 < x1
    assert y0 < at < y1


PAGES = ("nnlib.course", "default", "dark_background", "grayscale", "Solarize_Light2")


@pytest.mark.parametrize("page", PAGES)
def test_what_is_drawn_in_black_stands_out_on_every_page(page):
    with plt.style.context(page, after_reset=True):
        _, axes = plt.subplots(1, 2)
    with plt.style.context("default", after_reset=True):  # drawn later, elsewhere
        decision_boundary(Sides(), X, y, axes[0])
        for _ in range(7):
            plots.schedule(halving, 5, axes[1])
    boundary = axes[0].collections[-1].get_edgecolor()[0]
    assert contrast(boundary[:3], axes[0].get_facecolor()) > 4.5
    assert contrast(axes[1].lines[-1].get_color(), axes[1].get_facecolor()) > 4.5


@pytest.mark.parametrize("page", PAGES)
def test_on_transparent_ground_the_boundary_has_the_colour_of_text(page):
    with plt.style.context(page):
        _, ax = plt.subplots(facecolor="none")
        ax.set_facecolor("none")
        boundary = decision_boundary(Sides(), X, y, ax).collections[-1]
        assert to_hex(boundary.get_edgecolor()[0]) == to_hex(mpl.rcParams["text.color"])


@pytest.mark.parametrize("history_of", ["classes", "numbers"])
def test_every_quantity_that_fit_records_is_drawn(history_of):
    X, y = nn.make_xor(40, rng=0)
    loss, metrics = nn.SoftmaxCrossEntropy(), {"wrong": lambda y, p: (y != p).sum(), "f1_": np.dot}
    if history_of == "numbers":
        loss, metrics = nn.MeanSquaredError(), {"rmse": lambda y, p: -np.std(y - p)}
    net = nn.Sequential(nn.Dense(2, 2 if history_of == "classes" else 1))
    history = nn.Model(net, loss, nn.SGD(0.1)).fit(X, y, validation=0.5, metrics=metrics, epochs=3)
    assert {f"val_{name}" for name in metrics} < set(history)
    for key, values in history.items():
        ax = training_curves(history, quantity=key)
        assert values in [line.get_ydata().tolist() for line in ax.lines]
        name = key.removeprefix("val_")
        loss_label = f"loss ({history.unit})" if history.unit else "loss"
        words = {"lr": "learning rate η", "loss": loss_label}
        assert ax.get_ylabel() == words.get(name, name)
        low, high = ax.get_ylim()
        assert low <= min(values) <= max(values) <= high


def test_a_loss_has_the_unit_that_its_history_knows():
    history = nn.History(loss=[1.0, 0.5])
    assert training_curves(history).get_ylabel() == "loss"
    history.unit = "nats per example"
    assert training_curves(history).get_ylabel() == "loss (nats per example)"
    history["accuracy"] = [0.5, 1.0]
    assert training_curves(history, quantity="accuracy").get_ylabel() == "accuracy"


def test_a_metric_of_ones_own_has_no_best_unless_its_name_tells():
    values = [2.0, 1.0, 3.0]
    history = nn.History(val_f1=values, val_log_loss=values, val_top_accuracy=values)
    drawn = {key: training_curves(history, quantity=key).lines for key in history}
    assert {key: lines[-1].get_label() for key, lines in drawn.items()} == {
        "val_f1": "validation f1",
        "val_log_loss": "lowest",
        "val_top_accuracy": "highest",
    }
    assert drawn["val_log_loss"][-1].get_xdata().tolist() == [2]
    assert drawn["val_top_accuracy"][-1].get_xdata().tolist() == [3]


def test_nan_is_never_the_best():
    history = nn.History(
        loss=[1.0] * 4, val_loss=[np.nan, 3.0, 2.0, np.inf], val_accuracy=[np.nan] * 4
    )
    assert training_curves(history).lines[-1].get_xdata().tolist() == [3]
    assert len(training_curves(history, quantity="accuracy").lines) == 1


def test_a_loss_below_0_is_seen():
    assert training_curves(nn.History(loss=[1.0, -2.0])).get_ylim()[0] < -2
    assert training_curves(nn.History(loss=[1.0, 0.5])).get_ylim()[0] == 0


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
            r"quantity: expected one that is recorded, loss, val_loss, lr, got 'f2': model.fit\(",
        ),
        ((HISTORY, None, "accuracy"), ValueError, "got 'accuracy': .* for classes the accuracy"),
        ((HISTORY, None, None), ValueError, "loss, val_loss, lr, got 'None'"),
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


@pytest.mark.parametrize("dtype", [int, np.uint8, np.float32, float])
def test_counts_are_whole_in_every_type_and_container(dtype):
    for counts in (C.astype(dtype), C.astype(dtype).tolist()):
        texts = plots.confusion_matrix(counts).texts
        assert [text.get_text() for text in texts] == [str(count) for count in C.ravel()]


def test_many_classes_are_shown_without_numbers():
    counts = np.eye(300, dtype=int)
    ax = plots.confusion_matrix(counts)
    assert (len(ax.texts), ax.images[0].get_array().shape[:2]) == (0, (300, 300))
    assert len(plots.confusion_matrix(counts[:20, :20]).texts) == 400


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
        ({"X": IMAGES[:4]}, ValueError, "X and y and predictions: expected one row each"),
        (
            {"y": TRUE[:4]},
            ValueError,
            r"predictions: .* shape \(4,\), got \(5,\): predict the rows",
        ),
        ({"predictions": np.eye(5)}, ValueError, r"numpy.argmax\(predictions, axis=1\)"),
        ({"predictions": np.c_[SAID]}, ValueError, r"pass numpy.ravel\(predictions\)"),
        ({"y": np.c_[TRUE], "predictions": np.c_[SAID]}, ValueError, r"y: .* numpy.ravel\(y\)"),
        (
            {"y": list("abcde")},
            TypeError,
            r"predictions: expected text as in y, .* numpy.take\(names",
        ),
        ({"y": TRUE * 0.5}, ValueError, r"y: expected class labels, .* got 1.5 at y\[0\]"),
        ({"X": IMAGES * np.nan}, ValueError, r"X: expected finite numbers, got nan at X\[0, 0\]"),
        ({"shape": (2.0, 3.0)}, TypeError, r"shape: expected a whole number, got 2\.0"),
        (
            {"X": np.ones((5, 4, 4, 3))},
            ValueError,
            r"X: .* got \(5, 4, 4, 3\): numpy.moveaxis\(X, -1, 1\)",
        ),
        (
            {"shape": None},
            ValueError,
            r"shape: expected \(height, width\), got None, and 6 numbers",
        ),
        ({"shape": (3, 3)}, ValueError, r"shape: expected .* with 6 pixels, .* got \(3, 3\): pass"),
        ({"shape": 6}, TypeError, "shape: expected a tuple, got 6: pass shape="),
        ({"shape": (6,)}, ValueError, r"shape: expected .* with 6 pixels, .* got \(6,\): pass"),
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


def titles(axes):
    return [ax.get_title() for ax in axes.flat]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, object])
def test_whole_labels_of_every_type_are_written_alike(dtype):
    axes = plots.sample_predictions(IMAGES, TRUE.astype(dtype), SAID, shape=(2, 3))
    assert titles(axes) == ["3 → 3", "1 → 1", "✗ 2 → 5", "0 → 0", "✗ 7 → 2"]


def test_names_are_written_as_they_are():
    axes = plots.sample_predictions(IMAGES[:3], ["$a$", "b_c", "_d"], ["$a$", "b^c", "_d"], (2, 3))
    assert titles(axes) == ["$a$ → $a$", "✗ b_c → b^c", "_d → _d"]
    axes.flat[0].figure.canvas.draw()
    assert not axes.flat[0].title.get_parse_math()


def test_colours_that_leave_0_to_1_are_scaled_to_it():
    X = np.arange(24.0).reshape(1, 3, 2, 4) * 10
    for same in (X, X.astype(np.uint8), X - 120, X / 230):
        (ax,) = plots.sample_predictions(same, [1], [1]).flat
        shown = ax.images[0].get_array()
        np.testing.assert_allclose(shown, np.moveaxis(X[0], 0, -1) / 230, atol=1e-12)


def test_channels_that_come_last_can_be_brought_forward():
    X = np.random.default_rng(0).uniform(size=(2, 4, 5, 3))
    axes = plots.sample_predictions(np.moveaxis(X, -1, 1), [0, 1], [0, 1])
    np.testing.assert_array_equal(axes.flat[1].images[0].get_array(), X[1])


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
    with pytest.raises(ValueError, match=r"shape: expected a height and a width, got \(3, 1, 2\)"):
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
    with pytest.raises(
        ValueError, match="net: expected a layer with parameters to train, got none: add"
    ):
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


def test_a_network_within_a_network_is_looked_into():
    flat = nn.Sequential(nn.Dense(4, 5), nn.ReLU(), nn.Dense(5, 3))
    deep = nn.Sequential(nn.Sequential(nn.Dense(4, 5), nn.ReLU()), nn.Sequential(nn.Dense(5, 3)))
    deep.params, (X, y) = flat.params, batch()
    pairs = zip(*(plots.first_layer_weights(net).flat for net in (flat, deep)), strict=True)
    for a, b in pairs:
        np.testing.assert_array_equal(a.images[0].get_array(), b.images[0].get_array())
    for look, names in (
        (lambda net: plots.activation_histograms(net, X), ["0.0", "0.1", "1.0"]),
        (lambda net: plots.gradient_histograms(net, LOSS, X, y), ["0.0", "1.0"]),
    ):
        of_flat, of_deep = look(flat), look(deep)
        assert [title.split()[0] for title in titles(of_deep)] == names
        for a, b in zip(of_flat.flat, of_deep.flat, strict=True):
            assert a.get_title().split(" ", 1)[1] == b.get_title().split(" ", 1)[1]
            assert drawn(a) == drawn(b)
    directions = [filter_normalised(net, np.random.default_rng(0)) for net in (flat, deep)]
    np.testing.assert_array_equal(*directions)
    maps = [plots.loss_surface(net, LOSS, X, y, resolution=3) for net in (flat, deep)]
    np.testing.assert_array_equal(*(ax.collections[0].levels for ax in maps))


def test_within_a_residual_block_activations_are_those_of_its_layers():
    block = nn.Residual(nn.Dense(4, 6), nn.Tanh(), nn.Dense(6, 4))
    net, (X, y) = nn.Sequential(block, nn.ReLU(), nn.Dense(4, 3)), batch()
    axes = plots.activation_histograms(net, X)
    said = dict(title.split("\n") for title in titles(axes) if title)
    assert list(said) == ["0.0 Dense", "0.1 Tanh", "0.2 Dense", "1 ReLU", "2 Dense"]
    F = block.layers[2].forward(np.tanh(block.layers[0].forward(X)))
    assert said["0.2 Dense"] == f"std {F.std():.2g}"
    assert said["1 ReLU"].startswith(f"std {np.maximum(X + F, 0).std():.2g}")
    axes = plots.gradient_histograms(net, LOSS, X, y)
    assert [t.split("\n")[0] for t in titles(axes)] == ["0.0 Dense", "0.2 Dense", "2 Dense"]
    assert plots.loss_surface(net, LOSS, X, y, resolution=3).has_data()


def test_a_frozen_layer_has_no_gradient_to_draw_and_no_direction_to_go():
    net, (X, y) = network(), batch()
    net.layers[0].frozen = True
    assert [t.split("\n")[0] for t in titles(plots.gradient_histograms(net, LOSS, X, y))] == [
        "3 Dense"
    ]
    D = filter_normalised(net, np.random.default_rng(0))[:15].reshape(5, 3)
    np.testing.assert_allclose(np.linalg.norm(D, axis=0), np.linalg.norm(net.layers[3].W, axis=0))
    assert plots.loss_surface(net, LOSS, X, y, resolution=3).has_data()


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


EYE = np.eye(9)[np.newaxis]
FIGURES = {
    "training curves": lambda: training_curves(HISTORY),
    "confusion matrix": lambda: plots.confusion_matrix(C),
    "samples": lambda: plots.sample_predictions(IMAGES, TRUE, SAID, (2, 3)),
    "saliency": lambda: plots.saliency(nn.Model(network(), LOSS, nn.SGD()), np.arange(4.0), 0),
    "calibration": lambda: plots.calibration(TRUE % 2, IMAGES[:, 0]),
    "learning curve": lambda: plots.learning_curve([10, 100], [1, 0.9], [0.5, 0.8]),
    "filters": lambda: plots.filters(nn.Sequential(nn.Conv2D(2, 8, 5))),
    "maps": lambda: plots.feature_maps(nn.Sequential(nn.Conv2D(1, 7, 5)), EYE),
    **{name: partial(look, network()) for name, look in LOOKS.items()},
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
def test_every_figure_fits_the_page_and_is_opaque(draw):
    figure = np.atleast_1d(draw()).flat[0].figure
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


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"], r"history\['val_loss'\]: expected real numbers"),
        ([[1.0], [2.0]], r"history\['val_loss'\]: expected one number for each epoch, got .*2, 1"),
        ([[1.0], [2.0, 3.0]], r"history\['val_loss'\]: .*rows of different lengths"),
    ],
)
def test_a_history_that_holds_no_numbers_is_refused(values, message):
    history = nn.History(loss=[2.0, 1.0], val_loss=values)
    with pytest.raises((TypeError, ValueError), match=message):
        plots.training_curves(history)


def test_a_history_of_arrays_is_drawn_as_one_of_lists_is():
    ax = plots.training_curves(nn.History(loss=np.array([2.0, 1.0]), val_loss=np.array([3.0, 2.0])))
    assert ax.lines[0].get_ydata().tolist() == [2.0, 1.0]


def test_a_plane_wider_than_all_numbers_is_refused():
    net = nn.Sequential(nn.Dense(2, 2))
    with pytest.raises(ValueError, match=r"^span: expected a finite loss on the whole plane"):
        plots.loss_surface(
            net, nn.SoftmaxCrossEntropy(), np.eye(2), [0, 1], span=1e308, resolution=3
        )
