"""Checkpoints: a model, or a training run that goes on where it stopped, in one file.

`nnlib.Model` has ``save``, ``load`` and ``resume``, which are built of what is here: every part of
a model in two halves, what JSON can say of it and its arrays. Parameters bear the names of the
network, ``0.W``, ``0.b``, …
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from ._describe import Custom, built, described
from ._files import StrPath, Tensors, read, remove_unfinished, write
from ._parts import check_fitted
from .fitting import Best, EarlyStopping, Fit, History, ReduceLROnPlateau
from .losses import Loss
from .metrics import BY_NAME
from .network import Sequential, Snapshot
from .optimizers import Optimizer
from .preparation import Preparation
from .training import Progress, Run


class Savable(Protocol):
    """What a model is made of."""

    net: Sequential
    loss: Loss
    optimizer: Optimizer
    classes: Any
    prepare: Any
    history: History
    _rng: np.random.Generator


@dataclass
class Saved:
    """What a file holds of a model, made again, and the run that was under way."""

    net: Sequential
    loss: Loss
    optimizer: Optimizer
    classes: Any
    prepare: Preparation | None
    history: History
    rng: np.random.Generator
    fit: Any
    best: Snapshot | None

    @property
    def run_rng(self) -> np.random.Generator:
        """The random numbers as they were at the beginning of the epoch."""
        return generator_of(self.fit["rng"])


def save(
    path: StrPath,
    model: Savable,
    fit: Any = None,
    tensors: Tensors | None = None,
    *,
    trial: bool = False,
) -> None:
    """Write a model, and what there is to say of a run under way."""
    check_fitted(model.prepare)
    about = {
        "nnlib": getattr(sys.modules[__name__.rpartition(".")[0]], "__version__", "?"),
        "net": about_network(model.net),
        "loss": described("loss", model.loss),
        "optimizer": about_optimizer(model.optimizer),
        "classes": described("classes", model.classes),
        "prepare": described("prepare", model.prepare),
        "rng": about_generator("rng", model._rng),
        "history": about_history(model.history),
        "fit": fit,
    }
    arrays = {f"history.{name}": np.array(values) for name, values in model.history.items()}
    arrays |= model.net.named_arrays() | vectors_of(model.optimizer) | (tensors or {})
    write(path, about, arrays, trial=trial)


def load(path: StrPath, custom: Custom) -> Saved:
    """Read a model's file and make its parts again."""
    about, tensors = read(path)
    best = None
    if "best.params" in tensors:
        best = Snapshot(tensors["best.params"], tensors["best.buffers"])
        best.frozen = tuple(about["fit"].get("frozen", ()))
    return Saved(
        network(path, about["net"], tensors, custom),
        built("loss", about["loss"], custom),
        optimizer(about["optimizer"], tensors, custom),
        built("classes", about["classes"], custom),
        built("prepare", about["prepare"], custom),
        history(about["history"], tensors),
        generator_of(about["rng"]),
        about["fit"],
        best,
    )


# A run under way --------------------------------------------------------------------------------

NEWER_OPTIONS = {"plateau": None, "shuffle": True, "stratify": False}
"""Options that the first runs in files do not name."""


def check_place(path: StrPath, net: Sequential) -> None:
    """Make sure that a new run overwrites no other that has not ended, no other saved model."""
    if not os.path.exists(path):
        return
    try:
        about, _ = read(path)
    except (FileNotFoundError, ValueError):
        raise ValueError(
            f"checkpoint: expected a new file, got {str(path)!r}, which nnlib did not write, or "
            "which is damaged: name another file, or move this one away"
        ) from None
    if about["fit"] is None and about["net"]["mark"][0] != net.mark[0]:
        raise ValueError(
            f"checkpoint: expected a new file, got {str(path)!r}, in which another model was "
            "saved: name another file, or move this one away"
        )
    if about["fit"] is not None and "finished" not in about["fit"]:
        at, call = about["fit"]["at"], how_to_resume(path, about["fit"]["data"])
        raise ValueError(
            f"checkpoint: expected a new file, got {str(path)!r}, which holds a run that stopped "
            f"after step {at['step']}: {call} goes on with it; to begin another, name another "
            "file, or move this one away"
        )


def how_to_resume(path: StrPath, data: Mapping[str, str]) -> str:
    """Write the call that goes on with a run, with all that it began with."""
    parts = {"validation": "validation X", "sample_weight": "sample_weight"}
    more = "".join(f", {name}=…" for name, part in parts.items() if part in data)
    return f"nnlib.Model.resume({str(path)!r}, X, y{more})"


def keep(fit: Fit, model: Savable, path: StrPath, asked: dict[str, Any]) -> None:
    """Let a run be saved every so many steps, and see now whether it can be.

    Of a run that has ended, or of this very network, the file stays until there is a newer state.
    """
    remove_unfinished(path)
    fit.every, fit.data = asked["every"], fit.data or fingerprint(fit.run)
    metrics = fit.run.metrics
    own = [name for name, metric in metrics.items() if BY_NAME.get(name) is not metric]
    wanted = described("fit", {**asked, "metrics": list(metrics), "own": own})

    def saved(fit: Fit, trial: bool = False) -> None:
        run, best, plateau = fit.run, fit.best, fit.plateau
        about = {
            "asked": wanted,
            "at": {**asdict(run.at), "shuffling": None},
            "rng": about_generator("rng", run.rng, run.at.shuffling),
            "best": described("best", best.value),
            "frozen": list(best.snapshot.frozen) if best.snapshot else [],
            "plateau": plateau and described("plateau", [plateau.best, plateau.waited]),
            "data": fit.data,
        }
        arrays = (
            {}
            if best.snapshot is None
            else {"best.params": best.snapshot.params, "best.buffers": best.snapshot.buffers}
        )
        save(path, model, about, arrays, trial=trial)

    fit.save = saved
    saved(fit, trial=os.path.exists(path))


def asked(path: StrPath, saved: Saved, validation: Any) -> dict[str, Any] | None:
    """Return the options of a run that can go on; None: it has ended."""
    if saved.fit is None:
        raise ValueError(
            f"{path}: expected the checkpoint of a training run, got a model that was saved by "
            f"itself: nnlib.Model.load({str(path)!r}).fit(X, y) trains it further"
        )
    if "finished" in saved.fit:
        return None
    if validation is None and "validation X" in saved.fit["data"]:
        raise ValueError(
            "validation: expected what the run began with, got none: pass validation=(X_val, y_val)"
        )
    return NEWER_OPTIONS | built("fit", saved.fit["asked"], {})


def resumed(path: StrPath, saved: Saved, run: Run, asked: Mapping[str, Any]) -> Fit:
    """Bring a run to where it was stopped.

    Raises
    ------
    ValueError
        If the data or the metrics are others than at its beginning.
    """
    found = fingerprint(run)
    check_data(path, saved.fit["data"], found)
    if list(run.metrics) != asked["metrics"]:
        raise ValueError(
            f"metrics: expected {', '.join(asked['metrics']) or 'none'}, as at the beginning of "
            f"the run, got {', '.join(run.metrics) or 'none'}: pass the same functions under the "
            "same names"
        )
    run.at = Progress(**saved.fit["at"])
    stopping, plateau = asked["early_stopping"], None
    if asked["plateau"] is not None:
        plateau = ReduceLROnPlateau(run.optimizer, **asked["plateau"])
        plateau.best, plateau.waited = built("plateau", saved.fit["plateau"], {})
    return Fit(
        run,
        saved.history,
        None if stopping is None else EarlyStopping(**stopping),
        plateau,
        Best(built("best", saved.fit["best"], {}), saved.best),
        data=found,
    )


def fingerprint(run: Run) -> dict[str, str]:
    """Tell data from others: a hash of each part, of what lies in memory in full."""
    parts: dict[str, Any] = {"X": run.data.X, "y": run.data.y, "sample_weight": run.data.weights}
    if run.held is not None and run.held.rows is None:
        held = run.held
        parts |= {"validation X": held.X, "validation y": held.y}
        parts |= {"validation sample_weight": held.weights}
    return {name: _hash(a) for name, a in parts.items() if a is not None}


def _hash(rows: Any) -> str:
    """Hash dtype, shape and rows: all of an array, a thousand of what is read row by row."""
    n, loose = len(rows), type(rows) is not np.ndarray
    total = hashlib.sha256(f"{n}".encode())
    for i in np.unique(np.linspace(0, n - 1, 1000).astype(int)) if loose else range(0, n, 4096):
        part = np.ascontiguousarray(rows[int(i)] if loose else rows[i : i + 4096])
        total.update(f"{part.dtype.str} {part.shape}".encode())
        total.update(part.data)
    return total.hexdigest()[:16]


def check_data(path: StrPath, expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Make sure that a run goes on with the data that it began with.

    Raises
    ------
    ValueError
        If something is missing, new or other.
    """
    for name in (*expected, *(found.keys() - expected.keys())):
        if found.get(name) != expected.get(name):
            state = "none" if name not in found else "other data" if name in expected else "some"
            wanted = "what the run began with" if name in expected else "none, as at its beginning"
            raise ValueError(
                f"{name}: expected {wanted}, got {state}: pass the same data in the same order; "
                f"to train on others, nnlib.Model.load({str(path)!r}).fit(X, y)"
            )


# Parts, each in two halves: what JSON says, and arrays -------------------------------------------


def about_network(net: Sequential) -> dict[str, Any]:
    """Describe a network but for its numbers."""
    layers = [described(f"layers[{i}]", layer) for i, layer in enumerate(net.layers)]
    own = {i: a.rng for i, a in net.named_layers().items() if a.rng is not None}
    rngs = {i: about_generator(f"layers[{i}].rng", rng) for i, rng in own.items()}
    frozen = [i for i, a in net.named_layers().items() if a.frozen]
    about = {"layers": layers, "dtype": str(net.dtype), "rngs": rngs, "mark": list(net.mark)}
    return about | {"frozen": frozen}


def network(
    path: StrPath, about: Mapping[str, Any], tensors: Tensors, custom: Custom
) -> Sequential:
    """Make the network that was described, and give it its numbers."""
    layers = [built(f"layers[{i}]", a, custom) for i, a in enumerate(about["layers"])]
    net = Sequential(*layers, dtype=about["dtype"])
    named = net.named_layers()
    for i in about.get("frozen", ()):
        named[i]._frozen = True
    net.rearrange()
    net.take_arrays(path, tensors)
    for i, state in about["rngs"].items():
        named[i].rng = generator_of(state)
    name, updates = about["mark"]
    net.mark = (name, updates)
    return net


def about_optimizer(optimizer: Optimizer) -> dict[str, Any]:
    """Describe an optimizer but for its vectors."""
    mark = None if optimizer.mark is None else list(optimizer.mark)
    return {"part": described("optimizer", optimizer), "t": optimizer.t, "mark": mark}


def vectors_of(optimizer: Optimizer) -> Tensors:
    """Name the vectors that an optimizer remembers."""
    return {f"optimizer.{k}": v for k, v in optimizer.state_dict().items() if k != "t"}


def optimizer(about: Mapping[str, Any], tensors: Tensors, custom: Custom) -> Optimizer:
    """Make the optimizer that was described, at its step."""
    made: Optimizer = built("optimizer", about["part"], custom)
    prefix = "optimizer."
    vectors = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    made.load_state_dict({"t": about["t"]} | vectors)
    made.mark = None if about["mark"] is None else (about["mark"][0], about["mark"][1])
    return made


def about_generator(where: str, rng: np.random.Generator, state: Any = None) -> dict[str, Any]:
    """Describe a generator of random numbers: its kind, its state, and the seed it came from."""
    bits: Any = rng.bit_generator
    kind, seed = type(bits).__name__, bits.seed_seq
    if getattr(np.random, kind, None) is not type(bits) or not hasattr(seed, "spawn_key"):
        raise TypeError(
            f"{where}: expected a Generator that NumPy made from a seed, got one of {kind} that "
            "it did not, which cannot be saved: use numpy.random.default_rng(0)"
        )
    names = ("entropy", "spawn_key", "pool_size", "n_children_spawned")
    from_seed = {name: getattr(seed, name) for name in names}
    return {
        "kind": kind,
        "state": described(where, state or bits.state),
        "seed": described(where, from_seed),
    }


def generator_of(about: Mapping[str, Any]) -> np.random.Generator:
    """Make the generator that was described, in its state."""
    seed = np.random.SeedSequence(**built("rng", about["seed"], {}))
    bits = getattr(np.random, about["kind"])(seed)
    bits.state = built("rng", about["state"], {})
    return np.random.Generator(bits)


def about_history(history: History) -> dict[str, Any]:
    """Describe a history but for its numbers."""
    own = {"best_epoch": history.best_epoch, "steps_before": history.steps_before}
    return {"names": list(history), "unit": history.unit, **own}


def history(about: Mapping[str, Any], tensors: Tensors) -> History:
    """Make the history that was described."""
    made = History({name: tensors[f"history.{name}"].tolist() for name in about["names"]})
    made.best_epoch, made.steps_before = about["best_epoch"], about["steps_before"]
    made.unit = about["unit"]
    return made
