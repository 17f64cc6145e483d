"""The picture of a playground: the plane, the network, the curves, and what goes on inside."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from nnlib._typing import Array, Targets
from nnlib.course.kit.canvas import Canvas, Line, Pixels, Sheet, Stamp, Texts
from nnlib.course.playground import maps
from nnlib.course.playground.charts import Curves, Ridges
from nnlib.course.playground.data import Data, deciding
from nnlib.course.playground.diagram import Diagram
from nnlib.course.playground.experiment import Experiment, dense_layers
from nnlib.course.playground.layout import AT, BAR, CHARTS, HIGH, SIDE, H, W, axes_at, make_layout
from nnlib.course.playground.maps import DIVERGING, REACH, Unit
from nnlib.course.playground.words import KeptRun, loss_name
from nnlib.plots import MARKERS, PALETTE

BINS, SPREAD = np.linspace(-7, 1, 41), np.linspace(-3, 3, 41)
"""The edges of histograms: of log₁₀ of the sizes of gradients, and of activations."""


@dataclass
class View:
    """What is shown, and how: it has no influence on the run."""

    unit: Unit | None = None
    """The unit that is shown in the plane; None: the network's answer."""

    pointed: Unit | None = None
    """The unit that is pointed at, which is shown instead as long as it is."""

    measure: str = "loss"
    """The curves, where there are classes; values have no accuracy."""

    test: bool = False
    regions: bool = False

    @property
    def seen(self) -> Unit | None:
        """The unit that is shown in the plane now."""
        return self.pointed or self.unit


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
        self.gradients = Ridges(
            middle, BINS, "sizes of gradients, |∂L/∂W|", lambda x: f"{10**x:.1e}"
        )
        self.activations = Ridges(right, SPREAD, "activations, training data")
        powers = ["≤$10^{-7}$", "$10^{-5}$", "$10^{-3}$", "0.1", "≥10"]
        middle.set_xticks(range(-7, 2, 2), powers)
        right.set_xticks(range(-3, 4), ["≤−3", "−2", "−1", "0", "1", "2", "≥3"])
        charts = [*self.curves.artists, self.gradients.artist, self.activations.artist]
        return [*self.plane.artists, *self.diagram.artists, *charts]

    def frame(self, experiment: Experiment) -> Pixels:
        """Draw the experiment as it is, and return the picture."""
        self.place(experiment)
        answers, view = maps.answers_of(experiment), self.view
        self.plane.draw(answers, view, self._name(view.seen))
        self.diagram.draw(experiment.net, answers)
        measure = view.measure if experiment.data.k else "loss"
        kept = self.kept_run
        if kept and loss_name(kept.settings) != loss_name(experiment.settings):
            kept = None
        self.canvas.stale |= self.curves.update(experiment.history, kept, measure)
        dense = dense_layers(experiment.net)
        sizes = [np.log10(np.maximum(np.abs(a.dW), 1e-12)).ravel() for _, a in dense]
        self.gradients.update(sizes if experiment.net.grads.any() else [])
        columns = maps.activations(experiment.net, experiment.F_train)
        self.activations.update([A.ravel() for A in columns])
        return self.canvas.frame()

    def place(self, experiment: Experiment) -> None:
        """Put everything in its place, if something that stays from frame to frame has changed."""
        s, view = experiment.settings, self.view
        now = (s.features, s.hidden, s.activations, deciding(s), view.test)
        if now != self._drawn:
            self._drawn = now
            self.layout = make_layout(experiment)
            self.plane.place(experiment.data, view)
            self.diagram.place(experiment, self.layout)
            for ridges in (self.gradients, self.activations):
                ridges.name(len(s.hidden) + 1)
            self.canvas.stale = True
        sizes = [*map(len, self.layout.names)]
        for name in ("unit", "pointed"):
            unit = getattr(view, name)
            if unit and not (unit[0] < len(sizes) and unit[1] < sizes[unit[0]]):
                setattr(view, name, None)  # it is no more

    def _name(self, unit: Unit | None) -> str:
        return self.layout.names[unit[0]][unit[1]] if unit else "the network's answer"

    def read(self, experiment: Experiment, x: float, y: float) -> str:
        """Say what the network, or the unit that is seen, says of a point."""
        columns, _ = maps.answers_of(experiment, np.array([[x, y]]))
        at, unit, said = f"x₁ = {x:.2f}, x₂ = {y:.2f}", self.view.seen, columns[-1][0]
        if unit is not None:
            return f"{at}: {self._name(unit)} says {columns[unit[0]][0, unit[1]]:.3g}"
        if not experiment.data.k:
            return f"{at}: the network says {said[0]:.3g}"
        names, order = experiment.data.names, np.argsort(said)[::-1][:3]
        return f"{at}: " + ", ".join(f"{names[j][:20]} {said[j]:.0%}" for j in order)


class Plane:
    """The plane: the points, what the network says of them, and above it a bar with its colours."""

    def __init__(self, figure: Any) -> None:
        self.ax = ax = axes_at(figure, *AT, SIDE, SIDE)
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x₁", ylabel="x₂")
        ax.xaxis.labelpad, ax.yaxis.labelpad = 0, -4
        ax.set(xticks=range(-3, 4), yticks=range(-3, 4))
        ax.grid(False)
        right, top = AT[0] + SIDE, AT[1] + SIDE
        self._title = Line(AT[0], top + 4, SIDE - BAR[0] - 40)
        self._surface, self._bar = Stamp(*AT), Stamp(right - BAR[0] - 26, top + 7)
        self._surface.smooth = True
        page = axes_at(figure, 0, top, W, H - top)
        page.set(xlim=(0, W), ylim=(0, H - top))
        page.set_axis_off()
        self._ends, self._sheet = Texts(page), Sheet([])
        self.artists = [self._surface, self._sheet, self._title, self._bar, self._ends]

    def place(self, data: Data, view: View) -> None:
        """Put up the points, which stay from frame to frame; those of the test are hollow."""
        for mark in self._sheet.artists:
            mark.remove()
        self._sheet.artists = marks(self.ax, data.X_train, data.y_train, data.k, filled=True)
        if view.test:
            self._sheet.artists += marks(self.ax, data.X_test, data.y_test, data.k, filled=False)
        self._sheet.stale_sheet = True

    def draw(self, answers: maps.Answers, view: View, name: str) -> None:
        """Draw the surface, and its key."""
        self._title.set_text(name)
        self._surface.pixels = maps.surface(answers, SIDE, view.seen, view.regions)
        self._bar.pixels, low, high = maps.bar(answers, BAR, view.seen)
        right = AT[0] + SIDE - 26
        ends = ((right - BAR[0] - 17, low), (right + 16, high))
        self._ends.set_texts([(x, 12, text, "black", 11) for x, text in ends])


def marks(ax: Any, X: Array, y: Targets, k: int, filled: bool) -> list[Any]:
    """Add a mark for each point, filled or hollow; the sheet draws them.

    Classes differ by shape and colour; values in eight steps of colour, above 0 they point up.
    """
    if k:
        groups = [(y == j, MARKERS[j], PALETTE[j]) for j in range(k)]
    else:
        level = np.clip(np.floor(4 * y / maps.LIMIT), -4, 3).astype(int)
        colors = [DIVERGING[int(127.5 + 127.5 * (i + 0.5) / 4)] / 255 for i in range(-4, 4)]
        steps = zip(range(-4, 4), colors, strict=True)
        groups = [(level == i, "^" if i >= 0 else "v", to_hex(color)) for i, color in steps]
    edge = 0.5 if filled else 1.3 if k else 0.8
    lines = []
    for rows, marker, color in groups:
        style: dict[str, Any] = {"marker": marker, "mfc": color if filled else "white", "mew": edge}
        style["mec"] = color if k and not filled else "black"  # a value's shape tells its sign
        lines += ax.plot(*X[rows].T, ls="", ms=5, animated=True, **style)
    return lines
