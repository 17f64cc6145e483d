"""What stands in a notebook for a widget whose kernel has gone."""

import base64

import pytest
from IPython.core.interactiveshell import InteractiveShell

from nnlib.course import explorers, quiz
from nnlib.course.kit.standin import HOW, standin

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook is given to show, in order."""
    shell, bundles = InteractiveShell.instance(), []
    monkeypatch.setattr(shell.display_pub, "publish", lambda data, **_: bundles.append(data))
    yield bundles
    InteractiveShell.clear_instance()


def test_an_explorer_is_shown_after_its_picture_and_what_to_do(displayed):
    explorer = explorers.Softmax()
    explorer._ipython_display_()
    before, live = displayed
    assert before["text/plain"] == HOW
    assert HOW in before["text/html"]
    picture = base64.b64encode(live["image/png"]).decode()
    assert f'src="data:image/png;base64,{picture}" alt="{explorer!r}"' in before["text/html"]
    assert WIDGET in live
    assert WIDGET not in before


def test_a_quiz_is_shown_after_what_to_do(displayed):
    quiz("04")._ipython_display_()
    before, live = displayed
    assert HOW in before["text/html"]
    assert "<img" not in before["text/html"]
    assert WIDGET in live
    assert "text/html" in live


def test_a_name_cannot_break_the_page():
    page = standin('a"] <b>', 'a "quote" & <i>', b"png")["text/html"]
    assert "<b>" not in page
    assert "<i>" not in page


def test_two_widgets_have_rules_of_their_own():
    one, other = standin("one", "")["text/html"], standin("other", "")["text/html"]
    assert '[data-of="one"]' in one
    assert '[data-of="one"]' not in other
