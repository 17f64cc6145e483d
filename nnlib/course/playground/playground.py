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
from nnlib.course.playground.badge import Badge
from nnlib.course.playground.drawing import Drawing
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.line import Replay, written
from nnlib.course.playground.panel import Panel
from nnlib.course.playground.reading import read_points
from nnlib.course.playground.settings import OWN, THREE_SPIRALS, Settings
from nnlib.course.playground.words import KeptRun, describe

NEWS = 25
"""For so many epochs it is said what the last change has done: a second of training."""

SLICE = 0.15
"""Seconds of a replay from one picture to the next: drawing takes little of its time."""

MOST_STEPS = 1500
"""Of the still picture, which is drawn before the live one appears: 100 epochs of 15 steps."""


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
        self.pictured = experiment.settings if settings else THREE_SPIRALS
        super().__init__(name)
        self.experiment, self.badge = experiment, Badge()
        self.drawing, self.speed = Drawing(), (1, True)
        self.canvas = self.drawing.canvas
        self.replay: Replay | None = None
        self.scores = self.experiment.scores()
        self.answering = Answering(self)
        self.note = w.HTML().add_class("nnlib-note")
        self.panel = Panel(self)
        self.arrange(*self.panel.rows, self.note)
        self.sync()

    # What the controls do --------------------------------------------------------------------

    def change(self, **changed: Any) -> None:
        """Change settings; what cannot be is explained, and nothing is lost."""
        self._try(lambda: self.experiment.change(**changed))

    def set(self, changed: Callable[[Settings], dict[str, Any]]) -> None:
        """Change settings, as a function of what they are, and let the controls show it."""
        self.change(**changed(self.experiment.settings))
        self.sync()

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

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._hush()
        self._train(1, True, time.perf_counter() + 10)

    def reset(self) -> None:
        """Begin anew, with the settings as they are."""
        self.set_running(False)
        self._hush()
        self.experiment.start(self.experiment.settings)
        self.badge.due = 0.0

    def new_data(self) -> None:
        """Draw other points of the same kind."""
        self.set(lambda s: {"data_seed": s.data_seed + 1})

    def keep(self) -> None:
        """Keep the curves, to be seen under those of the next run."""
        run = self.experiment
        history = copy.deepcopy(run.history)
        self.drawing.kept_run = KeptRun(history, run.settings, len(run.log) > 1)

    def drop(self) -> None:
        """Forget the kept curves."""
        self.drawing.kept_run = None

    def use_points(self, text: str) -> None:
        """Take the points that were typed, and say as what they were read."""
        self.set(lambda _: {"data": OWN, "points": text})
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
            self.replay = replay = Replay(text)
        except ValueError as error:
            self.alert_with(str(error))
            return
        self.experiment, self.badge.due = replay.experiment, 0.0
        if self.experiment.settings.data == OWN:
            self.panel.points.area.value = self.experiment.settings.points
        self.sync()
        self.set_running(self._loop is not None)
        while not self.running and self._replay_on(replay):
            pass

    def _replay_on(self, replay: Replay) -> bool:
        """Go on with a replay; return whether there is more to do."""
        settings, self.note.value = self.experiment.settings, ""
        try:
            replay.advance(SLICE)
        except ValueError as error:
            self.alert_with(str(error))
        if self.experiment.settings != settings:
            self.sync()
        return replay.on

    def remark(self, words: str) -> None:
        """Show something that one should know, but that is no error."""
        style = "border-left: 4px solid #D55E00; padding-left: 0.6em; line-height: 1.4"
        self.note.value = f'<div role="status" style="{style}"><b>{html.escape(words)}</b></div>'

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
            return self._replay_on(self.replay)
        return self._train(*self.speed, time.perf_counter() + seconds)

    def _train(self, count: int, epochs: bool, deadline: float) -> bool:
        """Train so many steps or epochs, or until the deadline; return whether there is more."""
        run, unit = self.experiment, "epoch" if epochs else "steps"
        end = getattr(run, unit) + count
        while (on := run.step()) and getattr(run, unit) < end and time.perf_counter() < deadline:
            pass
        return on

    def picture(self) -> Pixels:
        if self.experiment.diverged and not self.note.value:
            self.remark(self.experiment.message)
        self.badge.refresh(self.experiment)
        self.panel.badge.value = f"<span>{html.escape(self.badge.words)}</span>"
        self.scores = self.experiment.scores()
        self.drawing.view.pointed = self.answering.units.get(self.pointing.name)
        return self.drawing.frame(self.experiment)

    def parts(self) -> list[Part]:
        return self.answering.parts()

    def words(self) -> str:
        experiment, scores, s = self.experiment, self.scores, self.experiment.settings
        losses = (scores["loss"], scores["test_loss"])
        train, test = (f"{loss:.4f}" if loss < 1000 else f"{loss:.1e}" for loss in losses)
        said = f"Epoch {experiment.epoch:,}, step {experiment.steps:,}: "
        if self.replay is not None and self.replay.on:
            said = f"Replaying: step {experiment.ticks:,} of {self.replay.ticks:,}. {said}"
        said += f"training loss {train}, test loss {test}"
        if "accuracy" in scores:
            train, test = (f"{scores[name]:.1%}" for name in ("accuracy", "test_accuracy"))
            said += f", accuracy {train} in training, {test} in the test"
        said += f" ({describe(s)})."
        if experiment.diverged:
            said += " The run has diverged. Change a setting or reset to go on."
        elif experiment.ended or experiment.epoch < experiment.record.since + NEWS:
            said += f" {experiment.message}".rstrip()
        kept_run = self.drawing.kept_run
        return f"{said} {kept_run.words(s)}" if kept_run else said

    def still(self) -> Pixels:
        return trained(self.pictured)


@lru_cache(maxsize=8)
def trained(settings: Settings) -> Pixels:
    """Train a network, not for long, and draw it: the same every time."""
    experiment = Experiment(settings)
    while experiment.epoch < 100 and experiment.steps < MOST_STEPS and not experiment.ended:
        experiment.step()
    return Drawing().frame(experiment)
