"""The loss around the parameters, on a plane through a space of thousands of dimensions."""

import copy

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.patheffects import withStroke

from nnlib._typing import Array, Seed, Targets
from nnlib._validation import generator, instance, number, whole
from nnlib.evaluation import evaluate
from nnlib.losses import Loss
from nnlib.network import Sequential
from nnlib.plots.style import one_axes


def loss_surface(
    net: Sequential,
    loss: Loss,
    X: Array,
    y: Targets,
    ax: Axes | None = None,
    *,
    span: float = 1.0,
    resolution: int = 25,
    rng: Seed = 0,
) -> Axes:
    """Draw L(θ + a u + b v) over a and b: the loss on a plane around the present parameters θ.

    u and v are random directions, and each filter of theirs (the weights into one unit) is as long
    as the filter of θ that it moves: so surfaces of different networks can be compared. Biases, and
    all other vectors, stay. Between two lines lies the same share of the plane.

    Parameters
    ----------
    net, loss : Sequential, Loss
        The network runs in test mode, as a copy.
    X, y : ndarray of shape (n, d_in), targets
        The examples whose mean loss is drawn, at resolution² points: a few hundred are plenty.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    span : float
        a and b go from −span to span; at 1 the step is as long as the weights themselves.
    resolution : int
        Points of the grid along each axis.
    rng : int or numpy.random.Generator
        Chooses the directions.

    Source: Li, Xu, Taylor, Studer and Goldstein (2018), *Visualizing the loss landscape of neural
    nets*, section 4.
    """
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    span, resolution = number("span", span, strict=True), whole("resolution", resolution, minimum=3)
    rng = generator(rng)
    twin = copy.deepcopy(net)
    centre = evaluate(twin, loss, X, y)["loss"]
    u, v = filter_normalised(net, rng), filter_normalised(net, rng)
    values = np.empty((resolution, resolution))
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.linspace(-span, span, resolution)
        for i, b in enumerate(steps.tolist()):
            for j, a in enumerate(steps.tolist()):
                twin.params = net.params + a * u + b * v
                values[i, j] = _finite_loss(twin, loss, X, y, span)
    ax = one_axes(ax, (4.6, 4.6))
    _contours(ax, steps, values)
    label = f"present parameters, loss {centre:.3g}"
    ax.plot(0, 0, "*", color="white", mec="black", ms=14, label=label, linestyle="none")
    ax.set(xlabel="step along u", ylabel="step along v", aspect="equal")
    ax.locator_params(nbins=5)
    ax.grid(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1))
    return ax


def filter_normalised(net: Sequential, rng: np.random.Generator) -> Array:
    """Draw a direction d in the space of parameters: d_i ← d_i ‖θ_i‖ / ‖d_i‖ for each filter i.

    A filter is a column of W (d_in, d_out), or W[o] of a convolution's W (c_out, c_in, k, k).
    """
    direction = copy.deepcopy(net)
    direction.params = np.zeros(net.params.size)
    ours, theirs = net.named_layers(), direction.named_layers()
    for where, layer in ours.items():
        for name, shape in layer.shapes().items():
            if len(shape) < 2:
                continue
            W, D = getattr(layer, name), rng.normal(size=shape)
            axes = 0 if len(shape) == 2 else tuple(range(1, len(shape)))
            D *= np.sqrt((W * W).sum(axes, keepdims=True) / (D * D).sum(axes, keepdims=True))
            setattr(theirs[where], name, D)
    return direction.params


def _finite_loss(net: Sequential, loss: Loss, X: Array, y: Targets, span: float) -> float:
    """Return the loss, or tell that the plane is too wide."""
    try:
        value = evaluate(net, loss, X, y)["loss"]
    except FloatingPointError:  # outputs that are not finite
        value = np.nan
    if not np.isfinite(value):
        raise ValueError(
            f"span: expected a finite loss on the whole plane, got {value} for span={span:g}: "
            "take a smaller span"
        )
    return value


def _contours(ax: Axes, steps: Array, values: Array) -> None:
    """Draw lines with their values between areas of equal size."""
    levels = np.unique(np.quantile(values, np.linspace(0, 1, 11)))
    if levels[-1] - levels[0] <= 1e-9 * abs(levels[0]):  # a plateau: one area, no line
        levels = np.array([levels[0] - 1, levels[0] + 1])
    norm = BoundaryNorm(levels, 256)
    ax.contourf(steps, steps, values, levels, cmap="cividis", norm=norm)
    if len(levels) > 2:
        lines = ax.contour(steps, steps, values, levels[1:-1], colors="white", linewidths=0.8)
        for text in ax.clabel(lines, fmt="%.3g", fontsize=8, colors="black"):
            text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
