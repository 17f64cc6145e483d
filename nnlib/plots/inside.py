"""Inside a network: activations and gradients layer by layer.

A network that is looked at is not changed: what runs is a copy.
"""

import copy
from typing import Any, NamedTuple

import numpy as np

from nnlib._arrays import array
from nnlib._evidence import inside
from nnlib._typing import Array, Targets
from nnlib._validation import finite, instance, real
from nnlib.layers import Layer
from nnlib.losses import Loss
from nnlib.network import Sequential
from nnlib.plots.style import PALETTE, Panels, panels


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
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    arrays = {seen.title: seen.A for seen in passes(net, X).values()}
    return _histograms(arrays, "activation", axes)


def gradient_histograms(
    net: Sequential, loss: Loss, X: Array, y: Targets, axes: Any = None
) -> Panels:
    """Draw how ∂L/∂θ is distributed in each layer that is trained, on one scale for all layers.

    Parameters
    ----------
    net, loss : Sequential, Loss
        Run in training mode; the network as a copy.
    X, y : ndarray of shape (n, d_in), targets
        One batch.
    axes : array of matplotlib Axes
        Where to draw, one for each layer that is trained; None: a new figure.

    Returns
    -------
    array of matplotlib Axes
    """
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    twin = copy.deepcopy(net)
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    _, dZ = loss.value_and_grad(twin.forward(X, train=True), y)
    twin.backward(dZ)
    arrays = {}
    for where, layer in twin.named_layers().items():
        if layer.trainable:
            gradients = [getattr(layer, f"d{name}").ravel() for name in layer.shapes()]
            arrays[f"{where} {type(layer).__name__}"] = np.concatenate(gradients)
    if not arrays:
        remedy = "set net.frozen = False" if net.size else "add nnlib.Dense(…)"
        raise ValueError(f"net: expected a layer with parameters to train, got none: {remedy}")
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


class Pass(NamedTuple):
    """What a layer got and gave, and what it is called: ``0 Dense``."""

    title: str
    layer: Layer
    X: Array
    A: Array


def passes(net: Sequential, X: Any) -> dict[str, Pass]:
    """Pass a batch through a copy of a network, in test mode, and keep what each layer gives."""
    layers, seen = net.named_layers(), inside(net, net.check_input(X))
    return {
        name: Pass(f"{name} {type(layers[name]).__name__}", layers[name], *both)
        for name, both in seen.items()
    }


def one_example(x: Any) -> Array:
    """Check a single image; a batch of one is one, too."""
    x = real("x", array("x", x))
    if x.ndim in (2, 4) and len(x) == 1:
        x = x[0]
    if x.ndim not in (1, 3) or x.size == 0:
        raise ValueError(
            f"x: expected one example, a row (d,) or an image (c, h, w), got shape {x.shape}: pass "
            "X[0] of several; of an image (h, w) numpy.ravel(x) for Dense, x[numpy.newaxis] for "
            "Conv2D"
        )
    finite("x", x, "fill in what is missing, or choose another example")
    return x
