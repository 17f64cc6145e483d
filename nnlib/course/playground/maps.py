"""What every unit says over the plane, as small pictures: one forward pass over a grid."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgb
from PIL import Image

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.kit.canvas import Pixels
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import short_names
from nnlib.course.playground.recipe import features
from nnlib.course.playground.settings import FEATURES
from nnlib.plots import PALETTE

GRID = 48
"""Points along each side of the plane."""

REACH = 3.7
"""The plane goes from −REACH to REACH."""

_line = np.linspace(-REACH, REACH, GRID)
PLANE = np.stack(np.meshgrid(_line, _line), axis=-1).reshape(-1, 2)
"""The points of the grid, row by row from below."""

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

ALL_FEATURES = features(PLANE, FEATURES)
"""Every feature at every point of the grid."""


class Answers(NamedTuple):
    """The columns of a network over the grid: all features, each hidden layer's units, outputs."""

    columns: list[Array]
    k: int


def answers_of(experiment: Experiment) -> Answers:
    """Compute what every unit says at every point of the grid."""
    return Answers(columns_of(experiment, PLANE), experiment.data.k)


def columns_of(experiment: Experiment, X: Array) -> list[Array]:
    """Compute what every unit says at some points of the plane, shape (points, units) each."""
    inputs = ALL_FEATURES if X is PLANE else features(X, FEATURES)
    active = [FEATURES.index(name) for name in experiment.settings.features]
    columns = [inputs, *activations(experiment.net, inputs[:, active])]
    if experiment.data.k:
        columns[-1] = experiment.loss.probabilities(np.nan_to_num(columns[-1]))
    return columns


def exists(experiment: Experiment, unit: Unit) -> bool:
    """Whether the network has this unit."""
    sizes = (len(FEATURES), *experiment.settings.hidden, experiment.data.outputs)
    return unit[0] < len(sizes) and unit[1] < sizes[unit[0]]


def unit_name(experiment: Experiment, unit: Unit) -> str:
    """Name a unit."""
    column, j = unit
    if column == 0:
        return f"input {FEATURES[j]}"
    if column <= len(experiment.settings.hidden):
        return f"unit {column}.{j + 1}"
    return f"output {short_names(experiment.data.names)[j]}" if experiment.data.k else "the output"


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
    image = Image.fromarray(_colored(answers, unit, regions).reshape(GRID, GRID, 4))
    how = Image.Resampling.NEAREST if regions else Image.Resampling.BILINEAR
    return np.array(image.resize((side, side), how))


def _colored(answers: Answers, unit: Unit | None, regions: bool) -> Pixels:
    """Choose the colours of the grid."""
    A, last = answers.columns[-1], len(answers.columns) - 1
    if unit is not None:
        A = answers.columns[unit[0]][:, unit[1]]
        if unit[0] == last and answers.k:
            return CLASS_RAMPS[unit[1]][(255 * (A > 0.5 if regions else A)).astype(np.uint8)]
        return DIVERGING[levels(np.sign(A) if regions else A, largest(answers, unit))]
    if answers.k:
        second, first = np.sort(A, axis=1)[:, -2:].T
        lead = 255 if regions else (255 * (first - second)).astype(np.uint8)
        return np.array(LEAD_RAMPS)[A.argmax(axis=1), lead]
    return DIVERGING[levels(np.sign(A) if regions else A, LIMIT)][:, 0]


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
    level = np.linspace(0, 255, width).astype(np.uint8)
    if not answers.k or (unit is not None and unit[0] < len(answers.columns) - 1):
        most = largest(answers, unit)
        ramps, low, high = [DIVERGING], f"−{most:.2g}", f"{most:.2g}"
    else:
        ramps = LEAD_RAMPS[answers.k - 1 :: -1] if unit is None else [CLASS_RAMPS[unit[1]]]
        low, high = "0", "1"
    picture = np.array(ramps)[np.arange(height) * len(ramps) // height][:, level]
    picture[[0, -1], :, :3] = picture[:, [0, -1], :3] = 90
    return picture, low, high
