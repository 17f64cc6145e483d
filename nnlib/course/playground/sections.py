"""The sections of the controls, and what they are made of."""

import base64
from collections.abc import Iterable
from typing import Any

import ipywidgets as w

from nnlib.course.playground.settings import (
    ACTIVATIONS,
    FEATURES,
    INITIALIZERS,
    MOST_CLASSES,
    MOST_LAYERS,
    MOST_UNITS,
    Settings,
)


def labelled(values: Iterable[Any], zero: str = "0") -> list[tuple[str, Any]]:
    """Give each value of a slider its label."""
    return [(format(value, "g") if value else zero, value) for value in values]


def with_value(values: list[tuple[str, Any]], value: Any) -> list[tuple[str, Any]]:
    """Add a value that is not among those of a slider, at its place: that of "all" is last."""
    if any(value == known for _, known in values):
        return values
    return sorted(
        [*values, (format(value, "g"), value)], key=lambda pair: (pair[0] == "all", pair[1])
    )


def put(control: Any, value: Any) -> None:
    """Give a control a value, which becomes one of its choices if it is none."""
    if isinstance(control, w.SelectionSlider) and value is not None:
        options = with_value(list(control.options), value)
        if len(options) != len(control.options):
            control.options = options
    if control.value != value:
        control.value = value


def wrap() -> w.Layout:
    """Let the controls of a row go on in the next where they do not fit."""
    return w.Layout(flex_flow="row wrap", align_items="center", width="100%")


class NetworkSection:
    """The section of the network: ``box`` to lay out, `show` to let it show settings."""

    def __init__(self, panel: Any) -> None:
        self.p, self.layer = panel.p, 0
        s: Settings = self.p.experiment.settings
        self.features = {
            name: self.p.switch(name, name in s.features, self._feature(name)) for name in FEATURES
        }
        label = w.Label("features", layout=w.Layout(width="9em", justify_content="flex-end"))
        layers = self.p.slider(
            "hidden layers", labelled(range(MOST_LAYERS + 1)), len(s.hidden), self._set_layers
        )
        which = [("all", 0), *((str(i), i) for i in range(1, MOST_LAYERS + 1))]
        self.which = self.p.buttons("change layer", which, 0, self._choose_layer)
        self.which.layout = w.Layout(width="auto")
        units = self.p.slider("units", labelled(range(1, MOST_UNITS + 1)), 4, self._set_units)
        kind = self.p.buttons("activation", list(ACTIVATIONS), "tanh", self._set_activation)
        self.layers, self.units, self.kind = layers, units, kind
        first = w.HBox(
            [panel.buttons("init", "first weights", INITIALIZERS), panel.seed("seed", "seed")],
            layout=wrap(),
        )
        panel.kept["init"].layout = w.Layout(width="auto")
        self.box = w.VBox(
            [
                w.HBox([label, *self.features.values()], layout=wrap()),
                w.HBox([layers, units, self.which], layout=wrap()),
                kind,
                first,
            ]
        )

    def _feature(self, name: str) -> Any:
        def switch(on: bool) -> None:
            now = set(self.p.experiment.settings.features)
            now = now | {name} if on else now - {name}
            if not now:
                self.p.sync()
                self.p.remark("One feature has to stay: without inputs there is nothing to learn.")
                return
            self.p.change(features=tuple(f for f in FEATURES if f in now))

        return switch

    def _set_layers(self, count: int) -> None:
        s = self.p.experiment.settings
        units = [*s.hidden, *[s.hidden[-1] if s.hidden else 4] * MOST_LAYERS][:count]
        kinds = [*s.activations, *[s.activations[-1] if s.hidden else "tanh"] * MOST_LAYERS]
        self.p.change(hidden=tuple(units), activations=tuple(kinds[:count]))

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.p.note.value = ""
        if not self._exists(self.p.experiment.settings):
            self._explain()
        self.p.sync()

    def _exists(self, s: Settings) -> bool:
        """Whether there is the chosen layer, or if all are chosen, any."""
        return max(self.layer, 1) <= len(s.hidden)

    def _explain(self) -> None:
        which = f"no layer {self.layer} yet" if self.layer else "no hidden layer"
        self.p.remark(f"There is {which}: move the slider of hidden layers.")

    def _set_units(self, units: int) -> None:
        self._set("hidden", units)

    def _set_activation(self, name: str) -> None:
        self._set("activations", name)

    def _set(self, name: str, value: Any) -> None:
        """Replace the value of the chosen layer, or of all."""
        s = self.p.experiment.settings
        if not self._exists(s):
            self._explain()
            return
        old = enumerate(getattr(s, name), start=1)
        values = [value if self.layer in (0, i) else before for i, before in old]
        self.p.change(**{name: tuple(values)})

    def show(self, s: Settings) -> None:
        """Show these settings."""
        for name, switch in self.features.items():
            switch.value = name in s.features
        put(self.layers, len(s.hidden))
        self.show_layer(s)

    def show_layer(self, s: Settings) -> None:
        """Show units and activation of the chosen layer, the first for all, if it exists."""
        exists = self._exists(s)
        self.units.disabled = self.kind.disabled = not exists
        if exists:
            i = max(self.layer, 1) - 1
            put(self.units, s.hidden[i])
            put(self.kind, s.activations[i])


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


def with_text(p: Any) -> dict[str, Any]:
    """Make the three sections for a playground."""
    return {"own points": _points(p), "save": _save(p), "code": _code(p)}


def _area(p: Any, value: str, rows: int, placeholder: str, css: str) -> Any:
    """Make a box for text."""
    area = w.Textarea(
        tooltip=placeholder,
        value=value,
        rows=rows,
        placeholder=placeholder,
        layout=w.Layout(width="98%"),
    )
    area.add_class(css)
    p.controls.append(area)
    return area


def _points(p: Any) -> Any:
    about = w.HTML(
        "A point a line: x₁, x₂ and a label or a value, parted by semicolons, tabs, commas or "
        f"blanks. If all third entries are numbers, and one is not whole or more than "
        f"{MOST_CLASSES} differ, they are values, for a regression; else they are labels of 2 to "
        f"{MOST_CLASSES} classes. Each coordinate is scaled to −3 … 3, a value to at most 1 in "
        "size. A first line without numbers is a heading; a # after a blank begins a comment."
    )
    p.points = _area(p, p.experiment.settings.points or EXAMPLE, 8, "1.5, -2, a", "nnlib-points")
    use = p.button("Use these points", "check", lambda: p.use_points(p.points.value))
    return w.VBox([about, p.points, w.HBox([use])])


def _save(p: Any) -> Any:
    link = w.HTML()
    link.add_class("nnlib-download")
    box = _area(p, "", 6, "a saved run: paste it here, and load it", "nnlib-saved")
    upload = w.FileUpload(accept=".json", description="Load a file", layout=w.Layout(width="auto"))
    p.controls.append(upload)

    def save() -> None:
        box.value = text = p.save()
        data = base64.b64encode(text.encode()).decode()
        link.value = (
            f'<a download="playground.json" href="data:application/json;base64,{data}">'
            "download it as playground.json</a>"
        )

    def load_file(change: Any) -> None:
        files = change["new"]
        if files:
            content = bytes(files[0]["content"])
            p.post(lambda: p.load(content.decode("utf8", "replace")))

    upload.observe(load_file, "value")
    p.saved = box
    buttons = [
        p.button("Save into the box", "save", save),
        p.button("Load from the box", "folder-open", lambda: p.load(box.value)),
        upload,
        link,
    ]
    return w.VBox([w.HBox(buttons, layout=w.Layout(flex_flow="row wrap")), box])


def _code(p: Any) -> Any:
    about = w.HTML("A cell that repeats this run, with all that was changed on the way:")
    box = _area(p, "", 16, "the run as code", "nnlib-code")

    def write() -> None:
        box.value = p.code()

    p.write_code, p.code_box = write, box
    return w.VBox([about, box, w.HBox([p.button("Write it anew", "refresh", write)])])
