"""Training steps of a small convolutional network: nnlib against eager PyTorch."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

import nnlib as nn
from benchmarks import output
from benchmarks.contenders import Nnlib, PyTorch
from benchmarks.networks import race_all
from benchmarks.output import Result, Settings

TITLE = "convolution: a small network of images, nnlib and PyTorch"
USES = ("rounds", "threads", "n", "mnist")

ROWS = ((1, 0), (1, 1), (2, 0))
"""Stride and padding of both convolutions."""

BATCH_SIZE, N = 64, 6_400


def run(
    settings: Settings,
    rows: Iterable[tuple[int, int]] = ROWS,
    channels: tuple[int, int] = (8, 16),
    who: Iterable[Any] = (Nnlib, PyTorch),
) -> Result:
    """Race with each stride and padding."""
    tasks = [
        (f"stride {stride}, padding {padding}", cnn(stride, padding, channels), BATCH_SIZE)
        for stride, padding in rows
    ]
    return race_all(tasks, list(who), settings, min(N, settings.n))


def cnn(stride: int, padding: int, channels: tuple[int, int] = (8, 16)) -> nn.Sequential:
    """Two convolutions of 3×3, each with ReLU and pooling of 2×2, and a layer of 10 outputs."""
    some, more = channels
    images = (
        nn.Reshape(1, 28, 28),
        nn.Conv2D(1, some, 3, stride=stride, padding=padding),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Conv2D(some, more, 3, stride=stride, padding=padding),
        nn.ReLU(),
        nn.MaxPool2D(2),
        nn.Flatten(),
    )
    shape: tuple[int, ...] | None = (784,)
    for layer in images:
        shape = layer.output_shape(shape)
    return nn.Sequential(*images, nn.Dense(math.prod(shape or ()), 10), rng=0, dtype=np.float32)


draw = output.ratio_bars
