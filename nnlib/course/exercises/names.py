"""What the names in a learner's function tell, without running it."""

import dis
from typing import Any

from nnlib.course.exercises.exercise import Function


def uses_arguments(answer: Function) -> bool:
    """Tell a function that forgot to return from an untouched stub."""
    return bool(_names(answer, "LOAD").intersection(_arguments(answer)))


def is_stub(answer: Function) -> bool:
    """Whether nothing is in a function but `pass`, `...` or a text."""
    code = getattr(answer, "__code__", None)
    empty = ("RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE")
    return code is not None and all(s.opname in empty for s in dis.get_instructions(code))


def namesake(answer: Function) -> str | None:
    """Name a variable of the notebook that was taken in place of an argument: x for X."""
    unused = set(_arguments(answer)) - _names(answer, "LOAD")
    elsewhere = _names(answer, "LOAD_GLOBAL") & set(getattr(answer, "__globals__", ()))
    for argument in sorted(unused):
        for name in sorted(elsewhere):
            if name.lower() == argument.lower():
                return (
                    f"`{name}` comes from elsewhere in the notebook: the argument is `{argument}`"
                )
    return None


SIZES = ("n", "d", "h", "k", "d_in", "d_out")
"""What the course calls the lengths of axes."""


def size_from_elsewhere(answer: Function) -> str | None:
    """Name a length that was taken from the notebook: every case has lengths of its own."""
    for name in sorted(_names(answer, "LOAD_GLOBAL").intersection(SIZES)):
        value = getattr(answer, "__globals__", {}).get(name)
        if isinstance(value, int):
            return (
                f"`{name}` comes from the notebook, where it is {value}: here every case has sizes "
                "of its own, such as `len(X)` and `X.shape[1]`"
            )
    return None


def _arguments(answer: Function) -> tuple[str, ...]:
    code = getattr(answer, "__code__", None)
    return code.co_varnames[: code.co_argcount] if code else ()


def _names(answer: Function, kind: str) -> set[Any]:
    """Return the names in a function that stand in instructions of a kind."""
    code = getattr(answer, "__code__", None)
    names: set[Any] = set()
    for step in dis.get_instructions(code) if code else ():
        if step.opname.startswith(kind):
            # One instruction may load two variables (Python 3.13); then argval is the pair.
            names.update(step.argval if isinstance(step.argval, tuple) else (step.argval,))
    return names
