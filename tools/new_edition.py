"""Put the new edition of a lesson in place of one's own copy, with the answers written so far.

python tools/new_edition.py workbook 04     what `make lab UPDATE=04` does first

The old copy is kept beside it, as 04_backprop.old.ipynb; no such file is ever overwritten.
"""

import ast
import json
import re
import sys

if __package__:
    from tools import workbook as copies
else:
    import workbook as copies

CHECK = re.compile(r'^check\(\s*["\'](\d\d\.\w+)["\']', re.M)
SIGNATURE = re.compile(r"^def (\w+)\(([^)]*)\)", re.M)


def update(lessons, workbook, number):
    """Bring the copies of a lesson and of its solutions up to date; return a line for each.

    Raises
    ------
    ValueError
        If there is no such lesson, or a copy is no notebook; then nothing has changed.
    """
    paths = [path for path in copies.originals(lessons) if path.name[:2] == number]
    if not paths:
        numbers = sorted({path.name[:2] for path in copies.originals(lessons)})
        raise ValueError(f"there is no lesson {number}: expected one of {', '.join(numbers)}")
    plans = [planned(path, lessons, workbook) for path in paths]
    for name, version, text, _ in plans:
        if text is not None:
            put(workbook / name, text)
        copies.keep_record(workbook, copies.recorded(workbook) | {name: version})
    return [line for *_, line in plans]


def planned(path, lessons, workbook):
    """Plan one copy, and change nothing: its name, its version, its new text, a line that says so.

    No text: the copy is up to date.
    """
    lesson, name = json.loads(path.read_text("utf8")), copies.name_of_copy(path, lessons)
    mine, version, new = workbook / name, copies.source_hash(lesson), copies.copy_of(lesson)
    if not mine.exists():
        return name, version, copies.written(new), f"{name} is there now"
    old = notebook_in(mine)
    solutions = "/" in name
    carried, left = ([], []) if solutions else carry_over(old, new)
    same = copies.source_hash(old) == copies.source_hash(new)
    if same or copies.recorded(workbook).get(name) == version:
        return name, version, None, f"{name} is the newest edition already"
    line = f"{name} is the new edition now"
    if carried:
        line += f", with your answers to {', '.join(carried)}"
    line += f"; {old_name(mine).name} is your old copy"
    if left:
        line += f", and keeps your answers to {', '.join(left)}, which are asked otherwise now"
    return name, version, copies.written(new), line


def notebook_in(path):
    """Read a learner's copy."""
    try:
        notebook = json.loads(path.read_text("utf8"))
        copies.source_hash(notebook)
    except (ValueError, KeyError, TypeError):
        raise ValueError(
            f"{path.name} is no notebook that could be read, so there are no answers to take from "
            "it: rename it, and `make lab` copies the new edition"
        ) from None
    return notebook


def put(mine, text):
    """Write a copy, and keep the one that was there: whole, or not at all."""
    new = mine.with_suffix(".new")
    if mine.exists() and not (kept := old_name(mine)).exists():
        new.write_bytes(mine.read_bytes())
        new.replace(kept)
    mine.parent.mkdir(parents=True, exist_ok=True)
    new.write_text(text, "utf8")
    new.replace(mine)


def old_name(mine):
    """Choose where an old copy is kept: a free name, or where the very same is kept already."""
    i = 1
    while True:
        path = mine.with_suffix(f".old{i if i > 1 else ''}.ipynb")
        if not path.exists() or path.read_bytes() == mine.read_bytes():
            return path
        i += 1


# The answers ------------------------------------------------------------------------------------


def carry_over(old, new):
    """Put what has been written for an exercise in place of its stub; return the numbers.

    First those that were carried over, then those for which the new edition has no such stub.
    """
    stubs, carried, left = answers(new), [], []
    for number, cell in answers(old).items():
        source = text_of(cell)
        place = place_of(number, source, stubs)
        stub = stubs.get(place or number)
        if not is_written(source, text_of(stub) if stub else ""):
            continue
        if place:
            stub["source"] = renumbered(source, number, place).splitlines(keepends=True)
            carried.append(place)
        else:
            left.append(number)
    return carried, left


def place_of(number, source, stubs):
    """Return the number under which an exercise with these functions is asked now, or None."""
    for place in (number, *stubs):
        if place in stubs and signatures(text_of(stubs[place])) <= signatures(source):
            return place
    return None


def renumbered(source, number, place):
    """Let a cell check, and ask for hints, under another number."""
    return source.replace(f'("{number}"', f'("{place}"').replace(f"('{number}'", f"('{place}'")


def text_of(cell):
    """Return a cell's source, which a file may keep as lines."""
    return "".join(cell["source"])


def answers(notebook):
    """Return the cell of each exercise: the last one that checks it and defines something."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    code.sort(key=lambda cell: bool(SIGNATURE.search(text_of(cell))))
    return {number: cell for cell in code for number in CHECK.findall(text_of(cell))}


def signatures(source):
    """Return the names of functions with those of their arguments."""
    return {
        (name, *(argument.split(":")[0].split("=")[0].strip() for argument in arguments.split(",")))
        for name, arguments in SIGNATURE.findall(source)
    }


def is_written(source, stub):
    """Whether a cell says more than its stub does, or any stub: `...` is no answer."""
    try:
        return bool(said(source) - said(stub))
    except SyntaxError:  # not finished, but begun
        return source.strip() != stub.strip()


def said(source):
    """Return the statements of a cell without what only holds a place for an answer."""
    body = []
    for node in ast.parse(source).body:
        body += node.body if isinstance(node, ast.FunctionDef) else [node]
    return {ast.dump(node) for node in body if not holds_a_place(node)}


def holds_a_place(node):
    """Whether a statement is `dW = ...`, `return ...`, `return dW, db`, a docstring or a check."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.Constant) and value.value is ...:
        return True
    if isinstance(node, ast.Return) and isinstance(value, ast.Tuple):
        return all(isinstance(part, ast.Name) for part in value.elts)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(value, ast.Constant | ast.Call)
    )


def main():
    folder, number = sys.argv[1:]
    if folder == "notebooks":
        sys.exit("notebooks/ holds the lessons themselves: `git pull` brings their new editions")
    try:
        lines = update(copies.ROOT / "notebooks", copies.ROOT / folder, number)
    except ValueError as error:
        sys.exit(str(error))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
