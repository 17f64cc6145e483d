"""Examples by row: whatever slices, in memory or not, is taken batch by batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from ._arrays import array, gives_rows, is_pair, pairs_refused
from ._labels import classes_of
from ._targets import check_weights, warn_of_one_hot_rows
from ._typing import Array, Labels, Seed, Shape
from ._validation import (
    all_finite,
    finite,
    flag,
    generator,
    number,
    real,
    same_length,
    shape_text,
    whole,
)
from ._words import explained
from .losses import Loss
from .network import Sequential

_REMEDY = "fill in or leave out what is missing before training"


class Batch(NamedTuple):
    """Examples for one update, known to fit: inputs, targets, how much each counts.

    The batch's loss is Σ_r s_r L_r / total; a total of None is the sum of its own weights s_r. In
    training it is n s̄, with s̄ the mean weight of all training data: a heavy example moves the
    parameters more than a light one, also where it is alone in its batch.
    """

    X: Any
    y: Any
    weights: Array | None = None
    total: float | None = None


@dataclass(frozen=True)
class Examples:
    """Inputs, targets and weights, or some rows of them. Nothing is copied but the batch asked for.

    X may be a `numpy.memmap` larger than memory, integer images, or anything with a length that
    gives a row for an index, or several by ``take_rows``; ``rows`` costs 8 bytes a row. ``check``
    looks at the inputs of a batch; None: nothing is left to look at, because X lies in memory, in
    the network's dtype.
    """

    X: Any
    y: Any
    weights: Array | None
    loss: Loss
    shape: Shape
    """Of one example."""

    rows: Any = None
    check: Callable[[Any], Array] | None = None

    def __len__(self) -> int:
        return len(self.y if self.rows is None else self.rows)

    @cached_property
    def mean_weight(self) -> float:
        """s̄, the mean of s_r c_(y_r) over these examples, with class weights c."""
        y, s = self.y, self.weights
        if self.rows is not None:
            y, s = y[self.rows], None if s is None else s[self.rows]
        return self.loss.total_weight(y, s) / len(self)

    def room(self, n: int) -> Array | None:
        """Make room for the inputs of n examples at most, if they come from an array."""
        if not isinstance(self.X, np.ndarray):
            return None
        return np.empty((min(n, len(self)), *self.X.shape[1:]), self.X.dtype)

    def take(self, index: Any, room: Array | None = None) -> Batch:
        """Return a batch, checked if it has not been; its X lies in ``room``."""
        rows = index if self.rows is None else self.rows[index]
        weights = None if self.weights is None else self.weights[rows]
        X = take_rows(self.X, rows, room)
        if self.check is not None:
            X = self.check(X)
        return Batch(X, self.y[rows], weights, len(rows) * self.mean_weight)

    def split(
        self,
        fraction: float,
        rng: np.random.Generator,
        *,
        stratify: bool = False,
        shuffle: bool = True,
    ) -> tuple[Self, Self]:
        """Draw a fraction of the rows at random; return the others, and these.

        With ``stratify`` each class has its share of both; without ``shuffle`` the others keep
        their order.
        """
        classes = classes_of(self.loss, self.y) if stratify else None
        rest, held = drawn(len(self), fraction, rng, classes)
        train = replace(self, rows=rest if shuffle else np.sort(rest))
        validation = replace(self, rows=held)
        _some_weight(train, "training data: ")
        _some_weight(validation, "validation data: ")
        return train, validation


def drawn(
    n: int, fraction: float, rng: np.random.Generator, classes: Labels | None = None
) -> tuple[Labels, Labels]:
    """Draw a fraction of 0 … n − 1 at random; return the others, and these.

    With the class of each, every n/m-th is drawn, m the number to draw, of all in random order and
    then by class, from a random one on: m n_c/n of the n_c in class c, rounded up or down.
    """
    m = round(n * number("validation", fraction, below=1, strict=True))
    if not 0 < m < n:
        raise ValueError(
            f"validation: expected a fraction that leaves examples on both sides, "
            f"got {fraction} of {n} examples: {m} for validation"
        )
    rng = _generator_of_the_split(rng)
    rows = rng.permutation(n)
    if classes is None:
        return rows[m:], rows[:m]
    by_class = np.argsort(classes[rows], kind="stable")
    held = np.zeros(n, bool)
    held[by_class[(np.arange(m) * n + rng.integers(n)) // m]] = True
    return rows[~held], rows[held]


def _generator_of_the_split(rng: np.random.Generator) -> np.random.Generator:
    """Make the generator that draws the examples for validation, from the seed of rng alone.

    It draws the same however far rng has gone: who goes on with rng goes on with the same split,
    and never trains on what was held out before.
    """
    seed: Any = rng.bit_generator.seed_seq
    return np.random.default_rng(
        np.random.SeedSequence(seed.entropy, spawn_key=(1, *seed.spawn_key))
    )


def _some_weight(examples: Examples, which: str) -> None:
    """Make sure that at least one example counts."""
    if not examples.mean_weight:
        weights = "sample_weight" if examples.weights is not None else "class_weight"
        raise ValueError(
            f"{which}{weights}: expected a weight above 0 for at least one example, "
            f"got only zeros for {len(examples)} examples"
        )


def take_rows(X: Any, rows: Any, room: Array | None = None) -> Any:
    """Return rows of X as an array; with ``room``, every batch lies in the same memory."""
    if hasattr(X, "take_rows"):
        return array("X", X.take_rows(rows))
    if not isinstance(X, np.ndarray):
        return array("X", [array("X", X[int(row)]) for row in rows])
    if room is None:
        return X[rows]
    return np.take(X, rows, axis=0, out=room[: len(rows)], mode="clip")  # clip: "raise" buffers


def checked_examples(
    net: Sequential, loss: Loss, X: Any, y: Any, sample_weight: Any = None, *, which: str = ""
) -> Examples:
    """Check what can be checked at once: all of what lies in memory, the shape of what does not."""
    X, n, shape = checked_inputs(net, X, f"{which}X")
    y = every_row(f"{which}y", y)
    if y.ndim == 0:
        raise ValueError(f"{which}y: expected one target for each example, got a single value")
    if y.shape == (1, n) != (1, 1):
        raise ValueError(
            f"{which}y: expected one target for each of {n} examples, got one row, "
            f"shape {y.shape}: numpy.ravel(y) is of shape (n,)"
        )
    same_length(**{f"{which}X": range(n), f"{which}y": y})
    after = net.shapes_after(shape)[-1]
    if after is None:  # a layer does not tell: see what comes out
        after = net.forward(take_rows(X, [0])).shape[1:]
    try:
        y = loss.check_targets((n, *after), y)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{which}{error}") from None
    if loss.link == "sigmoid":
        warn_of_one_hot_rows(f"{which}y", y)
    if sample_weight is not None:
        sample_weight = check_weights(f"{which}sample_weight", sample_weight, n)
    checked = type(X) is np.ndarray and X.dtype == net.dtype
    check = None if checked else partial(_checked, net, shape)
    examples = Examples(X, y, sample_weight, loss, shape, check=check)
    _some_weight(examples, which)
    return examples


def _checked(net: Sequential, shape: Shape, X: Any) -> Array:
    """Check inputs that could not be checked at once: they were not in memory, or not floats."""
    X = net.check_input(X)
    if X.shape[1:] != shape:
        raise ValueError(
            f"X: expected shape {shape_text(shape)}, as that of the first example, got {X.shape}"
        )
    return X


def checked_inputs(net: Sequential, X: Any, name: str = "X") -> tuple[Any, int, Shape]:
    """Return X ready to be sliced, its number of rows, and the shape of one."""
    if not gives_rows(X):
        X = array(name, X)
        X = real(name, X) if X.dtype.kind not in "fiub" else X
    elif isinstance(X, np.memmap):
        real(name, X[:0])
    n = 0 if isinstance(X, np.ndarray) and X.ndim == 0 else len(X)
    first = X[0] if n else ()
    if is_pair(first):
        raise pairs_refused(name, X)
    shape = np.shape(array(f"{name}[0]", first)) if n else ()
    shown = np.shape(X) if isinstance(X, np.ndarray) else (n, *shape)
    remedy = "one row for each example"
    if shown == net.input_shape:
        remedy = "for a single example use X[numpy.newaxis]"
    elif n and not shape and net.input_shape in (None, (1,)):
        remedy = "one row for each example; a single feature is numpy.reshape(X, (-1, 1))"
    if n == 0 or not shape:
        raise ValueError(
            f"{name}: expected shape (n, d) with at least one example, got {shown}: {remedy}"
        )
    if net.input_shape not in (None, shape):
        raise ValueError(
            f"{name}: expected shape {shape_text(net.input_shape)}, got {shown}: {remedy}"
        )
    if type(X) is np.ndarray and X.dtype.kind == "f":
        chunks = range(0, n, 4096)
        if not all(all_finite(X[i : i + 4096]) for i in chunks):
            finite(name, X, _REMEDY)
    return X, n, shape


def every_row(name: str, y: Any) -> npt.NDArray[Any]:
    """Return targets as an array in memory, wherever they lie."""
    if gives_rows(y) and not hasattr(y, "__array__"):
        y = [y[i] for i in range(len(y))]
    return array(name, y)


@explained
def batches(
    n: int, batch_size: int, rng: Seed | None = None, smallest: int = 1, shuffle: bool = True
) -> Iterator[npt.NDArray[Any]]:
    """Yield the indices 0 … n − 1 in random order, batch by batch; the last may be smaller.

    A last batch of fewer than ``smallest`` joins the one before it. Without ``shuffle`` they come
    in their own order, and no rng is needed.

    Examples
    --------
    >>> [len(batch) for batch in batches(10, 4, rng=0)]
    [4, 4, 2]
    >>> [batch.tolist() for batch in batches(5, 2, shuffle=False)]
    [[0, 1], [2, 3], [4]]
    """
    n, batch_size = whole("n", n), whole("batch_size", batch_size)
    smallest = whole("smallest", smallest)
    order = generator(rng).permutation(n) if flag("shuffle", shuffle) else np.arange(n)
    stops = [*range(batch_size, n, batch_size), n]
    if len(stops) > 1 and n - stops[-2] < smallest:
        del stops[-2]
    return (order[start:stop] for start, stop in pairwise([0, *stops]))
