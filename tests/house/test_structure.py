"""Where things stand in the house, who may import whom, and how long a function may be."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "nnlib"

# Lowest first; a module of the engine imports only from those above it in this list.
FLOORS = (
    "_typing",
    "_arrays",
    "_optional",
    "_words",
    "_validation",
    "_targets",
    "_labels",
    "_table",
    "_download",
    "_csv_files",
    "_files",
    "_interrupts",
    "_pictures",
    "activations",
    "initializers",
    "schedules",
    "metrics",
    "_scoring",
    "datasets",
    "layers.layer",
    "layers.dense",
    "layers.activation",
    "layers.dropout",
    "layers.normalization",
    "layers.convolution",
    "layers.chain",
    "layers.residual",
    "layers",
    "losses",
    "optimizers",
    "_watch",
    "network",
    "gradcheck",
    "preparation",
    "_describe",
    "examples",
    "_parts",
    "evaluation",
    "training",
    "fitting",
    "checkpoints",
    "model",
    "saliency",
    "_findings",
    "_evidence",
    "diagnosis",
    "torch_bridge",
    "estimators",
)

COMMAND_LINE = (
    "_command_line.words",
    "_command_line.threads",
    "_command_line.doctor",
    "_command_line.saved",
    "_command_line.train",
    "_command_line.parser",
    "_command_line",
)
"""Above the engine, lowest first; inside a function it may reach into plots and course."""

# Above the engine, lowest first: a folder imports from the engine, and from those before it.
STOREYS = ("plots", "course.kit", "course.exercises", "course.explorers", "course.playground")

MOVED = ("exercises", "explorers")
"""Places that learners' old copies import: they say where to go."""

PLUMBING = (
    *(name for name in FLOORS if name.startswith("_")),
    "datasets",
    "checkpoints",
    "diagnosis",
    "torch_bridge",
    "estimators",
    *COMMAND_LINE,
    "__main__",
)
"""Engine files that nobody needs to read in order to understand the engine."""

EVENING = 3202
"""Lines of code that nnlib/README.md lists to read."""

CELLAR = 4821
"""Lines of code of the plumbing."""

LINES_OF_A_FUNCTION, LINES_OF_A_CLASS = 40, 200


def name_of(path):
    """The module's name below nnlib: layers/dense.py is layers.dense, layers/__init__.py layers."""
    parts = path.relative_to(HOUSE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(HOUSE.rglob("*.py"))}


def resolved(node, path):
    """Name the module below nnlib that an import statement asks for, with the names it takes."""
    if node.level:
        package = path.relative_to(HOUSE).parts[: -node.level]
        base = ".".join([*package, *filter(None, [node.module])])
    elif node.module == "nnlib" or (node.module or "").startswith("nnlib."):
        base = node.module.removeprefix("nnlib").lstrip(".")
    else:
        return
    for alias in node.names:
        full = f"{base}.{alias.name}".lstrip(".")
        yield full if full in MODULES else base


def imported(path, running=False):
    """Name the modules of nnlib that a file imports; "" is nnlib itself.

    When it is running, it does not import what it asks for in the name of a type checker.
    """
    tree = ast.parse(path.read_text("utf8"))
    if running:
        tree.body = [n for n in tree.body if not ast.unparse(n).startswith("if TYPE_CHECKING:")]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (n.removeprefix("nnlib").lstrip(".") for n in names if n == "nnlib")
            yield from (n.removeprefix("nnlib.") for n in names if n.startswith("nnlib."))
        elif isinstance(node, ast.ImportFrom):
            yield from resolved(node, path)


ENGINE = [name for name in MODULES if name and not name.startswith(("course", "plots"))]


def test_every_module_of_the_engine_stands_on_a_floor():
    assert set(ENGINE) == {*FLOORS, *MOVED, *COMMAND_LINE, "__main__"}, (
        "a new file in nnlib/ gets its place in FLOORS, above all that it imports; "
        "what a lesson needs beside the engine goes to nnlib/course/"
    )


@pytest.mark.parametrize("module", FLOORS)
def test_a_module_imports_only_from_floors_below(module):
    below = FLOORS[: FLOORS.index(module)]
    above = set(imported(MODULES[module])) - set(below)
    assert not above, f"{module} imports {above}, which stand above it in FLOORS"


@pytest.mark.parametrize("module", COMMAND_LINE)
def test_the_command_line_imports_the_engine_and_what_stands_below(module):
    below = {"", *FLOORS, *COMMAND_LINE[: COMMAND_LINE.index(module)]}
    names = {n for n in imported(MODULES[module]) if not n.startswith(("plots", "course"))}
    assert names <= below, f"{module} imports {names - below}, which stand above it"
    top = ast.parse(MODULES[module].read_text("utf8")).body
    outside = {n for node in top for n in resolved_at(node, MODULES[module])}
    assert not [n for n in outside if n.startswith(("plots", "course"))], module


def resolved_at(node, path):
    """Name what a statement at the top of a file imports."""
    return resolved(node, path) if isinstance(node, ast.ImportFrom) else ()


def absolute_imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


@pytest.mark.parametrize("module", [*FLOORS, *COMMAND_LINE, "", "__main__"])
def test_the_engine_imports_itself_by_relative_names(module):
    own = [n for n in absolute_imports(MODULES[module]) if n.partition(".")[0] == "nnlib"]
    assert not own, f"{module} imports {own}: write `from .x import y`, so that it can be renamed"


def storey(module):
    """Which storey a module stands on; the engine is below all."""
    found = [i for i, name in enumerate(STOREYS) if f"{module}.".startswith(f"{name}.")]
    return found[0] if found else -1


@pytest.mark.parametrize("module", [name for name in MODULES if storey(name) >= 0])
def test_the_course_imports_the_engine_and_what_stands_below(module):
    for other in imported(MODULES[module]):
        door = module == "course.explorers" and other == "course.playground"
        assert door or storey(other) <= storey(module), f"{module} imports {other}"


def test_the_engine_never_imports_the_course():
    inside = {"": MODULES[""]} | {name: MODULES[name] for name in FLOORS}
    for module, path in inside.items():
        assert not [n for n in imported(path) if n.startswith(("course", "plots"))], module


def test_an_explorer_does_not_import_another():
    for module, path in MODULES.items():
        if module.startswith("course.explorers."):
            siblings = [n for n in imported(path) if n.startswith("course.explorers.")]
            assert not siblings, (
                f"{module} imports {siblings}: what both need belongs to course/kit"
            )


def test_no_imports_run_in_a_circle():
    arrows = {module: set(imported(path, running=True)) - {""} for module, path in MODULES.items()}
    while free := {module for module, targets in arrows.items() if not targets}:
        arrows = {m: targets - free for m, targets in arrows.items() if m not in free}
    assert not arrows, f"these import each other in circles: {arrows}"


# How long things are -------------------------------------------------------------------------


def lines_of_code(text):
    """Number the lines that hold code: no docstrings, comments or blank lines."""
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*quiet, tokenize.ENDMARKER):
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


def size(modules):
    return sum(len(lines_of_code(MODULES[name].read_text("utf8"))) for name in modules)


def test_the_order_of_reading_lists_every_file_but_the_plumbing_from_the_lowest_floor_up():
    listed = re.findall(r"\]\(([\w/]+)\.py\)", (HOUSE / "README.md").read_text("utf8"))
    readable = [name for name in FLOORS if name not in (*PLUMBING, "layers")]
    assert [name.replace("/", ".") for name in listed] == readable, (
        "nnlib/README.md lists the files of the engine in the order of FLOORS"
    )


def test_the_engine_can_be_read_in_an_evening():
    lines = size(set(FLOORS) - set(PLUMBING))
    assert lines <= EVENING, (
        f"what nnlib/README.md lists to read has {lines} lines of code, the evening has {EVENING}: "
        "take something out, or raise EVENING in tests/house/test_structure.py in this commit and "
        "say why in its message: a new part of the engine is a reason"
    )


def test_the_plumbing_stays_small():
    lines = size(PLUMBING)
    assert lines <= CELLAR, (
        f"the plumbing has {lines} lines of code, the cellar holds {CELLAR}: "
        "let a library do it, or raise CELLAR in tests/house/test_structure.py in this commit and "
        "say why in its message"
    )


@pytest.mark.parametrize("module", MODULES)
def test_functions_and_classes_are_short(module):
    text = MODULES[module].read_text("utf8")
    lines = lines_of_code(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            long = len(lines & set(range(node.lineno, node.end_lineno + 1)))
            most = LINES_OF_A_CLASS if isinstance(node, ast.ClassDef) else LINES_OF_A_FUNCTION
            assert long <= most, (
                f"{module}.{node.name} has {long} lines of code, at most {most} are agreed: "
                "give a part of it a name of its own"
            )


# Mathematics first, picture below -----------------------------------------------------------


PICTURES = (
    "ipywidgets",
    "anywidget",
    "matplotlib",
    "nnlib.plots",
    "nnlib.course.kit",
)
"""What widgets and artists come from."""

MATHEMATICS = ("nnlib.course.kit.digits", "nnlib.course.kit.numerals")
"""The files of the kit that know neither."""

EXPERIMENTS = [
    *(name for name in MODULES if name.startswith("course.explorers.")),
    "course.playground.experiment",
]


@pytest.mark.parametrize("module", EXPERIMENTS)
def test_an_experiment_names_neither_widgets_nor_artists(module):
    tree = ast.parse(MODULES[module].read_text("utf8"))
    drawn = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
        if f"{getattr(node, 'module', '')}.{alias.name}".lstrip(".").startswith(PICTURES)
        and getattr(node, "module", "") not in MATHEMATICS
    }
    (experiment,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Experiment")
    named = {n.id for n in ast.walk(experiment) if isinstance(n, ast.Name)}
    assert not named & drawn, f"{module}.Experiment names {named & drawn}: they belong below it"


@pytest.mark.parametrize("module", EXPERIMENTS[:-1])
def test_the_mathematics_stands_above_the_picture(module):
    classes = [
        n for n in ast.parse(MODULES[module].read_text("utf8")).body if isinstance(n, ast.ClassDef)
    ]
    names = [n.name for n in classes]
    explorers = [n.name for n in classes if "Explorer" in [getattr(b, "id", "") for b in n.bases]]
    assert len(explorers) == 1, f"{module}: one file, one explorer, got {explorers}"
    assert "Experiment" in names, f"{module}: what is explored stands in a class Experiment"
    assert names.index("Experiment") < names.index(explorers[0]), (
        f"{module}: the mathematics comes first, {explorers[0]} below Experiment"
    )


def test_the_engine_can_be_loaded_again_under_another_name(tmp_path):
    for path in [*HOUSE.glob("*.py"), *HOUSE.glob("layers/*.py")]:
        copy = tmp_path / "other" / path.relative_to(HOUSE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    code = (
        "import sys, other; X, y = other.make_xor(20);"
        "net = other.Sequential(other.Dense(2, 2));"
        "other.Model(net, other.SoftmaxCrossEntropy(), other.Adam()).fit(X, y, epochs=1);"
        "assert 'nnlib' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
