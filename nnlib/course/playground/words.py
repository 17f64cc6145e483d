"""Settings in words: all that matters in a line, or what tells one run from another."""

from dataclasses import dataclass

from nnlib.course.playground.data import make_data
from nnlib.course.playground.history import History, Record
from nnlib.course.playground.settings import KNOBS, OWN, Settings


def describe(s: Settings) -> str:
    """Say the settings in a line; those that do nothing here are left out."""
    return "; ".join(facts(s).values())


def differences(other: Settings, now: Settings) -> list[str]:
    """Say what other settings have that is not as it is now."""
    there, here = facts(other), facts(now)
    parts = [words for name, words in there.items() if words != here.get(name)]
    if other.data == now.data == OWN and other.points != now.points:
        parts = ["other points", *parts]
    return parts + [KNOBS[name].none for name in here if KNOBS[name].none and name not in there]


def facts(s: Settings) -> dict[str, str]:
    """Say everything that matters for a run with these settings, each by the setting's name."""
    data, values = make_data(s), s.as_dict()
    train, n = len(data.X_train), len(data.X_train) + len(data.X_test)
    batch = s.batch(train)
    more = {"train": train, "all": n, "inputs": ", ".join(s.features), "network": architecture(s)}
    more |= {"batches": f"batches of {batch}" if batch < train else "all examples at once"}
    return {
        name: knob.says.format(**values, **more)
        for name, knob in KNOBS.items()
        if knob.says and not knob.idle(s) and (values[name] or not knob.none)
    }


@dataclass(frozen=True)
class KeptRun:
    """A run's curves, kept to be compared with the next, and what it was."""

    history: History
    settings: Settings
    changed: bool
    """Whether it had other settings before."""

    def words(self, now: Settings) -> str:
        """Say how it differs from a run with these settings, if the two can be compared."""
        here, there = (loss_name(s) for s in (self.settings, now))
        if here != there:
            return (
                f"The kept run is not drawn: its loss is {here}, and this one is {there}; the two "
                "cannot be compared."
            )
        differs = "; ".join(differences(self.settings, now))
        how = f"{differs}; else as now" if differs else "the same settings as now"
        before = ", which it did not have from the start" if self.changed else ""
        return f"In grey, the kept run, with {how}{before}."


def loss_name(s: Settings) -> str:
    """Name what a run with these settings makes small."""
    return "a cross-entropy" if make_data(s).k else "a squared error"


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


def _epochs(count: int) -> str:
    return f"{count} epoch{'s' * (count != 1)}"
