"""The charts below the picture of a playground: curves of the loss, histograms by layer."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PolyCollection
from matplotlib.ticker import MaxNLocator, NullFormatter, PercentFormatter

from nnlib._typing import Array
from nnlib.course.playground.history import History
from nnlib.course.playground.words import KeptRun
from nnlib.plots import PALETTE

MEASURES = ("loss", "accuracy")
"""What the curves can show."""


class Curves:
    """A measure in training and in the test after each epoch, and in grey those of a kept run."""

    def __init__(self, ax: Any) -> None:
        self.ax = ax
        self._drawn: tuple[Any, ...] = ()
        ax.set_xlabel("epoch", labelpad=0)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.tick_params(labelsize=8)
        colors, widths = ("0.55", "0.55", *PALETTE[:2]), (1.4, 1.4, 1.8, 1.8)
        styles = [*zip(colors, ("-", "--", "-", "--"), widths, strict=True)]
        self.artists, self._handles = (
            [ax.plot([], [], ls=ls, color=color, lw=lw)[0] for color, ls, lw in styles]
            for _ in range(2)  # once for the curves, once for the legend
        )

    def update(self, history: History, kept_run: KeptRun | None, measure: str) -> bool:
        """Show these curves; return whether the axes have changed."""
        runs = [kept_run.history if kept_run else History(), history]
        names = (measure, f"test_{measure}")
        pairs = [(run.column("epoch"), run.column(name)) for run in runs for name in names]
        for line, (epochs, values) in zip(self.artists, pairs, strict=True):
            stride = max(1, len(epochs) // 300)
            line.set_data(epochs[::stride], values[::stride])
            line.set_marker("o" if len(epochs) == 1 else "")
            line.set_visible(len(epochs) > 0)
        last = round_up(max([10, *(epochs[-1] for epochs, _ in pairs if len(epochs))]))
        limits = loss_limits(pairs) if measure == "loss" else (0, 1.03)
        axes = (measure, last, limits, kept_run is None)
        if axes == self._drawn:
            return False
        self._drawn = axes
        self._scale(measure)
        self.ax.set(xlim=(0, last), ylim=limits)
        kept, _, *now = self._handles
        shown = {"train": now[0], "test": now[1]}
        shown = {"kept": kept, **shown} if kept_run else shown
        style = {"bbox_to_anchor": (1.03, 0.97), "ncols": 3, "fontsize": 8, "frameon": False}
        self.ax.legend(shown.values(), shown.keys(), loc="lower right", **style)
        return True

    def _scale(self, measure: str) -> None:
        """Powers of ten for a loss, parts of a hundred for an accuracy."""
        self.ax.set_title(measure, fontsize=10, loc="left", y=1.0)
        self.ax.set_yscale("log" if measure == "loss" else "linear")
        if measure == "loss":
            self.ax.yaxis.set_minor_formatter(NullFormatter())  # there is no room for 6 × 10⁻¹
        else:
            self.ax.yaxis.set_major_formatter(PercentFormatter(1))

    def read(self, history: History, epoch: float) -> str:
        """Say what the curves are at the recorded epoch that is nearest."""
        epochs, measure = history.column("epoch"), self.ax.get_title(loc="left")
        i = int(np.abs(epochs - epoch).argmin())
        train, test = (history.column(name)[i] for name in (measure, f"test_{measure}"))
        form = ".1%" if measure == "accuracy" else ".4g"
        return f"epoch {epochs[i]:,.0f}: {measure} {train:{form}}, in the test {test:{form}}"


def loss_limits(pairs: list[tuple[Array, Array]]) -> tuple[float, float]:
    """Return the powers of ten below and above all of these losses."""
    values = np.concatenate([values for _, values in pairs])
    values = values[np.isfinite(values) & (values > 0)]
    low, high = (values.min(), values.max()) if len(values) else (0.1, 1.0)
    lowest = 10.0 ** math.floor(math.log10(max(low, 1e-9)))
    return lowest, 10.0 ** math.ceil(math.log10(max(high, 1e-8)) + 1e-9)


def round_up(value: float) -> float:
    """Return the next of 10, 20, 50, 100, 200 …"""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)


class Ridges:
    """A histogram for each layer, one above the other, the first on top."""

    def __init__(
        self, ax: Any, edges: Array, title: str, says: Callable[[float], str] = "{:.2g}".format
    ) -> None:
        self.ax, self._edges, self._says = ax, edges, says
        self._names: list[str] = []
        self._rows: list[Array] = []
        ax.set(xlim=(edges[0], edges[-1]))
        ax.set_title(title, fontsize=10, loc="left", y=1.0)
        ax.tick_params(labelsize=8)
        ax.grid(False, axis="y")
        style: dict[str, Any] = {"facecolors": PALETTE[5], "edgecolors": "black", "linewidths": 0.6}
        self.artist = ax.add_collection(PolyCollection([], **style))

    def name(self, layers: int) -> None:
        """Give each layer a row."""
        self._names = [*(f"layer {i}" for i in range(1, layers)), "output"]
        self.ax.set_ylim(-0.08, layers + 0.05)
        self.ax.set_yticks(range(layers), self._names[::-1])

    def update(self, rows: list[Array]) -> None:
        """Show the distribution of these values, layer by layer."""
        self._rows = rows
        self.artist.set_verts(ridges(rows, self._edges) if rows else [])

    def read(self, x: float, y: float) -> str:
        """Say how large a share of a layer's values a bar stands for."""
        last = len(self._names) - 1
        i = min(max(last - int(np.floor(y)), 0), last)
        if i >= len(self._rows):
            return f"{self._names[i]}: no step yet"
        counts = histogram(self._rows[i], self._edges)
        k = int(np.clip(np.searchsorted(self._edges, x) - 1, 0, len(counts) - 1))
        low, high = (self._says(edge) for edge in self._edges[k : k + 2])
        return f"{self._names[i]}: {counts[k] / max(counts.sum(), 1):.1%} from {low} to {high}"


def histogram(values: Array, edges: Array) -> npt.NDArray[np.intp]:
    """Count the values between edges; those beyond belong to the first and the last bar."""
    return np.bincount(np.searchsorted(edges[1:-1], values, "right"), minlength=len(edges) - 1)


def ridges(rows: list[Array], edges: Array) -> Array:
    """Draw a histogram for each row as an outline, one above the other, the first on top."""
    counts = np.array([histogram(values, edges) for values in rows])
    heights = 0.85 * counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
    base = np.arange(len(rows))[::-1, np.newaxis]
    y = base + np.pad(np.repeat(heights, 2, axis=1), ((0, 0), (1, 1)))
    return np.stack([np.broadcast_to(np.repeat(edges, 2), y.shape), y], axis=2)
