"""Layers: each knows how to go forward, and how to turn dOutput into dInput on the way back."""

from .activation import (
    ELU,
    GELU,
    SELU,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from .chain import Chain
from .convolution import AvgPool2D, Conv2D, GlobalAvgPool2D, MaxPool2D
from .dense import Dense, Flatten, Reshape
from .dropout import Dropout
from .layer import Layer, View
from .normalization import BatchNorm, LayerNorm, RMSNorm
from .residual import Residual

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "AvgPool2D",
    "BatchNorm",
    "Chain",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2D",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool2D",
    "RMSNorm",
    "ReLU",
    "Reshape",
    "Residual",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "View",
]
