"""The plane in the picture of a playground: the points, what the network says of them, a key."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.colors import to_hex

from nnlib._typing import Array, Targets
from nnlib.course.kit.canvas import Line, Sheet, Stamp, Texts
from nnlib.course.playground import maps
from nnlib.course.playground.data import Data
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import AT, BAR, SIDE, H, W, axes_at
from nnlib.course.playground.maps import DIVERGING, REACH, Unit
from nnlib.plots import MARKERS, PALETTE


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


class Plane:
    """The plane, and above it a bar that tells what its colours mean."""

    def __init__(self, figure: Any) -> None:
        self.ax = ax = axes_at(figure, *AT, SIDE, SIDE)
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), xlabel="x₁", ylabel="x₂")
        ax.xaxis.labelpad, ax.yaxis.labelpad = 0, -4
        ax.set(xticks=range(-3, 4), yticks=range(-3, 4))
        ax.grid(False)
        self._title = Line(AT[0], AT[1] + SIDE + 4, SIDE - BAR[0] - 40)
        self._surface = Stamp(*AT)
        self._surface.smooth = True
        self._bar = Stamp(AT[0] + SIDE - BAR[0] - 26, AT[1] + SIDE + 7)
        page = axes_at(figure, 0, AT[1] + SIDE, W, H - AT[1] - SIDE)
        page.set(xlim=(0, W), ylim=(0, H - AT[1] - SIDE))
        page.set_axis_off()
        self._ends = Texts(page)
        self._sheet = Sheet([])
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
        y, right = 12, AT[0] + SIDE - 26
        self._ends.set_texts(
            [(right - BAR[0] - 17, y, low, "black", 11), (right + 16, y, high, "black", 11)]
        )


def marks(ax: Any, X: Array, y: Targets, k: int, filled: bool) -> list[Any]:
    """Add a mark for each point, filled or hollow; the sheet draws them."""
    edge = 0.5 if filled else 1.3 if k else 0.8
    lines = []
    for rows, marker, color in by_class(y, k) if k else by_value(y):
        style: dict[str, Any] = {"marker": marker, "mfc": color if filled else "white", "mew": edge}
        style["mec"] = color if k and not filled else "black"  # a value's shape tells its sign
        lines += ax.plot(*X[rows].T, ls="", ms=5, animated=True, **style)
    return lines


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


def reading(experiment: Experiment, unit: Unit | None, x: float, y: float) -> str:
    """Say what the network, or a unit, says of a point."""
    columns = maps.columns_of(experiment, np.array([[x, y]]))
    at = f"x₁ = {x:.2f}, x₂ = {y:.2f}"
    if unit is not None:
        return f"{at}: {maps.unit_name(experiment, unit)} says {columns[unit[0]][0, unit[1]]:.3g}"
    said = columns[-1][0]
    if not experiment.data.k:
        return f"{at}: the network says {said[0]:.3g}"
    names = experiment.data.names
    order = np.argsort(said)[::-1][:3]
    return f"{at}: " + ", ".join(f"{names[j][:20]} {said[j]:.0%}" for j in order)
