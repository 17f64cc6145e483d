"""The two commands: the environment they set up, the stages that are checked, what Ctrl-C does.

Nothing is installed here: the commands that would do it are written down.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools import check, environment, lab, oldest

ROOT = Path(__file__).parents[2]
PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project without environment, in a folder of its own."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.delenv("VENV", raising=False)
    return tmp_path


@pytest.fixture
def commands(monkeypatch):
    """What is run, in order; an environment gets its Python, as if it were made."""
    lines = []

    def run(command, **variables):
        lines.append([str(word) for word in command])
        if "venv" in command:
            (command[-1] / PYTHON).parent.mkdir(parents=True)
            (command[-1] / PYTHON).touch()
        return 0

    for module in (environment, lab, check):
        monkeypatch.setattr(module, "run", run)
    return lines


@pytest.mark.parametrize("uv", [None, "/usr/bin/uv"])
def test_an_environment_is_made_and_filled_once(project, commands, monkeypatch, uv, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: uv)
    python = str(project / ".venv" / PYTHON)
    assert environment.ready("lab", "test") == environment.ready("lab", "test") == python
    made, filled = commands
    if uv:
        assert made == ["uv", "venv", "-q", "--python", sys.executable, str(project / ".venv")]
        assert filled[:6] == ["uv", "pip", "install", "-q", "--python", python]
    else:
        assert made == [sys.executable, "-m", "venv", str(project / ".venv")]
        assert filled[:4] == [python, "-m", "pip", "install"]
    assert filled[-2:] == ["-e", ".[lab,test]"]
    assert capsys.readouterr().out == "setting up .venv for lab,test …\n"


def test_new_requirements_are_installed_and_no_others(project, commands):
    environment.ready("lab")
    environment.ready("lab", "test")
    assert commands[-1][-1] == ".[test]"
    future = (project / ".venv" / ".test").stat().st_mtime + 10
    os.utime(project / "pyproject.toml", (future, future))
    environment.ready("lab")
    assert commands[-1][-1] == ".[lab]"


def test_what_failed_is_not_taken_for_installed(project, commands, monkeypatch):
    environment.ready()
    monkeypatch.setattr(environment, "run", lambda command: 3)
    with pytest.raises(SystemExit, match="3"):
        environment.ready("lab")
    assert environment.outdated(project / ".venv" / ".lab")


def test_the_environment_may_be_elsewhere(project, commands, monkeypatch, tmp_path):
    monkeypatch.setenv("VENV", str(tmp_path / "elsewhere"))
    assert environment.ready() == str(tmp_path / "elsewhere" / PYTHON)


def test_an_old_python_is_told_which_is_needed(project, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"Python 3.11 or newer is needed"):
        environment.ready()


def test_the_oldest_python_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, environment.OLDEST))


def test_commands_run_on_one_thread_in_the_project(tmp_path):
    code = "import os, sys; sys.exit(os.environ['OMP_NUM_THREADS'] + os.environ['OWN'] != '12')"
    assert environment.run([sys.executable, "-c", code], OWN="2") == 0


@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of a terminal")
def test_ctrl_c_is_left_to_the_command():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    code = """if True:
        import os, signal, sys, time
        try:
            os.kill(os.getppid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(30)
        except KeyboardInterrupt:
            sys.exit(7)
        """
    try:
        assert environment.run([sys.executable, "-c", code]) == 7
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


ALL = ["lint", "unit", "lessons"]


@pytest.mark.parametrize(
    ("words", "stages", "others"),
    [
        ("", ALL, []),
        ("lessons lint", ["lint", "lessons"], []),
        ("unit tests/engine", ["unit"], ["tests/engine"]),
        ("tests/engine -k dense", ["unit"], ["tests/engine", "-k", "dense"]),
        ("lint nnlib", ["lint", "unit"], ["nnlib"]),
    ],
)
def test_stages_are_chosen_by_name_and_other_words_are_pytests(words, stages, others):
    assert check.chosen(words.split()) == (stages, others)


def test_each_stage_runs_its_commands(commands, capsys):
    assert check.main(["--here"]) == 0
    assert all(line[0] == sys.executable for line in commands)
    told = [line for line in commands if line[1] != "-c"]  # that asks for MNIST
    modules = [line[2] if line[1] == "-m" else line[1] for line in told]
    assert modules == ["ruff", "ruff", "mypy", "pytest", "tools/run_notebooks.py", "pytest"]
    assert capsys.readouterr().out.count("$ ") == len(told)


def test_the_first_command_that_fails_ends_the_check(commands, monkeypatch):
    monkeypatch.setattr(check, "run", lambda command, **_: commands.append(command) or 5)
    assert check.main(["--here", "lint"]) == 5
    assert len(commands) == 1


def test_a_part_of_the_tests_runs_in_one_process(commands):
    check.main(["--here", "tests/engine/test_layers.py"])
    assert commands == [[sys.executable, *check.PYTEST, "tests/engine/test_layers.py"]]


def test_the_lab_gets_the_options_that_it_knows(commands):
    assert lab.main(["notebooks", "--here", "--port=8890"]) == 0
    copies, server = commands
    assert copies == [sys.executable, "tools/workbook.py", "notebooks"]
    assert server[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in server
    assert "--ServerApp.ip=127.0.0.1" in server
    assert server[-1] == "--port=8890"


def test_the_lab_gets_a_new_edition_first_and_opens_it(commands):
    assert lab.main(["--here", "--update", "4"]) == 0
    edition, copies, server = commands
    assert edition == [sys.executable, "tools/new_edition.py", "workbook", "04"]
    assert copies == [sys.executable, "tools/workbook.py", "workbook"]
    assert "--LabApp.default_url=/lab/tree/workbook/04_backprop.ipynb" in server


def test_make_hands_the_lesson_on_that_is_to_be_updated():
    lab_rule = (ROOT / "Makefile").read_text("utf8").partition("\nlab:\n")[2].partition("\n\n")[0]
    assert "$(if $(UPDATE),--update $(UPDATE))" in lab_rule


# The oldest packages ----------------------------------------------------------------------------

REQUIRED = """
[project]
dependencies = ["numpy>=2.0"]
[project.optional-dependencies]
lab = ["scikit-learn>=1.5"]
test = ["pytest>=8.2", "ruff>=0.12"]
bench = ["jax>=0.4"]
"""


@pytest.fixture
def old_python(project, monkeypatch):
    """A project with requirements, and the oldest Python."""
    (project / "pyproject.toml").write_text(REQUIRED, "utf8")
    monkeypatch.setattr(sys, "version_info", (3, 11, 4))
    monkeypatch.setenv("VENV", ".venv")  # restored after `main` has named another
    return project


def test_the_oldest_packages_are_installed_once_at_their_lower_bounds(old_python, commands):
    assert oldest.main(["tests/engine", "-x"]) == oldest.main([]) == 0
    folder = old_python / ".venv-oldest"
    pins = (folder / "oldest.txt").read_text("utf8").split()
    assert pins == ["numpy==2.0", "scikit-learn==1.5", "pytest==8.2", "ruff==0.12"]
    _, filled, first, second = commands
    assert filled[-4:] == ["-c", str(folder / "oldest.txt"), "-e", ".[lab,test]"]
    assert first == [str(folder / PYTHON), *oldest.PYTEST, "tests/engine", "-x"]
    assert second[len(oldest.PYTEST) + 1 :] == oldest.ALL


def test_new_bounds_are_installed_anew(old_python, commands):
    oldest.main([])
    (old_python / "pyproject.toml").write_text(REQUIRED.replace("8.2", "8.3"), "utf8")
    future = (old_python / ".venv-oldest" / ".oldest").stat().st_mtime + 10
    os.utime(old_python / "pyproject.toml", (future, future))
    oldest.main([])
    assert "pytest==8.3" in (old_python / ".venv-oldest" / "oldest.txt").read_text("utf8")
    assert sum("-e" in line for line in commands) == 2


def test_the_oldest_packages_ask_for_the_oldest_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    with pytest.raises(SystemExit, match=r"for Python 3.11, pass it: make test-oldest PYTHON="):
        oldest.main([])


@pytest.mark.parametrize("text", ["numpy", "numpy>=2.0,<3", "numpy==2.0"])
def test_a_requirement_without_a_plain_lower_bound_is_told(text):
    project = {"dependencies": [text], "optional-dependencies": {"lab": [], "test": []}}
    with pytest.raises(SystemExit, match="expected a lower bound alone"):
        oldest.pins(project)


def test_each_requirement_of_the_project_has_a_lower_bound():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    assert "numpy==2.0" in oldest.pins(project)


@pytest.mark.parametrize("script", ["tools/lab.py", "tools/check.py"])
def test_the_scripts_say_what_they_do(script):
    done = subprocess.run(
        [sys.executable, script, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert f"python {script} --here" in done.stdout


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_help_names_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.search(r"^\.PHONY: help (.*) clean$", (ROOT / "Makefile").read_text("utf8"), re.M)
    assert re.findall(r"^make (\S+) ", done.stdout, re.M) == targets[1].split()
