"""The notation page in lesson 00 holds: letters mean in every lesson what it says they mean.

A lesson may say otherwise in a table of the same form; its own letters then hold in all of it.
"""

import ast
import re
import warnings
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
LETTER = re.compile(r"(d?)([^\W\d_])\d?")
MATHS = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$|`([^`]+)`", re.S)
ALL = [*PATHS, ROOT / "notebooks" / "_template.ipynb"]
named = pytest.mark.parametrize("path", ALL, ids=[path.stem for path in ALL])


@cache
def cells_of(path):
    return nbformat.read(path, 4).cells


HEAD = "| letter | in code | shape | meaning |"


def notation(path=PATHS[0]):
    """For each name in code: how many axes it may have."""
    tables = [c.source for c in cells_of(path) if c.cell_type == "markdown" and HEAD in c.source]
    page = "\n".join(table[table.index(HEAD) :] for table in tables)
    found = {}
    for row in re.findall(r"^\| \$.*\|$", page, re.M):
        _, code, shape, _ = (part.strip() for part in row.strip("|").split("|"))
        like = re.search(r"`(\w+)`", shape)
        for name in re.findall(r"`(\w+)`", code):
            counts = found[like[1]] if like else axes(shape)
            found[name] = counts | ({0} if name.islower() else set())
    return found


def axes(shape):
    """Read a shape: (n, d) has 2 axes, (n,) has 1, nothing is a plain number."""
    counts = {len(re.findall(r"[^,\s]+", s)) for s in re.findall(r"\(([^)]*)\)", shape)}
    if "vector" in shape or "row" in shape:
        counts.add(1)
    return counts if shape else {0}


PAGE = notation()


def meaning(name, page=PAGE):
    """The entry of the page that a name stands for: that of W for W, W1, dW and dW1."""
    parts = LETTER.fullmatch(name)
    if not parts:
        return None
    plain = name.rstrip("0123456789")
    return next((key for key in (name, plain, parts[2]) if key in page), None)


def test_the_page_can_be_read():
    assert PAGE["X"] == PAGE["dZ"] == {2}
    assert PAGE["b"] == PAGE["y"] == {0, 1}
    assert PAGE["L"] == {0} == PAGE["n"]
    assert meaning("dW1") == "W"
    assert meaning("W2") == "W"
    assert meaning("Ω") is None
    assert meaning("net") is None


def test_a_lesson_may_have_letters_of_its_own():
    (convolution,) = (path for path in PATHS if path.name.startswith("13"))
    own = notation(convolution)
    assert own["X"] == own["W"] == {4}
    assert meaning("dW1", own) == "W"
    assert PAGE["X"] == {2}
    assert notation(PATHS[1]) == {}


def assigned(tree):
    """Single letters that a cell assigns at the top level or takes as parameters."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = node.args
            yield from (a.arg for a in (*arguments.posonlyargs, *arguments.args))
    for statement in tree.body:
        targets = []
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            targets = [statement.target]
        for target in targets:
            yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))


@named
def test_every_letter_is_on_the_page_or_introduced_before_it_is_used(path):
    told = ""
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            told += " ".join("".join(groups) for groups in MATHS.findall(cell.source)) + " "
            continue
        for name in assigned(ast.parse(cell.source)):
            if LETTER.fullmatch(name) and meaning(name) is None:
                letter = re.escape(LETTER.fullmatch(name)[2])
                known = re.search(rf"(?<![A-Za-z\\]){letter}(?![A-Za-z])", told)
                assert known, f"{name} in:\n{cell.source}"


@named
def test_letters_have_the_shapes_of_the_page(path, monkeypatch, request):
    if "load_mnist(" in path.read_text("utf8"):
        request.getfixturevalue("mnist")  # skips where it cannot be had
    monkeypatch.chdir(path.parent)
    space, own = {"__name__": "lesson"}, notation(path)
    seen = 0
    for cell in cells_of(path):
        if cell.cell_type == "markdown":
            continue
        with warnings.catch_warnings(action="ignore"):
            if "raises-exception" in cell.metadata.get("tags", ()):
                continue
            exec(cell.source, space)
        plt.close("all")
        for name, value in space.items():
            page = own if meaning(name, own) else PAGE
            entry = meaning(name, page)
            if entry and isinstance(value, (np.ndarray, np.generic, int, float)):
                assert np.ndim(value) in page[entry], f"{name} {np.shape(value)}:\n{cell.source}"
                seen += 1
    assert seen
