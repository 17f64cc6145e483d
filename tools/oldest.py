"""Run the unit tests with the oldest packages that pyproject.toml allows.

python tools/oldest.py                  all but those that need a browser
python tools/oldest.py tests/engine -x  other words are pytest's

The packages are installed in .venv-oldest, at exactly their lower bounds; what these need in turn
is as new as they allow. The Python is the oldest that is promised.
"""

import os
import re
import sys
import tomllib

if __package__:
    from tools import environment
else:
    import environment

FOLDER, EXTRAS = ".venv-oldest", ("lab", "test")

# Old packages meet new ones of others here, and are told of what will be gone one day.
PYTEST = ["-m", "pytest", "-q", "-W", "ignore::DeprecationWarning"]
ALL = ["tests", "nnlib", "--ignore=tests/browser"]


def main(words):
    if {"-h", "--help"} & set(words):
        print(__doc__, end="")
        return 0
    if sys.version_info[:2] != environment.OLDEST:
        version = ".".join(map(str, environment.OLDEST))
        example = f"make test-oldest PYTHON=python{version}"
        sys.exit(f"the oldest packages are for Python {version}, pass it: {example}")
    os.environ["VENV"] = FOLDER
    python = ready()
    return environment.run([python, *PYTEST, *(words or ALL)], NNLIB_PROGRESS="off", PYTHONUTF8="1")


def ready():
    """Return the Python of an environment in which each package is at its lower bound."""
    python, marker = environment.ready(), environment.ROOT / FOLDER / ".oldest"
    if environment.outdated(marker):
        print(f"setting up {FOLDER} …", flush=True)
        project = (environment.ROOT / "pyproject.toml").read_text("utf8")
        bounds = marker.with_name("oldest.txt")
        bounds.write_text("\n".join(pins(tomllib.loads(project)["project"])), "utf8")
        environment.install(python, EXTRAS, "-c", bounds)
        marker.touch()
    return python


def pins(project):
    """List what is required, numpy>=2.0 as numpy==2.0."""
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *(text for name in EXTRAS for text in extras[name])]
    if loose := [text for text in required if not re.fullmatch(r"[\w-]+>=[\d.]+", text)]:
        sys.exit(f"pyproject.toml: expected a lower bound alone, such as numpy>=2.0, got {loose}")
    return [text.replace(">=", "==") for text in required]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
