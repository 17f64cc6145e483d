"""Curves: how training went, how the learning rate moves, and what more data would bring."""

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from nnlib._arrays import array
from nnlib._typing import Array
from nnlib._validation import MOST, finite, instance, number, one_of, real, whole
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


def learning_curve(
    sizes: Any,
    train_scores: Any,
    validation_scores: Any,
    ax: Axes | None = None,
    *,
    score: str = "accuracy",
    interval: str = "range",
) -> Axes:
    """Draw how good a model is, on its training data and on others, by how many it learned from.

    Two lines that meet below what is wanted: more data will not help, a larger model might. A gap
    between them that closes: more data will help. Of repeated runs the lines are the means, and a
    band goes from the worst to the best, or a standard deviation up and down; the legend says
    which. The axis of sizes is logarithmic where they grow by factors.

    Parameters
    ----------
    sizes : array_like of shape (m,)
        Numbers of training examples, each once.
    train_scores, validation_scores : array_like of shape (m,) or (m, repeats)
        What a model that was made anew for each size scores on the examples it was trained on, and
        on others, the same for all sizes.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    score : str
        What is scored, with its unit, for the axis.
    interval : "range" or "std"
        What the bands show: least to greatest, or the mean ± one standard deviation.

    Source: Cortes, Jackel, Solla, Vapnik and Denker (1993), *Learning curves: asymptotic values and
    rate of convergence*.

    Examples
    --------
    >>> import nnlib as nn
    >>> (X, y), held = nn.make_xor(100, rng=0), nn.make_xor(200, rng=1)
    >>> def scores(n):
    ...     net = nn.Sequential(nn.Dense(2, 8), nn.Tanh(), nn.Dense(8, 2))
    ...     model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=0.05))
    ...     model.fit(X[:n], y[:n], epochs=20)
    ...     return [model.evaluate(*data)["accuracy"] for data in [(X[:n], y[:n]), held]]
    >>> sizes = [10, 30, 100]
    >>> ax = learning_curve(sizes, *zip(*map(scores, sizes), strict=True))
    >>> ax.get_xlabel(), ax.get_xscale()
    ('training examples', 'log')
    """
    one_of("interval", interval, ("range", "std"))
    n = _sizes(sizes)
    given = {"train_scores": train_scores, "validation_scores": validation_scores}
    runs = [_runs(name, values, len(n)) for name, values in given.items()]
    ax, order = one_axes(ax), np.argsort(n)
    for i, (role, S) in enumerate(zip(("training", "validation"), runs, strict=True)):
        _band(ax, i, role, n[order], S[order], interval)
    ax.set(xlabel="training examples", ylabel=score)
    _axis_of_sizes(ax, n[order])
    ax.legend()
    return ax


def _sizes(sizes: Any) -> Array:
    """Check numbers of examples that differ."""
    n = real("sizes", array("sizes", sizes), np.float64)
    if n.ndim != 1 or n.size == 0:
        raise ValueError(
            f"sizes: expected numbers of training examples, shape (m,), got shape {n.shape}: a "
            "list such as [100, 200, 400]"
        )
    finite("sizes", n, "leave these out, in the scores as well")
    wrong = n[(n < 1) | (n > MOST) | (np.trunc(n) != n)]
    if wrong.size:
        raise ValueError(
            f"sizes: expected numbers of examples, got {wrong[0]:g}: of a share s pass "
            "round(s * len(X))"
        )
    if len(np.unique(n)) < len(n):
        raise ValueError(
            "sizes: expected each size once, got one twice: put the scores of repeated runs into "
            "one row, shape (m, repeats)"
        )
    return n


def _runs(name: str, values: Any, m: int) -> Array:
    """Return scores with a row for each size and a column for each run."""
    S = real(name, array(name, values), np.float64)
    S = S[:, np.newaxis] if S.ndim == 1 else S
    if S.ndim != 2 or S.size == 0 or len(S) != m:
        raise ValueError(
            f"{name}: expected a row for each of {m} sizes, shape ({m},) or ({m}, repeats), got "
            f"{np.shape(values)}: numpy.transpose({name}) turns runs into columns"
        )
    finite(name, S, "leave out runs that diverged, or repeat them with a smaller learning rate")
    return S


def _band(ax: Axes, i: int, role: str, n: Array, S: Array, interval: str) -> None:
    """Draw the means of a row of runs for each size, and how far these spread."""
    mean, repeats, label = S.mean(axis=1), S.shape[1], role
    if repeats > 1:
        low, high, said = S.min(axis=1), S.max(axis=1), "min–max"
        if interval == "std":
            size = float(np.abs(S).max()) or 1.0  # the square of a large loss has no room
            std = size * (S / size).std(axis=1)
            low, high, said = mean - std, mean + std, "± std"
        label = f"{role}, mean of {repeats} ({said})"
        ax.fill_between(n, low, high, fc=PALETTE[i], alpha=0.2, lw=0)
    ax.plot(n, mean, color=PALETTE[i], linestyle=LINES[i], marker=MARKERS[i], label=label)


def _axis_of_sizes(ax: Axes, n: Array) -> None:
    """Make the steps from size to size about equally long, and say the sizes, if they are few."""
    linear, logarithmic = _uneven(n), _uneven(np.log(n))
    if logarithmic < linear:
        ax.set_xscale("log")
    if len(n) <= 10 and min(linear, logarithmic) < 0.5:
        ax.set_xticks(n, [f"{size:,.0f}" for size in n])
        ax.set_xticks([], minor=True)


def _uneven(values: Array) -> float:
    """How unequal the steps are: their standard deviation over their mean; 0 of a single one."""
    steps = np.diff(values)
    return float(steps.std() / steps.mean()) if steps.size else 0.0
