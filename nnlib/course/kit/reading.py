"""Reading a chart: what stands at a place of it, in words."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch

MOST = 5
"""So many values are read at a place, at the most."""


def read(ax: Axes, x: float, y: float) -> str:
    """Say the values that a chart has at a place of its data: of an image, curves, or bars."""
    head = ax.get_title(loc="left") or ax.get_title() or ax.get_ylabel()
    words = _pixel(ax.images[-1], x, y) if ax.images else _values(ax, x)
    if not words:
        names = _name(ax.get_xlabel(), "x"), _name(ax.get_ylabel(), "y")
        words = f"the place {names[0]} = {x:.3g}, {names[1]} = {y:.3g}"
    return f"{head}\n{words}" if head and head not in words else words


def _values(ax: Axes, x: float) -> str:
    """Say what curves and bars have at x, those that have something there."""
    curves = [line for line in ax.lines if _is_curve(line, ax)]
    found = [*(words for line in curves for words in _on_curve(line, x, ax)), *_bars(ax, x)]
    at = float(np.asarray(curves[0].get_xdata(), float)[_index(curves[0], x)]) if curves else x
    return f"{_name(ax.get_xlabel(), 'x')} = {at:.4g}: {', '.join(found[:MOST])}" if found else ""


def _is_curve(line: Line2D, ax: Axes) -> bool:
    """Whether a line shows data, and not a limit or a level."""
    x = np.asarray(line.get_xdata(), float)
    return line.get_visible() and len(x) > 2 and line.get_transform() == ax.transData


def _index(line: Line2D, x: float) -> int:
    """Return the point of a curve that is nearest along x."""
    distance = np.abs(np.asarray(line.get_xdata(), float) - x)
    return int(np.where(np.isnan(distance), np.inf, distance).argmin())


def _on_curve(line: Line2D, x: float, ax: Axes) -> Iterator[str]:
    """Say a curve's value, if it has one there."""
    xs, ys = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    known = xs[~np.isnan(xs)]
    value = ys[_index(line, x)]
    if len(known) and known.min() <= x <= known.max() and np.isfinite(value):
        yield f"{_label(line, ax)} {value:.3g}"


def _bars(ax: Axes, x: float) -> Iterator[str]:
    """Say the heights of the bars and steps over x; one of no height may belong to another's."""
    for patch in ax.patches:
        if isinstance(patch, StepPatch) and patch.get_visible():
            values, edges, _ = patch.get_data()
            i = int(np.searchsorted(edges, x, side="right")) - 1
            if 0 <= i < len(values) and np.isfinite(values[i]) and values[i] != 0:
                yield f"{_label(patch, ax)} {float(values[i]):.3g}"
    for container in ax.containers:
        for bar in container if hasattr(container, "patches") else ():
            if bar.get_visible() and bar.get_x() <= x <= bar.get_x() + bar.get_width():
                yield f"{_label(container, ax)} {bar.get_height():.3g}"


def _pixel(image: Any, x: float, y: float) -> str:
    """Say what an image has at a place, if that is one number."""
    A = np.asarray(image.get_array())
    left, right, bottom, top = image.get_extent()
    column = int((x - left) / (right - left) * A.shape[1])
    row = int((y - top) / (bottom - top) * A.shape[0])
    if A.ndim > 2 or not (0 <= row < A.shape[0] and 0 <= column < A.shape[1]):
        return ""
    return f"row {row + 1}, column {column + 1}: {float(A[row, column]):.3g}"


def _label(artist: Any, ax: Axes) -> str:
    """Name what an artist shows: by its own label, or else by that of the axis."""
    label = str(artist.get_label())
    return _name(ax.get_ylabel(), "y") if not label or label.startswith("_") else label


def _name(label: str, otherwise: str) -> str:
    """Take an axis' label as the name of its values, if it is short."""
    return label if 0 < len(label) <= 24 else otherwise
