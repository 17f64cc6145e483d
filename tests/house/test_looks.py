"""How pages look that `make lab` opens: defaults beside what someone has, in place of nothing."""

import json
import os
import re

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
