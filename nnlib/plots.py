"""Figures of the course: each function draws into a matplotlib Axes and returns it.

``matplotlib.style.use("nnlib.course")`` gives them the course's look.
"""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from nnlib._typing import Array, Labels
from nnlib._validation import real, same_length, whole
from nnlib.model import History, Model

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours that colour-blind readers can tell apart: Okabe and Ito (2008)."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""A shape for each class, so that colour never speaks alone."""


def training_curves(history: History, ax: Axes | None = None) -> Axes:
    """Draw the loss of each epoch, and with validation the validation loss and its best epoch.

    Parameters
    ----------
    history : History
        What `Model.fit` returned.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    """
    if not history.epochs:
        raise ValueError("history: expected at least one epoch, got none: call model.fit first")
    ax = plt.subplots()[1] if ax is None else ax
    x = np.arange(1, history.epochs + 1)
    ax.plot(x, history["loss"], color=PALETTE[0], linestyle="-", label="training loss")
    if "val_loss" in history:
        val_loss = history["val_loss"]
        ax.plot(x, val_loss, color=PALETTE[1], linestyle="--", label="validation loss")
        best = int(np.argmin(val_loss))
        ax.plot(x[best], val_loss[best], "v", color=PALETTE[1], mec="k", label="lowest")
    ax.set(xlabel="epoch", ylabel="loss (nats per example)", ylim=(0, None))
    ax.legend()
    return ax


def decision_boundary(
    model: Model, X: Array, y: Labels, ax: Axes | None = None, *, resolution: int = 200
) -> Axes:
    """Draw which class a model of two inputs predicts in the plane, with the data on top.

    Parameters
    ----------
    model : Model
        Anything with ``predict``.
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n,)
        Classes 0 … k − 1, at most seven.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    resolution : int
        Points of the grid along each axis.
    """
    X, y, resolution = real("X", X), np.asarray(y), whole("resolution", resolution, minimum=2)
    if X.ndim != 2 or X.shape[1] != 2:
        raise ValueError(f"X: expected points of the plane, shape (n, 2), got {X.shape}")
    same_length(X=X, y=y)
    k = int(y.max()) + 1
    if y.min() < 0 or k > len(PALETTE):
        raise ValueError(f"y: expected classes from 0 to {len(PALETTE) - 1}, got up to {y.max()}")
    ax = plt.subplots(figsize=(4, 4))[1] if ax is None else ax

    low, high = X.min(axis=0), X.max(axis=0)
    low, high = low - 0.1 * (high - low), high + 0.1 * (high - low)
    x1, x2 = np.linspace(low[0], high[0], resolution), np.linspace(low[1], high[1], resolution)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)
    predicted = np.reshape(model.predict(grid.reshape(-1, 2)), grid.shape[:2])

    levels = np.arange(-0.5, len(PALETTE))
    ax.contourf(x1, x2, predicted, levels, cmap=ListedColormap(PALETTE), alpha=0.25)
    inner = [level for level in levels if predicted.min() < level < predicted.max()]
    if inner:
        ax.contour(x1, x2, predicted, inner, colors="black", linewidths=1)
    for c in range(k):
        points: Any = X[y == c].T
        ax.plot(*points, MARKERS[c], color=PALETTE[c], mec="white", mew=0.7, label=f"class {c}")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    ax.grid(False)
    ax.legend(loc="upper right", frameon=True, framealpha=0.8)
    return ax
