"""Which pixels of an image the loss listens to."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage

from nnlib._arrays import array
from nnlib._typing import Array, Shape
from nnlib.model import Model
from nnlib.plots.inside import one_example
from nnlib.plots.style import images, in_colour, tiles
from nnlib.saliency import input_gradient


def saliency(
    model: Model, x: Array, y: Any, ax: Axes | None = None, *, shape: Shape | None = None
) -> Axes:
    """Draw an image, and beside it how much the loss changes with each of its pixels.

    On the right a pixel is the brighter the larger abs(∂L/∂x) is there, of colours the largest of
    the three: a small change of bright pixels changes the loss most, dark ones the model does not
    look at. The outline of the image, in white, says where they lie. Where the model is sure and
    right, L is nearly 0, and so is its gradient: look at the scale.

    Parameters
    ----------
    model : Model
        Is asked by `nnlib.input_gradient`; with a preparation ∂L/∂x is that of prepared inputs.
    x : ndarray of shape (d,) or (c, h, w)
        One example, as `Model.predict` takes it: ``X[0]``.
    y : label, or target of the example
        Towards what: its true class, as in `Model.fit`, or another, to see what speaks against it.
    ax : matplotlib Axes
        Where to draw; None: a new figure.
    shape : tuple of int
        (height, width) of an image that comes as a row; None: it is square.

    Source: Simonyan, Vedaldi and Zisserman (2014), *Deep inside convolutional networks: visualising
    image classification models and saliency maps*, section 3.

    Examples
    --------
    >>> import numpy as np, nnlib as nn
    >>> net = nn.Sequential(nn.Dense(4, 2))
    >>> model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1))
    >>> ax = saliency(model, np.array([0.0, 1.0, 0.5, 0.0]), 1)
    >>> [text.get_text() for text in ax.texts]
    ['x, y = 1', '|∂L/∂x|']
    """
    x, y = one_example(x), array("y", [y] if isinstance(y, str) else y)
    G = input_gradient(model, x[np.newaxis], y if y.shape[:1] == (1,) else y[np.newaxis])
    seen = x if x.size == G.size else model._inputs(x[np.newaxis])  # as where it cuts off a border
    picture = in_colour(images("x", np.reshape(seen, G.shape), shape))[0]
    S = images("x", np.abs(G), shape)[0]
    S = S.max(axis=-1) if S.ndim == 3 else S

    name = f"x, y = {y.ravel()[0]}" if y.size == 1 else "x"
    scale = {"cmap": "cividis", "vmin": 0, "vmax": float(S.max()) or 1.0}
    left, right = tiles([picture, S], [name, "|∂L/∂x|"], 2, ax, largest=2.6, **scale)
    left.set(cmap="gray_r", clim=(picture.min(), picture.max()))
    if picture.ndim == 2:
        _outline(right, picture)
    unit = model.loss.unit.partition(" ")[0]
    label = f"|∂L/∂x| ({unit} per unit of x)" if unit else "|∂L/∂x|"
    right.axes.figure.colorbar(right, ax=right.axes, label=label, aspect=25, pad=0.02)
    return right.axes


def _outline(tile: AxesImage, picture: Array) -> None:
    """Draw, over a tile, the line between the darker and the brighter half of an image's values."""
    (h, w), (x, _, _, y), (low, high) = (
        picture.shape,
        tile.get_extent(),
        (picture.min(), picture.max()),
    )
    if min(h, w) > 1 and low < high:
        places = x + (np.arange(w) + 0.5) / w, y + (np.arange(h) + 0.5) / w
        tile.axes.contour(*places, picture, [(low + high) / 2], colors="white", linewidths=0.8)
