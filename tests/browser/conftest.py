"""A real JupyterLab and a real Chromium, one each for this folder.

A lesson gets a page and a kernel of its own, which takes seconds; an explorer is shown by running
one cell again, which takes none, and closes the one before as it would for a learner.
"""

import contextlib
import os
import shutil
import sys
import time
from functools import partial

import nbformat
import pytest

from tests.helpers.server import LAB_FLAGS, ROOT, free_port, running
from tools.run_notebooks import METADATA

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
VIEWPORT = {"width": 1300, "height": 1000}


@pytest.fixture(scope="package")
def lab_folder(tmp_path_factory):
    """A copy of the notebooks, so that no test can change them."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)
    return folder


@pytest.fixture(scope="package")
def lab(lab_folder):
    """JupyterLab on that folder."""
    folder = lab_folder.parent
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", *LAB_FLAGS, f"--port={port}"]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token="]
    with running(command, folder, f"http://127.0.0.1:{port}/api/status"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="package")
def chromium():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip(reason="no Chromium on this machine")
    # Playwright's event loop counts as running, in all tests of this process, until it is ended;
    # so it is ended after this folder's last test.
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A new page; what its console calls an error fails the test at the end."""
    with new_page(chromium) as (page, errors):
        yield page
    assert errors == []


@contextlib.contextmanager
def new_page(chromium, **options):
    """A page, and the list of what its console calls an error."""
    context = chromium.new_context(viewport=VIEWPORT, **options)
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors = []
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)))
    try:
        yield page, errors
    finally:
        context.close()


def open_notebook(page, lab, name):
    page.goto(f"{lab}/lab/workspaces/t{time.time_ns()}/tree/notebooks/{name}?reset")
    wait_for_notebook(page, name)


def wait_for_notebook(page, name):
    """Wait until a notebook is in front and its kernel answers."""
    page.wait_for_function(
        "path => window.jupyterapp?.shell?.currentWidget?.context?.path === path",
        arg=f"notebooks/{name}",
    )
    page.evaluate(
        """async () => {
            const panel = jupyterapp.shell.currentWidget;
            await panel.context.ready;
            await panel.sessionContext.ready;
            await panel.sessionContext.session.kernel.info;
        }"""
    )


@pytest.fixture
def run_lesson(page, lab):
    """Open a notebook and run all its cells; return the page."""

    def run(name):
        open_notebook(page, lab, name)
        page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        return page

    return run


def write_notebook(path, *cells):
    """Write a notebook of code cells."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata = nbformat.from_dict(METADATA)  # or JupyterLab asks for a kernel
    nbformat.write(notebook, path)


@pytest.fixture(scope="package")
def workbench(chromium, lab, lab_folder):
    """One notebook with one cell and a kernel that has imported all: it runs in no time."""
    write_notebook(lab_folder / "workbench.ipynb", "")
    with new_page(chromium) as (page, errors):
        open_notebook(page, lab, "workbench.ipynb")
        yield page, errors


@pytest.fixture
def run_cell(workbench):
    """Run some code in the one cell of the workbench, in place of what was there."""
    page, errors = workbench
    errors.clear()
    yield partial(run_only_cell, page)
    assert errors == []


def run_only_cell(page, code):
    """Run some code in the one cell of a notebook, in place of what was there."""
    page.set_viewport_size(VIEWPORT)
    page.evaluate(
        """async code => {
            jupyterapp.shell.expandLeft();
            const notebook = jupyterapp.shell.currentWidget.content;
            notebook.activeCellIndex = 0;
            notebook.activeCell.model.sharedModel.source = code;
            await jupyterapp.commands.execute('notebook:run-cell');
        }""",
        code,
    )
    return page


@pytest.fixture
def explorer(run_cell):
    """Show an explorer, in place of the one before; return the page."""
    return partial(show_explorer, run_cell)


def show_explorer(run, name):
    """Run a cell that shows an explorer; return the page once its picture is there."""
    make = f"shown = explorers.{name}(name='shown')"
    page = run(f"from nnlib.course import explorers\n{make}\nshown")
    page.wait_for_selector(".nnlib-explorer .nnlib-image[data-frame]")
    return page
