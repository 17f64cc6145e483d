"""Draw a digit, and see what a network makes of it: its input, its hidden units, its answer."""

from collections.abc import Callable
from typing import Any

import ipywidgets as w
import numpy as np

import nnlib as nn
from nnlib.explorers._canvas import Canvas
from nnlib.explorers._explorer import Explorer
from nnlib.explorers._looking import WIDTHS, Model, article, percent
from nnlib.explorers._pad import Pad
from nnlib.explorers._pixels import Pixels
from nnlib.plots import PALETTE
from nnlib.plots._style import bare

EXAMPLES = 100
"""How many digits of the test set can be put on the pad."""

STILL = 91
"""The one among them that is shown where there is no kernel: a 4 that might be a 6."""


class DigitPad(Explorer):
    """A pad to draw a digit on, and what a network thinks of it as you draw.

    Parameters
    ----------
    model : nnlib.Model or nnlib.Sequential
        A network from 64 or 784 pixels to 10 classes; None: one is trained on the 8×8 digits.
    """

    title = "draw a digit and see what a network makes of it"

    def __init__(self, model: nn.Model | nn.Sequential | None = None, name: str = "") -> None:
        self.model = shown = Model(model)
        super().__init__(name)
        none = [("none", -1)]
        digits = none + [(f"no. {i + 1}", i) for i in range(EXAMPLES)]
        self.example = self.slider("a test digit", digits, -1, self._take_example)
        width = self.slider("pen", list(WIDTHS.items()), shown.width, self._take_width)
        prepare = self.switch("centre and scale", True, lambda on: setattr(shown, "prepared", on))
        undo = self.button("Undo", "undo", lambda: self._ask("undo"))
        clear = self.button("Clear", "eraser", lambda: self._ask("clear"))
        self.pad = Pad(width=shown.width)
        self.pad.observe(self._drawn, "strokes")
        self.pad.on_msg(self._asked)
        self._canvas = Canvas(6.2, 3.6, self._build)
        self.arrange(self.row(self.example, width), self.row(prepare, undo, clear))
        self._beside()

    def close(self) -> None:
        """Take no more lines."""
        super().close()
        self.pad.disabled = True

    def words(self) -> str:
        """Say what the network sees."""
        return self.model.words()

    def still(self) -> Pixels:
        """Show a digit of the test set, with the answer."""
        example = Model(self.model.source)
        example.example = STILL
        return self._shown(example)

    def picture(self) -> Pixels:
        """Draw input, probabilities and hidden units."""
        return self._shown(self.model)

    # The pad ---------------------------------------------------------------------------------

    def _drawn(self, change: Any) -> None:
        """Take over what was drawn on the pad."""
        self.post(lambda: setattr(self.model, "strokes", change["new"]))

    def _ask(self, what: str) -> None:
        """Take back or clear: the page does it, where there is one, and sends what is left."""
        if self.pad.shown:
            self.pad.send(what)
        else:
            self._asked(self.pad, what, [])

    def _asked(self, pad: Any, content: Any, buffers: Any) -> None:
        """Take back or clear what the page has not."""
        known: dict[Any, Callable[[], None]] = {"undo": self.model.undo, "clear": self.model.clear}
        if content in known:
            self.post(lambda: self._change(known[content]))

    def _change(self, change: Callable[[], None]) -> None:
        """Change the drawing here, and show it on the pad."""
        change()
        self.example.value = self.model.example
        self.pad.strokes = self.model.strokes
        self._show_base()

    def _take_example(self, example: int) -> None:
        if example != self.model.example:
            self.model.clear()
            self.model.example = example
            self.pad.strokes = []
            self._show_base()

    def _take_width(self, width: float) -> None:
        self.model.width = self.pad.width = width

    def _show_base(self) -> None:
        base = self.model.base if self.model.example >= 0 else np.zeros((0, 0))
        self.pad.base = np.round(255 * base).astype(np.uint8).tobytes()

    def _beside(self) -> None:
        """Put the picture beside the pad."""
        self.image.layout.flex, self.image.layout.min_width = "0 1 auto", "0"
        self.pad.layout = w.Layout(flex="0 0 auto", margin="2px 8px 2px 2px")
        both = w.HBox([self.pad, self.image], layout=w.Layout(align_items="flex-start"))
        self.view.children = tuple(
            both if child is self.image else child for child in self.view.children
        )

    # The picture -----------------------------------------------------------------------------

    def _build(self, figure: Any) -> list[Any]:
        grid = figure.add_gridspec(3, 2, height_ratios=[7, 1, 1], width_ratios=[2, 3])
        seen, bars = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
        side = self.model.side
        blank, grey = np.zeros((side, side)), {"cmap": "gray_r", "vmin": 0, "vmax": 1}
        self._seen = seen.imshow(blank, **grey)
        seen.set(title=f"what it sees: {side}×{side}")
        bare(seen)
        seen.spines[:].set_visible(True)
        style = {"fill": True, "edgecolor": "white", "linewidth": 0.5}
        edges = np.arange(11) - 0.5
        self._meant = seen.text(0.5, -0.03, "", transform=seen.transAxes, ha="center", va="top")
        self._bars = bars.stairs(np.zeros(10), edges, fc=PALETTE[5], **style)
        self._best = bars.stairs(np.zeros(10), edges, fc=PALETTE[1], hatch="//", **style)
        bars.set(xticks=range(10), ylim=(0, 1.12), yticks=[0, 0.5, 1], title="probability")
        self._numbers = [bars.text(i, 0, "", ha="center", va="bottom", size=9) for i in range(10)]
        self._strips = [self._strip(figure.add_subplot(row)) for row in (grid[1, :], grid[2, :])]
        hidden = self.model.look()[2]
        for strip, A in zip(self._strips, [*hidden, None, None], strict=False):
            strip.axes.set_visible(A is not None)
            if A is not None:
                strip.axes.set_title(f"{A.size} hidden units", size=9, pad=2)
        for strip, A in zip(self._strips, hidden, strict=False):
            strip.set_extent((0, A.size, 0, 1))
        strips = self._strips[: len(hidden)]
        return [
            self._seen,
            *seen.spines.values(),
            self._meant,
            *strips,
            self._bars,
            self._best,
            *self._numbers,
        ]

    def _strip(self, ax: Any) -> Any:
        bare(ax)
        return ax.imshow(np.zeros((1, 1)), aspect="auto", cmap="cividis", interpolation="nearest")

    def _shown(self, model: Model) -> Pixels:
        x, P, hidden = model.look()
        P = np.zeros(10) if model.empty else P
        self._seen.set_data(x.reshape(model.side, -1))
        self._meant.set_text("" if model.meant is None else f"meant as {article(model.meant)}")
        best = np.arange(10) == P.argmax()
        self._bars.set_data(np.where(best, 0, P))
        self._best.set_data(np.where(best, P, 0))
        for i, (p, number) in enumerate(zip(P, self._numbers, strict=True)):
            number.set_text(percent(p))
            number.set_visible(p >= 0.005)  # an empty place says as much as "< 1 %"
            number.set_position((i, p + 0.01))
        for strip, A in zip(self._strips, hidden, strict=False):
            strip.set_data(A[np.newaxis])
            strip.set_clim(min(0.0, A.min()), max(A.max(), 1e-9))
        return self._canvas.frame()
