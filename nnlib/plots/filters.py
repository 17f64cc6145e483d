"""What filters look for, and what they find: weights as images, and the maps of one image."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from nnlib._typing import Array, Shape
from nnlib._validation import finite, instance
from nnlib.layers import BatchNorm, Chain, Conv2D, Layer
from nnlib.layers.activation import ACTIVATIONS
from nnlib.network import Sequential
from nnlib.plots.inside import Pass, one_example, passes
from nnlib.plots.style import (
    Panels,
    bare,
    columns_of,
    images,
    in_colour,
    panels,
    points_of,
    text_color,
    tiles,
)

SIGNED = "RdBu_r"
"""Blue below 0, white at 0, red above: colour-blind readers can tell these two apart, too."""

MOST = 48
"""Images in a picture: more would be too small."""


def filters(layer: Layer, shape: Shape | None = None, ax: Axes | None = None) -> Axes:
    """Draw the weights of each filter, or unit, as an image; all of them in one picture.

    Where a weight is red, a bright pixel makes Z larger, where it is blue, smaller (with a − in it
    if there is room), and where it is white, pixels do not matter. The scale of colours is one for
    all, symmetric about 0. Numbers count the filters, or units, from 0. Of a `Conv2D` with several
    input channels each filter is a column, with an image for each channel.

    Parameters
    ----------
    layer : Conv2D, Dense or another layer with a ``W``, or Sequential
        A layer of a network; or a network, or block: its first layer with a ``W``.
    shape : tuple of int
        (height, width) of the images that a `Dense` layer reads as rows; None: they are square.
    ax : matplotlib Axes
        Where to draw; None: a new figure. At most 48 images are drawn, or 24 filters of 16
        channels; what is left out is said below.

    Examples
    --------
    >>> import nnlib as nn
    >>> ax = filters(nn.Sequential(nn.Conv2D(1, 6, 3), nn.ReLU()))
    >>> len(ax.images), ax.get_xlabel()
    (6, '6 filters')
    """
    instance("layer", layer, Layer, "pass net, or net.layers[0]")
    W = _weights("layer", layer)
    word, pictures = "filter" if W.ndim == 4 else "unit", _pictures(W, shape)
    n, c = pictures.shape[:2]
    count = min(n, MOST if c == 1 else 24)
    pictures = pictures[:count, :16].swapaxes(0, 1).reshape(-1, *pictures.shape[2:])
    names = [str(i) if c == 1 else "" for i in range(len(pictures))]
    columns = count if c > 1 else columns_of(count)
    limit = float(np.abs(W).max()) or 1.0
    drawn = tiles([*pictures], names, columns, ax, cmap=SIGNED, vmin=-limit, vmax=limit)
    ax = drawn[0].axes
    if c > 1:
        _channels(drawn, count, c)
    ax.set(xlabel=_how_many(count, n, word))
    _minus_signs(drawn, pictures)
    ax.figure.colorbar(drawn[0], ax=ax, label="weight", aspect=25, pad=0.02)
    return ax


def _channels(drawn: list[AxesImage], columns: int, c: int) -> None:
    """Number the columns by filter and the rows by input channel."""
    ax, rows = drawn[0].axes, len(drawn) // columns
    centres = np.array([np.reshape(image.get_extent(), (2, 2)).mean(axis=1) for image in drawn])
    step = math.ceil(12 / points_of(ax))  # a number of two digits is 10 points wide
    ax.set_xticks(centres[:columns:step, 0], [str(i) for i in range(0, columns, step)], size=8)
    ax.set_yticks(centres[:: step * columns, 1], [str(i) for i in range(0, rows, step)], size=8)
    ax.tick_params(length=0)
    ax.set(ylabel=_how_many(rows, c, "input channel"))


def _how_many(count: int, n: int, word: str) -> str:
    """Say how many there are, and how many of them are seen."""
    first = "" if count == n else f"first {count} of "
    return f"{first}{n} {word}" + "s" * (n > 1)


def _minus_signs(drawn: list[AxesImage], pictures: Array) -> None:
    """Write a − into each pixel below 0, if a pixel is as large as a letter."""
    ax, w = drawn[0].axes, pictures.shape[2]
    points = points_of(ax) / w
    if points < 6:
        return
    corners = np.array([image.get_extent() for image in drawn])
    m, i, j = np.nonzero(pictures < 0)
    x, y = corners[m, 0] + (j + 0.5) / w, corners[m, 3] + (i + 0.5) / w
    colors = [text_color(color[:3]) for color in drawn[0].to_rgba(pictures[m, i, j])]
    ax.scatter(x, y, (0.4 * points) ** 2, colors, marker="_", linewidths=0.8)


def first_layer_weights(net: Sequential, shape: Shape | None = None, axes: Any = None) -> Panels:
    """Draw what each unit of the first layer looks for: its weights as an image.

    Blue pixels make the unit's Z smaller, red ones larger, white ones do not matter; the scale is
    one for all units. Of a convolution each filter is an image, input channel by input channel.
    `filters` draws all of them into a single Axes.

    Parameters
    ----------
    net : Sequential
        The first layer with a ``W`` is shown.
    shape : tuple of int
        (height, width) of the images that a `Dense` layer reads as rows; None: they are square.
    axes : array of matplotlib Axes
        Where to draw, one for each unit to show; None: a new figure for up to 48 units.

    Returns
    -------
    array of matplotlib Axes
    """
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    W = _weights("net", net)
    pictures = _pictures(W, shape)
    pictures = pictures.reshape(-1, *pictures.shape[2:])
    n, new = len(pictures), axes is None
    count = min(n, MOST if new else np.size(axes))
    columns, height = (12, 0.62) if count > 32 else (8, 0.9)
    axes = panels(max(count, 1), axes, columns, height)

    limit = float(np.abs(W).max()) or 1.0
    for ax, picture in zip(axes.flat, pictures, strict=False):
        image = ax.imshow(picture, cmap=SIGNED, vmin=-limit, vmax=limit)
        bare(ax)
        ax.spines[:].set(visible=True, linewidth=0.5, color="0.6")
    figure = axes.flat[0].figure
    figure.colorbar(image, ax=axes.ravel().tolist(), label="weight", aspect=30, pad=0.01)
    if new:
        which = f"{n} units" if count == n else f"first {count} of {n} units"
        figure.suptitle(f"first layer's weights, {which}", size=10)
    return axes


def _weights(name: str, layer: Layer) -> Array:
    """Find the W of a layer, or the first one of a network."""
    for part in layer.named_layers().values() if isinstance(layer, Chain) else [layer]:
        if "W" in part.shapes():
            W: Array = getattr(part, "W")  # noqa: B009
            finite("W", W, "the network has diverged: train with a smaller learning rate")
            return W
    raise ValueError(f"{name}: expected a layer with weights W, got none: add nnlib.Dense(…)")


def _pictures(W: Array, shape: Shape | None) -> Array:
    """Turn weights into images, shape (units, channels, height, width)."""
    # (d_in, d_out) has a unit in each column, (c_out, c_in, k, k) has images.
    pictures = images("W.T", W.T, shape)[:, np.newaxis] if W.ndim == 2 else W
    if pictures.ndim != 4:
        raise ValueError(
            f"shape: expected a height and a width, got {shape}: pass shape=(height, width)"
        )
    return pictures


def feature_maps(
    net: Sequential, x: Array, layer: int | str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what each channel of a layer shows of one image: where its filter finds what it seeks.

    The first picture is the image that the convolution reads; the others are numbered as the
    filters are. Red pixels are above 0, blue ones below, white ones 0, on one scale for all
    channels: after a ReLU nothing is blue. A map that is white everywhere has found nothing.

    Parameters
    ----------
    net : Sequential
        Runs in test mode, as a copy.
    x : ndarray of the shape of one example
        As the network takes it: ``X[0]``, or with a preparation ``model.prepare(X[:1])[0]``.
    layer : int or str
        Number of the layer, or its name in ``net.named_layers()``, such as ``"2.0"``; None: the
        first convolution, after its activation.
    ax : matplotlib Axes
        Where to draw; None: a new figure. At most 47 maps are drawn; what is left out is said.

    Source: Zeiler and Fergus (2014), *Visualizing and understanding convolutional networks*.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> net = nn.Sequential(nn.Conv2D(1, 3, 3), nn.ReLU())
    >>> ax = feature_maps(net, np.eye(8)[np.newaxis])
    >>> [text.get_text() for text in ax.texts], ax.get_xlabel()
    (['input', '0', '1', '2'], '3 channels after 1 ReLU')
    """
    instance("net", net, Sequential, "pass a network, model.net for that of a model")
    seen = passes(net, one_example(x)[np.newaxis])
    name = _asked(seen, layer)
    title, maps = seen[name].title, seen[name].A[0]
    finite(f"maps after {title}", maps, "train with a smaller learning rate")
    first = _read(seen)
    shown = maps[: MOST - len(first)]
    pictures, names = [*first, *shown], [*["input"] * len(first), *map(str, range(len(shown)))]
    limit, columns = float(np.abs(maps).max()) or 1.0, columns_of(len(pictures))
    drawn = tiles(pictures, names, columns, ax, cmap=SIGNED, vmin=-limit, vmax=limit)
    if first:
        drawn[0].set(cmap="gray_r", clim=(first[0].min(), first[0].max()))
    ax = drawn[0].axes
    ax.set(xlabel=f"{_how_many(len(shown), len(maps), 'channel')} after {title}")
    bar = ax.figure.colorbar(drawn[-1], ax=ax, label="output", aspect=25, pad=0.02)
    if maps.any():
        bar.ax.set_ylim(min(0, maps.min()), max(0, maps.max()))
    return ax


def _read(seen: dict[str, Pass]) -> list[Array]:
    """Return the image that the first convolution reads, if one can look at it."""
    read = [p.X for p in seen.values() if p.X.ndim == 4][:1]
    return [in_colour(images("x", X, None))[0] for X in read if X.shape[1] in (1, 3)]


def _asked(seen: dict[str, Pass], layer: int | str | None) -> str:
    """Find the layer whose maps are asked for."""
    names = [name for name, p in seen.items() if p.A.ndim == 4]
    if not names:
        raise ValueError("net: expected a layer that gives maps, got none: add nnlib.Conv2D(…)")
    if layer is not None and str(layer) not in names:
        raise ValueError(
            f"layer: expected one that gives maps, {', '.join(seen[n].title for n in names)}, got "
            f"{layer!r}: pass its name, layer={names[0]!r}"
        )
    if layer is not None:
        return str(layer)
    name = next((n for n in names if isinstance(seen[n].layer, Conv2D)), names[0])
    for after in [*seen][[*seen].index(name) + 1 :]:
        if isinstance(seen[after].layer, ACTIVATIONS):
            return after
        if not isinstance(seen[after].layer, BatchNorm):
            break
    return name
