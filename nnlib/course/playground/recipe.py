"""The few functions that make a run: data, features, one step. "As code" shows them as they are.

They use nothing but NumPy and nnlib.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Labels, Targets


def circle(n: int, *, noise: float, rng: int) -> tuple[Array, Labels]:
    """Class 1 is a disc, class 0 a ring around it."""
    draw = np.random.default_rng(rng)
    y = draw.permutation(np.arange(n) % 2)
    radius = np.where(y == 1, 1.4 * np.sqrt(draw.random(n)), draw.uniform(2, 3, n))
    angle = draw.uniform(0, 2 * np.pi, n)
    X = radius[:, np.newaxis] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + draw.normal(0, noise, (n, 2)), y


def xor(n: int, *, noise: float, rng: int) -> tuple[Array, Labels]:
    """Four clouds; the class is 1 where the signs of the two coordinates differ."""
    X, y = nn.make_xor(n, noise=0.2 + noise, rng=rng)
    return 1.7 * X, y


def gaussians(n: int, *, classes: int, noise: float, rng: int) -> tuple[Array, Labels]:
    """Round clouds on a circle of radius 2, one for each class."""
    draw = np.random.default_rng(rng)
    y = draw.permutation(np.arange(n) % classes)
    angle = 2 * np.pi * y / classes + np.pi / 4
    X = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + draw.normal(0, 0.3 + noise, (n, 2)), y


def spirals(n: int, *, classes: int, noise: float, rng: int) -> tuple[Array, Labels]:
    """Arms that wind around each other, one for each class."""
    X, y = nn.make_spirals(n, classes=classes, noise=noise / 3, rng=rng)
    return 3 * X, y


def moons(n: int, *, noise: float, rng: int) -> tuple[Array, Labels]:
    """Two half circles that reach into each other."""
    draw = np.random.default_rng(rng)
    y = draw.permutation(np.arange(n) % 2)
    angle, side = draw.uniform(0, np.pi, n), 1 - 2 * y
    X = np.column_stack([side * np.cos(angle) - side / 2, side * (np.sin(angle) - 0.25)])
    return 1.9 * X + draw.normal(0, noise, (n, 2)), y


def plane(n: int, *, noise: float, rng: int) -> tuple[Array, Array]:
    """A value that grows evenly along the diagonal, from −1 to 1."""
    draw = np.random.default_rng(rng)
    X = draw.uniform(-3, 3, (n, 2))
    return X, X.sum(axis=1) / 6 + draw.normal(0, noise, n)


def hills(n: int, *, noise: float, rng: int) -> tuple[Array, Array]:
    """Three hills and three hollows: a sum of Gaussians of height ±1."""
    draw = np.random.default_rng(rng)
    X = draw.uniform(-3, 3, (n, 2))
    angle = np.pi / 3 * np.arange(6)
    centres = 1.9 * np.column_stack([np.cos(angle), np.sin(angle)])
    square = ((X[:, np.newaxis] - centres) ** 2).sum(axis=2)
    return X, np.exp(-square) @ [1, -1, 1, -1, 1, -1] + draw.normal(0, noise, n)


def own(points: Array, targets: Targets, *, rng: int) -> tuple[Array, Targets]:
    """Points that were typed, shuffled, and scaled to −3 … 3; values to at most 1 in size."""
    order = np.random.default_rng(rng).permutation(len(points))
    low, high = points.min(axis=0), points.max(axis=0)
    X = 6 * (points - low) / np.where(high > low, high - low, 1) - 3
    X = np.where(high > low, X, 0.0)  # a coordinate that never varies
    if targets.dtype.kind == "f":
        targets = targets / max(float(np.abs(targets).max()), 1e-12)
    return X[order], targets[order]


def features(X: Array, names: Sequence[str]) -> Array:
    """Turn points (n, 2) into the network's inputs, a column for each feature."""
    x1, x2 = X.T
    every = {"x₁": x1, "x₂": x2, "x₁²": x1**2, "x₂²": x2**2, "x₁x₂": x1 * x2}
    every |= {"sin x₁": np.sin(x1), "sin x₂": np.sin(x2)}
    return np.column_stack([every[name] for name in names])


def one_step(
    net: nn.Sequential, loss: nn.Loss, opt: nn.Optimizer, X: Array, y: Targets, l1: float
) -> float:
    """One update on one batch; return the loss before it."""
    Z = net.forward(X, train=True)
    value, dZ = loss.value_and_grad(Z, y)
    net.backward(dZ)
    grads = net.grads
    if l1:  # the slope of λ Σ |W| is λ sign(W)
        grads = grads.copy()
        grads[net.matrices] += l1 * np.sign(net.params[net.matrices])
    opt.step(net.params, grads, decay=net.matrices)
    return value


def forever(n: int, batch_size: int, rng: np.random.Generator) -> Iterator[Any]:
    """Yield the indices of batch after batch, shuffled anew for every epoch."""
    while True:
        yield from nn.batches(n, batch_size, rng)


def carry_over(old: nn.Sequential, new: nn.Sequential, inputs: Sequence[tuple[int, int]]) -> int:
    """Copy the weights that still fit, those of units that are in both; return how many.

    ``inputs`` pairs the old and the new place of each feature that is in both. The last layer fits
    if there are as many layers as before.
    """
    pairs = [[a for a in net.layers if isinstance(a, nn.Dense)] for net in (old, new)]
    if len(pairs[0]) != len(pairs[1]):
        pairs = [pairs[0][:-1], pairs[1][:-1]]
    kept = 0
    for i, (a, b) in enumerate(zip(*pairs, strict=False)):
        places = inputs if i == 0 else [(j, j) for j in range(min(a.d_in, b.d_in))]
        units = min(a.d_out, b.d_out)
        for j, k in places:
            b.W[k, :units] = a.W[j, :units]
        b.b[:units] = a.b[:units]
        kept += units * (len(places) + 1)
    return kept
