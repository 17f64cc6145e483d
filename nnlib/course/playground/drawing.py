"""The picture of a playground: the plane, the network, the curves, and what goes on inside."""

from typing import Any

import numpy as np

import nnlib as nn
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.playground import maps
from nnlib.course.playground.charts import Curves, KeptRun, Ridges, loss_name
from nnlib.course.playground.data import deciding
from nnlib.course.playground.diagram import Diagram
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import CHARTS, HIGH, H, W, axes_at, make_layout
from nnlib.course.playground.plane import Plane, View

BINS = np.linspace(-7, 1, 41)
"""For gradients: log₁₀ of their size."""

SPREAD = np.linspace(-3, 3, 41)
"""For activations."""


def power(exponent: float) -> str:
    """Write a power of ten."""
    return f"{10**exponent:.1e}"


class Drawing:
    """The figure of an experiment; `frame` draws its present state."""

    def __init__(self) -> None:
        self.view = View()
        self._drawn: tuple[Any, ...] = ()
        self.kept_run: KeptRun | None = None
        self.canvas = Canvas(W / 100, H / 100, self._build)

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")  # all places are given in pixels
        self.plane, self.diagram = Plane(figure), Diagram(figure)
        left, middle, right = (axes_at(figure, *place, HIGH) for place in CHARTS)
        self.curves = Curves(left)
        self.gradients = Ridges(middle, BINS, "sizes of gradients, |∂L/∂W|", power)
        self.activations = Ridges(right, SPREAD, "activations, training data")
        powers = ["≤$10^{-7}$", "$10^{-5}$", "$10^{-3}$", "0.1", "≥10"]
        middle.set_xticks(range(-7, 2, 2), powers)
        ends = ["≤−3", "−2", "−1", "0", "1", "2", "≥3"]
        right.set_xticks(range(-3, 4), ends)
        charts = [*self.curves.artists, self.gradients.artist, self.activations.artist]
        return [*self.plane.artists, *self.diagram.artists, *charts]

    def frame(self, experiment: Experiment) -> Pixels:
        """Draw the experiment as it is, and return the picture."""
        self.place(experiment)
        answers, view = maps.answers_of(experiment), self.view
        name = maps.unit_name(experiment, view.seen) if view.seen else "the network's answer"
        self.plane.draw(answers, view, name)
        self.diagram.draw(experiment.net, answers)
        measure = view.measure if experiment.data.k else "loss"
        kept = self.kept_run
        if kept and loss_name(kept.settings) != loss_name(experiment.settings):
            kept = None
        self.canvas.stale |= self.curves.update(experiment.history, kept, measure)
        self._draw_inside(experiment)
        return self.canvas.frame()

    def place(self, experiment: Experiment) -> None:
        """Put everything in its place, if something that stays from frame to frame has changed."""
        s, view = experiment.settings, self.view
        view.unit, view.pointed = (
            unit if unit is not None and maps.exists(experiment, unit) else None
            for unit in (view.unit, view.pointed)
        )
        now = (s.features, s.hidden, s.activations, deciding(s), view.test)
        if now == self._drawn:
            return
        self._drawn = now
        self.layout = make_layout(s, experiment.data.outputs)
        self.plane.place(experiment.data, view)
        self.diagram.place(experiment, self.layout)
        for ridges in (self.gradients, self.activations):
            ridges.name(len(s.hidden) + 1)
        self.canvas.stale = True

    def _draw_inside(self, experiment: Experiment) -> None:
        """Histograms, a row for each layer: log₁₀ |∂L/∂W| of the last batch, and activations."""
        dense = [a for a in experiment.net.layers if isinstance(a, nn.Dense)]
        sizes = [np.log10(np.maximum(np.abs(a.dW), 1e-12)).ravel() for a in dense]
        self.gradients.update(sizes if experiment.net.grads.any() else [])
        columns = maps.activations(experiment.net, experiment.F_train)
        self.activations.update([A.ravel() for A in columns])
