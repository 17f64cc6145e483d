"""Arrays from what people have: each kind is converted, or refused with the call that helps."""

from collections.abc import Iterator, Mapping, Set
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

TABLES = frozenset({"cudf", "dask", "modin", "pandas", "polars", "pyarrow", "xarray"})
"""Libraries whose tables and columns turn into arrays by ``to_numpy``, rows first."""


def array(name: str, value: Any) -> npt.NDArray[Any]:
    """Turn an argument into a plain array of any dtype; rows stay rows, nothing is copied in vain.

    Lists, tables and columns, tensors, matrices and scalars are converted. Refused, by name, is
    what would lose something or is no array: masked entries, sparse matrices, generators, pairs.
    """
    if type(value) is np.ndarray:
        wrapped = value.dtype == object and value.ndim == 0  # as of a sparse matrix
        return array(name, value.item()) if wrapped else value
    _refuse(name, value)
    libraries = libraries_of(value)
    try:
        if TABLES & libraries and hasattr(value, "to_numpy"):
            return np.asarray(value.to_numpy())
        if "torch" in libraries:
            value = value.detach().cpu().resolve_conj().resolve_neg()
        result = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise _unequal(name, value, error) from None
    if result.dtype == object and result.ndim == 0:
        raise TypeError(
            f"{name}: expected an array, got {type(value).__name__}: give numbers, one row for "
            "each example; what yields batches of (X, y) goes into arrays first"
        )
    return result


def libraries_of(value: Any) -> set[str]:
    """Name the libraries that a value's class and its bases come from."""
    return {base.__module__.partition(".")[0] for base in type(value).__mro__}


def gives_rows(value: Any) -> bool:
    """Whether this is no array in memory, but gives a row for an index: a memmap, a file's rows."""
    if isinstance(value, (np.ndarray, list, tuple, str, bytes, Mapping, Set)):
        return isinstance(value, np.memmap)
    known = TABLES | {"torch", "tensorflow", "jax", "jaxlib", "array"}
    one_by_one = hasattr(value, "__len__") and hasattr(value, "__getitem__")
    return one_by_one and not _sparse(value) and not known & libraries_of(value)


def first_that(wrong: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    """Return the index of the first True."""
    return tuple(int(i) for i in np.argwhere(wrong)[0])


def numbers_of(name: str, objects: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Turn an array of Python objects into floats, if all of them are numbers."""
    wrong = np.array([not isinstance(entry, (Real, np.bool_)) for entry in objects.flat], bool)
    if wrong.any():
        index = first_that(wrong.reshape(objects.shape))
        remedy = "encode text and categories as numbers first"
        if objects[index] is None or type(objects[index]).__name__ == "NAType":
            remedy = "fill in or leave out what is missing"
        where = ", ".join(map(str, index))
        raise TypeError(
            f"{name}: expected real numbers, got {objects[index]!r} at {name}[{where}]: {remedy}"
        )
    return objects.astype(np.float64)


def is_pair(row: Any) -> bool:
    """Whether a row is the inputs and the target of an example, as data sets hand them out."""
    return isinstance(row, (list, tuple)) and len(row) == 2 and np.ndim(row[0]) > 0


def pairs_refused(name: str, value: Any) -> TypeError:
    """Say how pairs are taken apart."""
    return TypeError(
        f"{name}: expected an array, got a {type(value).__name__} of pairs: give X and y apart, "
        f"X = [x for x, _ in {name}], y = [y for _, y in {name}]"
    )


def _sparse(value: Any) -> bool:
    return hasattr(value, "toarray") and bool({"scipy", "sparse"} & libraries_of(value))


def _refuse(name: str, value: Any) -> None:
    """Refuse what NumPy would turn into an array without a word, and wrongly."""
    kind = type(value).__name__
    if np.ma.is_masked(value):
        raise TypeError(
            f"{name}: expected an array without holes, got a masked array with "
            f"{np.sum(np.ma.getmaskarray(value))} masked entries: {name}.filled(0) puts a 0 there; "
            "or leave these examples out, everywhere"
        )
    if _sparse(value):
        raise TypeError(
            f"{name}: expected a dense array, got a sparse {kind}: {name}.toarray() makes it dense"
        )
    if isinstance(value, Iterator):
        raise TypeError(
            f"{name}: expected an array, got a {kind}, which can be read only once: "
            f"list it first, {name} = list({name})"
        )
    if value is None or isinstance(value, (str, bytes, Mapping, Set)):
        what = "None" if value is None else f"a {kind}"
        remedy = "one row for each example"
        if isinstance(value, Mapping):
            remedy = f"numpy.column_stack(list({name}.values())) makes one of columns"
        raise TypeError(f"{name}: expected an array, got {what}: {remedy}")


def _unequal(name: str, value: Any, error: Exception) -> Exception:
    """Say why no array can be made: pairs, or rows of different lengths."""
    if isinstance(value, (list, tuple)) and value and is_pair(value[0]):
        return pairs_refused(name, value)
    if isinstance(value, (list, tuple)):
        return ValueError(
            f"{name}: expected an array, got rows of different lengths: give every example the "
            "same number of values"
        )
    return TypeError(f"{name}: expected an array, got {type(value).__name__}, which says: {error}")
