"""What a model says: its regions in the plane, its mistakes counted, its mistakes one by one."""

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from nnlib._arrays import array
from nnlib._labels import labels, one_label_each, pair
from nnlib._typing import Array, Labels, Shape
from nnlib._validation import finite, real, same_length, whole
from nnlib.model import Model
from nnlib.plots.style import (
    MARKERS,
    PALETTE,
    Panels,
    bare,
    images,
    in_colour,
    ink,
    one_axes,
    palette,
    panels,
    text_color,
)


def decision_boundary(
    model: Model, X: Array, y: Any, ax: Axes | None = None, *, resolution: int = 200
) -> Axes:
    """Draw which class a model of two inputs predicts in the plane, with the data on top.

    Parameters
    ----------
    model : Model
        Anything with ``predict``.
    X : array_like of shape (n, 2)
    y : array_like of shape (n,)
        At most seven classes: whole numbers, booleans or text. Where the model predicts other
        classes than these, as 0 and 1 for text or for −1 and 1, its class c is the c-th of
        ``numpy.unique(y)``, which is how people number them.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    resolution : int
        Points of the grid along each axis.
    """
    X, resolution = real("X", array("X", X)), whole("resolution", resolution, minimum=2)
    if X.ndim != 2 or X.shape[1] != 2 or len(X) == 0:
        raise ValueError(
            f"X: expected points of the plane, shape (n, 2), got {X.shape}: "
            "choose two columns, X[:, :2], and a model of these"
        )
    finite("X", X, "choose rows = numpy.isfinite(X).all(axis=1), X[rows] and y[rows]")
    y = _column("y", labels("y", y))
    same_length(X=X, y=y)
    x1, x2 = _around(X[:, 0], resolution), _around(X[:, 1], resolution)
    grid = np.stack(np.meshgrid(x1, x2), axis=-1)
    points = grid.reshape(-1, 2)
    predicted = _predicted(model, points)
    k = max(2, model.net.forward(points[:1]).shape[-1]) if isinstance(model, Model) else None
    names, y, predicted = _numbered(y, predicted, k)
    ax = one_axes(ax, (4, 4))
    _regions(ax, x1, x2, predicted.reshape(grid.shape[:2]))
    for c, name in enumerate(names):
        x: Any = X[y == c].T
        ax.plot(*x, MARKERS[c], color=palette(ax)[c], mec="white", mew=0.7, label=f"class {name}")
    ax.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    ax.grid(False)
    for text in ax.legend(loc="upper right", frameon=True, framealpha=0.8).get_texts():
        text.set_parse_math(False)  # a class may be called "$10–$20"
    return ax


def _around(x: Array, resolution: int) -> Array:
    """Return points from a little below the smallest x to a little above the largest."""
    low, high = x.min(), x.max()
    margin = 0.1 * (high - low) or max(1, abs(high))
    return np.linspace(low - margin, high + margin, resolution)


def _column(name: str, classes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one class for each example, shape (n,), also where they come as a column."""
    if classes.ndim == 2 and classes.shape[1] == 1:
        classes = classes[:, 0]
    one_label_each(name, classes)
    return classes.astype(np.int64) if classes.dtype.kind in "bu" else classes


def _predicted(model: Any, points: Array) -> npt.NDArray[Any]:
    """Return the class that a model predicts at each point."""
    if not callable(getattr(model, "predict", None)):
        raise TypeError(
            f"model: expected a Model, got {type(model).__name__}: pass nnlib.Model(net, loss, "
            "optimizer), or an object whose predict(X) returns a class for each row of X"
        )
    answer = model.predict(points)
    try:
        predicted = _column("model.predict(X)", labels("model.predict(X)", answer))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"model: expected one that predicts classes. {error}. In place of the model pass "
            "types.SimpleNamespace(predict=lambda X: …) that returns these"
        ) from None
    same_length(**{"X": points, "model.predict(X)": predicted})
    return predicted


def _numbered(
    y: npt.NDArray[Any], predicted: npt.NDArray[Any], k: int | None
) -> tuple[list[Any], Labels, Labels]:
    """Number the classes of the data and those of a model alike, and name them.

    A model that is known to number its k classes from 0 can't mean −1, k or text by them.
    """
    text, numbers = y.dtype.kind in "UT", predicted.dtype.kind not in "UT"
    names = np.unique(y)
    alike = text != numbers and (k is None or bool(names[0] >= 0 and names[-1] < k))
    fits = numbers and predicted.min() >= 0
    fits = fits and (predicted.max() < len(names) if k is None else k == len(names))
    if fits and not (alike and np.isin(predicted, names).all()):
        _seven(names)
        return names.tolist(), np.searchsorted(names, y), predicted
    if not alike:
        raise ValueError(
            f"y: expected the classes that the model predicts, such as {predicted[0]}, got "
            f"{', '.join(map(str, names[:7]))}: number or name them as they were in training; "
            "names = numpy.unique(y_train) and numpy.searchsorted(names, y) number them"
        )
    names = np.union1d(names, predicted)
    if not text and names[0] >= 0 and names[-1] < len(PALETTE):
        names = np.arange(names[-1] + 1)  # a class keeps its colour where another has no example
    _seven(names)
    return names.tolist(), np.searchsorted(names, y), np.searchsorted(names, predicted)


def _seven(names: npt.NDArray[Any]) -> None:
    """Refuse more classes than there are colours and markers."""
    if len(names) > len(PALETTE):
        raise ValueError(
            f"y: expected at most {len(PALETTE)} classes, got {len(names)}: choose some, with "
            "rows = numpy.isin(y, numpy.unique(y)[:7]), X[rows] and y[rows], and train on these"
        )


def _regions(ax: Axes, x1: Array, x2: Array, predicted: Labels) -> None:
    """Colour the regions of the classes, and draw the boundaries between them."""
    levels = np.arange(-0.5, len(PALETTE))
    ax.contourf(x1, x2, predicted, levels, cmap=ListedColormap(palette(ax)), alpha=0.25)
    inner = [level for level in levels if predicted.min() < level < predicted.max()]
    if inner:
        ax.contour(x1, x2, predicted, inner, colors=ink(ax), linewidths=1)


def confusion_matrix(counts: Labels, ax: Axes | None = None) -> Axes:
    """Draw a confusion matrix: a row for each true class, a column for each predicted one.

    The colour of a cell is its share of the row, on a scale (its square root) that shows small
    shares; the number in it is what was counted, left out where it would be too small to read.

    Parameters
    ----------
    counts : array_like of shape (k, k)
        From `nnlib.confusion_matrix`; or shares of something.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    """
    shares = real("counts", array("counts", counts), np.float64)
    if shares.ndim != 2 or shares.shape[0] != shares.shape[1] or shares.size == 0:
        raise ValueError(
            f"counts: expected a confusion matrix of shape (k, k), got {shares.shape}: "
            "pass nnlib.confusion_matrix(y, predictions)"
        )
    finite("counts", shares, "a class without examples has no shares: pass the counts")
    if shares.min() < 0:
        raise ValueError(f"counts: expected numbers of 0 or more, got {shares.min():g}")
    k, ax = len(shares), one_axes(ax, (4.8, 4.8))

    rows = shares.sum(axis=1, keepdims=True)
    colors = plt.get_cmap("Blues")(np.sqrt(shares / np.where(rows > 0, rows, 1)))
    ax.imshow(colors)
    _numbers(ax, shares, colors)
    ax.set(xlabel="predicted class", ylabel="true class")
    if k <= 20:
        ax.set(xticks=range(k), yticks=range(k))
    ax.grid(False)
    return ax


def _numbers(ax: Axes, shares: Array, colors: Array) -> None:
    """Write each number into its cell, counts in full, where there is room for 3 points."""
    k, digits = len(shares), ".0f" if (np.trunc(shares) == shares).all() else ".2f"
    longest = len(format(shares.max(), digits))
    points = 72 * min(ax.get_window_extent().size) / ax.figure.dpi
    # A digit is about 0.64 as wide as its size.
    size = min(10.0, 1.3 * points / k / longest, 0.8 * points / k)
    for i, j in np.ndindex(k, k) if size >= 3 else ():
        text, color = format(shares[i, j], digits), text_color(colors[i, j, :3])
        ax.text(j, i, text, color=color, size=size, ha="center", va="center")


def sample_predictions(
    X: Array,
    y: Any,
    predictions: Any,
    shape: Shape | None = None,
    axes: Any = None,
) -> Panels:
    """Draw images with "true → predicted" above each; a mistake has a ✗ and a thick frame.

    Parameters
    ----------
    X : array_like of shape (n, d), (n, h, w) or (n, c, h, w)
        Images, a few dozen; coloured ones that leave [0, 1] are scaled to it.
    y, predictions : array_like of shape (n,)
        True and predicted classes, or their names.
    shape : tuple of int
        (height, width) of an image that comes as a row; None: it is square.
    axes : array of matplotlib Axes
        Where to draw, n or more; None: a new figure, for at most 100 images.

    Returns
    -------
    array of matplotlib Axes
    """
    X = real("X", array("X", X))
    if X.ndim < 2 or X.size == 0:
        raise ValueError(
            f"X: expected at least one image, shape (n, d), got {X.shape}: "
            "for a single image use X[np.newaxis]"
        )
    finite("X", X, "leave these images out, in y and predictions as well")
    y, predictions = pair(y, predictions)
    one_label_each("y", y)
    n = same_length(X=X, y=y, predictions=predictions)
    pictures = in_colour(images("X", X, shape))
    if axes is None and n > 100:
        raise ValueError(
            f"X: expected at most 100 images, got {n}: choose some, say X[:24], y[:24] and "
            "predictions[:24]"
        )
    new = axes is None
    axes = panels(n, axes, 8, 1.15)

    low, high = float(X.min()), float(X.max())
    for ax, picture, true, predicted in zip(axes.flat, pictures, y, predictions, strict=False):
        wrong = true != predicted
        ax.imshow(picture, cmap="gray_r", vmin=low, vmax=high)
        bare(ax)
        title = f"{'✗ ' if wrong else ''}{true} → {predicted}"
        ax.set_title(title, size=10, parse_math=False)
        ax.spines[:].set(
            visible=True, linewidth=3.5 if wrong else 0.5, color=PALETTE[1] if wrong else "0.6"
        )
    if new:
        axes.flat[0].figure.suptitle("true → predicted (✗ and a thick frame: a mistake)", size=10)
    return axes
