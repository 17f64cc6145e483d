"""The race of the optimizers, without any widget: who runs, where they are, who leads."""

from collections.abc import Callable

import numpy as np

from nnlib._optimizer import Optimizer
from nnlib._typing import Array
from nnlib._validation import one_of
from nnlib.adaptive import Adam, RMSProp
from nnlib.explorers._surfaces import SURFACES, Point, Surface
from nnlib.optimizers import SGD

RATES = [float(10 ** (-4 + i / 8)) for i in range(41)]
"""Learning rates to choose from, 0.0001 … 10; those of lesson 06 are among them."""

MOST = 500
"""Steps of a race."""

FAR = 1000.0
"""A parameter that gets larger than this has diverged."""

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    "SGD": SGD,
    "momentum": lambda: SGD(momentum=0.9),
    "RMSProp": RMSProp,
    "Adam": Adam,
}


class Racer:
    """One optimizer on its way: its path θ₀ … θ_t and the losses along it."""

    def __init__(self, name: str, surface: Surface, start: Point, rate: float) -> None:
        self.name, self.surface = name, surface
        self.optimizer, self.gradient = OPTIMIZERS[name](), surface.gradient()
        self.optimizer.lr = rate
        self.θ = np.array(start)
        self._path, self._losses = np.empty((MOST + 1, 2)), np.empty(MOST + 1)
        self.t, self.diverged_with = 0, 0.0
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

    def step(self) -> None:
        """Take one step, or find that there is no going on: with which learning rate?"""
        if self.diverged:
            return
        with np.errstate(over="ignore", invalid="ignore"):
            self.optimizer.step(self.θ, self.gradient(self.θ))
        if np.isfinite(self.θ).all() and abs(self.θ).max() < FAR:
            self.t += 1
            self._keep()
        else:
            self.diverged_with = self.optimizer.rate

    def _keep(self) -> None:
        self._path[self.t] = self.θ
        loss = self.surface.loss(self.θ[0], self.θ[1])
        self._losses[self.t] = loss - self.surface.lowest


class Model:
    """A surface, a start, a learning rate for each, and the racers."""

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
        return self.t == MOST or all(racer.diverged for racer in self.racers)

    def step(self) -> None:
        """One step of each."""
        if not self.over:
            self.t += 1
            for racer in self.racers:
                racer.step()

    def words(self) -> str:
        """Say it."""
        going = sorted((r for r in self.racers if not r.diverged), key=lambda r: r.losses[-1])
        if self.t == 0:
            rates = ", ".join(f"{rate:.2g} ({name})" for name, rate in self.rates.items())
            return (
                f"All start at ({self.start[0]:g}, {self.start[1]:g}), {going[0].losses[0]:.3g} "
                f"above the lowest loss, with η = {rates}. Run, or click into the picture to start "
                "elsewhere."
            )
        order = ", ".join(f"{r.name} {r.losses[-1]:.1e}" for r in going)
        said = (
            f"Step {self.t}, {self.name}. Above the lowest loss, best first: {order or 'nobody'}."
        )
        lost = [
            f"{r.name} at step {r.t + 1} (η = {r.diverged_with:.2g})"
            for r in self.racers
            if r.diverged
        ]
        if lost:
            said += (
                f" Diverged: {', '.join(lost)}: a parameter has grown beyond {FAR:,.0f}. In a "
                "valley that is overshooting: across it, every step goes too far. Take a smaller "
                "η, then Reset."
            )
        return said + (" The race is over." if self.over else "")


def parsed(text: str, surface: Surface) -> Point:
    """Read a start that was typed.

    Raises
    ------
    ValueError
        That says what was expected, what came, and what to do.
    """
    left, right, low, high = surface.frame
    wanted = (
        f"start: expected two numbers, θ₁ from {left:g} to {right:g} and θ₂ from {low:g} to "
        f"{high:g}, such as {surface.start[0]:g}, {surface.start[1]:g}; got {text!r}. "
        "The race is as before: correct the numbers and press Enter."
    )
    try:
        a, b = (float(part) for part in text.replace("−", "-").replace(",", " ").split())
    except ValueError:
        raise ValueError(wanted) from None
    if not (left <= a <= right and low <= b <= high):
        raise ValueError(wanted)
    return a, b
