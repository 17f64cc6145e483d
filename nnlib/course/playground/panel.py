"""The controls of the playground, in sections of which one is seen at a time."""

import base64
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import traitlets

from nnlib.course.kit.copy import Copy
from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.charts import MEASURES
from nnlib.course.playground.maps import small_picture
from nnlib.course.playground.settings import (
    FEATURES,
    KNOBS,
    MOST_CLASSES,
    MOST_LAYERS,
    MOST_UNITS,
    OWN,
    Knob,
    Settings,
)

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground

SPEEDS = [
    ("1 step", (1, False)),
    ("5 steps", (5, False)),
    ("1 epoch", (1, True)),
    ("4 epochs", (4, True)),
    ("full speed", (10**9, True)),
]

EXAMPLE = (
    "x1, x2, label\n"
    "0.2, 1.9, a\n0.9, 1.4, a\n1.4, 2.2, a\n2.1, 1.7, a\n"
    "0.4, 0.3, b\n1.1, 0.5, b\n1.8, 0.2, b\n2.4, 0.6, b\n"
    "0.1, 1.1, c\n2.6, 1.2, c\n2.9, 1.6, c\n3.1, 0.9, c\n"
)

ABOUT_POINTS = (
    "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or blanks. "
    f"Numbers of which one is not whole, or more than {MOST_CLASSES} differ, are values, for a "
    f"regression; all else are labels of 2 to {MOST_CLASSES} classes. Coordinates are scaled to "
    "−3 … 3, values to at most 1 in size. The first line may be a heading; a # after a blank "
    "begins a comment."
)

ABOUT_LINES = (
    "A run is saved as what was done, and done again when it is loaded: in seconds, a very long "
    "one in minutes; another processor may round differently."
)

ABOUT_CODE = "A cell that repeats this run, with all that was changed on the way:"


class Panel:
    """All controls: ``rows`` to lay out, `show` to let them show settings."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = p = playground
        top, self.knobs = self._buttons(), Knobs(p)
        tip = "How much is trained between one picture and the next."
        self.speed = p.slider(
            "train per picture", SPEEDS, p.speed, partial(setattr, p, "speed"), tip
        )
        self.badge = w.HTML().add_class("nnlib-badge")
        network, self.points = self.knobs.network(), self._points()
        self.save, self.code = self._save(), self._code()
        parts = {
            "data": [self.knobs.of("data"), pictures_for(self.knobs["data"]), self.points.box],
            "network": [network, self.knobs.of("network")],
            "training": [self.knobs.of("training")],
            "stop": [self.knobs.of("stop")],
            "show": [self._view()],
            "save": [self.save.box],
            "code": [self.code.box],
        }
        self.sections = {n: w.VBox(box).add_class("nnlib-section") for n, box in parts.items()}
        tip = "Show one part of the controls; the others stay as they are."
        self.tabs = p.buttons("controls", list(self.sections), "data", self.choose, tip)
        self.tabs.add_class("nnlib-sections")
        self.choose("data")
        rates = flowing(*self.knobs.of("top").children, self.speed, self.badge)
        self.rows = [top, rates, self.tabs, *self.sections.values()]

    def _buttons(self) -> Any:
        """Add the row of buttons at the top."""
        p = self.playground
        run = p.run_buttons(p.step_once, p.reset)
        p.step_button.tooltip = "Update the weights once, with the next batch."
        return flowing(
            run,
            p.button("Epoch", "fast-forward", p.one_epoch, "Train to the end of the epoch."),
            p.button("New data", "random", p.new_data, "Draw other points of the same kind."),
            p.button("Keep curve", "thumb-tack", p.keep, "Leave this run's curves in grey below."),
            p.button("Drop curve", "eraser", p.drop, "Take the curves in grey away."),
        )

    def _view(self) -> Any:
        """Add what decides what the picture shows, and how."""
        p, view = self.playground, self.playground.drawing.view
        tip = "What the curves on the lower left show after each epoch."
        choose = partial(setattr, view, "measure")
        self.measure = p.buttons("curves", MEASURES, view.measure, choose, tip)
        self.measure.layout = AUTO
        tip = "Draws the points of the test, too, as hollow marks."
        test = p.switch("test points", view.test, partial(setattr, view, "test"), tip)
        tip = "Colours the plane by the answer alone, not by how sure it is."
        regions = p.switch("decisions only", view.regions, partial(setattr, view, "regions"), tip)
        return flowing(test, regions, self.measure)

    def choose(self, name: str) -> None:
        """Show one section, hide the others."""
        for other, box in self.sections.items():
            box.layout.display = None if other == name else "none"
        if name == "code":
            self.write_code()

    def show(self, s: Settings) -> None:
        """Let all controls show these settings; the playground sees to it that none answers."""
        self.knobs.show(s)
        self.follow(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on a control that somebody is moving, but leave that one alone."""
        self.measure.disabled = not self.playground.experiment.data.k
        self.points.box.layout.display = None if s.data == OWN else "none"
        self.knobs.follow(s)

    # Texts -----------------------------------------------------------------------------------

    def _points(self) -> "Text":
        """Add the box for one's own points, which is seen while they are the data."""
        p = self.playground
        tip = "Read the box, and begin a new run with its points."
        use = p.button("Use these points", "check", lambda: p.use_points(text.area.value), tip)
        text = Text(p, "points", ABOUT_POINTS, "The points to learn from, one a line.", 8, use)
        text.area.value = p.experiment.settings.points or EXAMPLE
        return text

    def _save(self) -> "Text":
        """Add the box in which a run is saved as a line, and loaded from it or from a file."""
        p, self.download = self.playground, w.HTML().add_class("nnlib-download")
        tip = "Write what was done into the box."
        save = p.button("Save as a line", "save", self._write_line, tip)
        tip = "Do again what the box says."
        load = p.button("Load the line", "folder-open", lambda: p.load(text.area.value), tip)
        tip = "Do again what was saved as a file."
        upload = w.FileUpload(accept=".txt", description="Load a file\n", tooltip=tip, layout=AUTO)
        upload.add_class("nnlib-upload")  # a count follows in the second line, out of sight
        p.observed(upload, self._load_files)
        tip = "A saved run: paste it here, and load it."
        text = Text(p, "line", ABOUT_LINES, tip, 3, save, load, upload, self.download)
        return text

    def _write_line(self) -> None:
        """Save the run into the box, and as a file to download."""
        try:
            self.save.area.value = text = self.playground.save()
        except ValueError as error:
            self.playground.remark(str(error))
        else:
            data = base64.b64encode(text.encode()).decode()
            self.download.value = (
                f'<a download="playground.txt" href="data:text/plain;base64,{data}">'
                "Download the line as a file</a>"
            )

    def _load_files(self, files: Any) -> None:
        for file in files:
            self.playground.load(bytes(file["content"]).decode("utf8", "replace"))

    def _code(self) -> "Text":
        """Add the box in which the run stands as code."""
        tip = "Write the code of the run as it is now."
        again = self.playground.button("Write it anew", "refresh", self.write_code, tip)
        tip = "The whole run as a cell of plain nnlib."
        return Text(self.playground, "code", ABOUT_CODE, tip, 16, again)

    def write_code(self) -> None:
        """Write the code of the run as it is now."""
        self.code.area.value = as_code(self.playground.experiment)


class Text:
    """A box for text, ``area``, with a sentence above it and buttons below, one of which copies."""

    def __init__(
        self, playground: "Playground", what: str, about: str, tip: str, rows: int, *buttons: Any
    ) -> None:
        self.area = w.Textarea(rows=rows, placeholder=tip, tooltip=tip)
        self.area.layout.width = "98%"
        self.area.add_class(f"nnlib-{what}")
        playground.controls.append(self.area)
        self.copy = Copy(f"Copy the {what}")
        traitlets.dlink((self.area, "value"), (self.copy, "text"))
        self.box = w.VBox([w.HTML(about), self.area, flowing(*buttons, self.copy)])


class Knobs(dict[str, Any]):
    """The controls of settings: those that have one of their own by name, and of the network."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = p = playground
        self.layer = 0
        """The layer that units and activation are for; 0: all."""
        for name, value in p.experiment.settings.as_dict().items():
            knob, on = KNOBS[name], partial(self._change, name)
            if knob.values:
                self[name] = p.slider(knob.label, knob.pairs(value), value, on, knob.tip)
            elif isinstance(value, str) and knob.choices:
                self[name] = p.buttons(knob.label, knob.choices, value, on, knob.tip)
                self[name].layout = AUTO
            elif isinstance(value, int):
                self[name] = p.observed(number(knob, value), on)

    def network(self) -> Any:
        """Add the controls of inputs, layers and units, and put them into rows."""
        p, s = self.playground, self.playground.experiment.settings
        features, layers, kinds = (KNOBS[name] for name in ("features", "hidden", "activations"))
        self.features = {
            name: p.switch(
                name, name in s.features, partial(self._set, Settings.inputs, name), features.tip
            )
            for name in FEATURES
        }
        counts = [(str(i), i) for i in range(MOST_UNITS + 1)]
        on: Any = partial(self._set, Settings.layers)
        self.layers = p.slider(
            layers.label, counts[: MOST_LAYERS + 1], len(s.hidden), on, layers.tip
        )
        tip = "How many units the layer has, or each layer if all are to change."
        self.units = p.slider("units", counts[1:], 4, partial(self._set_layer, "hidden"), tip)
        tip = "The hidden layer whose units and activation are to change."
        self.which = p.buttons("change layer", layer_choices(s), 0, self._choose_layer, tip)
        on = partial(self._set_layer, "activations")
        self.kind = p.buttons(kinds.label, kinds.choices, "tanh", on, kinds.tip)
        self.which.layout = self.kind.layout = AUTO
        name = w.Label(features.label, layout=w.Layout(width="9em", justify_content="flex-end"))
        rows = ([name, *self.features.values()], [self.layers, self.units, self.which], [self.kind])
        return w.VBox([flowing(*row) for row in rows])

    def _change(self, name: str, value: Any) -> None:
        """Change a setting; one's own points are those that were used last."""
        if value == OWN:
            self.playground.use_points(self.playground.experiment.settings.points or EXAMPLE)
        else:
            self.playground.change(**{name: value})

    def _set(self, changed: Callable[..., dict[str, Any]], *about: Any) -> None:
        """Change what a method of the settings says."""
        self.playground.change(**changed(self.playground.experiment.settings, *about))

    def _set_layer(self, name: str, value: Any) -> None:
        self._set(Settings.layer, self.layer, name, value)

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.playground.sync()

    def of(self, section: str) -> Any:
        """Put the controls of a section side by side."""
        return flowing(*(self[name] for name in self if KNOBS[name].section == section))

    def show(self, s: Settings) -> None:
        """Let all of them show these settings."""
        for name, control in self.items():
            value = getattr(s, name)
            if KNOBS[name].values and value not in [v for _, v in control.options]:
                control.options = KNOBS[name].pairs(value)
            control.value = value
        for name, switch in self.features.items():
            switch.value = name in s.features
        self.layers.value = len(s.hidden)
        self._show_layer(s)

    def follow(self, s: Settings) -> None:
        """Switch those off that would do nothing, and show as many layers as there are."""
        for name, control in self.items():
            control.disabled = KNOBS[name].idle(s)
        choices = layer_choices(s)
        if len(self.which.options) != len(choices):
            self.layer = self.layer if self.layer <= len(s.hidden) else 0
            self.which.options = choices
            self.which.value = self.layer
            self._show_layer(s)

    def _show_layer(self, s: Settings) -> None:
        """Show units and activation of the chosen layer; where all are, those of the first."""
        self.units.disabled = self.kind.disabled = not s.hidden
        i = max(self.layer, 1) - 1
        if i < len(s.hidden):
            self.units.value, self.kind.value = s.hidden[i], s.activations[i]


def layer_choices(s: Settings) -> list[tuple[str, int]]:
    """Name what can be changed: all layers, or one."""
    return [("all", 0), *((str(i), i) for i in range(1, len(s.hidden) + 1))]


def number(knob: Knob, value: int) -> Any:
    """Make a box into which a whole number is typed."""
    low, high = knob.bounds or (0, 0)
    control = w.BoundedIntText(value, min=low, max=high, description=knob.label)
    control.tooltip, control.layout.width = knob.tip, "300px"
    control.style.description_width = "9em"
    return control


def pictures_for(control: Any) -> Any:
    """Make what puts a picture above each data set's name, and a pencil above one's own points."""
    control.icons = ["pencil" if name == OWN else "" for name in control.options]
    control.add_class("nnlib-pictured").layout.width = "100%"
    rules = [
        f".nnlib-pictured button:nth-child({i}) {{ background-image: "
        f"url(data:image/png;base64,{base64.b64encode(small_picture(name)).decode()}) }}"
        for i, name in enumerate(control.options, start=1)
        if name != OWN
    ]
    return w.HTML(f"<style>{' '.join(rules)}</style>", layout=w.Layout(display="none"))


def flowing(*controls: Any) -> Any:
    """Put controls side by side; those that do not fit go on in the next row."""
    layout = w.Layout(flex_flow="row wrap", align_items="center", width="100%")
    return w.HBox(controls, layout=layout)


AUTO = w.Layout(width="auto")
"""As wide as what stands in it."""
