"""Run JupyterLab, or anything that answers on a port, while a test looks at it."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tools.lab import looks

ROOT = Path(__file__).parents[2]
LAB_FLAGS = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.port_retries=0",
    "--LabApp.expose_app_in_browser=True",
]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def running(command, folder, url, quiet=True):
    """Run a server until the test is over, with settings of its own; wait until it answers.

    Pages look as `make lab` lets them look. When it is ``quiet``, nobody is asked about news.
    """
    home = folder / "settings"
    settings = home / "user" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    if quiet:
        (settings / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    environment = (
        os.environ
        | looks()
        | {
            "JUPYTER_CONFIG_DIR": str(home),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "user"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "IPYTHONDIR": str(home / "ipython"),
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
        }
    )
    environment.pop("MPLBACKEND", None)  # a notebook has a backend of its own
    log = home / "log.txt"
    with log.open("w") as file:
        server = subprocess.Popen(
            command, env=environment, cwd=folder, stdout=file, stderr=file, start_new_session=True
        )
        try:
            for _ in range(600):
                with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
            else:
                pytest.fail(f"no answer in a minute:\n{log.read_text()}")
            yield url
        finally:
            end_group(server)


def end_group(server):
    """End a process and all that it has started; ask first, then insist."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        deadline = time.monotonic() + patience
        try:
            os.killpg(server.pid, number)
            while time.monotonic() < deadline:
                server.poll()  # a child that has ended stays in the group until it is asked for
                os.killpg(server.pid, 0)
                time.sleep(0.05)
        except ProcessLookupError:
            return
    pytest.fail(f"the processes of {server.args} cannot be ended")
