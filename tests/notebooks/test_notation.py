"""The notation page in lesson 00 holds: letters mean in every lesson what it says they mean.

A lesson may say otherwise in a table of the same form; its own letters then hold in all of it. The
shapes are asked for as `make lessons` runs the cells: tests/helpers/letters.py.
"""

import ast
import re
import subprocess
import sys

import nbformat
import pytest

from tests.helpers.letters import LETTER, ROOT, cells_of, meaning, misused, notation
from tools.check import NBVAL

PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
MATHS = re.compile(r"\$\$(.+?)\$\$|\$([^$]+)\$|`([^`]+)`", re.S)
ALL = [*PATHS, ROOT / "notebooks" / "_template.ipynb"]
named = pytest.mark.parametrize("path", ALL, ids=[path.stem for path in ALL])


def test_the_page_can_be_read():
    page = notation()
    assert page["X"] == page["dZ"] == {2}
    assert page["b"] == page["y"] == {0, 1}
    assert page["L"] == {0} == page["n"]
    assert meaning("dW1") == "W"
    assert meaning("W2") == "W"
    assert meaning("Ω") is None
    assert meaning("net") is None


def test_a_lesson_may_have_letters_of_its_own():
    (convolution,) = (path for path in PATHS if path.name.startswith("13"))
    own = notation(convolution)
    assert own["X"] == own["W"] == {4}
    assert meaning("dW1", own) == "W"
    assert notation()["X"] == {2}
    assert notation(PATHS[1]) == {}
    images = {"X": 4, "dW": 4, "net": 3, "n": 0}
    assert list(misused(images, convolution)) == []
    assert [told.split(" has ")[0] for told in misused(images, PATHS[1])] == ["X", "dW"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import numpy as np\nX, W, b = np.ones((5, 3)), np.ones((3, 2)), np.ones(2)", "1 passed"),
        (
            "import numpy as np\nX = np.ones((5, 3, 1))",
            "X has 3 axes; the page of notation gives it [2]",
        ),
        ("b2 = [[1.0]]\nn = 3\nfor dZ in (1, 2.5): pass", "dZ has 0 axes"),
    ],
)
def test_a_letter_of_another_shape_fails_its_cell(tmp_path, code, told):
    cell = nbformat.v4.new_code_cell(code, execution_count=1)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "99_made_up.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *NBVAL, tmp_path]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert told in answer.stdout


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
