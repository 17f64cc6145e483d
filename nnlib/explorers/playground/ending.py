"""How a run ends: a rule to stop is met, or it diverges. In words, with how to go on."""

import math

from nnlib.explorers.playground.history import Record
from nnlib.explorers.playground.settings import Settings


def rule_met(s: Settings, epoch: int, loss: float, record: Record) -> str:
    """Say which rule to stop is met, and how to go on; nothing if none is."""
    if s.stop_loss and loss <= s.stop_loss:
        return (
            f"Stopped: the training loss is {loss:.4f}, and the rule is to stop at "
            f"{s.stop_loss:g}. To go on, lower “at a loss of” or switch it off."
        )
    if s.stop_epochs and epoch >= s.stop_epochs:
        rule = f"for the rule is to stop after {s.stop_epochs}"
        asked = "as asked for" if epoch == s.stop_epochs else rule
        return (
            f"Stopped after {_epochs(epoch)}, {asked}. To go on, raise “after epochs” or switch "
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
