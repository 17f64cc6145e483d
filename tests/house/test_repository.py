"""What keeps the repository in order: requirements, imports, floors, two commands."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import nnlib
from nnlib.course import explorers

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
CONDA_NAMES = {"matplotlib-base": "matplotlib", "playwright-python": "playwright"}


def requirements(texts):
    return {(r.name, str(r.specifier)) for r in map(Requirement, texts)}


def test_conda_and_pip_users_get_the_same_requirements():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf8"))
    assert conda["channels"] == ["conda-forge"]
    names = [entry for entry in conda["dependencies"] if isinstance(entry, str)]
    (pip,) = (entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict))
    *others, last = pip  # what conda-forge does not have, and the project itself
    assert last == "-e ."
    found = {(CONDA_NAMES.get(name, name), spec) for name, spec in requirements([*names, *others])}
    extras = PROJECT["optional-dependencies"]
    wanted = requirements(PROJECT["dependencies"] + extras["lab"] + extras["test"])
    assert found - {("pip", "")} == wanted | {("python", PROJECT["requires-python"])}


def test_the_version_is_the_same_everywhere():
    assert nnlib.__version__ == PROJECT["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    assert str(citation["version"]) == PROJECT["version"]


def test_a_citation_has_what_it_needs():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert [author["name"] for author in citation["authors"]] == ["The nnlib authors"]
    assert citation["license"] == PROJECT["license"]


def test_what_is_installed_is_not_called_as_another_project():
    assert PROJECT["name"] == "nnlib-course"
    assert "`pip install nnlib`" in (ROOT / "README.md").read_text("utf8")


def test_no_text_asks_for_extras_of_an_index():
    for path in (ROOT / "nnlib").rglob("*.py"):
        assert "nnlib[" not in path.read_text("utf8"), path


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
        "PIL",
    }
    assert {"nnlib", "numpy"} <= loaded
    assert not loaded & (others | {"requests", "torch", "pandas"})


def test_everything_public_has_a_docstring():
    for name in nnlib.__all__:
        assert getattr(nnlib, name).__doc__, name


def test_the_readme_names_every_lesson_that_exists_and_no_other():
    readme = (ROOT / "README.md").read_text("utf8")
    linked = set(re.findall(r"\(notebooks/([\w.]+\.ipynb)\)", readme))
    assert linked == {path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}


def test_links_between_files_lead_somewhere():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("data/*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def workflow():
    return yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text("utf8"))


def lines_of(job):
    """What a job of the workflow runs."""
    return [step["run"] for step in job["steps"] if "run" in step]


def test_every_python_that_is_promised_is_tried():
    prefix = "Programming Language :: Python :: 3."
    promised = [f"3.{c.removeprefix(prefix)}" for c in PROJECT["classifiers"] if prefix in c]
    test = workflow()["jobs"]["test"]
    assert test["strategy"]["matrix"]["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"
    assert lines_of(test) == ["bash .ci/run"]


def test_lint_waits_for_nobody():
    lint = workflow()["jobs"]["lint"]
    assert lines_of(lint) == ["python tools/check.py lint"]
    assert "needs" not in lint


def test_macos_and_windows_check_the_same():
    job = workflow()["jobs"]["elsewhere"]
    assert job["strategy"]["matrix"]["system"] == ["macos-latest", "windows-latest"]
    assert lines_of(job) == ["python tools/check.py"]


def test_the_oldest_numpy_and_the_newest_are_tried():
    oldest, newest = workflow()["jobs"]["numpy"]["strategy"]["matrix"]["include"]
    assert PROJECT["dependencies"] == [oldest["numpy"].replace("==", ">=").removesuffix(".*")]
    assert PROJECT["requires-python"] == f">={oldest['python']}"
    assert newest["numpy"] == "numpy"


def test_all_lower_bounds_are_tried():
    job = workflow()["jobs"]["oldest"]
    (python,) = (step["with"] for step in job["steps"] if "python-version" in step.get("with", ()))
    assert PROJECT["requires-python"] == f">={python['python-version']}"
    assert lines_of(job) == ["python tools/oldest.py"]


def test_what_is_released_meanwhile_is_tried_every_week():
    assert workflow()[True]["schedule"]  # YAML reads the key `on` as true
    dependabot = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf8"))
    systems = {update["package-ecosystem"]: update for update in dependabot["updates"]}
    assert systems.keys() == {"github-actions", "pip"}
    assert all(update["schedule"]["interval"] == "weekly" for update in systems.values())


@pytest.mark.parametrize("form", ["lesson", "exercise"])
def test_an_issue_form_asks_for_what_one_needs(form):
    path = ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml"
    issue = yaml.safe_load(path.read_text("utf8"))
    assert {"name", "description", "body"} <= issue.keys()
    ids = [field["id"] for field in issue["body"]]
    assert len(set(ids)) == len(ids) >= 4
    assert all(field["attributes"]["label"] for field in issue["body"])


def test_what_an_issue_form_asks_to_run_runs():
    path = ROOT / ".github" / "ISSUE_TEMPLATE" / "exercise.yml"
    code = re.search(r"prints: `(.+)`", path.read_text("utf8"))[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{nnlib.__version__} ")


def test_mutants_are_made_of_files_that_exist_and_met_by_tests_that_exist():
    mutmut = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["tool"]["mutmut"]
    for paths in ("only_mutate", "pytest_add_cli_args_test_selection", "also_copy"):
        assert mutmut[paths]
        assert all(list(ROOT.glob(path)) for path in mutmut[paths])


def test_hooks_are_those_of_make_format():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf8"))
    assert [hook["id"] for repo in hooks["repos"] for hook in repo["hooks"]] == [
        "ruff-check",
        "ruff-format",
    ]


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("from nnlib.exercises import check", "from nnlib.course import check, hint"),
        ("from nnlib import explorers", "from nnlib.course import explorers"),
        ("import nnlib.explorers", "from nnlib.course import explorers"),
    ],
)
def test_an_old_copy_is_told_what_to_import_and_how_to_get_the_new_edition(line, remedy):
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode
    assert remedy in done.stderr
    assert "`make lab UPDATE=04` for lesson 04" in done.stderr


def test_the_readme_names_every_explorer():
    readme = (ROOT / "README.md").read_text("utf8")
    unnamed = [name for name in explorers.__all__ if not re.search(rf"\b{name}\b", readme)]
    assert not unnamed, f"README.md, section The explorers: name {', '.join(unnamed)}"


def test_all_browser_tests_run_in_one_process_and_others_beside_it(tmp_path):
    code = (
        "import os, pathlib, pytest\n"
        "@pytest.mark.parametrize('i', range(6))\n"
        "def test_who(i):\n"
        "    with open(pathlib.Path(__file__).with_suffix('.txt'), 'a') as file:\n"
        "        print(os.environ['PYTEST_XDIST_WORKER'], file=file)\n"
    )
    tests = tmp_path / "tests"
    for name in ("browser", "engine"):
        (tests / name).mkdir(parents=True)
        (tests / name / f"test_{name}.py").write_text(code, "utf8")
    shutil.copy2(ROOT / "tests" / "conftest.py", tests)
    (tmp_path / "pytest.ini").write_text("[pytest]\n", "utf8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "xdist", "-n", "2", "tests"]
    variables = os.environ | {"PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    workers = {p.stem: p.read_text("utf8").split() for p in tests.rglob("*.txt")}
    assert len(workers["test_browser"]) == len(workers["test_engine"]) == 6
    assert len({*workers["test_browser"]}) == 1
    assert {*workers["test_engine"]} - {*workers["test_browser"]}
