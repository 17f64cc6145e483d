"""A page looks at every explorer, and none of one test is open in the next."""

import pytest

from nnlib.course.kit.explorer import Explorer
from tests.helpers.page import looked_at


@pytest.fixture(autouse=True)
def all_looked_at_and_closed(monkeypatch):
    looked_at(monkeypatch)
    yield
    for explorer in list(Explorer._open.values()):
        explorer.close()
