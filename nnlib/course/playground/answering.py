"""The parts of a playground's picture that answer: units, weights, biases, buttons, charts."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from nnlib.course.kit.parts import Part
from nnlib.course.playground import layout as place
from nnlib.course.playground.maps import Unit
from nnlib.course.playground.settings import FEATURES

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground


class Answering:
    """Makes the parts of the present picture, and does what they are there for."""

    def __init__(self, playground: "Playground") -> None:
        self._playground = playground
        self._layout: Any = None
        self._parts: list[Part] = []
        self.units: dict[str, Unit] = {}
        """The units by the names of the parts that show them."""

    def parts(self) -> list[Part]:
        """Return the parts, in the order of reading; they stay while nothing has another place."""
        drawing = self._playground.drawing
        drawing.place(self._playground.experiment)
        if self._layout is not drawing.layout:
            self._layout = drawing.layout
            columns = enumerate(self._layout.names)
            self.units = {name: (i, j) for i, names in columns for j, name in enumerate(names)}
            self._parts = [*self._buttons(), *self._columns(), *self._grounds()]
        return self._parts

    def _buttons(self) -> Iterator[Part]:
        """The − and + for layers, and for the units of each."""
        for name, _, centre, changed in self._layout.buttons:
            where = place.around(centre, place.BUTTON + 1)
            yield Part(name, where, press=partial(self._playground.set, changed))

    def _columns(self) -> Iterator[Part]:
        """The units column by column, each with the links that come in, and its bias."""
        layout, half = self._layout, self._layout.tile / 2
        for name, (column, j) in self.units.items():
            x, y = centre = layout.places[column][j]
            says, press = partial(self._says, name), partial(self._press, name)
            yield Part(name, place.around(centre, layout.tile), says=says, press=press)
            if not column:
                continue
            sources = layout.active if column == 1 else range(len(layout.names[column - 1]))
            for row, i in enumerate(sources):
                left, up = layout.places[column - 1][i]
                ends = place.box(left + half, up, 0, 0)[:2] + place.box(x - half, y, 0, 0)[:2]
                weight = f"weight from {layout.names[column - 1][i]} to {name}"
                yield self._number(weight, ends, column - 1, row, j)
            left, low = place.spots(centre, layout.tile) - 1
            box = place.box(left, low, place.SPOT + 2, place.SPOT + 2)
            yield self._number(f"bias of {name}", box, column - 1, -1, j)

    def _press(self, name: str) -> None:
        """Make a feature an input, or no longer; keep another unit in the plane, or no longer."""
        (column, j), view = self.units[name], self._playground.drawing.view
        if column:
            view.unit = None if view.unit == (column, j) else (column, j)
        else:
            self._playground.set(lambda s: s.inputs(FEATURES[j], FEATURES[j] not in s.features))

    def _says(self, name: str) -> str:
        """Say what a unit is, and what a click on it does."""
        experiment, (column, j) = self._playground.experiment, self.units[name]
        s = experiment.settings
        if column == 0:
            now, then = ("on", "off") if FEATURES[j] in s.features else ("off", "on")
            return f"{name}: {now}. Click: switch it {then}."
        kind = f", {s.activations[column - 1]}" if column <= len(s.hidden) else ""
        pinned = self._playground.drawing.view.unit == (column, j)
        click = "back to the network's answer" if pinned else "keep it in the plane"
        return f"{name}{kind}: bias {experiment.weight(column - 1, -1, j):.4g}. Click: {click}."

    def _number(self, name: str, where: place.Box, layer: int, row: int, column: int) -> Part:
        """Return the part of a weight, which is a line, or of a bias, which is row −1."""

        def number() -> float:
            return self._playground.experiment.weight(layer, row, column)

        def says() -> str:
            return f"{name}: {number():.4g}. Click: type another."

        put = partial(self._playground.set_weight, layer, row, column)
        return Part(name, where, says, number=number, put=put, line=row >= 0)

    def _grounds(self) -> Iterator[Part]:
        """The plane, and the charts."""
        p, drawing = self._playground, self._playground.drawing
        chart, curves = drawing.canvas.chart, drawing.curves
        yield chart("the plane", drawing.plane.ax, lambda *at: drawing.read(p.experiment, *at))
        yield chart("the curves", curves.ax, lambda x, _: curves.read(p.experiment.history, x))
        yield chart("sizes of gradients", drawing.gradients.ax, drawing.gradients.read)
        yield chart("activations", drawing.activations.ax, drawing.activations.read)
