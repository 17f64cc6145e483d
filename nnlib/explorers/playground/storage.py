"""A run as JSON: saved to the last bit, checked when it is read, and it goes on identically."""

import json
import math
from typing import Any

import numpy as np

from nnlib.explorers.playground import network
from nnlib.explorers.playground.checkpoint import Checkpoint
from nnlib.explorers.playground.history import History
from nnlib.explorers.playground.session import Session
from nnlib.explorers.playground.settings import Settings

FORMAT = "nnlib playground 1"


def save(session: Session) -> str:
    """Write the run: settings, weights, the optimizer's memory, all random states, the curves.

    Beside the present, there are two moments that it may come back to: its best one, and the one
    before what was changed since the last step.
    """
    found = {
        "format": FORMAT,
        "run": _written(session.checkpoint()),
        "best": _written(session.good),
        "before": _written(session.anchor),
        "history": session.history.as_dict(),
    }
    return json.dumps(found, ensure_ascii=False, allow_nan=False)


def load(text: str) -> Session:
    """Read a run that `save` wrote.

    Raises
    ------
    ValueError
        If it is something else, cut short or altered; it says what and where.
    """
    remedy = "paste all of what was saved, unchanged"
    try:
        found = json.loads(text)
    except ValueError as error:
        raise ValueError(f"This is no saved run, for it is no JSON ({error}): {remedy}.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"This is no saved run: it lacks the format {FORMAT!r}; {remedy}.")
    try:
        now, good, anchor = (_checkpoint(_part(found, n, dict)) for n in ("run", "best", "before"))
        return Session.of(now, good, anchor, History.of(_part(found, "history", dict)))
    except (ValueError, TypeError, KeyError, IndexError, StopIteration) as error:
        said = str(error) or type(error).__name__
        raise ValueError(f"This run cannot be read: {said}. {remedy}.") from None


def _written(point: Checkpoint) -> dict[str, Any]:
    """Turn a checkpoint into what JSON has."""
    return {
        "settings": point.settings.as_dict(),
        "steps": point.steps,
        "epoch": point.epoch,
        "params": _listed(point.params),
        "optimizer": {name: _listed(value) for name, value in point.optimizer.items()},
        "shuffling": point.shuffling,
        "taken": point.taken,
        "dropping": point.dropping,
        "log": [[steps, settings.as_dict()] for steps, settings in point.log],
    }


def _listed(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value


def _part(found: dict[str, Any], name: str, kind: type) -> Any:
    """Take one part out, if it is of the right kind."""
    if name not in found:
        raise ValueError(f"{name} is missing")
    value = found[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name}: expected {_KINDS[kind]}, got {str(value)[:40]!r}")
    return value


_KINDS = {dict: "names with values", list: "a list", int: "a whole number"}


def _vector(name: str, values: Any) -> Any:
    """Check a list of finite numbers."""
    if not isinstance(values, list) or not all(
        isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v) for v in values
    ):
        raise ValueError(f"{name}: expected a list of finite numbers")
    return np.array(values, np.float64)


def _count(found: dict[str, Any], name: str) -> int:
    value: int = _part(found, name, int)
    if value < 0:
        raise ValueError(f"{name}: expected 0 or more, got {value}")
    return value


def _checkpoint(found: dict[str, Any]) -> Checkpoint:
    """Check all parts but how they fit together, which `Session.restore` sees to."""
    optimizer = _part(found, "optimizer", dict)
    settings = Settings.of(found.get("settings"))
    taken = _count(found, "taken")
    params = _vector("params", found.get("params"))
    expected = Session(settings).net.params.size
    if len(params) != expected:
        raise ValueError(
            f"params: expected {expected} weights for these settings, got {len(params)}"
        )
    steps = _count(found, "steps")
    log = _log(_part(found, "log", list), settings, steps)
    return Checkpoint(
        settings,
        steps,
        _count(found, "epoch"),
        params,
        {k: v if k == "t" else _vector(k, v) for k, v in optimizer.items()},
        _part(found, "shuffling", dict),
        taken,
        _part(found, "dropping", list),
        log,
    )


def _log(entries: list[Any], settings: Settings, steps: int) -> list[tuple[int, Settings]]:
    """Check what held since when: from step 0 on, in order, one problem, the present at the end."""
    log = [(_count({"log": since}, "log"), Settings.of(held)) for since, held in entries]
    since = [start for start, _ in log]
    if not log or since[0] != 0 or since != sorted(since) or since[-1] > steps:
        raise ValueError(f"log: expected what held from step 0 to {steps}, in order")
    if any(held.differs(settings) & network.RESTARTS for _, held in log):
        raise ValueError("log: expected the same data and first weights all along")
    if log[-1][1].differs(settings) - network.STOPS:
        raise ValueError("log: expected the present settings at the end")
    return log
