"""Draw a digit, and see what a network makes of it: its input, its hidden units, its answer."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w
import numpy as np

import nnlib as nn
from nnlib._typing import Array, Shape
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.digits import (
    SIDE,
    Strokes,
    digits,
    digits_like,
    mnist_like,
    paper,
    rendered,
    shrunk,
    slanted,
)
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.pad import Pad
from nnlib.course.kit.parts import Part
from nnlib.plots import PALETTE
from nnlib.plots.style import bare

LIKE = {8: digits_like, 28: mnist_like}
"""How a drawing is prepared, by the side of the images that the network has learned from."""

WIDTHS = {"thin": 0.06, "medium": 0.1, "thick": 0.14, "brush": 0.2}
"""Of the pen, as shares of the paper's side."""

THICKEST = 3.0
"""A drawing has to be so many times as large as its lines are thick."""


UNCHANGING = (nn.Flatten, nn.Reshape, nn.Dropout)
"""Layers that hand on what they get: no hidden units of their own."""


@functools.cache
def trained() -> nn.Model:
    """Train a small network on the 8×8 digits, in a second.

    Each digit is there three times, twice redrawn with another slant: those who draw here have
    other hands, and another pen, than the writers of the data set.
    """
    data, rng = digits(), np.random.default_rng(0)
    papers = [paper(x.reshape(8, 8)) for x in data.X_train]
    redrawn = [digits_like(slanted(pixels, rng)) for _ in range(2) for pixels in papers]
    layers = [nn.Dense(64, 64), nn.ReLU(), nn.Dense(64, 32), nn.ReLU(), nn.Dense(32, 10)]
    model = nn.Model(nn.Sequential(*layers, rng=0), nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.003))
    X, y = np.concatenate([data.X_train, redrawn]), np.tile(data.y_train, 3)
    model.fit(X, y, epochs=15, rng=0)
    return model


def example_shape(net: nn.Sequential) -> Shape:
    """Find out which images a network takes, (64,), (784,), (1, 8, 8) or (1, 28, 28)."""
    for side in LIKE:
        for shape in ((side * side,), (1, side, side)):
            try:
                after = net.shapes_after(shape)[-1]
            except ValueError:
                continue
            if after == (10,):
                return shape
    raise ValueError(
        "model: expected a network from 64 (8×8) or 784 (28×28) pixels to 10 classes, got one from "
        f"{net.input_shape or 'any shape'} to {net.output_shape(None) or 'any shape'}: "
        "train one on nn.load_digits() or nn.load_mnist(), or call DigitPad() for a trained one"
    )


class Experiment:
    """A drawing, and a network that looks at it.

    Parameters
    ----------
    source : nnlib.Model or nnlib.Sequential
        The network; None: a small one, trained on the 8×8 digits.

    Attributes
    ----------
    strokes, width : list of lines, float
        What was drawn, and with how wide a pen.
    example : int
        The digit of the test set that lies below the strokes; −1: none.
    prepared : bool
        Whether the drawing is centred and scaled, as the data set was.
    side : int
        Rows and columns of the images that the network takes.
    """

    def __init__(self, source: nn.Model | nn.Sequential | None = None) -> None:
        source = trained() if source is None else source
        if not isinstance(source, (nn.Model, nn.Sequential)):
            raise TypeError(
                "model: expected an nnlib.Model or nnlib.Sequential, "
                f"got {type(source).__name__}: call DigitPad() for a trained one"
            )
        self.source = source
        self.net = source.net if isinstance(source, nn.Model) else source
        self._shape = example_shape(self.net)
        self.side = self._shape[-1] if len(self._shape) > 1 else int(self._shape[0] ** 0.5)
        self.strokes: Strokes = []
        self.width, self.prepared, self.example = WIDTHS["medium"], True, -1
        self._pixels: tuple[Any, Array] = (None, np.zeros(0))

    @property
    def base(self) -> Array:
        """The test digit that lies below the strokes, or nothing."""
        if self.example < 0:
            return np.zeros((SIDE, SIDE))
        return paper(digits().X_test[self.example].reshape(8, 8))

    @property
    def meant(self) -> int | None:
        """The label of the test digit."""
        return None if self.example < 0 else int(digits().y_test[self.example])

    @property
    def pixels(self) -> Array:
        """The whole drawing."""
        drawing = self.strokes, self.width, self.example
        if self._pixels[0] != drawing:  # words and picture ask for the same
            self._pixels = drawing, np.maximum(self.base, rendered(self.strokes, self.width))
        return self._pixels[1]

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return not self.strokes and self.example < 0

    def look(self) -> tuple[Array, Array, list[Array]]:
        """Return the network's input x, the probabilities P, and the outputs of hidden layers."""
        pixels = self.pixels
        x = LIKE[self.side](pixels) if self.prepared else shrunk(pixels, self.side)
        A = x.reshape(1, *self._shape).astype(self.net.dtype)
        hidden = []
        for layer in self.net.layers:
            A = layer.forward(A)
            if not layer.shapes() and type(layer) not in UNCHANGING:
                hidden.append(A.ravel())
        last = self.net.layers[-1]
        if not last.shapes() and type(last) not in UNCHANGING:
            del hidden[-1]  # it is the answer
        return x, self._probabilities(A).ravel().astype(float), hidden[-2:]

    def _probabilities(self, Z: Array) -> Array:
        if isinstance(self.source, nn.Model):
            return self.source.loss.probabilities(Z)
        return Z if isinstance(self.net.layers[-1], nn.Softmax) else nn.softmax(Z)

    def undo(self) -> None:
        """Take back the last line; where there is none, the test digit."""
        if self.strokes:
            self.strokes = self.strokes[:-1]
        else:
            self.example = -1

    def clear(self) -> None:
        """Take a new sheet."""
        self.strokes, self.example = [], -1

    def words(self) -> str:
        if self.empty:
            return "The pad is empty: draw a digit from 0 to 9, large, with one or more lines."
        P = self.look()[1]
        first, second = np.argsort(P)[:-3:-1]
        guesses = (
            f"{article(first)} ({percent(P[first])}), then {article(second)} ({percent(P[second])})"
        )
        text = f"It sees {guesses}."
        if self.meant is not None:
            text += f" The writer of this test digit meant {article(self.meant)}."
        if not self.prepared:
            text += " The drawing is not centred and scaled: the network gets the paper as it is."
        elif self.blurred:
            text += " For so small a drawing the pen is thick, and its lines run together."
        return text

    @property
    def blurred(self) -> bool:
        """Whether the lines are so thick, for the size of the drawing, that they fill it."""
        points = [point for line in self.strokes for point in line]
        if not points or self.example >= 0:
            return False
        return bool(np.ptp(points, axis=0).max() < THICKEST * self.width)


def article(digit: int) -> str:
    """Name a digit."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


def percent(p: float) -> str:
    """Round, but call nothing certain."""
    return "> 99 %" if p >= 0.995 else "< 1 %" if p < 0.005 else f"{100 * p:.0f} %"


# The picture ---------------------------------------------------------------------------------


EXAMPLES = 100
"""How many digits of the test set can be put on the pad."""

LEGIBLE = 420
"""Pixels that the picture is wide at the least, where the page is."""

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
        self.experiment = Experiment(model)
        super().__init__(name)
        examples = [("none", -1), *((f"no. {i + 1}", i) for i in range(EXAMPLES))]
        self.example = self.slider(
            "a test digit", examples, -1, self._take_example,
            tip="Put one on the pad that somebody else wrote and the network has never seen.",
        )  # fmt: skip
        widths = list(WIDTHS.items())
        width = self.slider(
            "pen", widths, self.experiment.width, self._take_width,
            tip="How thick all lines are, those already drawn, too.",
        )  # fmt: skip
        prepare = self.switch(
            "centre and scale", True, self._prepare,
            tip="Move the drawing to the middle and to the size of the digits it learned from.",
        )  # fmt: skip
        undo = self.button(
            "Undo", "undo", lambda: self._ask("undo"),
            tip="Take back the last line, or the test digit where there is no line.",
        )  # fmt: skip
        clear = self.button(
            "Clear", "eraser", lambda: self._ask("clear"), tip="Begin on a new, empty sheet."
        )
        self.pad = Pad(width=self.experiment.width)
        self.pad.observe(self._take_strokes, "strokes")
        self.pad.on_msg(self._asked)
        self.canvas = Canvas(6.2, 3.6, self._build)
        self.arrange(self.row(self.example, width), self.row(prepare, undo, clear))
        self._beside()

    def close(self) -> None:
        """Take no more lines."""
        super().close()
        self.pad.disabled = True

    def words(self) -> str:
        return self.experiment.words()

    def still(self) -> Pixels:
        """Show a digit of the test set, with the answer."""
        experiment = Experiment(self.experiment.source)
        experiment.example = STILL
        return self._picture_of(experiment)

    def picture(self) -> Pixels:
        """Draw input, probabilities and hidden units."""
        return self._picture_of(self.experiment)

    # The pad ---------------------------------------------------------------------------------

    def _take_strokes(self, change: Any) -> None:
        self.post(lambda: setattr(self.experiment, "strokes", change["new"]))

    def _ask(self, what: str) -> None:
        """Take back or clear: the page does it, where there is one, and sends what is left."""
        if self.pad.shown:
            self.pad.send(what)
        else:
            self._asked(self.pad, what, [])

    def _asked(self, pad: Any, content: Any, buffers: Any) -> None:
        """Take back or clear what the page has not."""
        changes: dict[Any, Callable[[], None]] = {
            "undo": self.experiment.undo,
            "clear": self.experiment.clear,
        }
        if content in changes:
            self.post(lambda: self._change(changes[content]))

    def _change(self, change: Callable[[], None]) -> None:
        """Change the drawing here, and show it on the pad."""
        change()
        self.example.value = self.experiment.example
        self.pad.strokes = self.experiment.strokes
        self._show_base()

    def _take_example(self, example: int) -> None:
        if example != self.experiment.example:
            self.experiment.clear()
            self.experiment.example = example
            self.pad.strokes = []
            self._show_base()

    def _take_width(self, width: float) -> None:
        self.experiment.width = self.pad.width = width

    def _prepare(self, on: bool) -> None:
        self.experiment.prepared = on

    def _show_base(self) -> None:
        base = self.experiment.base if self.experiment.example >= 0 else np.zeros((0, 0))
        self.pad.base = np.round(255 * base).astype(np.uint8).tobytes()

    def _beside(self) -> None:
        """Put the picture beside the pad, or below it where it would be too small to read."""
        layout, width = self.image.layout, self.canvas.figure.bbox.width
        layout.flex = f"1 1 {LEGIBLE}px"
        layout.min_width, layout.max_width = f"min({LEGIBLE}px, 100%)", f"min({width:g}px, 100%)"
        self.pad.layout = w.Layout(flex="0 0 auto", margin="2px 8px 2px 2px")
        wrap = w.Layout(flex_flow="row wrap", align_items="flex-start")
        both = w.HBox([self.pad, self.image], layout=wrap)
        self.view.children = tuple(
            both if child is self.image else child for child in self.view.children
        )

    # What is seen ----------------------------------------------------------------------------

    def parts(self) -> list[Part]:
        """What it sees, ten probabilities, and the hidden units of a paper that is not blank."""
        sees, _, *strips = super().parts()
        bars = [self._bar(digit) for digit in range(10)]
        return [
            replace(sees, name="what it sees"),
            *bars,
            *(() if self.experiment.empty else strips),
        ]

    def _bar(self, digit: int) -> Part:
        ax = self._bars.axes
        place = (*self.canvas.at(ax, digit - 0.5, 1.12), *self.canvas.at(ax, digit + 0.5, 0))
        name = f"the probability that it is {article(digit)}"
        blank = self.experiment.empty
        p = "the pad is empty" if blank else percent(self.experiment.look()[1][digit])
        return Part(name, place, says=lambda: f"{article(digit)}: {p}")

    def _build(self, figure: Any) -> list[Any]:
        grid = figure.add_gridspec(3, 2, height_ratios=[7, 1, 1], width_ratios=[2, 3])
        left, bars = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
        side = self.experiment.side
        blank, grey = np.zeros((side, side)), {"cmap": "gray_r", "vmin": 0, "vmax": 1}
        self._input = left.imshow(blank, **grey)
        left.set(title=f"what it sees: {side}×{side}")
        bare(left)
        left.spines[:].set_visible(True)
        style = {"fill": True, "edgecolor": "white", "linewidth": 0.5}
        edges = np.arange(11) - 0.5
        self._meant = left.text(0.5, -0.03, "", transform=left.transAxes, ha="center", va="top")
        self._bars = bars.stairs(np.zeros(10), edges, fc=PALETTE[5], **style)
        self._best = bars.stairs(np.zeros(10), edges, fc=PALETTE[1], hatch="//", **style)
        bars.set(xticks=range(10), ylim=(0, 1.12), yticks=[0, 0.5, 1], title="probability")
        self._numbers = [bars.text(i, 0, "", ha="center", va="bottom", size=9) for i in range(10)]
        self._strips = [self._strip(figure.add_subplot(row)) for row in (grid[1, :], grid[2, :])]
        hidden = self.experiment.look()[2]
        for strip, A in zip(self._strips, [*hidden, None, None], strict=False):
            strip.axes.set_visible(A is not None)
            if A is not None:
                strip.axes.set_title(f"{A.size} hidden units", size=9, pad=2)
        for strip, A in zip(self._strips, hidden, strict=False):
            strip.set_extent((0, A.size, 0, 1))
        strips = self._strips[: len(hidden)]
        return [
            self._input,
            *left.spines.values(),
            self._meant,
            *strips,
            self._bars,
            self._best,
            *self._numbers,
        ]

    def _strip(self, ax: Any) -> Any:
        bare(ax)
        return ax.imshow(np.zeros((1, 1)), aspect="auto", cmap="cividis", interpolation="nearest")

    def _picture_of(self, experiment: Experiment) -> Pixels:
        x, P, hidden = experiment.look()
        P = np.zeros(10) if experiment.empty else P
        self._input.set_data(x.reshape(experiment.side, -1))
        self._meant.set_text(
            "" if experiment.meant is None else f"meant as {article(experiment.meant)}"
        )
        best = np.arange(10) == P.argmax()
        self._bars.set_data(np.where(best, 0, P))
        self._best.set_data(np.where(best, P, 0))
        for i, (p, number) in enumerate(zip(P, self._numbers, strict=True)):
            number.set_text(percent(p))
            number.set_visible(p >= 0.005)  # an empty place says as much as "< 1 %"
            number.set_position((i, p + 0.01))
        for strip, A in zip(self._strips, hidden, strict=False):
            strip.set_visible(not experiment.empty)  # of a blank paper they would say nothing
            strip.set_data(A[np.newaxis])
            strip.set_clim(min(0.0, A.min()), max(A.max(), 1e-9))
        return self.canvas.frame()
