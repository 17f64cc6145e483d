"""What a part says and leaves behind: tables, a JSON file, a figure."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.contenders import NETWORKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LOOKS = [contender.name for contender in NETWORKS]
"""Who has which colour and which pattern in every figure: the place in this list."""

HATCHES = ("", "", "///", "...", "xxx", "\\\\\\")
"""A pattern for each kind of bar, so that colour never speaks alone."""

Result = dict[str, Any]
"""What a part has measured: numbers, texts, lists and dicts of them."""


@dataclass(frozen=True)
class Settings:
    """What all parts are told: timed rounds, numbers of threads to try, examples, which data."""

    rounds: int = 7
    threads: tuple[int, ...] = (1, 2)
    n: int = 60_000
    mnist: bool = True
    gigabytes: float = 8.0
    steps: int = 200

    def recorded(self, *names: str) -> Result:
        """Return the settings that a part has used."""
        return {name: value for name, value in asdict(self).items() if name in names}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align the columns: texts of the first to the left, numbers of all others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = []
    for first, *others in (head, *rows):
        cells = [first.ljust(widths[0]), *map(str.rjust, others, widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def fixed(value: float | None, digits: int = 2) -> str:
    """Write a number, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def say_threads(threads: int) -> str:
    """Write a number of threads."""
    return "1 thread" if threads == 1 else f"{threads} threads"


def save(folder: Path, part: str, result: Result, draw: Callable[[Result], "Figure"]) -> list[Path]:
    """Write ``part.json`` and ``part.png``, both or none, each at once."""
    from matplotlib import style

    folder.mkdir(parents=True, exist_ok=True)
    with _all_at_once(folder / f"{part}.json", folder / f"{part}.png") as (text, picture):
        text.write_text(json.dumps(result, indent=1, allow_nan=False) + "\n", "utf8")
        with style.context("nnlib.course"):
            draw(result).savefig(picture, format="png", dpi=150)
    return [folder / f"{part}.json", folder / f"{part}.png"]


@contextmanager
def _all_at_once(*paths: Path) -> Iterator[list[Path]]:
    """Give a temporary name for each path; rename all when they are written, else delete them."""
    temporary = [path.with_name(f".{path.name}.{os.getpid()}") for path in paths]
    try:
        yield temporary
        for new, path in zip(temporary, paths, strict=True):
            new.replace(path)
    finally:
        for new in temporary:
            new.unlink(missing_ok=True)


def others(rows: list[Result]) -> list[str]:
    """Name all who raced against nnlib."""
    names = dict.fromkeys(name for row in rows for name in row["contenders"])
    return [name for name in names if name != "nnlib"]


def broken(label: str) -> str:
    """Break a label at its comma, to fit under a bar."""
    return label.replace(", ", "\n")


def new_figure(height: float) -> "Figure":
    """Make a figure of the course's width."""
    from matplotlib.figure import Figure

    return Figure(figsize=(7.5, height))


def ratio_bars(result: Result) -> "Figure":
    """Draw other ÷ nnlib: a panel for each number of threads, a group of bars for each row."""
    threads = sorted({row["threads"] for row in result["rows"]})
    figure = new_figure(0.6 + 2.6 * len(threads))
    for i, panel in enumerate(np.ravel(figure.subplots(len(threads), 1, squeeze=False))):
        rows = [row for row in result["rows"] if row["threads"] == threads[i]]
        _bars(panel, rows, legend=i == 0)
        panel.set_title(say_threads(threads[i]), loc="left")
    return figure


def _bars(ax: "Axes", rows: list[Result], legend: bool) -> None:
    from nnlib.plots import PALETTE

    names = others(rows)
    width = min(0.8 / max(len(names), 1), 0.3)
    for j, name in enumerate(names):
        look = LOOKS.index(name) if name in LOOKS else 0
        at = [i for i, row in enumerate(rows) if name in row["contenders"]]
        found = [rows[i]["contenders"][name] for i in at]
        x = [i + (j - (len(names) - 1) / 2) * width for i in at]
        heights = [entry["ratio"] for entry in found]
        ax.bar(
            x,
            heights,
            0.9 * width,
            color=PALETTE[look],
            edgecolor="white",
            hatch=HATCHES[look],
            label=name,
        )
        ends = [entry["ratio_quartiles"] for entry in found]
        ax.vlines(
            x, [low for low, _ in ends], [high for _, high in ends], color="black", lw=1, zorder=3
        )
        for place, height, (_, top) in zip(x, heights, ends, strict=True):
            ax.annotate(
                f"{height:.2f}",
                (place, max(height, top)),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=7,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )
    ax.axhline(1, color="black", linestyle="--", lw=1.2, label="nnlib = 1")
    ax.set_xticks(range(len(rows)), [broken(row["label"]) for row in rows], fontsize=8)
    ax.set_ylabel("time ÷ time of nnlib")
    ax.grid(False, axis="x")
    ax.margins(y=0.12)
    if legend:
        ax.figure.legend(loc="outside upper left", ncols=4)
