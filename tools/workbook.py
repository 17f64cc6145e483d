"""Give a learner copies of the lessons: made where missing, never overwritten.

The copies have no outputs, so that a question is met before its answer. `.copied.json` remembers
which version of a lesson each copy was made from.
"""

import hashlib
import json
import platform
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


def source_hash(notebook):
    """Fingerprint what a lesson says, whatever its outputs."""
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def without_outputs(notebook):
    """Take the outputs out of a notebook, in place."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook


def moved(names, workbook):
    """Yield a line for each copy whose lesson has another number now."""
    for name in map(Path, names):
        if name.name in MOVED and (workbook / name).exists():
            yield (
                f"{name.as_posix()} is {name.with_name(MOVED[name.name]).as_posix()} now: "
                f"{workbook.name}/{name.as_posix()} stays as it is, "
                "and the new edition lies beside it"
            )


def copy_lessons(lessons, workbook):
    """Copy what is missing; return a line for each copy whose lesson has changed or moved."""
    record = workbook / ".copied.json"
    copied = json.loads(record.read_text("utf8")) if record.exists() else {}
    messages = list(moved(copied, workbook))
    for path in sorted([*lessons.glob("[0-9]*.ipynb"), *lessons.glob("solutions/*.ipynb")]):
        name = path.relative_to(lessons).as_posix()
        lesson = json.loads(path.read_text("utf8"))
        version, mine = source_hash(lesson), workbook / name
        if not mine.exists():
            mine.parent.mkdir(parents=True, exist_ok=True)
            lesson.setdefault("metadata", {})["language_info"] = LANGUAGE
            text = json.dumps(without_outputs(lesson), indent=1, ensure_ascii=False)
            mine.write_text(text + "\n", "utf8")
            copied[name] = version
        elif copied.get(name) != version:
            messages.append(
                f"{name} has changed since your copy was made: rename "
                f"{workbook.name}/{name}, and the new version is copied next time"
            )
    workbook.mkdir(exist_ok=True)
    record.write_text(json.dumps(copied, indent=1) + "\n", "utf8")
    return messages


def main():
    folder = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "workbook")
    if folder != ROOT / "notebooks":
        for message in copy_lessons(ROOT / "notebooks", folder):
            print(message)


if __name__ == "__main__":
    main()
