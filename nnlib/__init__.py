"""nnlib: neural networks in plain NumPy, every line derived in the notebooks beside it."""

from nnlib import activations, initializers
from nnlib.activations import log_softmax, logsumexp, relu, sigmoid, softmax, tanh
from nnlib.datasets import batches, load_digits, load_mnist, make_sine, make_spirals, make_xor
from nnlib.gradcheck import check_gradients, numerical_gradient, relative_error
from nnlib.layers import Dense, Layer, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from nnlib.losses import (
    CrossEntropy,
    Loss,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from nnlib.metrics import accuracy
from nnlib.model import EarlyStopping, History, Model
from nnlib.network import Sequential
from nnlib.optimizers import SGD, Adam, Optimizer
from nnlib.training import epochs, evaluate, steps

__version__ = "0.1.0"

__all__ = [
    "SGD",
    "Adam",
    "CrossEntropy",
    "Dense",
    "EarlyStopping",
    "History",
    "Layer",
    "LeakyReLU",
    "Loss",
    "MeanSquaredError",
    "Model",
    "Optimizer",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "SigmoidCrossEntropy",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Tanh",
    "accuracy",
    "activations",
    "batches",
    "check_gradients",
    "epochs",
    "evaluate",
    "initializers",
    "load_digits",
    "load_mnist",
    "log_softmax",
    "logsumexp",
    "make_sine",
    "make_spirals",
    "make_xor",
    "numerical_gradient",
    "relative_error",
    "relu",
    "sigmoid",
    "softmax",
    "steps",
    "tanh",
]
