"""Reading a chart: what stands at a place of it, in words."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

MOST = 5
"""So many curves are read at a place, at the most."""


def read(ax: Axes, x: float, y: float) -> str:
    """Say the values that a chart has at a place of its data: those of curves, else of an image."""
    head = ax.get_title(loc="left") or ax.get_title() or ax.get_ylabel()
    if ax.images:
        words = _pixel(ax.images[-1], x, y)
    else:
        curves = [line for line in ax.lines if _is_curve(line, ax)]
        found = [words for line in curves if (words := _value(line, x, ax))][:MOST]
        words = f"{_name(ax.get_xlabel(), 'x')} = {_near(curves, x):.4g}: {', '.join(found)}"
        if not found:
            words = (
                f"{_name(ax.get_xlabel(), 'x')} = {x:.3g}, {_name(ax.get_ylabel(), 'y')} = {y:.3g}"
            )
    return f"{head}\n{words}" if head and head not in words else words


def _is_curve(line: Line2D, ax: Axes) -> bool:
    """Whether a line shows data, and not a limit or a level."""
    x = np.asarray(line.get_xdata(), float)
    return line.get_visible() and len(x) > 2 and line.get_transform() == ax.transData


def _index(line: Line2D, x: float) -> int:
    """Return the point of a curve that is nearest along x."""
    return int(np.nanargmin(np.abs(np.asarray(line.get_xdata(), float) - x)))


def _near(curves: list[Line2D], x: float) -> float:
    """Return the place of the nearest point of the first curve, or this place."""
    return float(np.asarray(curves[0].get_xdata(), float)[_index(curves[0], x)]) if curves else x


def _value(line: Line2D, x: float, ax: Axes) -> str:
    """Say a curve's value, if it has one there."""
    xs, ys = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
    if np.isnan(xs).all() or not np.nanmin(xs) <= x <= np.nanmax(xs):
        return ""
    value = ys[_index(line, x)]
    if not np.isfinite(value):
        return ""
    label = str(line.get_label())
    name = _name(ax.get_ylabel(), "y") if label.startswith("_") else label
    return f"{name} {value:.3g}"


def _pixel(image: Any, x: float, y: float) -> str:
    """Say what an image has at a place."""
    A = np.asarray(image.get_array())
    left, right, bottom, top = image.get_extent()
    column = int((x - left) / (right - left) * A.shape[1])
    row = int((y - top) / (bottom - top) * A.shape[0])
    if not (0 <= row < A.shape[0] and 0 <= column < A.shape[1]) or A.ndim > 2:
        return f"x = {x:.3g}, y = {y:.3g}"
    return f"row {row + 1}, column {column + 1}: {float(A[row, column]):.3g}"


def _name(label: str, otherwise: str) -> str:
    """Take an axis' label as the name of its values, if it is short."""
    return label if 0 < len(label) <= 24 else otherwise
