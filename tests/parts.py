"""The table of parts that drives the generic tests: a new part is tested by adding its row.

PyTorch is imported only when a row's ``torch`` is called, so the table works without it.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

import nnlib as nn
from nnlib import activations, initializers

Draw = Callable[[np.random.Generator, int], Any]
"""Draws the inputs of a batch of n examples: ``draw(rng, n)``."""


def torch() -> Any:
    """PyTorch, imported at the first call."""
    return importlib.import_module("torch")


def off_zero(*shape: int) -> Draw:
    """Numbers of both signs, none nearer to 0 than 0.1: far from the kinks."""

    def draw(rng: np.random.Generator, n: int) -> Any:
        X = rng.normal(size=(n, *shape))
        return X + 0.1 * np.sign(X)

    return draw


def probabilities(k: int) -> Draw:
    return lambda rng, n: rng.dirichlet(np.full(k, 3.0), n)


def labels(k: int) -> Draw:
    return lambda rng, n: rng.integers(k, size=n)


def yes_or_no(*shape: int) -> Draw:
    return lambda rng, n: rng.integers(2, size=(n, *shape)).astype(float)


def halving(step: int) -> float:
    """A schedule: half of the learning rate after 30 steps, a quarter after 60 …"""
    return 0.1 * 0.5 ** (step // 30)


@dataclass(frozen=True)
class Part:
    name: str
    make: Callable[..., Any]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class LayerPart(Part):
    """A layer, and the module that it should equal once both have the same parameters.

    ``torch_names`` says for each parameter how PyTorch calls it and how it lays it out. A layer
    that is not ``flat`` takes more than rows of numbers; one that ``mixes`` lets the examples of a
    batch act on each other.
    """

    torch: Callable[[], Any]
    inputs: Draw = field(default_factory=lambda: off_zero(3))
    torch_names: dict[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)
    flat: bool = True
    mixes: bool = False

    def network(self, dtype: Any = np.float64) -> nn.Sequential:
        """The layer in a network of its own, all parameters non-zero."""
        net = nn.Sequential(self.make(), rng=0, dtype=dtype)
        net.params = np.random.default_rng(1).normal(size=net.params.size)
        return net


@dataclass(frozen=True)
class LossPart(Part):
    """A loss, and the function of ``Z, y`` that it should equal."""

    torch: Callable[[], Callable[[Any, Any], Any]]
    inputs: Draw
    targets: Draw
    on_logits: bool = False


@dataclass(frozen=True)
class OptimizerPart(Part):
    """An optimizer, and the one that should take the same steps.

    PyTorch's gets its parameters in groups, so that weight decay can spare the biases. With a
    schedule its learning rate is 1, times the schedule.
    """

    torch: Callable[[], Callable[[Any], Any]]
    schedule: Callable[[int], float] | None = None


@dataclass(frozen=True)
class ActivationPart(Part):
    """An activation function (``make``) and ``backward(dA, Z, A)``, from nnlib's derivative."""

    torch: Callable[[Any], Any]
    backward: Callable[[Any, Any, Any], Any]


_dense = {"W": ("weight", np.transpose), "b": ("bias", np.asarray)}

LAYERS = [
    LayerPart(
        "Dense",
        lambda: nn.Dense(3, 2),
        lambda: torch().nn.Linear(3, 2),
        torch_names=_dense,
    ),
    LayerPart(
        "Dense, Xavier",
        lambda: nn.Dense(3, 4, init=initializers.xavier_uniform),
        lambda: torch().nn.Linear(3, 4),
        torch_names=_dense,
    ),
    LayerPart("ReLU", nn.ReLU, lambda: torch().nn.ReLU()),
    LayerPart("LeakyReLU", nn.LeakyReLU, lambda: torch().nn.LeakyReLU(0.01)),
    LayerPart("LeakyReLU(0.2)", lambda: nn.LeakyReLU(0.2), lambda: torch().nn.LeakyReLU(0.2)),
    LayerPart("Sigmoid", nn.Sigmoid, lambda: torch().nn.Sigmoid()),
    LayerPart("Tanh", nn.Tanh, lambda: torch().nn.Tanh()),
    LayerPart("Softmax", nn.Softmax, lambda: torch().nn.Softmax(dim=1)),
]

LOSSES = [
    LossPart(
        "SoftmaxCrossEntropy",
        nn.SoftmaxCrossEntropy,
        lambda: torch().nn.functional.cross_entropy,
        off_zero(5),
        labels(5),
        on_logits=True,
    ),
    LossPart(
        "CrossEntropy",
        nn.CrossEntropy,
        lambda: lambda P, y: torch().nn.functional.nll_loss(P.log(), y),
        probabilities(5),
        labels(5),
    ),
    LossPart(
        "SigmoidCrossEntropy, one output",
        nn.SigmoidCrossEntropy,
        lambda: lambda Z, y: torch().nn.functional.binary_cross_entropy_with_logits(Z[:, 0], y),
        off_zero(1),
        yes_or_no(),
        on_logits=True,
    ),
    LossPart(
        "SigmoidCrossEntropy, three outputs",
        nn.SigmoidCrossEntropy,
        lambda: torch().nn.functional.binary_cross_entropy_with_logits,
        off_zero(3),
        yes_or_no(3),
        on_logits=True,
    ),
    LossPart(
        "MeanSquaredError, one output",
        nn.MeanSquaredError,
        lambda: lambda Z, y: torch().nn.functional.mse_loss(Z[:, 0], y),
        off_zero(1),
        off_zero(),
    ),
    LossPart(
        "MeanSquaredError, three outputs",
        nn.MeanSquaredError,
        lambda: torch().nn.functional.mse_loss,
        off_zero(3),
        off_zero(3),
    ),
]


def _sgd(name: str, *, schedule: Any = None, **options: Any) -> OptimizerPart:
    """A row whose options are called the same in both libraries."""
    lr = {"lr": 1.0 if schedule else 0.1}
    return OptimizerPart(
        name,
        partial(nn.SGD, lr=schedule or 0.1, **options),
        lambda: partial(torch().optim.SGD, **lr, **options),
        schedule,
    )


def _adam(
    name: str, *, schedule: Any = None, beta1: float = 0.9, beta2: float = 0.999, **options: Any
) -> OptimizerPart:
    lr = {"lr": 1.0 if schedule else 0.01}
    return OptimizerPart(
        name,
        partial(nn.Adam, lr=schedule or 0.01, beta1=beta1, beta2=beta2, **options),
        lambda: partial(torch().optim.Adam, **lr, betas=(beta1, beta2), **options),
        schedule,
    )


OPTIMIZERS = [
    _sgd("SGD"),
    _sgd("SGD, momentum", momentum=0.9),
    _sgd("SGD, Nesterov", momentum=0.9, nesterov=True),
    _sgd("SGD, weight decay", weight_decay=0.1),
    _sgd("SGD, Nesterov and weight decay", momentum=0.8, nesterov=True, weight_decay=0.1),
    _sgd("SGD, schedule", schedule=halving),
    _sgd("SGD, momentum and schedule", schedule=halving, momentum=0.9),
    _adam("Adam"),
    _adam("Adam, other betas", beta1=0.8, beta2=0.95),
    _adam("Adam, large eps", eps=1e-2),
    _adam("Adam, weight decay", weight_decay=0.1),
    _adam("Adam, schedule", schedule=halving),
]

ACTIVATIONS = [
    ActivationPart(
        "relu",
        activations.relu,
        lambda Z: torch().relu(Z),
        lambda dA, Z, A: dA * activations.relu_derivative(A),
    ),
    ActivationPart(
        "leaky_relu",
        activations.leaky_relu,
        lambda Z: torch().nn.functional.leaky_relu(Z, 0.01),
        lambda dA, Z, A: dA * activations.leaky_relu_derivative(A),
    ),
    ActivationPart(
        "sigmoid",
        activations.sigmoid,
        lambda Z: torch().sigmoid(Z),
        lambda dA, Z, A: dA * activations.sigmoid_derivative(A),
    ),
    ActivationPart(
        "tanh",
        activations.tanh,
        lambda Z: torch().tanh(Z),
        lambda dA, Z, A: dA * activations.tanh_derivative(A),
    ),
    ActivationPart(
        "logsumexp",
        activations.logsumexp,
        lambda Z: torch().logsumexp(Z, dim=-1, keepdim=True),
        lambda dA, Z, A: dA * activations.softmax(Z),
    ),
    ActivationPart(
        "log_softmax",
        activations.log_softmax,
        lambda Z: torch().log_softmax(Z, dim=-1),
        lambda dA, Z, A: dA - np.exp(A) * dA.sum(axis=-1, keepdims=True),
    ),
    ActivationPart(
        "softmax",
        activations.softmax,
        lambda Z: torch().softmax(Z, dim=-1),
        lambda dA, Z, A: activations.softmax_backward(dA, A),
    ),
]
