"""Parts as JSON and back: a layer, a loss, an optimizer is its class and its options, by name.

What ``__init__`` takes is found under the same name in the object, as scikit-learn has it. So parts
of one's own are described, too; whoever makes them again says what their names mean.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from . import activations, initializers, layers, losses, optimizers, preparation, schedules
from ._validation import kind_of
from ._words import options_of
from .network import Sequential

Custom = Mapping[str, Callable[..., Any]]
"""Classes and functions of one's own, by the names under which they were saved."""

SHELVES: tuple[ModuleType, ...] = (
    *(layers, losses, optimizers, schedules, preparation, initializers, activations),
)


def _of_nnlib() -> dict[str, Any]:
    """List the classes and functions that nnlib knows by name."""
    package = __name__.partition(".")[0]
    return {
        name: thing
        for shelf in SHELVES
        for name, thing in vars(shelf).items()
        if getattr(thing, "__module__", "").partition(".")[0] == package and callable(thing)
    }


NAMES = _of_nnlib() | {"Sequential": Sequential}

NEWER = "a newer nnlib may know it: git pull in the folder of nnlib, and start Python anew"


def described(where: str, value: Any) -> Any:
    """Describe a part or an option in what JSON knows.

    Raises
    ------
    TypeError
        For what has no name under which it could be found again, such as a lambda.
    """
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return number if math.isfinite(number) else {"float": repr(number)}
    if isinstance(value, (np.integer, np.bool_)):
        return value.item()
    if isinstance(value, (list, tuple)):
        items = [described(f"{where}[{i}]", item) for i, item in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if isinstance(value, dict):
        where = f"{where}[…]"
        return {"dict": [[described(where, part) for part in item] for item in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiubU":
        return {"array": described(where, value.tolist()), "dtype": value.dtype.str}
    _expect_no_state(where, value)
    if _is_function(value):
        return {"function": _name(where, value)}
    return {"class": _name(where, type(value)), "options": _options(where, value)}


def built(where: str, description: Any, custom: Custom) -> Any:
    """Make what was described.

    Raises
    ------
    ValueError
        If a name is neither nnlib's nor in custom, or options do not fit.
    """
    if isinstance(description, list):
        return [built(f"{where}[{i}]", item, custom) for i, item in enumerate(description)]
    if not isinstance(description, dict):
        return description
    match description:
        case {"float": number}:
            return float(number)
        case {"tuple": items}:
            return tuple(built(where, items, custom))
        case {"dict": items}:
            return dict(built(where, items, custom))
        case {"array": items, "dtype": dtype}:
            return np.array(built(where, items, custom), dtype)
        case {"function": name}:
            return _found(where, name, custom)
        case {"class": name, "options": options}:
            return _made(where, _found(where, name, custom), options, custom)
    raise ValueError(f"{where}: expected a part, got {description!r}: {NEWER}")


def _made(where: str, kind: Any, options: dict[str, Any], custom: Custom) -> Any:
    values = {k: built(f"{where}.{k}", v, custom) for k, v in options.items()}
    rows = [k for k, p in options_of(kind).items() if p.kind is p.VAR_POSITIONAL]
    args = [item for k in rows for item in values.pop(k, ())]
    try:
        return kind(*args, **values)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{where}: expected a part that takes {', '.join(options) or 'nothing'}, as when it "
            f"was saved, and it says: {error}: let it take them again, or use the code of then"
        ) from None


def _expect_no_state(where: str, value: Any) -> None:
    """Refuse what keeps more than its options show: methods of something, parts made in C."""
    owner, new = getattr(value, "__self__", None), getattr(type(value), "__new__")  # noqa: B009
    of_something = owner is not None and not inspect.ismodule(owner)
    if of_something or not (_is_function(value) or new is object.__new__):
        raise TypeError(
            f"{where}: expected a function that was written with def, or an object of a class in "
            f"Python, got {kind_of(value)}, {value!r}: it cannot be saved; write a function that "
            "does the same"
        )


def _is_function(value: Any) -> bool:
    return inspect.isroutine(value) or isinstance(value, np.ufunc)


def _name(where: str, thing: Any) -> str:
    """Name a class or a function; one of somebody's own begins with "custom."."""
    name: str = thing.__name__
    if NAMES.get(name) is thing:
        return name
    if not name.isidentifier():
        raise TypeError(
            f"{where}: expected something with a name, to find it again, got {name}: write it "
            "with def, or use a part of nnlib, such as nnlib.schedules.Cosine(0.1, steps=1000)"
        )
    return f"custom.{name}"


def _found(where: str, name: str, custom: Custom) -> Any:
    own = name.removeprefix("custom.")
    table = custom if own != name else NAMES
    if own in table:
        return table[own]
    remedy = f"pass custom={{{own!r}: {own}}}" if own != name else NEWER
    raise ValueError(f"{where}: expected a part that is known, got {own!r}: {remedy}")


def _options(where: str, part: Any) -> dict[str, Any]:
    """Describe what ``__init__`` was given."""
    kind, options = type(part).__name__, {}
    unsaved = getattr(part, "unsaved", ())
    for name in (name for name in options_of(type(part)) if name not in unsaved):
        if not hasattr(part, name):
            raise TypeError(
                f"{where}: {kind} takes {name} and has no attribute of that name, so it cannot be "
                f"saved: keep it in __init__, self.{name} = {name}"
            )
        options[name] = described(f"{where}.{name}", getattr(part, name))
    return options
