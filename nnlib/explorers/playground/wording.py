"""Settings in words: all that matters in a line, or what tells one run from another."""

from nnlib.explorers.playground.data import make_data
from nnlib.explorers.playground.settings import MANY, OWN, Settings

OPTIONS = ("L1", "L2", "dropout")
"""What a run may do without."""


def describe(s: Settings) -> str:
    """Say the settings in a line; those that do nothing here are left out."""
    return "; ".join(facts(s).values())


def differences(other: Settings, now: Settings) -> list[str]:
    """Say what other settings have that is not as it is now."""
    there, here = facts(other), facts(now)
    said = [words for name, words in there.items() if words != here.get(name)]
    if other.data == now.data == OWN and other.points != now.points:
        said = ["other points", *said]
    return said + [f"no {name}" for name in OPTIONS if name in here and name not in there]


def facts(s: Settings) -> dict[str, str]:
    """Say everything that matters for a run with these settings, each by name."""
    data = make_data(s)
    train, n = len(data.X_train), len(data.X_train) + len(data.X_test)
    said = {"data": f"{s.data} of {s.classes} classes" if s.data in MANY else s.data}
    said["points"] = f"{train} of {n} points for training"
    if s.data != OWN:
        said["noise"] = f"noise {s.noise:g}"
    said |= {"data seed": f"data seed {s.data_seed}", "features": ", ".join(s.features)}
    said |= {"network": architecture(s), "optimizer": f"{s.optimizer} η = {s.lr:g}"}
    whole = not s.batch_size or s.batch_size >= train
    said["batches"] = "all examples at once" if whole else f"batches of {s.batch_size}"
    strengths = (s.l1, s.l2, s.dropout if s.hidden else 0.0)
    said |= {name: f"{name} {v:g}" for name, v in zip(OPTIONS, strengths, strict=True) if v}
    return said | {"first weights": f"{s.init} seed {s.seed}"}


def architecture(s: Settings) -> str:
    """Say the network in words: tanh 4 + 2."""
    if not s.hidden:
        return "no hidden layer"
    units = " + ".join(map(str, s.hidden))
    kinds = dict.fromkeys(s.activations)
    return f"{'/'.join(kinds if len(kinds) == 1 else s.activations)} {units}"
