"""nnlib: neural networks in plain NumPy, every line derived in the notebooks beside it."""

from nnlib import activations, initializers, schedules
from nnlib._loss import Loss
from nnlib._optimizer import Optimizer
from nnlib.activation_layers import (
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
from nnlib.activations import log_softmax, logsumexp, relu, sigmoid, softmax, tanh
from nnlib.adaptive import Adagrad, Adam, AdamW, RMSProp
from nnlib.convolution import AvgPool2D, Conv2D, MaxPool2D
from nnlib.datasets import batches, load_digits, load_mnist, make_sine, make_spirals, make_xor
from nnlib.dropout import Dropout
from nnlib.evaluation import evaluate
from nnlib.gradcheck import check_gradients, numerical_gradient, relative_error
from nnlib.layers import Dense, Flatten, Layer, Reshape
from nnlib.losses import (
    CrossEntropy,
    Huber,
    MeanSquaredError,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    balanced_class_weight,
)
from nnlib.metrics import accuracy, confusion_matrix, f1, precision, recall, top_k_accuracy
from nnlib.model import EarlyStopping, History, Model
from nnlib.network import Sequential
from nnlib.normalization import BatchNorm, LayerNorm
from nnlib.optimizers import SGD
from nnlib.training import epochs, steps

__version__ = "0.1.0"

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "AvgPool2D",
    "BatchNorm",
    "Conv2D",
    "CrossEntropy",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "History",
    "Huber",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Loss",
    "MaxPool2D",
    "MeanSquaredError",
    "Model",
    "Optimizer",
    "RMSProp",
    "ReLU",
    "Reshape",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SigmoidCrossEntropy",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Softplus",
    "Tanh",
    "accuracy",
    "activations",
    "balanced_class_weight",
    "batches",
    "check_gradients",
    "confusion_matrix",
    "epochs",
    "evaluate",
    "f1",
    "initializers",
    "load_digits",
    "load_mnist",
    "log_softmax",
    "logsumexp",
    "make_sine",
    "make_spirals",
    "make_xor",
    "numerical_gradient",
    "precision",
    "recall",
    "relative_error",
    "relu",
    "schedules",
    "sigmoid",
    "softmax",
    "steps",
    "tanh",
    "top_k_accuracy",
]
