"""The controls of the playground, in sections of which one is seen at a time."""

import html
from typing import Any

import ipywidgets as w

from nnlib.course.playground.badge import Badge
from nnlib.course.playground.charts import MEASURES
from nnlib.course.playground.sections import (
    NetworkSection,
    labelled,
    put,
    with_text,
    with_value,
    wrap,
)
from nnlib.course.playground.settings import CLASSES, MANY, OPTIMIZERS, OWN, VALUES, Settings

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
STRENGTHS = (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)
SPEEDS = [
    ("1 step", (1, False)),
    ("5 steps", (5, False)),
    ("1 epoch", (1, True)),
    ("4 epochs", (4, True)),
    ("full speed", (10**9, True)),
]


class Panel:
    """All controls: ``rows`` to lay out, `show` to let them show settings."""

    def __init__(self, playground: Any) -> None:
        self.p = p = playground
        s: Settings = p.experiment.settings
        self.kept: dict[str, Any] = {}
        """The control of each setting that has one of its own."""
        self.badge = w.HTML()
        self.badge.add_class("nnlib-badge")
        self.network = NetworkSection(self)
        self.sections = {
            "data": self._data(s),
            "network": self.network.box,
            "training": self._training(s),
            "stop": self._stop(),
            "show": self._show(),
            **with_text(p),
        }
        for section in self.sections.values():
            section.add_class("nnlib-section")
        self._units_shown: tuple[int, ...] | None = None
        run = p.run_buttons(p.step_once, p.reset)
        buttons = [
            p.button("Epoch", "fast-forward", p.one_epoch),
            p.button("New data", "random", p.new_data),
            p.button("Keep curve", "thumb-tack", p.keep),
            p.button("Drop curve", "eraser", p.drop),
        ]
        lr = self._slider("lr", "learning rate", labelled(RATES))
        self.speed = p.slider("train per picture", SPEEDS, p.speed, self._set_speed)
        chosen = p.buttons("settings", list(self.sections), "data", self.choose)
        chosen.add_class("nnlib-sections")
        self.choose("data")
        top = w.HBox([run, *buttons], layout=wrap())
        self.rows = [top, w.HBox([lr, self.speed, self.badge], layout=wrap()), chosen]
        self.rows += list(self.sections.values())

    def choose(self, name: str) -> None:
        """Show one section, hide the others."""
        for other, box in self.sections.items():
            box.layout.display = None if other == name else "none"
        if name == "code":
            self.p.write_code()

    def _set_speed(self, speed: tuple[int, bool]) -> None:
        self.p.speed = speed

    # Sections --------------------------------------------------------------------------------

    def _slider(self, name: str, label: str, values: list[tuple[str, Any]]) -> Any:
        """Add a slider for a setting."""
        value = getattr(self.p.experiment.settings, name)
        control = self.p.slider(label, with_value(values, value), value, self.p.setting(name))
        self.kept[name] = control
        return control

    def buttons(self, name: str, label: str, values: Any) -> Any:
        """Add a row of buttons for a setting."""
        value = getattr(self.p.experiment.settings, name)
        self.kept[name] = self.p.buttons(label, list(values), value, self.p.setting(name))
        return self.kept[name]

    def seed(self, name: str, label: str) -> Any:
        """Add a whole number that may be typed."""
        value = getattr(self.p.experiment.settings, name)
        control = w.BoundedIntText(
            value=value, min=0, max=10**9, description=label, style=_STYLE, layout=_NUMBER
        )
        self.kept[name] = self.p.observed(control, self.p.setting(name))
        return control

    def _data(self, s: Settings) -> Any:
        def choose(name: str) -> None:
            if name == OWN:
                self.p.use_points(self.p.points.value)
            else:
                self.p.change(data=name)

        kinds = self.p.buttons("data", [*CLASSES, *VALUES, OWN], s.data, choose)
        self.kept["data"] = kinds
        shares = [
            (f"{share:.0%}", share) for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        ]
        sliders = [
            self._slider("noise", "noise", labelled([i / 20 for i in range(11)])),
            self._slider("classes", "classes", labelled(range(2, 6))),
            self._slider("n", "points", labelled((50, 100, 200, 300, 400, 600, 1000))),
            self._slider("train_share", "for training", shares),
            self.seed("data_seed", "data seed"),
        ]
        return w.VBox([kinds, w.HBox(sliders, layout=wrap())])

    def _training(self, s: Settings) -> Any:
        optimizer = self.buttons("optimizer", "optimizer", OPTIMIZERS)
        optimizer.layout = w.Layout(width="auto")
        sizes = labelled((1, 2, 5, 10, 20, 30, 50, 0), "all")
        first = [optimizer, self._slider("batch_size", "batch size", sizes)]
        second = [
            self._slider("l1", "L1, λ", labelled(STRENGTHS)),
            self._slider("l2", "L2, λ", labelled(STRENGTHS)),
            self._slider("dropout", "dropout", labelled([i / 10 for i in range(9)])),
        ]
        return w.VBox([w.HBox(first, layout=wrap()), w.HBox(second, layout=wrap())])

    def _stop(self) -> Any:
        losses = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5)
        counts = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
        sliders = [
            self._slider("stop_loss", "at a loss of", labelled(losses, "off")),
            self._slider("stop_epochs", "after epochs", labelled(counts, "off")),
            self._slider("patience", "test patience", labelled(counts, "off")),
        ]
        return w.HBox(sliders, layout=wrap())

    def _show(self) -> Any:
        view = self.p.drawing.view

        def set_unit(unit: Any) -> None:
            view.unit = unit

        def set_test(on: bool) -> None:
            view.test = on

        def set_measure(name: str) -> None:
            view.measure = name

        def set_regions(on: bool) -> None:
            view.regions = on

        self.unit = self.p.slider("show unit", [_ALL], (0, 0), set_unit)
        self.measure = self.p.buttons("curves", MEASURES, view.measure, set_measure)
        self.measure.layout = w.Layout(width="auto")
        switches = [
            self.p.switch("test points", view.test, set_test),
            self.p.switch("decisions only", view.regions, set_regions),
        ]
        return w.HBox([self.unit, *switches, self.measure], layout=wrap())

    # Showing ---------------------------------------------------------------------------------

    def show(self, s: Settings) -> None:
        """Let all controls show these settings; the playground sees to it that none answers."""
        for name, control in self.kept.items():
            put(control, getattr(s, name))
        self.network.show(s)
        self.follow(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on a control that somebody is moving, but leave that one alone."""
        self.kept["classes"].disabled = s.data not in MANY
        self.kept["noise"].disabled = self.kept["n"].disabled = s.data == OWN
        self.kept["dropout"].disabled = not s.hidden
        self.measure.disabled = not self.p.experiment.data.k
        if self._units_shown is None or len(s.hidden) != len(self._units_shown):
            self.network.show_layer(s)
        self._show_units(s)

    def _show_units(self, s: Settings) -> None:
        """Offer every unit to be seen on the left."""
        if s.hidden != self._units_shown:
            self._units_shown = s.hidden
            units = [
                (f"{i}.{j + 1}", (i, j))
                for i, count in enumerate(s.hidden, start=1)
                for j in range(count)
            ]
            self.p.drawing.view.unit = (0, 0)
            self.unit.options = [_ALL, *units]
            self.unit.value = (0, 0)

    def show_badge(self, badge: Badge) -> None:
        """Show what the gradient check found, if it is news."""
        said = f"<span>{html.escape(badge.words)}</span>"
        if self.badge.value != said:
            self.badge.value = said


_ALL = ("all", (0, 0))
_STYLE = {"description_width": "9em"}
_NUMBER = w.Layout(width="300px")
