"""A run as JSON: saved to the last bit, checked when it is read, and it goes on identically."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.course.playground import network
from nnlib.course.playground.experiment import HUGE, Checkpoint, Ending, Experiment
from nnlib.course.playground.history import NAMES, History, Record
from nnlib.course.playground.network import STOPS, Change
from nnlib.course.playground.settings import Settings
from nnlib.course.playground.stream import state_of

FORMAT = "nnlib playground 2"

PARTS = ("run", "best", "before", "best before")
"""The present; its best moment, which a divergence goes back to; the one before what was changed
since the last step, which a change back goes back to; and the best moment as it was then."""

MOST_STEPS = 10**15
"""No run takes so many steps."""

Log = list[tuple[int, Settings]]


def save(experiment: Experiment) -> str:
    """Write the run: settings, weights, the optimizer's memory, all random states, the curves."""
    return json.dumps(written_run(experiment), ensure_ascii=False, allow_nan=False)


def load(text: str) -> Experiment:
    """Read a run that `save` wrote.

    Raises
    ------
    ValueError
        If it is something else, cut short or altered; it says what and where.
    """
    remedy = "paste all of what was saved, unchanged"
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"This is no saved run, for it is no JSON ({error}): {remedy}.") from None
    if not isinstance(parts, dict) or parts.get("format") != FORMAT:
        raise ValueError(f"This is no saved run: it lacks the format {FORMAT!r}; {remedy}.")
    try:
        return read_run(parts)
    except ValueError as error:
        raise ValueError(f"This run cannot be read: {error}; {remedy}.") from None


# The parts of a run: how each is written, and how it is read ----------------------------------


def written_run(experiment: Experiment) -> dict[str, Any]:
    """Write all parts.

    The log is written once: every checkpoint has a first part of it, and says how much. A part that
    is the same as another has that one's name instead.
    """
    anchor = experiment.anchor
    checkpoints = (experiment.checkpoint(), experiment.good, anchor, anchor.good or anchor)
    parts: dict[str, Any] = {"format": FORMAT, "log": written_log(experiment.log)}
    for i, (name, checkpoint) in enumerate(zip(PARTS, checkpoints, strict=True)):
        before = zip(PARTS[:i], checkpoints, strict=False)
        twins = [other for other, earlier in before if earlier is checkpoint]
        parts[name] = twins[0] if twins else written_checkpoint(checkpoint)
    return parts | {"history": written_history(experiment.history)}


def read_run(parts: dict[str, Any]) -> Experiment:
    """Check all parts, and go on from them."""
    log = read_log(checked_part(parts, "log", list))
    checkpoints: dict[str, Checkpoint] = {}
    for name in PARTS:
        twin = parts.get(name)
        if isinstance(twin, str) and twin in checkpoints:
            checkpoints[name] = checkpoints[twin]
        else:
            checkpoints[name] = read_checkpoint(name, checked_part(parts, name, dict), log)
    now, good, anchor, before = checkpoints.values()
    if len(now.log) != len(log) or any(past.steps > now.steps for past in checkpoints.values()):
        raise ValueError("run: expected all of the log, and no fewer steps than in the other parts")
    if before is not anchor:
        anchor = replace(anchor, good=before)
    history = read_history(checked_part(parts, "history", dict), now.epoch)
    return Experiment.of(now, good, anchor, history)


def written_log(log: Log) -> list[Any]:
    """Write the first settings in full, then after how many steps what became different."""
    entries: list[Any] = [[0, log[0][1].as_dict()]]
    for (_, old), (steps, new) in pairwise(log):
        entries.append([steps, {name: getattr(new, name) for name in sorted(new.differs(old))}])
    return entries


def read_log(entries: list[Any]) -> Log:
    """Check what held since when: from step 0 on, in order, one problem all along."""
    log: Log = []
    for entry in entries:
        if not isinstance(entry, list) or len(entry) != 2 or not isinstance(entry[1], dict):
            raise ValueError("log: expected pairs of a step and what was changed there")
        before = log[-1][1].as_dict() if log else {}
        log.append((checked_count({"log": entry[0]}, "log"), Settings.of(before | entry[1])))
    starts = [start for start, _ in log]
    if not log or starts[0] != 0 or starts != sorted(starts):
        raise ValueError("log: expected what held from step 0 on, in order")
    if any(Change.between(log[0][1], settings).restart for _, settings in log):
        raise ValueError("log: expected the same data and first weights all along")
    return log


def written_checkpoint(checkpoint: Checkpoint) -> dict[str, Any]:
    """Write a moment of a run; its settings are in the log, but for the rules to stop."""
    return {
        "log": len(checkpoint.log),
        "stops": written_stops(checkpoint.settings),
        "steps": checkpoint.steps,
        "epoch": checkpoint.epoch,
        "params": checkpoint.params.tolist(),
        "optimizer": written_optimizer(checkpoint.optimizer),
        "shuffling": checkpoint.shuffling,
        "taken": checkpoint.place,
        "dropping": checkpoint.dropping,
        "record": written_record(checkpoint.record),
        "ending": written_ending(checkpoint.ending),
    }


def read_checkpoint(name: str, parts: dict[str, Any], log: Log) -> Checkpoint:
    """Check a moment of a run whose log is given; an error names the moment, too."""
    try:
        return _read_checkpoint(parts, log)
    except ValueError as error:
        raise ValueError(f"{name}, {error}") from None


def _read_checkpoint(parts: dict[str, Any], log: Log) -> Checkpoint:
    steps = checked_count(parts, "steps")
    length = checked_count(parts, "log", 1, len(log))
    if log[length - 1][0] > steps or any(start < steps for start, _ in log[length:]):
        raise ValueError(f"log: expected as much of it as held up to step {steps}")
    settings = read_stops(checked_part(parts, "stops", dict), log[length - 1][1])
    twin = Experiment(settings)
    epoch, size = checked_count(parts, "epoch"), twin.net.params.size
    params = checked_weights(parts.get("params"), size)
    dropping = checked_part(parts, "dropping", list)
    random = len(network.dropout_rngs(twin.net))
    if len(dropping) != random:
        raise ValueError(f"dropping: expected {random} random states, got {len(dropping)}")
    return Checkpoint(
        settings,
        steps,
        epoch,
        params,
        read_optimizer(checked_part(parts, "optimizer", dict), settings, size),
        checked_state("shuffling", parts.get("shuffling")),
        checked_count(parts, "taken", 0, twin.stream.length - 1),
        [checked_state("dropping", state) for state in dropping],
        log[:length],
        read_record(checked_part(parts, "record", dict), epoch),
        read_ending(checked_part(parts, "ending", dict)),
    )


def written_stops(settings: Settings) -> dict[str, Any]:
    """Write the rules to stop, of which the log says nothing."""
    return {name: getattr(settings, name) for name in sorted(STOPS)}


def read_stops(rules: dict[str, Any], settings: Settings) -> Settings:
    """Add the rules to stop to what the log says."""
    if rules.keys() != STOPS:
        raise ValueError(f"stops: expected {', '.join(sorted(STOPS))}")
    return settings.but(**rules)


def written_optimizer(state: dict[str, Any]) -> dict[str, Any]:
    """Write the memory of an optimizer."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in state.items()
    }


def read_optimizer(parts: dict[str, Any], settings: Settings, size: int) -> dict[str, Any]:
    """Check the memory of an optimizer, with which it can go on."""
    state: dict[str, Any] = {"t": checked_count(parts, "t")}
    state |= {
        name: checked_vector(f"optimizer {name}", values, size)
        for name, values in parts.items()
        if name != "t"
    }
    network.make_optimizer(settings).load_state_dict(state)  # it knows the names
    return state


def written_record(record: Record) -> dict[str, Any]:
    """Write the lowest losses; one that is not finite becomes None."""
    losses = {"train": finite_or_none(record.train), "test": finite_or_none(record.test)}
    return losses | {"epoch": record.epoch, "since": record.since}


def read_record(parts: dict[str, Any], epoch: int) -> Record:
    """Check the lowest losses; None: there was none yet."""
    losses = [parts.get(name) for name in ("train", "test")]
    train, test = (math.inf if v is None else checked_real("record", v) for v in losses)
    best, since = (checked_count(parts, name, 0, epoch) for name in ("epoch", "since"))
    return Record(train, test, best, since)


def written_ending(ending: Ending) -> dict[str, Any]:
    """Write whether and how a run has ended."""
    return {"ended": ending.ended, "diverged": ending.diverged, "said": ending.message}


def read_ending(parts: dict[str, Any]) -> Ending:
    """Check whether and how a run has ended."""
    ended, diverged = (checked_part(parts, name, bool) for name in ("ended", "diverged"))
    if diverged and not ended:
        raise ValueError("diverged: expected false in a run that has not ended")
    return Ending(ended, diverged, checked_part(parts, "said", str))


def written_history(history: History) -> dict[str, Any]:
    """Write the curves; what is not finite becomes None."""
    rows = [[finite_or_none(value) for value in row] for row in history.rows]
    return {"rows": rows, "stride": history.stride}


def read_history(parts: dict[str, Any], epoch: int) -> History:
    """Check the curves of a run up to an epoch."""
    history = History()
    history.stride = checked_count(parts, "stride", 1)
    for row in checked_part(parts, "rows", list):
        if not isinstance(row, list) or len(row) != len(NAMES):
            raise ValueError(f"rows: expected {len(NAMES)} numbers in each: {', '.join(NAMES)}")
        history.rows.append([math.nan if v is None else checked_real("rows", v) for v in row])
    epochs = [row[0] for row in history.rows]
    rising = all(a < b for a, b in pairwise(epochs))
    if not epochs or epochs[0] < 0 or not rising or not epochs[-1] <= epoch:
        raise ValueError(f"rows: expected epochs from 0 to {epoch}, in order")
    return history


def finite_or_none(value: float) -> float | None:
    """Return what JSON can have: a finite number, or None."""
    return value if np.isfinite(value) else None


# Checks of what they are made of -----------------------------------------------------------------

_KINDS = {
    dict: "names with values",
    list: "a list",
    int: "a whole number",
    str: "text",
    bool: "true or false",
}


def checked_part(parts: dict[str, Any], name: str, kind: type) -> Any:
    """Return one part, if it is of the right kind."""
    if name not in parts:
        raise ValueError(f"{name} is missing")
    value = parts[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name}: expected {_KINDS[kind]}, got {str(value)[:40]!r}")
    return value


def checked_count(parts: dict[str, Any], name: str, low: int = 0, high: int = MOST_STEPS) -> int:
    """Return a whole number, if it lies within its bounds."""
    value: int = checked_part(parts, name, int)
    if not low <= value <= high:
        bounds = f"{low} or more" if high == MOST_STEPS else f"{low} to {high}"
        raise ValueError(f"{name}: expected {bounds}, got {str(value)[:40]}")
    return value


def checked_real(name: str, value: Any) -> float:
    """Return a number, if it is finite."""
    good = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not good or not abs(value) < 1e300:
        raise ValueError(f"{name}: expected finite numbers, got {str(value)[:40]!r}")
    return float(value)


def checked_vector(name: str, values: Any, size: int, what: str = "numbers") -> Array:
    """Return so many finite numbers of a list as an array."""
    if not isinstance(values, list):
        raise ValueError(f"{name}: expected a list of finite numbers, got {str(values)[:40]!r}")
    vector = np.array([checked_real(name, value) for value in values])
    if len(vector) != size:
        raise ValueError(f"{name}: expected {size} {what} for these settings, got {len(vector)}")
    return vector


def checked_weights(values: Any, size: int) -> Array:
    """Return the weights of a network that has not diverged."""
    params = checked_vector("params", values, size, "weights")
    if not np.abs(params).max() < HUGE:
        raise ValueError(f"params: expected weights below {HUGE:g} in size")
    return params


def checked_state(name: str, state: Any) -> dict[str, Any]:
    """Return the state of a random generator: one takes it, and is then in it."""
    rng = np.random.default_rng(0)
    try:
        rng.bit_generator.state = state
    except (ValueError, TypeError, KeyError, OverflowError):
        right = False
    else:
        right = state_of(rng) == state
    if not right:
        raise ValueError(f"{name}: expected the state of a random generator, got {str(state)[:40]}")
    return dict(state)
