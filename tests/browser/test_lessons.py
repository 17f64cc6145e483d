import ast
import itertools
from pathlib import Path

import nbformat
import pytest

from nnlib.course.exercises.exercise import questions
from tests.browser.conftest import open_notebook, wait_for_notebook

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))

WHOLE = {"00_start_here.ipynb", "04_backprop.ipynb"}
"""Lessons that are run from top to bottom here, too; `make lessons` runs them all."""

STATE = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({
        count: cell.execution_count,
        errors: cell.getOutputs().filter(o => o.output_type === 'error').map(o => o.evalue),
        pictures: cell.getOutputs().filter(o => o.data && o.data['image/png']).length,
    }))"""

RUN = """async place => {
    jupyterapp.shell.currentWidget.content.activeCellIndex = place;
    await jupyterapp.commands.execute('notebook:run-cell');
}"""


ANSWERING = {
    "explorers.": ".nnlib-image[data-frame]",
    "quiz(": ".nnlib-quiz button",
    "progress(": "td, p",
}
"""How a cell begins that answers the learner, and what is on the page once it lives."""


def answering(cells):
    """For each place of such a cell, what is on the page once it lives."""
    return {
        i: css
        for i, cell in enumerate(cells)
        for begin, css in ANSWERING.items()
        if cell.source.startswith(begin)
    }


def imports(cells):
    """The place of the imports, and the names that they define."""
    first = next(i for i, cell in enumerate(cells) if cell.cell_type == "code")
    return first, defined(cells[first].source)


def defined(source):
    return {
        a.asname or a.name for n in ast.walk(ast.parse(source)) for a in getattr(n, "names", ())
    }


def used(source):
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def shown(page):
    """What each code cell says of itself."""
    return page.evaluate(STATE)


def stored(name):
    return nbformat.read(NOTEBOOKS / name, 4).cells


def test_what_answers_needs_the_imports_alone_in_all_lessons_but_one():
    more = [
        (name, cells[place].source)
        for name in sorted(set(NAMES) - WHOLE)
        for cells in [stored(name)]
        for place in answering(cells)
        if not used(cells[place].source) <= imports(cells)[1]
    ]
    assert more == [("12_mnist.ipynb", "explorers.DigitPad(reader)")]


@pytest.mark.parametrize("name", sorted(set(NAMES) - WHOLE))
def test_a_lesson_stands_as_it_was_stored_and_what_answers_in_it_lives(page, lab, name):
    cells = stored(name)
    open_notebook(page, lab, name)
    code = [cell for cell in cells if cell.cell_type == "code"]
    pictures = [sum("image/png" in o.get("data", {}) for o in cell.outputs) for cell in code]
    assert [cell["pictures"] for cell in shown(page)] == pictures
    first, known = imports(cells)
    page.evaluate(RUN, first)
    for place, css in answering(cells).items():
        if used(cells[place].source) <= known:
            page.evaluate(RUN, place)
            output = page.locator(
                f"[data-windowed-list-index='{place}'] .jp-OutputArea-output"
            ).last
            output.scroll_into_view_if_needed()  # nothing is drawn out of view
            output.locator(css).first.wait_for()
    assert [error for cell in shown(page) for error in cell["errors"]] == []
    if any(cell.cell_type == "markdown" and "$$" in cell.source for cell in cells):
        page.locator("mjx-container:visible").first.wait_for()
        assert "$$" not in page.inner_text(".jp-NotebookPanel")


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_learner_runs_a_lesson_from_top_to_bottom(run_lesson, name):
    page = run_lesson(name)
    states = shown(page)
    code = [cell for cell in stored(name) if cell.cell_type == "code"]
    assert [cell["count"] for cell in states] == list(range(1, len(code) + 1))
    assert [error for cell in states for error in cell["errors"]] == []
    pictures = [sum("image/png" in o.get("data", {}) for o in cell.outputs) for cell in code]
    assert [cell["pictures"] for cell in states] == pictures


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
    wait_for_notebook(page, "04_backprop.ipynb")
    page.evaluate("id => jupyterapp.shell.activateById(id)", bench)  # the lesson stays open


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
