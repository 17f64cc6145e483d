"""Explore activations: the function, its slope, and how many units of a layer are saturated."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib import activations as act
from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.plots import PALETTE

Pair = tuple[Callable[[Array], Array], Callable[[Array], Array]]
"""A function of Z, and its slope as a function of Z."""

SATURATED = 0.01
"""A slope below this hardly lets a nudge through."""


def pairs(alpha: float, elu_alpha: float = 1.0) -> dict[str, Pair]:
    """Return each activation with its slope, both from Z; leaky ReLU and ELU with these α."""

    def from_output(f: Callable[..., Array], slope: Callable[..., Array], *options: float) -> Pair:
        return lambda Z: f(Z, *options), lambda Z: slope(f(Z, *options), *options)

    return {
        "sigmoid": from_output(act.sigmoid, act.sigmoid_derivative),
        "tanh": from_output(act.tanh, act.tanh_derivative),
        "ReLU": from_output(act.relu, act.relu_derivative),
        "leaky ReLU": from_output(act.leaky_relu, act.leaky_relu_derivative, alpha),
        "ELU": from_output(act.elu, act.elu_derivative, elu_alpha),
        "softplus": from_output(act.softplus, act.softplus_derivative),
        "GELU": (act.gelu, act.gelu_derivative),
        "SiLU": (act.silu, act.silu_derivative),
    }


class Experiment:
    """An activation at one place z, and in a layer: its output, its slope, and who is saturated.

    The layer has 100 units with random weights, on 200 inputs of 64 numbers.

    Attributes
    ----------
    name : str
        The activation.
    alpha, elu_alpha : float
        The α of the leaky ReLU, and that of the ELU.
    z : float
        The place.
    scale : float
        The size of an input number, and so of the layer's z.
    """

    def __init__(self) -> None:
        self.name, self.z, self.scale = "sigmoid", 1.0, 1.0
        self.alpha, self.elu_alpha = 0.1, 1.0
        rng = np.random.default_rng(0)
        X, W = rng.normal(size=(200, 64)), rng.normal(size=(64, 100)) / 8
        self._Z = X @ W  # with variance 1: the weights make up for the number of inputs

    @property
    def pair(self) -> Pair:
        """The activation and its slope."""
        one_of("name", self.name, pairs(0.1))
        return pairs(self.alpha, self.elu_alpha)[self.name]

    @property
    def bounded(self) -> bool:
        """Whether the function has two flat ends."""
        return self.name in ("sigmoid", "tanh")

    @property
    def here(self) -> tuple[float, float]:
        """Output and slope at z."""
        f, slope = self.pair
        z = np.array([self.z])
        return float(f(z)[0]), float(slope(z)[0])

    @property
    def layer(self) -> Array:
        """All pre-activations of the layer."""
        return self.scale * self._Z

    @property
    def saturated(self) -> float:
        """Share of the layer's units, over all inputs, whose slope is below 1/100 in size."""
        return float(np.mean(np.abs(self.pair[1](self.layer)) < SATURATED))

    def words(self) -> str:
        a, slope = self.here
        return (
            f"{self.name} at z = {self.z:.2f}: a = {a:.3f}, slope {slope:.3f}. In a layer whose z "
            f"have the size {self.scale:g}, {self.saturated:.0%} of the slopes are less than 1/100 "
            "in size."
        )


# The picture ---------------------------------------------------------------------------------


REACH = 12
"""The z of a layer are shown from −REACH to REACH; those beyond stand in two bars apart."""

EDGES = np.array([-REACH - 2, -REACH - 1, *np.linspace(-REACH, REACH, 49), REACH + 1, REACH + 2])
"""Of the histogram's bars."""

HEIGHTS = {True: (-1.4, 1.7), False: (-1.4, 6.4)}
"""The axis of the function: of one with two flat ends, or of one that grows."""

TOPS = (10, 30, 60)
"""The axis of the histogram ends at one of these: the bars of a wide layer are low."""


class Activations(Explorer):
    """The function and its slope at any place, and the share of a layer that is saturated."""

    title = "activations, their slopes, and saturation"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        kind = self.buttons(
            "activation", list(pairs(0.1)), experiment.name, self._set("name"),
            tip="The function that a unit applies to its weighted sum.",
        )  # fmt: skip
        z = self.slider(
            "z", numbers(-6, 6, 0.1), 1.0, self._set("z"),
            tip="The weighted sum of one unit: where function and slope are read on the left.",
        )  # fmt: skip
        alpha = self.slider(
            "α of leaky ReLU", numbers(0, 0.95, 0.05), 0.1, self._set("alpha"),
            tip="The slope of the leaky ReLU where z is negative: how much gets through there.",
        )  # fmt: skip
        elu_alpha = self.slider(
            "α of ELU", numbers(0, 2, 0.1), 1.0, self._set("elu_alpha"),
            tip="How far below 0 the ELU levels out; with 1 it has no corner at 0.",
        )  # fmt: skip
        scale = self.slider(
            "size of the z", [0.25, 0.5, 1, 2, 4, 8, 16], 1, self._set("scale"),
            tip="How far a whole layer's sums spread about 0: large ones meet the flat ends.",
        )  # fmt: skip
        self.canvas = Canvas(9.4, 3.4, self._build)
        self.arrange(kind, self.row(z, scale), self.row(alpha, elu_alpha))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        """Return what sets an attribute of the experiment."""
        return lambda value: setattr(self.experiment, attribute, value)

    def words(self) -> str:
        return self.experiment.words()

    def _build(self, figure: Any) -> list[Any]:
        left, right = figure.subplots(1, 2, width_ratios=[3, 2])
        self._z = np.linspace(-6, 6, 401)
        left.set(xlim=(-6, 6), ylim=HEIGHTS[True], xlabel="z", ylabel="a, slope")
        left.set(title="function and slope")
        self._left = left
        (self._f,) = left.plot([], [], color=PALETTE[0], ls="-", label="function")
        (self._slope,) = left.plot([], [], color=PALETTE[1], ls="--", label="slope")
        (self._tangent,) = left.plot([], [], color="black", ls="-", lw=1)
        (self._point,) = left.plot([], [], "o", color=PALETTE[0], mec="black", ms=8, clip_on=False)
        (self._at,) = left.plot([], [], "s", color=PALETTE[1], mec="black", ms=7, clip_on=False)
        left.legend(loc="upper left")
        none, style = 0 * EDGES[1:], {"fill": True, "edgecolor": "white", "linewidth": 0.5}
        self._passing = right.stairs(none, EDGES, fc=PALETTE[5], label="passes", **style)
        style["hatch"] = "//"
        self._flat = right.stairs(none, EDGES, fc=PALETTE[4], label="saturated", **style)
        right.set(xlim=EDGES[[0, -1]], ylim=(0, TOPS[-1]))
        right.set(ylabel="percent of its z")
        self._right = right
        ends = {-REACH - 1.5: f"<−{REACH}", REACH + 1.5: f">{REACH}"}
        ticks = {z: f"{z}".replace("-", "−") for z in (-8, -4, 0, 4, 8)} | ends
        right.set_xticks(list(ticks), list(ticks.values()))
        right.set(title="where does a nudge get through?")
        right.legend(loc="upper right")
        moving = [self._f, self._slope, self._tangent, self._point, self._at]
        return [*moving, self._passing, self._flat]

    def still(self) -> Pixels:
        """Draw a layer of which a quarter is saturated: which size makes it half is a question."""
        present, self.experiment = self.experiment, Experiment()
        self.experiment.scale = 4
        pixels = self.picture()
        self.experiment = present
        self.picture()
        return pixels

    def picture(self) -> Pixels:
        """Draw the curves, the tangent at z, and the layer's histogram."""
        experiment = self.experiment
        f, slope = experiment.pair
        a, m = experiment.here
        self._f.set_data(self._z, f(self._z))
        self._slope.set_data(self._z, slope(self._z))
        self._tangent.set_data(experiment.z + np.array([-1.5, 1.5]), a + m * np.array([-1.5, 1.5]))
        self._point.set_data([experiment.z], [a])
        self._at.set_data([experiment.z], [m])
        if self._left.get_ylim() != HEIGHTS[experiment.bounded]:
            self._left.set_ylim(HEIGHTS[experiment.bounded])
            self.canvas.stale = True
        self._draw_layer(slope)
        return self.canvas.frame()

    def _draw_layer(self, slope: Callable[[Array], Array]) -> None:
        """Draw the histogram of the layer's z, those at which it is flat apart."""
        label = f"z of a layer, size {self.experiment.scale:g}"
        if self._right.get_xlabel() != label:
            self._right.set_xlabel(label)
            self.canvas.stale = True
        Z = self.experiment.layer.ravel()
        flat = np.abs(slope(Z)) < SATURATED
        share = 100 / Z.size
        Z = np.where(np.abs(Z) > REACH, np.sign(Z) * (REACH + 1.5), Z)
        passing = share * np.histogram(Z[~flat], EDGES)[0]
        saturated = share * np.histogram(Z[flat], EDGES)[0]
        self._passing.set_data(passing)
        self._flat.set_data(passing + saturated, baseline=passing)
        highest = (passing + saturated).max()
        top = next((top for top in TOPS if highest < 0.7 * top), TOPS[-1])  # room for the legend
        if self._right.get_ylim()[1] != top:
            self._right.set_ylim(0, top)
            self.canvas.stale = True
