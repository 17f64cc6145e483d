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
from nnlib import activations, initializers, schedules

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


def counts(*shape: int) -> Draw:
    return lambda rng, n: rng.poisson(2.0, size=(n, *shape)).astype(float)


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
    that is not ``flat`` takes or gives more than rows of numbers; one that ``mixes`` lets the
    examples of a batch act on each other, or draws them all from one stream. ``smallest`` is how
    many examples the layer needs to have a gradient. Without ``torch`` there is no twin.
    """

    torch: Callable[[], Any] | None
    inputs: Draw = field(default_factory=lambda: off_zero(3))
    torch_names: dict[str, tuple[str, Callable[[Any], Any]]] = field(default_factory=dict)
    flat: bool = True
    mixes: bool = False
    smallest: int = 1

    def network(self, dtype: Any = np.float64) -> nn.Sequential:
        """The layer in a network of its own, all parameters non-zero."""
        net = nn.Sequential(self.make(), rng=0, dtype=dtype)
        net.params = np.random.default_rng(1).normal(size=net.params.size)
        return net


@dataclass(frozen=True)
class LossPart(Part):
    """A loss, and the function of ``Z, y`` that it should equal; finite where Z is ``far``."""

    torch: Callable[[], Callable[[Any, Any], Any]]
    inputs: Draw
    targets: Draw
    on_logits: bool = False
    far: float = 1e4


@dataclass(frozen=True)
class OptimizerPart(Part):
    """An optimizer, and the one that should take the same steps.

    PyTorch's gets its parameters in groups, so that weight decay can spare the biases. With a
    schedule its learning rate is 1, times the schedule. Without ``torch`` there is no twin: its
    steps are then compared with the equation, in tests/engine/test_optimizers.py.
    """

    torch: Callable[[], Callable[[Any], Any]] | None
    schedule: Callable[[int], float] | None = None


@dataclass(frozen=True)
class SchedulePart(Part):
    """A schedule, and the scheduler that should set the same rates, given PyTorch's optimizer.

    The optimizer starts with a learning rate of 0.1.
    """

    torch: Callable[[Any], Any]


@dataclass(frozen=True)
class ActivationPart(Part):
    """An activation function (``make``) and ``backward(dA, Z, A)``, from nnlib's derivative."""

    torch: Callable[[Any], Any]
    backward: Callable[[Any, Any, Any], Any]


_dense = {"W": ("weight", np.transpose), "b": ("bias", np.asarray)}
_conv = {"W": ("weight", np.asarray), "b": ("bias", np.asarray)}
_norm = {"gamma": ("weight", np.asarray), "beta": ("bias", np.asarray)}
_image_norm = {
    "gamma": ("weight", lambda v: v.reshape(3, 2, 4)),
    "beta": ("bias", lambda v: v.reshape(3, 2, 4)),
}


def added_to_its_input(*modules: Any) -> Any:
    """PyTorch has no residual block: X + F(X)."""

    class Block(torch().nn.Sequential):  # type: ignore[misc]
        def forward(self, X: Any) -> Any:
            return X + super().forward(X)

    return Block(*modules)


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
    LayerPart(
        "Dense, no bias",
        lambda: nn.Dense(3, 4, bias=False),
        lambda: torch().nn.Linear(3, 4, bias=False),
        torch_names={"W": _dense["W"]},
    ),
    LayerPart("ReLU", nn.ReLU, lambda: torch().nn.ReLU()),
    LayerPart("LeakyReLU", nn.LeakyReLU, lambda: torch().nn.LeakyReLU(0.01)),
    LayerPart("LeakyReLU(0.2)", lambda: nn.LeakyReLU(0.2), lambda: torch().nn.LeakyReLU(0.2)),
    LayerPart("ELU", nn.ELU, lambda: torch().nn.ELU()),
    LayerPart("ELU(0.5)", lambda: nn.ELU(0.5), lambda: torch().nn.ELU(0.5)),
    LayerPart("SELU", nn.SELU, lambda: torch().nn.SELU()),
    LayerPart("GELU", nn.GELU, lambda: torch().nn.GELU()),
    LayerPart("GELU, tanh", lambda: nn.GELU("tanh"), lambda: torch().nn.GELU("tanh")),
    LayerPart("SiLU", nn.SiLU, lambda: torch().nn.SiLU()),
    LayerPart("Softplus", nn.Softplus, lambda: torch().nn.Softplus()),
    LayerPart("Sigmoid", nn.Sigmoid, lambda: torch().nn.Sigmoid()),
    LayerPart("Tanh", nn.Tanh, lambda: torch().nn.Tanh()),
    LayerPart("Softmax", nn.Softmax, lambda: torch().nn.Softmax(dim=1)),
    LayerPart("Flatten", nn.Flatten, lambda: torch().nn.Flatten(), off_zero(2, 3, 4), flat=False),
    LayerPart(
        "Reshape to an image",
        lambda: nn.Reshape(2, 3, 4),
        lambda: torch().nn.Unflatten(1, (2, 3, 4)),
        off_zero(24),
        flat=False,
    ),
    LayerPart(
        "Reshape to a row",
        lambda: nn.Reshape(24),
        lambda: torch().nn.Flatten(),
        off_zero(2, 3, 4),
        flat=False,
    ),
    LayerPart("Dropout", lambda: nn.Dropout(0.3), None, off_zero(11), mixes=True),
    LayerPart(
        "BatchNorm",
        lambda: nn.BatchNorm(3),
        lambda: torch().nn.BatchNorm1d(3),
        torch_names=_norm,
        mixes=True,
        smallest=3,
    ),
    LayerPart(
        "BatchNorm, other momentum and eps",
        lambda: nn.BatchNorm(3, momentum=0.25, eps=0.5),
        lambda: torch().nn.BatchNorm1d(3, momentum=0.25, eps=0.5),
        torch_names=_norm,
        mixes=True,
        smallest=3,
    ),
    LayerPart(
        "BatchNorm on images",
        lambda: nn.BatchNorm(3),
        lambda: torch().nn.BatchNorm2d(3),
        off_zero(3, 2, 4),
        torch_names=_norm,
        flat=False,
        mixes=True,
    ),
    LayerPart(
        "LayerNorm",
        lambda: nn.LayerNorm(3),
        lambda: torch().nn.LayerNorm(3),
        torch_names=_norm,
    ),
    LayerPart(
        "LayerNorm on images",
        lambda: nn.LayerNorm(3, 2, 4, eps=0.5),
        lambda: torch().nn.LayerNorm((3, 2, 4), eps=0.5),
        off_zero(3, 2, 4),
        torch_names=_image_norm,
        flat=False,
    ),
    LayerPart(
        "RMSNorm",
        lambda: nn.RMSNorm(3),
        lambda: torch().nn.RMSNorm(3, eps=1e-5),
        torch_names={"gamma": _norm["gamma"]},
    ),
    LayerPart(
        "RMSNorm on images",
        lambda: nn.RMSNorm(3, 2, 4, eps=0.5),
        lambda: torch().nn.RMSNorm((3, 2, 4), eps=0.5),
        off_zero(3, 2, 4),
        torch_names={"gamma": _image_norm["gamma"]},
        flat=False,
    ),
    LayerPart(
        "Conv2D",
        lambda: nn.Conv2D(2, 3, 3),
        lambda: torch().nn.Conv2d(2, 3, 3),
        off_zero(2, 5, 7),
        _conv,
        flat=False,
    ),
    LayerPart(
        "Conv2D, stride and padding",
        lambda: nn.Conv2D(3, 2, 3, stride=2, padding=1, init=initializers.xavier_normal),
        lambda: torch().nn.Conv2d(3, 2, 3, stride=2, padding=1),
        off_zero(3, 5, 4),
        _conv,
        flat=False,
    ),
    LayerPart(
        "Conv2D, no bias",
        lambda: nn.Conv2D(2, 3, 2, bias=False),
        lambda: torch().nn.Conv2d(2, 3, 2, bias=False),
        off_zero(2, 3, 5),
        {"W": ("weight", np.asarray)},
        flat=False,
    ),
    LayerPart(
        "MaxPool2D",
        lambda: nn.MaxPool2D(2),
        lambda: torch().nn.MaxPool2d(2),
        off_zero(2, 5, 7),
        flat=False,
    ),
    LayerPart(
        "MaxPool2D, overlapping",
        lambda: nn.MaxPool2D(3, stride=2),
        lambda: torch().nn.MaxPool2d(3, stride=2),
        off_zero(2, 5, 8),
        flat=False,
    ),
    LayerPart(
        "AvgPool2D",
        lambda: nn.AvgPool2D(2),
        lambda: torch().nn.AvgPool2d(2),
        off_zero(2, 5, 7),
        flat=False,
    ),
    LayerPart(
        "AvgPool2D, overlapping",
        lambda: nn.AvgPool2D(3, stride=2),
        lambda: torch().nn.AvgPool2d(3, stride=2),
        off_zero(2, 5, 8),
        flat=False,
    ),
    LayerPart(
        "Residual",
        lambda: nn.Residual(nn.Dense(3, 5), nn.Tanh(), nn.Dense(5, 3)),
        lambda: added_to_its_input(
            torch().nn.Linear(3, 5), torch().nn.Tanh(), torch().nn.Linear(5, 3)
        ),
        torch_names={
            "0.W": ("0.weight", np.transpose),
            "0.b": ("0.bias", np.asarray),
            "2.W": ("2.weight", np.transpose),
            "2.b": ("2.bias", np.asarray),
        },
    ),
    LayerPart(
        "Residual on images",
        lambda: nn.Residual(nn.ReLU(), nn.Conv2D(2, 2, 3, padding=1, bias=False), nn.BatchNorm(2)),
        lambda: added_to_its_input(
            torch().nn.ReLU(),
            torch().nn.Conv2d(2, 2, 3, padding=1, bias=False),
            torch().nn.BatchNorm2d(2),
        ),
        off_zero(2, 3, 5),
        {
            "1.W": ("1.weight", np.asarray),
            "2.gamma": ("2.weight", np.asarray),
            "2.beta": ("2.bias", np.asarray),
        },
        flat=False,
        mixes=True,
        smallest=2,
    ),
    LayerPart(
        "GlobalAvgPool2D",
        nn.GlobalAvgPool2D,
        lambda: torch().nn.Sequential(torch().nn.AdaptiveAvgPool2d(1), torch().nn.Flatten()),
        off_zero(2, 5, 7),
        flat=False,
    ),
]


def _smoothed(
    name: str, label_smoothing: float = 0.0, class_weight: list[float] | None = None
) -> LossPart:
    def in_torch() -> Any:
        weight = None if class_weight is None else torch().tensor(class_weight).double()
        entropy = torch().nn.functional.cross_entropy
        return partial(entropy, weight=weight, label_smoothing=label_smoothing)

    return LossPart(
        f"SoftmaxCrossEntropy, {name}",
        partial(nn.SoftmaxCrossEntropy, label_smoothing=label_smoothing, class_weight=class_weight),
        in_torch,
        off_zero(5),
        labels(5),
        on_logits=True,
    )


def _soft(
    name: str, label_smoothing: float = 0.0, class_weight: list[float] | None = None
) -> LossPart:
    """Targets are probabilities; PyTorch's weighted sum, divided here by Σ_r Σ_j c_j y_rj."""

    def in_torch() -> Any:
        c = torch().tensor(class_weight or [1.0] * 5).double()
        summed = partial(
            torch().nn.functional.cross_entropy,
            weight=c,
            label_smoothing=label_smoothing,
            reduction="sum",
        )
        return lambda Z, y: summed(Z, y) / (y @ c).sum()

    return LossPart(
        f"SoftmaxCrossEntropy, {name}",
        partial(nn.SoftmaxCrossEntropy, label_smoothing=label_smoothing, class_weight=class_weight),
        in_torch,
        off_zero(5),
        probabilities(5),
        on_logits=True,
    )


def _poisson() -> Any:
    """PyTorch's loss, and what it lacks: y log y − y, which no output moves."""
    return lambda Z, y: (
        torch().nn.functional.poisson_nll_loss(Z, y) + (torch().xlogy(y, y) - y).mean()
    )


LOSSES = [
    LossPart(
        "SoftmaxCrossEntropy",
        nn.SoftmaxCrossEntropy,
        lambda: torch().nn.functional.cross_entropy,
        off_zero(5),
        labels(5),
        on_logits=True,
    ),
    _smoothed("label smoothing", label_smoothing=0.1),
    _smoothed("class weights", class_weight=[1.0, 2.0, 0.5, 3.0, 0.25]),
    _smoothed(
        "class weights and smoothing",
        label_smoothing=0.2,
        class_weight=[1.0, 2.0, 0.5, 3.0, 0.25],
    ),
    _soft("rows of probabilities"),
    _soft("rows and smoothing", label_smoothing=0.2),
    _soft("rows and class weights", 0.2, class_weight=[1.0, 2.0, 0.5, 3.0, 0.25]),
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
        "Huber",
        lambda: nn.Huber(0.7),
        lambda: lambda Z, y: torch().nn.functional.huber_loss(Z, y, delta=0.7),
        off_zero(3),
        off_zero(3),
    ),
    LossPart(
        "MeanAbsoluteError, one output",
        nn.MeanAbsoluteError,
        lambda: lambda Z, y: torch().nn.functional.l1_loss(Z[:, 0], y),
        off_zero(1),
        off_zero(),
    ),
    LossPart(
        "MeanAbsoluteError, three outputs",
        nn.MeanAbsoluteError,
        lambda: torch().nn.functional.l1_loss,
        off_zero(3),
        off_zero(3),
    ),
    LossPart("Poisson, one output", nn.Poisson, _poisson, off_zero(1), counts(1), far=100.0),
    LossPart("Poisson, three outputs", nn.Poisson, _poisson, off_zero(3), counts(3), far=100.0),
    LossPart(
        "MeanSquaredError, three outputs",
        nn.MeanSquaredError,
        lambda: torch().nn.functional.mse_loss,
        off_zero(3),
        off_zero(3),
    ),
]


_steps = schedules.StepDecay(0.1, every_steps=30, factor=0.5)
_exponential = schedules.Exponential(0.02, factor=0.98)
_warmup_cosine = schedules.Warmup(schedules.Cosine(0.05, 80, final=0.001), 20)


def lr_scheduler(name: str, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    """PyTorch's scheduler for an optimizer, which comes first there."""
    return lambda opt: getattr(torch().optim.lr_scheduler, name)(opt, *arguments, **options)


def one_after_the_other(*makers: Callable[[Any], Any], milestones: list[int]) -> Any:
    return lambda opt: torch().optim.lr_scheduler.SequentialLR(
        opt, [make(opt) for make in makers], milestones
    )


SCHEDULES = [
    SchedulePart(
        "Constant", partial(schedules.Constant, 0.1), lr_scheduler("ConstantLR", factor=1.0)
    ),
    SchedulePart("StepDecay", partial(schedules.StepDecay, 0.1, 30), lr_scheduler("StepLR", 30)),
    SchedulePart(
        "StepDecay, other factor",
        partial(schedules.StepDecay, 0.1, every_steps=7, factor=0.5),
        lr_scheduler("StepLR", 7, gamma=0.5),
    ),
    SchedulePart(
        "Exponential",
        partial(schedules.Exponential, 0.1, 0.97),
        lr_scheduler("ExponentialLR", gamma=0.97),
    ),
    SchedulePart(
        "Cosine", partial(schedules.Cosine, 0.1, 99), lr_scheduler("CosineAnnealingLR", 99)
    ),
    SchedulePart(
        "Cosine, other final rate",
        partial(schedules.Cosine, 0.1, 120, final=0.02),
        lr_scheduler("CosineAnnealingLR", 120, eta_min=0.02),
    ),
    SchedulePart(
        "Warmup",
        partial(schedules.Warmup, 0.1, 10),
        lr_scheduler("LinearLR", 1 / 10, total_iters=9),
    ),
    SchedulePart(
        "Warmup, then Cosine",
        lambda: schedules.Warmup(schedules.Cosine(0.1, 75), 25),
        one_after_the_other(
            lr_scheduler("LinearLR", 1 / 25, total_iters=24),
            lr_scheduler("CosineAnnealingLR", 75),
            milestones=[25],
        ),
    ),
    SchedulePart(
        "OneCycle",
        partial(schedules.OneCycle, 0.1, 100),
        lr_scheduler("OneCycleLR", 0.1, 100, cycle_momentum=False),
    ),
    SchedulePart(
        "OneCycle, other options",
        partial(
            schedules.OneCycle, 0.1, 103, pct_start=0.123, div_factor=7.0, final_div_factor=11.0
        ),
        lr_scheduler(
            "OneCycleLR",
            0.1,
            103,
            pct_start=0.123,
            div_factor=7.0,
            final_div_factor=11.0,
            cycle_momentum=False,
        ),
    ),
    SchedulePart(
        "OneCycle, which only falls",
        partial(schedules.OneCycle, 0.1, 100, pct_start=0.0),
        lr_scheduler("OneCycleLR", 0.1, 100, pct_start=0.0, cycle_momentum=False),
    ),
    SchedulePart(
        "Sequence",
        lambda: schedules.Sequence(
            [(0.1, 20), (schedules.Exponential(0.1, 0.9), 30), (schedules.Cosine(0.1, 50), 50)]
        ),
        one_after_the_other(
            lr_scheduler("ConstantLR", factor=1.0),
            lr_scheduler("ExponentialLR", gamma=0.9),
            lr_scheduler("CosineAnnealingLR", 50),
            milestones=[20, 50],
        ),
    ),
]


def _in_torch(
    kind: str,
    *,
    decay_biases: bool = False,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    **options: Any,
) -> Callable[[Any], Any]:
    """PyTorch's optimizer, which clips gradients as people do it there: right before the step."""
    if "beta1" in options:
        options["betas"] = options.pop("beta1"), options.pop("beta2")

    def make(groups: Any) -> Any:
        parameters = [p for group in groups for p in group["params"]]
        opt = getattr(torch().optim, kind)(parameters if decay_biases else groups, **options)

        def clip(*_: Any) -> None:
            if clip_norm is not None:
                torch().nn.utils.clip_grad_norm_(parameters, clip_norm)
            if clip_value is not None:
                torch().nn.utils.clip_grad_value_(parameters, clip_value)

        opt.register_step_pre_hook(clip)
        return opt

    return make


def _rule(name: str, lr: float, *, schedule: Any = None, **options: Any) -> OptimizerPart:
    """A row whose name starts with that of the class; options are called the same in PyTorch."""
    kind = name.partition(",")[0]
    return OptimizerPart(
        name,
        partial(getattr(nn, kind), lr=schedule or lr, **options),
        lambda: _in_torch(
            "RMSprop" if kind == "RMSProp" else kind, lr=1.0 if schedule else lr, **options
        ),
        schedule,
    )


OPTIMIZERS = [
    _rule("SGD", 0.1),
    _rule("SGD, momentum", 0.1, momentum=0.9),
    _rule("SGD, Nesterov", 0.1, momentum=0.9, nesterov=True),
    _rule("SGD, weight decay", 0.1, weight_decay=0.1),
    _rule("SGD, weight decay of all", 0.1, weight_decay=0.1, decay_biases=True),
    _rule("SGD, Nesterov, weight decay", 0.1, momentum=0.8, nesterov=True, weight_decay=0.1),
    _rule("SGD, clipped norm", 0.1, momentum=0.9, clip_norm=0.2),
    _rule("SGD, clipped values", 0.1, momentum=0.9, clip_value=0.02),
    _rule("SGD, clipped norm, weight decay", 0.1, clip_norm=0.2, weight_decay=0.1),
    _rule("SGD, clipped values, weight decay", 0.1, clip_value=0.02, weight_decay=0.1),
    _rule("SGD, schedule", 0.1, schedule=halving),
    _rule("SGD, momentum, schedule", 0.1, schedule=halving, momentum=0.9),
    _rule("SGD, momentum, one cycle", 0.1, schedule=schedules.OneCycle(0.2, 100), momentum=0.9),
    _rule("Adagrad", 0.1),
    _rule("Adagrad, large eps", 0.1, eps=1e-2),
    _rule("Adagrad, weight decay", 0.1, weight_decay=0.1),
    _rule("Adagrad, weight decay of all", 0.1, weight_decay=0.1, decay_biases=True),
    _rule("Adagrad, clipped norm, steps", 0.1, clip_norm=0.2, schedule=_steps),
    _rule("RMSProp", 0.01),
    # A short memory divides by almost 0 where g crosses 0: long steps would blow rounding up.
    _rule("RMSProp, short memory", 0.003, alpha=0.8),
    _rule("RMSProp, large eps", 0.01, eps=1e-2),
    _rule("RMSProp, momentum", 0.01, momentum=0.9),
    _rule("RMSProp, momentum, weight decay", 0.01, momentum=0.8, weight_decay=0.1),
    _rule("RMSProp, clipped values, exponential", 0.01, clip_value=0.02, schedule=_exponential),
    _rule("Adam", 0.01),
    _rule("Adam, other betas", 0.01, beta1=0.8, beta2=0.95),
    _rule("Adam, large eps", 0.01, eps=1e-2),
    _rule("Adam, weight decay", 0.01, weight_decay=0.1),
    _rule("Adam, clipped norm, weight decay", 0.01, clip_norm=0.2, weight_decay=0.1),
    _rule("Adam, schedule", 0.01, schedule=halving),
    _rule("Adam, warm-up and cosine", 0.01, schedule=_warmup_cosine),
    _rule("AdamW", 0.01),
    _rule("AdamW, no weight decay", 0.01, weight_decay=0.0),
    _rule("AdamW, other options", 0.01, weight_decay=0.5, beta1=0.8, beta2=0.95, eps=1e-2),
    _rule("AdamW, weight decay of all", 0.01, weight_decay=0.5, decay_biases=True),
    _rule("AdamW, clipped norm", 0.01, weight_decay=0.5, clip_norm=0.2),
    _rule("AdamW, clipped values", 0.01, weight_decay=0.5, clip_value=0.02),
    _rule("AdamW, warm-up and cosine", 0.01, weight_decay=0.5, schedule=_warmup_cosine),
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
        "elu",
        activations.elu,
        lambda Z: torch().nn.functional.elu(Z),
        lambda dA, Z, A: dA * activations.elu_derivative(A),
    ),
    ActivationPart(
        "elu(0.5)",
        lambda Z: activations.elu(Z, 0.5),
        lambda Z: torch().nn.functional.elu(Z, 0.5),
        lambda dA, Z, A: dA * activations.elu_derivative(A, 0.5),
    ),
    ActivationPart(
        "selu",
        activations.selu,
        lambda Z: torch().selu(Z),
        lambda dA, Z, A: dA * activations.selu_derivative(A),
    ),
    ActivationPart(
        "gelu",
        activations.gelu,
        lambda Z: torch().nn.functional.gelu(Z),
        lambda dA, Z, A: dA * activations.gelu_derivative(Z),
    ),
    ActivationPart(
        "gelu, tanh",
        lambda Z: activations.gelu(Z, approximate="tanh"),
        lambda Z: torch().nn.functional.gelu(Z, approximate="tanh"),
        lambda dA, Z, A: dA * activations.gelu_derivative(Z, approximate="tanh"),
    ),
    ActivationPart(
        "silu",
        activations.silu,
        lambda Z: torch().nn.functional.silu(Z),
        lambda dA, Z, A: dA * activations.silu_derivative(Z),
    ),
    ActivationPart(
        "softplus",
        activations.softplus,
        # Beyond its threshold PyTorch takes Z itself; at 20, by default, that is e⁻²⁰ off.
        lambda Z: torch().nn.functional.softplus(Z, threshold=100),
        lambda dA, Z, A: dA * activations.softplus_derivative(A),
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
