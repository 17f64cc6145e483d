"""Curves over time: how training went, and how the learning rate moves."""

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nnlib._arrays import array
from nnlib._typing import Array
from nnlib._validation import instance, number, real, whole
from nnlib.fitting import History
from nnlib.plots.style import LINES, MARKERS, PALETTE, ink, one_axes, palette


def training_curves(history: History, ax: Axes | None = None, *, quantity: str = "loss") -> Axes:
    """Draw a quantity over the epochs, and with validation its validation curve and best epoch.

    Parameters
    ----------
    history : History
        What `Model.fit` returned.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    quantity : str
        What to draw: "loss", "accuracy", "lr", or the name of a metric of your own. The best loss
        is the lowest, the best accuracy the highest; of other metrics nobody knows.
    """
    instance("history", history, History, "pass what model.fit returned")
    name = str(quantity).removeprefix("val_")
    curves = _recorded(history, name)
    ax = one_axes(ax)
    for i, (role, values) in enumerate((("training", name), ("validation", f"val_{name}"))):
        if values in curves:
            _curve(ax, i, f"{role} {name}", curves[values])
    if name.endswith(("loss", "lr")) and not (np.concatenate([*curves.values()]) < 0).any():
        ax.set(ylim=(0, None))
    ax.set(xlabel="epoch", ylabel=_word(history, name))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if name != "lr":
        ax.legend()
    return ax


def _row(name: str, values: Any) -> Array:
    """Check one number for each epoch."""
    row = real(name, array(name, values), np.float64)
    if row.ndim != 1:
        raise ValueError(
            f"{name}: expected one number for each epoch, got shape {row.shape}: a list such as "
            "[0.7, 0.4]"
        )
    return row


def _recorded(history: History, name: str) -> dict[str, Array]:
    """Find what is recorded of a quantity, in training, in validation, or in both."""
    rows = {key: _row(f"history[{key!r}]", values) for key, values in history.items()}
    if not any(row.size for row in rows.values()):
        raise ValueError("history: expected at least one epoch, got none: call model.fit first")
    curves = {key: rows[key] for key in (name, f"val_{name}") if key in rows and rows[key].size}
    if not curves:
        raise ValueError(
            f"quantity: expected one that is recorded, {', '.join(history)}, got {name!r}: "
            "model.fit(X, y, validation=(X_val, y_val), metrics={name: function}) records a "
            "function of y and predictions, and for classes the accuracy"
        )
    return curves


def _curve(ax: Axes, i: int, label: str, values: Array) -> None:
    """Draw training's curve (i = 0), or validation's (1) with its best epoch: NaN never is one."""
    x, marker = np.arange(1, len(values) + 1), "." if len(values) == 1 else ""
    ax.plot(x, values, color=PALETTE[i], linestyle=LINES[i], marker=marker, label=label)
    falls, rises = label.endswith("loss"), label.endswith("accuracy")
    known = np.flatnonzero(np.isfinite(values))
    if i == 0 or known.size == 0 or not (falls or rises):
        return
    best = known[np.argmin(values[known]) if falls else np.argmax(values[known])]
    shape, word = ("v", "lowest") if falls else ("^", "highest")
    ax.plot(x[best], values[best], shape, color=PALETTE[1], mec=ink(ax), ms=7, label=word)


def _word(history: History, name: str) -> str:
    """Name a quantity for its axis; a loss has a unit where its history knows one."""
    unit = f" ({history.unit})" if history.unit else ""
    words = {"loss": f"loss{unit}", "lr": "learning rate η"}
    return words.get(name, name)


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
        color=palette(ax)[i],
        linestyle=LINES[i],
        marker=MARKERS[i] if steps <= 30 else "",
        label=textwrap.shorten(name, 60, placeholder=" …"),
    )
    ax.set(xlabel="step", ylabel="learning rate η", ylim=(0, None))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    if len(ax.lines) > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1))
    return ax
