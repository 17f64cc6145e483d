"""What people hand in, at random: the right answer, or an error that names the argument.

``python -m benchmarks.odd_input --cases 50000`` draws a call of the public API and odd arguments
for it: any dtype, order, strides, read-only, objects, masked, sparse, tables, huge, denormal, NaN.
Each must end as a plain array of the same numbers would, or in a TypeError, ValueError or
FloatingPointError whose first words are the argument's name. No warning may reach the reader, and
no argument may change. References are written here in NumPy and SciPy, not with nnlib's own code.
"""

import argparse
import collections
import copy
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
import scipy.special as sp

import nnlib as nn

ERRORS = (TypeError, ValueError, FloatingPointError)


@dataclass
class Given:
    """An odd argument, and the plain array that it means; None: nothing that can be used."""

    value: Any
    means: np.ndarray | None
    how: str


@dataclass
class Case:
    """One call: its arguments by name, the call itself, and what it should give."""

    name: str
    call: Callable[[], Any]
    expected: Callable[[], Any] | None
    """None: it should be refused."""

    arguments: dict[str, Any]
    rtol: float = 1e-9
    either: bool = False
    """Whether it may be refused, too, as overflowing numbers may."""

    how: dict[str, str] = field(default_factory=dict)


# Odd arrays -------------------------------------------------------------------------------------

FLOATS = ("f2", "f4", "f8", ">f8", "g")
WHOLE = ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", "?")


def numbers(rng: np.random.Generator, shape: tuple[int, ...], *, whole: bool) -> np.ndarray:
    """Draw values of one of many sizes."""
    if whole:
        return rng.integers(0, 2, size=shape) if rng.random() < 0.3 else rng.integers(0, 100, shape)
    scale = rng.choice([1.0, 1.0, 1.0, 30.0, 1e-3, 1e-310, 1e20])
    return rng.normal(size=shape) * scale


def laid_out(rng: np.random.Generator, a: np.ndarray) -> tuple[Any, str]:
    """Give the same numbers another place in memory, or another container."""
    ways: dict[str, Callable[[], Any]] = {
        "plain": lambda: a.copy(),
        "Fortran": lambda: np.asfortranarray(a),
        "strided": lambda: np.repeat(a, 2, axis=0)[::2],
        "reversed": lambda: a[::-1].copy()[::-1],
        "read-only": lambda: _read_only(a),
        "list": a.tolist,
        "tuple": lambda: tuple(a.tolist()) if a.ndim == 1 else tuple(map(tuple, a.tolist())),
        "objects": lambda: np.array(a.tolist(), dtype=object).reshape(a.shape),
        "memmap": lambda: a.copy().view(np.memmap),
        "unmasked": lambda: np.ma.masked_array(a.copy()),
        "table": lambda: pd.DataFrame(a) if a.ndim == 2 else pd.Series(a),
        "index": lambda: _table(a),
        "matrix": lambda: np.matrix(a) if a.ndim == 2 else a.copy(),
    }
    native = a.dtype.isnative and a.dtype.char not in "eg"
    names = [n for n in ways if native or n not in ("table", "index")]
    name = str(rng.choice(names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # of numpy.matrix
        return ways[name](), name


def _read_only(a: np.ndarray) -> np.ndarray:
    a = a.copy()
    a.flags.writeable = False
    return a


def _with_text(a: np.ndarray) -> np.ndarray:
    a = a.astype(object)
    a.flat[0] = "x"
    return a


def _table(a: np.ndarray) -> Any:
    rows = np.arange(len(a))[::-1]
    if a.ndim == 1:
        return pd.Series(a, index=rows)
    return pd.DataFrame(a, index=rows, columns=np.arange(a.shape[1])[::-1])


def unusable(rng: np.random.Generator, a: np.ndarray) -> tuple[Any, str]:
    """Make something that no array can be made of without losing what it means."""
    ways: dict[str, Callable[[], Any]] = {
        "masked": lambda: np.ma.masked_array(a, mask=np.arange(a.size).reshape(a.shape) == 1),
        "sparse": lambda: scipy.sparse.csr_matrix(np.atleast_2d(a).astype(float)),
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
        "some text": lambda: np.where(
            np.arange(a.size).reshape(a.shape) == 0, "x", a.astype(object)
        ),
    }
    name = str(rng.choice(list(ways)))
    return ways[name](), name


def matrix(rng: np.random.Generator, n: int, d: int) -> Given:
    """Draw inputs of shape (n, d)."""
    whole = rng.random() < 0.3
    a = numbers(rng, (n, d), whole=whole)
    if rng.random() < 0.25:
        return Given(*_none(unusable(rng, a)))
    with np.errstate(all="ignore"):
        a = a.astype(str(rng.choice(WHOLE if whole else FLOATS)))
    if a.dtype.kind == "f" and rng.random() < 0.1:
        a[rng.integers(n), rng.integers(d)] = rng.choice([np.nan, np.inf, -np.inf])
    value, how = laid_out(rng, a)
    means = a.astype(np.float64)
    return Given(value, means if np.isfinite(means).all() else None, f"{how} {a.dtype}")


def labels(rng: np.random.Generator, n: int, k: int, *, counted: bool = False) -> Given:
    """Draw class labels of shape (n,); where they are only counted, whole floats are labels too."""
    a = rng.integers(0, k, size=n)
    kind = rng.random()
    if kind < 0.2:
        return Given(*_none(unusable(rng, a)))
    if kind < 0.35:
        ways = {
            "one-hot": np.eye(k)[a],
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


def _none(pair: tuple[Any, str]) -> tuple[Any, None, str]:
    return pair[0], None, pair[1]


# Calls ------------------------------------------------------------------------------------------

K, D = 3, 4
FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "sigmoid": (nn.sigmoid, sp.expit),
    "tanh": (nn.tanh, np.tanh),
    "relu": (nn.relu, lambda Z: np.maximum(Z, 0)),
    "softplus": (nn.activations.softplus, lambda Z: np.logaddexp(0, Z)),
    "silu": (nn.activations.silu, lambda Z: Z * sp.expit(Z)),
    "softmax": (nn.softmax, lambda Z: sp.softmax(Z, axis=1)),
    "log_softmax": (nn.log_softmax, lambda Z: sp.log_softmax(Z, axis=1)),
}


def function_case(rng: np.random.Generator) -> Case:
    """A function of numbers."""
    name = str(rng.choice(list(FUNCTIONS)))
    mine, true = FUNCTIONS[name]
    given = matrix(rng, int(rng.integers(1, 6)), D)
    means = given.means
    return Case(
        name, lambda: mine(given.value), None if means is None else lambda: true(means),
        {"Z": given.value}, either=means is None, how={"Z": given.how},
    )  # fmt: skip


def network() -> nn.Sequential:
    """A small network, the same every time."""
    return nn.Sequential(nn.Dense(D, 5), nn.Tanh(), nn.Dense(5, K), rng=0)


def logits(net: nn.Sequential, X: np.ndarray) -> np.ndarray:
    """What it gives, written out."""
    first, _, last = net.layers
    return np.tanh(X @ first.W + first.b) @ last.W + last.b


def prediction_case(rng: np.random.Generator) -> Case:
    """Forward, predict, predict_proba."""
    net, given = network(), matrix(rng, int(rng.integers(1, 9)), D)
    model = nn.Model(net, nn.SoftmaxCrossEntropy(), nn.SGD())
    ways: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "forward": (net.forward, lambda Z: Z),
        "predict": (model.predict, lambda Z: Z.argmax(axis=1)),
        "predict_proba": (model.predict_proba, lambda Z: sp.softmax(Z, axis=1)),
    }
    name = str(rng.choice(list(ways)))
    mine, true = ways[name]
    means = given.means
    return Case(
        name, lambda: mine(given.value),
        None if means is None else lambda: true(logits(net, means)),
        {"X": given.value}, how={"X": given.how},
    )  # fmt: skip


def training_case(rng: np.random.Generator) -> Case:
    """One epoch of training, and the scores after it, as with plain arrays."""
    n = int(rng.integers(3, 9))
    X, y = matrix(rng, n, D), labels(rng, n, K)
    evaluated = rng.random() < 0.5

    def run(X: Any, y: Any) -> Any:
        model = nn.Model(network(), nn.SoftmaxCrossEntropy(), nn.SGD(lr=0.01))
        if evaluated:
            return model.evaluate(X, y)["loss"]
        model.fit(X, y, epochs=1, batch_size=2)
        return model.net.params

    ok = X.means is not None and y.means is not None
    return Case(
        "evaluate" if evaluated else "fit", lambda: run(X.value, y.value),
        (lambda: run(X.means, y.means)) if ok else None, {"X": X.value, "y": y.value},
        either=True, how={"X": X.how, "y": y.how},
    )  # fmt: skip


def loss_case(rng: np.random.Generator) -> Case:
    """A loss of odd outputs and odd labels."""
    n = int(rng.integers(2, 7))
    Z, y = matrix(rng, n, K), labels(rng, n, K)
    ok = Z.means is not None and y.means is not None
    rows = np.arange(n)
    single = "float32" in Z.how
    return Case(
        "SoftmaxCrossEntropy", lambda: nn.SoftmaxCrossEntropy().value(Z.value, y.value),
        (lambda: -sp.log_softmax(Z.means, axis=1)[rows, y.means].mean()) if ok else None,
        {"Z": Z.value, "y": y.value}, 1e-4 if single else 1e-9, how={"Z": Z.how, "y": y.how},
    )  # fmt: skip


def metric_case(rng: np.random.Generator) -> Case:
    """A metric of two odd lists of labels."""
    n = int(rng.integers(2, 30))
    y, p = (labels(rng, n, K, counted=True) for _ in range(2))
    ok = y.means is not None and p.means is not None

    def counts() -> np.ndarray:
        C = np.zeros((K, K), int)
        np.add.at(C, (y.means, p.means), 1)
        return C

    ways: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
        "accuracy": (nn.accuracy, lambda C: C.trace() / C.sum()),
        "confusion_matrix": (lambda a, b: nn.confusion_matrix(a, b, k=K), lambda C: C),
        "precision": (
            lambda a, b: nn.precision(a, b, k=K),
            lambda C: C.diagonal() / np.maximum(C.sum(axis=0), 1),
        ),
        "recall": (
            lambda a, b: nn.recall(a, b, k=K),
            lambda C: C.diagonal() / np.maximum(C.sum(axis=1), 1),
        ),
    }
    name = str(rng.choice(list(ways)))
    mine, true = ways[name]
    return Case(
        name, lambda: mine(y.value, p.value), (lambda: true(counts())) if ok else None,
        {"y": y.value, "predictions": p.value},
        either=name == "accuracy" or y.how == p.how == "short",
        how={"y": y.how, "predictions": p.how},
    )  # fmt: skip


ODD = [
    *(0, 1, 3, -1, 0.5, 1.0, -0.5, 1e308, True, False, None, "1", "adam", [1], (2, 3), 10**30, len),
    *(np.nan, np.inf, np.int8(3), np.uint64(2), np.float32(0.5), np.array(2), np.array([0.5]), 2j),
]

OPTIONS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Dense": (lambda v: nn.Dense(v, 2), "d_in"),
    "Dropout": (nn.Dropout, "p"),
    "LeakyReLU": (nn.LeakyReLU, "alpha"),
    "BatchNorm": (lambda v: nn.BatchNorm(3, eps=v), "eps"),
    "Conv2D": (lambda v: nn.Conv2D(1, 2, v), "kernel_size"),
    "SGD": (lambda v: nn.SGD(lr=v), "lr"),
    "Adam": (lambda v: nn.Adam(lr=0.1, weight_decay=v), "weight_decay"),
    "clip_norm": (lambda v: nn.SGD(clip_norm=v), "clip_norm"),
    "label_smoothing": (lambda v: nn.SoftmaxCrossEntropy(label_smoothing=v), "label_smoothing"),
    "class_weight": (lambda v: nn.SoftmaxCrossEntropy(class_weight=v), "class_weight"),
    "Huber": (nn.Huber, "delta"),
    "patience": (nn.EarlyStopping, "patience"),
    "min_delta": (lambda v: nn.EarlyStopping(min_delta=v), "min_delta"),
    "rng": (lambda v: nn.Sequential(nn.Dense(1, 1), rng=v), "rng"),
    "batch_size": (lambda v: nn.batches(4, v, rng=0), "batch_size"),
    "Cosine": (lambda v: nn.schedules.Cosine(0.1, steps=v), "steps"),
}


def option_case(rng: np.random.Generator) -> Case:
    """An odd option: it is taken, or refused by its name."""
    name = str(rng.choice(list(OPTIONS)))
    call, argument = OPTIONS[name]
    value = ODD[rng.integers(len(ODD))]
    return Case(
        name, lambda: call(value), lambda: ..., {argument: value}, either=True,
        how={argument: repr(value)},
    )  # fmt: skip


CASES = (
    function_case, prediction_case, training_case, loss_case, metric_case, option_case
)  # fmt: skip


# The verdict ------------------------------------------------------------------------------------


def verdict(case: Case) -> str | None:
    """Run a case; None: as it should be."""
    before = {name: _copied(value) for name, value in case.arguments.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            result = case.call()
    except ERRORS as error:
        message = str(error)
        words = [w for a in case.arguments for w in (f"{a}:", f"{a}[", f"{a} and")]
        named = message.startswith(tuple(words)) or any(f"{a}: " in message for a in case.arguments)
        if not named and not message.startswith(("training diverged", "the outputs", "the loss")):
            return f"the error names no argument: {type(error).__name__}: {message[:200]}"
        if case.expected is not None and not case.either:
            return f"refused what is right: {message[:200]}"
        return None
    except Warning as warning:
        return f"a warning: {type(warning).__name__}: {warning}"
    except Exception:
        return "raised " + traceback.format_exc(limit=-2)[:400]
    for name, value in case.arguments.items():
        if not _same(before[name], value):
            return f"{name} was changed"
    if case.expected is None:
        return None if case.either else f"took what it should refuse, and said {result!r:.80}"
    with np.errstate(all="ignore"):
        expected = case.expected()
    if expected is ...:
        return None
    if np.shape(result) != np.shape(expected):
        return f"shape {np.shape(result)}, not {np.shape(expected)}"
    if np.asarray(result).dtype.kind not in "fiu":
        return f"gave {result!r:.100}"
    single = np.asarray(result).dtype == np.float32
    rtol = 1e-5 if single else case.rtol
    if not np.allclose(result, expected, rtol=rtol, atol=rtol, equal_nan=True):
        return f"{np.asarray(result)!r:.100} is not {np.asarray(expected)!r:.100}"
    return None


def _copied(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except TypeError:  # a generator
        return value


def _same(a: Any, b: Any) -> bool:
    if not isinstance(a, np.ndarray) or a.dtype == object:
        return repr(a) == repr(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def run(cases: int, seed: int) -> dict[str, list[str]]:
    """Run so many cases; return what went wrong, grouped by what was called and how."""
    rng, found = np.random.default_rng(seed), collections.defaultdict(list)
    for _ in range(cases):
        case = CASES[rng.integers(len(CASES))](rng)
        wrong = verdict(case)
        if wrong is not None:
            found[f"{case.name} {case.how}"].append(wrong)
    return dict(found)


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    found = run(options.cases, options.seed)
    for name, messages in sorted(found.items()):
        print(f"{len(messages)} × {name}: {messages[0]}")
    print(f"{options.cases} cases, {sum(map(len, found.values()))} wrong")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
