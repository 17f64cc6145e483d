"""What keeps the repository in order: requirements, imports, floors, two commands."""

import ast
import io
import json
import re
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from workbook import copy_lessons

import nnlib
from nnlib.__main__ import _parser

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "playwright-python": "playwright"}

# Lowest first; a module imports only from those above it in this list.
FLOORS = (
    "_typing",
    "_validation",
    "_views",
    "_report",
    "activations",
    "initializers",
    "schedules",
    "metrics",
    "_download",
    "datasets",
    "layers",
    "activation_layers",
    "dropout",
    "normalization",
    "convolution",
    "_loss",
    "losses",
    "_optimizer",
    "optimizers",
    "adaptive",
    "network",
    "gradcheck",
    "_examples",
    "evaluation",
    "training",
    "model",
)
LEAVES = ("_keys", "plots", "explorers", "exercises", "__main__")


def requirements(texts):
    return {(r.name, str(r.specifier)) for r in map(Requirement, texts)}


def test_conda_and_pip_users_get_the_same_requirements():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf8"))
    assert conda["channels"] == ["conda-forge"]
    names = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    pip = [entry for entry in conda["dependencies"] if isinstance(entry, dict)]
    assert pip == [{"pip": ["-e ."]}]
    found = {(CONDA_NAMES.get(name, name), spec) for name, spec in requirements(names)}
    extras = PROJECT["optional-dependencies"]
    wanted = requirements(PROJECT["dependencies"] + extras["lab"] + extras["test"])
    assert found - {("pip", "")} == wanted | {("python", PROJECT["requires-python"])}


def test_the_version_is_the_same_everywhere():
    assert nnlib.__version__ == PROJECT["version"]


def test_importing_nnlib_imports_numpy_and_no_other_package():
    code = "import sys, nnlib; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split()) - set(sys.stdlib_module_names)
    others = {
        "matplotlib",
        "ipywidgets",
        "anywidget",
        "sklearn",
        "scipy",
        "IPython",
        "tqdm",
        "pooch",
    }
    assert {"nnlib", "numpy"} <= loaded
    assert not loaded & (others | {"requests", "torch", "pandas"})


def modules():
    for path in sorted((ROOT / "nnlib").rglob("*.py")):
        yield path.relative_to(ROOT / "nnlib").with_suffix("").parts, path


def test_every_module_stands_on_a_floor():
    found = {parts[0] for parts, _ in modules()} - {"__init__"}
    assert found == set(FLOORS) | set(LEAVES)


def imported(path):
    """Name the modules of nnlib that a file imports."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "nnlib":
            names = [f"nnlib.{a.name}" for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (n.split(".")[1] for n in names if n.startswith("nnlib."))


@pytest.mark.parametrize("module", FLOORS)
def test_a_module_imports_only_from_floors_below(module):
    below = FLOORS[: FLOORS.index(module)]
    assert set(imported(ROOT / "nnlib" / f"{module}.py")) <= set(below)


def lines_of_code(path):
    """Count lines that hold code: no docstrings, comments or blank lines."""
    text = path.read_text("utf8")
    quiet = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    lines = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*quiet, tokenize.ENDMARKER):
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return len(lines)


def test_a_learner_can_read_the_package_in_an_evening():
    paths = [ROOT / "nnlib" / f"{module}.py" for module in FLOORS]
    assert max(len(path.read_text("utf8").splitlines()) for path in paths) <= 270
    assert sum(map(lines_of_code, paths)) <= 2400


def test_everything_public_has_a_docstring():
    for name in nnlib.__all__:
        assert getattr(nnlib, name).__doc__, name


def lesson(text):
    cell = {"cell_type": "code", "source": [text], "outputs": ["an output"], "execution_count": 1}
    return json.dumps({"cells": [cell | {"metadata": {}, "id": "a"}], "metadata": {}})


@pytest.fixture
def lessons(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "00_start_here.ipynb").write_text(lesson("one"), "utf8")
    return folder


def test_a_workbook_holds_copies_without_outputs(lessons, tmp_path):
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    mine = json.loads((tmp_path / "workbook" / "00_start_here.ipynb").read_text("utf8"))
    assert mine["cells"][0]["source"] == ["one"]
    assert mine["cells"][0]["outputs"] == []
    assert mine["cells"][0]["execution_count"] is None


def test_worked_solutions_come_along(lessons, tmp_path):
    (lessons / "solutions").mkdir()
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("one"), "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    mine = tmp_path / "workbook" / "solutions" / "04_backprop.ipynb"
    assert json.loads(mine.read_text("utf8"))["cells"][0]["outputs"] == []
    mine.write_text("my own work", "utf8")
    (lessons / "solutions" / "04_backprop.ipynb").write_text(lesson("two"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "rename workbook/solutions/04_backprop.ipynb" in message


def test_a_copy_is_never_overwritten_and_a_changed_lesson_is_told(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    mine = tmp_path / "workbook" / "00_start_here.ipynb"
    mine.write_text("my own work", "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    (lessons / "00_start_here.ipynb").write_text(lesson("two"), "utf8")
    (message,) = copy_lessons(lessons, tmp_path / "workbook")
    assert "00_start_here.ipynb has changed since your copy was made" in message
    assert mine.read_text("utf8") == "my own work"


def test_a_renamed_copy_makes_room_for_the_new_version(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    (lessons / "00_start_here.ipynb").write_text(lesson("two"), "utf8")
    mine = tmp_path / "workbook" / "00_start_here.ipynb"
    mine.rename(mine.with_name("old.ipynb"))
    assert copy_lessons(lessons, tmp_path / "workbook") == []
    assert json.loads(mine.read_text("utf8"))["cells"][0]["source"] == ["two"]


def test_only_outputs_that_changed_are_no_news(lessons, tmp_path):
    copy_lessons(lessons, tmp_path / "workbook")
    path = lessons / "00_start_here.ipynb"
    path.write_text(path.read_text("utf8").replace("an output", "another output"), "utf8")
    assert copy_lessons(lessons, tmp_path / "workbook") == []


def test_the_readme_names_every_lesson_that_exists_and_no_other():
    readme = (ROOT / "README.md").read_text("utf8")
    linked = set(re.findall(r"\(notebooks/([\w.]+\.ipynb)\)", readme))
    assert linked == {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}


def test_links_between_files_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("data/*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_code_in_the_readme_runs():
    readme = (ROOT / "README.md").read_text("utf8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.S)
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "'accuracy': 0.9" in done.stdout
        assert "all gradients agree" in done.stdout


def test_the_commands_in_the_readme_are_understood():
    readme = (ROOT / "README.md").read_text("utf8")
    commands = re.findall(r"^python -m nnlib (.+)$", readme, re.M)
    assert commands
    for command in commands:
        _parser().parse_args(command.split())
