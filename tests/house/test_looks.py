"""How pages look that `make lab` opens: defaults beside what someone has, in place of nothing."""

import json
import os
import re

from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools import lab

LOOKS = lab.ROOT / "tools" / "jupyter"
EXTENSION = LOOKS / "labextensions" / "nnlib-course"


def test_what_someone_has_set_or_installed_stays(monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", "/mine")
    monkeypatch.delenv("JUPYTER_CONFIG_PATH", raising=False)
    assert lab.looks() == {
        "JUPYTER_CONFIG_PATH": str(LOOKS),
        "JUPYTER_PATH": f"{LOOKS}{os.pathsep}/mine",
    }


def test_settings_are_defaults_only():
    settings = json.loads((LOOKS / "labconfig" / "default_setting_overrides.json").read_text())
    assert settings == {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}


def test_the_extension_is_found_under_the_name_that_it_gives_itself():
    package = json.loads((EXTENSION / "package.json").read_text("utf8"))
    entry = EXTENSION / package["jupyterlab"]["_build"]["load"]
    code = entry.read_text("utf8")
    assert re.findall(r'_JUPYTERLAB\["([^"]+)"\]', code) == [package["name"]]
    assert package["name"] == EXTENSION.name
    (sheet,) = re.findall(r'URL\("([^"]+)"', code)
    assert (entry.parent / sheet).exists()


def test_a_page_that_is_exported_has_code_in_its_font_and_describes_figures(monkeypatch):
    server = json.loads((LOOKS / "jupyter_server_config.json").read_text("utf8"))
    name = server["HTMLExporter"]["template_name"]
    monkeypatch.setenv("JUPYTER_PATH", str(LOOKS))
    figure = new_output(
        "display_data",
        data={"image/png": "iVBORw0KGgo="},
        metadata={"image/png": {"alt": 'W < "b"', "width": 20}},
    )
    other = new_output("display_data", data={"image/png": "iVBORw0KGgo="})
    cells = [new_code_cell("plt.show()", outputs=[figure, other])]
    exporter = HTMLExporter(template_name=name)
    page, _ = exporter.from_notebook_node(new_notebook(cells=cells))
    (style,) = re.findall(r"<style>\n(.jp-OutputArea-output .highlight pre .*)\n</style>", page)
    assert "font-family: var(--jp-code-font-family)" in style
    described = [(i["alt"], i.get("width")) for i in BeautifulSoup(page, "html.parser")("img")]
    assert described == [
        ('W < "b"', "20"),
        ("No description has been provided for this image", None),
    ]
