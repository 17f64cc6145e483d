"""Values of sliders, and rows that wrap."""

from collections.abc import Iterable
from typing import Any

import ipywidgets as w


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
