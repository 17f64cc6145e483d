"""A layer as lines in the plane: move its weights, see the plane fold, solve XOR by hand."""

import math
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple

import ipywidgets as w
import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from PIL import Image

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.kit.canvas import Canvas, Pixels, Stamp, Texts
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.parts import Part
from nnlib.plots import PALETTE

Truths = npt.NDArray[np.bool_]

LOW, HIGH = -1.0, 2.0
"""The input plane goes from LOW to HIGH, along both axes."""

CENTRE = np.full(2, (LOW + HIGH) / 2)

UNITS = 3
"""Hidden units at the most."""

OUTPUT = UNITS
"""Where a hidden unit is asked for by its number, from 0, this is the output unit."""

LARGEST = 100.0
"""Size of a number at the most."""


class Step(nn.Layer):
    """A = 1 where Z > 0 and 0 elsewhere; its slope, as far as there is one, is 0."""

    def forward(self, Z: Array, *, train: bool = False) -> Array:
        """A = [Z > 0]."""
        return (Z > 0).astype(Z.dtype)

    def backward(self, dA: Array, *, input_grad: bool = True) -> Array:
        """dZ = 0."""
        return np.zeros_like(dA)


ACTIVATIONS: dict[str, list[type[nn.Layer]]] = {
    "step": [Step],
    "ReLU": [nn.ReLU],
    "tanh": [nn.Tanh],
    "sigmoid": [nn.Sigmoid],
    "none": [],
}
"""What stands between the two layers."""

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])


def around(n: int, radius: float) -> Array:
    """Return n points on a circle around the centre."""
    angles = 2 * np.pi * np.arange(n) / n + 0.3
    return CENTRE + radius * np.column_stack([np.cos(angles), np.sin(angles)])


DATA: dict[str, tuple[Array, Array]] = {
    "XOR": (CORNERS, np.array([0, 1, 1, 0])),
    "AND": (CORNERS, np.array([0, 0, 0, 1])),
    "OR": (CORNERS, np.array([0, 1, 1, 1])),
    "ring": (np.concatenate([around(10, 1.1), around(5, 0.25)]), np.repeat([0, 1], [10, 5])),
}
"""X (n, 2) and y (n,)."""

WRONG_START = ([[2.0, 1.0, 1.0], [2.0, 2.0, 0.0]], [-1.0, -1.5, -1.3], [1.0, -1.0, -1.0], -0.3)
"""W₁, b₁, W₂ and b₂."""

HIDDEN_SOLUTIONS: dict[str, tuple[Any, Any]] = {
    "XOR": ([[6.0, -3.0], [-4.0, 6.0]], [-3.0, -4.0]),
    "AND": ([[2.0], [2.0]], [-3.0]),
    "OR": ([[2.0], [2.0]], [-1.0]),
    "ring": ([[0.0, -7.0, 7.0], [8.0, -4.0, -4.0]], [-7.6, 1.9, -5.1]),
}
"""W₁ and b₁ that solve it: of XOR those of lesson 01, of the ring three sides of a triangle."""

ONE_IS_ENOUGH = {
    "step": ([2.0], -1.0), "ReLU": ([2.0], -1.0), "tanh": ([2.0], 0.0),
    "sigmoid": ([2.0], -1.0), "none": ([2.0], 0.0),
}  # fmt: skip

OUTPUT_SOLUTIONS: dict[str, dict[str, tuple[list[float], float]]] = {
    "XOR": {
        "step": ([1.0, 1.0], -0.5), "ReLU": ([1.0, 2.0], -1.0), "tanh": ([1.0, 1.0], 0.7),
        "sigmoid": ([2.0, 2.0], -1.4),
    },
    "AND": ONE_IS_ENOUGH,
    "OR": ONE_IS_ENOUGH,
    "ring": {
        "step": ([-1.0] * 3, 0.5), "ReLU": ([-1.0] * 3, 0.4), "tanh": ([-1.0] * 3, -1.9),
        "sigmoid": ([-1.0] * 3, 0.8),
    },
}  # fmt: skip
"""W₂ and b₂ that go with them, for each activation that can."""


class Line(NamedTuple):
    """The points x of a plane with x w + b = 0."""

    w: Array
    b: float

    def score(self, x: Array) -> float:
        """x w + b."""
        return float(x @ self.w + self.b)

    def foot(self, x: Array) -> Array:
        """Return the point of the line that is nearest to x."""
        return x - self.score(x) * self.w / (self.w @ self.w)

    def ends(self, low: float, high: float) -> Array | None:
        """Return where it enters and leaves the square from low to high, shape (2, 2)."""
        if not self.w.any():
            return None  # w = 0 has no line
        middle = self.foot(np.full(2, (low + high) / 2))
        along = np.array([-self.w[1], self.w[0]]) / np.hypot(*self.w)
        start, stop = -math.inf, math.inf
        for p, d in zip(middle, along, strict=True):
            if abs(d) > 1e-12:
                first, second = sorted(((low - p) / d, (high - p) / d))
                start, stop = max(start, first), min(stop, second)
            elif not low <= p <= high:
                return None
        return middle + np.outer([start, stop], along) if start < stop else None

    def handle(self, near: Array, low: float, high: float) -> Array | None:
        """Return a point of it to take hold of, inside the square and near to a place."""
        ends = self.ends(low, high)
        if ends is None:
            return None
        foot = self.foot(near)
        return foot if ((foot > low) & (foot < high)).all() else ends.mean(axis=0)

    def through(self, x: Array) -> "Line":
        """Shift it, so that it goes through x: the bias does that alone."""
        return Line(self.w, round(-float(x @ self.w), 2))

    def turned(self, pivot: Array, towards: Array) -> "Line":
        """Turn w so that it points from the pivot towards a place, as long as before."""
        way = towards - pivot
        length = np.hypot(*way)
        if length == 0:
            return self
        size = np.hypot(*self.w) or 1.0
        return Line(np.round(size * way / length, 2), self.b).through(pivot)


@lru_cache
def network(h: int, activation: str) -> nn.Sequential:
    """Return two layers, for any numbers."""
    between = [layer() for layer in ACTIVATIONS[activation]]
    return nn.Sequential(nn.Dense(2, h), *between, nn.Dense(h, 1))


def ends_of(net: nn.Sequential) -> tuple[nn.Dense, nn.Dense]:
    """Return the first layer of a network, and the last."""
    first, last = net.layers[0], net.layers[-1]
    assert isinstance(first, nn.Dense)
    assert isinstance(last, nn.Dense)
    return first, last


class Pass(NamedTuple):
    """A forward pass: Z₁ and A₁ of shape (n, h), Z₂ of shape (n,)."""

    Z1: Array
    A1: Array
    Z2: Array


class Experiment:
    """Two layers on points of the plane, their numbers chosen by hand: A₁ = f(XW₁ + b₁), A₁W₂ + b₂.

    Attributes
    ----------
    data, activation : str
        The points; what stands between the layers.
    h : int
        Hidden units.
    fold : float
        How far the hidden plane is on its way from Z₁ (0) to A₁ (1).
    W1, b1, W2, b2 : ndarray
        Shapes (2, 3), (3,), (3,) and (1,); those of units beyond h wait there unused.
    near : list of ndarray of shape (2,)
        Where each unit's line, and the output's at last, is to be taken hold of.
    steps, loss : int, float
        Steps of gradient descent since a number was chosen by hand; the loss at the last.
    """

    def __init__(self) -> None:
        self.data, self.activation, self.h, self.fold = "XOR", "ReLU", 2, 1.0
        self.W1, self.b1, self.W2, self.b2 = np.zeros((2, 3)), np.zeros(3), np.zeros(3), np.zeros(1)
        self.reset()

    # Numbers ---------------------------------------------------------------------------------

    def take(self, W1: Any, b1: Any, W2: Any, b2: float) -> None:
        """Take these numbers, of the first units."""
        h = len(b1)
        self.W1[:, :h], self.b1[:h], self.W2[:h], self.b2[0] = W1, b1, W2, b2
        self.steps, self.loss = 0, math.nan

    def reset(self) -> None:
        """Begin with a wrong start."""
        self.take(*WRONG_START)
        self.near = [np.array(x) for x in ((0.0, 0.5), (1.3, 0.1), (1.3, 0.5), (3.0, 3.0))]

    def shuffle(self, seed: int) -> None:
        """Draw all numbers, with one decimal; lines go through the middle of the plane."""
        rng = np.random.default_rng(seed)
        angles, near = rng.uniform(0, 2 * np.pi, size=3), rng.uniform(size=(3, 2))
        W1 = (rng.uniform(1, 4, size=3) * [np.cos(angles), np.sin(angles)]).round(1)
        b1 = -(near.T * W1).sum(axis=0)
        self.take(W1, b1.round(1), rng.normal(size=3).round(1), round(rng.normal(), 1))

    def solve(self) -> None:
        """Take numbers that get all points right; where no numbers can, ReLU helps."""
        solutions = OUTPUT_SOLUTIONS[self.data]
        if self.activation not in solutions:
            self.activation = "ReLU"
        W1, b1 = HIDDEN_SOLUTIONS[self.data]
        self.set_units(len(b1))
        self.take(W1, b1, *solutions[self.activation])
        self.near = [CENTRE, CENTRE, CENTRE, np.ones(2)]

    def set_units(self, h: int) -> None:
        """Change the number of hidden units; the numbers of others wait."""
        self.h, self.steps = h, 0

    def put(self, name: str, index: Any, value: float) -> None:
        """Set one number by hand."""
        getattr(self, name)[index] = value
        self.steps = 0

    # The network -----------------------------------------------------------------------------

    @property
    def X(self) -> Array:
        """The points, (n, 2)."""
        return DATA[self.data][0]

    @property
    def y(self) -> Array:
        """Their classes, (n,)."""
        return DATA[self.data][1]

    @property
    def net(self) -> nn.Sequential:
        """The two layers, with these numbers in them."""
        h, net = self.h, network(self.h, self.activation)
        first, last = ends_of(net)
        first.W, first.b = self.W1[:, :h], self.b1[:h]
        last.W, last.b = self.W2[:h, np.newaxis], self.b2
        return net

    def forward(self, X: Array) -> Pass:
        """Compute what the hidden units say, before and after the activation, and the score."""
        first, *between, last = self.net.layers
        Z1 = A1 = first.forward(X)
        for layer in between:
            A1 = layer.forward(A1)
        return Pass(Z1, A1, last.forward(A1)[:, 0])

    @property
    def right(self) -> Truths:
        """Which points are on the right side, (n,)."""
        return self.judged(self.forward(self.X))

    def judged(self, here: Pass) -> Truths:
        """Compare what the network says of the points with their classes: 1 where Z₂ > 0."""
        return (here.Z2 > 0) == (self.y == 1)

    @property
    def product(self) -> Line:
        """The one layer that two layers without an activation are: W₁W₂ and b₁W₂ + b₂."""
        W2 = self.W2[: self.h]
        return Line(self.W1[:, : self.h] @ W2, float(self.b1[: self.h] @ W2 + self.b2[0]))

    @property
    def impossible(self) -> bool:
        """Whether no numbers can get all points of XOR right: one line parts what it answers."""
        return self.data == "XOR" and (self.activation == "none" or self.h == 1)

    def descend(self, n: int, lr: float = 0.2) -> bool:
        """Take n steps of gradient descent from here; return whether more would help."""
        net, loss = self.net, nn.SigmoidCrossEntropy()
        how: dict[str, Any] = {"epochs": n, "batch_size": len(self.y), "shuffle": False}
        for step in nn.steps(net, loss, nn.SGD(lr=lr, clip_norm=1.0), self.X, self.y, **how):
            self.loss = step.loss
        h, (first, last) = self.h, ends_of(net)
        self.W1[:, :h], self.b1[:h] = first.W, first.b
        self.W2[:h], self.b2[:] = last.W[:, 0], last.b
        self.steps += n
        return self.loss > 0.02

    # The two planes --------------------------------------------------------------------------

    def in_hidden_plane(self, Z1: Array, A1: Array) -> Array:
        """Return each row's place in the plane of units 1 and 2, (n, 2); one unit makes a line."""
        F = (1 - self.fold) * Z1 + self.fold * A1
        return np.column_stack([F, np.zeros(len(F))])[:, :2]

    def scores_in_hidden_plane(self, F: Array) -> Array:
        """Return Z₂ at places of the hidden plane; of three units the third is 0."""
        line = self.line(OUTPUT)
        scores: Array = F @ line.w + line.b
        return scores

    @property
    def hidden_reach(self) -> tuple[float, float]:
        """The hidden plane goes from … to …, along both axes, so that all points are inside."""
        step = self.forward(self.X)
        F = self.in_hidden_plane(step.Z1, step.A1)
        high = 1.25
        while high < 1.15 * np.abs(F).max():
            high *= 2
        return (-high if F.min() < 0 else -high / 4), high

    def regions(self, Z1: Array) -> Array:
        """Number each row: 1 where unit 1 is on, Z > 0, plus 2 where unit 2 is."""
        regions: Array = (Z1[:, :2] > 0) @ np.array([1, 2])[: self.h]
        return regions

    def line(self, unit: int) -> Line:
        """Return where a unit's score is 0: in the input plane, of the output in the hidden one."""
        if unit < OUTPUT:
            return Line(self.W1[:, unit], float(self.b1[unit]))
        return Line(np.append(self.W2[: self.h], 0)[:2], float(self.b2[0]))

    def set_line(self, unit: int, line: Line, near: Array) -> None:
        """Give a unit the numbers of a line, to be taken hold of near a place."""
        self.steps, self.near[unit] = 0, near
        if unit < OUTPUT:
            self.W1[:, unit], self.b1[unit] = line.w, line.b
        else:
            seen = min(self.h, 2)
            self.W2[:seen], self.b2[0] = line.w[:seen], line.b

    def handle(self, unit: int) -> Array | None:
        """Return the point at which a unit's line is taken hold of."""
        low, high = (LOW, HIGH) if unit < OUTPUT else self.hidden_reach
        return self.line(unit).handle(self.near[unit], low, high)

    # In words --------------------------------------------------------------------------------

    def words(self) -> str:
        right, n = int(self.right.sum()), len(self.y)
        lines = [f"unit {j + 1}: {in_x(self.line(j))} = 0" for j in range(self.h)]
        lines.append(f"output: {weighted(self.W2[: self.h], self.b2[0], 'a')} = 0")
        text = f"{right} of {n} points are right{self.verdict()}. {self.descent()}"
        if self.fold < 1:
            text += f"Folded by {100 * self.fold:.0f} %. "
        return f"{text}Lines: {'; '.join(lines)}. {self.because()}".strip()

    def verdict(self) -> str:
        """Say what it means that all are right."""
        if not self.right.all():
            return ""
        what = "the ring" if self.data == "ring" else self.data
        return f": {what} solved {'by gradient descent' if self.steps else 'by hand'}"

    def descent(self) -> str:
        """Say how far gradient descent has come."""
        if not self.steps:
            return ""
        text = f"Loss {self.loss:.4f} after {self.steps} steps of gradient descent"
        return f"{text}{'; a step has no slope, W₁ and b₁ stay' * (self.activation == 'step')}. "

    def tells(self, x: Array) -> str:
        """Say what the network makes of a point."""
        Z1, A1, (z,) = self.forward(x[np.newaxis])
        p = float(nn.sigmoid(np.array(z)))
        return (
            f"x = {row(x)}: z of the hidden units {row(Z1[0])}, a = {row(A1[0])}; the output "
            f"z = {plain(z)} says class {int(z > 0)}, p(class 1) = {p:.2f}."
        )

    def tells_hidden(self, F: Array) -> str:
        """Say what the output unit makes of a place of the hidden plane."""
        place = row(F[: min(self.h, 2)])
        if self.fold < 1:
            return f"A place between z and a: {place}."
        z = self.line(OUTPUT).score(F)
        other = " where a₃ = 0" if self.h == UNITS else ""
        return f"a = {place}: the output z = {plain(z)} says class {int(z > 0)}{other}."

    def tells_line(self, unit: int) -> str:
        """Say where a unit's line is."""
        if unit < OUTPUT:
            return f"Unit {unit + 1} has z = {in_x(self.line(unit))}, which is 0 on this line."
        score = weighted(self.W2[: self.h], self.b2[0], "a")
        return f"The output has z = {score}, which is 0 on this line."

    def because(self) -> str:
        """Say why it is impossible, or that two layers are one."""
        text = ""
        if self.activation == "none":
            text = f"Without an activation both layers are one: z = {in_x(self.product)}. "
        if self.impossible:
            text += (
                "No numbers get all four right: one straight line parts the answers, and "
                "(0.5, 0.5) is midway between both circles and between both squares."
            )
        return text


def row(values: Any) -> str:
    """Write some numbers in brackets."""
    return f"({', '.join(map(plain, values))})"


def plain(value: float) -> str:
    """Write a number with two decimals at the most, and a true minus."""
    text = f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 and text != "0" else text


def weighted(weights: Any, b: float, letter: str) -> str:
    """Write a weighted sum and its bias: 6x₁ − 4x₂ − 3."""
    text = ""
    for value, name in [*((v, letter + "₁₂₃"[i]) for i, v in enumerate(weights)), (b, "")]:
        size = plain(abs(value))
        if size != "0":
            sign = "−" if value < 0 else "+"
            text += f" {sign} " if text else sign.strip("+")
            text += name if size == "1" and name else f"{size}{name}"
    return text or "0"


def in_x(line: Line) -> str:
    """Write what a line of the input plane is the zero of."""
    return weighted(line.w, line.b, "x")


# The picture ---------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
Label = tuple[float, float, str, str, int]

WIDTH, HEIGHT, SIDE = 980, 400, 300
"""Of the picture, and of the two planes in it, in pixels."""

COLORS = (PALETTE[3], PALETTE[2], PALETTE[5], "black")
"""Of the units, the output at last."""

REGIONS = ("0.7", COLORS[0], COLORS[1], "0.4")
"""Of the squared paper where units 1 and 2 are off, only 1 is on, only 2 is, both are."""

DASHES = ("--", "-.", ":", "-")

ARROW = 0.16
"""Length of a line's arrow, as a share of the plane's side."""

FINE = 100
"""Points along each side of a plane at which the network is asked for its score."""

TICKS = np.arange(LOW, HIGH + 0.01, 0.25)


def _grid() -> Array:
    """Make the lines of squared paper: (lines, points, 2)."""
    along = np.linspace(LOW, HIGH, 121)
    up = [np.column_stack([np.full(len(along), x), along]) for x in TICKS]
    return np.array([*up, *(line[:, ::-1] for line in up)])


GRID = _grid()

PAPER = GRID.reshape(-1, 2)


def lattice(low: float, high: float) -> Array:
    """Return the middles of FINE × FINE tiles of a square, row by row from below."""
    line = low + (high - low) * (np.arange(FINE) + 0.5) / FINE
    return np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)


INPUTS = lattice(LOW, HIGH)


def _ramp() -> Pixels:
    """Blend from class 0's colour, pale, by white to that of class 1 in 256 steps."""
    pale = [0.5 + 0.5 * np.array(to_rgb(color)) for color in PALETTE[:2]]
    stops = np.array([pale[0], np.ones(3), pale[1]])
    rgb = [np.interp(np.linspace(0, 2, 256), [0, 1, 2], column) for column in stops.T]
    return np.column_stack([*(255 * np.array(rgb)), np.full(256, 255)]).round().astype(np.uint8)


RAMP = _ramp()


def larger(values: Array | Pixels) -> Any:
    """Blow FINE × FINE values up to the size of a plane, smoothly."""
    return np.array(Image.fromarray(values).resize((SIDE, SIDE), Image.Resampling.BILINEAR))


def shaded(Z: Array, edge: bool = True) -> Pixels:
    """Paint scores over a plane: p(class 1) = sigmoid(z) in colour, and a black line at z = 0."""
    Z = Z.reshape(FINE, FINE)
    pixels: Pixels = RAMP.take(larger((255 * nn.sigmoid(Z)).astype(np.uint8)), axis=0)
    if edge:
        slope = np.hypot(*np.gradient(Z)) * FINE / SIDE
        away = np.clip(Z / (slope + 1e-9), -9, 9)  # from the line, in pixels
        ink = np.clip(1.9 - np.abs(larger(away.astype(np.float32))), 0, 1)
        black = ink > 0
        pixels[black, :3] = pixels[black, :3] * (1 - ink[black, np.newaxis])
    return pixels


class Plane:
    """One of the two planes: its ground, squared paper, lines with their arrows, and the points."""

    def __init__(self, figure: Any, left: float, units: tuple[int, ...]) -> None:
        place = (left / WIDTH, 66 / HEIGHT, SIDE / WIDTH, SIDE / HEIGHT)
        self.ax = ax = figure.add_axes(place)
        ax.grid(visible=False)
        self.units, self.low, self.high = units, LOW, HIGH
        self.ground = Stamp(left, 66)
        self.ground.smooth = True
        self.paper = [ax.plot([], [], "-", lw=1, color=color)[0] for color in REGIONS]
        self.lines, self.shafts, self.tips, self.holds = {}, {}, {}, {}
        for unit in units:
            color, dash = COLORS[unit], DASHES[unit]
            self.lines[unit] = ax.plot([], [], dash, color=color, lw=2.4)[0]
            self.shafts[unit] = ax.plot([], [], "-", color=color, lw=2.4)[0]
            self.tips[unit] = ax.plot([], [], ls="", color=color, mec="black", ms=12)[0]
            self.holds[unit] = ax.plot([], [], "o", color=color, mec="black", ms=14)[0]
        points = (("o", PALETTE[0], 11), ("s", PALETTE[1], 10), ("X", "white", 8))
        self.points = [
            ax.plot([], [], m, color=c, mec="black", ms=ms, clip_on=False)[0] for m, c, ms in points
        ]
        self.texts = Texts(ax)

    @property
    def moving(self) -> list[Any]:
        """All that moves, from below."""
        by_unit = (self.lines, self.shafts, self.tips, self.holds)
        of_units = [artists[unit] for artists in by_unit for unit in self.units]
        return [self.ground, *self.paper, *self.ax.spines.values(), *of_units, *self.points,
                self.texts]  # fmt: skip

    def set_reach(self, low: float, high: float) -> bool:
        """Let it go from low to high along both axes; return whether that is new."""
        new = (low, high) != (self.low, self.high) or self.ax.get_xlim() != (low, high)
        self.low, self.high = low, high
        self.ax.set(xlim=(low, high), ylim=(low, high))
        return new

    def arrow(self, unit: int, experiment: Experiment) -> tuple[Array, Array] | None:
        """Return where a line is taken hold of, and the tip of its arrow."""
        hold = experiment.handle(unit)
        if hold is None:
            return None
        way = experiment.line(unit).w
        return hold, hold + ARROW * (self.high - self.low) * way / np.hypot(*way)

    def draw_lines(self, experiment: Experiment, seen: Callable[[int], bool]) -> None:
        """Draw each unit's line, its arrow to where it is above 0, and its number."""
        self.labels: list[Label] = []
        for unit in self.units:
            artists = [a[unit] for a in (self.lines, self.shafts, self.tips, self.holds)]
            arrow = self.arrow(unit, experiment) if seen(unit) else None
            for artist in artists:
                artist.set_visible(arrow is not None)
            if arrow is None:
                continue
            hold, tip = arrow
            ends = experiment.line(unit).ends(self.low, self.high)
            assert ends is not None
            dx, dy = tip - hold
            artists[0].set_data(*ends.T)
            artists[1].set_data(*np.array(arrow).T)
            artists[2].set_data([tip[0]], [tip[1]])
            artists[2].set_marker((3, 0, math.degrees(math.atan2(dy, dx)) - 90))
            artists[3].set_data([hold[0]], [hold[1]])
            name = "z" if unit == OUTPUT else str(unit + 1)
            self.labels.append((hold[0], hold[1], name, "white" if unit == OUTPUT else "black", 13))

    def draw_paper(self, places: Array, regions: Array) -> None:
        """Draw the squared paper, (lines, points, 2), in the colour of each point's region."""
        gap = np.full((len(places), 1, 2), np.nan)
        path = np.concatenate([places, gap], axis=1).reshape(-1, 2)
        for region, artist in enumerate(self.paper):
            here = regions == region
            here[:, 1:] |= here[:, :-1].copy()
            kept = np.pad(here, ((0, 0), (0, 1))).ravel()
            artist.set_data(*np.where(kept[:, np.newaxis], path, np.nan).T)
            artist.set_visible(bool(here.any()))

    def draw_points(self, places: Array, experiment: Experiment, right: Truths) -> None:
        """Draw the points, and a cross on those that are wrong; name the corners."""
        y = experiment.y
        for artist, which in zip(self.points, (y == 0, y == 1, ~right), strict=True):
            artist.set_data(*places[which].T)
        names: dict[tuple[float, ...], list[str]] = {}
        if experiment.X is CORNERS:
            for place, x in zip(places, CORNERS, strict=True):
                key = tuple(np.round(place / (self.high - self.low), 2))
                names.setdefault(key, []).append(f"{x[0]:g},{x[1]:g}")
        size = self.high - self.low
        texts: list[Label] = []
        for (across, up), labels in names.items():
            aside = 0.025 + 0.045 * len(labels)
            beside = [
                (float(size * (across + away)), float(size * (up + above)))
                for above in (-0.045, 0.045)
                for away in (aside, -aside)
            ]
            middle = min(beside, key=lambda at: self._in_the_way(at[0], at[1], size * aside))
            texts.append((*middle, "  ".join(labels), "black", 12))
        self.texts.set_texts([*self.labels, *texts])

    def _in_the_way(self, x: float, y: float, reach: float) -> int:
        """Count what a text of that place would lie on: the edge, handles and arrows, lines."""
        height = 0.055 * (self.high - self.low)
        marks = [mark for unit in self.units for mark in (self.holds[unit], self.tips[unit])]
        outside = not (self.low < x - reach and max(x + reach, y + height / 2) < self.high)
        hit = [_near(mark.get_xydata(), x, y, reach, height) for mark in _seen(marks)]
        crossed = [
            _near(np.linspace(ends[0], ends[1], FINE), x, y, reach, height / 2)
            for ends in (np.asarray(line.get_xydata()) for line in _seen(self.lines.values()))
        ]
        return 100 * outside + 10 * sum(hit) + sum(crossed)


def _seen(artists: Iterable[Line2D]) -> list[Line2D]:
    """Leave out what is hidden."""
    return [artist for artist in artists if artist.get_visible()]


def _near(places: Any, x: float, y: float, across: float, up: float) -> bool:
    """Whether one of the places, (n, 2), lies in a box around a point."""
    return bool(np.any(np.all(np.abs(places - [x, y]) < [across, up], axis=1)))


CELL = (66, 22)
"""Width and height of a number's cell."""

ROWS = {"W1": (88, 112), "b1": (136,), "W2": (190,), "b2": (214,)}
"""Where the rows of each array's cells are, in pixels from the panel's upper edge."""

PANEL = 728
"""Where the panel with the numbers begins, in pixels."""


def cells(h: int) -> dict[tuple[str, Any], Box]:
    """Return the place of every number, of h units, by its array's name and its index."""

    def box(name: str, row: int, column: int) -> Box:
        left, middle = PANEL + 36 + 72 * column, ROWS[name][row]
        return left, middle - CELL[1] / 2, left + CELL[0], middle + CELL[1] / 2

    boxes: dict[tuple[str, Any], Box] = {}
    for j in range(h):
        boxes |= {("W1", (i, j)): box("W1", i, j) for i in range(2)}
        boxes |= {("b1", j): box("b1", 0, j), ("W2", j): box("W2", 0, j)}
    return boxes | {("b2", 0): box("b2", 0, 0)}


def unit_of(name: str, index: Any) -> int:
    """Return the unit that a number belongs to."""
    if name in ("W2", "b2"):
        return OUTPUT
    return int(index[1] if name == "W1" else index)


def name_of(unit: int) -> str:
    """Call a unit by its name."""
    return "the output" if unit == OUTPUT else f"unit {unit + 1}"


class Drawing:
    """The two planes, and the numbers beside them."""

    def __init__(self) -> None:
        self._key: Any = None
        self.canvas = Canvas(WIDTH / 100, HEIGHT / 100, self._build)

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")
        self.left, self.middle = Plane(figure, 50, (0, 1, 2)), Plane(figure, 412, (OUTPUT,))
        self.panel = figure.add_axes((PANEL / WIDTH, 0, 1 - PANEL / WIDTH, 1))
        self.panel.set(xlim=(0, WIDTH - PANEL), ylim=(HEIGHT, 0))
        self.panel.axis("off")
        self.boxes = {
            key: self.panel.add_patch(
                Rectangle((left - PANEL, top), *CELL, fc="white", ec=COLORS[unit_of(*key)], lw=1)
            )
            for key, (left, top, _, _) in cells(UNITS).items()
        }
        self.texts, self.heads = Texts(self.panel), self._headings()
        ticks = range(int(LOW), int(HIGH) + 1)
        self.left.ax.set(title="input plane", xlabel="x₁", ylabel="x₂", xticks=ticks, yticks=ticks)
        for x, marker, color, name in (
            (50, "o", PALETTE[0], "class 0"),
            (125, "s", PALETTE[1], "class 1"),
            (205, "X", "white", "wrong"),
        ):
            self._key_to(figure, x, name, marker=marker, color=color, mec="black", ms=8, ls="")
        self.keys = [
            self._key_to(figure, x, "", ls="-", lw=3, color=color)
            for x, color in zip((396, 482, 578, 674), REGIONS, strict=True)
        ]
        self._key_to(figure, 278, "output z = 0", ls="-", lw=2, color="black")
        return [*self.left.moving, *self.middle.moving, self.texts]

    def _headings(self) -> list[Any]:
        """Write what the numbers are; return the names of the columns."""
        style: dict[str, Any] = {"size": 9.5, "ha": "center", "va": "center"}
        self.panel.text(126, 46, "hidden layer: Z₁ = X W₁ + b₁", **style)
        self.panel.text(126, 166, "output unit: z = A₁ W₂ + b₂", **style)
        for y, name in ((88, "x₁"), (112, "x₂"), (136, "b₁"), (190, "W₂"), (214, "b₂")):
            self.panel.text(20, y, name, **style)
        return [self.panel.text(69 + 72 * j, 66, f"unit {j + 1}", **style) for j in range(UNITS)]

    def _key_to(self, figure: Any, x: float, text: str, **options: Any) -> tuple[Any, Any]:
        """Say below what a mark means."""
        xs = [x, x + 16] if options.get("lw") else [x + 8]
        mark = Line2D([a / WIDTH for a in xs], [14 / HEIGHT] * len(xs), **options)
        figure.add_artist(mark)
        return mark, figure.text((x + 21) / WIDTH, 14 / HEIGHT, text, size=9, va="center")

    def frame(self, experiment: Experiment, unit: int) -> Pixels:
        """Draw an experiment; the numbers of one unit are set off."""
        e = experiment
        self._set_frame(e, unit)
        here, paper, plane = e.forward(e.X), e.forward(PAPER), e.forward(INPUTS)
        right, regions = e.judged(here), e.regions(paper.Z1).reshape(GRID.shape[:2])
        self.left.ground.pixels = shaded(plane.Z2, edge=e.activation != "step")
        self.left.draw_lines(e, lambda j: j < e.h)
        self.left.draw_paper(GRID, regions)
        self.left.draw_points(e.X, e, right)
        done = e.fold == 1
        self.middle.ground.pixels = np.full((SIDE, SIDE, 4), 255, np.uint8)
        if done:
            places = lattice(self.middle.low, self.middle.high)
            self.middle.ground.pixels = shaded(e.scores_in_hidden_plane(places))
        self.middle.draw_lines(e, lambda _: done)
        folded = e.in_hidden_plane(paper.Z1, paper.A1).reshape(GRID.shape)
        self.middle.draw_paper(folded, regions)
        self.middle.draw_points(e.in_hidden_plane(here.Z1, here.A1), e, right)
        self.texts.set_texts([*self._numbers(e, right), *self._table(e, here, right)])
        return self.canvas.frame()

    def _set_frame(self, e: Experiment, unit: int) -> None:
        """Set limits, titles and cells; only where something is new is all redrawn."""
        low, high = e.hidden_reach
        new = self.left.set_reach(LOW, HIGH), self.middle.set_reach(low, high)
        key = (e.h, e.fold, e.activation, unit)
        if key == self._key and not any(new):
            return
        self._key, self.canvas.stale = key, True
        title = ": a = z" if e.activation == "none" else f": a = {e.activation}(z)"
        title = ", shaded for a₃ = 0" if e.h == UNITS else title
        letter = "a" if e.fold == 1 else "z"
        self.middle.ax.set(
            title=f"hidden plane{title}" if e.fold == 1 else f"from z to a: {100 * e.fold:.0f} %",
            xlabel=f"{letter}₁",
            ylabel=f"{letter}₂" * (e.h > 1),
        )
        self.middle.ax.yaxis.set_visible(e.h > 1)
        names = ["both off", "only 1 on", "only 2 on", "both on"]
        if e.h == 1:
            names = ["1 off", "1 on", "", ""]
        for (mark, text), name in zip(self.keys, names, strict=True):
            mark.set_visible(bool(name))
            text.set_text(name)
        there = cells(e.h)
        for cell, box in self.boxes.items():
            chosen = unit_of(*cell) == unit
            box.set(visible=cell in there, lw=2.6 if chosen else 1)
        for j, head in enumerate(self.heads):
            head.set_visible(j < e.h)

    def _numbers(self, e: Experiment, right: Truths) -> list[Label]:
        """Write the numbers into their cells, and above how many points are right."""
        verdict = f"{right.sum()} of {len(right)} right" + " ✓" * bool(right.all())
        texts: list[Label] = [(126.0, 18.0, verdict, "black", 18)]
        for (name, index), (left, top, end, bottom) in cells(e.h).items():
            value = plain(getattr(e, name)[index])
            texts.append(((left + end) / 2 - PANEL, (top + bottom) / 2, value, "black", 14))
        return texts

    def _table(self, e: Experiment, here: Pass, right: Truths) -> list[Label]:
        """Write what the network says at the four corners; of other data, how many are right."""
        if e.X is not CORNERS:
            rows = [
                [(126.0, f"class {k}: {right[e.y == k].sum()} of {(e.y == k).sum()} right")]
                for k in (0, 1)
            ]
        else:
            last = 100.0 + 44 * e.h
            columns = [40.0, *(92.0 + 44 * j for j in range(e.h)), last]
            head = ["x₁, x₂", *(["a₁", "a₂", "a₃"][: e.h]), "z"]
            rows = [list(zip(columns, head, strict=True))]
            for x, a, z, ok in zip(e.X, here.A1, here.Z2, right, strict=True):
                row = [f"{x[0]:g}, {x[1]:g}", *map(plain, a), plain(z)]
                rows.append([*zip(columns, row, strict=True), (last + 30, "✓" if ok else "✗")])
        texts = [(x, 246.0 + 20 * i, t, "black", 13) for i, row in enumerate(rows) for x, t in row]
        if e.activation == "none":
            texts.append((126.0, 354.0, "both layers are one:", "black", 12))
            texts.append((126.0, 374.0, f"z = {in_x(e.product)}", "black", 13))
        return texts


STEPS = 5
"""Steps of gradient descent from one picture to the next."""

REACH = 10.0
"""The sliders go from −REACH to REACH."""


def nearest(value: float) -> float:
    """Return the slider's value that is nearest to a number."""
    return round(min(max(value, -REACH), REACH), 1) + 0.0


class LayerLines(Explorer):
    """Each hidden unit is a line in the plane: drag lines, type numbers, watch the plane fold."""

    title = "a layer as lines in the plane"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment, self.drawing = Experiment(), Drawing()
        self.canvas, self.chosen, self.seed = self.drawing.canvas, 0, 0
        e = self.experiment
        data = self.buttons(
            "points", list(DATA), e.data, self._set("data"),
            tip="The network is to answer above 0 at the squares, and nowhere else.",
        )  # fmt: skip
        self.activation = self.buttons(
            "activation", list(ACTIVATIONS), e.activation, self._set("activation"),
            tip="What is done to each hidden unit's weighted sum z; none leaves it as it is.",
        )  # fmt: skip
        self.units = self.buttons(
            "hidden units", [1, 2, 3], e.h, self._set_units,
            tip="Each of them cuts the input plane along a line.",
        )  # fmt: skip
        self.unit = self.buttons(
            "numbers of", self._names(), 0, self._choose, tip="Whose numbers the sliders hold."
        )
        self.sliders = [self._slider(i) for i in range(UNITS + 1)]
        fold = self.slider(
            "fold", [(f"{i} %", i / 100) for i in range(0, 101, 5)], 1.0, self._set("fold"),
            tip="How far the hidden plane is on its way from z to the activations a.",
        )  # fmt: skip
        run = self.run_buttons(self._step, self._reset)
        self.run.tooltip = "Let gradient descent go on from these numbers, or pause."
        solution = self.button(
            "Show a solution", "lightbulb-o", self._solve,
            tip="Take numbers that get all points right, with ReLU where none else can.",
        )  # fmt: skip
        shuffle = self.button("Shuffle", "random", self._shuffle, tip="Draw all numbers at random.")
        self._show()
        left = w.VBox([self.unit, *self.sliders], layout=w.Layout(width="27em"))
        right = w.VBox([data, self.activation, self.units, fold], layout=w.Layout(width="38em"))
        self.arrange(self.row(run, solution, shuffle), self.row(left, right))

    # The controls ----------------------------------------------------------------------------

    def _names(self) -> list[tuple[str, int]]:
        return [*((f"unit {j + 1}", j) for j in range(self.experiment.h)), ("output", OUTPUT)]

    def _slider(self, i: int) -> Any:
        """Add a slider for the chosen unit's i-th weight, or for its bias."""
        label = "b" if i == UNITS else f"w{'₁₂₃'[i]}"
        tip = "Shifts the line." if i == UNITS else "Turns the line, and its arrow with it."

        def put(value: float) -> None:
            cell = self._cells()[i]
            if cell is not None and value != nearest(getattr(self.experiment, cell[0])[cell[1]]):
                self.experiment.put(*cell, value)

        return self.slider(label, numbers(-REACH, REACH, 0.1, ".1f"), 0.0, put, tip)

    def _cells(self) -> list[tuple[str, Any] | None]:
        """Return which numbers the sliders hold."""
        j = self.chosen
        if j < OUTPUT:
            return [("W1", (0, j)), ("W1", (1, j)), None, ("b1", j)]
        return [*(("W2", i) if i < self.experiment.h else None for i in range(UNITS)), ("b2", 0)]

    def _set(self, attribute: str) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            setattr(self.experiment, attribute, value)
            if attribute in ("data", "activation"):
                self.experiment.steps = 0

        return put

    def _set_units(self, h: int) -> None:
        if h != self.experiment.h:
            self.experiment.set_units(h)
        self._show()

    def _choose(self, unit: int) -> None:
        self.chosen = unit
        self._show()

    def _show(self) -> None:
        """Let the controls show what the experiment is."""
        e = self.experiment
        chosen = self.chosen if self.chosen < e.h or self.chosen == OUTPUT else e.h - 1
        if len(self.unit.options) != len(self._names()):
            self.unit.options = self._names()
            self.unit.tooltips = [self.unit.tooltip] * len(self._names())
        self.unit.value = self.chosen = chosen
        self.activation.value, self.units.value = e.activation, e.h
        for slider, cell in zip(self.sliders, self._cells(), strict=True):
            slider.disabled = self.closed or cell is None
            slider.value = 0.0 if cell is None else nearest(getattr(e, cell[0])[cell[1]])

    def _reset(self) -> None:
        self.experiment.reset()
        self._show()

    def _solve(self) -> None:
        self.experiment.solve()
        self._show()

    def _shuffle(self) -> None:
        self.seed += 1
        self.experiment.shuffle(self.seed)
        self._show()

    def _step(self) -> None:
        self.experiment.descend(1)
        self._show()

    def advance(self, seconds: float) -> bool:
        """Take some steps of gradient descent."""
        more = self.experiment.descend(STEPS)
        self._show()
        return more

    # What is seen ----------------------------------------------------------------------------

    def words(self) -> str:
        return self.experiment.words()

    def picture(self) -> Pixels:
        """Draw both planes, and the numbers."""
        return self.drawing.frame(self.experiment, self.chosen)

    # What answers ----------------------------------------------------------------------------

    def parts(self) -> list[Part]:
        """The planes, the points in them, lines with their arrows, and every number."""
        e, canvas = self.experiment, self.canvas
        left, middle = self.drawing.left, self.drawing.middle

        def reads(plane: Plane, tells: Callable[[Array], str]) -> Callable[[float, float], str]:
            return lambda x, y: tells(np.array(canvas.data(plane.ax, x, y)))

        found = [
            Part("input plane", canvas.box(left.ax), reads=reads(left, e.tells)),
            Part("hidden plane", canvas.box(middle.ax), reads=reads(middle, e.tells_hidden)),
        ]
        here = e.forward(e.X)
        folded = e.in_hidden_plane(here.Z1, here.A1)
        for plane, places, where in ((left, e.X, ""), (middle, folded, ", folded")):
            for i, place in enumerate(places):
                at = canvas.at(plane.ax, *place)
                found.append(self._part_of_point(f"point {i + 1}{where}", at, i))
        units = [(j, left) for j in range(e.h)] + [(OUTPUT, middle)] * (e.fold == 1)
        for unit, plane in units:
            found += self._parts_of_line(unit, plane)
        for (name, index), box in cells(e.h).items():
            found.append(self._part_of_number(name, index, box))
        return found

    def _part_of_point(self, name: str, place: tuple[float, float], i: int) -> Part:
        """A point says what becomes of it."""

        def says() -> str:
            e = self.experiment
            answer = f"class {e.y[i]}, {'right' if e.right[i] else 'wrong'}"
            return f"{e.tells(e.X[i])} It is of {answer}."

        return Part(name, around_pixel(*place, 8), says=says)

    def _parts_of_line(self, unit: int, plane: Plane) -> list[Part]:
        """A unit's line can be dragged, and by its arrow it can be turned."""
        e, canvas = self.experiment, self.canvas
        ends, arrow = e.line(unit).ends(plane.low, plane.high), plane.arrow(unit, e)
        if ends is None or arrow is None:
            return []
        rim = 0.02 * (plane.high - plane.low)

        def pull(x: float, y: float) -> None:
            place = np.clip(canvas.data(plane.ax, x, y), plane.low + rim, plane.high - rim)
            e.set_line(unit, e.line(unit).through(place), place)
            self._choose(unit)

        def turn(x: float, y: float) -> None:
            pivot = e.handle(unit)
            if pivot is not None:
                towards = np.array(canvas.data(plane.ax, x, y))
                e.set_line(unit, e.line(unit).turned(pivot, towards), pivot)
            self._choose(unit)

        (x1, y1), (x2, y2) = (canvas.at(plane.ax, *end) for end in ends)
        name, tip = name_of(unit), around_pixel(*canvas.at(plane.ax, *arrow[1]), 9)
        says = partial(e.tells_line, unit)
        line = Part(f"line of {name}", (x1, y1, x2, y2), says=says, drag=pull, line=True)
        return [line, Part(f"arrow of {name}", tip, says=says, drag=turn)]

    def _part_of_number(self, name: str, index: Any, box: Box) -> Part:
        """A number can be replaced by another."""
        what = name_of_number(name, index)

        def number() -> float:
            return float(getattr(self.experiment, name)[index])

        def put(value: float) -> None:
            if not math.isfinite(value) or abs(value) > LARGEST:
                self.alert_with(
                    f"{what}: expected a number from −{LARGEST:g} to {LARGEST:g}, got {value:g}. "
                    f"It stays {plain(number())} until you type another."
                )
                return
            self.alert.value = ""
            self.experiment.put(name, index, value)
            self._choose(unit_of(name, index))

        return Part(
            what,
            box,
            says=lambda: f"{what.capitalize()} is {plain(number())}.",
            number=number,
            put=put,
        )


def around_pixel(x: float, y: float, reach: float) -> Box:
    """Return a box whose middle is a pixel."""
    return x - reach, y - reach, x + reach, y + reach


def name_of_number(name: str, index: Any) -> str:
    """Say what a number is: the weight from x₁ to unit 2, the bias of the output."""
    unit = name_of(unit_of(name, index))
    if name in ("b1", "b2"):
        return f"the bias of {unit}"
    source = f"x{'₁₂'[index[0]]}" if name == "W1" else f"unit {index + 1}"
    return f"the weight from {source} to {unit}"
