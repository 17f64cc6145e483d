"""Playgrounds for tests: one that draws, and one that does not."""

import pytest

from nnlib.course.explorers import Playground
from nnlib.course.kit.explorer import Explorer
from nnlib.course.playground.drawing import Drawing
from tests.helpers.page import looked_at
from tests.helpers.shaking import BLANK


@pytest.fixture(autouse=True)
def all_looked_at_and_closed(monkeypatch):
    looked_at(monkeypatch)
    yield
    for explorer in list(Explorer._open.values()):
        explorer.close()


@pytest.fixture
def drawn():
    return Playground()


@pytest.fixture
def playground(monkeypatch):
    """A playground that does not draw, for what has nothing to do with the picture."""
    monkeypatch.setattr(Drawing, "frame", lambda *_: BLANK)
    return Playground()
