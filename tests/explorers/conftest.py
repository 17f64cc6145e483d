"""No explorer of one test is open in the next."""

import pytest

from nnlib.course.kit.explorer import Explorer


@pytest.fixture(autouse=True)
def all_closed():
    yield
    for explorer in list(Explorer._open.values()):
        explorer.close()
