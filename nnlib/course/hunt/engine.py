"""The engine, loaded once more under a private name, with a mistake in it or without."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from itertools import count
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from nnlib.course.hunt.mutants import ENGINE, Mutant, mutant

NAMES = (f"_engine{i}" for i in count())
"""A name of its own for each engine."""


@contextmanager
def loaded(wrong: Mutant | None = None) -> Iterator[ModuleType]:
    """Load the engine under a private name; None: as it is.

    Nothing of it is shared with `nnlib`, and when the block ends nothing of it is left behind.
    """
    name = next(NAMES)
    finder = _Finder(name, wrong)
    sys.meta_path.insert(0, finder)
    try:
        yield import_module(name)
    finally:
        sys.meta_path.remove(finder)
        for module in [m for m in sys.modules if m.partition(".")[0] == name]:
            del sys.modules[module]


class _Finder(MetaPathFinder, Loader):
    """Find the modules of one engine; all come from nnlib's files, but one with a changed text."""

    def __init__(self, name: str, wrong: Mutant | None) -> None:
        self.name, self.wrong = name, wrong

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        name, _, below = fullname.partition(".")
        if name != self.name:
            return None
        place = ENGINE.joinpath(*below.split(".")) if below else ENGINE
        package = place.is_dir()
        file = place / "__init__.py" if package else place.with_suffix(".py")
        inside = [str(place)] if package else None
        if not file.exists():
            return None
        return spec_from_file_location(
            fullname, file, loader=self, submodule_search_locations=inside
        )

    def exec_module(self, module: ModuleType) -> None:
        file = Path(str(module.__file__))
        if self.wrong is not None and self.wrong.path == file:
            code = compile(self.wrong.source(), file, "exec")
        else:
            code = _compiled(file)
        exec(code, vars(module))


@cache
def _compiled(file: Path) -> CodeType:
    """Compile a module as it is, once for all engines."""
    return compile(file.read_text("utf8"), file, "exec")


class Suspect:
    """The engine of one mutant, in a ``with`` block: ``with suspect(7) as nn:``."""

    def __init__(self, number: int) -> None:
        self._number, self._lent = number, loaded(mutant(number))

    def __enter__(self) -> ModuleType:
        return self._lent.__enter__()

    def __exit__(self, *error: Any) -> bool | None:
        return self._lent.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        """Tell who has forgotten the ``with``."""
        raise AttributeError(
            f"suspect({self._number}) lends an engine for a block: write "
            f"with suspect({self._number}) as nn: and then nn.{name}"
        )


def suspect(number: int) -> Suspect:
    """Lend the engine of one mutant, to be examined: ``with suspect(7) as nn:``."""
    return Suspect(number)
