"""Tell a derived gradient from a measured one: shift what is measured, and see what moves."""

import contextlib
import copy
import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from nnlib import gradcheck
from nnlib.course.exercises.exercise import Function

SHIFT = 1e-8
"""By so much, relatively, slopes are shifted: too little for an assert of theirs to fail."""


def is_measured(answer: Function, arguments: tuple[Any, ...]) -> bool:
    """Say whether an answer takes its numbers from `nnlib.numerical_gradient`.

    It runs twice on the same arguments, the second time with all slopes that nnlib measures a
    little off. What was derived stays as it is, even if the function also measures, to print or to
    assert; what was measured moves along, whatever has become of it on the way. Differences that
    a learner writes without nnlib are not noticed.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            before = answer(*copy.deepcopy(arguments))
            with _shifted():
                after = answer(*copy.deepcopy(arguments))
    except Exception:  # an assert beside the result, and no part of it
        return False
    return any(map(_moved, _values(before), _values(after)))


@contextlib.contextmanager
def _shifted() -> Iterator[None]:
    """Let nnlib measure slopes a little off, under whatever name the caller has imported it."""
    names = vars(gradcheck)
    slope = names["_slope"]
    names["_slope"] = lambda *given: slope(*given) * (1 + SHIFT)
    try:
        yield
    finally:
        names["_slope"] = slope


def _values(result: Any) -> Any:
    return result if isinstance(result, (tuple, list)) else (result,)


def _moved(before: Any, after: Any) -> bool:
    """Whether an array has moved by at least a hundredth of the shift, in units of its size."""
    if before is ... or after is ...:
        return before is not after
    one, other = np.asarray(before, float), np.asarray(after, float)
    size = np.abs(one[np.isfinite(one)]).max(initial=0)
    moved = ~np.isclose(other, one, rtol=0, atol=SHIFT / 100 * size, equal_nan=True)
    return bool(moved.any())
