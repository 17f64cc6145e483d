import itertools
from pathlib import Path

import nbformat
import pytest

from nnlib.course.exercises.exercise import questions
from tests.browser.conftest import wait_for_notebook

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
def test_a_learner_runs_a_lesson_from_top_to_bottom(run_lesson, name, request):
    if "load_mnist(" in (NOTEBOOKS / name).read_text("utf8"):
        request.getfixturevalue("mnist")  # skips where it cannot be had
    page = run_lesson(name)
    cells = page.evaluate(STATE)
    stored = nbformat.read(NOTEBOOKS / name, 4).cells
    code = [cell for cell in stored if cell.cell_type == "code"]
    assert [cell["count"] for cell in cells] == list(range(1, len(code) + 1))
    assert [error for cell in cells for error in cell["errors"]] == []
    pictures = [sum("image/png" in o.get("data", {}) for o in cell.outputs) for cell in code]
    assert [cell["pictures"] for cell in cells] == pictures
    if any(cell.cell_type == "markdown" and "$$" in cell.source for cell in stored):
        page.locator("mjx-container:visible").first.wait_for()
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

MADE_UP = """from nnlib.course.exercises.quiz import Question, Quiz, Right
Quiz('98', (Question('1 + 1?', {'11': 'that is text', '3': 'count', '2': Right('so it is')}),))"""

PLACES = [[option == q.right for option in q.options] for q in questions("04")]
"""For each question of lesson 04, which of its options is right."""


def open_quiz(run_cell):
    page = run_cell("from nnlib.course import quiz\nquiz('04')")
    page.locator(ANSWERS).first.wait_for()
    return page


def test_a_question_is_answered_by_the_keyboard(run_cell):
    page = run_cell(MADE_UP)
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


@pytest.fixture
def noting(run_cell, tmp_path):
    """Run a cell in a kernel that takes notes, in a file of this test."""
    where = "import os\nos.environ['NNLIB_PROGRESS'] = {!r}\n"

    def run(code):
        imports = "from nnlib.course import check, progress, quiz\n"
        return run_cell(where.format(str(tmp_path / "notes.json")) + imports + code)

    yield run
    run_cell(where.format("off"))


BACKGROUND = "button => getComputedStyle(button).backgroundColor"


def test_an_answer_is_still_there_when_the_cell_is_run_again(noting):
    page = noting("quiz('04')")
    page.wait_for_selector(f"{ANSWERS} >> nth=2")
    first, second, _ = page.locator(ANSWERS).all()
    first.locator("button").nth(PLACES[0].index(False)).click()
    second.locator("button").nth(PLACES[1].index(True)).click()
    page.wait_for_selector(".nnlib-reply >> nth=1")
    neutral = first.locator("button").nth(PLACES[0].index(True)).evaluate(BACKGROUND)
    noting("print('again')\nquiz('04')")
    page.wait_for_selector("text=again")
    page.wait_for_selector(f"{ANSWERS} button[aria-pressed=true] >> nth=1")
    replies = page.locator(".nnlib-reply").all_inner_texts()
    assert [reply.split(":")[0] for reply in replies] == ["✗ no", "✓ right"]
    picked = page.locator(f"{ANSWERS} button.mod-active")
    colors = {neutral, *(button.evaluate(BACKGROUND) for button in picked.all())}
    assert len(colors) == 3
    words = [
        button.evaluate("button => getComputedStyle(button, '::before').content")
        for button in picked.all()
    ]
    assert words == ['"✗ no: "', '"✓ right: "']
    noting("progress('04')")
    page.wait_for_selector(
        "text=/^04 · Backprop: 0 of .* exercises solved, 1 of 3 questions right/"
    )


def test_code_in_an_option_is_set_as_code_and_can_be_clicked(noting):
    page = noting(
        "from nnlib.course.exercises.quiz import Question, Quiz, Right\n"
        "Quiz('98', (Question('`a`?', {'no': 'b', 'it is `A @ B`, not `A`': Right('c')}),))"
    )
    option = page.locator(f"{ANSWERS} button >> nth=1")
    option.locator("code").nth(1).wait_for()
    assert option.inner_text() == "it is A @ B, not A"
    box = option.locator("code").first.bounding_box()
    page.mouse.click(box["x"] + 3, box["y"] + 3)
    page.wait_for_selector(".nnlib-reply:has-text('✓ right')")


def test_the_list_of_what_is_done_leads_to_the_lessons_by_the_keyboard(noting):
    page = noting("progress()")
    row = page.locator("tr", has=page.locator("a", has_text="04 · Backprop"))
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    row.locator("li", has_text="04.1 leaky ReLU backward").wait_for()
    bench = page.evaluate("() => jupyterapp.shell.currentWidget.id")
    row.locator("a").focus()
    page.keyboard.press("Enter")
    wait_for_notebook(page, "04_backprop.ipynb")  # closed before, it would complain
    page.evaluate(
        """id => {
            jupyterapp.shell.currentWidget.dispose();
            jupyterapp.shell.activateById(id);
        }""",
        bench,
    )


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
