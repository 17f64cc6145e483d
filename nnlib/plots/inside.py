"""Inside a network: first weights as images, activations and gradients layer by layer.

A network that is looked at is not changed: what runs is a copy.
"""

import copy
from typing import Any

import numpy as np

from nnlib._arrays import array
from nnlib._typing import Array, Shape, Targets
from nnlib._validation import finite, instance
from nnlib.losses import Loss
from nnlib.network import Sequential
from nnlib.plots.style import PALETTE, Panels, bare, images, panels


def first_layer_weights(net: Sequential, shape: Shape | None = None, axes: Any = None) -> Panels:
    """Draw what each unit of the first layer looks for: its weights as an image.

    Blue pixels make the unit's Z smaller, red ones larger, white ones do not matter; the scale is
    one for all units. Of a convolution each filter is an image, input channel by input channel.

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
    W = _first_weights(net)
    # (d_in, d_out) has a unit in each column, (c_out, c_in, k, k) has images.
    pictures = images("W.T", W.T, shape) if W.ndim == 2 else W.reshape(-1, *W.shape[2:])
    if pictures.ndim != 3:
        raise ValueError(
            f"shape: expected a height and a width, got {shape}: pass shape=(height, width)"
        )
    finite("W", W, "the network has diverged: train with a smaller learning rate")
    n, new = len(pictures), axes is None
    count = min(n, 48 if new else np.size(axes))
    columns, height = (12, 0.62) if count > 32 else (8, 0.9)
    axes = panels(max(count, 1), axes, columns, height)

    limit = float(np.abs(W).max()) or 1.0
    for ax, picture in zip(axes.flat, pictures, strict=False):
        image = ax.imshow(picture, cmap="RdBu_r", vmin=-limit, vmax=limit)
        bare(ax)
        ax.spines[:].set(visible=True, linewidth=0.5, color="0.6")
    figure = axes.flat[0].figure
    figure.colorbar(image, ax=axes.ravel().tolist(), label="weight", aspect=30, pad=0.01)
    if new:
        which = f"{n} units" if count == n else f"first {count} of {n} units"
        figure.suptitle(f"first layer's weights, {which}", size=10)
    return axes


def activation_histograms(net: Sequential, X: Array, axes: Any = None) -> Panels:
    """Draw how the outputs of each layer are distributed, on one scale for all layers.

    Parameters
    ----------
    net : Sequential
        Runs in test mode, as a copy.
    X : ndarray of shape (n, d_in)
        A few hundred examples.
    axes : array of matplotlib Axes
        Where to draw, one for each layer; None: a new figure.

    Returns
    -------
    array of matplotlib Axes

    Source: Glorot and Bengio (2010), *Understanding the difficulty of training deep feedforward
    neural networks*, whose figures these are.
    """
    twin = _copy(net)
    X = array("X", X)
    twin.forward(X)  # checks X
    A, arrays = X.astype(twin.dtype), {}
    for i, layer in enumerate(twin.layers):
        A = layer.forward(A)
        arrays[f"{i} {type(layer).__name__}"] = A
    return _histograms(arrays, "activation", axes)


def gradient_histograms(
    net: Sequential, loss: Loss, X: Array, y: Targets, axes: Any = None
) -> Panels:
    """Draw how ∂L/∂θ is distributed in each layer with parameters, on one scale for all layers.

    Parameters
    ----------
    net, loss : Sequential, Loss
        Run in training mode; the network as a copy.
    X, y : ndarray of shape (n, d_in), targets
        One batch.
    axes : array of matplotlib Axes
        Where to draw, one for each layer with parameters; None: a new figure.

    Returns
    -------
    array of matplotlib Axes
    """
    twin = _copy(net)
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    _, dZ = loss.value_and_grad(twin.forward(X, train=True), y)
    twin.backward(dZ)
    arrays = {}
    for i, layer in enumerate(twin.layers):
        gradients = [getattr(layer, f"d{name}").ravel() for name in layer.shapes()]
        if gradients:
            arrays[f"{i} {type(layer).__name__}"] = np.concatenate(gradients)
    if not arrays:
        raise ValueError("net: expected a layer with parameters, got none: add nnlib.Dense(…)")
    return _histograms(arrays, "∂L/∂θ", axes)


def _histograms(arrays: dict[str, Array], quantity: str, axes: Any) -> Panels:
    """Draw a histogram of each array, all over one axis of values; exact zeros are only told."""
    remedy = "train with a smaller learning rate, or start from smaller weights"
    for name, values in arrays.items():
        finite(f"{quantity} of layer {name}", values, remedy)
    limit = max(float(np.abs(values).max()) for values in arrays.values()) or 1.0
    new = axes is None
    axes = panels(len(arrays), axes, 4, 1.8, sharex=True)
    for ax, (name, values) in zip(axes.flat, arrays.items(), strict=False):
        flat = values.astype(np.float64).ravel()
        margin = limit / 1000  # a width even for values that are all the same
        edges = np.linspace(flat.min() - margin, flat.max() + margin, 41)
        drawn = flat[flat != 0]
        ax.hist(drawn, edges, weights=np.full(drawn.size, 1 / flat.size), color=PALETTE[0])
        zeros = f", {1 - drawn.size / flat.size:.0%} zero" if drawn.size < flat.size else ""
        ax.set_title(f"{name}\nstd {limit * (flat / limit).std():.2g}{zeros}", size=9)
        ax.set(xlim=(-1.05 * limit, 1.05 * limit))
        ax.locator_params(axis="x", nbins=3)
        ax.tick_params(labelbottom=True)
        if new:
            ax.set(yticks=[])
    figure = axes.flat[0].figure
    if new:
        figure.supxlabel(quantity, size=10)
        figure.supylabel("share of values ≠ 0", size=10)
    return axes


def _copy(net: Sequential) -> Sequential:
    """Check a network and copy it."""
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    return copy.deepcopy(net)


def _first_weights(net: Sequential) -> Array:
    """Find the first layer with a W."""
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    for layer in net.layers:
        if "W" in layer.shapes():
            W: Array = getattr(layer, "W")  # noqa: B009
            return W
    raise ValueError("net: expected a layer with weights W, got none: add nnlib.Dense(…)")
