"""What axe-core finds in explorers and in a lesson, and what is told of a picture to the blind."""

import pytest

from nnlib.course import explorers
from nnlib.course.exercises.exercise import questions
from tests.browser.conftest import open_notebook
from tests.helpers.seen import (
    ALERT,
    IMAGE,
    SHOWN,
    TIP,
    TYPED,
    go_to,
    in_the_dark,
    wait_for_rest,
)

NAMES = sorted(explorers.__all__)
LIVE = f"{SHOWN} .nnlib-live[aria-live=polite]"


@pytest.fixture(scope="module")
def axe():
    api = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
    )
    return api.Axe()


def assert_accessible(axe, page, *places):
    """No serious violation of what axe-core knows, in these places of the page."""
    found = axe.run(page, {"include": [[place] for place in places]})
    serious = [
        (violation["id"], node["html"][:200], node["failureSummary"])
        for violation in found.response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
    assert serious == []


def tab_to_the_picture(page):
    page.locator(f"{SHOWN} button:visible, {SHOWN} [role=slider]:visible").first.focus()
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("css => document.activeElement.matches(css)", IMAGE):
            return
    pytest.fail("Tab does not lead to the picture")


@pytest.mark.parametrize("name", NAMES)
def test_an_explorer_has_names_and_contrast_and_says_what_keys_lead_to(explorer, axe, name):
    page = explorer(name)
    wait_for_rest(page)
    assert_accessible(axe, page, SHOWN)
    with in_the_dark(page):
        assert_accessible(axe, page, SHOWN)
    tab_to_the_picture(page)
    described = page.get_attribute(IMAGE, "aria-describedby")
    assert page.locator(f"#{described}").inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "css => [...document.querySelectorAll(css)].some(node => node.textContent.length > 3)",
        arg=LIVE,
    )


def test_a_tip_an_alert_and_a_number_that_is_typed_have_names_roles_and_contrast(explorer, axe):
    page = explorer("Playground")
    go_to(page, "bias of unit 1.1")
    page.keyboard.press("Enter")
    page.locator(TYPED).wait_for()
    assert_accessible(axe, page, SHOWN)
    page.keyboard.type("abc")
    page.keyboard.press("Enter")
    page.wait_for_selector(ALERT)
    page.wait_for_selector(TIP)
    assert_accessible(axe, page, SHOWN)
    with in_the_dark(page):
        assert_accessible(axe, page, SHOWN)


def test_a_quiz_has_names_and_contrast_and_says_what_comes_of_an_answer(run_cell, axe):
    page = run_cell("from nnlib.course import quiz\nquiz('04')")
    page.wait_for_selector(".nnlib-quiz[role=group] >> nth=2")
    page.wait_for_selector(".nnlib-said[role=status] >> nth=2", state="attached")
    first, second, third = page.locator(".nnlib-quiz[role=group]").all()
    assert first.get_attribute("aria-label") == questions("04")[0].text.replace("`", "")
    assert page.locator(".nnlib-said[role=status]").all_inner_texts() == ["", "", ""]
    first.locator("button").nth(0).click()
    second.locator("button").nth(1).click()
    page.wait_for_selector(".nnlib-said[role=status] .nnlib-reply >> nth=1")
    assert third.locator("button[aria-pressed=true]").count() == 0
    assert_accessible(axe, page, ".nnlib-keys")
    with in_the_dark(page):
        assert_accessible(axe, page, ".nnlib-keys")


@pytest.mark.parametrize("shown", ["progress('04')", "progress()", "progress('98')"])
def test_what_is_done_has_names_roles_and_contrast(run_cell, axe, tmp_path, shown):
    notes = tmp_path / "notes.json"
    notes.write_text('{"edition": 2, "solved": ["04.1"]}')
    where = "import os\nfrom nnlib.course import progress\nos.environ['NNLIB_PROGRESS'] = {!r}\n"
    page = run_cell(where.format(str(notes)) + shown)
    page.wait_for_selector(".jp-OutputArea-output:has-text('lesson')")
    assert_accessible(axe, page, ".jp-OutputArea-output")
    with in_the_dark(page):
        assert_accessible(axe, page, ".jp-OutputArea-output")
    run_cell(where.format("off"))


def test_a_lesson_has_names_roles_and_contrast(page, lab, axe):
    open_notebook(page, lab, "03_softmax_cross_entropy.ipynb")
    page.locator(".jp-RenderedMarkdown h2").first.wait_for()
    assert_accessible(axe, page, ".jp-RenderedMarkdown", ".jp-OutputArea-output")
    with in_the_dark(page):
        assert_accessible(axe, page, ".jp-RenderedMarkdown", ".jp-OutputArea-output")
