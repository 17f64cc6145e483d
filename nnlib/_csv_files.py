"""Tables in CSV files: numbers to learn from, a target, and clear words for what is neither."""

import codecs
import csv
import gzip
import io
import math
import os
import re
import zlib
from array import array as growing
from collections.abc import Iterator
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np
import numpy.typing as npt

from ._labels import labels
from ._typing import Array
from ._validation import flag, float_type, is_number, one_of
from ._words import explained

HOLES = frozenset(("", "?", "na", "n/a", "#n/a", "nan", "null"))
"""What stands where a value is missing, in small letters."""

MISSING = HOLES | {"-", "--", ".", "none", "nil", "missing"}
"""The same among numbers; where classes have names, these may be some."""

TRUTH = {"true": 1.0, "false": 0.0}

_COMMA = re.compile(r"[-+]?\d+,\d+(e[-+]?\d+)?", re.IGNORECASE)

_POINTS = str.maketrans(",._", ".xx")
"""With decimal commas a point is no part of a number: it may part thousands."""

Finding = tuple[int, str, int]
"""The line where something was found first, what stood there, and in how many lines it stands."""

Answers = npt.NDArray[Any] | None
"""Targets, or the names of classes."""


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
    header: bool | None = None,
    delimiter: str | None = None,
    decimal: str = ".",
    missing: str = "refuse",
    encoding: str = "utf-8",
    dtype: npt.DTypeLike = np.float64,
) -> Columns:
    r"""Read a table from a CSV file: a line for each example, a column for each feature.

    Lines without a value are passed over, and so is a first column without a name, as pandas
    writes its index. True and False are 1 and 0. The file may be packed by gzip.

    Parameters
    ----------
    path : str or PathLike
        The file.
    target : str, int or None
        The column that is to be predicted: its name, or its number from 0; −1 is the last. None:
        there is none, and ``y`` is None.
    columns : list of str or int, optional
        The features, by name or number; by default all other columns.
    classes : array_like of shape (k,), optional
        The classes in the order of their numbers, as of the file that a model has learned from:
        ``train.classes``. By default names are sorted.
    header : bool, optional
        Whether the first line holds the names of the columns; by default that is seen from it.
    delimiter : str, optional
        What separates cells; by default a comma, semicolon, tab or bar, as the first lines show.
    decimal : str
        ``"."``, or ``","`` where 1,5 is one and a half.
    missing : str
        ``"refuse"``; ``"drop"`` leaves lines out where a value is missing; ``"nan"`` keeps them,
        with NaN in ``X``, to be filled in.
    encoding : str
        How letters are written: UTF-8; in older files often ``"latin-1"``.
    dtype : dtype
        float64 or float32, of ``X`` and of targets that are not whole.

    Returns
    -------
    Columns
        ``X (n, d), y (n,), classes, features``. Text as a target becomes labels 0 … k − 1 with
        ``classes`` for `Model`; whole numbers, True and False are int64, other numbers floats.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If a cell is missing or no number, a line has more or fewer cells than the first, or there
        is no such column: the line, as an editor counts, the column, and what to do.

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
    one_of("decimal", decimal, (".", ","))
    dtype = float_type(dtype)
    known = None if classes is None else labels("classes", classes)
    file = _File(path, encoding)
    try:
        file.look()
        sheet = _Sheet(file, delimiter, decimal, header)
        at = None if target is None else sheet.place("target", target)
        table = _Table(sheet, sheet.picked(columns, at), at, missing)
        quick = table.all_numbers() if known is None else None
        X, y, names = quick or table.read(known)
    except UnicodeError:
        raise file.undecoded() from None
    except csv.Error as error:
        raise ValueError(
            f"{file.path}: expected cells that can be told apart, got {error} behind line "
            f"{file.line}: look for a quotation mark there that is not closed, "
            "or does not belong"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise OSError(
            f"{file.path}: expected a whole gzip file, got one cut short or damaged ({error}): "
            "get it once more"
        ) from None
    if y is not None:
        whole = (np.trunc(y) == y).all() and (np.abs(y) < 2**53).all()
        y = y.astype(np.int64) if whole else _floats(y, dtype)
    return Columns(_floats(X, dtype), y, names, tuple(sheet.names[j] for j in table.picks))


class _File:
    """A file of text, packed or not, and the line that was read last."""

    def __init__(self, path: Any, encoding: Any) -> None:
        try:
            self.path = os.fsdecode(path)
        except TypeError:
            raise TypeError(
                f"path: expected the path of a CSV file, got {type(path).__name__}: pass its "
                "name, as in load_csv('data.csv', target='class')"
            ) from None
        try:
            name = codecs.lookup(encoding).name
        except (LookupError, TypeError):
            raise ValueError(
                f"encoding: expected a name such as 'utf-8', 'latin-1' or 'utf-16', got "
                f"{encoding!r}: leave it out, or ask where the file was written"
            ) from None
        self.encoding, self.line = name, 0

    def look(self) -> None:
        """Refuse what is not there, and what is no text at the first glance."""
        if not os.path.isfile(self.path):
            from ._download import listing

            folder, name = os.path.split(self.path)
            place = Path(self.path if os.path.isdir(self.path) else folder)
            what = "that is a folder" if os.path.isdir(self.path) else "there is no such file"
            near = _near(name, os.listdir(place) if os.path.isdir(place) else [])
            raise FileNotFoundError(
                f"path: expected a CSV file, got {self.path!r}, and {what} ({listing(place)}): "
                + (near or "pass the path of a file")
            )
        with self.binary() as file:
            head = file.read(4)
        kinds = {
            b"PK\x03\x04": "a workbook of Excel or another packed file: save it as CSV",
            b"\xd0\xcf\x11\xe0": "a workbook of an old Excel: save it as CSV",
            b"<": "a web page: download the file itself",
            b"\xff\xfe": "UTF-16: pass encoding='utf-16'",
            b"\xfe\xff": "UTF-16: pass encoding='utf-16'",
        }
        for start, kind in kinds.items():
            if head.startswith(start) and not self.encoding.startswith("utf-16"):
                raise ValueError(f"{self.path}: expected text in {self.encoding}, got {kind}")

    def binary(self) -> Any:
        """Open the file, unpacked, as bytes."""
        with open(self.path, "rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        return gzip.open(self.path) if packed else open(self.path, "rb")

    def text(self) -> TextIO:
        """Open the file as text; what ends a line stays."""
        codec = "utf-8-sig" if self.encoding == "utf-8" else self.encoding  # Excel marks the start
        return io.TextIOWrapper(self.binary(), codec, newline="")

    def undecoded(self) -> ValueError:
        """Say in which line a letter is that the encoding does not know."""
        line, shown = 1, ""
        with self.binary() as file:
            for content in file:
                shown = content.strip().decode(self.encoding, "replace")
                if "\ufffd" in shown:
                    break
                line += 1
            else:
                line = 1
        start = max(shown.find("\ufffd") - 20, 0)
        return ValueError(
            f"encoding: expected text in {self.encoding}, got other letters in line {line} of "
            f"{self.path}, {shown[start : start + 40]!r}: pass encoding='latin-1', 'cp1252' "
            "(Windows) or the one it was written in"
        )


class _Sheet:
    """The lines of a file, cut into cells, and the names of their columns."""

    def __init__(self, file: _File, delimiter: Any, decimal: str, header: bool | None) -> None:
        self.file, self.decimal, self.body = file, decimal, 0
        with closing(file.text()) as text:
            start = [*islice(filter(str.strip, text), 20)]
        if not start:
            raise ValueError(
                f"{file.path}: expected a table, got an empty file: was it written to its end?"
            )
        self.delimiter = _separator(start) if delimiter is None else _one_letter(delimiter)
        self.first, cells = next(self.lines())
        self.names = [f"column {j}" for j in range(len(cells))]
        self.index: int | None = None
        if _is_header(cells, decimal) if header is None else flag("header", header):
            self._name([cell.strip() for cell in cells])
        self.number = {name: j for j, name in enumerate(self.names)}

    def _name(self, cells: list[str]) -> None:
        """Take the names of columns; a first column that has none is pandas's index."""
        self.body = self.file.line
        self.index = 0 if cells[0] in ("", "Unnamed: 0") and len(cells) > 1 else None
        self.names, first = [c or f"column {j}" for j, c in enumerate(cells)], dict[str, int]()
        for j, name in enumerate(self.names):
            if first.setdefault(name, j) != j:
                raise ValueError(
                    f"{self.file.path}: expected names that differ, got {name!r} for columns "
                    f"{first[name]} and {j}: rename one of them in line {self.first}"
                )

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the number of each line, as an editor counts, and its cells."""
        with closing(self.file.text()) as text:
            reader, before = csv.reader(text, **self._form(), strict=True), 0
            self.file.line = 0
            for cells in reader:
                self.file.line = reader.line_num
                if any(cells):
                    yield before + 1, cells
                before = reader.line_num

    def _form(self) -> dict[str, Any]:
        return {"delimiter": self.delimiter, "skipinitialspace": True}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the examples: what stands below the names."""
        for line, cells in self.lines():
            if line <= self.body:
                continue
            if len(cells) != len(self.names):
                raise ValueError(
                    f"{self.file.path}: expected {len(self.names)} cells as in line {self.first}, "
                    f"got {len(cells)} in line {line}: correct it there; text that holds a "
                    f"{self.delimiter!r} needs quotation marks around it"
                )
            yield line, cells

    def place(self, argument: str, value: Any) -> int:
        """Find a column by its name or number."""
        d = len(self.names)
        if isinstance(value, str) and value in self.number:
            return self.number[value]
        if is_number(value) and value in range(-d, d):
            return int(value) % d
        some = ", ".join(map(repr, self.names[:8])) + ", …" * (d > 8)
        raise ValueError(
            f"{argument}: expected a column, by its name or a number from 0 to {d - 1}, got "
            f"{value!r}: " + (_near(value, self.names) or f"there are {some}")
        )

    def picked(self, columns: Any, target: int | None) -> list[int]:
        """Find the columns that are features."""
        if columns is None:
            picks = [j for j in range(len(self.names)) if j not in (target, self.index)]
            if not picks:
                raise ValueError(
                    f"{self.file.path}: expected a column beside the target, got lines such as "
                    f"{self.names[-1]!r}: delimiter=';', for example, says what separates cells; "
                    "numpy.loadtxt reads numbers with spaces between them"
                )
            return picks
        if isinstance(columns, str) or not hasattr(columns, "__iter__"):
            raise TypeError(f"columns: expected a list, got {columns!r}: pass [{columns!r}]")
        picks = [self.place("columns", column) for column in columns]
        if not picks or len({*picks, target}) <= len(picks):
            raise ValueError(
                f"columns: expected features that differ, without the target, got {columns!r}: "
                "name each once"
            )
        return picks


def _near(value: Any, names: list[str]) -> str:
    """Propose the name that is spelled almost like that."""
    from difflib import get_close_matches

    near = get_close_matches(str(value), names, 1)
    return f"did you mean {near[0]!r}?" if near else ""


def _one_letter(delimiter: Any) -> str:
    """Check what separates cells."""
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in ' "\r\n':
        raise ValueError(
            f"delimiter: expected one letter such as ',', ';' or '\\t', got {delimiter!r}: leave "
            "it out and it is found; numpy.loadtxt reads numbers with spaces between them"
        )
    return delimiter


def _separator(lines: list[str]) -> str:
    """Find what cuts lines into equally many cells, or the first one into most."""
    counts = {
        letter: [len(cells) for cells in csv.reader(lines, delimiter=letter, skipinitialspace=True)]
        for letter in "\t;,|"
    }
    even = [letter for letter, n in counts.items() if n[0] > 1 and len({*n}) == 1]
    return even[0] if even else max(",;\t|", key=lambda letter: counts[letter][0])


def _is_header(cells: list[str], decimal: str) -> bool:
    """Whether cells are names, or the first example; numbers that count may be either."""
    said = [cell for cell in cells if cell.strip().lower() not in MISSING]
    numbers = [cell for cell in said if _value(cell, decimal) is not None]
    counted = len(cells) > 2 and said == [*map(str, range(len(said)))]
    if (numbers and len(numbers) < len(said)) or counted:
        raise ValueError(
            f"header: expected names or an example in the first line, got "
            f"{', '.join(map(repr, cells[:3]))} …, which may be either: header=True if these are "
            "the names of columns, header=False if they are an example"
        )
    return len(said) > len(numbers)


def _value(cell: str, decimal: str) -> float | None:
    """Read a number, True or False; None: it is none."""
    text = cell.strip().lower()
    if decimal == ",":
        text = text.translate(_POINTS)
    try:
        return TRUTH[text] if text in TRUTH else float(text.replace("_", "x"))
    except ValueError:
        return None


class _Table:
    """What is read from a sheet: numbers, targets, and where there are none."""

    def __init__(self, sheet: _Sheet, picks: list[int], target: int | None, missing: str) -> None:
        self.sheet, self.picks, self.target, self.missing = sheet, picks, target, missing
        self.found: dict[str, dict[int, Finding]] = {"text": {}, "infinite": {}, "missing": {}}

    def all_numbers(self) -> tuple[Array, Answers, Answers] | None:
        """Read a table of nothing but numbers, in the quick way; None if it is another."""
        if self.sheet.decimal == ",":
            return None
        with closing(self.sheet.file.text()) as text:
            lines = islice(text, self.sheet.body, None)
            first = [*islice(filter(str.strip, lines), 1)]
            form: Any = {"delimiter": self.sheet.delimiter, "comments": None, "quotechar": '"'}
            try:
                M = np.loadtxt(chain(first, lines), ndmin=2, **form) if first else np.empty((0, 0))
            except ValueError:
                return None
        if M.shape[1] != len(self.sheet.names) or not np.isfinite(M.sum()):
            return None
        return M[:, self.picks], None if self.target is None else M[:, self.target].copy(), None

    def read(self, known: Answers) -> tuple[Array, Answers, Answers]:
        """Read cell by cell, and remember what is no number."""
        values, cells, lines = growing("d"), list[str](), list[int]()
        for line, row in self.sheet.rows():
            values.extend(self._numbers(line, [row[j] for j in self.picks]))
            cells.append("" if self.target is None else row[self.target].strip())
            lines.append(line)
        if not lines:
            raise ValueError(
                f"{self.sheet.file.path}: expected examples below line {self.sheet.first}, got "
                "none: was the file written to its end?"
            )
        self._refuse()
        X = np.frombuffer(values).reshape(len(lines), -1)
        y, names = None, None
        if self.target is not None:
            y, names = _Targets(self, cells, lines, self.target).read(known)
        if self.missing != "drop":
            return X, y, names
        keep = ~np.isnan(X).any(axis=1)
        if y is not None:
            keep &= ~np.isnan(y)
        if not keep.any():
            raise ValueError(
                f"missing: expected some lines without holes, got {len(lines)} that all have one: "
                "columns=[…] picks columns without; missing='nan' keeps all lines"
            )
        return X[keep], None if y is None else y[keep], names

    def _numbers(self, line: int, cells: list[str]) -> list[float]:
        """Read a line's features: at once if all are numbers, else one by one."""
        if self.sheet.decimal == ".":
            try:
                row = [*map(float, cells)]
            except ValueError:
                row = [math.nan]
            if math.isfinite(sum(row)) and "_" not in "".join(cells):
                return row
        return [self._number(line, j, cell) for j, cell in zip(self.picks, cells, strict=True)]

    def _number(self, line: int, j: int, cell: str) -> float:
        """Read one cell; what is no number is remembered."""
        value = _value(cell, self.sheet.decimal)
        if value is not None and math.isfinite(value):
            return value
        kind = "text" if value is None else "infinite"
        if cell.strip().lower() in MISSING:
            kind = "missing"
        first = self.found[kind].get(j, (line, cell, 0))
        self.found[kind][j] = (*first[:2], first[2] + 1)
        return math.nan

    def _refuse(self) -> None:
        """Refuse what is no number, with all that must be known to correct it."""
        for kind, say in (
            ("text", self._text),
            ("infinite", self._infinite),
            ("missing", self._hole),
        ):
            places = self.found[kind]
            if places and (kind, self.missing) not in (("missing", "drop"), ("missing", "nan")):
                j = min(places, key=lambda j: (places[j][0], j))
                raise say(
                    *places[j],
                    self.sheet.names[j],
                    {self.sheet.names[i]: places[i][2] for i in places},
                )

    def _text(
        self, line: int, cell: str, many: int, name: str, counts: dict[str, int]
    ) -> ValueError:
        refuse_comma(cell, line, name)
        others = [n for n in (self.sheet.names[j] for j in self.picks) if n not in counts]
        remedy = f"columns={others[:20]} picks columns of numbers; or "
        return ValueError(
            f"columns: expected numbers, got {cell!r} in line {line}, column {name!r} (lines with "
            f"text there: {many}; columns with text: {len(counts)}): "
            + remedy * bool(others)
            + f"encode text first, as pandas.get_dummies(table, columns=[{name!r}]) does"
        )

    def _infinite(
        self, line: int, cell: str, many: int, name: str, _: dict[str, int]
    ) -> ValueError:
        return ValueError(
            f"columns: expected finite numbers, got {cell!r} in line {line}, column {name!r} "
            f"(lines: {many}): leave it empty in the file, as a missing value; or columns=[…] "
            "picks other columns"
        )

    def _hole(self, line: int, cell: str, _: int, name: str, counts: dict[str, int]) -> ValueError:
        some = ", ".join([f"{many} in {name!r}" for name, many in counts.items()][:8])
        return ValueError(
            f"missing: expected a number in every cell, got {cell!r} in line {line}, column "
            f"{name!r} (missing: {some}{', …' * (len(counts) > 8)}): missing='drop' leaves such "
            "lines out; missing='nan' keeps NaN, to be filled in by numpy.where(numpy.isnan(X), "
            "numpy.nanmedian(X, axis=0), X)"
        )


def refuse_comma(cell: str, line: int, column: str) -> None:
    """Refuse 1,5 where a point is expected: it may be one and a half, or fifteen."""
    if _COMMA.fullmatch(cell.strip()):
        raise ValueError(
            f"decimal: expected numbers with a point, got {cell!r} in line {line}, column "
            f"{column!r}: decimal=',' reads it as {cell.strip().replace(',', '.')}; a comma that "
            "parts thousands must be removed from the file"
        )


class _Targets:
    """The cells of the column that is to be predicted: numbers, or the names of classes."""

    def __init__(self, table: _Table, cells: list[str], lines: list[int], column: int) -> None:
        self.cells, self.lines, self.missing = cells, lines, table.missing
        self.column = table.sheet.names[column]
        self.values = {t: _value(t, table.sheet.decimal) for t in dict.fromkeys(cells)}
        self.words = [t for t, v in self.values.items() if v is None and t.lower() not in MISSING]

    def read(self, classes: Answers) -> tuple[Array, Answers]:
        """Return numbers, NaN where there is none, and the names of the classes that they count."""
        if classes is None and self.words:
            classes = self._names()
        named = classes is not None and classes.dtype.kind in "UT"
        holes = HOLES if named else MISSING
        number = {text: math.nan if named else self._number(text) for text in self.values}
        if classes is not None:
            number = self._numbered(number, classes, holes)
        y = np.array([number[text] for text in self.cells])
        if np.isnan(y).any() and self.missing != "drop":
            text = self.cells[int(np.isnan(y).argmax())]
            raise ValueError(
                f"target: expected a value in every line, got {text!r} in {self._where(text)} "
                f"(lines: {np.isnan(y).sum()}): missing='drop' leaves these lines out"
            )
        return y, classes

    def _where(self, text: str) -> str:
        return f"line {self.lines[self.cells.index(text)]}, column {self.column!r}"

    def _names(self) -> npt.NDArray[Any]:
        """Sort the names of classes; one number among them may be a slip, or a class."""
        word = self.words[0]
        numbers = [t for t, v in self.values.items() if v is not None and t.lower() not in MISSING]
        refuse_comma(word, self.lines[self.cells.index(word)], self.column)
        if numbers:
            raise ValueError(
                f"target: expected numbers, or names of classes, got both, {numbers[0]!r} in "
                f"{self._where(numbers[0])}, and {word!r} in {self._where(word)}: correct the "
                "file; or classes=[…] lists all classes, if these are names"
            )
        names = sorted(text for text in self.values if text.lower() not in HOLES)
        if len(names) == len(self.cells) > 20:
            raise ValueError(
                f"target: expected names of classes, got another text in every line, {word!r} in "
                f"{self._where(word)}: choose another column, or list classes=[…]"
            )
        return np.array(names)

    def _number(self, text: str) -> float:
        """Read one number; NaN where it is missing."""
        value = self.values[text]
        if value is None or text.lower() in MISSING:
            return math.nan
        if not math.isfinite(value):
            raise ValueError(
                f"target: expected finite numbers, got {text!r} in {self._where(text)}: leave "
                "such lines out of the file"
            )
        return value

    def _numbered(
        self, number: dict[str, float], classes: npt.NDArray[Any], holes: frozenset[str]
    ) -> dict[str, float]:
        """Number the classes, named or numbers themselves."""
        named = classes.dtype.kind in "UT"
        places = {key: float(i) for i, key in enumerate(classes.tolist())}
        found = {}
        for text, value in number.items():
            key = text if named else value
            missing = text.lower() in holes and key not in places
            if key not in places and not missing:
                raise ValueError(
                    f"classes: expected {classes.tolist()[:20]}, got {text!r} in "
                    f"{self._where(text)}: name all classes, or leave such lines out of the file"
                )
            found[text] = math.nan if missing else places[key]
        return found


def _floats(numbers: Array, dtype: np.dtype[Any]) -> Array:
    """Turn numbers into the dtype asked for, if it can hold them."""
    if numbers.dtype == dtype:
        return numbers
    with np.errstate(over="ignore"):
        result = numbers.astype(dtype)
    wrong = np.isinf(result)
    if wrong.any():
        raise ValueError(
            f"dtype: expected numbers that {dtype} can hold, got {numbers[wrong][0]:g}: pass "
            "dtype=numpy.float64"
        )
    return result
