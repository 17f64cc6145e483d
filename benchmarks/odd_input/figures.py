"""Figures of odd data: drawn, or refused by the argument's name; each is closed again."""

from collections.abc import Callable
from typing import Any

import matplotlib.figure
import numpy as np

import nnlib as nn
from benchmarks.odd_input import inputs
from benchmarks.odd_input.inputs import Given
from benchmarks.odd_input.verdict import Case

SMALL = (2.0, 2.0)


def _model() -> nn.Model:
    net = nn.Sequential(nn.Dense(2, 3), nn.Tanh(), nn.Dense(3, 2), rng=0)
    return nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD())


def _ax() -> Any:
    return matplotlib.figure.Figure(SMALL).subplots()


def _axes(n: int) -> Any:
    return matplotlib.figure.Figure(SMALL).subplots(1, n)


def _history(values: Any) -> nn.History:
    history = nn.History()
    history["loss"], history["val_loss"] = [1.0, 0.5, 0.3], values
    return history


def _schedule(rates: Any) -> Callable[[int], Any]:
    listed = isinstance(rates, (list, tuple, np.ndarray)) and len(rates) == 3
    return lambda step: rates[step] if listed else rates


def _weighted(W: Any) -> nn.Sequential:
    net = nn.Sequential(nn.Dense(4, 2))
    net.layers[0].W = W
    return net


def _maps() -> nn.Sequential:
    return nn.Sequential(nn.Conv2D(1, 2, 2), nn.ReLU())


def figures() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """Each figure, and what its odd arguments are: (shape) of numbers, or n labels of k classes."""
    from nnlib import plots

    model = _model()
    net, loss = model.net, model.loss
    return {
        "training_curves": (
            lambda h: plots.training_curves(_history(h), _ax()), {"history": (3,)}
        ),
        "schedule": (lambda s: plots.schedule(_schedule(s), 3, _ax()), {"schedule": (3,)}),
        "first_layer_weights": (
            lambda W: plots.first_layer_weights(_weighted(W), axes=_axes(2)), {"W": (4, 2)}
        ),
        "filters": (lambda W: plots.filters(_weighted(W), ax=_ax()), {"W": (4, 2)}),
        "feature_maps": (
            lambda x: plots.feature_maps(_maps(), x, ax=_ax()), {"x": (1, 4, 4)}
        ),
        "saliency": (
            lambda x, y: plots.saliency(model, x, y, _ax(), shape=(1, 2)), {"x": (2,), "y": (1,)}
        ),
        "learning_curve": (
            lambda n, T, V: plots.learning_curve(n, T, V, _ax()),
            {"sizes": (3,), "train_scores": (3, 2), "validation_scores": (3,)},
        ),
        "calibration": (lambda y, P: plots.calibration(y, P, _ax()), {"y": 2, "P": (4, 2)}),
        "activation_histograms": (
            lambda X: plots.activation_histograms(net, X, _axes(3)), {"X": (4, 2)}
        ),
        "gradient_histograms": (
            lambda X, y: plots.gradient_histograms(net, loss, X, y, _axes(2)),
            {"X": (4, 2), "y": 2},
        ),
        "confusion_matrix": (
            lambda C: plots.confusion_matrix(C, _ax()), {"counts": (3, 3)}
        ),
        "decision_boundary": (
            lambda X, y: plots.decision_boundary(model, X, y, _ax(), resolution=5),
            {"X": (4, 2), "y": 2},
        ),
        "sample_predictions": (
            lambda X, y, p: plots.sample_predictions(X, y, p, axes=_axes(4)),
            {"X": (4, 9), "y": 3, "predictions": 3},
        ),
        "loss_surface": (
            lambda X, y: plots.loss_surface(net, loss, X, y, _ax(), resolution=3),
            {"X": (4, 2), "y": 2},
        ),
    }  # fmt: skip


def figure_case(rng: np.random.Generator) -> Case:
    """A figure of odd data, drawn to its pixels."""
    table = figures()
    name = str(rng.choice(list(table)))
    draw, shapes = table[name]
    given: dict[str, Given] = {
        word: inputs.labels(rng, 4, shape) if isinstance(shape, int) else inputs.array(rng, *shape)
        for word, shape in shapes.items()
    }

    def call() -> Any:
        drawn = np.atleast_1d(draw(*(g.value for g in given.values()))).flat[0].figure
        drawn.canvas.draw()
        return 1

    return Case(
        f"plots.{name}", call, lambda: 1, {k: g.value for k, g in given.items()},
        either=True, how={k: g.how for k, g in given.items()}, names=("span", "params", "∂L/∂θ of"),
    )  # fmt: skip


def figure_options() -> dict[str, tuple[Callable[[Any], Any], str]]:
    """Figures of plain data with one odd option."""
    from nnlib import plots

    model, X, y = _model(), np.eye(2), np.array([0, 1])
    net, loss = model.net, model.loss
    return {
        "schedule": (lambda v: plots.schedule(nn.schedules.Constant(0.1), v, _ax()), "steps"),
        "training_curves": (
            lambda v: plots.training_curves(_history([3.0]), _ax(), quantity=v), "quantity"
        ),
        "decision_boundary": (
            lambda v: plots.decision_boundary(model, X, y, _ax(), resolution=v), "resolution"
        ),
        "decision_boundary, ax": (
            lambda v: plots.decision_boundary(model, X, y, v or 0, resolution=3), "ax"
        ),
        "loss_surface, span": (
            lambda v: plots.loss_surface(net, loss, X, y, _ax(), span=v, resolution=3), "span"
        ),
        "loss_surface, resolution": (
            lambda v: plots.loss_surface(net, loss, X, y, _ax(), resolution=v), "resolution"
        ),
        "loss_surface, rng": (
            lambda v: plots.loss_surface(net, loss, X, y, _ax(), resolution=3, rng=v), "rng"
        ),
        "first_layer_weights": (
            lambda v: plots.first_layer_weights(_weighted(np.eye(4, 2)), v, _axes(2)), "shape"
        ),
        "filters": (lambda v: plots.filters(_weighted(np.eye(4, 2)), v, _ax()), "shape"),
        "feature_maps": (
            lambda v: plots.feature_maps(_maps(), np.eye(4)[np.newaxis], v, _ax()), "layer"
        ),
        "saliency, y": (lambda v: plots.saliency(model, X[0], v, _ax(), shape=(1, 2)), "y"),
        "saliency, shape": (lambda v: plots.saliency(model, X[0], 1, _ax(), shape=v), "shape"),
        "learning_curve": (
            lambda v: plots.learning_curve([1], [1], [1], _ax(), interval=v), "interval"
        ),
        "calibration": (lambda v: plots.calibration([0], [0.3], _ax(), bins=v), "bins"),
        "sample_predictions": (
            lambda v: plots.sample_predictions(np.eye(4), [0] * 4, [1] * 4, v, _axes(4)), "shape"
        ),
    }  # fmt: skip


def figure_option_case(rng: np.random.Generator) -> Case:
    """A figure with an odd option: it is drawn, or refused by the option's name."""
    table = figure_options()
    name = str(rng.choice(list(table)))
    draw, word = table[name]
    value = inputs.ODD[rng.integers(len(inputs.ODD))]
    return Case(
        f"plots.{name}", lambda: draw(value), lambda: ..., {word: value}, either=True,
        how={word: f"{value!r:.60}"},
    )  # fmt: skip
