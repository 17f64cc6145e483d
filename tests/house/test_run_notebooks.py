import base64
import copy
import io
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import get_sanitize_patterns
from PIL import Image

from nnlib.course.kit.standin import standin
from tools.run_notebooks import faults, fingerprint, keep_measured, normalise, small, text

SANITIZE = (Path(__file__).parents[2] / "tools" / "nbval_sanitize.cfg").read_text("utf8")


def sanitized(page):
    """Return a page as nbval compares it."""
    for pattern, by in get_sanitize_patterns(SANITIZE):
        page = re.sub(pattern, by, page)
    return page


def shown(value):
    return [new_output("stream", text=value)]


def lesson(time, other="x = 1"):
    """A lesson whose second cell shows a time."""
    cells = [
        new_code_cell(other, execution_count=1, id="a"),
        new_code_cell("show()", execution_count=2, id="b", outputs=shown(time)),
    ]
    cells[1].metadata["tags"] = ["measured"]
    notebook = new_notebook(cells=cells)
    keep_measured(notebook, copy.deepcopy(notebook))
    return notebook


def test_a_second_run_keeps_the_times_of_the_first():
    first, second = lesson("1 s"), lesson("2 s")
    keep_measured(second, first)
    assert text(normalise(second)) == text(normalise(first))


def test_new_code_brings_new_times():
    first, second = lesson("1 s"), lesson("2 s", other="x = 3")
    keep_measured(second, first)
    assert second.cells[1].outputs == shown("2 s")
    assert second.cells[1].metadata["measured"] == fingerprint(second)


def test_other_cells_are_stored_as_they_came():
    first, second = lesson("1 s"), lesson("2 s")
    second.cells[0].outputs = shown("new")
    keep_measured(second, first)
    assert second.cells[0].outputs == shown("new")


def test_times_of_other_code_are_a_fault(tmp_path):
    path = tmp_path / "15_times.ipynb"
    notebook = normalise(lesson("1 s"))
    path.write_text(text(notebook), "utf8")
    assert list(faults(path)) == []
    notebook.cells[0].source = "x = 2"
    path.write_text(text(notebook), "utf8")
    assert list(faults(path)) == ["what a cell shows was measured by other code"]


def test_a_cell_that_was_not_executed_is_a_fault(tmp_path):
    path = tmp_path / "15_times.ipynb"
    notebook = normalise(lesson("1 s"))
    notebook.cells[0].execution_count = None
    path.write_text(text(notebook), "utf8")
    assert list(faults(path)) == ["not executed from top to bottom in one go"]
    assert nbformat.read(path, 4) == notebook


@pytest.mark.parametrize(
    ("tags", "hidden"),
    [(["proof"], True), (["figure"], True), (["solution"], True), (["measured"], False)],
)
def test_a_cell_is_folded_exactly_when_its_tag_says_so(tags, hidden):
    cell = new_code_cell("# our lines\nx = 1", id="a")
    for jupyter in ({}, {"source_hidden": True}, {"source_hidden": False, "outputs_hidden": True}):
        cell.metadata = nbformat.from_dict({"tags": tags, "jupyter": jupyter, "trusted": True})
        expected = {"tags": tags} | ({"jupyter": {"source_hidden": True}} if hidden else {})
        assert normalise(new_notebook(cells=[cell])).cells[0].metadata == expected


def test_a_folded_cell_that_does_not_say_what_is_in_it_is_a_fault(tmp_path):
    path = tmp_path / "15_times.ipynb"
    notebook = lesson("1 s", other="x = 1\n# sets x")
    notebook.cells[0].metadata["tags"] = ["solution"]
    path.write_text(text(normalise(notebook)), "utf8")
    assert list(faults(path)) == [
        "a folded cell does not say what is in it: a comment first, not 'x = 1'"
    ]
    notebook.cells[0].source = "# our lines\nx = 1"
    keep_measured(notebook, lesson("1 s", other=notebook.cells[0].source))
    path.write_text(text(normalise(notebook)), "utf8")
    assert list(faults(path)) == []


def test_what_was_printed_in_pieces_is_stored_in_one():
    notebook = lesson("1 s")
    notebook.cells[0].outputs = [*shown("on"), *shown("e\n"), new_output("stream", name="stderr")]
    normalise(notebook)
    assert [output.text for output in notebook.cells[0].outputs] == ["one\n", ""]


def test_a_picture_is_stored_with_few_colours_and_then_left_alone():
    ramp = np.linspace(0, 255, 300).astype(np.uint8)
    pixels = np.stack([np.tile(ramp, (40, 1)), np.tile(ramp[::-1], (40, 1))] * 2, axis=-1)[..., :3]
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "png")
    once = small(base64.b64encode(file.getvalue()).decode())
    stored = Image.open(io.BytesIO(base64.b64decode(once)))
    assert stored.mode == "P"
    assert stored.size == (300, 40)
    assert np.abs(np.asarray(stored.convert("RGB"), int) - pixels).max() <= 8
    assert small(once) == once


def picture(width, height):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def test_a_figure_keeps_its_size_on_the_page_and_says_what_stands_before_it():
    size = {"image/png": {"width": 300, "height": 100, "alt": "of an older text"}, "other": 1}
    shown = new_output("display_data", data={"image/png": picture(600, 200)}, metadata=size)
    cells = [
        new_markdown_cell("Two lines, $\\theta$ above."),
        new_code_cell("show()", outputs=[shown]),
    ]
    notebook = normalise(new_notebook(cells=cells))
    said = {"width": 300, "height": 100, "alt": "Two lines, θ above."}
    assert notebook.cells[1].outputs[0].metadata == {"image/png": said}
    assert normalise(copy.deepcopy(notebook)) == notebook


def test_a_picture_of_a_widget_has_no_size_and_says_itself_what_it_shows():
    shown = new_output("display_data", data={"image/png": picture(600, 200)}, metadata={"other": 1})
    cells = [new_markdown_cell("Turn it."), new_code_cell("Kernel()", outputs=[shown])]
    assert normalise(new_notebook(cells=cells)).cells[1].outputs[0].metadata == {}


def test_every_pattern_of_the_sanitizing_file_is_one_that_nbval_reads():
    """A `replace:` without the space after it drops its pattern without a word."""
    assert len(get_sanitize_patterns(SANITIZE)) == SANITIZE.count("regex:") == 5


LIKE_A_DURATION = base64.b64decode("iVB+3s+0x1f+12ms/AAA")


@pytest.mark.parametrize(
    "letters", [b"a picture", LIKE_A_DURATION], ids=["plain", "like a duration"]
)
def test_a_stand_in_is_compared_without_its_picture(letters):
    page = standin("LayerLines", "alpha > 0", letters)["text/html"]
    stored = new_output("display_data", data={"text/html": page})
    notebook = new_notebook(cells=[new_code_cell("LayerLines()", outputs=[stored])])
    kept = normalise(notebook).cells[0].outputs[0].data["text/html"]
    assert "base64" not in kept
    assert sanitized(kept) == sanitized(page)
    assert sanitized(page) != sanitized(page.replace("live.", "dead."))
