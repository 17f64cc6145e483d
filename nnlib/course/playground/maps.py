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
from nnlib.course.playground.recipe import features
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


class Answers(NamedTuple):
    """The columns of a network over the grid: inputs, each hidden layer's units, outputs."""

    columns: list[Array]
    k: int


def answers_of(experiment: Experiment) -> Answers:
    """Compute what every unit says at every point of the grid."""
    A = features(PLANE, experiment.settings.features)
    columns = [A]
    with np.errstate(over="ignore", invalid="ignore"):
        for layers in by_column(experiment.net):
            for layer in layers:
                A = layer.forward(A)
            columns.append(A)
    if experiment.data.k:
        columns[-1] = experiment.loss.probabilities(np.nan_to_num(A))
    return Answers(columns, experiment.data.k)


def by_column(net: nn.Sequential) -> list[list[nn.Layer]]:
    """Part the layers into columns: each Dense with what follows it."""
    columns: list[list[nn.Layer]] = []
    for layer in net.layers:
        if isinstance(layer, nn.Dense):
            columns.append([])
        columns[-1].append(layer)
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
        pictures = DIVERGING[levels(M, np.abs(M).max(axis=(1, 2), keepdims=True))]
    pictures[:, [0, -1], :, :3] = 90
    pictures[:, :, [0, -1], :3] = 90
    return pictures


def levels(M: Array, largest: Array | float) -> npt.NDArray[np.uint8]:
    """Map −largest … largest to 0 … 255."""
    scaled = np.nan_to_num(M / np.maximum(largest, 1e-12))
    return (127.5 + 127.5 * np.clip(scaled, -1, 1)).astype(np.uint8)


def surface(answers: Answers, side: int, unit: tuple[int, int], regions: bool) -> Pixels:
    """Draw the network's output, or one unit's, over the whole plane, side × side pixels.

    Of classes, the likeliest gives the colour and its lead over the next the strength: where two
    are as likely, it is white.
    """
    A = answers.columns[-1]
    if 0 < unit[0] < len(answers.columns) - 1:
        A = answers.columns[unit[0]][:, [min(unit[1], answers.columns[unit[0]].shape[1] - 1)]]
        colors = DIVERGING[levels(np.sign(A) if regions else A, np.abs(A).max())][:, 0]
    elif answers.k:
        second, first = np.sort(A, axis=1)[:, -2:].T
        lead = np.ones(len(A)) if regions else first - second
        light = 1 - 0.7 * lead[:, np.newaxis] * (1 - COLORS[A.argmax(axis=1)])
        colors = np.column_stack([255 * light, np.full(len(A), 255.0)]).astype(np.uint8)
    else:
        colors = DIVERGING[levels(np.sign(A) if regions else A, 1.25)][:, 0]
    image = Image.fromarray(np.ascontiguousarray(colors.reshape(GRID, GRID, 4)))
    how = Image.Resampling.NEAREST if regions else Image.Resampling.BILINEAR
    return np.array(image.resize((side, side), how))
