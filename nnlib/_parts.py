"""Whether the parts of a model fit together, and why their numbers explode."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ._arrays import array, gives_rows
from ._typing import Array
from ._validation import instance, kind_of, warn
from .examples import Batch
from .layers import Chain, Conv2D, Dense, Dropout, Flatten, Layer, Reshape, Softmax
from .layers.activation import ACTIVATIONS
from .losses import CrossEntropy, Loss
from .network import Sequential
from .optimizers import Optimizer
from .preparation import Preparation, some_rows


def check_parts(net: Any, loss: Any, optimizer: Any) -> None:
    """Make sure that a network, a loss and an optimizer came, in this order."""
    instance("net", net, Sequential, "nnlib.Sequential(nnlib.Dense(d_in, d_out))")
    instance("loss", loss, Loss, "nnlib.SoftmaxCrossEntropy()")
    instance("optimizer", optimizer, Optimizer, "nnlib.Adam(lr=0.001)")
    if net.inside:
        raise ValueError(
            "net: expected a network with vectors of its own, got one that stands inside another: "
            "train the one around it, or a copy, copy.deepcopy(net)"
        )
    _warn_of_twins(net)
    check_link(net, loss)


def _warn_of_twins(net: Sequential) -> None:
    """Warn of networks inside that were given the same seed."""
    seen: dict[bytes, str] = {}
    for where, layer in net.named_layers().items():
        if "." in where and isinstance(layer, (Dense, Conv2D)) and layer.W.std():
            twin = seen.setdefault(layer.W.tobytes(), where)
            if twin != where:
                warn(
                    f"net: layers {twin} and {where}, {layer!r}, have the same weights: give each "
                    "network that stands inside another an rng of its own, Sequential(…, rng=1)"
                )
                return


def _in_a_row(chain: Chain) -> Iterator[Layer]:
    """List the layers that come one after the other, those of networks inside, too."""
    for layer in chain.layers:
        yield from _in_a_row(layer) if isinstance(layer, Sequential) else [layer]


def check_link(net: Sequential, loss: Loss) -> None:
    """Make sure that the last layers and the loss fit in meaning, not in shape alone.

    Raises
    ------
    ValueError
        If an activation comes right before a loss with a link of its own, or logits before one
        on probabilities.
    """
    layers = [a for a in _in_a_row(net) if not isinstance(a, (Dropout, Flatten, Reshape))]
    last = layers[-1] if layers else None
    activation = isinstance(last, ACTIVATIONS)
    if loss.link and activation:
        what, then = "logits", "predict_proba gives probabilities"
        if not loss.classification:
            what, then = "the logarithms of rates", "predict gives rates"
        raise ValueError(
            f"net: expected {what} for {loss!r}, which has its own {loss.link} inside, got the "
            f"outputs of {last!r}: leave the last {last!r} out; {then}"
        )
    if isinstance(loss, CrossEntropy) and (
        isinstance(last, (Dense, Conv2D)) or (activation and not isinstance(last, Softmax))
    ):
        raise ValueError(
            f"net: expected probabilities for {loss!r}, got the outputs of {last!r}: use "
            "SoftmaxCrossEntropy() on them, or end the network in Softmax()"
        )
    if any(isinstance(a, Softmax) and a is not last for a in net.named_layers().values()):
        warn(
            "net: a Softmax in the middle of the network makes its outputs small and alike, and "
            "gradients vanish; use ReLU() there, and no Softmax at the end of a network whose "
            "loss is SoftmaxCrossEntropy()"
        )


def divergence(
    net: Sequential, loss: Loss, optimizer: Optimizer, batch: Batch, value: float
) -> str:
    """Say what is no longer finite, where, and why that may be."""
    what = "gradient" if math.isfinite(value) else "loss"
    layers = net.named_layers()
    gradients = [[getattr(a, f"d{name}") for name in a.shapes()] for a in layers.values()]
    largest = [np.max([0.0, *(np.abs(g).max() for g in layer)]) for layer in gradients]
    where = [*layers][int(np.argmax(largest))]  # a NaN counts as the largest
    return (
        f"the {what} is no longer a finite number, with {optimizer!r}. The parameters are those "
        f"of the last completed step; the largest gradient is in layers[{where}], "
        f"{layers[where]!r}. The likely cause is {_cause(loss, batch)}"
    )


LARGE = 30.0
"""Inputs and targets beyond this are not of about 1: in steps of learning they count squared."""


def _cause(loss: Loss, batch: Batch) -> str:
    """Name what usually makes training diverge, by what the batch looks like."""
    largest, target = float(np.abs(batch.X).max()), float(np.abs(batch.y).max())
    if largest > LARGE:
        axis = "axis=0" if batch.X.std(axis=0).all() else ""  # pixels may always be 0
        return (
            f"inputs that are not scaled: X goes up to {largest:.4g}; bring each feature to about "
            f"1, (X - X.mean({axis})) / X.std({axis}) with the numbers of the training data"
        )
    if not (loss.classification or loss.link) and target > LARGE:  # a rate is not shifted
        return (
            f"targets that are not scaled: y goes up to {target:.4g}; learn "
            "(y - y.mean()) / y.std(), and undo that in the predictions"
        )
    return "a learning rate that is too large: try a tenth of it"


def check_preparation(prepare: Any) -> None:
    """Check what a model prepares with: nothing, a preparation, or a class that `fit` makes one of.

    Raises
    ------
    TypeError
        For anything else, such as a class whose numbers are not found in data.
    """
    if not (isinstance(prepare, type) and issubclass(prepare, Preparation)):
        if prepare is not None:
            instance("prepare", prepare, Preparation, "nnlib.Standardize.fit(X_train)")
    elif getattr(getattr(prepare, "fit", None), "__self__", None) is not prepare:
        raise TypeError(
            "prepare: expected a class whose classmethod fit finds its numbers in X, such as "
            f"nnlib.Standardize, got {prepare.__name__}: make one, {prepare.__name__}(…)"
        )


def fitted(kind: Any, X: Array) -> Preparation:
    """Let a class make a preparation of training data."""
    made: Preparation = kind.fit(X)
    instance("prepare", made, kind, f"let {kind.__name__}.fit return what cls(…) makes")
    return made


def check_fitted(prepare: Preparation | type[Preparation] | None) -> Preparation | None:
    """Return what a model prepares with, if it has its numbers."""
    if isinstance(prepare, type):
        name = prepare.__name__
        raise RuntimeError(
            f"prepare: expected a {name} with its numbers, got the class, which the model's first "
            f"fit makes one of: call fit(X, y) first, or make the model with "
            f"prepare={name}.fit(X_train)"
        )
    return prepare


def rows_in_memory(kind: type[Preparation], X: Any) -> Array:
    """Return inputs as an array, of which rows can be taken to fit a preparation to."""
    if gives_rows(X):
        raise TypeError(
            f"X: expected an array in memory, to fit {kind.__name__} to, got a {kind_of(X)}, which "
            "is read row by row: fit it to rows that are trained on, prepare="
            f"{kind.__name__}.fit([X[i] for i in rows])"
        )
    X = array("X", X)
    some_rows(X, "numpy.reshape(X, (-1, 1)) of a single feature")
    return X
