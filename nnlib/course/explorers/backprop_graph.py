"""Backprop on a small graph: a nudge of any number takes its roads to the loss, and back."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import ipywidgets as w
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.course.kit.canvas import Canvas, Pixels, Texts
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.parts import Part
from nnlib.plots import PALETTE

CORNER = 1e-12
"""A z up to here counts as 0, for sums of decimals are rounded: 0.1 · 3 − 0.3 is 6e-17."""

TINY = 1e-5
"""The nudge of a measured slope, both ways."""


@dataclass(frozen=True)
class Gate:
    """An operation: its value and its local slopes, one for each input, and what it does backward.

    ``value`` also takes arrays.
    """

    value: Callable[..., Any]
    slopes: Callable[..., tuple[float, ...]]
    rule: str


def _times(factor: float) -> Gate:
    return Gate(
        lambda u: factor * u, lambda u: (factor,), f"what comes back is multiplied by {factor:g}"
    )


GATES = {
    "×": Gate(
        lambda u, v: u * v,
        lambda u, v: (v, u),
        "each side gets the other side's value times what comes back",
    ),
    "+": Gate(
        lambda *u: sum(u), lambda *u: (1.0,) * len(u), "each side gets what comes back, unchanged"
    ),
    "ReLU": Gate(
        lambda z: np.maximum(z, 0.0),
        lambda z: (float(z > CORNER),),
        "what comes back passes where z > 0, else nothing",
    ),
    "loss": Gate(
        lambda z, y: (z - y) ** 2 / 2,
        lambda z, y: (z - y, y - z),
        "the slope of half a squared error is the error",
    ),
    "( )²": Gate(lambda a: a * a, lambda a: (2 * a,), "the slope of a² is 2a"),
    "×2": _times(2.0),
    "×3": _times(3.0),
    "×5": _times(5.0),
}

Made = float | tuple[str, ...]
"""A given number, or a gate and the names of what goes into it."""

GRAPHS: dict[str, dict[str, Made]] = {
    "one neuron": {
        "x₁": 2.0, "w₁": 3.0, "x₁w₁": ("×", "x₁", "w₁"),
        "x₂": 3.0, "w₂": -1.0, "x₂w₂": ("×", "x₂", "w₂"),
        "b": -2.0, "z": ("+", "x₁w₁", "x₂w₂", "b"),
        "a": ("ReLU", "z"), "y": 3.0, "L": ("loss", "a", "y"),
    },
    "a fork": {
        "a": 2.0, "u": ("×3", "a"), "v": ("( )²", "a"),
        "5u": ("×5", "u"), "2v": ("×2", "v"), "L": ("+", "5u", "2v"),
    },
    "two layers": {
        "x": 4.0, "w₁": 2.0, "w₁x": ("×", "x", "w₁"),
        "b₁": -3.0, "z₁": ("+", "w₁x", "b₁"), "a₁": ("ReLU", "z₁"),
        "w₂": -0.5, "w₂a₁": ("×", "a₁", "w₂"),
        "b₂": 3.5, "z₂": ("+", "w₂a₁", "b₂"), "y": 7.0, "L": ("loss", "z₂", "y"),
    },
}  # fmt: skip
"""Each number of a graph, from left to right: given, or made by a gate from others."""

FIRST = {"one neuron": "w₁", "a fork": "a", "two layers": "w₁"}
"""The number that is chosen at first."""


@dataclass
class Node:
    """A number in the graph.

    Attributes
    ----------
    name : str
    gate : str
        What makes it; "" where it is given.
    parents : tuple of str
        What it is made from.
    value, grad : float
        Itself, and ∂L/∂ itself.
    slopes : tuple of float
        ∂ itself / ∂ parent, for each parent.
    """

    name: str
    gate: str = ""
    parents: tuple[str, ...] = ()
    value: float = 0.0
    grad: float = 0.0
    slopes: tuple[float, ...] = ()


class Experiment:
    """A graph of numbers, forward and backward, and a nudge of one of them.

    Attributes
    ----------
    graph, chosen : str
        Which graph, and which of its numbers is nudged.
    eps : float
        The nudge ε.
    done : int
        How many gates the backward pass has gone through, from the right.
    nodes : dict of str to Node
        By name, from left to right.
    """

    def __init__(self, graph: str = "one neuron") -> None:
        self.eps = 0.5
        self.choose_graph(graph)

    def choose_graph(self, graph: str) -> None:
        """Begin with the numbers of another graph, before its backward pass."""
        self.graph, self.chosen, self.done = graph, FIRST[graph], 0
        self.nodes = {name: _node(name, made) for name, made in GRAPHS[graph].items()}
        self.evaluate()

    def put(self, name: str, value: float) -> None:
        """Replace a number that is given."""
        self.nodes[name].value = value
        self.evaluate()

    def evaluate(self) -> None:
        """Go forward: values and local slopes. Then backward: ∂L/∂u = Σ slope · ∂L/∂v."""
        for node in self.nodes.values():
            node.grad = 0.0
            if node.gate:
                inputs = [self.nodes[parent].value for parent in node.parents]
                node.value = float(GATES[node.gate].value(*inputs))
                node.slopes = GATES[node.gate].slopes(*inputs)
        self.nodes["L"].grad = 1.0
        for node in reversed(self.nodes.values()):
            for parent, slope in zip(node.parents, node.slopes, strict=True):
                self.nodes[parent].grad += slope * node.grad

    def values(self, name: str, value: Any) -> dict[str, Any]:
        """Go forward with one number replaced, and nothing else; also by an array of values."""
        values: dict[str, Any] = {}
        for node in self.nodes.values():
            values[node.name] = node.value
            if node.name == name:
                values[name] = value
            elif node.gate:
                values[node.name] = GATES[node.gate].value(*(values[p] for p in node.parents))
        return values

    def measured(self, name: str) -> float:
        """∂L/∂ the number, by a tiny nudge both ways."""
        value = self.nodes[name].value
        above, below = (float(self.values(name, value + h)["L"]) for h in (TINY, -TINY))
        return (above - below) / (2 * TINY)

    @property
    def nudged(self) -> dict[str, float]:
        """All numbers after the nudge."""
        return self.values(self.chosen, self.nodes[self.chosen].value + self.eps)

    @property
    def rate(self) -> float:
        """ΔL/ε of the nudge."""
        return float(self.nudged["L"] - self.nodes["L"].value) / self.eps

    @property
    def gates(self) -> list[Node]:
        """What is made by gates, in the order of the backward pass."""
        return [node for node in reversed(self.nodes.values()) if node.gate]

    @property
    def passed(self) -> list[str]:
        """Names of what has been gone back through."""
        return [node.name for node in self.gates[: self.done]]

    def users(self, name: str) -> list[Node]:
        """Return what is made from a number."""
        return [node for node in self.nodes.values() if name in node.parents]

    def known(self, name: str) -> bool:
        """Tell whether all that comes back to a number has come."""
        return all(user.name in self.passed for user in self.users(name))

    def step(self) -> bool:
        """Go back through one more gate; after the last begin anew, and return False."""
        self.done = (self.done + 1) % (len(self.gates) + 1)
        return self.done > 0

    def roads(self, name: str) -> list[list[str]]:
        """Return all roads from a number to L, each as names, itself the first."""
        if name == "L":
            return [["L"]]
        return [[name, *road] for user in self.users(name) for road in self.roads(user.name)]

    def factors(self, road: Sequence[str]) -> list[float]:
        """Return the local slopes along a road."""
        return [self.slope(source, target) for source, target in pairwise(road)]

    def slope(self, source: str, target: str) -> float:
        """∂ target / ∂ source, where one is made from the other."""
        node = self.nodes[target]
        return node.slopes[node.parents.index(source)]

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The steps of all roads of the chosen number, each once; the last is ("L", "")."""
        roads = self.roads(self.chosen)
        return list(dict.fromkeys(step for road in roads for step in pairwise([*road, ""])))

    @property
    def off(self) -> Node | None:
        """The z of a ReLU that is off and on the way of the chosen number, if there is one."""
        road = self.roads(self.chosen)[0]
        for source, target in pairwise(road):
            if self.nodes[target].gate == "ReLU" and self.slope(source, target) == 0:
                return self.nodes[source]
        return None

    # In words --------------------------------------------------------------------------------

    def words(self) -> str:
        return " ".join(filter(None, (self.rule(), self.flows(), self.about(), self.about_off())))

    def rule(self) -> str:
        """Say what the backward pass does at the present gate."""
        if not self.done:
            return (
                "Forward is done, backward begins at the right: dL = 1. Step goes through a gate."
            )
        node = self.gates[self.done - 1]
        return f"Back through {node.gate}, which made {node.name}: {GATES[node.gate].rule}."

    def flows(self) -> str:
        """Say what the present gate hands back, with numbers."""
        if not self.done:
            return ""
        node, parts, sums = self.gates[self.done - 1], [], []
        for parent, slope in zip(node.parents, node.slopes, strict=True):
            forked = len(self.users(parent)) > 1
            product = f"{factor(slope, first=True)} · {factor(node.grad)} = "
            product += signed(slope * node.grad)
            parts.append(f"{d(parent)} {'gets' if forked else '='} {product}")
            if forked and self.known(parent):
                sums.append(self.sum_of_roads(parent))
        return ", ".join(parts) + ". " * bool(sums) + " ".join(sums) + "."

    def sum_of_roads(self, name: str) -> str:
        """Add the roads, those of the fork: da = 15 + 8 = 23."""
        shares = [float(np.prod(self.factors(road))) for road in self.roads(name)]
        total = " + ".join(factor(share, first=i == 0) for i, share in enumerate(shares))
        return f"Roads add: {d(name)} = {total} = {signed(self.nodes[name].grad)}"

    def about(self) -> str:
        """Say what the nudge does, and compare it with the slope."""
        node, loss = self.nodes[self.chosen], self.nodes["L"].value
        derived = signed(node.grad) if self.known(node.name) else "still to come"
        return (
            f"{node.name} = {signed(node.value)}: a nudge of {signed(self.eps)} takes L from "
            f"{signed(loss)} to {signed(self.nudged['L'])}, {signed(self.rate)} per unit; measured "
            f"with a tiny nudge: {signed(self.measured(node.name))}; derived: {derived}."
        )

    def about_off(self) -> str:
        """Say where a ReLU stops what comes back."""
        z = self.off
        if z is None:
            return ""
        if abs(z.value) <= CORNER:
            return f"{z.name} = 0 is the corner of the ReLU: no slope there, we take 0."
        return (
            f"The ReLU is off: {z.name} = {signed(z.value)} < 0, so nothing flows back to "
            f"{self.chosen}."
        )


def _parents(made: Made) -> tuple[str, ...]:
    return made[1:] if isinstance(made, tuple) else ()


def _node(name: str, made: Made) -> Node:
    if isinstance(made, tuple):
        return Node(name, made[0], _parents(made))
    return Node(name, value=made)


def signed(value: float) -> str:
    """Write a number with three digits and a true minus, and no minus before zero."""
    size = abs(float(value))
    text = "0" if size < 1e-9 else f"{size:.3g}" if size < 999.5 else f"{size:,.0f}"
    return f"−{text}" if value < 0 and text != "0" else text


def factor(value: float, first: bool = False) -> str:
    """Write a number that stands behind a sign: in brackets where it has one of its own."""
    text = signed(value)
    return f"({text})" if text.startswith("−") and not first else text


def d(name: str) -> str:
    """Name a gradient as the lesson does: dw₁ = ∂L/∂w₁."""
    return f"d{name}" if name.rstrip("₁₂") in "Labuvwxyz" else f"d({name})"


# The picture ---------------------------------------------------------------------------------


WIDTH, HEIGHT, RADIUS = 980, 480, 21
"""Of the picture, and of a gate, in pixels."""

PLACES: dict[str, dict[str, tuple[float, float]]] = {
    "one neuron": {
        "x₁": (70, 66), "w₁": (112, 132), "x₁w₁": (220, 66),
        "x₂": (70, 200), "w₂": (112, 262), "x₂w₂": (220, 200),
        "b": (350, 133), "z": (490, 133), "a": (640, 133), "y": (682, 225), "L": (790, 133),
    },
    "a fork": {
        "a": (90, 155), "u": (370, 92), "v": (370, 218),
        "5u": (560, 92), "2v": (560, 218), "L": (750, 155),
    },
    "two layers": {
        "x": (24, 120), "w₁": (46, 215), "w₁x": (154, 120), "b₁": (186, 215), "z₁": (294, 120),
        "a₁": (434, 120), "w₂": (466, 215), "w₂a₁": (574, 120), "b₂": (606, 215),
        "z₂": (714, 120), "y": (746, 215), "L": (854, 120),
    },
}  # fmt: skip
"""Where a given number's wire begins, and the middle of each gate, in pixels."""

FORMULAS = {
    "one neuron": "z = x₁w₁ + x₂w₂ + b     a = max(z, 0)     L = ½ (a − y)²",
    "a fork": "u = 3a     v = a²     L = 5u + 2v",
    "two layers": "z₁ = w₁x + b₁     a₁ = max(z₁, 0)     z₂ = w₂a₁ + b₂     L = ½ (z₂ − y)²",
}

BESIDE = {"left": (8, -31), "above": (24, -31), "below": (30, 32)}
"""Where a local slope stands beside its gate, by the side on which the wire comes in."""

FORK = 140
"""Where a wire forks, in pixels from its beginning."""

CHART = (640, 350, 950, 450)
"""Left, top, right and bottom of the chart."""

SPAN = 1.5
"""The chart reaches so far to both sides of the chosen number."""

BLUE, PALE, RED, GREY = PALETTE[0], "#B5D3E8", "#B34700", "#666666"
"""Of the nudge, and where it no longer goes; of the gradients; of what is said aside."""

LEGEND = (
    "on each wire: above it the value, below it the gradient, d… = ∂L/∂…;  "
    "in blue the nudge, and at each gate its slope: the factor of a tiny nudge"
)

UNKNOWN = "the backward pass has not come here yet: Step, or All"

Text = tuple[float, float, str, str, int]


def label_of(graph: str, name: str) -> tuple[float, float]:
    """Return the middle of a number's label, on the wire behind its beginning."""
    x, y = PLACES[graph][name]
    return (x + RADIUS + 48 if isinstance(GRAPHS[graph][name], tuple) else x + 50), y


def _rounded(*points: tuple[float, float], radius: float = 16) -> Array:
    """Round the corners of a line: a corner becomes a parabola between its two sides."""
    P = np.array(list(dict.fromkeys(points)), float)
    line, t = [P[0]], np.linspace(0, 1, 7)[:, np.newaxis]
    for before, p, after in zip(P[:-2], P[1:-1], P[2:], strict=True):
        a, b = (p + radius * (q - p) / np.linalg.norm(q - p) for q in (before, after))
        line += list((1 - t) ** 2 * a + 2 * t * (1 - t) * p + t**2 * b)
    return np.array([*line, P[-1]])


class Drawing:
    """The graph, what is said of the chosen number, and the loss as its function."""

    def build(self, figure: Any) -> list[Any]:
        """Make the artists."""
        ground = figure.add_axes((0, 0, 1, 1))
        ground.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        ground.axis("off")
        figure.set_layout_engine("none")
        ground.plot([22, 48], [368, 368], color=BLUE, ls="--", lw=1.3)
        ground.plot([404, 430], [368, 368], color=PALETTE[1], ls="-", lw=1.6)
        left, top, right, bottom = CHART
        box = (left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT)
        self.chart = chart = figure.add_axes(box)
        chart.set(xticks=[], yticks=[])
        self.mark = ground.add_patch(Rectangle((0, 0), 92, 66, fc="#DCEBF7", ec="none"))
        self.wires = ground.add_collection(LineCollection([], colors="0.6", lw=1.4))
        self.road = ground.add_collection(LineCollection([], lw=3.2))
        dots: dict[str, Any] = {"ls": "", "marker": "o", "color": "0.35"}
        (self.starts,) = ground.plot([], [], ms=5, **dots)
        gate = dots | {"ms": 0.72 * 2 * RADIUS, "mec": "0.25", "mew": 1.3}
        (self.gates,) = ground.plot([], [], **gate | {"mfc": "white"})
        (self.off,) = ground.plot([], [], **gate | {"mfc": "0.82"})
        (self.now,) = ground.plot([], [], **gate | {"mfc": "none", "mec": PALETTE[1], "mew": 3.4})
        (self.curve,) = chart.plot([], [], color="0.3", ls="-", label="L")
        (self.tangent,) = chart.plot([], [], color=PALETTE[1], ls="-", lw=1.6, label="tangent")
        (self.secant,) = chart.plot([], [], color=BLUE, ls="--", lw=1.3, label="nudge")
        (self.here,) = chart.plot([], [], "o", color="black", ms=7)
        (self.there,) = chart.plot([], [], "D", color=BLUE, ms=6)
        self.signs, self.texts = Texts(ground), Texts(ground)
        self._signs: list[Text] = []
        return [
            self.mark, self.wires, self.road, self.starts, self.gates, self.off, self.now,
            self.curve, self.tangent, self.secant, self.there, self.here, self.signs, self.texts,
        ]  # fmt: skip

    def show(self, experiment: Experiment) -> None:
        """Let the artists show an experiment."""
        self._show_graph(experiment)
        self._show_chart(experiment)
        signs = _signs(experiment)
        if signs != self._signs:  # what seldom changes is written seldom
            self._signs = signs
            self.signs.set_texts(signs)
        self.texts.set_texts([
            *_numbers(experiment), *_comparison(experiment), *self._chart_texts(experiment)
        ])  # fmt: skip

    def _show_graph(self, experiment: Experiment) -> None:
        places, names = PLACES[experiment.graph], experiment.nodes
        x, y = label_of(experiment.graph, experiment.chosen)
        self.mark.set_xy((x - 46, y - 41))
        self.wires.set_segments(list(wires(experiment.graph).values()))
        nudged, road = experiment.nudged, experiment.steps
        self.road.set_segments([wires(experiment.graph)[step] for step in road])
        moved = [nudged[source] != names[source].value for source, _ in road]
        self.road.set_color([BLUE if there else PALE for there in moved])
        gates = [places[node.name] for node in experiment.gates]
        starts = [places[name] for name, node in names.items() if not node.gate]
        off = [places[node.name] for node in experiment.gates if _is_off(node)]
        now = [places[name] for name in experiment.passed[-1:]]
        for artist, points in (
            (self.gates, gates), (self.starts, starts), (self.off, off), (self.now, now)
        ):  # fmt: skip
            artist.set_data(*np.reshape(points, (-1, 2)).T)

    def _show_chart(self, experiment: Experiment) -> None:
        node, L = experiment.nodes[experiment.chosen], experiment.nodes["L"].value
        after = experiment.nudged["L"]
        x = node.value + np.linspace(-SPAN, SPAN, 121)
        loss = np.broadcast_to(experiment.values(node.name, x)["L"], x.shape)
        low, high = float(loss.min()), float(loss.max())
        room = max(0.12 * (high - low), 1e-6 * (1 + abs(L))) if high > low else 1.0
        self.chart.set(xlim=(x[0], x[-1]), ylim=(low - room, high + room))
        self.curve.set_data(x, loss)
        self.here.set_data([node.value], [L])
        self.there.set_data([node.value + experiment.eps], [after])
        ends = np.array([x[0], x[-1]]) - node.value
        self.secant.set_data(ends + node.value, L + experiment.rate * ends)
        self.tangent.set_data(ends + node.value, L + node.grad * ends)
        self.tangent.set_visible(experiment.known(node.name))

    def _chart_texts(self, experiment: Experiment) -> list[Text]:
        left, top, right, bottom = CHART
        node, L = experiment.nodes[experiment.chosen], experiment.nodes["L"].value
        middle, eps = (left + right) / 2, experiment.eps
        texts: list[Text] = [
            (middle, top - 14, f"L, if {node.name} were another number", "black", 12),
            (left, bottom + 13, signed(node.value - SPAN), GREY, 11),
            (right, bottom + 13, signed(node.value + SPAN), GREY, 11),
            (middle, bottom + 13, f"{node.name} = {signed(node.value)}", "black", 12),
        ]
        here, there = self.height(L), self.height(experiment.nudged["L"])
        texts.append((left - 30, here, signed(L), "black", 12))
        if abs(here - there) > 14:
            texts.append((left - 30, there, signed(experiment.nudged["L"]), BLUE, 12))
        if abs(eps) > 0.6:
            x = middle + eps / SPAN * (right - left) / 2
            texts.append((x, bottom + 13, signed(node.value + eps), BLUE, 12))
        return texts

    def height(self, loss: float) -> float:
        """Return where a loss stands in the picture."""
        low, high = self.chart.get_ylim()
        return CHART[3] - (loss - low) / (high - low) * (CHART[3] - CHART[1])


def _is_off(node: Node) -> bool:
    return node.gate == "ReLU" and node.slopes == (0.0,)


@lru_cache
def wires(graph: str) -> dict[tuple[str, str], Array]:
    """Return the wire of each step, from a number to what is made from it, and that behind L."""
    lines, steps = {}, [(p, name) for name, made in GRAPHS[graph].items() for p in _parents(made)]
    for source, target in steps:
        (x0, y0), (x1, y1) = PLACES[graph][source], PLACES[graph][target]
        forks = [source for source, _ in steps].count(source) > 1
        bend = x0 + FORK if forks else x1
        lines[source, target] = _rounded((x0, y0), (bend, y0), (bend, y1), (x1, y1))
    x, y = PLACES[graph]["L"]
    return lines | {("L", ""): np.array([(x, y), (x + RADIUS + 92, y)])}


def _side(graph: str, source: str, target: str) -> str:
    """Tell on which side of a gate a wire comes in."""
    right, down = wires(graph)[source, target][-1] - wires(graph)[source, target][-2]
    return "left" if right > 0 else "above" if down > 0 else "below"


def _numbers(experiment: Experiment) -> list[Text]:
    """Write each value above its wire, and below it the gradient, as far as it is known."""
    texts: list[Text] = []
    for name, node in experiment.nodes.items():
        x, y = label_of(experiment.graph, name)
        texts.append((x, y - 13, f"{name} = {signed(node.value)}", "black", 13))
        if experiment.known(name):
            texts.append((x, y + 14, signed(node.grad), RED, 13))
        users = experiment.users(name)
        for user in users if len(users) > 1 else []:
            x, y = _branch(experiment.graph, user.name)
            texts.append((x, y - 13, signed(node.value), "black", 13))
            if user.name in experiment.passed:
                share = experiment.slope(name, user.name) * user.grad
                texts.append((x, y + 14, signed(share), RED, 13))
    return texts + _changes(experiment)


def _branch(graph: str, target: str) -> tuple[float, float]:
    """Return the middle of the label of a branch behind a fork."""
    x, y = PLACES[graph][target]
    return x - RADIUS - 50, y


def _changes(experiment: Experiment) -> list[Text]:
    """Write how far the nudge moves each number of its roads, and the local slopes between."""
    texts: list[Text] = []
    nudged, places = experiment.nudged, PLACES[experiment.graph]
    for name in dict.fromkeys(source for source, _ in experiment.steps):
        x, y = label_of(experiment.graph, name)
        change = signed(nudged[name] - experiment.nodes[name].value)
        plus = "" if change == "0" or change.startswith("−") else "+"
        texts.append((x, y - 31, plus + change, BLUE, 12))
    for source, target in experiment.steps:
        if target in experiment.passed:
            x, y = places[target]
            slope = f"×{signed(experiment.slope(source, target))}"
            right, down = BESIDE[_side(experiment.graph, source, target)]
            texts.append((x + right, y + down, slope, BLUE, 12))
    return texts


def _signs(experiment: Experiment) -> list[Text]:
    """Write what each gate does, and what the backward pass does at the present one."""
    texts: list[Text] = [
        (490, 12, LEGEND, GREY, 11),
        (690, 40, FORMULAS[experiment.graph], "black", 12),
        (490, 292, experiment.rule(), RED, 13),
        (490, 310, experiment.flows(), RED, 13),
    ]
    for node in experiment.gates:
        x, y = PLACES[experiment.graph][node.name]
        size = {"ReLU": 12, "loss": 12, "+": 22, "×": 22}.get(node.gate, 15)
        texts.append((x, y, node.gate, "black", size))
        if _is_off(node):
            texts.append((x, y + 33, "off", "black", 12))
    return texts


def _comparison(experiment: Experiment) -> list[Text]:
    """Write three slopes side by side: of the nudge, measured, derived."""
    node, loss = experiment.nodes[experiment.chosen], experiment.nodes["L"].value
    known = experiment.known(node.name)
    before, after = signed(node.value), signed(node.value + experiment.eps)
    title = (
        f"nudge {node.name} from {before} to {after}, and L goes from {signed(loss)} to "
        f"{signed(experiment.nudged['L'])}"
    )
    cards = (
        (110, f"ΔL / ε, with ε = {signed(experiment.eps)}", signed(experiment.rate), BLUE),
        (300, "measured, with a tiny ε", signed(experiment.measured(node.name)), "black"),
        (480, f"derived, {d(node.name)}", signed(node.grad) if known else "?", RED),
    )
    texts: list[Text] = [(295, 344, title, "black", 13)]
    for x, caption, number, color in cards:
        texts += [(x, 368, caption, GREY, 11), (x, 389, number, color, 18)]
    lines = [*(_product(experiment) if known else [UNKNOWN]), experiment.about_off()]
    return texts + [(295, 417 + 18 * i, line, "black", 12) for i, line in enumerate(lines)]


def _product(experiment: Experiment) -> list[str]:
    """Multiply along each road, add over the roads."""
    roads, lines = experiment.roads(experiment.chosen), []
    if roads == [["L"]]:
        return ["L itself: a road without a gate"]
    for road in roads:
        factors = experiment.factors(road)
        product = " · ".join(factor(f, first=i == 0) for i, f in enumerate(factors))
        way = f"through {road[1]}" if len(roads) > 1 else "multiply along the road"
        lines.append(f"{way}:  {product} = {signed(float(np.prod(factors)))}")
    return lines if len(roads) == 1 else [*lines, experiment.sum_of_roads(experiment.chosen)]


PACE = 1.0
"""Seconds from one gate to the next while it runs."""

LARGEST = 10.0
"""Size of a given number at the most."""

NUDGES = [e * sign for sign in (-1, 1) for e in (1, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001)[::sign]]


CHOOSE = "Choose the number that is nudged and told of."


class BackpropGraph(Explorer):
    """Values forward, gradients backward, and a nudge on its way to the loss."""

    title = "backprop on a small graph, and a nudge on its way to the loss"

    def __init__(self, name: str = "", graph: str = "one neuron") -> None:
        super().__init__(name)
        one_of("graph", graph, GRAPHS)
        self.first = graph
        self.experiment = experiment = Experiment(graph)
        graphs = self.buttons(
            "graph", list(GRAPHS), graph, self._take_graph, "Choose another graph."
        )
        self.number = self.buttons(
            "number", list(experiment.nodes), experiment.chosen, self._take_number, CHOOSE
        )
        self.value = self._value_slider()
        nudges = [(signed(e), e) for e in NUDGES]
        tip = "How far the chosen number is nudged; all others that are given stay."
        self.nudge = self.slider("nudge ε", nudges, experiment.eps, self._set_eps, tip)
        run = self.run_buttons(experiment.step, self.reset)
        self.step_button.tooltip = "Go back through one gate."
        self.reset_button.tooltip = "Hide the gradients, to go back once more."
        whole = self.button("All", "fast-backward", self.finish, "Go back through all gates.")
        self._moved, self.drawing = 0.0, Drawing()
        self.canvas = Canvas(WIDTH / 100, HEIGHT / 100, self.drawing.build)
        self.arrange(self.row(run, whole), graphs, self.number, self.row(self.value, self.nudge))

    # The controls ----------------------------------------------------------------------------

    def _value_slider(self) -> Any:
        """Make a slider that takes any number, typed ones too, and has the number for a label."""
        node = self.experiment.nodes[self.experiment.chosen]
        slider = w.FloatSlider(
            value=node.value, description=f"{node.name} = {signed(node.value)}",
            min=-LARGEST, max=LARGEST, step=0.1, readout=False,
            tooltip="Move the chosen number, where it is given.",
            style={"description_width": "9em"}, layout=w.Layout(width="24em", max_width="100%"),
        )  # fmt: skip
        return self.observed(slider, self._move)

    def _take_graph(self, graph: str) -> None:
        if graph != self.experiment.graph:
            self.experiment.choose_graph(graph)
            names, chosen = tuple(self.experiment.nodes), self.experiment.chosen
            self.number.options = names
            self.number.tooltips = [CHOOSE] * len(names)
            self.choose(chosen)

    def choose(self, name: str) -> None:
        """Look at another number."""
        self.number.value = name
        self._take_number(name)

    def _take_number(self, name: str) -> None:
        self.experiment.chosen = name
        self._show_value()

    def _show_value(self) -> None:
        """Let the slider show the chosen number; only a given one can be moved."""
        node = self.experiment.nodes[self.experiment.chosen]
        self.value.value = node.value
        self.value.description = f"{node.name} = {signed(node.value)}"
        self.value.disabled = bool(node.gate)

    def _move(self, value: float) -> None:
        """Take what the slider says; what a gate makes follows from others."""
        if not self.experiment.nodes[self.experiment.chosen].gate:
            self.experiment.put(self.experiment.chosen, round(value, 10))
            self._show_value()

    def take(self, name: str, value: float) -> None:
        """Replace a given number, and choose it; refuse what is out of range."""
        if not abs(value) <= LARGEST:
            self.alert_with(
                f"{name}: expected a number from −{LARGEST:g} to {LARGEST:g}, got {value:g}. "
                f"It stays {signed(self.experiment.nodes[name].value)}."
            )
            return
        self.alert.value = ""
        self.experiment.put(name, value)
        self.choose(name)

    def _set_eps(self, eps: float) -> None:
        self.experiment.eps = eps

    def reset(self) -> None:
        """Hide the gradients."""
        self.experiment.done = 0

    def finish(self) -> None:
        """Go back through all gates."""
        self.experiment.done = len(self.experiment.gates)

    def advance(self, seconds: float) -> bool:
        """Go back through the next gate, if it is time, until the last."""
        now = time.perf_counter()
        if now - self._moved >= PACE:
            self._moved = now
            self.experiment.step()
        return self.experiment.done < len(self.experiment.gates)

    # What is seen ----------------------------------------------------------------------------

    def words(self) -> str:
        return self.experiment.words()

    def picture(self) -> Pixels:
        """Draw the graph, three slopes, and the loss as a function of the chosen number."""
        return self._picture_of(self.experiment)

    def still(self) -> Pixels:
        """Show the first graph after its backward pass."""
        experiment = Experiment(self.first)
        experiment.done = len(experiment.gates)
        return self._picture_of(experiment)

    def _picture_of(self, experiment: Experiment) -> Pixels:
        self.drawing.show(experiment)
        return self.canvas.frame()

    # What answers ----------------------------------------------------------------------------

    def parts(self) -> list[Part]:
        """Numbers are chosen, then typed; gates tell their rule; the chart moves the nudge."""
        nodes, users = self.experiment.nodes.values(), self.experiment.users
        parts = [self._part_of_number(node) for node in nodes]
        for node in nodes:
            branches = [user.name for user in users(node.name)]
            parts += [self._part_of_branch(node.name, to) for to in branches if len(branches) > 1]
        parts += [self._part_of_gate(node) for node in self.experiment.gates]
        (chart,) = super().parts()
        return [*parts, replace(chart, name="the loss", reads=self._read, drag=self._nudge_to)]

    def _part_of_number(self, node: Node) -> Part:
        x, y = label_of(self.experiment.graph, node.name)
        place, says = (x - 46, y - 27, x + 46, y + 27), partial(self._tell, node.name)
        chosen = node.name == self.experiment.chosen
        press = None if chosen else partial(self.choose, node.name)
        if node.gate:
            return Part(node.name, place, says, press=press)
        number, put = partial(getattr, node, "value"), partial(self.take, node.name)
        return Part(node.name, place, says, press=press, number=number, put=put)

    def _part_of_branch(self, name: str, target: str) -> Part:
        x, y = _branch(self.experiment.graph, target)

        def says() -> str:
            if target not in self.experiment.passed:
                return f"{name} on its road through {target}: what comes back is still to come."
            slope, grad = self.experiment.slope(name, target), self.experiment.nodes[target].grad
            product = f"{factor(slope, first=True)} · {factor(grad)} = {signed(slope * grad)}"
            return f"{name} on its road through {target}: {product} of {d(name)} comes back."

        place = (x - 40, y - 27, x + 40, y + 27)
        return Part(f"{name} through {target}", place, says, press=partial(self.choose, name))

    def _part_of_gate(self, node: Node) -> Part:
        x, y = PLACES[self.experiment.graph][node.name]
        place = (x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS)
        words = f"{node.gate} makes {node.name}; backward, {GATES[node.gate].rule}."
        return Part(f"the gate of {node.name}", place, lambda: words)

    def _tell(self, name: str) -> str:
        experiment, node = self.experiment, self.experiment.nodes[name]
        grad = signed(node.grad) if experiment.known(name) else "still to come"
        measured = signed(experiment.measured(name))
        text = f"{name} = {signed(node.value)}; {d(name)} = ∂L/∂{name} = {grad}; "
        then = "nudge it" if name != experiment.chosen else "" if node.gate else "type another"
        return f"{text}measured {measured}." + f" Click: {then}." * bool(then)

    def _read(self, x: float, y: float) -> str:
        name, value = self.experiment.chosen, self.canvas.data(self.drawing.chart, x, y)[0]
        loss = self.experiment.values(name, value)["L"]
        return f"{name} = {signed(value)} would make L = {signed(loss)}."

    def _nudge_to(self, x: float, y: float) -> None:
        """Nudge to the place of the chart, or as near as may be."""
        eps = self.canvas.data(self.drawing.chart, x, y)[0]
        eps -= self.experiment.nodes[self.experiment.chosen].value
        self.nudge.value = min(NUDGES, key=lambda e: abs(e - eps))
