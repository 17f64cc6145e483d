"""What a model says: its regions in the plane, its mistakes counted, its mistakes one by one."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from nnlib._typing import Array, Labels, Shape
from nnlib._validation import finite, real, same_length, whole
from nnlib.model import Model
from nnlib.plots.style import MARKERS, PALETTE, Panels, bare, images, one_axes, panels, text_color


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
    ax = one_axes(ax, (4, 4))

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


def confusion_matrix(counts: Labels, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: a row for each true class, a column for each predicted one.

    The colour of a cell is its share of the row, on a scale (its square root) that shows small
    shares; the number in it is what was counted.

    Parameters
    ----------
    counts : ndarray of shape (k, k)
        From `nnlib.confusion_matrix`; or shares of something.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    """
    shares = real("counts", counts, np.float64)
    if shares.ndim != 2 or shares.shape[0] != shares.shape[1] or shares.size == 0:
        raise ValueError(
            f"counts: expected a confusion matrix of shape (k, k), got {shares.shape}: "
            "pass nnlib.confusion_matrix(y, predictions)"
        )
    finite("counts", shares, "a class without examples has no shares: pass the counts")
    if shares.min() < 0:
        raise ValueError(f"counts: expected numbers of 0 or more, got {shares.min():g}")
    k, digits = len(shares), ".2f" if np.asarray(counts).dtype.kind == "f" else ".0f"
    ax = one_axes(ax, (4.8, 4.8))

    rows = shares.sum(axis=1, keepdims=True)
    colors = plt.get_cmap("Blues")(np.sqrt(shares / np.where(rows > 0, rows, 1)))
    ax.imshow(colors)
    texts = [[format(count, digits) for count in row] for row in shares.tolist()]
    longest = max(len(text) for row in texts for text in row)
    points = 72 * min(ax.get_window_extent().size) / ax.figure.dpi
    size = min(10.0, 1.3 * points / k / longest)  # a digit is about 0.64 as wide as its size
    for i in range(k):
        for j in range(k):
            color = text_color(colors[i, j, :3])
            ax.text(j, i, texts[i][j], color=color, size=size, ha="center", va="center")
    ax.set(xlabel="predicted class", ylabel="true class")
    if k <= 20:
        ax.set(xticks=range(k), yticks=range(k))
    ax.grid(False)
    return ax


def sample_predictions(
    X: Array,
    y: Labels,
    predictions: Labels,
    shape: Shape | None = None,
    axes: Any = None,
) -> Panels:
    """Draw images with "true → predicted" above each; a mistake has a ✗ and a thick frame.

    Parameters
    ----------
    X : ndarray of shape (n, d), (n, h, w) or (n, c, h, w)
        Images, a few dozen.
    y, predictions : ndarray of shape (n,)
        True and predicted classes.
    shape : tuple of int
        (height, width) of an image that comes as a row; None: it is square.
    axes : array of matplotlib Axes
        Where to draw, n or more; None: a new figure, for at most 100 images.

    Returns
    -------
    array of matplotlib Axes
    """
    X = real("X", X)
    if X.ndim < 2 or X.size == 0:
        raise ValueError(
            f"X: expected at least one image, shape (n, d), got {X.shape}: "
            "for a single image use X[np.newaxis]"
        )
    y, predictions = np.asarray(y), np.asarray(predictions)
    for name, labels in {"y": y, "predictions": predictions}.items():
        if labels.ndim != 1:
            raise ValueError(f"{name}: expected classes of shape (n,), got {labels.shape}")
    n = same_length(X=X, y=y, predictions=predictions)
    pictures = images("X", X, shape)
    if axes is None and n > 100:
        raise ValueError(f"X: expected at most 100 images, got {n}: choose some, say X[:24]")
    new = axes is None
    axes = panels(n, axes, 8, 1.15)

    low, high = float(X.min()), float(X.max())
    for ax, picture, true, predicted in zip(axes.flat, pictures, y, predictions, strict=False):
        wrong = true != predicted
        ax.imshow(picture, cmap="gray_r", vmin=low, vmax=high)
        bare(ax)
        ax.set_title(f"{'✗ ' if wrong else ''}{true} → {predicted}", size=10)
        ax.spines[:].set(
            visible=True, linewidth=3.5 if wrong else 0.5, color=PALETTE[1] if wrong else "0.6"
        )
    if new:
        axes.flat[0].figure.suptitle("true → predicted (✗ and a thick frame: a mistake)", size=10)
    return axes
