"""The virtual environment: made where missing, and brought up to date when pyproject.toml changed.

python tools/environment.py              make it, without any package; print where its Python is
python tools/environment.py lab test     install what these extras of pyproject.toml name

It is made with uv where that is installed, else with pip; in .venv, or where VENV says.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)

# One thread: faster for small matrices, and the same sums in the same order on every machine.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


def ready(*extras):
    """Return the environment's Python, with what these extras name installed."""
    name = os.environ.get("VENV", ".venv")
    folder = ROOT / name
    python = python_in(folder)
    if not python.exists():
        make(folder)
    if stale := [extra for extra in extras if outdated(folder / f".{extra}")]:
        print(f"setting up {name} for {','.join(stale)} …", flush=True)
        install(python, stale)
        for extra in stale:
            (folder / f".{extra}").touch()
    return str(python)


def python_in(folder):
    """Where an environment keeps its Python."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def outdated(marker):
    """Whether an extra has changed, perhaps, since it was installed."""
    return not marker.exists() or marker.stat().st_mtime < (ROOT / "pyproject.toml").stat().st_mtime


def make(folder):
    """Make an environment of the Python that runs this."""
    if sys.version_info < OLDEST:
        sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 …")
    if shutil.which("uv"):
        must("uv", "venv", "-q", "--python", sys.executable, folder)
    else:
        must(sys.executable, "-m", "venv", folder)


def install(python, extras, *options):
    """Install this project as it stands here, and what its extras name."""
    project = [*options, "-e", f".[{','.join(extras)}]"]
    if shutil.which("uv"):
        must("uv", "pip", "install", "-q", "--python", python, *project)
    else:
        must(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *project)


def must(*command):
    """Run a command; where it fails it has said why, and all ends."""
    if status := run(command):
        sys.exit(status)


def run(command, **variables):
    """Run a command on one thread and return its exit status.

    Ctrl-C is left to the command: JupyterLab asks whether it is meant.
    """
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | ONE_THREAD | variables)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)


def with_pip(python):
    """Make sure that an environment has pip, which uv leaves out."""
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode:
        must(python, "-m", "ensurepip", "-q")
    return python


if __name__ == "__main__":
    if extras := sys.argv[1:]:
        ready(*extras)
    else:
        print(with_pip(ready()))
