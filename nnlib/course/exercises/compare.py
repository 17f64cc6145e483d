"""Compare a result with the true one: dtype, then shape, then values; part by part."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nnlib._typing import Array

Mask = npt.NDArray[np.bool_]

TOLERANCE = 1e-6
"""How far an entry may be off, in units of the largest one."""


def close(mine: Array, true: Array, tolerance: float = TOLERANCE) -> Mask:
    """Say for each entry whether it is right; NaN and infinities are compared as such."""
    size = np.abs(true[np.isfinite(true)]).max(initial=0)
    right: Mask = np.isclose(mine, true, rtol=0, atol=tolerance * size, equal_nan=True)
    return right


def same(mine: Any, true: Any) -> bool:
    """Say whether two results agree in dtype, shape and values."""
    return array_difference(mine, true, "") is None


def difference(result: Any, expected: Any, parts: tuple[str, ...]) -> str | None:
    """Say where a result first differs from what is expected; None: nowhere."""
    if not parts:
        return array_difference(result, expected, "your result")
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        return f"expected {len(parts)} values, {', '.join(parts)}: return {', '.join(parts)}"
    texts = {
        name: array_difference(mine, true, name)
        for name, mine, true in zip(parts, result, expected, strict=True)
    }
    right = [name for name, text in texts.items() if text is None]
    wrong = {name: text for name, text in texts.items() if text is not None}
    if not wrong:
        return None
    first, *others = wrong
    so_far = f"{', '.join(right)} right; " if right else ""
    also = f"; {', '.join(others)} differ, too" if others else ""
    return f"{so_far}{wrong[first]}{also}"


def written(result: Any, parts: tuple[str, ...]) -> list[int]:
    """Return which of several values have been written; a ``...`` holds the place of the others."""
    if not isinstance(result, (tuple, list)) or len(result) != len(parts):
        return list(range(len(parts)))
    return [i for i, value in enumerate(result) if value is not ...]


def array_difference(result: Any, expected: Any, name: str) -> str | None:
    """Compare one array, or one number, with the true one."""
    true = np.asarray(expected)
    try:
        mine = np.asarray(result)
    except ValueError:
        return f"{name}: expected an array, got rows of different lengths"
    if mine.dtype.kind not in "fiub":
        return f"{name}: expected numbers, got {mine.dtype}"
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
        return len(a) == len(b) and all(map(unchanged, a, b))
    return np.array_equal(a, b)
