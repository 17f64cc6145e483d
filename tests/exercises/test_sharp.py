"""In a notebook, figures are drawn at twice the resolution once `nnlib.course` is imported."""

import base64
import struct
import subprocess
import sys

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

PLOT = """import matplotlib.pyplot as plt
fig, ax = plt.subplots(figsize=(3, 2), dpi=100)
plt.show()"""
COURSE = "import nnlib.course"
OWN = '%config InlineBackend.figure_formats = ["svg"]'


@pytest.fixture(autouse=True)
def backend_of_a_notebook(monkeypatch):
    """Give kernels the backend that they have for a learner, not that of other tests."""
    monkeypatch.delenv("MPLBACKEND", raising=False)


def shown(*cells):
    """Run cells, and return the picture that the last one shows, with its metadata."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    client = NotebookClient(notebook, kernel_name="python3", extra_arguments=["--log-level=40"])
    (output,) = client.execute().cells[-1].outputs
    return output


@pytest.mark.parametrize("cells", [(COURSE, PLOT), (PLOT, COURSE, PLOT)], ids=["before", "after"])
def test_a_figure_has_twice_the_pixels_that_it_takes_on_the_page(cells):
    output = shown(*cells)
    pixels = struct.unpack(">II", base64.b64decode(output.data["image/png"])[16:24])
    size = output.metadata["image/png"]
    assert [size["width"], size["height"]] == [n // 2 for n in pixels]
    assert 250 < size["width"] < 320


def test_a_format_that_someone_has_chosen_stays():
    assert "image/svg+xml" in shown(OWN, COURSE, PLOT).data


def test_without_a_notebook_nothing_is_imported_for_it():
    code = "import sys, nnlib.course; print(*{n.partition('.')[0] for n in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"IPython", "matplotlib", "matplotlib_inline"} & set(done.stdout.split())
