"""Saliency: which inputs a network's answer hangs on, by the gradient of the loss there."""

import copy
from typing import Any

import numpy as np

from ._typing import Array
from ._validation import all_finite, instance, quiet_overflow, trusted_data
from .evaluation import exploded, in_batches
from .examples import checked_examples
from .model import Model


def input_gradient(model: Model, X: Any, y: Any) -> Array:
    """G_r = ∂L_r/∂X_r: how the loss of each example changes with each of its inputs.

    The network is in test mode, on a copy: dropout drops nothing, no running mean moves. Each row
    is the gradient of its own loss, with no 1/n. A model that prepares its inputs gives the
    gradient with respect to the prepared ones, which the network sees.

    Parameters
    ----------
    model : Model
        Whose network and loss are asked.
    X, y : array_like of shape (n, …), targets
        The examples; what does not lie in memory is read batch by batch.

    Returns
    -------
    ndarray of the shape of X, as the network sees it
        In units of the loss for one unit of an input.

    Raises
    ------
    FloatingPointError
        If it is not finite, because training diverged.

    Source: Simonyan, Vedaldi and Zisserman (2014), *Deep inside convolutional networks: visualising
    image classification models and saliency maps*, section 3.

    Examples
    --------
    >>> import nnlib as nn
    >>> model = nn.Model(nn.Sequential(nn.Dense(2, 1)), nn.MeanSquaredError(), nn.SGD())
    >>> model.net.layers[0].W = [[3.0], [0.5]]
    >>> input_gradient(model, [[1.0, 2.0]], [0.0])       # 2 (Z − y) Wᵀ with Z = 4
    array([[24.,  4.]])
    """
    instance("model", model, Model, "nnlib.Model(net, loss, optimizer)")
    net, loss = copy.deepcopy(model.net), model.loss
    net.frozen = True  # test mode, with what backward needs
    data = checked_examples(net, loss, model._inputs(X), model._answers("y", y))
    parts: list[Any] = []
    for rows in in_batches(net, len(data), data.shape):
        batch = data.take(rows)
        with trusted_data(), quiet_overflow():
            Z = net.forward(batch.X, train=True)
            _, dZ = loss.value_and_grad(Z, batch.y, None, 1.0)
            parts.append(net.backward(dZ, input_grad=True))
    G: Array = np.concatenate(parts)
    if not all_finite(G):
        raise FloatingPointError(exploded("gradient of the inputs", net))
    return G
