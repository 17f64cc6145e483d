"""The controls of the network: features, layers, units and activations, first weights."""

from typing import Any

import ipywidgets as w

from nnlib.explorers.playground.settings import (
    ACTIVATIONS,
    FEATURES,
    INITIALIZERS,
    MOST_LAYERS,
    MOST_UNITS,
    Settings,
)
from nnlib.explorers.playground.values import labelled, put, wrap


class Network:
    """The section of the network: ``box`` to lay out, `show` to let it show settings."""

    def __init__(self, panel: Any) -> None:
        self.p, self.layer = panel.p, 0
        s: Settings = self.p.session.settings
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
            now = set(self.p.session.settings.features)
            now = now | {name} if on else now - {name}
            if not now:
                self.p.sync()
                self.p.remark("One feature has to stay: without inputs there is nothing to learn.")
                return
            self.p.change(features=tuple(f for f in FEATURES if f in now))

        return switch

    def _set_layers(self, count: int) -> None:
        s = self.p.session.settings
        units = [*s.hidden, *[s.hidden[-1] if s.hidden else 4] * MOST_LAYERS][:count]
        kinds = [*s.activations, *[s.activations[-1] if s.hidden else "tanh"] * MOST_LAYERS]
        self.p.change(hidden=tuple(units), activations=tuple(kinds[:count]))

    def _choose_layer(self, layer: int) -> None:
        self.layer = layer
        self.p.note.value = ""
        if not self._exists(self.p.session.settings):
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
        s = self.p.session.settings
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
