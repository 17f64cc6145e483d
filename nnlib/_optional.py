"""Packages that only a part of nnlib needs: which part it is, and how to get the package."""

from collections.abc import Iterator
from contextlib import contextmanager

INSTALLED_AS = {"PIL": "pillow", "sklearn": "scikit-learn"}
"""Packages that are installed under another name than they are imported by."""


@contextmanager
def needed_by(user: str, otherwise: str = "") -> Iterator[None]:
    """Imports inside that fail say what needs the package, and the command that installs it.

    Of several around each other the outermost speaks: it is what was called.

    Parameters
    ----------
    user : str
        What needs the package, as people write it: ``load_digits``.
    otherwise : str
        What would do without it.

    Raises
    ------
    ImportError
        A ModuleNotFoundError where the package is not installed; ``name`` is the package's.
    """
    try:
        yield
    except ImportError as error:
        raw = getattr(error, "raw", error)
        package = (raw.name or "").partition(".")[0]
        if package in ("", __name__.partition(".")[0]):
            raise
        missing = isinstance(raw, ModuleNotFoundError)
        told = (ModuleNotFoundError if missing else ImportError)(
            _sentence(user, package, "" if missing else str(raw), otherwise), name=package
        )
        told.raw = raw  # type: ignore[attr-defined]
        raise told from raw


def _sentence(user: str, package: str, trouble: str, otherwise: str) -> str:
    """Say what is missing, or cannot be imported although it is there, and what to do."""
    name = INSTALLED_AS.get(package, package)
    state = f"which cannot be imported ({trouble})" if trouble else "which is not installed"
    remedy = f"python -m pip install {'--upgrade ' if trouble else ''}{name}"
    return f"{user} needs {name}, {state}: {remedy}" + (f", or use {otherwise}" * bool(otherwise))
