"""The settings of a playground: everything that decides how a run goes, in one frozen record.

All about a setting stands in its field: what it may be, what its change entails, how its control
looks, and how it is said. Panel, words, checks and changes are made from that.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

import nnlib as nn
from nnlib.initializers import Initializer

CLASSES = {
    "circle": "A disc inside a ring.",
    "XOR": "Four clouds: the class is 1 where the signs of x₁ and x₂ differ.",
    "Gaussians": "Round clouds, one for each class.",
    "spirals": "Arms that wind around each other, one for each class.",
    "moons": "Two half circles that reach into each other.",
}
"""Data sets whose points belong to classes, and what they are."""

VALUES = {
    "plane": "Values that grow evenly along the diagonal: a regression.",
    "hills": "Three hills and three hollows of values: a regression.",
}
"""Data sets whose points have a value each: regressions."""

OWN = "own points"

MANY = ("Gaussians", "spirals")
"""Data sets with as many classes as one likes, from 2 to 5."""

FEATURES = ("x₁", "x₂", "x₁²", "x₂²", "x₁x₂", "sin x₁", "sin x₂")

ACTIVATIONS: dict[str, tuple[Callable[[], nn.Layer] | None, str]] = {
    "tanh": (nn.Tanh, "From −1 to 1, and steepest at 0."),
    "ReLU": (nn.ReLU, "0 below 0, and z itself above."),
    "leaky ReLU": (lambda: nn.LeakyReLU(0.1), "A tenth of z below 0, and z itself above."),
    "sigmoid": (nn.Sigmoid, "From 0 to 1, nowhere steeper than 1/4."),
    "ELU": (nn.ELU, "exp(z) − 1 below 0, and z itself above."),
    "GELU": (nn.GELU, "z times the normal distribution's share below z: a smooth ReLU."),
    "SiLU": (nn.SiLU, "z times the sigmoid of z: a smooth ReLU."),
    "linear": (None, "z itself: without a bend all layers together are worth one."),
}
"""What makes the layer of an activation, and what it does; linear has no layer."""

INITIALIZERS: dict[str, Initializer] = {
    "He": nn.initializers.he_normal,
    "Xavier": nn.initializers.xavier_normal,
    "LeCun": nn.initializers.lecun_normal,
    "orthogonal": nn.initializers.orthogonal,
    "zeros": nn.initializers.zeros,
}

OPTIMIZERS = {
    "SGD": "Each step goes against the gradient of its batch.",
    "momentum": "As SGD, but earlier gradients go on pushing.",
    "RMSProp": "Each weight's step is divided by the recent size of its gradient.",
    "Adam": "Momentum, divided by the recent size of the gradient.",
    "AdamW": "As Adam, but L2 shrinks the weights apart from the gradient.",
}

MOST_LAYERS, MOST_UNITS, MOST_CLASSES, MOST_POINTS = 6, 16, 5, 2000

ANY = (0, 10**9)
COUNTS = (0, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
STRENGTHS = (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)


ENTAILED = {
    "restart": "A new run begins; else the run goes on with what follows.",
    "data": "Other points, of the same problem.",
    "inputs": "The features are computed anew.",
    "batches": "The epoch under way is left, and another begins.",
    "network": "Another network takes the weights over that fit.",
    "optimizer": "Another optimizer, which remembers nothing.",
    "rates": "The same optimizer with another learning rate or weight decay.",
    "l1": "Another strength of the L1 penalty.",
}
"""What a change of settings may entail: a run and its code follow it, in this order."""


@dataclass(frozen=True)
class Knob:
    """All about a setting but its name and its default.

    Attributes
    ----------
    section : str
        Where it belongs.
    entails : str
        What changes with it, in words of `ENTAILED`; nothing: training does not feel it.
    label, tip : str
        What its control is called, and a sentence on what it does.
    choices : mapping
        What it may be, each with a sentence, or an empty one.
    bounds : pair
        The least and the largest number that it may be; whole numbers if these are.
    values, form, zero
        The numbers of its slider, how they are written, and what 0 is called.
    says : str
        How a run's words tell it: a template with names of settings, and those of `words.facts`.
    none : str
        What is said of a run without it beside one that has it; by itself, nothing is.
    idle : callable
        Whether it does nothing where other settings are as they are.
    """

    section: str
    entails: str
    label: str = ""
    tip: str = ""
    choices: Mapping[str, str] | None = None
    bounds: tuple[float, float] | None = None
    values: tuple[float, ...] = ()
    form: str = "g"
    zero: str = "0"
    says: str = ""
    none: str = ""
    idle: Callable[["Settings"], bool] = lambda s: False

    def pairs(self, value: float) -> list[tuple[str, float]]:
        """List the labels and numbers of its slider, a value among them; "all" is last."""
        values = sorted({*self.values, value}, key=lambda v: (self.zero == "all" and not v, v))
        return [(format(v, self.form) if v else self.zero, v) for v in values]

    def checked(self, name: str, value: Any, many: bool = False) -> Any:
        """Return a value as it is kept, or refuse it; a list, as JSON has it, becomes a tuple."""
        if many:
            if not isinstance(value, (list, tuple)):
                raise ValueError(f"{name}: expected a list, got {value!r}")
            return tuple(self.checked(name, one) for one in value)
        if self.bounds is not None:
            return self._number(name, value)
        if not isinstance(value, str):
            raise ValueError(f"{name}: expected text, got {value!r}")
        if self.choices is not None and value not in self.choices:
            raise ValueError(f"{name}: expected one of {', '.join(self.choices)}, got {value!r}")
        return value

    def _number(self, name: str, value: Any) -> float:
        low, high = self.bounds or (0, 0)
        whole = isinstance(low, int)
        right = isinstance(value, int if whole else (int, float)) and not isinstance(value, bool)
        if not right or not low <= value <= high:  # NaN is not
            what = f"{'whole ' * whole}number from {low:.10g} to {high:.10g}"
            raise ValueError(f"{name}: expected a {what}, got {value!r}")
        return type(low)(value)


def _knob(
    default: Any, section: str, entails: str, label: str = "", tip: str = "", **about: Any
) -> Any:
    return field(default=default, metadata={"knob": Knob(section, entails, label, tip, **about)})


@dataclass(frozen=True)
class Settings:
    """Data, features, network, training, and when to stop.

    ``batch_size`` 0 is all examples at once; ``stop_loss``, ``stop_epochs`` and ``patience`` 0 are
    rules that are off.
    """

    # fmt: off
    data: str = _knob("circle", "data", "restart", "data set",
        "The points from which the network learns.",
        choices=CLASSES | VALUES | {OWN: "Points that you type, with labels or values."},
        says="{data}")
    classes: int = _knob(2, "data", "restart", "classes",
        "How many kinds of points there are, in Gaussians and spirals.",
        bounds=(2, MOST_CLASSES), values=(2, 3, 4, 5), says="{classes} classes",
        idle=lambda s: s.data not in MANY)
    points: str = _knob("", "data", "restart", says="{train} of {all} points for training")
    n: int = _knob(300, "data", "data inputs batches", "how many points",
        "The number of points, those for training and those for the test together.",
        bounds=(20, MOST_POINTS), values=(50, 100, 200, 300, 400, 600, 1000),
        idle=lambda s: s.data == OWN)
    noise: float = _knob(0.1, "data", "data inputs batches", "noise",
        "How far the points, or their values, stray at random.",
        bounds=(0.0, 1.0), values=tuple(i / 20 for i in range(11)), says="noise {noise:g}",
        idle=lambda s: s.data == OWN)
    train_share: float = _knob(0.5, "data", "data inputs batches", "for training",
        "The share of the points that is trained with; the others are the test.",
        bounds=(0.05, 0.95), values=tuple(i / 10 for i in range(1, 10)), form=".0%")
    data_seed: int = _knob(0, "data", "data inputs batches", "data seed",
        "Another number draws other points of the same kind.",
        bounds=ANY, says="data seed {data_seed}")
    features: tuple[str, ...] = _knob(("x₁", "x₂"), "network", "inputs batches network optimizer",
        "features", "Gives the network this input, or takes it away.",
        choices=dict.fromkeys(FEATURES, ""), says="{inputs}")
    hidden: tuple[int, ...] = _knob((4, 2), "network", "network optimizer", "hidden layers",
        "How many layers lie between the inputs and the output.",
        bounds=(1, MOST_UNITS), says="{network}")
    activations: tuple[str, ...] = _knob(("tanh", "tanh"), "network", "network", "activation",
        "What a unit makes of the sum z of its weighted inputs.",
        choices={name: tip for name, (_, tip) in ACTIVATIONS.items()})
    init: str = _knob("Xavier", "network", "restart", "first weights",
        "How the weights are drawn before the first step.",
        choices=dict.fromkeys(INITIALIZERS, ""), says="{init} seed {seed}")
    seed: int = _knob(0, "network", "restart", "weight seed",
        "Another number draws other first weights and other batches.", bounds=ANY)
    optimizer: str = _knob("Adam", "training", "optimizer", "optimizer",
        "How the gradient becomes a step of the weights.",
        choices=OPTIMIZERS, says="{optimizer} η = {lr:g}")
    lr: float = _knob(0.01, "top", "rates", "learning rate",
        "How long the steps of the weights are.", bounds=(0.0, 1000.0),
        values=(1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0))
    batch_size: int = _knob(10, "training", "batches", "batch size",
        "How many examples the gradient of a step is averaged over.",
        bounds=(0, MOST_POINTS), values=(1, 2, 5, 10, 20, 30, 50, 0), zero="all",
        says="{batches}")
    l1: float = _knob(0.0, "training", "l1", "L1, λ",
        "Pulls all weights towards 0 equally hard, so that many get there.",
        bounds=(0.0, 10.0), values=STRENGTHS, says="L1 {l1:g}", none="no L1")
    l2: float = _knob(0.0, "training", "rates", "L2, λ",
        "Pulls all weights towards 0, the larger ones harder.",
        bounds=(0.0, 10.0), values=STRENGTHS, says="L2 {l2:g}", none="no L2")
    dropout: float = _knob(0.0, "training", "network", "dropout",
        "The share of hidden units that each training step leaves out at random.",
        bounds=(0.0, 0.9), values=tuple(i / 10 for i in range(9)), says="dropout {dropout:g}",
        none="no dropout", idle=lambda s: not s.hidden)
    stop_loss: float = _knob(0.0, "stop", "", "at a loss of",
        "Stop when the training loss has come down to this.", bounds=(0.0, 1000.0),
        values=(0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5), zero="off")
    stop_epochs: int = _knob(0, "stop", "", "after epochs",
        "Stop when all training points have been used so many times.",
        bounds=ANY, values=COUNTS, zero="off")
    patience: int = _knob(0, "stop", "", "test patience",
        "Stop after so many epochs without a lower test loss.",
        bounds=ANY, values=COUNTS, zero="off")
    # fmt: on

    def __post_init__(self) -> None:
        """Check everything."""
        for f in fields(self):
            many = isinstance(f.default, tuple)
            value = KNOBS[f.name].checked(f.name, getattr(self, f.name), many)
            object.__setattr__(self, f.name, value)
        if not self.features:
            raise ValueError("features: one has to stay, without inputs there is nothing to learn")
        if len(set(self.features)) < len(self.features):
            raise ValueError(f"features: expected each once, got {', '.join(self.features)}")
        if len(self.hidden) > MOST_LAYERS or len(self.activations) != len(self.hidden):
            raise ValueError(
                f"hidden: expected 0 to {MOST_LAYERS} layers with an activation each, got "
                f"{len(self.hidden)} and {len(self.activations)}"
            )

    def but(self, **changed: Any) -> Self:
        """Return the same settings with some of them changed."""
        return replace(self, **changed)

    def batch(self, n: int) -> int:
        """Return how many of n examples a step takes."""
        return min(self.batch_size, n) or n

    def differs(self, other: "Settings") -> set[str]:
        """Name what differs from other settings."""
        return {name for name in KNOBS if getattr(self, name) != getattr(other, name)}

    def entails(self, new: "Settings") -> set[str]:
        """Name what a change to new settings entails, in words of `ENTAILED`."""
        entailed = {what for name in self.differs(new) for what in KNOBS[name].entails.split()}
        if "optimizer" in entailed:  # another one has its rates from the start
            entailed.discard("rates")
        return entailed

    def inputs(self, name: str, on: bool) -> dict[str, Any]:
        """Say what makes a feature an input, or no longer."""
        kept = {*self.features} - {name} | ({name} if on else set())
        return {"features": tuple(feature for feature in FEATURES if feature in kept)}

    def layers(self, count: int) -> dict[str, Any]:
        """Say what takes layers off the end, or adds some like the last one, within the bounds."""
        last = (self.hidden[-1], self.activations[-1]) if self.hidden else (4, "tanh")
        layers = [*zip(self.hidden, self.activations, strict=True), *[last] * MOST_LAYERS]
        layers = layers[: min(max(count, 0), MOST_LAYERS)]
        return {"hidden": tuple(n for n, _ in layers), "activations": tuple(a for _, a in layers)}

    def layer(self, i: int, name: str, value: Any) -> dict[str, Any]:
        """Say what gives layer i, or all where that is 0, other units or another activation."""
        old = enumerate(getattr(self, name), start=1)
        return {name: tuple(value if i in (0, j) else before for j, before in old)}

    def grown(self, layer: int, step: int) -> dict[str, Any]:
        """Say what gives a layer a unit more or less, or where that is 0 the network a layer."""
        if layer == 0:
            return self.layers(len(self.hidden) + step)
        units = self.hidden[layer - 1] + step
        return self.layer(layer, "hidden", min(max(units, 1), MOST_UNITS))

    def as_dict(self) -> dict[str, Any]:
        """Return all settings by name."""
        return asdict(self)


KNOBS: dict[str, Knob] = {f.name: f.metadata["knob"] for f in fields(Settings)}
"""All settings by name, in the order in which they are shown and said."""

THREE_SPIRALS = Settings(
    data="spirals", classes=3, train_share=0.7, lr=0.03, batch_size=30, hidden=(8, 8)
)
"""What the still picture of a playground without settings of its own shows, trained."""
