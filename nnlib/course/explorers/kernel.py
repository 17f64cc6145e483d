"""A kernel slides over a digit, and a map of sums grows: convolution, place by place."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w
import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.kit.canvas import Canvas, Pixels, Texts
from nnlib.course.kit.digits import digits, enlarged
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.parts import Part
from nnlib.plots import PALETTE
from nnlib.plots.style import bare, text_color

K = 3
"""Rows and columns of the kernel."""

EDGES = np.array([[-1.0, -1, -1], [0, 0, 0], [1, 1, 1]])

KERNELS: dict[str, Array] = {
    "identity": np.array([[0.0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "blur": np.full((K, K), 1 / 9),
    "sharpen": np.array([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "horizontal edges": EDGES,
    "vertical edges": EDGES.T.copy(),
    "Sobel": np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
}

OWN = "your own"
"""The name of every other kernel."""


class Experiment:
    """A convolution of one digit with one kernel, seen at one place of its output.

    Attributes
    ----------
    digit, side : int
        Which image of the test set, and its rows and columns: 8, or 16 where it is enlarged.
    stride, padding : int
        Of the convolution.
    W : ndarray of shape (3, 3)
        The kernel.
    row, column : int
        The place, counted from 0 in the output.
    whole : bool
        Whether the output is seen beyond that place, too.
    """

    def __init__(self) -> None:
        self.digit, self.side, self.stride, self.padding = 5, 8, 1, 0
        self.W = KERNELS["vertical edges"].copy()
        self.row, self.column, self.whole = 2, 3, False

    @property
    def image(self) -> Array:
        """The digit, 8×8 or enlarged."""
        X = digits().X_test[self.digit].reshape(8, 8)
        return X if self.side == len(X) else enlarged(X, self.side)

    @property
    def layer(self) -> nn.Conv2D:
        """The convolution, with this kernel in it."""
        layer = nn.Conv2D(1, 1, K, stride=self.stride, padding=self.padding, bias=False)
        nn.Sequential(layer)
        layer.W = self.W[np.newaxis, np.newaxis]
        return layer

    @property
    def Z(self) -> Array:
        """The whole output, a map of sums."""
        return self.layer.forward(self.image[np.newaxis, np.newaxis])[0, 0]

    @property
    def size(self) -> int:
        """Rows, and columns, of the output."""
        shape = self.layer.output_shape((1, self.side, self.side))
        assert shape is not None
        return shape[1]

    @property
    def place(self) -> tuple[int, int]:
        """Row and column of the output."""
        return self.row, self.column

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the image where the window begins; negative in the padding."""
        r, s = self.stride * self.row, self.stride * self.column
        return r - self.padding, s - self.padding

    @property
    def window(self) -> Array:
        """The nine pixels under the kernel."""
        X = np.pad(self.image, self.padding)
        i, j = (c + self.padding for c in self.corner)
        return X[i : i + K, j : j + K]

    @property
    def products(self) -> Array:
        """Each pixel times the kernel's number on it; their sum is the output at this place."""
        return self.window * self.W

    @property
    def kernel_name(self) -> str:
        """The preset that the kernel is."""
        return next((name for name, W in KERNELS.items() if np.array_equal(W, self.W)), OWN)

    def change(self, name: str, value: int) -> None:
        """Set one of the numbers; the place stays inside the output."""
        setattr(self, name, value)
        last = self.size - 1
        self.row, self.column = min(self.row, last), min(self.column, last)

    def next(self) -> bool:
        """Move to the next place, as one reads; after the last comes the first, and False."""
        i = (self.row * self.size + self.column + 1) % self.size**2
        self.row, self.column = divmod(i, self.size)
        return i > 0

    @property
    def Z_so_far(self) -> Array:
        """The output as far as the kernel has come, or the whole; NaN beyond."""
        Z = self.Z.copy()
        if not self.whole:
            Z.ravel()[self.row * self.size + self.column + 1 :] = np.nan
        return Z

    def words(self) -> str:
        Z = self.Z
        return (
            f"Row {self.row + 1}, column {self.column + 1} of the output: nine products add up to "
            f"{signed(Z[self.place])}. The whole map goes from {signed(Z.min())} to "
            f"{signed(Z.max())}. Stride {self.stride}, padding {self.padding}: "
            f"{self.side}×{self.side} becomes {self.size}×{self.size}."
        )


def signed(value: float | np.floating[Any], form: str = ".2f") -> str:
    """Write a number with a true minus, and no minus before zero."""
    text = format(abs(value), form)
    return f"−{text}" if value < 0 and float(text) else text


# The picture ---------------------------------------------------------------------------------


DIGITS = 50
"""How many digits of the test set there are to choose from."""

LARGEST = 100.0
"""Size of a kernel's number at the most."""

FEW = 8
"""A map of so many rows has room for its numbers."""

PACE = 0.08
"""Seconds from one place to the next while it runs."""


class Panels:
    """The image with the window on it, the nine products, and the output."""

    def __init__(self) -> None:
        self._drawn_for = (0, 0, 0)
        self.canvas = Canvas(9.4, 3.5, self._build)
        self.canvas.frame()
        self.canvas.figure.set_layout_engine("none")  # the panels stay where they are

    def _build(self, figure: Any) -> list[Any]:
        self.left, self.middle, self.right = figure.subplots(1, 3)
        middle = self.middle
        self.left.set_title("image, and the window on it")
        middle.set_title("pixel × kernel: nine products")
        for ax in (self.left, middle, self.right):
            bare(ax)
        self.right.set_title("output")
        self.right.patch.set(hatch="////", edgecolor="0.88")
        self.right.spines[:].set_visible(True)
        one = np.zeros((1, 1))
        self._image = self.left.imshow(one, cmap="gray_r", vmin=0, vmax=1)

        def frame(side: int) -> Rectangle:
            edge = withStroke(linewidth=5.5, foreground="white")
            options: dict[str, Any] = {
                "fill": False,
                "lw": 3.0,
                "ec": PALETTE[1],
                "path_effects": [edge],
            }
            return Rectangle((0, 0), side, side, **options)

        self._edge = self.left.add_patch(Rectangle((0, 0), 1, 1, fill=False, ec="black", lw=1))
        border = Rectangle((0, 0), 1, 1, fill=False, ec="0.4", lw=1, ls="--")
        self._padded = self.left.add_patch(border)
        self._window = self.left.add_patch(frame(K))
        self._cells = middle.imshow(np.zeros((K, K)), cmap="RdBu", vmin=-1, vmax=1)
        middle.set(xlim=(-0.8, 2.8), ylim=(3.1, -0.5))
        for ax in (self.left, middle):
            ax.spines[:].set_visible(False)
        self._texts, self._numbers = Texts(middle), Texts(self.right)
        self._map = self.right.imshow(one, cmap="RdBu", vmin=-1, vmax=1)
        self._mark = self.right.add_patch(frame(1))
        return [self._image, self._edge, self._padded, self._window, self._cells, self._texts,
                self._map, self._numbers, *self.right.spines.values(), self._mark]  # fmt: skip

    def draw(self, experiment: Experiment) -> Pixels:
        """Draw an experiment as it is now."""
        n, p, m = experiment.side, experiment.padding, experiment.size
        if (n, p, m) != self._drawn_for:
            self._drawn_for, self.canvas.stale = (n, p, m), True
            low, high = -p - 0.7, n + p - 0.3
            self.left.set(xlim=(low, high), ylim=(high, low))
            self.right.title.set_text(f"output {m}×{m} (blue +, red −)")
            self.right.set(xlim=(-0.5, m - 0.5), ylim=(m - 0.5, -0.5))
            self._image.set_extent((-0.5, n - 0.5, n - 0.5, -0.5))
            self._map.set_extent((-0.5, m - 0.5, m - 0.5, -0.5))
            self._edge.set_bounds(-0.5, -0.5, n, n)
        self._image.set_data(experiment.image)
        self._padded.set_bounds(-0.5 - p, -0.5 - p, n + 2 * p, n + 2 * p)
        top, left = experiment.corner
        self._window.set_xy((left - 0.5, top - 0.5))
        products, Z = experiment.products, experiment.Z
        largest = max(float(np.abs(experiment.W).max()), 1e-9)  # no pixel is above 1
        self._cells.set_data(products)
        self._cells.set_clim(-largest, largest)
        shades = self._cells.to_rgba(products)
        texts = []
        for i, j in np.ndindex(K, K):
            text = f"{experiment.window[i, j]:.2f}\n× {signed(float(experiment.W[i, j]), '.3g')}"
            text += f"\n= {signed(float(products[i, j]))}"
            texts.append((float(j), float(i), text, text_color(shades[i, j, :3]), 14))
        total = f"sum: {signed(Z[experiment.place])}"
        self._texts.set_texts([*texts, (1.0, 2.8, total, "black", 18)])
        Z_so_far = experiment.Z_so_far
        self._map.set_data(Z_so_far)
        largest = max(float(np.abs(Z).max()), 1e-9)
        self._map.set_clim(-largest, largest)
        self._numbers.set_texts(self._sums(Z_so_far))
        self._mark.set_xy((experiment.column - 0.5, experiment.row - 0.5))
        return self.canvas.frame()

    def _sums(self, Z: Array) -> list[tuple[float, float, str, str, int]]:
        """Write the sums into the map; where they are many, a minus into the negative ones."""
        shades, few = self._map.to_rgba(Z), len(Z) <= FEW
        form = ".1f" if np.nanmax(np.abs(Z)) < 10 else ".0f"
        texts = []
        for i, j in np.argwhere(np.isfinite(Z)):
            text = signed(Z[i, j], form) if few else "−" if Z[i, j] < -0.05 else ""
            if text:
                texts.append((float(j), float(i), text, text_color(shades[i, j, :3]), 13))
        return texts


class Kernel(Explorer):
    """A 3×3 kernel over a digit: the window, nine products, their sum, and the output map."""

    title = "convolution, one place at a time"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        sliders = self._sliders()
        names = [*KERNELS, OWN]
        self.preset = self.buttons(
            "kernel", names, experiment.kernel_name, self._take_preset,
            tip="Nine numbers to begin with; type others into the boxes.",
        )  # fmt: skip
        self.boxes = [self._box(i, j) for i in range(K) for j in range(K)]
        run = self.run_buttons(self._next, self.reset)
        whole = self.switch(
            "whole map", False, lambda on: setattr(experiment, "whole", on),
            tip="Show the output at all places at once, beyond the present one, too.",
        )  # fmt: skip
        self._moved, self.panels = 0.0, Panels()
        self.canvas = self.panels.canvas
        grid = w.GridBox(
            self.boxes, layout=w.Layout(grid_template_columns="repeat(3, 5em)", margin="4px 2em")
        )
        self.arrange(self.row(run, whole), self.row(sliders, grid), self.preset)

    # The controls ----------------------------------------------------------------------------

    def _sliders(self) -> Any:
        """Make those of the place, of the convolution and of the image, in rows."""
        experiment, places = self.experiment, self._places()
        self.row_slider, self.column_slider = (
            self.slider(
                name, places, getattr(experiment, name), self._set(name),
                tip=f"Where the window stands, {counted}: each place gives one number.",
            )
            for name, counted in (("row", "from above"), ("column", "from the left"))
        )  # fmt: skip
        stride = self.slider(
            "stride", [1, 2, 3], 1, self._set("stride"),
            tip="Pixels from one window to the next: more of them make a smaller output.",
        )  # fmt: skip
        padding = self.slider(
            "padding", [0, 1, 2], 0, self._set("padding"),
            tip="Rows and columns of zeros around the image, so that windows fit at its edge.",
        )  # fmt: skip
        images = [(f"no. {i + 1}", i) for i in range(DIGITS)]
        digit = self.slider(
            "digit", images, experiment.digit, self._set("digit"),
            tip="Which image of the test set the window slides over.",
        )  # fmt: skip
        sizes = [("8×8", 8), ("16×16", 16)]
        size = self.buttons(
            "image", sizes, experiment.side, self._set("side"),
            tip="As it is, or enlarged to four times as many pixels.",
        )  # fmt: skip
        return w.VBox([
            self.row(self.row_slider, self.column_slider), self.row(stride, padding),
            self.row(digit), self.row(size),
        ])  # fmt: skip

    def _box(self, i: int, j: int) -> Any:
        """Make the box for one number of the kernel."""
        box = w.FloatText(
            value=float(self.experiment.W[i, j]), step=0.5, layout=w.Layout(width="4.8em"),
            tooltip=f"Multiplies the pixel in row {i + 1}, column {j + 1} of the window.",
        )  # fmt: skip
        return self.observed(box, lambda value: self._take_number(i, j, value))

    def _take_number(self, i: int, j: int, value: float) -> None:
        if not math.isfinite(value) or abs(value) > LARGEST:
            self.alert_with(
                f"Kernel, row {i + 1}, column {j + 1}: expected a number from "
                f"−{LARGEST:g} to {LARGEST:g}, got {value:g}. It stays "
                f"{signed(self.experiment.W[i, j], 'g')} until you type another."
            )
            return
        self.experiment.W[i, j] = value
        self.preset.value = self.experiment.kernel_name

    def _take_preset(self, name: str) -> None:
        if name == OWN or name == self.experiment.kernel_name:
            return
        self.experiment.W = KERNELS[name].copy()
        for box, value in zip(self.boxes, self.experiment.W.ravel(), strict=True):
            box.value = float(value)

    def _set(self, name: str) -> Callable[[int], None]:
        def put(value: int) -> None:
            self.experiment.change(name, value)
            self._show_place()

        return put

    def _places(self) -> list[tuple[str, int]]:
        return [(str(i + 1), i) for i in range(self.experiment.size)]

    def _show_place(self) -> None:
        """Let the two sliders show where the experiment is."""
        places = self._places()
        sliders = self.row_slider, self.column_slider
        for slider, i in zip(sliders, self.experiment.place, strict=True):
            if len(slider.options) != len(places):
                slider.options = places
            slider.value = i

    def _next(self) -> bool:
        more = self.experiment.next()
        self._show_place()
        return more

    def reset(self) -> None:
        """Begin at the first place."""
        self.experiment.row = self.experiment.column = 0
        self._show_place()

    def advance(self, seconds: float) -> bool:
        """Move on, if it is time, until the map is full."""
        now = time.perf_counter()
        if now - self._moved < PACE:
            return True
        self._moved = now
        self._next()
        last = self.experiment.size - 1
        return self.experiment.place != (last, last)

    # What is seen ----------------------------------------------------------------------------

    def words(self) -> str:
        return self.experiment.words()

    def still(self) -> Pixels:
        """Show the whole map of vertical edges."""
        experiment = Experiment()
        experiment.whole, experiment.padding = True, 1
        return self.panels.draw(experiment)

    def picture(self) -> Pixels:
        """Draw the window on the image, the nine products, and the map."""
        return self.panels.draw(self.experiment)

    def parts(self) -> list[Part]:
        """The image and the output, where the window may be put, and the kernel's numbers."""
        image, _, output = super().parts()
        image = replace(image, name="the image", reads=self._pixel, drag=self._drag_window)
        output = replace(output, name="the output", reads=self._sum, drag=self._drag_mark)
        return [image, *(self._number(i, j) for i, j in np.ndindex(K, K)), output]

    def _number(self, i: int, j: int) -> Part:
        """The kernel's number that is written into a cell of the products."""
        left, top = self.canvas.at(self.panels.middle, j - 0.5, i - 0.5)
        right, bottom = self.canvas.at(self.panels.middle, j + 0.5, i + 0.5)
        pixel, product = self.experiment.window[i, j], self.experiment.products[i, j]
        w = self.experiment.W[i, j]
        says = f"pixel {pixel:.2f} × kernel {signed(w, 'g')} = {signed(product)}"
        return Part(
            f"the kernel's number in row {i + 1}, column {j + 1}", (left, top, right, bottom),
            says=lambda: says, number=lambda: float(w), put=lambda value: self._put(i, j, value),
        )  # fmt: skip

    def _put(self, i: int, j: int, value: float) -> None:
        self.alert.value = ""
        self._take_number(i, j, value)
        self.boxes[K * i + j].value = float(self.experiment.W[i, j])

    def _pixel(self, x: float, y: float) -> str:
        j, i = (round(c) for c in self.canvas.data(self.panels.left, x, y))
        n = self.experiment.side
        inside = 0 <= i < n and 0 <= j < n
        where = f"row {i + 1}, column {j + 1} of the image"
        return f"{where}: {self.experiment.image[i, j]:.2f}" if inside else "padding: 0"

    def _sum(self, x: float, y: float) -> str:
        j, i = self.canvas.data(self.panels.right, x, y)
        i, j = self._inside(i), self._inside(j)
        z = self.experiment.Z_so_far[i, j]
        value = signed(z) if np.isfinite(z) else "not computed yet"
        return f"row {i + 1}, column {j + 1} of the output: {value}"

    def _inside(self, i: float) -> int:
        """Return the nearest row, or column, of the output."""
        return min(max(round(i), 0), self.experiment.size - 1)

    def _drag_window(self, x: float, y: float) -> None:
        """Put the window's middle on a pixel, or as near as the stride allows."""
        e = self.experiment
        j, i = (
            (c - K // 2 + e.padding) / e.stride for c in self.canvas.data(self.panels.left, x, y)
        )
        self._go(i, j)

    def _drag_mark(self, x: float, y: float) -> None:
        j, i = self.canvas.data(self.panels.right, x, y)
        self._go(i, j)

    def _go(self, i: float, j: float) -> None:
        self.experiment.row, self.experiment.column = self._inside(i), self._inside(j)
        self._show_place()
