"""Sections of the panel that are more than a row of controls: each has a ``box`` to lay out."""

import base64
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import traitlets

from nnlib.course.kit.copy import Copy
from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.knobs import AUTO, EXAMPLE, buttons, flowing
from nnlib.course.playground.line import written
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
        self.units = p.slider("units", counts[1:], 4, partial(self._set, "hidden"), tip)
        tip = "The hidden layer whose units and activation are to change."
        self.which = p.buttons("change layer", layer_choices(s), 0, self._choose_layer, tip)
        self.which.layout = AUTO
        self.kind = buttons(p, KNOBS["activations"], "tanh", partial(self._set, "activations"))
        name = w.Label(features.label, layout=w.Layout(width="9em", justify_content="flex-end"))
        rows = ([name, *self.features.values()], [self.layers, self.units, self.which], [self.kind])
        self.box = w.VBox([flowing(*row) for row in rows])

    def set_feature(self, name: str, on: bool) -> None:
        """Make a feature an input, or no longer."""
        kept = {*self.playground.experiment.settings.features} - {name} | ({name} if on else set())
        self.playground.change(features=tuple(f for f in FEATURES if f in kept))

    def set_layers(self, count: int) -> None:
        """Take layers off the end, or add some like the last one, within the bounds."""
        count = min(max(count, 0), MOST_LAYERS)
        s = self.playground.experiment.settings
        units = [*s.hidden, *[s.hidden[-1] if s.hidden else 4] * MOST_LAYERS]
        kinds = [*s.activations, *[s.activations[-1] if s.hidden else "tanh"] * MOST_LAYERS]
        self.playground.change(hidden=tuple(units[:count]), activations=tuple(kinds[:count]))

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.playground.sync()

    def _set(self, name: str, value: Any) -> None:
        """Replace the value of the chosen layer, or of all."""
        old = enumerate(getattr(self.playground.experiment.settings, name), start=1)
        values = [value if self.layer in (0, i) else before for i, before in old]
        self.playground.change(**{name: tuple(values)})

    def show(self, s: Settings) -> None:
        """Show these settings; where all layers are to be changed, the first one's."""
        for name, switch in self.features.items():
            switch.value = name in s.features
        self.layers.value = len(s.hidden)
        self.follow(s)
        self._show_layer(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on the number of layers, if that is another."""
        choices = layer_choices(s)
        if len(self.which.options) != len(choices):
            self.layer = self.layer if self.layer <= len(s.hidden) else 0
            self.which.options = choices
            self.which.value = self.layer
            self._show_layer(s)

    def _show_layer(self, s: Settings) -> None:
        """Show units and activation of the chosen layer."""
        self.units.disabled = self.kind.disabled = not s.hidden
        if s.hidden:
            i = max(self.layer, 1) - 1
            self.units.value, self.kind.value = s.hidden[i], s.activations[i]


def layer_choices(s: Settings) -> list[tuple[str, int]]:
    """Name what can be changed: all layers, or one."""
    return [("all", 0), *((str(i), i) for i in range(1, len(s.hidden) + 1))]


class TextSection:
    """A box for text, ``area``, with a sentence above it and buttons below, one of which copies."""

    def __init__(
        self, playground: "Playground", what: str, about: str, tip: str, rows: int, *buttons: Any
    ) -> None:
        self.playground = playground
        self.area = w.Textarea(rows=rows, placeholder=tip, tooltip=tip)
        self.area.layout.width = "98%"
        self.area.add_class(f"nnlib-{what}")
        playground.controls.append(self.area)
        self.copy = Copy(f"Copy the {what}")
        traitlets.dlink((self.area, "value"), (self.copy, "text"))
        self.box = w.VBox([w.HTML(about), self.area, flowing(*buttons, self.copy)])


class PointsSection(TextSection):
    """One's own points, seen while they are the data."""

    about = (
        "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or "
        "blanks. Numbers of which one is not whole, or more than "
        f"{MOST_CLASSES} differ, are values, for a regression; all else are labels of 2 to "
        f"{MOST_CLASSES} classes. Coordinates are scaled to −3 … 3, values to at most 1 in "
        "size. The first line may be a heading; a # after a blank begins a comment."
    )

    def __init__(self, playground: "Playground") -> None:
        tip = "Read the box, and begin a new run with its points."
        use = playground.button("Use these points", "check", self._use, tip)
        tip = "The points to learn from, one a line."
        super().__init__(playground, "points", self.about, tip, 8, use)
        self.area.value = playground.experiment.settings.points or EXAMPLE

    def _use(self) -> None:
        self.playground.use_points(self.area.value)

    def follow(self, s: Settings) -> None:
        """Be there for one's own points alone."""
        self.box.layout.display = None if s.data == OWN else "none"


class SaveSection(TextSection):
    """The section in which a run is saved as a line, and loaded from it or from a file."""

    about = (
        "A run is saved as what was done, and done again when it is loaded: in seconds, a very "
        "long one in minutes; another processor may round differently."
    )

    def __init__(self, playground: "Playground") -> None:
        p, self.link = playground, w.HTML()
        self.link.add_class("nnlib-download")
        save = p.button("Save as a line", "save", self._save, "Write what was done into the box.")
        load = p.button("Load the line", "folder-open", self._load, "Do again what the box says.")
        tip = "Do again what was saved as a file."
        upload = w.FileUpload(accept=".txt", description="Load a file\n", tooltip=tip)
        upload.layout = AUTO  # ipywidgets puts a count into the second line, out of sight
        upload.add_class("nnlib-upload")
        p.observed(upload, self._load_file)
        tip = "A saved run: paste it here, and load it."
        super().__init__(p, "line", self.about, tip, 3, save, load, upload, self.link)

    def _save(self) -> None:
        try:
            self.area.value = text = written(self.playground.experiment)
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

    def _load_file(self, files: Any) -> None:
        for file in files:
            self.playground.load(bytes(file["content"]).decode("utf8", "replace"))


class CodeSection(TextSection):
    """The section in which the run stands as code."""

    about = "A cell that repeats this run, with all that was changed on the way:"

    def __init__(self, playground: "Playground") -> None:
        tip = "Write the code of the run as it is now."
        again = playground.button("Write it anew", "refresh", self.write, tip)
        tip = "The whole run as a cell of plain nnlib."
        super().__init__(playground, "code", self.about, tip, 16, again)

    def write(self) -> None:
        """Write the code of the run as it is now."""
        self.area.value = as_code(self.playground.experiment)
