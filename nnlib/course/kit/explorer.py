"""What all explorers share: controls, a picture, a status in words, and one task that works.

In JupyterLab a widget's callback may come on any thread. So a callback does nothing but post a
function to the loop of the kernel; there a single task applies what was posted, trains, and draws.
"""

import asyncio
import html
import signal
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import Any, ClassVar, Self

import ipywidgets as w

from nnlib.course.kit.canvas import Canvas, Pixels, png
from nnlib.course.kit.controls import Controls
from nnlib.course.kit.keys import keeping_keys
from nnlib.course.kit.parts import Part
from nnlib.course.kit.picture import Picture
from nnlib.course.kit.pointing import Pointing
from nnlib.course.kit.standin import show

FRAME = 1 / 25
"""Seconds from one picture to the next, at the least."""

WORK = 0.4
"""Share of a frame that is spent on training; the rest belongs to drawing and to the sliders."""

REST = 0.005
"""Seconds that a frame leaves to the kernel, whatever happens: messages get through."""

SETTLED = 0.2
"""Seconds without a change after which the picture is sent once more, as sharp as the screen is."""


class Explorer(Controls):
    """Controls, and a picture and a sentence that follow them: what every explorer begins with.

    What is explored stands in a class of its own that knows no widgets, so that it can be tried
    without them. The explorer owns one, changes it, and shows it. In a notebook::

        import numpy as np
        from nnlib.course.kit import Canvas, Explorer, numbers


        class Experiment:
            w = 1.0

            def output(self, x):
                return np.tanh(self.w * x)


        class Neuron(Explorer):
            title = "a neuron and its weight"

            def __init__(self, name=""):
                super().__init__(name)
                self.experiment = Experiment()
                w = self.slider("weight w", numbers(-5, 5, 0.1), 1.0, self.set_w)
                self.canvas = Canvas(6, 3, self.build)
                self.arrange(w)

            def set_w(self, w):
                self.experiment.w = w

            def build(self, figure):
                ax = figure.subplots()
                ax.set(xlim=(-3, 3), ylim=(-1.1, 1.1), xlabel="x", ylabel="tanh(wx)")
                (self.curve,) = ax.plot([], [])
                return [self.curve]

            def picture(self):
                x = np.linspace(-3, 3, 200)
                self.curve.set_data(x, self.experiment.output(x))
                return self.canvas.frame()

            def words(self):
                return f"At x = 1 this neuron says {self.experiment.output(1):.2f}."


        Neuron()

    A subclass writes

    - ``__init__``: first ``super().__init__``, then what is explored, the controls and the canvas,
      at the end `arrange`, which draws for the first time;
    - ``picture() -> Pixels``: draw the present state, best on a `Canvas`;
    - ``words() -> str``: say the same in plain text, for those who do not see the picture;
    - ``parts() -> list[Part]``: what answers in the picture to a pointer and to keys; without it
      the charts of ``self.canvas`` do, and tell their values;
    - ``still() -> Pixels``: a picture for places without a kernel (where nothing moves: `picture`);
    - ``advance(seconds) -> bool``: work for so long; return whether there is more to do. Only for
      explorers that run by themselves, with `run_buttons`.

    Controls are made by `slider`, `buttons`, `switch`, `button` and `run_buttons`; any other widget
    becomes one by `observed`. Each is given a function that changes what is explored; picture and
    words follow by themselves. What does not come from a control, such as a click, is handed to
    `post`. `alert_with` tells of wrong input; an error in any of these functions is shown in the
    same place, ends a run, and leaves the controls alive.

    Parameters
    ----------
    name : str
        An explorer of the same name that is still open is closed: a cell may run again. Without a
        name the class's own is taken.

    Attributes
    ----------
    title : str
        What the explorer shows, in a few words.
    controls : list of widgets
        In the order in which they were made.
    image, status, alert : widgets
        The picture, the words, and below them room for a message.
    running, closed : bool
        Whether it runs by itself; whether it takes no more changes.
    """

    _open: ClassVar[dict[str, "Explorer"]] = {}

    title = ""

    def __init__(self, name: str = "") -> None:
        key = name or type(self).__name__
        if key in Explorer._open:
            Explorer._open[key].close()
        Explorer._open[key] = self
        self._key = key
        self._loop: asyncio.AbstractEventLoop | None = None
        with suppress(RuntimeError):  # a plain Python session has no loop: all is done at once
            self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._posted: list[Callable[[], Any]] = []
        self.closed, self.running = False, False
        self.controls: list[Any] = []
        self.frames, self.draw_seconds, self._owed = 0, 0.0, False
        self._settling: asyncio.TimerHandle | None = None
        self.image = Picture(self._hear)
        self.pointing = Pointing(self.image, self.parts, self.alert_with)
        self.status, self.alert = w.HTML(), w.HTML()
        self.image.layout = w.Layout(width="100%", margin="0")
        for part in ("status", "alert"):
            getattr(self, part).add_class(f"nnlib-{part}")
        self.view: Any = None

    # What a subclass builds with, beside controls ---------------------------------------------

    def arrange(self, *rows: Any) -> None:
        """Lay the rows out, one below the other, and draw for the first time."""
        self.view = w.VBox([*rows, self.status, self.image, self.alert], layout=_PAGE)
        keeping_keys(self.view).add_class("nnlib-explorer")
        self._do(lambda: None)

    def alert_with(self, words: str, before: str = "", after: str = "") -> None:
        """Show a message that cannot be missed; before and after it may stand HTML."""
        self.alert.value = f'<div role="alert">{before}{html.escape(words)}{after}</div>'

    # What a subclass writes ------------------------------------------------------------------

    def picture(self) -> Pixels:
        """Draw the present state."""
        raise NotImplementedError(f"{type(self).__name__}.picture is not written")

    def words(self) -> str:
        """Say the present state."""
        raise NotImplementedError(f"{type(self).__name__}.words is not written")

    def parts(self) -> list[Part]:
        """Return what answers in the picture, in the order of reading."""
        canvas = getattr(self, "canvas", None)
        return canvas.charts() if isinstance(canvas, Canvas) else []

    def advance(self, seconds: float) -> bool:
        """Work for so long; return whether there is more to do."""
        return False

    def still(self) -> Pixels:
        """Draw a picture for places without a kernel."""
        return self.picture()

    # How it works ----------------------------------------------------------------------------

    def post(self, function: Callable[[], Any]) -> None:
        """Let the task run a function, and draw; may be called from any thread."""
        if self._loop is None:
            self._do(function)
        else:
            self._loop.call_soon_threadsafe(self._take, function)

    def _take(self, function: Callable[[], Any]) -> None:
        """Keep what was posted for the task, which is started if there is none."""
        if self.closed:
            return
        self._posted.append(function)
        if self._task is None or self._task.done():
            assert self._loop is not None
            self._task = self._loop.create_task(self._work(), name=f"nnlib {self._key}")

    async def _work(self) -> None:
        """Apply, train, draw, rest: until nothing is left to do."""
        while not self.closed and (self._posted or self.running):
            start = time.perf_counter()
            _listen_for_interrupts()
            posted, self._posted = self._posted, []
            for function in posted:
                self._guarded(function)
            if self.running:
                self._guarded(self._advance)
            self._guarded(self._draw_if_seen)
            await asyncio.sleep(max(REST, FRAME - (time.perf_counter() - start)))
        self._settle()

    def _do(self, function: Callable[[], Any]) -> None:
        """Run a function and draw, here and now."""
        if not self.closed:
            self._guarded(function)
            self._guarded(self._draw)

    def _guarded(self, function: Callable[[], Any]) -> None:
        """Run a function; an error is shown on the page and ends the run."""
        try:
            function()
        except KeyboardInterrupt:
            self.interrupted()
        except Exception as error:
            self.set_running(False)
            where = "".join(traceback.format_exception(error, limit=-2))
            self.alert_with(
                f"{type(error).__name__}: {error}",
                before="<b>Something went wrong:</b> ",
                after=f"<details><summary>where</summary><pre>{html.escape(where)}</pre></details>",
            )

    def _advance(self) -> None:
        if not self.advance(WORK * FRAME):
            self.set_running(False)

    def _draw_if_seen(self) -> None:
        """Draw, or do so as soon as somebody looks and the last frames have arrived."""
        self._owed = not self.image.ready
        if not self._owed:
            self._draw()

    def _draw(self) -> None:
        start = time.perf_counter()
        self.image.show(self.picture())
        self.draw_seconds += time.perf_counter() - start
        self.frames += 1
        self.status.value = f'<div role="status">{html.escape(self.words())}</div>'
        self.pointing.tell()

    def _hear(self, message: dict[str, Any]) -> None:
        """Take what the page says to the loop; it may come on any thread."""
        if self._loop is None:
            self._answer(message)
        else:
            self._loop.call_soon_threadsafe(self._answer, message)

    def _answer(self, message: dict[str, Any]) -> None:
        """Go on after a frame was drawn, or do what somebody does with the picture."""
        if self.closed:
            return
        if message["on"] not in ("drawn", "view", "gone"):
            self.post(lambda: self.pointing.hear(message))
            return
        self.image.note(message)
        if self._owed and self.image.ready:
            self.post(lambda: None)
        else:
            self._settle()

    def _settle(self) -> None:
        """Send the picture as sharp as can be, if nothing changes for a while."""
        if self._settling is not None:
            self._settling.cancel()
        if self._loop is not None and not self.closed:
            self._settling = self._loop.call_later(SETTLED, self._rest)

    def _rest(self) -> None:
        """Send the picture at rest: unless it is, or nobody sees it, or it has begun to move."""
        busy = self.running or self._posted or self._owed or self.image.under_way
        if not busy and not self.closed and self.image.visible and not self.image.sharp:
            self._guarded(lambda: self.image.show_sharp(self._enlarged(self.image.ratio)))

    def _enlarged(self, ratio: float) -> Pixels:
        """Draw the picture with ratio times as many pixels each way, if it is on a canvas."""
        canvas = getattr(self, "canvas", None)
        if not isinstance(canvas, Canvas):
            return self.picture()
        with canvas.scaled(ratio):
            return self.picture()

    def interrupted(self) -> None:
        """Pause, if it runs: the kernel's interrupt stops explorers, too, after the step."""
        if self.running:
            self.set_running(False)
            self.alert_with("The kernel was interrupted, so this has paused: Run goes on.")

    def close(self) -> None:
        """End the task, switch the controls off, and keep no pictures."""
        self.closed, self.running = True, False
        if self._settling is not None:
            self._settling.cancel()
        if self._task is not None:
            self._task.cancel()
        for control in self.controls:
            control.disabled = True
        self.image.forget()
        if Explorer._open.get(self._key) is self:
            del Explorer._open[self._key]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The live explorer, or where there is no kernel a picture and a line of text."""
        bundle = dict(self.view._repr_mimebundle_())
        return bundle | {"image/png": self._still, "text/plain": repr(self)}

    @cached_property
    def _still(self) -> bytes:
        return png(self.still())

    def _ipython_display_(self) -> None:
        """Show it in a notebook."""
        show(self._key, self._repr_mimebundle_())

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.title}"


def _listen_for_interrupts() -> None:
    """Hear the kernel's interrupt where nothing else does: between cells it is ignored."""
    here = threading.current_thread() is threading.main_thread()
    if here and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, _interrupt_all)


def _interrupt_all(number: int, frame: Any) -> None:
    """Post it: an explorer may be in the middle of a step."""
    for explorer in list(Explorer._open.values()):
        explorer.post(explorer.interrupted)


_PAGE = w.Layout(width="100%", max_width="980px")
