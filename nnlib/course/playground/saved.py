"""A run as JSON: saved to the last bit, checked when it is read, and it goes on identically."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib.course.playground import network
from nnlib.course.playground.experiment import HUGE, Checkpoint, Ending, Experiment, state_of
from nnlib.course.playground.history import NAMES, History, Record
from nnlib.course.playground.network import STOPS
from nnlib.course.playground.settings import Settings

MOST = 10**15
"""No run takes so many steps."""

Log = list[tuple[int, Settings]]


def part(found: dict[str, Any], name: str, kind: type) -> Any:
    """Take one part out, if it is of the right kind."""
    if name not in found:
        raise ValueError(f"{name} is missing")
    value = found[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name}: expected {_KINDS[kind]}, got {str(value)[:40]!r}")
    return value


_KINDS = {
    dict: "names with values",
    list: "a list",
    int: "a whole number",
    str: "text",
    bool: "true or false",
}


def count(found: dict[str, Any], name: str, low: int = 0, high: int = MOST) -> int:
    """Take a whole number out, if it lies within its bounds."""
    value: int = part(found, name, int)
    if not low <= value <= high:
        bounds = f"{low} or more" if high == MOST else f"{low} to {high}"
        raise ValueError(f"{name}: expected {bounds}, got {str(value)[:40]}")
    return value


def real(name: str, value: Any) -> float:
    """Check that something is a finite number."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not abs(value) < 1e300:
        raise ValueError(f"{name}: expected finite numbers, got {str(value)[:40]!r}")
    return float(value)


def vector(name: str, values: Any, size: int, what: str = "numbers") -> Array:
    """Check that something is a list of so many finite numbers."""
    if not isinstance(values, list):
        raise ValueError(f"{name}: expected a list of finite numbers, got {str(values)[:40]!r}")
    found = np.array([real(name, value) for value in values])
    if len(found) != size:
        raise ValueError(f"{name}: expected {size} {what} for these settings, got {len(found)}")
    return found


def generator(name: str, found: Any) -> dict[str, Any]:
    """Check the state of a random generator: one takes it, and is then in it."""
    rng = np.random.default_rng(0)
    try:
        rng.bit_generator.state = found
    except (ValueError, TypeError, KeyError, OverflowError):
        taken = False
    else:
        taken = state_of(rng) == found
    if not taken:
        raise ValueError(f"{name}: expected the state of a random generator, got {str(found)[:40]}")
    return dict(found)


def log(entries: list[Any]) -> Log:
    """Check what held since when: from step 0 on, in order, one problem all along."""
    held: Log = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], dict):
            raise ValueError("log: expected pairs of a step and what was changed there")
        before = held[-1][1].as_dict() if held else {}
        held.append((count({"log": entry[0]}, "log"), Settings.of(before | entry[1])))
    since = [start for start, _ in held]
    if not held or since[0] != 0 or since != sorted(since):
        raise ValueError("log: expected what held from step 0 on, in order")
    if any(network.Change.between(held[0][1], settings).restart for _, settings in held):
        raise ValueError("log: expected the same data and first weights all along")
    return held


def checkpoint(name: str, found: dict[str, Any], log: Log) -> Checkpoint:
    """Check a moment of a run whose log is given; an error names the moment, too."""
    try:
        return _checkpoint(found, log)
    except ValueError as error:
        raise ValueError(f"{name}, {error}") from None


def _checkpoint(found: dict[str, Any], log: Log) -> Checkpoint:
    steps = count(found, "steps")
    held = count(found, "log", 1, len(log))
    if log[held - 1][0] > steps or any(since < steps for since, _ in log[held:]):
        raise ValueError(f"log: expected as much of it as held up to step {steps}")
    settings = _settings(log[held - 1][1], part(found, "stops", dict))
    like = Experiment(settings)
    epoch, size = count(found, "epoch"), like.net.params.size
    params = vector("params", found.get("params"), size, "weights")
    if not np.abs(params).max() < HUGE:
        raise ValueError(f"params: expected weights below {HUGE:g} in size")
    random = sum(isinstance(layer, nn.Dropout) for layer in like.net.layers)
    dropping = part(found, "dropping", list)
    if len(dropping) != random:
        raise ValueError(f"dropping: expected {random} random states, got {len(dropping)}")
    return Checkpoint(
        settings,
        steps,
        epoch,
        params,
        _optimizer(part(found, "optimizer", dict), settings, size),
        generator("shuffling", found.get("shuffling")),
        count(found, "taken", 0, like.steps_per_epoch - 1),
        [generator("dropping", state) for state in dropping],
        log[:held],
        _read_record(part(found, "record", dict), epoch),
        _ending(part(found, "ending", dict)),
    )


def _settings(settings: Settings, stops: dict[str, Any]) -> Settings:
    """Add the rules to stop to what the log says."""
    if stops.keys() != network.STOPS:
        raise ValueError(f"stops: expected {', '.join(sorted(network.STOPS))}")
    return settings.but(**stops)


def _optimizer(found: dict[str, Any], settings: Settings, size: int) -> dict[str, Any]:
    """Check the memory of an optimizer, with which it can go on."""
    state: dict[str, Any] = {"t": count(found, "t")}
    state |= {
        name: vector(f"optimizer {name}", values, size)
        for name, values in found.items()
        if name != "t"
    }
    network.make_optimizer(settings).load_state_dict(state)  # it knows the names
    return state


def _read_record(found: dict[str, Any], epoch: int) -> Record:
    """Check the lowest losses; None: there was none yet."""
    losses = [found.get(name) for name in ("train", "test")]
    train, test = (math.inf if v is None else real("record", v) for v in losses)
    return Record(train, test, count(found, "epoch", 0, epoch), count(found, "since", 0, epoch))


def _ending(found: dict[str, Any]) -> Ending:
    """Check whether and how a run has ended."""
    ended, diverged = part(found, "ended", bool), part(found, "diverged", bool)
    if diverged and not ended:
        raise ValueError("diverged: expected false in a run that has not ended")
    return Ending(ended, diverged, part(found, "said", str))


def history(found: dict[str, Any], epoch: int) -> History:
    """Check the curves of a run up to an epoch."""
    curves = History()
    curves.stride = count(found, "stride", 1)
    for row in part(found, "rows", list):
        if not isinstance(row, list) or len(row) != len(NAMES):
            raise ValueError(f"rows: expected {len(NAMES)} numbers in each: {', '.join(NAMES)}")
        curves.rows.append([math.nan if v is None else real("rows", v) for v in row])
    epochs = [row[0] for row in curves.rows]
    rising = all(a < b for a, b in pairwise(epochs))
    if not epochs or epochs[0] < 0 or not rising or not epochs[-1] <= epoch:
        raise ValueError(f"rows: expected epochs from 0 to {epoch}, in order")
    return curves


FORMAT = "nnlib playground 2"

PARTS = ("run", "best", "before", "best before")
"""The present; its best moment, which a divergence goes back to; the one before what was changed
since the last step, which a change back goes back to; and the best moment as it was then."""


def save(experiment: Experiment) -> str:
    """Write the run: settings, weights, the optimizer's memory, all random states, the curves.

    The log is written once: every checkpoint has a first part of it, and says how much. A part that
    is the same as another has that one's name instead.
    """
    anchor = experiment.anchor
    points = (experiment.checkpoint(), experiment.good, anchor, anchor.good or anchor)
    found: dict[str, Any] = {"format": FORMAT, "log": _log(experiment.log)}
    for i, (name, point) in enumerate(zip(PARTS, points, strict=True)):
        same = [other for other, seen in zip(PARTS[:i], points, strict=False) if seen is point]
        found[name] = same[0] if same else _point(point)
    found["history"] = _history(experiment.history)
    return json.dumps(found, ensure_ascii=False, allow_nan=False)


def load(text: str) -> Experiment:
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


def _read(found: dict[str, Any]) -> Experiment:
    """Check all parts, and go on from them."""
    held = log(part(found, "log", list))
    points: dict[str, Checkpoint] = {}
    for name in PARTS:
        same = found.get(name)
        if isinstance(same, str) and same in points:
            points[name] = points[same]
        else:
            points[name] = checkpoint(name, part(found, name, dict), held)
    now, good, anchor, before = points.values()
    if len(now.log) != len(held) or any(point.steps > now.steps for point in points.values()):
        raise ValueError("run: expected all of the log, and no fewer steps than in the other parts")
    if before is not anchor:
        anchor = replace(anchor, good=before)
    curves = history(part(found, "history", dict), now.epoch)
    return Experiment.of(now, good, anchor, curves)


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
        "record": _written_record(point.record),
        "ending": point.ending._asdict(),
    }


def _written_record(record: Record) -> dict[str, Any]:
    """Write the lowest losses; one that is not finite becomes None."""
    losses = {"train": _finite(record.train), "test": _finite(record.test)}
    return losses | {"epoch": record.epoch, "since": record.since}


def _history(history: History) -> dict[str, Any]:
    """Write the curves; what is not finite becomes None."""
    return {"rows": [[_finite(v) for v in row] for row in history.rows], "stride": history.stride}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
