"""Training runs, healthy or broken on purpose, to be told apart by their curves.

`RUNS` are the runs as data, `training` trains one of them (once), `show` draws some. A diagnosis is
a list of marks, all of which must be seen in the curves: `read` says which one fits, `evidence`
what gives it away, `objection` why another one does not fit.

All losses of curves are shares of log k, which a blind guess among k classes costs: a guess is 1.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array, Labels

HELD = 300
"""Validation examples, and examples collected later."""

CLASSES = {"digits": 10, "clouds": 4, "arms": 3, "spirals": 2, "xor": 2, "sine": 2}
"""Kinds of data, each with its number of classes."""

NAMES = {
    "healthy": "healthy",
    "underfitting": "underfitting",
    "overfitting": "overfitting",
    "rate_too_large": "learning rate too large",
    "rate_too_small": "learning rate too small",
    "leak": "leak",
    "shuffled_labels": "shuffled labels",
    "bad_initialization": "bad initialization",
}
"""The diagnoses, as code and as words."""


# A run --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What is trained, on what, and how; the defaults are healthy.

    Parameters
    ----------
    cause : str
        What is wrong with it, one of `NAMES`.
    how : str
        What was done to it, in a few words.
    data : str
        ``"digits"``; ``"clouds"`` in ten dimensions; ``"spirals"``, ``"arms"`` (three of them) or
        ``"xor"``; ``"sine"`` (is a point above the curve?).
    n, noise : int, float
        Training examples; the share of all labels that are drawn by lot.
    hidden, bend : tuple of int, str
        Units of each hidden layer, and their activation.
    scale : float
        Factor of the first weights, He's for ReLU and Xavier's for others.
    optimizer, lr, decay, epochs, batch : str, float, float, int, int
    leak : str
        ``"copies"``: validation examples stand in the training data, too. ``"near"``: they do with
        a little noise, as when data are augmented before they are split. ``"label"``: a feature
        tells the label, but not of examples that are collected later.
    share : float
        Share of the validation examples that copies reach.
    shuffled : bool
        Whether labels belong to the wrong examples.
    drift : float
        Noise in the features of examples that are collected later, as a share of their spread:
        another camera, another laboratory. It makes them harder, and is no leak.
    seed : int
    """

    cause: str
    how: str
    data: str = "digits"
    n: int = 600
    noise: float = 0.0
    hidden: tuple[int, ...] = (32,)
    bend: str = "ReLU"
    scale: float = 1.0
    optimizer: str = "adam"
    lr: float = 0.01
    decay: float = 0.0
    epochs: int = 30
    batch: int = 32
    leak: str = ""
    share: float = 1.0
    shuffled: bool = False
    drift: float = 0.0
    seed: int = 0


Examples = tuple[Array, Labels]


def drawn(run: Run) -> tuple[Examples, Examples, Examples]:
    """Draw training, validation, and later examples, each X and y."""
    rng = np.random.default_rng([run.seed, 0])
    X, y = _made(run.data, run.n + 2 * HELD, rng)
    lots = rng.random(len(y)) < run.noise
    y = np.where(lots, rng.integers(y.max() + 1, size=len(y)), y)
    if run.shuffled:
        y = rng.permutation(y)
    told = (
        rng.normal(0, 0.3, (len(X), 1)) + np.where(np.arange(len(X)) < run.n + HELD, y, 0)[:, None]
    )
    X = np.hstack([X, told]) if run.leak == "label" else X
    train, val = (X[: run.n], y[: run.n]), (X[run.n : -HELD], y[run.n : -HELD])
    if run.leak in ("copies", "near"):
        rows = rng.permutation(np.resize(rng.permutation(run.n), HELD))
        off = rng.normal(0, 0.1 * X.std() * (run.leak == "near"), val[0].shape)
        copied = np.arange(HELD) < round(run.share * HELD)
        X_val = np.where(copied[:, np.newaxis], train[0][rows] + off, val[0])
        val = X_val, np.where(copied, train[1][rows], val[1])
    drift = rng.normal(0, run.drift * X.std(), (HELD, X.shape[1]))
    return train, val, (X[-HELD:] + drift, y[-HELD:])


def _made(data: str, n: int, rng: np.random.Generator) -> Examples:
    """Make n examples of one kind."""
    if data == "digits":
        X, y = _digits()
        rows = rng.permutation(len(y))[:n]
        return X[rows], y[rows]
    if data == "xor":
        return nn.make_xor(n, noise=0.3, rng=rng)
    if data == "sine":
        X = rng.uniform(-1, 1, (n, 2))
        return 2 * X, (X[:, 1] > np.sin(2 * np.pi * X[:, 0])).astype(int)
    if data == "clouds":
        y, centres = rng.integers(4, size=n), rng.normal(0, 0.7, (4, 10))
        return centres[y] + rng.normal(0, 1, (n, 10)), y
    X, y = nn.make_spirals(n, classes=CLASSES[data], turns=0.75, rng=rng)
    return 2 * X, y


@lru_cache
def _digits() -> Examples:
    """Load all digits."""
    split = nn.load_digits()
    return np.vstack([split.X_train, split.X_test]), np.append(split.y_train, split.y_test)


def _first(run: Run, rng: Any, shape: Any, dtype: Any = np.float64) -> Array:
    """Draw first weights."""
    init = nn.initializers.he_normal if run.bend == "ReLU" else nn.initializers.xavier_normal
    return run.scale * init(rng, shape, dtype)


class Training:
    """A run as far as it has come.

    Attributes
    ----------
    run : Run
    model : nnlib.Model
        Its network, loss and optimizer, as `nnlib.diagnose` takes them.
    train, val, later : list of float
        Losses before training and after each epoch, as shares of a guess's: on the training data,
        on validation data, and on examples that were collected later.
    broken_off : bool
        Whether a loss or gradient was no finite number, which ends a run.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.examples = run, drawn(run)
        (X, y), *_ = self.examples
        self.classes = CLASSES[run.data]
        sizes = [X.shape[1], *run.hidden, self.classes]
        layers: list[nn.Layer] = []
        for d_in, d_out in pairwise(sizes):
            layers += [nn.Dense(d_in, d_out, init=partial(_first, run)), getattr(nn, run.bend)()]
        net = nn.Sequential(*layers[:-1], rng=run.seed)
        optimizer = nn.optimizers.BY_NAME[run.optimizer](lr=run.lr, weight_decay=run.decay)
        self.model = nn.Model(net, nn.SoftmaxCrossEntropy(), optimizer)
        self.epochs = nn.epochs(
            net, self.model.loss, optimizer, X, y,
            epochs=10**6, batch_size=run.batch, rng=run.seed,
        )  # fmt: skip
        self.train: list[float] = []
        self.val: list[float] = []
        self.later: list[float] = []
        self.broken_off = False
        self._score()

    @property
    def guess(self) -> float:
        """log k, the loss of a blind guess."""
        return math.log(self.classes)

    @property
    def epoch(self) -> int:
        """Epochs so far."""
        return len(self.train) - 1

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.broken_off or self.epoch >= self.run.epochs

    def advance(self) -> bool:
        """Train for one epoch; return whether there may be another."""
        if self.done:
            return False
        with np.errstate(all="ignore"):
            try:
                next(self.epochs)
            except FloatingPointError:
                self.broken_off = True
                return False
            self._score()
        return not self.done

    def _score(self) -> None:
        net, loss = self.model.net, self.model.loss
        curves = (self.train, self.val, self.later)
        for losses, (X, y) in zip(curves, self.examples, strict=True):
            losses.append(float(loss.value(net.forward(X), y)) / self.guess)


# The runs -----------------------------------------------------------------------------------------


RUNS = (
    Run(
        "overfitting", "120 examples, and 15% of the labels random; later ones are noisier",
        n=120, noise=0.15, hidden=(64,), batch=16, epochs=60, drift=0.6, seed=6,
    ),
    Run("healthy", "nothing is wrong with it; later examples are noisier", epochs=20, drift=0.5),
    Run(
        "rate_too_small", "gradient descent with η = 0.0015 for 30 epochs",
        optimizer="sgd", lr=0.0015, epochs=30, seed=12,
    ),
    Run(
        "shuffled_labels", "the labels of 120 examples in another order than the examples",
        data="clouds", n=120, hidden=(64,), bend="Tanh", lr=0.005, epochs=80, shuffled=True,
        seed=20,
    ),
    Run(
        "underfitting", "no hidden layer, where the classes meet in a wave; later examples are "
        "noisier",
        data="sine", n=500, hidden=(), lr=0.03, epochs=30, drift=0.5, seed=5,
    ),
    Run(
        "rate_too_large", "gradient descent with η = 3",
        hidden=(32, 32), bend="Tanh", optimizer="sgd", lr=3.0, epochs=40, seed=11,
    ),
    Run(
        "leak", "a feature that tells the label, and that later examples do not have",
        data="sine", n=400, bend="Tanh", epochs=30, leak="label", seed=16,
    ),
    Run(
        "bad_initialization", "weights four times too large in each of three layers",
        data="arms", n=400, hidden=(32, 32), scale=4.0, lr=0.002, epochs=30, seed=23,
    ),
    Run(
        "overfitting", "80 examples, and 15% of the labels random; later ones are noisier",
        data="arms", n=80, noise=0.15, hidden=(64, 64), bend="Tanh", optimizer="momentum", lr=0.05,
        epochs=300, drift=0.15, seed=2,
    ),
    Run(
        "shuffled_labels", "the labels of 200 digits in another order than the digits",
        n=200, hidden=(64,), epochs=60, shuffled=True, seed=18,
    ),
    Run(
        "leak", "80% of the validation examples stand in the training data, too",
        n=150, noise=0.1, hidden=(64,), epochs=50, leak="copies", share=0.8, seed=15,
    ),
    Run(
        "rate_too_small", "Adam with η = 0.00003 for 50 epochs",
        data="spirals", n=400, hidden=(32, 32), lr=3e-5, epochs=50, seed=13,
    ),
    Run(
        "rate_too_large", "momentum with η = 1",
        data="clouds", n=400, hidden=(32, 32), optimizer="momentum", lr=1.0, epochs=40, seed=29,
    ),
    Run(
        "underfitting", "one hidden unit for ten classes",
        n=1000, hidden=(1,), bend="Tanh", lr=0.03, epochs=60, seed=3,
    ),
    Run(
        "overfitting", "80 examples, and 10% of the labels random",
        data="clouds", n=80, noise=0.1, hidden=(100,), bend="Tanh", batch=16, epochs=60, seed=8,
    ),
    Run(
        "bad_initialization", "weights a tenth of Xavier's before six layers of sigmoids",
        hidden=(32,) * 6, bend="Sigmoid", scale=0.1, optimizer="sgd", lr=0.1, epochs=30, seed=22,
    ),
    Run(
        "leak", "validation examples are training examples with a little noise",
        data="clouds", n=100, noise=0.2, hidden=(64,), epochs=60, leak="near", seed=17,
    ),
    Run(
        "rate_too_large", "Adam with η = 0.5",
        data="arms", n=400, hidden=(32, 32), lr=0.5, epochs=40, seed=10,
    ),
    Run(
        "healthy", "nothing is wrong with it; later examples are noisier",
        data="arms", n=400, hidden=(32, 32), bend="Tanh", epochs=40, drift=0.2, seed=1,
    ),
    Run(
        "overfitting", "60 examples, and 20% of the labels random; later ones are noisier",
        data="spirals", n=60, noise=0.2, hidden=(128, 128), lr=0.003, batch=60, epochs=200,
        drift=0.4, seed=25,
    ),
    Run(
        "rate_too_small", "Adam with η = 0.0003 for 30 epochs",
        data="clouds", n=400, hidden=(16,), bend="Tanh", lr=3e-4, epochs=30, seed=14,
    ),
    Run(
        "bad_initialization", "weights twelve times too large",
        scale=12.0, lr=0.003, epochs=40, seed=21,
    ),
    Run(
        "underfitting", "weight decay of 0.1",
        optimizer="sgd", lr=0.1, decay=0.1, epochs=40, seed=4,
    ),
    Run(
        "shuffled_labels", "the labels of 100 points in another order than the points",
        data="arms", n=100, hidden=(128, 128), lr=0.003, batch=100, epochs=200, shuffled=True,
        seed=19,
    ),
)  # fmt: skip
"""Run 1 is the first."""


@lru_cache
def training(number: int) -> Training:
    """Train a run to its end, once; number 1 is the first."""
    if number not in range(1, len(RUNS) + 1):
        raise ValueError(f"number: expected 1 to {len(RUNS)}, got {number!r}")
    training = Training(RUNS[number - 1])
    while training.advance():
        pass
    return training


# How curves are read ------------------------------------------------------------------------------


JUMP = 0.2
"""Rise of the training loss, from one epoch to the next, that no good rate makes."""

START = 4.0
"""First loss that only bad first weights have."""

FLAT = 0.03
"""How far from a guess a run stays that has learned nothing at all."""

APART = 0.3
"""Difference of two losses that are no longer close."""

LOW = 0.3
"""Training loss of a run that fits its examples."""

LEARNED = 0.9
"""Validation loss below which something has been learned that holds."""

FALLING = 0.13
"""Share of the whole fall that the last third of the epochs has in a run that is still falling."""


@dataclass(frozen=True)
class Marks:
    """What a reader sees of the curves, in numbers; losses are shares of a guess's.

    Attributes
    ----------
    first, last, low, high : float
        Training loss before training, at the end, and its range.
    val, best, turn : float, float, int
        Validation loss at the end, the lowest, and its epoch.
    later : float
        The loss of examples that were collected later, at the end.
    rise, late : float
        The largest rise of the training loss from one epoch to the next; the share of its fall
        that belongs to the last third of the epochs.
    jump : str
        Where it first rises by more than `JUMP`, or breaks off; empty where it does not.
    """

    first: float
    last: float
    low: float
    high: float
    val: float
    best: float
    turn: int
    later: float
    rise: float
    late: float
    jump: str

    @property
    def start(self) -> str:
        """Say how it begins."""
        if self.first > START:
            return f"before the first step its loss is {self.first:.0f} times a guess's"
        return (
            f"from the first epoch to the last its training loss is a guess's, {self.last:.2f}: "
            "all logits are alike"
        )

    @property
    def steady(self) -> str:
        """Say how little its training loss rises."""
        if self.rise < 0.005:
            return "it never rises"
        return f"from one epoch to the next it rises by {self.rise:.2f} at most"

    @property
    def together(self) -> str:
        """Say that training and validation end close to each other."""
        how = "they are close, and both high" if self.last >= LOW else "they are close"
        return f"training ends at {self.last:.2f} and validation at {self.val:.2f}: {how}"

    @property
    def left(self) -> str:
        """Say what validation does where training leaves it behind."""
        if self.val - self.best > 0.1:
            return f"turns at {self.best:.2f}, epoch {self.turn}, and climbs to {self.val:.2f}"
        return f"stays at {self.val:.2f}"

    @property
    def close(self) -> bool:
        """Whether validation ends near training."""
        return self.val - self.last < APART

    @property
    def flat(self) -> bool:
        """Whether it stays at a guess."""
        return max(self.high - 1, 1 - self.low) < FLAT


def marks(training: Training) -> Marks:
    """Measure what a reader sees."""
    train, val = np.array(training.train), np.array(training.val)
    end, last = len(train) - 1, float(train[-1])
    fall = max(float(train[0]) - last, 1e-12)
    rises = np.append(np.diff(train), -math.inf)
    jump, at = "", int(np.argmax(rises > JUMP))
    if rises[at] > JUMP:
        jump = (
            f"its training loss jumps up, from {train[at]:.3g} to {train[at + 1]:.3g} at epoch "
            f"{at + 1}"
        )
    elif training.broken_off:
        jump = f"it breaks off after epoch {end}: the loss is no finite number any more"
    return Marks(
        first=float(train[0]),
        last=last,
        low=float(train.min()),
        high=float(train.max()),
        val=float(val[-1]),
        best=float(val.min()),
        turn=int(val.argmin()),
        later=training.later[-1],
        rise=max(0.0, float(rises.max())),
        late=max(0.0, float(train[end - end // 3] - last)) / fall,
        jump=jump,
    )


Mark = tuple[Callable[[Marks], bool], str]
"""What must be seen, and what to say where it is not."""

CALM: Mark = (lambda m: not m.jump, "{m.jump}")
RESTLESS: Mark = (
    lambda m: bool(m.jump),
    "its training loss never jumps: {m.steady}",
)
WELL_BEGUN: Mark = (lambda m: m.first < START and not m.flat, "{m.start}")
BADLY_BEGUN: Mark = (
    lambda m: m.first > START or m.flat,
    "it begins at {m.first:.2f}, near a guess, and from there on it moves: down to {m.low:.2f}",
)
FITTED: Mark = (
    lambda m: m.last < LOW,
    "its training loss never falls below {m.low:.2f}: it does not fit even its own examples",
)
UNFITTED: Mark = (
    lambda m: m.last >= LOW,
    "its training loss falls to {m.low:.2f}: it does fit its own examples",
)
CLOSE: Mark = (
    lambda m: m.close,
    "training ends at {m.last:.2f} and validation at {m.val:.2f}: they have come apart",
)
COME_APART: Mark = (
    lambda m: not m.close,
    "{m.together}",
)
HOLDS: Mark = (
    lambda m: m.later - m.val < APART,
    "validation ends at {m.val:.2f}, but examples collected later at {m.later:.2f}",
)
BREAKS: Mark = (
    lambda m: m.later - m.val >= APART,
    "examples collected later end at {m.later:.2f}, near validation, {m.val:.2f}: what validation "
    "promises is kept",
)
SOMETHING: Mark = (
    lambda m: m.best < LEARNED,
    "its validation loss never falls below {m.best:.2f}: nothing was learned that holds for others",
)
NOTHING: Mark = (
    lambda m: m.best >= LEARNED,
    "its validation loss falls to {m.best:.2f}: so labels do belong to their examples",
)
STILL_FALLING: Mark = (
    lambda m: m.late > FALLING,
    "it has levelled off: the last third of the epochs has {m.late:.0%} of its fall",
)
LEVEL: Mark = (
    lambda m: m.late <= FALLING,
    "it is still falling when it ends: the last third of the epochs has {m.late:.0%} of its fall",
)

DIAGNOSES: Mapping[str, tuple[Mark, ...]] = {
    "healthy": (CALM, WELL_BEGUN, FITTED, CLOSE, HOLDS),
    "underfitting": (CALM, WELL_BEGUN, UNFITTED, CLOSE, HOLDS, LEVEL, SOMETHING),
    "overfitting": (CALM, WELL_BEGUN, COME_APART, SOMETHING),
    "rate_too_large": (RESTLESS,),
    "rate_too_small": (CALM, WELL_BEGUN, UNFITTED, CLOSE, HOLDS, STILL_FALLING),
    "leak": (CALM, WELL_BEGUN, CLOSE, BREAKS),
    "shuffled_labels": (CALM, WELL_BEGUN, COME_APART, NOTHING),
    "bad_initialization": (CALM, BADLY_BEGUN),
}
"""What must be seen for each; no two can fit the same curves."""

EVIDENCE = {
    "healthy": "training ends at {m.last:.2f}, validation at {m.val:.2f}, later examples at "
    "{m.later:.2f}: all low, and close",
    "underfitting": "training and validation end high and close, at {m.last:.2f} and {m.val:.2f}, "
    "and level: the last third of the epochs has {m.late:.0%} of the fall",
    "overfitting": "training falls to {m.last:.2f}, while validation {m.left}",
    "rate_too_large": "{m.jump}",
    "rate_too_small": "one slow fall from {m.first:.2f} to {m.last:.2f}, still on its way when it "
    "ends: the last third of the epochs has {m.late:.0%} of it",
    "leak": "validation ends at {m.val:.2f}, close to training, {m.last:.2f}, but examples "
    "collected later at {m.later:.2f}",
    "shuffled_labels": "training falls to {m.last:.2f}, by heart, and validation never falls below "
    "{m.best:.2f}",
    "bad_initialization": "{m.start}",
}
"""What gives each away."""


def read(training: Training) -> str:
    """Name the diagnosis all of whose marks are seen, as in `NAMES`; empty: none."""
    m = marks(training)
    fitting = [name for name, needed in DIAGNOSES.items() if all(seen(m) for seen, _ in needed)]
    return fitting[0] if fitting else ""


def evidence(training: Training, name: str) -> str:
    """Say what gives a diagnosis away, in the run's own numbers."""
    return EVIDENCE[name].format(m=marks(training))


def objection(training: Training, name: str) -> str:
    """Say what a diagnosis would need that the curves do not show; empty: it fits."""
    m = marks(training)
    return next((text.format(m=m) for seen, text in DIAGNOSES[name] if not seen(m)), "")


# How they are drawn -------------------------------------------------------------------------------


TOP = 100.0
"""Losses above are drawn at the upper edge."""

CURVES = (("train", "training"), ("val", "validation"), ("later", "collected later"))


def scale(ax: Any) -> None:
    """Let losses up to two guesses have most of the room, and show the others, too.

    The axis is linear up to 2 and logarithmic above, where it is grey: a curve that bends on its
    way into the grey need not have bent.
    """
    ax.set_yscale("symlog", linthresh=2, linscale=4)
    ax.axhspan(2, TOP, color="0.9", lw=0, zorder=0)
    ax.set_ylim(0, TOP)
    ax.set_yticks([0, 1, 2, 10, 100], ["0", "1", "2", "10", "100"])
    ax.set_yticks([], minor=True)


def draw(ax: Any, training: Training) -> None:
    """Draw the three curves into an axes; a cross marks where a run breaks off."""
    ax.axhline(1, color="0.6", lw=1, ls="-", label="a blind guess")
    for name, label in CURVES:
        losses = np.clip(getattr(training, name), 0, TOP)
        ax.plot(range(len(losses)), losses, label=label, lw=1.6)
    if training.broken_off:
        ax.plot(training.epoch, min(training.train[-1], TOP), "kx", ms=7, clip_on=False)
    scale(ax)
    ax.set_xlim(0, max(1, training.epoch))


def show(numbers: Iterable[int], columns: int = 3) -> Any:
    """Draw the curves of some runs as small multiples, and return the figure."""
    from matplotlib import pyplot as plt

    numbers = list(numbers)
    rows = -(-len(numbers) // columns)
    figure, axes = plt.subplots(
        rows, columns, figsize=(7.5, 0.4 + 2.1 * rows), sharey=True, squeeze=False
    )
    for ax in axes.ravel()[len(numbers) :]:
        ax.set_visible(False)
    for ax, number in zip(axes.ravel(), numbers, strict=False):
        draw(ax, training(number))
        ax.set_title(f"run {number}")
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    for ax in axes[:, 0]:
        ax.set_ylabel("loss / log k")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    order = [1, 2, 3, 0]
    figure.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="outside upper center", ncols=4
    )
    return figure
