"""A run as JSON: saved to the last bit, checked when it is read, and it goes on identically."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib.explorers.playground import saved
from nnlib.explorers.playground.checkpoint import Checkpoint
from nnlib.explorers.playground.history import History, Record
from nnlib.explorers.playground.network import STOPS
from nnlib.explorers.playground.session import Session
from nnlib.explorers.playground.settings import Settings

FORMAT = "nnlib playground 2"

PARTS = ("run", "best", "before", "best before")
"""The present; its best moment, which a divergence goes back to; the one before what was changed
since the last step, which a change back goes back to; and the best moment as it was then."""


def save(session: Session) -> str:
    """Write the run: settings, weights, the optimizer's memory, all random states, the curves.

    The log is written once: every checkpoint has a first part of it, and says how much. A part that
    is the same as another has that one's name instead.
    """
    anchor = session.anchor
    points = (session.checkpoint(), session.good, anchor, anchor.good or anchor)
    found: dict[str, Any] = {"format": FORMAT, "log": _log(session.log)}
    for i, (name, point) in enumerate(zip(PARTS, points, strict=True)):
        same = [other for other, seen in zip(PARTS[:i], points, strict=False) if seen is point]
        found[name] = same[0] if same else _point(point)
    found["history"] = _history(session.history)
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
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This is no saved run, for it is no JSON ({error}): {remedy}.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"This is no saved run: it lacks the format {FORMAT!r}; {remedy}.")
    try:
        return _read(found)
    except ValueError as error:
        raise ValueError(f"This run cannot be read: {error}; {remedy}.") from None


def _read(found: dict[str, Any]) -> Session:
    """Check all parts, and go on from them."""
    log = saved.log(saved.part(found, "log", list))
    points: dict[str, Checkpoint] = {}
    for name in PARTS:
        same = found.get(name)
        if isinstance(same, str) and same in points:
            points[name] = points[same]
        else:
            points[name] = saved.checkpoint(name, saved.part(found, name, dict), log)
    now, good, anchor, before = points.values()
    if len(now.log) != len(log) or any(point.steps > now.steps for point in points.values()):
        raise ValueError("run: expected all of the log, and no fewer steps than in the other parts")
    if before is not anchor:
        anchor = replace(anchor, good=before)
    history = saved.history(saved.part(found, "history", dict), now.epoch)
    return Session.of(now, good, anchor, history)


def _log(log: list[tuple[int, Settings]]) -> list[Any]:
    """Write the first settings in full, then after how many steps what became different."""
    found: list[Any] = [[0, log[0][1].as_dict()]]
    for (_, old), (steps, new) in pairwise(log):
        found.append([steps, {name: getattr(new, name) for name in sorted(new.differs(old))}])
    return found


def _point(point: Checkpoint) -> dict[str, Any]:
    """Turn a checkpoint into what JSON has; its settings are in the log, but for the stop rules."""
    return {
        "log": len(point.log),
        "stops": {name: getattr(point.settings, name) for name in sorted(STOPS)},
        "steps": point.steps,
        "epoch": point.epoch,
        "params": point.params.tolist(),
        "optimizer": {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in point.optimizer.items()
        },
        "shuffling": point.shuffling,
        "taken": point.taken,
        "dropping": point.dropping,
        "record": _record(point.record),
        "ending": point.ending._asdict(),
    }


def _record(record: Record) -> dict[str, Any]:
    """Write the lowest losses; one that is not finite becomes None."""
    losses = {"train": _finite(record.train), "test": _finite(record.test)}
    return losses | {"epoch": record.epoch, "since": record.since}


def _history(history: History) -> dict[str, Any]:
    """Write the curves; what is not finite becomes None."""
    return {"rows": [[_finite(v) for v in row] for row in history.rows], "stride": history.stride}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
