"""Odd arrays and odd options, each with the plain array that it means."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

FLOATS = ("f2", "f4", "f8", ">f8", "g")
WHOLE = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", "?")
SCALES = (1.0, 1.0, 1.0, 30.0, 1e-3, 1e-310, 1e20, 1e200)
HUGE = 1e15
"""Larger numbers, or squares of them, may have no room: to be refused is right, too."""

ODD = [
    *(0, 1, 3, -1, 0.5, 1.0, -0.5, 1e308, True, False, None, "1", "adam", [1], (2, 3), 10**30, len),
    *(np.nan, np.inf, np.int8(3), np.uint64(2), np.float32(0.5), np.array(2), np.array([0.5]), 2j),
    *(10**400, b"1", np.True_, np.array(True), np.array("1"), np.complex128(2), {1: 2}, {3}, ...),
    *([[1], [2, 3]], Fraction(1, 2), Decimal("0.5"), np.timedelta64(3, "s"), np.ma.masked, float),
    *(np.ma.masked_array(0.5), np.longdouble(0.5), np.float16(0.5), -np.inf, 1e-320, "Adam", ""),
]


@dataclass
class Given:
    """An odd argument, and the plain array that it means; None: nothing that can be used."""

    value: Any
    means: np.ndarray | None
    how: str
    unusable: bool = False
    """Whether it is no array of numbers at all, not even one with NaN."""

    @property
    def huge(self) -> bool:
        """Whether its numbers may overflow, or be lost."""
        if self.means is None:
            return False
        sizes = np.abs(self.means[self.means != 0])
        return bool(sizes.max(initial=0) > HUGE or sizes.min(initial=1) < 1 / HUGE)


def numbers(rng: np.random.Generator, shape: tuple[int, ...], *, whole: bool) -> np.ndarray:
    """Draw values of one of many sizes."""
    if whole:
        return rng.integers(0, 2, size=shape) if rng.random() < 0.3 else rng.integers(0, 100, shape)
    return rng.normal(size=shape) * rng.choice(SCALES)


def laid_out(rng: np.random.Generator, a: np.ndarray) -> tuple[Any, str]:
    """Give the same numbers another place in memory, or another container."""
    ways: dict[str, Callable[[], Any]] = {
        "plain": lambda: a.copy(),
        "Fortran": lambda: np.asfortranarray(a),
        "strided": lambda: np.repeat(a, 2, axis=0)[::2],
        "reversed": lambda: a[::-1].copy()[::-1],
        "read-only": lambda: _read_only(a),
        "list": a.tolist,
        "tuple": lambda: _tuples(a.tolist()),
        "objects": lambda: np.array(a.tolist(), dtype=object).reshape(a.shape),
        "memmap": lambda: a.copy().view(np.memmap),
        "unmasked": lambda: np.ma.masked_array(a.copy()),
        "table": lambda: pd.DataFrame(a) if a.ndim == 2 else pd.Series(a),
        "index": lambda: _table(a),
        "matrix": lambda: np.matrix(a) if a.ndim == 2 else a.copy(),
    }
    native = a.dtype.isnative and a.dtype.char not in "eg"
    names = [n for n in ways if (native and a.ndim < 3) or n not in ("table", "index")]
    name = str(rng.choice(names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # of numpy.matrix
        return ways[name](), name


def _tuples(rows: Any) -> Any:
    return tuple(map(_tuples, rows)) if isinstance(rows, list) else rows


def _read_only(a: np.ndarray) -> np.ndarray:
    a = a.copy()
    a.flags.writeable = False
    return a


def _table(a: np.ndarray) -> Any:
    rows = np.arange(len(a))[::-1]
    if a.ndim == 1:
        return pd.Series(a, index=rows)
    return pd.DataFrame(a, index=rows, columns=np.arange(a.shape[1])[::-1])


def unusable(rng: np.random.Generator, a: np.ndarray) -> Given:
    """Make something that no array can be made of without losing what it means."""
    first = np.arange(a.size).reshape(a.shape) == 0
    ways: dict[str, Callable[[], Any]] = {
        "masked": lambda: np.ma.masked_array(a, mask=first),
        "sparse": lambda: scipy.sparse.csr_matrix(a.reshape(len(a), -1).astype(float)),
        "text": lambda: a.astype(str),
        "complex": lambda: a + 1j,
        "dates": lambda: np.arange(a.size).reshape(a.shape).astype("M8[D]"),
        "generator": lambda: (row for row in a),
        "iterator": lambda: iter(a.tolist()),
        "None": lambda: None,
        "dict": lambda: {"a": a},
        "set": lambda: {1, 2},
        "str": lambda: "data.csv",
        "function": lambda: len,
        "empty": lambda: a[:0],
        "ragged": lambda: [[1.0, 2.0], [1.0]],
        "some text": lambda: np.where(first, "x", a.astype(object)),
        "some None": lambda: np.where(first, None, a.astype(object)),
    }
    name = str(rng.choice(list(ways)))
    return Given(ways[name](), None, name, unusable=True)


def array(rng: np.random.Generator, *shape: int) -> Given:
    """Draw real numbers of this shape: mostly usable, in a tenth of those with NaN or infinity."""
    whole = rng.random() < 0.3
    a = numbers(rng, shape, whole=whole)
    if rng.random() < 0.25:
        return unusable(rng, a)
    with np.errstate(all="ignore"):
        a = a.astype(str(rng.choice(WHOLE if whole else FLOATS)))
    if a.dtype.kind == "f" and rng.random() < 0.1:
        a.flat[rng.integers(a.size)] = rng.choice([np.nan, np.inf, -np.inf])
    value, how = laid_out(rng, a)
    means = a.astype(np.float64)
    return Given(value, means if np.isfinite(means).all() else None, f"{how} {a.dtype}")


def labels(rng: np.random.Generator, n: int, k: int, *, counted: bool = False) -> Given:
    """Draw class labels of shape (n,); where they are only counted, whole floats are labels too."""
    a = rng.integers(0, k, size=n)
    kind = rng.random()
    if kind < 0.2:
        return unusable(rng, a)
    if kind < 0.35:
        ways = {
            "one-hot": np.eye(k, dtype=int)[a],
            "column": a[:, np.newaxis],
            "from 1": a + k,
            "negative": a - k,
            "halves": a + 0.5,
            "NaN": np.where(np.arange(n) == 0, np.nan, a),
            "names": np.array([f"class {c}" for c in a]),
            "whole floats": a.astype(float),
            "short": a[:-1],
        }
        how = str(rng.choice(list(ways)))
        value, _ = laid_out(rng, ways[how]) if ways[how].dtype.kind != "U" else (ways[how], "")
        return Given(value, a if counted and how == "whole floats" else None, how)
    dtype = str(rng.choice([w for w in WHOLE if w != "?"]))
    value, how = laid_out(rng, a.astype(dtype))
    return Given(value, None if how == "objects" and not counted else a, f"{how} {dtype}")


def chances(rng: np.random.Generator, n: int, k: int) -> Given:
    """Draw rows of probabilities, or what is none."""
    given = array(rng, n, k)
    by_chance = given.means is not None and np.allclose(given.means.sum(axis=1), 1, atol=1e-2)
    if given.means is None or (rng.random() < 0.2 and not by_chance):
        return Given(given.value, None, given.how, given.unusable)
    P = np.exp(rng.normal(size=(n, k)))
    P = (P / P.sum(axis=1, keepdims=True)).astype(str(rng.choice(["f4", "f8", ">f8", "g"])))
    value, how = laid_out(rng, P)
    return Given(value, P.astype(np.float64), f"{how} {P.dtype}")


def weights(rng: np.random.Generator, n: int) -> Given:
    """Draw a weight of 0 or more for each of n examples; some draws have a negative one."""
    given = array(rng, n)
    if given.how == "None":
        return Given(np.ones(n), np.ones(n), "plain float64")
    return positive(rng, given)


def positive(rng: np.random.Generator, given: Given) -> Given:
    """Make most numbers 0 or more; what has a negative one left cannot be used."""
    if given.means is None:
        return given
    if rng.random() < 0.8 and given.means.min() < 0:
        value, how = laid_out(rng, np.abs(given.means))
        given = Given(value, np.abs(given.means), f"{how} float64")
    fit = given.means is not None and given.means.min() >= 0
    return Given(given.value, given.means if fit else None, given.how)
