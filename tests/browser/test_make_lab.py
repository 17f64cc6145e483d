import json
import shutil
import sys
import urllib.request

import pytest

from tests.helpers.server import LAB_FLAGS, ROOT, free_port, running


def lab_command(how, flags):
    """The command that opens JupyterLab, with this environment as it is."""
    flags = ["--here", *flags]
    if how == "tools/lab.py":
        return [sys.executable, how, *flags]
    if not shutil.which("make"):
        pytest.skip(reason="make is not installed")
    return ["make", "lab", f"PYTHON={sys.executable}", f"LABFLAGS={' '.join(flags)}"]


@pytest.mark.parametrize("how", ["make lab", "tools/lab.py"])
def test_the_lab_answers_with_the_learners_copy_of_lesson_00(how, tmp_path, page):
    for name in ("notebooks", "tools"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path / name)
    port = free_port()
    flags = [*LAB_FLAGS, f"--port={port}", "--IdentityProvider.token=secret"]
    url = f"http://127.0.0.1:{port}"
    command = lab_command(how, flags)
    with running(command, tmp_path, f"{url}/api/status?token=secret", quiet=False):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{url}/api/contents/workbook")
        contents = f"{url}/api/contents/workbook/00_start_here.ipynb?token=secret"
        with urllib.request.urlopen(contents) as answer:
            assert json.load(answer)["type"] == "notebook"
        page.goto(f"{url}/?token=secret")
        page.wait_for_selector(".jp-RenderedMarkdown h1:has-text('what happens when a network')")
        assert_opening_it_changes_nothing(page)
        assert_nobody_is_asked_about_news(page)
        assert_lines_can_be_read(page)
        assert_no_line_begins_with_a_full_stop(page)
        page.goto("about:blank")  # or the page would miss the server


def assert_opening_it_changes_nothing(page):
    """Or closing it asks whether to save what nobody has written."""
    page.evaluate(
        "async () => (await jupyterapp.shell.currentWidget.sessionContext.ready, "
        "await jupyterapp.shell.currentWidget.sessionContext.session.kernel.info)"
    )
    page.wait_for_timeout(500)
    assert page.evaluate("jupyterapp.shell.currentWidget.context.model.dirty") is False


def assert_nobody_is_asked_about_news(page):
    page.wait_for_timeout(1000)
    assert page.locator(".jp-toast-message, .Toastify__toast").count() == 0


ZEROS = """() => {
    const paragraph = document.querySelector('.jp-MarkdownCell p');
    const zeros = document.createElement('span');
    zeros.textContent = '0'.repeat(100);
    zeros.style.cssText = 'position: absolute; white-space: nowrap';
    paragraph.append(zeros);
    const width = zeros.getBoundingClientRect().width;
    zeros.remove();
    return width;
}"""

WIDTHS = """() => ['.jp-MarkdownCell p', '.jp-MarkdownCell', '.jp-CodeCell .jp-InputArea-editor']
    .map(css => document.querySelector(css).getBoundingClientRect().width)"""


def assert_lines_can_be_read(page):
    """Prose has one width in every window, code all that there is."""
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    prose = []
    for width in (1400, 2200):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_timeout(300)
        paragraph, cell, code = page.evaluate(WIDTHS)
        assert code > 0.85 * cell > 1000
        prose.append(paragraph)
    assert prose[0] == prose[1]
    # Most letters are narrower: 66 times the width of a 0 are 77 characters, and 90 at most.
    assert 0.6 < prose[0] / page.evaluate(ZEROS) < 0.7


STRAY = """() => {
    const formula = document.querySelector('.jp-MarkdownCell mjx-container:not([display])');
    const paragraph = document.createElement('p');
    formula.closest('.jp-RenderedMarkdown').append(paragraph);
    paragraph.append('with ', formula.cloneNode(true), '. Then');
    const stop = document.createRange(), box = node => node.getBoundingClientRect();
    stop.setStart(paragraph.lastChild, 0);
    stop.setEnd(paragraph.lastChild, 1);
    let stray = 0;
    for (let width = 20; width < 120; width += 1) {
        paragraph.style.width = `${width}px`;
        stray += box(stop).left < box(paragraph.children[0].children[0]).left;
    }
    paragraph.remove();
    return stray;
}"""


def assert_no_line_begins_with_a_full_stop(page):
    page.locator(".jp-MarkdownCell mjx-container").first.wait_for()
    assert page.evaluate(STRAY) == 0
