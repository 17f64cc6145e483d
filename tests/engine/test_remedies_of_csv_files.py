"""What an error says to do is done here, and works: tables in CSV files."""

import gzip
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.remedies import each, follow, unmet

PATH = "table.csv"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def load(content, target=-1, **options):
    """Load a file with this content."""
    content = content.encode() if isinstance(content, str) else content
    Path(PATH).write_bytes(content)
    return nn.load_csv(PATH, target, **options)


def X(*args, **options):
    return load(*args, **options).X


def y(*args, **options):
    return load(*args, **options).y


GOOD = "a,b,c\n1,2,3\n4,5,6\n"
INPUTS = [[1, 2], [4, 5]]
HOLES = "a,b,c\n1,?,0\n3,4,1\n,6,1\n"
TEXT = "size,colour,y\n1,red,0\n2,blue,1\n"
NAMED = "a,b\n1,cat\n2,dog\n"


def dummies():
    """Encode text as pandas does, and load that."""
    pandas = pytest.importorskip("pandas")
    Path(PATH).write_text(TEXT)
    pandas.get_dummies(pandas.read_csv(PATH), columns=["colour"]).to_csv(PATH, index=False)
    return nn.load_csv(PATH, "y").X


def filled():
    """Fill in what is missing by the median."""
    X = load(HOLES, missing="nan").X
    return np.where(np.isnan(X), np.nanmedian(X, axis=0), X)


def unlike():
    """A table whose last column has another text in each of 21 lines."""
    return "a,b\n" + "".join(f"{i},name {i}\n" for i in range(21))


FILES = [
    (
        lambda: nn.load_csv([[1, 2]], -1),
        TypeError,
        "path: expected the path of a CSV file, got list: pass its name, as in "
        "load_csv('data.csv', target='class')",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: [load(GOOD), nn.load_csv("tabel.csv", -1)],
        FileNotFoundError,
        "path: expected a CSV file, got 'tabel.csv', and there is no such file (. holds "
        "table.csv): did you mean 'table.csv'?",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: nn.load_csv(".", -1),
        FileNotFoundError,
        "path: expected a CSV file, got '.', and that is a folder (. holds nothing): pass the path "
        "of a file",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load(GOOD, encoding="utf-7.5"),
        ValueError,
        "encoding: expected a name such as 'utf-8', 'latin-1' or 'utf-16', got 'utf-7.5': leave it "
        "out, or ask where the file was written",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load("a,bücher\n1,2\n".encode("latin-1")),
        ValueError,
        "encoding: expected text in utf-8, got other letters in line 1 of table.csv, "
        "'a,b\N{REPLACEMENT CHARACTER}cher': pass encoding='latin-1', 'cp1252' (Windows) or the "
        "one it was written in",
        lambda: load("a,bücher\n1,2\n".encode("latin-1"), "bücher", encoding="latin-1").y,
        [2],
    ),
    (
        lambda: load(GOOD.encode("utf-16")),
        ValueError,
        "table.csv: expected text in utf-8, got UTF-16: pass encoding='utf-16'",
        lambda: X(GOOD.encode("utf-16"), encoding="utf-16"),
        INPUTS,
    ),
    (
        lambda: load(b"PK\x03\x04"),
        ValueError,
        "got a workbook of Excel or another packed file: save it as CSV",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load("<!DOCTYPE html>"),
        ValueError,
        "got a web page: download the file itself",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load(gzip.compress(GOOD.encode())[:-5]),
        OSError,
        "table.csv: expected a whole gzip file, got one cut short or damaged (Compressed file "
        "ended before the end-of-stream marker was reached): get it once more",
        lambda: X(gzip.compress(GOOD.encode())),
        INPUTS,
    ),
    (
        lambda: load("\n\n"),
        ValueError,
        "table.csv: expected a table, got an empty file: was it written to its end?",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load("a,b,c\n"),
        ValueError,
        "table.csv: expected examples below line 1, got none: was the file written to its end?",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load('a,b\n1,"2\n3,4\n'),
        ValueError,
        "table.csv: expected cells that can be told apart, got unexpected end of data behind line "
        "1: look for a quotation mark there that is not closed, or does not belong",
        lambda: X('a,b\n1,"2"\n3,4\n'),
        [[1], [3]],
    ),
    (
        lambda: load("name,b\nDoe, Jane,2\n", columns=["b"], target=None),
        ValueError,
        "table.csv: expected 2 cells as in line 1, got 3 in line 2: correct it there; text that "
        "holds a ',' needs quotation marks around it",
        lambda: X('name,b\n"Doe, Jane",2\n', columns=["b"], target=None),
        [[2]],
    ),
]

COLUMNS = [
    (
        lambda: load("a,b,a\n1,2,3\n"),
        ValueError,
        "table.csv: expected names that differ, got 'a' for columns 0 and 2: rename one of them in "
        "line 1",
        lambda: X("a,b,c\n1,2,3\n"),
        [[1, 2]],
    ),
    *(
        (
            lambda: load("5.1,3.5,setosa\n4.9,3,virginica\n"),
            ValueError,
            "header: expected names or an example in the first line, got '5.1', '3.5', 'setosa' …, "
            "which may be either: header=True if these are the names of columns, header=False if "
            "they are an example",
            partial(X, "5.1,3.5,setosa\n4.9,3,virginica\n", header=header),
            [[5.1, 3.5], [4.9, 3]][header:],
        )
        for header in (False, True)
    ),
    (
        lambda: load(GOOD, "C"),
        ValueError,
        "target: expected a column, by its name or a number from 0 to 2, got 'C': there are 'a', "
        "'b', 'c'",
        lambda: y(GOOD, "c"),
        [3, 6],
    ),
    (
        lambda: load(TEXT, "color", columns=["size"]),
        ValueError,
        "got 'color': did you mean 'colour'?",
        lambda: y(TEXT, "colour", columns=["size"]),
        [1, 0],
    ),
    (
        lambda: load("1 2\n3 4\n", None, columns=[]),
        ValueError,
        "columns: expected features that differ, without the target, got []: name each once",
        lambda: X(GOOD, None, columns=["a", "b"]),
        INPUTS,
    ),
    (
        lambda: load(GOOD, columns=["a", "b", "c"]),
        ValueError,
        "got ['a', 'b', 'c']: name each once",
        lambda: X(GOOD, columns=["a", "b"]),
        INPUTS,
    ),
    (
        lambda: load(GOOD, columns="a"),
        TypeError,
        "columns: expected a list, got 'a': pass ['a']",
        lambda: X(GOOD, columns=["a"]),
        [[1], [4]],
    ),
    (
        lambda: load("a/b\n1/2\n"),
        ValueError,
        "table.csv: expected a column beside the target, got lines such as 'a/b': delimiter=';', "
        "for example, says what separates cells; numpy.loadtxt reads numbers with spaces between "
        "them",
        lambda: X("a/b\n1/2\n", delimiter="/"),
        [[1]],
    ),
    (
        lambda: load("1 2\n3 4\n", delimiter=" "),
        ValueError,
        "delimiter: expected one letter such as ',', ';' or '\\t', got ' ': leave it out and it is "
        "found; numpy.loadtxt reads numbers with spaces between them",
        lambda: np.loadtxt(PATH),
        [[1, 2], [3, 4]],
    ),
]

CELLS = [
    (
        lambda: load(TEXT),
        ValueError,
        "columns: expected numbers, got 'red' in line 2, column 'colour' (lines with text there: "
        "2; columns with text: 1): columns=['size'] picks columns of numbers; or encode text "
        "first, as pandas.get_dummies(table, columns=['colour']) does",
        lambda: X(TEXT, columns=["size"]),
        [[1], [2]],
    ),
    (
        lambda: load("colour,y\nred,0\n"),
        ValueError,
        "columns with text: 1): encode text first, as pandas.get_dummies(table, "
        "columns=['colour']) does",
        dummies,
        [[1, 0, 1], [2, 1, 0]],
    ),
    (
        lambda: load("a;b\n1,5;0\n"),
        ValueError,
        "decimal: expected numbers with a point, got '1,5' in line 2, column 'a': decimal=',' "
        "reads it as 1.5; a comma that parts thousands must be removed from the file",
        lambda: X("a;b\n1,5;0\n", decimal=","),
        [[1.5]],
    ),
    (
        lambda: load("a,b\ninf,0\n2,1\n"),
        ValueError,
        "columns: expected finite numbers, got 'inf' in line 2, column 'a' (lines: 1): leave it "
        "empty in the file, as a missing value; or columns=[…] picks other columns",
        lambda: X("a,b\n,0\n2,1\n", missing="drop"),
        [[2]],
    ),
    *(
        (
            lambda: load(HOLES),
            ValueError,
            "missing: expected a number in every cell, got '?' in line 2, column 'b' (missing: 1 "
            "in 'b', 1 in 'a'): missing='drop' leaves such lines out; missing='nan' keeps NaN, to "
            "be filled in by numpy.where(numpy.isnan(X), numpy.nanmedian(X, axis=0), X)",
            remedy,
            gives,
        )
        for remedy, gives in (
            (lambda: X(HOLES, missing="drop"), [[3, 4]]),
            (filled, [[1, 5], [3, 4], [2, 6]]),
        )
    ),
    *(
        (
            lambda: load("a,b,y\n1,?,0\n2,?,1\n", missing="drop"),
            ValueError,
            "missing: expected some lines without holes, got 2 that all have one: columns=[…] "
            "picks columns without; missing='nan' keeps all lines",
            remedy,
            [0, 1],
        )
        for remedy in (
            lambda: y("a,b,y\n1,?,0\n2,?,1\n", missing="drop", columns=["a"]),
            lambda: y("a,b,y\n1,?,0\n2,?,1\n", missing="nan"),
        )
    ),
    (
        lambda: load("a,b\n1e39,0\n", dtype=np.float32),
        ValueError,
        "dtype: expected numbers that float32 can hold, got 1e+39: pass dtype=numpy.float64",
        lambda: X("a,b\n1e39,0\n", dtype=np.float64),
        [[1e39]],
    ),
]

TARGETS = [
    (
        lambda: load("a,b\n1,cat\n2,\n3,dog\n"),
        ValueError,
        "target: expected a value in every line, got '' in line 3, column 'b' (lines: 1): "
        "missing='drop' leaves these lines out",
        lambda: y("a,b\n1,cat\n2,\n3,dog\n", missing="drop"),
        [0, 1],
    ),
    *(
        (
            lambda: load("a,b\n1,1.5\n2,2x\n"),
            ValueError,
            "target: expected numbers, or names of classes, got both, '1.5' in line 2, column 'b', "
            "and '2x' in line 3, column 'b': correct the file; or classes=[…] lists all classes, "
            "if these are names",
            remedy,
            gives,
        )
        for remedy, gives in (
            (lambda: y("a,b\n1,1.5\n2,2\n"), [1.5, 2]),
            (lambda: y("a,b\n1,1.5\n2,2x\n", classes=["2x", "1.5"]), [1, 0]),
        )
    ),
    *(
        (
            lambda: load(unlike()),
            ValueError,
            "target: expected names of classes, got another text in every line, 'name 0' in line "
            "2, column 'b': choose another column, or list classes=[…]",
            remedy,
            np.arange(21),
        )
        for remedy in (
            lambda: X(unlike(), None, columns=["a"])[:, 0],
            lambda: y(unlike(), classes=[f"name {i}" for i in range(21)]),
        )
    ),
    (
        lambda: load("a,b\n1,1.5\n2,inf\n"),
        ValueError,
        "target: expected finite numbers, got 'inf' in line 3, column 'b': leave such lines out of "
        "the file",
        lambda: y("a,b\n1,1.5\n"),
        [1.5],
    ),
    *(
        (
            lambda: load(NAMED, classes=["cat", "cow"]),
            ValueError,
            "classes: expected ['cat', 'cow'], got 'dog' in line 3, column 'b': name all classes, "
            "or leave such lines out of the file",
            remedy,
            gives,
        )
        for remedy, gives in (
            (lambda: y(NAMED, classes=["cat", "cow", "dog"]), [0, 2]),
            (lambda: y("a,b\n1,cat\n", classes=["cat", "cow"]), [0]),
        )
    ),
]

ROWS = FILES + COLUMNS + CELLS + TARGETS
PLACES = {"_csv_files.py": None}


@each(ROWS)
def test_what_an_error_says_to_do_works(row):
    follow(*row)


def test_every_error_of_these_files_has_its_row():
    assert unmet([row[0] for row in ROWS], PLACES) == []
