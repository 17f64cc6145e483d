"""Give a learner copies of the lessons: made where missing, never overwritten.

The copies have no outputs, so that a question is met before its answer. Worked solutions are called
04_solutions.ipynb there: the tab of 04_backprop.ipynb is the lesson's. `.copied.json` remembers
which version of a lesson each copy was made from.
"""

import hashlib
import json
import platform
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOVED = {"15_how_fast.ipynb": "16_how_fast.ipynb"}
"""Lessons that have another number since, and their solutions with them."""


LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
    "version": platform.python_version(),
}
"""What the kernel says of itself: a copy without it counts as changed as soon as it is opened."""

SOLUTIONS = re.compile(r"\bsolutions/(\d\d)_\w+\.ipynb")


def source_hash(notebook):
    """Fingerprint what a lesson says, whatever its outputs."""
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def copy_of(lesson):
    """Return a lesson as a learner gets it: without outputs, its links to where solutions are."""
    cells = [cell | {"source": lines_of_copy(cell)} for cell in lesson["cells"]]
    for cell in cells:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    metadata = lesson.get("metadata", {}) | {"language_info": LANGUAGE}
    return lesson | {"cells": cells, "metadata": metadata}


def lines_of_copy(cell):
    """Return the source of a cell with links to the names that solutions have in a workbook."""
    if cell["cell_type"] != "markdown":
        return cell["source"]
    return as_copied("".join(cell["source"])).splitlines(keepends=True)


def as_copied(text):
    """Call solutions in a text, or in a path, as they are called in a workbook."""
    return SOLUTIONS.sub(r"solutions/\1_solutions.ipynb", text)


def name_of_copy(path, lessons):
    """Say where the copy of a lesson lies in a workbook."""
    return as_copied(path.relative_to(lessons).as_posix())


def originals(lessons):
    """List lessons and solutions, in the order in which they are told of."""
    return sorted([*lessons.glob("[0-9]*.ipynb"), *lessons.glob("solutions/*.ipynb")])


def written(notebook):
    """Return the text of a notebook's file."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def recorded(workbook):
    """Return which version of a lesson each copy was made from."""
    record = workbook / ".copied.json"
    return json.loads(record.read_text("utf8")) if record.exists() else {}


def keep_record(workbook, copied):
    """Write down which version each copy was made from."""
    new = workbook / ".copied.json.new"
    new.write_text(json.dumps(copied, indent=1) + "\n", "utf8")
    new.replace(workbook / ".copied.json")


def moved(names, workbook):
    """Yield a line for each copy whose lesson has another number now, or its solution."""
    for name in map(Path, names):
        if name.name in MOVED and (workbook / name).exists():
            now = as_copied(name.with_name(MOVED[name.name]).as_posix())
            yield (
                f"{name.as_posix()} is {now} now: "
                f"{workbook.name}/{name.as_posix()} stays as it is, "
                "and the new edition lies beside it"
            )


def renamed(copied):
    """Yield a line where solutions were copied when they still had the names of their lessons."""
    names = [name for name in copied if name.startswith("solutions/")]
    if names and not any(name.endswith("_solutions.ipynb") for name in names):
        yield (
            "solutions are called 04_solutions.ipynb and so on now: "
            "the copies that you have stay as they are, beside new ones"
        )


def copy_lessons(lessons, workbook):
    """Copy what is missing; return a line for each copy whose lesson has changed or moved."""
    copied = recorded(workbook)
    messages = [*moved(copied, workbook), *renamed(copied)]
    for path in originals(lessons):
        name = name_of_copy(path, lessons)
        lesson = json.loads(path.read_text("utf8"))
        version, mine = source_hash(lesson), workbook / name
        if not mine.exists():
            mine.parent.mkdir(parents=True, exist_ok=True)
            mine.write_text(written(copy_of(lesson)), "utf8")
            copied[name] = version
        elif copied.get(name) != version:
            messages.append(
                f"{name} has changed since your copy was made: `make lab UPDATE={path.name[:2]}` "
                f"(python tools/lab.py --update {path.name[:2]}) gets the new edition, with your "
                "answers in it, and keeps your copy"
            )
    workbook.mkdir(exist_ok=True)
    keep_record(workbook, copied)
    return messages


def main():
    folder = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "workbook")
    if folder != ROOT / "notebooks":
        for message in copy_lessons(ROOT / "notebooks", folder):
            print(message)


if __name__ == "__main__":
    main()
