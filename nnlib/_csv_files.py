"""Tables in CSV files, read by pandas: numbers to learn from, a target, words for what is neither.

While it is worked on here, the index of a table is the line of each example, as an editor counts.
"""

import csv
import os
import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ._labels import labels
from ._optional import needed_by
from ._typing import Array
from ._validation import finite, float_type, is_number, near, one_of
from ._words import explained

HOLES = ("-", "--", ".")
"""What stands for a missing number, besides ? and what pandas knows: nothing, NA, NaN, null …"""

Table = Any
"""A pandas.DataFrame."""


class Columns(NamedTuple):
    """The columns of a table: inputs, targets, and what they are called.

    ``classes`` has the names of the classes 0 … k − 1, where the targets have names; else it is
    None. ``features`` are the names of the columns of ``X``.
    """

    X: Array
    y: Any
    classes: npt.NDArray[Any] | None
    features: tuple[str, ...]


@explained
def load_csv(
    path: str | os.PathLike[str],
    target: str | int | None,
    *,
    columns: Any = None,
    classes: Any = None,
    missing: str = "refuse",
    dtype: npt.DTypeLike = np.float64,
    options: dict[str, Any] | None = None,
) -> Columns:
    r"""Read a table from a CSV file: a line for each example, a column for each feature.

    Lines without a value are passed over, and so is a first column without a name, as pandas
    writes its index. True and False are 1 and 0.

    Parameters
    ----------
    path : str or PathLike
        The file; it may be packed, as ``table.csv.gz``.
    target : str, int or None
        The column that is to be predicted: its name, or its number from 0; −1 is the last. None:
        there is none, and ``y`` is None.
    columns : list of str or int, optional
        The features, by name or number; by default all other columns.
    classes : array_like of shape (k,), optional
        The classes in the order of their numbers, as of the file that a model has learned from:
        ``train.classes``. By default names are sorted.
    missing : str
        ``"refuse"``; ``"drop"`` leaves lines out where a value is missing; ``"nan"`` keeps them,
        with NaN in ``X``, to be filled in.
    dtype : dtype
        float64 or float32, of ``X`` and of targets that are not whole.
    options : dict, optional
        More for `pandas.read_csv`: ``{"sep": ";", "decimal": ",", "encoding": "latin-1"}``,
        ``{"header": None}`` where the first line is an example.

    Returns
    -------
    Columns
        ``X (n, d), y (n,), classes, features``. Text as a target becomes labels 0 … k − 1 with
        ``classes`` for `Model`; whole numbers, True and False are int64, other numbers floats.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If pandas is missing; it says how to get it.
    ValueError
        If a cell is missing or no number, a line has more cells than the first, or there is no
        such column: the line, as an editor counts, the column, and what to do. Lines that options
        leave out are not counted.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name) / "fruit.csv"
    >>> _ = path.write_text("weight,length,fruit\n120,18,banana\n150,8,apple\n130,20,banana\n")
    >>> X, y, classes, features = load_csv(path, target="fruit")
    >>> X
    array([[120.,  18.],
           [150.,   8.],
           [130.,  20.]])
    >>> y, classes, features
    (array([1, 0, 1]), array(['apple', 'banana'], dtype='<U6'), ('weight', 'length'))
    >>> folder.cleanup()
    """
    one_of("missing", missing, ("refuse", "drop", "nan"))
    dtype = float_type(dtype)
    table = _read(_file(path), options or {})
    goal = None if target is None else _place(table, "target", target)
    picks = _picked(table, columns, goal)
    features = table.iloc[:, picks]
    X = np.column_stack([_numbers("columns", features.iloc[:, j]) for j in range(len(picks))])
    keep: Any = np.ones(len(X), bool)
    if missing == "drop":
        keep = ~np.isnan(X).any(axis=1)
        keep = keep if goal is None else keep & table.iloc[:, goal].notna().to_numpy()
    elif missing == "refuse":
        _expect_no_holes(features, X)
    if not keep.any():
        raise ValueError(
            f"missing: expected some lines without holes, got {len(X)} that all have one: "
            "columns=[…] picks columns without; missing='nan' keeps all lines"
        )
    y, names = None, None
    if goal is not None:
        y, names = _targets(table.iloc[keep, goal], classes)
        y = _held("y", y, dtype) if y.dtype.kind == "f" else y
    return Columns(_held("X", X[keep], dtype), y, names, tuple(map(str, features.columns)))


def _file(path: Any) -> str:
    """Make sure that there is such a file."""
    try:
        name = os.fsdecode(path)
    except TypeError:
        raise TypeError(
            f"path: expected the path of a CSV file, got {type(path).__name__}: pass its name, as "
            "in load_csv('data.csv', target='class')"
        ) from None
    if os.path.isfile(name):
        return name
    from ._download import listing

    place = Path(name) if os.path.isdir(name) else Path(name).parent
    there = os.listdir(place) if os.path.isdir(place) else []
    raise FileNotFoundError(
        f"path: expected a CSV file, got {name!r} ({listing(place)}): pass the path of a file"
        + near(Path(name).name, there)
    )


def _read(path: str, options: dict[str, Any]) -> Table:
    """Read the cells, with the line of each row as its index."""
    with needed_by("load_csv"):
        import pandas

    how: dict[str, Any] = {"encoding": "utf-8-sig"} | options  # Excel marks the start
    how = {"skip_blank_lines": False} | how
    raw: dict[str, Any] = {
        k: v for k, v in how.items() if k in ("encoding", "skip_blank_lines", "compression")
    }
    raw |= {"sep": "\1", "names": [0], "quoting": csv.QUOTE_NONE, "dtype": str, "nrows": 100}
    try:
        text = pandas.read_csv(path, **raw)[0].fillna("")
        if not text.any():
            raise pandas.errors.EmptyDataError
        first = int((text != "").argmax())
        if isinstance(skip := options.get("skiprows", 0), int):
            how["skiprows"] = first = skip + int((text[skip:] != "").argmax())
        bare = re.sub('"[^"]*"', "", text[first])
        how.setdefault("sep", max(",;\t|", key=bare.count))
        if not {"header", "names"} & options.keys():
            how["header"] = _header(next(csv.reader([text[first]], delimiter=how["sep"])))
        how = {"na_values": ["?"], "skipinitialspace": True} | how
        with warnings.catch_warnings(action="error", category=pandas.errors.ParserWarning):
            table = pandas.read_csv(path, index_col=False, low_memory=False, **how)
    except UnicodeError as error:
        raise ValueError(
            f"{path}: expected text in {str(how['encoding']).removesuffix('-sig')}, got other "
            f"letters ({error}): pass options={{'encoding': 'latin-1'}}, or the one that it was "
            "written in; of a workbook save a CSV first"
        ) from None
    except pandas.errors.EmptyDataError:
        raise ValueError(f"{path}: expected a table, got an empty file: write it anew") from None
    except (pandas.errors.ParserError, pandas.errors.ParserWarning) as error:
        raise ValueError(
            f"{path}: expected as many cells in each line as in the first, got: "
            f"{str(error).strip()}: correct it there; text that holds what separates cells needs "
            "quotation marks around it"
        ) from None
    table.columns = table.columns.astype(str).str.strip()
    named = how.get("header") is not None
    return _numbered(path, table, first + 1 + named + "".join(table.columns).count("\n"))


def _header(cells: list[str]) -> int | None:
    """Tell a first line of names (0) from an example (None); what may be either is refused."""
    cells = [cell.strip().strip('"') for cell in cells]
    said = [cell for cell in cells if cell and cell not in (*HOLES, "?")]
    numbers = [cell for cell in said if re.fullmatch(r"[-+]?[\d.,]+(e[-+]?\d+)?", cell, re.I)]
    if 0 < len(numbers) < len(said) or (len(said) > 2 and said == [*map(str, range(len(said)))]):
        raise ValueError(
            f"header: expected names or an example in the first line, got "
            f"{', '.join(map(repr, cells[:3]))} …, which may be either: options={{'header': 0}} if "
            "these are names, options={'header': None} if they are an example"
        )
    return None if numbers else 0


def _numbered(path: str, table: Table, line: int) -> Table:
    """Number the lines, which some cells break, and leave out those without a cell."""
    text = table.select_dtypes(["object", "string"])
    breaks: Any = sum(text[name].fillna("").astype(str).str.count("\n").to_numpy() for name in text)
    table.index = line + np.arange(len(table)) + np.cumsum(breaks) - breaks
    table = table[table.notna().any(axis=1)]
    if len(table) == 0:
        raise ValueError(
            f"{path}: expected examples below line {line - 1}, got none: write them there"
        )
    return table


def _place(table: Table, argument: str, value: Any) -> int:
    """Find a column by its name or number."""
    names = [*map(str, table.columns)]
    if isinstance(value, str) and value in names:
        return names.index(value)
    if is_number(value) and value in range(-len(names), len(names)):
        return int(value) % len(names)
    some = ", ".join(map(repr, names[:8])) + ", …" * (len(names) > 8)
    raise ValueError(
        f"{argument}: expected a column, by its name or a number from 0 to {len(names) - 1}, got "
        f"{value!r}: there are {some}" + near(value, names)
    )


def _picked(table: Table, columns: Any, goal: int | None) -> list[int]:
    """Find the columns that are features."""
    if columns is None:
        index = 0 if table.columns[0] == "Unnamed: 0" else None
        columns = [j for j in range(table.shape[1]) if j not in (goal, index)]
    if isinstance(columns, str) or not hasattr(columns, "__iter__"):
        raise TypeError(f"columns: expected a list, got {columns!r}: pass [{columns!r}]")
    picks = [_place(table, "columns", column) for column in columns]
    if not picks or len({*picks, goal}) <= len(picks):
        raise ValueError(
            f"columns: expected features that differ, without the target, got {columns!r} of "
            f"{[*map(str, table.columns[:8])]}: name each once; options={{'sep': ';'}}, for "
            "example, says what separates cells"
        )
    return picks


def _numbers(argument: str, column: Any) -> Array:
    """Return a column's numbers, NaN where there is none; True is 1."""
    import pandas

    if column.dtype.kind in "iufb" and not np.isinf(quick := column.to_numpy(float)).any():
        return quick
    cells = column[column.notna() & ~column.isin(HOLES)]
    numbers = pandas.to_numeric(cells.astype(object), errors="coerce")
    text, infinite = cells[numbers.isna()], cells[np.isinf(numbers.astype(float))]
    if len(text):
        raise ValueError(
            f"{argument}: expected numbers, got {text.iloc[0]!r} in line {text.index[0]}, column "
            f"{column.name!r} (lines with text there: {len(text)}): {_remedy(text.iloc[0])}"
        )
    if len(infinite):
        raise ValueError(
            f"{argument}: expected finite numbers, got {infinite.iloc[0]} in line "
            f"{infinite.index[0]}, column {column.name!r} (lines: {len(infinite)}): leave it empty "
            "in the file, as a missing value"
        )
    found: Array = numbers.astype(float).reindex(column.index).to_numpy()
    return found


def _remedy(cell: str) -> str:
    """Say what to do about text among numbers."""
    if re.fullmatch(r"[-+]?\d+,\d+", cell.strip()):
        return "options={'decimal': ','} reads a comma as a point, {'thousands': ','} as nothing"
    return (
        "columns=[…] picks columns of numbers; or hand a table to fit, encoded by "
        "pandas.get_dummies"
    )


def _expect_no_holes(features: Table, X: Array) -> None:
    """Refuse missing values, with all that must be known to find them."""
    holes: Any = np.isnan(X)
    if not holes.any():
        return
    i, j = np.argwhere(holes)[0]
    counts = [f"{many} in {name!r}" for name, many in zip(features, holes.sum(axis=0), strict=True)]
    some = [count for count, hole in zip(counts, holes.any(axis=0).tolist(), strict=True) if hole]
    raise ValueError(
        f"missing: expected a number in every cell, got none in line {features.index[i]}, column "
        f"{features.columns[j]!r} (missing: {', '.join(some[:8])}{', …' * (len(some) > 8)}): "
        "missing='drop' leaves such lines out; missing='nan' keeps NaN, to be filled in by "
        "numpy.where(numpy.isnan(X), numpy.nanmedian(X, axis=0), X)"
    )


def _targets(column: Any, classes: Any) -> tuple[npt.NDArray[Any], npt.NDArray[Any] | None]:
    """Return numbers, or the numbers of classes and their names."""
    where = f"column {column.name!r}"
    if column.isna().any():
        line = column.index[column.isna()][0]
        raise ValueError(
            f"target: expected a value in every line, got none in line {line}, {where} (lines: "
            f"{column.isna().sum()}): missing='drop' leaves these lines out; "
            "options={'keep_default_na': False} keeps words such as None"
        )
    known = None if classes is None else labels("classes", classes)
    text = column.dtype.kind not in "iufb"
    if text or (known is not None and known.dtype.kind in "UT"):
        column = column.astype(str).str.strip()
    if known is not None:
        return _in_order(column, known), known
    if text:
        _expect_names(column)
        return tuple(np.unique(column.to_numpy(str), return_inverse=True))[::-1]  # type: ignore[return-value]
    y = _numbers("target", column)
    whole = (np.trunc(y) == y).all() and (np.abs(y) < 2**53).all()
    return y.astype(np.int64) if whole else y, None


def _expect_names(column: Any) -> None:
    """Refuse numbers among names: a slip in the file, or classes to be listed."""
    import pandas

    numbers = column[pandas.to_numeric(column, errors="coerce").notna()]
    commas = column[column.str.fullmatch(r"[-+]?\d+,\d+")]
    for odd, remedy in (
        (numbers, "correct the file; or classes=[…] lists all classes, if these are names"),
        (commas, _remedy(commas.iloc[0]) if len(commas) else ""),
    ):
        if len(odd):
            raise ValueError(
                f"target: expected numbers, or names of classes, got {odd.iloc[0]!r} in line "
                f"{odd.index[0]}, column {column.name!r}, among names: {remedy}"
            )


def _in_order(column: Any, classes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Number the classes of a column in the order of those that are known."""
    places = column.map({name: i for i, name in enumerate(classes.tolist())})
    other = column[places.isna()]
    if len(other):
        raise ValueError(
            f"classes: expected {classes.tolist()[:20]}, got {str(other.iloc[0])!r} in line "
            f"{other.index[0]}, column {column.name!r}: name all classes, or leave such lines out"
        )
    found: npt.NDArray[Any] = places.to_numpy(np.int64)
    return found


def _held(name: str, numbers: Array, dtype: np.dtype[Any]) -> Array:
    """Turn numbers into the dtype asked for, if it can hold them."""
    with np.errstate(over="ignore"):
        result = numbers.astype(dtype)
    finite(name, result[~np.isnan(result)], f"{dtype} cannot hold it: pass dtype=numpy.float64")
    return result
