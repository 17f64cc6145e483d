"""Run everything that must hold: `make test`, where there is no make.

python tools/check.py                                    lint, unit, lessons, one after the other
python tools/check.py lint unit                          some of them
python tools/check.py unit tests/engine/test_layers.py   the unit tests of one part
python tools/check.py --here unit                        in the Python that runs this, as it is

lint      style, format, types
unit      unit tests, doctests, browser tests; other words are pytest's: paths, -k dense, -x
lessons   every lesson and solution executed, its outputs compared with the stored ones; where MNIST
          is neither on disk nor to be downloaded, those that need it are left out, and named
"""

import os
import shlex
import sys

if __package__:
    from tools.environment import ROOT, ready, run
else:
    from environment import ROOT, ready, run

STAGES = ("lint", "unit", "lessons")

# What a reader has solved is not recorded; Windows writes UTF-8, as all others do.
VARIABLES = {"NNLIB_PROGRESS": "off", "PYTHONUTF8": "1"}

PYTEST = ["-m", "pytest", "-q"]
TWO = ["-n", "2"]

# Strict nbval in the environment that runs it, without the settings of unit tests; after each cell
# the letters are asked for their shapes.
NBVAL = [
    *("-o", "addopts=", "-o", "python_files=", "-W", "default"),
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120"),
    *("--nbval-kernel-startup-timeout", "180"),
    *("--nbval-sanitize-with", "tools/nbval_sanitize.cfg", "-p", "tests.helpers.letters"),
]

# The loader looks on disk, then asks the mirrors; what it says is shown.
LOAD_MNIST = """import sys, nnlib
try:
    nnlib.load_mnist()
except (OSError, ImportError) as error:
    sys.exit(f"{error}\\n")"""


def main(words):
    if {"-h", "--help"} & set(words):
        print(__doc__, end="")
        return 0
    stages, others = chosen([word for word in words if word != "--here"])
    python = sys.executable if "--here" in words else ready("lab", "test")
    for stage in stages:
        left_out = without_mnist(python) if stage == "lessons" else []
        if left_out and os.environ.get("REQUIRE_ALL") == "1":
            print("REQUIRE_ALL=1 allows no lesson to be left out", flush=True)
            return 1
        for command in commands(stage, others, left_out):
            print("$ python", shlex.join(command), flush=True)
            if status := run([python, *command], **VARIABLES):
                return status
    return 0


def without_mnist(python):
    """Name the notebooks that cannot run here, none where MNIST can be had."""
    found = needing_mnist()
    if not found or not run([python, "-c", LOAD_MNIST], **VARIABLES):
        return []
    print("left out, as they need MNIST (the loader says above what to do):", *found, flush=True)
    return found


def needing_mnist():
    """Name the notebooks that load MNIST."""
    paths = sorted((ROOT / "notebooks").rglob("*.ipynb"))
    lessons = [path for path in paths if "checkpoint" not in path.name]
    names = [path for path in lessons if "load_mnist(" in path.read_text("utf8")]
    return [path.relative_to(ROOT).as_posix() for path in names]


def chosen(words):
    """Split words into stages, all of them where none is named, and what pytest is told."""
    others = [word for word in words if word not in STAGES]
    named = [*words, "unit"] if others else words
    return [stage for stage in STAGES if stage in named] or list(STAGES), others


def commands(stage, others, left_out=()):
    """List what a stage runs, each command from its module or script on."""
    if stage == "lint":
        return [["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"], ["-m", "mypy"]]
    if stage == "unit":  # a part of the tests is done before two processes have started
        return [[*PYTEST, *(others or TWO)]]
    ignored = [f"--ignore={name}" for name in left_out]
    lessons = [*PYTEST, *TWO, "--dist", "loadfile", *NBVAL, *ignored, "notebooks"]
    return [["tools/run_notebooks.py", "--check"], lessons]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
