"""From settings to a network, a loss and an optimizer, and from one network to the next."""

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Targets
from nnlib.course.playground.recipe import carry_over
from nnlib.course.playground.settings import ACTIVATIONS, INITIALIZERS, MOST_UNITS, Settings
from nnlib.optimizers import BY_NAME

HUGE = 1e5
"""A loss or a weight above this counts as diverged: nothing is learned up there."""

Weight = tuple[int, int, int, float]
"""Layer (of the Dense layers, from 0), row (−1: the bias), column, and the value set there."""


def shapes(settings: Settings, outputs: int) -> list[tuple[int, int]]:
    """List the shapes of the weight matrices."""
    return list(pairwise((len(settings.features), *settings.hidden, outputs)))


def make_layers(settings: Settings, outputs: int) -> list[nn.Layer]:
    """Make the layers: each Dense, an activation, Dropout if asked for; at the end Dense."""
    init = INITIALIZERS[settings.init]
    *inner, last = shapes(settings, outputs)
    layers: list[nn.Layer] = []
    for (d_in, d_out), name in zip(inner, settings.activations, strict=True):
        layers.append(nn.Dense(d_in, d_out, init=init))
        if (activation := ACTIVATIONS[name][0]) is not None:
            layers.append(activation())
        if settings.dropout:
            layers.append(nn.Dropout(settings.dropout))
    return [*layers, nn.Dense(*last, init=init)]


def make_network(settings: Settings, outputs: int) -> nn.Sequential:
    """Make the network with its first weights."""
    return nn.Sequential(*make_layers(settings, outputs), rng=settings.seed)


def score(net: nn.Sequential, loss: nn.Loss, X: Array, y: Targets) -> dict[str, float]:
    """Evaluate on a part of the data; where outputs are not finite, the loss is NaN."""
    finite = bool(np.isfinite(net.forward(X)).all())
    return nn.evaluate(net, loss, X, y) if finite else {"loss": math.nan}


def make_optimizer(settings: Settings) -> nn.Optimizer:
    """Make the optimizer."""
    return BY_NAME[settings.optimizer.lower()](lr=settings.lr, weight_decay=settings.l2)


def set_rates(opt: nn.Optimizer, settings: Settings) -> None:
    """Give an optimizer its learning rate and its weight decay."""
    opt.lr, opt.weight_decay = settings.lr, settings.l2


def dropout_rngs(net: nn.Sequential) -> list[np.random.Generator]:
    """List the generators that draw the dropout masks, layer by layer."""
    rngs = [layer.rng for layer in net.layers if isinstance(layer, nn.Dropout)]
    return [rng for rng in rngs if rng is not None]  # a network has given each one


def shared_inputs(old: Settings, new: Settings) -> list[tuple[int, int]]:
    """Pair the old and the new place of each feature that both have."""
    both = [name for name in old.features if name in new.features]
    return [(old.features.index(name), new.features.index(name)) for name in both]


def keep_weights(old: nn.Sequential, new: nn.Sequential, before: Settings, after: Settings) -> str:
    """Carry over what fits, and say how much that was."""
    count = carry_over(old, new, shared_inputs(before, after))
    total = new.params.size
    if count == total == old.params.size:
        return f"all {total} weights were kept"
    return f"{count} of the network's {total} weights were kept, the other {total - count} are new"


# Weights set by hand -----------------------------------------------------------------------------


def checked_weight(weight: tuple[Any, ...], settings: Settings, outputs: int) -> Weight:
    """Return a weight to set, if the network has it and it is a number that may stand there."""
    layer, row, column, value = weight
    shape = shapes(settings, outputs)
    if not 0 <= layer < len(shape):
        raise ValueError(f"weight: expected a layer from 0 to {len(shape) - 1}, got {layer}")
    rows, columns = shape[layer]
    if not (-1 <= row < rows and 0 <= column < columns):
        raise ValueError(
            f"weight: expected in layer {layer} a row from 0 to {rows - 1}, or -1 for the biases, "
            f"and a column from 0 to {columns - 1}, got {row} and {column}"
        )
    if not isinstance(value, (int, float)) or not abs(value) < HUGE:  # NaN is not
        raise ValueError(f"weight: expected a number below {HUGE:g} in size, got {value!r}")
    return int(layer), int(row), int(column), float(value)


def dense_layers(layers: Iterable[nn.Layer]) -> list[tuple[int, nn.Dense]]:
    """List the Dense layers, each with its place among all."""
    return [(i, layer) for i, layer in enumerate(layers) if isinstance(layer, nn.Dense)]


def weights_of(net: nn.Sequential, layer: int, row: int) -> Array:
    """Return the row of weights in which one can be set."""
    _, dense = dense_layers(net.layers)[layer]
    return dense.b if row < 0 else dense.W[row]


def set_weights(net: nn.Sequential, weights: Iterable[Weight]) -> tuple[Weight, ...]:
    """Set weights; return those that had another value."""
    other: list[Weight] = []
    for layer, row, column, value in sorted(weights):
        if (vector := weights_of(net, layer, row))[column] != value:
            vector[column] = value
            other.append((layer, row, column, value))
    return tuple(other)


def carried_over(
    weights: Iterable[Weight], old: Settings, new: Settings, outputs: int
) -> Iterator[Weight]:
    """Name the same weights in another network, as `recipe.carry_over` has them there."""
    inputs = {-1: -1, **dict(shared_inputs(old, new))}
    alike = len(old.hidden) == len(new.hidden)
    layers = shapes(new, outputs)[: None if alike else min(len(old.hidden), len(new.hidden))]
    for layer, row, column, value in weights:
        at = inputs.get(row, MOST_UNITS) if layer == 0 else row
        if layer < len(layers) and at < layers[layer][0] and column < layers[layer][1]:
            yield layer, at, column, value
