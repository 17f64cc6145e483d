"""Examples by row: whatever slices, in memory or not, is taken batch by batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from ._typing import Array, Seed, Shape
from ._validation import (
    all_finite,
    finite,
    generator,
    number,
    real,
    same_length,
    shape_text,
    whole,
)
from .losses import Loss, check_weights
from .network import Sequential

_REMEDY = "fill in or leave out what is missing before training"


class Batch(NamedTuple):
    """Examples for one update, known to fit: inputs, targets, how much each counts.

    The batch's loss is Σ_r s_r L_r / total; a total of None is the sum of its own weights s_r.
    """

    X: Any
    y: Any
    weights: Array | None = None
    total: float | None = None


@dataclass(frozen=True)
class Examples:
    """Inputs, targets and weights, or some rows of them. Nothing is copied but the batch asked for.

    X may be a `numpy.memmap` larger than memory, integer images, or anything with a length that
    gives a row for an index; ``rows`` costs 8 bytes a row. ``check`` looks at a batch; None:
    nothing is left to look at, because X lies in memory, in the network's dtype, and y fits the
    outputs.
    """

    X: Any
    y: Any
    weights: Array | None = None
    rows: Any = None
    check: Callable[[Batch], Batch] | None = None

    def __len__(self) -> int:
        return len(self.y if self.rows is None else self.rows)

    def room(self, n: int) -> Array | None:
        """Make room for the inputs of n examples at most, if they come from an array."""
        if not isinstance(self.X, np.ndarray):
            return None
        return np.empty((min(n, len(self)), *self.X.shape[1:]), self.X.dtype)

    def take(self, index: Any, room: Array | None = None) -> Batch:
        """Return a batch, checked if it has not been; its X lies in ``room``."""
        rows = index if self.rows is None else self.rows[index]
        weights = None if self.weights is None else self.weights[rows]
        batch = Batch(take_rows(self.X, rows, room), self.y[rows], weights)
        return batch if self.check is None else self.check(batch)

    def split(self, fraction: float, rng: np.random.Generator) -> tuple[Self, Self]:
        """Draw a fraction of the rows at random; return the others, and these."""
        held = round(len(self) * number("validation", fraction, below=1, strict=True))
        if not 0 < held < len(self):
            raise ValueError(
                f"validation: expected a fraction that leaves examples on both sides, "
                f"got {fraction} of {len(self)} examples: {held} for validation"
            )
        rows = rng.permutation(len(self))
        parts = replace(self, rows=rows[held:]), replace(self, rows=rows[:held])
        if self.weights is not None:
            for part in parts:
                _some_weight(self.weights[part.rows], "validation: on each side ")
        return parts


def _some_weight(weights: Array, which: str) -> None:
    """Make sure that at least one example counts."""
    if not weights.any():
        raise ValueError(f"{which}sample_weight: expected a weight above 0, got only zeros")


def take_rows(X: Any, rows: Any, room: Array | None = None) -> Any:
    """Return rows of X as an array; with ``room``, every batch lies in the same memory."""
    if not isinstance(X, np.ndarray):
        return np.stack([X[int(row)] for row in rows])
    if room is None:
        return X[rows]
    return np.take(X, rows, axis=0, out=room[: len(rows)], mode="clip")  # clip: "raise" buffers


def checked_examples(
    net: Sequential, loss: Loss, X: Any, y: Any, sample_weight: Any = None, *, which: str = ""
) -> Examples:
    """Check what can be checked at once: all of what lies in memory, the shape of what does not."""
    X, n, shape = checked_inputs(X, f"{which}X")
    y = np.asarray(y)
    if net.input_shape is not None and shape != net.input_shape:
        raise ValueError(
            f"{which}X: expected shape {shape_text(net.input_shape)}, got {(n, *shape)}: "
            "one row for each example"
        )
    if y.ndim == 0:
        raise ValueError(f"{which}y: expected one target for each example, got a single value")
    same_length(**{f"{which}X": range(n), f"{which}y": y})
    after = net.shapes_after(shape)[-1]
    if after is not None:
        y = loss.check_targets((n, *after), y)
    if sample_weight is not None:
        sample_weight = check_weights("sample_weight", sample_weight, n)
        _some_weight(sample_weight, which)
    checked = after is not None and type(X) is np.ndarray and X.dtype == net.dtype
    return Examples(X, y, sample_weight, check=None if checked else partial(_checked, net, loss))


def _checked(net: Sequential, loss: Loss, batch: Batch) -> Batch:
    """Check what could not be checked at once: inputs that were not in memory, and their shape."""
    X = net.check_input(batch.X)
    shape = net.shapes_after(X.shape[1:])[-1]
    if shape is None:  # a layer does not tell: see what comes out
        shape = net.forward(X[:1]).shape[1:]
    return batch._replace(X=X, y=loss.check_targets((len(X), *shape), batch.y))


def checked_inputs(X: Any, name: str = "X") -> tuple[Any, int, Shape]:
    """Return X ready to be sliced, its number of rows, and the shape of one."""
    if isinstance(X, (list, tuple)):
        X = real(name, X)
    if isinstance(X, np.ndarray) and X.dtype.kind not in "fiub":
        real(name, X[:0])
    try:
        n, shape = len(X), np.shape(X[0]) if len(X) else np.shape(X)[1:]
    except (TypeError, KeyError, IndexError):
        raise TypeError(
            f"{name}: expected an array, or what gives a row for an index 0, 1, 2 …, got "
            f"{type(X).__name__}: numpy.asarray({name}) may turn it into one"
        ) from None
    if n == 0 or not shape:
        raise ValueError(
            f"{name}: expected shape (n, d) with at least one example, got {np.shape(X)}: "
            "one row for each example"
        )
    if type(X) is np.ndarray and X.dtype.kind == "f":
        chunks = range(0, n, 4096)
        if not all(all_finite(X[i : i + 4096]) for i in chunks):
            finite(name, X, _REMEDY)
    return X, n, shape


def batches(n: int, batch_size: int, rng: Seed, smallest: int = 1) -> Iterator[npt.NDArray[Any]]:
    """Yield the indices 0 … n − 1 in random order, batch by batch; the last may be smaller.

    A last batch of fewer than ``smallest`` joins the one before it.

    Examples
    --------
    >>> [len(batch) for batch in batches(10, 4, rng=0)]
    [4, 4, 2]
    """
    n, batch_size = whole("n", n), whole("batch_size", batch_size)
    order = generator(rng).permutation(n)
    stops = [*range(batch_size, n, batch_size), n]
    if len(stops) > 1 and n - stops[-2] < smallest:
        del stops[-2]
    return (order[start:stop] for start, stop in pairwise([0, *stops]))
