"""What every unit says over the plane, as small pictures: one forward pass over a grid."""

import io
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgb
from PIL import Image, ImageDraw

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.kit.canvas import Pixels
from nnlib.course.playground.data import make_data
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.recipe import features
from nnlib.course.playground.settings import FEATURES, Settings
from nnlib.plots import PALETTE

GRID = 48
"""Points along each side of the plane."""

REACH = 3.7
"""The plane goes from −REACH to REACH."""

_line = np.linspace(-REACH, REACH, GRID)
PLANE = np.stack(np.meshgrid(_line, _line), axis=-1).reshape(-1, 2)
"""The points of the grid, row by row from below."""

ALL_FEATURES = features(PLANE, FEATURES)
"""Every feature at every point of the grid."""

COLORS = np.array([to_rgb(color) for color in PALETTE[:5]])


def _ramp(colors: list[Array]) -> Pixels:
    """Blend from colour to colour in 256 steps."""
    stops = np.linspace(0, 255, len(colors))
    columns = [np.interp(np.arange(256), stops, column) for column in np.transpose(colors)]
    return np.column_stack([*(255 * np.array(columns)), np.full(256, 255)]).round().astype(np.uint8)


_WHITE = np.ones(3)
DIVERGING = _ramp([COLORS[1], 0.45 * COLORS[1] + 0.55, _WHITE, 0.45 * COLORS[0] + 0.55, COLORS[0]])
"""Vermilion is negative, white 0, blue positive."""

CLASS_RAMPS = [_ramp([_WHITE, color]) for color in COLORS]
"""White is probability 0, the class's colour 1."""

LEAD_RAMPS = [_ramp([_WHITE, 0.3 + 0.7 * color]) for color in COLORS]
"""White is no lead of the class over the next, its colour a lead of 1."""

Unit = tuple[int, int]
"""Column and place of a unit: column 0 has all features, the last one the outputs."""


class Answers(NamedTuple):
    """The columns of a network over the grid: all features, each hidden layer's units, outputs."""

    columns: list[Array]
    k: int

    def probable(self, unit: Unit | None) -> bool:
        """Whether a unit, or the network's answer (None), is a probability of classes."""
        return self.k > 0 and (unit is None or unit[0] == len(self.columns) - 1)


def answers_of(experiment: Experiment, X: Array | None = None) -> Answers:
    """Compute what every unit says, shape (points, units), at some points or all over the grid."""
    inputs = ALL_FEATURES if X is None else features(X, FEATURES)
    active = [FEATURES.index(name) for name in experiment.settings.features]
    columns = [inputs, *activations(experiment.net, inputs[:, active])]
    if experiment.data.k:
        columns[-1] = experiment.loss.probabilities(np.nan_to_num(columns[-1]))
    return Answers(columns, experiment.data.k)


def activations(net: nn.Sequential, A: Array) -> list[Array]:
    """Compute what comes out of each Dense and what follows it."""
    columns: list[Array] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for layer in net.layers:
            if isinstance(layer, nn.Dense):
                columns.append(A)
            columns[-1] = A = layer.forward(A)
    return columns


def tiles(A: Array, size: int, ramps: list[Pixels] | None = None) -> Pixels:
    """Draw each column of A (grid points, units) as a tile: shape (units, size, size, 4).

    Without ramps, which are for probabilities, each unit's largest value in size has full colour.
    """
    rows = np.linspace(0, GRID - 1, size).round().astype(int)
    M = A.T.reshape(-1, GRID, GRID)[:, rows][:, :, rows]
    if ramps is not None:
        level = (255 * M).astype(np.uint8)
        pictures = np.stack([ramp[one] for ramp, one in zip(ramps, level, strict=False)])
    else:
        level = levels(M, np.abs(M).max(axis=(1, 2), keepdims=True))
        pictures = DIVERGING.take(level, axis=0)
    pictures[:, [0, -1], :, :3] = 90
    pictures[:, :, [0, -1], :3] = 90
    return pictures


def levels(M: Array, largest: Array | float) -> npt.NDArray[np.uint8]:
    """Map −largest … largest to 0 … 255."""
    scaled = np.nan_to_num(M / np.maximum(largest, 1e-12))
    return (127.5 + 127.5 * np.clip(scaled, -1, 1)).astype(np.uint8)


def surface(answers: Answers, side: int, unit: Unit | None, regions: bool) -> Pixels:
    """Draw the network's output, or one unit's, over the whole plane, side × side pixels.

    Of classes, the likeliest gives the colour and its lead over the next the strength: where two
    are as likely, it is white.
    """
    A = answers.columns[-1] if unit is None else answers.columns[unit[0]][:, unit[1]]
    if not answers.probable(unit):
        level = levels(np.sign(A) if regions else A, largest(answers, unit))
        colors = DIVERGING[level.ravel()]
    elif unit is None:
        second, first = np.sort(A, axis=1)[:, -2:].T
        lead = 255 if regions else (255 * (first - second)).astype(np.uint8)
        colors = np.array(LEAD_RAMPS)[A.argmax(axis=1), lead]
    else:
        colors = CLASS_RAMPS[unit[1]][(255 * (A > 0.5 if regions else A)).astype(np.uint8)]
    how = Image.Resampling.NEAREST if regions else Image.Resampling.BILINEAR
    return np.array(Image.fromarray(colors.reshape(GRID, GRID, 4)).resize((side, side), how))


LIMIT = 1.25
"""An output of this size has full colour, in a regression."""


def largest(answers: Answers, unit: Unit | None) -> float:
    """Return the value that has full colour."""
    if unit is None:
        return LIMIT
    return float(np.nan_to_num(np.abs(answers.columns[unit[0]][:, unit[1]])).max())


def bar(answers: Answers, size: tuple[int, int], unit: Unit | None) -> tuple[Pixels, str, str]:
    """Draw a bar with the colours of the plane, and say what its ends mean."""
    width, height = size
    ramps, low, high = [DIVERGING], "0", "1"
    if answers.probable(unit):
        ramps = LEAD_RAMPS[answers.k - 1 :: -1] if unit is None else [CLASS_RAMPS[unit[1]]]
    else:
        high = f"{largest(answers, unit):.2g}"
        low = f"−{high}"
    level = np.linspace(0, 255, width).astype(np.uint8)
    picture = np.array(ramps)[np.arange(height) * len(ramps) // height][:, level]
    picture[[0, -1], :, :3] = picture[:, [0, -1], :3] = 90
    return picture, low, high


SIDE, FINE, SHOWN = 36, 8, 60
"""Pixels of a small picture's side, drawn so many times as large; so many points are shown."""


@lru_cache
def small_picture(name: str) -> bytes:
    """Draw some points of a data set, as PNG, for the button that chooses it."""
    data = make_data(Settings(data=name))
    X, y = data.X_train[:SHOWN], data.y_train[:SHOWN]
    colors = (
        255 * COLORS[y] if data.k else DIVERGING[np.clip(127.5 + 127.5 * y, 0, 255).astype(int)]
    )
    large, radius = SIDE * FINE, 1.6 * FINE
    image = Image.new("RGBA", (large, large))
    places = large / 2 + X * (1, -1) * (large / 2 - radius) / REACH
    for (x, y), color in zip(places, colors, strict=True):
        ImageDraw.Draw(image).circle((x, y), radius, fill=tuple(int(c) for c in color[:3]))
    file = io.BytesIO()
    image.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BOX).save(file, "png")
    return file.getvalue()
