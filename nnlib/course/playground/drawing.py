"""The picture of a playground: the plane, the network, the curves, and what goes on inside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.path import Path

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.kit.canvas import Canvas, Line, Pixels, Stamp
from nnlib.course.playground import maps
from nnlib.course.playground.charts import Curves, KeptRun, Ridges
from nnlib.course.playground.data import Data, deciding
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.history import loss_text
from nnlib.course.playground.maps import DIVERGING, REACH
from nnlib.course.playground.settings import Settings
from nnlib.plots import MARKERS, PALETTE

MOST_GROUPS = 16
"""Groups of points: eight steps of a value, in training and test data."""


def place_points(lines: list[Any], data: Data, test: bool) -> None:
    """Put up the training points and, if asked for, those of the test, which are hollow."""
    for line in lines:
        line.set_visible(False)
    free = iter(lines)
    parts = [(data.X_train, data.y_train, True)]
    parts += [(data.X_test, data.y_test, False)] if test else []
    for X, y, filled in parts:
        for rows, marker, color in by_class(y, data.k) if data.k else by_value(y):
            line = next(free)
            line.set_data(*X[rows].T)
            line.set_visible(True)
            line.set(marker=marker, mfc=color if filled else "white")
            if filled or not data.k:  # a hollow point's shape still tells the sign of its value
                line.set(mec="black", mew=0.5 if filled else 0.8)
            else:
                line.set(mec=color, mew=1.3)


def by_class(y: Any, k: int) -> list[tuple[Any, str, Any]]:
    """Group the points by class: which, marker, colour."""
    return [(y == j, MARKERS[j], PALETTE[j]) for j in range(k)]


def by_value(y: Any) -> list[tuple[Any, str, Any]]:
    """Group the points by value, in eight steps: above 0 they point up, below they point down."""
    level = np.clip(np.floor(4 * y / 1.25), -4, 3).astype(int)
    return [
        (
            level == i,
            "^" if i >= 0 else "v",
            to_hex(DIVERGING[int(127.5 + 127.5 * (i + 0.5) / 4)] / 255),
        )
        for i in range(-4, 4)
    ]


WIDTH, HEIGHT = 590, 330
"""Pixels of the network's picture."""

LEFT, RIGHT, TOP = 48, 62, 24
"""Pixels for the names of inputs, those of outputs, and the headings."""


class Layout(NamedTuple):
    """Sizes and places, in pixels from the lower left corner."""

    tile: int
    places: list[Array]
    """For each column the centres of its units, shape (units, 2)."""
    paths: list[Path]
    """A line for every weight, in the order of the weight matrices."""

    @property
    def heading(self) -> float:
        """The size of letters with which the longest heading is no wider than a column."""
        pitch = (WIDTH - LEFT - RIGHT - self.tile) / max(len(self.places) - 1, 1)
        return min(9.0, pitch / 9.2)


def make_layout(settings: Settings, outputs: int) -> Layout:
    """Spread the columns over the width, and the units of each over the height."""
    sizes = (len(settings.features), *settings.hidden, outputs)
    height = HEIGHT - TOP
    pitch = (WIDTH - LEFT - RIGHT) / max(len(sizes) - 1, 1)
    tile = int(min(44, height / max(sizes) - 3, 0.55 * pitch))
    x = np.linspace(LEFT + tile / 2, WIDTH - RIGHT - tile / 2, len(sizes))
    places = []
    for at, units in zip(x, sizes, strict=True):
        gap = min(height / units, tile + 22)
        y = height / 2 + gap * ((units - 1) / 2 - np.arange(units))
        places.append(np.column_stack([np.full(units, at), y]).round())
    half = np.array([tile / 2, 0])
    lines = [
        Path(np.array([a + half, b - half]))
        for before, after in pairwise(places)
        for a in before
        for b in after
    ]
    return Layout(tile, places, lines)


def corner(centre: Array, tile: int) -> tuple[int, int]:
    """Return the lower left corner of a tile."""
    return int(centre[0] - tile // 2), int(centre[1] - tile // 2)


def short_names(names: Sequence[str]) -> list[str]:
    """Shorten names to 7 letters: their beginnings, or what tells them apart."""
    letters = enumerate(zip(*names, strict=False))
    start = next((i for i, some in letters if len(set(some)) > 1), min(map(len, names), default=0))
    ways: list[Callable[[str], str]] = [
        lambda name: f"{name[:6]}…",
        lambda name: f"…{name[start : start + 6]}",
        lambda name: f"…{name[-6:]}",
        lambda name: f"…{name[start : start + 2]}…{name[-3:]}",
        lambda name: f"{name[:4]}… {names.index(name) + 1}",
    ]
    for way in ways:
        short = [name if len(name) <= 7 else way(name) for name in names]
        if len(set(short)) == len(names):
            break
    return short


W, H = 980, 576
"""Pixels of the picture."""

SIDE, AT = 310, (40, 234)
"""Pixels of the plane, and its lower left corner."""

NET = (378, 212)
"""The lower left corner of the network's picture."""

CHARTS = ((58, 40, 285), (436, 40, 222), (738, 40, 222))
"""The lower left corner of each chart, and its width."""

STRONGEST = 200
"""So many links are drawn at the most, the strongest ones."""

BINS = np.linspace(-7, 1, 41)
"""For gradients: log₁₀ of their size."""

SPREAD = np.linspace(-3, 3, 41)
"""For activations."""


@dataclass
class View:
    """What is shown, and how: it has no influence on the run."""

    unit: tuple[int, int] = (0, 0)
    """Layer and place of the unit that is shown on the left; layer 0: the whole network."""

    measure: str = "loss"
    """The curves, where there are classes; values have no accuracy."""

    test: bool = False
    regions: bool = False


class Drawing:
    """The figure of an experiment; `frame` draws its present state."""

    def __init__(self) -> None:
        self.view = View()
        self._drawn: tuple[Any, ...] = ()
        self.kept_run: KeptRun | None = None
        self.canvas = Canvas(W / 100, H / 100, self._build)

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")  # all places are given in pixels
        return [
            *self._build_plane(axes_at(figure, *AT, SIDE, SIDE)),
            *self._build_network(axes_at(figure, *NET, WIDTH, HEIGHT)),
            *self._build_charts(figure),
        ]

    def _build_plane(self, plane: Any) -> list[Any]:
        plane.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x₁", ylabel="x₂")
        plane.xaxis.labelpad, plane.yaxis.labelpad = 0, -4
        plane.set(xticks=range(-3, 4), yticks=range(-3, 4))
        plane.grid(False)
        self._title = plane.set_title("", fontsize=10, loc="left", y=1.0)
        self._surface = Stamp(*AT)
        self._surface.smooth = True
        style = {"ls": "", "mec": "black", "mew": 0.5, "ms": 5, "zorder": 3}
        self._points = [plane.plot([], [], **style)[0] for _ in range(MOST_GROUPS)]
        return [self._surface, *self._points]

    def _build_network(self, net: Any) -> list[Any]:
        self._network = net
        net.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        net.set_axis_off()
        self._links = [
            net.add_collection(PathCollection([], facecolors="none", edgecolors=c, linestyles=s))
            for c, s in ((PALETTE[0], "solid"), (PALETTE[1], (0, (4, 2))))
        ]
        self._tiles = Stamp(*NET)
        self._caption = Line(NET[0], H - 26, W - NET[0])
        self._texts: list[Any] = []
        return [*self._links, self._tiles, self._caption]

    def _build_charts(self, figure: Any) -> list[Any]:
        left, middle, right = (axes_at(figure, *place, 118) for place in CHARTS)
        self._curves = Curves(left)
        self._gradients = Ridges(middle, BINS, "sizes of gradients, |∂L/∂W|")
        self._activations = Ridges(right, SPREAD, "activations, training data")
        powers = ["≤$10^{-7}$", "$10^{-5}$", "$10^{-3}$", "0.1", "≥10"]
        middle.set_xticks(range(-7, 2, 2), powers)
        ends = ["≤−3", "−2", "−1", "0", "1", "2", "≥3"]
        right.set_xticks(range(-3, 4), ends)
        return [*self._curves.artists, self._gradients.artist, self._activations.artist]

    # A frame ---------------------------------------------------------------------------------

    def frame(self, experiment: Experiment, scores: dict[str, float]) -> Pixels:
        """Draw the experiment as it is, and return the picture."""
        self._static(experiment)
        answers = maps.answers_of(experiment)
        view = self.view
        self._surface.pixels = maps.surface(answers, SIDE, view.unit, view.regions)
        self._draw_tiles(answers)
        self._draw_links(experiment.net)
        measure = view.measure if experiment.data.k else "loss"
        kept_run = self.kept_run
        if kept_run and kept_run.classes != bool(experiment.data.k):
            kept_run = None
        self.canvas.stale |= self._curves.update(experiment.history, kept_run, measure)
        self._draw_inside(experiment)
        self._caption.set_text(caption(experiment, scores))
        return self.canvas.frame()

    def _static(self, experiment: Experiment) -> None:
        """Redraw what stays from frame to frame, if it has changed."""
        s, view = experiment.settings, self.view
        name = "" if not view.unit[0] else f"layer {view.unit[0]}, unit {view.unit[1] + 1}"
        now = (s.features, s.hidden, s.activations, deciding(s), view.test, view.unit)
        if now == self._drawn:
            return
        self._drawn = now
        self._layout = make_layout(s, experiment.data.outputs)
        title = name or "the network's answer"
        title += "" if experiment.data.k or name else ", −1 ▼ … 1 ▲"
        self._title.set_text(title + ("; hollow: test" if view.test else ""))
        place_points(self._points, experiment.data, view.test)
        self._place_texts(experiment)
        for ridges in (self._gradients, self._activations):
            ridges.name(len(s.hidden) + 1)
        self.canvas.stale = True

    def _place_texts(self, experiment: Experiment) -> None:
        """Write the headings, and the names of inputs and outputs."""
        for text in self._texts:
            text.remove()
        s, d, layout = experiment.settings, experiment.data, self._layout
        half, small = layout.tile / 2 + 5, {"va": "center", "fontsize": 9}
        self._texts = [
            self._network.text(x - half, y, name, ha="right", **small)
            for name, (x, y) in zip(s.features, layout.places[0], strict=True)
        ]
        names = [f"{MARK[j]} {name}" for j, name in enumerate(short_names(d.names))] or ["value"]
        self._texts += [
            self._network.text(x + half, y, name, ha="left", parse_math=False, **small)
            for name, (x, y) in zip(names, layout.places[-1], strict=True)
        ]
        fit_into(RIGHT + 8, self._texts[-len(names) :])
        count = len(layout.paths)
        links = "links" if count <= STRONGEST else f"the strongest {STRONGEST} of {count:,} links"
        about = f"{links}: solid = positive weight, dashed = negative, width = size"
        self._texts.append(self._network.text(0, -16, about, fontsize=8, color="0.35"))
        top = {"ha": "center", "va": "top"}
        heads = ["inputs", *s.activations, "softmax" if d.k else "output"]
        for head, centres in zip(heads, layout.places, strict=True):
            self._texts.append(
                self._network.text(centres[0][0], HEIGHT - 4, head, fontsize=layout.heading, **top)
            )

    def _draw_tiles(self, answers: maps.Answers) -> None:
        layout = self._layout
        tile = layout.tile
        sheet = np.zeros((HEIGHT - TOP + 4, WIDTH, 4), np.uint8)
        for i, (A, places) in enumerate(zip(answers.columns, layout.places, strict=True)):
            last = i == len(answers.columns) - 1
            pictures = maps.tiles(A, tile, maps.CLASS_RAMPS if last and answers.k else None)
            for picture, centre in zip(pictures, places, strict=True):
                x, y = corner(centre, tile)
                sheet[y : y + tile, x : x + tile] = picture
        self._tiles.pixels = sheet

    def _draw_links(self, net: nn.Sequential) -> None:
        """A line for each weight: solid and blue above 0, dashed and vermilion below."""
        w = np.concatenate([a.W.ravel() for a in net.layers if isinstance(a, nn.Dense)])
        size = np.abs(w)
        strong = size > 0.02
        if np.count_nonzero(strong) > STRONGEST:
            strong = size >= np.partition(size, -STRONGEST)[-STRONGEST]
        paths = self._layout.paths
        signs = (strong & (w > 0), strong & (w < 0))
        for collection, links in zip(self._links, signs, strict=True):
            rows = np.flatnonzero(links)
            collection.set_paths([paths[i] for i in rows])
            collection.set_linewidths(np.clip(0.3 + 1.1 * size[rows], 0, 6))

    def _draw_inside(self, experiment: Experiment) -> None:
        """Histograms, a row for each layer: log₁₀ |∂L/∂W| of the last batch, and activations."""
        dense = [a for a in experiment.net.layers if isinstance(a, nn.Dense)]
        sizes = [np.log10(np.maximum(np.abs(a.dW), 1e-12)).ravel() for a in dense]
        self._gradients.update(sizes if experiment.net.grads.any() else [])
        A, columns = experiment.F_train, []
        for layers in maps.by_column(experiment.net):
            for layer in layers:
                A = layer.forward(A)
            columns.append(A.ravel())
        self._activations.update(columns)


def axes_at(figure: Any, x: float, y: float, width: float, height: float) -> Any:
    """Add axes at a place that is given in pixels."""
    return figure.add_axes((x / W, y / H, width / W, height / H))


MARK = ("●", "■", "▲", "◆", "▼")
"""The markers of the classes, as text."""


def fit_into(width: float, texts: list[Any]) -> None:
    """Take smaller letters for texts that are wider than so many pixels."""
    for text in texts:
        extent = text.get_window_extent().width
        text.set_fontsize(text.get_fontsize() * min(1, width / extent))


def caption(experiment: Experiment, scores: dict[str, float]) -> str:
    """Say in a line where the run stands."""
    s = experiment.settings
    parts = [
        f"epoch {experiment.epoch:,}",
        f"loss {loss_text(scores['loss'])}, test {loss_text(scores['test_loss'])}",
    ]
    if "accuracy" in scores:
        parts.append(f"accuracy {scores['accuracy']:.0%}, test {scores['test_accuracy']:.0%}")
    return "   ".join([*parts, f"{s.optimizer} η = {s.lr:g}"])
