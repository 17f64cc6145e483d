"""The controls of the playground, in sections of which one is seen at a time."""

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from nnlib.course.playground.charts import MEASURES
from nnlib.course.playground.knobs import AUTO, Knobs, flowing
from nnlib.course.playground.pictures import pictures_for
from nnlib.course.playground.sections import CodeSection, NetworkSection, PointsSection, SaveSection
from nnlib.course.playground.settings import Settings

if TYPE_CHECKING:
    from nnlib.course.playground.playground import Playground

SPEEDS = [
    ("1 step", (1, False)),
    ("5 steps", (5, False)),
    ("1 epoch", (1, True)),
    ("4 epochs", (4, True)),
    ("full speed", (10**9, True)),
]


class Panel:
    """All controls: ``rows`` to lay out, `show` to let them show settings."""

    def __init__(self, playground: "Playground") -> None:
        self.playground = p = playground
        top, self.knobs = self._buttons(), Knobs(p)
        tip = "How much is trained between one picture and the next."
        self.speed = p.slider(
            "train per picture", SPEEDS, p.speed, partial(setattr, p, "speed"), tip
        )
        self.badge = w.HTML()
        self.badge.add_class("nnlib-badge")
        self.sections = self._sections()
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

    def _sections(self) -> dict[str, Any]:
        """Make the sections; return their boxes by name."""
        p, knobs = self.playground, self.knobs
        self.network, self.points = NetworkSection(p), PointsSection(p)
        self.save, self.code = SaveSection(p), CodeSection(p)
        boxes = {
            "data": [knobs.of("data"), pictures_for(knobs["data"]), self.points.box],
            "network": [self.network.box, knobs.of("network")],
            "training": [knobs.of("training")],
            "stop": [knobs.of("stop")],
            "show": [self._view()],
            "save": [self.save.box],
            "code": [self.code.box],
        }
        return {name: w.VBox(parts).add_class("nnlib-section") for name, parts in boxes.items()}

    def choose(self, name: str) -> None:
        """Show one section, hide the others."""
        for other, box in self.sections.items():
            box.layout.display = None if other == name else "none"
        if name == "code":
            self.code.write()

    def show(self, s: Settings) -> None:
        """Let all controls show these settings; the playground sees to it that none answers."""
        self.knobs.show(s)
        self.network.show(s)
        self.follow(s)

    def follow(self, s: Settings) -> None:
        """Show what depends on a control that somebody is moving, but leave that one alone."""
        self.measure.disabled = not self.playground.experiment.data.k
        for part in (self.knobs, self.network, self.points):
            part.follow(s)
