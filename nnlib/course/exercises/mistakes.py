"""Mistakes that can happen in any exercise: what a wrong result tells, and what an error tells."""

import inspect
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from itertools import permutations
from typing import Any

import numpy as np

import nnlib
from nnlib._typing import Array
from nnlib.course.exercises.compare import close, other_kind, same
from nnlib.course.exercises.exercise import Function

# Recognised from the result alone -------------------------------------------------------------
#
# Each is a sentence and a test; a sentence that fits every case is the diagnosis. So a sentence
# contains no number of a single case: sizes are told by what they count, such as len(X).

ROUNDED = 1e-4
"""How far an entry may be off that went through float32 on its way."""


KINDS = {
    "a string": "text in quotes came back: without the quotes it is what the name stands for",
    "strings": "text in quotes came back: without the quotes it is what the name stands for",
    "a dictionary": "return the array itself, not a dictionary that holds it",
    "a set": "curly brackets make a set, without order: leave them out",
    "a generator": (
        "a generator has computed nothing yet: put square brackets around the loop, and "
        "`np.array(...)` around these"
    ),
    "a function": "a function came back, and no number: call it, as in `X.mean()`",
    "functions": "functions came back, and no numbers: call them, as in `row.mean()`",
    "None": (
        "there is a `None` among the values: what is not written yet stays `...`; or does one of "
        "your own functions lack its `return`?"
    ),
    "...": "there is still a `...` where a value should be",
    "rows of different lengths": (
        "a list whose rows have different lengths is no matrix: print the shape of each"
    ),
    "complex numbers": (
        "complex numbers came back, as from `np.roots`, or from the root of a negative number: "
        "the answer is a real one"
    ),
}
"""What each kind of result that is no array of numbers comes from."""


def diagnoses(
    result: Any, expected: Any, parts: tuple[str, ...], sizes: Mapping[str, int]
) -> Iterator[str]:
    """Yield every sentence that fits a wrong result, likely ones first.

    Parameters
    ----------
    result, expected : array, number, or a tuple of them
        What came, and what is right.
    parts : tuple of str
        Names of the values, where there are several.
    sizes : mapping
        The lengths of the arguments' axes, by what they are called in code.
    """
    if not parts:
        yield from _of_one(result, expected, sizes)
        return
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        yield from _of_kind(result)
        return
    n = len(parts)
    equal = [[same(mine, true) for true in expected] for mine in result]
    order = [row.index(True) for row in equal if any(row)]
    if order != list(range(n)) and sorted(order) == list(range(n)):
        yield f"right values in another order: return {', '.join(parts)}"
    wrong = [i for i in range(n) if not equal[i][i]]
    right = ", ".join(parts[i] for i in range(n) if equal[i][i])
    for i in wrong[:1]:
        for sentence in _of_one(result[i], expected[i], sizes):
            yield f"{right} right; {parts[i]}: {sentence}" if right else f"{parts[i]}: {sentence}"


def _of_one(result: Any, expected: Any, sizes: Mapping[str, int]) -> Iterator[str]:
    """Yield what fits one array or number."""
    true = np.asarray(expected)
    if isinstance(result, tuple):
        yield from _of_several(result, true)
    if other_kind(result) is not None:
        yield from _of_kind(result)
        return
    mine = np.asarray(result)
    if mine.shape != true.shape:
        yield from _of_shape(mine, true)
        return
    if mine.dtype != true.dtype and np.all(close(mine.astype(float), true.astype(float), ROUNDED)):
        yield f"right numbers, but as {mine.dtype} in place of {true.dtype}"
    if mine.dtype.kind in "iu" and true.dtype.kind == "f" and np.array_equal(mine, np.trunc(true)):
        yield (
            "whole numbers came back: an array of integers, or a copy of one, cuts off the "
            "fractions of what is written into it; `.astype(float)` makes one of floats"
        )
    if mine.dtype == true.dtype and true.dtype.kind == "f":
        yield from _of_factor(mine, true, sizes)
        yield from _of_entries(mine, true)


def _of_kind(result: Any) -> Iterator[str]:
    """Yield what explains a result that is no array of numbers."""
    yield from filter(None, [KINDS.get(other_kind(result) or "")])


def _of_several(result: tuple[Any, ...], true: Array) -> Iterator[str]:
    """Yield what explains several values where one is asked."""
    if len(true.shape) and other_kind(result) is None and np.shape(result) == true.shape:
        return  # a tuple of numbers, in place of an array
    if len(result) == 1:
        yield "a comma behind the value makes a tuple of it: leave the comma out"
        return
    right = [i for i, value in enumerate(result) if same(value, true)]
    if right:
        yield f"you returned {len(result)} values, one is asked: number {right[0] + 1} is right"
    yield f"you returned {len(result)} values, one is asked: is there a comma too many?"


def _of_shape(mine: Array, true: Array) -> Iterator[str]:
    """Yield what explains another shape."""
    if mine.T.shape == true.shape and np.all(close(mine.T, true)):
        yield "that is the transposed one: right numbers, rows and columns swapped"
    if mine.size == true.size and np.all(close(mine.reshape(true.shape), true)):
        yield (
            "right numbers in another shape: look at keepdims, np.newaxis, reshape and the brackets"
        )
    if true.ndim == 1 and mine.shape == true.shape * 2:
        if np.all(close(mine.diagonal(), true)):
            yield (
                "the diagonal is right: `A.T @ B` multiplies every column of A with every column "
                "of B, and only those of one number are asked, `(A * B).sum(axis=0)`"
            )
        yield (
            "an array of shape (n, 1) met one of shape (n,): together they make (n, n), every "
            "entry of one with every entry of the other; give both one shape"
        )
    if mine.ndim < true.ndim and mine.shape in (true.shape[1:], true.shape[:-1], ()):
        yield "an axis has gone: a sum or mean too many, or an index that picks one row"
    if mine.ndim == true.ndim + 1 and true.shape in (mine.shape[1:], mine.shape[:-1]):
        yield "an axis too many: a sum or mean along it is missing"
    if mine.ndim == true.ndim == 1:
        yield "another length: a sum or mean along the other axis gives that"


def _of_factor(mine: Array, true: Array, sizes: Mapping[str, int]) -> Iterator[str]:
    """Yield what explains a result that is a multiple of the true one."""
    if not np.all(np.isfinite(mine)) or not true.any():
        return
    factors: dict[str, float] = {
        "the sign is turned around": -1.0,
        "twice too large": 2.0,
        "half of what it should be": 0.5,
    }
    for name, size in sizes.items():
        factors[f"{name} times too large: a division by it is missing, as in a mean"] = float(size)
        factors[f"divided by {name} once too often: a sum was asked for, not a mean"] = 1 / size
    for name, size in sizes.items():
        factors[f"the sign is turned around, and it is {name} times too large"] = -float(size)
    for sentence, factor in factors.items():
        if np.all(close(mine, factor * true)):
            yield sentence
    i = np.unravel_index(np.argmax(np.abs(true)), true.shape)
    if true.size > 1 and np.all(close(mine, mine[i] / true[i] * true)) and mine[i] != 0:
        yield "every entry is off by the same factor: what do all of them have in common?"
    if true.size > 1 and np.all(close(mine - true, np.full_like(true, (mine - true)[i]))):
        yield (
            "every entry is off by the same amount: a term is missing, there twice, or not the "
            "right one"
        )


def _of_entries(mine: Array, true: Array) -> Iterator[str]:
    """Yield what explains a result that is right in some entries, or in another order."""
    right = close(mine, true)
    if np.any(np.isnan(mine) & ~np.isnan(true)):
        yield (
            "NaN, not a number, in some entries: 0/0, ∞ − ∞, the log or root of a negative "
            "number, or the arccos of one beyond 1"
        )
    if np.any(np.isinf(mine) & np.isfinite(true)):
        yield "infinity in some entries: a division by 0, the log of 0, or a number too large"
    if right.any() and not right.all():
        if np.all(right[true != 0]):
            yield "right wherever it should not be 0; elsewhere something comes through: a mask?"
        if true.ndim and right[1:].all() and not right[0].any():
            yield "right but for the first row: where does the loop start?"
        if true.ndim and right[:-1].all() and not right[-1].any():
            yield "right but for the last row: where does the loop end?"
        if np.all(right | (mine == 0)):
            if _filled_in_part(mine, true):
                yield (
                    "right as far as it is filled, and 0 from there on: do the loops reach every "
                    "place and every example, or does `return` stand inside of one?"
                )
            yield "right where it is not 0, but too often 0: does the mask look at the right array?"
    if np.all(close(mine, np.abs(true))) and (true < 0).any():
        yield "right sizes, but the signs are lost"
    if true.ndim and np.all(close(mine, true[::-1])):
        yield "right numbers, last row first"
    if true.ndim == 2 and true.shape[0] == true.shape[1] and np.all(close(mine, true.T)):
        yield "that is the transposed one: right numbers, rows and columns swapped"
    if not right.all() and np.all(close(mine, true, ROUNDED)):
        yield "right to some five digits only: was something rounded, or computed in float32?"


def _filled_in_part(mine: Array, true: Array) -> bool:
    """Whether along some axis all is 0 from a place on, where it should not be."""
    last = [(mine.take(-1, axis), true.take(-1, axis)) for axis in range(true.ndim)]
    return any(not zeros.any() and numbers.any() for zeros, numbers in last)


def sizes_of(function: Function, arguments: tuple[Any, ...]) -> dict[str, int]:
    """Name the lengths of the axes of all arguments as code does: len(X), X.shape[1]."""
    sizes: dict[str, int] = {}
    for name, value in zip(inspect.signature(function).parameters, arguments, strict=False):
        for axis, size in enumerate(getattr(value, "shape", ())):
            sizes[f"{name}.shape[{axis}]" if axis else f"len({name})"] = size
    return sizes


# What a learner's function raised ---------------------------------------------------------------
#
# Each is a pattern of the error's own words, and what usually lies behind it.

REASONS: tuple[tuple[str, str], ...] = (
    (
        r"matmul: .* does not have enough dimensions \(has 0",
        "A @ B multiplies arrays; beside it stands one number (for that write *), or a `...` "
        "that is not written yet\n{given}",
    ),
    (
        r"matmul: .* core dimension|matmul: .* does not have enough dim|shapes .* not aligned",
        "in A @ B the columns of A must be as many as the rows of B: is their order right, "
        "is a `.T` missing or one too many, are the sizes in a reshape the right way round?\n"
        "{given}",
    ),
    (
        r"could not be broadcast together with shapes \((\d+),(\d+)\) \(\2,\1\)",
        "one has the rows and columns of the other: to be added, one of them is to be transposed; "
        "to be multiplied as matrices, it takes `@`\n{given}",
    ),
    (
        r"could not be broadcast together with shapes \(\d+,(\d+)\) \(\1,(?!1\))\d+\)",
        "`*` and `+` go entry by entry; the matrix product, which would fit these shapes, is `@`\n"
        "{given}",
    ),
    (
        r"could not be broadcast together with shapes \((\d+),\) \((?!\1,)\d+,\)",
        "two vectors of different lengths: {lengths}\n{given}",
    ),
    (
        r"be broadcast together with shapes (\((\d+),\d+\) \(1,\2\)|\(1,(\d+)\) \(\3,\d+\))",
        "the one row has an entry for each row of the matrix: it fits as a column, which "
        "`[:, np.newaxis]` makes of a vector\n{given}",
    ),
    (
        r"be broadcast together with shapes (\(\d+,(\d+)\) \(\2,1\)|\((\d+),1\) \(\d+,\3\))",
        "the one column has an entry for each column of the matrix: it fits as a row, and a "
        "vector stands as one when it comes without np.newaxis\n{given}",
    ),
    (
        r"be broadcast together with shapes (\((\d+),\d+\) \(\2,\)|\((\d+),\) \(\3,\d+\))",
        "NumPy lines shapes up from the right, so a vector stands as a row; this one has an "
        "entry for each row of the matrix: it fits as a column, which `[:, np.newaxis]` makes{kept}"
        "\n{given}",
    ),
    (
        r"could not broadcast input",
        "what stands on the right of `=` has another shape than its place on the left: where does "
        "each slice end, and is each size taken from its own axis?\n{given}",
    ),
    (
        r"operands could not be broadcast together with shapes \((\d+,){2,}\d+\) \((\d+,){2,}\d+\)",
        "{unequal}: where does each slice end, is each size taken from its own axis, is what is "
        "to be padded padded?\n{given}",
    ),
    (
        r"operands could not be broadcast",
        "NumPy lines shapes up from the right; np.newaxis adds an axis of 1{kept}\n{given}",
    ),
    (r"takes \d+ positional argument|missing \d+ required positional", "{call}"),
    (
        r"unsupported operand type\(s\) for .*: '.*' and 'NoneType'|'NoneType' object",
        "something is None: does one of your own functions lack its `return`? What is not written "
        "yet stays `...`",
    ),
    (
        r"ellipsis",
        "there is still a `...` where a value should be",
    ),
    (
        r"truth value of an array",
        "{asked}",
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
    (
        r"(too many|not enough) values to unpack",
        "more or fewer values came than there are names on the left: where their number may be "
        "any, a loop takes one after the other\n{given}",
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


IMPORTED = {"np", "nn", "nnlib", "plt", "numpy", "math", *nnlib.__all__}
"""What the first code cell of a lesson brings in."""


def likely_reason(error: Exception, answer: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Say what was raised, in which line, and why that usually happens."""
    message = re.sub(r", with gufunc signature \S+", "", " ".join(str(error).split()))
    first = f"raised {type(error).__name__}: {message}{_line_of(error, answer)}"
    if isinstance(error, UnboundLocalError):
        return (
            f"{first}\na name that gets a value inside a function is the function's own: "
            "it has none before that line has run"
        )
    if isinstance(error, NameError):
        return f"{first}\n{_unknown(error.name or '')}"
    if isinstance(error, RecursionError):
        return f"{first}\nyour function calls itself, and nothing ends it"
    turned = _turned(error, answer, given)
    if turned:
        return f"{first}\n{turned}\n{_called_with(answer, given)}"
    for pattern, reason in REASONS:
        if re.search(pattern, message):
            told = {
                "call": f"it is called as {getattr(answer, '__name__', 'f')}({_shapes(given)})",
                "given": _called_with(answer, given),
                "kept": _kept(answer),
                "lengths": _lengths(message, answer, given),
                "asked": _asked(error, answer),
                "unequal": _unequal(message),
            }
            return f"{first}\n{reason.format(**told)}"
    return f"{first}\n{_called_with(answer, given)}"


def _kept(answer: Callable[..., Any]) -> str:
    """Tell of keepdims where an answer takes a sum, a mean or the like along an axis."""
    return ", and keepdims=True keeps one in a sum or a mean" if _along(answer) else ""


def _along(answer: Callable[..., Any]) -> bool:
    """Whether an answer takes a sum, a mean or the like."""
    names = getattr(getattr(answer, "__code__", None), "co_names", ())
    return not {"sum", "mean", "max", "min", "var", "std", "norm"}.isdisjoint(names)


def _lengths(message: str, answer: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Say why two vectors differ in length: a matrix between them may not have been used."""
    found = tuple(int(size) for size in re.findall(r"\((\d+),\)", message))
    for name, value in zip(_names(answer), given, strict=False):
        if getattr(value, "shape", ()) in (found, found[::-1]) and not _along(answer):
            return (
                f"{name} has a row for each entry of the one and a column for each of the other. "
                f"Is a product with {name} missing, by `@`?"
            )
    return (
        "a slice too short, or a sum along the other axis? "
        "axis=0 runs down the columns and leaves a number for each, axis=1 one for each row"
    )


def _unequal(message: str) -> str:
    """Say along which axes two arrays of several axes have different lengths."""
    shapes = [found.split(",") for found in re.findall(r"\(((?:\d+,)+\d+)\)", message)[:2]]
    if len(shapes) < 2 or len(shapes[0]) != len(shapes[1]):
        return "the one has more axes than the other"
    places = [i for i, (a, b) in enumerate(zip(*shapes, strict=True)) if a != b]
    axes = "axis" if len(places) == 1 else "axes"
    return f"they have different lengths along {axes} {' and '.join(map(str, places))}"


def _asked(error: Exception, answer: Callable[..., Any]) -> str:
    """Say what asks about a whole array at once: `if`, or Python's own max or min."""
    frame = _frame_of(error, answer)
    own = re.search(r"(?<![\w.])(max|min)\(", (frame and frame.line) or "")
    if own:
        better = f"np.{own[1]}imum"
        return (
            f"Python's `{own[1]}` compares whole arrays, and gets no single answer: "
            f"`{better}(A, B)` compares entry by entry, and B may be one number"
        )
    return "`if` asks about one number, an array has many; np.where or a mask asks entry by entry"


def _unknown(name: str) -> str:
    """Say where a name is to come from."""
    if name in IMPORTED:
        return (
            f"`{name}` is made by the first code cell, the one of imports: run it. A kernel that "
            "has been restarted knows nothing of before"
        )
    return (
        "is it spelt as where it was made, and has that cell run? After a restart of the kernel "
        "the first code cell and those above must run again"
    )


def _line_of(error: Exception, answer: Callable[..., Any]) -> str:
    """Tell in which line of the answer, or of what stands in the same cell, it was raised."""
    frame = _frame_of(error, answer)
    return f"\nin line {frame.lineno}: `{frame.line}`" if frame else ""


def _frame_of(error: Exception, answer: Callable[..., Any]) -> traceback.FrameSummary | None:
    """Return the last place in the answer's own file that an error came through."""
    file = getattr(getattr(answer, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    return frames[-1] if frames else None


def _turned(error: Exception, answer: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Say which two arguments the failed line multiplies, if they fit in the other order alone.

    Or if they fit as they came, and one of them is transposed.
    """
    frame, line = _frame_of(error, answer), ""
    if isinstance(error, ValueError) and frame:
        line = frame.line or ""
    matrices = {
        name: value.shape
        for name, value in zip(_names(answer), given, strict=False)
        if len(getattr(value, "shape", ())) == 2  # NumPy would fail at a list of unequal arrays
    }
    for (A, (rows, size)), (B, (other, columns)) in permutations(matrices.items(), 2):
        product = rf"(?<![\w.]){A} @ {B}(?![\w.\[])|(dot|matmul)\({A}, {B}\)"
        if size != other and columns == rows and re.search(product, line):
            return (
                f"the two have changed places: {B} has as many columns as {A} has rows, "
                f"so `{B} @ {A}` fits, and `{A} @ {B}` does not"
            )
        for name, fails, there in (
            (A, rows != other, rf"(?<![\w.]){A}\.T @ {B}(?![\w.\[])"),
            (B, size != columns, rf"(?<![\w.]){A} @ {B}\.T(?![\w.\[])"),
        ):
            if fails and size == other and re.search(there, line):
                return (
                    f"there is a `.T` too many: {A} has as many columns as {B} has rows, so "
                    f"`{A} @ {B}` fits, without {name} transposed"
                )
    return ""


def _names(answer: Callable[..., Any]) -> list[str]:
    """Return what an answer calls its arguments; what is made in C may tell nothing."""
    try:
        return list(inspect.signature(answer).parameters)
    except ValueError:
        return []


def _called_with(answer: Callable[..., Any], given: tuple[Any, ...]) -> str:
    """Tell the arguments by their names and shapes."""
    names = _names(answer)
    if not names:
        return f"it was called with {_shapes(given)}"
    told = [
        f"{name} of shape {value.shape}" if hasattr(value, "shape") else f"{name}, {_shape(value)}"
        for name, value in zip(names, given, strict=False)
    ]
    return f"it was called with {'; '.join(told)}"


def _shapes(given: tuple[Any, ...]) -> str:
    """Describe arguments by their shapes."""
    return ", ".join(_shape(value) for value in given)


def _shape(value: Any) -> str:
    """Describe one argument by its shape, or by what it is."""
    if hasattr(value, "shape"):
        return f"an array of shape {value.shape}"
    if isinstance(value, (list, tuple)):
        kind = type(value).__name__
        if value and all(hasattr(entry, "shape") for entry in value):
            return f"a {kind} of arrays of shapes {', '.join(str(v.shape) for v in value)}"
        first = f", the first {_shape(value[0])}" if value and not _is_number(value[0]) else ""
        return f"a {kind} of {len(value)}{first}"
    if callable(value):
        return "a function"
    return f"the number {value:.4g}" if _is_number(value) else f"a {type(value).__name__}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number))
