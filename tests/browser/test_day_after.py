"""A notebook on the day after: saved, opened again without its kernel, brought back to life."""

import pytest

from tests.browser.conftest import new_page, open_notebook, write_notebook
from tests.helpers.seen import ALERT, IMAGE, SHOWN, wait_for_other_words, wait_for_rest, words

HOW = "Run the cell to make it live."
CELLS = (
    "from nnlib.course import explorers\nexplorers.Activations()",
    "from nnlib.course import quiz\nquiz('04')",
)
STANDIN = ".nnlib-standin"
QUIZ = ".nnlib-quiz"
SHUTDOWN = "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()"
RESTART = "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"

# The marks of broken links, which ipywidgets puts before every control.
MARKS = """css => [...document.querySelectorAll(css)]
    .filter(node => node.offsetParent && getComputedStyle(node, '::before').display !== 'none')
    .map(node => getComputedStyle(node, '::before').content)"""


def shown_controls(page, around):
    return page.locator(f"{around} :is(button, [role=slider], input):visible").count()


@pytest.fixture
def page(chromium):
    """A page whose console may say that a widget has no model: that is what is mended here."""
    with new_page(chromium) as (page, errors):
        yield page
    assert [error for error in errors if "widget model not found" not in error] == []


def run_all(page):
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(f"{SHOWN}:not(.jupyter-widgets-disconnected)")
    wait_for_rest(page)
    page.locator(QUIZ).first.wait_for()


def test_the_day_after(page, lab, lab_folder):
    """One story, since every new kernel takes its time: saved, opened, run, restarted, run."""
    write_notebook(lab_folder / "yesterday.ipynb", *CELLS)
    open_notebook(page, lab, "yesterday.ipynb")
    run_all(page)
    page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    page.evaluate(SHUTDOWN)
    open_notebook(page, lab, "yesterday.ipynb")
    assert_pictures_and_what_to_do(page)
    run_all(page)
    assert_alive(page)
    before = page.evaluate("css => document.querySelector(css).toDataURL()", IMAGE)
    page.evaluate(RESTART)
    page.wait_for_selector(f"{SHOWN}.jupyter-widgets-disconnected")
    assert page.evaluate("css => document.querySelector(css).toDataURL()", IMAGE) == before
    assert_only_what_works_is_seen(page)
    run_all(page)
    assert shown_controls(page, SHOWN) > 2


def assert_pictures_and_what_to_do(page):
    page.locator(f"{STANDIN} img").wait_for()
    standins = page.locator(STANDIN)
    assert standins.count() == 2
    assert all(HOW in words for words in standins.all_inner_texts())
    assert page.locator(f"{STANDIN} img").evaluate("image => image.naturalWidth") > 500
    page.wait_for_timeout(500)
    for outputs in page.locator(".jp-Notebook .jp-OutputArea").all():
        assert "Error displaying widget" not in outputs.inner_text()
        assert "not found" not in outputs.inner_text()


def assert_alive(page):
    page.wait_for_function(
        "css => [...document.querySelectorAll(css)].every(node => node.hidden)", arg=STANDIN
    )
    assert page.get_by_text(HOW).locator("visible=true").count() == 0
    said = words(page)
    page.locator(f"{SHOWN} [role=slider]").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for_other_words(page, said)
    page.locator(f"{QUIZ} button").first.click()
    page.locator(".nnlib-reply").first.wait_for()
    assert page.locator(ALERT).count() == 0
    wait_for_rest(page)


def assert_only_what_works_is_seen(page):
    assert page.locator(IMAGE).is_visible()
    assert words(page)
    assert shown_controls(page, SHOWN) == 0
    assert page.locator(QUIZ).first.is_visible()
    assert page.evaluate(MARKS, ".jupyter-widgets-disconnected") == [f'"{HOW}"'] * 2
