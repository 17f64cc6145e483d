"""``python -m nnlib doctor``: what is here, what is missing, and what to do about it."""

import argparse
import importlib
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .. import _download
from .._optional import INSTALLED_AS
from .._table import Table

NEEDED = (
    *("anywidget", "ipywidgets", "jupyterlab", "matplotlib", "pandas", "pillow", "pooch"),
    *("requests", "safetensors", "scikit-learn", "scipy", "threadpoolctl", "tqdm"),
)
"""What the lessons need, the extra ``lab``: each is imported."""

OTHERS = {
    "test": (
        *("axe-playwright-python", "hypothesis", "mypy", "nbclient", "nbformat", "nbval"),
        *("packaging", "playwright", "pytest", "pytest-cov", "pytest-xdist", "pyyaml", "ruff"),
    ),
    "parity": ("torch",),
    "bench": ("jax", "torch"),
    "cluster": ("dask", "distributed"),
    "mutants": ("mutmut",),
}
"""What nobody needs in order to learn, by extra."""


class Found(NamedTuple):
    """One line: what was looked for, what was found, and, if that is not well, what to do."""

    name: str
    state: str
    remedy: str = ""


def doctor(options: argparse.Namespace) -> int:
    """Print what is here; status 1 if something is missing."""
    lines = [*_versions(), *map(_package, NEEDED), *_others(), _blas(), _cores(), *_data()]
    missing = [line for line in lines if line.remedy]
    if options.json:
        told = {line.name: line.state for line in lines}
        print(json.dumps({**told, "missing": {a.name: a.remedy for a in missing}}, indent=2))
        return bool(missing)
    print(Table(*((line.name, line.state) for line in lines)))
    if not missing:
        print("\neverything is there")
        return 0
    print("\nmissing, and what to do:")
    print(Table(*((line.name, line.remedy) for line in missing)))
    return 1


def _versions() -> list[Found]:
    """Tell the versions of what is always there."""
    ours = getattr(sys.modules[__name__.partition("._")[0]], "__version__", "?")
    return [
        Found("python", f"{platform.python_version()} ({sys.executable})"),
        Found("nnlib", f"{ours} ({Path(__file__).resolve().parents[1]})"),
        Found("numpy", np.__version__),
    ]


def _version(name: str) -> str | None:
    """Tell an installed package's version; None: it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
    except Exception:  # what is left of a package may be anything
        return "of unknown version"


def _package(name: str) -> Found:
    """Import a package: one that is there may still be broken."""
    modules = {there: module for module, there in INSTALLED_AS.items()}
    try:
        importlib.import_module(modules.get(name, name))
    except ModuleNotFoundError as error:
        if error.name == modules.get(name, name):
            return Found(name, "not installed", f"python -m pip install {name}")
        return _broken(name, error)
    except (Exception, SystemExit) as error:
        return _broken(name, error)
    return Found(name, _version(name) or "of unknown version")


def _broken(name: str, error: BaseException) -> Found:
    reason = f"cannot be imported: {type(error).__name__}: {error}".splitlines()[0]
    return Found(name, reason, f"python -m pip install --force-reinstall {name}")


def _others() -> list[Found]:
    """Tell what there is for tests and benchmarks; without it nothing is missing."""
    lines = []
    for extra, names in OTHERS.items():
        found = {name: _version(name) for name in names}
        there = [f"{name} {version}" for name, version in found.items() if version]
        state = ", ".join(there) or "none"
        if absent := [name for name, version in found.items() if version is None]:
            state += f"; not installed: {', '.join(absent)} "
            state += f'(python -m pip install -e ".[{extra}]" in the course\'s folder)'
        lines.append(Found(f"for {extra}", state))
    return lines


def _blas() -> Found:
    """Tell which BLAS multiplies, with which kernels, on how many threads."""
    try:
        from threadpoolctl import threadpool_info

        np.ones((2, 2)) @ np.ones((2, 2))
        found = [
            a for a in threadpool_info() if a["user_api"] == "blas" and "numpy" in a["filepath"]
        ]
        (first, *_) = found or [a for a in threadpool_info() if a["user_api"] == "blas"]
        kernels = first.get("architecture") or "unknown"
        name = f"{first['internal_api']} {first['version'] or ''}".strip()
        return Found("blas", f"{name}, {kernels} kernels, {first['num_threads']} threads")
    except Exception:  # it is not there, or knows this BLAS not
        return Found("blas", f"{_built_with()}, kernels and threads unknown")


def _built_with() -> str:
    """Name the BLAS that NumPy was built with."""
    try:
        config: Any = np.show_config(mode="dicts")
        return str(config["Build Dependencies"]["blas"]["name"])
    except Exception:
        return "unknown"


def _cores() -> Found:
    ours = getattr(os, "sched_getaffinity", lambda pid: range(os.cpu_count() or 1))(0)
    return Found("cores", f"{len(ours)} of {os.cpu_count() or '?'}")


def _data() -> list[Found]:
    """Look for the data sets, and for the learner's own copies of the lessons."""
    book = Path(__file__).resolve().parents[2] / "workbook"
    lessons = len(list(book.glob("*.ipynb")))
    state = f"{book}, {lessons} lessons" if lessons else "not there yet: make lab makes it"
    return [_digits(), _mnist(), _fashion(), Found("workbook", state)]


def _digits() -> Found:
    there = not _package("scikit-learn").remedy
    state = "with scikit-learn" if there else "not there: they come with scikit-learn"
    return Found("digits", state, "" if there else "python -m pip install scikit-learn")


def _mnist() -> Found:
    """Look where `load_mnist` does, and download nothing."""
    try:
        found = _download.found("mnist")
    except Exception as error:
        return Found("mnist", "not there", str(error))
    if found is None:
        folder = _download.data_folder() / "mnist"
        return Found("mnist", f"not in {folder}", "nnlib.load_mnist() downloads it, 11 MB")
    return Found("mnist", str(found))


def _fashion() -> Found:
    """The same of Fashion-MNIST, which no lesson needs."""
    try:
        found = _download.found("fashion-mnist")
    except Exception:  # the folder holds other files, or is none
        return Found("fashion-mnist", "not in the folder that NNLIB_DATA names; no lesson needs it")
    remedy = "not there, no lesson needs it: nnlib.load_fashion_mnist() downloads it, 31 MB"
    return Found("fashion-mnist", str(found or remedy))
