"""Let optimizers race: four of nnlib's own on surfaces with two parameters."""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w
import numpy as np

from nnlib.explorers._canvas import ON_CURVES, Canvas
from nnlib.explorers._clicks import Clicks
from nnlib.explorers._explorer import Explorer
from nnlib.explorers._pixels import Pixels
from nnlib.explorers._racers import MOST, OPTIMIZERS, RATES, Model, Racer, parsed
from nnlib.explorers._surfaces import SURFACES, Point
from nnlib.plots import MARKERS, PALETTE
from nnlib.plots._style import LINES

VALLEY = np.array([0.72, 0.83, 0.93])
"""The colour of the lowest loss; the highest is white."""


class OptimizerRace(Explorer):
    """Four optimizers on one surface: their paths, and their losses step by step."""

    title = "four optimizers race on a surface"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.model = model = Model()
        kind = self.buttons("surface", list(SURFACES), model.name, self._choose)
        values = [(f"{rate:.2g}", rate) for rate in RATES]
        self._sliders = {
            name: self.slider(f"η of {name}", values, rate, self._set_rate(name))
            for name, rate in model.rates.items()
        }
        run = self.run_buttons(model.step, self._reset)
        self._pace = self.slider("steps a picture", [1, 2, 5, 10, 20], 1, lambda _: None)
        style = {"description_width": "9em"}
        self._text = w.Text(_written(model.start), continuous_update=False, style=style)
        self._text.description, self._text.layout = "start θ₁, θ₂", w.Layout(width="24em")
        self._observed(self._text, self._typed)
        self._canvas = Canvas(9.6, 4.2, self._build)
        rates = list(self._sliders.values())
        clicks = Clicks(lambda x, y: self.post(lambda: self.click(x, y)))
        run.layout.margin = "0 0 0 9.2em"
        self.arrange(
            kind,
            self.row(*rates[:2]),
            self.row(*rates[2:]),
            self.row(self._text, self._pace),
            run,
            clicks,
        )

    def advance(self, seconds: float) -> bool:
        """Take as many steps as a picture is worth; a race that is over starts again."""
        if self.model.over:
            self.model.reset()
        for _ in range(self._pace.value):
            self.model.step()
        return not self.model.over

    def still(self) -> Pixels:
        """Draw the ravine after 60 steps."""
        present, self.model = self.model, Model()
        for _ in range(60):
            self.model.step()
        self._draw_surface()
        picture = self.picture()
        self.model = present
        self._draw_surface()
        return picture

    def words(self) -> str:
        """Say what is seen."""
        return self.model.words()

    def click(self, x: float, y: float) -> None:
        """Start where the picture was clicked, at these fractions of its width and height."""
        box = self._canvas.figure.bbox
        pixels = x * box.width, (1 - y) * box.height
        if self._map.bbox.contains(*pixels):
            a, b = self._map.transData.inverted().transform(pixels)
            self.alert.value = ""
            self._start((round(float(a), 3), round(float(b), 3)))

    def _typed(self, text: str) -> None:
        try:
            start = parsed(text, self.model.surface)
        except ValueError as error:
            self.alert.value = f'<div role="alert">{html.escape(str(error))}</div>'
        else:
            if start != self.model.start:
                self._start(start)

    def _start(self, start: Point) -> None:
        self.model.set_start(start)
        self._text.value = _written(start)

    def _reset(self) -> None:
        self._set_running(False)
        self.model.reset()

    def _choose(self, name: str) -> None:
        """Go to another surface; the controls follow."""
        self.model.choose(name)
        self._text.value = _written(self.model.start)
        for racer, rate in self.model.rates.items():
            self._sliders[racer].value = rate
        self._draw_surface()

    def _set_rate(self, name: str) -> Callable[[float], None]:
        return lambda rate: self.model.set_rate(name, rate)

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
        surface = self.model.surface
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
        if hasattr(self, "_canvas"):
            self._canvas.stale = True

    def picture(self) -> Pixels:
        """Draw the paths and the losses."""
        model = self.model
        span = next(s for s in (60, 125, 250, MOST) if model.t <= s)
        if self._loss.get_xlim()[1] != span:
            self._loss.set_xlim(0, span)
            self._canvas.stale = True
        self._cross.set_data(*zip(model.start, strict=True))
        artists = zip(self._paths, self._heads, self._curves, strict=True)
        for racer, (path, head, curve) in zip(model.racers, artists, strict=True):
            path.set_data(*racer.path.T)
            path.set_markevery(max(1, racer.t // 60))
            head.set_data(*racer.path[-1:].T)
            curve.set_data(np.arange(racer.t + 1), np.maximum(racer.losses, 1e-9))
            curve.set_markevery(max(1, span // 12))
        said = [f"{r.name} {'diverged' if r.diverged else _short(r)}" for r in model.racers]
        self._rates.set_text(f"η: {', '.join(said[:2])}\n{', '.join(said[2:])}")
        return self._canvas.frame()


def _written(start: Point) -> str:
    return f"{start[0]:g}, {start[1]:g}"


def _short(racer: Racer) -> str:
    return f"{racer.optimizer.rate:.2g}"
