"""The sections of the panel: each has a ``box`` to lay out."""

import base64
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import traitlets

from nnlib.course.kit.copy import Copy
from nnlib.course.playground.charts import MEASURES
from nnlib.course.playground.knobs import EXAMPLE, buttons, flowing
from nnlib.course.playground.settings import (
    FEATURES,
    KNOBS,
    MOST_CLASSES,
    MOST_LAYERS,
    MOST_UNITS,
    OWN,
    Settings,
)

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground


class NetworkSection:
    """Inputs, layers and units: `show` lets them show settings."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = p = playground
        self.layer = 0
        """The layer that units and activation are for; 0: all."""
        s, features, layers = p.experiment.settings, KNOBS["features"], KNOBS["hidden"]
        self.features = {
            name: p.switch(name, name in s.features, partial(self.set_feature, name), features.tip)
            for name in FEATURES
        }
        counts = [(str(i), i) for i in range(MOST_UNITS + 1)]
        self.layers = p.slider(
            layers.label, counts[: MOST_LAYERS + 1], len(s.hidden), self.set_layers, layers.tip
        )
        tip = "How many units the layer has, or each layer if all are to change."
        self.units = p.slider("units", counts[1:], 4, self._set("hidden"), tip)
        tip = "The hidden layer whose units and activation are to change."
        self.which = p.buttons("change layer", layer_choices(s), 0, self._choose_layer, tip)
        self.which.layout = w.Layout(width="auto")
        self.kind = buttons(p, KNOBS["activations"], "tanh", self._set("activations"))
        name = w.Label(features.label, layout=w.Layout(width="9em", justify_content="flex-end"))
        rows = ([name, *self.features.values()], [self.layers, self.units, self.which], [self.kind])
        self.box = w.VBox([flowing(row) for row in rows])

    def set_feature(self, name: str, on: bool) -> None:
        """Make a feature an input, or no longer."""
        kept = {*self.playground.experiment.settings.features} - {name} | ({name} if on else set())
        self.playground.change(features=tuple(f for f in FEATURES if f in kept))

    def set_layers(self, count: int) -> None:
        """Take layers off the end, or add some like the last one."""
        s = self.playground.experiment.settings
        units = [*s.hidden, *[s.hidden[-1] if s.hidden else 4] * MOST_LAYERS]
        kinds = [*s.activations, *[s.activations[-1] if s.hidden else "tanh"] * MOST_LAYERS]
        self.playground.change(hidden=tuple(units[:count]), activations=tuple(kinds[:count]))

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.playground.sync()

    def _set(self, name: str) -> Any:
        """Return what replaces the value of the chosen layer, or of all."""

        def replace(value: Any) -> None:
            old = enumerate(getattr(self.playground.experiment.settings, name), start=1)
            values = [value if self.layer in (0, i) else before for i, before in old]
            self.playground.change(**{name: tuple(values)})

        return replace

    def show(self, s: Settings) -> None:
        """Show these settings; where all layers are to be changed, the first one's."""
        for name, switch in self.features.items():
            switch.value = name in s.features
        self.layers.value = len(s.hidden)
        self._show_layer(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on the number of layers, if that is another."""
        if len(self.which.options) != len(layer_choices(s)):
            self._show_layer(s)

    def _show_layer(self, s: Settings) -> None:
        """Offer the layers that there are, and show units and activation of the chosen one."""
        if len(self.which.options) != len(layer_choices(s)):
            self.layer = self.layer if self.layer <= len(s.hidden) else 0
            self.which.options = layer_choices(s)
            self.which.value = self.layer
        self.units.disabled = self.kind.disabled = not s.hidden
        if s.hidden:
            i = max(self.layer, 1) - 1
            self.units.value, self.kind.value = s.hidden[i], s.activations[i]


def layer_choices(s: Settings) -> list[tuple[str, int]]:
    """Name what can be changed: all layers, or one."""
    return [("all", 0), *((str(i), i) for i in range(1, len(s.hidden) + 1))]


class ViewSection:
    """What the picture shows, and how."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = p = playground
        self.view = view = p.drawing.view
        tip = "What the curves on the lower left show after each epoch."
        self.measure = p.buttons("curves", MEASURES, view.measure, self._set("measure"), tip)
        self.measure.layout = w.Layout(width="auto")
        tips = (
            "Draws the points of the test, too, as hollow marks.",
            "Colours the plane by the answer alone, not by how sure it is.",
        )
        switches = [
            p.switch("test points", view.test, self._set("test"), tips[0]),
            p.switch("decisions only", view.regions, self._set("regions"), tips[1]),
        ]
        self.box = flowing([*switches, self.measure])

    def _set(self, name: str) -> Any:
        return lambda value: setattr(self.view, name, value)

    def follow(self, s: Settings) -> None:
        """Offer accuracies where there are classes."""
        self.measure.disabled = not self.playground.experiment.data.k


class PointsSection:
    """One's own points, seen while they are the data: ``area`` is where they are typed."""

    def __init__(self, playground: "Playground") -> None:
        about = w.HTML(
            "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or "
            "blanks. Numbers of which one is not whole, or more than "
            f"{MOST_CLASSES} differ, are values, for a regression; all else are labels of 2 to "
            f"{MOST_CLASSES} classes. Coordinates are scaled to −3 … 3, values to at most 1 in "
            "size. The first line may be a heading; a # after a blank begins a comment."
        )
        points = playground.experiment.settings.points or EXAMPLE
        tip = "The points to learn from, one a line."
        self.area = text_area(playground, points, 8, "1.5, -2, a", "nnlib-points", tip)
        use = playground.button(
            "Use these points",
            "check",
            lambda: playground.use_points(self.area.value),
            "Read the box, and begin a new run with its points.",
        )
        self.box = w.VBox([about, self.area, w.HBox([use])])

    def follow(self, s: Settings) -> None:
        """Be there for one's own points alone."""
        self.box.layout.display = None if s.data == OWN else "none"


class SaveSection:
    """The section in which a run is saved as a line, and loaded from it or from a file."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = playground
        about = w.HTML(
            "A run is saved as what was done, and done again when it is loaded: in seconds, a very "
            "long one in minutes; another processor may round differently."
        )
        self.link = w.HTML()
        self.link.add_class("nnlib-download")
        about_line = "A saved run: paste it here, and load it."
        self.area = text_area(playground, "", 3, about_line, "nnlib-saved")
        self.copy = Copy("Copy the line")
        traitlets.dlink((self.area, "value"), (self.copy, "text"))
        buttons = [
            playground.button("Save as a line", "save", self._save, "Write what was done below."),
            playground.button(
                "Load the line", "folder-open", self._load, "Do again what stands below."
            ),
            self.copy,
            self._upload(),
            self.link,
        ]
        self.box = w.VBox(
            [about, w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), self.area]
        )

    def _upload(self) -> Any:
        """Make the button for a file; ipywidgets puts a count into a second line, out of sight."""
        upload = w.FileUpload(
            accept=".txt",
            description="Load a file\n",
            tooltip="Do again what was saved as a file.",
            layout=w.Layout(width="auto"),
        )
        upload.add_class("nnlib-upload")
        upload.observe(self._load_file, "value")
        self.playground.controls.append(upload)
        return upload

    def _save(self) -> None:
        try:
            self.area.value = text = self.playground.save()
        except ValueError as error:
            self.playground.remark(str(error))
            return
        data = base64.b64encode(text.encode()).decode()
        self.link.value = (
            f'<a download="playground.txt" href="data:text/plain;base64,{data}">'
            "Download the line as a file</a>"
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

    def __init__(self, playground: "Playground") -> None:
        self.playground = playground
        about = w.HTML("A cell that repeats this run, with all that was changed on the way:")
        tip = "The whole run as a cell of plain nnlib."
        self.area = text_area(playground, "", 16, "the run as code", "nnlib-code", tip)
        self.copy = Copy("Copy the code")
        traitlets.dlink((self.area, "value"), (self.copy, "text"))
        again = playground.button(
            "Write it anew", "refresh", self.write, "Write the code of the run as it is now."
        )
        self.box = w.VBox([about, self.area, w.HBox([again, self.copy])])

    def write(self) -> None:
        """Write the code of the run as it is now."""
        self.area.value = self.playground.code()


def text_area(
    playground: "Playground", value: str, rows: int, placeholder: str, css: str, tip: str = ""
) -> Any:
    """Make a box for text."""
    area = w.Textarea(value, rows=rows, placeholder=placeholder, tooltip=tip or placeholder)
    area.layout = w.Layout(width="98%")
    area.add_class(css)
    playground.controls.append(area)
    return area
