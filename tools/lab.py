"""Open JupyterLab at your own copy of the first lesson: `make lab`, where there is no make.

python tools/lab.py                set up .venv, copy the lessons to workbook/, open the first
python tools/lab.py notebooks      the same with the lessons themselves
python tools/lab.py --update 04    the new edition of lesson 04, with the answers in your copy
python tools/lab.py --here         in the Python that runs this, as it is: conda's, for example
python tools/lab.py --port=8890    any other option is JupyterLab's
"""

import argparse
import os
import sys

if __package__:
    from tools.environment import ROOT, ready, run
else:
    from environment import ROOT, ready, run


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python tools/lab.py",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("folder", nargs="?", default="workbook")
    parser.add_argument("--here", action="store_true")
    parser.add_argument("--update", metavar="NN", type=lambda number: number.zfill(2))
    options, flags = parser.parse_known_args(arguments)
    python = sys.executable if options.here else ready("lab")
    if options.update:
        edition = [python, "tools/new_edition.py", options.folder, options.update]
        if status := run(edition):
            return status
    if status := run([python, "tools/workbook.py", options.folder]):
        return status
    return run([python, "-m", "jupyterlab", *where(options), *flags], **looks())


def where(options):
    """What JupyterLab shows, and to whom: to this machine alone."""
    lessons = sorted((ROOT / "notebooks").glob(f"{options.update or '00'}_*.ipynb"))
    return [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/{options.folder}/{lessons[0].name}",
    ]


def looks():
    """How pages look (`tools/jupyter`): defaults only, beside what someone has set or installed."""
    own = str(ROOT / "tools" / "jupyter")
    names = "JUPYTER_CONFIG_PATH", "JUPYTER_PATH"
    return {name: os.pathsep.join(filter(None, [own, os.environ.get(name)])) for name in names}


if __name__ == "__main__":
    sys.exit(main())
