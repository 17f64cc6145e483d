"""What a learner's function raised, in two lines: the error, and its likely reason."""

import re
from collections.abc import Callable
from typing import Any

_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"matmul: .* core dimension|matmul: .* does not have enough dim|shapes .* not aligned",
        "in A @ B the columns of A must be as many as the rows of B; is one to be transposed?",
    ),
    (
        r"operands could not be broadcast|could not broadcast input",
        "NumPy lines shapes up from the right; keepdims=True or np.newaxis keeps an axis of 1",
    ),
    (r"takes \d+ positional argument|missing \d+ required positional", "{call}"),
    (
        r"unsupported operand type\(s\) for .*: '.*' and 'NoneType'|'NoneType' object",
        "something is None: does one of your own functions lack its `return`?",
    ),
    (
        r"unsupported operand type\(s\) for .*'ellipsis'|'ellipsis' object",
        "there is still a `...` where a value should be",
    ),
    (
        r"truth value of an array",
        "`if` asks about one number, an array has many; np.where or a mask asks entry by entry",
    ),
    (
        r"only (length-1|0-dimensional|size-1|integer scalar) arrays",
        "an array came where one number is needed; NumPy's own functions take arrays",
    ),
    (
        r"index \d+ is out of bounds|list index out of range|tuple index out of range",
        "counting starts at 0, so the last index is the length minus 1",
    ),
    (
        r"axis \d+ is out of bounds",
        "the array has fewer axes than that; axis=0 runs down a column, axis=1 along a row",
    ),
    (r"too many indices", "the array has fewer axes than you index; print its shape"),
    (
        r"cannot reshape array",
        "the numbers of entries must agree: the product of the new shape is the size",
    ),
    (
        r"can't multiply sequence|can only concatenate (list|tuple)",
        "a list is no array: np.array(...) makes one, which can be added and multiplied",
    ),
    (
        r"Cannot cast ufunc",
        "the result does not fit into the array's dtype: write A = A * B in place of A *= B",
    ),
)


def likely_reason(error: Exception, answer: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Say what was raised, and why that usually happens."""
    said = " ".join(str(error).split())
    first = f"raised {type(error).__name__}: {said}"
    if isinstance(error, NameError):
        return f"{first}\nis it spelt as where it was made, and has that cell run?"
    if isinstance(error, RecursionError):
        return f"{first}\nyour function calls itself, and nothing ends it"
    for pattern, reason in _REASONS:
        if re.search(pattern, said):
            call = f"it is called as {getattr(answer, '__name__', 'f')}({_shapes(given)})"
            return f"{first}\n{reason.format(call=call)}"
    return f"{first}\nit was called with {_shapes(given)}"


def _shapes(given: tuple[Any, ...]) -> str:
    """Describe arguments by their shapes."""
    return ", ".join(_shape(value) for value in given)


def _shape(value: Any) -> str:
    if hasattr(value, "shape"):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        return f"a {type(value).__name__} of {len(value)}"
    return "a function" if callable(value) else f"the number {value:.4g}"
