"""A run as one line: what was done and after how many steps, and all of it done again.

    nnlib-playground?data=spirals&lr=0.03#40:lr=0.1&w=1.0.2:0.5#400

First stand the settings that are not as at the beginning, ``Settings()``; then after ``#step:``
what was changed there; at the end how many steps there were in all. ``w`` is a weight that was set
by hand (layer.row.column:value), ``b`` a bias (layer.column:value). Values are escaped as in an
address, and what stands before ``nnlib-playground?`` is left out, so that a line can end one.
"""

import re
import time
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

from nnlib.course.playground.data import make_data
from nnlib.course.playground.experiment import Entry, Experiment, checked_weight, stretches
from nnlib.course.playground.settings import KNOBS, Settings

START = "nnlib-playground?"

MOST_STEPS = 10_000_000
"""Half an hour of steps: a longer run is not done again."""


def written(experiment: Experiment) -> str:
    """Write a run as a line."""
    if experiment.ticks > MOST_STEPS:
        raise ValueError(
            f"This run has taken {experiment.ticks:,} steps, and at most {MOST_STEPS:,} are done "
            "again: take it with you as code instead."
        )
    (_, first, _), *rest = stretches(experiment.trail, experiment.ticks)
    changes = [f"#{entry.step}:{_changes(before, entry)}" for before, entry, _ in rest]
    return "".join([START, _changes(Settings(), first), *changes, f"#{experiment.ticks}"])


def _changes(old: Settings, entry: Entry) -> str:
    """Write what an entry has that is not as before."""
    new, differs = entry.settings, entry.settings.differs(old)
    parts = [f"{name}={_written(getattr(new, name))}" for name in KNOBS if name in differs]
    for layer, row, column, value in entry.weights:
        place = f"b={layer}.{column}" if row < 0 else f"w={layer}.{row}.{column}"
        parts.append(f"{place}:{value!r}")
    return "&".join(parts)


def _written(value: Any) -> str:
    """Write a value; of letters and figures all are left as they are, subscripts too."""
    if isinstance(value, tuple):
        return ",".join(map(_written, value))
    if isinstance(value, float):
        return repr(value)
    return "".join(c if c.isalnum() else quote(c, safe="") for c in str(value))


def read(text: str) -> tuple[list[Entry], int]:
    """Read a line: what was done, and the steps in all.

    Raises
    ------
    ValueError
        If it is something else, cut short or altered; it says what, where, and what to do.
    """
    _, found, line = "".join(text.split()).rpartition(START)
    if not found:
        what = f"lacks “{START}”, with which a saved run begins"
        if '"format": "nnlib playground' in text:
            what = "holds weights, as older versions saved them, not what was done"
        raise ValueError(f"This {what}: paste a line that was saved here.")
    try:
        head, *changes, end = line.split("#") if "#" in line else (line, "")
        trail = [_entry("at the beginning", 0, head, Settings())]
        for part in changes:
            number, _, what = part.partition(":")
            step = _steps(number, trail[-1].step + 1)
            trail.append(_entry(f"at step {step}", step, what, trail[-1].settings))
            if "restart" in trail[0].settings.entails(trail[-1].settings):
                same = "expected the data, first weights and seed of the beginning"
                raise ValueError(f"at step {step}, {same}")
        return trail, _steps(end, trail[-1].step)
    except ValueError as error:
        raise ValueError(
            f"This line cannot be read: {error}. Paste the whole line, as it was saved."
        ) from None


def _steps(text: str, least: int) -> int:
    """Read how many steps there were by then."""
    steps = _number(text)
    if not isinstance(steps, int) or not least <= steps <= MOST_STEPS:
        raise ValueError(
            f"after a #, expected a whole number of steps from {least} to {MOST_STEPS}, got "
            f"{text[:60]!r}"
        )
    return steps


def _entry(where: str, step: int, text: str, before: Settings) -> Entry:
    """Read what was changed before a step; only at the beginning that may be nothing."""
    try:
        items = [_item(part) for part in text.split("&")] if text or step else []
        if len({place for place, _ in items}) < len(items):
            raise ValueError(f"expected each name and each weight once, got {text[:60]!r}")
        settings = before.but(**{place[0]: value for place, value in items if len(place) == 1})
        outputs = make_data(settings).outputs
        weights = [(*place, value) for place, value in items if len(place) == 3]
        by_hand = tuple(checked_weight(weight, settings, outputs) for weight in weights)
        return Entry(step, settings, by_hand)
    except ValueError as error:
        raise ValueError(f"{where}, {error}") from None


WEIGHT = re.compile(r"(?:w=([0-9]{1,9})\.([0-9]{1,9})|b=([0-9]{1,9}))\.([0-9]{1,9}):(.*)")


def _item(part: str) -> tuple[tuple[Any, ...], Any]:
    """Read one change: the name of a setting, or a weight's place, and the new value."""
    name, found, text = part.partition("=")
    if name in KNOBS and found:
        return (name,), _value(name, text)
    if match := WEIGHT.fullmatch(part):
        layer, row, of_bias, column, value = match.groups()
        place = (int(of_bias), -1) if row is None else (int(layer), int(row))
        return (*place, int(column)), _number(value)
    raise ValueError(f"expected name=value with the name of a setting, got {part[:60]!r}")


def _value(name: str, text: str) -> Any:
    """Read the value of a setting, as its default is one."""
    read_one = _number if KNOBS[name].bounds else partial(_unescaped, name)
    if isinstance(getattr(Settings(), name), tuple):
        return tuple(map(read_one, text.split(","))) if text else ()
    return read_one(text)


def _unescaped(name: str, text: str) -> str:
    try:
        value = unquote(text, errors="strict")
    except UnicodeDecodeError:
        value = ""
    if (text and not value) or re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError(f"{name}: expected text escaped as in an address, got {text[:60]!r}")
    return value


def _number(text: str) -> Any:
    """Read a number; what is none stays text, and is refused as what it should be."""
    if re.fullmatch("-?[0-9]{1,15}", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]*)?(e[-+]?[0-9]+)?", text) else text


class Replay:
    """A run that is done again from its line, slice by slice.

    Attributes
    ----------
    experiment : Experiment
        The run, as far as it is done.
    ticks : int
        How many steps it will have.
    """

    def __init__(self, text: str) -> None:
        trail, self.ticks = read(text)
        self.experiment = Experiment(trail[0].settings, trail[0].weights)
        self._changes = {entry.step: entry for entry in trail[1:]}
        self._left = self._moment()

    def _moment(self) -> Any:
        return self.experiment.ticks, self.experiment.trail

    @property
    def on(self) -> bool:
        """Whether there is more to do, and nobody has done anything else with the run."""
        return bool(self._left == self._moment())

    def advance(self, seconds: float) -> bool:
        """Go on for so long, step after step with its changes; return whether there is more to do.

        Raises
        ------
        ValueError
            If it ends or begins anew where the line goes on; it is left as it is there.
        """
        run, self._left, end = self.experiment, None, time.perf_counter() + seconds
        for tick in range(run.ticks + 1, self.ticks + 1):
            run.step()
            if tick in self._changes and run.ticks == tick:
                run.amend(self._changes[tick].settings, self._changes[tick].weights)
            if run.ticks != tick:
                raise ValueError(
                    f"The run ended in step {run.ticks:,}, and the line goes on to step "
                    f"{self.ticks:,}: this machine rounds differently, or the line was altered. Go "
                    "on from here, or load another line."
                )
            if time.perf_counter() > end:
                self._left = self._moment()
                return True
        return False
