"""What holds for every test: where skips are not allowed, and whose progress is not recorded."""

import os

import pytest

import nnlib as nn

os.environ.setdefault("MPLBACKEND", "Agg")  # before anything imports matplotlib


@pytest.fixture(scope="session")
def mnist():
    """MNIST, where it is on disk or can be had."""
    try:
        return nn.load_mnist()
    except OSError as error:
        pytest.skip(reason=f"MNIST is not available: {error}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Give all browser tests to one process: JupyterLab and Chromium are started once."""
    from xdist.scheduler import LoadScopeScheduling

    class OneBrowser(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return OneBrowser(config, log)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip into a failure where everything must run: REQUIRE_ALL=1."""
    outcome = yield
    _fail_instead_of_skipping(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """The same for a module that skips itself as a whole."""
    outcome = yield
    _fail_instead_of_skipping(outcome.get_result())


def _fail_instead_of_skipping(report):
    if report.skipped and os.environ.get("REQUIRE_ALL") == "1":
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"REQUIRE_ALL=1 allows no skip: {reason}"
