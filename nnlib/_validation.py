"""Checks of arguments. Each error names the argument, what was expected, what came, the remedy."""

import functools
import inspect
import math
import warnings
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt

from ._arrays import array, first_that, numbers_of
from ._typing import Array, Seed, Shape

Thing = TypeVar("Thing")

_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))

MOST = 2**63 - 1
"""The largest int64: nothing is counted beyond it."""

Call = TypeVar("Call", bound=Callable[..., Any])

_trusted = ContextVar("_trusted", default=False)


class trusted_data:  # read as a verb, as contextlib's own classes are
    """Check no data again inside: all of them were checked at once, before training."""

    __slots__ = ("before",)

    def __enter__(self) -> None:
        self.before = _trusted.set(True)

    def __exit__(self, *_: object) -> None:
        _trusted.reset(self.before)


def data_are_trusted() -> bool:
    """Whether the data that come now have been checked before."""
    return _trusted.get()


def quiet_overflow() -> np.errstate:
    """Beyond the largest number lies ∞, without a warning: who needs finite numbers says so."""
    return np.errstate(over="ignore", invalid="ignore")


def by_hand(check: Callable[..., tuple[Any, dict[str, Any]]]) -> Callable[[Call], Call]:
    """Check the arguments of a method that is called by hand; overflow is quiet there.

    ``check`` takes the same arguments and returns those to go on with, and the options. Where data
    are trusted all this was done once, before training, and the method is called at once. What
    cannot overflow, by `may_overflow`, is spared the quiet, which costs time in each function.
    """

    def decorated(call: Call) -> Call:
        @functools.wraps(call)
        def method(self: Any, *args: Any, **options: Any) -> Any:
            if _trusted.get():
                return call(self, *args, **options)
            args, options = check(self, *args, **options)
            if not self.may_overflow:
                return call(self, *args, **options)
            with trusted_data(), quiet_overflow():
                return call(self, *args, **options)

        return cast(Call, method)

    return decorated


def generator(rng: Seed | None) -> np.random.Generator:
    """Turn a seed into a Generator; a Generator stays what it is."""
    if isinstance(rng, np.random.Generator) or (rng is not None and _is_whole(rng) and rng >= 0):
        return np.random.default_rng(rng)
    raise TypeError(
        f"rng: expected an int of 0 or more, or a numpy.random.Generator, got {rng!r}: "
        "pass rng=0, or another int for other random numbers"
    )


def whole(name: str, value: Any, *, minimum: int = 1) -> int:
    """Check a count and return it as an int."""
    if not _is_whole(value):
        raise TypeError(f"{name}: expected a whole number, got {value!r} ({kind_of(value)})")
    if value < minimum:
        raise ValueError(f"{name}: expected at least {minimum}, got {value}")
    if value > MOST:
        raise ValueError(f"{name}: expected at most {MOST}, got {value}")
    return int(value)


def _is_whole(value: Any) -> bool:
    """Whether a value is a whole number; for NumPy a time span is one, too."""
    return isinstance(value, (int, np.integer)) and is_number(value)


def number(
    name: str, value: Any, *, minimum: float = 0.0, below: float = np.inf, strict: bool = False
) -> float:
    """Check a real number in [minimum, below), in (minimum, below) if strict; return a float."""
    result = any_number(name, value)
    if not minimum <= result < below or (strict and result == minimum):
        low = "(" if strict else "["
        raise ValueError(f"{name}: expected a number in {low}{minimum:g}, {below:g}), got {value}")
    return result


def any_number(name: str, value: Any, remedy: str = "") -> float:
    """Check a real number, NaN and the infinite ones among them; return a float."""
    if not is_number(value):
        raise TypeError(f"{name}: expected a number, got {value!r} ({kind_of(value)}){remedy}")
    try:
        return float(value)
    except OverflowError:  # a Python int has no largest one
        return math.inf if value > 0 else -math.inf


def is_number(value: Any) -> bool:
    """Whether a value is one real number, of Python, of NumPy or of another library."""
    kind = getattr(getattr(value, "dtype", None), "kind", "f")  # NumPy's booleans are floats, too
    single = hasattr(type(value), "__float__") and not getattr(value, "ndim", 0)
    return single and kind in "iuf" and not isinstance(value, bool) and not np.ma.is_masked(value)


def float_type(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """Check that a dtype is float32 or float64."""
    try:
        result = np.dtype(dtype)
    except TypeError:
        result = np.dtype(object)
    if dtype is None or result not in (np.float32, np.float64):
        raise TypeError(
            f"dtype: expected numpy.float64 (exact checks) or numpy.float32 (speed), got {dtype!r}"
        )
    return result


def real(name: str, value: Any, dtype: npt.DTypeLike | None = None) -> Array:
    """Turn numbers into an array of floats; floats of the right dtype are not copied."""
    wanted = None if dtype is None else np.dtype(dtype)
    if type(value) is np.ndarray and value.dtype in ((wanted,) if wanted else _FLOATS):
        return value
    numbers = array(name, value)
    if numbers.dtype == object:
        numbers = numbers_of(name, numbers)
    if numbers.dtype.kind not in "fiub":
        remedy = "encode text and categories as numbers first"
        if numbers.dtype.kind == "c":
            remedy = f"numpy.real({name}) leaves the rest out"
        raise TypeError(f"{name}: expected real numbers, got dtype {numbers.dtype}: {remedy}")
    if dtype is None:
        dtype = numbers.dtype if numbers.dtype in _FLOATS else np.float64
    with np.errstate(over="ignore"):  # what becomes infinite is found by `finite`
        return numbers.astype(dtype, copy=False)


def all_finite(array: Array) -> bool:
    """Look for NaN and infinity in one pass: both survive in Σ a², which rarely overflows."""
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())


def norm(v: Array) -> float:
    """‖v‖, also where v² overflows or vanishes."""
    with quiet_overflow():
        size = float(np.linalg.norm(v))
        if not 1e-150 < size < math.inf and (largest := float(np.abs(v).max(initial=0))):
            size = largest * float(np.linalg.norm(v / largest))
    return size


def finite(name: str, array: Array, remedy: str) -> None:
    """Raise a ValueError that shows the first NaN or infinity."""
    if all_finite(array):
        return
    wrong = ~np.isfinite(array)
    index = first_that(wrong)
    where = ", ".join(map(str, index))
    raise ValueError(
        f"{name}: expected finite numbers, got {array[index]} at {name}[{where}] "
        f"({np.count_nonzero(wrong)} of {wrong.size} entries are not finite): {remedy}"
    )


def same_length(**arrays: Any) -> int:
    """Check that the named arrays have one row for each example; return how many."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(
            f"{' and '.join(lengths)}: expected one row each for every example, "
            f"got {' and '.join(map(str, lengths.values()))} rows"
        )
    return next(iter(lengths.values()))


def instance(name: str, value: Any, kind: type, remedy: str) -> None:
    """Check that an argument is what its name says."""
    article = "an" if kind.__name__[0] in "AEIOU" else "a"
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected {article} {kind.__name__}, got {value!r}: {remedy}")


def one_of(name: str, value: Any, choices: Iterable[str]) -> None:
    """Check a choice among words."""
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(
            f"{name}: expected one of {', '.join(choices)}, got {value!r}" + near(value, choices)
        )


def near(value: Any, choices: list[str]) -> str:
    """Propose the word that is spelled almost like that."""
    from difflib import get_close_matches

    near = get_close_matches(value.strip().lower(), choices, 1) if isinstance(value, str) else []
    return f": did you mean {near[0]!r}?" if near else ""


class ByName(dict[str, Thing]):
    """Things by their names; any other name is refused with those that there are."""

    def __getitem__(self, name: str) -> Thing:
        one_of("name", name, self)
        return super().__getitem__(name)


def shape_text(shape: Shape, first: str = "n") -> str:
    """Write the shape of a batch whose examples have this shape: ``(n, 3)``."""
    return f"({', '.join([first, *map(str, shape)])}{',' if not shape else ''})"


def kind_of(value: Any) -> str:
    """Name the type of a value as people say it."""
    return type(value).__name__


def flag(name: str, value: Any) -> bool:
    """Check a yes or no: the text "False" would be a yes."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}: expected True or False, got {value!r} ({kind_of(value)})")
    return bool(value)


def function(name: str, value: Any, example: str, arguments: int) -> Any:
    """Check, before it is called, a function that is called with so many arguments."""
    expected = f"{name}: expected a function such as {example}, got"
    if isinstance(value, type):
        raise TypeError(f"{expected} the class {value.__name__}: make one, {value.__name__}(…)")
    if not callable(value):
        raise TypeError(f"{expected} {value!r}")
    try:
        inspect.signature(value).bind(*[None] * arguments)
    except TypeError as error:
        raise TypeError(f"{expected} {value!r}, which does not fit: {error}") from None
    except ValueError:  # some built-in functions do not tell what they take
        pass
    return value


def learning_rate(name: str, value: Any) -> Any:
    """Check a constant rate, or a function that gives one for each step."""
    schedule = callable(value)
    return function(name, value, "lambda step: 0.1", 1) if schedule else number(name, value)


def vectors_fit(params: Any, grads: Any, room: Any) -> bool:
    """Check two flat arrays for a step in place; whether they are like those of the last one."""
    if (
        type(params) is type(grads) is np.ndarray
        and params.shape == grads.shape == room.shape
        and params.dtype == grads.dtype == room.dtype
        and params.flags.writeable
    ):
        return True
    for name, v in (("params", params), ("grads", grads)):
        if not isinstance(v, np.ndarray) or isinstance(v, np.ma.MaskedArray):
            raise TypeError(
                f"{name}: expected a flat NumPy array, got {kind_of(v)}: pass net.{name}, or "
                "an array of your own"
            )
    if params.shape != grads.shape or params.ndim != 1:
        raise ValueError(
            "grads: expected two flat vectors of one length, got params of shape "
            f"{params.shape} and grads of shape {grads.shape}: pass net.params and net.grads"
        )
    if params.dtype.kind != "f" or params.dtype.itemsize < 4:
        raise TypeError(
            f"params: expected floats of 32 bits or more, got {params.dtype}: a step would round "
            "back to where it began; use params.astype(float)"
        )
    if grads.dtype.kind not in "fiu":
        raise TypeError(f"grads: expected real numbers, got {grads.dtype}: pass net.grads")
    if not params.flags.writeable:
        raise ValueError(
            "params: expected an array that can be moved in place, got a read-only one: "
            "use params.copy()"
        )
    return False


def warn(sentence: str) -> None:
    """Warn where the user called: at the first line that is not nnlib's."""
    package, level, frame = __name__.partition(".")[0], 1, inspect.currentframe()
    while frame and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        level, frame = level + 1, frame.f_back
    warnings.warn(sentence, UserWarning, stacklevel=level)
