"""The controls of explorers: sliders, buttons, switches, each with a sentence on what it does."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as w


class Controls:
    """Makes controls; each is given a function that changes what is explored."""

    controls: list[Any]
    alert: Any
    running: bool
    run: Any = None
    """The button of an explorer that runs."""

    def post(self, function: Callable[[], Any]) -> None:
        """Let a function run where nothing else does."""
        raise NotImplementedError

    def set_running(self, running: bool) -> None:
        """Run, or pause; the button shows which."""
        self.running = running
        if running:
            self.alert.value = ""
        if self.run is not None:
            self.run.value = running
            self.run.description, self.run.icon = ("Pause", "pause") if running else ("Run", "play")

    def slider(
        self, label: str, values: Any, value: Any, on: Callable[[Any], Any], tip: str = ""
    ) -> Any:
        """Add a slider over the given values; ``on(value)`` runs in the task.

        Of every control ``tip`` says in one sentence what it does, to those who point at it.
        """
        control = w.SelectionSlider(
            options=values,
            value=value,
            description=label,
            tooltip=tip,
            continuous_update=True,
            style=_STYLE,
            layout=_SLIDER,
        )
        return self.observed(control, on)

    def buttons(
        self, label: str, values: Any, value: Any, on: Callable[[Any], Any], tip: str = ""
    ) -> Any:
        """Add a choice of one among a few, as a row of buttons; ``on(value)`` runs in the task.

        In a mapping each value may have a sentence of its own.
        """
        names = list(values)
        own = list(values.values()) if isinstance(values, Mapping) else [""] * len(names)
        control = w.ToggleButtons(
            options=names,
            value=value,
            description=label,
            tooltip=tip,
            tooltips=[words or tip for words in own],
            style=_BUTTONS,
            layout=_WIDE,
        )
        return self.observed(control, on)

    def switch(self, label: str, value: bool, on: Callable[[bool], Any], tip: str = "") -> Any:
        """Add something that is on or off, as its mark says; ``on(value)`` runs in the task."""
        control = w.ToggleButton(value=value, description=label, tooltip=tip, layout=_NARROW)

        def mark() -> None:
            control.icon = "check-square-o" if control.value else "square-o"

        mark()
        control.observe(lambda _: mark(), "value")
        return self.observed(control, on)

    def button(self, label: str, icon: str, on: Callable[[], Any], tip: str = "") -> Any:
        """Add a button with one of Font Awesome's icons; ``on()`` runs in the task."""
        control = w.Button(description=label, icon=icon, tooltip=tip, layout=_NARROW)
        control.on_click(lambda _: self.post(on))
        self.controls.append(control)
        return control

    def run_buttons(self, step: Callable[[], Any], reset: Callable[[], Any]) -> Any:
        """Add Run (Pause), Step and Reset; while it runs, `advance` is called for each picture."""
        self.run = w.ToggleButton(
            description="Run", icon="play", tooltip="Let it run, or pause.", layout=_NARROW
        )
        self.run.add_class("nnlib-run")
        self.run.observe(lambda _: self.post(lambda: self.set_running(self.run.value)), "value")
        self.controls.append(self.run)
        self.step_button = self.button("Step", "step-forward", step, "Take a single step.")
        self.reset_button = self.button(
            "Reset", "undo", reset, "Begin anew, with the settings as they are."
        )
        self.step_button.add_class("nnlib-step")
        self.reset_button.add_class("nnlib-reset")
        return w.HBox([self.run, self.step_button, self.reset_button])

    def observed(self, control: Any, on: Callable[[Any], Any]) -> Any:
        """Post a control's new value, and forget an old alert.

        A value that has been replaced by the time it would be applied is left out: what it sets
        might set the control back, whose change would be posted in its turn, and so on for ever.
        """

        def changed(change: Any) -> None:
            value = change["new"]

            def apply() -> None:
                if control.value is not value and control.value != value:
                    return
                self.alert.value = ""
                on(value)

            self.post(apply)

        control.observe(changed, "value")
        self.controls.append(control)
        return control

    def row(self, *controls: Any) -> Any:
        """Put controls side by side, as far as there is room."""
        return w.HBox(list(controls), layout=_ROW)


_STYLE = {"description_width": "9em"}
_BUTTONS = {"description_width": "9em", "button_width": "auto"}
_WIDE = w.Layout(width="100%")
_SLIDER = w.Layout(width="24em", max_width="100%")
_ROW = w.Layout(flex_flow="row wrap", align_items="baseline")
_NARROW = w.Layout(width="auto", min_width="6em")


def numbers(low: float, high: float, step: float, form: str = ".2f") -> list[tuple[str, float]]:
    """Return the values of a slider from low to high, each with its label."""
    values = [round(low + i * step, 10) for i in range(round((high - low) / step) + 1)]
    return [(format(value, form), value) for value in values]
