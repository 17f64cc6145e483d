"""The parts of a saved run, each checked when it is read: an error names what is wrong."""

import math
from itertools import pairwise
from typing import Any

import numpy as np

import nnlib as nn
from nnlib._typing import Array
from nnlib.explorers.playground import network
from nnlib.explorers.playground.checkpoint import Checkpoint, Ending, state_of
from nnlib.explorers.playground.history import NAMES, History, Record
from nnlib.explorers.playground.session import HUGE, Session
from nnlib.explorers.playground.settings import Settings

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
    if any(settings.differs(held[0][1]) & network.RESTARTS for _, settings in held):
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
    like = Session(settings)
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
        _record(part(found, "record", dict), epoch),
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


def _record(found: dict[str, Any], epoch: int) -> Record:
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
