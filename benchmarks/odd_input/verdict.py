"""What became of a call: as it should be, or what is wrong."""

import copy
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

ERRORS = (TypeError, ValueError, FloatingPointError)

EXPLAINED = ("training diverged", "the outputs", "the loss", "in epoch")
"""First words of errors that tell more than an argument's name."""


@dataclass
class Case:
    """One call: its arguments by name, the call itself, and what it should give."""

    name: str
    call: Callable[[], Any]
    expected: Callable[[], Any] | None
    """None: it should be refused; one that returns ``...``: anything will do."""

    arguments: dict[str, Any]
    rtol: float = 1e-9
    either: bool = False
    """Whether it may be refused, too, as overflowing numbers may."""

    how: dict[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    """What else an error may name."""

    moved: tuple[str, ...] = ()
    """Arguments that the call is there to change."""


def verdict(case: Case) -> str | None:
    """Run a case; None: as it should be."""
    with np.errstate(all="ignore"):  # what fills a masked array may be too large for its dtype
        before = {name: _copied(value) for name, value in case.arguments.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = case.call()
    except ERRORS as error:
        message = str(error)
        if any(note.startswith("raised by ") for note in getattr(error, "__notes__", ())):
            return _changed(case, before)  # a function of the caller's own
        if not _named(message, (*case.arguments, *case.names)):
            where = traceback.format_exc(limit=-1).splitlines()[1].strip()
            kind = type(error).__name__
            return f"the error names no argument: {kind}: {message[:200]} ({where})"
        if case.expected is not None and not case.either:
            return f"refused what is right: {message[:200]}"
        return _changed(case, before)
    except Warning as warning:
        where = traceback.format_exc(limit=-1).splitlines()[1].strip()
        return f"a warning: {type(warning).__name__}: {warning} ({where})"
    except Exception:
        return "raised " + traceback.format_exc(limit=-2)[:400]
    return _changed(case, before) or _compared(case, result)


def _named(message: str, names: tuple[str, ...]) -> bool:
    """Whether an error begins with what is wrong."""
    first = tuple(w for a in names for w in (f"{a}:", f"{a}[", f"{a} and", f"{a}(", f"{a},"))
    return message.startswith((*first, *EXPLAINED)) or any(f" {a}: " in message for a in names)


def _changed(case: Case, before: dict[str, Any]) -> str | None:
    with np.errstate(all="ignore"):  # in the text of a masked array
        for name, value in case.arguments.items():
            if name not in case.moved and not _same(before[name], value):
                return f"{name} was changed"
    return None


def _compared(case: Case, result: Any) -> str | None:
    """Compare with what is expected."""
    if case.expected is None:
        return None if case.either else f"took what it should refuse, and said {result!r:.80}"
    with np.errstate(all="ignore"):
        expected = case.expected()
    if expected is ...:
        return None
    if np.shape(result) != np.shape(expected):
        return f"shape {np.shape(result)}, not {np.shape(expected)}"
    if case.either and not np.isfinite(result).all():
        return None  # beyond the largest number lies infinity
    if np.asarray(result).dtype.kind not in "fiu":
        return f"gave {result!r:.100}"
    single = np.asarray(result).dtype == np.float32
    rtol = max(1e-5, case.rtol) if single else case.rtol
    if not np.allclose(result, expected, rtol=rtol, atol=rtol, equal_nan=True):
        return f"{np.asarray(result)!r:.100} is not {np.asarray(expected)!r:.100}"
    return None


def _copied(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except (TypeError, AttributeError):  # a generator, numpy.ma.masked
        return value


def _same(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, Iterator):
        return repr([*a]) == repr([*b])
    if not isinstance(a, np.ndarray) or a.dtype == object:
        return repr(a) == repr(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
