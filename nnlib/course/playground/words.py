"""Settings in words: all that matters in a line, or what tells one run from another."""

import math

from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import Record
from nnlib.course.playground.settings import MANY, OWN, Settings

OPTIONS = ("L1", "L2", "dropout")
"""What a run may do without."""


def describe(s: Settings) -> str:
    """Say the settings in a line; those that do nothing here are left out."""
    return "; ".join(facts(s).values())


def differences(other: Settings, now: Settings) -> list[str]:
    """Say what other settings have that is not as it is now."""
    there, here = facts(other), facts(now)
    parts = [words for name, words in there.items() if words != here.get(name)]
    if other.data == now.data == OWN and other.points != now.points:
        parts = ["other points", *parts]
    return parts + [f"no {name}" for name in OPTIONS if name in here and name not in there]


def facts(s: Settings) -> dict[str, str]:
    """Say everything that matters for a run with these settings, each by name."""
    data = make_data(s)
    train, n = len(data.X_train), len(data.X_train) + len(data.X_test)
    parts = {"data": f"{s.data} of {s.classes} classes" if s.data in MANY else s.data}
    parts["points"] = f"{train} of {n} points for training"
    if s.data != OWN:
        parts["noise"] = f"noise {s.noise:g}"
    parts |= {"data seed": f"data seed {s.data_seed}", "features": ", ".join(s.features)}
    parts |= {"network": architecture(s), "optimizer": f"{s.optimizer} η = {s.lr:g}"}
    whole = not s.batch_size or s.batch_size >= train
    parts["batches"] = "all examples at once" if whole else f"batches of {s.batch_size}"
    strengths = (s.l1, s.l2, s.dropout if s.hidden else 0.0)
    parts |= {name: f"{name} {v:g}" for name, v in zip(OPTIONS, strengths, strict=True) if v}
    return parts | {"first weights": f"{s.init} seed {s.seed}"}


def architecture(s: Settings) -> str:
    """Say the network in words: tanh 4 + 2."""
    if not s.hidden:
        return "no hidden layer"
    units = " + ".join(map(str, s.hidden))
    kinds = dict.fromkeys(s.activations)
    return f"{'/'.join(kinds if len(kinds) == 1 else s.activations)} {units}"


def rule_met(s: Settings, epoch: int, loss: float, record: Record) -> str:
    """Say which rule to stop is met, and how to go on; nothing if none is."""
    if s.stop_loss and loss <= s.stop_loss:
        return (
            f"Stopped: the training loss is {loss:.4f}, and the rule is to stop at "
            f"{s.stop_loss:g}. To go on, lower “at a loss of” or switch it off."
        )
    if s.stop_epochs and epoch >= s.stop_epochs:
        rule = f"for the rule is to stop after {s.stop_epochs}"
        reason = "as asked for" if epoch == s.stop_epochs else rule
        return (
            f"Stopped after {_epochs(epoch)}, {reason}. To go on, raise “after epochs” or switch "
            "it off."
        )
    if s.patience and record.waited(epoch) >= s.patience:
        long = f"for {_epochs(s.patience)}"
        if record.since > record.epoch:
            long += " since the last change"
        return (
            f"Stopped early: {long} the test loss has not come below its best, {record.test:.4f} "
            f"in epoch {record.epoch}. Change a setting or reset to go on."
        )
    return ""


def divergence(s: Settings, epoch: int, step: int, what: str) -> str:
    """Say where a run diverged, and what the likely causes are."""
    causes = [f"a learning rate of {s.lr:g} is too large for {s.optimizer}: try {s.lr / 10:g}"]
    if max(s.l1, s.l2) * s.lr > 0.5:
        causes.append("the regularization is so strong that its steps overshoot: try less")
    if any("²" in name for name in s.features):
        causes.append("squared features are large inputs, which ask for smaller steps")
    return (
        f"The run diverged in epoch {epoch}, step {step}: {what}. The likely cause: "
        f"{'; or '.join(causes)}."
    )


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"


def size(value: float) -> str:
    """Say how large a number is, if it is one."""
    return f"is {value:.1e}" if math.isfinite(value) else "is no longer a finite number"
