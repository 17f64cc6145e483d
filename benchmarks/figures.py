"""The figures of proofs that are too long for the tests: each command writes its own line."""

import argparse
import datetime
import re
from pathlib import Path

from benchmarks.machine import processor

README = Path(__file__).resolve().parents[1] / "tests" / "README.md"


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let a command keep its figures."""
    parser.add_argument(
        "--record", action="store_true", help="write the figures into tests/README.md"
    )


def record(proof: str, figures: str, readme: Path = README) -> None:
    """Put what a proof has measured, and where and when, below its command in the README."""
    today = datetime.date.today().isoformat()
    mark = rf"(?<=<!-- {re.escape(proof)} -->\n).*?(?=\n<!-- end -->)"
    text, found = re.subn(
        mark, lambda _: f"{figures} ({processor()}, {today})", readme.read_text("utf8"), flags=re.S
    )
    if not found:
        raise ValueError(
            f"proof: expected one that {readme.name} tells of, got {proof!r}: write what it does "
            f"and <!-- {proof} -->, a line, <!-- end --> into it"
        )
    readme.write_text(text, "utf8")
