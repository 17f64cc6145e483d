"""What errors say to do: a table's row is followed, and errors that no row provokes are found."""

import ast
import re
import signal
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import nnlib as nn
from nnlib import training

HOUSE = Path(nn.__file__).parent
ERRORS = (
    *(ValueError, TypeError, RuntimeError, FloatingPointError),
    *(FileNotFoundError, OSError, KeyboardInterrupt),
)
NAMES = [error.__name__ for error in ERRORS]

CHECKS = ("finite", "instance")
"""Called with a name first and a remedy last, which they put behind what came."""

SENTENCES = ("divergence", "_cause", "exploded", "two_classes", "_not_written")
"""Functions that return what an error says, or the end of it."""


def each(rows):
    """Run a test with each row of a table: call, kind, what is said, the remedy; what it gives."""
    return pytest.mark.parametrize("row", rows, ids=[row[2] for row in rows])


def follow(call, kind, said, remedy, gives=None):
    """Meet the error, then do what it says: a number or array that comes out, or a check of it."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    assert said in str(caught.value), str(caught.value)
    result = remedy()
    if callable(gives):
        assert gives(result), result
    elif gives is not None:
        np.testing.assert_allclose(result, gives, rtol=1e-9)


@contextmanager
def at_step(number, happens):
    """Let something happen in a step of a run, before its update."""
    update, steps = training.update, count(1)

    def watched(*args):
        if next(steps) == number:
            happens()
        return update(*args)

    with patch.object(training, "update", watched):
        yield


def ctrl_c():
    """Interrupt as somebody at the keyboard does."""
    signal.raise_signal(signal.SIGINT)


def expect_rows(calls, places):
    """Expect that calls provoke all errors, and their remedies, in functions of files.

    ``places`` has the names of functions by the file's path in nnlib; None: all of a file.
    """
    said = []
    for call in calls:
        with pytest.raises(ERRORS) as caught:
            call()
        said.append(str(caught.value))
    missing = [
        f"{path}: add a row to this table for: " + pattern.replace("\\", "")
        for path, functions in places.items()
        for pattern in patterns(HOUSE / path, functions)
        if not any(re.search(rf"{pattern}\Z", text, re.S) for text in said)
    ]
    assert not missing, "\n".join(missing)


def patterns(path, functions=None):
    """Write what the errors and remedies of a file look like, as regular expressions."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.FunctionDef) and node.name in (functions or [node.name]):
            for inner in ast.walk(node):
                yield from _patterns(inner, node.name in SENTENCES)


def _patterns(node, sentence):
    """The same of one node: an error, a check, a remedy that gets its name, a sentence's end."""
    name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
    if name in NAMES:
        yield from _texts(node.args[0])
    elif name in CHECKS:
        yield from (
            f"{who}: .*: {remedy}"
            for who in _texts(node.args[0])
            for remedy in _texts(node.args[-1])
        )
    elif isinstance(node, ast.Return if sentence else ast.Assign) and (
        sentence or getattr(node.targets[0], "id", "") == "remedy"
    ):
        yield from (f".*{text}.*" for text in _texts(node.value))


def _texts(node):
    """Write an expression's text as a pattern, for each side of an if; ``.*`` is what varies."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [
        "".join(re.escape(p.value) if isinstance(p, ast.Constant) else ".*" for p in _pieces(node))
    ]


def _pieces(node):
    if isinstance(node, ast.BinOp):
        return [*_pieces(node.left), *_pieces(node.right)]
    return node.values if isinstance(node, ast.JoinedStr) else [node]
