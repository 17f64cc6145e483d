"""The picture of an explorer on the page: sent only as fast as it is seen, and it answers.

`jupyter_rfb` taught the manners: the page says when it has drawn a frame, no more than two are
under way, and none to a page that is out of view. It is not used because its frames are whole
JPEGs of one size, three times the bytes of what changes here and blurred on sharp screens, it
knows no parts that answer to keys, and those who do not see the picture are told nothing.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import traitlets as t

from nnlib.course.kit.canvas import Pixels
from nnlib.course.kit.frames import Motion, whole

MOST = 2
"""Frames that may be under way: sent, and not yet drawn by the page."""


class View(NamedTuple):
    """A place on a page where the picture is seen, or would be if one scrolled there."""

    visible: bool
    ratio: float
    """Pixels of the screen for each of the page."""


class Picture(anywidget.AnyWidget):
    """A picture on the page, and what is heard from those who look at it.

    Attributes
    ----------
    size : tuple of two ints
        Width and height on the page, in its pixels.
    told : dict
        The part that is pointed at, for the page to show: its ``name``, ``text``, ``place``,
        whether it is a ``line``, what it ``can`` do, and whether a ``key`` has led there.
    pixels : ndarray
        The picture as it was last drawn, whether or not a page was there to see it.
    views : dict
        Where it is seen, by the page's own names.
    sharp : bool
        Whether the page shows it without loss, in the screen's own resolution.
    frames, bytes_sent : int
        What has been sent to the page so far.
    """

    size: Any = t.List(t.Int(), [1, 1]).tag(sync=True)
    told: Any = t.Dict().tag(sync=True)

    _esm = Path(__file__).with_suffix(".js")

    _css = Path(__file__).with_suffix(".css")

    def __init__(self, hear: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self.pixels: Pixels | None = None
        self.views: dict[str, View] = {}
        self.sharp = False
        self.frames, self.bytes_sent = 0, 0
        self._drawn, self._motion = 0, Motion()
        self.on_msg(lambda _, content, buffers: hear(content))

    @property
    def visible(self) -> bool:
        """Whether anybody can see it."""
        return any(view.visible for view in self.views.values())

    @property
    def ratio(self) -> float:
        """Pixels of the sharpest screen for each of the page."""
        return max((view.ratio for view in self.views.values() if view.visible), default=1.0)

    @property
    def under_way(self) -> int:
        """Count the frames that were sent and that no page has yet drawn."""
        return self.frames - self._drawn

    @property
    def ready(self) -> bool:
        """Whether another frame would be seen, and in time."""
        return self.visible and self.under_way < MOST

    def note(self, message: dict[str, Any]) -> None:
        """Take note of what a page says of a frame, or of itself."""
        if message["on"] == "drawn":
            self._drawn = max(self._drawn, int(message["frame"]))
        elif message["on"] == "gone":
            self.views.pop(message["view"], None)
        elif message["on"] == "view":
            known = self.views.get(message["view"])
            view = View(bool(message["visible"]), min(max(float(message["ratio"]), 1.0), 3.0))
            self.views[message["view"]] = view
            if view.visible and (known is None or not known.visible or known.ratio != view.ratio):
                self._begin_anew()

    def _begin_anew(self) -> None:
        """Expect nothing of what the page shows, nor answers to what was sent before."""
        self._drawn, self._motion, self.sharp = self.frames, Motion(), False

    def forget(self) -> None:
        """Keep nothing of what was shown, and be seen by nobody."""
        self.pixels, self._motion, self.views = None, Motion(), {}

    def show(self, pixels: Pixels) -> None:
        """Send a frame in motion, if somebody can see it, and it differs."""
        self.pixels = pixels
        height, width = pixels.shape[:2]
        if self.size != [width, height]:
            self.size = [width, height]
        self.sharp = False
        if self.ready and (data := self._motion.frame(pixels)):
            self._send_frame(data, 1)

    def show_sharp(self, pixels: Pixels) -> None:
        """Send a frame at rest: without loss, of as many pixels as the screen has."""
        assert self.pixels is not None
        self._motion.begin(self.pixels)
        self.sharp = True
        self._send_frame(whole(pixels), 0)

    def _send_frame(self, data: bytes, motion: int) -> None:
        self.frames += 1
        self.bytes_sent += len(data)
        self.send({"frame": self.frames, "motion": motion}, [data])
