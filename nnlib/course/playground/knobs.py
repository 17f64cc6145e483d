"""Controls for settings: each is known by the setting that it shows and changes."""

from collections.abc import Iterable
from typing import Any

import ipywidgets as w

from nnlib.course.playground.owner import Owner
from nnlib.course.playground.settings import Settings


class Knobs(dict[str, Any]):
    """The controls of settings that have one of their own, by the setting's name."""

    def __init__(self, playground: Owner) -> None:
        self.playground = playground

    def value(self, name: str) -> Any:
        """Return the present value of a setting."""
        return getattr(self.playground.experiment.settings, name)

    def slider(self, name: str, label: str, values: list[tuple[str, Any]]) -> Any:
        """Add a slider for a setting."""
        value, on = self.value(name), self.playground.setting(name)
        self[name] = self.playground.slider(label, with_value(values, value), value, on)
        return self[name]

    def buttons(self, name: str, label: str, values: Iterable[str]) -> Any:
        """Add a row of buttons for a setting."""
        on = self.playground.setting(name)
        self[name] = self.playground.buttons(label, list(values), self.value(name), on)
        self[name].layout = w.Layout(width="auto")
        return self[name]

    def seed(self, name: str, label: str) -> Any:
        """Add a whole number that may be typed."""
        number = w.BoundedIntText(
            value=self.value(name),
            min=0,
            max=10**9,
            description=label,
            style={"description_width": "9em"},
            layout=w.Layout(width="300px"),
        )
        self[name] = self.playground.observed(number, self.playground.setting(name))
        return self[name]

    def show(self, s: Settings) -> None:
        """Let all of them show these settings."""
        for name, control in self.items():
            put(control, getattr(s, name))


def labelled(values: Iterable[Any], zero: str = "0") -> list[tuple[str, Any]]:
    """Give each value of a slider its label."""
    return [(format(value, "g") if value else zero, value) for value in values]


def with_value(values: list[tuple[str, Any]], value: Any) -> list[tuple[str, Any]]:
    """Add a value that is not among those of a slider, at its place: that of "all" is last."""
    if any(value == other for _, other in values):
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
