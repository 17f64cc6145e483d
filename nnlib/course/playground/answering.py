"""The parts of a playground's picture that answer: units, weights, biases, buttons, charts."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from nnlib._typing import Array
from nnlib.course.kit.parts import Part
from nnlib.course.playground import layout as place
from nnlib.course.playground import maps, plane
from nnlib.course.playground.settings import FEATURES, MOST_UNITS

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground


class Answering:
    """Makes the parts of the present picture, and does what they are there for."""

    def __init__(self, playground: "Playground") -> None:
        self._playground = playground
        self._layout: Any = None
        self._units: dict[str, maps.Unit] = {}
        self._parts: list[Part] = []

    def parts(self) -> list[Part]:
        """Return the parts, in the order of reading; they stay while nothing has another place."""
        drawing = self._playground.drawing
        drawing.place(self._playground.experiment)
        if self._layout is not drawing.layout:
            self._layout = drawing.layout
            self._units = {}
            self._parts = [*self._layers(), *self._columns(), *self._grounds()]
        return self._parts

    def unit(self, name: str) -> maps.Unit | None:
        """Return the unit that a part of this name shows."""
        return self._units.get(name)

    # The network -----------------------------------------------------------------------------

    def _layers(self) -> Iterator[Part]:
        """The − and + for layers, and for the units of each."""
        hidden = self._playground.experiment.settings.hidden
        yield from _buttons(place.LAYER_BUTTONS, "hidden layer", self._more_layers)
        for i in range(1, len(hidden) + 1):
            more = partial(self._more_units, i)
            yield from _buttons(self._layout.buttons(i), f"unit in layer {i}", more)

    def _more_layers(self, step: int) -> None:
        hidden = self._playground.experiment.settings.hidden
        self._playground.panel.network.set_layers(len(hidden) + step)
        self._playground.sync()

    def _more_units(self, layer: int, step: int) -> None:
        hidden = list(self._playground.experiment.settings.hidden)
        hidden[layer - 1] = min(max(hidden[layer - 1] + step, 1), MOST_UNITS)
        self._playground.change(hidden=tuple(hidden))
        self._playground.sync()

    def _columns(self) -> Iterator[Part]:
        """The units column by column, each with the links that come in, and its bias."""
        for column, centres in enumerate(self._layout.places):
            for j, centre in enumerate(centres):
                yield self._unit((column, j), centre)
                if column:
                    yield from self._incoming((column, j), centre)

    def _unit(self, unit: maps.Unit, centre: Array) -> Part:
        experiment, view = self._playground.experiment, self._playground.drawing.view
        name = maps.unit_name(experiment, unit)
        self._units[name] = unit

        def pin() -> None:
            view.unit = None if view.unit == unit else unit

        press = pin if unit[0] else partial(self._switch, FEATURES[unit[1]])
        return Part(
            name, place.around(centre, self._layout.tile), partial(self._says, unit), None, press
        )

    def _switch(self, feature: str) -> None:
        """Make a feature an input, or no longer."""
        on = feature in self._playground.experiment.settings.features
        self._playground.panel.network.set_feature(feature, not on)
        self._playground.sync()

    def _says(self, unit: maps.Unit) -> str:
        """Say what a unit is, and what a click on it does."""
        experiment = self._playground.experiment
        name, s = maps.unit_name(experiment, unit), experiment.settings
        if unit[0] == 0:
            on = FEATURES[unit[1]] in s.features
            return f"{name}: {'on' if on else 'off'}. Click: switch it {'off' if on else 'on'}."
        kind = f", {s.activations[unit[0] - 1]}" if unit[0] <= len(s.hidden) else ""
        pinned = self._playground.drawing.view.unit == unit
        click = "back to the network's answer" if pinned else "keep it in the plane"
        bias = experiment.weight(unit[0] - 1, -1, unit[1])
        return f"{name}{kind}: bias {bias:.4g}. Click: {click}."

    def _incoming(self, unit: maps.Unit, centre: Array) -> Iterator[Part]:
        """The weights into a unit, and its bias."""
        layout, (column, j) = self._layout, unit
        name, half = maps.unit_name(self._playground.experiment, unit), layout.tile / 2
        before = layout.places[column - 1]
        sources = layout.active if column == 1 else range(len(before))
        for row, i in enumerate(sources):
            other = maps.unit_name(self._playground.experiment, (column - 1, i))
            ends = (
                *_point(before[i][0] + half, before[i][1]),
                *_point(centre[0] - half, centre[1]),
            )
            yield self._number(
                f"weight from {other} to {name}", ends, column - 1, row, j, line=True
            )
        x, y = place.spots(centre, layout.tile)
        box = place.box(x - 1, y - 1, place.SPOT + 2, place.SPOT + 2)
        yield self._number(f"bias of {name}", box, column - 1, -1, j)

    def _number(
        self, name: str, where: place.Box, layer: int, row: int, column: int, line: bool = False
    ) -> Part:
        """Return the part of a weight, or of a bias, which is row −1."""

        def number() -> float:
            return self._playground.experiment.weight(layer, row, column)

        def put(value: float) -> None:
            self._playground.set_weight(layer, row, column, value)

        def says() -> str:
            return f"{name}: {number():.4g}. Click: type another."

        return Part(name, where, says, number=number, put=put, line=line)

    # What is read ----------------------------------------------------------------------------

    def _grounds(self) -> Iterator[Part]:
        """The plane, and the charts."""
        p, drawing = self._playground, self._playground.drawing
        curves, gradients, activations = drawing.curves, drawing.gradients, drawing.activations
        chart = drawing.canvas.chart
        yield chart(
            "the plane",
            drawing.plane.ax,
            lambda x, y: plane.reading(p.experiment, drawing.view.seen, x, y),
        )
        yield chart("the curves", curves.ax, lambda x, _: curves.read(p.experiment.history, x))
        yield chart("sizes of gradients", gradients.ax, gradients.read)
        yield chart("activations", activations.ax, activations.read)


def _buttons(centres: tuple[Array, Array], what: str, more: Callable[[int], Any]) -> Iterator[Part]:
    """The − and the + for something."""
    for word, step, centre in zip(("less", "more"), (-1, 1), centres, strict=True):
        name = f"one {what} {word}"
        yield Part(name, place.around(centre, place.BUTTON + 1), press=partial(more, step))


def _point(x: float, y: float) -> tuple[float, float]:
    """Turn a place in the network's picture into one from the upper left corner of all."""
    return place.box(x, y, 0, 0)[:2]
