"""What an error says to do is done here, and works: tables in CSV files."""

from pathlib import Path

import numpy as np
import pytest

import nnlib as nn
from tests.helpers.remedies import each, expect_rows, follow

pytest.importorskip("pandas")
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
        "path: expected a CSV file, got 'tabel.csv' (. holds table.csv): pass the path of a file: "
        "did you mean 'table.csv'?",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load("a,bücher\n1,2\n".encode("latin-1")),
        ValueError,
        "table.csv: expected text in utf-8, got other letters ('utf-8' codec can't decode byte "
        "0xfc in position 3: invalid start byte): pass options={'encoding': 'latin-1'}, or the "
        "one that it was written in; of a workbook save a CSV first",
        lambda: y("a,bücher\n1,2\n".encode("latin-1"), "bücher", options={"encoding": "latin-1"}),
        [2],
    ),
    *(
        (
            lambda content=content: load(content),
            ValueError,
            "table.csv: expected a table, got an empty file: write it anew",
            lambda: X(GOOD),
            INPUTS,
        )
        for content in ("", "\n\n")
    ),
    (
        lambda: load("a,b,c\n"),
        ValueError,
        "table.csv: expected examples below line 1, got none: write them there",
        lambda: X(GOOD),
        INPUTS,
    ),
    (
        lambda: load("name,b\nAdam,1\nDoe, Jane,2\n", columns=["b"], target=None),
        ValueError,
        "table.csv: expected as many cells in each line as in the first, got: Error tokenizing "
        "data. C error: Expected 2 fields in line 3, saw 3: correct it there; text that holds what "
        "separates cells needs quotation marks around it",
        lambda: X('name,b\nAdam,1\n"Doe, Jane",2\n', columns=["b"], target=None),
        [[1], [2]],
    ),
]

COLUMNS = [
    *(
        (
            lambda: load("5.1,3.5,setosa\n4.9,3,virginica\n"),
            ValueError,
            "header: expected names or an example in the first line, got '5.1', '3.5', 'setosa' …, "
            "which may be either: options={'header': 0} if these are names, "
            "options={'header': None} if they are an example",
            lambda header=header: X(
                "5.1,3.5,setosa\n4.9,3,virginica\n", options={"header": header}
            ),
            [[5.1, 3.5], [4.9, 3]][header == 0 :],
        )
        for header in (0, None)
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
        "got 'color': there are 'size', 'colour', 'y': did you mean 'colour'?",
        lambda: y(TEXT, "colour", columns=["size"]),
        [1, 0],
    ),
    (
        lambda: load(GOOD, columns=["a", "b", "c"]),
        ValueError,
        "columns: expected features that differ, without the target, got ['a', 'b', 'c'] of ['a', "
        "'b', 'c']: name each once",
        lambda: X(GOOD, columns=["a", "b"]),
        INPUTS,
    ),
    (
        lambda: load("a/b\n1/2\n"),
        ValueError,
        "got [] of ['a/b']: name each once; options={'sep': ';'}, for example, says what separates "
        "cells",
        lambda: X("a/b\n1/2\n", options={"sep": "/"}),
        [[1]],
    ),
    (
        lambda: load(GOOD, columns="a"),
        TypeError,
        "columns: expected a list, got 'a': pass ['a']",
        lambda: X(GOOD, columns=["a"]),
        [[1], [4]],
    ),
]

CELLS = [
    *(
        (
            lambda: load(TEXT),
            ValueError,
            "columns: expected numbers, got 'red' in line 2, column 'colour' (lines with text "
            "there: 2): columns=[…] picks columns of numbers; or hand a table to fit, "
            "encoded by pandas.get_dummies",
            remedy,
            gives,
        )
        for remedy, gives in (
            (lambda: X(TEXT, columns=["size"]), [[1], [2]]),
            (dummies, [[1, 0, 1], [2, 1, 0]]),
        )
    ),
    *(
        (
            lambda: load("a;b\n1,250;0\n"),
            ValueError,
            "options={'decimal': ','} reads a comma as a point, {'thousands': ','} as nothing",
            lambda option=option: X("a;b\n1,250;0\n", options={option: ","}),
            [[number]],
        )
        for option, number in (("decimal", 1.25), ("thousands", 1250))
    ),
    (
        lambda: load("a,b\ninf,0\n2,1\n"),
        ValueError,
        "columns: expected finite numbers, got inf in line 2, column 'a' (lines: 1): leave it "
        "empty in the file, as a missing value",
        lambda: X("a,b\n,0\n2,1\n", missing="drop"),
        [[2]],
    ),
    *(
        (
            lambda: load(HOLES),
            ValueError,
            "missing: expected a number in every cell, got none in line 2, column 'b' (missing: 1 "
            "in 'a', 1 in 'b'): missing='drop' leaves such lines out; missing='nan' keeps NaN, to "
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
        "float32 cannot hold it: pass dtype=numpy.float64",
        lambda: X("a,b\n1e39,0\n", dtype=np.float64),
        [[1e39]],
    ),
]

TARGETS = [
    (
        lambda: load("a,b\n1,cat\n2,\n3,dog\n"),
        ValueError,
        "target: expected a value in every line, got none in line 3, column 'b' (lines: 1): "
        "missing='drop' leaves these lines out; options={'keep_default_na': False} keeps words "
        "such as None",
        lambda: y("a,b\n1,cat\n2,\n3,dog\n", missing="drop"),
        [0, 1],
    ),
    *(
        (
            lambda: load("a,b\n1,1.5\n2,2x\n"),
            ValueError,
            "target: expected numbers, or names of classes, got '1.5' in line 2, column 'b', among "
            "names: correct the file; or classes=[…] lists all classes, if these are names",
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
            lambda: load(NAMED, classes=["cat", "cow"]),
            ValueError,
            "classes: expected ['cat', 'cow'], got 'dog' in line 3, column 'b': name all classes, "
            "or leave such lines out",
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
    expect_rows([row[0] for row in ROWS], PLACES)
