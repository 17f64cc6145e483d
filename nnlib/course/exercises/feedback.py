"""Where to tell that something in a lesson is wrong or unclear."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

ROOT = Path(__file__).resolve().parents[3]
"""The folder of the course, where it is a clone."""

FORM = ".github/ISSUE_TEMPLATE/lesson.yml"

ELSEWHERE = "Tell whoever gave you the course: which lesson, which sentence or cell."

ON_GITHUB = re.compile(
    r"(?:(?:https?|git|ssh)://(?:[^/@\s]+@)?|[\w-]+@)(?:www\.|ssh\.)?github\.com(?::\d+/|[:/])/?"
    r"([A-Za-z0-9-]+)/([\w.-]+?)(?:\.git)?/?",
    re.ASCII,
)
"""The ways in which git writes the address of a repository there, a password left out."""


def form(where: str, root: Path | None = None) -> str | None:
    """Return the address of the form for lessons, "where" filled in; None: not on GitHub.

    It is that of the clone's own remote, "upstream" before "origin" (in a fork, upstream is the
    course), as written in git's own settings: nothing is run, and nothing is sent.
    """
    root = root or ROOT
    if not (root / FORM).exists():
        return None
    found = dict(_remotes(root))
    for name in dict.fromkeys(["upstream", "origin", *found]):
        match = ON_GITHUB.fullmatch(found.get(name, ""))
        if match:
            owner, repository = match.groups()
            issues = f"https://github.com/{owner}/{repository}/issues/new"
            return f"{issues}?template={Path(FORM).name}&where={quote_plus(where)}"
    return None


def _remotes(root: Path) -> Iterator[tuple[str, str]]:
    """Name the remotes of a clone, each with its address."""
    name = None
    for line in _settings(root).splitlines():
        if line.lstrip().startswith("["):
            section = re.match(r'\s*\[remote\s+"([^"\\]+)"\]', line, re.I)
            name = section and section[1]
        address = re.match(r'\s*url\s*=\s*"?([^\s"#;]+)"?', line, re.I)
        if name and address:
            yield name, address[1]


def _settings(root: Path) -> str:
    """Return git's settings of a clone, or of the clone that a second work tree belongs to."""
    try:
        git = root / ".git"
        if git.is_file():
            git = root / git.read_text("utf8").removeprefix("gitdir:").strip()
            common = git / "commondir"
            if common.exists():
                git = git / common.read_text("utf8").strip()
        return (git / "config").read_text("utf8")
    except (OSError, ValueError):
        return ""
