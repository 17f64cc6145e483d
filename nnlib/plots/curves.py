"""Curves over time: how training went, and how the learning rate moves."""

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nnlib._validation import instance, number, one_of, whole
from nnlib.model import History
from nnlib.plots.style import LINES, MARKERS, PALETTE, one_axes

QUANTITIES: dict[str, dict[str, Any]] = {
    "loss": {"ylabel": "loss (nats per example)", "ylim": (0, None)},
    "accuracy": {"ylabel": "accuracy"},
    "lr": {"ylabel": "learning rate η", "ylim": (0, None)},
}


def training_curves(history: History, ax: Axes | None = None, *, quantity: str = "loss") -> Axes:
    """Draw a quantity over the epochs, and with validation its validation curve and best epoch.

    Parameters
    ----------
    history : History
        What `Model.fit` returned.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    quantity : {"loss", "accuracy", "lr"}
        What to draw. The best loss is the lowest, the best accuracy the highest.
    """
    instance("history", history, History, "pass what model.fit returned")
    one_of("quantity", quantity, QUANTITIES)
    if not history.epochs:
        raise ValueError("history: expected at least one epoch, got none: call model.fit first")
    val = f"val_{quantity}"
    if quantity not in history and val not in history:
        raise ValueError(
            f"quantity: expected one that is recorded, got {quantity!r}, and the history has "
            f"{', '.join(history)}: an accuracy needs classes and validation=(X_val, y_val)"
        )
    ax = one_axes(ax)
    x = np.arange(1, history.epochs + 1)
    style: dict[str, Any] = {"marker": "." if len(x) == 1 else ""}
    if quantity in history:
        label = "learning rate" if quantity == "lr" else f"training {quantity}"
        ax.plot(x, history[quantity], color=PALETTE[0], linestyle="-", label=label, **style)
    if val in history:
        values = history[val]
        ax.plot(
            x, values, color=PALETTE[1], linestyle="--", label=f"validation {quantity}", **style
        )
        lowest = quantity == "loss"
        best = int(np.argmin(values) if lowest else np.argmax(values))
        marker, label = ("v", "lowest") if lowest else ("^", "highest")
        ax.plot(x[best], values[best], marker, color=PALETTE[1], mec="k", ms=7, label=label)
    ax.set(xlabel="epoch", **QUANTITIES[quantity])
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if quantity != "lr":
        ax.legend()
    return ax


def schedule(schedule: Callable[[int], float], steps: int, ax: Axes | None = None) -> Axes:
    """Draw the learning rate η of steps 0 … steps − 1.

    Drawn into Axes that hold a schedule already, the next one gets its own colour and line.

    Parameters
    ----------
    schedule : callable
        ``schedule(step) -> float``, from `nnlib.schedules` or a function of your own.
    steps : int
        How many updates: epochs times batches in an epoch.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    """
    if not callable(schedule):
        raise TypeError(
            f"schedule: expected a function of the step, got {schedule!r}: "
            "a constant is lambda step: 0.1"
        )
    x = np.arange(whole("steps", steps))
    rates = [number(f"schedule({step})", schedule(step)) for step in x.tolist()]
    ax = one_axes(ax)
    i, name = len(ax.lines) % len(PALETTE), getattr(schedule, "__name__", repr(schedule))
    ax.plot(
        x,
        rates,
        color=PALETTE[i],
        linestyle=LINES[i],
        marker=MARKERS[i] if steps <= 30 else "",
        label=textwrap.shorten(name, 60, placeholder=" …"),
    )
    ax.set(xlabel="step", ylabel="learning rate η", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if len(ax.lines) > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1))
    return ax
