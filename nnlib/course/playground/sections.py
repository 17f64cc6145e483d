"""The sections of the panel: each has a ``box`` to lay out."""

import base64
from typing import Any

import ipywidgets as w

from nnlib.course.playground.charts import MEASURES
from nnlib.course.playground.knobs import Knobs, labelled, put, wrap
from nnlib.course.playground.owner import Owner
from nnlib.course.playground.settings import (
    ACTIVATIONS,
    FEATURES,
    INITIALIZERS,
    MOST_CLASSES,
    MOST_LAYERS,
    MOST_UNITS,
    Settings,
)


class NetworkSection:
    """The section of the network: ``box`` to lay out, `show` to let it show settings."""

    def __init__(self, playground: Owner, knobs: Knobs) -> None:
        self.playground = playground
        self.layer = 0
        """The layer that units and activation are for; 0: all."""
        s = playground.experiment.settings
        self.features = {
            name: playground.switch(name, name in s.features, self._feature(name))
            for name in FEATURES
        }
        label = w.Label("features", layout=w.Layout(width="9em", justify_content="flex-end"))
        self.layers = playground.slider(
            "hidden layers", labelled(range(MOST_LAYERS + 1)), len(s.hidden), self._set_layers
        )
        which = [("all", 0), *((str(i), i) for i in range(1, MOST_LAYERS + 1))]
        self.which = playground.buttons("change layer", which, 0, self._choose_layer)
        self.which.layout = w.Layout(width="auto")
        counts, kinds = labelled(range(1, MOST_UNITS + 1)), list(ACTIVATIONS)
        self.units = playground.slider("units", counts, 4, self._set_units)
        self.kind = playground.buttons("activation", kinds, "tanh", self._set_activation)
        self._layers_shown: int | None = None
        init = knobs.buttons("init", "first weights", INITIALIZERS)
        self.box = w.VBox(
            [
                w.HBox([label, *self.features.values()], layout=wrap()),
                w.HBox([self.layers, self.units, self.which], layout=wrap()),
                self.kind,
                w.HBox([init, knobs.seed("seed", "seed")], layout=wrap()),
            ]
        )

    def _feature(self, name: str) -> Any:
        def switch(on: bool) -> None:
            now = set(self.playground.experiment.settings.features)
            now = now | {name} if on else now - {name}
            if not now:
                self.playground.sync()
                self.playground.remark(
                    "One feature has to stay: without inputs there is nothing to learn."
                )
                return
            self.playground.change(features=tuple(f for f in FEATURES if f in now))

        return switch

    def _set_layers(self, count: int) -> None:
        s = self.playground.experiment.settings
        units = [*s.hidden, *[s.hidden[-1] if s.hidden else 4] * MOST_LAYERS][:count]
        kinds = [*s.activations, *[s.activations[-1] if s.hidden else "tanh"] * MOST_LAYERS]
        self.playground.change(hidden=tuple(units), activations=tuple(kinds[:count]))

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.playground.note.value = ""
        if not self._exists(self.playground.experiment.settings):
            self._explain()
        self.playground.sync()

    def _exists(self, s: Settings) -> bool:
        """Whether there is the chosen layer, or if all are chosen, any."""
        return max(self.layer, 1) <= len(s.hidden)

    def _explain(self) -> None:
        which = f"no layer {self.layer} yet" if self.layer else "no hidden layer"
        self.playground.remark(f"There is {which}: move the slider of hidden layers.")

    def _set_units(self, units: int) -> None:
        self._set("hidden", units)

    def _set_activation(self, name: str) -> None:
        self._set("activations", name)

    def _set(self, name: str, value: Any) -> None:
        """Replace the value of the chosen layer, or of all."""
        s = self.playground.experiment.settings
        if not self._exists(s):
            self._explain()
            return
        old = enumerate(getattr(s, name), start=1)
        values = [value if self.layer in (0, i) else before for i, before in old]
        self.playground.change(**{name: tuple(values)})

    def show(self, s: Settings) -> None:
        """Show these settings."""
        for name, switch in self.features.items():
            switch.value = name in s.features
        put(self.layers, len(s.hidden))
        self.show_layer(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on the number of layers, if that is another."""
        if len(s.hidden) != self._layers_shown:
            self._layers_shown = len(s.hidden)
            self.show_layer(s)

    def show_layer(self, s: Settings) -> None:
        """Show units and activation of the chosen layer, the first for all, if it exists."""
        exists = self._exists(s)
        self.units.disabled = self.kind.disabled = not exists
        if exists:
            i = max(self.layer, 1) - 1
            put(self.units, s.hidden[i])
            put(self.kind, s.activations[i])


class ViewSection:
    """The section of what the picture shows, and how."""

    def __init__(self, playground: Owner) -> None:
        self.view = view = playground.drawing.view
        self.unit = playground.slider("show unit", [_ALL], (0, 0), self._set("unit"))
        self.measure = playground.buttons("curves", MEASURES, view.measure, self._set("measure"))
        self.measure.layout = w.Layout(width="auto")
        switches = [
            playground.switch("test points", view.test, self._set("test")),
            playground.switch("decisions only", view.regions, self._set("regions")),
        ]
        self.box = w.HBox([self.unit, *switches, self.measure], layout=wrap())
        self._hidden: tuple[int, ...] | None = None

    def _set(self, name: str) -> Any:
        return lambda value: setattr(self.view, name, value)

    def follow(self, s: Settings) -> None:
        """Offer every unit to be seen on the left."""
        if s.hidden == self._hidden:
            return
        self._hidden = s.hidden
        units = [
            (f"{i}.{j + 1}", (i, j))
            for i, count in enumerate(s.hidden, start=1)
            for j in range(count)
        ]
        self.view.unit = (0, 0)
        self.unit.options = [_ALL, *units]
        self.unit.value = (0, 0)


_ALL = ("all", (0, 0))


EXAMPLE = """x1, x2, label
0.2, 1.9, a
0.9, 1.4, a
1.4, 2.2, a
2.1, 1.7, a
0.4, 0.3, b
1.1, 0.5, b
1.8, 0.2, b
2.4, 0.6, b
0.1, 1.1, c
2.6, 1.2, c
2.9, 1.6, c
3.1, 0.9, c
"""


class PointsSection:
    """The section of one's own points: ``area`` is the box into which they are typed."""

    def __init__(self, playground: Owner) -> None:
        about = w.HTML(
            "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or "
            f"blanks. If all third entries are numbers, and one is not whole or more than "
            f"{MOST_CLASSES} differ, they are values, for a regression; else they are labels of 2 "
            f"to {MOST_CLASSES} classes. Each coordinate is scaled to −3 … 3, a value to at most 1 "
            "in size. A first line without numbers is a heading; a # after a blank begins a "
            "comment."
        )
        points = playground.experiment.settings.points or EXAMPLE
        self.area = text_area(playground, points, 8, "1.5, -2, a", "nnlib-points")
        use = playground.button(
            "Use these points", "check", lambda: playground.use_points(self.area.value)
        )
        self.box = w.VBox([about, self.area, w.HBox([use])])


class SaveSection:
    """The section in which a run is saved into a box, and loaded from it or from a file."""

    def __init__(self, playground: Owner) -> None:
        self.playground = playground
        self.link = w.HTML()
        self.link.add_class("nnlib-download")
        about = "a saved run: paste it here, and load it"
        self.area = text_area(playground, "", 6, about, "nnlib-saved")
        upload = w.FileUpload(
            accept=".json", description="Load a file", layout=w.Layout(width="auto")
        )
        upload.observe(self._load_file, "value")
        playground.controls.append(upload)
        buttons = [
            playground.button("Save into the box", "save", self._save),
            playground.button("Load from the box", "folder-open", self._load),
            upload,
            self.link,
        ]
        self.box = w.VBox([w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), self.area])

    def _save(self) -> None:
        self.area.value = text = self.playground.save()
        data = base64.b64encode(text.encode()).decode()
        self.link.value = (
            f'<a download="playground.json" href="data:application/json;base64,{data}">'
            "download it as playground.json</a>"
        )

    def _load(self) -> None:
        self.playground.load(self.area.value)

    def _load_file(self, change: Any) -> None:
        files = change["new"]
        if files:
            content = bytes(files[0]["content"])
            self.playground.post(lambda: self.playground.load(content.decode("utf8", "replace")))


class CodeSection:
    """The section in which the run stands as code."""

    def __init__(self, playground: Owner) -> None:
        self.playground = playground
        about = w.HTML("A cell that repeats this run, with all that was changed on the way:")
        self.area = text_area(playground, "", 16, "the run as code", "nnlib-code")
        again = playground.button("Write it anew", "refresh", self.write)
        self.box = w.VBox([about, self.area, w.HBox([again])])

    def write(self) -> None:
        """Write the code of the run as it is now."""
        self.area.value = self.playground.code()


def text_area(playground: Owner, value: str, rows: int, placeholder: str, css: str) -> Any:
    """Make a box for text."""
    area = w.Textarea(
        tooltip=placeholder,
        value=value,
        rows=rows,
        placeholder=placeholder,
        layout=w.Layout(width="98%"),
    )
    area.add_class(css)
    playground.controls.append(area)
    return area
