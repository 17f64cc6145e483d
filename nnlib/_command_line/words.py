"""Words of the command line: each is checked, and a wrong one is told the nearest right one."""

import argparse
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from .._words import OTHER_WORDS


class Parser(argparse.ArgumentParser):
    """Refuses in the same words in every version of Python, under the command's own usage."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    @property
    def flags(self) -> list[str]:
        """The options that it knows."""
        return [flag for flag in self._option_string_actions if flag.startswith("--")]

    def refuse(self, word: str) -> NoReturn:
        """End with the option that was perhaps meant."""
        flag = word.partition("=")[0]
        theirs = flag.lstrip("-").replace("-", "_")
        ours = [
            f"--{our}".replace("_", "-") for our, w in OTHER_WORDS.items() if theirs in w.split()
        ]
        known = [name for name in ours if name in self.flags]
        self.error(f"unrecognized {flag}{_meant(known[:1] or _close(flag, self.flags))}")


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which of the known words was perhaps meant."""
    return _meant(_close(word, known))


def _close(word: str, known: Iterable[str]) -> list[str]:
    by_lower = {name.lower(): name for name in known}
    return [by_lower[name] for name in get_close_matches(word.lower(), by_lower, 1)]


def _meant(names: list[str]) -> str:
    return "".join(f": did you mean {name}?" for name in names)


def one_among(names: Iterable[str]) -> Callable[[str], str]:
    """Make a check: the word is one of these."""
    known = list(names)

    def check(text: str) -> str:
        if text not in known:
            expected = f"expected one of {', '.join(known)}, got {text!r}"
            raise argparse.ArgumentTypeError(expected + nearest(text, known))
        return text

    return check


def whole(text: str) -> int:
    """Check a number of things."""
    return _number(text, int, lambda x: x >= 1, "a whole number of 1 or more")


def seed(text: str) -> int:
    """Check a seed."""
    return _number(text, int, lambda x: x >= 0, "a whole number of 0 or more")


def rate(text: str) -> float:
    """Check a learning rate."""
    return _number(text, float, lambda x: 0 < x < np.inf, "a number above 0")


def amount(text: str) -> float:
    """Check a weight decay."""
    return _number(text, float, lambda x: 0 <= x < np.inf, "a number of 0 or more")


def share(text: str) -> float:
    """Check a probability with which something is left out."""
    return _number(text, float, lambda x: 0 <= x < 1, "a number from 0 to below 1")


def _number(text: str, kind: type, fits: Callable[[Any], bool], expected: str) -> Any:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not fits(value):
        raise argparse.ArgumentTypeError(f"expected {expected}, got {text!r}")
    return value


def place(text: str) -> str:
    """Check, before hours of training, that a file can be put there."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"expected a file, got the folder {text!r}: add a name")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(
            f"the folder {path.parent} does not exist: create it first"
        )
    return text


def picture(text: str) -> str:
    """Check the same of a picture."""
    if Path(text).suffix.lower() not in (".png", ".pdf", ".svg"):
        raise argparse.ArgumentTypeError(
            f"expected a name that ends in .png, .pdf or .svg, got {text!r}"
        )
    return place(text)
