"""The notation page in lesson 00: which letters there are, and how many axes each may have.

As a plugin of pytest (`-p tests.helpers.letters`) it asks the kernel in which nbval runs a lesson,
after each cell, for the axes of everything that bears one of these letters.
"""

import ast
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "notebooks" / "00_start_here.ipynb"
HEAD = "| letter | in code | shape | meaning |"
LETTER = re.compile(r"(d?)([^\W\d_])\d?")


@cache
def cells_of(path):
    return nbformat.read(path, 4).cells


@cache
def notation(path=PAGE):
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


def meaning(name, page=None):
    """The entry of the page that a name stands for: that of W for W, W1, dW and dW1."""
    page = notation() if page is None else page
    parts = LETTER.fullmatch(name)
    if not parts:
        return None
    plain = name.rstrip("0123456789")
    return next((key for key in (name, plain, parts[2]) if key in page), None)


def misused(seen, path):
    """Of names and the axes of each, tell those that the notation of a lesson does not allow."""
    own = notation(path)
    for name, count in seen.items():
        page = own if meaning(name, own) else notation()
        entry = meaning(name, page)
        if entry and count not in page[entry]:
            yield f"{name} has {count} axes; the page of notation gives it {sorted(page[entry])}"


# An expression, as a kernel evaluates it beside a cell without a trace in the notebook.
AXES = """{name: value.ndim if hasattr(value, "ndim") else 0 for name, value in globals().items()
if isinstance(value, (__import__("numpy").ndarray, __import__("numpy").generic, int, float))}"""


def asked(kernel):
    """Ask the kernel of nbval for the names of arrays and numbers, and the axes of each."""
    message = kernel.kc.execute("", silent=True, user_expressions={"axes": AXES})
    while (reply := kernel.get_message("shell", timeout=60))["parent_header"]["msg_id"] != message:
        pass
    return ast.literal_eval(reply["content"]["user_expressions"]["axes"]["data"]["text/plain"])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Fail a lesson's cell after which a letter has another shape than the page gives it."""
    result = yield
    if hasattr(item, "cell") and item.path.parent.name != "solutions":
        assert not list(misused(asked(item.parent.kernel), item.path)), item.cell.source
    return result
