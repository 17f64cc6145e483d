"""Controls for settings, as the table of settings describes them."""

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from nnlib.course.playground.settings import KNOBS, OWN, Knob, Settings

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground

EXAMPLE = (
    "x1, x2, label\n"
    "0.2, 1.9, a\n0.9, 1.4, a\n1.4, 2.2, a\n2.1, 1.7, a\n"
    "0.4, 0.3, b\n1.1, 0.5, b\n1.8, 0.2, b\n2.4, 0.6, b\n"
    "0.1, 1.1, c\n2.6, 1.2, c\n2.9, 1.6, c\n3.1, 0.9, c\n"
)


class Knobs(dict[str, Any]):
    """The controls of settings that have one of their own, by the setting's name."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = playground
        for name, value in playground.experiment.settings.as_dict().items():
            knob, on = KNOBS[name], partial(self._change, name)
            if knob.values:
                pairs = knob.pairs(value)
                self[name] = playground.slider(knob.label, pairs, value, on, knob.tip)
            elif isinstance(value, str) and knob.choices:
                self[name] = buttons(playground, knob, value, on)
            elif isinstance(value, int):
                self[name] = playground.observed(number(knob, value), on)

    def _change(self, name: str, value: Any) -> None:
        """Change a setting; one's own points are those that were used last."""
        if value == OWN:
            self.playground.use_points(self.playground.experiment.settings.points or EXAMPLE)
        else:
            self.playground.change(**{name: value})

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

    def follow(self, s: Settings) -> None:
        """Switch those off that would do nothing."""
        for name, control in self.items():
            control.disabled = KNOBS[name].idle(s)


def number(knob: Knob, value: int) -> Any:
    """Make a box into which a whole number is typed."""
    low, high = knob.bounds or (0, 0)
    control = w.BoundedIntText(value, min=low, max=high, description=knob.label)
    control.tooltip, control.layout.width = knob.tip, "300px"
    control.style.description_width = "9em"
    return control


def buttons(playground: "Playground", knob: Knob, value: str, on: Any) -> Any:
    """Add a row of buttons, each with a sentence of its own if there is one."""
    choices = knob.choices or {}
    control = playground.buttons(knob.label, list(choices), value, on, knob.tip)
    control.tooltips = [tip or knob.tip for tip in choices.values()]
    control.layout = AUTO
    return control


def flowing(*controls: Any) -> Any:
    """Put controls side by side; those that do not fit go on in the next row."""
    layout = w.Layout(flex_flow="row wrap", align_items="center", width="100%")
    return w.HBox(controls, layout=layout)


AUTO = w.Layout(width="auto")
"""As wide as what stands in it."""
