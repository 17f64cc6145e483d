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
    with running(lab_command(how, flags), tmp_path, f"{url}/api/status?token=secret"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{url}/api/contents/workbook")
        contents = f"{url}/api/contents/workbook/00_start_here.ipynb?token=secret"
        with urllib.request.urlopen(contents) as answer:
            assert json.load(answer)["type"] == "notebook"
        page.goto(f"{url}/?token=secret")
        page.wait_for_selector(".jp-RenderedMarkdown h1:has-text('what happens when a network')")
        page.goto("about:blank")  # or the page would miss the server
