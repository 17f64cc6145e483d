"""The network in the picture of a playground: units as maps, weights as links, biases as marks."""

from typing import Any

import numpy as np
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

import nnlib as nn
from nnlib.course.kit.canvas import Stamp, packed
from nnlib.course.playground import layout as place
from nnlib.course.playground import maps
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.layout import Layout, axes_at, corners, short_names
from nnlib.course.playground.settings import FEATURES
from nnlib.plots import PALETTE

STRONGEST = 200
"""So many links are drawn at the most, the strongest ones."""

MARK = ("●", "■", "▲", "◆", "▼")
"""The markers of the classes, as text."""

LARGE = 1.0
"""A bias of this size has full colour."""


class Diagram:
    """The network: all features on the left, pale if they are no inputs; outputs on the right."""

    def __init__(self, figure: Any) -> None:
        self._ax = ax = axes_at(figure, *place.NET, place.WIDTH, place.HEIGHT)
        ax.set(xlim=(0, place.WIDTH), ylim=(0, place.HEIGHT))
        ax.set_axis_off()
        self._links = [
            ax.add_collection(PathCollection([], facecolors="none", edgecolors=c, linestyles=s))
            for c, s in ((PALETTE[0], "solid"), (PALETTE[1], (0, (4, 2))))
        ]
        self._tiles = Stamp(*place.NET)
        self._static: list[Any] = []
        self.artists = [*self._links, self._tiles]

    def place(self, experiment: Experiment, layout: Layout) -> None:
        """Put up what stays from frame to frame: headings, names, buttons, and the inputs."""
        self._layout = layout
        for artist in self._static:
            artist.remove()
        self._static = [*self._names(experiment), *self._headings(experiment), *self._buttons()]
        inputs, tile = maps.tiles(maps.ALL_FEATURES, layout.tile), layout.tile
        off = np.setdiff1d(range(len(FEATURES)), layout.active)
        inputs[off, :, :, :3] = 255 - (255 - inputs[off, :, :, :3]) // 5
        self._tiles.pixels = np.zeros((place.HEIGHT - place.TOP + 4, place.WIDTH, 4), np.uint8)
        pixels, after = self._tiles.pixels.reshape(-1, 4), np.concatenate(layout.places[1:])
        pixels[squares(corners(layout.places[0], tile), tile)] = inputs
        spots = place.spots(after, tile)
        pixels[squares(spots, place.SPOT)] = (90, 90, 90, 255)
        self._units = squares(corners(after, tile), tile)
        self._biases = squares(spots + 1, place.SPOT - 2)

    def _names(self, experiment: Experiment) -> list[Any]:
        """Write the names of the features and of the outputs."""
        layout, half = self._layout, self._layout.tile / 2 + 5
        small: dict[str, Any] = {"va": "center", "fontsize": 9, "parse_math": False}
        colors = ["black" if i in layout.active else "0.6" for i in range(len(FEATURES))]
        inputs = [
            self._ax.text(x - half, y, name, ha="right", color=color, **small)
            for name, color, (x, y) in zip(FEATURES, colors, layout.places[0], strict=True)
        ]
        short = short_names(experiment.data.names)
        names = [f"{MARK[j]} {name}" for j, name in enumerate(short)] or ["value"]
        outputs = [
            self._ax.text(x + half, y, name, ha="left", **small)
            for name, (x, y) in zip(names, layout.places[-1], strict=True)
        ]
        for text in outputs:  # smaller letters where the names are wide
            extent = text.get_window_extent().width
            text.set_fontsize(text.get_fontsize() * min(1, (place.RIGHT + 8) / extent))
        return [*inputs, *outputs]

    def _headings(self, experiment: Experiment) -> list[Any]:
        """Write what each column is, and below all what the links mean."""
        s, layout = experiment.settings, self._layout
        count = len(layout.paths)
        links = "links" if count <= STRONGEST else f"the strongest {STRONGEST} of {count:,} links"
        about = f"{links}: solid = weight above 0, dashed = below, width = size; square = bias"
        heads = ["inputs", *s.activations, "softmax" if experiment.data.k else "output"]
        center: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": layout.heading}
        return [
            self._ax.text(0, -16, about, fontsize=8, color="0.35"),
            *(
                self._ax.text(centres[0][0], place.HEIGHT - 28, head, **center)
                for head, centres in zip(heads, layout.places, strict=True)
            ),
        ]

    def _buttons(self) -> list[Any]:
        """Draw the − and + for units and for layers."""
        layout, half, font = self._layout, place.BUTTON / 2 - 0.5, {"va": "center", "fontsize": 9}
        x, y = layout.buttons[0].centre
        about = f"hidden layers: {len(layout.places) - 2}"
        artists = [self._ax.text(x - place.BUTTON, y, about, ha="right", **font)]
        for _, sign, (x, y), _ in layout.buttons:
            square = Rectangle(
                (x - half, y - half), 2 * half, 2 * half, fc="0.94", ec="0.5", lw=0.8
            )
            artists.append(self._ax.add_patch(square))
            artists.append(
                self._ax.text(x, y - 0.5, sign, ha="center", va="center_baseline", fontsize=10)
            )
        return artists

    def draw(self, net: nn.Sequential, answers: maps.Answers) -> None:
        """Draw units, biases, and links as they are; all inputs stay."""
        *hidden, outputs = answers.columns[1:]
        ramps, tile = maps.CLASS_RAMPS if answers.k else None, self._layout.tile
        drawn = [maps.tiles(np.hstack(hidden), tile)] if hidden else []
        W, b = net.params[net.matrices], net.params[net.matrices.stop :]
        marks = maps.DIVERGING[maps.levels(b, LARGE)]
        pixels = packed(self._tiles.pixels).ravel()
        pixels[self._units] = packed(np.concatenate([*drawn, maps.tiles(outputs, tile, ramps)]))
        pixels[self._biases] = packed(marks)[:, np.newaxis, np.newaxis]
        size, paths = np.abs(W), self._layout.paths
        strong = size > 0.02
        if np.count_nonzero(strong) > STRONGEST:
            strong = size >= np.partition(size, -STRONGEST)[-STRONGEST]
        for collection, sign in zip(self._links, (W > 0, W < 0), strict=True):
            rows = np.flatnonzero(strong & sign)
            collection.set_paths([paths[i] for i in rows])
            collection.set_linewidths(np.clip(0.3 + 1.1 * size[rows], 0, 6))


def squares(at: Any, side: int) -> Any:
    """Number the pixels of squares with these lower left corners: shape (squares, side, side)."""
    x, y = at.T[:, :, np.newaxis, np.newaxis]
    along = np.arange(side)
    return (y + along[:, np.newaxis]) * place.WIDTH + x + along
