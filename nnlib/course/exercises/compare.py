"""Compare a result with the true one: dtype, then shape, then values; part by part."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from nnlib._typing import Array

Mask = npt.NDArray[np.bool_]

TOLERANCE = 1e-6
"""How far an entry may be off, in units of the largest one."""


FEW = 8
"""Parts that are listed one by one."""


def close(mine: Array, true: Array, tolerance: float = TOLERANCE) -> Mask:
    """Say for each entry whether it is right; NaN and infinities are compared as such."""
    size = np.abs(true[np.isfinite(true)]).max(initial=0)
    right: Mask = np.isclose(mine, true, rtol=0, atol=tolerance * size, equal_nan=True)
    return right


def same(mine: Any, true: Any) -> bool:
    """Say whether two results agree in dtype, shape and values."""
    return array_difference(mine, true, "") is None


def put_like(expected: Any, result: Any, parts: tuple[str, ...]) -> Any:
    """Put a result into the form of what is expected, where that is only another way to write it.

    Several values may come as the rows of one array, or in a dictionary by their places, counted
    from 1 (what is left out is not written yet); very many of them in rows; whole numbers as floats
    or short ints.
    """
    if not parts:
        return _whole(expected, result)
    places = range(1, len(parts) + 1)
    if isinstance(result, dict) and result and set(result) <= set(places):
        result = tuple(result.get(place, ...) for place in places)
    if len(parts) > FEW:
        result = _in_one_row(result)
    rows = isinstance(result, np.ndarray) and len(result.shape) > 0 and len(result) == len(parts)
    if rows and all(np.shape(true) == result.shape[1:] for true in expected):
        result = tuple(result)
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        return result
    return tuple(map(_whole, expected, result))


def _in_one_row(result: Any) -> Any:
    """Join rows of values."""
    if isinstance(result, np.ndarray):
        return result.ravel()
    rows = isinstance(result, (tuple, list)) and all(
        isinstance(row, (tuple, list)) for row in result
    )
    return tuple(value for row in result for value in row) if rows else result


def _whole(expected: Any, result: Any) -> Any:
    """Return whole numbers as integers where integers are expected."""
    true = np.asarray(expected)
    if true.dtype.kind not in "iu" or not isinstance(result, (float, np.ndarray, np.generic)):
        return result
    mine = np.asarray(result)
    if mine.dtype.kind not in "iu" and mine.dtype != np.float64:
        return result
    return mine.astype(true.dtype) if np.all(mine % 1 == 0) else result


def difference(result: Any, expected: Any, parts: tuple[str, ...]) -> str | None:
    """Say where a result first differs from what is expected; None: nowhere."""
    texts = texts_of(result, expected, parts)
    if not parts or len(texts) != len(parts):
        return texts[0]
    right = [name for name, text in zip(parts, texts, strict=True) if text is None]
    wrong = {name: text for name, text in zip(parts, texts, strict=True) if text is not None}
    if not wrong:
        return None
    first, *others = wrong
    so_far = f"{', '.join(right)} right; " if right else ""
    verb = "differ" if len(others) > 1 else "differs"
    also = f"; {', '.join(others)} {verb}, too" if others else ""
    return f"{so_far}{wrong[first]}{also}"


def texts_of(result: Any, expected: Any, parts: tuple[str, ...]) -> list[str | None]:
    """Say of each value where it first differs, or once that these are not so many values."""
    if not parts:
        return [array_difference(result, expected, "your result")]
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        names = ", ".join(parts) if len(parts) <= FEW else f"{parts[0]} to {parts[-1]}"
        got = len(result) if isinstance(result, (tuple, list)) else other_kind(result) or "one"
        names_in_code = len(parts) <= FEW and all(part.isidentifier() for part in parts)
        how = f": `return {names}`" if names_in_code else ""
        if isinstance(result, dict) and len(parts) > FEW:
            how = f": its keys are the places, 1 to {len(parts)}"
        return [f"expected {len(parts)} values, {names}, got {got}{how}"]
    return list(map(array_difference, result, expected, parts))


def written(result: Any, parts: tuple[str, ...]) -> list[int]:
    """Return which of several values have been written; a ``...`` holds the place of the others."""
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        return list(range(len(parts)))
    return [i for i, value in enumerate(result) if value is not ...]


def other_kind(value: Any) -> str | None:
    """Say what came that is neither a number nor an array of numbers; None: it is one."""
    kinds: dict[Any, str] = {
        str: "a string",
        dict: "a dictionary",
        (set, frozenset): "a set",
        Iterator: "a generator",
        Callable: "a function",
    }
    for types, name in kinds.items():
        if isinstance(value, types):
            return name
    try:
        array = np.asarray(value)
    except ValueError:
        several = isinstance(value, tuple)
        return f"{len(value)} values" if several else "rows of different lengths"
    if array.dtype.kind == "O":
        odd = [entry for entry in array.ravel() if entry is None or entry is ...]
        if not odd:
            return "functions" if all(map(callable, array.ravel())) else "objects"
        return "..." if odd[0] is ... else "None"
    names = {"c": "complex numbers", "U": "strings", "S": "strings"}
    return None if array.dtype.kind in "fiub" else names.get(array.dtype.kind, str(array.dtype))


def array_difference(result: Any, expected: Any, name: str) -> str | None:
    """Compare one array, or one number, with the true one."""
    kind = other_kind(result)
    if kind is not None:
        return f"{name}: expected numbers, got {kind}"
    true, mine = np.asarray(expected), np.asarray(result)
    if mine.shape != true.shape:
        return f"{name}: expected shape {true.shape}, got {mine.shape}"
    if mine.dtype != true.dtype:
        return f"{name}: expected {true.dtype}, got {mine.dtype}"
    mine, true = mine.astype(float), true.astype(float)
    far = ~close(mine, true)
    if not far.any():
        return None
    index = tuple(int(i) for i in np.argwhere(far)[0])
    where = f" at [{', '.join(map(str, index))}]" if index else ""
    return f"{name}: expected {true[index]:.6g}{where}, got {mine[index]:.6g}"


def unchanged(a: Any, b: Any) -> bool:
    """Compare arguments before and after, whatever they hold."""
    if isinstance(a, (list, tuple)):
        several = isinstance(b, (list, tuple)) and len(a) == len(b)
        return several and all(map(unchanged, a, b))
    if a is not None and type(a) is type(b) and getattr(type(a), "__eq__", None) is object.__eq__:
        return True  # a network, an optimizer, a generator: they are there to be moved
    return np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind in "fc")
