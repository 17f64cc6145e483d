"""Figures at twice the resolution, for screens that have two pixels for each of the page."""

import sys
from importlib import import_module


def sharp_figures() -> None:
    """Let the notebook that runs this draw figures as sharp as its letters, and no larger.

    This is what ``%config InlineBackend.figure_formats = ["retina"]`` does. It imports no
    matplotlib, does nothing outside IPython, and leaves formats alone that someone has chosen.
    """
    shell = import_module("IPython").get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return
    backend = import_module("matplotlib_inline.config").InlineBackend.instance(parent=shell)
    if backend.figure_formats == {"png"}:
        backend.figure_formats = {"retina"}
