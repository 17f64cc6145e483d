"""The controls of the playground, in sections of which one is seen at a time."""

import html
from typing import Any

import ipywidgets as w

from nnlib.course.playground.badge import Badge
from nnlib.course.playground.knobs import Knobs, labelled, wrap
from nnlib.course.playground.owner import Owner
from nnlib.course.playground.sections import (
    CodeSection,
    NetworkSection,
    PointsSection,
    SaveSection,
    ViewSection,
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

    def __init__(self, playground: Owner) -> None:
        self.playground, self.knobs = playground, Knobs(playground)
        self.sections = self._sections()
        for section in self.sections.values():
            section.add_class("nnlib-section")
        buttons = self._buttons()
        self.badge = w.HTML()
        self.badge.add_class("nnlib-badge")
        lr = self.knobs.slider("lr", "learning rate", labelled(RATES))
        self.speed = playground.slider(
            "train per picture", SPEEDS, playground.speed, self._set_speed
        )
        choice = playground.buttons("settings", list(self.sections), "data", self.choose)
        choice.add_class("nnlib-sections")
        self.choose("data")
        rates = w.HBox([lr, self.speed, self.badge], layout=wrap())
        self.rows = [buttons, rates, choice, *self.sections.values()]

    def _buttons(self) -> Any:
        """Add the row of buttons at the top."""
        p = self.playground
        run = p.run_buttons(p.step_once, p.reset)
        buttons = [
            p.button("Epoch", "fast-forward", p.one_epoch),
            p.button("New data", "random", p.new_data),
            p.button("Keep curve", "thumb-tack", p.keep),
            p.button("Drop curve", "eraser", p.drop),
        ]
        return w.HBox([run, *buttons], layout=wrap())

    def choose(self, name: str) -> None:
        """Show one section, hide the others."""
        for other, box in self.sections.items():
            box.layout.display = None if other == name else "none"
        if name == "code":
            self.code.write()

    def _set_speed(self, speed: tuple[int, bool]) -> None:
        self.playground.speed = speed

    # Sections --------------------------------------------------------------------------------

    def _sections(self) -> dict[str, Any]:
        """Make the sections; return their boxes by name."""
        playground = self.playground
        self.network = NetworkSection(playground, self.knobs)
        data, training, stop = self._data(), self._training(), self._stop()
        self.view, self.points = ViewSection(playground), PointsSection(playground)
        self.save, self.code = SaveSection(playground), CodeSection(playground)
        return {
            "data": data,
            "network": self.network.box,
            "training": training,
            "stop": stop,
            "show": self.view.box,
            "own points": self.points.box,
            "save": self.save.box,
            "code": self.code.box,
        }

    def _data(self) -> Any:
        kinds, kind = [*CLASSES, *VALUES, OWN], self.knobs.value("data")
        self.knobs["data"] = self.playground.buttons("data", kinds, kind, self._choose_data)
        shares = [
            (f"{share:.0%}", share) for share in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
        ]
        numbers = [
            self.knobs.slider("noise", "noise", labelled([i / 20 for i in range(11)])),
            self.knobs.slider("classes", "classes", labelled(range(2, 6))),
            self.knobs.slider("n", "points", labelled((50, 100, 200, 300, 400, 600, 1000))),
            self.knobs.slider("train_share", "for training", shares),
            self.knobs.seed("data_seed", "data seed"),
        ]
        return w.VBox([self.knobs["data"], w.HBox(numbers, layout=wrap())])

    def _choose_data(self, name: str) -> None:
        if name == OWN:
            self.playground.use_points(self.points.area.value)
        else:
            self.playground.change(data=name)

    def _training(self) -> Any:
        sizes = labelled((1, 2, 5, 10, 20, 30, 50, 0), "all")
        first = [
            self.knobs.buttons("optimizer", "optimizer", OPTIMIZERS),
            self.knobs.slider("batch_size", "batch size", sizes),
        ]
        second = [
            self.knobs.slider("l1", "L1, λ", labelled(STRENGTHS)),
            self.knobs.slider("l2", "L2, λ", labelled(STRENGTHS)),
            self.knobs.slider("dropout", "dropout", labelled([i / 10 for i in range(9)])),
        ]
        return w.VBox([w.HBox(first, layout=wrap()), w.HBox(second, layout=wrap())])

    def _stop(self) -> Any:
        losses = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5)
        counts = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
        sliders = [
            self.knobs.slider("stop_loss", "at a loss of", labelled(losses, "off")),
            self.knobs.slider("stop_epochs", "after epochs", labelled(counts, "off")),
            self.knobs.slider("patience", "test patience", labelled(counts, "off")),
        ]
        return w.HBox(sliders, layout=wrap())

    # Showing ---------------------------------------------------------------------------------

    def show(self, s: Settings) -> None:
        """Let all controls show these settings; the playground sees to it that none answers."""
        self.knobs.show(s)
        self.network.show(s)
        self.follow(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on a control that somebody is moving, but leave that one alone."""
        self.knobs["classes"].disabled = s.data not in MANY
        self.knobs["noise"].disabled = self.knobs["n"].disabled = s.data == OWN
        self.knobs["dropout"].disabled = not s.hidden
        self.view.measure.disabled = not self.playground.experiment.data.k
        self.network.follow(s)
        self.view.follow(s)

    def show_badge(self, badge: Badge) -> None:
        """Show what the gradient check found, if it is news."""
        words = f"<span>{html.escape(badge.words)}</span>"
        if self.badge.value != words:
            self.badge.value = words
