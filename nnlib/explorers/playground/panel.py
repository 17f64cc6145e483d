"""The playground: data, network and training under one's hands, while the network trains."""

import copy
import html
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import ipywidgets as w

from nnlib.explorers._explorer import Explorer
from nnlib.explorers._pixels import Pixels
from nnlib.explorers.playground import controls, storage
from nnlib.explorers.playground.badge import Badge
from nnlib.explorers.playground.charts import Kept
from nnlib.explorers.playground.code import as_code
from nnlib.explorers.playground.drawing import Drawing
from nnlib.explorers.playground.history import loss_text
from nnlib.explorers.playground.session import Session
from nnlib.explorers.playground.settings import OWN, Settings
from nnlib.explorers.playground.typed import read_points
from nnlib.explorers.playground.wording import describe

NEWS = 25
"""For so many epochs it is said what the last change has done: a second of training."""


class Playground(Explorer):
    """Train a small network in the plane, and change anything while it trains.

    Parameters
    ----------
    name : str
        A playground of the same name that is still open is closed: a cell may run again.
    **settings
        Where to begin, as `nnlib.explorers.playground.settings.Settings` names it, such as
        ``data="spirals"`` or ``hidden=(8, 8), activations=("tanh", "tanh")``.
    """

    title = "a network in training, on points in the plane"

    points: Any
    """The box into which points are typed."""

    def __init__(self, name: str = "", **settings: Any) -> None:
        self._quiet = 0
        session = Session(Settings(**settings))  # what is wrong is refused before one is closed
        super().__init__(name)
        self.session, self.badge = session, Badge()
        self.drawing, self.speed = Drawing(), (1, True)
        self.scores = self.session.scores()
        self.note = w.HTML()
        self.note.add_class("nnlib-note")
        self.panel = controls.Panel(self)
        self.arrange(*self.panel.rows, self.note)
        self.sync()

    # What the controls do --------------------------------------------------------------------

    def change(self, **changed: Any) -> None:
        """Change settings; what cannot be is explained, and nothing is lost."""
        self._hush()
        try:
            self.session.change(**changed)
        except ValueError as error:
            self.tell(str(error))
            self.sync()
        else:
            self._silently(self.panel.follow)

    def _hush(self) -> None:
        """Take away what was told before."""
        self.alert.value = self.note.value = ""

    def setting(self, name: str) -> Callable[[Any], None]:
        """Return what changes a setting."""
        return lambda value: self.change(**{name: value})

    def step_once(self) -> None:
        """Take one step."""
        self._hush()
        self.session.step()
        self.badge.refresh(self.session)

    def one_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._hush()
        self._train(1, True, time.perf_counter() + 10)
        self.badge.refresh(self.session)

    def reset(self) -> None:
        """Begin anew, with the settings as they are."""
        self._set_running(False)
        self._hush()
        self.session.start(self.session.settings)
        self.badge.due = 0.0

    def new_data(self) -> None:
        """Draw other points of the same kind."""
        self.change(data_seed=self.session.settings.data_seed + 1)
        self.sync()

    def keep(self) -> None:
        """Keep the curves, to be seen under those of the next run."""
        session = self.session
        self.drawing.kept = Kept(
            copy.deepcopy(session.history),
            session.settings,
            bool(session.data.k),
            len(session.log) > 1,
        )

    def drop(self) -> None:
        """Forget the kept curves."""
        self.drawing.kept = None

    def use_points(self, text: str) -> None:
        """Take the points that were typed, and say as what they were read."""
        self.change(data=OWN, points=text)
        self.sync()
        if not self.alert.value:
            self.remark(read_points(text).said)

    def save(self) -> str:
        """Return the run as JSON."""
        return storage.save(self.session)

    def load(self, text: str) -> None:
        """Go on with a saved run."""
        self._hush()
        if not text.strip():
            self.remark("The box is empty: paste a saved run into it first.")
            return
        try:
            self.session = storage.load(text)
        except ValueError as error:
            self.tell(str(error))
            return
        self._set_running(False)
        self.badge.due = 0.0
        if self.session.settings.data == OWN:
            self.points.value = self.session.settings.points
        self.sync()

    def code(self) -> str:
        """Return the run as a cell of plain nnlib."""
        return as_code(self.session)

    def remark(self, words: str) -> None:
        """Show something that one should know, but that is no error."""
        style = "border-left: 4px solid #D55E00; padding-left: 0.6em; line-height: 1.4"
        said = html.escape(words)
        self.note.value = f'<div role="status" style="{style}"><b>{said}</b></div>'

    def tell(self, words: str) -> None:
        """Show a message that cannot be missed."""
        self.alert.value = f'<div role="alert">{html.escape(words)}</div>'

    def sync(self) -> None:
        """Let all controls show the settings."""
        self._silently(self.panel.show)

    def _silently(self, show: Callable[[Settings], None]) -> None:
        """Set controls without anybody answering."""
        self._quiet = threading.get_ident()
        try:
            show(self.session.settings)
        finally:
            self._quiet = 0

    def post(self, function: Callable[[], Any]) -> None:
        """Let the task run a function, but not what `_silently` itself sets off."""
        if threading.get_ident() != self._quiet:
            super().post(function)

    # What it shows ---------------------------------------------------------------------------

    def advance(self, seconds: float) -> bool:
        """Train for so long, or as far as the speed allows."""
        on = self._train(*self.speed, time.perf_counter() + seconds)
        self.badge.refresh(self.session)
        return on

    def _set_running(self, running: bool) -> None:
        """Run or pause; what was wrong before is past."""
        if running:
            self.alert.value = ""
        super()._set_running(running)

    def _train(self, count: int, epochs: bool, deadline: float) -> bool:
        """Train so many steps or epochs, or until the deadline; return whether there is more."""
        session = self.session
        start, on = session.steps if not epochs else session.epoch, True
        while on and (session.epoch if epochs else session.steps) < start + count:
            on = session.step()
            if time.perf_counter() > deadline:
                break
        return on

    def picture(self) -> Pixels:
        """Draw the plane, the network, the curves and the histograms."""
        if self.session.diverged and not self.note.value:
            self.remark(self.session.said)
        self.panel.show_badge(self.badge)
        self.scores = self.session.scores()
        return self.drawing.frame(self.session, self.scores)

    def words(self) -> str:
        """Say where the run stands, and what it is."""
        session, found = self.session, self.scores
        said = [
            f"Epoch {session.epoch:,}, step {session.steps:,}: "
            f"training loss {loss_text(found['loss'])}, test loss {loss_text(found['test_loss'])}"
        ]
        if "accuracy" in found:
            said.append(
                f", accuracy {found['accuracy']:.1%} in training, {found['test_accuracy']:.1%} "
                "in the test"
            )
        said.append(f" ({describe(session.settings)}).")
        if session.diverged:
            said.append(" The run has diverged. Change a setting or reset to go on.")
        elif session.said and (session.ended or session.epoch < session.record.since + NEWS):
            said.append(f" {session.said}")
        if self.drawing.kept is not None:
            said.append(f" {self.drawing.kept.words(session.settings, bool(session.data.k))}")
        return "".join(said)

    def still(self) -> Pixels:
        """Draw a trained spiral."""
        return trained_spiral()


@lru_cache
def trained_spiral() -> Pixels:
    """Train a network on three spirals, and draw it: the same every time."""
    layers: dict[str, Any] = {"hidden": (8, 8), "activations": ("tanh", "tanh")}
    session = Session(
        Settings(data="spirals", classes=3, lr=0.03, train_share=0.7, batch_size=30, **layers)
    )
    while session.epoch < 100:
        session.step()
    return Drawing().frame(session, session.scores())
