"""The hunt itself: who accuses whom, and what is told of it."""

import inspect
import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from nnlib._table import Table
from nnlib.course.exercises.exercise import Refused
from nnlib.course.exercises.limit import TookTooLong, limited
from nnlib.course.exercises.names import is_stub
from nnlib.course.exercises.printed import few_lines
from nnlib.course.hunt.engine import loaded
from nnlib.course.hunt.mutants import FAMILIES, MUTANTS, mutant

Check = Callable[[Any, np.random.Generator], Any]

SECONDS = 5.0
"""What one check may take on one engine."""

HONEST = 5
"""So many random generators a check meets on the engine as it is: one false alarm is too many."""


@dataclass(frozen=True)
class Score:
    """What the hunt has found; prints as a table."""

    first: dict[int, int]
    """The number of each mutant that was seen, and the place of the check that accused it first."""

    families: tuple[str, ...]
    checks: tuple[str, ...]
    refused: str = ""
    """Why some of the checks may not take part; then nothing was hunted."""

    @property
    def seen(self) -> dict[int, str]:
        """The number of each mutant that was seen, and the check that accused it first."""
        return {number: self.checks[place] for number, place in self.first.items()}

    @property
    def alive(self) -> list[int]:
        """The numbers of those that got away."""
        return [number for number, _ in _of(self.families) if number not in self.first]

    def __len__(self) -> int:
        return len(self.first)

    def __repr__(self) -> str:
        if self.refused:
            return self.refused
        places = list(self.first.values())
        counts = [places.count(i) or "none" for i in range(len(self.checks))]
        first = [(c, f"first to accuse {n}") for c, n in zip(self.checks, counts, strict=True)]
        return f"{Table(*map(self._row, self.families))}\n\n{Table(*first)}\n\n{self._verdict()}"

    def _row(self, family: str) -> tuple[str, str, str]:
        numbers = [number for number, _ in _of([family])]
        alive = [number for number in numbers if number not in self.first]
        away = f"got away: {', '.join(map(str, alive))}" if alive else "all seen"
        return family, f"{len(numbers) - len(alive)} of {len(numbers)}", away

    def _verdict(self) -> str:
        if not self.alive:
            return "Nothing got away."
        number = self.alive[0]
        return f"suspect({number}) lends you number {number} to examine, reveal({number}) shows it."


def hunt(
    checks: Check | Iterable[Check],
    family: str | None = None,
    *,
    progress: bool = True,
) -> Score:
    """Run checks against the engine as it is, then against every mutant.

    Parameters
    ----------
    checks : callable, or list of them
        Each is ``def my_check(nn, rng)``: it builds what it needs from the engine ``nn`` and the
        random generator ``rng``, and accuses by any exception, such as that of an ``assert``. It
        may take five seconds on an engine.
    family : {"gradients", "behaviour", "known answers"}, optional
        Hunt one family only.
    progress : bool
        Whether to show a bar.

    Returns
    -------
    Score
        ``len(score)`` mutants were seen; ``score.seen`` tells by which check, ``score.alive`` who
        got away. A check that accuses the engine as it is, never uses the engine that it is given,
        returns what it should assert, or takes too long, is refused, and nothing is hunted:
        ``score.refused`` says why.
    """
    named = _checked(checks)
    if family is not None and family not in FAMILIES:
        raise ValueError(f"family: expected one of {', '.join(FAMILIES)}, got {family!r}")
    families = tuple(FAMILIES) if family is None else (family,)
    names, first = tuple(map(_name, named)), {}
    try:
        with few_lines(), loaded() as healthy:
            _must_be_honest(named, healthy)
            for number, wrong in _with_bar(list(_of(families)), progress):
                with loaded(wrong) as nn:
                    if (place := _accuser(named, nn, healthy, number)) is not None:
                        first[number] = place
    except Refused as refused:
        return Score({}, families, names, str(refused))
    return Score(first, families, names)


@dataclass(frozen=True)
class Accusations:
    """A check as a function of numbers of mutants and a seed: which of them does it accuse?"""

    check: Check

    def __call__(self, numbers: Sequence[int], seed: int) -> tuple[bool, ...]:
        """Tell for each mutant whether it is accused.

        Raises
        ------
        Refused
            For a check that may not take part.
        """
        with loaded() as healthy:
            _must_be_honest([self.check], healthy)
            return tuple(self._accuses(number, healthy, seed + number) for number in numbers)

    def _accuses(self, number: int, healthy: ModuleType, seed: int) -> bool:
        with loaded(mutant(number)) as nn:
            return _accuser([self.check], nn, healthy, seed) is not None


def accusations(check: Check | Accusations) -> Accusations:
    """Make a function of mutants of a check, unless it is one."""
    return check if isinstance(check, Accusations) else Accusations(check)


def reveal(number: int) -> "Revealed":
    """Show what is wrong with a mutant: its lines in place of the engine's."""
    return Revealed(number)


@dataclass(frozen=True)
class Revealed:
    """A mutant's mistake, in a sentence and in its lines."""

    number: int

    def __post_init__(self) -> None:
        mutant(self.number)

    def _repr_markdown_(self) -> str:
        head, diff = repr(self).split("\n", 1)
        return f"{head}\n\n```diff\n{diff}\n```"

    def __repr__(self) -> str:
        wrong = mutant(self.number)
        where = f"nnlib/{wrong.module.replace('.', '/')}.py"
        return f"{self.number}, {wrong.family}: {wrong.name} ({where})\n{wrong.diff()}"


def _of(families: Iterable[str]) -> Iterator[tuple[int, Any]]:
    """Number the mutants of some families."""
    return ((i, m) for i, m in enumerate(MUTANTS, 1) if m.family in families)


def _checked(checks: Any) -> list[Check]:
    """Make a list of functions of an engine and a random generator."""
    several = isinstance(checks, Iterable) and not isinstance(checks, str)
    found = list(checks) if several else [checks]
    if not found:
        raise ValueError("checks: expected at least one function, got none: def my_check(nn, rng)")
    for check in found:
        if not callable(check):
            how = "write their names, without calling them"
            raise TypeError(f"checks: expected functions, got {check!r:.60}: {how}")
    return found


def _name(check: Check) -> str:
    return getattr(check, "__name__", type(check).__name__)


class _Watched:
    """An engine that notices whether it is used."""

    def __init__(self, nn: ModuleType) -> None:
        self._nn, self.used = nn, False

    def __getattr__(self, name: str) -> Any:
        self.used = True
        return getattr(self._nn, name)


def _must_be_honest(checks: Iterable[Check], healthy: ModuleType) -> None:
    """Refuse checks that accuse the innocent, or can accuse nobody."""
    if refusals := [told for check in checks if (told := _refusal(check, healthy))]:
        raise Refused("\n".join(refusals))


def _refusal(check: Check, healthy: ModuleType) -> str:
    """Say why a check may not take part, if so."""
    name, watched = _name(check), _Watched(healthy)
    try:
        inspect.signature(check).bind(healthy, np.random.default_rng())
    except TypeError:
        return f"{name}: expected a function of an engine and a generator, def {name}(nn, rng)"
    if is_stub(check):
        return f"{name}: not written yet"
    try:
        for seed in range(HONEST):
            if accusation := _accusation(check, watched, seed):
                return _false_alarm(check, accusation)
    except Refused as refused:
        return str(refused)
    if not watched.used:
        return (
            f"{name} never uses the nn that it is given: write nn.Dense, not Dense or nnlib.Dense, "
            "or it looks at one and the same healthy engine every time"
        )
    return ""


def _accuser(checks: Iterable[Check], nn: Any, healthy: Any, seed: int) -> int | None:
    """Find the first check that accuses an engine, and not the healthy one by the same numbers."""
    for place, check in enumerate(checks):
        if _accusation(check, nn, seed):
            if told := _accusation(check, healthy, seed):
                raise Refused(_false_alarm(check, told))
            return place
    return None


def _false_alarm(check: Check, told: str) -> str:
    """Say that a check fails on the engine as it is, and what is likely behind it."""
    if told.startswith("AssertionError"):
        return (
            f"{_name(check)} accuses the engine as it is, which does nothing wrong: {told}: too "
            "narrow a bound, too few steps, too small a network, or one `not` too many?"
        )
    return f"{_name(check)} fails on the engine as it is: {told}"


def _accusation(check: Check, nn: Any, seed: int) -> str:
    """Run a check; say what it accuses the engine of, nothing if it does not."""
    try:
        with _quiet(seed):
            result = limited(lambda: check(nn, np.random.default_rng(seed)), SECONDS)
    except TookTooLong:
        return f"it was stopped after {SECONDS:g} seconds"
    except SystemExit:
        raise Refused(f"{_name(check)} calls sys.exit() or exit(): leave it out") from None
    except Exception as error:
        said = "".join(str(error).strip().splitlines()[:1])
        said = re.sub(r"module '_engine\d+'", "nn", said)
        return f"{type(error).__name__}{': ' if said else ''}{said}"
    if result is not None:
        number = isinstance(result, (bool, int, float, np.generic))
        came = repr(result) if number else f"a {type(result).__name__}"
        raise Refused(
            f"{_name(check)} returns {came}: a check accuses by an exception, so write assert in "
            "place of return"
        )
    return ""


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Silence warnings, of which mutants give many; NumPy's own generator is no coin, either."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        np.random.set_state(state)  # noqa: NPY002


def _with_bar(mutants: Sequence[Any], progress: bool) -> Iterable[Any]:
    """Show how far the hunt has come; under ``NNLIB_PROGRESS=off`` nothing is shown."""
    if not progress or os.environ.get("NNLIB_PROGRESS") == "off":
        return mutants
    from tqdm.auto import tqdm

    bar: Iterable[Any] = tqdm(mutants, desc="hunting", unit="mutant", leave=False)
    return bar
