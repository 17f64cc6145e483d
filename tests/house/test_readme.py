"""What README.md says to run is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.digit_image import photo
from nnlib._command_line.parser import parsed

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf8")
PROGRAMS = re.findall(r"```python\n(.*?)```", README, re.S)


def run_in(folder, *command):
    """Run Python in a folder; return what it printed."""
    done = subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_code_in_the_readme_runs(tmp_path):
    said = run_in(tmp_path, "-c", PROGRAMS[0])
    assert "'accuracy': 0.9" in said
    assert "all gradients agree" in said


def test_the_readmes_path_from_a_csv_to_a_photograph_is_gone_to_its_end(mnist, tmp_path):
    said = run_in(tmp_path, "-c", PROGRAMS[1])
    assert re.search(r"val_accuracy 0\.9\d", said)
    assert "nothing found" in said
    with Image.open(tmp_path / "saliency.png") as picture:
        assert len(picture.convert("L").getcolors()) > 50
    rng = np.random.default_rng(0)
    for i in range(8):
        photo(mnist.X_test[i].reshape(28, 28), rng).save(tmp_path / f"photo{i}.jpg")
    (command,) = re.findall(r"^python (-m nnlib predict mine.+) photo.jpg$", README, re.M)
    said = run_in(tmp_path, *command.split(), *(f"photo{i}.jpg" for i in range(8)))
    read = [line.split()[1] for line in said.splitlines()[1:]]
    assert sum(map(str.__eq__, read, map(str, mnist.y_test[:8]))) >= 7, read


def test_the_readmes_search_among_scikit_learns_tools_keeps_its_runs(tmp_path):
    (program,) = PROGRAMS[2:]
    said = run_in(tmp_path, "-c", program)
    assert re.search(r"'learning_rate_init': .+ 0\.[89]\d", said)
    assert len(list((tmp_path / "runs").iterdir())) == 4 * 3 + 1
    assert run_in(tmp_path, "-c", program) == said


def test_the_commands_in_the_readme_are_understood():
    commands = re.findall(r"^python -m nnlib (.+)$", README, re.M)
    assert commands
    for command in commands:
        parsed(command.split())
