"""Run everything that must hold: `make test`, where there is no make.

python tools/check.py                                    lint, unit, lessons, one after the other
python tools/check.py lint unit                          some of them
python tools/check.py unit tests/engine/test_layers.py   the unit tests of one part
python tools/check.py --here unit                        in the Python that runs this, as it is

lint      style, format, types
unit      unit tests, doctests, browser tests; other words are pytest's: paths, -k dense, -x
lessons   every lesson and solution executed, its outputs compared with the stored ones
"""

import shlex
import sys

if __package__:
    from tools.environment import ready, run
else:
    from environment import ready, run

STAGES = ("lint", "unit", "lessons")

# What a reader has solved is not recorded; Windows writes UTF-8, as all others do.
VARIABLES = {"NNLIB_PROGRESS": "off", "PYTHONUTF8": "1"}

PYTEST = ["-m", "pytest", "-q"]
TWO = ["-n", "2"]

# Strict nbval in the environment that runs it, without the settings of unit tests.
NBVAL = [
    *("-o", "addopts=", "-o", "python_files=", "-W", "default"),
    *("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "120"),
    *("--nbval-sanitize-with", "tools/nbval_sanitize.cfg"),
]


def main(words):
    if {"-h", "--help"} & set(words):
        print(__doc__, end="")
        return 0
    stages, others = chosen([word for word in words if word != "--here"])
    python = sys.executable if "--here" in words else ready("lab", "test")
    for command in [command for stage in stages for command in commands(stage, others)]:
        print("$ python", shlex.join(command), flush=True)
        if status := run([python, *command], **VARIABLES):
            return status
    return 0


def chosen(words):
    """Split words into stages, all of them where none is named, and what pytest is told."""
    others = [word for word in words if word not in STAGES]
    named = [*words, "unit"] if others else words
    return [stage for stage in STAGES if stage in named] or list(STAGES), others


def commands(stage, others):
    """List what a stage runs, each command from its module or script on."""
    if stage == "lint":
        return [["-m", "ruff", "check"], ["-m", "ruff", "format", "--check"], ["-m", "mypy"]]
    if stage == "unit":  # a part of the tests is done before two processes have started
        return [[*PYTEST, *(others or TWO)]]
    lessons = [*PYTEST, *TWO, "--dist", "loadfile", *NBVAL, "notebooks"]
    return [["tools/run_notebooks.py", "--check"], lessons]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
