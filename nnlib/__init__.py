"""nnlib: neural networks in plain NumPy, every line derived in the notebooks beside it."""

from . import _words, activations, initializers, optimizers, schedules
from ._csv_files import load_csv
from .activations import log_softmax, logsumexp, relu, sigmoid, softmax, tanh
from .datasets import load_digits, load_fashion_mnist, load_mnist, make_sine, make_spirals, make_xor
from .diagnosis import diagnose
from .evaluation import evaluate
from .examples import batches
from .fitting import EarlyStopping, History, ReduceLROnPlateau
from .gradcheck import check_gradients, numerical_gradient, relative_error
from .layers import (
    ELU,
    GELU,
    SELU,
    AvgPool2D,
    BatchNorm,
    Chain,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool2D,
    Layer,
    LayerNorm,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Reshape,
    Residual,
    RMSNorm,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    View,
)
from .losses import (
    CrossEntropy,
    Huber,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    balanced_class_weight,
)
from .metrics import accuracy, confusion_matrix, f1, precision, recall, top_k_accuracy
from .model import Model
from .network import Sequential
from .optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSProp
from .preparation import Pixels, Preparation, Standardize
from .saliency import input_gradient
from .training import epochs, steps

__version__ = "0.1.0"

_words.explain([*vars(schedules).values(), *vars().values()])

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
    "Chain",
    "Conv2D",
    "CrossEntropy",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Flatten",
    "GlobalAvgPool2D",
    "History",
    "Huber",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Loss",
    "MaxPool2D",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Model",
    "Optimizer",
    "Pixels",
    "Poisson",
    "Preparation",
    "RMSNorm",
    "RMSProp",
    "ReLU",
    "ReduceLROnPlateau",
    "Reshape",
    "Residual",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SigmoidCrossEntropy",
    "Softmax",
    "SoftmaxCrossEntropy",
    "Softplus",
    "Standardize",
    "Tanh",
    "View",
    "accuracy",
    "activations",
    "balanced_class_weight",
    "batches",
    "check_gradients",
    "confusion_matrix",
    "diagnose",
    "epochs",
    "evaluate",
    "f1",
    "initializers",
    "input_gradient",
    "load_csv",
    "load_digits",
    "load_fashion_mnist",
    "load_mnist",
    "log_softmax",
    "logsumexp",
    "make_sine",
    "make_spirals",
    "make_xor",
    "numerical_gradient",
    "optimizers",
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
