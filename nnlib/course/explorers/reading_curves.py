"""A run that is broken on purpose, more or less, and what its curves say about it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nnlib.course import drill
from nnlib.course.kit.canvas import ON_CURVES, Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.plots import PALETTE

EPOCHS = 60

YOUNG = 12
"""Epochs before which no curve can be read."""

RIDDLE = "riddle"

HALF = 3
"""The middle of how much, from 1 to 5."""


class Experiment:
    """Digits and a network with one hidden layer, with one thing broken.

    Parameters
    ----------
    broken : str
        One of `nnlib.course.drill.NAMES`, where ``"healthy"`` breaks nothing; or ``"riddle"``: what
        is broken depends on the seed.
    much : int
        How much, from 1 to 5.
    lr, hidden, n, noise : float, int, int, float
        η of Adam, hidden units, training examples, and the share of labels drawn by lot, before
        anything is broken.
    seed : int

    Attributes
    ----------
    cause : str
        What is broken; of a riddle, what was drawn.
    how : str
        What was done, in a few words.
    training : nnlib.course.drill.Training
    """

    def __init__(
        self,
        broken: str = "healthy",
        much: int = HALF,
        lr: float = 0.01,
        hidden: int = 32,
        n: int = 400,
        noise: float = 0.0,
        seed: int = 0,
    ) -> None:
        self.riddle, self.seed = broken == RIDDLE, seed
        if self.riddle:
            round_, place = divmod(seed, len(drill.NAMES))  # in each round every name once
            names = np.random.default_rng([round_, 3]).permutation(list(drill.NAMES))
            broken = str(names[place])
        self.cause, self.much = broken, much
        settings: dict[str, Any] = {"lr": lr, "hidden": (hidden,), "n": n, "noise": noise}
        self.how = BREAKING[broken](settings, much)
        run = drill.Run(broken, self.how, batch=16, epochs=EPOCHS, seed=seed, **settings)
        self.training = drill.Training(run)

    @property
    def epoch(self) -> int:
        """Epochs so far."""
        return self.training.epoch

    @property
    def done(self) -> bool:
        """Whether there is nothing more to see."""
        return self.training.done

    def advance(self) -> bool:
        """Train for one epoch; return whether there may be another."""
        return self.training.advance()

    @property
    def caption(self) -> str:
        """What one is told of it."""
        if self.riddle:
            return f"Riddle {self.seed}"
        if self.cause == "healthy":
            return "Nothing broken"
        return f"{drill.NAMES[self.cause].capitalize()}, {self.much} of 5"

    @property
    def read(self) -> str:
        """What the curves say, as one of the names; empty: nothing, or nothing yet."""
        early = self.epoch < YOUNG and not self.training.broken_off
        return "" if early else drill.read(self.training)

    def answer(self) -> str:
        """Say what it is, and what gives it away."""
        if self.epoch < YOUNG and not self.training.broken_off:
            return f"Too early to tell: let it run to epoch {YOUNG} at least."
        read, name = self.read, drill.NAMES[self.cause]
        why = drill.objection(self.training, self.cause)
        if not read:
            none = "None of the eight fits these curves."
            return f"{none} {self.done_to_it} Why not “{name}”: {why}."
        seen = drill.evidence(self.training, read)
        text = f"The curves say “{drill.NAMES[read]}”: {seen}."
        if read == self.cause:
            return f"{text} {self.done_to_it}"
        if self.cause == "healthy":
            return f"{text} {self.done_to_it} So the settings are the cause."
        return f"{text} {self.done_to_it} Why you cannot see “{name}” here: {why}."

    @property
    def done_to_it(self) -> str:
        """Say what was broken."""
        if self.cause == "healthy":
            return "Nothing was broken on purpose."
        return f"What was done to it: {self.how}."

    def words(self) -> str:
        """Say where the curves are, and nothing of what it means."""
        run = self.training
        first = _short(run.train[0])
        if not self.epoch and not run.broken_off:
            return (
                f"{self.caption}, not trained yet: the loss is {first} times that of "
                "a blind guess, ln 10. Press Run."
            )
        losses = (run.train[-1], run.val[-1], run.later[-1])
        train, val, later = map(_short, losses)
        end = " The loss is no longer a finite number." if run.broken_off else ""
        end = " The run ends here." if self.done and not end else end
        return (
            f"{self.caption}, epoch {self.epoch} of {EPOCHS}. Losses as shares of a blind guess's: "
            f"training {train}, validation {val}, examples collected later {later}.{end}"
        )


def _short(loss: float) -> str:
    """Write a loss with few digits."""
    if loss < 100:
        return f"{loss:.2f}"
    return f"{loss:,.0f}" if loss < 1e6 else f"10^{math.log10(loss):.0f}"


Settings = dict[str, Any]


def _nothing(settings: Settings, much: int) -> str:
    return "nothing"


def _too_simple(settings: Settings, much: int) -> str:
    settings["decay"] = (0.05, 0.07, 0.1, 0.13, 0.16)[much - 1]
    return f"weight decay of {settings['decay']:g}"


def _too_few(settings: Settings, much: int) -> str:
    settings["n"] = max(30, round(settings["n"] * (0.4, 0.35, 0.3, 0.25, 0.2)[much - 1]))
    settings["noise"] = max(settings["noise"], 0.07 * much)
    return f"only {settings['n']} examples, {settings['noise']:.0%} of the labels random"


def _too_large(settings: Settings, much: int) -> str:
    settings["lr"] *= (200, 300, 500, 1000, 3000)[much - 1]
    return f"η = {settings['lr']:g}"


def _too_slow(settings: Settings, much: int) -> str:
    settings["lr"] /= (100, 200, 300, 500, 1000)[much - 1]
    return f"η = {settings['lr']:.9f}".rstrip("0")


def _leaking(settings: Settings, much: int) -> str:
    few = _too_few(settings, 3)
    settings.update(leak="copies", share=(0.2, 0.5, 0.8, 0.9, 1.0)[much - 1])
    return f"{settings['share']:.0%} of the validation examples are training examples, too; {few}"


def _mixed_up(settings: Settings, much: int) -> str:
    settings["n"] = max(30, settings["n"] // 2)
    settings["noise"] = (0.6, 0.7, 0.8, 0.9, 1.0)[much - 1]
    return f"{settings['noise']:.0%} of the labels random, {settings['n']} examples"


def _ill_begun(settings: Settings, much: int) -> str:
    settings["scale"] = (5, 8, 12, 20, 40)[much - 1]
    return f"first weights {settings['scale']} times too large"


BREAKING: dict[str, Callable[[Settings, int], str]] = {
    "healthy": _nothing,
    "underfitting": _too_simple,
    "overfitting": _too_few,
    "rate_too_large": _too_large,
    "rate_too_small": _too_slow,
    "leak": _leaking,
    "shuffled_labels": _mixed_up,
    "bad_initialization": _ill_begun,
}
"""For each name what it does to the settings, and says of it."""


# The picture ---------------------------------------------------------------------------------


RATES = [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
HIDDEN = [1, 2, 4, 8, 16, 32, 64, 128]
EXAMPLES = [30, 50, 100, 200, 400, 600, 1000]
SEEDS = range(20)

TIPS = {
    "healthy": "Nothing is broken: what you see comes from the settings below.",
    "underfitting": "Weight decay pulls so hard that the network cannot fit.",
    "overfitting": "Few examples, and some random labels.",
    "rate_too_large": "The learning rate is multiplied, up to 3,000 times.",
    "rate_too_small": "The learning rate is divided, by up to 1,000.",
    "leak": "The training data hold validation examples, too.",
    "shuffled_labels": "Most labels are random, or all of them.",
    "bad_initialization": "The first weights are multiplied, up to 40 times.",
    RIDDLE: "One of the eight, chosen by the seed: find out which.",
}
"""What each button does."""

LABELS = {"nothing": "healthy"} | {
    word: name for name, word in drill.NAMES.items() if name != "healthy"
}
LABELS[RIDDLE] = RIDDLE


class ReadingCurves(Explorer):
    """One run, healthy or broken, whose curves are to be read before the answer is shown."""

    title = "a run that may be broken: what do its curves say?"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.options: dict[str, Any] = {
            "broken": RIDDLE, "much": HALF, "lr": 0.01, "hidden": 32, "n": 400, "noise": 0.0,
            "seed": 0,
        }  # fmt: skip
        self.asked = False
        self.experiment = Experiment(**self.options)
        kinds = self.buttons(
            "what is broken", {label: TIPS[kind] for label, kind in LABELS.items()}, RIDDLE,
            lambda label: self._anew("broken", LABELS[label]),
        )  # fmt: skip
        sliders = self._sliders()
        run = self.run_buttons(lambda: self.experiment.advance(), self.reset)
        ask = self.button(
            "What is it?", "question", self.ask, "Say what the curves show, and what was done."
        )
        self.canvas = Canvas(9.4, 3.9, self._build)
        self.picture()
        self.canvas.figure.set_layout_engine("none")  # the panel stays where it is
        self.arrange(self.row(run, ask), kinds, *sliders)

    def _sliders(self) -> list[Any]:
        """Make the sliders, in rows."""
        seed = self.slider(
            "seed", SEEDS, 0, lambda v: self._anew("seed", v),
            tip="Another number draws other digits and first weights, and makes another riddle.",
        )  # fmt: skip
        much = self.slider(
            "how much", range(1, 6), HALF, lambda v: self._anew("much", v),
            tip="From a little, which may be hard to see, to very much.",
        )  # fmt: skip
        rates = [(f"{rate:g}", rate) for rate in RATES]
        lr = self.slider(
            "learning rate η", rates, 0.01, lambda v: self._anew("lr", v),
            tip="Of Adam, before anything is broken.",
        )  # fmt: skip
        hidden = self.slider(
            "hidden units", HIDDEN, 32, lambda v: self._anew("hidden", v),
            tip="How many there are in the one hidden layer.",
        )  # fmt: skip
        n = self.slider(
            "examples", EXAMPLES, 400, lambda v: self._anew("n", v),
            tip="How many digits there are to train on, before anything is broken.",
        )  # fmt: skip
        noise = self.slider(
            "label noise", numbers(0, 1, 0.1, ".1f"), 0.0, lambda v: self._anew("noise", v),
            tip="The share of all labels that are random.",
        )  # fmt: skip
        return [self.row(seed, much), self.row(lr, hidden), self.row(n, noise)]

    def _anew(self, name: str, value: Any) -> None:
        """Change a setting: another run begins, and the answer is hidden again."""
        self.options[name] = value
        self.reset()

    def reset(self) -> None:
        self.asked, self.experiment = False, Experiment(**self.options)

    def ask(self) -> None:
        """Show the answer, or hide it."""
        self.asked = not self.asked

    def advance(self, seconds: float) -> bool:
        return self.experiment.advance()  # an epoch a picture: slow enough to watch

    def words(self) -> str:
        answer = f" {self.experiment.answer()}" if self.asked else ""
        return f"{self.experiment.words()}{answer}"

    def still(self) -> Pixels:
        """Show a run that overfits, to its end."""
        experiment = Experiment("overfitting")
        while experiment.advance():
            pass
        return self._picture_of(experiment)

    def picture(self) -> Pixels:
        """Draw the three curves."""
        return self._picture_of(self.experiment)

    def _build(self, figure: Any) -> list[Any]:
        ax = figure.subplots()
        drill.scale(ax)
        ax.set(xlim=(0, EPOCHS), xlabel="epochs", ylabel="loss, as a share of a blind guess's")
        styles = zip(drill.CURVES, ("-", "--", "-."), strict=True)
        self._lines = {
            name: ax.plot([], [], color=PALETTE[i], ls=style, lw=2, label=label)[0]
            for i, ((name, label), style) in enumerate(styles)
        }
        ax.axhline(1, color="0.6", lw=1.2, ls="-", label="a blind guess")
        (self._end,) = ax.plot([], [], "x", color="black", ms=9, mew=2, clip_on=False, ls="")
        ax.legend(loc="lower left", bbox_to_anchor=(-0.02, 1.0), ncols=4, columnspacing=1.4)
        self._how = ax.text(
            0.99, 0.97, "", ha="right", va="top", transform=ax.transAxes, bbox=ON_CURVES
        )
        return [self._how, *self._lines.values(), self._end]

    def _picture_of(self, experiment: Experiment) -> Pixels:
        run = experiment.training
        self._how.set_text(experiment.caption)
        for name, line in self._lines.items():
            losses = np.clip(getattr(run, name), 0, drill.TOP)
            line.set_data(range(len(losses)), losses)
        end = [min(run.train[-1], drill.TOP)] if run.broken_off else []
        self._end.set_data([experiment.epoch] * len(end), end)
        return self.canvas.frame()
