import itertools
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))

STATE = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({
        count: cell.execution_count,
        errors: cell.getOutputs().filter(o => o.output_type === 'error').map(o => o.evalue),
        pictures: cell.getOutputs().filter(o => o.data && o.data['image/png']).length,
    }))"""


@pytest.mark.parametrize("name", NAMES)
def test_a_learner_runs_a_lesson_from_top_to_bottom(run_lesson, name):
    page = run_lesson(name)
    cells = page.evaluate(STATE)
    stored = nbformat.read(NOTEBOOKS / name, 4).cells
    code = [cell for cell in stored if cell.cell_type == "code"]
    assert [cell["count"] for cell in cells] == list(range(1, len(code) + 1))
    assert [error for cell in cells for error in cell["errors"]] == []
    pictures = [sum("image/png" in o.get("data", {}) for o in cell.outputs) for cell in code]
    assert [cell["pictures"] for cell in cells] == pictures
    if any(cell.cell_type == "markdown" and "$$" in cell.source for cell in stored):
        page.locator("mjx-container").first.wait_for()
        assert "$$" not in page.inner_text(".jp-NotebookPanel")


def test_source_is_highlighted(run_cell):
    page = run_cell("import nnlib as nn\nfrom nnlib.course import source\nsource(nn.Dense.forward)")
    page.wait_for_selector(".jp-RenderedMarkdown pre code span, .jp-RenderedMarkdown pre span")


def test_a_learner_solves_an_exercise(run_cell):
    stub = next(
        cell.source
        for cell in nbformat.read(NOTEBOOKS / "00_start_here.ipynb", 4).cells
        if cell.cell_type == "code" and "check(" in cell.source
    )
    imports = "from nnlib.course import check\n\n"
    page = run_cell(imports + stub)
    page.wait_for_selector("text=not written yet")
    run_cell(imports + stub.replace("return ...", "return X.mean(axis=1)"))
    page.wait_for_selector("text=right: 5 random cases")


ANSWERS = ".nnlib-quiz"


def open_quiz(run_cell):
    page = run_cell("from nnlib.course import quiz\nquiz('04')")
    page.locator(ANSWERS).first.wait_for()
    return page


def test_a_question_is_answered_by_the_keyboard(run_cell):
    page = open_quiz(run_cell)
    page.wait_for_selector(f"{ANSWERS} button[data-lm-suppress-shortcuts]")
    cells = page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length")
    buttons = page.locator(f"{ANSWERS} >> nth=0 >> button")
    buttons.nth(0).focus()
    for key in ("b", "ArrowDown", "Space"):
        page.keyboard.press(key)
    reply = page.locator(".nnlib-reply").first
    reply.wait_for()
    assert reply.inner_text().startswith("✗ no: ")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".nnlib-reply:has-text('✓ right')")
    assert page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length") == cells


def test_the_answers_of_a_question_stand_one_below_the_other(run_cell):
    page = open_quiz(run_cell)
    boxes = page.evaluate(
        """css => [...document.querySelector(css).querySelectorAll('button')]
            .map(button => button.getBoundingClientRect())
            .map(box => [box.left, box.top, box.bottom])""",
        ANSWERS,
    )
    assert len({left for left, _, _ in boxes}) == 1
    assert all(bottom <= top for (_, _, bottom), (_, top, _) in itertools.pairwise(boxes))
