"""Let optimizers race: four of nnlib's own on surfaces with two parameters."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import ipywidgets as w
import numpy as np

from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.course.kit.canvas import ON_CURVES, Canvas, Pixels
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.numerals import written
from nnlib.course.kit.parts import Part
from nnlib.optimizers import BY_NAME
from nnlib.plots import MARKERS, PALETTE
from nnlib.plots.style import LINES

Point = tuple[float, float]
"""θ₁ and θ₂."""

NOISE_SEED = 3
"""Every optimizer meets the same noise."""

BOTTOM = np.array([3.0, 1.0])
"""Of the ravines."""

STRAIGHT = np.diag([1.0, 100.0])
"""The Hessian of the ravine."""

TURN = np.array([[0.8, -0.6], [0.6, 0.8]])
ASKEW = TURN @ STRAIGHT @ TURN.T
"""The same, turned."""


@dataclass(frozen=True)
class Surface:
    """A loss L(θ) to race on.

    Attributes
    ----------
    formula : str
        L, as it is written.
    loss, gradient : callable
        ``loss(θ₁, θ₂)`` also takes whole grids; ``gradient()`` makes a function of θ (2,), which
        may draw noise of its own.
    start, frame : tuple of float
        Where a race starts; left, right, low and high edge of its picture.
    bottoms, lowest : tuple of points, float
        Where the loss is lowest, and how low it is there.
    rates : tuple of int
        The learning rates of SGD, momentum, RMSProp and Adam that do best here, as lesson 06 finds
        them: the i of 10^(−4 + i/8).
    """

    formula: str
    loss: Callable[[Array, Array], Array]
    gradient: Callable[[], Callable[[Array], Array]]
    start: Point
    frame: tuple[float, float, float, float]
    bottoms: tuple[Point, ...]
    lowest: float
    rates: tuple[int, int, int, int]


def _quadratic(H: Array) -> Callable[[Array, Array], Array]:
    """L = eᵀ H e / 2 with e = θ − θ_bottom."""

    def loss(a: Array, b: Array) -> Array:
        e, f = a - BOTTOM[0], b - BOTTOM[1]
        return (H[0, 0] * e * e + 2 * H[0, 1] * e * f + H[1, 1] * f * f) / 2

    return loss


def _noisy_gradient() -> Callable[[Array], Array]:
    """Add noise of standard deviation 2 to each entry of H e."""
    rng = np.random.default_rng(NOISE_SEED)
    return lambda θ: STRAIGHT @ (θ - BOTTOM) + rng.normal(0, 2, size=2)


def _rosenbrock_gradient(θ: Array) -> Array:
    across = 200 * (θ[1] - θ[0] ** 2)
    return np.array([-2 * (1 - θ[0]) - 2 * θ[0] * across, across])


SURFACES = {
    "ravine": Surface(
        "½(θ₁ − 3)² + 50(θ₂ − 1)²",
        _quadratic(STRAIGHT),
        lambda: lambda θ: STRAIGHT @ (θ - BOTTOM),
        (-1.0, 1.4),
        (-2.0, 5.0, 0.3, 1.7),
        ((3.0, 1.0),),
        0.0,
        (18, 17, 23, 30),
    ),
    "ravine, askew": Surface(
        "the ravine, turned",
        _quadratic(ASKEW),
        lambda: lambda θ: ASKEW @ (θ - BOTTOM),
        (-0.44, -1.08),
        (-2.0, 6.0, -3.0, 3.0),
        ((3.0, 1.0),),
        0.0,
        (18, 17, 22, 30),
    ),
    "noisy ravine": Surface(
        "the ravine, with noise in each gradient",
        _quadratic(STRAIGHT),
        _noisy_gradient,
        (-1.0, 1.4),
        (-2.5, 5.0, 0.3, 1.7),
        ((3.0, 1.0),),
        0.0,
        (18, 16, 23, 30),
    ),
    "Rosenbrock": Surface(
        "(1 − θ₁)² + 100(θ₂ − θ₁²)²",
        lambda a, b: (1 - a) ** 2 + 100 * (b - a**2) ** 2,
        lambda: _rosenbrock_gradient,
        (-1.2, 1.0),
        (-1.8, 1.8, -0.6, 2.0),
        ((1.0, 1.0),),
        0.0,
        (13, 9, 19, 28),
    ),
    "saddle": Surface(
        "10θ₂² − ½θ₁² + ¼θ₁⁴",
        lambda a, b: 10 * b**2 - a**2 / 2 + a**4 / 4,
        lambda: lambda θ: np.array([-θ[0] + θ[0] ** 3, 20 * θ[1]]),
        (0.01, 0.5),
        (-1.7, 1.7, -0.7, 0.7),
        ((1.0, 0.0), (-1.0, 0.0)),
        -0.25,
        (23, 21, 22, 27),
    ),
}


RATES = [float(10 ** (-4 + i / 8)) for i in range(41)]
"""Learning rates to choose from, 0.0001 … 10; those of lesson 06 are among them."""

STEPS = 500
"""Steps of a race."""

FAR = 1000.0
"""A parameter that gets larger than this has diverged."""

OPTIMIZERS = ("SGD", "momentum", "RMSProp", "Adam")


class Racer:
    """One optimizer on its way: its path θ₀ … θ_t and the losses along it."""

    def __init__(self, name: str, surface: Surface, start: Point, rate: float) -> None:
        self.name, self.surface = name, surface
        self.optimizer, self.gradient = BY_NAME[name.lower()](lr=rate), surface.gradient()
        self.θ = np.array(start)
        self._path, self._losses = np.empty((STEPS + 1, 2)), np.empty(STEPS + 1)
        self.t, self.diverged_with, self._rate = 0, 0.0, rate
        self._keep()

    @property
    def path(self) -> Array:
        """All points so far, shape (t + 1, 2)."""
        return self._path[: self.t + 1]

    @property
    def losses(self) -> Array:
        """How far the losses are above the lowest possible one, shape (t + 1,)."""
        return self._losses[: self.t + 1]

    @property
    def diverged(self) -> bool:
        """Whether there is no going on."""
        return self.diverged_with > 0

    @property
    def rate(self) -> float:
        """The learning rate of the last step, or before the first one that to come."""
        return self._rate if self.t or self.diverged else self.optimizer.rate

    def step(self) -> None:
        """Take one step, or find that there is no going on: with which learning rate?"""
        if self.diverged:
            return
        self._rate = self.optimizer.rate
        with np.errstate(over="ignore", invalid="ignore"):
            self.optimizer.step(self.θ, self.gradient(self.θ))
        if np.isfinite(self.θ).all() and abs(self.θ).max() < FAR:
            self.t += 1
            self._keep()
        else:
            self.diverged_with = self._rate

    def _keep(self) -> None:
        self._path[self.t] = self.θ
        loss = self.surface.loss(self.θ[0], self.θ[1])
        self._losses[self.t] = loss - self.surface.lowest


class Experiment:
    """A race of the four optimizers on one surface.

    Attributes
    ----------
    name, surface : str, Surface
        Where they race.
    start : (float, float)
        θ₁ and θ₂ from which all of them start.
    rates : dict of str to float
        The learning rate of each.
    racers : list of Racer
        One for each optimizer.
    t : int
        Steps that the race has had.
    """

    def __init__(self) -> None:
        self.choose("ravine")

    def choose(self, name: str) -> None:
        """Go to another surface, with its own start and learning rates."""
        one_of("surface", name, SURFACES)
        self.name, self.surface = name, SURFACES[name]
        self.start = self.surface.start
        rates = (RATES[i] for i in self.surface.rates)
        self.rates = dict(zip(OPTIMIZERS, rates, strict=True))
        self.reset()

    def reset(self) -> None:
        """Bring all of them back to the start, with nothing remembered."""
        self.t = 0
        self.racers = [
            Racer(name, self.surface, self.start, rate) for name, rate in self.rates.items()
        ]

    def set_rate(self, name: str, rate: float) -> None:
        """Change a learning rate, at once."""
        self.rates[name] = rate
        for racer in self.racers:
            if racer.name == name:
                racer.optimizer.lr = rate

    def set_start(self, start: Point) -> None:
        """Start somewhere else."""
        self.start = start
        self.reset()

    @property
    def over(self) -> bool:
        """Whether nobody takes another step."""
        return self.t == STEPS or all(racer.diverged for racer in self.racers)

    def step(self) -> None:
        """Let each racer take a step."""
        if not self.over:
            self.t += 1
            for racer in self.racers:
                racer.step()

    def words(self) -> str:
        if self.t == 0:
            rates = ", ".join(f"{rate:.2g} ({name})" for name, rate in self.rates.items())
            height = self.racers[0].losses[0]
            return (
                f"All start at ({self.start[0]:g}, {self.start[1]:g}), {height:.3g} above the "
                f"lowest loss, with η = {rates}. Run, or click into the picture to start elsewhere."
            )
        racers = sorted((r for r in self.racers if not r.diverged), key=lambda r: r.losses[-1])
        order = ", ".join(f"{r.name} {written(max(r.losses[-1], 0))}" for r in racers)
        end = " The race is over." if self.over else ""
        return (
            f"Step {self.t}, {self.name}. Above the lowest loss, best first: {order or 'nobody'}."
            f"{self._about_the_diverged()}{end}{self._about_the_new()}"
        )

    def _about_the_diverged(self) -> str:
        racers = [racer for racer in self.racers if racer.diverged]
        if not racers:
            return ""
        steps = (f"{r.name} at step {r.t + 1} (η = {r.diverged_with:.2g})" for r in racers)
        return (
            f" Diverged: {', '.join(steps)}: a parameter has grown beyond {FAR:,.0f}. In a valley "
            "that is overshooting: across it, every step goes too far. Take a smaller η, then "
            "Reset."
        )

    def _about_the_new(self) -> str:
        """Say from when on learning rates count that no step has had."""
        new: dict[str, list[str]] = {}
        for r in self.racers:
            if r.optimizer.rate != r.rate:
                ended = self.over or r.diverged
                when = "from the next race on (Reset)" if ended else "from the next step on"
                new.setdefault(when, []).append(f"{r.optimizer.rate:.2g} ({r.name})")
        return "".join(f" Now set: η = {', '.join(new[when])}, {when}." for when in new)


def parsed(text: str, surface: Surface) -> Point:
    """Read a start that was typed.

    Raises
    ------
    ValueError
        That says what was expected, what came, and what to do.
    """
    left, right, low, high = surface.frame
    message = (
        f"start: expected two numbers, θ₁ from {left:g} to {right:g} and θ₂ from {low:g} to "
        f"{high:g}, such as {surface.start[0]:g}, {surface.start[1]:g}; got {text!r}. "
        "The race is as before: correct the numbers and press Enter."
    )
    try:
        a, b = (float(part) for part in text.replace("−", "-").replace(",", " ").split())
    except ValueError:
        raise ValueError(message) from None
    if not (left <= a <= right and low <= b <= high):
        raise ValueError(message)
    return a, b


# The picture ---------------------------------------------------------------------------------


VALLEY = np.array([0.72, 0.83, 0.93])
"""The colour of the lowest loss; the highest is white."""


class OptimizerRace(Explorer):
    """Four optimizers on one surface: their paths, and their losses step by step."""

    title = "four optimizers race on a surface"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        kind = self.buttons(
            "surface", list(SURFACES), experiment.name, self._choose,
            tip="The loss to go down on, each with a start and good learning rates of its own.",
        )  # fmt: skip
        values = [(f"{rate:.2g}", rate) for rate in RATES]
        self._sliders = {
            name: self.slider(
                f"η of {name}", values, rate, self._set_rate(name),
                tip="Its learning rate, how far it goes for a gradient; it may change under way.",
            )
            for name, rate in experiment.rates.items()
        }  # fmt: skip
        run = self.run_buttons(experiment.step, self._reset)
        self._pace = self.slider(
            "steps a picture", [1, 2, 5, 10, 20], 1, lambda _: None,
            tip="More of them make the race faster to watch, and change nothing else.",
        )  # fmt: skip
        style = {"description_width": "9em"}
        self._text = w.Text(_start_text(experiment.start), continuous_update=False, style=style)
        self._text.description, self._text.layout = "start θ₁, θ₂", w.Layout(width="24em")
        self._text.tooltip = "Where all of them begin: two numbers, then Enter, begin a new race."
        self.observed(self._text, self._typed)
        self.canvas = Canvas(9.6, 4.2, self._build)
        rates = list(self._sliders.values())
        self.arrange(
            run, kind, self.row(*rates[:2]), self.row(*rates[2:]), self.row(self._text, self._pace)
        )

    def advance(self, seconds: float) -> bool:
        """Take as many steps as a picture is worth; a race that is over starts again."""
        if self.experiment.over:
            self.experiment.reset()
        for _ in range(self._pace.value):
            self.experiment.step()
        return not self.experiment.over

    def still(self) -> Pixels:
        """Draw the ravine after 60 steps."""
        present, self.experiment = self.experiment, Experiment()
        for _ in range(60):
            self.experiment.step()
        self._draw_surface()
        picture = self.picture()
        self.experiment = present
        self._draw_surface()
        return picture

    def words(self) -> str:
        return self.experiment.words()

    def parts(self) -> list[Part]:
        """The surface, on which a click is another start, and the curves."""
        surface, *curves = super().parts()
        return [replace(surface, name="the surface", reads=self._height, drag=self.click), *curves]

    def _height(self, x: float, y: float) -> str:
        a, b = self.canvas.data(self._map, x, y)
        loss = float(self.experiment.surface.loss(np.array(a), np.array(b)))
        return f"θ = ({a:.2f}, {b:.2f}): L = {loss:.3g}"

    def click(self, x: float, y: float) -> None:
        """Start at this place of the picture."""
        a, b = self.canvas.data(self._map, x, y)
        self.alert.value = ""
        self._start((round(a, 3), round(b, 3)))

    def _typed(self, text: str) -> None:
        try:
            start = parsed(text, self.experiment.surface)
        except ValueError as error:
            self.alert_with(str(error))
        else:
            if start != self.experiment.start:
                self._start(start)

    def _start(self, start: Point) -> None:
        self.experiment.set_start(start)
        self._text.value = _start_text(start)

    def _reset(self) -> None:
        self.set_running(False)
        self.experiment.reset()

    def _choose(self, name: str) -> None:
        """Go to another surface; the controls follow."""
        self.experiment.choose(name)
        self._text.value = _start_text(self.experiment.start)
        for racer, rate in self.experiment.rates.items():
            self._sliders[racer].value = rate
        self._draw_surface()

    def _set_rate(self, name: str) -> Callable[[float], None]:
        return lambda rate: self.experiment.set_rate(name, rate)

    def _build(self, figure: Any) -> list[Any]:
        figure.set_layout_engine("none")  # the axes stay where they are, whatever their ticks say
        place = {"left": 0.075, "right": 0.975, "bottom": 0.12, "top": 0.86, "wspace": 0.22}
        self._map, right = figure.add_gridspec(1, 2, width_ratios=[5, 4], **place).subplots()
        self._map.set(xlabel="θ₁", ylabel="θ₂", title="L")
        self._map.grid(False)
        (self._bottoms,) = self._map.plot([], [], "*", color="white", mec="black", ms=14)
        (self._cross,) = self._map.plot([], [], "X", color="black", mec="white", ms=10, zorder=4)
        self._loss = right
        self._contours: tuple[Any, ...] = ()
        right.set(yscale="log", ylim=(1e-8, 1e5), xlabel="step", ylabel="loss, above the lowest")
        self._paths, self._heads, self._curves = [], [], []
        for name, color, marker, line in zip(OPTIMIZERS, PALETTE, MARKERS, LINES, strict=False):
            style = {"color": color, "ls": line, "marker": marker, "mec": "black", "mew": 0.3}
            self._paths += self._map.plot([], [], ms=4, lw=1.2, **style)
            self._heads += self._map.plot([], [], marker, color=color, mec="black", ms=9, zorder=3)
            self._curves += right.plot([], [], ms=5, lw=1.5, label=name, **style)
        figure.legend(loc="upper right", ncols=4, handlelength=2.6)
        corner: dict[str, Any] = {
            "transform": right.transAxes,
            "ha": "right",
            "va": "top",
            "fontsize": 9,
            "bbox": ON_CURVES,
        }
        self._rates = right.text(0.99, 0.99, "", **corner)
        self._draw_surface()
        return [*self._paths, *self._heads, self._cross, *self._curves, self._rates]

    def _draw_surface(self) -> None:
        """Draw lines of equal loss, the bluer the lower, and a star at each bottom."""
        surface = self.experiment.surface
        left, right, low, high = surface.frame
        grid = np.meshgrid(np.linspace(left, right, 120), np.linspace(low, high, 120))
        L = surface.loss(*grid)
        levels = np.quantile(L, np.linspace(0.01, 0.95, 14))
        for contours in self._contours:
            contours.remove()
        style = {"colors": "0.7", "linewidths": 0.8, "linestyles": "-"}
        lines = self._map.contour(*grid, L, levels, **style)
        shades = VALLEY + np.linspace(0, 1, len(levels) + 1)[:, np.newaxis] * (1 - VALLEY)
        filled = self._map.contourf(*grid, L, levels, colors=shades, extend="both", zorder=0)
        self._contours = lines, filled
        self._map.set(xlim=(left, right), ylim=(low, high))
        self._map.title.set_text(f"L = {surface.formula}")
        self._bottoms.set_data(*zip(*surface.bottoms, strict=True))
        if hasattr(self, "canvas"):
            self.canvas.stale = True

    def picture(self) -> Pixels:
        """Draw the paths and the losses."""
        experiment = self.experiment
        span = next(s for s in (60, 125, 250, STEPS) if experiment.t <= s)
        if self._loss.get_xlim()[1] != span:
            self._loss.set_xlim(0, span)
            self.canvas.stale = True
        self._cross.set_data(*zip(experiment.start, strict=True))
        artists = zip(self._paths, self._heads, self._curves, strict=True)
        for racer, (path, head, curve) in zip(experiment.racers, artists, strict=True):
            path.set_data(*racer.path.T)
            path.set_markevery(max(1, racer.t // 60))
            head.set_data(*racer.path[-1:].T)
            curve.set_data(np.arange(racer.t + 1), np.maximum(racer.losses, 1e-9))
            curve.set_markevery(max(1, span // 12))
        rates = [f"{r.name} {_rate_text(r)}" for r in experiment.racers]
        self._rates.set_text(f"η: {', '.join(rates[:2])}\n{', '.join(rates[2:])}")
        return self.canvas.frame()


def _start_text(start: Point) -> str:
    return f"{start[0]:g}, {start[1]:g}"


def _rate_text(racer: Racer) -> str:
    return "diverged" if racer.diverged else f"{racer.rate:.2g}"
