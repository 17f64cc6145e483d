"""The playground: data, network and training under one's hands, while the network trains."""

import copy
import html
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import ipywidgets as w

from nnlib.course.kit.canvas import Pixels
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.parts import Part
from nnlib.course.playground.answering import Answering
from nnlib.course.playground.as_code import as_code
from nnlib.course.playground.badge import Badge
from nnlib.course.playground.charts import KeptRun
from nnlib.course.playground.drawing import Drawing
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.history import loss_text
from nnlib.course.playground.line import Replay, written
from nnlib.course.playground.panel import Panel
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import OWN, THREE_SPIRALS, Settings
from nnlib.course.playground.words import describe

NEWS = 25
"""For so many epochs it is said what the last change has done: a second of training."""

SLICE = 0.15
"""Seconds of a replay from one picture to the next: drawing takes little of its time."""


class Playground(Explorer):
    """Train a small network in the plane, and change anything while it trains.

    Parameters
    ----------
    name : str
        A playground of the same name that is still open is closed: a cell may run again.
    **settings
        Where to begin, as `nnlib.course.playground.settings.Settings` names it, such as
        ``data="spirals"`` or ``hidden=(8, 8), activations=("tanh", "tanh")``.
    """

    title = "a network in training, on points in the plane"

    def __init__(self, name: str = "", **settings: Any) -> None:
        self._quiet = 0
        experiment = Experiment(Settings(**settings))  # what is wrong closes no other playground
        super().__init__(name)
        self.experiment, self.badge = experiment, Badge()
        self.drawing, self.speed = Drawing(), (1, True)
        self.canvas = self.drawing.canvas
        self.replay: Replay | None = None
        self.scores = self.experiment.scores()
        self.answering = Answering(self)
        self.note = w.HTML()
        self.note.add_class("nnlib-note")
        self.panel = Panel(self)
        self.arrange(*self.panel.rows, self.note)
        self.sync()

    # What the controls do --------------------------------------------------------------------

    def change(self, **changed: Any) -> None:
        """Change settings; what cannot be is explained, and nothing is lost."""
        self._try(lambda: self.experiment.change(**changed))

    def set_weight(self, layer: int, row: int, column: int, value: float) -> None:
        """Set a weight by hand, or in row −1 a bias."""
        self._try(lambda: self.experiment.set_weight(layer, row, column, value))

    def _try(self, change: Callable[[], Any]) -> None:
        self._hush()
        try:
            change()
        except ValueError as error:
            self.alert_with(str(error))
            self.sync()
        else:
            self._silently(self.panel.follow)

    def _hush(self) -> None:
        """Take away what was told before."""
        self.alert.value = self.note.value = ""

    def step_once(self) -> None:
        """Take one step."""
        self._hush()
        self.experiment.step()
        self.badge.refresh(self.experiment)

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._hush()
        self._train(1, True, time.perf_counter() + 10)
        self.badge.refresh(self.experiment)

    def reset(self) -> None:
        """Begin anew, with the settings as they are."""
        self.set_running(False)
        self._hush()
        self.experiment.start(self.experiment.settings)
        self.badge.due = 0.0

    def new_data(self) -> None:
        """Draw other points of the same kind."""
        self.change(data_seed=self.experiment.settings.data_seed + 1)
        self.sync()

    def keep(self) -> None:
        """Keep the curves, to be seen under those of the next run."""
        experiment = self.experiment
        self.drawing.kept_run = KeptRun(
            copy.deepcopy(experiment.history),
            experiment.settings,
            bool(experiment.data.k),
            len(experiment.log) > 1,
        )

    def drop(self) -> None:
        """Forget the kept curves."""
        self.drawing.kept_run = None

    def use_points(self, text: str) -> None:
        """Take the points that were typed, and say as what they were read."""
        self.change(data=OWN, points=text)
        self.sync()
        if not self.alert.value:
            self.remark(read_points(text).summary)

    def save(self) -> str:
        """Return the run as a line."""
        return written(self.experiment)

    def load(self, text: str) -> None:
        """Do a saved run again; what cannot be is explained, and nothing is lost."""
        self._hush()
        if not text.strip():
            self.remark("The box is empty: paste a saved run into it first.")
            return
        try:
            self.replay = Replay(text)
        except ValueError as error:
            self.alert_with(str(error))
            return
        self.experiment, self.badge.due = self.replay.experiment, 0.0
        if self.experiment.settings.data == OWN:
            self.panel.points.area.value = self.experiment.settings.points
        self.sync()
        self.set_running(self._loop is not None)
        while not self.running and self._replay_on():
            pass

    def _replay_on(self) -> bool:
        """Go on with the replay; return whether there is more to do."""
        replay, settings, more = self.replay, self.experiment.settings, False
        assert replay is not None
        self.note.value = ""
        try:
            more = replay.advance(SLICE)
        except ValueError as error:
            self.alert_with(str(error))
        if not more:
            self.replay = None
        if self.experiment.settings != settings:
            self.sync()
        return more

    def code(self) -> str:
        """Return the run as a cell of plain nnlib."""
        return as_code(self.experiment)

    def remark(self, words: str) -> None:
        """Show something that one should know, but that is no error."""
        style = "border-left: 4px solid #D55E00; padding-left: 0.6em; line-height: 1.4"
        text = html.escape(words)
        self.note.value = f'<div role="status" style="{style}"><b>{text}</b></div>'

    def sync(self) -> None:
        """Let all controls show the settings."""
        self._silently(self.panel.show)

    def _silently(self, show: Callable[[Settings], None]) -> None:
        """Set controls without anybody answering."""
        self._quiet = threading.get_ident()
        try:
            show(self.experiment.settings)
        finally:
            self._quiet = 0

    def post(self, function: Callable[[], Any]) -> None:
        """Let the task run a function, but not what `_silently` itself sets off."""
        if threading.get_ident() != self._quiet:
            super().post(function)

    # What it shows ---------------------------------------------------------------------------

    def advance(self, seconds: float) -> bool:
        if self.replay is not None and self.replay.on:
            on = self._replay_on()
        else:
            self.replay = None
            on = self._train(*self.speed, time.perf_counter() + seconds)
        self.badge.refresh(self.experiment)
        return on

    def set_running(self, running: bool) -> None:
        """Run or pause; what was wrong before is past."""
        if running:
            self.alert.value = ""
        super().set_running(running)

    def _train(self, count: int, epochs: bool, deadline: float) -> bool:
        """Train so many steps or epochs, or until the deadline; return whether there is more."""
        experiment = self.experiment
        start, on = experiment.steps if not epochs else experiment.epoch, True
        while on and (experiment.epoch if epochs else experiment.steps) < start + count:
            on = experiment.step()
            if time.perf_counter() > deadline:
                break
        return on

    def picture(self) -> Pixels:
        if self.experiment.diverged and not self.note.value:
            self.remark(self.experiment.message)
        self.panel.show_badge(self.badge)
        self.scores = self.experiment.scores()
        self.drawing.view.pointed = self.answering.unit(self.pointing.name)
        return self.drawing.frame(self.experiment)

    def parts(self) -> list[Part]:
        return self.answering.parts()

    def words(self) -> str:
        experiment, scores = self.experiment, self.scores
        parts = []
        if self.replay is not None and self.replay.on:
            parts = [f"Replaying: step {experiment.ticks:,} of {self.replay.ticks:,}. "]
        parts += [
            f"Epoch {experiment.epoch:,}, step {experiment.steps:,}: "
            f"training loss {loss_text(scores['loss'])}, test loss {loss_text(scores['test_loss'])}"
        ]
        if "accuracy" in scores:
            parts.append(
                f", accuracy {scores['accuracy']:.1%} in training, {scores['test_accuracy']:.1%} "
                "in the test"
            )
        parts.append(f" ({describe(experiment.settings)}).")
        if experiment.diverged:
            parts.append(" The run has diverged. Change a setting or reset to go on.")
        elif experiment.message and (
            experiment.ended or experiment.epoch < experiment.record.since + NEWS
        ):
            parts.append(f" {experiment.message}")
        if kept_run := self.drawing.kept_run:
            parts.append(f" {kept_run.words(experiment.settings, bool(experiment.data.k))}")
        return "".join(parts)

    def still(self) -> Pixels:
        return trained_spiral()


@lru_cache
def trained_spiral() -> Pixels:
    """Train a network on three spirals, and draw it: the same every time."""
    experiment = Experiment(THREE_SPIRALS)
    while experiment.epoch < 100:
        experiment.step()
    return Drawing().frame(experiment)
