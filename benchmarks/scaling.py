"""How the time grows with the data, the batch, the width and the depth, factor 2 by factor 2.

The cost of an epoch should grow in proportion to the data (slope 1), and that of a step no faster
than the matrix products alone.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import output, summary
from benchmarks.contenders import Nnlib, Products, Task, mlp
from benchmarks.output import Result, Settings, fixed
from benchmarks.race import race

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "scaling: how the time grows, one thread"
USES = ("rounds", "mnist")
LAST = 3
"""How many points, the largest, the slope is taken over."""


@dataclass(frozen=True)
class Axis:
    """One quantity that grows: its name, its values, and the task and data of each."""

    name: str
    values: tuple[int, ...]
    sizes: Callable[[int], tuple[int, ...]]
    batch_size: Callable[[int], int]
    n: Callable[[int], int]
    per_step: bool = True
    """Whether the time is that of a step, or of an epoch."""


USUAL = (784, 128, 64, 10)

# Every n is a whole number of batches.
AXES = (
    Axis("examples", (3750, 7500, 15000, 30000, 60000), lambda _: USUAL, lambda _: 125, int, False),
    Axis("batch size", tuple(2**i for i in range(4, 12)), lambda _: USUAL, int, lambda _: 8192),
    Axis(
        "width of two hidden layers",
        tuple(2**i for i in range(5, 12)),
        lambda width: (784, width, width, 10),
        lambda _: 128,
        lambda _: 4096,
    ),
    Axis(
        "hidden layers of 128 units",
        tuple(2**i for i in range(6)),
        lambda depth: (784, *[128] * depth, 10),
        lambda _: 128,
        lambda _: 4096,
    ),
)


def run(settings: Settings, axes: Iterable[Axis] = AXES) -> Result:
    """Race nnlib and the products at every point of every axis."""
    return {"axes": [_measured(axis, settings) for axis in axes]}


def _measured(axis: Axis, settings: Settings) -> Result:
    """Race at each value of one quantity."""
    points: list[Result] = []
    for value in axis.values:
        n, batch_size = axis.n(value), axis.batch_size(value)
        task = Task(mlp(*axis.sizes(value)), batch_size, n, settings.mnist)
        raced = race({one.name: (one, (task,)) for one in (Nnlib, Products)}, settings.rounds, 1)
        unit = task.steps if axis.per_step else 1
        medians = {name: summary.quartiles(s)[1] / unit for name, s in raced.seconds.items()}
        points.append({"value": value, "batch_size": batch_size, "n": n, "steps": task.steps})
        points[-1] |= {"seconds": raced.seconds, "medians": medians}
    found: Result = {"name": axis.name, "per": "step" if axis.per_step else "epoch"}
    found |= {"points": points, "slopes": slopes(points), "slopes_over": min(LAST, len(points))}
    print(_table(found), end="\n\n")
    return found


def slopes(points: list[Result]) -> dict[str, float | None]:
    """Return for each name the slope of its medians; None: a single point has no slope."""
    x = [point["value"] for point in points]
    found: dict[str, float | None] = {}
    for name in points[0]["medians"]:
        y = [point["medians"][name] for point in points]
        found[name] = summary.slope(x, y, LAST) if len(x) > 1 else None
    return found


def _table(axis: Result) -> str:
    """Write the times along one axis, the slopes below."""
    names = list(axis["slopes"])
    head = [axis["name"], *(f"{name}, ms" for name in names), "nnlib ÷ products"]
    rows = []
    for point in axis["points"]:
        ours, bound = (point["medians"][name] for name in names)
        times = [f"{1000 * seconds:.4g}" for seconds in (ours, bound)]
        rows.append([f"{point['value']:,}", *times, fixed(ours / bound)])
    last = [f"slope of the last {axis['slopes_over']}", *map(fixed, axis["slopes"].values()), ""]
    return f"time of one {axis['per']}\n{output.table(head, [*rows, last])}"


def draw(result: Result) -> "Figure":
    """Draw a panel for each quantity, on log–log axes, the slopes in the legend."""
    from matplotlib.ticker import LogLocator, NullLocator

    from nnlib.plots import MARKERS

    figure = output.new_figure(0.3 + 2.9 * -(-len(result["axes"]) // 2))
    panels = figure.subplots(-(-len(result["axes"]) // 2), 2, squeeze=False).ravel()
    for ax in panels[len(result["axes"]) :]:
        ax.set_axis_off()
    for ax, axis in zip(panels, result["axes"], strict=False):
        x = [point["value"] for point in axis["points"]]
        for i, (name, slope) in enumerate(axis["slopes"].items()):
            y = [1000 * point["medians"][name] for point in axis["points"]]
            ax.plot(x, y, marker=MARKERS[i], label=f"{name}, slope {fixed(slope)}")
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        ax.set_xticks(x, [f"{value:,}" for value in x], fontsize=8, rotation=30)
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set(xlabel=axis["name"], ylabel=f"ms for one {axis['per']}")
        ax.legend()
    return figure
