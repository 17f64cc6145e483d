"""The charts below the picture of a playground: curves of the loss, histograms by layer."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.collections import PolyCollection
from matplotlib.ticker import MaxNLocator, NullFormatter, PercentFormatter

from nnlib._typing import Array
from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import History
from nnlib.course.playground.settings import Settings
from nnlib.course.playground.words import differences
from nnlib.plots import PALETTE

MEASURES = ("loss", "accuracy")
"""What the curves can show."""


@dataclass(frozen=True)
class KeptRun:
    """A run's curves, kept to be compared with the next, and what it was."""

    history: History
    settings: Settings
    changed: bool
    """Whether it had other settings before."""

    def words(self, now: Settings) -> str:
        """Say how it differs from a run with these settings, if the two can be compared."""
        here, there = (loss_name(s) for s in (self.settings, now))
        if here != there:
            return (
                f"The kept run is not drawn: its loss is {here}, and this one is {there}; the two "
                "cannot be compared."
            )
        differs = "; ".join(differences(self.settings, now))
        how = f"{differs}; else as now" if differs else "the same settings as now"
        before = ", which it did not have from the start" if self.changed else ""
        return f"In grey, the kept run, with {how}{before}."


def loss_name(s: Settings) -> str:
    """Name what a run with these settings makes small."""
    return "a cross-entropy" if make_data(s).k else "a squared error"


class Curves:
    """A measure in training and in the test after each epoch, and in grey those of a kept run."""

    def __init__(self, ax: Any) -> None:
        self.ax = ax
        self._drawn: tuple[Any, ...] = ()
        ax.set_xlabel("epoch", labelpad=0)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.tick_params(labelsize=8)
        grey, blue, vermilion = "0.55", PALETTE[0], PALETTE[1]
        styles = ((grey, "-", 1.4), (grey, "--", 1.4), (blue, "-", 1.8), (vermilion, "--", 1.8))
        self.artists, handles = (
            [ax.plot([], [], ls=ls, color=color, lw=lw)[0] for color, ls, lw in styles]
            for _ in range(2)  # once for the curves, once for the legend
        )
        self._handles = dict(zip(("kept", "", "train", "test"), handles, strict=True))

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
        shown = ["kept"] * (kept_run is not None) + ["train", "test"]
        lines = [self._handles[name] for name in shown]
        style = {"bbox_to_anchor": (1.03, 0.97), "ncols": 3, "fontsize": 8, "frameon": False}
        self.ax.legend(lines, shown, loc="lower right", **style)
        return True

    def read(self, history: History, epoch: float) -> str:
        """Say what the curves are at the recorded epoch that is nearest."""
        epochs, measure = history.column("epoch"), self.ax.get_title(loc="left")
        i = int(np.abs(epochs - epoch).argmin())
        values = [history.column(name)[i] for name in (measure, f"test_{measure}")]
        form = "{:.1%}" if measure == "accuracy" else "{:.4g}"
        train, test = (form.format(value) for value in values)
        return f"epoch {epochs[i]:,.0f}: {measure} {train}, in the test {test}"

    def _scale(self, measure: str) -> None:
        """Powers of ten for a loss, parts of a hundred for an accuracy."""
        self.ax.set_title(measure, fontsize=10, loc="left", y=1.0)
        if measure == "loss":
            self.ax.set_yscale("log")
            self.ax.yaxis.set_minor_formatter(NullFormatter())  # there is no room for 6 × 10⁻¹
        else:
            self.ax.set_yscale("linear")
            self.ax.yaxis.set_major_formatter(PercentFormatter(1))


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
        self.ax, self._edges, self._layers, self._says = ax, edges, 1, says
        self._rows: list[Array] = []
        ax.set(xlim=(edges[0], edges[-1]))
        ax.set_title(title, fontsize=10, loc="left", y=1.0)
        ax.tick_params(labelsize=8)
        ax.grid(False, axis="y")
        style: dict[str, Any] = {"facecolors": PALETTE[5], "edgecolors": "black", "linewidths": 0.6}
        self.artist = ax.add_collection(PolyCollection([], **style))

    def name(self, layers: int) -> None:
        """Give each layer a row."""
        self._layers = layers
        self.ax.set_ylim(-0.08, layers + 0.05)
        names = [f"layer {i}" for i in range(1, layers)] + ["output"]
        self.ax.set_yticks(range(layers), names[::-1])

    def update(self, rows: list[Array]) -> None:
        """Show the distribution of these values, layer by layer."""
        self._rows = rows
        self.artist.set_verts(ridges(rows, self._edges, self._layers) if rows else [])

    def read(self, x: float, y: float) -> str:
        """Say how large a share of a layer's values a bar stands for."""
        i = min(max(self._layers - 1 - int(np.floor(y)), 0), self._layers - 1)
        name = "output" if i == self._layers - 1 else f"layer {i + 1}"
        if i >= len(self._rows):
            return f"{name}: no step yet"
        counts = histogram(self._rows[i], self._edges)
        k = int(np.clip(np.searchsorted(self._edges, x) - 1, 0, len(counts) - 1))
        low, high = (self._says(edge) for edge in self._edges[k : k + 2])
        return f"{name}: {counts[k] / max(counts.sum(), 1):.1%} from {low} to {high}"


def histogram(values: Array, edges: Array) -> npt.NDArray[np.intp]:
    """Count the values between edges; those beyond belong to the first and the last bar."""
    return np.bincount(np.searchsorted(edges[1:-1], values, "right"), minlength=len(edges) - 1)


def ridges(rows: list[Array], edges: Array, layers: int) -> Array:
    """Draw a histogram for each row as an outline, one above the other, the first on top."""
    counts = np.array([histogram(values, edges) for values in rows])
    heights = 0.85 * counts / np.maximum(counts.max(axis=1, keepdims=True), 1)
    base = layers - 1 - np.arange(len(rows))[:, np.newaxis]
    y = base + np.pad(np.repeat(heights, 2, axis=1), ((0, 0), (1, 1)))
    return np.stack([np.broadcast_to(np.repeat(edges, 2), y.shape), y], axis=2)
